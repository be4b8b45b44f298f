"""Telephone and identity numbers in citizens' free text, masked before the text leaves the feeds."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from feeds.reading.numbers import MAX_WHOLE
from wallboard.private import mask_numbers

__all__ = ["mask_numbers", "masked_record", "without_numbers"]

#: A dead record is kept for a person to look at: this much of it is enough, and bounds what a log holds.
MAX_KEPT_CHARS = 500
MAX_KEPT_FIELDS = 50
_MAX_KEPT_DEPTH = 6


def masked_record(record: Any, depth: int = 0) -> Any:
    """A record to be kept with its fault: numbers masked, texts and lists cut."""
    if isinstance(record, str):
        return mask_numbers(record)[:MAX_KEPT_CHARS]
    if isinstance(record, bool) or record is None or isinstance(record, float):
        return record
    if isinstance(record, int):
        if abs(record) > MAX_WHOLE:
            return "a number without end"  # neither a text nor JSON of ours can hold it
        # A telephone number that some program took for a number has lost its 0.
        written = str(record)
        masked = mask_numbers(f"0{written}" if written.startswith("8") else written)
        return masked if "*" in masked else record
    if depth >= _MAX_KEPT_DEPTH:
        return "…"
    if isinstance(record, dict):
        kept = list(record.items())[:MAX_KEPT_FIELDS]
        # The keys too: the header of a table without one is its first record.
        return {mask_numbers(str(key))[:100]: masked_record(value, depth + 1) for key, value in kept}
    if isinstance(record, list | tuple):
        return [masked_record(value, depth + 1) for value in record[:MAX_KEPT_FIELDS]]
    return str(type(record).__name__)


def without_numbers(url: str) -> str:
    """An address, "" where it names somebody's number: masked it would lead nowhere."""
    plain = unquote(url)
    return url if mask_numbers(plain) == plain else ""
