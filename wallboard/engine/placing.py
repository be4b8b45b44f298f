"""Where a thing lies: by its coordinates, else by the names in its address."""

from __future__ import annotations

from typing import Any

import msgspec

from wallboard.engine.world import World
from wallboard.events import Event
from wallboard.place import Place

#: Addresses are looked up once, not at each poll of the same list; a city's lists name fewer than these.
MAX_KNOWN = 20_000

_INDEX = "placing.known"


def place_of(world: World, event: Event, address: str) -> Place:
    """The place assigned to the event's coordinates; by the names in `address` where it has none."""
    place = world.places.get(id(event)) or Place()
    if place.confidence != "no_location" or not address:
        return place
    named = _by_name(world, address)
    if named.confidence == "no_location" and not named.candidates:
        return place
    # What was wrong with the coordinates stays visible.
    return msgspec.structs.replace(named, flags=tuple(dict.fromkeys((*place.flags, *named.flags))))


def _by_name(world: World, address: str) -> Place:
    known: dict[str, Any] = world.index.setdefault(_INDEX, {})
    place = known.get(address)
    if place is None:
        if len(known) >= MAX_KNOWN:
            known.clear()
        place = known[address] = world.gazetteer.place(address, world.geofence)
    return place
