"""feeds/running/: feeds recover by themselves, count rightly, leave each other alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

import feeds.running.delivery
from feeds.base import MAX_DOCUMENT_BYTES, Adapter, Context, Intake, NoOptions, Parsed, RecordFault
from feeds.fetching.limits import FetchLimits
from feeds.reading.documents import load_json
from feeds.running.backoff import FLOOR_S, MAX_RETRY_AFTER_S, POLLED_CAP_S, Backoff
from feeds.running.delivery import GIVE_BATCH
from feeds.running.faults import MAX_BURIED
from feeds.running.health import REPORT_EVERY_S, Health
from feeds.running.intake import FeedSpec
from feeds.running.supervisor import FeedSupervisor
from feeds.running.trace import Told
from tests import faulty
from tests.faulty import CUT, HOLD, Expect, FaultyHttp, Replay, wait_until
from wallboard.errors import StoreDown, StoreStuck
from wallboard.events import AnyEvent, FeedHealth, GaugeRead, Gone, Present

GOOD = b'[{"id": "1", "v": 1}, {"id": "2", "v": 2}, {"id": "3"}]'
ZONE = ZoneInfo("Asia/Jakarta")


class Others(msgspec.Struct):
    """Options with an address: the engineer's own word, so it may be private."""

    other: str


