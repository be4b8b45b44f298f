"""A city to measure the map with: Jakarta where its boundaries are beside the project, else a like one."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from wallboard.bootstrap import ROOT

#: BPS 2020: 270 kelurahan of 73,262 vertices (shared/samples/SOURCES.md); no part of this project.
JAKARTA = ROOT.parent / "shared/samples/boundaries/bps2020_hdx_jfraziz/id31_dki_jakarta_district.geojson"

LEVELS = (("district_code", "district", "Kecamatan"), ("village_code", "village", "Kelurahan"))

#: The like city: so many columns and rows of districts, and points an edge, that it has as many vertices.
_COLUMNS, _ROWS, _EDGE = 18, 15, 68
_WEST, _SOUTH, _CELL = 106.68, -6.38, 0.017

#: The part of Jakarta that lies on the mainland, where the reports are.
BOUNDS = (106.69, -6.36, 106.97, -6.10)

_FEED = """
[[feed]]
name = "push"
type = "webhook"
[feed.options]
keys = ["env:LOADTEST_KEY"]
kind = "event"
"""

Point = tuple[float, float]


def boundaries() -> tuple[dict[str, Any], str]:
    """GeoJSON of the districts, and what it is."""
    if JAKARTA.is_file():
        document: dict[str, Any] = json.loads(JAKARTA.read_bytes())
        return document, "Jakarta (BPS 2020)"
    return _like(), "an invented city of as many districts and vertices"


def vertices(document: dict[str, Any]) -> int:
    """How many points the boundaries have."""
    return sum(_count(feature["geometry"]["coordinates"]) for feature in document["features"])


def _count(coordinates: Any) -> int:
    return 1 if isinstance(coordinates[0], float) else sum(_count(one) for one in coordinates)


def _like() -> dict[str, Any]:
    features = []
    for row in range(_ROWS):
        for column in range(_COLUMNS):
            south = _edge((column, row), (column + 1, row))
            east = _edge((column + 1, row), (column + 1, row + 1))
            north = _edge((column, row + 1), (column + 1, row + 1))
            west = _edge((column, row), (column, row + 1))
            ring = [*south[:-1], *east[:-1], *reversed(north[1:]), *reversed(west)]
            upper = f"{column // 3}{row // 3}"
            features.append(
                {
                    "type": "Feature",
                    "properties": {
                        "district_code": upper,
                        "district": f"Kecamatan {upper}",
                        "village_code": f"{column:02}{row:02}",
                        "village": f"Kelurahan {column}-{row}",
                    },
                    "geometry": {"type": "Polygon", "coordinates": [ring]},
                }
            )
    return {"type": "FeatureCollection", "features": features}


def _edge(start: tuple[int, int], end: tuple[int, int]) -> list[Point]:
    """A border that winds, the same for both its neighbours."""
    across = (end[1] - start[1], start[0] - end[0])
    points = []
    for step in range(_EDGE + 1):
        part = step / _EDGE
        sway = 0.12 * math.sin(math.pi * part) * math.sin(part * 23 + start[0] * 5 + start[1] * 3)
        column = start[0] + (end[0] - start[0]) * part + across[0] * sway
        row = start[1] + (end[1] - start[1]) * part + across[1] * sway
        points.append((_WEST + column * _CELL, _SOUTH + row * _CELL))
    return points


def write(folder: Path, *, feed: bool = True) -> tuple[Path, str]:
    """Write city.toml and its boundaries into `folder`; its path, and what city it is."""
    document, about = boundaries()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "districts.geojson").write_text(json.dumps(document))
    levels = ",\n".join(
        f'  {{ code = "{code}", name = "{name}", label = "{label}" }}' for code, name, label in LEVELS
    )
    west, south, east, north = BOUNDS
    path = folder / "city.toml"
    path.write_text(f"""
[city]
name = "Kota Ukur"
key = "ukur"
time_zone = "Asia/Jakarta"

[boundaries]
file = "districts.geojson"
source = "load test"
version = "1"
levels = [
{levels}
]

[map]
level = 1
frame = [{west}, {south}, {east}, {north}]

[[layout]]
name = "map"
areas = ["header", "map", "feeds"]
rows = "2.7rem minmax(0, 1fr) 1.7rem"
# All districts stay on the glass: the most to draw.
options = {{ map = {{ follow = false }} }}
{_FEED if feed else ""}""")
    return path, f"{about}: {len(document['features'])} districts, {vertices(document):,} vertices"
