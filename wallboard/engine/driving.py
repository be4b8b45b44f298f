"""A wall that somebody sends to a layout or to one thing on the map, for a time, and back.

As state, like all that people do: every screen of the wall follows, also one that connects later.
"""

from __future__ import annotations

import msgspec

from wallboard.access import Person, may_see, viewer_of
from wallboard.engine.commands import BadArgs, Does, Outcome, number_arg, text_arg
from wallboard.engine.world import World
from wallboard.entities import Sent, Wall
from wallboard.events import Command
from wallboard.scope import PUBLIC
from wallboard.walls import MAX_WALLS, SCREEN, layouts_of, walls_of

#: Nobody looks at one thing longer; a wall that was forgotten goes back by itself (s).
LONGEST_S = 12 * 3600.0
SHORTEST_S = 10.0

#: What the map can go to.
_SUBJECTS = ("district", "incident", "camera", "hazard", "gauge")

#: Longest id of a thing.
_MAX_ID = 256


def drive(world: World, command: Command, person: Person) -> Outcome:
    """wall.drive {wall, layout?, subject?, for_s}; a subject is "kind:id". Without both it goes back."""
    name = text_arg(command, "wall", _MAX_ID)
    of, slash, screen = name.partition("/")
    if of not in walls_of(world.city) or (slash and not SCREEN.fullmatch(screen)):
        raise BadArgs(f"wall: one of {', '.join(sorted(walls_of(world.city)))}")
    layout = text_arg(command, "layout", _MAX_ID, needed=False)
    if layout and layout not in layouts_of(world.city):
        raise BadArgs(f"layout: one of {', '.join(sorted(layouts_of(world.city)))}")
    subject = text_arg(command, "subject", _MAX_ID, needed=False)
    kind, _, id = subject.partition(":")
    if subject:
        entity = world.of_kind(kind).get(id) if kind in _SUBJECTS else None
        # What somebody may not see does not exist for them, on a wall neither.
        if entity is None or not may_see(viewer_of(person), kind, entity.scope):
            raise BadArgs(f'subject: "kind:id" of a thing; kinds are {", ".join(_SUBJECTS)}')
    old = world.get(Wall, name)
    if old is None and not room(world):
        raise BadArgs(f"wall: {MAX_WALLS} are shown already")
    sent = None
    if layout or subject:
        until = world.now + number_arg(command, "for_s", SHORTEST_S, LONGEST_S)
        sent = Sent(layout=layout, subject=subject, until=until, by=person.id, role=person.role, at=world.now)
    # A wall without a screen is told of, too: one may be switched on.
    wall = old or Wall(id=name, scope=PUBLIC, at=world.now, name=name, state="gone", since=world.now)
    world.put(msgspec.structs.replace(wall, sent=sent))
    return Outcome(id=name, before=_told(old.sent if old else None), after=_told(sent))


def room(world: World) -> bool:
    """Make room for one wall more, in the place of the one that has been gone for longest."""
    if len(world.of_kind("wall")) < MAX_WALLS:
        return True
    gone = [wall for wall in world.all(Wall) if wall.state == "gone"]
    if gone:
        world.remove(Wall, min(gone, key=lambda wall: (wall.sent is not None, wall.since, wall.id)).id)
    return bool(gone)


def back(world: World, id: str) -> None:
    """Its time is over."""
    wall = world.get(Wall, id)
    if wall is not None and wall.sent is not None and wall.sent.until <= world.now:
        world.put(msgspec.structs.replace(wall, sent=None))


def _told(sent: Sent | None) -> dict[str, object]:
    return {} if sent is None else msgspec.to_builtins(sent)


COMMANDS = {"wall.drive": Does(drive)}
