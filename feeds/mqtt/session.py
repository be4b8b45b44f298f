"""One subscription to an MQTT broker, followed until it ends: log-in, topics, messages in batches. Thin I/O.

Every adapter whose source speaks through a broker uses it. It ends by raising; the supervisor starts the next
one. MQTT 3.1.1, which every broker speaks; a subscription at QoS 0 or 1 of a clean session: what was
published while nobody listened is not sent again, except what the broker retains.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from feeds.base import Intake, Parsed, RecordFault
from feeds.fetching.guard import MAX_ADDRESSES, network_reason, resolve_name
from feeds.fetching.hang_up import hang_up
from feeds.fetching.secrets import secret
from feeds.mqtt import packets
from feeds.mqtt.broker import PORTS, SCHEMES, BrokerOptions, Message
from feeds.mqtt.topics import wrong_filter
from feeds.reading.private import mask_numbers
from wallboard.errors import SourceError, Unreachable

__all__ = ["SCHEMES", "BrokerOptions", "Message", "Take", "follow", "wrong_filter"]

#: Connecting, logging in and subscribing, each: a broker answers in milliseconds.
ANSWER_S = 10.0

#: The broker is pinged this often; when nothing came between two pings the connection has ended.
KEEPALIVE_S = 15

#: A message above this is no reading and no event (a Frigate event has 3 kB); pictures are not read here.
MAX_MESSAGE_BYTES = 1024 * 1024

#: What waits while a batch is handed over: a second of 10,000 events/s. Then the oldest go, and are counted.
MAX_WAITING = 10_000

#: … nor more than this together: 10,000 of the largest messages would be 10 GB.
MAX_WAITING_BYTES = 64 * 1024 * 1024

#: Messages handed over at once: few round trips, and other feeds get between them.
BATCH = 500

#: What is read at once: a hundred of Frigate's events.
CHUNK = 256 * 1024

#: What a broker answers to a subscription that it does not grant, and above (section 3.9.3).
REFUSED = 0x80
Take = Callable[[list[Message]], Awaitable[None]]

Reply = TypeVar("Reply", packets.Connack, packets.Suback)


async def follow(intake: Intake, options: BrokerOptions, filters: Sequence[str], take: Take) -> None:
    """Subscribe to `filters` at the broker of `intake.url` and hand over what comes, in order, in batches.

    `take` gets at most BATCH messages at a time and gives their events to the intake. A quiet broker that
    answers pings is a source that lives. Raises SourceError when the connection ends, or nothing can be had.
    """
    try:
        reader, writer = await _open(intake, options)
        link = _Link(reader, writer)
        try:
            await link.log_in(options, secret(options.password, intake.folder) if options.password else None)
            await link.subscribe(filters, options.qos)
            await intake.give(Parsed())
            await link.follow(intake, take)
        finally:
            await hang_up(writer, packets.DISCONNECT)
    except TimeoutError:
        raise _lost(f"it has not answered within {ANSWER_S:g} s") from None
    except (OSError, EOFError) as error:
        raise _lost(network_reason(error)) from None
    except packets.NotMqtt as error:
        raise _lost(f"it sends {error}") from None


class _Link:
    """An open connection: what comes is read at once, and waits within bounds until it is handed over."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._packets = packets.Reader(MAX_MESSAGE_BYTES)
        self._clock = asyncio.get_running_loop().time
        self._replies: list[packets.Connack | packets.Suback] = []
        self._waiting: deque[packets.Publish] = deque()
        self._waiting_bytes = 0
        self._lost = 0
        self._news = asyncio.Event()
        self._alive = False

    async def log_in(self, options: BrokerOptions, password: str | None) -> None:
        """Say who we are. Raises Unreachable when the broker refuses, TimeoutError when it says nothing."""
        said = packets.connect(options.client_id, options.user, password, max(1, int(KEEPALIVE_S)))
        code = (await self._asked(said, packets.Connack)).code
        if code:
            raise _lost(f"it refuses the log-in ({packets.REFUSALS.get(code, f'code {code}')})")

    async def subscribe(self, filters: Sequence[str], qos: int) -> None:
        """Ask for what is published. Raises Unreachable for a filter that is refused."""
        granted = (await self._asked(packets.subscribe(1, filters, qos), packets.Suback)).codes
        refused = [each for each, code in zip(filters, granted, strict=False) if code >= REFUSED]
        if refused:
            raise Unreachable(f"The broker does not let {refused[0]!r} be read: it refuses the subscription.")

    async def follow(self, intake: Intake, take: Take) -> None:
        """Hand over what comes, until the connection ends."""
        reading = asyncio.create_task(self._read_on(), name=f"broker of {intake.name}")
        reading.add_done_callback(lambda _: self._news.set())
        told = 0
        try:
            while not reading.done() or self._waiting:
                await self._news.wait()
                self._news.clear()
                while self._waiting:
                    # Said once it has doubled: a flood must not fill the dead letters with its own count.
                    lost = self._lost if self._lost >= max(1, 2 * told) else 0
                    told = lost or told
                    await self._hand_over(intake, take, lost)
                if self._alive:
                    self._alive = False
                    await intake.give(Parsed())
            reading.result()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _hand_over(self, intake: Intake, take: Take, lost: int) -> None:
        faults: list[RecordFault] = []
        messages: list[Message] = []
        for _ in range(min(BATCH, len(self._waiting))):
            one = self._next()
            if one.payload is None:
                why = f"the message has {one.size} bytes, more than {MAX_MESSAGE_BYTES}"
                faults.append(RecordFault(mask_numbers(one.topic), why))
            else:
                messages.append(Message(one.topic, one.payload, one.retained))
        if lost:
            why = f"{lost} messages in all came faster than they could be read; the oldest are lost"
            faults.append(RecordFault("queue", why))
        if faults:
            await intake.give(Parsed(faults=faults))
        if messages:
            await take(messages)

    async def _asked(self, said: bytes, reply: type[Reply]) -> Reply:
        async with asyncio.timeout(ANSWER_S):
            self._writer.write(said)
            await self._writer.drain()
            while True:
                for one in self._replies:
                    if isinstance(one, reply):
                        self._replies.remove(one)
                        return one
                await self._take_in(await self._reader.read(CHUNK))

    async def _read_on(self) -> None:
        """Read for ever; ends by raising. Pings whatever comes: a broker counts only what we say."""
        ping_at, heard = self._clock() + KEEPALIVE_S, True
        while True:
            try:
                async with asyncio.timeout_at(ping_at):
                    data = await self._reader.read(CHUNK)
            except TimeoutError:
                data = None
            if data is not None:
                heard = True
                await self._take_in(data)
            if self._clock() >= ping_at:
                if not heard:
                    raise _lost("it answers no ping")
                ping_at, heard = self._clock() + KEEPALIVE_S, False
                await self._send(packets.PINGREQ)

    async def _take_in(self, data: bytes) -> None:
        if not data:
            raise EOFError
        confirmed = bytearray()
        for packet in self._packets.feed(data):
            if isinstance(packet, packets.Publish):
                self._wait(packet)
                if packet.packet_id is not None:
                    confirmed += packets.puback(packet.packet_id)
            elif isinstance(packet, packets.Pingresp):
                self._alive = True
            else:
                self._replies = [*self._replies[-1:], packet]
        self._news.set()
        if confirmed:
            await self._send(bytes(confirmed))

    def _wait(self, packet: packets.Publish) -> None:
        self._waiting.append(packet)
        self._waiting_bytes += _bytes_of(packet)
        while len(self._waiting) > MAX_WAITING or self._waiting_bytes > MAX_WAITING_BYTES:
            self._next()
            self._lost += 1

    def _next(self) -> packets.Publish:
        packet = self._waiting.popleft()
        self._waiting_bytes -= _bytes_of(packet)
        return packet

    async def _send(self, data: bytes) -> None:
        self._writer.write(data)
        async with asyncio.timeout(ANSWER_S):
            await self._writer.drain()


async def _open(intake: Intake, options: BrokerOptions) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    broker = urlsplit(intake.url)
    host, port = broker.hostname or "", broker.port or PORTS.get(broker.scheme, 0)
    security: dict[str, Any] = {}
    if broker.scheme == "mqtts":
        authority = str(intake.folder / options.ca) if options.ca else None
        try:
            security["ssl"] = await asyncio.to_thread(ssl.create_default_context, cafile=authority)
        except (OSError, ssl.SSLError) as error:
            raise SourceError(f"The certificate authority {options.ca} cannot be read: {error}.") from None
        security["server_hostname"] = host
    reason: OSError | None = None
    async with asyncio.timeout(ANSWER_S):
        # The loop's own look-up is on a thread that a stop would wait for.
        for address in (await resolve_name(host, port))[:MAX_ADDRESSES]:
            try:
                return await asyncio.open_connection(address, port, limit=CHUNK, **security)
            except OSError as error:
                reason = error  # the host's next address
    raise reason or EOFError


def _bytes_of(packet: packets.Publish) -> int:
    return len(packet.topic) + len(packet.payload or b"")


def _lost(reason: str) -> Unreachable:
    return Unreachable(f"The broker cannot be followed: {reason}.")
