"""How many cameras and open incidents lie inside each warning in force over the city.

Kept up change by change: a batch that touches k cameras and incidents while h warnings with an area hold
over the city costs h vectorised tests of k points; a new warning tests all points once. Without such a
warning nothing is tested.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
import shapely
from shapely.geometry.base import BaseGeometry

from wallboard.engine.hazard_area import shape_of
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
    inside: dict[Counted, set[str]] = field(default_factory=lambda: {"camera": set(), "incident": set()})


@dataclass
class Inside:
    """Points of all that is counted, and the zones in which it is."""

    points: dict[Counted, dict[str, Point]] = field(default_factory=lambda: {"camera": {}, "incident": {}})
    zones: dict[str, Zone] = field(default_factory=dict)


def load(world: World) -> None:
    """Rebuild points and zones from the state; the counts in the entities stay as they are."""
    index = world.index[_INDEX] = Inside()
    for kind in _KINDS:
        for id, entity in world.of_kind(kind).items():
            if (point := _point(entity)) is not None:
                index.points[kind][id] = point
    for hazard in world.all(Hazard):
        _update_zone(index, hazard.id, hazard)


def settle(world: World) -> None:
    """Bring the counts of all warnings up to what the batch changed."""
    index: Inside = world.index.setdefault(_INDEX, Inside())
    moved: dict[Counted, dict[str, Point | None]] = {"camera": {}, "incident": {}}
    fresh: list[str] = []
    for kind, id in world.touched():
        if kind == "hazard" and _update_zone(index, id, world.get(Hazard, id)):
            fresh.append(id)
        for counted in _KINDS:
            if kind == counted:
                point = _point(world.of_kind(kind).get(id))
                if point != index.points[counted].get(id):
                    moved[counted][id] = point
    for kind, points in moved.items():
        for id, point in points.items():
            if point is None:
                index.points[kind].pop(id, None)
            else:
                index.points[kind][id] = point
        _move(index, kind, points)
    for id in index.zones if any(moved.values()) else fresh:
        _count(world, id, index.zones[id])


def _update_zone(index: Inside, id: str, hazard: Hazard | None) -> bool:
    """Whether the warning has a zone that is new or has another shape."""
    if hazard is None or hazard.geometry is None or hazard.state == "ended" or hazard.where != "city":
        index.zones.pop(id, None)
        return False
    zone = index.zones.get(id)
    if zone is not None and zone.geometry == hazard.geometry:
        return False
    shape = shape_of(hazard.geometry)
    shapely.prepare(shape)
    zone = index.zones[id] = Zone(hazard.geometry, shape)
    for kind in _KINDS:
        zone.inside[kind] = _within(zone.shape, index.points[kind])
    return True


def _move(index: Inside, kind: Counted, points: dict[str, Point | None]) -> None:
    if not points:
        return
    placed = {id: point for id, point in points.items() if point is not None}
    for zone in index.zones.values():
        zone.inside[kind].difference_update(points)
        zone.inside[kind].update(_within(zone.shape, placed))


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
    if isinstance(entity, Incident) and entity.source.status != "open":
        return None
    if isinstance(entity, Camera) and "gone" in entity.flags:
        return None
    if not isinstance(entity, Incident | Camera) or entity.place.lon is None or entity.place.lat is None:
        return None
    return entity.place.lon, entity.place.lat
