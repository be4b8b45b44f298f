"""The city's status, as its leaders set it: normal, watch, emergency."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from wallboard.access import Person
from wallboard.engine.commands import BadArgs, Does, Outcome, refused, text_arg
from wallboard.engine.world import World
from wallboard.entities import City
from wallboard.events import Command

Status = Literal["normal", "watch", "emergency"]

#: Why, in one line of the wall.
MOST_TEXT = 200


def city_status(world: World, command: Command, person: Person) -> Outcome:
    """city.status {status, text}: for everybody to see, with who set it and why."""
    status = command.args.get("status")
    if status not in get_args(Status):
        raise BadArgs(f"status: one of {', '.join(get_args(Status))}")
    text = text_arg(command, "text", MOST_TEXT, needed=False)
    city = world.get(City, "city")
    if city is None:
        return refused("try_again")
    before = {"status": city.status, "text": city.status_text}
    world.put(
        msgspec.structs.replace(
            city, status=status, status_text=text, status_by=person.id, status_at=world.now
        )
    )
    return Outcome(before=before, after={"status": status, "text": text})


COMMANDS = {"city.status": Does(city_status)}
