"""Thousands of boards in one process: raw sockets and epoll, which cost less than the server measured.

Each frame's place in the chain is read from its head; one frame in fifty is compared byte for byte with what
the other boards of the same place got. A board that is to be stuck subscribes and never reads again.
"""

from __future__ import annotations

import base64
import os
import re
import resource
import select
import socket
import struct
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from wallboard.protocol import SUBPROTOCOL

#: A handshake or a snapshot that takes longer does not come (s).
PATIENCE_S = 30.0

#: What one read may bring: some frames.
READ_BYTES = 512 * 1024

#: The head of a state fits this.
HEAD_BYTES = 512

#: One frame in so many is compared as a whole.
COMPARED_EVERY = 50

_HEAD = re.compile(rb'\{"type":"(delta|tick)","epoch":"([^"]*)","prev":(\d+),"pos":(\d+)')
_SNAPSHOT = re.compile(rb'\{"type":"snapshot","epoch":"([^"]*)","pos":(\d+),.*?"part":(\d+),"parts":(\d+)')

#: (view, prev, pos) of a frame
Place = tuple[int, int, int]


@dataclass
class Seen:
    """What all boards of one run got."""

    #: when (s since 1970) which delta reached a board
    arrivals: defaultdict[Place, list[float]] = field(default_factory=lambda: defaultdict(list))
    #: the delta itself, once
    frames: dict[Place, bytes] = field(default_factory=dict)
    written: int = 0
    ticks: int = 0
    snapshots: int = 0
    ended: int = 0
    #: what was wrong with the chain; must stay empty
    broken: list[str] = field(default_factory=list)


class _Board:
    __slots__ = ("epoch", "pos", "rest", "socket", "view")

    def __init__(self, connected: socket.socket, view: int) -> None:
        self.socket = connected
        self.view = view
        self.rest = b""
        self.epoch = b""
        self.pos = -1


class Boards:
    """So many boards at one server."""

    def __init__(
        self,
        host: str,
        port: int,
        layout: str,
        count: int,
        stuck: int = 0,
        tickets: Sequence[Callable[[], str]] = (),
        *,
        together: bool = False,
    ) -> None:
        """`tickets`: of the people whose boards they are, in turn; none: they are the machine's own.

        `together`: no board waits for the one before it, as after a switch was started again.
        """
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.seen = Seen()
        self._poll = select.epoll()
        self._boards: dict[int, _Board] = {}
        self._stuck: list[socket.socket] = []
        self._buffer = bytearray(READ_BYTES)
        self._texts = 0
        coming = _all_at_once(host, port, layout, count) if together else None
        for number in range(count):
            view = number % len(tickets) if tickets else 0
            connected = (
                coming[number]
                if coming
                else _connected(host, port, layout, tickets[view]() if tickets else "")
            )
            if number < stuck:
                self._stuck.append(connected)
                continue
            self._boards[connected.fileno()] = _Board(connected, view)
            self._poll.register(connected.fileno(), select.EPOLLIN)
            # Those that came before want their state, and their pings answered.
            self._read(0)

    def whole(self) -> None:
        """Read until each board has its state; raises TimeoutError."""
        deadline = time.monotonic() + PATIENCE_S
        while any(board.pos < 0 for board in self._boards.values()):
            self._read(0.1)
            if time.monotonic() > deadline:
                raise TimeoutError(f"not all boards have their state: {self.seen.snapshots} snapshots came")

    def read_until(self, end: float) -> None:
        """Read what comes, until `end` (s since 1970)."""
        while (left := end - time.time()) > 0:
            self._read(min(left, 0.2))

    def close(self) -> None:
        """End all connections."""
        for connected in (*self._stuck, *(board.socket for board in self._boards.values())):
            connected.close()
        self._poll.close()

    def _read(self, within_s: float) -> None:
        view = memoryview(self._buffer)
        for descriptor, _ in self._poll.poll(within_s):
            board = self._boards[descriptor]
            try:
                size = board.socket.recv_into(view)
            except OSError:
                size = 0
            if size == 0:
                self._poll.unregister(descriptor)
                self.seen.ended += 1
                continue
            self._take(board, board.rest + bytes(view[:size]) if board.rest else bytes(view[:size]))

    def _take(self, board: _Board, data: bytes) -> None:
        at, end = 0, len(data)
        while end - at >= 2:
            size, head = data[at + 1], 2
            if size == 126:
                if end - at < 4:
                    break
                (size,), head = struct.unpack_from("!H", data, at + 2), 4
            elif size == 127:
                if end - at < 10:
                    break
                (size,), head = struct.unpack_from("!Q", data, at + 2), 10
            if end - at < head + size:
                break
            self._message(board, data[at] & 15, data[at + head : at + head + size])
            at += head + size
        board.rest = data[at:]

    def _message(self, board: _Board, opcode: int, payload: bytes) -> None:
        if opcode == 9:
            board.socket.send(masked(10, payload))
        elif opcode == 1:
            self._frame(board, payload)
        elif opcode == 2:
            # A packed state: its head says where the board stands then.
            self._frame(board, zlib.decompressobj(-zlib.MAX_WBITS).decompress(payload, HEAD_BYTES))
        elif opcode != 10:
            self.seen.broken.append(f"opcode {opcode}: {payload[:80]!r}")

    def _frame(self, board: _Board, payload: bytes) -> None:
        seen = self.seen
        if found := _HEAD.match(payload):
            prev, pos = int(found[3]), int(found[4])
            if board.epoch and (found[2] != board.epoch or not prev <= board.pos < pos):
                seen.broken.append(f"{found[0]!r} at {board.pos} of {board.epoch!r}")
            board.pos = pos
            if found[1] == b"tick":
                seen.ticks += 1
                return
            place = board.view, prev, pos
            seen.written += 1
            seen.arrivals[place].append(time.time())
            first = seen.frames.setdefault(place, payload)
            self._texts += 1
            if self._texts % COMPARED_EVERY == 0 and first != payload:
                seen.broken.append(f"two frames of {place} differ")
        elif found := _SNAPSHOT.match(payload):
            if found[3] == found[4]:
                board.epoch, board.pos = found[1], int(found[2])
                seen.snapshots += 1
        elif payload.startswith(b'{"type":"bye"'):
            seen.broken.append(payload.decode())


