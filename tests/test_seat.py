"""Boards on their seats: by our own server, and by another ASGI server, which hands nothing over."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypercorn.asyncio import serve
from hypercorn.config import Config
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame, Opcode

from tests.cities import ENV, incident, push, write_city
from tests.running import WAIT_S, Server, free_port, server
from tests.worlds import small_city
from wallboard.access import Viewer
from wallboard.app import create_app
from wallboard.clock import Clock
from wallboard.errors import CloseCode
from wallboard.hub import Board, Hub
from wallboard.protocol import SUBPROTOCOL
from wallboard.state import Replica
from wallboard.views import View
from wallboard.web import seat as seats
from wallboard.web.door import Door
from wallboard.web.geo import Geo
from wallboard.web.guard import end
from wallboard.web.seat import MAX_ASKED, MAX_FRAMES_A_MINUTE, Seat

PLAIN: dict[str, Any] = {"subprotocols": [SUBPROTOCOL], "compression": None, "proxy": None}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("seat")
    with server(folder / "state", "--config", str(write_city(folder / "city")), env=ENV) as one:
        push(one, "first", [incident("first")])
        yield one


@asynccontextmanager
async def hypercorn(one: Server) -> AsyncIterator[str]:
    """Another web node of the same city, on a server that knows nothing of us; its address."""
    port, ends = free_port(), asyncio.Event()
    geo = Geo(b"{}", None, 0, (0, 0, 1, 1))
    url = f"unix://{one.state_dir}/redis.sock"
    app = create_app(small_city(), geo, Path(), url, Clock(), Door())
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    serving = asyncio.create_task(serve(app, config, shutdown_trigger=ends.wait))  # type: ignore[arg-type]
    try:
        yield f"127.0.0.1:{port}"
    finally:
        ends.set()
        async with asyncio.timeout(WAIT_S):
            await serving


@asynccontextmanager
async def address_of(which: str, one: Server) -> AsyncIterator[str]:
    if which == "ours":
        yield one.address
    else:
        async with hypercorn(one) as address:
            yield address


class Client:
    """A board that is asked step by step."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def next(self, *types: str) -> dict[str, Any]:
        """The next message of one of these types."""
        async with asyncio.timeout(WAIT_S):
            while True:
                said: dict[str, Any] = json.loads(await self.socket.recv())
                if said["type"] in types:
                    return said

    async def say(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def code(self) -> int:
        """How the server closed."""
        async with asyncio.timeout(WAIT_S):
            await self.socket.wait_closed()
        assert self.socket.close_code is not None
        return self.socket.close_code


@asynccontextmanager
async def subscribed(address: str) -> AsyncIterator[Client]:
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                socket = await connect(f"ws://{address}/ws", **PLAIN)
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)  # it does not listen yet
                continue
            client = Client(socket)
            if (await client.next("hello", "bye"))["type"] == "hello":
                break
            await socket.close()  # it is not ready yet
    await client.say(type="subscribe", layout="operations")
    await client.next("snapshot")
    try:
        yield client
    finally:
        await socket.close()


@pytest.mark.parametrize("which", ["ours", "hypercorn"])
async def test_a_board_is_told_the_news_and_answered_on_any_server(which: str, running: Server) -> None:
    async with address_of(which, running) as address, subscribed(address) as board:
        await asyncio.to_thread(push, running, f"news-{which}", [incident(f"news-{which}")])
        while f"push/news-{which}" not in str((await board.next("delta"))["changes"]):
            pass
        await board.say(type="command", command_id="c-1", action="alert.ack", id="x")
        await board.say(type="command", command_id="c-2", action="alert.ack", id="x")
        answers = [await board.next("result") for _ in range(2)]
        assert [(each["command_id"], each["reason"]) for each in answers] == [
            ("c-1", "log_in_first"),
            ("c-2", "log_in_first"),
        ]
        await board.say(type="subscribe", layout="operations")
        assert (await board.next("snapshot"))["reason"] == "asked"


@pytest.mark.parametrize("which", ["ours", "hypercorn"])
@pytest.mark.parametrize("said", ["nonsense", "another view", "too much"])
async def test_who_does_not_keep_to_the_protocol_is_told_why_and_closed(
    which: str, said: str, running: Server
) -> None:
    async with address_of(which, running) as address, subscribed(address) as board:
        if said == "nonsense":
            await board.socket.send("{")
        elif said == "another view":
            await board.say(type="subscribe", layout="market")
        else:
            for _ in range(MAX_FRAMES_A_MINUTE + 1):
                await board.say(type="painted", pos=0, at=0.0)
        bye = await board.next("bye")
        code = CloseCode.TOO_MANY_FRAMES if said == "too much" else CloseCode.BAD_FRAME
        assert (bye["code"], await board.code()) == (code, code)


