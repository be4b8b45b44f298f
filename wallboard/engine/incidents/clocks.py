"""The clocks of an incident: derived from what happened to it and from the rules of its day.

    verify   from the opening until somebody here has looked at it (verified, or any later step)
    accept   from when its agency has it, but where it has to be verified first from then on, until the agency
             accepts or begins
    resolve  from the opening until it is resolved

A clock also stops when the incident is over, by its source or by people here. It stands still in the statuses
that `stops_in` of its [[sla]] names, and nowhere else.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from wallboard.city import SlaConfig
from wallboard.engine.incidents.rulebook import due_at, passed_s, sla_of
from wallboard.engine.world import World
from wallboard.entities import REOPENED, Clock, Incident, IncidentOurs

ClockName = Literal["verify", "accept", "resolve"]

#: From this share of its time on a clock is at risk.
RISK_SHARE = 0.8

#: Incidents whose time has just passed, for those who count them (city_counts.py, then districts.py).
OVERDUE_NOW = "incidents.overdue_now"

#: Spans of standing still that an incident holds; beyond that the oldest two become one of the same length.
MAX_PAUSES = 20


def rules_of(world: World, incident: Incident) -> SlaConfig | None:
    """The [[sla]] of this incident. An agency that gave it back still says which rules hold."""
    agency = incident.agency or incident.ours.returned_by
    return sla_of(world, incident.source.opened_at, incident.category, agency, incident.channel)


def clocks_of(world: World, incident: Incident) -> tuple[Clock, ...]:
    """All its clocks by the rules of its day."""
    sla = rules_of(world, incident)
    if sla is None:
        return ()
    ours, opened = incident.ours, incident.source.opened_at
    accepted = accepted_at(incident)
    resolved = resolved_at(incident)
    clocks: list[Clock] = []
    looked_at = _first(ours.verified_at, ours.assigned_at, accepted, resolved, incident.over_at)
    if sla.verify:
        clocks.append(_clock(world, sla, incident, "verify", sla.verify, opened, looked_at))
    if sla.accept and incident.agency:
        # Nobody can accept in time what the centre has not passed on.
        started = max(incident.agency_since, looked_at or 0.0) if sla.verify else incident.agency_since
        if looked_at is not None or not sla.verify:
            done = _first(accepted, resolved, incident.over_at)
            clocks.append(_clock(world, sla, incident, "accept", sla.accept, started, done))
    if sla.resolve:
        done = _first(resolved, incident.over_at)
        clocks.append(_clock(world, sla, incident, "resolve", sla.resolve, opened, done))
    return tuple(clocks)


def overdue_of(world: World, incident: Incident) -> tuple[str, ...]:
    """Names of the clocks that run and have run over."""
    if incident.over_at is not None:
        return ()
    return tuple(
        clock.name
        for clock in incident.clocks
        if clock.done_at is None and not clock.paused and clock.due_at <= world.now
    )


def next_due(world: World, incident: Incident) -> float | None:
    """When the next of its clocks runs over."""
    if incident.over_at is not None:
        return None
    running = (clock for clock in incident.clocks if clock.done_at is None and not clock.paused)
    return min((clock.due_at for clock in running if clock.name not in incident.overdue), default=None)


def is_overdue(world: World, incident: Incident) -> bool:
    """Whether a clock of ours has run over; where none was set, whether its source's promise has."""
    if incident.clocks:
        return bool(incident.overdue)
    expected = incident.source.expected_at
    return incident.over_at is None and expected is not None and expected <= world.now


def accepted_at(incident: Incident) -> float | None:
    """When the agency that has it accepted it; what another had accepted before does not count."""
    at = incident.ours.accepted_at
    return at if at is not None and at >= incident.agency_since else None


def resolved_at(incident: Incident) -> float | None:
    """When people here resolved it; a source that opens it again says that they have not."""
    return None if REOPENED in incident.flags else incident.ours.resolved_at


def paused(world: World, incident: Incident, ours: IncidentOurs) -> IncidentOurs:
    """`ours` after its status changed, with the clocks standing still or going on as its [[sla]] says."""
    sla = rules_of(world, incident)
    stops = sla is not None and ours.status in sla.stops_in
    pauses = ours.pauses
    standing = bool(pauses) and pauses[-1][1] is None
    if stops == standing:
        return ours
    pauses = (*pauses, (world.now, None)) if stops else (*pauses[:-1], (pauses[-1][0], world.now))
    if len(pauses) > MAX_PAUSES:
        (begins, ends), (later, end) = pauses[:2]
        length = 0.0 if ends is None else ends - begins
        pauses = ((later - length, end), *pauses[2:])
    return msgspec.structs.replace(ours, pauses=pauses)


def _clock(
    world: World,
    sla: SlaConfig,
    incident: Incident,
    name: ClockName,
    span_s: float,
    start: float,
    done: float | None,
) -> Clock:
    due, standing = _due(world, sla, incident.ours, span_s, start, done)
    risk, _ = _due(world, sla, incident.ours, RISK_SHARE * span_s, start, done)
    return Clock(
        name=name,
        started_at=start,
        due_at=due,
        risk_at=risk,
        done_at=None if done is None else max(done, start),
        paused=done is None and standing,
    )


def _due(
    world: World, sla: SlaConfig, ours: IncidentOurs, span_s: float, start: float, done: float | None
) -> tuple[float, bool]:
    """When `span_s` have run without what the clock stood still, and whether it stands still before that."""
    due = due_at(world, sla, start, span_s)
    stood = 0.0
    for begins, ends in ours.pauses:
        end = done if ends is None else ends
        if begins >= due:
            break  # it had run over by then
        if end is None:
            return due, True
        stood += passed_s(world, sla, max(begins, start), end)
        due = due_at(world, sla, start, span_s + stood)
    return due, False


def _first(*moments: float | None) -> float | None:
    known = [at for at in moments if at is not None]  # a list: this is called for each report
    return min(known) if known else None