class Store:
    """An outlet that keeps what it gets, and can be away."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.health: list[FeedHealth] = []
        self.buried: list[RecordFault] = []
        self.away: Exception | None = None
        self.refused = 0

    async def put(self, events: Sequence[AnyEvent]) -> None:
        await asyncio.sleep(0)
        assert len(events) <= GIVE_BATCH
        if self.away is not None:
            self.refused += 1
            raise self.away
        for event in events:
            if isinstance(event, FeedHealth):
                self.health.append(event)
            else:
                self.events.append(event)

    async def bury(self, feed: str, faults: Sequence[RecordFault], at: float) -> None:
        if self.away is not None:
            raise self.away
        self.buried.extend(faults)

    def values(self, feed: str) -> list[float | None]:
        return [event.value for event in self.events if isinstance(event, GaugeRead) and event.feed == feed]

    def last(self, feed: str) -> FeedHealth | None:
        return next((health for health in reversed(self.health) if health.feed == feed), None)

    def state(self, feed: str) -> str:
        last = self.last(feed)
        return "" if last is None else last.state


def read(context: Context, id: str, value: float) -> GaugeRead:
    return GaugeRead(
        feed=context.feed,
        source_id=id,
        received_at=context.now,
        observed_at=context.now - 7,
        name=id,
        value=value,
    )


def parse(payload: bytes, context: Context, options: Any) -> Parsed:
    parsed = Parsed()
    for index, record in enumerate(load_json(payload)):
        if "v" in record:
            parsed.events.append(read(context, record["id"], record["v"]))
        else:
            parsed.faults.append(RecordFault(f"record {index}", "has no value", record))
    return parsed


async def lines(intake: Intake, options: Any) -> None:
    """A connection of lines, each a number."""
    reader, writer = await intake.open(intake.url)
    try:
        writer.write(b"hello\n")
        while line := await reader.readline():
            if not line.endswith(b"\n"):
                raise EOFError
            await intake.give(Parsed([read(intake.context(), "line", float(line))]))
    finally:
        writer.close()


def adapter(**more: Any) -> Adapter:
    return Adapter(**{"type": "test", "options": NoOptions, "parse": parse, "kinds": ("gauge",), **more})


def spec(name: str, url: str = "", *, every: float = 0.05, **more: Any) -> FeedSpec:
    return FeedSpec(name=name, adapter=adapter(**more), options=NoOptions(), zone=ZONE, url=url, every=every)


async def soon(seconds: float) -> None:
    """Sleep, but never as long as a back-off would."""
    await asyncio.sleep(min(seconds, 0.02))


@asynccontextmanager
async def running(store: Store, *specs: FeedSpec, **more: Any) -> AsyncIterator[FeedSupervisor]:
    limits = FetchLimits(connect_s=2.0, total_s=1.0)
    supervisor = FeedSupervisor(specs, store, **{"rng": Random(1), "sleep": soon, "limits": limits, **more})
    await supervisor.start()
    try:
        yield supervisor
    finally:
        await supervisor.stop()


FAULTS: dict[str, tuple[Callable[[], faulty.Behaviour], str]] = {
    "cut": (lambda: faulty.cut(GOOD, 10), "broke off after 10 bytes"),
    "silent": (faulty.silent, "did not deliver within"),
    "drip": (lambda: faulty.drip(GOOD), "did not deliver within"),
    "wrong length": (lambda: faulty.wrong_length(GOOD, 9999), "broke off"),
    "redirect loop": (lambda: faulty.redirect("/a"), "redirects"),
    "private redirect": (lambda: faulty.redirect("http://127.0.0.1:1/"), "is refused"),
    "busy": (lambda: faulty.status("503 Service Unavailable"), "is busy"),
    "bomb": (faulty.gzip_bomb, "larger than"),
    "huge": (faulty.huge, "larger than"),
    "web page": (faulty.html, "a web page (HTML) titled 'Silakan masuk'"),
    "truncated": (lambda: faulty.ok(GOOD[:20]), "cut off"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_feed_recovers_from_each_fault_and_its_neighbour_does_not_notice(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    make, why = FAULTS[name]
    store = Store()
    async with FaultyHttp() as server:
        server.script("/a", faulty.ok(GOOD), make())
        server.script("/b", faulty.ok(GOOD))
        async with running(store, spec("a", server.url("/a?key=RAHASIA")), spec("b", server.url("/b"))):
            await wait_until(lambda: store.state("a") == "failing" and server.asked("/a") >= 3)
            seen = server.asked("/b")
            await wait_until(lambda: server.asked("/b") > seen + 2)
            failing = store.last("a")
            assert failing is not None
            assert why in failing.reason
            assert failing.last_good_at is not None
            server.script("/a", faulty.ok(GOOD.replace(b"1", b"9")))
            await wait_until(lambda: store.state("a") == "ok")
    assert store.values("a") == [1, 2, 9, 2]
    assert store.values("b") == [1, 2], "an unchanged document is not handed over again"
    assert {health.state for health in store.health if health.feed == "b"} == {"ok", "stopped"}
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("feeds")]
    assert sum("feed a fails" in line for line in ours) == 1, "a reason is logged once, not once a poll"
    assert "RAHASIA" not in caplog.text


async def test_counts_are_right() -> None:
    store = Store()
    async with FaultyHttp() as server:
        server.script("/a", *(faulty.ok(GOOD + b" " * extra) for extra in (0, 0, 1, 2)))
        async with running(store, spec("a", server.url("/a"))) as supervisor:
            await wait_until(lambda: server.asked("/a") >= 6)
            health = supervisor.health["a"]
            await wait_until(lambda: health.documents == 3)
        last = store.last("a")
    assert last is not None
    # 3 different documents of 2 events and 1 fault; the fault is kept once.
    assert (last.documents, last.events, last.faults, last.lost) == (3, 6, 3, 0)
    assert last.skew_s == 7.0
    assert (last.feed, last.source_id, last.kind, last.state) == ("a", "a", "test", "stopped")
    assert [(fault.where, fault.why) for fault in store.buried] == [("record 2", "has no value")]


async def test_a_folder_of_captures_runs_through_the_same_code(tmp_path: Path) -> None:
    (tmp_path / "1.json").write_bytes(b'[{"id": "x", "v": 1}]')
    (tmp_path / "2.json").write_bytes(b"<html>")
    (tmp_path / "3.json").write_bytes(b'[{"id": "x", "v": 3}]')
    store = Store()
    async with running(store, spec("a", "file:*.json"), folder=tmp_path):
        await wait_until(lambda: store.state("a") == "ok")
        assert store.values("a") == [1, 3]
        assert [fault.where for fault in store.buried] == ["2.json"]
        assert "web page" in store.buried[0].why
        (tmp_path / "2.json").write_bytes(b'[{"id": "x", "v": 2}]')
        await wait_until(lambda: store.values("a") == [1, 3, 2])


async def test_a_folder_none_of_whose_files_can_be_read_fails_and_names_one(tmp_path: Path) -> None:
    for name in ("1.json", "2.json"):
        (tmp_path / name).write_bytes(b"<html>")
    store = Store()
    async with running(store, spec("a", "file:*.json"), folder=tmp_path):
        await wait_until(lambda: store.state("a") == "failing")
        last = store.last("a")
        assert last is not None
        assert last.reason.startswith("1.json: It should be JSON")
        (tmp_path / "2.json").write_bytes(GOOD)
        await wait_until(lambda: store.state("a") == "ok")


async def test_a_file_that_cannot_be_opened_costs_its_folder_nothing(tmp_path: Path) -> None:
    (tmp_path / "1.json").write_bytes(b" " * (MAX_DOCUMENT_BYTES + 1))
    (tmp_path / "2.json").write_bytes(b'[{"id": "x", "v": 2}]')
    store = Store()
    async with running(store, spec("a", "file:*.json"), folder=tmp_path):
        await wait_until(lambda: store.state("a") == "ok")
        assert store.values("a") == [2]
        assert [fault.where for fault in store.buried] == ["1.json"]


async def test_an_adapter_that_is_wrong_stops_only_itself(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(intake: Intake, options: Any) -> None:
        raise KeyError("a citizen's name")

    store = Store()
    async with FaultyHttp() as server:
        server.script("/b", faulty.ok(GOOD))
        async with running(store, spec("a", "file:x", poll=broken), spec("b", server.url("/b"))):
            await wait_until(lambda: store.state("a") == "failing" and server.asked("/b") > 3)
    failing = [health for health in store.health if health.feed == "a" and health.state == "failing"]
    assert [health.reason for health in failing] == ["The adapter test failed (KeyError); see the log."]
    assert caplog.text.count("Traceback") == 1


async def test_a_feeds_headers_go_to_its_own_host_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALL_TEST_KEY", "RAHASIA")

    async with FaultyHttp() as server, FaultyHttp() as other:

        async def both(intake: Intake, options: Any) -> None:
            await intake.fetch(server.url("/a"))
            await intake.fetch(other.url("/a"))

        for each in (server, other):
            each.script("/a", faulty.ok(GOOD))
        feed = replace(
            spec("a", server.url("/a"), poll=both),
            headers={"X-Key": "env:WALL_TEST_KEY", "X-Plain": "wall"},
            options=Others(other.url()),
        )
        async with running(Store(), feed):
            await wait_until(lambda: bool(other.requests))
        assert server.requests[0].headers["x-key"] == "RAHASIA"
        assert server.requests[0].headers["x-plain"] == "wall"
        assert "x-key" not in other.requests[0].headers
        feed = replace(feed, headers={"X-Key": "env:WALL_TEST_NONE"})
        store = Store()
        async with running(store, feed):
            await wait_until(lambda: store.state("a") == "failing")
        assert store.health[0].reason == "The secret env:WALL_TEST_NONE is not set in the environment."


async def test_a_visit_that_hangs_ends() -> None:
    async def hang(intake: Intake, options: Any) -> None:
        await asyncio.Event().wait()

    store = Store()
    async with running(store, spec("a", "file:x", poll=hang), visit_s=0.1):
        await wait_until(lambda: store.state("a") == "failing")
    assert "did not end within 0.1 s" in store.health[0].reason


async def test_waiting_for_redis_is_not_the_sources_fault(caplog: pytest.LogCaptureFixture) -> None:
    store = Store()
    store.away = StoreDown("Redis does not answer.")
    async with FaultyHttp() as server:
        server.script("/a", faulty.ok(GOOD))
        async with running(store, spec("a", server.url("/a")), visit_s=0.1):
            await wait_until(lambda: store.refused > 20)
            assert server.asked("/a") == 1, "a polled feed holds back"
            store.away = None
            await wait_until(lambda: store.state("a") == "ok")
    assert store.values("a") == [1, 2]
    assert {health.state for health in store.health} == {"ok", "stopped"}
    assert caplog.text.count("holds back") == 1


async def test_a_visit_may_give_from_several_tasks_while_redis_is_away() -> None:
    async def many(intake: Intake, options: Any) -> None:
        gives = (intake.give(Parsed([read(intake.context(), "x", value)])) for value in range(5))
        await asyncio.gather(*gives)

    store = Store()
    store.away = StoreDown("Redis does not answer.")
    async with running(store, spec("a", "file:x", poll=many, every=60), visit_s=0.1):
        await wait_until(lambda: store.refused > 50)
        store.away = None
        await wait_until(lambda: store.state("a") == "ok")
        assert sorted(store.values("a")[:5], key=str) == [0, 1, 2, 3, 4]
    assert {health.state for health in store.health} == {"ok", "stopped"}


async def test_after_a_restart_the_sources_are_read_whole() -> None:
    store = Store()
    async with FaultyHttp() as server:
        server.script("/a", faulty.tagged(GOOD))
        async with running(store, spec("a", server.url("/a"))) as supervisor:
            await wait_until(lambda: server.asked("/a") > 2 and store.values("a") == [1, 2])
            await supervisor.restart()
            await wait_until(lambda: store.values("a") == [1, 2, 1, 2])


async def test_a_part_that_fails_is_said_until_it_ends() -> None:
    step = asyncio.Event()

    async def half(intake: Intake, options: Any) -> None:
        intake.trouble("The list cannot be had.")
        await intake.give(Parsed([read(intake.context(), "x", 1)]))
        await step.wait()
        intake.trouble("")
        await asyncio.Event().wait()

    store = Store()
    async with running(store, spec("cameras", run=half, schemes=())):
        await wait_until(lambda: store.values("cameras") == [1] and store.state("cameras") == "failing")
        assert (store.last("cameras") or store.health[0]).reason == "The list cannot be had."
        step.set()
        await wait_until(lambda: store.state("cameras") == "ok")


async def test_a_connection_is_opened_again_after_every_fault() -> None:
    store = Store()
    scripts: list[list[faulty.Step]] = [
        [Expect(b"hello"), b"1\n2\n", CUT],
        [b"3\n4", CUT],
        [b"5\n6"],
        [b"x\n", HOLD],
        [b"7\n", HOLD],
    ]
    exchange = Replay(*scripts)
    await exchange.start()
    async with running(store, spec("calls", exchange.url, run=lines, schemes=("tcp",))):
        await wait_until(lambda: 7 in store.values("calls"))
        await wait_until(lambda: store.state("calls") == "ok")
        await exchange.stop()
        await wait_until(lambda: store.state("calls") == "failing")
        await exchange.start()
        await wait_until(lambda: store.values("calls").count(7) == 2)
    await exchange.stop()
    received = store.values("calls")
    assert 5 in received  # what came before a reset may be lost with it, as on any network
    assert 4 not in received, "half a frame is no frame"
    assert 6 not in received


async def test_a_pushed_feed_holds_events_while_redis_is_away_and_loses_the_oldest(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(feeds.running.delivery, "MAX_HELD_EVENTS", 10)
    monkeypatch.setattr(feeds.running.delivery, "GIVE_BATCH", 4)
    gate = asyncio.Event()

    async def push(intake: Intake, options: Any) -> None:
        await intake.give(Parsed([read(intake.context(), "x", 0)]))
        await gate.wait()
        for value in range(1, 31):
            await intake.give(Parsed([read(intake.context(), "x", value)]))
        await asyncio.Event().wait()

    store = Store()
    async with running(store, spec("calls", run=push, schemes=())) as supervisor:
        await wait_until(lambda: store.values("calls") == [0])
        store.away = StoreStuck("Redis is full.")
        gate.set()
        await wait_until(lambda: supervisor.health["calls"].documents == 31)
        store.away = None
        await wait_until(lambda: store.state("calls") == "ok" and 30 in store.values("calls"))
        health = supervisor.health["calls"]
        await wait_until(lambda: (store.last("calls") or store.health[0]).lost > 0)
        received = [value for value in store.values("calls") if value is not None]
        assert received == sorted(received), "in order"
        assert received[-9:] == list(range(22, 31)), "the newest are kept"
        assert health.lost == 31 - len(received) == 20
        assert health.events == len(received)
    assert caplog.text.count("the oldest are given up") == 1


async def test_the_word_of_a_lost_connection_is_no_sign_of_life() -> None:
    async def lost(intake: Intake, options: Any) -> None:
        word = Gone(
            feed=intake.name, source_id="*", received_at=intake.now(), kind="queue", reason="connecting"
        )
        await intake.give(Parsed([word]))
        await intake.open(intake.url)

    store = Store()
    async with Replay([HOLD]) as exchange:
        pass
    async with running(store, spec("calls", exchange.url, run=lost, schemes=("tcp",))):
        await wait_until(lambda: len(store.events) > 3 and store.state("calls") == "failing")
    assert {health.state for health in store.health} == {"failing", "stopped"}
    assert all(health.last_good_at is None for health in store.health)


async def test_an_empty_frame_says_that_the_source_lives() -> None:
    async def quiet(intake: Intake, options: Any) -> None:
        await intake.give(Parsed())
        await asyncio.Event().wait()

    store = Store()
    async with running(store, spec("calls", run=quiet, schemes=())):
        await wait_until(lambda: store.state("calls") == "ok")
    assert store.health[0].documents == 0


async def test_a_feed_that_is_posted_to_is_left_alone() -> None:
    store = Store()
    async with running(store, spec("hook", schemes=())) as supervisor:
        assert supervisor.health == {}
    assert store.health == []


async def test_a_stop_ends_hanging_feeds_within_two_seconds() -> None:
    store = Store()
    async with FaultyHttp() as server, Replay([HOLD]) as exchange:
        server.script("/a", faulty.silent())
        supervisor = FeedSupervisor(
            [spec("a", server.url("/a")), spec("b", exchange.url, run=lines, schemes=("tcp",))],
            store,
            sleep=soon,
        )
        await supervisor.start()
        await wait_until(lambda: server.asked("/a") == 1 and bool(exchange.heard))
        async with asyncio.timeout(2.0):
            await supervisor.stop()
        assert {health.state for health in store.health} == {"stopped"}
        await wait_until(lambda: exchange.open_connections == 0)


async def test_a_retry_after_is_respected() -> None:
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0.005)

    store = Store()
    async with FaultyHttp() as server:
        server.script("/a", faulty.status("429 Too Many Requests", retry_after="77"), faulty.ok(GOOD))
        async with running(store, spec("a", server.url("/a"), every=5), sleep=note):
            await wait_until(lambda: server.asked("/a") >= 3)
    assert waits[1] == 77.0
    assert waits[2] == pytest.approx(5.0, abs=0.5)


def test_back_off_is_exponential_with_full_jitter_capped_and_reset() -> None:
    waits = [Backoff(Random(seed), POLLED_CAP_S) for seed in range(200)]
    for attempt in range(12):
        drawn = [backoff.after_failure() for backoff in waits]
        ceiling = min(POLLED_CAP_S, 2.0**attempt)
        assert min(drawn) >= FLOOR_S
        assert max(drawn) <= ceiling
        assert max(drawn) > 0.9 * ceiling
        assert min(drawn) < max(FLOOR_S, 0.1 * ceiling) + 0.01
    waits[0].reset()
    assert waits[0].after_failure() <= 1.0
    assert waits[0].after_failure(asked_s=1e9) == MAX_RETRY_AFTER_S
    assert waits[0].after_failure(asked_s=300) == 300


def test_health_is_said_at_a_change_and_once_a_minute() -> None:
    health = Health("a", "test", 300.0)
    assert not health.due(0.0)
    health.good(10.0)
    assert health.due(10.0)
    health.told(health.report(10.0))
    assert not health.due(10.0 + REPORT_EVERY_S - 1)
    assert health.due(10.0 + REPORT_EVERY_S)
    assert health.due(0.0), "a clock that was set back does not silence a feed"
    assert health.failed("It broke off after 81 bytes.", 20.0)
    assert health.due(20.0)
    health.told(health.report(20.0))
    assert not health.failed("It broke off after 67 bytes.", 21.0), "other figures are no news"
    assert not health.due(21.0)
    report = health.report(21.0)
    assert (report.state, report.since, report.last_good_at) == ("failing", 20.0, 10.0)
    assert report.reason == "It broke off after 67 bytes."
    health.lost += 1
    assert health.due(21.0)


def test_the_skew_is_a_median() -> None:
    health = Health("a", "test", 60.0)
    health.good(0.0)
    assert health.report(0.0).skew_s is None
    context = Context(feed="a", now=1000.0, zone=ZONE)
    health.count([read(context, "x", 1)] * 2)
    health.count([GaugeRead(feed="a", source_id="x", received_at=1e9, observed_at=0.0, name="x", value=1.0)])
    assert health.report(0.0).skew_s == 7.0


async def test_a_wholly_wrong_document_does_not_flood_the_dead() -> None:
    store = Store()
    async with FaultyHttp() as server:
        records = b",".join(b'{"id": "%d"}' % index for index in range(1000))
        server.script("/a", faulty.ok(b"[" + records + b"]"))
        async with running(store, spec("a", server.url("/a"))) as supervisor:
            await wait_until(lambda: store.state("a") == "failing")
            assert supervisor.health["a"].faults >= 1000
    assert len(store.buried) == MAX_BURIED


async def test_a_source_none_of_whose_records_can_be_used_is_not_well() -> None:
    store = Store()
    async with FaultyHttp() as server:
        server.script("/a", faulty.ok(b'[{"id": "1"}, {"id": "2"}]'))
        async with running(store, spec("a", server.url("/a"))):
            await wait_until(lambda: store.state("a") == "failing")
            last = store.last("a")
            assert last is not None
            assert last.last_good_at is None
            assert last.reason == "None of its 2 records can be used; record 0: has no value."
            server.script("/a", faulty.ok(GOOD))
            await wait_until(lambda: store.state("a") == "ok")


async def test_a_poll_of_its_own_is_judged_like_any_other() -> None:
    store = Store()

    async def poll(intake: Intake, options: Any) -> None:
        document = await intake.fetch(intake.url)
        if document is not None:
            await intake.give(parse(document.body, intake.context(), options))
            # What could not be had beside it is no word about its records.
            await intake.give(Parsed(faults=[RecordFault("services", "were not there")]))

    async with FaultyHttp() as server:
        server.script("/a", faulty.ok(GOOD))
        async with running(store, spec("a", server.url("/a"), poll=poll)):
            await wait_until(lambda: store.state("a") == "ok")
            server.script("/a", faulty.ok(b'[{"id": "1"}]'))
            await wait_until(lambda: store.state("a") == "failing")
            last = store.last("a")
            assert last is not None
            assert last.reason == "Its only record cannot be used; record 0: has no value."
            server.script("/a", faulty.ok(GOOD))
            await wait_until(lambda: store.state("a") == "ok")


async def test_a_list_without_a_usable_record_closes_nothing() -> None:
    store = Store()

    def listed(payload: bytes, context: Context, options: Any) -> Parsed:
        parsed = parse(payload, context, options)
        ids = tuple(record["id"] for record in load_json(payload))
        parsed.events.append(
            Present(feed=context.feed, source_id="", received_at=context.now, kind="gauge", ids=ids)
        )
        return parsed

    async with FaultyHttp() as server:
        server.script("/a", faulty.ok(GOOD))
        async with running(store, spec("a", server.url("/a"), parse=listed)):
            await wait_until(lambda: store.state("a") == "ok")
            before = list(store.events)
            assert isinstance(before[-1], Present)
            server.script("/a", faulty.ok(b'[{"id": "9"}]'))
            await wait_until(lambda: store.state("a") == "failing")
            assert store.events == before


def test_no_callers_number_stands_in_the_reason_on_the_wall() -> None:
    health = Health("a", "test", 60.0)
    health.failed("the table has no column 'id'; it has 'Budi', '0812-3456-7890'", 1.0)
    assert health.reason == "the table has no column 'id'; it has 'Budi', '0812-****-890'"


async def test_no_callers_number_is_logged_or_kept_with_a_fault(caplog: pytest.LogCaptureFixture) -> None:
    store = Store()

    def told(payload: bytes, context: Context, options: Any) -> Parsed:
        return Parsed(faults=[RecordFault("record 0", "it says 'hubungi 081234567890'", {})])

    async with FaultyHttp() as server:
        server.script("/a", faulty.ok(GOOD))
        async with running(store, spec("a", server.url("/a"), parse=told)):
            await wait_until(lambda: store.state("a") == "failing")
    assert store.buried[0].why == "it says 'hubungi 0812-****-890'"
    last = store.last("a")
    assert last is not None
    assert "081234567890" not in f"{last.reason}{caplog.text}"


async def test_a_large_document_is_given_in_batches() -> None:
    store = Store()
    async with FaultyHttp() as server:
        records = b",".join(b'{"id": "gate number %d", "v": %d}' % (index, index) for index in range(3000))
        server.script("/a", faulty.ok(b"[" + records + b"]"))
        async with running(store, spec("a", server.url("/a"))):
            await wait_until(lambda: store.state("a") == "ok")
    assert store.values("a") == list(range(3000))


class Bench:
    """The administrator's page, at its other end."""

    def __init__(self) -> None:
        self.told: dict[str, Told] = {}
        self.wanted: list[str] = []
        self.away = True

    async def tell(self, traces: Mapping[str, bytes]) -> None:
        self.told |= {name: msgspec.json.decode(raw, type=Told) for name, raw in traces.items()}

    async def asked(self) -> list[str]:
        if self.away:
            self.away = False
            raise StoreDown("away")
        wanted, self.wanted = self.wanted, []
        return wanted


