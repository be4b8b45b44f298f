"""The private details of uvicorn that wallboard/frames.py relies on, each by name, and what we add."""

from __future__ import annotations

import inspect
import re
import signal
from pathlib import Path

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from tests.running import ROOT
from wallboard.frames import EXTENSION, NodeServer, WallProtocol, _Gate


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
