"""JSON or CSV of any shape → named fields, by JMESPath expressions in the configuration.

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

import codecs
import math
import re
from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any, Literal

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError

from feeds.base import Parsed, RecordFault
from feeds.documents import load_json
from feeds.numbers import parse_number
from feeds.rows import MAX_RECORDS, Format, Row, csv_rows, json_lines, kind_of
from feeds.times import parse_time
from wallboard.errors import BadDocument
from wallboard.events import AnyEvent
from wallboard.text import MAX_TEXT, harmless, title

#: What sources write for "nothing"; case and white space around do not count.
ALWAYS_EMPTY = frozenset({"", "-", "--", "null", "none", "nil", "n/a", "nan", "undefined", "<unknown>"})

_YES = frozenset({"true", "1", "yes", "y", "ya", "on", "aktif"})
_NO = frozenset({"false", "0", "no", "n", "tidak", "off", "nonaktif"})

#: "LatLng(-7.03, 113.77)", "POINT(113.77 -7.03)", "-7.03,113.77": two numbers and little else.
_PAIR = re.compile(
    r"\s*[A-Za-z]{0,12}\s*[(\[]?\s*([+-]?[\d.]{1,25})\s*(?:[,;]\s*|\s+)([+-]?[\d.]{1,25})\s*[)\]]?\s*"
)


class BadField(Exception):
    """Raised when a field of a record cannot be used; `fault()` is the record's fault."""

    def __init__(self, record: Record, field: str, why: str) -> None:
        super().__init__(why)
        self.record = record
        self.field = field
        self.why = why

    def fault(self) -> RecordFault:
        """What is wrong, for the dead records: where, field and why, with the record."""
        why = f"{self.field}: {self.why}" if self.field else self.why
        return RecordFault(self.record.where, why, self.record.raw)


