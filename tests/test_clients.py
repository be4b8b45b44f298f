"""A task that waits for Redis can be told to end, at every step of its way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from wallboard.store.clients import connect_async

#: More turns of the loop than a new connection and two commands take, with a server in the same loop.
TURNS = 60


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speak as much of RESP as a client asks for that sends greetings and PING."""
    while line := await reader.readline():
        for _ in range(int(line[1:])):
            await reader.readline()
            await reader.readline()
        writer.write(b"+OK\r\n")
    writer.close()


async def echo_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each command with its last argument, when the others of the loop have had some turns."""
    while line := await reader.readline():
        for _ in range(int(line[1:])):
            await reader.readline()
            said = await reader.readline()
        for _ in range(TURNS):
            await asyncio.sleep(0)
        writer.write(b"+" + said)
    writer.close()


@pytest.mark.parametrize("by", ["tcp", "socket file"])
async def test_a_cancellation_is_never_lost(by: str, tmp_path: Path) -> None:
    """Python 3.11 lost it at 14 of these turns: the listener for pictures went on, and its test hung."""
    path = tmp_path / "r"
    if by == "tcp":
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    else:
        server = await asyncio.start_unix_server(answer, path)
        url = f"unix://{path}"
    lost: list[int] = []
    reached = asyncio.Event()

    async def work() -> None:
        await client.ping()
        await client.ping()
        reached.set()
        await asyncio.Event().wait()

    async with server:
        for turns in range(TURNS):
            client = connect_async(url)
            task = asyncio.create_task(work())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            if not (await asyncio.wait([task], timeout=1))[0]:
                lost.append(turns)
                task.cancel()
            await client.aclose()
    assert lost == []
    assert reached.is_set()


async def test_who_comes_after_one_that_was_cancelled_gets_their_own_answer(tmp_path: Path) -> None:
    """Its connection went back to the others with an answer still to come."""
    server = await asyncio.start_unix_server(echo_late, tmp_path / "r")
    wrong: list[tuple[int, object]] = []

    async def work() -> None:
        await client.echo("old")

    async with server:
        for turns in range(1, TURNS):
            client = connect_async(f"unix://{tmp_path / 'r'}")
            await client.echo("before")
            task = asyncio.create_task(work())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            if (heard := await client.echo("new")) != b"new":
                wrong.append((turns, heard))
            await client.aclose()
    assert wrong == []
