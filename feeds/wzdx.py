"""Work zones by WZDx (Work Zone Data Exchange, 2 to 4.2): what of the roads is closed now, and until when.

The document is the whole list, and holds what is planned and what is past as well: an incident is what has
begun and has not ended. https://github.com/usdot-jpo-ode/wzdx
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from feeds.base import Adapter, Context, Parsed
from feeds.geojson import features, placed
from feeds.reading.documents import load_json
from feeds.reading.mapping import BadField, Mapping, Record
from feeds.reading.record import ALWAYS_EMPTY
from feeds.reading.rows import Row
from feeds.reports import incidents
from wallboard.errors import BadDocument

#: What a detour is for is the work zone; alone it would be an incident where nothing happened.
EVENTS = ("work-zone", "restriction")

#: `vehicle_impact` in the words of an Indonesian control room; the option `words` goes before them.
WORDS = {
    "all-lanes-closed": "Jalan ditutup",
    "some-lanes-closed": "Sebagian lajur ditutup",
    "all-lanes-open": "Pekerjaan jalan, semua lajur dibuka",
    "alternating-one-way": "Buka-tutup bergantian",
    "some-lanes-closed-merge-left": "Sebagian lajur ditutup",
    "some-lanes-closed-merge-right": "Sebagian lajur ditutup",
    "some-lanes-closed-split": "Sebagian lajur ditutup",
    "all-lanes-open-shift-left": "Lajur dialihkan",
    "all-lanes-open-shift-right": "Lajur dialihkan",
    "flagging": "Lalu lintas diatur petugas",
    "temporary-traffic-signal": "Lalu lintas diatur lampu sementara",
    "work-zone": "Pekerjaan jalan",
    "restriction": "Pembatasan jalan",
    "detour": "Jalan alihan",
}

#: Version 4 has its common part in `core_details`; before, all stood among the properties.
_MAPPING = Mapping(
    fields={
        "id": "id || properties.road_event_id",
        "name": "properties.core_details.name",
        "about": "properties.core_details.description || properties.description",
        "road": "properties.core_details.road_names || properties.road_names || properties.road_name",
        "observed": "properties.core_details.update_date || properties.update_date",
        "opened": "properties.start_date",
        "expected": "properties.end_date",
    },
)


class WzdxOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]"""

    #: which events of the road become incidents
    events: tuple[str, ...] = EVENTS
    #: what begins within this time is shown already (s)
    ahead: Annotated[float, msgspec.Meta(ge=0, extra={"unit": "s"})] = 0.0
    #: WZDx's word for the impact or the event → ours
    words: dict[str, str] = {}


def parse(payload: bytes, context: Context, options: WzdxOptions) -> Parsed:
    """An incident for each event of the road that is so now, and a Present behind them."""
    document = load_json(payload)
    listed = features(document)
    if not isinstance(document, dict) or not _is_wzdx(document, listed):
        raise BadDocument("It is GeoJSON, but no work zones of WZDx: features have no event_type.")
    rows = (Row(f"feature {index}", feature) for index, feature in enumerate(listed))
    return incidents(_now(rows, context, options), context, complete=True)


def _is_wzdx(document: dict[str, Any], listed: list[Any]) -> bool:
    if not listed:
        return any(name in document for name in ("feed_info", "road_event_feed_info"))
    return any(_event_type(feature) for feature in listed)


def _now(rows: Iterable[Row], context: Context, options: WzdxOptions) -> Iterable[Record]:
    for row in rows:
        record = Record(row, _MAPPING, {}, ALWAYS_EMPTY)
        kind = _event_type(row.data)
        # One that does not say what it is may be any of those known.
        if (not kind or kind in options.events) and _is_now(record, context, options):
            yield _titled(record, kind, options)


def _is_now(record: Record, context: Context, options: WzdxOptions) -> bool:
    try:
        begins, ends = (record.time(name, context.zone) for name in ("opened", "expected"))
    except BadField:
        return True  # who cannot say when it is, may be there: the record is shown, and flagged
    return (begins is None or begins <= context.now + options.ahead) and (ends is None or context.now < ends)


def _titled(record: Record, kind: str, options: WzdxOptions) -> Record:
    impact = record.raw.get("properties") if isinstance(record.raw, dict) else None
    impact = impact.get("vehicle_impact") if isinstance(impact, dict) else None
    code = impact if isinstance(impact, str) and impact != "unknown" else kind
    words = options.words.get(code) or WORDS.get(code) or options.words.get(kind) or WORDS.get(kind, kind)
    try:
        road, name, about = (record.line(field) for field in ("road", "name", "about"))
    except BadField:
        road = name = about = ""
    record.give("category", code or None)
    record.give("category_name", words or None)
    record.give("address", road or None)
    record.give("title", " – ".join(part for part in (words, road or name) if part) or None)
    record.give("text", ". ".join(part for part in (name, about) if part) or None)
    return placed(record)


def _event_type(feature: Any) -> str:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        return ""
    core = properties.get("core_details")
    found = (core if isinstance(core, dict) else properties).get("event_type")
    return found if isinstance(found, str) else ""


ADAPTER = Adapter(type="wzdx", options=WzdxOptions, parse=parse, kinds=("incident",))
