"""What others push: the body of `POST /api/v1/ingest/{feed}`, after `signatures.verify` let it in.

`kind` says what a body holds: "incident", "gauge" or "call" (a step of a call in a queue) through a mapping,
or "event", our own events as JSON for integrators. Whoever holds a feed's key can report things of that
feed, never act for a person: commands and the health of other parts are not taken.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from feeds import calls
from feeds.base import Adapter, Context, Parsed, RecordFault
from feeds.fetching.addresses import public_url
from feeds.fetching.secrets import secret
from feeds.gauges import gauge
from feeds.reading import callers
from feeds.reading.documents import load_json
from feeds.reading.mapping import Mapping, Record, parse_records
from feeds.reading.private import mask_numbers, masked_record, without_numbers
from feeds.reading.rows import MAX_RECORDS
from feeds.reports import FIELDS, MAX_ID_CHARS, incident
from feeds.webhook.signatures import signing_key, verify
from wallboard.errors import BadDocument
from wallboard.events import (
    AgentStatus,
    AnyEvent,
    CallEvent,
    CameraChecked,
    CameraListed,
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

__all__ = ["ADAPTER", "WebhookOptions", "keys", "parse", "verify"]

#: What an integrator may send as events: a command carries a person's right, health is another part's word.
Taken = (
    IncidentReported | Gone | Present | HazardIssued | QuakeObserved | CallEvent | AgentStatus
    | QueueSnapshot | CameraListed | CameraChecked | PriceSurveyed | GaugeRead
)  # fmt: skip

#: Kinds of what is taken, which are the names of their streams.
_KINDS = ("incident", "gauge", "hazard", "call", "camera", "price")

#: Above this a float does not hold every whole number, and arithmetic with larger ones may overflow; nothing
#: that a city measures, counts or dates comes near.
MAX_NUMBER = 2**53

#: Fields of events that hold an address which a board may open.
_ADDRESSES = frozenset({"media_url", "picture_url", "web", "url"})

#: Fields in which a number is not a caller's, whatever it looks like.
_IDENTITIES = frozenset({"type", "source_id", "ids", "linked_id", "call_id", "identifier", "references"})


class WebhookOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]"""

    #: env:NAME or file:PATH of "whsec_…" keys; several while a sender changes its key
    keys: list[Annotated[str, msgspec.Meta(pattern=r"^(env|file):.+$")]]
    kind: Literal["incident", "gauge", "call", "event"] = "incident"
    mapping: Mapping = Mapping()

    def __post_init__(self) -> None:
        if not self.keys:
            raise ValueError("keys is empty: nobody could sign a request of this feed")


def keys(options: WebhookOptions, folder: Path = Path()) -> list[bytes]:
    """The signing keys, files relative to `folder`; raises SourceError, ValueError for what is no key."""
    return [signing_key(secret(reference, folder)) for reference in options.keys]


def parse(payload: bytes, context: Context, options: WebhookOptions) -> Parsed:
    """The events of a body, by the feed's kind and mapping."""
    if options.kind == "event":
        return own_events(payload, context)
    build = _BUILD[options.kind]
    mapping = _with_defaults(options.mapping, options.kind)
    return parse_records(payload, mapping, lambda record: [build(record, context)])


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


_BUILD: dict[str, Callable[[Record, Context], AnyEvent]] = {
    "incident": incident,
    "gauge": gauge,
    "call": calls.step,
}

_FIELDS = {
    "incident": FIELDS,
    "call": calls.FIELDS,
    "gauge": ("id", "name", "value", "unit", "lon", "lat", "address", "observed", "level", "river"),
}


def _with_defaults(mapping: Mapping, kind: str) -> Mapping:
    """Fields that the configuration leaves out are read under our own names for them."""
    fields: dict[str, str | list[str]] = {name: name for name in _FIELDS[kind]}
    return msgspec.structs.replace(mapping, fields=fields | mapping.fields)


def _own_event(data: Any, context: Context) -> AnyEvent:
    if not isinstance(data, dict):
        raise ValueError(f"an event is an object, not a {type(data).__name__}")
    clean = _clean(data, "", context.secret)
    assert isinstance(clean, dict)
    event: AnyEvent = msgspec.convert(clean | {"feed": context.feed, "received_at": context.now}, Taken)
    if isinstance(event, Gone | Present) and event.kind not in _KINDS:
        # The kind names the stream that it travels in.
        raise ValueError(f"{event.kind[:40]!r} is no kind that ends; there are {', '.join(_KINDS)}")
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


#: Neither an address nor a connection: the web's own route takes the documents in.
ADAPTER = Adapter(
    type="webhook",
    options=WebhookOptions,
    parse=parse,
    kinds=_KINDS,
    schemes=(),
)
