"""The share of its work that each agency did in time, day by day.

A day is what the agency's own figures said when it was over; what is decided later about it is not.
"""

from __future__ import annotations

from wallboard.engine import tally
from wallboard.engine.series.shown import Shown
from wallboard.engine.tally import KEPT_DAYS
from wallboard.engine.world import World
from wallboard.entities import Agency

_PREFIX = "agency|"


def look(world: World) -> None:
    """Write down each agency's day as far as it is; its figures say themselves which day they are of."""
    for agency in world.all(Agency):
        today = agency.spans.get("today")
        if today is not None and today.since > 0 and today.kept + today.late:
            tally.put(world, _PREFIX + agency.id, today.since, (today.kept, today.late))


def shown(world: World) -> dict[str, Shown]:
    """A series for each agency that has any."""
    look(world)
    days = tally.days_before(world, tally.day_at(world, world.now), KEPT_DAYS)
    found: dict[str, Shown] = {}
    for agency in world.all(Agency):
        points = tuple(
            (day.since, round(numbers[0] / (numbers[0] + numbers[1]), 4))
            for day in days
            if (numbers := tally.last_of(world, _PREFIX + agency.id, day)) is not None
        )
        if points:
            scope = ("city", f"a:{agency.id}")
            found[f"agency.in_time.day:{agency.id}"] = Shown(scope, agency.name, "share", 0, points)
    return found
