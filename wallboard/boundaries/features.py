"""GeoJSON features → parts of districts: what cannot be used is said, what can be mended is mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from wallboard.boundaries.report import BoundaryError, BoundaryReport, Repair

Box = tuple[float, float, float, float]

#: A city's file has under 100,000 corners (Jakarta 73,262); twenty times that is a mistake or an attack.
MAX_VERTICES = 2_000_000

#: How many districts a message lists by name before it says "and N more".
_LISTED = 5


@dataclass(frozen=True)
class Part:
    """One feature: its (code, name) on each level, highest first, and its polygon in degrees."""

    chain: tuple[tuple[str, str], ...]
    geometry: BaseGeometry
    #: how many people live there; None: not known
    population: int | None = None

    @property
    def code(self) -> str:
        return self.chain[-1][0]

    @property
    def name(self) -> str:
        return self.chain[-1][1]


def read_features(
    geojson: Mapping[str, Any],
    properties: Sequence[tuple[str, str]],
    report: BoundaryReport,
    population: str = "",
) -> list[Part]:
    """The features that can be districts, by code; the report says which cannot and why."""
    features = geojson.get("features") if isinstance(geojson, Mapping) else None
    if not isinstance(features, list) or geojson.get("type") != "FeatureCollection":
        raise BoundaryError("The boundaries are not a GeoJSON FeatureCollection with a list of features.")
    if not properties:
        raise BoundaryError("The boundaries need at least one level (a code and a name property).")
    _refuse_other_crs(geojson)
    parts: list[Part] = []
    vertices = 0
    for number, feature in enumerate(features, start=1):
        chain = _chain(feature, number, properties, report)
        geometry = geometry_of(feature)
        if chain is None:
            continue
        if geometry is None or geometry.is_empty:
            report.without_polygon.append(f"{chain[-1][1]} ({chain[-1][0]})")
            continue
        vertices += int(shapely.get_num_coordinates(geometry))
        if vertices > MAX_VERTICES:
            raise BoundaryError(
                f"The boundaries have more than {MAX_VERTICES:,} corners: simplify them first."
            )
        parts.append(Part(chain, geometry, _people(feature, population)))
    if not parts:
        first = features[0].get("properties") if features and isinstance(features[0], Mapping) else None
        there = ", ".join(sorted(first)) if isinstance(first, Mapping) else "none"
        raise BoundaryError(
            f"None of {len(features)} features can be a district: the level properties are "
            f"{', '.join(name for pair in properties for name in pair)}; the first feature has: {there}."
        )
    report.features = len(features)
    return sorted((_mended(part, report) for part in parts), key=lambda part: (part.code, part.geometry.wkb))


def refuse_wrong_place(parts: Sequence[Part], hint: Box | None, report: BoundaryReport) -> None:
    """BoundaryError when coordinates are exchanged, not in degrees, or those of another place."""
    boxes = shapely.bounds(np.array([part.geometry for part in parts], dtype=object))
    west, south, east, north = boxes.T
    on_earth = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    swapped = ~on_earth & (west >= -90) & (east <= 90) & (south >= -180) & (north <= 180)
    if hint is not None:
        there = (west <= hint[2]) & (east >= hint[0]) & (south <= hint[3]) & (north >= hint[1])
        turned = (south <= hint[2]) & (north >= hint[0]) & (west <= hint[3]) & (east >= hint[1])
        swapped = swapped | (~there & turned)
    if swapped.any():
        raise BoundaryError(
            f"Latitude stands before longitude in {int(swapped.sum())} of {len(parts)} districts "
            f"({_some(parts, swapped)}): GeoJSON wants [longitude, latitude] (RFC 7946). Exchange the "
            "numbers in the file; they are not exchanged here, since a guess could move a whole city."
        )
    if not on_earth.all():
        raise BoundaryError(
            f"Coordinates of {_some(parts, ~on_earth)} are not degrees: convert the file to WGS 84 "
            "longitude and latitude (EPSG:4326)."
        )
    if hint is not None:
        if not there.any():
            box = ", ".join(f"{side:g}" for side in hint)
            raise BoundaryError(
                f"No district touches the city's bounding box ({box}): is it another city's file, or is the "
                "box not west, south, east, north?"
            )
        report.outside_hint = [part.code for part, ok in zip(parts, there, strict=True) if not ok]


def merge_same_code(parts: Sequence[Part], report: BoundaryReport) -> list[Part]:
    """Features with one code become one district (a city cut by a river is often filed as two)."""
    by_code: dict[str, list[Part]] = {}
    for part in parts:
        by_code.setdefault(part.code, []).append(part)
    merged: list[Part] = []
    for code, same in sorted(by_code.items()):
        if len(same) > 1:
            report.duplicate_codes[code] = tuple(part.name for part in same)
            first = min(same, key=lambda part: part.chain)
            # Each of them tells of the whole district.
            people = max((part.population for part in same if part.population is not None), default=None)
            geometry = shapely.union_all([part.geometry for part in same])
            merged.append(replace(first, geometry=geometry, population=people))
        else:
            merged.append(same[0])
    return merged


def _chain(
    feature: object, number: int, properties: Sequence[tuple[str, str]], report: BoundaryReport
) -> tuple[tuple[str, str], ...] | None:
    values = feature.get("properties") if isinstance(feature, Mapping) else None
    values = values if isinstance(values, Mapping) else {}
    chain: list[tuple[str, str]] = []
    for code_key, name_key in properties:
        code, name = code_text(values.get(code_key)), code_text(values.get(name_key))
        if not code:
            report.missing.append(f"feature {number} has no {code_key!r}: it was left out")
            return None
        if not name:
            report.missing.append(f"feature {number} ({code}) has no {name_key!r}: its code is shown instead")
        chain.append((code, name or code))
    return tuple(chain)


def _people(feature: Any, key: str) -> int | None:
    """A whole number of people; None for what is none."""
    try:
        value = float(feature["properties"][key])
    except (KeyError, TypeError, ValueError):
        return None
    return int(value) if value >= 0 and value.is_integer() else None


def code_text(value: object) -> str:
    """Codes are often numbers in a file (3171010003, even 3171010003.0 from a spreadsheet)."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def geometry_of(feature: object) -> BaseGeometry | None:
    """The polygons of a feature, without heights; None where there are none or they cannot be read."""
    raw = feature.get("geometry") if isinstance(feature, Mapping) else None
    if not isinstance(raw, Mapping):
        return None
    try:
        geometry = shapely.force_2d(shape(dict(raw)))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError):
        return None  # what shapely raises on rings of two points, on text for numbers, on an unknown type
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        return None
    return polygons_of(geometry)


