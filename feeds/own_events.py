"""Our own events as JSON, from integrators: what a body of `kind = "event"` holds.

Who may report things of a feed never acts for a person: commands and the health of other parts are not taken.
"""

from __future__ import annotations

from typing import Any

import msgspec

from feeds.base import Context, Parsed, RecordFault
from feeds.fetching.addresses import public_url
from feeds.reading import callers
from feeds.reading.documents import load_json
from feeds.reading.private import mask_numbers, masked_record, without_numbers
from feeds.reading.rows import MAX_RECORDS
from feeds.reports import MAX_ID_CHARS
from wallboard.errors import BadDocument
from wallboard.events import (
    AgentStatus,
    AnyEvent,
    CallEvent,
    CameraChecked,
    CameraListed,
    CameraSeen,
    GaugeRead,
    Gone,
    HazardIssued,
    IncidentReported,
    Present,
    PriceSurveyed,
    QuakeObserved,
    QueueSnapshot,
)
from wallboard.text import harmless

#: What an integrator may send as events: a command carries a person's right, health is another part's word.
Taken = (
    IncidentReported | Gone | Present | HazardIssued | QuakeObserved | CallEvent | AgentStatus
    | QueueSnapshot | CameraListed | CameraChecked | CameraSeen | PriceSurveyed | GaugeRead
)  # fmt: skip

#: Kinds of what is taken, which are the names of their streams.
KINDS = ("incident", "gauge", "hazard", "call", "camera", "price")

#: Above this a float does not hold every whole number, and arithmetic with larger ones may overflow; nothing
#: that a city measures, counts or dates comes near.
MAX_NUMBER = 2**53

#: Fields of events that hold an address which a board may open.
_ADDRESSES = frozenset({"media_url", "picture_url", "web", "url"})

#: Fields in which a number is not a caller's, whatever it looks like.
_IDENTITIES = frozenset({"type", "source_id", "ids", "linked_id", "call_id", "identifier", "references"})


def own_events(payload: bytes, context: Context) -> Parsed:
    """Our own events as JSON: one, a list, or {"events": […]}; feed and time of receipt are ours."""
    document = load_json(payload)
    if isinstance(document, dict) and isinstance(document.get("events"), list):
        document = document["events"]
    listed = document if isinstance(document, list) else [document]
    if len(listed) > MAX_RECORDS:
        raise BadDocument(f"the document holds more than {MAX_RECORDS} events")
    parsed = Parsed()
    for index, data in enumerate(listed):
        try:
            parsed.events.append(_own_event(data, context))
        except (msgspec.ValidationError, ValueError) as fault:
            parsed.faults.append(RecordFault(f"event {index}", mask_numbers(str(fault)), masked_record(data)))
    return parsed


def _own_event(data: Any, context: Context) -> AnyEvent:
    if not isinstance(data, dict):
        raise ValueError(f"an event is an object, not a {type(data).__name__}")
    clean = _clean(data, "", context.secret)
    assert isinstance(clean, dict)
    event: AnyEvent = msgspec.convert(clean | {"feed": context.feed, "received_at": context.now}, Taken)
    if isinstance(event, Gone | Present) and event.kind not in KINDS:
        # The kind names the stream that it travels in.
        raise ValueError(f"{event.kind[:40]!r} is no kind that ends; there are {', '.join(KINDS)}")
    ids = event.ids if isinstance(event, Present) else (event.source_id,)
    if any(len(id) > MAX_ID_CHARS or "\n" in id for id in ids):
        raise ValueError(f"an identity is one line of at most {MAX_ID_CHARS} characters")
    if not event.source_id and not isinstance(event, Present):
        raise ValueError("source_id is empty")
    return event


def _clean(value: Any, name: str, secret: bytes) -> Any:
    """All texts harmless, addresses public or empty, telephone numbers masked, callers' keys our own."""
    if isinstance(value, str):
        if name in _ADDRESSES:
            return without_numbers(public_url(value))
        if name == "caller_key":  # whatever it is at the sender's, a number or a hash of one
            return callers.key(value, secret)
        text = harmless(value)
        if name == "caller":
            return text if "*" in text else callers.mask(text)
        return text if name in _IDENTITIES else mask_numbers(text)
    if isinstance(value, dict):
        clean = {key: _clean(part, key, secret) for key, part in value.items()}
        if (
            isinstance(value.get("caller"), str)
            and "*" not in value["caller"]
            and not value.get("caller_key")
        ):
            clean["caller_key"] = callers.key(value["caller"], secret)
        return clean
    if isinstance(value, list):
        return [_clean(part, name, secret) for part in value]
    if isinstance(value, int | float) and abs(value) > MAX_NUMBER:
        raise ValueError(f"{name} is larger than any number here may be")
    return value
