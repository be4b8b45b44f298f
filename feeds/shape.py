"""How a source writes its records: the options of `feeds/mapping.py`, checked when they are read."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Literal

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError

from feeds.rows import Format


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
                compiled(expression)
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


@lru_cache(maxsize=2048)
def compiled(expression: str) -> Any:
    """The expression, compiled once; raises JMESPathError."""
    return jmespath.compile(expression)
