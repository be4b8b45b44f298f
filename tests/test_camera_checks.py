"""feeds/cameras/checks.py: rounds over cameras on real sockets, in a time of our own."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from random import Random
from zoneinfo import ZoneInfo

import msgspec
import pytest

from feeds.base import RecordFault
from feeds.cameras import ADAPTER, CamerasOptions
from feeds.cameras import checks as camera_checks
from feeds.fetching.fetch import Fetcher
from feeds.fetching.web import http_client
from feeds.running.delivery import Delivery
from feeds.running.health import Health
from feeds.running.intake import FeedIntake, FeedSpec
from feeds.running.supervisor import FeedSupervisor
from tests.faulty import PATIENCE_S, FaultyHttp, Request, cut, html, ok, redirect, silent, status
from tests.test_hls import playlist
from wallboard.events import AnyEvent, CameraChecked, CameraListed, Present

START = 1_780_000_000.0
HLS_TYPE = "application/vnd.apple.mpegurl"


class Hours:
    """A clock that goes on only when everybody who sleeps by it is asleep."""

    def __init__(self) -> None:
        self.now = START
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (self.now + seconds, next(self._count), future)
        heapq.heappush(self._sleepers, entry)
        try:
            await future
        finally:
            if entry in self._sleepers:
                self._sleepers.remove(entry)
                heapq.heapify(self._sleepers)

    @property
    def asleep(self) -> int:
        """How many sleep; who was cancelled does no more, though it has not had its turn to leave."""
        return sum(not entry[2].done() for entry in self._sleepers)

    def wake_all(self, seconds: float) -> None:
        """Let this much time pass in one step: who is due meanwhile wakes at the end of it."""
        self.now += seconds
        while self._sleepers and self._sleepers[0][0] <= self.now:
            future = heapq.heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)

    async def run(self, seconds: float, tasks: int) -> None:
        """Let this much time pass; `tasks` is how many sleep when nothing is to be done."""
        until = self.now + seconds
        while True:
            await eventually(lambda: self.asleep == tasks)
            at, _, future = min(entry for entry in self._sleepers if not entry[2].done())
            if at > until:
                break
            self.now = max(self.now, at)
            future.set_result(None)
        self.now = until


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.001)


class Sink:
    """Where events would go into Redis."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []

    async def put(self, events: Sequence[AnyEvent]) -> None:
        self.events.extend(events)

    async def bury(self, feed: str, faults: Sequence[RecordFault], at: float) -> None:
        raise AssertionError(faults)

    def states(self, id: str = "1") -> list[str]:
        return [event.state for event in self.checks(id)]

    def checks(self, id: str = "1") -> list[CameraChecked]:
        return [e for e in self.events if isinstance(e, CameraChecked) and e.source_id == id]


class Room:
    """A camera feed at work, a server of lists and streams, and its clock."""

    def __init__(self, server: FaultyHttp) -> None:
        self.server = server
        self.hours = Hours()
        self.sink = Sink()
        self.health = Health("cctv", "cameras", 3600.0)

    def list(self, *ids: str, path: str = "/{}.m3u8") -> None:
        """The list names these cameras from now on."""
        self.server.script("/list.json", ok(self.document(*ids, path=path)))

    def document(self, *ids: str, path: str = "/{}.m3u8") -> bytes:
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [110.01, -5.01]},
                "properties": {
                    "id": id,
                    "streams": [{"type": "hls", "url": self.server.url(path.format(id))}],
                },
            }
            for id in ids
        ]
        return msgspec.json.encode({"type": "FeatureCollection", "features": features})

    @property
    def state(self) -> str | None:
        """How the feed says that it does."""
        return self.health.state

    def stream(self, path: str, *bodies: bytes) -> None:
        self.server.script(path, *(ok(body, HLS_TYPE) for body in bodies))

    @asynccontextmanager
    async def open(self, *, private: bool = True, every: float = 3600.0) -> AsyncIterator[None]:
        options = CamerasOptions()
        if private:
            options = CamerasOptions(probe_private=True, probe_hosts=[self.server.url("")])
        zone = ZoneInfo("Asia/Jakarta")
        spec = FeedSpec("cctv", ADAPTER, options, zone, self.server.url("/list.json"), every)
        rng = Random(1)
        async with http_client() as client:
            delivery = Delivery("cctv", self.sink, self.health, pushed=True, rng=rng, sleep=asyncio.sleep)
            intake = FeedIntake(
                spec,
                Fetcher(client, spec.addresses()),
                delivery,
                self.health,
                clock=lambda: self.hours.now,
                sleep=self.hours.sleep,
            )
            assert ADAPTER.run is not None
            task = asyncio.ensure_future(ADAPTER.run(intake, options))
            try:
                yield
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
                await delivery.close()


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with FaultyHttp() as server:
        yield Room(server)


