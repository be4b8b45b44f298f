"""Its source gives an incident to another agency while the first works on it: the new one begins anew.

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


def handed_over(world: World, incident: Incident, before: Incident | None) -> Incident:
    """The incident, waiting for its agency where that is another than the one that works on it."""
    if before is None or incident.agency == before.agency or incident.ours.status not in WORK:
        return incident
    was, now = incident.ours.status, waiting_status(incident.ours)
    # No person took this step: its source did.
    step = Step(at=world.now, by="", was=was, now=now, to=incident.agency)
    ours = msgspec.structs.replace(
        incident.ours, status=now, steps=newest_steps((*incident.ours.steps, step))
    )
    waiting = msgspec.structs.replace(incident, ours=paused(world, incident, ours))
    return shaped(world, waiting, before)
