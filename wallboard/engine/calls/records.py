"""The engine's memory of calls: kept, counted, timed. `calls.py` says what events do to it.

A record holds a call's visits of queues; figures are what the visits add up to, so a change of a visit takes
back what it added before and adds what it adds now. That makes repeated, late and disordered events harmless.
"""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from wallboard.engine import tally
from wallboard.engine.calls import pranks, shifts, visits
from wallboard.engine.calls.figures import Book, Figures, count, day_of, due, rolled
from wallboard.engine.calls.visits import Visit
from wallboard.engine.world import World
from wallboard.entities import NOISE, CallMark
from wallboard.events import CallEvent

#: A record outlives its call by this much, so that late facts still find it.
KEPT_S = 900.0

#: Stays of one call in queues (it may go round and round); a record stays under 64 KiB.
MAX_VISITS = 100

#: Callers counted in one of a day's 256 parts; a part stays under 64 KiB. Enough for 300,000 callers a day.
MAX_CALLERS = 1200


class CallRecord(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The engine's memory of one call, by "feed/call"."""

    feed: str
    caller: str = ""
    caller_key: str = ""
    #: earlier calls of this caller today
    repeated: int = 0
    #: calls of this caller that were marked as pranks, when this one came
    pranks: int = 0
    mark: CallMark | Literal[""] = ""
    marked_by: str = ""
    #: oldest first
    visits: tuple[Visit, ...] = ()
    #: it is (or was, up to its retention) in the state
    shown: bool = True


class Exchange(msgspec.Struct, frozen=True, omit_defaults=True):
    """The engine's memory of one feed of calls."""

    lost_at: float = 0.0
    #: nothing up to here is news of an unknown call or call taker: records of that time are forgotten
    forgotten_to: float = 0.0
    #: when the newest lists of queues and of calls were asked for
    queues_asked_at: float = 0.0
    calls_asked_at: float = 0.0


class Callers(msgspec.Struct, frozen=True, omit_defaults=True):
    """How often callers called on one day, by key; never in an entity."""

    until: float
    counts: dict[str, int] = {}


class Index:
    """Derived from the records, and what the open batch touched."""

    def __init__(self) -> None:
        #: queue → record → when it joined
        self.waiting: dict[str, dict[str, float]] = {}
        #: records with a visit that has not ended; most of the others are kept for a late word only
        self.open: dict[str, None] = {}
        self.calls: dict[str, None] = {}
        self.queues: dict[str, None] = {}
        self.agents: dict[str, None] = {}
        #: queue → newest time that something was heard of it in this batch
        self.heard: dict[str, float] = {}

    def hear(self, queue: str, at: float) -> None:
        """Something was heard of the queue: its figures may have changed."""
        self.queues[queue] = None
        self.heard[queue] = max(at, self.heard.get(queue, 0.0))


def index_of(world: World) -> Index:
    """The index of this world."""
    index: Index = world.index.setdefault("calls", Index())
    return index


def visit_of(record: CallRecord, event: CallEvent) -> int | None:
    """Which of the record's visits the event is about; None: a new one."""
    stays = [position for position, visit in enumerate(record.visits) if visit.queue == event.queue]
    if not stays:
        return None
    if visits.is_rejoining(record.visits[stays[-1]], event):
        return None
    begun = [position for position in stays if not visits.is_before(record.visits[position], event)]
    return begun[-1] if begun else stays[0]


def store(world: World, id: str, record: CallRecord, position: int | None, visit: Visit) -> CallRecord:
    """Keep a changed (or, without a position, new) visit, and count what it changes."""
    before = None if position is None else record.visits[position]
    stays = list(record.visits)
    if position is None:
        stays = [*stays, visit][-MAX_VISITS:]
    else:
        stays[position] = visit
    # A call that goes on after it had ended and was hidden comes back.
    shown = record.shown or visits.state(visit) != "ended"
    new = msgspec.structs.replace(record, visits=tuple(stays), shown=shown)
    world.remember("call", id, new)
    noise = record.mark in NOISE
    was = () if before is None else visits.figures(before, world.city.calls, noise)
    _count(world, record.feed, visit.queue, was, visits.figures(visit, world.city.calls, noise))
    shifts.recount(world, record.visits, record.mark, new.visits, new.mark)
    track(world, id, new, visit.queue)
    return new


def remark(world: World, id: str, record: CallRecord, mark: CallMark, by: str) -> None:
    """Keep what an operator says the call was, and correct the windows that it is in."""
    new = msgspec.structs.replace(record, mark=mark, marked_by=by)
    world.remember("call", id, new)
    for visit in record.visits:
        was = visits.figures(visit, world.city.calls, record.mark in NOISE)
        _count(world, record.feed, visit.queue, was, visits.figures(visit, world.city.calls, mark in NOISE))
        index_of(world).queues[visit.queue] = None
    shifts.recount(world, record.visits, record.mark, record.visits, mark)
    index_of(world).calls[id] = None


#: what a visit adds to its queue's figures, and when
_Parts = tuple[tuple[float, Figures], ...]


def _count(world: World, feed: str, queue: str, was: _Parts, now: _Parts) -> None:
    if was == now:
        return
    zone, book = zone_of(world), book_of(world, queue, feed)
    for parts, sign, others in ((was, -1, now), (now, 1, was)):
        for part in parts:
            if part not in others:
                book = count(book, *part, sign, world.now, zone)
                at, figures = part
                numbers = (figures.offered, figures.answered, figures.known(), figures.within)
                tally.add(world, f"calls|{queue}", int(at // tally.SLOT_S), numbers, sign)
    world.remember("queue", queue, book)


def track(world: World, id: str, record: CallRecord, queue: str) -> None:
    """Bring the index of those waiting in a queue up to date; call and queue are to be shown anew."""
    index = index_of(world)
    index.queues[queue] = None
    line = index.waiting.setdefault(queue, {})
    stays = [visit for visit in record.visits if visit.queue == queue and visits.is_waiting(visit)]
    if stays:
        line[id] = stays[-1].joined_at
    else:
        line.pop(id, None)
    index.calls[id] = None
    if any(visits.state(visit) != "ended" for visit in record.visits):
        index.open[id] = None
    else:
        index.open.pop(id, None)


def with_caller(world: World, record: CallRecord, caller: str, key: str) -> CallRecord:
    """The record with its caller, who is counted once a call."""
    if caller and not record.caller:
        record = msgspec.structs.replace(record, caller=caller)
    if key and not record.caller_key:
        record = msgspec.structs.replace(
            record, caller_key=key, repeated=_earlier(world, key), pranks=pranks.number(world, key)
        )
    return record


def _earlier(world: World, key: str) -> int:
    """How often this caller has called today already; counts this call."""
    start, until = day_of(world.now, zone_of(world))
    id = f"{int(start)}/{key[:2]}"
    callers = world.recall("callers", id, Callers) or Callers(until)
    earlier = callers.counts.get(key, 0)
    if earlier or len(callers.counts) < MAX_CALLERS:
        world.remember("callers", id, Callers(until, {**callers.counts, key: earlier + 1}))
    return earlier


def book_of(world: World, queue: str, feed: str) -> Book:
    book = world.recall("queue", queue, Book)
    if book is None:
        book = Book(feed=feed)
        world.remember("queue", queue, book)
        index_of(world).queues[queue] = None
    return book


def exchange_of(world: World, feed: str) -> Exchange:
    return world.recall("exchange", feed, Exchange) or Exchange()


def zone_of(world: World) -> ZoneInfo:
    return ZoneInfo(world.city.city.time_zone)


def call_due(world: World, record: CallRecord) -> float | None:
    """When the next thing happens to a call by time alone."""
    return min(_steps(world, record), default=None)


def on_call_due(world: World, id: str) -> None:
    """Decide what has waited long enough, hide and forget what ended."""
    record = world.recall("call", id, CallRecord)
    if record is None:
        return
    for position, visit in enumerate(record.visits):
        undecided = visits.undecided_since(visit)
        if undecided is not None and undecided + visits.LEFT_AFTER_S <= world.now:
            visit = msgspec.structs.replace(visit, final=True)
            record = store(world, id, record, position, visit)
        if visits.state(visit) != "ended" and visit.heard_at + visits.SILENT_LIMIT_S <= world.now:
            record = store(world, id, record, position, msgspec.structs.replace(visit, lost_at=world.now))
    ended_at = _ended_at(record)
    if ended_at is None:
        return
    if _kept_to(world, record, ended_at) <= world.now:
        forget(world, "call", id, record.feed, ended_at)
    elif ended_at + world.city.retention.call <= world.now:
        world.remember("call", id, msgspec.structs.replace(record, shown=False))
    index_of(world).calls[id] = None


def forget(world: World, kind: str, id: str, feed: str, heard_at: float) -> None:
    """Forget a record; what comes a second time from its days is not news."""
    world.forget(kind, id)
    if kind == "call":
        index_of(world).open.pop(id, None)
    exchange = exchange_of(world, feed)
    if heard_at > exchange.forgotten_to:
        world.remember("exchange", feed, msgspec.structs.replace(exchange, forgotten_to=heard_at))


def _steps(world: World, record: CallRecord) -> list[float]:
    steps: list[float] = []
    for visit in record.visits:
        undecided = visits.undecided_since(visit)
        if undecided is not None:
            steps.append(undecided + visits.LEFT_AFTER_S)
        if visits.state(visit) != "ended":
            steps.append(visit.heard_at + visits.SILENT_LIMIT_S)
    ended_at = _ended_at(record)
    if ended_at is not None:
        retention = world.city.retention.call
        steps.append(ended_at + retention if record.shown else _kept_to(world, record, ended_at))
    return steps


def _kept_to(world: World, record: CallRecord, ended_at: float) -> float:
    """Until when a record is kept: if marked, as long as a window may contain its call."""
    kept = ended_at + max(KEPT_S, world.city.retention.call)
    return max(kept, day_of(ended_at, zone_of(world))[1]) if record.mark else kept


def _ended_at(record: CallRecord) -> float | None:
    """When the last visit was over and decided; None: one is not."""
    times: list[float] = []
    for visit in record.visits:
        at = visits.ended_at(visit)
        if at is None or visits.undecided_since(visit) is not None:
            return None
        times.append(max(at, visit.heard_at))
    return max(times, default=None)


def queue_due(world: World, book: Book) -> float | None:
    """When a slice leaves the window, or an hour or the day ends."""
    return due(book)


def on_queue_due(world: World, queue: str) -> None:
    """Slide the windows; a queue that the exchange has dropped leaves with its last figures."""
    book = world.recall("queue", queue, Book)
    if book is None:
        return
    book = rolled(book, world.now, zone_of(world))
    index_of(world).queues[queue] = None
    if book.gone and book.empty():
        world.forget("queue", queue)
    else:
        world.remember("queue", queue, book)


def callers_due(world: World, callers: Callers) -> float:
    """When the day is over."""
    return callers.until


def on_callers_due(world: World, id: str) -> None:
    """Forget yesterday's callers."""
    world.forget("callers", id)