def moving(start: int, count: int) -> list[bytes]:
    return [playlist(number) for number in range(start, start + count)]


async def test_a_playlist_that_advances_is_online_and_said_once(room: Room) -> None:
    room.list("1")
    room.stream("/1.m3u8", *moving(1, 99))
    async with room.open():
        await room.hours.run(120, tasks=2)
        await eventually(lambda: bool(room.sink.checks()))
    assert isinstance(room.sink.events[0], CameraListed)
    assert isinstance(room.sink.events[1], Present)
    assert room.sink.states() == ["online"]
    assert room.server.asked("/1.m3u8") in range(7, 11)


async def test_what_has_not_changed_is_said_again_every_few_minutes(room: Room) -> None:
    room.list("1")
    room.stream("/1.m3u8", *moving(1, 99))
    async with room.open():
        await room.hours.run(1000, tasks=2)
    told = [event.received_at for event in room.sink.checks()]
    assert len(told) == 4
    assert all(300 <= later - earlier < 320 for earlier, later in itertools.pairwise(told))


async def test_a_playlist_that_freezes_is_told_since_when(room: Room) -> None:
    room.list("1")
    room.stream("/1.m3u8", *moving(1, 4))
    async with room.open():
        await room.hours.run(150, tasks=2)
    online, frozen = room.sink.checks()
    assert (frozen.state, frozen.reason) == ("frozen", "stands_still")
    assert online.received_at < (frozen.since or 0) <= frozen.received_at - 30


async def test_a_stream_that_dies_is_offline_and_comes_back_by_itself(room: Room) -> None:
    room.list("1")
    room.stream("/1.m3u8", *moving(1, 4))
    async with room.open():
        await room.hours.run(45, tasks=2)
        room.server.script("/1.m3u8", status("404 Not Found"), cut(playlist(1), 20), status("500 Oh"))
        await room.hours.run(60, tasks=2)
        room.stream("/1.m3u8", *moving(50, 9))
        await room.hours.run(60, tasks=2)
    assert room.sink.states() == ["online", "offline", "online"]
    assert room.sink.checks()[1].reason == "unreachable"


async def test_a_whole_server_that_is_gone_is_offline(room: Room) -> None:
    room.list("1")
    async with room.open():
        await room.hours.run(1, tasks=2)
        await room.server.stop()
        await room.hours.run(90, tasks=2)
    assert room.sink.states() == ["offline"]


async def test_a_page_where_a_playlist_should_be_is_offline(room: Room) -> None:
    room.list("1")
    room.server.script("/1.m3u8", html())
    async with room.open():
        await room.hours.run(90, tasks=2)
    (check,) = room.sink.checks()
    assert (check.state, check.reason) == ("offline", "not_a_playlist")


async def test_a_stream_that_never_answers_is_offline(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_checks, "CHECK_S", 0.05)
    room.list("1")
    room.server.script("/1.m3u8", silent())
    async with room.open():
        await room.hours.run(60, tasks=2)
    (check,) = room.sink.checks()
    assert (check.state, check.reason) == ("offline", "no_answer")


