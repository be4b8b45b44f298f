"""The private details of uvicorn that wallboard/frames.py relies on, each by name, and what we add."""

from __future__ import annotations

import inspect
import re
import signal
from pathlib import Path

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from tests.running import ROOT
from wallboard.frames import EXTENSION, NodeServer, WallProtocol


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
        assert f"self.{name}" in inspect.getsource(WallProtocol.push)
        assert f"self.{name}" in inspect.getsource(WebSocketsSansIOProtocol.send)
    assert "self.writable.clear()" in inspect.getsource(WebSocketsSansIOProtocol.pause_writing)
    assert "self.writable.set()" in inspect.getsource(WebSocketsSansIOProtocol.resume_writing)
    # A ping, a close, an answer: each is written in one piece, so a pushed frame stands before or after it.
    written = re.findall(r"self\.transport\.write\((.*)\)$", source, re.MULTILINE)
    assert written
    assert set(written) <= {'b"".join(output)', "output", 'b"".join(self.conn.data_to_send())'}


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
