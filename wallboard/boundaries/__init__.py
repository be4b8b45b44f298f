"""The city's own districts: read from its GeoJSON, checked, put in one order that every node shares.

RFC 7946 GeoJSON, longitude first. Each feature is a district of the lowest level and names its parents in
its properties; higher levels are unions of the lowest. Nothing here reads a file: the caller gives the
parsed JSON.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from wallboard.boundaries.features import Box, Part, merge_same_code, read_features, refuse_wrong_place
from wallboard.boundaries.report import BoundaryError, BoundaryReport, measure
from wallboard.plane import Plane

__all__ = ["Boundaries", "BoundaryError", "BoundaryReport", "District", "Level", "load_boundaries"]

#: Areas are compared by whole square millimetres: the last bits of a float depend on where a ring starts.
_AREA_DIGITS = 6

#: A label may lie this part of the district's width beside the best place; finer costs time, shows nothing.
_LABEL_TOLERANCE = 1 / 50


@dataclass(frozen=True)
class Level:
    """One level of districts: the GeoJSON properties of its code and its name, and what it is called."""

    code: str
    name: str
    title: str = ""


@dataclass(frozen=True)
class District:
    """One district of any level; ``level`` 0 is the highest. Geometry and label point in lon, lat degrees."""

    code: str
    name: str
    level: int
    level_name: str
    parent: str | None
    geometry: BaseGeometry
    area_m2: float
    label_point: tuple[float, float]
    #: how many people live in it; None where that is not known of all of it
    population: int | None = None


class Boundaries:
    """All districts of a city. ``lowest`` stands in the order in which an overlap is decided."""

    def __init__(
        self,
        districts: Sequence[District],
        levels: Sequence[Level],
        *,
        plane: Plane,
        source: str,
        version: str,
        digest: str,
    ) -> None:
        self.levels = tuple(levels)
        self.plane = plane
        self.source = source
        self.version = version
        #: First 12 hex digits of a hash over codes, names and geometry, whatever the order in the file.
        self.digest = digest
        self.districts = tuple(sorted(districts, key=lambda d: (d.level, d.code)))
        self.by_code = {district.code: district for district in self.districts}
        lowest = [district for district in self.districts if district.level == len(levels) - 1]
        #: Smallest area first, then lowest code: where districts overlap, the first of them has the point.
        self.lowest = tuple(sorted(lowest, key=_preference))
        west, south, east, north = (float(side) for side in shapely.total_bounds(self.geometries))
        #: west, south, east, north in degrees.
        self.bounds: Box = (west, south, east, north)

    @property
    def geometries(self) -> Any:
        """The lowest districts' geometries in degrees, in the order of ``lowest``, as a numpy array."""
        return np.array([district.geometry for district in self.lowest], dtype=object)

    def parents(self, code: str) -> tuple[District, ...]:
        """The districts above ``code``, highest first; KeyError for an unknown code."""
        above: list[District] = []
        parent = self.by_code[code].parent
        while parent is not None:
            above.append(self.by_code[parent])
            parent = above[-1].parent
        return tuple(reversed(above))

    def children(self, code: str) -> tuple[District, ...]:
        """The districts one level below ``code``, by code."""
        return tuple(district for district in self.districts if district.parent == code)


def parse_levels(text: str) -> tuple[Level, ...]:
    """``"code_property,name_property;…"`` (highest first) → levels; ValueError says what is wrong."""
    levels: list[Level] = []
    for part in text.split(";"):
        names = [name.strip() for name in part.split(",")]
        if len(names) not in (2, 3) or not all(names[:2]):
            raise ValueError(f"a level is 'code_property,name_property', not {part.strip()!r}")
        levels.append(Level(*names))
    return tuple(levels)


