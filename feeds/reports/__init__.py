"""A mapped record as a citizen's report or incident: what Open311, GeoJSON and webhooks have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from feeds.base import Context, Parsed
from feeds.fetching.addresses import public_url
from feeds.reading.mapping import BadField, Record
from feeds.reading.private import mask_numbers, without_numbers
from wallboard.events import IncidentReported, Present
from wallboard.text import MAX_TITLE

#: The fields that a mapping may fill for an incident.
FIELDS = (
    "id", "title", "text", "category", "category_name", "status", "status_notes", "channel", "agency",
    "lon", "lat", "position", "accuracy", "address", "observed", "opened", "closed", "expected",
    "severity", "media",
)  # fmt: skip

#: An identity becomes a part of a key, a scope and a page's address; the longest seen are 36 (UUID).
MAX_ID_CHARS = 128

_Severity = Literal["", "danger", "severe", "caution"]


def identity(record: Record, field: str = "id") -> str:
    """The record's identity as its source writes it; BadField where it has none, or no usable one."""
    words = record.required(field)
    if len(words) > MAX_ID_CHARS:
        raise BadField(record, field, f"an identity has at most {MAX_ID_CHARS} characters")
    return words


def incident(record: Record, context: Context) -> IncidentReported:
    """The record as an incident. Only an identity and some word for it must be there; BadField without."""
    source_id = identity(record)
    category_name = mask_numbers(record.line("category_name"))
    text = mask_numbers(record.text("text"))
    title = mask_numbers(record.line("title")) or category_name or text.split("\n")[0][:MAX_TITLE]
    if not title:
        raise BadField(record, "title", "is missing, and neither a category nor a text stands in for it")
    status = record.line("status").casefold()
    lon, lat = record.place()
    zone = context.zone
    observed = record.time("observed", zone, lenient=True)
    closed = record.time("closed", zone, lenient=True)
    return IncidentReported(
        feed=context.feed,
        source_id=source_id,
        received_at=context.now,
        observed_at=observed,
        title=title,
        text=text,
        category=mask_numbers(record.line("category")),
        category_name=category_name,
        status="closed" if status == "closed" or (closed is not None and not status) else "open",
        status_raw=mask_numbers(record.raw_text("status", MAX_TITLE)),
        status_notes=mask_numbers(record.text("status_notes")),
        channel=mask_numbers(record.line("channel")) or context.channel,
        agency=mask_numbers(record.line("agency")),
        lon=lon,
        lat=lat,
        accuracy_m=_accuracy(record),
        address=mask_numbers(record.line("address")),
        opened_at=record.time("opened", zone, lenient=True),
        closed_at=closed,
        expected_at=record.time("expected", zone, lenient=True),
        severity=_severity(record),
        media_url=without_numbers(public_url(record.raw_text("media"))),
        flags=record.flags,
    )


def incidents(found: Iterable[Record], context: Context, *, complete: bool) -> Parsed:
    """An incident for each record, a fault for each that is none; a Present behind a complete list.

    A record whose identity cannot be read may be any of those known before: then nobody is declared gone.
    """
    parsed = Parsed()
    ids: dict[str, None] = {}
    for record in found:
        try:
            ids[identity(record)] = None
        except BadField as bad:
            complete = False
            parsed.faults.append(bad.fault())
            continue
        try:
            parsed.events.append(incident(record, context))
        except BadField as bad:
            parsed.faults.append(bad.fault())
    if complete:
        present = Present(
            feed=context.feed, source_id="", received_at=context.now, kind="incident", ids=tuple(ids)
        )
        parsed.events.append(present)
    return parsed


def _accuracy(record: Record) -> float | None:
    try:
        metres = record.number("accuracy")
    except BadField:
        record.note("bad_accuracy")
        return None
    return metres if metres is not None and metres >= 0 else None


def _severity(record: Record) -> _Severity:
    word = record.line("severity").casefold()
    for severity in get_args(_Severity):
        if severity == word:
            return severity  # type: ignore[no-any-return]
    # An unknown word must not make an incident graver or milder than its category is.
    record.note("unknown_severity")
    return ""
