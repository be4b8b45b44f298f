"""What a hostile review of the core found: each test failed before its fix."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import resource
import signal
import socket
import struct
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis
import uvicorn

from tests.cities import ENV, write_city
from tests.running import server, until
from tests.test_engine import KEYS, an_engine, committed, head, put, report, run
from wallboard import frames, process, protocol
from wallboard.access import Viewer
from wallboard.clock import Clock
from wallboard.engine import incidents, reduce
from wallboard.engine.world import World
from wallboard.entities import Incident
from wallboard.errors import BadFrame, StoreDown
from wallboard.events import IncidentReported, NodeBeat
from wallboard.follow import Follower, Lost
from wallboard.frames import WallProtocol
from wallboard.history import HistoryWriter, read_segment, segments
from wallboard.state import Replica
from wallboard.store.commits import Head, WallEntry
from wallboard.store.embedded import EmbeddedRedis
from wallboard.store.engine import EngineStore
from wallboard.views import Group, View

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


@pytest.mark.parametrize("fails_so_often", range(1, 10))
def test_a_fault_without_any_event_gives_up_no_event(
    store: EmbeddedRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch, fails_so_often: int
) -> None:
    """Wherever the fault passes: with all events, with one, or while the engine tries without any."""
    left = [fails_so_often]
    settle = incidents.settle

    def fails(world: World) -> None:
        if left[0]:
            left[0] -= 1
            raise ZeroDivisionError("a fault of ours")
        settle(world)

    monkeypatch.setattr(incidents, "settle", fails)
    put(store.url, [report("a"), report("b")])
    with run(an_engine(store.url)):
        committed(client, 2)
    assert left == [0]
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
    from wallboard.store import engine as module

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


# -- following ---------------------------------------------------------------------------------------------


class Scripted:
    """A node's store that answers as it is told; a StoreError is raised."""

    def __init__(self, heads: list[Head], pages: list[Any]) -> None:
        self.heads, self.pages = heads, pages

    async def head(self) -> Head:
        return self.heads.pop(0) if len(self.heads) > 1 else self.heads[0]

    async def state(self) -> AsyncIterator[tuple[str, str, bytes]]:
        nothing: list[tuple[str, str, bytes]] = []
        for item in nothing:
            yield item

    async def wall(self, after: str, *, count: int, block_ms: int | None = None) -> list[Any]:
        page = self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]
        if isinstance(page, Exception):
            raise page
        return list(page)


def entry(n: int, epoch: str = "e") -> tuple[str, WallEntry]:
    return f"{n}-0", WallEntry(n=n, epoch=epoch, at=float(n), safe_n=n, changes=[])


def follower(heads: list[Head], pages: list[Any]) -> Follower:
    store: Any = Scripted(heads, pages)
    return Follower(store, Replica(), lambda: None, lambda: None)


@pytest.mark.parametrize(
    "pages",
    [
        [[entry(8), entry(9)], []],  # trimmed below what was read before the hashes
        [[entry(4), entry(5)], [entry(8), entry(9)], []],  # trimmed between two pages
        [[entry(n) for n in range(4, 8)], [entry(8, "f")], []],  # another life of Redis
    ],
)
async def test_a_node_never_takes_a_wall_with_a_hole_for_whole(pages: list[Any]) -> None:
    heads = [Head(epoch="e", n=5), Head(epoch="e", n=7, wall_id="7-0")]
    with pytest.raises(Lost):
        await follower(heads, pages)._load()


async def test_a_hole_below_the_head_does_not_keep_a_node_from_loading() -> None:
    one = follower([Head(epoch="e", n=7)], [[entry(4), entry(6), entry(7)], []])
    await one._load()
    assert (one._replica.n, one._replica.floor) == (7, 6)


async def test_a_node_without_redis_is_not_ready_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    one = follower([Head(epoch="e", n=1)], [[entry(1)], [], StoreDown("Redis does not answer")])
    seen: list[bool] = []
    task = asyncio.create_task(one.run())
    for _ in range(40):
        await asyncio.sleep(0.01)
        seen.append(one.ready)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not any(seen[5:])
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1


