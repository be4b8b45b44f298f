"""How many alerts people have to bear: the alarm load of ISA-18.2, and the flood.

New episodes are counted in spans of 10 minutes for a day, and by the second for the last 10 minutes. What is
aside (shelved, suppressed, out of service) calls for nobody and is not counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from statistics import median

import msgspec

from wallboard.engine.alerts.standing import is_aside, standing
from wallboard.engine.world import World
from wallboard.entities import SEVERITIES, AlarmLoad, Alert, City
from wallboard.scope import CITY

#: Spans of 10 minutes, as ISA-18.2 counts, over the last day (s).
SPAN_S = 600
DAY_S = 24 * 3600
SPANS = DAY_S // SPAN_S

#: The figures are shown anew at most this often (s); nobody reads them faster.
REFRESH_S = 10.0

#: Alerts counted by name, and acknowledgements timed, in one span. Whoever comes often is among the first 200
#: of some span; more would only make the memory large in the very flood that it measures.
MOST_NAMES = 200
MOST_ACKS = 200

#: Offenders shown.
WORST = 10

BURDEN = "alarms"
SPAN = "alarm_span"
_ID = "load"
_CITY = "city"


class BurdenMemory(msgspec.Struct, omit_defaults=True):
    """New alerts of the last 10 minutes by the second, the flood, and when the figures are due again."""

    recent: dict[int, int] = {}
    flood_since: float | None = None
    shown_at: float = 0.0
    due: float | None = None


class SpanMemory(msgspec.Struct, omit_defaults=True):
    """One span of 10 minutes."""

    start: int
    #: severity → new alerts
    severities: dict[str, int] = {}
    #: alert → how often it came
    names: dict[str, int] = {}
    #: from raise to acknowledgement (s)
    acks: list[float] = []


def raised(world: World, alert: Alert) -> None:
    """Count a new episode."""
    if is_aside(alert):
        return
    memory = _memory(world)
    second = int(world.now)
    recent = _within(memory.recent, world.now)
    recent[second] = recent.get(second, 0) + 1
    flood_since = memory.flood_since
    if flood_since is None and sum(recent.values()) > world.city.alarms.flood_above:
        flood_since = world.now
    _remember(world, msgspec.structs.replace(memory, recent=recent, flood_since=flood_since))
    span = _span(world)
    names = span.names
    if alert.id in names or len(names) < MOST_NAMES:
        names = names | {alert.id: names.get(alert.id, 0) + 1}
    severities = span.severities | {alert.severity: span.severities.get(alert.severity, 0) + 1}
    _keep(world, msgspec.structs.replace(span, severities=severities, names=names))
    _tell_flood(world, flood_since)
    refresh_soon(world)


def acknowledged(world: World, after_s: float) -> None:
    """Count how long an alert waited for its acknowledgement."""
    span = _span(world)
    if len(span.acks) < MOST_ACKS:
        _keep(world, msgspec.structs.replace(span, acks=[*span.acks, after_s]))
    refresh_soon(world)


def refresh_soon(world: World) -> None:
    """Show the figures anew as soon as they may be."""
    memory = _memory(world)
    due = max(world.now, memory.shown_at + REFRESH_S)
    if due <= world.now:
        refresh(world)
    elif memory.due is None or memory.due > due:
        _remember(world, msgspec.structs.replace(memory, due=due))


def refresh(world: World, id: str = BURDEN) -> None:
    """Show the figures as they are now, and end a flood that is over."""
    memory = _memory(world)
    recent = _within(memory.recent, world.now)
    flood_since = memory.flood_since
    if flood_since is not None and sum(recent.values()) < world.city.alarms.flood_below:
        flood_since = None
    memory = BurdenMemory(recent=recent, flood_since=flood_since, shown_at=world.now)
    _remember(world, msgspec.structs.replace(memory, due=_next(world, memory)))
    _tell_flood(world, flood_since)
    before = world.get(AlarmLoad, _ID)
    load = _figures(world, recent)
    if before is None or load != msgspec.structs.replace(before, at=load.at):
        world.put(load)


def span_over(world: World, id: str) -> None:
    """A span has left the last day."""
    world.forget(SPAN, id)
    refresh_soon(world)


def tell(world: World) -> None:
    """Show a flood to the city, which may have been shown first after the flood began."""
    _tell_flood(world, _memory(world).flood_since)


def _figures(world: World, recent: dict[int, int]) -> AlarmLoad:
    day = [span for span in _spans(world) if span.start + SPAN_S > world.now - DAY_S]
    numbers = [sum(span.severities.values()) for span in day]
    hour = (n for span, n in zip(day, numbers, strict=True) if span.start > world.now - 3600)
    severities: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for span in day:
        severities.update(span.severities)
        names.update(span.names)
    total = sum(numbers)
    acks = [seconds for span in day for seconds in span.acks]
    floods = sum(n > world.city.alarms.flood_above for n in numbers)
    figures = standing(world).figures
    return AlarmLoad(
        id=_ID,
        scope=CITY,
        at=world.now,
        last_10min=sum(recent.values()),
        last_hour=sum(hour),
        last_day=total,
        peak_10min=max(numbers, default=0),
        flood_share=round(floods / SPANS, 4),
        shares={name: round(severities[name] / total, 4) for name in SEVERITIES if severities[name]},
        worst=tuple(sorted(names.items(), key=lambda pair: (-pair[1], pair[0]))[:WORST]),
        chattering=figures["chatter"],
        stale=figures["stale"],
        standing=figures["standing"],
        shelved=figures["shelved"],
        ack_median_s=round(median(acks), 3) if acks else None,
    )


def _next(world: World, memory: BurdenMemory) -> float | None:
    """When the figures change by the passing of time alone."""
    if memory.flood_since is not None and (over := _flood_over(world, memory.recent)) is not None:
        return over
    waiting = [second + SPAN_S for second in memory.recent]
    if world.memories(SPAN):
        waiting.append((int(world.now) // SPAN_S + 1) * SPAN_S)
    return max(world.now + REFRESH_S, min(waiting)) if waiting else None


def _flood_over(world: World, recent: dict[int, int]) -> float | None:
    left = sum(recent.values())
    for second in sorted(recent):
        left -= recent[second]
        if left < world.city.alarms.flood_below:
            return float(second + SPAN_S)
    return None


def _tell_flood(world: World, since: float | None) -> None:
    city = world.get(City, _CITY)
    if city is not None and (city.flood, city.flood_since) != (since is not None, since):
        world.put(msgspec.structs.replace(city, flood=since is not None, flood_since=since))
        world.audit({"what": "alerts.flood" if since is not None else "alerts.flood_over"})


def _within(recent: dict[int, int], now: float) -> dict[int, int]:
    return {second: n for second, n in recent.items() if second + SPAN_S > now}


def _spans(world: World) -> Iterable[SpanMemory]:
    return world.memories(SPAN).values()


def _span(world: World) -> SpanMemory:
    start = int(world.now) // SPAN_S * SPAN_S
    return world.recall(SPAN, str(start), SpanMemory) or SpanMemory(start)


def _keep(world: World, span: SpanMemory) -> None:
    world.remember(SPAN, str(span.start), span)


def _memory(world: World) -> BurdenMemory:
    return world.recall(BURDEN, BURDEN, BurdenMemory) or BurdenMemory()


def _remember(world: World, memory: BurdenMemory) -> None:
    world.remember(BURDEN, BURDEN, memory)


DUE = {
    f"mem:{BURDEN}": lambda world, memory: memory.due,
    f"mem:{SPAN}": lambda world, span: float(span.start + SPAN_S + DAY_S),
}
TIMERS = {f"mem:{BURDEN}": refresh, f"mem:{SPAN}": span_over}
MEMORY = {BURDEN: BurdenMemory, SPAN: SpanMemory}
