"""Where a warning holds: its shape for the map, the districts that it covers, and who may see it.

A warning without a shape is laid on the districts that its codes and area names name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import shapely
from shapely.geometry import shape as shape_of_geojson
from shapely.geometry.base import BaseGeometry

from wallboard.boundaries import District
from wallboard.engine.world import World
from wallboard.entities import HazardCover
from wallboard.events import HazardArea
from wallboard.geofence.cover import circle, sound_geometry

#: Coordinates are kept to about a metre: finer than any warning is drawn.
GRID = 1e-5

#: Corners closer than a decimetre (degrees) only make the geometry's arithmetic fail.
_DIGITS = 6

#: A circle smaller than its own drawing on the grid is a point (km).
_POINT_KM = 0.005

#: A geometry's share of the 64 KiB of an entity: a corner on the grid takes 22 bytes of GeoJSON, so this is
#: 20 KiB. BMKG's bulletins of one province have some hundred.
MAX_CORNERS = 900

#: A part of a shape has at least so many corners, as a rule.
_PART_CORNERS = 5

#: Parts that together make less than this share of the area are specks between drawings.
_SPECKS = 0.01

#: The shape is the hull of what the warning names: it takes no ground from other warnings.
HULL = "drawn_as_hull"

_WORLD = shapely.box(-180, -90, 180, 90)

#: Simplified step by step until it fits (degrees; the last is 11 km, for shapes as wide as a country).
_TOLERANCES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)

#: What is left of a bulletin beside a newer one is a sliver where it is thinner than twice this: the drawings
#: have 3 decimals, so two borders of the same kecamatan differ by up to 110 m (degrees).
_SLIVER = 6e-4

#: Names are looked up in the gazetteer, which forgives spelling at a cost; a bulletin names up to 60.
MAX_NAMES = 100

#: Words before the name itself.
_RANK = re.compile(
    r"^(?:kota administrasi|kota|kabupaten|kab|kecamatan|kec|kelurahan|kel|desa|dki|provinsi)\.?\s+"
)


@dataclass(frozen=True)
class Where:
    """A warning's place: GeoJSON or None, districts, how it lies to the city, scope, what was noticed."""

    geometry: dict[str, Any] | None
    districts: tuple[HazardCover, ...]
    where: Literal["city", "outside", "unknown"]
    scope: tuple[str, ...]
    flags: tuple[str, ...] = ()


def where_of(world: World, areas: Iterable[HazardArea]) -> Where:
    """The place of a warning with these areas."""
    areas = tuple(areas)
    shapes = [part for area in areas for part in _shapes(area)]
    whole = sound_geometry(shapely.GeometryCollection(shapes)) if shapes else None
    if whole is not None and not _WORLD.contains(whole):
        whole = sound_geometry(shapely.intersection(whole, _WORLD))  # a circle over a pole
    if whole is not None and not whole.is_empty:
        place = where_of_shape(world, whole)
        # A point (CAP: a circle of radius 0) says where it began; whom it warns stands in words and codes.
        named = _by_name(world, areas) if shapely.get_dimensions(whole) == 0 and not place.districts else ()
        return place if not named else Where(place.geometry, named, "city", scope_of(world, named))
    covers = _by_name(world, areas)
    return Where(None, covers, "city" if covers else "unknown", scope_of(world, covers))


def where_of_shape(world: World, geometry: BaseGeometry) -> Where:
    """The place of a warning of this (sound) geometry in degrees."""
    by_code = world.geofence.boundaries.by_code
    covers = tuple(
        HazardCover(code=code, name=by_code[code].name, share=round(share, 4))
        for code, share in world.geofence.cover(geometry)
    )
    drawn, exact = geojson(geometry)
    flags = () if exact else (HULL,)
    return Where(drawn, covers, "city" if covers else "outside", scope_of(world, covers), flags)


def people_under(world: World, covers: Iterable[HazardCover]) -> int | None:
    """How many live in the covered shares of these districts; None where one of them does not say."""
    by_code = world.geofence.boundaries.by_code
    people = 0.0
    covers = tuple(covers)
    for cover in covers:
        district = by_code.get(cover.code)
        if district is None or district.population is None:
            return None
        people += cover.share * district.population
    return round(people) if covers else None


def scope_of(world: World, covers: Iterable[HazardCover]) -> tuple[str, ...]:
    """The covered districts and all above them; nothing for what lies outside or nowhere."""
    boundaries = world.geofence.boundaries
    codes: dict[str, None] = {}
    for cover in covers:
        codes.update(dict.fromkeys(parent.code for parent in boundaries.parents(cover.code)))
        codes[cover.code] = None
    return tuple(f"d:{code}" for code in sorted(codes))


