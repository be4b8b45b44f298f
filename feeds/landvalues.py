"""Land-value zones (ATR/BPN's Zona Nilai Tanah and its like) as GeoJSON: what a square metre is worth.

A value holds for the day, month or year of its map, never for the day of the fetch. One zone may stand in a
document several times, once for each map.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from feeds.base import Adapter, Context, Parsed
from feeds.geojson import features, numbers
from feeds.prices.survey import today
from feeds.reading.documents import load_json
from feeds.reading.mapping import BadField, Mapping, Record
from feeds.reading.record import ALWAYS_EMPTY
from feeds.reading.rows import Row
from feeds.reading.shape import compiled
from feeds.reports import identity
from wallboard.events import LandValued, Present

#: A square metre of Jakarta's dearest land is taxed at 100 million rupiah, one of a remote field at some
#: thousand: what lies outside is a value by the hectare, in thousands, or a slip of the pen.
MIN_VALUE, MAX_VALUE = 100, 1_000_000_000

#: Corners of one zone; the largest kelurahan of the samples has 4,000.
MAX_CORNERS = 10_000

_FIELDS = ("id", "name", "value", "low", "high", "as_of", "use", "source")

#: "2025", "2025-07", "2025-07-01"
_AS_OF = re.compile(r"(?:19|20)\d{2}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")

#: What survives of a geometry: polygons of rings of [lon, lat].
Polygons = tuple[tuple[tuple[tuple[float, float], ...], ...], ...]


class LandValuesOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]. Expressions of the mapping see the whole feature: `properties.nilai`, `id`."""

    mapping: Mapping = Mapping()
    #: of a source whose values are in thousands of rupiah: 1000
    factor: int = 1
    #: of a document whose zones do not say it: "2025", "2025-07" or "2025-07-01"
    as_of: str = ""
    #: who says so, where the zones do not name it
    source: str = ""
    #: the document is the whole map: a zone that is not in it any more has ended
    complete: bool = False

    def __post_init__(self) -> None:
        if self.mapping.records or self.mapping.format not in ("auto", "json"):
            raise ValueError("a GeoJSON's records are its features: `records` and `format` have no use here")
        if self.as_of and not _AS_OF.fullmatch(self.as_of):
            raise ValueError('as_of is a year, month or day: "2025", "2025-07" or "2025-07-01"')
        if self.factor < 1:
            raise ValueError("factor is 1 or more")


def parse(payload: bytes, context: Context, options: LandValuesOptions) -> Parsed:
    """A value for each feature that has one; with `complete` a Present behind them."""
    document = load_json(payload)
    mapping = _with_defaults(options.mapping)
    common = {name: compiled(expression)(document) for name, expression in mapping.common.items()}
    empty = ALWAYS_EMPTY | {str(word).strip().casefold() for word in mapping.empty}
    parsed = Parsed()
    ids: dict[str, None] = {}
    nameless = False
    for index, feature in enumerate(features(document)):
        record = Record(Row(f"feature {index}", feature), mapping, common, empty)
        source_id = ""
        try:
            source_id = identity(record)
            parsed.events.append(_valued(record, source_id, context, options))
        except BadField as bad:
            parsed.faults.append(bad.fault())
            nameless = nameless or not source_id
        if source_id:
            ids[source_id] = None
    # A zone without a readable identity may be any that is known: then none can be declared ended.
    if options.complete and ids and not nameless:
        parsed.events.append(
            Present(
                feed=context.feed, source_id="", received_at=context.now, kind="landvalue", ids=tuple(ids)
            )
        )
    return parsed


def _valued(record: Record, source_id: str, context: Context, options: LandValuesOptions) -> LandValued:
    low, high = _rupiah(record, "low", options.factor), _rupiah(record, "high", options.factor)
    value = _rupiah(record, "value", options.factor)
    if low is not None and high is not None and low > high:
        raise BadField(record, "low", f"{low} is above the upper end {high}")
    if value is None:
        # A zone is a class, from a value to a value; its middle stands for it.
        if low is None or high is None:
            raise BadField(record, "value", "is missing, and so is its range")
        value = round((low + high) / 2)
    polygons = _polygons(record, context)
    return LandValued(
        feed=context.feed,
        source_id=source_id,
        received_at=context.now,
        name=record.line("name") or source_id,
        value=value,
        low=low,
        high=high,
        as_of=_as_of(record, context, options.as_of),
        use=record.line("use"),
        source=record.line("source") or options.source,
        polygons=polygons,
        flags=tuple(flag for flag in record.flags if flag != "no_zone"),
    )


def _rupiah(record: Record, field: str, factor: int) -> int | None:
    """Whole rupiah a square metre; None where there is nothing."""
    number = record.number(field)
    if number is None or number == 0:
        return None
    value = number * factor
    if not MIN_VALUE <= value <= MAX_VALUE:
        hint = "; are they thousands? then factor = 1000" if 0 < value < MIN_VALUE else ""
        raise BadField(record, field, f"{value:g} is no value of a square metre in rupiah{hint}")
    return round(value)


def _as_of(record: Record, context: Context, default: str) -> str:
    """Of when the value is, as exactly as its source says."""
    written = record.line("as_of") or default
    if not written:
        raise BadField(record, "as_of", "is missing; a value without its time is never taken for today's")
    if not _AS_OF.fullmatch(written):
        seconds = record.time("as_of", context.zone)
        written = "" if seconds is None else today(context, seconds)
    if not written or written > today(context):
        raise BadField(record, "as_of", f"{written or record.line('as_of')} is no time in the past")
    return written


def _polygons(record: Record, context: Context) -> Polygons:
    geometry = record.raw.get("geometry") if isinstance(record.raw, dict) else None
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or kind not in ("Polygon", "MultiPolygon"):
        raise BadField(record, "", f"a zone is a Polygon or a MultiPolygon, not {str(kind)[:40]}")
    try:
        found = numbers(geometry.get("coordinates"), 2 if kind == "Polygon" else 3, [MAX_CORNERS])
    except ValueError as fault:
        raise BadField(record, "", str(fault)) from None
    polygons: Polygons = tuple(
        tuple(tuple(ring) for ring in polygon) for polygon in ([found] if kind == "Polygon" else found)
    )
    corners = [corner for polygon in polygons for ring in polygon for corner in ring]
    if not corners or any(len(ring) < 4 for polygon in polygons for ring in polygon):
        raise BadField(record, "", "a ring has at least four positions")
    # Maps of a land office are often in a projection (TM-3, UTM), in metres.
    if any(abs(lon) > 180 or abs(lat) > 180 for lon, lat in corners):
        raise BadField(record, "", "its coordinates are no degrees; write the map in WGS 84 (EPSG:4326)")
    if context.bounds is not None and _exchanged(corners[0], context.bounds):
        record.note("swapped_suspected")
    return polygons


def _exchanged(corner: tuple[float, float], bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds

    def inside(lon: float, lat: float) -> bool:
        return west <= lon <= east and south <= lat <= north

    return not inside(*corner) and inside(corner[1], corner[0])


def _with_defaults(mapping: Mapping) -> Mapping:
    """Fields that the configuration leaves out are the properties of the same name, and the feature's id."""
    own: dict[str, Any] = {name: f"properties.{name}" for name in _FIELDS if name != "id"}
    own["id"] = "id || properties.id"
    return msgspec.structs.replace(mapping, fields=own | mapping.fields)


ADAPTER = Adapter(type="landvalues", options=LandValuesOptions, parse=parse, kinds=("landvalue",))
