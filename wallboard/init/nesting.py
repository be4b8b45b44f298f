"""Parents by area: for OpenStreetMap, where each district stands alone, and for files of one level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from wallboard.boundaries import BoundaryError
from wallboard.boundaries.features import code_text, geometry_of, polygons_of
from wallboard.init.properties import LABELS, Features

#: OpenStreetMap's levels in Indonesia: 5 kota or kabupaten, 6 kecamatan, 7 kelurahan or desa.
_INDONESIA = dict(zip((7, 6, 5), LABELS, strict=True))

#: A level below the others counts only if it covers so much of them: RT and RW are drawn here and there.
_COVERED = 0.9

#: Where a district of OpenStreetMap has its number: BPS' from the import of 2012, else its own id.
_OSM_CODES = ("ref:id:codegeo", "@id", "full_id", "osm_id", "id")

#: Below this share of its area in one parent it is worth a look which one is right.
_CLEARLY = 0.5


@dataclass(frozen=True)
class Above:
    """One level of possible parents, each (code, name) with its geometry in degrees."""

    label: str
    districts: tuple[tuple[str, str], ...]
    geometries: tuple[BaseGeometry, ...]


def is_osm(features: Features) -> bool:
    """Whether the features are OpenStreetMap's: a level each, and no parents."""
    return any(_tag(feature, "admin_level") and _tag(feature, "name") for feature in features)


def osm_levels(features: Features) -> tuple[list[Mapping[str, Any]], list[Above], str]:
    """The features of the lowest level that covers the city, the levels above, highest first; its label."""
    by_level: dict[int, list[tuple[Mapping[str, Any], BaseGeometry]]] = {}
    for feature in features:
        geometry = sound(feature)
        level = _tag(feature, "admin_level")
        if geometry is not None and level.isdigit() and _tag(feature, "name"):
            by_level.setdefault(int(level), []).append((feature, geometry))
    if not by_level:
        raise BoundaryError(
            "No feature with admin_level and name is a polygon: "
            "export whole relations of boundary=administrative."
        )
    covered = {
        level: shapely.union_all([each for _, each in found]).area for level, found in by_level.items()
    }
    lowest = max(level for level, area in covered.items() if area >= _COVERED * max(covered.values()))
    upper = [
        Above(
            _INDONESIA.get(level, f"Level {level}"),
            tuple((osm_code(feature), _tag(feature, "name")) for feature, _ in by_level[level]),
            tuple(geometry for _, geometry in by_level[level]),
        )
        for level in sorted(by_level)
        if level < lowest and (level in _INDONESIA or lowest not in _INDONESIA)
    ]
    return [feature for feature, _ in by_level[lowest]], upper, _INDONESIA.get(lowest, f"Level {lowest}")


def osm_code(feature: Mapping[str, Any]) -> str:
    """The code of one of OpenStreetMap's districts."""
    found = next((code for name in _OSM_CODES if (code := _tag(feature, name))), "")
    return found or code_text(feature.get("id"))


def osm_name(feature: Mapping[str, Any]) -> str:
    return _tag(feature, "name")


def sound(feature: Mapping[str, Any]) -> BaseGeometry | None:
    """The feature's polygons as they can be computed with; None where they have no area."""
    geometry = geometry_of(feature)
    if geometry is not None and not geometry.is_valid:
        # A ring that encloses nothing becomes a line, or nothing at all.
        geometry = polygons_of(shapely.make_valid(geometry, method="structure", keep_collapsed=False))
    return None if geometry is None or geometry.area == 0 else geometry


def parents_of(
    features: Features, names: Sequence[str], above: Above, notes: list[str]
) -> list[tuple[str, str]]:
    """The district of `above` that has most of each feature; the nearest for one that lies in none.

    `names` are those of the features, for who reads the notes. Nothing is known of one without a polygon.
    """
    tree = shapely.STRtree(np.array(above.geometries, dtype=object))
    parents = []
    doubtful = []
    for feature, name in zip(features, names, strict=True):
        geometry = sound(feature)
        if geometry is None:
            parents.append(("", ""))
            continue
        near = tree.query(geometry, predicate="intersects")
        shares = [shapely.intersection(geometry, above.geometries[at]).area / geometry.area for at in near]
        if not shares or max(shares) == 0:
            at, share = int(tree.nearest(geometry)), 0.0
        else:
            at, share = int(near[int(np.argmax(shares))]), max(shares)
        if share < _CLEARLY:
            doubtful.append(f"{name} → {above.districts[at][1]}")
        parents.append(above.districts[at])
    if doubtful:
        notes.append(f"less than half of these lies in one {above.label}: {cut(doubtful)}")
    return parents


def cut(names: Sequence[str], most: int = 8) -> str:
    """A list for one line."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _tag(feature: Mapping[str, Any], name: str) -> str:
    table = feature.get("properties")
    return code_text(table.get(name)) if isinstance(table, Mapping) else ""