def polygons_of(geometry: BaseGeometry) -> BaseGeometry | None:
    """The polygonal parts of any geometry as one Polygon or MultiPolygon; None where there are none."""
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        return geometry
    flat = [piece for part in shapely.get_parts(geometry) for piece in shapely.get_parts(part)]
    polygons = [piece for piece in flat if piece.geom_type == "Polygon"]
    return shapely.multipolygons(polygons) if polygons else None


def _mended(part: Part, report: BoundaryReport) -> Part:
    if part.geometry.is_valid:
        return part
    why = str(shapely.is_valid_reason(part.geometry))
    # "structure" joins shells that overlap; the other method would cut their common part out.
    fixed = shapely.make_valid(part.geometry, method="structure", keep_collapsed=False)
    polygons = polygons_of(fixed)
    if polygons is None or polygons.is_empty:
        raise BoundaryError(f"The boundary of {part.name} ({part.code}) encloses no area: {why}.")
    report.repaired.append(Repair(part.code, part.name, why))
    return replace(part, geometry=polygons)


def _refuse_other_crs(geojson: Mapping[str, Any]) -> None:
    """Old files name their reference system: WGS 84 is harmless, any other would lie far off."""
    crs = geojson.get("crs")
    name = str(crs.get("properties", {}).get("name", "")) if isinstance(crs, Mapping) else ""
    if name and not any(known in name.upper().replace("::", ":") for known in ("CRS84", "EPSG:4326")):
        raise BoundaryError(
            f"The boundaries are in the reference system {name}: convert them to WGS 84 (EPSG:4326)."
        )


def _some(parts: Sequence[Part], mask: Any) -> str:
    names = [f"{part.name} ({part.code})" for part, hit in zip(parts, mask, strict=True) if hit]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
