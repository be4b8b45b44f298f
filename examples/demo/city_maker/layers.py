"""The files of the demo city: GeoJSON in 5 decimals, one feature a line, the same bytes each time."""

import json
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from shapely import LineString, MultiPolygon, Point, Polygon, get_parts, make_valid, transform, union_all
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from .districts import District, Map
from .frame import to_degrees
from .lines import Path, Vertex
from .names import CITY
from .noise import Floats
from .roads import Road
from .sites import HARBOUR, PARKS, RUNWAY
from .terrain import CANAL, CANAL_WIDTH, WIDTHS, Terrain

# metres; what a simplification may move, half a pixel of a 4K wall
ROUGH = 2.0
LABELS = [
    ("Laut Jawa", "sea", (-1000, 8600)), ("Teluk Tirta", "bay", (-3300, 4400)),
    ("Kepulauan Camar", "islands", (-7500, 8300)),
    ("Kab. Pesisir Barat Raya", "neighbour", (-16500, -1800)),
    ("Kab. Wana Timur", "neighbour", (17000, -1500)),
    ("Kab. Bukit Selatan Raya", "neighbour", (1500, -13500)),
]  # fmt: skip

Feature = dict[str, Any]


def district_collection(districts: list[District]) -> Feature:
    """The kelurahan as a FeatureCollection, by code."""
    features = [
        _feature(
            d.shape,
            {
                "code_kec": d.code_kec, "name_kec": d.name_kec,
                "code_kel": d.code_kel, "name_kel": d.name_kel, "population": d.population,
            },
            d.code_kel,
        )
        for d in sorted(districts, key=lambda d: d.code_kel)
    ]  # fmt: skip
    return {"type": "FeatureCollection", "name": f"{CITY} (fiktif)", "features": features}


def basemap(terrain: Terrain, drawn: Map, roads: list[Road], rails: list[Path], airport: Polygon) -> Feature:
    """Everything below the districts' borders; `layer` says what a feature is, in the order of painting."""
    features = [_feature(drawn.sea, {"layer": "sea"}), _feature(drawn.land, {"layer": "land"})]
    for name, park in PARKS.items():
        features.append(_area(park, {"layer": "park", "name": name}))
    for name, lake in terrain.lakes.items():
        features.append(_area(lake, {"layer": "lake", "name": name}))
    for name, area in terrain.river_area.items():
        if name in ("Kali Asri", "Kali Pandan"):
            continue
        kind = "canal" if name == CANAL else "river"
        shape = area.intersection(terrain.land)
        features.append(_area(shape, {"layer": "river", "kind": kind, "name": name}))
    for name, path in terrain.rivers.items():
        width = CANAL_WIDTH[1] if name == CANAL else WIDTHS.get(name, (80.0, 80.0))[1]
        course = LineString(path).intersection(terrain.land)
        features.append(_line(course, {"layer": "stream", "name": name, "width_m": round(width)}))
    features.append(_area(airport, {"layer": "airport", "name": "Bandar Udara Tirta Raya"}))
    features.append(_line(RUNWAY, {"layer": "runway", "name": "Landas Pacu 18/36"}))
    features.append(
        _area(HARBOUR.intersection(terrain.land), {"layer": "harbour", "name": "Pelabuhan Tirta Raya"})
    )
    for path in terrain.breakwaters:
        features.append(_line(LineString(path), {"layer": "breakwater", "name": "Pemecah Gelombang"}))
    for path in rails:
        features.append(
            _line(LineString(path).intersection(terrain.frame), {"layer": "rail", "name": "Rel Kereta"})
        )
    rank = {"collector": 0, "arterial": 1, "coastal": 2, "ring": 3, "toll": 4}
    for road in sorted(roads, key=lambda r: rank[r.kind]):
        line = LineString(road.path).intersection(terrain.frame)
        features.append(_line(line, {"layer": "road", "class": road.kind, "name": road.name}))
    for text, kind, spot in LABELS:
        features.append(
            _feature(Point(_round(to_degrees(spot))), {"layer": "label", "kind": kind, "name": text})
        )
    return {"type": "FeatureCollection", "name": f"{CITY} (fiktif)", "features": features}


def write_json(path: FilePath, document: dict[str, Any]) -> None:
    """One feature or place a line, so that a change is a readable difference."""
    parts = []
    for key, value in document.items():
        if isinstance(value, list):
            rows = ",\n".join(_dump(row) for row in value)
            parts.append(f"{_dump(key)}: [\n{rows}\n]")
        else:
            parts.append(f"{_dump(key)}: {_dump(value)}")
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8", newline="\n")


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _area(shape: BaseGeometry, properties: Feature) -> Feature:
    return _feature(_snapped(shape.simplify(ROUGH), "Polygon"), properties)


def _line(shape: BaseGeometry, properties: Feature) -> Feature:
    return _feature(_snapped(shape.simplify(ROUGH), "LineString"), properties)


def _snapped(shape: BaseGeometry, wanted: str) -> BaseGeometry:
    """In degrees of 5 decimals and valid; only parts of the wanted type.

    A cut along a shared edge also leaves points and lines behind, which no map layer means to draw.
    """
    moved = transform(shape, _rounded_degrees)
    if moved.is_valid and moved.geom_type.removeprefix("Multi") == wanted:
        return moved
    loose = get_parts(make_valid(moved)).tolist()
    flat = [piece for part in loose for piece in get_parts(part).tolist()]
    return union_all([piece for piece in flat if piece.geom_type == wanted])


def _rounded_degrees(spots: Floats) -> Floats:
    return np.array([_round(to_degrees((x, y))) for x, y in spots.tolist()], dtype=np.float64).reshape(-1, 2)


def _round(spot: Vertex) -> Vertex:
    return (round(spot[0], 5), round(spot[1], 5))


def _feature(shape: BaseGeometry, properties: Feature, identity: str | None = None) -> Feature:
    if isinstance(shape, Polygon):
        shape = orient(shape)  # RFC 7946: outer rings anticlockwise
    elif isinstance(shape, MultiPolygon):
        shape = MultiPolygon([orient(part) for part in shape.geoms])
    geometry = shape.__geo_interface__
    feature: Feature = {"type": "Feature"}
    if identity is not None:
        feature["id"] = identity
    return {
        **feature,
        "properties": properties,
        "geometry": {"type": geometry["type"], "coordinates": _plain(geometry["coordinates"])},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, (int, float)):
        return round(float(value), 5)
    return [_plain(part) for part in value]
