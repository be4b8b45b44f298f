"""How far a log was read, and where it goes on: through rotation by renaming, copying and truncation.

A log is known by its first line and by the bytes before the place where the reading stopped; its name and
its inode change in a rotation, and an inode is used again. A log that was rotated away is read to its end
first, as long as it lies uncompressed beside the new one.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from feeds.queue_log.lines import MAX_LINE, epoch_of
from wallboard.errors import Unreachable

#: Rotated logs looked at, newest first: two weeks of days, and some that a hand left there.
MAX_ROTATED = 20

#: Bytes before the place by which a log is known again; three lines.
KNOWN_BYTES = 256

#: A search by time stops at a stretch of this size: its older lines are left out one by one (bytes).
SEARCH_BYTES = 64 * 1024

#: Lines written in one second across a rotation may be older than the new log's first by this (s).
SAME_S = 1


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the reading stopped; what is kept across restarts."""

    #: time of the log's first line (s since 1970)
    began: int
    offset: int
    #: hash of the KNOWN_BYTES before `offset`, and of the first line
    known: str
    #: time of the last line that was read
    at: int


@dataclass(frozen=True)
class Log:
    """A log that lies there now."""

    path: Path
    size: int
    began: int


@dataclass(frozen=True)
class Next:
    """Where to read on; `lost`: lines between may never have been read."""

    log: Log
    offset: int
    lost: bool = False


def logs(path: Path) -> list[Log]:
    """The log and those that were rotated away beside it, oldest first. Raises Unreachable."""
    try:
        beside = [
            entry for entry in path.parent.iterdir() if entry.name.startswith(path.name) and entry != path
        ]
    except OSError as error:
        raise Unreachable(f"The folder of {path.name} cannot be read: {_why(error)}.") from None
    found: list[tuple[float, Log]] = []
    for entry in [path, *beside]:
        try:
            with _opened(entry) as file:
                state = os.fstat(file.fileno())
                first = file.readline(MAX_LINE)
        except OSError as error:
            if entry == path and not isinstance(error, FileNotFoundError):
                raise Unreachable(f"{path.name} cannot be read: {_why(error)}.") from None
            continue
        began = epoch_of(first) if first.endswith(b"\n") else None
        if began is not None:  # else empty, compressed, or of another kind
            found.append((state.st_mtime, Log(entry, state.st_size, began)))
    newest = [log for _, log in sorted(found, key=lambda each: each[0])[-MAX_ROTATED:]]
    return sorted(newest, key=lambda log: (log.began, log.path != path))


def next_of(found: list[Log], place: Place, current: Path) -> Next | None:
    """Where what comes after `place` begins; None: nothing has come."""
    following = [log for log in found if log.began >= place.at - SAME_S]
    for log in found:
        if log.began != place.began or log.size < place.offset or known(log, place.offset) != place.known:
            continue
        if log.size > place.offset:
            return Next(log, place.offset)
        # Read to its end. It is left only when there is a newer one.
        # The log of the current name is the newest, even if the exchange's clock was set back meanwhile.
        others = [*following, *(each for each in found if each.path == current)]
        newer = [each for each in others if each.path != log.path and not _same_beginning(each, log)]
        return Next(newer[0], 0) if newer else None
    # It was cut, or compressed: what comes after it is all that can be had.
    if following:
        return Next(following[0], 0, lost=True)
    return next((Next(log, 0, lost=True) for log in found if log.path == current), None)


def start_of(log: Log, since: float) -> int:
    """An offset near the first line of `since`, never behind it; the lines are in order of time."""
    low, high = 0, log.size
    with _opened(log.path) as file:
        while high - low > SEARCH_BYTES:
            middle = (low + high) // 2
            file.seek(middle)
            file.readline(MAX_LINE)  # the rest of a line
            at = file.tell()
            epoch = epoch_of(file.readline(MAX_LINE))
            if at < high and epoch is not None and epoch < since:
                low = at
            else:
                high = middle
    return low


def read(log: Log, offset: int, limit: int) -> bytes:
    """Whole lines from `offset` on, at most `limit` bytes. A line that is not at its end waits."""
    with _opened(log.path) as file:
        file.seek(offset)
        piece = file.read(limit)
    end = piece.rfind(b"\n") + 1
    if not end and len(piece) == limit:
        return piece  # no line at all: it passes as one that is too long
    return piece[:end]


def known(log: Log, offset: int) -> str:
    """By what the log is known again at `offset`."""
    try:
        with _opened(log.path) as file:
            first = file.readline(MAX_LINE)
            file.seek(max(0, offset - KNOWN_BYTES))
            before = file.read(min(offset, KNOWN_BYTES))
    except OSError:
        return ""
    return hashlib.blake2b(first + b"\0" + before, digest_size=16).hexdigest()


def _same_beginning(one: Log, other: Log) -> bool:
    """A copy of a log, or what was left of it: its beginning says that it is no newer one."""
    return one.began == other.began and known(one, 0) == known(other, 0)


def _opened(path: Path) -> BinaryIO:
    # Without O_NONBLOCK the open of a named pipe waits for a writer.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    file = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        file.close()
        raise OSError("it is no file")
    return file


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
