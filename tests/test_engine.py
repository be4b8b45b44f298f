"""The engine's loop against a real Redis: exactly once, in pieces, fenced, poisoned, taken over."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from tests.running import until
from tests.worlds import MIDDLES, small_boundaries, small_city
from wallboard.city import CityConfig
from wallboard.clock import Clock
from wallboard.engine import incidents
from wallboard.engine.engine import Engine
from wallboard.engine.term import Term
from wallboard.engine.world import World
from wallboard.errors import StoreDown
from wallboard.events import AnyEvent, IncidentReported
from wallboard.gazetteer import Gazetteer
from wallboard.geofence import Geofence
from wallboard.store.clients import connect_async
from wallboard.store.commits import Head, decode_wall
from wallboard.store.embedded import EmbeddedRedis
from wallboard.store.engine import EngineStore
from wallboard.store.keys import Keys
from wallboard.store.outlet import Outlet

BOUNDARIES = small_boundaries()
GEOFENCE = Geofence(BOUNDARIES)
KEYS = Keys("contoh")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(tmp_path / "redis")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(store: EmbeddedRedis) -> Iterator[redis.Redis]:
    one = redis.Redis(unix_socket_path=str(store.socket))
    yield one
    one.close()


def an_engine(url: str, city: CityConfig | None = None, **options: Any) -> Engine:
    city = city or small_city()
    return Engine(city, GEOFENCE, Gazetteer(BOUNDARIES), url, Clock(), b"k" * 32, **options)


@contextmanager
def run(engine: Engine) -> Iterator[Engine]:
    """An engine in a thread; an error in it is an error of the test."""
    stop = threading.Event()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            engine.run(stop)
        except BaseException as fault:
            failed.append(fault)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield engine
    finally:
        stop.set()
        thread.join(20)
    assert not failed, failed


def report(id: str) -> IncidentReported:
    lon, lat = MIDDLES["99.01.01.1001"]
    now = Clock().now()
    return IncidentReported(
        feed="f", source_id=id, received_at=now, observed_at=now - 100, title=id, lon=lon, lat=lat
    )


def put(url: str, events: list[AnyEvent]) -> None:
    async def work() -> None:
        one = connect_async(url)
        await Outlet(one, KEYS).put(events)
        await one.aclose()

    asyncio.run(work())


def head(client: redis.Redis) -> Head:
    raw: Any = client.hgetall(KEYS.head)
    return Head.decode(raw)


def city_of(client: redis.Redis) -> dict[str, Any]:
    raw: Any = client.hget(KEYS.state("city"), "city")
    return dict(msgspec.json.decode(raw)) if raw else {}


def committed(client: redis.Redis, wanted: int) -> None:
    until(lambda: city_of(client).get("received_today") == wanted, f"{wanted} incidents")


def wall(client: redis.Redis) -> list[Any]:
    entries: Any = client.xrange(KEYS.wall)
    return [decode_wall(fields) for _, fields in entries]


def test_events_become_state_and_a_log_without_gaps(store: EmbeddedRedis, client: redis.Redis) -> None:
    with run(an_engine(store.url)):
        put(store.url, [report(f"r{i}") for i in range(20)])
        committed(client, 20)
    log = wall(client)
    assert [entry.n for entry in log] == list(range(log[0].n, log[0].n + len(log)))
    assert all(entry.safe_n == entry.n for entry in log[1:]), "fsync always: on disk before anybody reads it"
    keys: Any = client.hkeys(KEYS.state("incident"))
    assert len(keys) == 20


def test_a_restarted_engine_goes_on_without_counting_twice(store: EmbeddedRedis, client: redis.Redis) -> None:
    put(store.url, [report(f"r{i}") for i in range(5)])
    with run(an_engine(store.url)):
        committed(client, 5)
    put(store.url, [report(f"r{i}") for i in range(3, 8)])
    with run(an_engine(store.url)):
        committed(client, 8)


def test_without_events_an_empty_beat_is_committed(store: EmbeddedRedis, client: redis.Redis) -> None:
    with run(an_engine(store.url)):
        first = until(lambda: head(client).n, "a commit")
        until(lambda: head(client).n >= first + 2, "two beats")
    assert wall(client)[-1].changes == []


def test_a_batch_larger_than_a_commit_is_cut_and_finished_after_a_kill(
    store: EmbeddedRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wallboard.engine import batch

    monkeypatch.setattr(batch, "MAX_CHANGES", 7)
    engine = an_engine(store.url)
    original: Callable[..., None] = Term._commit_piece
    pieces: list[int] = []

    def dies_after_two(*arguments: Any) -> None:
        if len(arguments[1].changes) == 7:
            pieces.append(len(arguments[4]))
            if len(pieces) == 3:
                raise SystemExit("killed")
        original(*arguments)

    monkeypatch.setattr(Term, "_commit_piece", dies_after_two)
    put(store.url, [report(f"r{i}") for i in range(40)])
    stop = threading.Event()
    with pytest.raises(SystemExit):
        engine.run(stop)
    assert head(client).rest, "what was not committed stands in the head"
    client.delete(KEYS.lease)
    with run(an_engine(store.url)):
        until(lambda: not head(client).rest, "no rest")
        keys: Any = client.hkeys(KEYS.state("incident"))
        assert len(keys) == 40
        committed(client, 40)
    assert all(len(entry.changes) <= 7 for entry in wall(client))


def test_the_second_engine_stands_by_and_takes_over(store: EmbeddedRedis, client: redis.Redis) -> None:
    with run(an_engine(store.url)) as first:
        until(lambda: client.get(KEYS.lease) == first.token.encode(), "the first is active")
        with run(an_engine(store.url)) as second:
            put(store.url, [report("a")])
            committed(client, 1)
            assert client.get(KEYS.lease) == first.token.encode()
            # The first loses its lease, as after a stop longer than the lease.
            client.set(KEYS.lease, second.token)
            put(store.url, [report("b")])
            committed(client, 2)
            assert client.get(KEYS.lease) == second.token.encode()
    log = wall(client)
    assert [entry.n for entry in log] == list(range(log[0].n, log[0].n + len(log)))


def test_another_run_of_redis_is_another_epoch_with_numbers_going_on(
    store: EmbeddedRedis, client: redis.Redis
) -> None:
    with run(an_engine(store.url)):
        put(store.url, [report("a")])
        committed(client, 1)
        before = head(client)
        store.stop()
        store.start()
        until(lambda: head(client).epoch != before.epoch, "a new epoch")
        assert head(client).n > before.n
        put(store.url, [report("b")])
        committed(client, 2)


def test_an_emptied_redis_goes_on_above_the_highest_number_known(
    store: EmbeddedRedis, client: redis.Redis
) -> None:
    with run(an_engine(store.url, highest=500)):
        put(store.url, [report("a")])
        committed(client, 1)
        assert head(client).n > 500
        client.flushall()
        put(store.url, [report("b")])
        committed(client, 1)
        assert head(client).n > 500


def test_a_reducer_that_fails_buries_the_guilty_event_alone(
    store: EmbeddedRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wallboard.engine import reduce

    def fails(world: World, event: IncidentReported) -> None:
        if event.source_id == "guilty":
            raise ZeroDivisionError("a fault of ours")
        incidents.reported(world, event)

    events: dict[Any, Any] = reduce.EVENTS
    monkeypatch.setitem(events, IncidentReported, fails)
    put(store.url, [report("a"), report("guilty"), report("b")])
    with run(an_engine(store.url)):
        committed(client, 2)
        dead: Any = until(lambda: client.xrange(KEYS.dead), "a dead letter")
        assert b"guilty" in dead[0][1][b"d"]
        put(store.url, [report("c")])
        committed(client, 3)


def test_a_reducer_that_fails_in_a_backlog_costs_nothing_but_its_event(
    store: EmbeddedRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read ahead of the batch that failed is read again, in its place."""
    from wallboard.engine import reduce

    taken: list[str] = []

    def fails(world: World, event: IncidentReported) -> None:
        if event.source_id == "r700":
            raise ZeroDivisionError("a fault of ours")
        taken.append(event.source_id)
        incidents.reported(world, event)

    events: dict[Any, Any] = reduce.EVENTS
    monkeypatch.setitem(events, IncidentReported, fails)
    read_ahead: list[int] = []
    asked = EngineStore.ask

    def ask(self: EngineStore, cursors: dict[str, str], block_ms: int = 0, count: int = 0) -> None:
        if cursors.get("incident", "0-0") != head(client).cursors.get("incident", "0-0"):
            read_ahead.append(count)
        asked(self, cursors, block_ms, count)

    monkeypatch.setattr(EngineStore, "ask", ask)
    put(store.url, [report(f"r{number}") for number in range(1500)])
    with run(an_engine(store.url)):
        committed(client, 1499)
        assert client.xlen(KEYS.dead) == 1
    assert read_ahead, "nothing was read ahead"
    first = list(dict.fromkeys(taken))
    assert first == [f"r{number}" for number in range(1500) if number != 700]
    assert [entry.n for entry in wall(client)] == list(range(1, len(wall(client)) + 1))


