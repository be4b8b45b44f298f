"""Boards on their seats while their sockets fill and drain by chance: nothing is lost or mixed."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Callable
from functools import partial
from random import Random
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
import uvicorn
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from tests.boards import Glass
from tests.running import WAIT_S
from wallboard import protocol
from wallboard.access import Viewer
from wallboard.clock import Clock
from wallboard.frames import EXTENSION, WallProtocol
from wallboard.hub import Board, Hub
from wallboard.state import Replica
from wallboard.turns import Turns
from wallboard.views import View
from wallboard.web.seat import Seat

STEPS = 150
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Wire(asyncio.Transport):
    """The way to a client: after any write it may be full, until it is read."""

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self.written = b""
        self.full = False
        self.chance = chance
        self.protocol: WallProtocol

    def write(self, data: Any) -> None:
        self.written += data
        if not self.full and self.chance.random() < 0.3:
            self.full = True
            self.protocol.pause_writing()

    def read(self) -> None:
        if self.full:
            self.full = False
            self.protocol.resume_writing()

    def is_closing(self) -> bool:
        return False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def close(self) -> None: ...


class Client:
    """One board, from the client's end."""

    def __init__(self, node: Any, chance: Random) -> None:
        self.asked: list[str] = []
        self.wire = Wire(chance)
        self._node, self._chance = node, chance
        config = uvicorn.Config(
            self._app,
            ws=WallProtocol,
            ws_per_message_deflate=False,
            lifespan="off",
            interface="asgi3",
            proxy_headers=False,
            log_config=None,
        )
        self.protocol = self.wire.protocol = WallProtocol(config, ServerState(), {})
        self.protocol.connection_made(self.wire)
        self.protocol.data_received(HANDSHAKE)

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        ours = scope["extensions"][EXTENSION]
        view = View("operations", frozenset({"alert"}), Viewer(districts=None))
        self.board = Board("s", view, "operations", packed=self._chance.random() < 0.5, person="rani")
        self.board.subscribed = ("operations", "")
        self.board.push = ours.push
        self.seat = Seat(ours, self._node, self.board, None)
        self._node.hub.join(self.board)
        self.seat.wake()
        ours.seat(self.seat)

    def is_told(self, n: int) -> bool:
        """Whether nothing is on its way any more."""
        board = self.board
        return board.pos == n and not board.busy and not board.told and self.seat._answering is None

    def say(self, opcode: Opcode, **frame: Any) -> None:
        self.protocol.data_received(Frame(opcode, json.dumps(frame).encode()).serialize(mask=True))

    def command(self) -> None:
        self.asked.append(f"c{len(self.asked)}")
        self.say(Opcode.TEXT, type="command", command_id=self.asked[-1], action="alert.ack")

    def messages(self) -> list[dict[str, Any]]:
        """What was written; fails where the bytes are not whole frames one after the other."""
        raw, at, found = self.wire.written, self.wire.written.index(b"\r\n\r\n") + 4, []
        while at < len(raw):
            first, size, at = raw[at], raw[at + 1], at + 2
            if size > 125:
                width = {126: 2, 127: 8}[size]
                size, at = int.from_bytes(raw[at : at + width], "big"), at + width
            body, at = raw[at : at + size], at + size
            assert first in (0x81, 0x82, 0x8A)
            if first != 0x8A:
                found.append(json.loads(zlib.decompress(body, -15) if first == 0x82 else body))
        assert at == len(raw)
        return found


def things(n: int, text: str) -> list[tuple[str, str, bytes]]:
    return [
        ("alert", f"a{i}", msgspec.json.encode({"scope": ["city"], "n": n, "t": text})) for i in range(40)
    ]


@pytest.mark.parametrize("seed", range(6))
async def test_every_board_has_every_word_whole_and_in_its_order(seed: int) -> None:
    chance = Random(seed)
    replica = Replica()
    replica.reset("e1", 1, 0.0, 1, things(1, "x" * chance.choice([10, 20_000])))
    hub, n = Hub(replica), 1

    async def submit(board: Board, frame: protocol.CommandFrame) -> bytes:
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
        return protocol.result(frame.command_id, "pending")

    node = SimpleNamespace(hub=hub, clock=Clock(), turns=Turns(3), desk=SimpleNamespace(submit=submit))
    running = asyncio.create_task(hub.run())
    clients = [Client(node, chance) for _ in range(4)]

    def commit() -> None:
        nonlocal n
        n += 1
        thing = msgspec.Raw(msgspec.json.encode({"scope": ["city"], "n": n}))
        replica.apply(n, float(n), n, [("alert", f"a{chance.randrange(40)}", thing, None)])
        hub.changed()

    def begin_anew() -> None:
        nonlocal n
        n += 1
        replica.reset(f"e{n}", n, float(n), n, things(n, ""))
        hub.reloaded()

    async with asyncio.timeout(WAIT_S):
        while len(list(hub.boards)) < len(clients):
            for each in clients:
                each.wire.read()
            await asyncio.sleep(0)
        for _ in range(STEPS):
            one = chance.choice(clients)
            what: list[Callable[[], None]] = [
                commit,
                one.wire.read,
                one.command,
                partial(one.say, Opcode.TEXT, type="subscribe", layout="operations"),
                partial(one.say, Opcode.PING),
                hub.reloaded,
                begin_anew,
            ]
            chance.choices(what, [40, 30, 10, 3, 10, 2, 2])[0]()
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
        commit()
        while not all(each.is_told(n) for each in clients):
            for each in clients:
                each.wire.read()
            await asyncio.sleep(0.001)
    running.cancel()
    for each in clients:
        glass = Glass()
        messages = each.messages()
        assert not any(glass.take(message) for message in messages)
        assert [m["command_id"] for m in messages if m["type"] == "result"] == each.asked
        state = {id: msgspec.json.decode(entry.raw or b"") for (_, id), entry in replica.all()}
        assert (glass.pos, glass.state["alert"]) == (n, state)
