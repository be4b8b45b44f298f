"""An incident comes to another agency while the first works on it: the new one begins anew.

Its source names another, or people here change the category that it has its agency by.

What the first has done stays in the steps and in its stint; else the new one could neither accept nor begin
what is "in progress" already, and nobody would see that it has not come.
"""

from __future__ import annotations

import msgspec

from wallboard.engine.incidents.clocks import paused
from wallboard.engine.incidents.limits import newest_steps
from wallboard.engine.incidents.shape import shaped
from wallboard.engine.world import World
from wallboard.entities import Incident, Step
from wallboard.life import WORK, waiting_status


def handed_over(world: World, incident: Incident, before: Incident | None, by: str = "") -> Incident:
    """The incident, waiting for its agency where that is another than the one that works on it."""
    if before is None or incident.agency == before.agency or incident.ours.status not in WORK:
        return incident
    was, now = incident.ours.status, waiting_status(incident.ours)
    # Of nobody here where its source did it.
    step = Step(at=world.now, by=by, was=was, now=now, to=incident.agency)
    ours = msgspec.structs.replace(
        incident.ours,
        status=now,
        accepted_at=None,
        started_at=None,
        steps=newest_steps((*incident.ours.steps, step)),
    )
    waiting = msgspec.structs.replace(incident, ours=paused(world, incident, ours))
    return shaped(world, waiting, before)
