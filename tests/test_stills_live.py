"""A camera's still picture, the whole way: its server, the feeds, Redis, a node, and who may see it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cities import ENV, write_city
from tests.faulty import FaultyHttp, html, ok
from tests.logins import Answer, Browser
from tests.running import PATIENCE, Server
from tests.staff import PASSWORD, enrol
from tests.test_jpeg import jpeg
from tests.worlds import DISTRICTS
from wallboard.access import Person

WITHIN_S = 30.0 * PATIENCE

FEED = """
[[feed]]
name = "cctv"
type = "cameras"
url = "{server}/list.json"
[feed.options]
probe = false
probe_private = true
probe_hosts = ["{server}"]
picture_every = 1
"""

#: Columns and rows of tests/worlds.py: (110.01, -5.01) lies in the first.
HERE, ELSEWHERE = DISTRICTS[0, 0][0], DISTRICTS[1, 0][0]


async def until(check: Callable[[], Any], what: str) -> Any:
    """What `check` gives when it is true, asked beside the loop that serves the cameras."""
    deadline = time.monotonic() + WITHIN_S
    while not (found := await asyncio.to_thread(check)):
        assert time.monotonic() < deadline, f"not within {WITHIN_S:g} s: {what}"
        await asyncio.sleep(0.05)
    return found


def path(id: str) -> str:
    return f"/api/v1/cameras/cctv%2F{id}/snapshot.jpg"


@pytest.mark.timeout(120)
async def test_a_still_reaches_who_may_see_the_camera_and_nobody_else(tmp_path: Path) -> None:
    async with FaultyHttp() as cameras:
        pictures = [jpeg(noise=bytes((number,))) for number in range(100)]
        cameras.script("/1.jpg", *(ok(picture, "image/jpeg") for picture in pictures))
        cameras.script("/2.jpg", html())
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [110.01, -5.01]},
                "properties": {
                    "id": id,
                    "streams": [{"type": "snapshot", "url": cameras.url(f"/{id}.jpg"), "public": False}],
                },
            }
            for id in "12"
        ]
        cameras.script(
            "/list.json", ok(json.dumps({"type": "FeatureCollection", "features": features}).encode())
        )
        config = write_city(tmp_path / "city", FEED.format(server=cameras.url("")))
        one = Server(tmp_path / "state", "--config", str(config), env=ENV)
        await asyncio.to_thread(lambda: one.start().ready())
        try:
            await until(lambda: len(one.entities("camera")) == 2, "the list")
            assert all(camera["picture"] for camera in one.entities("camera").values())
            assert str(cameras.port) not in json.dumps(one.entities("camera")), "addresses stay in the feeds"
            assert {request.path for request in cameras.requests} == {"/list.json"}, "nobody has looked yet"
            wall = Browser(one)

            def ask(id: str = "1", who: Browser = wall, **headers: str) -> Answer:
                sent = {name.replace("_", "-"): value for name, value in headers.items()}
                return who.ask(path(id), headers=sent)

            first = await asyncio.to_thread(ask)
            assert (first.status, first.headers["Picture-Reason"]) == (204, "waiting")
            shown = await until(lambda: (got := ask()).status == 200 and got, "a picture")
            assert shown.headers["Content-Type"] == "image/jpeg"
            assert shown.headers["Cache-Control"] == "no-store"
            assert abs(float(shown.headers["Picture-At"]) - time.time()) < WITHIN_S
            again = await asyncio.to_thread(lambda: ask(if_none_match=shown.headers["ETag"]))
            assert again.status in (200, 304)
            moved = await until(lambda: (got := ask()).headers["Picture-Moves"] and got, "it moves")
            assert moved.headers["ETag"] != shown.headers["ETag"]

            failed = await until(
                lambda: (got := ask("2")).headers["Picture-Reason"] == "not_a_picture" and got,
                "why there is none",
            )
            assert (failed.status, failed.text) == (204, "")
            assert (await asyncio.to_thread(lambda: ask("3"))).status == 404

            redis = f"unix://{one.state_dir}/redis.sock"
            people = [
                Person(id="here", name="Sini", role="operator", districts=(HERE,)),
                Person(id="there", name="Sana", role="operator", districts=(ELSEWHERE,)),
                Person(id="admin", name="Admin", role="admin"),
            ]
            await asyncio.to_thread(lambda: enrol(redis, "contoh", people))
            seen = {}
            for person in people:
                browser = Browser(one)
                await asyncio.to_thread(browser.log_in, person.id, PASSWORD)
                seen[person.id] = (await asyncio.to_thread(ask, "1", browser)).status
            assert seen == {"here": 200, "there": 404, "admin": 404}
            stranger = await asyncio.to_thread(lambda: ask(x_forwarded_for="192.0.2.7"))
            assert stranger.status == 401, "who comes through something else must log in"
        finally:
            await asyncio.to_thread(one.stop)
        written = b"".join(file.read_bytes() for file in (tmp_path / "state").rglob("*") if file.is_file())
        assert not any(picture in written for picture in pictures), "none is on a disk"
