"""The one way by which an alert changes: shown, indexed, its steps timed, each change in the audit trail."""

from __future__ import annotations

from typing import Any

import msgspec

from wallboard.access import Person
from wallboard.engine.alerts import burden, escalation
from wallboard.engine.alerts.standing import ASIDE, standing
from wallboard.engine.commands import Outcome
from wallboard.engine.world import World
from wallboard.entities import Alert


def by_rule(world: World, old: Alert | None, new: Alert, what: str, **more: Any) -> None:
    """A change that no person made, with its audit line."""
    new = _numbered(old, new)
    line = {"what": what, "rule": new.rule, "alert": new.id, "episode": new.episode, **more}
    if old is not None:
        line["before"] = facts(old)
    world.audit(line | {"after": facts(new)})
    show(world, old, new)


def by_person(world: World, old: Alert, new: Alert) -> Outcome:
    """A change that a person made; the audit line is that of the command."""
    new = _numbered(old, new)
    show(world, old, new)
    return Outcome(version=new.version, before=facts(old), after=facts(new))


def show(world: World, old: Alert | None, new: Alert) -> None:
    """Show the alert as it now is, with the time of its next step."""
    index = standing(world)  # asked for first: made now, it would have the alert as it then is
    new = _named(world, escalation.timed(world, new))
    world.put(new)
    if index.replace(old, new):
        burden.refresh_soon(world)


def _named(world: World, alert: Alert) -> Alert:
    """With what the people who have it are called: a wall does not see the list of people."""
    ids = dict.fromkeys(filter(None, (alert.acked_by, alert.confirmed_by, alert.assigned)))
    people = {id: world.recall("person", id, Person) for id in ids}
    # Of somebody who has left the name that stood there stays.
    names = {id: person.name if person else alert.names.get(id, id) for id, person in people.items()}
    return msgspec.structs.replace(alert, names=names)


def facts(alert: Alert) -> dict[str, Any]:
    """What an audit line says of an alert before and after: enough to replay its states."""
    told: dict[str, Any] = {
        "state": alert.state,
        "episode": alert.episode,
        "version": alert.version,
        "severity": alert.severity,
    }
    if aside := [name for name in ASIDE if getattr(alert, name) is not None]:
        told["aside"] = aside
    if alert.assigned:
        told["assigned"] = alert.assigned
    return told


def _numbered(old: Alert | None, new: Alert) -> Alert:
    """The version rises with episode, severity and state only: a note must not refuse an acknowledgement."""
    if old is None or old.episode != new.episode:
        return new  # next_numbers has given it a version
    if (old.state, old.severity) == (new.state, new.severity):
        return new
    return msgspec.structs.replace(new, version=old.version + 1)
