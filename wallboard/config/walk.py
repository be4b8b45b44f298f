"""From a parsed TOML file to typed tables, with every fault on the way.

The types are those of `wallboard/city.py`, read by `msgspec.inspect`. What is unreadable is replaced by its
default, or by an empty value where it has none, so that the rest can be judged in the same go.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from wallboard.config.findings import Findings, guess

T = TypeVar("T", bound=msgspec.Struct)

_UNITS_S = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"^([0-9]+(?:\.[0-9]+)?) *(ms|s|min|h|d)$")

#: The key by which the tables of a list are told apart in messages, the first that there is.
_NAMES = ("name", "id", "code", "commodity")

#: A name in a message is a help, not a paragraph.
_MAX_LABEL = 40

_BAD: Any = object()


def read_tables(tables: Mapping[str, Any], struct: type[T], found: Findings) -> T:
    """Return `tables` as `struct`; what cannot be read is noted in `found` and stands at its default."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    built = _struct(info, tables, "", found)
    assert isinstance(built, struct)
    return built


def seconds(text: str) -> float | None:
    """Return a duration ("250ms", "15s", "5min", "6h", "7d") in seconds, None where it is none."""
    match = _DURATION.match(text.strip())
    return float(match[1]) * _UNITS_S[match[2]] if match else None


def _struct(info: inspect.StructType, table: Mapping[str, Any], path: str, found: Findings) -> Any:
    fields = {field.encode_name: field for field in info.fields}
    for key in (key for key in table if key not in fields):
        found.unreadable(_at(path, key), table[key], f"is not known; {guess(key, fields)}")
    values: dict[str, Any] = {}
    for key, field in fields.items():
        where = _at(path, key)
        if key in table:
            value = _value(field.type, table[key], where, found)
        else:
            value = _BAD
            if field.required:
                found.unreadable(where, None, "is missing")
        if value is not _BAD:
            values[field.name] = value
        elif field.required:
            values[field.name] = _empty(field.type)
    try:
        return info.cls(**values)
    except ValueError as fault:  # what only the whole can tell (__post_init__)
        found.fault(path or "(file)", None, str(fault))
    # An empty table has nothing in it that could contradict itself; then it gets what was read.
    made = info.cls(**{field.name: _empty(field.type) for field in info.fields if field.required})
    for name, value in values.items():
        setattr(made, name, value)
    return made


def _value(kind: inspect.Type, raw: Any, path: str, found: Findings) -> Any:
    """The value as its type, or _BAD when its fault has been noted."""
    match kind:
        case inspect.Metadata(extra={"unit": "s"}):
            return _seconds(raw, path, found)
        case inspect.Metadata(extra={"unit": "day"}):
            return _day(raw, path, found)
        case inspect.Metadata():
            return _value(kind.type, raw, path, found)
        case inspect.UnionType():
            # TOML has no null: what may be absent is left out.
            forms = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
            if len(forms) > 1 and not isinstance(raw, bool | list):
                return _wrong("must be true, false or a list", raw, path, found)
            # The one union of the configuration is a switch or a list.
            switch = next((one for one in forms if isinstance(one, inspect.BoolType)), forms[0])
            other = next((one for one in forms if one is not switch), switch)
            return _value(switch if isinstance(raw, bool) else other, raw, path, found)
        case inspect.StructType():
            if isinstance(raw, Mapping):
                return _struct(kind, raw, path, found)
            hint = f": write [{path}], not [[{path}]]" if isinstance(raw, list) else ""
            return _wrong(f"must be a table{hint}", raw, path, found)
        case inspect.ListType():
            return _list(kind, raw, path, found)
        case inspect.DictType():
            if not isinstance(raw, Mapping):
                return _wrong("must be a table", raw, path, found)
            read = {key: _value(kind.value_type, value, _at(path, key), found) for key, value in raw.items()}
            return {key: value for key, value in read.items() if value is not _BAD}
        case inspect.LiteralType():
            if raw in kind.values:
                return raw
            allowed = ", ".join(repr(value) for value in kind.values)
            found.unreadable(path, raw, f"must be one of {allowed}")
            return _BAD
        case inspect.AnyType():
            return raw
        case inspect.BoolType():
            return raw if isinstance(raw, bool) else _wrong("must be true or false", raw, path, found)
        case inspect.StrType():
            return raw if isinstance(raw, str) else _wrong("must be text in quotes", raw, path, found)
        case inspect.IntType():
            return raw if type(raw) is int else _wrong("must be a whole number", raw, path, found)
        case inspect.FloatType():
            return _number(raw, path, found)
    raise TypeError(f"{path}: the configuration has no way to read {kind}")


