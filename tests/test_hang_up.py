"""feeds/fetching/hang_up.py: a connection ends within a bound, whatever the other side does."""

from __future__ import annotations

import asyncio
import socket

import pytest

from feeds.fetching import hang_up as module
from feeds.fetching.hang_up import hang_up

#: More than all buffers of a system hold together.
MUCH = b"x" * 32 * 1024 * 1024

#: A test that fails ends by this (s).
PATIENCE_S = 10.0


def test_the_last_words_arrive() -> None:
    async def go() -> bytes:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            _, writer = await asyncio.open_connection(*listener.getsockname())
            await hang_up(writer, b"bye")
            await hang_up(writer)  # it is gone already
            listener.setblocking(False)
            peer, _ = await asyncio.get_running_loop().sock_accept(listener)
            with peer:
                return peer.recv(10)

    assert asyncio.run(go()) == b"bye"


def test_a_side_that_reads_nothing_does_not_keep_the_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CLOSE_S", 0.05)

    async def go() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            _, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(MUCH)
            assert writer.transport.get_write_buffer_size() > 0
            async with asyncio.timeout(PATIENCE_S):
                await hang_up(writer)
            assert writer.transport.get_write_buffer_size() == 0

    asyncio.run(go())
