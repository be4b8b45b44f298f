"""Gauges: the newest reading on top, its level by the levels in force on its day, and how fast it moves.

A reading is identified by its time. Among readings of one time the one received last holds, so a source may
correct itself; an older time goes into the history and never on top. A gate that was last read in 2023
stays, with that date: its age is the page's to show.
"""

from __future__ import annotations

from bisect import bisect_left

import msgspec

from wallboard.engine.days import day_of
from wallboard.engine.gauges.levels import level_of, levels_on
from wallboard.engine.order import marks, seen_at
from wallboard.engine.placing import place_of
from wallboard.engine.world import World
from wallboard.entities import Gauge, Order
from wallboard.events import GaugeRead, Gone, Present
from wallboard.scope import of_place

#: Readings every half hour over a day; at one a minute still the last 48 minutes.
HISTORY_POINTS = 48
#: A point this much older than the newest says nothing about how the water moves now (s).
HISTORY_S = 7 * 86400.0

#: The rate is the slope over the readings of this time before the newest: gates read by hand report hourly.
RATE_WINDOW_S = 2 * 3600.0
#: Over less than this, a wave or a centimetre of rounding looks like a flood (s).
RATE_SPAN_S = 300.0

#: A source that gives no times and repeats its value: the reading is taken as new only this often, so that
#: polling alone makes no commits (s).
UNDATED_EVERY_S = 900.0
#: That a gauge is still listed is written down no more often than this (s).
HEARD_EVERY_S = 86400.0

GONE_FLAG = "gone"

History = tuple[tuple[float, float], ...]


