"""The last 24 hours of each gauge: of each quarter of an hour the last reading, at its own time.

A gauge's own history holds its last readings, which at one a minute is less than an hour.
"""

from __future__ import annotations

from wallboard.engine.series.shown import Points, Shown
from wallboard.engine.tally import SLOT_S
from wallboard.engine.world import World
from wallboard.entities import Gauge, Series

SPAN_S = 86_400.0


def shown(world: World) -> dict[str, Shown]:
    """A series for each gauge that was read in the last 24 hours."""
    found: dict[str, Shown] = {}
    for gauge in world.all(Gauge):
        id = f"gauge:{gauge.id}"
        before = world.get(Series, id)
        points = merged(() if before is None else before.points, gauge.history, world.now)
        if points:
            found[id] = Shown(gauge.scope, gauge.name, gauge.unit, 0, points)
    return found


def merged(points: Points, history: Points, now: float) -> Points:
    """The points of the last 24 hours with newer readings: of a quarter the last one counts."""
    last: dict[int, tuple[float, float]] = {}
    for at, value in (*points, *history):
        slot = int(at // SLOT_S)
        if at > now - SPAN_S and (slot not in last or at >= last[slot][0]):
            last[slot] = (at, value)
    return tuple(last[slot] for slot in sorted(last))
