"""What is kept of an agency's work when the incident has left the state, or gone to another agency.

Each is a stint (wallboard/stints.py) in the engine's memory for 31 days, so that the figures of 30 days hold.
"""

from __future__ import annotations

import msgspec

from wallboard.engine.world import World
from wallboard.entities import Incident
from wallboard.stints import STINT, Stint, stint_of

#: Longer than the longest span: 30 days of the calendar and the rest of today (s).
KEPT_S = 31 * 86_400.0

#: 3,000 incidents a day for 31 days, some 300 bytes each; beyond this the oldest go first.
MAX_KEPT = 100_000

#: Stints kept, of each incident in order of time; and those changed since agencies.py last looked.
_OF_INCIDENT = "stints.of_incident"
_ORDER = "stints.order"
_CHANGED = "stints.changed"


def moved(world: World, before: Incident, *, returned: bool) -> None:
    """The agency has it no more."""
    stint = stint_of(before)
    if stint is not None:
        changes = {"returned_at": world.now} if returned else {}
        _keep(world, msgspec.structs.replace(stint, kept_for="moved", **changes))


def left(world: World, incident: Incident) -> None:
    """It leaves the state."""
    stint = stint_of(incident)
    if stint is not None:
        _keep(world, msgspec.structs.replace(stint, kept_for="left"))


def same_again(world: World, after: Incident) -> None:
    """It went away from an agency and came back at the very same moment: that is one stint."""
    stint = stint_of(after)
    if stint is not None and stint.key in world.memories(STINT):
        _forget(world, stint.key)


def came_back(world: World, id: str) -> None:
    """It is in the state again: what was kept when it left is told by the incident itself."""
    for key in list(_of_incident(world).get(id, ())):
        stint = world.recall(STINT, key, Stint)
        if stint is not None and stint.kept_for == "left":
            _forget(world, key)


def had_since(world: World, incident: str, agency: str, opened_at: float) -> float:
    """Since when the agency has what has just come into the state: again, or for the first time."""
    kept = [world.recall(STINT, key, Stint) for key in _of_incident(world).get(incident, ())]
    left = [stint for stint in kept if stint is not None and stint.kept_for == "left"]
    if left and left[-1].agency == agency:
        return left[-1].received_at
    # Another had it when it left: this one gets it now.
    return world.now if kept else opened_at


def changed(world: World) -> dict[str, None]:
    """Keys of the stints kept or forgotten lately, for who counts them; cleared by them."""
    found: dict[str, None] = world.index.setdefault(_CHANGED, {})
    return found


def load(world: World) -> None:
    """Find what is kept of each incident."""
    for index in (_OF_INCIDENT, _ORDER, _CHANGED):
        world.index.pop(index, None)
    kept = world.memories(STINT)
    for key in sorted(kept, key=lambda key: (kept[key].kept_at, key)):
        _enter(world, key, kept[key])


def due(world: World, stint: Stint) -> float:
    """When it is too old for any span."""
    return stint.kept_at + KEPT_S


def forgotten(world: World, key: str) -> None:
    """It is too old for any span."""
    _forget(world, key)


def _keep(world: World, stint: Stint) -> None:
    order = _order(world)
    while len(order) >= MAX_KEPT:
        _forget(world, next(iter(order)))
    # What is over is nobody's open work.
    kept = msgspec.structs.replace(stint, open=False, overdue=False, kept_at=world.now)
    world.remember(STINT, kept.key, kept)
    _enter(world, kept.key, kept)


def _enter(world: World, key: str, stint: Stint) -> None:
    _order(world)[key] = None
    _of_incident(world).setdefault(stint.incident, {})[key] = None
    changed(world)[key] = None


def _forget(world: World, key: str) -> None:
    stint = world.recall(STINT, key, Stint)
    world.forget(STINT, key)
    _order(world).pop(key, None)
    changed(world)[key] = None
    if stint is not None:
        of_incident = _of_incident(world)
        keys = of_incident.get(stint.incident, {})
        keys.pop(key, None)
        if not keys:
            of_incident.pop(stint.incident, None)


def _order(world: World) -> dict[str, None]:
    order: dict[str, None] = world.index.setdefault(_ORDER, {})
    return order


def _of_incident(world: World) -> dict[str, dict[str, None]]:
    found: dict[str, dict[str, None]] = world.index.setdefault(_OF_INCIDENT, {})
    return found


MEMORY: dict[str, type] = {STINT: Stint}
DUE = {f"mem:{STINT}": due}
TIMERS = {f"mem:{STINT}": forgotten}
