"""Events as they come over TCP, TLS or UDP; what is due ends in between. Thin I/O."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import urlsplit

from feeds.base import Intake
from feeds.fetching.guard import network_reason
from wallboard.errors import SourceError, Unreachable

#: Connecting, with TLS; a city's network answers in milliseconds.
CONNECT_S = 10.0

#: Where TAK servers listen for streams, and devices send to.
PORTS = {"tcp": 8087, "tls": 8089, "udp": 6969}

#: A connection whose other side lost its power is found out within 30 s: asked after 15 s, three times 5 s.
KEEPALIVE = (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))

#: What is read at once.
CHUNK = 64 * 1024

#: Datagrams that wait; then the oldest go.
MAX_DATAGRAMS = 1000


async def open_stream(
    intake: Intake, trust: Callable[[], ssl.SSLContext] | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to a TAK server. Raises Unreachable."""
    address = urlsplit(intake.url)
    port = address.port or PORTS[address.scheme]
    url = f"{address.scheme}://{address.netloc if address.port else f'{address.netloc}:{port}'}"
    if trust is None:
        reader, writer = await intake.open(url)
    else:
        try:
            context = await asyncio.to_thread(trust)
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await asyncio.open_connection(address.hostname, port, ssl=context)
        except TimeoutError:
            raise Unreachable(f"{url} does not answer within {CONNECT_S:.0f} s.") from None
        except OSError as error:
            raise Unreachable(f"{url} cannot be reached: {network_reason(error)}.") from None
    plain: socket.socket = writer.get_extra_info("socket")
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE:
        if hasattr(socket, name):
            plain.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return reader, writer


def client_trust(folder: Path, ca: str, certificate: str, key: str) -> ssl.SSLContext:
    """What a TLS connection trusts, and how we show who we are. Raises SourceError."""
    try:
        context = ssl.create_default_context(cafile=str(folder / ca) if ca else None)
        if certificate:
            context.load_cert_chain(folder / certificate, folder / key if key else None)
    except (OSError, ssl.SSLError) as error:
        raise SourceError(f"A certificate of the feed cannot be read: {error}.") from None
    return context


class Datagrams(asyncio.DatagramProtocol):
    """What arrives at a UDP port from who may send."""

    def __init__(self, senders: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> None:
        self._senders = senders
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue(MAX_DATAGRAMS)
        self.refused = 0
        self.lost = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._senders and not any(ipaddress.ip_address(addr[0]) in each for each in self._senders):
            self.refused += 1
            return
        if self.waiting.full():
            self.waiting.get_nowait()
            self.lost += 1
        self.waiting.put_nowait(data)


async def listen(url: str, protocol: Datagrams) -> asyncio.DatagramTransport:
    """Receive at udp://host:port; a multicast group is joined. Raises Unreachable."""
    address = urlsplit(url)
    host, port = address.hostname or "0.0.0.0", address.port or PORTS["udp"]  # noqa: S104 - as configured
    loop = asyncio.get_running_loop()
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        receiver.setblocking(False)
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        group = ipaddress.ip_address(host)
        receiver.bind((host, port))
        if group.is_multicast:
            member = struct.pack("=4sl", group.packed, socket.INADDR_ANY)
            receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        transport, _ = await loop.create_datagram_endpoint(lambda: protocol, sock=receiver)
    except (OSError, ValueError) as error:
        receiver.close()
        reason = network_reason(error) if isinstance(error, OSError) else "it is no IPv4 address"
        raise Unreachable(f"{host}:{port} cannot be listened at: {reason}.") from None
    return transport


async def pieces(reader: asyncio.StreamReader, wait_s: Callable[[], float]) -> AsyncIterator[bytes]:
    """What comes, and b"" whenever nothing came for `wait_s()`. Raises Unreachable at the end."""
    while True:
        try:
            async with asyncio.timeout(wait_s()):
                piece = await reader.read(CHUNK)
        except TimeoutError:
            yield b""
            continue
        except OSError as error:
            raise Unreachable(f"The connection broke: {network_reason(error)}.") from None
        if not piece:
            raise Unreachable("The other side closed the connection.")
        yield piece


async def datagrams(protocol: Datagrams, wait_s: Callable[[], float]) -> AsyncIterator[bytes]:
    """What comes, and b"" whenever nothing came for `wait_s()`."""
    while True:
        try:
            async with asyncio.timeout(wait_s()):
                data = await protocol.waiting.get()
        except TimeoutError:
            data = b""
        yield data
