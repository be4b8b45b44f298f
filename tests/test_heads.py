"""wallboard/heads.py: a head that is too long or too slow ends its connection, and no other does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from wallboard import heads
from wallboard.heads import MAX_HEAD_BYTES, WallHttp


async def hello(scope: Any, receive: Any, send: Any) -> None:
    """Reads the body and answers."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    config = uvicorn.Config(hello, lifespan="off", log_config=None, timeout_keep_alive=30)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: WallHttp(config, state, {}), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def said(port: int, *pieces: bytes) -> bytes:
    """What comes until the connection ends, or one whole answer to each request of one piece."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    got = b""
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        while not got.endswith(b"ok"):
            more = await asyncio.wait_for(reader.read(4096), 10)
            if not more:
                break
            got += more
    except ConnectionError:
        pass
    finally:
        writer.transport.abort()
    return got


async def test_a_head_without_end_is_not_kept(port: int) -> None:
    line = b"X-Long: " + b"x" * 8000 + b"\r\n"
    assert await said(port, b"GET / HTTP/1.1\r\nHost: a\r\n", *[line] * 20) == b""
    assert await said(port, b"GET / HTTP/1.1\r\nX-Endless: ", *[b"x" * 16_000] * 8) == b""


async def test_a_head_that_does_not_come_ends(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "HEAD_S", 0.05)
    assert await said(port) == b""
    assert await said(port, b"GET / HT") == b""


async def test_a_long_body_and_a_second_request_are_none_of_it(port: int) -> None:
    body = b"x" * (3 * MAX_HEAD_BYTES)
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert (await said(port, head, body)).startswith(b"HTTP/1.1 200")
    assert (await said(port, head + body, head, body)).count(b"HTTP/1.1 200") >= 1


def test_the_private_details_that_it_relies_on() -> None:
    for name in ("connection_made", "connection_lost", "data_received", "on_headers_complete"):
        assert callable(getattr(HttpToolsProtocol, name))
    assert callable(HttpToolsProtocol.on_message_complete)
