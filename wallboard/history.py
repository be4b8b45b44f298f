"""History goes to files: every commit, in segments of ten minutes, each with the whole state at its start.

`STATE_DIR/history/2026-11-22/071000-12345.jsonl.gz`: the first line is a checkpoint `{n, epoch, at, rules,
state: [[kind, id, entity], …]}`, each further one a commit as in the wall stream. A segment cut by a crash
reads up to its last whole line, and the next one starts with a checkpoint of its own, so nothing depends
on it. Replay reads these files, never Redis.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from wallboard.errors import StoreError
from wallboard.state import Replica
from wallboard.store.commits import WallEntry, decode_wall
from wallboard.store.engine import EngineStore
from wallboard.store.keys import Keys

log = logging.getLogger("wallboard.history")

#: A seek reads at most this much of commits after a checkpoint (s).
SEGMENT_S = 600.0

#: Commits are written, compressed and synced together this often (s); the wall is kept until then.
FLUSH_S = 2.0

#: Commits of one read of the wall.
READ_COUNT = 500

_CURSOR = "cursor"


class Checkpoint(msgspec.Struct):
    """Whole state at the start of a segment."""

    n: int
    epoch: str
    at: float
    #: digest of the configuration that the rules came from
    rules: str
    state: list[tuple[str, str, msgspec.Raw]]


_encode = msgspec.json.Encoder().encode


class HistoryWriter:
    """Follows the wall and appends it to segment files. Runs in a thread of the active engine's process."""

    def __init__(self, directory: Path, url: str, keys: Keys, rules: str, keep_s: float) -> None:
        self.directory = directory / "history"
        self._url = url
        self._keys = keys
        self._rules = rules
        self._keep_s = keep_s
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        #: wall id up to which everything is on disk
        self._cursor, self.highest = self._read_cursor()
        self._replica = Replica()
        self._file: _Segment | None = None
        self._failing = False

    def trouble(self) -> str:
        """What the feed strip says while history cannot be written; the wall is kept as long."""
        return "history_fails" if self._failing else ""

    def cursor(self) -> str:
        """The wall may be trimmed up to here."""
        return self._cursor

    def _read_cursor(self) -> tuple[str, int]:
        try:
            id, n = (self.directory / _CURSOR).read_text().split()
        except (FileNotFoundError, ValueError):
            return "0-0", 0
        return id, int(n)

    def run(self, stop: threading.Event) -> None:
        """Write until `stop`; whatever Redis does, go on from the cursor."""
        store = EngineStore(self._url, self._keys)
        try:
            while not stop.wait(FLUSH_S):
                self._try(store)
            self._try(store)
        except Exception:
            # Nobody would miss a thread: the process ends, and the supervisor starts it again.
            log.exception("the history writer failed")
            stop.set()
        finally:
            self.close()
            store.close()

    def _try(self, store: EngineStore) -> None:
        try:
            self.write(store)
            self._failing = False
        except StoreError as fault:
            log.debug("history waits: %s", fault)
        except OSError as fault:
            # A full disk: the wall is kept meanwhile, and the next try begins a new segment.
            if not self._failing:
                log.error("history cannot be written: %s", fault)
            self._failing = True
            self.close()

    def write(self, store: EngineStore) -> None:
        """Write all commits that are there now, and sync them."""
        cursor, wrote = self._cursor, False
        while entries := store.wall_after(cursor, READ_COUNT):
            for id, fields in entries:
                self._append(store, decode_wall(fields), fields[b"d"])
                cursor, wrote = id, True
            if len(entries) < READ_COUNT:
                break
        if wrote and self._file is not None:
            self._file.sync()
            self._cursor, self.highest = cursor, self._replica.n
            temporary = self.directory / f"{_CURSOR}.new"
            temporary.write_text(f"{cursor} {self.highest}")
            temporary.replace(self.directory / _CURSOR)
        elif cursor != "0-0" and not store.wall_after("0-0", 1) and store.head().n < self.highest:
            # Another Redis, with nothing in it yet: its ids may be lower than what we know.
            self._cursor = "0-0"

    def _append(self, store: EngineStore, entry: WallEntry, raw: bytes) -> None:
        replica = self._replica
        # In a new epoch Redis may have lost what was written here already.
        if entry.epoch != replica.epoch or entry.n != replica.n + 1:
            # The hashes may be ahead of this commit; the commits that follow bring each key to its turn.
            head = store.head()
            state = [(kind, _id_of(value), value) for kind, value in store.state()]
            replica.reset(head.epoch, entry.n - 1, entry.at, entry.safe_n, state)
            self.close()
        if self._file is None or entry.at - self._file.started >= SEGMENT_S:
            self.close()
            self._file = _Segment(self.directory, entry.at, entry.n)
            whole = [(k, i, msgspec.Raw(e.raw or b"null")) for (k, i), e in replica.all()]
            checkpoint = Checkpoint(replica.n, entry.epoch, replica.at, self._rules, whole)
            self._file.write(_encode(checkpoint))
            # A clock that runs ahead (`--clock`) must not throw away the past.
            self._forget(min(entry.at, time.time()))
        replica.apply(entry.n, entry.at, entry.safe_n, entry.changes)
        replica.epoch = entry.epoch
        self._file.write(raw)

    def close(self) -> None:
        """End the segment under construction."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as fault:  # a full disk; what was synced is whole without an end
                log.error("a history segment has no proper end: %s", fault)

    def _forget(self, now: float) -> None:
        """Remove days that are older than the configured time."""
        oldest = datetime.fromtimestamp(max(now - self._keep_s, 0), UTC).strftime("%Y-%m-%d")
        for day in self.directory.glob("????-??-??"):
            if day.name < oldest:
                try:
                    for file in day.iterdir():
                        file.unlink()
                    day.rmdir()
                except OSError as fault:  # somebody else's file: no reason to write no more
                    log.error("an old day of history stays: %s", fault)


class _Segment:
    """One file under construction: gzip, flushed to a whole block with each sync."""

    def __init__(self, directory: Path, at: float, n: int) -> None:
        self.started = at
        moment = datetime.fromtimestamp(at, UTC)
        day = directory / moment.strftime("%Y-%m-%d")
        day.mkdir(exist_ok=True, mode=0o700)
        # The time of opening keeps two segments apart that start at the same commit after a crash.
        name = f"{moment.strftime('%H%M%S')}-{n}-{time.time_ns() % 10**9}.jsonl.gz"
        self._file = open(day / name, "ab")  # noqa: SIM115 - closed by close()
        self._gzip = zlib.compressobj(6, zlib.DEFLATED, 31)

    def write(self, line: bytes) -> None:
        self._file.write(self._gzip.compress(line + b"\n"))

    def sync(self) -> None:
        self._file.write(self._gzip.flush(zlib.Z_SYNC_FLUSH))
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        try:
            self._file.write(self._gzip.flush(zlib.Z_FINISH))
        finally:
            self._file.close()


def read_segment(path: Path) -> Iterator[bytes]:
    """The whole lines of a segment; what a crash cut off at its end is left out."""
    unpack = zlib.decompressobj(31)
    rest = b""
    with open(path, "rb") as file:
        while chunk := file.read(65536):
            intact = unpack.copy()
            try:
                rest += unpack.decompress(chunk)
            except zlib.error:
                # Zeros after a power cut: all that stands before them in this chunk is whole.
                with contextlib.suppress(zlib.error):
                    for byte in chunk:
                        rest += intact.decompress(bytes((byte,)))
                yield from rest.split(b"\n")[:-1]
                return
            *lines, rest = rest.split(b"\n")
            yield from lines


def segments(directory: Path) -> list[Path]:
    """All segments of a state directory, oldest first."""
    return sorted((directory / "history").glob("????-??-??/*.jsonl.gz"))


class _Named(msgspec.Struct):
    id: str


def _id_of(raw: bytes) -> str:
    return msgspec.json.decode(raw, type=_Named).id