async def test_a_redirect_to_nowhere_costs_its_own_camera_alone(room: Room) -> None:
    room.list("1", "2")
    room.server.script("/1.m3u8", redirect("http://["))
    room.stream("/2.m3u8", *moving(1, 99))
    async with room.open():
        await room.hours.run(90, tasks=3)
    assert (room.sink.states("1"), room.sink.states("2")) == (["offline"], ["online"])


async def test_a_redirect_to_a_private_address_is_not_followed(room: Room) -> None:
    async with FaultyHttp() as inside:
        inside.script("/1.m3u8", *(ok(body) for body in moving(1, 99)))
        room.list("1")
        room.server.script("/1.m3u8", redirect(inside.url("/1.m3u8")))
        async with room.open():
            await room.hours.run(90, tasks=2)
        assert room.sink.states() == ["offline"]
        assert not inside.requests


async def test_a_variant_at_a_private_address_is_not_followed(room: Room) -> None:
    async with FaultyHttp() as inside:
        inside.script("/1.m3u8", *(ok(body) for body in moving(1, 99)))
        room.list("1")
        master = f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{inside.url('/1.m3u8')}\n"
        room.stream("/1.m3u8", master.encode())
        async with room.open():
            await room.hours.run(90, tasks=2)
        assert room.sink.states() == ["offline"]
        assert not inside.requests


async def test_a_private_stream_is_not_asked_without_leave(room: Room) -> None:
    room.list("1")
    room.stream("/1.m3u8", *moving(1, 99))
    async with room.open(private=False):
        await room.hours.run(60, tasks=1)
        await eventually(lambda: bool(room.sink.checks()))
    (check,) = room.sink.checks()
    assert (check.state, check.reason) == ("unknown", "no_stream")
    assert not room.server.asked("/1.m3u8")


async def test_no_address_of_a_private_stream_leaves_the_process(room: Room) -> None:
    room.list("1", "2")
    room.stream("/1.m3u8", *moving(1, 99))
    async with room.open():
        await room.hours.run(120, tasks=3)
    assert room.sink.states("2") == ["offline"]
    assert b"127.0.0.1" not in msgspec.json.encode(room.sink.events)


