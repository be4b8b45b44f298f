"""Sources that misbehave, the whole way: faulting servers, the real program, and what its state says."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.ami_server import AmiServer, Exchange
from tests.cities import ENV, write_city
from tests.faulty import Behaviour, FaultyHttp, cut, gzip_bomb, html, ok, silent, status, wrong_length
from tests.running import PATIENCE, Server

SECRET = "rahasia"

#: Failing feeds wait up to some seconds before they try again; no test waits longer than it must.
WITHIN_S = 40.0 * PATIENCE


def requests(*states: str) -> bytes:
    """An Open311 answer with requests 1, 2, 3 … of these states, all in Muara Lama."""
    return json.dumps(
        [
            {
                "service_request_id": str(number),
                "service_name": f"Laporan {number}",
                "status": state,
                "requested_datetime": "2026-09-24T14:00:00+07:00",
                "updated_datetime": f"2026-09-24T14:{10 if state == 'open' else 20}:00+07:00",
                "lon": 110.01,
                "lat": -5.01,
            }
            for number, state in enumerate(states, 1)
        ]
    ).encode()


BEFORE, AFTER = requests("open", "open"), requests("closed", "open", "open")

#: feed → what its server does in between, and a word of the reason that the feed strip gives
FAULTS: dict[str, tuple[Behaviour, str]] = {
    "cut": (cut(AFTER, 40), "broken"),
    "html": (html(), "HTML"),
    "busy": (status("503 Service Unavailable"), "503"),
    "short": (wrong_length(AFTER, len(AFTER) + 100), "closed"),
    "bomb": (gzip_bomb(), "larger"),
    "half": (ok(AFTER[:-30]), "JSON"),
}

CITY = """
[[feed]]
name = "{name}"
type = "open311"
title = "{name}"
url = "{url}"
every = 1
"""

EXCHANGE = """
[[feed]]
name = "ami"
type = "ami"
title = "112"
url = "{url}"
[feed.options]
user = "wall"
secret = "env:AMI_SECRET"
ping_every = 1
"""


async def until(check: Callable[[], Any], what: str) -> Any:
    """What `check` gives when it is true; it may block, and runs beside the loop that serves the faults."""
    deadline = time.monotonic() + WITHIN_S
    while not (found := await asyncio.to_thread(check)):
        assert time.monotonic() < deadline, f"not within {WITHIN_S:g} s: {what}"
        await asyncio.sleep(0.05)
    return found


@asynccontextmanager
async def running(folder: Path, more: str) -> AsyncIterator[Server]:
    """The real server over the tiny city with these feeds."""
    config = write_city(folder / "city", more)
    env = {**ENV, "AMI_SECRET": SECRET}
    clock = ("--clock", "2026-09-24T14:30:00+07:00")
    one = Server(folder / "state", "--config", str(config), *clock, env=env)
    await asyncio.to_thread(lambda: one.start().ready())
    try:
        yield one
    finally:
        await asyncio.to_thread(one.stop)


def of_feed(one: Server, feed: str) -> dict[str, str]:
    """Request → its status, of one feed."""
    return {
        id.partition("/")[2]: each["source"].get("status", "open")
        for id, each in one.entities("incident").items()
        if id.startswith(f"{feed}/")
    }


@pytest.mark.timeout(120)
async def test_every_fault_is_said_nothing_is_lost_and_each_feed_recovers(tmp_path: Path) -> None:
    async with FaultyHttp() as source, AmiServer(Exchange(now=time.time())) as manager:
        names = [*FAULTS, "mute", "well"]
        for name in names:
            source.script(f"/{name}/requests.json", ok(BEFORE))
        manager.exchange.queues["112"] = {}
        manager.exchange.members["112"] = {"SIP/201": "Ani/1"}
        more = "".join(CITY.format(name=name, url=source.url(f"/{name}")) for name in names)
        async with running(tmp_path, more + EXCHANGE.format(url=manager.url)) as one:
            both = {"1": "open", "2": "open"}
            await until(lambda: all(of_feed(one, name) == both for name in names), "the first answers")
            await until(lambda: "112" in one.entities("queue"), "the exchange")

            for name, (fault, _) in FAULTS.items():
                source.script(f"/{name}/requests.json", fault)
            source.script("/mute/requests.json", silent())
            await manager.stop()
            for name, (_, word) in FAULTS.items():
                feed = await until(lambda name=name: failing(one, name), f"{name} says that it fails")  # type: ignore[misc]
                assert word in feed["reason"], feed
                assert of_feed(one, name) == both
            await until(lambda: failing(one, "ami"), "the exchange is away")
            await until(
                lambda: one.entities("queue").get("112", {}).get("live", True) is False, "old figures"
            )

            # One that says nothing and six that fail keep none of the others waiting.
            source.script("/well/requests.json", ok(AFTER))
            done = {"1": "closed", "2": "open", "3": "open"}
            await until(lambda: of_feed(one, "well") == done, "the healthy feed's news")

            for name in FAULTS:
                source.script(f"/{name}/requests.json", ok(AFTER))
            await manager.start()
            for name in FAULTS:
                await until(lambda name=name: of_feed(one, name) == done, f"{name}'s news")  # type: ignore[misc]
                await until(lambda name=name: one.entities("feed")[name]["state"] == "ok", name)  # type: ignore[misc]
            await until(lambda: one.entities("feed")["ami"]["state"] == "ok", "the exchange again")
            await until(lambda: one.entities("queue")["112"].get("live", True), "live figures")
            # Two open in each that came back and the healthy one, and the two that the silent one had.
            assert one.entities("city")["city"]["open"] == 2 * len(names)


def failing(one: Server, feed: str) -> dict[str, Any] | None:
    """The feed's entity while it fails."""
    entity: dict[str, Any] = one.entities("feed").get(feed, {})
    return entity if entity.get("state") == "failing" else None
