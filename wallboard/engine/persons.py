"""Who may log in, as the engine knows it: in stream order, so that a right that ended before a command ended.

The nodes keep what proves who somebody is (store/identity.py, people.py); here is only what they may do.
"""

from __future__ import annotations

import msgspec

from wallboard.access import Person
from wallboard.engine.commands import MAX_ID_CHARS, BadArgs, Does, Outcome, text_arg
from wallboard.engine.world import World
from wallboard.entities import PersonShown
from wallboard.events import Command
from wallboard.scope import CITY

_PERSON = "person"


def user_set(world: World, command: Command, by: Person) -> Outcome:
    """Make somebody known, or change what they may: args is a Person."""
    try:
        person = msgspec.convert(command.args, Person)
    except msgspec.ValidationError as fault:
        raise BadArgs(str(fault)) from fault
    before = world.recall(_PERSON, person.id, Person)
    world.remember(_PERSON, person.id, person)
    if before is not None and msgspec.structs.replace(before, name=person.name) != person:
        world.revoke(f"p:{person.id}")
    shown = world.get(PersonShown, person.id)
    world.put(
        msgspec.structs.replace(
            shown or PersonShown(id=person.id, scope=CITY, name=person.name, role=person.role),
            at=world.now,
            name=person.name,
            role=person.role,
            agency=person.agency,
            districts=person.districts or (),
            disabled=person.disabled,
        )
    )
    return Outcome(
        id=person.id,
        before=msgspec.to_builtins(before) if before else {},
        after=msgspec.to_builtins(person),
    )


def user_remove(world: World, command: Command, by: Person) -> Outcome:
    """Forget somebody; what they did stays in the audit trail."""
    id = text_arg(command, "id", MAX_ID_CHARS)
    before = world.recall(_PERSON, id, Person)
    if before is None:
        return Outcome(status="refused", reason="no_such_thing")
    world.forget(_PERSON, id)
    world.revoke(f"p:{id}")
    world.remove(PersonShown, id)
    return Outcome(id=id, before=msgspec.to_builtins(before))


def told(world: World, command: Command, by: Person) -> Outcome:
    """What a node says for the audit trail alone: log-ins, log-outs, failures."""
    shown = world.get(PersonShown, command.person)
    if shown is not None and command.action == "session.login":
        world.put(msgspec.structs.replace(shown, seen_at=world.now))
    return Outcome()


COMMANDS = {
    "user.set": Does(user_set),
    "user.remove": Does(user_remove),
    "user.password": Does(told),
    "session.login": Does(told),
    "session.logout": Does(told),
    "session.password": Does(told),
    "session.failed": Does(told),
}
MEMORY = {_PERSON: Person}