class GaugeMemory(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the entity does not say of a gauge."""

    #: when a list last named it
    heard_at: float
    #: (time as written, value) of the last reading that came before its own time
    ahead: tuple[float, float | None] | None = None


def read(world: World, event: GaugeRead) -> None:
    """Take a reading: on top, into the history, or not at all."""
    id = f"{event.feed}/{event.source_id}"
    gauge = world.get(Gauge, id)
    memory = world.recall("gauge", id, GaugeMemory) or GaugeMemory(event.received_at)
    ahead = memory.ahead
    # A reading that came before its own time, polled again, is as new as when it first came.
    repeated = (event.observed_at, event.value) == ahead
    if gauge is None or GONE_FLAG in gauge.flags or not repeated:
        taken = _take(world, event, gauge)
        if taken and event.observed_at is not None and _is_ahead(event):
            ahead = (event.observed_at, event.value)
    heard_at = memory.heard_at
    if event.received_at - heard_at >= HEARD_EVERY_S:
        heard_at = event.received_at
    after = GaugeMemory(heard_at, ahead)
    if after != world.recall("gauge", id, GaugeMemory):
        world.remember("gauge", id, after)


def _is_ahead(event: GaugeRead) -> bool:
    return event.observed_at is not None and event.observed_at > event.received_at


def _take(world: World, event: GaugeRead, gauge: Gauge | None) -> bool:
    """Show the reading; whether it is on top now."""
    order = Order(seen_at(event), event.received_at)
    if gauge is not None and gauge.order is not None and order <= gauge.order:
        _late(world, gauge, event)
        return False
    after = _newest(world, event, gauge, order)
    if gauge is None or not _same(gauge, after, event):
        world.put(after)
    return True


def _newest(world: World, event: GaugeRead, before: Gauge | None, order: Order) -> Gauge:
    seen = seen_at(event)
    place = place_of(world, event, event.address)
    history = () if before is None else before.history
    if event.value is not None:
        history = _with_point(history, seen, event.value, replace=True)
    levels = levels_on(world.city.gauge, _day(world, seen), event.source_id, event.name)
    level = level_of(event.value, levels)
    return Gauge(
        id=f"{event.feed}/{event.source_id}",
        scope=of_place(place),
        at=seen,
        feed=event.feed,
        flags=marks(event),
        order=order,
        name=event.name,
        place=place,
        unit=event.unit,
        value=event.value,
        observed_at=seen,
        level=level.name if level else "",
        severity=level.severity if level else None,
        level_raw=event.level_raw,
        levels=levels,
        river=event.river,
        rate_per_h=None if event.value is None else rate(history),
        history=history,
    )


def _same(before: Gauge, after: Gauge, event: GaugeRead) -> bool:
    """Whether this only repeats what is shown already."""
    if msgspec.structs.replace(after, order=before.order) == before:
        return True
    if event.observed_at is not None or after.at - before.at >= UNDATED_EVERY_S:
        return False
    undated = msgspec.structs.replace(
        after,
        order=before.order,
        at=before.at,
        observed_at=before.observed_at,
        history=before.history,
        rate_per_h=before.rate_per_h,
    )
    return undated == before


def _late(world: World, gauge: Gauge, event: GaugeRead) -> None:
    """Put a reading that comes after newer ones at its place in the history."""
    if event.value is None or _is_ahead(event):
        return  # what was read before its own time has no place there
    history = _with_point(gauge.history, seen_at(event), event.value, replace=False)
    if history != gauge.history:
        slope = None if gauge.value is None else rate(history)
        world.put(msgspec.structs.replace(gauge, history=history, rate_per_h=slope))


def _with_point(history: History, at: float, value: float, *, replace: bool) -> History:
    times = [point[0] for point in history]
    index = bisect_left(times, at)
    known = index < len(times) and times[index] == at
    if known and not replace:
        return history
    points = [*history[:index], (at, value), *history[index + known :]]
    oldest = points[-1][0] - HISTORY_S
    return tuple(point for point in points[-HISTORY_POINTS:] if point[0] >= oldest)


def rate(history: History) -> float | None:
    """Slope of the least-squares line through the last readings, per hour; None: they span too little."""
    if not history:
        return None
    newest = history[-1][0]
    points = [(at - newest, value) for at, value in history if newest - at <= RATE_WINDOW_S]
    if -points[0][0] < RATE_SPAN_S:
        return None
    middle_at = sum(at for at, _ in points) / len(points)
    middle = sum(value for _, value in points) / len(points)
    spread = sum((at - middle_at) ** 2 for at, _ in points)
    slope = sum((at - middle_at) * (value - middle) for at, value in points) / spread
    return round(slope * 3600.0, 2)


def gone(world: World, event: Gone) -> None:
    """Mark a gauge that its source has withdrawn; it leaves when it has not been heard of for long."""
    gauge = world.get(Gauge, f"{event.feed}/{event.source_id}")
    if gauge is not None:
        _mark_gone(world, gauge, event.received_at)


def present(world: World, event: Present) -> None:
    """Mark the gauges that a complete list holds no more."""
    listed = {f"{event.feed}/{id}" for id in event.ids}
    for gauge in [g for g in world.all(Gauge) if g.feed == event.feed and g.id not in listed]:
        _mark_gone(world, gauge, event.received_at)


def _mark_gone(world: World, gauge: Gauge, received_at: float) -> None:
    order = gauge.order
    if GONE_FLAG in gauge.flags or order is None or received_at <= order.seq:
        return
    # What was received before this word of its end does not bring it back.
    world.put(
        msgspec.structs.replace(gauge, flags=(*gauge.flags, GONE_FLAG), order=Order(order.run, received_at))
    )


def forget(world: World, id: str) -> None:
    """Let go of a gauge that no list has named for the time of retention."""
    world.remove(Gauge, id)
    world.forget("gauge", id)


def _forgotten_at(world: World, memory: GaugeMemory) -> float:
    return memory.heard_at + world.city.retention.gauge


def load(world: World) -> None:
    """Judge all gauges anew: the levels of the configuration may be others than before the restart."""
    for gauge in list(world.all(Gauge)):
        source_id = gauge.id.removeprefix(f"{gauge.feed}/")
        levels = levels_on(world.city.gauge, _day(world, gauge.observed_at), source_id, gauge.name)
        level = level_of(gauge.value, levels)
        world.put(
            msgspec.structs.replace(
                gauge,
                levels=levels,
                level=level.name if level else "",
                severity=level.severity if level else None,
            )
        )


def _day(world: World, at: float) -> str:
    return day_of(at, world.city.city.time_zone)


EVENTS = {GaugeRead: read}
GONE = {"gauge": gone}
PRESENT = {"gauge": present}
MEMORY = {"gauge": GaugeMemory}
DUE = {"mem:gauge": _forgotten_at}
TIMERS = {"mem:gauge": forget}
PLACE = {GaugeRead: lambda event: (event.lon, event.lat, None)}
