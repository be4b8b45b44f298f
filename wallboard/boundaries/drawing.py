"""Boundaries as the page draws them: simplified once, for the widest screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import shapely
from shapely.geometry import mapping

from wallboard.boundaries import Boundaries, District

#: The map is drawn at most this many pixels wide (4K); finer than half a pixel cannot be seen.
MAP_PIXELS = 3840


def drawing(
    boundaries: Boundaries, labels: Sequence[str], frame: tuple[float, float, float, float] | None
) -> bytes:
    """All districts of all levels as GeoJSON, neighbours simplified together so that no gap opens.

    `labels` are what the levels are called, highest first; `frame` is what the map shows (west, south, east,
    north, in degrees), None for all.
    """
    west, south, east, north = frame or boundaries.bounds
    tolerance = max(east - west, north - south) / MAP_PIXELS / 2
    features = [
        feature
        for level in range(len(labels))
        for feature in _features([d for d in boundaries.districts if d.level == level], tolerance)
    ]
    return msgspec.json.encode(
        {
            "levels": [{"level": level, "label": label} for level, label in enumerate(labels)],
            "bounds": [west, south, east, north],
            "features": features,
        }
    )


def _features(districts: list[District], tolerance: float) -> Iterable[dict[str, Any]]:
    shapes = [district.geometry for district in districts]
    # One tolerance is a triangle's area root: coverage_simplify keeps shared borders shared. Boundaries that
    # overlap are no coverage; each is then simplified alone.
    if shapely.coverage_is_valid(shapes):
        simple = list(shapely.coverage_simplify(shapes, tolerance))
    else:
        simple = list(shapely.simplify(shapes, tolerance, preserve_topology=True))
    for district, shape in zip(districts, simple, strict=True):
        yield {
            "type": "Feature",
            "id": district.code,
            "properties": {
                "code": district.code,
                "name": district.name,
                "level": district.level,
                "parent": district.parent,
                "label": [round(value, 6) for value in district.label_point],
            },
            "geometry": mapping(shapely.set_precision(shape, 1e-6, mode="pointwise")),
        }