def load_boundaries(
    geojson: Mapping[str, Any],
    levels: Sequence[Level],
    *,
    source: str,
    version: str,
    bbox: Box | None = None,
    population: str = "",
) -> tuple[Boundaries, BoundaryReport]:
    """Districts and what was found wrong with them.

    ``levels`` highest first; ``bbox`` (west, south, east, north) is where the city is known to lie, and
    finds exchanged coordinates even where both numbers could be a latitude; ``population`` is the property
    with a district's number of people. Raises BoundaryError when the
    file cannot be used at all: not GeoJSON, no district in it, latitude before longitude, another place.
    """
    report = BoundaryReport(source=source, version=version)
    parts = read_features(geojson, [(level.code, level.name) for level in levels], report, population)
    refuse_wrong_place(parts, bbox, report)
    parts = merge_same_code(parts, report)
    _refuse_code_on_two_levels(parts)
    whole = [part.geometry for part in parts]
    west, south, east, north = (float(side) for side in shapely.total_bounds(np.array(whole, dtype=object)))
    plane = Plane.around(west, south, east, north)
    districts = _districts(parts, levels, plane, report)
    measure(parts, plane, report)
    digest = _digest(parts, levels)
    boundaries = Boundaries(
        districts, levels, plane=plane, source=source, version=version, digest=digest[:12]
    )
    return boundaries, report


def _preference(district: District) -> tuple[float, str]:
    return round(district.area_m2, _AREA_DIGITS), district.code


def _districts(
    parts: Sequence[Part], levels: Sequence[Level], plane: Plane, report: BoundaryReport
) -> list[District]:
    found: list[District] = []
    for depth, level in enumerate(levels):
        groups: dict[str, list[Part]] = {}
        for part in parts:
            groups.setdefault(part.chain[depth][0], []).append(part)
        for code, members in sorted(groups.items()):
            names = sorted({member.chain[depth][1] for member in members})
            above = sorted({member.chain[depth - 1][0] for member in members}) if depth else []
            if len(names) > 1:
                report.other_names[code] = tuple(names)
            if len(above) > 1:
                report.two_parents[code] = tuple(above)
            geometry = (
                members[0].geometry
                if len(members) == 1
                else shapely.union_all([member.geometry for member in members])
            )
            flat = plane.to_plane(geometry)
            people = [member.population for member in members]
            found.append(
                District(
                    code=code,
                    name=names[0],
                    level=depth,
                    level_name=level.title,
                    parent=above[0] if above else None,
                    geometry=geometry,
                    area_m2=float(flat.area),
                    label_point=_label_point(flat, plane),
                    population=None if None in people else sum(filter(None, people)),
                )
            )
    return found


def _label_point(flat: BaseGeometry, plane: Plane) -> tuple[float, float]:
    """The middle of the largest circle inside the largest part: inside, and far from every edge."""
    largest = max(shapely.get_parts(flat), key=shapely.area)
    tolerance = max(math.sqrt(largest.area) * _LABEL_TOLERANCE, 1e-3)
    spoke = shapely.maximum_inscribed_circle(largest, tolerance=tolerance)
    lon, lat = shapely.get_coordinates(plane.to_degrees(spoke))[0]
    return float(lon), float(lat)


def _refuse_code_on_two_levels(parts: Sequence[Part]) -> None:
    depth_of: dict[str, int] = {}
    for part in parts:
        for depth, (code, name) in enumerate(part.chain):
            if depth_of.setdefault(code, depth) != depth:
                raise BoundaryError(
                    f"The code {code!r} ({name}) stands on two levels of the boundaries: each level needs "
                    "codes of its own. Are the properties of two levels named the same?"
                )


def _digest(parts: Sequence[Part], levels: Sequence[Level]) -> str:
    digest = hashlib.sha256(repr([(level.code, level.name) for level in levels]).encode())
    for part in sorted(parts, key=lambda part: part.code):
        digest.update(repr(part.chain).encode())
        digest.update(shapely.to_wkb(shapely.normalize(part.geometry), byte_order=1))
    return digest.hexdigest()
