"""feeds/stream/: a WebSocket and server-sent events, on real sockets, with sources that misbehave."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.server import Server, ServerConnection, serve

from feeds.base import Context
from feeds.options import BadOptions
from feeds.registry import feed_options
from feeds.running.intake import FeedSpec
from feeds.stream import ADAPTER, parse, sse
from feeds.stream.sse import EventStream, ServerEvent, looks_like_events
from tests import faulty
from tests.faulty import CUT, HOLD, Expect, FaultyHttp, Replay, Step, wait_until
from tests.test_feeds_supervisor import Store, running
from wallboard.errors import BadDocument

ZONE = ZoneInfo("Asia/Jakarta")
CONTEXT = Context(feed="alir", now=1_790_000_000.0, zone=ZONE)
Script = list[Step]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n\r\n"


def body(id: str) -> str:
    return json.dumps({"id": id, "title": f"Laporan {id}"})


def event(id: str) -> bytes:
    return f"event: laporan\nid: {id}\ndata: {body(id)}\n\n".encode()


def spec(url: str, **options: Any) -> FeedSpec:
    made = feed_options("stream", options)
    return FeedSpec(name="alir", adapter=ADAPTER, options=made, zone=ZONE, url=url, every=0.05)


def ids(store: Store) -> list[str]:
    return [each.source_id for each in store.events]


def web(source: Replay) -> str:
    return source.url.replace("tcp:", "http:") + "/alir"


# Server-sent events


def test_the_fields_comments_and_line_ends_of_the_standard() -> None:
    stream = EventStream()
    text = b"\xef\xbb\xbf: selamat datang\r\ndata: a\r\ndata:  b\r\r"
    text += b"id: 7\nretry: 10\ndata\n\nevent: x\n\ndata: c\n"
    found = stream.feed(text) + stream.feed(b"\n")
    assert found == [
        ServerEvent("message", b"a\n b"),
        ServerEvent("message", b""),
        ServerEvent("message", b"c"),
    ]
    assert stream.last_id == "7"


@given(st.lists(st.integers(1, 20)))
def test_wherever_the_bytes_are_cut_the_events_are_the_same(sizes: list[int]) -> None:
    text = b"\xef\xbb\xbfdata: a\r\ndata: b\r\n\r\nevent: x\rdata: c\r\r:\n\ndata: d\n\n"
    whole = EventStream().feed(text)
    stream, found, at = EventStream(), [], 0
    for size in [*sizes, len(text)]:
        found += stream.feed(text[at : at + size])
        at += size
    assert found + stream.feed(b"") == whole
    assert [each.data for each in whole] == [b"a\nb", b"c", b"d"]


def test_an_event_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_EVENT_BYTES", 1000)
    with pytest.raises(BadDocument):
        EventStream().feed(b"data: " + b"x" * 1001)
    stream = EventStream()
    with pytest.raises(BadDocument):
        for _ in range(200):
            stream.feed(b"data: tujuh\n")


def test_a_line_that_comes_in_crumbs_is_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was searched again with each crumb: a megabyte of them held all feeds for minutes."""
    looked = 0
    end = sse._LINE_END

    class Counted:
        def search(self, text: bytes) -> object:
            nonlocal looked
            looked += len(text)
            return end.search(text)

        def split(self, text: bytes) -> list[bytes]:
            nonlocal looked
            looked += len(text)
            return end.split(text)

    monkeypatch.setattr(sse, "_LINE_END", Counted())
    stream = EventStream()
    assert stream.feed(b"data: ") == []
    for _ in range(2000):
        assert stream.feed(b"x" * 50) == []
    assert [each.data for each in stream.feed(b"\n\n")] == [b"x" * 100_000]
    assert looked < 3 * 100_000


def test_a_capture_is_a_document_and_so_is_one_message() -> None:
    options = feed_options("stream", {})
    captured = parse(event("1") + b": hidup\n\n" + event("2"), CONTEXT, options)
    assert [each.source_id for each in captured.events] == ["1", "2"]
    assert [each.source_id for each in parse(body("3").encode(), CONTEXT, options).events] == ["3"]
    assert not looks_like_events(b'{"data": 1}')


