"""GeoJSON of incidents (RFC 7946): points, and lines and areas by a point that lies on them.

A `crs` member (CRS84, in older Indonesian files) is let pass. Coordinates are taken as they are written:
a pair that was exchanged at its source is marked by the geofence, not mended here.
"""

from __future__ import annotations

from typing import Any

import msgspec
import shapely
from shapely.geometry.base import BaseGeometry

from feeds.base import Adapter, Context, Parsed
from feeds.reading.documents import load_json
from feeds.reading.mapping import Mapping, Record
from feeds.reading.numbers import MAX_WHOLE
from feeds.reading.record import ALWAYS_EMPTY
from feeds.reading.rows import MAX_RECORDS, Row
from feeds.reports import FIELDS, incidents
from wallboard.errors import BadDocument

#: The largest road works of the samples have 900 vertices; a hostile million would hold up all feeds.
MAX_VERTICES = 20_000

#: How many dimensions of nested lists a geometry has at most: MultiPolygon → polygon → ring → position.
_DEPTHS = {
    "Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3,
}  # fmt: skip


class GeojsonOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]. Expressions of the mapping see the whole feature: `properties.judul`, `id`."""

    mapping: Mapping = Mapping()
    #: the document is the whole list: an incident that is not in it any more is over
    complete: bool = False

    def __post_init__(self) -> None:
        if self.mapping.records or self.mapping.format not in ("auto", "json"):
            raise ValueError("a GeoJSON's records are its features: `records` and `format` have no use here")


def parse(payload: bytes, context: Context, options: GeojsonOptions) -> Parsed:
    """An incident for each feature; with `complete` a Present behind them."""
    document = load_json(payload)
    mapping = _with_defaults(options.mapping)
    empty = ALWAYS_EMPTY | {str(word).strip().casefold() for word in mapping.empty}
    rows = [Row(f"feature {index}", feature) for index, feature in enumerate(features(document))]
    records = [placed(Record(row, mapping, {}, empty)) for row in rows]
    return incidents(records, context, complete=options.complete)


def representative_point(geometry: Any) -> tuple[Any, Any]:
    """A (lon, lat) on the geometry, as its source wrote the numbers; ValueError says why there is none.

    A point is itself; of a line it is the middle of its length, of an area the inside point of the largest
    part.
    """
    if not isinstance(geometry, dict):
        raise ValueError(f"a geometry is an object, not a {type(geometry).__name__}")
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "GeometryCollection":
        parts = geometry.get("geometries")
        if not isinstance(parts, list) or not parts or not isinstance(parts[0], dict):
            raise ValueError("a GeometryCollection without geometries")
        if parts[0].get("type") == "GeometryCollection":
            raise ValueError("a GeometryCollection in another")  # RFC 7946, section 3.1.8: to be avoided
        return representative_point(parts[0])
    if not isinstance(kind, str) or kind not in _DEPTHS:
        raise ValueError(f"{str(kind)[:40]!r} is no type of geometry")
    if kind == "Point":
        if not isinstance(coordinates, list) or len(coordinates) < 2:
            raise ValueError("a Point without two numbers")
        return coordinates[0], coordinates[1]
    shape = _shape(kind, numbers(coordinates, _DEPTHS[kind], [MAX_VERTICES]))
    point = _point_on(shape)
    return float(point.x), float(point.y)


def placed(record: Record) -> Record:
    """The record with the point of its geometry, which goes before what its properties say."""
    geometry = record.raw.get("geometry") if isinstance(record.raw, dict) else None
    if geometry is not None:  # null: "unlocated" (RFC 7946, section 3.2)
        try:
            lon, lat = representative_point(geometry)
        except ValueError:
            record.note("bad_coordinates")
        else:
            record.give("lon", lon)
            record.give("lat", lat)
    return record


def _with_defaults(mapping: Mapping) -> Mapping:
    """Fields that the configuration leaves out are the properties of the same name, and the feature's id."""
    own = {name: f"properties.{name}" for name in FIELDS if name not in ("lon", "lat", "position", "id")}
    own["id"] = "id || properties.id"
    return msgspec.structs.replace(mapping, fields=own | mapping.fields)


def features(document: Any) -> list[Any]:
    """The features of a document, or itself as the one; BadDocument where it is no GeoJSON."""
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "Feature":
        return [document]
    features = document.get("features") if kind == "FeatureCollection" else None
    if not isinstance(features, list):
        found = f'"type": {str(kind)[:40]!r}' if kind else type(document).__name__
        raise BadDocument(f"this is no GeoJSON FeatureCollection or Feature, but {found}")
    if len(features) > MAX_RECORDS:
        raise BadDocument(f"the document holds more than {MAX_RECORDS} features")
    return features


def numbers(coordinates: Any, depth: int, left: list[int]) -> Any:
    """Nested lists of positions, checked and counted; altitudes left out."""
    if not isinstance(coordinates, list):
        raise ValueError("coordinates are not lists of positions")
    if depth == 0:
        left[0] -= 1
        if left[0] < 0:
            raise ValueError(f"more than {MAX_VERTICES} vertices")
        pair = coordinates[:2]
        if len(pair) < 2 or not all(
            isinstance(n, int | float) and not isinstance(n, bool) and abs(n) <= MAX_WHOLE for n in pair
        ):
            raise ValueError("a position is two numbers")
        return (float(pair[0]), float(pair[1]))
    return [numbers(part, depth - 1, left) for part in coordinates]


def _shape(kind: str, numbers: Any) -> BaseGeometry:
    try:
        shape = shapely.geometry.shape({"type": kind, "coordinates": numbers})
    except (ValueError, IndexError, shapely.errors.ShapelyError) as fault:
        raise ValueError(f"no {kind}: {fault}") from None
    if shape.is_empty:
        raise ValueError(f"an empty {kind}")
    return shape


def _point_on(shape: BaseGeometry) -> Any:
    parts = shapely.get_parts(shape)
    if shape.geom_type in ("LineString", "MultiLineString"):
        longest = max(parts, key=lambda part: part.length)
        return longest.interpolate(0.5, normalized=True)
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        # Not mended first: a point is found in what crosses itself, too, and to mend 500 corners in no order
        # takes two minutes.
        return max(parts, key=lambda part: part.area).representative_point()
    return parts[0]


ADAPTER = Adapter(type="geojson", options=GeojsonOptions, parse=parse, kinds=("incident",))
