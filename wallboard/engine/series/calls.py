"""Calls offered and answered, and the service level, over time: of each queue and of all together.

A call counts when it joined and when its outcome came, as in the queue's windows (engine/calls/figures.py).
"""

from __future__ import annotations

from wallboard.engine import tally
from wallboard.engine.series.shown import Points, Shown
from wallboard.engine.tally import KEPT_DAYS, SLOT_S, Numbers
from wallboard.engine.world import World
from wallboard.entities import Queue
from wallboard.scope import CITY

PREFIX = "calls|"

#: Queues with series of their own, in order of their names; the sum has all.
MAX_QUEUES = 12

#: Columns of the tally.
_OFFERED, _ANSWERED, _KNOWN, _WITHIN = range(4)


def shown(world: World) -> dict[str, Shown]:
    """All series of calls; with one queue alone the sum says it all."""
    today = tally.day_at(world, world.now)
    lately = tally.days_before(world, today, 2)
    month = tally.days_before(world, today, KEPT_DAYS)
    queues = tally.names(world, PREFIX)
    if not queues:
        return {}
    quarters: dict[str, dict[float, Numbers]] = {
        queue: {
            at: numbers
            for day in lately
            for at, numbers in tally.spans(world, PREFIX + queue, day, SLOT_S, world.now)
            if numbers
        }
        for queue in queues
    }
    days: dict[str, dict[float, Numbers]] = {
        queue: {
            day.since: numbers
            for day in month
            if (numbers := tally.numbers_of(world, PREFIX + queue, day)) is not None
        }
        for queue in queues
    }
    found = _series(_summed(quarters), "", SLOT_S, "", "")
    found |= _series(_summed(days), ".day", 0, "", "")
    for queue in queues[:MAX_QUEUES] if len(queues) > 1 else []:
        entity = world.get(Queue, queue)
        found |= _series(quarters[queue], "", SLOT_S, f":{queue}", entity.name if entity else queue)
    return found


def _series(parts: dict[float, Numbers], mark: str, step_s: float, of: str, name: str) -> dict[str, Shown]:
    """Offered, answered and level; the share of no call is no share."""
    offered: Points = tuple((at, float(numbers[_OFFERED])) for at, numbers in sorted(parts.items()))
    answered: Points = tuple((at, float(numbers[_ANSWERED])) for at, numbers in sorted(parts.items()))
    level: Points = tuple(
        (at, round(numbers[_WITHIN] / numbers[_KNOWN], 4))
        for at, numbers in sorted(parts.items())
        if numbers[_KNOWN] > 0
    )
    return {
        f"calls.offered{mark}{of}": Shown(CITY, name, "calls", step_s, offered),
        f"calls.answered{mark}{of}": Shown(CITY, name, "calls", step_s, answered),
        f"calls.level{mark}{of}": Shown(CITY, name, "share", step_s, level),
    }


def _summed(of_queues: dict[str, dict[float, Numbers]]) -> dict[float, Numbers]:
    sums: dict[float, Numbers] = {}
    for parts in of_queues.values():
        for at, numbers in parts.items():
            before = sums.get(at)
            sums[at] = numbers if before is None else tuple(map(int.__add__, before, numbers))
    return sums
