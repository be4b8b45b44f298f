"""The private details of uvicorn that wallboard/frames.py relies on, each by name, and what we add."""

from __future__ import annotations

import asyncio
import inspect
import re
import signal
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from tests.running import ROOT
from wallboard.frames import EXTENSION, MAX_SMALL_FRAMES_A_MINUTE, NodeServer, WallProtocol, _Gate


def test_uvicorn_is_the_release_that_was_read() -> None:
    lock = (ROOT / "locks" / "run.txt").read_text()
    assert f"uvicorn=={uvicorn.__version__}" in lock


def test_run_asgi_is_what_starts_the_application_with_the_scope() -> None:
    source = inspect.getsource(WebSocketsSansIOProtocol.run_asgi)
    assert "self.scope" in source
    assert inspect.iscoroutinefunction(WebSocketsSansIOProtocol.run_asgi)


def test_the_scope_offers_extensions_before_the_application_starts() -> None:
    assert '"extensions"' in inspect.getsource(WebSocketsSansIOProtocol)


def test_keepalive_timeout_is_called_when_a_pong_is_missing_and_only_closes() -> None:
    source = inspect.getsource(WebSocketsSansIOProtocol.keepalive_timeout)
    assert "abort" not in source, "uvicorn ends such a client by itself now: WallProtocol needs no override"


def test_what_push_looks_at_is_what_uvicorns_own_send_looks_at() -> None:
    source = inspect.getsource(WebSocketsSansIOProtocol)
    for name in ("writable", "close_sent", "disconnected", "handshake_complete"):
        assert f"self.{name}" in inspect.getsource(WebSocketsSansIOProtocol.send)
    # `gate` stands for `writable`; a board that has subscribed has had its handshake, and the transport of a
    # client that is gone is closing.
    for name in ("gate.open", "close_sent", "transport.is_closing()"):
        assert f"self.{name}" in inspect.getsource(WallProtocol.push)
    assert "self.writable.clear()" in inspect.getsource(WebSocketsSansIOProtocol.pause_writing)
    assert "self.writable.set()" in inspect.getsource(WebSocketsSansIOProtocol.resume_writing)
    # A ping, a close, an answer: each is written in one piece, so a pushed frame stands before or after it.
    written = re.findall(r"self\.transport\.write\((.*)\)$", source, re.MULTILINE)
    assert written
    assert set(written) <= {'b"".join(output)', "output", 'b"".join(self.conn.data_to_send())'}


def test_what_a_seat_takes_over_is_what_uvicorn_keeps_for_an_application_that_waits() -> None:
    source = inspect.getsource(WebSocketsSansIOProtocol)
    # Ours repeats it, and leaves the transport of a seated board open at its end.
    run = inspect.getsource(WebSocketsSansIOProtocol.run_asgi)
    for part in (
        "self.app(self.scope, self.receive, self.send)",
        "ClientDisconnected",
        "send_500_response",
        "close_timer",
    ):
        assert part in run
        assert part in inspect.getsource(WallProtocol.run_asgi)
    # Messages reach a queue of this name, and reading rests until the application takes the next.
    received = inspect.getsource(WebSocketsSansIOProtocol.send_receive_event_to_app)
    for part in (
        "self.frames",
        "self.close_sent",
        "self.queue.put_nowait",
        "self.read_paused",
        "pause_reading",
    ):
        assert part in received
    assert set(re.findall(r"self\.queue\.(\w+)", source)) == {"put_nowait", "get", "empty"}
    assert set(re.findall(r"self\.writable\.(\w+)", source)) <= set(dir(_Gate))
    # The request, its answer and the scope are asked for until the handshake is done, and not again.
    done = source.index("elif not self.close_sent and self.initial_response is None")
    names = r"self\.(request|response|scope)\b"
    assert re.search(names, source[:done])
    assert not re.search(names, source[done:])
    for name, method in inspect.getmembers(WebSocketsSansIOProtocol, inspect.isfunction):
        if name not in ("handle_connect", "run_asgi", "send"):
            assert not re.search(names, inspect.getsource(method)), name


class Stuck(asyncio.Transport):
    """The way to a client that reads nothing: what was written keeps it open."""

    closing = aborted = False

    def is_closing(self) -> bool:
        return self.closing

    def write(self, data: Any) -> None:
        """Nobody takes it."""

    def close(self) -> None:
        self.closing = True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def abort(self) -> None:
        self.closing = self.aborted = True


