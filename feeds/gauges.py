"""Flood gates and water levels: JSON or CSV by a mapping, or Jakarta's list of pintu air as it is.

A value that is missing stays unknown, it is not 0. A time that cannot be read is a fault: without it a gate
that was last read years ago would look as fresh as its list.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from feeds.base import Adapter, Context, Parsed
from feeds.reading.mapping import BadField, Mapping, Record, records
from feeds.reports import identity
from wallboard.events import GaugeRead, Present

#: Jakarta's pintu air as a front-end of the city reads them (FEEDS.md 1.5): a GeoJSON whose coordinates are
#: texts, lon first, the time split into a day and a clock without a zone, status_siaga 1 the worst.
PINTU_AIR = Mapping(
    format="json",
    records="not_null(features, data.features, [@][?type(@) == 'array'] | [0])",
    fields={
        "id": "properties.pintu_air.id || properties.pintu_air.name",
        "name": "properties.pintu_air.name",
        "value": "properties.ketinggian",
        "level": "properties.status_siaga",
        "river": "properties.pintu_air.sistem_aliran",
        "lon": "geometry.coordinates[0]",
        "lat": "geometry.coordinates[1]",
        "observed": ["properties.tanggal", "properties.jam"],
    },
    values={"level": {"1": "Siaga 1", "2": "Siaga 2", "3": "Siaga 3", "4": "Siaga 4"}},
)

#: The fields that a mapping may fill for a gauge.
FIELDS = (
    "id", "name", "value", "observed", "unit", "lon", "lat", "position", "address", "level", "river",
)  # fmt: skip

#: Records under our own names of the fields.
OWN = Mapping(fields={name: name for name in FIELDS})

#: A word that only Jakarta's list has.
_SIGN = b'"pintu_air"'


class GaugesOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]: a ready source, or a mapping to the fields id, name, value, observed, unit, lon, lat,
    position, address, level and river; without both, Jakarta's list is known by its words, and anything
    else is read under these names."""

    source: Literal["", "pintu_air"] = ""
    mapping: Mapping | None = None
    #: of a source whose records name none
    unit: str = "cm"
    #: the document is the whole list: a gauge that is not in it any more was withdrawn
    complete: bool = False

    def __post_init__(self) -> None:
        if self.source and self.mapping is not None:
            raise ValueError("either `source` or `mapping` says how the records are written, not both")


def parse(payload: bytes, context: Context, options: GaugesOptions) -> Parsed:
    """A reading for each record; with `complete` a Present behind them."""
    parsed = Parsed()
    ids: dict[str, None] = {}
    # A record without a readable identity may be any gauge known: then nobody can be declared gone.
    nameless = False
    for record in records(payload, _mapping(payload, options)):
        source_id = ""
        try:
            source_id = identity(record)
            parsed.events.append(gauge(record, context, options.unit))
        except BadField as bad:
            parsed.faults.append(bad.fault())
            nameless = nameless or not source_id
        if source_id:
            ids[source_id] = None
    if options.complete and ids and not nameless:
        listed = tuple(ids)
        parsed.events.append(
            Present(feed=context.feed, source_id="", received_at=context.now, kind="gauge", ids=listed)
        )
    return parsed


def _mapping(payload: bytes, options: GaugesOptions) -> Mapping:
    if options.mapping is not None:
        return options.mapping
    return PINTU_AIR if options.source == "pintu_air" or _SIGN in payload else OWN


def gauge(record: Record, context: Context, unit: str = "cm") -> GaugeRead:
    """The record as a gauge's reading; BadField where it has no identity or its time cannot be read."""
    source_id = identity(record)
    observed = record.time("observed", context.zone)
    lon, lat = record.place()
    return GaugeRead(
        feed=context.feed,
        source_id=source_id,
        received_at=context.now,
        observed_at=observed,
        name=record.line("name") or source_id,
        value=record.number("value"),
        unit=record.line("unit") or unit,
        lon=lon,
        lat=lat,
        address=record.line("address"),
        level_raw=record.line("level"),
        river=record.line("river"),
        flags=record.flags,
    )


ADAPTER = Adapter(type="gauges", options=GaugesOptions, parse=parse, kinds=("gauge",))
