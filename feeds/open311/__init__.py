"""Citizens' reports by Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2), JSON and XML.

What real servers do beside the specification is met here: bare objects, `is_array`, empty elements, numbers
as text, no id right after a report was made, page numbers that are ignored. How a whole visit asks for its
pages is in `feeds/open311/visit.py`.
"""

from __future__ import annotations

import codecs
from typing import Any, Literal
from xml.etree.ElementTree import Element

import msgspec

from feeds.base import Adapter, Context, Parsed
from feeds.open311.visit import Open311Options, poll_with
from feeds.reading.documents import load_json, load_xml
from feeds.reading.private import mask_numbers
from feeds.reading.record import ALWAYS_EMPTY, BadField, Record
from feeds.reading.rows import MAX_RECORDS, Row
from feeds.reading.shape import Mapping
from feeds.reports import incident
from wallboard.errors import BadDocument
from wallboard.events import IncidentReported
from wallboard.text import title

#: GeoReport v2, "GET Service Requests". `long` is the specification's word; some servers write another.
_REQUEST = Mapping(
    fields={
        "id": "service_request_id",
        "title": "service_name",
        "text": "description",
        "category": "service_code",
        "category_name": "service_name",
        "status": "status",
        "status_notes": "status_notes",
        "agency": "agency_responsible",
        "lon": "long || lon || lng",
        "lat": "lat",
        "address": "address",
        "observed": "updated_datetime",
        "opened": "requested_datetime",
        "expected": "expected_datetime",
        "media": "media_url",
    }
)

#: What only a request or a service has: a record without any of it may be a server's error, which is a `code`
#: and a `description` (GeoReport v2, "Errors"). A request has a description too: a citizen's own words.
_FIELDS_OF = {
    "request": frozenset(
        {
            "service_request_id", "token", "service_code", "service_name", "status", "requested_datetime",
            "updated_datetime", "address", "lat", "long", "lon", "lng", "media_url",
        }
    ),
    "service": frozenset({"service_code", "service_name"}),
}  # fmt: skip

_CODE_ONLY = msgspec.structs.replace(_REQUEST, fields={**_REQUEST.fields, "title": "service_code"})


def parse(payload: bytes, context: Context, options: Open311Options) -> Parsed:
    """Incidents of a `requests` document, many or a single one, JSON or XML."""
    parsed = Parsed()
    for row in _rows(payload, "request", options.format):
        record = Record(row, _REQUEST, {}, ALWAYS_EMPTY)
        try:
            parsed.events.append(_incident(record, context))
        except BadField as bad:
            parsed.faults.append(bad.fault())
    return parsed


def service_names(payload: bytes) -> dict[str, str]:
    """service_code → service_name of a `services` document."""
    names: dict[str, str] = {}
    for row in _rows(payload, "service"):
        if isinstance(row.data, dict) and row.data.get("service_code") and row.data.get("service_name"):
            names[title(str(row.data["service_code"]))] = title(str(row.data["service_name"]))
    return names


def with_names(parsed: Parsed, names: dict[str, str]) -> Parsed:
    """The same with the service's name where a request has only its code."""
    return Parsed([_named(event, names) for event in parsed.events], parsed.faults)


def _named(event: Any, names: dict[str, str]) -> Any:
    if not isinstance(event, IncidentReported) or event.category_name or event.category not in names:
        return event
    return msgspec.structs.replace(event, category_name=names[event.category], title=names[event.category])


def _incident(record: Record, context: Context) -> IncidentReported:
    if isinstance(record.raw, dict) and record.value("id") is None:
        token = record.raw.get("token")
        why = "is null: the server has not given the request an id yet" if token else "is missing"
        raise BadField(record, "service_request_id", why)
    if (
        record.value("title") is None
        and record.value("text") is None
        and record.value("category") is not None
    ):
        # A request without a name or a description still has its service's code to be known by.
        report = incident(Record(Row(record.where, record.raw), _CODE_ONLY, {}, ALWAYS_EMPTY), context)
    else:
        report = incident(record, context)
    if report.status == "closed" and report.closed_at is None:
        # "For requests with status=closed, [updated_datetime] will be the date the request was closed."
        report = msgspec.structs.replace(report, closed_at=report.observed_at)
    return report


def _rows(payload: bytes, item: Literal["request", "service"], asked: str = "") -> list[Row]:
    head = payload.lstrip(codecs.BOM_UTF8 + b" \t\r\n")[:1]
    rows = _xml_rows(_markup(payload, asked), item) if head == b"<" else _json_rows(load_json(payload), item)
    if len(rows) > MAX_RECORDS:
        raise BadDocument(f"the document holds more than {MAX_RECORDS} records")
    return rows


def _markup(payload: bytes, asked: str) -> Element:
    try:
        return load_xml(payload)
    except BadDocument as error:
        if asked == "json" and "web page" in str(error):
            load_json(payload)  # a page of HTML where JSON was asked for: it says so, and raises
        raise


def _json_rows(document: Any, item: str) -> list[Row]:
    errors = False
    if isinstance(document, dict):
        # Some servers wrap the array as their XML does, and answer one id with a bare object.
        for name in (f"service_{item}s", f"{item}s", "errors"):
            if isinstance(document.get(name), list):
                document, errors = document[name], name == "errors"
                break
        else:
            document = [document]
    if not isinstance(document, list):
        raise BadDocument(f"an Open311 document is a list of {item}s, not a {type(document).__name__}")
    for data in document[:1]:
        if not isinstance(data, dict) or not _FIELDS_OF[item].isdisjoint(data):
            continue
        if errors or "code" in data:
            raise BadDocument(_error_of(data.get("code"), data.get("description"), item))
        if "description" not in data:
            raise BadDocument(_error_of(None, None, item))
    return [Row(f"record {index}", data) for index, data in enumerate(document)]


def _xml_rows(root: Element, item: str) -> list[Row]:
    name = _local(root)
    if name == "errors":
        texts = {_local(child): child.text for child in root.iter()}
        raise BadDocument(_error_of(texts.get("code"), texts.get("description"), item))
    if name not in (item, f"{item}s", f"service_{item}s"):
        raise BadDocument(f"an Open311 document of {item}s begins with <{item}s>, not <{name}>")
    items = [root] if name == item else [child for child in root if _local(child) == item]
    return [
        Row(f"record {index}", {_local(field): (field.text or "").strip() or None for field in element})
        for index, element in enumerate(items)
    ]


def _error_of(code: Any, description: Any, item: str) -> str:
    if description:
        # What a server says may quote what a citizen wrote.
        return f"the server answers with an error: {mask_numbers(title(f'{code or str()} {description}'))}"
    return f"this is no Open311 list of {item}s"


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


ADAPTER = Adapter(
    type="open311",
    options=Open311Options,
    parse=parse,
    kinds=("incident",),
    poll=poll_with(parse, service_names, with_names),
)
