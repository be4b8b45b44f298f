"""A state in which every field of every kind is filled, its texts with the worst that a source can send."""

from __future__ import annotations

import types
import typing
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from wallboard.entities import KINDS

#: Depth to which structs in structs are filled; none of ours is deeper.
_DEPTH = 6

#: Names whose text is a code or an address of ours, and times, which a source cannot fill freely.
_LON, _LAT = 110.01, -5.01


def hostile_state(texts: list[str], now: float) -> dict[str, dict[str, Any]]:
    """{kind: {id: entity}}: one entity a text and kind, as the page gets them."""
    state: dict[str, dict[str, Any]] = {}
    for kind, struct in KINDS.items():
        state[kind] = {}
        for number, text in enumerate(texts):
            entity = _filled(struct, text, number, now, _DEPTH)
            entity["id"] = f"{text[:60]} {number}"
            state[kind][entity["id"]] = entity
    return state


def _filled(struct: type[msgspec.Struct], text: str, number: int, now: float, depth: int) -> dict[str, Any]:
    hints = typing.get_type_hints(struct)
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(struct):
        found[field.encode_name] = _value(field.name, hints[field.name], text, number, now, depth)
    return found


def _value(name: str, kind: Any, text: str, number: int, now: float, depth: int) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        rest = [each for each in inner if each is not type(None)]
        return _value(name, rest[number % len(rest)], text, number, now, depth)
    if origin is typing.Annotated:
        return _value(name, inner[0], text, number, now, depth)
    if origin is Literal:
        return inner[number % len(inner)]
    if origin in (tuple, list, frozenset, set):
        if depth <= 0:
            return []
        if origin is tuple and inner[-1] is not Ellipsis:
            return [_value(name, each, text, number, now, depth - 1) for each in inner]
        return [_value(name, inner[0], text, number, now, depth - 1) for _ in range(3)]
    if origin is dict:
        keys = ["id", "en"] if depth else []
        return {key: _value(name, inner[1], text, number, now, depth - 1) for key in keys}
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _filled(kind, text, number, now, depth - 1) if depth > 0 else None
    if kind is bool:
        return True
    if kind in (int, float):
        if name == "lon":
            return _LON
        if name == "lat":
            return _LAT
        return now - 60 * number if name == "at" or name.endswith(("_at", "since", "expires", "onset")) else 7
    return text if kind is str else None
