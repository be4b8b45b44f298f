"""How many reports came and were closed within the last hour, and how many usually do: a metric."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from wallboard.engine.incidents.ended import TOMBSTONE
from wallboard.engine.world import World
from wallboard.entities import Incident, Metric, Series
from wallboard.scope import CITY

HOUR_S, MINUTE_S = 3600.0, 60.0

ID = "reports.last_hour"

#: What is usual at each hour of today, where that is known: points (beginning of the hour, reports).
_USUAL = "reports.usual.hour"

_INDEX = "last_hour.minute"


def settle(world: World) -> None:
    """Count anew once a minute: what was an hour ago goes out by itself."""
    minute = int(world.now // MINUTE_S)
    if world.now <= 0 or world.index.get(_INDEX) == minute:
        return
    world.index[_INDEX] = minute
    since = world.now - HOUR_S
    received = closed = 0
    for opened_at, closed_at in _times(world):
        received += opened_at is not None and since < opened_at <= world.now
        closed += closed_at is not None and since < closed_at <= world.now
    figures = {"closed": float(closed)}
    if (usual := _usual(world, since)) is not None:
        figures["usual"] = usual
    before = world.get(Metric, ID)
    at = world.now if before is None else before.at
    after = Metric(id=ID, scope=CITY, at=at, value=float(received), figures=figures)
    if after != before:
        world.put(msgspec.structs.replace(after, at=world.now))


def _times(world: World) -> Iterator[tuple[float | None, float | None]]:
    """(opened, closed) of each incident, also of those that have left the state; duplicates count once."""
    for incident in world.all(Incident):
        if incident.ours.status != "duplicate" or incident.over_at is None:
            closed = incident.over_at
            if incident.source.status == "closed" and incident.ours.ended_at is None:
                closed = incident.source.closed_at
            yield incident.source.opened_at, closed
    for ended in world.memories(TOMBSTONE).values():
        yield ended.opened_at, ended.closed_at


def _usual(world: World, since: float) -> float | None:
    """What usually comes between `since` and now; None where an hour of it is not known."""
    series = world.get(Series, _USUAL)
    if series is None:
        return None
    usual = covered = 0.0
    for begins, value in series.points:
        part = (min(world.now, begins + HOUR_S) - max(since, begins)) / HOUR_S
        if part > 0:
            usual += part * value
            covered += part
    # In the first hour of a day its own usual pace stands for the end of the day before.
    return round(usual / covered, 2) if covered > 0 else None
