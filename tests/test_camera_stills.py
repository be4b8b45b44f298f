"""feeds/cameras/stills.py: still pictures over real sockets from faulting servers, in a time of our own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from random import Random
from zoneinfo import ZoneInfo

import msgspec
import pytest

from feeds.cameras import ADAPTER, CamerasOptions
from feeds.cameras import stills as camera_stills
from feeds.cameras.stills import Seen, judge
from feeds.fetching.fetch import Fetcher
from feeds.fetching.web import http_client
from feeds.running.delivery import Delivery
from feeds.running.health import Health
from feeds.running.intake import FeedIntake, FeedSpec
from tests.faulty import Behaviour, FaultyHttp, cut, drip, gzip_bomb, html, huge, ok, redirect, silent, status
from tests.test_camera_checks import Hours, Sink, eventually
from tests.test_jpeg import jpeg
from wallboard.stills import Still

START = 1_780_000_000.0


class Boards:
    """What boards look at, and what reaches them."""

    def __init__(self) -> None:
        self.looked_at: list[str] = []
        self.shown: list[Still] = []

    def wanted(self, feed: str) -> Sequence[str]:
        assert feed == "cctv"
        return self.looked_at

    async def hand_over(self, still: Still) -> None:
        self.shown.append(still)


class Room:
    """A camera feed at work whose cameras have a still each, and its clock."""

    def __init__(self, server: FaultyHttp) -> None:
        self.server = server
        self.hours = Hours()
        self.boards = Boards()

    @asynccontextmanager
    async def open(self, *ids: str) -> AsyncIterator[None]:
        features = [
            {
                "properties": {
                    "id": id,
                    "streams": [{"type": "snapshot", "url": self.server.url(f"/{id}.jpg")}],
                }
            }
            for id in ids
        ]
        body = msgspec.json.encode({"type": "FeatureCollection", "features": features})
        self.server.script("/list.json", ok(body))
        options = CamerasOptions(probe=False, probe_private=True, probe_hosts=[self.server.url("")])
        zone = ZoneInfo("Asia/Jakarta")
        spec = FeedSpec("cctv", ADAPTER, options, zone, self.server.url("/list.json"), 3600.0)
        health = Health("cctv", "cameras", 3600.0)
        async with http_client() as client:
            delivery = Delivery("cctv", Sink(), health, pushed=True, rng=Random(1), sleep=asyncio.sleep)
            intake = FeedIntake(
                spec,
                Fetcher(client, spec.addresses()),
                delivery,
                health,
                clock=lambda: self.hours.now,
                sleep=self.hours.sleep,
                pictures=self.boards,
            )
            assert ADAPTER.run is not None
            task = asyncio.ensure_future(ADAPTER.run(intake, options))
            try:
                # The list is read, and nothing is looked at.
                await eventually(lambda: self.hours.asleep == 2)
                yield
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
                await delivery.close()

    async def pass_time(self, seconds: float) -> None:
        """Let time pass as the rounds see it; requests that are under way end in between."""
        for _ in range(round(seconds / camera_stills.LOOK_S)):
            await self.hours.run(camera_stills.LOOK_S, tasks=2)
            await eventually(lambda: len(self.boards.shown) >= sum(map(self.server.asked, self.paths)))

    @property
    def paths(self) -> set[str]:
        return {request.path for request in self.server.requests if request.path.endswith(".jpg")}

    async def first(self, id: str = "1") -> Still:
        """What reaches the boards when they begin to look at a camera."""
        self.boards.looked_at = [id]
        await self.hours.run(camera_stills.LOOK_S, tasks=2)
        await eventually(lambda: bool(self.boards.shown))
        return self.boards.shown[0]


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with FaultyHttp() as server:
        yield Room(server)


async def test_a_camera_is_asked_only_while_somebody_looks_at_it(room: Room) -> None:
    room.server.script("/1.jpg", *(ok(jpeg(noise=bytes([n])), "image/jpeg") for n in range(200)))
    room.server.script("/2.jpg", ok(jpeg()))
    async with room.open("1", "2"):
        await room.pass_time(30)
        assert room.paths == set()
        room.boards.looked_at = ["1", "unknown"]
        await room.pass_time(20)
        assert room.paths == {"/1.jpg"}
        assert room.server.asked("/1.jpg") in (4, 5), "once in each period of 5 s"
        room.boards.looked_at = []
        await room.pass_time(30)
        assert room.server.asked("/1.jpg") in (4, 5)
    shown = room.boards.shown
    assert {still.camera for still in shown} == {"cctv/1"}
    assert all(still.jpeg == jpeg(noise=bytes([number])) for number, still in enumerate(shown))
    assert [still.moved for still in shown[:2]] == [False, True], "one picture proves no movement"


async def test_a_picture_that_stands_still_is_told_since_when(room: Room) -> None:
    same = ok(jpeg(noise=b"same"))
    room.server.script("/1.jpg", ok(jpeg(noise=b"other")), same)
    async with room.open("1"):
        room.boards.looked_at = ["1"]
        await room.pass_time(60)
    first, second, *_, last = room.boards.shown
    assert (first.moved, second.moved, last.moved) == (False, True, False)
    assert second.since == last.since
    assert second.at < last.at
    assert last.jpeg == jpeg(noise=b"same"), "the frozen picture is shown, as frozen"


#: What a camera's address does → the word that the tile shows.
FAULTS: dict[str, tuple[Behaviour, str]] = {
    "not found": (status("404 Not Found"), "no_picture"),
    "busy": (status("503 Service Unavailable"), "no_picture"),
    "a page": (html(), "not_a_picture"),
    "another magic": (ok(b"\x89PNG\r\n\x1a\n" + bytes(2000), "image/jpeg"), "not_a_picture"),
    "half a picture": (ok(jpeg()[:-2], "image/jpeg"), "not_a_picture"),
    "empty": (ok(b"", "image/jpeg"), "not_a_picture"),
    "too many pixels": (ok(jpeg(60_000, 60_000)), "not_a_picture"),
    "20 MB": (huge(20_000_000), "too_large"),
    "20 MB, not said": (huge(20_000_000, tell=False), "too_large"),
    "a bomb": (gzip_bomb(), "too_large"),
    "cut": (cut(jpeg(), 20), "unreachable"),
    "to a private address": (redirect("http://169.254.169.254/latest/meta-data/"), "not_allowed"),
    "to this machine": (redirect("http://127.0.0.1:1/"), "not_allowed"),
    "round and round": (redirect("/1.jpg"), "unreachable"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_brings_no_picture_says_why(room: Room, fault: str) -> None:
    behaviour, word = FAULTS[fault]
    room.server.script("/1.jpg", behaviour)
    async with room.open("1"):
        still = await room.first()
    assert (still.reason, still.jpeg, still.moved) == (word, b"", False)


@pytest.mark.parametrize("slow", [silent(), drip(jpeg() * 20, every_s=0.01), silent(after_head=True)])
async def test_what_is_slow_gives_way(room: Room, slow: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_stills, "STILL_S", 0.2)
    room.server.script("/1.jpg", slow)
    async with room.open("1"):
        assert (await room.first()).reason == "no_answer"


async def test_a_camera_that_comes_back_is_shown_again(room: Room) -> None:
    room.server.script("/1.jpg", ok(jpeg()), status("404 Not Found"), ok(jpeg(noise=b"new")))
    async with room.open("1"):
        room.boards.looked_at = ["1"]
        await room.pass_time(12)
    assert [still.reason for still in room.boards.shown[:3]] == ["", "no_picture", ""]
    assert [still.moved for still in room.boards.shown[:3]] == [False] * 3, "back is not moving"


async def test_no_more_are_asked_at_once_than_have_a_place(room: Room) -> None:
    ids = [str(number) for number in range(camera_stills.MOST_CAMERAS + 2)]
    for id in ids:
        room.server.script(f"/{id}.jpg", silent())
    async with room.open(*ids):
        room.boards.looked_at = ids
        await room.hours.run(camera_stills.LOOK_S, tasks=2)
        await eventually(lambda: len(room.server.requests) > camera_stills.STILLS_AT_ONCE)
        await room.hours.run(3, tasks=2)
        assert len(room.paths) == camera_stills.STILLS_AT_ONCE
        assert [(s.camera, s.reason) for s in room.boards.shown] == [
            (f"cctv/{id}", "too_many") for id in ids[camera_stills.MOST_CAMERAS :]
        ]


def test_movement_is_a_picture_that_differs_from_the_one_before() -> None:
    first = judge(None, b"a", 10.0)
    assert first.changed_at is None
    assert judge(first, b"a", 15.0) == first
    second = judge(first, b"b", 20.0)
    assert (second.since, second.changed_at) == (20.0, 20.0)
    gone = judge(second, b"", 25.0)
    assert gone == Seen(b"", 25.0, 20.0)
    assert judge(gone, b"b", 30.0).changed_at == 20.0


def test_after_a_clock_was_set_back_what_stands_still_does_not_move_for_an_hour() -> None:
    moved = judge(judge(None, b"a", 5_000.0), b"b", 5_005.0)
    assert judge(moved, b"b", 1_400.0) == Seen(judge(None, b"b", 0.0).digest, 1_400.0)
