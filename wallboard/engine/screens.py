"""Paired screens as the city knows them: which there are, what they may show, and which is used twice.

What proves a screen is with the nodes (web/pairing.py); here is what it is bound to, in stream order.
"""

from __future__ import annotations

import msgspec

from wallboard.access import Person
from wallboard.engine.commands import BadArgs, Does, Outcome, refused, text_arg
from wallboard.engine.world import World
from wallboard.entities import District, Screen
from wallboard.events import Command
from wallboard.scope import CITY
from wallboard.walls import SCREEN, walls_of

#: A node repeats each minute that a credential is used twice; after three it is over (s).
DOUBLED_S = 180.0

#: A screen that was revoked stays in the list for this long, so that somebody can see it was (s).
REVOKED_KEPT_S = 7 * 24 * 3600.0

#: A name stands on the console and in alerts.
MAX_NAME = 64

#: A city has at most some hundred districts of one level; a screen for more than these is one for all.
MAX_DISTRICTS = 300

_DOUBLED = "doubled"


class Doubled(msgspec.Struct):
    """When a screen was last seen in two places at once."""

    at: float


def pair(world: World, command: Command, by: Person) -> Outcome:
    """Let a screen show a wall: args id, name, wall, slot (on it; empty: any), districts (empty: all)."""
    id = text_arg(command, "id", 32)
    if world.get(Screen, id) is not None:
        return refused("exists_already")
    wall = text_arg(command, "wall", MAX_NAME)
    walls = walls_of(world.city)
    if wall not in walls:
        raise BadArgs(f"wall: one of {', '.join(walls)}")
    slot = text_arg(command, "slot", MAX_NAME, needed=False)
    if slot and not SCREEN.fullmatch(slot):
        raise BadArgs("slot: 1 to 32 letters, digits, - or _")
    screen = Screen(
        id=id,
        scope=CITY,
        at=world.now,
        name=text_arg(command, "name", MAX_NAME),
        wall=wall,
        slot=slot,
        districts=_districts(world, command, by),
        paired_by=by.id,
        paired_at=world.now,
    )
    world.put(screen)
    return Outcome(id=id, after=_told(screen))


def name(world: World, command: Command, by: Person) -> Outcome:
    """Call a screen something else: args id, name."""
    screen = _of(world, command)
    named = msgspec.structs.replace(screen, name=text_arg(command, "name", MAX_NAME), at=world.now)
    world.put(named)
    return Outcome(id=screen.id, before=_told(screen), after=_told(named))


def revoke(world: World, command: Command, by: Person) -> Outcome:
    """End a screen's right for good, on every node at once: args id."""
    screen = _of(world, command)
    if screen.state == "revoked":
        return refused("revoked_already", at=screen.at)
    ended = msgspec.structs.replace(screen, state="revoked", at=world.now, doubled_at=None)
    world.put(ended)
    world.forget(_DOUBLED, screen.id)
    world.revoke(f"s:{screen.id}")
    return Outcome(id=screen.id, before=_told(screen), after=_told(ended))


def doubled(world: World, command: Command, by: Person) -> Outcome:
    """A node has seen one credential in two places at once: args id."""
    screen = _of(world, command)
    if screen.state == "revoked":
        return refused("revoked_already")
    world.remember(_DOUBLED, screen.id, Doubled(world.now))
    if screen.doubled_at is None:
        world.put(msgspec.structs.replace(screen, doubled_at=world.now))
    return Outcome(id=screen.id)


def _single_again(world: World, id: str) -> None:
    world.forget(_DOUBLED, id)
    screen = world.get(Screen, id)
    if screen is not None:
        world.put(msgspec.structs.replace(screen, doubled_at=None))


def _leaves_at(world: World, screen: Screen) -> float | None:
    return screen.at + REVOKED_KEPT_S if screen.state == "revoked" else None


def _left(world: World, id: str) -> None:
    world.remove(Screen, id)


def _of(world: World, command: Command) -> Screen:
    """The screen of a command; that it exists, and may be seen, was looked at before (commands.py)."""
    screen = world.get(Screen, str(command.args["id"]))
    assert screen is not None
    return screen


def _districts(world: World, command: Command, by: Person) -> tuple[str, ...]:
    """Districts of the arguments; nobody gives a screen more than they may see."""
    told = command.args.get("districts") or []
    if not isinstance(told, list) or len(told) > MAX_DISTRICTS:
        raise BadArgs(f"districts: a list of at most {MAX_DISTRICTS} codes")
    for code in told:
        if not isinstance(code, str) or world.get(District, code) is None:
            raise BadArgs(f"districts: {str(code)[:32]!r} is no code of a district here")
    if by.districts is not None and (not told or not set(told) <= set(by.districts)):
        raise BadArgs("districts: only those that are yours")
    return tuple(sorted(set(told)))


def _told(screen: Screen) -> dict[str, object]:
    """For the audit trail."""
    return {
        "name": screen.name,
        "wall": screen.wall,
        "slot": screen.slot,
        "districts": list(screen.districts),
        "state": screen.state,
    }


COMMANDS = {
    "screen.pair": Does(pair),
    "screen.name": Does(name, "screen", "id"),
    "screen.revoke": Does(revoke, "screen", "id"),
    "screen.doubled": Does(doubled, "screen", "id"),
}
MEMORY = {_DOUBLED: Doubled}
DUE = {f"mem:{_DOUBLED}": lambda world, memory: memory.at + DOUBLED_S, "screen": _leaves_at}
TIMERS = {f"mem:{_DOUBLED}": _single_again, "screen": _left}