async def test_what_a_board_says_before_it_is_seated_is_not_lost(running: Server) -> None:
    """Both frames in one packet: the second waits in the server's queue while the first is served."""
    async with asyncio.timeout(WAIT_S), connect(f"ws://{running.address}/ws", **PLAIN) as socket:
        board = Client(socket)
        command = {"type": "command", "command_id": "early", "action": "alert.ack", "id": "x"}
        frames = [{"type": "subscribe", "layout": "operations"}, command]
        masked = [Frame(Opcode.TEXT, json.dumps(each).encode()).serialize(mask=True) for each in frames]
        socket.transport.write(b"".join(masked))
        assert (await board.next("result"))["command_id"] == "early"


async def test_a_board_that_goes_is_counted_no_more(running: Server) -> None:
    def boards() -> str:
        with urllib.request.urlopen(f"http://{running.address}/metrics", timeout=WAIT_S) as answer:
            lines: list[str] = answer.read().decode().splitlines()
        return next(line for line in lines if line.startswith("wallboard_boards ")).split()[1]

    async with subscribed(running.address):
        assert await asyncio.to_thread(boards) == "1.0"
    async with asyncio.timeout(WAIT_S):
        while await asyncio.to_thread(boards) != "0.0":
            await asyncio.sleep(0.02)


# -- step by step, without a server ------------------------------------------------------------------------


class Line:
    """A way to a board that keeps what is sent, or takes nothing; nothing ever comes by it."""

    def __init__(self, *, stuck: bool = False) -> None:
        self.stuck = stuck
        self.sent: list[dict[str, Any]] = []

    async def send(self, message: Any) -> None:
        if self.stuck:
            await asyncio.Event().wait()
        self.sent.append(message)

    async def receive(self) -> Any:
        await asyncio.Event().wait()

    def results(self) -> list[dict[str, Any]]:
        frames = [json.loads(message["text"]) for message in self.sent]
        return [frame for frame in frames if frame["type"] == "result"]


async def never(*_: object) -> bytes:
    """A desk whose store hangs."""
    await asyncio.Event().wait()
    return b""


def sat(line: Line, abort: Any = None) -> tuple[Seat, Board]:
    replica = Replica()
    replica.reset("e", 0, 0.0, 0, [])
    node: Any = SimpleNamespace(hub=Hub(replica), clock=Clock(), desk=SimpleNamespace(submit=never))
    board = Board("s", View("operations", frozenset({"alert"}), Viewer(districts=None)), "operations")
    seat = Seat(cast(Any, line), node, board, abort)
    node.hub.join(board)
    seat.wake()
    return seat, board


def command(number: int) -> str:
    return json.dumps({"type": "command", "command_id": f"c{number}", "action": "alert.ack"})


async def test_all_of_many_commands_that_come_at_once_are_answered() -> None:
    """A page waits two minutes for an answer that is dropped, and then says that there was none."""
    line = Line()
    seat, _ = sat(line)
    asked = [f"c{number}" for number in range(100)]
    for number in range(100):
        seat.take(command(number))
    async with asyncio.timeout(WAIT_S):
        while len(line.results()) < 100 and (seat._sending or seat._answering):
            await asyncio.sleep(0)
    assert [result["command_id"] for result in line.results()] == asked


async def test_commands_that_wait_for_a_store_that_hangs_are_bounded() -> None:
    line = Line()
    seat, board = sat(line)
    board.person = "rani"
    seat.take(command(0))
    await asyncio.sleep(0)
    for number in range(1, MAX_ASKED + 10):
        seat.take(command(number))
    async with asyncio.timeout(WAIT_S):
        while seat._sending:
            await asyncio.sleep(0)
    assert [result["reason"] for result in line.results()] == ["try_again"] * 9
    seat.gone()


async def test_a_right_that_ends_does_not_wait_for_a_client_that_reads_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seats, "SEND_TIMEOUT_S", 2 * WAIT_S)
    monkeypatch.setattr(seats, "BYE_TIMEOUT_S", 0.01)
    aborted = asyncio.Event()
    _, board = sat(Line(stuck=True), aborted.set)
    await asyncio.sleep(0)
    end(board, "the log-in has ended")
    async with asyncio.timeout(WAIT_S):
        await aborted.wait()


async def test_a_client_that_reads_nothing_is_ended_on_any_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another server ends a connection when its application returns."""
    monkeypatch.setattr(seats, "SEND_TIMEOUT_S", 0.01)
    line = Line(stuck=True)
    seat, _ = sat(line)
    async with asyncio.timeout(WAIT_S):
        await seat.follow(cast(Any, line))


async def test_a_client_that_does_not_answer_a_close_is_ended_on_any_server() -> None:
    line = Line()
    seat, _ = sat(line)
    following = asyncio.create_task(seat.follow(cast(Any, line)))
    await asyncio.sleep(0)
    seat.take("{")
    async with asyncio.timeout(WAIT_S):
        await following
    assert line.sent[-1]["type"] == "websocket.close"
