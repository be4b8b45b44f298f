"""How many cameras and open incidents lie inside each warning in force over the city.

Kept up change by change: a batch that touches k cameras and incidents while h warnings with an area hold
over the city costs h vectorised tests of k points; a new warning tests all points once. Without such a
warning nothing is tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
import shapely
from shapely.geometry.base import BaseGeometry

from wallboard.engine.hazards.area import shape_of
from wallboard.engine.world import World
from wallboard.entities import Camera, Hazard, Incident

Counted = Literal["camera", "incident"]
_KINDS: tuple[Counted, ...] = ("camera", "incident")
_INDEX = "hazards.inside"

Point = tuple[float, float]


@dataclass
class Zone:
    """A warning's shape and what lies in it."""

    geometry: dict[str, Any]
    shape: BaseGeometry
    inside: dict[Counted, set[str]] = field(default_factory=dict)


def load(world: World) -> None:
    """Rebuild the zones from the state; the counts in the entities stay as they are."""
    world.index[_INDEX] = {}
    for hazard in world.all(Hazard):
        _update_zone(world, hazard.id)


def settle(world: World) -> None:
    """Bring the counts of all warnings up to what the batch changed."""
    fresh = [id for id in world.touched("hazard") if _update_zone(world, id)]
    zones = _zones(world)
    moved = False
    if zones:
        for kind in _KINDS:
            moved |= _move(world, kind, world.touched(kind))
    for id in zones if moved else fresh:
        _count(world, id, zones[id])


def _zones(world: World) -> dict[str, Zone]:
    zones: dict[str, Zone] = world.index.setdefault(_INDEX, {})
    return zones


def _update_zone(world: World, id: str) -> bool:
    """Whether the warning has a zone that is new or has another shape."""
    hazard, zones = world.get(Hazard, id), _zones(world)
    if hazard is None or hazard.geometry is None or hazard.state == "ended" or hazard.where != "city":
        zones.pop(id, None)
        return False
    zone = zones.get(id)
    if zone is not None and zone.geometry == hazard.geometry:
        return False
    shape = shape_of(hazard.geometry)
    shapely.prepare(shape)
    zone = zones[id] = Zone(hazard.geometry, shape)
    for kind in _KINDS:
        zone.inside[kind] = _within(shape, _points(world, kind, world.of_kind(kind)))
    return True


def _move(world: World, kind: Counted, ids: Sequence[str]) -> bool:
    """Test anew what the batch touched; whether there was anything."""
    if not ids:
        return False
    points = _points(world, kind, ids)
    for zone in _zones(world).values():
        zone.inside[kind].difference_update(ids)
        zone.inside[kind].update(_within(zone.shape, points))
    return True


def _points(world: World, kind: Counted, ids: Iterable[str]) -> dict[str, Point]:
    entities = world.of_kind(kind)
    return {id: point for id in ids if (point := _point(entities.get(id))) is not None}


def _within(shape: BaseGeometry, points: dict[str, Point]) -> set[str]:
    if not points:
        return set()
    lons, lats = zip(*points.values(), strict=True)
    found = shapely.intersects_xy(shape, lons, lats)
    return {id for id, inside in zip(points, found.tolist(), strict=True) if inside}


def _count(world: World, id: str, zone: Zone) -> None:
    hazard = world.get(Hazard, id)
    if hazard is not None:
        cameras, incidents = len(zone.inside["camera"]), len(zone.inside["incident"])
        world.put(msgspec.structs.replace(hazard, cameras=cameras, incidents=incidents))


def _point(entity: Any) -> Point | None:
    """Where a camera or an open incident is; None where it has no point, is closed or gone from its list."""
    if isinstance(entity, Incident) and entity.over_at is not None:
        return None
    if isinstance(entity, Camera) and "gone" in entity.flags:
        return None
    if not isinstance(entity, Incident | Camera) or entity.place.lon is None or entity.place.lat is None:
        return None
    return entity.place.lon, entity.place.lat