class Mapping(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Where each field stands in a source's records, and how the source writes things."""

    format: Format = "auto"
    #: JMESPath to the list of records; "" = the document: its list, or itself as the one record
    records: str = ""
    #: our field → JMESPath in a record (CSV: name of a column); several are joined with a space
    fields: dict[str, str | list[str]] = {}
    #: our field → JMESPath in the whole document
    common: dict[str, str] = {}
    constants: dict[str, str | int | float | bool] = {}
    #: our field → the source's word → ours; "*" for every other word, else it passes as it is
    values: dict[str, dict[str, str]] = {}
    #: what stands for "nothing" beside ALWAYS_EMPTY, for example 999999
    empty: list[str | int | float] = []
    #: between thousands in texts: "." makes "13.500" thirteen thousand five hundred
    thousands: Literal["", ".", ",", " ", "'"] = ""
    decimal: Literal[".", ","] = "."
    #: our field → strptime formats tried before the usual ones
    formats: dict[str, list[str]] = {}
    #: order of the two numbers in `position`
    order: Literal["lon,lat", "lat,lon"] = "lon,lat"
    #: of CSV; "" = found out from the header
    delimiter: str = ""
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        if self.thousands == self.decimal:
            raise ValueError(f"thousands and decimal cannot both be {self.decimal!r}")
        if len(self.delimiter) > 1:
            raise ValueError(f"delimiter is one character, not {self.delimiter!r}")
        try:
            codecs.lookup(self.encoding)
        except LookupError:
            raise ValueError(f"encoding {self.encoding!r} does not exist") from None
        for name, expression in self._expressions():
            try:
                _compiled(expression)
            except JMESPathError as fault:
                reason = " ".join(str(fault).split())
                raise ValueError(f"{name} = {expression!r} is not a JMESPath expression: {reason}") from None

    def _expressions(self) -> Iterable[tuple[str, str]]:
        if self.records:
            yield "records", self.records
        for name, expression in self.common.items():
            yield f"common.{name}", expression
        if self.format != "csv":  # there they are names of columns, which may hold anything
            for name, wanted in self.fields.items():
                for expression in [wanted] if isinstance(wanted, str) else wanted:
                    yield f"fields.{name}", expression


class Record:
    """One record of a source, read through its mapping. `flags` collects what was noticed while reading."""

    __slots__ = ("_broken", "_common", "_empty", "_mapping", "flags", "raw", "where")

    def __init__(self, row: Row, mapping: Mapping, common: dict[str, Any], empty: frozenset[str]) -> None:
        self.where = row.where
        self.raw = row.data
        self.flags: tuple[str, ...] = ()
        self._broken = row.broken
        self._mapping = mapping
        self._common = common
        self._empty = empty

    def value(self, name: str) -> Any:
        """What stands in the field, as it is; None where there is nothing."""
        if self._broken or not isinstance(self.raw, dict | list):
            raise BadField(self, "", self._broken or f"a {type(self.raw).__name__} is not a record")
        wanted = self._mapping.fields.get(name)
        found: Any = None
        if isinstance(wanted, str):
            found = self._search(name, wanted)
        elif wanted is not None:
            parts = [self._search(name, expression) for expression in wanted]
            found = " ".join(str(part) for part in parts if not self._is_empty(part)) or None
        if self._is_empty(found):
            found = self._common.get(name)
        if self._is_empty(found):
            found = self._mapping.constants.get(name)
        return None if self._is_empty(found) else found

    def raw_text(self, name: str, limit: int = MAX_TEXT) -> str:
        """The field's own words, made harmless; "" where there is nothing."""
        return harmless(self._words(name), limit)

    def text(self, name: str, limit: int = MAX_TEXT) -> str:
        """The field's words by `values`, made harmless; "" where there is nothing."""
        words = self._words(name)
        known = self._mapping.values.get(name)
        if known and words:
            words = _translated(known, words.strip())
        return harmless(words, limit)

    def line(self, name: str) -> str:
        """The field's words as one line for a list."""
        return title(self.text(name))

    def required(self, name: str) -> str:
        """One line that must be there (an identity, a name); BadField where it is not."""
        words = self.line(name)
        if not words:
            raise BadField(self, name, "is missing")
        return words

    def number(self, name: str) -> float | None:
        """The field as a finite number; None where there is nothing; BadField for anything else."""
        value = self.value(name)
        known = self._mapping.values.get(name)
        if known and value is not None:
            value = _translated(known, str(value).strip())
        if self._is_empty(value):
            return None
        try:
            return parse_number(value, thousands=self._mapping.thousands, decimal=self._mapping.decimal)
        except ValueError as fault:
            raise BadField(self, name, str(fault)) from None

    def truth(self, name: str) -> bool | None:
        """The field as yes or no ("False" and "0" are no); None where there is nothing or neither."""
        value = self.value(name)
        word = str(value).strip().casefold()
        return None if value is None else True if word in _YES else False if word in _NO else None

    def time(self, name: str, zone: tzinfo, *, lenient: bool = False) -> float | None:
        """The field as seconds since 1970; None where there is nothing. Notes "no_zone" and its like.

        What cannot be read raises BadField; where a record is worth showing without it (`lenient`) it is
        None, and the record is flagged "bad_time".
        """
        value = self.value(name)
        if value is None:
            return None
        try:
            seconds, flags = self._read_time(name, value, zone)
        except ValueError as fault:
            if not lenient:
                raise BadField(self, name, str(fault)) from None
            self.note("bad_time")
            return None
        for flag in flags:
            self.note(flag)
        return seconds

    def place(self) -> tuple[float | None, float | None]:
        """(lon, lat) from the fields `lon` and `lat`, or from `position` by the mapping's order.

        (None, None) where there is nothing. What is there but is no pair of numbers is flagged
        "bad_coordinates": a report is not lost for it. Numbers out of range pass, for the geofence sees
        from them that the two were exchanged.
        """
        first, second = self.value("lon"), self.value("lat")
        exchanged = False
        if first is None and second is None:
            first, second = self._pair(self.value("position"))
            exchanged = self._mapping.order == "lat,lon"
        if first is None and second is None:
            return None, None
        try:
            # A coordinate has no thousands; a comma before its decimals only where the source writes so.
            lon = parse_number(first, decimal=self._mapping.decimal if "," in str(first) else ".")
            lat = parse_number(second, decimal=self._mapping.decimal if "," in str(second) else ".")
        except ValueError:
            self.note("bad_coordinates")
            return None, None
        return (lat, lon) if exchanged else (lon, lat)

    def note(self, flag: str) -> None:
        """Remember what was noticed, once."""
        if flag not in self.flags:
            self.flags = (*self.flags, flag)

    def _pair(self, position: Any) -> tuple[Any, Any]:
        if isinstance(position, list) and len(position) >= 2:
            return position[0], position[1]
        if isinstance(position, str) and len(position) <= 200 and (pair := _PAIR.fullmatch(position)):
            return pair[1], pair[2]
        if position is not None:
            self.note("bad_coordinates")
        return None, None

    def _read_time(self, name: str, value: Any, zone: tzinfo) -> tuple[float, Iterable[str]]:
        # A float as a text ends in ".0", which no time does.
        written = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
        for pattern in self._mapping.formats.get(name, ()):
            try:
                moment = datetime.strptime(written, pattern)
            except ValueError:
                continue
            if moment.tzinfo is not None:
                return moment.timestamp(), ()
            return moment.replace(tzinfo=zone).timestamp(), ("no_zone",)
        return parse_time(written, zone)

    def _words(self, name: str) -> str:
        value = self.value(name)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            return str(int(value))
        if isinstance(value, list) and all(isinstance(part, str | int | float) for part in value):
            return ", ".join(str(part) for part in value)
        if isinstance(value, list | dict):
            raise BadField(self, name, f"a {type(value).__name__} is not a text")
        return str(value)

    def _search(self, name: str, expression: str) -> Any:
        if isinstance(self.raw, dict) and (expression in self.raw or self._mapping.format == "csv"):
            return self.raw.get(expression)
        try:
            return _compiled(expression).search(self.raw)
        except JMESPathError as fault:
            raise BadField(self, name, " ".join(str(fault).split())) from None

    def _is_empty(self, value: Any) -> bool:
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return True
        return not isinstance(value, bool | list | dict) and str(value).strip().casefold() in self._empty


def records(payload: bytes, mapping: Mapping) -> list[Record]:
    """The records of a document. Raises BadDocument when it is not what the mapping expects."""
    kind = kind_of(payload, mapping.format)
    common: dict[str, Any] = {}
    if kind == "csv":
        rows = csv_rows(payload, mapping.delimiter, mapping.encoding)
        if mapping.format == "csv" and rows:
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
        return _compiled(expression).search(document)
    except JMESPathError as fault:
        raise BadDocument(f"{expression!r} fails on this document: {' '.join(str(fault).split())}") from None


def _refuse_missing_columns(mapping: Mapping, rows: list[Row]) -> None:
    header = next((row.data for row in rows if isinstance(row.data, dict)), None)
    if header is None:
        return
    wanted = [
        name for names in mapping.fields.values() for name in ([names] if isinstance(names, str) else names)
    ]
    missing = [name for name in wanted if name not in header]
    if missing:
        raise BadDocument(
            f"the table has no column {missing[0]!r}; it has {', '.join(map(repr, list(header)[:20]))}"
        )


def _translated(known: dict[str, str], word: str) -> str:
    folded = word.casefold()
    for theirs, ours in known.items():
        if theirs.casefold() == folded:
            return ours
    return known.get("*", word)


@lru_cache(maxsize=2048)
def _compiled(expression: str) -> Any:
    return jmespath.compile(expression)
