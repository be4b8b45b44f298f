"""What is counted of a queue: the last 15 minutes, this clock hour, this day. Pure.

A call is counted as offered when it joined, and once more at the time its outcome came: answered (a call
taker took it), abandoned (the caller hung up while waiting), left (time-out or key press). What became of a
call while the exchange was out of reach stays unknown; it is only offered. So within a window

    known          = answered + abandoned + left
    service level  = answered within T / (known − short abandons)
    abandon rate   = (abandoned − short abandons) / (known − short abandons)
    average speed of answer = sum of the waits of the answered / answered

`abandoned` includes the short ones. This is the service level as contact centres define it when abandoned
calls count against it and short ones (wrong numbers) do not; RingCentral's CallQueueServiceLevelSettings
(includeAbandonedCalls, abandonedThresholdSeconds) names the same choices. Asterisk's own ServicelevelPerf
leaves out `left`; here a caller whom nobody answered counts whatever the way out.

Waiting calls without an outcome are not in the service level; `waiting` and `oldest_joined_at` show them.

Calls that operators mark as noise (prank, ghost) are counted once more beside all others, so that the service
level is also known without them; a mark that comes late, or changes, is counted at the times of its call.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

import msgspec

from wallboard.entities import QueueWindow

#: The sliding window.
WINDOW_S = 900

#: Calls are summed in slices of this length, so the window holds the last 900 to 905 s; 181 slices at most,
#: under 10 KiB a queue.
SLICE_S = 5


class Figures(msgspec.Struct, frozen=True, array_like=True):
    """Sums over some calls. Times are whole milliseconds: sums taken back leave nothing behind."""

    offered: int = 0
    answered: int = 0
    within: int = 0
    abandoned: int = 0
    short: int = 0
    left: int = 0
    wait_ms: int = 0
    talks: int = 0
    talk_ms: int = 0
    #: of them noise: offered, those with an outcome less short abandons, and those answered within T
    noise: int = 0
    noise_known: int = 0
    noise_within: int = 0

    def known(self) -> int:
        """Calls whose outcome counts for the service level."""
        return self.answered + self.abandoned + self.left - self.short

    def plus(self, other: Figures, sign: int) -> Figures:
        """The sum with `other` (sign 1), or what is left without it (sign −1)."""
        pairs = zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True)
        return Figures(*(mine + sign * its for mine, its in pairs))


NOTHING = Figures()


class Book(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The engine's memory of one queue."""

    feed: str
    #: when the last snapshot was asked for, and when it came
    asked_at: float = 0.0
    snapshot_at: float = 0.0
    #: the exchange does not list it any more
    gone: bool = False
    #: (start, figures) of the slices that hold anything, oldest first
    slices: tuple[tuple[int, Figures], ...] = ()
    hour_at: float = 0.0
    hour: Figures = NOTHING
    day_at: float = 0.0
    #: when the day ends
    day_until: float = 0.0
    day: Figures = NOTHING

    def empty(self) -> bool:
        """Nothing is counted in any window."""
        return not self.slices and self.hour == NOTHING and self.day == NOTHING


def count(book: Book, at: float, figures: Figures, sign: int, now: float, zone: tzinfo) -> Book:
    """The book with `figures` of the time `at` counted (sign 1) or taken back (−1), where not too old."""
    book = rolled(book, now, zone)
    slices = dict(book.slices)
    start = int(at // SLICE_S) * SLICE_S
    if not _passed(start, now):
        total = slices.get(start, NOTHING).plus(figures, sign)
        slices[start] = total
        if total == NOTHING:
            del slices[start]
    return msgspec.structs.replace(
        book,
        slices=tuple(sorted(slices.items())),
        hour=book.hour.plus(figures, sign) if at >= book.hour_at else book.hour,
        day=book.day.plus(figures, sign) if at >= book.day_at else book.day,
    )


def rolled(book: Book, now: float, zone: tzinfo) -> Book:
    """The book at `now`: slices that have left the window dropped, a new hour or day begun."""
    if book.slices and _passed(book.slices[0][0], now):
        kept = tuple(part for part in book.slices if not _passed(part[0], now))
        book = msgspec.structs.replace(book, slices=kept)
    if now >= book.hour_at + 3600 or now < book.hour_at:
        book = msgspec.structs.replace(book, hour_at=hour_start(now, zone), hour=NOTHING)
    if now >= book.day_until or now < book.day_at:
        start, until = day_of(now, zone)
        book = msgspec.structs.replace(book, day_at=start, day_until=until, day=NOTHING)
    return book


def due(book: Book) -> float | None:
    """When time alone changes the figures."""
    times: list[float] = [book.slices[0][0] + SLICE_S + WINDOW_S] if book.slices else []
    if book.hour != NOTHING:
        times.append(book.hour_at + 3600)
    if book.day != NOTHING or book.gone:
        times.append(book.day_until)
    return min(times, default=None)


def windows(book: Book) -> dict[str, QueueWindow]:
    """The figures as they are shown."""
    last = NOTHING
    for _, figures in book.slices:
        last = last.plus(figures, 1)
    return {"15m": _window(last), "hour": _window(book.hour), "day": _window(book.day)}


def hour_start(now: float, zone: tzinfo) -> float:
    """When the clock hour of `now` began in `zone` (zones may lie half an hour beside UTC)."""
    return datetime.fromtimestamp(now, zone).replace(minute=0, second=0, microsecond=0).timestamp()


def day_of(now: float, zone: tzinfo) -> tuple[float, float]:
    """Begin and end of the local day of `now`."""
    midnight = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.timestamp(), (midnight + timedelta(days=1)).timestamp()


def _passed(start: int, now: float) -> bool:
    return start + SLICE_S + WINDOW_S <= now


def _window(sums: Figures) -> QueueWindow:
    known = sums.known()
    net = known - sums.noise_known
    return QueueWindow(
        offered=sums.offered,
        answered=sums.answered,
        abandoned=sums.abandoned,
        short_abandoned=sums.short,
        left=sums.left,
        service_level=round(sums.within / known, 4) if known else None,
        asa_s=round(sums.wait_ms / 1000 / sums.answered, 1) if sums.answered else None,
        abandon_rate=round((sums.abandoned - sums.short) / known, 4) if known else None,
        talk_s=round(sums.talk_ms / 1000 / sums.talks, 1) if sums.talks else None,
        service_level_net=round((sums.within - sums.noise_within) / net, 4) if net else None,
        noise=sums.noise,
    )
