"""Duplicates: linked to the one incident that counts."""

from __future__ import annotations

import msgspec

from wallboard.engine.incidents import shelf
from wallboard.engine.incidents.shape import shaped
from wallboard.engine.world import World
from wallboard.entities import Incident

#: original → its duplicates in the state
_INDEX = "incidents.duplicates"


def original_of(world: World, id: str) -> Incident | None:
    """The incident that a duplicate of `id` is to be linked to: never a duplicate itself."""
    incident = world.get(Incident, id)
    if incident is not None and incident.ours.duplicate_of:
        return world.get(Incident, incident.ours.duplicate_of)
    return incident


def linked(world: World, duplicate: str, original: str) -> None:
    """Count it at its original, and what was linked to it as well."""
    _of(world, original)[duplicate] = None
    _add(world, original, 1)
    for other in list(_of(world, duplicate)):
        _relink(world, other, original)


def unlinked(world: World, duplicate: str, original: str) -> None:
    """It counts by itself again."""
    _of(world, original).pop(duplicate, None)
    _add(world, original, -1)


def left(world: World, incident: Incident) -> None:
    """It leaves the state; its original goes on counting that it had it."""
    if incident.ours.duplicate_of:
        _of(world, incident.ours.duplicate_of).pop(incident.id, None)


def load(world: World) -> None:
    """Find the duplicates of each incident."""
    world.index.pop(_INDEX, None)
    for incident in world.all(Incident):
        if incident.ours.duplicate_of:
            _of(world, incident.ours.duplicate_of)[incident.id] = None


def _relink(world: World, duplicate: str, original: str) -> None:
    incident = world.get(Incident, duplicate)
    former = incident.ours.duplicate_of if incident is not None else ""
    _of(world, former).pop(duplicate, None)
    if incident is None:
        return
    _add(world, former, -1)
    ours = msgspec.structs.replace(incident.ours, duplicate_of=original)
    shelf.put(world, shaped(world, msgspec.structs.replace(incident, ours=ours), incident))
    _of(world, original)[duplicate] = None
    _add(world, original, 1)


def _add(world: World, id: str, number: int) -> None:
    incident = world.get(Incident, id)
    if incident is not None:
        ours = msgspec.structs.replace(incident.ours, duplicates=max(0, incident.ours.duplicates + number))
        shelf.put(world, shaped(world, msgspec.structs.replace(incident, ours=ours), incident))


def _of(world: World, original: str) -> dict[str, None]:
    index: dict[str, dict[str, None]] = world.index.setdefault(_INDEX, {})
    return index.setdefault(original, {})