class Sitter:
    """Who is seated, and remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str | bytes] = []

    def take(self, raw: str | bytes) -> None:
        self.told.append(raw)

    def gone(self) -> None:
        self.told.append("gone")


async def seated(sitter: Sitter, *, lost: bool = False) -> WallProtocol:
    """A connection that an application has handed over to `sitter`, after it was `lost`."""
    done = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        if lost:
            one.connection_lost(None)
        scope["extensions"][EXTENSION].seat(sitter)
        done.set()

    config = uvicorn.Config(app, ws=WallProtocol, ws_per_message_deflate=False, lifespan="off")
    one = WallProtocol(config, ServerState(), {})
    one.connection_made(Stuck())
    one.data_received(
        b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    await done.wait()
    await asyncio.sleep(0)
    return one


CLOSE = Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=True)
TEXT = Frame(Opcode.TEXT, b"news").serialize(mask=True)
UNMASKED = Frame(Opcode.TEXT, b"unmasked").serialize(mask=False)


@pytest.mark.parametrize("end", [CLOSE, UNMASKED], ids=["close", "unmasked"])
async def test_who_is_seated_hears_at_once_that_nothing_more_can_be_sent(end: bytes) -> None:
    """It is lost only when the last bytes have gone, which a client that reads nothing puts off."""
    sitter = Sitter()
    one = await seated(sitter)
    one.data_received(TEXT)
    one.data_received(end + TEXT)
    assert sitter.told == [b"news", "gone"]
    one.connection_lost(None)
    assert set(sitter.told[1:]) == {"gone"}


async def test_who_is_seated_hears_at_once_of_a_client_that_answers_no_ping() -> None:
    """What was sent for it before its connection was lost raised, and was logged as a fault of ours."""
    sitter = Sitter()
    one = await seated(sitter)
    one.keepalive_timeout()
    assert sitter.told == ["gone"]
    one.connection_lost(None)


async def test_who_is_seated_after_the_connection_was_lost_hears_of_it() -> None:
    sitter = Sitter()
    one = await seated(sitter, lost=True)
    assert sitter.told == ["gone"]
    assert one.transport.is_closing()


async def test_who_sends_without_end_after_our_close_is_ended() -> None:
    """A connection that closes is read on: what came cost the loop all its time for 12 s."""
    sitter = Sitter()
    one = await seated(sitter)
    await one.send({"type": "websocket.close", "code": 4003, "reason": ""})
    wire = one.transport
    assert isinstance(wire, Stuck)
    one.data_received(TEXT * MAX_SMALL_FRAMES_A_MINUTE)
    assert not wire.aborted
    one.data_received(TEXT)
    assert wire.aborted
    assert sitter.told == []
    one.connection_lost(None)


async def test_a_prepared_frame_waits_until_the_socket_takes_it() -> None:
    """Answers to a client's pings may have filled it again: its board was left, and stayed connected."""
    one = await seated(Sitter())
    frame: Any = {"type": "websocket.send", "prepared": b"frame"}
    one.pause_writing()
    sending = asyncio.create_task(one.send(frame))
    await asyncio.sleep(0)
    one.resume_writing()
    one.pause_writing()
    for _ in range(3):
        await asyncio.sleep(0)
    assert not sending.done()
    one.resume_writing()
    await sending
    one.connection_lost(None)
    with pytest.raises(ClientDisconnected):
        await one.send(frame)


async def test_a_server_can_stop_while_a_client_that_has_closed_reads_nothing() -> None:
    """uvicorn's own raised here: no other board was told, and the application was not ended."""
    one = await seated(Sitter())
    one.data_received(CLOSE)
    one.shutdown()
    assert one.transport.is_closing()
    one.connection_lost(None)


def test_a_transport_can_be_aborted() -> None:
    assert "self.transport" in inspect.getsource(WebSocketsSansIOProtocol.connection_made)
    assert callable(WallProtocol.abort)
    assert EXTENSION == "wallboard.socket"


def test_the_lock_files_name_no_address() -> None:
    for lock in Path(ROOT / "locks").glob("*.txt"):
        assert "://" not in lock.read_text(), lock.name
    assert '"resolved"' not in (ROOT / "locks" / "package-lock.json").read_text()


def test_ctrl_c_is_left_to_the_supervisor() -> None:
    server = NodeServer(uvicorn.Config(lambda: None))
    server.handle_exit(signal.SIGINT, None)
    assert not server.should_exit
    server.handle_exit(signal.SIGTERM, None)
    assert server.should_exit