async def test_events_come_as_they_are_sent_and_a_cut_stream_goes_on_behind_the_last() -> None:
    store = Store()
    first: Script = [Expect(b"\r\n\r\n"), HEAD, event("1"), event("2")[:20], CUT]
    second: Script = [Expect(b"\r\n\r\n"), HEAD, event("2"), HOLD]
    async with Replay(first, second) as source, running(store, spec(web(source))):
        await wait_until(lambda: ids(store) == ["1", "2"])
        await wait_until(lambda: store.state("alir") == "ok")
        assert b"last-event-id" not in source.heard[0].lower()
        assert b"last-event-id: 1\r\n" in source.heard[1].lower()
        assert b"accept: text/event-stream" in source.heard[1].lower()


async def test_an_id_that_the_source_refuses_is_not_sent_for_ever() -> None:
    store = Store()
    endless = b"id: " + b"x" * 3000 + b"\ndata: ping\n\n"
    first: Script = [Expect(b"\r\n\r\n"), HEAD, event("1"), endless, CUT]
    refuses: Script = [Expect(b"\r\n\r\n"), b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", CUT]
    third: Script = [Expect(b"\r\n\r\n"), HEAD, event("2"), HOLD]
    async with Replay(first, refuses, third) as source, running(store, spec(web(source))):
        await wait_until(lambda: ids(store) == ["1", "2"])
        assert b"xxx" not in source.heard[1]
        assert b"last-event-id" not in source.heard[2].lower()


async def test_only_the_types_that_are_wanted_and_no_heartbeats() -> None:
    store = Store()
    text = b"event: lain\ndata: rusak\n\ndata: ping\n\n" + event("1")
    script: Script = [Expect(b"\r\n\r\n"), HEAD, text, HOLD]
    async with (
        Replay(script) as source,
        running(store, spec(web(source), events=["laporan", "message"])),
    ):
        await wait_until(lambda: ids(store) == ["1"])
    assert store.buried == []


async def test_a_bad_message_is_kept_with_its_number_and_the_next_passes() -> None:
    store = Store()
    text = b'data: {"id": \n\ndata: {"title": "tanpa id"}\n\n' + event("1")
    async with Replay([Expect(b"\r\n\r\n"), HEAD, text, HOLD]) as source, running(store, spec(web(source))):
        await wait_until(lambda: ids(store) == ["1"] and len(store.buried) == 2)
    assert [fault.where for fault in store.buried] == ["message 1", "message 2: record 0"]


async def test_a_comment_is_a_sign_of_life_and_silence_is_none() -> None:
    store = Store()
    lively: Script = [Expect(b"\r\n\r\n"), HEAD, b":\n\n", HOLD]
    async with Replay(lively, lively) as source, running(store, spec(web(source), silence=0.3)):
        await wait_until(lambda: store.state("alir") == "ok")
        await wait_until(lambda: store.state("alir") == "failing")
        reason = store.health[-1].reason
        assert "nothing came in time" in reason
        await wait_until(lambda: len(source.heard) >= 2)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (faulty.html(), "no stream of events, but text/html"),
        (faulty.status("404 Not Found"), "answers 404"),
        (faulty.status("503 Service Unavailable"), "answers 503"),
        (faulty.redirect("http://127.0.0.1:1/"), "answers 302"),
        (faulty.silent(), "time"),
    ],
)
async def test_it_recovers_from_an_answer_that_is_no_stream(fault: faulty.Behaviour, words: str) -> None:
    store = Store()
    good = faulty.ok(event("1"), "text/event-stream")
    async with FaultyHttp() as server:
        server.script("/alir", fault)
        async with running(store, spec(server.url("/alir"), silence=1.0)):
            await wait_until(lambda: store.state("alir") == "failing")
            assert words in store.health[-1].reason
            server.script("/alir", good)
            await wait_until(lambda: "1" in ids(store))


