"""What a hostile review of the core found: each test failed before its fix."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from tests.running import until
from tests.test_engine import KEYS, an_engine, committed, head, put, report, run
from wallboard.clock import Clock
from wallboard.engine import incidents, reduce
from wallboard.engine.world import World
from wallboard.entities import Incident
from wallboard.events import IncidentReported, NodeBeat
from wallboard.store.embedded import EmbeddedRedis

DAY_S = 24 * 3600.0


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


def dead(client: redis.Redis) -> list[str]:
    entries: Any = client.xrange(KEYS.dead)
    return [fields[b"d"].decode() for _, fields in entries]


# -- the engine ----------------------------------------------------------------------------------------


def test_a_timer_that_always_fails_costs_no_event(
    store: EmbeddedRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wallboard.engine import health

    def fails(world: World, id: str) -> None:
        raise ZeroDivisionError("a fault of ours")

    timers: dict[Any, Any] = reduce.TIMERS
    monkeypatch.setitem(timers, "mem:node", fails)
    monkeypatch.setattr(health, "NODE_BEAT_LOST_S", 0.1)
    put(store.url, [NodeBeat(feed="", source_id="n", received_at=Clock().now(), role="web")])
    with run(an_engine(store.url)):
        until(lambda: any("timer of mem:node n" in line for line in dead(client)), "the timer is named")
        for number in range(5):
            put(store.url, [report(f"r{number}")])
        committed(client, 5)
    assert len(dead(client)) == 1


def test_a_fault_without_any_event_gives_up_no_event(
    store: EmbeddedRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = [True]
    settle = incidents.settle if hasattr(incidents, "settle") else lambda world: None

    def fails(world: World) -> None:
        if broken[0]:
            raise ZeroDivisionError("a fault of ours")
        settle(world)

    monkeypatch.setattr(incidents, "settle", fails, raising=False)
    put(store.url, [report("a"), report("b")])
    with run(an_engine(store.url)):
        time.sleep(1.0)  # some tries of an engine that can do nothing
        broken[0] = False
        committed(client, 2)
    assert dead(client) == []


def test_an_event_whose_effect_cannot_be_encoded_is_buried_alone(
    store: EmbeddedRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reported(world: World, event: IncidentReported) -> None:
        incidents.reported(world, event)
        if event.source_id == "guilty":
            shown = world.get(Incident, "f/guilty")
            assert shown is not None
            world.put(msgspec.structs.replace(shown, category="\ud800"))

    events: dict[Any, Any] = reduce.EVENTS
    monkeypatch.setitem(events, IncidentReported, reported)
    put(store.url, [report("a"), report("guilty"), report("b")])
    with run(an_engine(store.url)):
        committed(client, 2)
        (line,) = until(lambda: dead(client), "a dead letter")
        assert "guilty" in line


def test_an_event_from_the_future_does_not_take_the_citys_time_along(
    store: EmbeddedRedis, client: redis.Redis
) -> None:
    ahead = msgspec.structs.replace(report("ahead"), received_at=Clock().now() + DAY_S)
    with run(an_engine(store.url)):
        put(store.url, [ahead, report("b")])
        committed(client, 2)
    assert abs(head(client).at - Clock().now()) < 60


def test_a_load_longer_than_the_lease_ends_in_an_active_engine(
    store: EmbeddedRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wallboard.store import redis as module

    monkeypatch.setattr(module, "LEASE_MS", 200)
    engine = an_engine(store.url)
    load = engine._load

    def slow(*arguments: Any) -> World:
        time.sleep(0.5)
        return load(*arguments)

    monkeypatch.setattr(engine, "_load", slow)
    put(store.url, [report("a")])
    with run(engine):
        committed(client, 1)


def test_what_another_version_wrote_is_buried_and_the_city_starts(
    store: EmbeddedRedis, client: redis.Redis
) -> None:
    client.hset(KEYS.state("incident"), "f/old", b'{"id":"f/old","scope":["d:1"],"shape":"of old"}')
    client.hset(KEYS.mem("rule"), "r|x:y", b"{}")
    put(store.url, [report("a")])
    with run(an_engine(store.url)):
        until(lambda: client.hexists(KEYS.state("incident"), "f/a"), "the new incident")
    assert client.hkeys(KEYS.state("incident")) == [b"f/a"]
    assert not client.hexists(KEYS.mem("rule"), "r|x:y")
    assert len(dead(client)) == 2


def test_an_engine_whose_blocked_read_is_ended_by_a_failover_goes_on(
    store: EmbeddedRedis, client: redis.Redis
) -> None:
    with run(an_engine(store.url)):
        put(store.url, [report("a")])
        committed(client, 1)

        def unblocked() -> bool:
            blocked: Any = client.client_list()
            return any(client.client_unblock(int(one["id"]), error=True) for one in blocked)

        until(unblocked, "a blocked reader")
        put(store.url, [report("b")])
        committed(client, 2)