def ping(connected: socket.socket) -> None:
    """Send a ping, and wait for its pong; what comes before it is not looked at."""
    word = os.urandom(8)
    connected.sendall(masked(9, word))
    answer, rest = b"\x8a\x08" + word, b""
    while answer not in rest:
        more = connected.recv(4096)
        if not more:
            raise ConnectionError("the connection ended before its pong")
        rest += more


def handshake(host: str, port: int, *protocols: str) -> socket.socket:
    """A WebSocket that has been accepted, with nothing read of what comes after."""
    connected = socket.create_connection((host, port), PATIENCE_S)
    connected.sendall(_request(host, port, *protocols))
    _accepted(connected)
    return connected


def _request(host: str, port: int, *protocols: str) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    wanted = f"Sec-WebSocket-Protocol: {', '.join(protocols)}\r\n" if protocols else ""
    return (
        f"GET /ws HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Origin: http://{host}:{port}\r\n{wanted}"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )


def _accepted(connected: socket.socket) -> None:
    answer = b""
    while b"\r\n\r\n" not in answer:
        # By the byte: what comes after belongs to the frames.
        more = connected.recv(1)
        if not more:
            raise ConnectionError(answer.decode("latin-1"))
        answer += more
    if b" 101 " not in answer.split(b"\r\n")[0]:
        raise ConnectionError(answer.decode("latin-1"))


def _connected(host: str, port: int, layout: str, ticket: str = "") -> socket.socket:
    connected = handshake(host, port, SUBPROTOCOL)
    connected.sendall(masked(1, _subscribe(layout, ticket)))
    connected.setblocking(False)
    return connected


def _all_at_once(host: str, port: int, layout: str, count: int) -> list[socket.socket]:
    """So many connections, each asked for before any is answered."""
    found = []
    for _ in range(count):
        connected = socket.socket()
        connected.setblocking(False)
        connected.connect_ex((host, port))
        found.append(connected)
    for connected in found:
        connected.setblocking(True)
        connected.settimeout(PATIENCE_S)
        connected.sendall(_request(host, port, SUBPROTOCOL))
    subscribe = masked(1, _subscribe(layout, ""))
    for connected in found:
        _accepted(connected)
        connected.sendall(subscribe)
        connected.setblocking(False)
    return found


def _subscribe(layout: str, ticket: str) -> bytes:
    """As a page says it, which reads packed states."""
    frame = {"type": "subscribe", "layout": layout, "packed": True} | ({"ticket": ticket} if ticket else {})
    return msgspec.json.encode(frame)


def masked(opcode: int, payload: bytes) -> bytes:
    """A frame as a client sends it (RFC 6455, 5.3)."""
    mask = os.urandom(4)
    head = struct.pack("!BB", 0x80 | opcode, 0x80 | len(payload))
    if len(payload) > 125:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, len(payload))
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
