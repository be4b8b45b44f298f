"""Who is to see to an alert: assigned, handed over, and what people write to each other about it."""

from __future__ import annotations

import msgspec

from wallboard import access
from wallboard.access import Person
from wallboard.engine.alerts.args import MOST_TEXT, alert_of
from wallboard.engine.alerts.transition import by_person, show
from wallboard.engine.commands import BadArgs, Does, Outcome, refused, text_arg
from wallboard.engine.world import World
from wallboard.entities import Alert, Note
from wallboard.events import Command

#: Notes shown with an alert, the newest; the audit trail has all.
MOST_NOTES = 20

#: And what they come to, encoded, so that an alert stays far below what an entity may be (64 KiB): signs
#: beyond ASCII, and those that JSON escapes, take up to 6 bytes each.
MOST_NOTES_BYTES = 24 * 1024

#: Alerts handed over by one command. More are no hand-over but a flood, and the audit line stays readable.
MOST_HANDED = 200

#: A log-in name, in characters.
_MOST_NAME = 64


def note(world: World, command: Command, person: Person) -> Outcome:
    """alert.note {alert, text}"""
    old = alert_of(world, command)
    written = Note(at=world.now, by=person.id, text=text_arg(command, "text", MOST_TEXT))
    notes = (*old.notes, written)[-MOST_NOTES:]
    while len(msgspec.json.encode(notes)) > MOST_NOTES_BYTES:
        notes = notes[1:]
    return by_person(world, old, msgspec.structs.replace(old, notes=notes))


def assign(world: World, command: Command, person: Person) -> Outcome:
    """alert.assign {alert, to}: to somebody who can note or acknowledge it; "" takes it from everybody."""
    old = alert_of(world, command)
    to = text_arg(command, "to", _MOST_NAME, needed=False)
    if old.state == "normal":
        return refused("ended", version=old.version)
    if to:
        other = _known(world, to, "alert.note")
        if not _sees(other, old):
            raise BadArgs(f"to: {to} may not see this alert")
    return by_person(world, old, _given(world, old, to, person))


def handover(world: World, command: Command, person: Person) -> Outcome:
    """alert.handover {to, alerts?}: all that I have, or those listed, to another supervisor.

    Somebody has what is assigned to them, and what they acknowledged while it is assigned to nobody else.
    """
    to = text_arg(command, "to", _MOST_NAME)
    other = _known(world, to, "alert.ack")
    if to == person.id:
        raise BadArgs("to: somebody else")
    mine = [alert for alert in world.all(Alert) if alert.state != "normal" and _has(person, alert)]
    listed = command.args.get("alerts")
    if listed is not None:
        if not isinstance(listed, list) or not all(isinstance(id, str) for id in listed):
            raise BadArgs("alerts: a list of ids")
        known = {alert.id: alert for alert in mine}
        if any(id not in known for id in listed):
            return refused("not_yours")
        mine = [known[id] for id in dict.fromkeys(listed)]
    if len(mine) > MOST_HANDED:
        raise BadArgs(f"alerts: at most {MOST_HANDED} at once")
    unseen = [alert.id for alert in mine if not _sees(other, alert)]
    if unseen:
        raise BadArgs(f"to: {to} may not see {unseen[0]}")
    if not mine:
        return refused("nothing_to_hand_over")
    for alert in mine:
        show(world, alert, _given(world, alert, to, person))
    before = {alert.id: alert.assigned for alert in mine}
    return Outcome(before={"assigned": before}, after={"assigned": dict.fromkeys(before, to)})


def _has(person: Person, alert: Alert) -> bool:
    return alert.assigned == person.id or (not alert.assigned and alert.acked_by == person.id)


def _given(world: World, alert: Alert, to: str, by: Person) -> Alert:
    if not to:
        return msgspec.structs.replace(alert, assigned="", assigned_at=None, assigned_by="")
    return msgspec.structs.replace(alert, assigned=to, assigned_at=world.now, assigned_by=by.id)


def _known(world: World, id: str, action: str) -> Person:
    person = world.recall("person", id, Person)
    if person is None or not access.may_do(person, action):
        raise BadArgs(f"to: {id} is nobody who may do this")
    return person


def _sees(person: Person, alert: Alert) -> bool:
    return access.may_see(access.viewer_of(person), "alert", alert.scope)


COMMANDS = {
    "alert.note": Does(note, "alert", "alert"),
    "alert.assign": Does(assign, "alert", "alert"),
    "alert.handover": Does(handover),
}
