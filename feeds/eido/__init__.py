"""Incidents by EIDO (NENA-STA-021.1), the Emergency Incident Data Object of next-generation 112/911 centres.

An EIDO is a bag of components that point to each other by `$id`. Read is what the wall needs: what, where,
since when, whether it is over. Who called, how to call back, and addresses to be fetched are not read.
"""

from __future__ import annotations

from typing import Any

import msgspec

from feeds.base import Adapter, Context, Parsed
from feeds.cap.xml import plain
from feeds.eido.place import Place, read_place
from feeds.reading.documents import load_json
from feeds.reading.mapping import BadField, Mapping, Record
from feeds.reading.record import ALWAYS_EMPTY
from feeds.reading.rows import MAX_RECORDS, Row, json_lines, kind_of
from feeds.reading.times import parse_time
from feeds.reports import incidents
from wallboard.errors import BadDocument

#: Words of the registry of incident statuses, and of local lists, that mean that it is over.
CLOSED = ("closed", "archived", "cancelled", "canceled", "completed", "resolved")

#: What a record that fails is kept with, for a person to look at: who called, from where and how to call back
#: stand in the other components, and perhaps in those of a later version.
_KEPT = ("$id", "eidoVersion", "issuingElementIdentification", "lastUpdateTimeStamp", "incidentComponent")

#: What stands for a line or an element that could not be read, and may hold anything.
_NOT_KEPT = "(not kept: it may name persons)"

#: Of a long log the wall shows the newest notes.
MAX_NOTES = 5

#: So many places are looked through for one that has coordinates.
MAX_PLACES = 20

_TYPE, _STATUS = "incidentComponent.incidentType", "incidentComponent.incidentStatus"
_MAPPING = Mapping(
    fields={
        "id": '"$id"',
        "observed": "lastUpdateTimeStamp",
        "code": f"{_TYPE}InternalCode || {_TYPE}CommonRegistryText",
        "kind": f"{_TYPE}InternalText || {_TYPE}CommonRegistryText",
        "state": f"{_STATUS}CommonRegistryText || {_STATUS}InternalText",
    },
)


class EidoOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]"""

    #: statuses that mean that the incident is over; case does not count
    closed: tuple[str, ...] = CLOSED
    #: title of an EIDO that only transfers a call, and does not say yet what happened
    untyped: str = "Panggilan darurat"
    #: the document is the whole list: an incident that is not in it any more is over
    complete: bool = False


def parse(payload: bytes, context: Context, options: EidoOptions) -> Parsed:
    """An incident for each EIDO: of one, a list or one a line; with `complete` a Present behind them."""
    over = frozenset(word.casefold() for word in options.closed)
    found = [_read(row, context, options, over) for row in _rows(payload)]
    return incidents(found, context, complete=options.complete)


def _rows(payload: bytes) -> list[Row]:
    if kind_of(payload, "auto") == "jsonl":
        return json_lines(payload)
    document = load_json(payload)
    listed = document if isinstance(document, list) else [document]
    if len(listed) > MAX_RECORDS:
        raise BadDocument(f"It holds more than {MAX_RECORDS} EIDOs.")
    if listed and not any(isinstance(each, dict) and "eidoVersion" in each for each in listed):
        raise BadDocument("It is no EIDO: it has no eidoVersion.")
    return [Row(f"eido {index}", each) for index, each in enumerate(listed)]


def _read(row: Row, context: Context, options: EidoOptions, over: frozenset[str]) -> Record:
    eido = row.data
    if row.broken or not isinstance(eido, dict):
        why = row.broken or f"a {type(eido).__name__} is no EIDO"
        return Record(Row(row.where, _NOT_KEPT, why), _MAPPING, {}, ALWAYS_EMPTY)
    kept = {name: eido[name] for name in _KEPT if name in eido}
    record = Record(Row(row.where, kept), _MAPPING, {}, ALWAYS_EMPTY)
    record.give("opened", _first_call(eido, context))
    try:
        code, kind, state = (record.line(field) for field in ("code", "kind", "state"))
    except BadField:
        code = kind = state = ""
    record.give("category", code or None)
    record.give("category_name", kind or None)
    record.give("title", kind or options.untyped)
    states = {word.strip().casefold() for word in state.split(",")}
    record.give("status", "closed" if states & over else "open")
    place = _place(eido)
    for name, value in (("lon", place.lon), ("lat", place.lat), ("accuracy", place.accuracy_m)):
        record.give(name, value)
    record.give("address", place.address or None)
    for flag in place.flags:
        record.note(flag)
    record.give("text", _notes(eido, context) or None)
    return record


def _first_call(eido: dict[str, Any], context: Context) -> float | None:
    """When the first call about it began."""
    times = [_moment(call, "callStartTimestamp", context) for call in _parts(eido, "callComponent")]
    return min((at for at in times if at is not None), default=None)


def _moment(component: dict[str, Any], name: str, context: Context) -> float | None:
    """None for a component that does not say when."""
    try:
        return parse_time(str(component.get(name, "")), context.zone)[0]
    except ValueError:
        return None


def _place(eido: dict[str, Any]) -> Place:
    """The incident's own place, else its caller's, else any; the first that has coordinates."""
    known = {
        each["$id"]: each for each in _parts(eido, "locationComponent") if isinstance(each.get("$id"), str)
    }
    incident = eido.get("incidentComponent")
    wanted = _references(incident if isinstance(incident, dict) else {}, "locationReference")
    for call in _parts(eido, "callComponent"):
        wanted += _references(call, "locationReference")
    ordered = [known[id] for id in dict.fromkeys([*wanted, *known]) if id in known]
    best = Place()
    for component in ordered[:MAX_PLACES]:
        value, told = component.get("locationByValue"), component.get("locationDescriptionText")
        place = read_place(value) if isinstance(value, str) else Place()
        address = place.address or (told if isinstance(told, str) else "")
        if place.lon is not None:
            return _with(place, address or best.address)
        best = _with(best, best.address or address, place.flags)
    return best


def _with(place: Place, address: str, flags: tuple[str, ...] = ()) -> Place:
    return Place(
        place.lon, place.lat, place.accuracy_m, address, tuple(dict.fromkeys((*place.flags, *flags)))
    )


def _notes(eido: dict[str, Any], context: Context) -> str:
    """The newest notes, which are HTML, as text, one a line."""
    notes = [
        # By the instant: two centres write it with two offsets.
        (_moment(each, "lastUpdateTimeStamp", context) or 0.0, each["notesActionComments"])
        for each in _parts(eido, "notesComponent")
        if isinstance(each.get("notesActionComments"), str)
    ]
    return "\n".join(plain(text) for _, text in sorted(notes, reverse=True)[:MAX_NOTES])


def _parts(eido: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = eido.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _references(component: dict[str, Any], name: str) -> list[str]:
    return [each["$ref"] for each in _parts(component, name) if isinstance(each.get("$ref"), str)]


ADAPTER = Adapter(type="eido", options=EidoOptions, parse=parse, kinds=("incident",))
