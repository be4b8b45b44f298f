"""What is counted by the quarter of an hour and kept for a month: the ground of all figures over time.

A name ("reports", "calls|112") has one record in the engine's memory for each day of the city's calendar. All
time zones of today lie whole quarters of an hour beside UTC, so quarters add up to the city's hours and days;
an hour is counted from the day's beginning. Numbers are whole, so what is taken back leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from wallboard.engine.days import day_after, day_of, start_of
from wallboard.engine.world import World

SLOT_S = 900
HOUR_S = 3600

#: Days of the calendar that are kept beside today: a chart of a month, and the usual day.
KEPT_DAYS = 31

#: A day in which the clocks are set back has this many quarters; what says more was not written here.
MOST_SLOTS = 100

#: Kind of memory.
TALLY = "tally"

_PENDING = "tally.pending"

#: Days that are looked up again and again: a month, and those that late reports name.
_DAYS_AT_HAND = 4096

Numbers = tuple[int, ...]


class DayTally(msgspec.Struct, frozen=True, array_like=True):
    """The numbers of one name on one day, by quarter of an hour since its beginning (s since 1970)."""

    since: float
    slots: dict[int, Numbers]


class Day(msgspec.Struct, frozen=True):
    """A day of the city's calendar (s since 1970)."""

    name: str
    since: float
    until: float


@lru_cache(maxsize=_DAYS_AT_HAND)
def _day_of_slot(slot: int, zone: str) -> Day:
    return day_named(day_of(slot * SLOT_S, zone), zone)


@lru_cache(maxsize=_DAYS_AT_HAND)
def day_named(name: str, zone: str) -> Day:
    """The day of this name."""
    return Day(name, start_of(name, zone), start_of(day_after(name), zone))


def day_at(world: World, at: float) -> Day:
    """The city's day in which `at` lies."""
    return _day_of_slot(int(at // SLOT_S), world.city.city.time_zone)


def days_before(world: World, day: Day, number: int) -> list[Day]:
    """So many days up to and with this one, oldest first."""
    return [day_named(day_after(day.name, -n), world.city.city.time_zone) for n in range(number - 1, -1, -1)]


def add(world: World, name: str, slot: int, numbers: Numbers, sign: int) -> None:
    """Count `numbers` in a quarter (of those since 1970), or take them back; `book` writes it down."""
    pending: dict[tuple[str, int], Numbers] = world.index.setdefault(_PENDING, {})
    before = pending.get((name, slot))
    if before is None:
        pending[name, slot] = numbers if sign > 0 else tuple(-n for n in numbers)
    else:
        pending[name, slot] = tuple(b + sign * n for b, n in zip(before, numbers, strict=True))


def book(world: World) -> set[str]:
    """Write down what was added since the last time; names of what has changed."""
    pending: dict[tuple[str, int], Numbers] = world.index.get(_PENDING, {})
    if not pending:
        return set()
    by_day: dict[tuple[str, Day], dict[int, Numbers]] = {}
    for (name, slot), numbers in pending.items():
        day = _day_of_slot(slot, world.city.city.time_zone)
        if any(numbers) and kept_to(world, day) > world.now:
            by_day.setdefault((name, day), {})[slot - int(day.since // SLOT_S)] = numbers
    pending.clear()
    for (name, day), added in by_day.items():
        slots = dict(_slots(world, name, day))
        for slot, numbers in added.items():
            before = slots.get(slot)
            total = numbers if before is None else tuple(map(int.__add__, before, numbers))
            if any(total):
                slots[slot] = total
            else:
                slots.pop(slot, None)
        _keep(world, name, day, slots)
    return {name for name, _ in by_day}


def put(world: World, name: str, at: float, numbers: Numbers) -> None:
    """Write down what a quarter's numbers are, whatever they were."""
    day = day_at(world, at)
    slots = _slots(world, name, day)
    slot = int((at - day.since) // SLOT_S)
    if slots.get(slot) != numbers and kept_to(world, day) > world.now:
        _keep(world, name, day, {**slots, slot: numbers})


def numbers_of(world: World, name: str, day: Day) -> Numbers | None:
    """The sums of a day; None where nothing was counted."""
    return _sum(_slots(world, name, day).values())


def last_of(world: World, name: str, day: Day) -> Numbers | None:
    """The numbers of the last quarter of a day that has any."""
    slots = _slots(world, name, day)
    return slots[max(slots)] if slots else None


def spans(
    world: World, name: str, day: Day, span_s: int, until: float
) -> Iterator[tuple[float, Numbers | None]]:
    """(beginning, sums or None) of a day's spans, each of whole quarters, begun before `until`."""
    slots, width = _slots(world, name, day), span_s // SLOT_S
    for first in range(min(MOST_SLOTS, int((day.until - day.since) // SLOT_S)))[::width]:
        begins = day.since + first * SLOT_S
        if begins >= until:
            return
        yield begins, _sum(slots[slot] for slot in range(first, first + width) if slot in slots)


def names(world: World, prefix: str) -> list[str]:
    """What is behind this prefix in the names that have anything, in order."""
    found = {id.rpartition("|")[0] for id in world.memories(TALLY) if id.startswith(prefix)}
    return sorted(name.removeprefix(prefix) for name in found)


def kept_to(world: World, day: Day) -> float:
    """Until when a day is kept."""
    return day_named(day_after(day.name, KEPT_DAYS + 1), world.city.city.time_zone).since


def due(world: World, tally: DayTally) -> float:
    """When a day is too old for any figure."""
    return kept_to(world, day_at(world, tally.since))


def forgotten(world: World, id: str) -> None:
    """A day is too old for any figure."""
    world.forget(TALLY, id)


def _slots(world: World, name: str, day: Day) -> dict[int, Numbers]:
    tally = world.recall(TALLY, f"{name}|{day.name}", DayTally)
    return {} if tally is None else tally.slots


def _keep(world: World, name: str, day: Day, slots: dict[int, Numbers]) -> None:
    id = f"{name}|{day.name}"
    if slots:
        world.remember(TALLY, id, DayTally(day.since, slots))
    else:
        world.forget(TALLY, id)


def _sum(parts: Iterable[Numbers]) -> Numbers | None:
    total: Numbers | None = None
    for part in parts:
        total = part if total is None else tuple(map(int.__add__, total, part))
    return total


MEMORY: dict[str, type] = {TALLY: DayTally}
DUE = {f"mem:{TALLY}": due}
TIMERS = {f"mem:{TALLY}": forgotten}
