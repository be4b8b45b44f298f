"""What people write, before it goes anywhere: telephone numbers masked, depth and size bounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from wallboard.private import mask_numbers

#: A command's arguments are a flat object; a list of texts or a place in it is two more.
MAX_DEPTH = 4

#: They stand in the stream, the trail and the entity, which has 64 KiB in all.
MAX_ARGS_BYTES = 16 * 1024


class Unusable(Exception):
    """Raised for arguments that nothing here could have sent."""


def cleaned(args: dict[str, Any], is_id: Callable[[str], bool] = lambda text: False) -> dict[str, Any]:
    """The same arguments with numbers masked; an exact id of a thing on the wall (`is_id`) stays as it is."""
    clean: dict[str, Any] = _cleaned(args, is_id, 0)
    if len(msgspec.json.encode(clean)) > MAX_ARGS_BYTES:
        raise Unusable(f"at most {MAX_ARGS_BYTES} bytes")
    return clean


def _cleaned(value: Any, is_id: Callable[[str], bool], depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise Unusable(f"at most {MAX_DEPTH} levels deep")
    if isinstance(value, str):
        masked = mask_numbers(value)
        return value if masked == value or is_id(value) else masked
    if isinstance(value, int) and not isinstance(value, bool):
        # A telephone number that was taken for a number has lost its 0.
        written = str(value)
        masked = mask_numbers(f"0{written}" if written.startswith("8") else written)
        return masked if "*" in masked else value
    if isinstance(value, dict):
        return {mask_numbers(key): _cleaned(each, is_id, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each, is_id, depth + 1) for each in value]
    return value
