"""Emergency calls from Asterisk's queue_log, for an exchange whose manager interface is closed to us.

The log is followed: each visit reads what was written since the last one, through rotation and truncation.
How far it was read is kept on disk after what was read is in its stream; what a crash makes us read twice
changes nothing, because each line keeps its place in the log as its number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated
from weakref import WeakKeyDictionary

import msgspec

from feeds.base import Adapter, Context, Intake, Parsed, RecordFault
from feeds.fetching.aside import aside
from feeds.fetching.files import path_of
from feeds.queue_log import place as places
from feeds.queue_log.lines import TICK_S, epoch_of, take
from feeds.queue_log.place import Log, Place
from wallboard.errors import BadDocument, SourceError, Unreachable

#: Read and handed over at once: about 10,000 lines, a quarter of an hour of the busiest exchange.
CHUNK_BYTES = 1024 * 1024

#: Pieces of one visit: with this a day of 100,000 calls is read in two, and the server can stop between.
MOST_CHUNKS = 16

#: A day is the longest that any figure of the wall reaches back (s).
DAY_S = 86_400.0


class QueueLogOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]"""

    #: lines older than this are not read, at the first start and after a long stop
    look_back: Annotated[float, msgspec.Meta(extra={"unit": "s"})] = DAY_S

    def __post_init__(self) -> None:
        if not 0 <= self.look_back <= 7 * DAY_S:
            raise ValueError("look_back is at most 7 days")


def parse(payload: bytes, context: Context, options: QueueLogOptions | None = None) -> Parsed:
    """The events of a whole log, however old. Raises BadDocument when it is none."""
    lines = payload.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)
    began = next((epoch for line in lines if (epoch := epoch_of(line)) is not None), None)
    if began is None:
        raise BadDocument("It holds no line of a queue_log: time|call|queue|agent|EVENT|…")
    return read_lines(payload, 0, float(began), context, float("-inf"))


def read_lines(piece: bytes, offset: int, run: float, context: Context, since: float) -> Parsed:
    """The events of whole lines that begin at `offset` of the log; those before `since` are left out."""
    parsed = Parsed()
    now = context.now
    for line in piece.splitlines(keepends=True):
        epoch = epoch_of(line)
        if epoch is None or epoch >= since:
            take(line.removeprefix(b"\xef\xbb\xbf"), offset, run, context, now, parsed)
            now += TICK_S
        offset += len(line)
    return parsed


@dataclass
class Reading:
    """How far one feed's log was read."""

    place: Place | None = None
    #: the note of an earlier run of the program was looked at
    recalled: bool = False
    #: newest time of receipt given away: those of one reading lie a moment ahead of the clock
    given_at: float = 0.0


_READINGS: WeakKeyDictionary[Intake, Reading] = WeakKeyDictionary()


async def poll(intake: Intake, options: QueueLogOptions) -> None:
    """Hand over what was written since the last visit. Raises SourceError."""
    path = path_of(intake.url, _folder(intake))
    reading = _READINGS.setdefault(intake, Reading())
    if not reading.recalled:
        reading.place, reading.recalled = await _recalled(intake), True
    for _ in range(MOST_CHUNKS):
        since = intake.now() - options.look_back
        place = reading.place
        try:
            found = await aside(lambda: _next(path, place, since))  # noqa: B023 - waited for in this turn
        except OSError as error:
            raise Unreachable(
                f"{path.name} cannot be read: {(error.strerror or str(error)).lower()}."
            ) from None
        if found is None:
            return
        await _hand_over(intake, reading, found, since)


@dataclass(frozen=True)
class _Piece:
    log: Log
    offset: int
    body: bytes
    lost: bool


def _next(path: Path, place: Place | None, since: float) -> _Piece | None:
    """What to read next; None: nothing has come."""
    found = places.logs(path)
    if not found:
        if path.is_file():
            return None  # nothing was written yet, or nothing since it was rotated
        raise Unreachable(f"{path.name} is not there.")
    if place is None:
        log = next((each for each in found if each.path == path), found[-1])
        # The newest log that reaches back far enough, or the oldest.
        while log.began >= since and found.index(log) > 0:
            log = found[found.index(log) - 1]
        start, lost = places.start_of(log, since), False
    else:
        following = places.next_of(found, place, path)
        if following is None:
            if not path.is_file() and all(each.began != place.began for each in found):
                raise Unreachable(f"{path.name} is not there.")
            return None
        log, start, lost = following.log, following.offset, following.lost
    body = places.read(log, start, CHUNK_BYTES)
    return _Piece(log, start, body, lost) if body else None


async def _hand_over(intake: Intake, reading: Reading, piece: _Piece, since: float) -> None:
    context = intake.context()
    if context.now <= reading.given_at:
        context = replace(context, now=reading.given_at + TICK_S)
    # A place found by bisection is rarely the beginning of a line.
    body, offset = piece.body, piece.offset
    if reading.place is None and offset:
        rest = body.find(b"\n") + 1
        body, offset = body[rest:], offset + rest
    parsed = await aside(lambda: read_lines(body, offset, float(piece.log.began), context, since))
    if piece.lost:
        why = "the log that was read last is gone or was cut: lines between may never have been read"
        parsed.faults.insert(0, RecordFault(piece.log.path.name, why))
    await intake.give(parsed)
    reading.given_at = max([context.now, *(event.received_at for event in parsed.events[-1:])])
    end = offset + len(body)
    epochs = (epoch_of(line) for line in reversed(body.splitlines()[-100:]))
    last = next((epoch for epoch in epochs if epoch is not None), piece.log.began)
    at = last if reading.place is None else max(last, reading.place.at)
    known = await aside(lambda: places.known(piece.log, end))
    reading.place = Place(began=piece.log.began, offset=end, known=known, at=at)
    await _keep(intake, reading.place)


async def _recalled(intake: Intake) -> Place | None:
    if intake.notes is None:
        return None
    note = await aside(intake.notes.read)
    try:
        return msgspec.json.decode(note, type=Place) if note else None
    except msgspec.MsgspecError:
        return None  # of another version: the log is read anew


async def _keep(intake: Intake, place: Place) -> None:
    notes = intake.notes
    if notes is None:
        return
    try:
        await aside(lambda: notes.keep(msgspec.json.encode(place)))
    except OSError as error:
        raise SourceError(
            f"How far the log was read cannot be kept: {(error.strerror or str(error)).lower()}."
        ) from None


def _folder(intake: Intake) -> Path:
    """Where relative paths of the configuration begin."""
    folder = getattr(intake, "folder", None)
    return folder if isinstance(folder, Path) else Path()


ADAPTER = Adapter(
    type="queue_log",
    options=QueueLogOptions,
    parse=parse,
    kinds=("call", "queue", "agent"),
    poll=poll,
    schemes=("file",),
)