async def test_a_feed_that_is_wanted_again_reads_everything_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.running.supervisor.LOOK_S", 0.02)
    monkeypatch.setattr("feeds.running.supervisor.TELL_S", 0.02)
    store, bench = Store(), Bench()
    bad = b'[{"id": "a", "v": 1}, {"id": "b"}]'
    async with FaultyHttp() as server:
        server.script("/a", faulty.ok(bad))
        server.script("/b", faulty.ok(GOOD.replace(b', {"id": "3"}', b"")))
        async with running(
            store, spec("a", server.url("/a?key=RAHASIA")), spec("b", server.url("/b")), bench=bench
        ) as supervisor:
            await wait_until(
                lambda: len(store.buried) == 1 and bench.told.get("a", Told()).document is not None
            )
            await wait_until(lambda: server.asked("/a") > 3)
            assert len(store.buried) == 1, "a known fault is kept once"
            bench.wanted = ["a", "nobody"]
            await wait_until(lambda: len(store.buried) == 2)
            await wait_until(lambda: bench.told["a"].again_at is not None)
            assert not await supervisor.again("nobody")
    assert store.values("a") == [1, 1]
    assert store.values("b") == [1, 2], "its neighbour goes on as it was"
    document, fault = bench.told["a"].document, bench.told["a"].fault
    assert document is not None
    assert fault is not None
    assert "RAHASIA" not in document.address
    assert (document.events, document.faults) == (1, 1)
    assert (fault.where, fault.why) == ("record 1", "has no value")
    assert bench.told["b"].again_at is None


async def test_a_feed_that_stops_late_is_begun_anew_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.running.supervisor.STOP_S", 0.02)
    began: list[float] = []
    leave = asyncio.Event()

    async def slow(intake: Intake, options: Any) -> None:
        began.append(intake.now())
        try:
            await asyncio.sleep(60)
        finally:
            await leave.wait()  # a camera that does not let go

    store = Store()
    async with running(store, spec("a", run=slow)) as supervisor:
        await wait_until(lambda: len(began) == 1)
        assert not await supervisor.again("a")
        leave.set()
        await wait_until(lambda: len(began) == 2)
        assert supervisor._traces["a"].again_at is not None


async def test_a_feed_that_fails_says_why_in_its_trace() -> None:
    store, bench = Store(), Bench()
    async with FaultyHttp() as server:
        server.script("/a", faulty.status("503 Service Unavailable"))
        async with running(store, spec("a", server.url("/a")), bench=bench) as supervisor:
            await wait_until(lambda: store.state("a") == "failing")
            trace = supervisor._traces["a"]
    assert trace.fault is not None
    assert (trace.fault.where, "is busy" in trace.fault.why) == ("", True)
