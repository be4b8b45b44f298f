"""What an engine writes in one term: commit after commit, until each is in Redis; what is dropped then."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec

from wallboard import audit
from wallboard.engine.batch import Piece, pack, unpack
from wallboard.store.commits import Head, is_null
from wallboard.store.engine import EngineStore, Entries
from wallboard.store.writing import Commit

#: How long commits stay in the wall stream: what a board may resume from (s).
WALL_S = 15 * 60.0

#: The wall also stays below this many bytes, so that a burst cannot fill Redis; older readers reload.
WALL_BYTES = 256 * 1024 * 1024

#: How long lines of the audit trail stay in Redis; its files keep them for ever (s). A busy centre writes
#: 10,000 lines of 400 bytes a day: 30 MB.
AUDIT_S = 7 * 24 * 3600.0


class Term:
    """From the lease taken to the lease lost. `head` runs ahead of Redis by one commit at most."""

    def __init__(
        self,
        store: EngineStore,
        head: Head,
        token: str,
        audit_key: bytes,
        confirmed: Callable[[int, int], None],
    ) -> None:
        """`confirmed` is told of each commit that is in Redis: its number, and the events behind it."""
        self.store = store
        self.head = head
        self._token = token
        self._confirmed = confirmed
        self._audit_key = audit_key
        #: whether Redis answers only when it has written to the disk, and the last commit known to be there
        self._always_safe = store.proves_safety()
        self._safe_n = head.n if self._always_safe else 0
        #: bytes of the wall entry of the commit that was sent and not confirmed; the events behind it
        self._on_its_way: int | None = None
        self._unconfirmed = 0
        #: (wall id, when, bytes) of the commits that are in the stream
        self._wall_sizes: list[tuple[str, float, int]] = []
        self._wall_bytes = 0

    @property
    def waits(self) -> bool:
        """Whether a commit is on its way."""
        return self._on_its_way is not None

    def commit(self, parts: list[Piece], at: float, batch: Entries) -> None:
        """Send what a batch changed; of several commits each waits for the one before it."""
        cursors = cursors_of(batch)
        for index, piece in enumerate(parts):
            self._commit_piece(piece, at, cursors, parts[index + 1 :], len(parts) > 1)
            cursors = {}
        self._unconfirmed = len(batch)

    def finish(self) -> None:
        """Commit what a killed engine left of its last batch."""
        rest = unpack(self.head.rest)
        for index, piece in enumerate(rest):
            self._commit_piece(piece, self.head.at, {}, rest[index + 1 :], True)
        self.confirm()

    def _commit_piece(
        self, piece: Piece, at: float, cursors: dict[str, str], rest: list[Piece], in_parts: bool
    ) -> None:
        head = self.head
        n = head.n + 1
        safe = n if self._always_safe else self._safe_n
        commit = Commit(wall=wall_entry(head, n, at, safe, piece))
        for change in piece.changes:
            if is_null(change.entity):
                commit.removals.append((change.kind, change.id))
            else:
                commit.sets.append((change.kind, change.id, bytes(change.entity)))
        for kind, id, raw in piece.memory:
            if is_null(raw):
                commit.memory_removals.append((kind, id))
            else:
                commit.memory_sets.append((kind, id, bytes(raw)))
        commit.results = [(key, bytes(raw)) for key, raw in piece.results]
        commit.dead = [bytes(raw) for raw in piece.dead]
        commit.outbox = [bytes(raw) for raw in piece.outbox]
        audit_n, audit_hash = head.audit_n, head.audit_hash
        for raw in piece.audit:
            line, audit_hash = audit.chained(self._audit_key, audit_hash, audit_n, msgspec.json.decode(raw))
            audit_n += 1
            commit.audit.append(line)
        commit.head = {"n": n, "at": repr(at), **{f"cursor:{stream}": id for stream, id in cursors.items()}}
        if piece.audit:
            fingerprint = audit.fingerprint(self._audit_key)
            commit.head |= {"audit_n": audit_n, "audit_hash": audit_hash, "audit_key": fingerprint}
            head.audit_key = fingerprint
            if head.audit_was is not None:
                commit.head["audit_was"] = ""
                head.audit_was = None
        if in_parts:
            commit.head["rest"] = pack(rest)
        self.confirm()
        self.store.send(self._token, head.epoch, head.n, commit)
        self._on_its_way = len(commit.wall)
        # From here on the head is ahead of Redis until it is confirmed; if it is not, both are loaded again.
        head.n, head.at, head.audit_n, head.audit_hash = n, at, audit_n, audit_hash
        head.cursors.update(cursors)

    def confirm(self) -> None:
        """Wait until the commit that was sent, if any, is in Redis; raises what `EngineStore.sent` raises.

        In a backlog the next batch is applied meanwhile: Redis writes on its own core and the disk.
        """
        if self._on_its_way is None:
            return
        size, self._on_its_way = self._on_its_way, None
        head = self.head
        head.wall_id = self.store.sent()
        self._confirmed(head.n, self._unconfirmed)
        self._unconfirmed = 0
        if not self._always_safe and self.store.wait_safe():
            self._safe_n = head.n
        self._wall_sizes.append((head.wall_id, time.monotonic(), size))
        self._wall_bytes += size

    def trim(self, history: str, audit_files: str) -> None:
        """Drop inputs that are committed, and commits that are older than the window and in history.

        `history` and `audit_files` are the stream ids up to which the files on the disk hold all.
        """
        head = self.head
        oldest = time.monotonic() - WALL_S
        drop = 0
        for _, at, size in self._wall_sizes:
            if at >= oldest and self._wall_bytes <= WALL_BYTES:
                break
            self._wall_bytes -= size
            drop += 1
        del self._wall_sizes[:drop]
        # Redis stamps entries with its own clock; before this engine's first commit the window is by time.
        milliseconds = int(head.wall_id.split("-")[0]) - int(WALL_S * 1000)
        bounds = [f"{max(milliseconds, 0)}-0"]
        if drop and self._wall_sizes:
            bounds.append(self._wall_sizes[0][0])
        wanted = max(bounds, key=stream_id)
        self.store.trim(head.cursors, min(wanted, history, key=stream_id))
        milliseconds = int(head.wall_id.split("-")[0]) - int(AUDIT_S * 1000)
        self.store.trim_audit(min(f"{max(milliseconds, 0)}-0", audit_files, key=stream_id))

    def safe(self) -> bool:
        """Whether the last commit is on the disk; asked anew, for the server's settings may have changed."""
        self._always_safe = self.store.proves_safety()
        return self._always_safe or self.store.wait_safe()


def stream_id(id: str) -> tuple[int, int]:
    """The place of a stream entry, to be compared."""
    milliseconds, _, sequence = id.partition("-")
    return int(milliseconds), int(sequence or 0)


def cursors_of(batch: Entries) -> dict[str, str]:
    """Where each stream stands after the batch: it is in order, so the last of each stream counts."""
    return {stream: id for stream, id, _ in batch}


_raw_encoder = msgspec.json.Encoder()


def wall_entry(head: Head, n: int, at: float, safe_n: int, piece: Piece) -> bytes:
    """A commit as it stands in the wall stream (store/commits.py)."""
    entry: dict[str, Any] = {
        "n": n,
        "epoch": head.epoch,
        "at": at,
        "safe_n": safe_n,
        "changes": piece.changes,
        "results": [raw for _, raw in piece.results],
        "revoked": piece.revoked,
    }
    if piece.heard is not None and piece.changes:
        entry["heard"] = piece.heard
    return _raw_encoder.encode(entry)
