"""How a source writes its records: the options of `feeds/reading/mapping.py`, checked when they are read."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any, Literal

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError

from feeds.reading.rows import Format


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
    #: of a workbook; "" = the first sheet that is not hidden
    sheet: str = ""
    #: of a table: the row (line) of the header; 0 = the first, in a workbook the one with most of the columns
    header: int = 0

    @property
    def tabular(self) -> bool:
        """Whether `fields` are names of columns, and no expressions."""
        return self.format in ("csv", "xlsx", "table")

    def __post_init__(self) -> None:
        if self.header < 0:
            raise ValueError("header is the number of a row: 1 or more")
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
                compiled(expression)
            except JMESPathError as fault:
                reason = " ".join(str(fault).split())
                raise ValueError(f"{name} = {expression!r} is not a JMESPath expression: {reason}") from None

    def _expressions(self) -> Iterable[tuple[str, str]]:
        if self.records:
            yield "records", self.records
        for name, expression in self.common.items():
            yield f"common.{name}", expression
        if not self.tabular:  # there they are names of columns, which may hold anything
            for name, wanted in self.fields.items():
                for expression in [wanted] if isinstance(wanted, str) else wanted:
                    yield f"fields.{name}", expression


#: Most expressions are plain paths, "properties.judul", or several of them, "id || properties.id": reading
#: these without the interpreter of JMESPath makes a record five times as quick.
_PLAIN = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?: \|\| [A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)*", re.ASCII)


@lru_cache(maxsize=2048)
def compiled(expression: str) -> Callable[[Any], Any]:
    """What finds the expression's value in a document; compiled once; both raise JMESPathError."""
    search = jmespath.compile(expression).search
    if not _PLAIN.fullmatch(expression):
        return search
    paths = [tuple(path.split(".")) for path in expression.split(" || ")]
    if len(paths) == 1:
        return partial(_walk, paths[0])
    return partial(_first, paths)


def _walk(path: tuple[str, ...], document: Any) -> Any:
    for key in path:
        if not isinstance(document, dict):
            return None
        document = document.get(key)
    return document


def _first(paths: list[tuple[str, ...]], document: Any) -> Any:
    """The first that is neither null, false nor empty, as JMESPath's "||" has it; else the last."""
    found: Any = None
    for path in paths:
        found = _walk(path, document)
        if found or (found == 0 and found is not False and not isinstance(found, str | list | dict)):
            return found
    return found
