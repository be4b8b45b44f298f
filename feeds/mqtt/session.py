"""One subscription to an MQTT broker, followed until it ends: log-in, topics, messages in batches. Thin I/O.

Every adapter whose source speaks through a broker uses it. It ends by raising; the supervisor starts the next
one. MQTT 3.1.1, which every broker speaks; a subscription at QoS 0 or 1 of a clean session: what was
published while nobody listened is not sent again, except what the broker retains.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

import aiomqtt
from aiomqtt.exceptions import MqttConnectError

from feeds.base import Intake, Parsed, RecordFault
from feeds.fetching.guard import network_reason, resolve_name
from feeds.fetching.secrets import secret
from feeds.mqtt.broker import PORTS, SCHEMES, BrokerOptions, Message
from feeds.mqtt.topics import wrong_filter
from wallboard.errors import SourceError, Unreachable

__all__ = ["SCHEMES", "BrokerOptions", "Message", "Take", "follow", "wrong_filter"]

# The client would log each broken connection; the supervisor logs it once, and the feed's health says it.
_quiet = logging.getLogger(f"{__name__}.client")
_quiet.setLevel(logging.CRITICAL)

#: Connecting, logging in and subscribing, each: a broker answers in milliseconds.
ANSWER_S = 10.0

#: A quiet broker is pinged this often; without an answer for as long again the connection has ended.
KEEPALIVE_S = 15

#: A message above this is no reading and no event (a Frigate event has 3 kB); pictures are not read here.
MAX_MESSAGE_BYTES = 1024 * 1024

#: What waits while a batch is handed over: a second of 10,000 events/s. Then the oldest go, and are counted.
MAX_WAITING = 10_000

#: Messages handed over at once: few round trips, and other feeds get between them.
BATCH = 500


#: What a broker answers to a subscription that it does not grant, and above (section 3.9.3).
REFUSED = 0x80

Take = Callable[[list[Message]], Awaitable[None]]


class _Waiting(asyncio.Queue[aiomqtt.Message]):
    """Messages that wait; when they are too many the oldest go, for the newest are what is so now."""

    lost = 0

    def put_nowait(self, item: aiomqtt.Message) -> None:
        if self.full():
            self.get_nowait()
            self.lost += 1
        super().put_nowait(item)


async def follow(intake: Intake, options: BrokerOptions, filters: Sequence[str], take: Take) -> None:
    """Subscribe to `filters` at the broker of `intake.url` and hand over what comes, in order, in batches.

    `take` gets at most BATCH messages at a time and gives their events to the intake. A quiet broker that
    answers pings is a source that lives. Raises SourceError when the connection ends, or nothing can be had.
    """
    client, waiting = await _client(intake, options)
    try:
        async with client:
            await _subscribe(client, filters, options.qos)
            await intake.give(Parsed())
            alive = asyncio.create_task(_say_alive(intake))
            try:
                await _hand_over(client, waiting, intake, take)
            finally:
                alive.cancel()
                await asyncio.gather(alive, return_exceptions=True)
    except aiomqtt.MqttError as error:
        raise Unreachable(f"The broker cannot be followed: {_reason(error)}.") from None
    finally:
        _look_at(client)


async def _client(intake: Intake, options: BrokerOptions) -> tuple[aiomqtt.Client, _Waiting]:
    address = urlsplit(intake.url)
    folder = intake.folder
    host, port = address.hostname or "", address.port or PORTS.get(address.scheme, 0)
    # The client resolves on a thread that a stop would wait for; this finds a name server that hangs first.
    try:
        async with asyncio.timeout(ANSWER_S):
            await resolve_name(host, port)
    except TimeoutError:
        raise Unreachable(f"The name {host} was not resolved within {ANSWER_S:g} s.") from None
    waiting = _Waiting(MAX_WAITING)
    trust = None
    if address.scheme == "mqtts":
        authority = str(folder / options.ca) if options.ca else None
        try:
            trust = await asyncio.to_thread(ssl.create_default_context, cafile=authority)
        except (OSError, ssl.SSLError) as error:
            raise SourceError(f"The certificate authority {options.ca} cannot be read: {error}.") from None
    client = aiomqtt.Client(
        host,
        port,
        username=options.user or None,
        password=secret(options.password, folder) if options.password else None,
        identifier=options.client_id or None,
        logger=_quiet,
        protocol=aiomqtt.ProtocolVersion.V311,
        tls_context=trust,
        timeout=ANSWER_S,
        keepalive=KEEPALIVE_S,
        queue_type=lambda maxsize: waiting,  # type: ignore[arg-type]  # called once, with what it is to hold
    )
    return client, waiting


async def _subscribe(client: aiomqtt.Client, filters: Sequence[str], qos: int) -> None:
    granted = await client.subscribe([(each, qos) for each in filters])
    # Of MQTT 3.1.1 they are numbers, which the client gives as objects of version 5.
    codes = [code if isinstance(code, int) else code.value for code in granted]
    refused = [each for each, code in zip(filters, codes, strict=False) if code >= REFUSED]
    if refused:
        raise Unreachable(f"The broker does not let {refused[0]!r} be read: it refuses the subscription.")


async def _hand_over(client: aiomqtt.Client, waiting: _Waiting, intake: Intake, take: Take) -> None:
    told = 0
    async for first in client.messages:
        raw = [first]
        while not waiting.empty() and len(raw) < BATCH:
            raw.append(waiting.get_nowait())
        faults = []
        messages = []
        for one in raw:
            payload = one.payload if isinstance(one.payload, bytes) else str(one.payload or "").encode()
            topic = str(one.topic)
            if len(payload) > MAX_MESSAGE_BYTES:
                why = f"the message has {len(payload)} bytes, more than {MAX_MESSAGE_BYTES}"
                faults.append(RecordFault(topic, why))
            else:
                messages.append(Message(topic, payload, one.retain))
        if waiting.lost > told:
            why = f"{waiting.lost - told} messages came faster than they could be read; the oldest are lost"
            faults.append(RecordFault("queue", why))
            told = waiting.lost
        if faults:
            await intake.give(Parsed(faults=faults))
        if messages:
            await take(messages)


async def _say_alive(intake: Intake) -> None:
    """The client ends the connection when a ping has no answer: until then the source lives."""
    while True:
        await asyncio.sleep(KEEPALIVE_S)
        await intake.give(Parsed())


def _look_at(client: aiomqtt.Client) -> None:
    """Where a connection broke while nobody waited for a message, asyncio would log that nobody looked."""
    ended = getattr(client, "_disconnected", None)
    if isinstance(ended, asyncio.Future) and ended.done() and not ended.cancelled():
        ended.exception()


def _reason(error: aiomqtt.MqttError) -> str:
    if isinstance(error, MqttConnectError):
        return f"it refuses the log-in ({str(error).rpartition('] ')[2]})"
    inner: BaseException | None = error.__cause__ or error.__context__
    if isinstance(inner, OSError):
        return network_reason(inner)
    if isinstance(inner, aiomqtt.MqttCodeError):
        return f"the connection ended ({str(inner).rpartition('] ')[2]})"
    return str(error).rstrip(".")
