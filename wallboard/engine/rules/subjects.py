"""What an alert is about: an entity, or a district with its place."""

from __future__ import annotations

import msgspec

from wallboard.engine.world import World
from wallboard.entities import Entity
from wallboard.place import Place, Ref
from wallboard.scope import of_place

#: An id of a district may be followed by what in it is meant: "99.01.01/banjir".
PART = "/"


class Subject(Entity):
    """A district as an alert's subject: unlike the district's own entity it has a place and is not public."""

    name: str
    place: Place


def subject_of(world: World, kind: str, id: str) -> Entity | None:
    """The subject of this kind and id; None when it is there no more."""
    if kind == "district":
        return _district(world, id)
    return world.of_kind(kind).get(id)


def is_there(world: World, kind: str, id: str) -> bool:
    """Whether there is such a subject."""
    if kind == "district":
        return id.partition(PART)[0] in world.geofence.boundaries.by_code
    return id in world.of_kind(kind)


def level_of(world: World, level: int) -> int:
    """A level of districts as rules name it, counted from 0 = highest."""
    levels = len(world.geofence.boundaries.levels)
    return min(level, levels - 1) if level >= 0 else max(0, levels - 2)


def district_at(world: World, place: Place | None, level: int) -> str:
    """Code of the district of that level in which a place lies; "" where it lies in none."""
    if place is None:
        return ""
    if level == len(world.geofence.boundaries.levels) - 1:
        return place.district or ""
    return next((parent.code for parent in place.parents if parent.level == level), "")


def _district(world: World, id: str) -> Subject | None:
    boundaries = world.geofence.boundaries
    code = id.partition(PART)[0]
    district = boundaries.by_code.get(code)
    if district is None:
        return None
    lowest = district.level == len(boundaries.levels) - 1
    above = [Ref(parent.code, parent.name, parent.level) for parent in boundaries.parents(code)]
    if not lowest:
        above.append(Ref(code, district.name, district.level))
    # Who is limited to a part of the district has to know, too.
    below = [] if lowest else [each.code for each in boundaries.lowest if _is_in(world, each.code, code)]
    lon, lat = district.label_point
    place = Place(
        lon=round(lon, 6),
        lat=round(lat, 6),
        district=code if lowest else None,
        name=district.name,
        parents=tuple(above),
        confidence="by_name",
        source=f"{boundaries.source} {boundaries.version} {boundaries.digest}",
    )
    scope = of_place(msgspec.structs.replace(place, candidates=tuple(sorted(below))))
    return Subject(id=id, scope=scope, name=district.name, place=place)


def _is_in(world: World, code: str, upper: str) -> bool:
    return any(parent.code == upper for parent in world.geofence.boundaries.parents(code))
