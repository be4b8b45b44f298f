"""From a draft to commits of bounded size.

A commit holds Redis for the time of its script, so it has at most 1,000 changes or 768 KiB. A batch with
more is cut: its first commit moves the cursors and stores the rest, encoded, in the head; each further
commit takes its part of the rest. So after a kill at any point the batch has taken effect once: either the
cursors have not moved and nothing of it is there, or they have, and the rest is in the head.
"""

from __future__ import annotations

import msgspec

from wallboard.engine.world import Change, Draft

#: Measured (`python3 -m loadtests.commit`): 1,000 changes in 768 KiB hold the embedded Redis for 3 ms, on a
#: busy machine up to 17 ms; 50 large ones for 1 ms. What counts is their number more than their size.
MAX_CHANGES = 1000
MAX_BYTES = 768 * 1024


class Piece(msgspec.Struct, omit_defaults=True):
    """What one commit changes, encoded."""

    changes: list[Change] = []
    #: (kind, id, JSON; null: forgotten)
    memory: list[tuple[str, str, msgspec.Raw]] = []
    dead: list[msgspec.Raw] = []
    audit: list[msgspec.Raw] = []
    results: list[tuple[str, msgspec.Raw]] = []
    revoked: list[str] = []
    outbox: list[msgspec.Raw] = []
    #: when the oldest event of the batch arrived
    heard: float | None = None


_encode = msgspec.json.Encoder(enc_hook=str).encode
_decoder = msgspec.json.Decoder(list[Piece])


def pieces(draft: Draft, heard: float | None = None) -> list[Piece]:
    """Cut a draft into pieces that each fit a commit; a draft without content is one empty piece."""
    cut: list[Piece] = []
    piece, size, number = Piece(heard=heard), 0, 0

    def room(more: int) -> Piece:
        nonlocal piece, size, number
        if number and (number >= MAX_CHANGES or size + more > MAX_BYTES):
            cut.append(piece)
            piece, size, number = Piece(heard=heard), 0, 0
        size += more
        number += 1
        return piece

    for change in draft.changes:
        # A state value travels twice: in its hash and in the commit's log entry.
        weight = 64 + 2 * len(change.entity)
        room(weight).changes.append(change)
    for (kind, id), raw in draft.memory.items():
        room(64 + len(raw or b"")).memory.append((kind, id, msgspec.Raw(raw or b"null")))
    for dead in draft.dead:
        line = _encode(dead)
        room(len(line)).dead.append(msgspec.Raw(line))
    for entry in draft.audit:
        line = _encode(entry)
        room(len(line)).audit.append(msgspec.Raw(line))
    for key, result in draft.results.items():
        room(len(result)).results.append((key, msgspec.Raw(result)))
    for name in draft.revoked:
        room(len(name)).revoked.append(name)
    for message in draft.outbox:
        line = _encode(message)
        room(len(line)).outbox.append(msgspec.Raw(line))
    cut.append(piece)
    return cut


def pack(rest: list[Piece]) -> bytes:
    """The rest of a batch for the head; empty when nothing is left."""
    return msgspec.json.encode(rest) if rest else b""


def unpack(raw: bytes) -> list[Piece]:
    """The rest of a batch from the head."""
    return _decoder.decode(raw) if raw else []