async def test_a_master_playlist_is_asked_once_and_its_variant_from_then_on(room: Room) -> None:
    room.list("1")
    room.stream("/1.m3u8", b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow/index.m3u8\n")
    room.stream("/low/index.m3u8", *moving(1, 99))
    async with room.open():
        await room.hours.run(120, tasks=2)
    assert room.sink.states() == ["online"]
    assert room.server.asked("/1.m3u8") == 1
    assert room.server.asked("/low/index.m3u8") >= 7


async def test_a_session_that_ended_is_begun_anew_without_a_lost_check(room: Room) -> None:
    room.list("1")
    master = [b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\ns%d.m3u8\n" % number for number in (1, 2)]
    room.stream("/1.m3u8", *master)
    room.server.script("/s1.m3u8", *(ok(body) for body in moving(1, 3)), status("403 Forbidden"))
    room.stream("/s2.m3u8", *moving(4, 99))
    async with room.open():
        await room.hours.run(180, tasks=2)
    assert room.sink.states() == ["online"]
    assert room.server.asked("/1.m3u8") == 2


async def test_a_list_that_cannot_be_had_is_said_and_does_not_end_the_checks(room: Room) -> None:
    room.stream("/1.m3u8", *moving(1, 999))
    room.server.script("/list.json", ok(room.document("1")), status("500 Oh"))
    async with room.open(every=60):
        await room.hours.run(40, tasks=2)
        assert room.state == "ok"
        asked = room.server.asked("/1.m3u8")
        await room.hours.run(400, tasks=2)
        assert room.state == "failing"
        assert "500" in room.health.reason
        assert room.server.asked("/1.m3u8") > asked + 20
        room.list("1")
        await room.hours.run(60, tasks=2)
        assert room.state == "ok"
    assert room.sink.states()[0] == "online"
    assert set(room.sink.states()) == {"online"}


async def test_the_checks_follow_the_list(room: Room) -> None:
    for id in "123":
        room.stream(f"/{id}.m3u8", *moving(1, 999))
    room.list("1", "2")
    async with room.open(every=60):
        await room.hours.run(59, tasks=3)
        room.list("2", "3")
        await room.hours.run(2, tasks=3)
        gone = room.server.asked("/1.m3u8")
        await room.hours.run(100, tasks=3)
        assert room.server.asked("/1.m3u8") == gone
    assert room.sink.states("3") == ["online"]
    assert room.sink.states("2") == ["online"]


async def test_an_unchanged_list_is_handed_over_again_only_now_and_then(room: Room) -> None:
    room.list("1")
    room.stream("/1.m3u8", playlist(1))
    async with room.open(every=60):
        await room.hours.run(1199, tasks=2)
    listed = [event for event in room.sink.events if isinstance(event, CameraListed)]
    assert room.server.asked("/list.json") == 20
    assert len(listed) == 2


async def test_a_list_that_became_useless_is_said_and_does_not_end_the_checks(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def keep(self: Sink, feed: str, faults: Sequence[RecordFault], at: float) -> None:
        return None

    monkeypatch.setattr(Sink, "bury", keep)
    room.list("1")
    room.stream("/1.m3u8", *moving(1, 99))
    async with room.open(every=60.0):
        await room.hours.run(50, tasks=2)
        room.server.script("/list.json", ok(b'{"features": [{"properties": {"judul": "x"}}]}'))
        await room.hours.run(120, tasks=2)
        assert room.state == "failing"
        assert room.health.reason == "None of the 1 cameras of the list can be used."
        assert room.sink.states() == ["online"]
        room.list("1")
        await room.hours.run(60, tasks=2)
        assert room.state == "ok"


async def test_an_error_page_for_a_list_is_said(room: Room) -> None:
    room.server.script("/list.json", html())
    async with room.open():
        await room.hours.run(1, tasks=1)
        assert room.state == "failing"
        assert "HTML" in room.health.reason


async def test_many_cameras_are_checked_a_bounded_number_at_once(room: Room) -> None:
    ids = [str(number) for number in range(camera_checks.CHECKS_AT_ONCE + 40)]
    room.list(*ids, path="/all.m3u8")
    served, inside, peak, enough = 0, 0, 0, asyncio.Event()

    async def held(request: Request, writer: asyncio.StreamWriter) -> None:
        nonlocal served, inside, peak
        inside += 1
        served += 1
        peak = max(peak, inside)
        await enough.wait()
        inside -= 1
        await ok(playlist(1))(request, writer)

    room.server.script("/all.m3u8", held)
    async with room.open():
        await eventually(lambda: room.hours.asleep == len(ids) + 1)
        room.hours.wake_all(20)
        await eventually(lambda: served == camera_checks.CHECKS_AT_ONCE)
        enough.set()
        await eventually(lambda: served == len(ids))
    assert peak == camera_checks.CHECKS_AT_ONCE


async def test_a_feed_of_cameras_runs_and_stops_under_the_supervisor(room: Room) -> None:
    room.list("1")
    room.server.script("/1.m3u8", silent())
    options = CamerasOptions(probe_private=True, probe_hosts=[room.server.url("")])
    zone = ZoneInfo("Asia/Jakarta")
    spec = FeedSpec("cctv", ADAPTER, options, zone, room.server.url("/list.json"), 3600.0)

    async def no_pause(seconds: float) -> None:
        # The list is followed in an hour; all that waits for less goes on at once.
        await (asyncio.Event().wait() if seconds > 1800 else asyncio.sleep(0))

    supervisor = FeedSupervisor([spec], room.sink, sleep=no_pause)
    await supervisor.start()
    await eventually(lambda: room.server.asked("/1.m3u8") == 1)
    await supervisor.stop()
    assert any(isinstance(event, CameraListed) for event in room.sink.events)
