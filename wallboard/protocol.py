"""The frames of the wall protocol `wallboard.v1`, pure: bytes and structs, no sockets, no clock."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from typing import Any

import msgspec

from wallboard.errors import BadFrame, CloseCode

SUBPROTOCOL = "wallboard.v1"

#: A board's frames are small; a larger one is no board of ours.
MAX_FRAME_BYTES = 64 * 1024

#: Larger snapshots go in parts, so that no single write holds the loop long.
SNAPSHOT_PART_BYTES = 256 * 1024

#: Of a city's state level 1 leaves a tenth; level 6 leaves a twelfth and takes three times as long.
PACK_LEVEL = 1

#: What a board needs to know before it trusts a frame.
LIMITS = {"fresh_s": 5, "dead_s": 15, "paint_every_s": 5, "max_frame": MAX_FRAME_BYTES}

_encode = msgspec.json.Encoder().encode


class Subscribe(msgspec.Struct, tag_field="type", tag="subscribe"):
    """A board says what it shows, and from which position it can go on."""

    layout: str
    view_id: str = ""
    epoch: str = ""
    since: int | None = None
    #: name of the screen within the wall, as in /wall/{name}/{screen}
    screen: str = ""
    #: proves who connects, once: of POST /api/v1/ticket
    ticket: str = ""
    #: it can read binary messages that are compressed by raw deflate (RFC 1951)
    packed: bool = False


class Counts(msgspec.Struct):
    """How many paints took how long: a number for each range that `hello` names, and their sum (s)."""

    counts: list[int] = []
    sum: float = 0.0


class Painted(msgspec.Struct, tag_field="type", tag="painted"):
    """What is on the glass."""

    pos: int
    at: float
    #: where the page can tell: age of its newest data (s), frames a second, longest frame (ms), heap (bytes)
    age: float | None = None
    fps: float | None = None
    longest: float | None = None
    heap: float | None = None
    #: the version of the page
    edition: str = ""
    #: how long its paints took, by where the time runs from (web/paints.py)
    paints: dict[str, Counts] = {}


class CommandFrame(msgspec.Struct, tag_field="type", tag="command"):
    """What a person asks for."""

    command_id: str
    action: str
    args: dict[str, Any] = {}
    pos: int = 0


BoardFrame = Subscribe | Painted | CommandFrame

_decoder = msgspec.json.Decoder(BoardFrame)

#: First byte of a message in one frame: FIN, opcode text.
_FINAL_TEXT, _FINAL_BINARY = 0x81, 0x82


def decode(raw: str | bytes) -> BoardFrame:
    """A board's frame; raises BadFrame with what is wrong."""
    if len(raw) > MAX_FRAME_BYTES:
        raise BadFrame(f"a frame has at most {MAX_FRAME_BYTES} bytes")
    try:
        frame: BoardFrame = _decoder.decode(raw)
        return frame
    except (ValueError, RecursionError) as fault:  # also of what is no UTF-8
        raise BadFrame(str(fault)) from fault


def hello(
    session: str,
    node: str,
    epoch: str,
    server_time: float,
    edition: str = "",
    paint_bounds_s: tuple[float, ...] = (),
    trouble: dict[str, object] | None = None,
) -> bytes:
    """The first frame; `edition` is the version of the pages that this node makes."""
    frame = {
        "type": "hello",
        "session": session,
        "node": node,
        "epoch": epoch,
        "server_time": server_time,
        "protocol": SUBPROTOCOL,
        "edition": edition,
        "limits": {**LIMITS, "paint_bounds_s": paint_bounds_s},
    }
    return _encode({**frame, "trouble": trouble} if trouble else frame)


def snapshot(
    epoch: str, pos: int, at: float, view_id: str, reason: str, state: Iterable[tuple[str, str, bytes]]
) -> list[bytes]:
    """Whole state of a view as frames of bounded size; `pos` holds after the last part."""
    parts: list[dict[str, dict[str, msgspec.Raw]]] = [{}]
    size = 0
    for kind, id, raw in state:
        if size + len(raw) > SNAPSHOT_PART_BYTES and size:
            parts.append({})
            size = 0
        parts[-1].setdefault(kind, {})[id] = msgspec.Raw(raw)
        size += len(raw) + len(id) + 8
    return [
        _encode(
            {
                "type": "snapshot",
                "epoch": epoch,
                "pos": pos,
                "at": at,
                "view_id": view_id,
                "part": number,
                "parts": len(parts),
                "reason": reason,
                "state": part,
            }
        )
        for number, part in enumerate(parts, start=1)
    ]


def packed(frame: bytes) -> bytes:
    """The frame compressed by raw deflate (RFC 1951), for a binary message."""
    deflate = zlib.compressobj(PACK_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(frame) + deflate.flush()


def delta(
    epoch: str,
    prev: int,
    pos: int,
    at: float,
    safe_n: int,
    changes: list[tuple[str, str, msgspec.Raw | None]],
    heard: float | None = None,
) -> bytes:
    """What has changed in a view between two positions; `heard` is when the oldest event of it arrived."""
    frame = {
        "type": "delta",
        "epoch": epoch,
        "prev": prev,
        "pos": pos,
        "at": at,
        "safe_n": safe_n,
        "changes": changes,
    }
    if heard is not None:
        frame["heard"] = heard
    return _encode(frame)


def tick(epoch: str, prev: int, pos: int, at: float, safe_n: int) -> bytes:
    """Nothing has changed in this view, and the engine lives."""
    return _encode({"type": "tick", "epoch": epoch, "prev": prev, "pos": pos, "at": at, "safe_n": safe_n})


def result(command_id: str, status: str, **more: Any) -> bytes:
    """Answer to a command: pending (it is on disk, and the engine has not spoken), done or refused.

    `more`: reason; n, the commit that did it, which is safe when `n ≤ safe_n`; version, by, at and id as the
    engine's answer says them (engine/commands.py).
    """
    told = {name: value for name, value in more.items() if value not in (None, "")}
    return _encode({"type": "result", "command_id": command_id, "status": status, **told})


def trouble(reason: str, since: float) -> bytes:
    """Why nothing is written any more, since when; `reason` "" ends it."""
    return _encode({"type": "trouble", "reason": reason, "since": since})


def prepared(frame: bytes, *, binary: bool = False) -> bytes:
    """The frame as it goes over the wire from a server: one whole message, unmasked (RFC 6455, 5.2)."""
    size, first = len(frame), _FINAL_BINARY if binary else _FINAL_TEXT
    if size < 126:
        head = struct.pack("!BB", first, size)
    elif size < 65536:
        head = struct.pack("!BBH", first, 126, size)
    else:
        head = struct.pack("!BBQ", first, 127, size)
    return head + frame


def bye(code: CloseCode, reason: str, retry_after: float | None) -> bytes:
    """The last frame before a close."""
    return _encode({"type": "bye", "code": int(code), "reason": reason, "retry_after": retry_after})