async def test_a_first_start_is_no_warning_and_a_state_that_is_lost_is_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    heads = [Head(), Head(), Head(epoch="e", n=1), Head(epoch="e", n=1), Head()]
    one = follower(heads, [[entry(1)], []])
    task = asyncio.create_task(one.run())
    await asyncio.sleep(0.5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert told[0] == ("INFO", "no state to load yet: the engine has not committed anything yet")
    assert [words for level, words in told if level == "WARNING"] == [
        "loading the state again: epoch none instead of e"
    ]


# -- history -----------------------------------------------------------------------------------------------


class Wall:
    """The engine's store as the history writer sees it."""

    def __init__(self, entries: list[WallEntry]) -> None:
        self.entries = [(f"{number}-0", one) for number, one in enumerate(entries, start=1)]

    def wall_after(self, id: str, count: int) -> list[Any]:
        after = int(id.split("-")[0])
        found = self.entries[after : after + count]
        return [(id, {b"d": msgspec.json.encode(one)}) for id, one in found]

    def head(self) -> Head:
        last = self.entries[-1][1]
        return Head(epoch=last.epoch, n=last.n)

    def state(self) -> list[Any]:
        return []


def writer(folder: Path) -> HistoryWriter:
    return HistoryWriter(folder, "unix:///nowhere", KEYS, "rules", 3600.0)


def commit(n: int, epoch: str = "e", at: float | None = None) -> WallEntry:
    return WallEntry(n=n, epoch=epoch, at=time.time() if at is None else at, safe_n=n, changes=[])


def test_a_full_disk_ends_no_engine_and_costs_no_commit(tmp_path: Path) -> None:
    one, store = writer(tmp_path), Wall([commit(n) for n in range(1, 6)])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        one._try(store)  # type: ignore[arg-type]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert one.cursor() == "0-0"
    one._try(store)  # type: ignore[arg-type]
    assert one.cursor() == "5-0"
    lines = [line for path in segments(tmp_path) for line in read_segment(path)]
    assert [msgspec.json.decode(line)["n"] for line in lines][-5:] == [1, 2, 3, 4, 5]
    one.close()


def test_zeros_at_the_end_of_a_segment_cost_no_whole_line(tmp_path: Path) -> None:
    one = writer(tmp_path)
    one._try(Wall([commit(n) for n in range(1, 6)]))  # type: ignore[arg-type]
    (path,) = segments(tmp_path)
    path.write_bytes(path.read_bytes() + bytes(4096))
    assert len(list(read_segment(path))) == 6
    one.close()


def test_a_clock_ahead_throws_no_history_away_and_a_foreign_file_stops_nothing(
    tmp_path: Path,
) -> None:
    yesterday, old = (time.strftime("%Y-%m-%d", time.gmtime(time.time() - days * DAY_S)) for days in (0, 30))
    (tmp_path / "history" / yesterday).mkdir(parents=True)
    (tmp_path / "history" / old / "somebody's folder").mkdir(parents=True)
    one = writer(tmp_path)
    one._try(Wall([commit(1, at=time.time() + 1000 * DAY_S)]))  # type: ignore[arg-type]
    assert one.cursor() == "1-0"
    assert (tmp_path / "history" / yesterday).exists()
    one.close()


def test_history_starts_a_new_segment_where_another_epoch_goes_on(tmp_path: Path) -> None:
    one = writer(tmp_path)
    one._try(Wall([commit(1), commit(2), commit(3, "f")]))  # type: ignore[arg-type]
    assert len(segments(tmp_path)) == 2
    one.close()


# -- boards ------------------------------------------------------------------------------------------------


def test_boards_that_come_for_several_reasons_share_one_snapshot_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []
    original = protocol.snapshot

    def counted(*arguments: Any) -> list[bytes]:
        made.append(arguments[4])
        return original(*arguments)

    monkeypatch.setattr(protocol, "snapshot", counted)
    replica = Replica()
    replica.reset("e", 1, 1.0, 1, [])
    group = Group(View("operations", frozenset({"alert"}), Viewer()), replica)
    for _ in range(10):
        group.snapshot("subscribe", 0.0)
        group.snapshot("epoch", 0.0)
    assert made == ["subscribe", "epoch"]


def test_a_binary_frame_that_is_no_utf_8_is_a_bad_frame() -> None:
    with pytest.raises(BadFrame):
        protocol.decode(b'{"type":"subscribe","layout":"\xff"}')


@pytest.fixture
def socket_server() -> Iterator[tuple[str, set[Any]]]:
    """A server with our protocol class that sends 8 MB to each client; its address and connections."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "bytes": bytes(8 << 20)})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    config = uvicorn.Config(app, ws=WallProtocol, lifespan="off", log_config=None, port=0)
    one = uvicorn.Server(config)
    thread = threading.Thread(target=one.run)
    thread.start()
    until(lambda: one.started, "the server")
    address = one.servers[0].sockets[0].getsockname()
    yield f"{address[0]}:{address[1]}", one.server_state.connections
    one.should_exit = one.force_exit = True
    thread.join(20)


def never_reads(address: str) -> socket.socket:
    """A board that has connected and reads no more."""
    host, _, port = address.partition(":")
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.connect((host, int(port)))
    one.sendall(
        f"GET /ws HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    one.settimeout(10)
    assert b"101" in one.recv(64)
    return one


def masked(first: int, data: bytes) -> bytes:
    return bytes((first, 128 | len(data), 0, 0, 0, 0)) + data


def test_who_closes_without_reading_is_ended(
    socket_server: tuple[str, set[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "END_S", 0.2)
    address, connections = socket_server
    with never_reads(address) as one:
        until(lambda: connections, "connected")
        one.sendall(masked(0x88, struct.pack("!H", 1000)))
        until(lambda: not connections, "ended", 5)


@pytest.mark.parametrize("small", [masked(0x89, b"p" * 125), masked(0x00, b"")])
def test_a_flood_of_small_frames_ends_the_connection(
    socket_server: tuple[str, set[Any]], small: bytes
) -> None:
    address, connections = socket_server
    with never_reads(address) as one:
        until(lambda: connections, "connected")
        one.sendall(masked(0x01, b""))  # a message that is to be gone on with
        with contextlib.suppress(OSError):
            for _ in range(5):
                one.sendall(small * 200)
        until(lambda: not connections, "ended", 5)


@pytest.mark.timeout(120)
def test_a_web_node_one_of_whose_parts_fails_is_replaced(tmp_path: Path) -> None:
    config = write_city(tmp_path / "city")
    with server(tmp_path / "state", "--config", str(config), env=ENV) as one:
        before = one.children()["wall-web-1"]
        with redis.Redis(unix_socket_path=str(tmp_path / "state" / "redis.sock")) as client:
            nonsense: Any = client.xadd(KEYS.wall, {"d": b"nonsense"})
            until(lambda: one.children().get("wall-web-1", before) != before, "another node")
            client.xdel(KEYS.wall, nonsense)
        until(lambda: one.get_or_none("/readyz"), "ready again", 30)


# -- processes ---------------------------------------------------------------------------------------------


def test_a_child_that_is_asked_to_end_just_after_its_fork_ends() -> None:
    before = signal.signal(signal.SIGTERM, lambda sign, frame: None)
    try:
        for _ in range(10):
            pid = process.fork("test", lambda: time.sleep(20))
            os.kill(pid, signal.SIGTERM)
            until(lambda pid=pid: os.waitpid(pid, os.WNOHANG)[0], "its end", 5)  # type: ignore[misc]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_state_directory_may_have_any_name(tmp_path: Path) -> None:
    embedded = EmbeddedRedis(tmp_path / "kota #1 50%41?")
    embedded.start()
    try:
        engine = EngineStore(embedded.url, KEYS)
        assert engine.take_lease("token")
        engine.close()
    finally:
        embedded.stop()
