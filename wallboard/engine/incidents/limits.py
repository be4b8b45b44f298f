"""How much of what people write an incident holds: an entity is at most 64 KiB, with its source's words."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from wallboard.entities import Note, Step

#: Letters of each argument. A title is a line, a text what an operator types during a call.
MAX_TITLE = 200
MAX_TEXT = 2_000
MAX_ADDRESS = 300
MAX_NOTE = 1_000
MAX_WHY = 300
MAX_MEDIA = 500
#: Codes and ids of the configuration, of calls and of agencies.
MAX_ID = 64

#: The newest notes and steps that fit; the audit trail has all (bytes as JSON).
NOTES_BYTES = 16 * 1024
STEPS_BYTES = 8 * 1024

T = TypeVar("T", Note, Step)


def newest_notes(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """The newest of them that fit."""
    return _newest(notes, NOTES_BYTES)


def newest_steps(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The newest of them that fit."""
    return _newest(steps, STEPS_BYTES)


def _newest(written: tuple[T, ...], most: int) -> tuple[T, ...]:
    size, first = 0, len(written)
    while first > 0:
        size += len(msgspec.json.encode(written[first - 1]))
        if size > most:
            break
        first -= 1
    return written[first:]
