"""What people write, before it goes anywhere: harmless to read, numbers masked, depth and size bounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from wallboard.private import mask_numbers
from wallboard.text import harmless

#: A command's arguments are a flat object; a list of texts or a place in it is two more.
MAX_DEPTH = 4

#: They stand in the stream, the trail and the entity, which has 64 KiB in all.
MAX_ARGS_BYTES = 16 * 1024

#: JavaScript and JSON carry whole numbers exactly up to here; one of 400 digits is no number of ours, and
#: would not even become a float.
MAX_NUMBER = 2**53


class Unusable(Exception):
    """Raised for arguments that nothing here could have sent."""


def cleaned(args: dict[str, Any], is_id: Callable[[str], bool] = lambda text: False) -> dict[str, Any]:
    """The same arguments, harmless and with numbers masked; raises Unusable.

    An exact id of a thing on the wall (`is_id`) stays as it is.
    """
    clean: dict[str, Any] = _cleaned(args, is_id, 0)
    if len(msgspec.json.encode(clean)) > MAX_ARGS_BYTES:
        raise Unusable(f"at most {MAX_ARGS_BYTES} bytes")
    return clean


def _cleaned(value: Any, is_id: Callable[[str], bool], depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise Unusable(f"at most {MAX_DEPTH} levels deep")
    if isinstance(value, str):
        clean = _text(value)
        return value if clean == value or is_id(value) else clean
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    if isinstance(value, dict):
        return {_text(key): _cleaned(each, is_id, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each, is_id, depth + 1) for each in value]
    return value


def _text(text: str) -> str:
    # First what is hidden: between its digits it would hide a number.
    return mask_numbers(harmless(text, MAX_ARGS_BYTES))


def _number(value: int | float) -> Any:
    if not -MAX_NUMBER <= value <= MAX_NUMBER:
        raise Unusable(f"numbers up to {MAX_NUMBER}")
    if value != int(value):
        return value
    # A telephone number that was taken for a number has lost its 0.
    written = str(abs(int(value)))
    masked = mask_numbers(f"0{written}" if written.startswith("8") else written)
    return masked if "*" in masked else value
