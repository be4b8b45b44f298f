"""PetaBencana.id (CogniCity): flooded areas, flood gauges, citizens' reports.

https://data.petabencana.id/{floods,floodgauges,reports}: {statusCode, result}, the result TopoJSON (which is
what it answers unless asked otherwise) or GeoJSON; docs at https://docs.petabencana.id/. FEEDS.md 1.5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import msgspec

from feeds.base import Adapter, Context, Parsed
from feeds.geojson import features as geojson_features
from feeds.geojson import representative_point
from feeds.petabencana import topojson
from feeds.petabencana.floods import floods
from feeds.reading.documents import load_json
from feeds.reading.mapping import BadField, Mapping, Record
from feeds.reading.record import ALWAYS_EMPTY
from feeds.reading.rows import MAX_RECORDS, Row
from feeds.reports import identity, incidents
from wallboard.errors import BadDocument
from wallboard.events import GaugeRead, Present
from wallboard.text import title

#: A gauge's document holds the observations of a day; older ones than these say nothing of how it moves now.
MAX_OBSERVATIONS = 48

_FLOODS = Mapping(
    fields={
        "id": "properties.area_id",
        "name": "properties.area_name",
        "parent": "properties.parent_name",
        "city": "properties.city_name",
        "state": "properties.state",
        "observed": "properties.last_updated",
    }
)

_REPORTS = Mapping(
    fields={
        "id": "properties.pkey",
        "title": "properties.title",
        "text": "properties.text",
        "category": "properties.disaster_type",
        "status": "properties.status",
        "opened": "properties.created_at",
        "media": "properties.image_url",
        "depth": "properties.report_data.flood_depth",
    },
)

_GAUGES = Mapping(
    fields={"id": "properties.gaugeid", "name": "properties.gaugenameid", "list": "properties.observations"}
)

#: One of a gauge's observations: when, how deep (cm), level as number and as words.
_OBSERVATION = Mapping(fields={"observed": "f1", "value": "f2", "level": "f4 || f3"})

#: PetaBencana's words for a disaster, as the wall's country says them.
_DISASTERS = {
    "flood": "Banjir", "earthquake": "Gempa", "haze": "Kabut asap", "fire": "Kebakaran hutan",
    "wind": "Angin", "volcano": "Gunung api", "prep": "Persiapan",
}  # fmt: skip


class PetabencanaOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]"""

    #: which of its lists `url` is: the last word of its path
    list: Literal["floods", "floodgauges", "reports"]
    #: the document is the whole list: a report that has left its window (`timeperiod`) is over
    complete: bool = True


def parse(payload: bytes, context: Context, options: PetabencanaOptions) -> Parsed:
    """Floods by kelurahan, a reading for each observation of a gauge, or an incident for each report."""
    features = _features(load_json(payload))
    return _READERS[options.list](features, context, options.complete)


def _features(document: Any) -> list[Any]:
    """The features in the answer, whatever its form."""
    result = document
    if isinstance(document, dict) and "statusCode" in document:
        code = document["statusCode"]
        if str(code) != "200":
            said = document.get("message") or document.get("error") or document.get("result")
            words = title(said)[:200] if isinstance(said, str) else "no reason given"
            raise BadDocument(f"PetaBencana answers with status {title(str(code))}: {words}")
        result = document.get("result")
    if isinstance(result, dict) and result.get("type") == "Topology":
        found = topojson.features(result)
        if len(found) > MAX_RECORDS:
            raise BadDocument(f"the document holds more than {MAX_RECORDS} features")
        return found
    return geojson_features(result)


def _records(features: Iterable[Any], mapping: Mapping) -> list[Record]:
    return [
        Record(Row(f"feature {index}", feature), mapping, {}, ALWAYS_EMPTY)
        for index, feature in enumerate(features)
    ]


def _flooded(features: list[Any], context: Context, complete: bool) -> Parsed:
    parsed = floods(_records(features, _FLOODS), context)
    if not complete:
        parsed.events = [event for event in parsed.events if not isinstance(event, Present)]
    return parsed


def _reported(features: list[Any], context: Context, complete: bool) -> Parsed:
    records = _records(features, _REPORTS)
    for record in records:
        _place(record)
        _name(record)
    return incidents(records, context, complete=complete)


def _place(record: Record) -> None:
    geometry = record.raw.get("geometry") if isinstance(record.raw, dict) else None
    if geometry is None:
        return
    try:
        lon, lat = representative_point(geometry)
    except ValueError:
        record.note("bad_coordinates")
        return
    record.give("lon", lon)
    record.give("lat", lat)


def _name(record: Record) -> None:
    """ "Banjir 70 cm" as the words for the category: most reports have no title of their own."""
    try:
        kind = record.line("category")
        words = _DISASTERS.get(kind, kind)
        depth = record.number("depth")
    except BadField:
        return  # the record itself says what is wrong with it where it is read
    if words:
        record.give("category_name", f"{words} {depth:g} cm" if depth else words)


def _gauged(features: list[Any], context: Context, complete: bool) -> Parsed:
    parsed = Parsed()
    ids: dict[str, None] = {}
    for record in _records(features, _GAUGES):
        try:
            source_id = identity(record)
        except BadField as bad:
            parsed.faults.append(bad.fault())
            complete = False
            continue
        ids[source_id] = None
        _place(record)
        try:
            _read_gauge(record, source_id, context, parsed)
        except BadField as bad:
            parsed.faults.append(bad.fault())
    if complete and ids:
        listed = tuple(ids)
        parsed.events.append(
            Present(feed=context.feed, source_id="", received_at=context.now, kind="gauge", ids=listed)
        )
    return parsed


def _read_gauge(record: Record, source_id: str, context: Context, parsed: Parsed) -> None:
    """A reading for each of the newest observations; one that cannot be read does not cost the others."""
    observations = record.value("list")
    if not isinstance(observations, list) or not observations:
        why = "has no observations" if observations == [] or observations is None else "is no list"
        parsed.faults.append(BadField(record, "observations", why).fault())
        return
    lon, lat = record.place()
    name = record.line("name") or source_id
    for index, observation in enumerate(observations[-MAX_OBSERVATIONS:]):
        row = Row(f"{record.where}, observation {index}", observation)
        each = Record(row, _OBSERVATION, {}, ALWAYS_EMPTY)
        try:
            observed = each.time("observed", context.zone)
            if observed is None:
                raise BadField(each, "observed", "is missing")
            parsed.events.append(
                GaugeRead(
                    feed=context.feed,
                    source_id=source_id,
                    received_at=context.now,
                    observed_at=observed,
                    name=name,
                    value=each.number("value"),
                    lon=lon,
                    lat=lat,
                    level_raw=each.line("level"),
                    flags=(*record.flags, *each.flags),
                )
            )
        except BadField as bad:
            parsed.faults.append(bad.fault())


_KINDS = {"floods": "hazard", "floodgauges": "gauge", "reports": "incident"}

_READERS: dict[str, Callable[[list[Any], Context, bool], Parsed]] = {
    "floods": _flooded,
    "floodgauges": _gauged,
    "reports": _reported,
}

ADAPTER = Adapter(
    type="petabencana",
    options=PetabencanaOptions,
    parse=parse,
    kinds=lambda options: (_KINDS[options.list],),
)
