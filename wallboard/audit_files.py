"""The audit trail goes to files: `STATE_DIR/audit/2026-11.jsonl`, each line as in the stream, by month (UTC).

Lines are on disk here before they may leave Redis. Beside that the writer tells checkpoints to a file in
another place, which is what shows that the end of the trail was cut off.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from wallboard import audit
from wallboard.errors import StoreError
from wallboard.store.engine import EngineStore
from wallboard.store.keys import Keys

log = logging.getLogger("wallboard.audit")

#: Lines are written and synced together this often (s).
FLUSH_S = 2.0

#: The last whole line of a file stands in its last so many bytes; a frame of a command has at most 64 KiB.
TAIL_BYTES = 1024 * 1024

#: Lines of one read of the stream: half a megabyte.
READ_COUNT = 1000


class AuditWriter:
    """Follows the trail and appends it to files. Runs in a thread of each engine's process.

    `checkpoints` is the file to tell checkpoints to (None: only the log), `active` whether this process holds
    the lease: a stand-by keeps the lines too, and leaves the checkpoints to the active one.
    """

    def __init__(
        self,
        directory: Path,
        url: str,
        keys: Keys,
        key: bytes,
        checkpoints: Path | None,
        every_s: float,
        *,
        active: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.directory = directory / "audit"
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._url, self._keys, self._key = url, keys, key
        self._checkpoints = checkpoints
        self._every_s = every_s
        self._active, self._clock = active, clock
        #: number of lines on disk and hash of the last
        self.count, self.hash = _mended(self.directory)
        #: stream id up to which all is on disk
        self._cursor = "0-0"
        self._told = self.count
        self._told_at = time.monotonic()
        self._failing = False

    def trouble(self) -> str:
        """What the feed strip says while the files cannot be written; the stream is kept as long."""
        return "audit_fails" if self._failing else ""

    def cursor(self) -> str:
        """The stream may be trimmed up to here."""
        return self._cursor

    def known(self) -> tuple[int, str]:
        """(number of lines, hash of the last) on disk: a Redis that lost them goes on after these."""
        return self.count, self.hash

    def run(self, stop: threading.Event) -> None:
        """Write until `stop`, then once more; whatever Redis does, go on from the cursor."""
        store = EngineStore(self._url, self._keys)
        try:
            while not stop.wait(FLUSH_S):
                self._try(store)
                if time.monotonic() - self._told_at >= self._every_s:
                    self._told_at = time.monotonic()
                    self.tell()
        except Exception:
            # Nobody would miss a thread: the process ends, and the supervisor starts it again.
            log.exception("the audit writer failed")
            stop.set()
        finally:
            store.close()

    def finish(self) -> None:
        """The last lines and a last checkpoint, after the engine has stopped."""
        store = EngineStore(self._url, self._keys)
        try:
            self._try(store)
        finally:
            store.close()
        self.tell()

    def _try(self, store: EngineStore) -> None:
        try:
            self.write(store)
            self._failing = False
        except StoreError as fault:
            log.debug("the audit files wait: %s", fault)
        except OSError as fault:
            # A full disk: the stream is kept meanwhile.
            if not self._failing:
                log.error("the audit trail cannot be written to its files: %s", fault)
            self._failing = True
            self.count, self.hash = _mended(self.directory)

    def write(self, store: EngineStore) -> None:
        """Append all lines that are there now, and sync them."""
        while entries := store.audit_after(self._cursor, READ_COUNT):
            fresh: dict[str, list[bytes]] = {}
            count, digest = self.count, self.hash
            most = store.audit_count()
            for _, raw in entries:
                line = _line(raw)
                # Of a stream that was read from its start again the files have most already. A number that
                # the engine has not given yet is not from the engine.
                if line is None or not count <= line.i < most:
                    continue
                fresh.setdefault(_month(line.at), []).append(raw)
                count, digest = line.i + 1, line.h
            for month, lines in fresh.items():
                _append(self.directory / f"{month}.jsonl", lines)
            self.count, self.hash = count, digest
            self._cursor = entries[-1][0]
            if len(entries) < READ_COUNT:
                break

    def tell(self) -> None:
        """Tell a checkpoint, if there is anything new and this is the active engine's process."""
        if not self._active() or self.count == self._told:
            return
        point = audit.checkpoint(self._key, self.count, self.hash, self._clock())
        # The journal often goes to another machine by itself.
        log.info("audit checkpoint: %d lines, hash %s, key %s", point.count, point.hash, point.key)
        self._told = self.count
        if self._checkpoints is None:
            return
        try:
            _append(self._checkpoints, [msgspec.json.encode(point)])
        except OSError as fault:
            self._told = -1  # the next turn tries again
            log.error("the audit checkpoint cannot be written to %s: %s", self._checkpoints, fault)


class _Line(msgspec.Struct):
    """What the writer needs of a line."""

    i: int
    h: str
    at: float = 0.0


def _line(raw: bytes) -> _Line | None:
    try:
        return msgspec.json.decode(raw, type=_Line)
    except ValueError:
        return None  # not written by an engine; `audit verify` finds it in the stream


def _month(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m")


def _append(path: Path, lines: list[bytes]) -> None:
    """Append lines, on disk when this returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "ab") as file:
        file.write(b"".join(line + b"\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())


def files(directory: Path) -> list[Path]:
    """The files of a state directory's `audit` folder, oldest first."""
    return sorted(directory.glob("????-??.jsonl"))


def read_lines(path: Path) -> list[bytes]:
    """The lines of a file; what a crash left of its last one is left out."""
    return path.read_bytes().split(b"\n")[:-1]


def read_checkpoints(path: Path) -> Iterator[audit.Checkpoint]:
    """The checkpoints of a file; raises ValueError with the number of a line that is none."""
    for number, raw in enumerate(path.read_bytes().splitlines(), 1):
        try:
            yield msgspec.json.decode(raw, type=audit.Checkpoint)
        except ValueError as fault:
            raise ValueError(f"{path}, line {number} is no checkpoint: {fault}") from fault


def _mended(directory: Path) -> tuple[int, str]:
    """Cut what a crash left of a last line; (number of lines, hash of the last)."""
    for path in reversed(files(directory)):
        size = path.stat().st_size
        with open(path, "rb") as file:
            file.seek(max(0, size - TAIL_BYTES))
            tail = file.read()
        torn = len(tail) - tail.rfind(b"\n") - 1
        if torn:
            os.truncate(path, size - torn)
        for raw in reversed(tail[: len(tail) - torn].split(b"\n")):
            if (line := _line(raw)) is not None:
                return line.i + 1, line.h
    return 0, ""
