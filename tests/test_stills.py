"""The way of still pictures: what is wanted, what a node keeps, and both ends over a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.faulty import wait_until
from tests.worlds import small_city
from wallboard.city import FeedConfig
from wallboard.errors import StoreError
from wallboard.stills import Still
from wallboard.store import stills as way
from wallboard.store.clients import connect_async
from wallboard.store.embedded import EmbeddedRedis
from wallboard.store.keys import Keys
from wallboard.store.stills import MAX_ID_CHARS, MOST_WANTED, WANTED_S, FeedsEnd, NodesEnd, Wanted
from wallboard.web import stills as web
from wallboard.web.headers import policy, stream_hosts
from wallboard.web.stills import Stills

KEYS = Keys("contoh")


class Watch:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def still(id: str, jpeg: bytes = b"picture", at: float = 1.0) -> Still:
    return Still(camera=id, at=at, since=at, jpeg=jpeg)


def test_what_nobody_asks_for_any_more_is_not_wanted() -> None:
    watch = Watch()
    wanted = Wanted(watch)
    wanted.ask(["a/1", "a/2"])
    watch.now += WANTED_S - 1
    wanted.ask(["a/2"])
    watch.now += 1
    assert wanted.now() == ["a/2"]
    assert ("a/1" in wanted, "a/2" in wanted) == (False, True)


def test_no_flood_of_names_is_remembered() -> None:
    wanted = Wanted(Watch())
    wanted.ask(["x" * (MAX_ID_CHARS + 1)])
    wanted.ask(f"a/{number}" for number in range(MOST_WANTED + 50))
    assert len(wanted.now()) == MOST_WANTED
    assert wanted.now()[0] == "a/0"


async def test_a_node_keeps_the_newest_of_what_is_looked_at_here_and_no_more_than_fits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(web, "MAX_KEPT_BYTES", 25)
    node = Stills(NodesEnd(connect_async("redis://127.0.0.1:1"), KEYS))
    node.take(still("a/1"))
    assert node.newest("a/1") is None, "nobody had asked for it here"
    node.take(still("a/1", b"0123456789"))
    node.take(still("a/1", b"9876543210", 2.0))
    kept = node.newest("a/1")
    assert kept is not None
    assert kept.still.jpeg == b"9876543210"
    for id in ("a/2", "a/3"):
        assert node.newest(id) is None
        node.take(still(id, b"0123456789"))
    assert node.newest("a/1") is None, "the oldest has given way"
    assert node.newest("a/3") is not None


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    embedded = EmbeddedRedis(tmp_path_factory.mktemp("redis"))
    embedded.start()
    yield embedded.url
    embedded.stop()


async def test_both_ends_meet_and_what_cannot_be_read_stops_neither(redis_url: str) -> None:
    client = connect_async(redis_url)
    feeds, node = FeedsEnd(client, KEYS), NodesEnd(client, KEYS)
    came: list[Still] = []
    tasks = [asyncio.ensure_future(feeds.run()), asyncio.ensure_future(node.run(came.append))]
    try:
        while not feeds.wanted("cctv"):
            await node.ask(["cctv/1", "cctv/2", "other/3"])
            await asyncio.sleep(0.01)
        assert (feeds.wanted("cctv"), feeds.wanted("other")) == (["1", "2"], ["3"])
        await client.publish(KEYS.stills_asked, b"{not json")
        await client.publish(KEYS.stills, b"\xc1")
        await feeds.hand_over(still("cctv/1"))
        await wait_until(lambda: bool(came))
        assert came == [still("cctv/1")]
        await node.ask(["cctv/4"])
        await wait_until(lambda: "4" in feeds.wanted("cctv"))
        assert [key async for key in client.scan_iter("*")] == [], "a picture is nowhere in Redis"
    finally:
        for task in tasks:
            task.cancel()
        await client.aclose()


async def test_the_ways_come_back_with_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way, "AGAIN_S", 0.05)
    embedded = EmbeddedRedis(tmp_path)
    embedded.start()
    client = connect_async(embedded.url)
    feeds, node = FeedsEnd(client, KEYS), NodesEnd(client, KEYS)
    task = asyncio.ensure_future(feeds.run())

    async def ask(id: str) -> None:
        while id not in feeds.wanted("cctv"):
            with suppress(Exception):
                await node.ask([f"cctv/{id}"])
            await asyncio.sleep(0.02)

    try:
        async with asyncio.timeout(20):
            await ask("1")
            await asyncio.to_thread(embedded.stop)
            await asyncio.to_thread(embedded.start)
            await ask("2")
    finally:
        task.cancel()
        await client.aclose()
        embedded.stop()


def test_the_pages_may_open_streams_of_the_servers_that_the_configuration_names_and_no_others() -> None:
    plain = policy()
    assert "connect-src 'self';" in plain
    assert "http" not in plain
    city = small_city()
    feeds = [
        FeedConfig(
            name="a", type="cameras", options={"board_hosts": ["https://b.example", "https://a.example"]}
        ),
        FeedConfig(name="b", type="cameras", options={"board_hosts": ["https://a.example"]}),
        FeedConfig(name="c", type="gauges", options={"board_hosts": ["https://evil.example"]}),
        FeedConfig(name="d", type="cameras"),
    ]
    opened = policy(streams=stream_hosts(msgspec.structs.replace(city, feed=feeds)))
    assert "connect-src 'self' https://a.example https://b.example;" in opened
    assert "media-src 'self' blob: https://a.example https://b.example;" in opened
    assert opened.replace(" https://a.example https://b.example", "") == plain


async def test_a_redis_that_went_without_a_word_is_asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way, "LISTEN_S", 0.01)
    monkeypatch.setattr(way, "AGAIN_S", 0.01)
    subscribed: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # It takes the subscription, and then neither answers nor closes.
        while (line := await reader.readline()) and line.strip():
            words = [(await reader.readline(), await reader.readline())[1] for _ in range(int(line[1:]))]
            match words[0].strip():
                case b"SUBSCRIBE":
                    subscribed.append(len(words[1]))
                    name = words[1].strip()
                    writer.write(b"*3\r\n$9\r\nsubscribe\r\n$%d\r\n%s\r\n:1\r\n" % (len(name), name))
                case b"PING":
                    continue
                case _:
                    writer.write(b"+OK\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        client = connect_async(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        listening = asyncio.create_task(way.listen(client, "pictures", lambda body: None))
        await wait_until(lambda: len(subscribed) >= 2)
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        await client.aclose()


async def test_a_redis_that_refuses_the_channel_costs_the_pictures_and_not_the_node(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(way, "AGAIN_S", 0.01)
    admin: Any = connect_async(redis_url)
    await admin.execute_command("ACL", "SETUSER", "narrow", "on", ">p", "~*", "+@all", "resetchannels")
    client = connect_async(redis_url)
    client.connection_pool.connection_kwargs |= {"username": "narrow", "password": "p"}
    listening = asyncio.create_task(way.listen(client, KEYS.stills, lambda body: None))
    with pytest.raises(StoreError):
        await NodesEnd(client, KEYS).ask(["cctv/1"])
    await asyncio.wait([listening], timeout=0.3)
    assert not listening.done()
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening
    # Who looks for the pictures finds the reason in the log, once.
    warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warned) == 1, warned
    assert KEYS.stills in warned[0]
    assert "does not let us" in warned[0]
    await client.aclose()
    await admin.aclose()
