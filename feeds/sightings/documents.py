"""Captured reports: one JSON value, a list of them, or one a line."""

from __future__ import annotations

from typing import Any

from feeds.reading.documents import load_json
from feeds.reading.rows import json_lines, kind_of


def reports_in(payload: bytes) -> list[tuple[str, Any]]:
    """(place, report) of each. Raises BadDocument for what is no JSON."""
    if kind_of(payload, "auto") == "jsonl":
        return [(row.where, row.data) for row in json_lines(payload)]
    document = load_json(payload)
    listed = document if isinstance(document, list) else [document]
    return [(f"record {index}", data) for index, data in enumerate(listed)]
