"""Waze for Cities: what drivers report (alerts) and where they crawl (jams), as the partner feed has it.

The document is the whole of now: what is not in it any more is over. Coordinates are x = longitude and
y = latitude, times milliseconds, and yes is "True" or "False", as text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from feeds.base import Adapter, Context, Parsed
from feeds.geojson import representative_point
from feeds.reading.documents import load_json
from feeds.reading.mapping import BadField, Mapping, Record
from feeds.reading.numbers import MAX_WHOLE
from feeds.reading.record import ALWAYS_EMPTY
from feeds.reading.rows import MAX_RECORDS, Row
from feeds.reports import incidents
from feeds.waze.words import words_of
from wallboard.errors import BadDocument

#: The feed is made anew every two minutes. One that stands still this long is no picture of now.
MAX_AGE_S = 15 * 60.0

#: Below this jams are the traffic of every evening: 4 is a crawl, 5 stands or is closed.
MIN_JAM_LEVEL = 4

_ALERT = Mapping(
    fields={
        "id": "uuid",
        "text": "reportDescription",
        "lon": "location.x",
        "lat": "location.y",
        "address": ["street", "city"],
        "opened": "pubMillis",
    }
)
_JAM = Mapping(fields={"address": ["street", "city"], "opened": "pubMillis"})


class WazeOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]"""

    #: whether the jams come too
    jams: bool = True
    #: of jams only those from this level on
    min_level: Annotated[int, msgspec.Meta(ge=0, le=5)] = MIN_JAM_LEVEL
    #: of alerts only those that Waze itself trusts this much; those of the city's own people always
    min_reliability: Annotated[int, msgspec.Meta(ge=0, le=10)] = 0
    #: types or subtypes that are left out
    without: tuple[str, ...] = ("POLICE", "JAM")
    #: Waze's word → ours
    words: dict[str, str] = {}


def parse(payload: bytes, context: Context, options: WazeOptions) -> Parsed:
    """An incident for each alert and jam, and a Present behind them: the document is the whole list."""
    document = load_json(payload)
    made_at = _made_at(document, context)
    found = [*_alerts(document, options), *(_jams(document, options) if options.jams else ())]
    for record in found:
        # Of which time this picture is; `pubMillis` is when it began.
        record.give("observed", made_at)
    return incidents(found, context, complete=True)


def _made_at(document: Any, context: Context) -> float | None:
    """When the document was made. Raises BadDocument where it is none of Waze, or is too old."""
    known = ("alerts", "jams", "endTimeMillis")
    if not isinstance(document, dict) or not any(key in document for key in known):
        raise BadDocument("It is no partner feed of Waze: it has neither alerts nor jams.")
    ended = _number(document, "endTimeMillis")
    if ended is None:
        return None
    age_s = context.now - ended / 1000.0
    if age_s > MAX_AGE_S:
        raise BadDocument(f"The feed stands still: it is {age_s / 60:.0f} minutes old.")
    return ended / 1000.0


def _alerts(document: dict[str, Any], options: WazeOptions) -> Iterable[Record]:
    for row in _rows(document, "alerts"):
        record = Record(row, _ALERT, {}, ALWAYS_EMPTY)
        if not isinstance(row.data, dict):
            yield record
            continue
        kind, subtype = _word(row.data, "type"), _word(row.data, "subtype")
        if kind in options.without or subtype in options.without or not _trusted(row.data, options):
            continue
        yield _named(record, kind, subtype, options)


def _jams(document: dict[str, Any], options: WazeOptions) -> Iterable[Record]:
    for row in _rows(document, "jams"):
        record = Record(row, _JAM, {}, ALWAYS_EMPTY)
        if not isinstance(row.data, dict):
            yield record
            continue
        level = _number(row.data, "level")
        if level is not None and level < options.min_level:
            continue
        if row.data.get("uuid") is not None:
            # A number in some feeds; alerts have ids of their own.
            record.give("id", f"jam-{row.data['uuid']}"[:200])
        line = row.data.get("line")
        try:
            pairs = [[point["x"], point["y"]] for point in line] if isinstance(line, list) else None
            lon, lat = representative_point({"type": "LineString", "coordinates": pairs})
        except (ValueError, TypeError, KeyError):
            record.note("bad_coordinates")
        else:
            record.give("lon", lon)
            record.give("lat", lat)
        record.give("text", _how_bad(row.data))
        yield _named(record, "JAM", f"JAM_LEVEL_{level:g}" if level is not None else "", options)


def _named(record: Record, kind: str, subtype: str, options: WazeOptions) -> Record:
    words = words_of(kind, subtype, options.words)
    record.give("category", subtype or kind or None)
    record.give("category_name", words or None)
    try:
        street = record.line("address")
    except BadField:
        street = ""
    record.give("title", " – ".join(part for part in (words, street) if part) or None)
    return record


def _how_bad(jam: dict[str, Any]) -> str | None:
    """Length, speed and delay, as far as they are known: a delay of −1 means closed."""
    parts = []
    length, speed, delay = (_number(jam, key) for key in ("length", "speedKMH", "delay"))
    if length:
        parts.append(f"{length:.0f} m" if length < 1000 else f"{length / 1000:.1f} km".replace(".", ","))
    if speed:
        parts.append(f"{speed:.0f} km/jam")
    if delay is not None and delay >= 60:
        parts.append(f"+{delay / 60:.0f} menit")
    if delay is not None and delay < 0:
        parts.append("ditutup")
    return " · ".join(parts) or None


def _trusted(alert: dict[str, Any], options: WazeOptions) -> bool:
    if str(alert.get("reportByMunicipalityUser")).casefold() == "true":
        return True
    reliability = _number(alert, "reliability")
    return reliability is None or reliability >= options.min_reliability


def _rows(document: dict[str, Any], key: str) -> list[Row]:
    listed = document.get(key)
    if listed is None:
        return []  # left out where there are none
    if not isinstance(listed, list):
        raise BadDocument(f"{key} is no list.")
    if len(listed) > MAX_RECORDS:
        raise BadDocument(f"It holds more than {MAX_RECORDS} {key}.")
    return [Row(f"{key}[{index}]", each) for index, each in enumerate(listed)]


def _word(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else ""


def _number(record: dict[str, Any], key: str) -> float | None:
    value = record.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > MAX_WHOLE:
        return None
    return float(value)


ADAPTER = Adapter(type="waze", options=WazeOptions, parse=parse, kinds=("incident",))
