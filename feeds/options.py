"""The options of a feed, from the configuration to the adapter's struct, with every fault that they have."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

import msgspec

from wallboard.errors import WallboardError

_UNIT_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"^(\d+(?:\.\d+)?)\s*(s|min|h|d)$")
_AT = re.compile(r" - at `\$\.?(.*)`$")
_SECRET_KEY = re.compile(r"secret|password|token|key", re.I)


@dataclass(frozen=True)
class OptionFault:
    """One thing wrong in a feed's table: which key (dotted), what stands there, and what is allowed."""

    key: str
    value: object
    why: str


class BadOptions(WallboardError):
    """Raised when a feed's table cannot be used; holds every fault found."""

    def __init__(self, faults: list[OptionFault]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{fault.key}: {fault.why}" for fault in faults))


def convert_options(struct: type[msgspec.Struct], options: Mapping[str, Any]) -> Any:
    """Return `options` as `struct`. Durations may be written "15s", "5min". Raises BadOptions."""
    faults: list[OptionFault] = []
    table = _checked(struct, options, "options", faults)
    if not faults:
        try:
            return msgspec.convert(table, struct)
        except msgspec.ValidationError as error:  # what only the whole can tell (__post_init__)
            faults.append(_fault("options", None, str(error)))
    raise BadOptions(faults)


def _checked(
    struct: type[msgspec.Struct], table: Mapping[str, Any], path: str, faults: list[OptionFault]
) -> dict[str, Any]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for key in table.keys() - fields.keys():
        faults.append(OptionFault(f"{path}.{key}", _shown(key, table[key]), _unknown(key, list(fields))))
    checked: dict[str, Any] = {}
    for key, field in fields.items():
        where = f"{path}.{key}"
        if key not in table:
            if field.required:
                faults.append(OptionFault(where, None, "is missing"))
            continue
        value = table[key]
        kind = field.type
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, Mapping):
            checked[key] = _checked(kind, value, where, faults)
            continue
        if isinstance(value, str) and _is_duration(kind):
            match = _DURATION.match(value.strip())
            if match is None:
                faults.append(OptionFault(where, value, 'is no duration: write "15s", "5min", "6h" or "7d"'))
                continue
            value = float(match[1]) * _UNIT_SECONDS[match[2]]
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            faults.append(_fault(where, _shown(key, value), str(error)))
        checked[key] = value
    return checked


def _is_duration(kind: Any) -> bool:
    return get_origin(kind) is Annotated and any(
        isinstance(note, msgspec.Meta) and (note.extra or {}).get("unit") == "s"
        for note in get_args(kind)[1:]
    )


def _fault(where: str, value: object, message: str) -> OptionFault:
    at = _AT.search(message)
    place = f"{where}{'' if at is None or at[1].startswith('[') or not at[1] else '.'}{at[1] if at else ''}"
    why = _AT.sub("", message).replace("Expected", "must be").replace("`", "").replace(", got", ", not")
    return OptionFault(place, value, why)


def _unknown(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, 1)
    if near:
        return f"is not known; did you mean {near[0]!r}?"
    return f"is not known; known are {', '.join(sorted(known))}" if known else "is not known; there are none"


def _shown(key: str, value: object) -> object:
    """Who wrote the secret itself where a reference belongs must not find it in a log."""
    return None if _SECRET_KEY.search(key) else value
