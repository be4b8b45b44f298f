"""JSON, CSV or a workbook (.xlsx) of any shape → named fields, by JMESPath expressions in the configuration.

    [feed.options.mapping]
    records = "data.laporan[]"                        # where the list stands; "" = the document itself
    fields = {id = "id", title = "judul", observed = ["tanggal", "jam"], position = "titik"}
    common = {day = "data.tanggal"}                   # the same for all records, from the whole document
    constants = {channel = "112"}
    values = {status = {Selesai = "closed", "*" = "open"}}
    order = "lat,lon"                                # `position`: "LatLng(-7.03, 113.77)", [-7.03, 113.77]

An adapter asks each record for what it needs: `record.text("title")`, `.number("price")`,
`.time("observed", zone)`, `.place()`. What cannot be read raises BadField, which names record and field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from jmespath.exceptions import JMESPathError

from feeds.base import Parsed
from feeds.reading.documents import load_json
from feeds.reading.record import ALWAYS_EMPTY, BadField, Record
from feeds.reading.rows import MAX_RECORDS, Row, csv_rows, json_lines, kind_of, xlsx_rows
from feeds.reading.shape import Mapping, compiled
from wallboard.errors import BadDocument
from wallboard.events import AnyEvent

__all__ = ["BadField", "Mapping", "Record", "parse_records", "records"]


_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def records(payload: bytes, mapping: Mapping) -> list[Record]:
    """The records of a document. Raises BadDocument when it is not what the mapping expects."""
    kind = kind_of(payload, mapping.format)
    common: dict[str, Any] = {}
    if kind == "csv":
        rows = csv_rows(payload, mapping.delimiter, mapping.encoding, mapping.header)
        _refuse_missing_columns(mapping, rows)
    elif kind == "xlsx":
        wanted = [name for _, name in _columns(mapping)]
        rows = xlsx_rows(payload, mapping.sheet, mapping.header, wanted)
        _refuse_missing_columns(mapping, rows)
    elif kind == "jsonl":
        rows = json_lines(payload)
    else:
        document = load_json(payload)
        common = {name: _found(expression, document) for name, expression in mapping.common.items()}
        rows = _listed(document, mapping.records)
    empty = ALWAYS_EMPTY | {str(word).strip().casefold() for word in mapping.empty}
    return [Record(row, mapping, common, empty) for row in rows]


def parse_records(payload: bytes, mapping: Mapping, build: Callable[[Record], Iterable[AnyEvent]]) -> Parsed:
    """Events for the records that `build` can use, a fault for each that it cannot (BadField)."""
    parsed = Parsed()
    for record in records(payload, mapping):
        try:
            parsed.events.extend(build(record))
        except BadField as bad:
            parsed.faults.append(bad.fault())
    return parsed


def _listed(document: Any, path: str) -> list[Row]:
    found = _found(path, document) if path else document
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list):
        keys = f"; it has {', '.join(map(repr, list(document)[:8]))}" if isinstance(document, dict) else ""
        at = f"at records = {path!r}" if path else "in the document"
        raise BadDocument(f"there is no list {at}{keys}")
    if len(found) > MAX_RECORDS:
        raise BadDocument(f"the document holds more than {MAX_RECORDS} records")
    return [Row(f"record {index}", data) for index, data in enumerate(found)]


def _found(expression: str, document: Any) -> Any:
    try:
        return compiled(expression)(document)
    except JMESPathError as fault:
        raise BadDocument(f"{expression!r} fails on this document: {' '.join(str(fault).split())}") from None


def _is_column(field: str, expression: str) -> bool:
    """Whether an expression that may be for JSON as well is the name of a column that somebody wrote.

    Our own word for a field is what adapters read where the configuration says nothing.
    """
    return expression != field and _NAME.fullmatch(expression) is not None


def _columns(mapping: Mapping) -> list[tuple[str, str]]:
    return [
        (field, name)
        for field, names in mapping.fields.items()
        for name in ([names] if isinstance(names, str) else names)
    ]


def _refuse_missing_columns(mapping: Mapping, rows: list[Row]) -> None:
    header = next((row.data for row in rows if isinstance(row.data, dict)), None)
    if header is None:
        return
    declared = mapping.tabular
    missing = [
        name
        for field, name in _columns(mapping)
        if name not in header and (declared or _is_column(field, name))
    ]
    if missing:
        raise BadDocument(
            f"the table has no column {missing[0]!r}; it has {', '.join(map(repr, list(header)[:20]))}"
        )
