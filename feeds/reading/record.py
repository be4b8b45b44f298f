"""One record of a source, read field by field through its mapping."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

from jmespath.exceptions import JMESPathError

from feeds.base import RecordFault
from feeds.reading.numbers import MAX_WHOLE, parse_number
from feeds.reading.private import mask_numbers, masked_record
from feeds.reading.rows import Row
from feeds.reading.shape import Mapping, compiled
from feeds.reading.times import parse_time
from wallboard.text import MAX_TEXT, harmless, title

#: What sources write for "nothing"; case and white space around do not count.
ALWAYS_EMPTY = frozenset({"", "-", "--", "null", "none", "nil", "n/a", "nan", "undefined", "<unknown>"})

#: Longer texts are not compared with the words for nothing.
_LONG = 64

#: As seconds these are the first day of 1970; as a spreadsheet's days they are 1954 to 2119.
_SERIALS = range(20_000, 80_000)

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
        """What is wrong, for the dead records: where, field and why, with the record, its numbers masked."""
        why = f"{self.field}: {self.why}" if self.field else self.why
        # The reason quotes what stands in the field: in a table that is shifted, a caller's number.
        return RecordFault(self.record.where, mask_numbers(why), masked_record(self.record.raw))


class Record:
    """One record of a source, read through its mapping. `flags` collects what was noticed while reading."""

    __slots__ = ("_broken", "_common", "_empty", "_given", "_mapping", "flags", "raw", "where")

    def __init__(self, row: Row, mapping: Mapping, common: dict[str, Any], empty: frozenset[str]) -> None:
        self.where = row.where
        self.raw = row.data
        self.flags: tuple[str, ...] = ()
        self._broken = row.broken
        self._mapping = mapping
        self._common = common
        self._empty = empty
        self._given: dict[str, Any] = {}

    def value(self, name: str) -> Any:
        """What stands in the field, as it is; None where there is nothing."""
        found = self._any(name)
        if isinstance(found, int) and abs(found) > MAX_WHOLE:
            raise BadField(self, name, "is larger than any number here may be")
        return found

    def _any(self, name: str) -> Any:
        if self._broken or not isinstance(self.raw, dict | list):
            raise BadField(self, "", self._broken or f"a {type(self.raw).__name__} is not a record")
        found = self._given[name] if name in self._given else self._own(name)
        if not self._is_empty(found):
            return found
        for others in (self._common, self._mapping.constants):
            if name in others and not self._is_empty(others[name]):
                return others[name]
        return None

    def give(self, name: str, value: Any) -> None:
        """Set a field that the adapter itself found out, whatever the mapping says; None leaves it be."""
        if value is not None:
            self._given[name] = value

    def raw_text(self, name: str, limit: int = MAX_TEXT) -> str:
        """The field's own words, made harmless; "" where there is nothing."""
        return harmless(self._words(name), limit)

    def text(self, name: str, limit: int = MAX_TEXT) -> str:
        """The field's words by `values`, made harmless; "" where there is nothing."""
        words = self._words(name)
        if not words:
            return ""
        if known := self._mapping.values.get(name):
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
        first, second = self._any("lon"), self._any("lat")
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
        # Single spaces: a run of them could be shared out among the parts of the pair in a million ways.
        words = " ".join(position.split()) if isinstance(position, str) and len(position) <= 200 else ""
        if pair := _PAIR.fullmatch(words):
            return pair[1], pair[2]
        if position is not None:
            self.note("bad_coordinates")
        return None, None

    def _read_time(self, name: str, value: Any, zone: tzinfo) -> tuple[float, Iterable[str]]:
        written = str(value).strip()
        for pattern in self._mapping.formats.get(name, ()):
            try:
                moment = datetime.strptime(written, pattern)
            except ValueError:
                continue
            if moment.tzinfo is not None:
                return moment.timestamp(), ()
            return moment.replace(tzinfo=zone).timestamp(), ("no_zone",)
        if self._mapping.tabular and isinstance(value, int | float) and int(value) in _SERIALS:
            raise ValueError(f"{value:g} is a spreadsheet's day; give the column the format of a date")
        return parse_time(value if isinstance(value, int | float) else written, zone)

    def _words(self, name: str) -> str:
        value = self.value(name)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            return str(int(value))
        if isinstance(value, list) and all(_is_short(part) for part in value):
            return ", ".join(str(part) for part in value)
        if isinstance(value, list | dict):
            raise BadField(self, name, f"a {type(value).__name__} is not a text")
        return str(value)

    def _own(self, name: str) -> Any:
        """What the record itself has for the field."""
        wanted = self._mapping.fields.get(name)
        if wanted is None or isinstance(wanted, str):
            return None if wanted is None else self._search(name, wanted)
        parts = [self._search(name, expression) for expression in wanted]
        kept = [part for part in parts if not self._is_empty(part)]
        if not all(_is_short(part) for part in kept):
            raise BadField(self, name, "one of its parts is neither a text nor a number")
        return " ".join(str(part) for part in kept)

    def _search(self, name: str, expression: str) -> Any:
        if isinstance(self.raw, dict) and (expression in self.raw or self._mapping.tabular):
            return self.raw.get(expression)
        try:
            return compiled(expression)(self.raw)
        except JMESPathError as fault:
            raise BadField(self, name, " ".join(str(fault).split())) from None

    def _is_empty(self, value: Any) -> bool:
        if value is None:
            return True
        if isinstance(value, str):
            # A long text is none of the short words for nothing: it need not be folded to see that.
            return len(value) < _LONG and value.strip().casefold() in self._empty
        if isinstance(value, bool | list | dict):
            return False
        if isinstance(value, int):
            return abs(value) <= MAX_WHOLE and str(value) in self._empty
        return not math.isfinite(value) or str(value) in self._empty


def _is_short(value: Any) -> bool:
    """Whether the value can be written as a text: no list, no object, no endless number."""
    return isinstance(value, str | float) or (isinstance(value, int) and abs(value) <= MAX_WHOLE)


def _translated(known: dict[str, str], word: str) -> str:
    folded = word.casefold()
    for theirs, ours in known.items():
        if theirs.casefold() == folded:
            return ours
    return known.get("*", word)
