"""People of the tests: one of each role, and their commands against a world."""

from __future__ import annotations

from itertools import count
from typing import Any

import msgspec

from wallboard.access import PERSON_ROLES, Person
from wallboard.engine import reduce
from wallboard.engine.world import World
from wallboard.events import Command

#: role → somebody who has it, named like it; "rini" is a second supervisor
PEOPLE: dict[str, Person] = {
    role: Person(id=role, name=role.title(), role=role, agency="DPU" if role == "agency" else "")
    for role in PERSON_ROLES
} | {"rini": Person(id="rini", name="Rini", role="supervisor")}

_numbers = count(1)


def command(person: str, action: str, at: float, command_id: str = "", pos: int = 0, **args: Any) -> Command:
    """A command of a person at a time."""
    return Command(
        feed="",
        source_id=command_id or f"c{next(_numbers)}",
        received_at=at,
        person=person,
        screen="console",
        pos=pos,
        action=action,
        args=args,
    )


def settle_in(world: World) -> None:
    """Make all people known to the world."""
    told = [command("", "user.set", world.now, **msgspec.to_builtins(person)) for person in PEOPLE.values()]
    reduce.apply(world, told, world.now)
    world.draft()


def ask(world: World, person: str, action: str, command_id: str = "", **args: Any) -> dict[str, Any]:
    """Let somebody ask for something now; the answer. The draft stays open."""
    event = command(person, action, world.now, command_id, **args)
    reduce.apply(world, [event], world.now)
    # The draft's own answers, without closing it.
    answer: dict[str, Any] = msgspec.json.decode(world._results[f"{person}:{event.source_id}"])
    return answer
