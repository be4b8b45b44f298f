"""The life of an incident as a table: who may bring it from where to where, and what they have to say.

    received → verified → assigned → accepted → in_progress → resolved → closed
    side exits: duplicate, rejected, prank, referred; returned and reopened lead back

Engine, API and pages read this one table; docs/followup.md prints it. The names of the steps are what a
command asks for; two of them, `returned` and `reopened`, are no statuses: they lead to where it was before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from wallboard.access import Role
from wallboard.entities import ENDED_STATUSES, IncidentOurs, IncidentStatus

STATUSES: tuple[IncidentStatus, ...] = get_args(IncidentStatus)

#: In these somebody is expected to do something.
OPEN_STATUSES: tuple[IncidentStatus, ...] = tuple(s for s in STATUSES if s not in ENDED_STATUSES)


@dataclass(frozen=True)
class Transition:
    """One step: `to` is what is asked for, `was` the statuses that it starts from."""

    to: str
    was: frozenset[IncidentStatus]
    roles: frozenset[Role]
    #: arguments that must be given: how (it was checked), why, agency, line, of (incident)
    needs: tuple[str, ...] = ()
    #: the command that takes it
    action: str = "incident.status"


def _from(*statuses: IncidentStatus) -> frozenset[IncidentStatus]:
    return frozenset(statuses)


_CENTRE: frozenset[Role] = frozenset({"operator", "supervisor"})
_AGENCY: frozenset[Role] = frozenset({"agency", "supervisor"})
_SUPERVISOR: frozenset[Role] = frozenset({"supervisor"})

_WAITING = _from("received", "verified", "assigned")
#: An agency works on it.
WORK = _from("accepted", "in_progress")

_ENDED: frozenset[IncidentStatus] = frozenset(STATUSES) - frozenset(OPEN_STATUSES)

#: What is not here is refused.
TRANSITIONS: tuple[Transition, ...] = (
    Transition("verified", _from("received"), _CENTRE, ("how",)),
    Transition("assigned", _WAITING | WORK, _SUPERVISOR, ("agency",), "incident.assign"),
    Transition("accepted", _WAITING, _AGENCY),
    # Who starts has accepted: an agency on the road presses one button, not two.
    Transition("in_progress", _WAITING | _from("accepted"), _AGENCY),
    Transition("resolved", WORK, _AGENCY),
    Transition("returned", _WAITING | WORK, _AGENCY, ("why",)),
    Transition("closed", _from("resolved"), _CENTRE),
    Transition("closed", _WAITING | WORK, _CENTRE, ("why",)),
    Transition("rejected", _WAITING | WORK, _CENTRE, ("why",)),
    Transition("prank", _WAITING | WORK, _CENTRE),
    Transition("duplicate", _WAITING | WORK, _CENTRE, ("of",)),
    Transition("referred", _WAITING | WORK, _SUPERVISOR, ("line", "why"), "incident.refer"),
    Transition("reopened", _from("resolved") | _ENDED, _CENTRE, ("why",)),
)

#: All steps that can be asked for, in the order of a life.
STEPS: tuple[str, ...] = tuple(dict.fromkeys(transition.to for transition in TRANSITIONS))


def transition(was: str, to: str) -> Transition | None:
    """The step from `was` to `to`; None where there is none."""
    return next((one for one in TRANSITIONS if one.to == to and was in one.was), None)


def steps_of(role: Role, was: str) -> tuple[Transition, ...]:
    """What this role may do with an incident of this status."""
    return tuple(one for one in TRANSITIONS if was in one.was and role in one.roles)


def waiting_status(ours: IncidentOurs) -> IncidentStatus:
    """Where an incident stands that nobody works on: after a return."""
    if ours.agency:
        return "assigned"
    return "received" if ours.verified_at is None else "verified"


def reopened_status(ours: IncidentOurs) -> IncidentStatus:
    """Where an ended incident goes on: with the agency that had accepted it, else where it waited."""
    return waiting_status(ours) if ours.accepted_at is None else "accepted"
