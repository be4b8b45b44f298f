"""Readings, incidents and calls from any MQTT publisher, by a mapping: sensors, gateways, other systems.

A topic may say what the message does not: in `topics = ["air/{id}/tma"]` the second level is the field `id`.
A message is JSON or CSV as the mapping has it, or one bare value ("142.5"), which is the field `value`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from feeds.base import Context, Intake, Parsed, RecordFault
from feeds.mqtt.broker import BrokerOptions, Message
from feeds.mqtt.session import follow
from feeds.mqtt.topics import Pattern, wrong_filter
from feeds.pushed import FIELDS_OF, Kind, Reader
from feeds.reading.documents import load_json
from feeds.reading.mapping import Mapping
from feeds.reading.private import mask_numbers, masked_record
from feeds.reading.rows import Row, json_lines, kind_of
from feeds.reports import MAX_ID_CHARS
from wallboard.errors import BadDocument
from wallboard.events import Gone, IncidentReported

#: A bare value is a number, a state or a short text; longer ones are documents.
MAX_BARE = 200

#: How many subscriptions one feed may make; a wildcard does for many.
MAX_TOPICS = 100

#: Kinds of which an emptied topic says that the thing has gone.
_ENDS = frozenset({"incident", "gauge"})


class MqttOptions(BrokerOptions, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]: how to log in, what to listen to, and how the messages are written."""

    topics: list[str]
    kind: Kind = "gauge"
    mapping: Mapping = Mapping()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= len(self.topics) <= MAX_TOPICS:
            raise ValueError(f"topics: between 1 and {MAX_TOPICS}, not {len(self.topics)}")
        known = FIELDS_OF.get(self.kind, ())
        for topic in self.topics:
            pattern = Pattern(topic)
            if why := wrong_filter(pattern.filter):
                raise ValueError(f"topics: {topic!r} is no topic filter: {why}")
            for name in pattern.names:
                if name not in known:
                    fields = ", ".join(known) or "none for our own events"
                    raise ValueError(f"topics: {{{name}}} is no field of {self.kind}; there are {fields}")


class Listener:
    """Makes events of messages."""

    def __init__(self, options: MqttOptions) -> None:
        self.patterns = [Pattern(topic) for topic in options.topics]
        self._reader = Reader(options.kind, options.mapping)
        self._format = options.mapping.format

    def take(self, message: Message, context: Context, parsed: Parsed) -> None:
        """Add what `message` says. What cannot be read is a fault under its topic."""
        where = mask_numbers(message.topic) or "message"
        given = self._fields(message.topic)
        if not message.payload.strip():
            # A broker's way to say that what it retained is no more.
            id = given.get("id", "")
            if 0 < len(id) <= MAX_ID_CHARS and self._reader.kind in _ENDS:
                kind = self._reader.kind
                parsed.events.append(
                    Gone(feed=context.feed, source_id=id, received_at=context.now, kind=kind)
                )
            return
        try:
            read = self._reader.read(self._body(message.payload), context, given)
        except BadDocument as error:
            shown = message.payload[:MAX_BARE].decode("utf-8", "replace")
            parsed.faults.append(RecordFault(where, mask_numbers(str(error)), masked_record(shown)))
            return
        parsed.faults += [RecordFault(f"{where}: {bad.where}", bad.why, bad.record) for bad in read.faults]
        for event in read.events:
            if message.retained and event.observed_at is None and not isinstance(event, IncidentReported):
                why = "the broker kept this, and it does not say of when it is"
                parsed.faults.append(RecordFault(where, why))
            else:
                parsed.events.append(event)

    def _fields(self, topic: str) -> dict[str, str]:
        found = (pattern.fields(topic) for pattern in self.patterns) if topic else ()
        return next((fields for fields in found if fields is not None), {})

    def _body(self, payload: bytes) -> bytes:
        bare = payload.strip()
        if self._format not in ("auto", "json") or len(bare) > MAX_BARE or bare[:1] in (b"{", b"["):
            return payload
        if b"\n" in bare or bare[:1] == b"<":
            return payload
        try:
            value: Any = msgspec.json.decode(bare)
        except (msgspec.DecodeError, UnicodeDecodeError):
            value = bare.decode("utf-8", "replace")
        return msgspec.json.encode({"value": value})


def parse(payload: bytes, context: Context, options: MqttOptions) -> Parsed:
    """The events of a capture (`mosquitto_sub -F %j` or `%J`), or of one message without its topic."""
    parsed = Parsed()
    listener = Listener(options)
    for row in captured(payload):
        if row.broken:
            parsed.faults.append(RecordFault(row.where, row.broken, masked_record(row.data)))
        else:
            listener.take(row.data, context, parsed)
    return parsed


def captured(payload: bytes) -> list[Row]:
    """The messages of a capture: JSON lines with `topic`, `payload`, `retain`; else the document is one."""
    if payload.lstrip()[:1] != b"{" or b'"topic"' not in payload:
        return [Row("message", Message("", payload))]
    return [
        row if row.broken else Row(row.where, _message(row.data))
        for row in json_lines(payload if kind_of(payload, "auto") == "jsonl" else _on_one_line(payload))
    ]


def _on_one_line(payload: bytes) -> bytes:
    return msgspec.json.encode(load_json(payload))


def _message(record: Any) -> Message:
    """One line of a capture; what names no topic is a message itself."""
    if not isinstance(record, dict) or not isinstance(record.get("topic"), str):
        return Message("", _bytes(record))
    return Message(record["topic"], _bytes(record.get("payload")), bool(record.get("retain")))


def _bytes(value: Any) -> bytes:
    if value is None:
        return b""
    return value.encode() if isinstance(value, str) else msgspec.json.encode(value)


async def run(intake: Intake, options: MqttOptions) -> None:
    """Follow the topics until the connection ends; raises SourceError then."""
    listener = Listener(options)

    async def take(messages: list[Message]) -> None:
        parsed = Parsed()
        for message in messages:
            listener.take(message, intake.context(), parsed)
        await intake.give(parsed)

    await follow(intake, options, [pattern.filter for pattern in listener.patterns], take)