# WebSocket


@asynccontextmanager
async def sockets(talk: Any) -> AsyncIterator[tuple[Server, str]]:
    async with serve(talk, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield server, f"ws://127.0.0.1:{port}/alir"


async def test_messages_come_and_the_subscription_is_sent_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIR_TOKEN", "rahasia")
    heard: list[str | bytes] = []

    async def talk(socket: ServerConnection) -> None:
        heard.extend([await socket.recv(), await socket.recv()])
        await socket.send(body("1"))
        await socket.send(body("2").encode())
        await socket.send("ping")
        await socket.wait_closed()

    store = Store()
    send = ['{"subscribe": "laporan"}', "env:ALIR_TOKEN"]
    async with sockets(talk) as (_, url), running(store, spec(url, send=send)):
        await wait_until(lambda: ids(store) == ["1", "2"])
        await wait_until(lambda: store.state("alir") == "ok")
    assert heard == ['{"subscribe": "laporan"}', "rahasia"]
    assert store.buried == []


@pytest.mark.parametrize("fault", ["closes", "aborts", "too large"])
async def test_it_recovers_from_a_socket_that_ends(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.fetching.socket.MAX_MESSAGE_BYTES", 2000)
    talks = 0

    async def talk(socket: ServerConnection) -> None:
        nonlocal talks
        talks += 1
        if talks > 1:
            await socket.send(body("2"))
            await socket.wait_closed()
        await socket.send(body("1"))
        if fault == "closes":
            await socket.close(4001, "selesai")
        elif fault == "aborts":
            socket.transport.abort()
        else:
            await socket.send("x" * 2001)
            await socket.wait_closed()

    store = Store()
    async with sockets(talk) as (_, url), running(store, spec(url)):
        await wait_until(lambda: "2" in ids(store))
        await wait_until(lambda: store.state("alir") == "ok")
    reasons = [health.reason for health in store.health if health.state == "failing"]
    assert reasons
    if fault == "closes":
        assert reasons == ["The source closed the connection: 4001 selesai."]


@pytest.mark.parametrize(
    "fault",
    [faulty.html(), faulty.status("401 Unauthorized"), faulty.redirect("ws://127.0.0.1:1/"), faulty.silent()],
)
async def test_an_answer_that_is_no_websocket_is_a_failure_in_words(fault: faulty.Behaviour) -> None:
    store = Store()
    async with FaultyHttp() as server:
        server.script("/alir", fault)
        url = server.url("/alir").replace("http:", "ws:")
        async with running(store, spec(url)):
            await wait_until(lambda: store.state("alir") == "failing")
    assert "adapter" not in store.health[0].reason


@pytest.mark.parametrize("to", ["https://127.0.0.1:1/alir", "ws://127.0.0.1:1/alir", "wss://lain.example/"])
async def test_a_redirect_shows_no_key_of_the_address(to: str) -> None:
    store = Store()
    async with FaultyHttp() as server:
        server.script("/alir", faulty.redirect(f"{to}?token=RAHASIA"))
        url = server.url("/alir?token=RAHASIA").replace("http:", "ws:")
        async with running(store, spec(url)):
            await wait_until(lambda: store.state("alir") == "failing")
    assert "redirects to another address" in store.health[0].reason
    assert "RAHASIA" not in store.health[0].reason


async def test_a_private_address_that_nobody_configured_is_refused() -> None:
    from feeds.fetching.guard import Guard
    from feeds.fetching.limits import NotAllowed
    from feeds.fetching.socket import open_socket

    with pytest.raises(NotAllowed):
        await open_socket(Guard(["ws://127.0.0.1:9/"]), "ws://127.0.0.1:10/", {}, 1.0)


def test_its_options_are_checked() -> None:
    with pytest.raises(BadOptions, match="at most 10"):
        feed_options("stream", {"send": ["x"] * 11})
