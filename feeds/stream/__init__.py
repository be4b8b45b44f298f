"""What another system tells over a connection that stays open: a WebSocket, or server-sent events.

Each message is read by a mapping, as a webhook's body is. The connection ends by raising, and the supervisor
starts the next one; server-sent events go on behind the last one that came, where their source can do so.
"""

from __future__ import annotations

from typing import Annotated
from weakref import WeakKeyDictionary

import msgspec

from feeds.base import Adapter, Context, Intake, Parsed, RecordFault
from feeds.fetching.exchange import Call
from feeds.fetching.guard import network_reason
from feeds.fetching.secrets import resolved
from feeds.pushed import Kind, Reader, brings
from feeds.reading.mapping import Mapping
from feeds.reading.private import mask_numbers, masked_record
from feeds.stream.sse import EventStream, looks_like_events
from wallboard.errors import BadDocument, Unreachable

#: A source of events that says nothing for so long, not even a comment, may be gone without a word.
SILENCE_S = 300.0

#: What is sent after connecting is a request or two of a subscription.
MAX_SEND = 10

#: Servers refuse a request whose header is longer than some kilobytes; real ids have under 100.
MAX_LAST_ID = 1024

#: Of a message that cannot be read, so much is kept.
_SHOWN = 200


class StreamOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]"""

    kind: Kind = "incident"
    mapping: Mapping = Mapping()
    #: WebSocket: texts that are sent once connected (a subscription); "env:NAME" or "file:PATH" for a secret
    send: list[str] = []
    #: server-sent events: only those of these types; [] = all
    events: list[str] = []
    #: messages that only say that the source lives
    heartbeats: tuple[str, ...] = ("ping", "pong", "heartbeat")
    #: server-sent events: without a byte for so long the connection is made anew (s)
    silence: Annotated[float, msgspec.Meta(gt=0, extra={"unit": "s"})] = SILENCE_S

    def __post_init__(self) -> None:
        if len(self.send) > MAX_SEND:
            raise ValueError(f"send: at most {MAX_SEND} texts")


class Messages:
    """Makes events of messages, and counts them."""

    def __init__(self, options: StreamOptions) -> None:
        self._reader = Reader(options.kind, options.mapping)
        self._types = frozenset(options.events)
        self._beats = frozenset(text.encode() for text in options.heartbeats)
        self._count = 0

    def take(self, body: bytes, context: Context, parsed: Parsed, type: str = "") -> None:
        """Add what a message says; what cannot be read is a fault under its number."""
        self._count += 1
        bare = body.strip()
        if not bare or bare in self._beats or (type and self._types and type not in self._types):
            return
        where = f"message {self._count}"
        try:
            read = self._reader.read(body, context)
        except BadDocument as error:
            shown = masked_record(body[:_SHOWN].decode("utf-8", "replace"))
            parsed.faults.append(RecordFault(where, mask_numbers(str(error)), shown))
            return
        parsed.events += read.events
        parsed.faults += [RecordFault(f"{where}: {bad.where}", bad.why, bad.record) for bad in read.faults]


def parse(payload: bytes, context: Context, options: StreamOptions) -> Parsed:
    """The events of one message, or of a captured stream of server-sent events."""
    parsed = Parsed()
    messages = Messages(options)
    if not looks_like_events(payload):
        return Reader(options.kind, options.mapping).read(payload, context)
    for event in EventStream().feed(payload + b"\n\n"):
        messages.take(event.data, context, parsed, event.type)
    return parsed


async def run(intake: Intake, options: StreamOptions) -> None:
    """Follow the source until the connection ends; raises SourceError then."""
    messages = Messages(options)
    if intake.url.lower().startswith("ws"):
        await _follow_socket(intake, options, messages)
    else:
        await _follow_events(intake, options, messages)


async def _follow_socket(intake: Intake, options: StreamOptions, messages: Messages) -> None:
    from websockets.exceptions import ConnectionClosed  # only who uses it pays for loading it

    texts = {str(index): text for index, text in enumerate(options.send)}
    socket = await intake.open(intake.url)
    try:
        for text in resolved(texts, intake.folder).values():
            await socket.send(text)
        await intake.give(Parsed())
        async for message in socket:
            parsed = Parsed()
            body = message.encode() if isinstance(message, str) else message
            messages.take(body, intake.context(), parsed)
            await intake.give(parsed)
    except ConnectionClosed as error:
        said = error.rcvd or error.sent
        reason = f"{said.code} {said.reason}".strip() if said else network_reason(error)
        raise Unreachable(f"The source closed the connection: {mask_numbers(reason)}.") from None
    finally:
        await socket.close()
    raise Unreachable("The source closed the connection.")


#: feed → the id of its last event, which goes with the feed
_last_ids: WeakKeyDictionary[Intake, str] = WeakKeyDictionary()


async def _follow_events(intake: Intake, options: StreamOptions, messages: Messages) -> None:
    headers = {"accept": "text/event-stream", "cache-control": "no-store"}
    if last := _last_ids.get(intake):
        headers["last-event-id"] = last
    async with intake.ask(Call(intake.url, headers=headers, silence_s=options.silence)) as reply:
        if reply.status != 200:
            # It may not know the event any more: then it would refuse us for ever.
            _last_ids.pop(intake, None)
            raise Unreachable(f"The source answers {reply.status} where its events should come.")
        if reply.media_type != "text/event-stream":
            raise BadDocument(f"The answer is no stream of events, but {reply.media_type or 'of no type'}.")
        await intake.give(Parsed())
        stream = EventStream()
        async for piece in reply.pieces():
            parsed = Parsed()
            for event in stream.feed(piece):
                messages.take(event.data, intake.context(), parsed, event.type)
            await intake.give(parsed)
            # Only what was handed over is not asked for again.
            last = stream.last_id
            if len(last) <= MAX_LAST_ID and last.isascii() and last.isprintable():
                _last_ids[intake] = last
    raise Unreachable("The source ended the stream.")


ADAPTER = Adapter(
    type="stream",
    options=StreamOptions,
    parse=parse,
    kinds=lambda options: brings(options.kind),
    run=run,
    schemes=("http", "https", "ws", "wss"),
)
