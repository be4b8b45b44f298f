"""What others push, whatever the way (webhook, MQTT, WebSocket, SSE): a body as events of one kind.

"incident", "gauge" and "call" (a step of a call in a queue) through a mapping, "event" as our own events.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Table
from typing import Literal

import msgspec

from feeds import calls, gauges, reports
from feeds.base import ANYTHING, Context, Parsed
from feeds.own_events import own_events
from feeds.reading.mapping import Mapping, Record, parse_records
from feeds.reports import incident
from wallboard.events import AnyEvent

Kind = Literal["incident", "gauge", "call", "event"]

_BUILD: dict[str, Callable[[Record, Context], AnyEvent]] = {
    "incident": incident,
    "gauge": gauges.gauge,
    "call": calls.step,
}

#: kind → the fields that a mapping may fill
FIELDS_OF: dict[str, tuple[str, ...]] = {
    "incident": reports.FIELDS,
    "gauge": gauges.FIELDS,
    "call": calls.FIELDS,
}


#: kind → the kinds of entities that come of it
_BRINGS: dict[str, tuple[str, ...]] = {
    "incident": ("incident",),
    "gauge": ("gauge",),
    "call": ("call", "queue", "agent"),
    "event": (ANYTHING,),
}


def brings(kind: Kind) -> tuple[str, ...]:
    """The kinds of entities that a feed of this kind is a source of."""
    return _BRINGS[kind]


class Reader:
    """Reads the bodies of one feed."""

    def __init__(self, kind: Kind, mapping: Mapping) -> None:
        """Fields that the mapping leaves out are read under our own names for them."""
        self.kind = kind
        fields: dict[str, str | list[str]] = {name: name for name in FIELDS_OF.get(kind, ())}
        self._mapping = msgspec.structs.replace(mapping, fields=fields | mapping.fields)

    def read(self, payload: bytes, context: Context, given: Table[str, str] | None = None) -> Parsed:
        """The events of a body. `given`: fields that its way told (a topic), whatever the body says."""
        if self.kind == "event":
            return own_events(payload, context)
        build = _BUILD[self.kind]

        def built(record: Record) -> list[AnyEvent]:
            for name, value in (given or {}).items():
                record.give(name, value)
            return [build(record, context)]

        return parse_records(payload, self._mapping, built)
