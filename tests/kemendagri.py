"""Kemendagri's boundary SQL → GeoJSON, for tests only: rings of [lat, lng], one row a district."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: ('31.01.01.1001','Pulau Panggang',-5.73,106.59,'[[[[…]]]]') with '' for a quote inside a name.
_ROW = re.compile(r"\('(?P<code>[\d.]+)','(?P<name>(?:[^']|'')*)',[^,]*,[^,]*,'(?P<path>\[[^']*\])'\)")


def to_geojson(*files: Path, lat_first: bool = False) -> dict[str, Any]:
    """One FeatureCollection of all rows; ``lat_first`` leaves the numbers as the source has them."""
    features = [feature for file in files for feature in _features(file.read_text("utf-8"), lat_first)]
    return {"type": "FeatureCollection", "features": features}


def _features(text: str, lat_first: bool) -> Iterator[dict[str, Any]]:
    for row in _ROW.finditer(text):
        code = row["code"]
        path = json.loads(row["path"])
        coordinates = path if lat_first else _turned(path)
        kind = "Polygon" if _depth(path) == 3 else "MultiPolygon"
        yield {
            "type": "Feature",
            "properties": {
                "kota": code[:5],
                "kec": code[:8],
                "kel": code,
                "name": row["name"].replace("''", "'"),
            },
            "geometry": {"type": kind, "coordinates": coordinates},
        }


def _depth(path: Any) -> int:
    return 1 + _depth(path[0]) if isinstance(path, list) else 0


def _turned(path: Any) -> Any:
    """[lat, lng] → [lng, lat] at whatever depth the pairs stand."""
    return [path[1], path[0]] if isinstance(path[0], int | float) else [_turned(inner) for inner in path]