def geojson(geometry: BaseGeometry) -> tuple[dict[str, Any], bool]:
    """GeoJSON in one canonical form, on a grid of a metre, and whether it is the shape or only its hull."""
    best, exact = _without_specks(geometry), True
    for tolerance in _TOLERANCES:
        corners, parts = shapely.get_num_coordinates(best), shapely.get_num_geometries(best)
        if corners <= MAX_CORNERS or parts * _PART_CORNERS > MAX_CORNERS:
            break
        best = shapely.simplify(best, tolerance)
    if shapely.get_num_coordinates(best) > MAX_CORNERS:
        # Hundreds of islands: the hull warns somebody too many, which is the safe mistake.
        best, exact = shapely.simplify(shapely.convex_hull(geometry), _TOLERANCES[2]), False
    snapped = shapely.set_precision(best, GRID)
    text = shapely.to_geojson(shapely.normalize(best if snapped.is_empty else snapped))
    found: dict[str, Any] = json.loads(text)
    return found, exact


def _without_specks(geometry: BaseGeometry) -> BaseGeometry:
    """Of more parts than can be drawn, the largest, if the rest is nothing; else the whole."""
    most = MAX_CORNERS // _PART_CORNERS
    if shapely.get_num_geometries(geometry) <= most or shapely.get_dimensions(geometry) < 2:
        return geometry
    parts = sorted(shapely.get_parts(geometry), key=lambda part: (-part.area, part.bounds))
    if sum(part.area for part in parts[most:]) > _SPECKS * geometry.area:
        return geometry
    return shapely.MultiPolygon(parts[:most])


def shape_of(geometry: dict[str, Any]) -> BaseGeometry:
    """The shape of an entity's GeoJSON."""
    return sound_geometry(shape_of_geojson(geometry))


def less(geometry: dict[str, Any], newer: Iterable[dict[str, Any]]) -> BaseGeometry | None:
    """What of a shape lies beside the `newer` ones; None where only slivers are left."""
    whole = shape_of(geometry)
    rest = sound_geometry(shapely.difference(whole, shapely.union_all([shape_of(each) for each in newer])))
    if rest.is_empty:
        return None
    if shapely.get_dimensions(whole) == 2 and shapely.buffer(rest, -_SLIVER).is_empty:
        return None
    return rest


def plain_name(text: str) -> str:
    """A place's name without rank and case: "Kota Mataram" and "MATARAM" are the same."""
    folded = " ".join(re.sub(r"[^\w'. ]", " ", text.casefold()).split())
    while (shorter := _RANK.sub("", folded)) != folded:
        folded = shorter
    return folded


def _shapes(area: HazardArea) -> list[BaseGeometry]:
    polygons: list[BaseGeometry] = [
        shapely.Polygon([(round(lon, _DIGITS), round(lat, _DIGITS)) for lon, lat in ring])
        for ring in area.polygons
    ]
    circles = [
        circle(round(lon, _DIGITS), round(lat, _DIGITS), radius if radius >= _POINT_KM else 0.0)
        for lon, lat, radius in area.circles
    ]
    return [*polygons, *circles]


def _by_name(world: World, areas: Iterable[HazardArea]) -> tuple[HazardCover, ...]:
    """Districts by code or name; the city's own name is all of it."""
    boundaries = world.geofence.boundaries
    names: dict[str, None] = {}
    codes: set[str] = set()
    for area in areas:
        names.update(dict.fromkeys(re.split(r"[,;\n]", area.text)))
        for kind, value in area.geocodes:
            if coded := world.gazetteer.by_code(value):
                codes.update(district.code for district in coded)
            elif "kecamatan" in kind.casefold():
                names[value] = None
    for name in list(names)[:MAX_NAMES]:
        codes.update(_codes_named(world, name.strip()))
    lowest = {district.code: district for district in boundaries.lowest}
    covered = [
        HazardCover(code=code, name=district.name, share=1.0)
        for code, district in lowest.items()
        if code in codes or any(parent.code in codes for parent in boundaries.parents(code))
    ]
    return tuple(sorted(covered, key=lambda cover: cover.code))


def _codes_named(world: World, name: str) -> list[str]:
    wanted = plain_name(name)
    if not wanted:
        return []
    boundaries = world.geofence.boundaries
    if wanted == plain_name(world.city.city.name):
        return [district.code for district in boundaries.lowest]
    for level in range(len(boundaries.levels)):
        found = [
            district.code
            for district in boundaries.districts
            if district.level == level and plain_name(district.name) == wanted
        ]
        if found:
            # Two of one name (a kelurahan in each of two kecamatan): both are warned.
            return found
    target = world.gazetteer.find(name).target
    if target is None:
        return []
    if isinstance(target, District):
        return [target.code]
    code = world.geofence.locate(target.lon, target.lat).district
    return [code] if code else []
