"""The city's status, as its leaders declare it: one of the levels of [[status]]."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from wallboard.access import Person
from wallboard.city import StatusConfig
from wallboard.engine.commands import BadArgs, Does, Outcome, refused, text_arg
from wallboard.engine.world import World
from wallboard.entities import City, CityLevel
from wallboard.events import Command
from wallboard.status import levels_of

#: Why, in one line of the wall.
MOST_TEXT = 200

_ID = "city"


def city_status(world: World, command: Command, person: Person) -> Outcome:
    """city.status {status, text}: for everybody to see, with who declared it and why."""
    levels = {level.code: level for level in levels_of(world.city)}
    code = command.args.get("status")
    if not isinstance(code, str) or code not in levels:
        raise BadArgs(f"status: one of {', '.join(levels)}")
    text = text_arg(command, "text", MOST_TEXT, needed=False)
    city = world.get(City, _ID)
    if city is None:
        return refused("try_again")
    before = {"status": city.status, "text": city.status_text}
    world.put(
        msgspec.structs.replace(
            city,
            status=code,
            level=_level(levels[code]),
            status_text=text,
            status_by=person.id,
            status_name=person.name,
            status_at=world.now,
        )
    )
    return Outcome(before=before, after={"status": code, "text": text})


def load(world: World) -> None:
    """Show the level in the words of today's configuration.

    One that was declared and is not in it any more goes on as it was: an emergency does not end because
    somebody edits a file.
    """
    city = world.get(City, _ID)
    if city is None:
        return
    levels = {level.code: level for level in levels_of(world.city)}
    if city.status_at is not None and city.level is None and city.status not in levels:
        # Declared before there were levels.
        found = _before_levels(city.status, levels_of(world.city))
        world.put(msgspec.structs.replace(city, status=found.code, level=_level(found)))
    elif city.status_at is not None and city.status in levels:
        world.put(msgspec.structs.replace(city, level=_level(levels[city.status])))
    elif city.status_at is None:
        calm = next(iter(levels.values()))
        world.put(msgspec.structs.replace(city, status=calm.code, level=_level(calm)))


def settle(world: World) -> None:
    """A city that has just been made known has the calmest level."""
    city = world.get(City, _ID)
    if city is not None and city.level is None:
        load(world)


def _before_levels(status: str, levels: Sequence[StatusConfig]) -> StatusConfig:
    """The level of what a city's status could be before: normal (not written), watch or emergency."""
    if status == "emergency":
        return next((level for level in levels if level.emergency), levels[-1])
    return levels[1] if status == "watch" and len(levels) > 1 else levels[0]


def _level(config: StatusConfig) -> CityLevel:
    return CityLevel(
        name=config.name,
        severity=config.severity,
        commander=config.commander,
        meaning=config.meaning,
        instruction=config.instruction,
        emergency=config.emergency,
    )


COMMANDS = {"city.status": Does(city_status)}