def _list(kind: inspect.ListType, raw: Any, path: str, found: Findings) -> Any:
    of_tables = isinstance(kind.item_type, inspect.StructType)
    if not isinstance(raw, list):
        hint = f" of tables: write [[{path}]]" if of_tables else ""
        return _wrong(f"must be a list{hint}", raw, path, found)
    read = []
    for index, item in enumerate(raw):
        where = f"{path}[{index}]"
        if of_tables and isinstance(item, Mapping):
            found.labels[where] = _label(item)
        value = _value(kind.item_type, item, where, found)
        # An entry keeps its place, so that later messages count as the file does.
        read.append(_empty(kind.item_type) if value is _BAD else value)
    return read


def _number(raw: Any, path: str, found: Findings) -> Any:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return _wrong("must be a number", raw, path, found)
    try:
        number = float(raw)
    except OverflowError:  # TOML's whole numbers have no end
        number = math.inf
    return number if math.isfinite(number) else _wrong("must be a finite number", None, path, found)


def _seconds(raw: Any, path: str, found: Findings) -> Any:
    value = seconds(raw) if isinstance(raw, str) else None
    if value is None and (isinstance(raw, bool) or not isinstance(raw, int | float)):
        found.unreadable(
            path, raw, 'is no duration: write "250ms", "15s", "5min", "6h", "7d", or a number of seconds'
        )
        return _BAD
    value = _number(raw if value is None else value, path, found)
    return _wrong("must not be less than 0", raw, path, found) if value is not _BAD and value < 0 else value


def _day(raw: Any, path: str, found: Findings) -> Any:
    if isinstance(raw, datetime.date) and not isinstance(raw, datetime.datetime):
        return raw.isoformat()
    if isinstance(raw, str):
        try:
            # Python also reads 20260131 and 2026-W05-6, which would not sort.
            if not raw or datetime.date.fromisoformat(raw).isoformat() == raw:
                return raw
        except ValueError:
            pass
    found.unreadable(path, _plain(raw), 'is no day: write 2026-01-31 or "2026-01-31"')
    return _BAD


def _wrong(must: str, raw: Any, path: str, found: Findings) -> Any:
    found.unreadable(path, _plain(raw), f"{must}{'' if raw is None else f', not {_what(raw)}'}")
    return _BAD


def _what(raw: Any) -> str:
    names: tuple[tuple[type, str], ...] = (
        (bool, "true or false"),
        (str, "text"),
        (int, "this number"),
        (float, "this number"),
        (list, "a list"),
        (dict, "a table"),
        (datetime.datetime, "a time"),
        (datetime.date, "a day"),
    )
    return next((name for kind, name in names if isinstance(raw, kind)), "this")


def _plain(raw: Any) -> Any:
    return raw.isoformat() if isinstance(raw, datetime.date | datetime.time) else raw


def _empty(kind: inspect.Type) -> Any:
    """A value of the type that says nothing, in place of one that could not be read."""
    match kind:
        case inspect.Metadata():
            return _empty(kind.type)
        case inspect.UnionType():
            return None
        case inspect.StructType():
            return _struct(kind, {}, "", Findings(""))
        case inspect.ListType():
            return []
        case inspect.DictType():
            return {}
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.FloatType():
            return 0.0
        case inspect.IntType():
            return 0
        case inspect.BoolType():
            return False
    return ""


def _label(table: Mapping[str, Any]) -> str:
    name = next((table[key] for key in _NAMES if isinstance(table.get(key), str)), "")
    return name[:_MAX_LABEL] if name.isprintable() else ""


def _at(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
