"""wallboard/store/bench.py on a real Redis: what feeds did, which is wanted again, dead letters by feed."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from feeds.base import RecordFault
from feeds.running.trace import heard_at
from feeds.webhook.signatures import sign, signing_key
from tests.cities import SECRET
from wallboard.city import FeedConfig
from wallboard.ingest import Webhooks
from wallboard.store.bench import MOST_DEAD, FeedsBench, NodeBench
from wallboard.store.clients import connect_async
from wallboard.store.embedded import EmbeddedRedis
from wallboard.store.keys import Keys
from wallboard.store.outlet import Outlet

KEYS = Keys("test")


@pytest.fixture
async def ends(tmp_path: Path) -> AsyncIterator[tuple[FeedsBench, NodeBench, Outlet]]:
    embedded = EmbeddedRedis(tmp_path)
    embedded.start()
    client = connect_async(embedded.url)
    try:
        yield FeedsBench(client, KEYS), NodeBench(client, KEYS), Outlet(client, KEYS)
    finally:
        await client.aclose()
        embedded.stop()


async def test_traces_are_replaced_feed_by_feed(ends: tuple[FeedsBench, NodeBench, Outlet]) -> None:
    feeds, node, _ = ends
    assert await node.traces() == {}
    await feeds.tell({})
    await feeds.tell({"a": b"1", "b": b"2"})
    await feeds.tell({"a": b"3"})
    assert await node.traces() == {"a": b"3", "b": b"2"}


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 600.0

    def __call__(self) -> float:
        return self.now


async def test_of_what_is_pushed_to_several_nodes_the_one_that_heard_last_tells(
    ends: tuple[FeedsBench, NodeBench, Outlet], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rate of the other, which falls with each minute, wrote its old news over the new ones."""
    bench, node, _ = ends
    monkeypatch.setenv("TEST_WEBHOOK_KEY", SECRET)
    feeds = [FeedConfig(name="push", type="webhook", options={"keys": ["env:TEST_WEBHOOK_KEY"]})]
    hand = Hand()
    first, last = (Webhooks(feeds, "UTC", (0, 0, 1, 1), Path(), b"", hand) for _ in range(2))

    async def comes(to: Webhooks, id: str) -> None:
        stamp = int(time.time())
        signature = sign(id, stamp, b"{}", signing_key(SECRET))
        head = {"webhook-id": id, "webhook-timestamp": str(stamp), "webhook-signature": signature}
        to.take("push", head, b"{}", hand.now)
        await to.tell_once(bench)

    await comes(first, "a")
    hand.now += 30
    await comes(last, "b")
    newest = await node.traces()
    hand.now += 60
    await first.tell_once(bench)
    assert await node.traces() == newest
    await comes(first, "c")
    assert heard_at((await node.traces())["push"]) == hand.now


async def test_who_is_wanted_again_is_heard_once(ends: tuple[FeedsBench, NodeBench, Outlet]) -> None:
    feeds, node, _ = ends
    assert await feeds.asked() == []
    await node.again("b")
    await node.again("a")
    await node.again("b")
    assert await feeds.asked() == ["a", "b"]
    assert await feeds.asked() == []


async def test_dead_letters_of_one_feed_page_by_page(ends: tuple[FeedsBench, NodeBench, Outlet]) -> None:
    _, node, outlet = ends
    assert await node.dead("a") == ([], "")
    for number in range(MOST_DEAD + 2):
        await outlet.bury("a", [RecordFault(f"record {number}", "is bad", {"n": number})], float(number))
        await outlet.bury("b", [RecordFault("x", "y")], 0.0)
    await node._redis.xadd(KEYS.dead, {"d": b"no JSON"})
    await node._redis.xadd(KEYS.dead, {"d": msgspec.json.encode([1])})
    first, following = await node.dead("a")
    assert [letter.reason for letter in first[:2]] == ["record 51: is bad", "record 50: is bad"]
    assert first[0].record == {"n": 51}
    assert len(first) == MOST_DEAD
    rest, end = await node.dead("a", following)
    assert [letter.at for letter in rest] == [1.0, 0.0]
    assert end == ""
    assert [letter.reason for letter in (await node.dead("b"))[0]][:1] == ["x: y"]
    assert (await node.dead("")) == ([], "")
