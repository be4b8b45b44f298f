"""What was found in a city's boundaries: for `check`, in plain sentences, with numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from wallboard.errors import WallboardError
from wallboard.plane import Plane

if TYPE_CHECKING:
    from wallboard.boundaries.features import Part

#: Overlaps and holes below a square metre come from rounding in the file and concern nobody.
MIN_AREA_M2 = 1.0

#: How many of a list a sentence names before it says "and N more".
_LISTED = 5

#: Water and forest that statistics files carry as if they were districts.
_NATURE = re.compile(r"^(danau|waduk|situ|setu|embung|telaga|laut|hutan|kawasan hutan)\b", re.IGNORECASE)

#: BPS gives 888 as the last digits of the code of what is no kelurahan (Danau Sunter, Prepedan).
_BPS_PSEUDO = re.compile(r"^\D*\d{7}888$")


class BoundaryError(WallboardError):
    """Raised when boundaries cannot be used; the text says what is wrong and what to do."""


@dataclass(frozen=True)
class Repair:
    """A ring that was invalid and has been mended; ``why`` is GEOS's reason with the place."""

    code: str
    name: str
    why: str


@dataclass(frozen=True)
class Overlap:
    """Two districts of the lowest level that claim the same land."""

    first: str
    second: str
    area_m2: float


@dataclass(frozen=True)
class Hole:
    """Land that no district claims though districts surround it; a point inside it in degrees."""

    lon: float
    lat: float
    area_m2: float


@dataclass
class BoundaryReport:
    """Everything worth knowing about a boundary file that could be used. Largest first where sizes are."""

    source: str
    version: str
    features: int = 0
    districts: int = 0
    vertices: int = 0
    repaired: list[Repair] = field(default_factory=list)
    overlaps: list[Overlap] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    without_polygon: list[str] = field(default_factory=list)
    outside_hint: list[str] = field(default_factory=list)
    pseudo: list[str] = field(default_factory=list)
    #: Code → the names of its features, which became one district.
    duplicate_codes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Code → its different names; the first in the alphabet is shown.
    other_names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Code → the different parents that its features name; the lowest code holds.
    two_parents: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def overlap_m2(self) -> float:
        """Square metres claimed twice, summed over pairs."""
        return sum(overlap.area_m2 for overlap in self.overlaps)

    @property
    def hole_m2(self) -> float:
        """Square metres of all holes."""
        return sum(hole.area_m2 for hole in self.holes)

    @property
    def clean(self) -> bool:
        """Whether there is nothing to say but the size."""
        return len(self.sentences()) == 1

    def sentences(self) -> list[str]:
        """The findings in plain English, the size first."""
        said = [
            f"{self.source} {self.version}: {self.districts} districts of the lowest level from "
            f"{self.features} features, {self.vertices:,} corners."
        ]
        said += [f"Left out or short: {text}." for text in _cut(self.missing)]
        if self.without_polygon:
            said.append(f"Without a usable polygon, left out: {', '.join(_cut(self.without_polygon))}.")
        if self.repaired:
            mended = [f"{repair.name} ({repair.code}: {repair.why})" for repair in self.repaired]
            said.append(f"{len(mended)} invalid rings were mended: {', '.join(_cut(mended))}.")
        for code, names in self.duplicate_codes.items():
            said.append(
                f"{len(names)} features have the code {code} ({', '.join(sorted(set(names)))}): one district."
            )
        for code, names in self.other_names.items():
            said.append(f"The code {code} has several names ({', '.join(names)}): the first is shown.")
        for code, above in self.two_parents.items():
            said.append(f"The district {code} names several parents ({', '.join(above)}): the first holds.")
        if self.overlaps:
            worst = self.overlaps[0]
            said.append(
                f"{len(self.overlaps)} pairs of districts overlap, {self.overlap_m2:,.0f} m² in all, the "
                f"largest {worst.area_m2:,.0f} m² ({worst.first} and {worst.second}). A point there belongs "
                "to the smaller district."
            )
        if self.holes:
            hole = self.holes[0]
            said.append(
                f"{len(self.holes)} holes lie between districts, {self.hole_m2:,.0f} m² in all, the largest "
                f"{hole.area_m2:,.0f} m² (around {hole.lon:.5f}, {hole.lat:.5f}). A point there gets the "
                "nearest district and is marked."
            )
        if self.pseudo:
            said.append(
                f"Perhaps no districts but lakes or forest: {', '.join(_cut(self.pseudo))}. Give them to a "
                "neighbour in the file if nobody answers for them."
            )
        if self.outside_hint:
            said.append(f"Outside the city's bounding box: {', '.join(_cut(self.outside_hint))}.")
        return said


def measure(parts: Sequence[Part], plane: Plane, report: BoundaryReport) -> None:
    """Fill in size, overlaps, holes and pseudo-districts (``parts`` are valid and have different codes)."""
    flat = plane.to_plane(np.array([part.geometry for part in parts], dtype=object))
    report.districts = len(parts)
    report.vertices = int(shapely.get_num_coordinates(flat).sum())
    first, second = shapely.STRtree(flat).query(flat, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    areas = shapely.area(shapely.intersection(flat[first], flat[second]))
    report.overlaps = sorted(
        (
            Overlap(parts[a].code, parts[b].code, float(area))
            for a, b, area in zip(first, second, areas, strict=True)
            if area > MIN_AREA_M2
        ),
        key=lambda overlap: (-overlap.area_m2, overlap.first, overlap.second),
    )
    report.holes = _holes(flat, plane)
    report.pseudo = [f"{part.name} ({part.code})" for part in parts if _is_pseudo(part)]


def _holes(flat: Any, plane: Plane) -> list[Hole]:
    whole = shapely.get_parts(shapely.union_all(flat))
    rings = np.concatenate([shapely.get_rings(part)[1:] for part in whole])
    holes = shapely.polygons(rings)
    areas = np.asarray(shapely.area(holes))
    inside = shapely.get_coordinates(plane.to_degrees(shapely.point_on_surface(holes)))
    found = [
        Hole(float(lon), float(lat), float(area))
        for (lon, lat), area in zip(inside, areas, strict=True)
        if area > MIN_AREA_M2
    ]
    return sorted(found, key=lambda hole: (-hole.area_m2, hole.lon, hole.lat))


def _is_pseudo(part: Part) -> bool:
    above = part.chain[-2][1] if len(part.chain) > 1 else None
    return bool(_BPS_PSEUDO.match(part.code)) or (part.name == above and bool(_NATURE.match(part.name)))


def _cut(items: Sequence[str]) -> list[str]:
    more = [f"and {len(items) - _LISTED} more"] if len(items) > _LISTED else []
    return [*items[:_LISTED], *more]
