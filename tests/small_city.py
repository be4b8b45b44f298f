"""A city of six squares in the open sea, for tests of districts: 0.01° a side, on no real land.

lat -4.98  ┌────┬────┬────┐
           │ A1 │ A2 │ B3 │     kecamatan A: A1 A2 A4, kecamatan B: B3 B5 B6
lat -4.99  ├────┼────┼────┤
           │ A4 │ B5 │ B6 │
lat -5.00  └────┴────┴────┘
       lon 110.00 … 110.03
"""

from __future__ import annotations

import copy
from typing import Any

from wallboard.boundaries import Boundaries, BoundaryReport, Level, load_boundaries

WEST, SOUTH, SIDE = 110.0, -5.0, 0.01

LEVELS = (Level("kec", "kec_name", "Kecamatan"), Level("kel", "kel_name", "Kelurahan"))

#: code → (kecamatan, kelurahan's name, column, row from the south)
SQUARES = {
    "A1": ("A", "Karang Sari", 0, 1),
    "A2": ("A", "Kampung Tengah", 1, 1),
    "B3": ("B", "Muara Baru I", 2, 1),
    "A4": ("A", "Muara Baru II", 0, 0),
    "B5": ("B", "Tanjung Priuk", 1, 0),
    "B6": ("B", "Karang Sari", 2, 0),
}
KECAMATAN = {"A": "Karang Sari", "B": "Muara Lama"}


def square(west: float, south: float, side: float = SIDE, height: float | None = None) -> list[list[float]]:
    """A closed ring, counter-clockwise."""
    east, north = west + side, south + (side if height is None else height)
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(code: str, kec: str, name: str, *rings: list[list[float]]) -> dict[str, Any]:
    """One kelurahan; the first ring is its shell, further ones are holes."""
    return {
        "type": "Feature",
        "properties": {"kec": kec, "kec_name": KECAMATAN.get(kec, kec), "kel": code, "kel_name": name},
        "geometry": {"type": "Polygon", "coordinates": list(rings)},
    }


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def city() -> dict[str, Any]:
    """The six squares, clean."""
    return collection(
        *(
            feature(code, kec, name, square(WEST + column * SIDE, SOUTH + row * SIDE))
            for code, (kec, name, column, row) in SQUARES.items()
        )
    )


def turned(geojson: dict[str, Any]) -> dict[str, Any]:
    """The same with latitude before longitude."""
    wrong = copy.deepcopy(geojson)
    for each in wrong["features"]:
        each["geometry"]["coordinates"] = [
            [[lat, lon] for lon, lat in ring] for ring in each["geometry"]["coordinates"]
        ]
    return wrong


def load(geojson: dict[str, Any], **more: Any) -> tuple[Boundaries, BoundaryReport]:
    return load_boundaries(geojson, LEVELS, source="Test", version="1", **more)
