"""Boundaries and base map for the page, simplified once for a screen and cached by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import shapely
from shapely.geometry import mapping

from wallboard.boundaries import Boundaries, District
from wallboard.city import CityConfig

#: The map is drawn at most this many pixels wide (4K); finer than half a pixel cannot be seen.
MAP_PIXELS = 3840


class Geo:
    """The two documents that the map draws."""

    def __init__(self, city: CityConfig, boundaries: Boundaries, folder: Path) -> None:
        self._city = city
        self._boundaries = boundaries
        self._folder = folder

    @cached_property
    def map_level(self) -> int:
        """The level that the map colours: the configured one, else the lowest but one."""
        lowest = len(self._city.boundaries.levels) - 1
        wanted = self._city.map.level
        return max(0, lowest - 1) if wanted < 0 else min(wanted, lowest)

    @cached_property
    def districts(self) -> bytes:
        """All districts of all levels as GeoJSON, neighbours simplified together so that no gap opens."""
        west, south, east, north = self._city.map.frame or self._boundaries.bounds
        tolerance = max(east - west, north - south) / MAP_PIXELS / 2
        labels = [level.label or level.name for level in self._city.boundaries.levels]
        features = [
            feature
            for level in range(len(labels))
            for feature in _features([d for d in self._boundaries.districts if d.level == level], tolerance)
        ]
        return msgspec.json.encode(
            {
                "levels": [{"level": level, "label": label} for level, label in enumerate(labels)],
                "bounds": [west, south, east, north],
                "features": features,
            }
        )

    @cached_property
    def basemap(self) -> bytes | None:
        """The configured base map as it is, or None."""
        return (self._folder / self._city.map.basemap).read_bytes() if self._city.map.basemap else None

    def url(self, name: str) -> str:
        """Address with the document's hash."""
        body = self.districts if name == "districts" else self.basemap or b""
        return f"/geo/{name}.json?h={hashlib.sha256(body).hexdigest()[:12]}"


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
