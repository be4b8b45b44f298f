"""An MQTT 3.1.1 broker for tests, on a real socket of this loop: it publishes, refuses, goes silent, lies.

async with MqttBroker() as broker:
    ...                                   # a client connects to broker.url and subscribes
    await broker.subscribed(1)
    await broker.publish("air/hulu", b"142")
    broker.cut()                          # resets every connection
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from feeds.mqtt.topics import Pattern
from tests.faulty import reset, wait_until

CONNECT, PUBLISH, PUBACK, SUBSCRIBE, PINGREQ, DISCONNECT = 1, 3, 4, 8, 12, 14


@dataclass
class MqttBroker:
    """Set the fields before or while a client is there; they count for what comes next."""

    #: return code of CONNACK: 4 bad user name or password, 5 not authorised
    connack: int = 0
    #: filters whose subscription is refused
    refused: set[str] = field(default_factory=set)
    #: accepts and says nothing for ever
    silent: bool = False
    #: topic → what is sent at once to who subscribes
    retained: dict[str, bytes] = field(default_factory=dict)
    #: (user, password) of each log-in
    logins: list[tuple[str, str]] = field(default_factory=list)
    #: packet ids that were confirmed
    acknowledged: list[int] = field(default_factory=list)
    port: int = 0
    #: what it shows who comes by TLS
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._clients: dict[asyncio.StreamWriter, list[str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._packet = 0
        self.subscriptions = 0
        self.pings = 0

    @property
    def url(self) -> str:
        return f"mqtts://localhost:{self.port}" if self.tls else f"mqtt://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in list(self._clients):
            writer.close()

    async def subscribed(self, number: int) -> None:
        """Return when so many subscriptions have come since the start."""
        await wait_until(lambda: self.subscriptions >= number)

    async def publish(self, topic: str, payload: bytes | str) -> None:
        """Send to every client whose filters match."""
        for writer, filters in list(self._clients.items()):
            if any(Pattern(each).fields(topic) is not None for each in filters):
                writer.write(self._message(topic, payload, retained=False))
                await writer.drain()

    async def raw(self, data: bytes) -> None:
        """Send these bytes to every client."""
        for writer in list(self._clients):
            writer.write(data)
            await writer.drain()

    def cut(self) -> None:
        """Reset every connection."""
        for writer in list(self._clients):
            reset(writer)

    def _message(self, topic: str, payload: bytes | str, *, retained: bool) -> bytes:
        self._packet = self._packet % 65_535 + 1
        body = payload.encode() if isinstance(payload, str) else payload
        name = topic.encode()
        rest = len(name).to_bytes(2, "big") + name + self._packet.to_bytes(2, "big") + body
        return bytes((PUBLISH << 4 | 1 << 1 | retained,)) + _length(len(rest)) + rest

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._clients[writer] = []
        try:
            while True:
                kind, data = await _packet(reader)
                if self.silent:
                    continue
                if kind == CONNECT:
                    self.logins.append(_login(data))
                    writer.write(bytes((0x20, 2, 0, self.connack)))
                elif kind == SUBSCRIBE:
                    self._subscribe(writer, data)
                elif kind == PUBACK:
                    self.acknowledged.append(int.from_bytes(data[:2], "big"))
                elif kind == PINGREQ:
                    self.pings += 1
                    writer.write(bytes((0xD0, 0)))
                elif kind == DISCONNECT:
                    return
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            self._clients.pop(writer, None)
            self._tasks.discard(task)
            writer.close()

    def _subscribe(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        filters, place = [], 2
        while place < len(data):
            size = int.from_bytes(data[place : place + 2], "big")
            filters.append(data[place + 2 : place + 2 + size].decode())
            place += size + 3
        codes = bytes(0x80 if each in self.refused else 1 for each in filters)
        writer.write(bytes((0x90, 2 + len(codes))) + data[:2] + codes)
        mine = [each for each in filters if each not in self.refused]
        self._clients[writer] += mine
        self.subscriptions += 1
        for topic, payload in self.retained.items():
            if any(Pattern(each).fields(topic) is not None for each in mine):
                writer.write(self._message(topic, payload, retained=True))


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    (head,) = await reader.readexactly(1)
    length, shift = 0, 0
    while True:
        (byte,) = await reader.readexactly(1)
        length |= (byte & 127) << shift
        shift += 7
        if not byte & 128:
            break
    return head >> 4, await reader.readexactly(length)


def _length(size: int) -> bytes:
    out = bytearray()
    while True:
        size, digit = divmod(size, 128)
        out.append(digit | (128 if size else 0))
        if not size:
            return bytes(out)


def _login(data: bytes) -> tuple[str, str]:
    """User and password of a CONNECT without a will (section 3.1)."""
    flags, place, texts = data[7], 10, []
    while place < len(data):
        size = int.from_bytes(data[place : place + 2], "big")
        texts.append(data[place + 2 : place + 2 + size].decode())
        place += 2 + size
    user = texts[1] if flags & 0x80 else ""
    return user, texts[-1] if flags & 0x40 else ""