def test_a_slow_batch_makes_the_next_ones_smaller(
    store: EmbeddedRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wallboard.engine import engine as module
    from wallboard.engine import reduce

    def slow(world: World, event: IncidentReported) -> None:
        time.sleep(0.004)
        incidents.reported(world, event)

    events: dict[Any, Any] = reduce.EVENTS
    monkeypatch.setitem(events, IncidentReported, slow)
    monkeypatch.setattr(module, "SLOW_S", 0.2)
    put(store.url, [report(f"r{number}") for number in range(500)])
    with run(an_engine(store.url)):
        committed(client, 500)
    sizes = [sum(kind == "incident" for kind, *_ in entry.changes) for entry in wall(client)]
    assert max(sizes) == module.BATCH_EVENTS
    assert 0 < min(size for size in sizes if size) <= module.BATCH_EVENTS // 2


def test_work_that_outlasts_the_lease_keeps_it_and_a_hanging_engine_loses_it(
    store: EmbeddedRedis,
    client: redis.Redis,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It was fenced, loaded again and was fenced again for ever, on a machine with too much else to do."""
    from wallboard.engine import lease, reduce
    from wallboard.store import engine as store_module

    working, goes_on = threading.Event(), threading.Event()

    def long(world: World, event: IncidentReported) -> None:
        if event.source_id == "long":
            working.set()
            assert goes_on.wait(20)
        incidents.reported(world, event)

    events: dict[Any, Any] = reduce.EVENTS
    monkeypatch.setitem(events, IncidentReported, long)
    monkeypatch.setattr(store_module, "LEASE_MS", 400)
    monkeypatch.setattr(lease, "RENEW_S", 0.05)
    put(store.url, [report("long")])
    with run(an_engine(store.url)) as first:
        assert working.wait(20)
        seen: list[bool] = []

        def kept() -> bool:
            """Its lease is there, though it ends after 0.4 s and the engine does nothing but work."""
            seen.append(client.get(KEYS.lease) == first.token.encode())
            time.sleep(0.02)
            return len(seen) >= 50

        until(kept, "a second with the lease")
        assert all(seen)
        assert caplog.records == []
        monkeypatch.setattr(lease, "HANGS_S", 0.1)
        until(lambda: client.get(KEYS.lease) is None, "the lease runs out")
        monkeypatch.setattr(lease, "HANGS_S", 60.0)
        goes_on.set()
        committed(client, 1)


def test_a_load_keeps_the_lease_however_long_it_takes(
    store: EmbeddedRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load of more than a minute was fenced by its own patience, and began again for ever."""
    from wallboard.engine import lease
    from wallboard.store import engine as store_module

    with run(an_engine(store.url)):
        put(store.url, [report(f"r{number}") for number in range(20)])
        committed(client, 20)
    monkeypatch.setattr(store_module, "LEASE_MS", 600)
    monkeypatch.setattr(lease, "RENEW_S", 0.05)
    monkeypatch.setattr(lease, "HANGS_S", 0.4)
    kept: list[bool] = []
    state = EngineStore.state

    def slowly(self: EngineStore) -> Iterator[tuple[str, bytes]]:
        for item in state(self):
            time.sleep(0.1)
            kept.append(client.exists(KEYS.lease) == 1)
            yield item

    monkeypatch.setattr(EngineStore, "state", slowly)
    put(store.url, [report("r20")])
    with run(an_engine(store.url)):
        committed(client, 21)
    assert len(kept) > 15, "it did not outlast the lease"
    assert all(kept)


def test_a_redis_that_restarts_while_it_is_loaded_begins_another_epoch(
    store: EmbeddedRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """redis-py connects again by itself between two questions; a walk through a hash then misses values."""
    with run(an_engine(store.url)):
        put(store.url, [report("r0")])
        committed(client, 1)
    before = head(client).epoch
    put(store.url, [report("r1")])
    restarted = threading.Event()
    state = EngineStore.state

    def interrupted(self: EngineStore) -> Iterator[tuple[str, bytes]]:
        yield from state(self)
        if not restarted.is_set():
            store.stop()
            store.start()
            restarted.set()

    monkeypatch.setattr(EngineStore, "state", interrupted)
    with run(an_engine(store.url)):
        assert restarted.wait(20)
        committed(client, 2)
    assert head(client).epoch != before


def test_an_entry_that_is_no_event_is_buried_and_the_others_pass(
    store: EmbeddedRedis, client: redis.Redis
) -> None:
    client.xadd(KEYS.feed("incident"), {"d": b'{"type":"nonsense"}'})
    client.xadd(KEYS.feed("incident"), {"x": b"no d at all"})
    put(store.url, [report("a")])
    with run(an_engine(store.url)):
        committed(client, 1)
        assert client.xlen(KEYS.dead) == 2


@pytest.mark.parametrize("happened", [True, False])
def test_a_commit_that_breaks_while_the_next_batch_is_applied_takes_effect_once(
    store: EmbeddedRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch, happened: bool
) -> None:
    """In a backlog the next batch is applied on what is not confirmed yet; then all of it is loaded again."""
    answers, sends, kept = EngineStore.sent, EngineStore.send, []
    applied_meanwhile: list[int] = []
    #: sent, and not confirmed
    waiting: list[Any] = []
    engine = an_engine(store.url)
    apply = engine._applied

    def applied(world: World, batch: Any, *more: Any) -> Any:
        if waiting:
            applied_meanwhile.append(len(batch))
        return apply(world, batch, *more)

    def send(self: EngineStore, *words: Any) -> None:
        kept.append(words)
        waiting.append(words)
        if len(kept) == 4 and not happened:
            self.close()  # it never leaves this machine
        sends(self, *words)

    def sent(self: EngineStore) -> str:
        answer = answers(self)
        waiting.clear()
        if len(kept) == 4 and happened:
            kept.append(())
            raise StoreDown("the answer is lost")
        return answer

    monkeypatch.setattr(engine, "_applied", applied)
    monkeypatch.setattr(EngineStore, "send", send)
    monkeypatch.setattr(EngineStore, "sent", sent)
    put(store.url, [report(f"r{number}") for number in range(3000)])
    with run(engine):
        committed(client, 3000)
    assert applied_meanwhile, "nothing was applied while a commit was on its way"
    assert [entry.n for entry in wall(client)] == list(range(1, len(wall(client)) + 1))
    assert client.hlen(KEYS.state("incident")) == 3000


def test_inputs_are_trimmed_only_below_the_cursor(
    store: EmbeddedRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wallboard.engine import engine as module

    monkeypatch.setattr(module, "TRIM_S", 0.05)
    with run(an_engine(store.url)):
        # Redis trims whole nodes of its lists only: a hundred entries a node.
        put(store.url, [report(f"r{i}") for i in range(400)])
        committed(client, 400)
        until(lambda: client.xlen(KEYS.feed("incident")) < 200, "trimmed")


def test_a_redis_that_proves_no_disk_is_shown_on_the_feed_strip(
    store: EmbeddedRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wallboard.engine import engine as module

    monkeypatch.setattr(module, "TRIM_S", 0.05)
    client.config_set("appendonly", "no")
    with run(an_engine(store.url)):
        until(lambda: client.hget(KEYS.state("feed"), "_store"), "the strip says so")
        until(lambda: len(wall(client)) > 2, "some commits")
    assert {entry.safe_n for entry in wall(client)[1:]} == {0}


def test_a_redis_that_writes_each_second_proves_its_disk_before_the_first_commit(
    store: EmbeddedRedis, client: redis.Redis
) -> None:
    client.config_set("appendfsync", "everysec")
    one = EngineStore(store.url, KEYS)
    try:
        assert not one.proves_safety()
        until(one.wait_safe, "what there is, is on the disk")
    finally:
        one.close()


def test_trouble_elsewhere_and_a_clock_that_went_back_are_shown_on_the_feed_strip(
    store: EmbeddedRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wallboard.engine import engine as module

    def strip() -> str:
        raw: Any = client.hget(KEYS.state("feed"), "_store")
        return str(msgspec.json.decode(raw)["reason"]) if raw else ""

    monkeypatch.setattr(module, "TRIM_S", 0.05)
    words = ["history_fails"]
    with run(an_engine(store.url, trouble=lambda: words[0])):
        until(lambda: strip() == "history_fails", "history's trouble")
        words[0] = ""
        until(lambda: strip() == "", "no trouble")
    with run(Engine(small_city(), GEOFENCE, Gazetteer(BOUNDARIES), store.url, Clock(3600.0), b"k" * 32)):
        until(lambda: head(client).at > Clock().now() + 3000, "an hour ahead")
    with run(an_engine(store.url)):
        until(lambda: strip() == "clock_went_back", "the clock's trouble")
