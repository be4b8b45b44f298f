"""Figures of a shift: its calls, how they were answered, and what quality assurance says of them.

A call belongs to the shift in which it joined its first queue, whoever ends it. What it adds is derived from
its record, so a change takes back what it added before; the service level is that of `figures.py`, over all
queues.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from wallboard.city import CityConfig, ShiftConfig
from wallboard.engine.calls import visits
from wallboard.engine.calls.figures import NOTHING
from wallboard.engine.calls.visits import Visit
from wallboard.engine.world import World
from wallboard.entities import NOISE, Metric
from wallboard.scope import CITY

#: A month of shifts can be compared; about a hundred entities of 300 bytes.
KEPT_S = 31 * 86400.0

#: Scores are summed in whole parts of this, so that sums taken back leave nothing behind.
SCORE_PARTS = 10_000

_BOOK = "shift_book"


class Shift(msgspec.Struct, frozen=True):
    """One shift of one day. Times in seconds since 1970."""

    name: str
    #: the day on which it began, YYYY-MM-DD
    day: str
    since: float
    until: float

    @property
    def id(self) -> str:
        """Of its memory and of its metric."""
        return f"shift|{self.day}|{self.name}"


class ShiftFigures(msgspec.Struct, frozen=True, array_like=True):
    """Sums over the calls of a shift."""

    calls: int = 0
    answered: int = 0
    #: calls with an outcome less short abandons, and those answered within T, by visits of queues
    known: int = 0
    within: int = 0
    #: the same of noise
    noise_known: int = 0
    noise_within: int = 0
    pranks: int = 0
    reviewed: int = 0
    #: sum of the scores, in parts of SCORE_PARTS
    score: int = 0

    def plus(self, other: ShiftFigures, sign: int) -> ShiftFigures:
        """The sum with `other` (sign 1), or what is left without it (sign −1)."""
        pairs = zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True)
        return ShiftFigures(*(mine + sign * its for mine, its in pairs))


class ShiftBook(msgspec.Struct, frozen=True):
    """The engine's memory of one shift."""

    shift: Shift
    sums: ShiftFigures


def shift_at(city: CityConfig, at: float) -> Shift | None:
    """The shift of the configuration in which `at` lies, the first that fits; None: there is none."""
    zone = ZoneInfo(city.city.time_zone)
    today = datetime.fromtimestamp(at, zone).date()
    for day in (today, today - timedelta(days=1)):
        for config in city.shift:
            if day.isoweekday() in config.days:
                since, until = _span(config, day, zone)
                if since <= at < until:
                    return Shift(config.name, day.isoformat(), since, until)
    return None


def _span(config: ShiftConfig, day: date, zone: ZoneInfo) -> tuple[float, float]:
    begins, ends = time.fromisoformat(config.begins), time.fromisoformat(config.ends)
    last = day if ends > begins else day + timedelta(days=1)
    return (
        datetime.combine(day, begins, zone).timestamp(),
        datetime.combine(last, ends, zone).timestamp(),
    )


def recount(world: World, before: tuple[Visit, ...], was: str, after: tuple[Visit, ...], mark: str) -> None:
    """Count a call whose visits or mark changed: take back what it added, add what it adds now."""
    if not world.city.shift:
        return
    old, new = _of(world, before, was), _of(world, after, mark)
    if old != new:
        for each, sign in ((old, -1), (new, 1)):
            if each is not None:
                _add(world, *each, sign)


def add(world: World, joined_at: float, figures: ShiftFigures, sign: int = 1) -> None:
    """Count beside the calls: a review, or a mark whose call's record is gone."""
    shift = shift_at(world.city, joined_at)
    if shift is not None:
        _add(world, shift, figures, sign)


def _of(world: World, stays: tuple[Visit, ...], mark: str) -> tuple[Shift, ShiftFigures] | None:
    shift = shift_at(world.city, stays[0].joined_at) if stays else None
    if shift is None:
        return None
    sums = NOTHING
    for visit in stays:
        for _, part in visits.figures(visit, world.city.calls, mark in NOISE):
            sums = sums.plus(part, 1)
    return shift, ShiftFigures(
        calls=1,
        answered=int(sums.answered > 0),
        known=sums.known(),
        within=sums.within,
        noise_known=sums.noise_known,
        noise_within=sums.noise_within,
        pranks=int(mark == "prank"),
    )


def _add(world: World, shift: Shift, figures: ShiftFigures, sign: int) -> None:
    book = world.recall(_BOOK, shift.id, ShiftBook)
    if book is None:
        if shift.since + KEPT_S <= world.now:
            return
        book = ShiftBook(shift, ShiftFigures())
    book = ShiftBook(book.shift, book.sums.plus(figures, sign))
    world.remember(_BOOK, shift.id, book)
    world.put(_shown(book, world.now))


def _shown(book: ShiftBook, at: float) -> Metric:
    sums = book.sums
    net = sums.known - sums.noise_known
    figures: dict[str, float] = {
        "calls": sums.calls,
        "answered": sums.answered,
        "pranks": sums.pranks,
        "reviewed": sums.reviewed,
    }
    # What cannot be said is left out: a share of nothing is no 0 %.
    if sums.known:
        figures["service_level"] = round(sums.within / sums.known, 4)
    if net:
        figures["service_level_net"] = round((sums.within - sums.noise_within) / net, 4)
    if sums.reviewed:
        figures["score"] = round(sums.score / SCORE_PARTS / sums.reviewed, 4)
    return Metric(
        id=book.shift.id,
        scope=CITY,
        at=at,
        value=sums.calls,
        unit="calls",
        name=book.shift.name,
        since=book.shift.since,
        until=book.shift.until,
        figures=figures,
    )


def book_due(world: World, book: ShiftBook) -> float:
    """When a shift is too old to be compared."""
    return book.shift.since + KEPT_S


def on_book_due(world: World, id: str) -> None:
    """Forget an old shift."""
    world.forget(_BOOK, id)
    world.remove(Metric, id)
