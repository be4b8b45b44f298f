"""When an incident is over for good, and leaves the state."""

from __future__ import annotations

from wallboard.engine.world import World
from wallboard.entities import ENDED_STATUSES, Incident

#: What its source has closed, and people here had begun and never ended, waits this long for them (s).
LEFT_OPEN_S = 7 * 86_400.0


def leaves_at(world: World, incident: Incident) -> float | None:
    """When it leaves the state (s since 1970); None while its source has it open."""
    source, ours = incident.source, incident.ours
    if source.status == "open":
        return None
    ended = incident.at if source.closed_at is None else source.closed_at
    if ours.steps and ours.status not in ENDED_STATUSES:
        return ended + LEFT_OPEN_S
    if ours.steps and ours.ended_at is not None:
        ended = max(ended, ours.ended_at)
    return ended + world.city.retention.incident


def is_over(world: World, incident: Incident) -> bool:
    """Whether it has been over for so long that it is nothing for the wall, or nobody knows how long."""
    leaves = leaves_at(world, incident)
    return leaves is not None and (incident.source.closed_at is None or leaves <= world.now)
