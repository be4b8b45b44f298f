"""How many events a second go through stream, engine, geofence and commit.

    python3 -m loadtests.ingest [--events 200000] [--city FILE]

A feed writer and the engine share one core, an embedded Redis with `appendfsync always` has the other. The
writer stays at most a few batches ahead, so nothing piles up, and the rate is that of the slower one. What
is counted is what the engine's head says was committed, not what was sent.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import redis
import redis.asyncio

from wallboard.clock import Clock
from wallboard.engine.engine import Engine
from wallboard.events import AnyEvent, IncidentReported
from wallboard.ground import Ground, prepare
from wallboard.settings import DEMO, read_city
from wallboard.store.embedded import EmbeddedRedis
from wallboard.store.keys import Keys
from wallboard.store.redis import EngineStore, Outlet, connect_async

#: The writer waits while more than this many events lie in the stream.
AHEAD = 5000

#: Of the incidents, so many are distinct: the rest are newer words on known ones, as in a city.
DISTINCT = 20_000

#: The run ends by itself when nothing moves for this long (s).
STUCK_S = 30.0


def events(number: int, ground: Ground, draw: random.Random, start: float) -> list[AnyEvent]:
    """Reports at random points of the city's box, a tenth of them outside its borders."""
    west, south, east, north = ground.boundaries.bounds
    return [
        IncidentReported(
            feed="load",
            source_id=str(draw.randrange(DISTINCT)),
            received_at=start + index / 10_000,
            observed_at=start + index / 10_000,
            title=f"Genangan di jalan {index % 97}",
            text="Air setinggi mata kaki, arus lalu lintas melambat.",
            category="genangan",
            status="open" if index % 4 else "closed",
            channel="app",
            lon=draw.uniform(west, east),
            lat=draw.uniform(south, north),
        )
        for index in range(number)
    ]


async def waiting(client: redis.asyncio.Redis, keys: Keys) -> int:
    """Events that lie in the stream above the engine's cursor."""
    if await client.xlen(keys.feed("incident")) <= AHEAD:
        return 0
    cursor: Any = await client.hget(keys.head, "cursor:incident")
    above: Any = await client.xrange(
        keys.feed("incident"), min=f"({cursor.decode()}" if cursor else "-", count=AHEAD
    )
    return len(above)


async def write(batches: list[list[AnyEvent]], url: str, keys: Keys) -> None:
    """Hand the batches to the stream, never far ahead of the engine."""
    client = connect_async(url)
    outlet = Outlet(client, keys)
    for batch in batches:
        await outlet.put(batch)
        while await waiting(client, keys) >= AHEAD:
            await asyncio.sleep(0.001)
    await client.aclose()


def pin(pid: int, core: int) -> None:
    """Keep a process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {core})


def main() -> int:
    """Measure and print one line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--city", type=Path, default=DEMO)
    parser.add_argument("--profile", type=Path, help="write a profile of the engine there (cProfile)")
    options = parser.parse_args()
    city = read_city(options.city)
    city.feed.clear()
    ground = prepare(city, options.city.parent)
    keys = Keys(city.city.key)
    with tempfile.TemporaryDirectory(prefix="ingest-") as folder:
        server = EmbeddedRedis(Path(folder))
        server.start()
        assert server.process is not None
        pin(server.process.pid, 0)
        pin(0, 1)
        prepared = events(options.events, ground, random.Random(1), time.time())
        batches = [prepared[i : i + Outlet.BATCH] for i in range(0, len(prepared), Outlet.BATCH)]
        stop = threading.Event()
        writer = os.fork()
        if writer == 0:
            time.sleep(1.0)  # the engine has loaded by then
            asyncio.run(write(batches, server.url, keys))
            os._exit(0)
        engine = Engine(city, ground.geofence, ground.gazetteer, server.url, Clock(), b"k" * 32)
        watcher = threading.Thread(target=watch, args=(server.url, keys, options.events, stop, engine))
        watcher.start()
        if options.profile:
            import cProfile

            with cProfile.Profile() as profile:
                engine.run(stop)
            profile.dump_stats(options.profile)
        else:
            engine.run(stop)
        watcher.join()
        os.waitpid(writer, 0)
        server.stop()
    return 0


def watch(url: str, keys: Keys, wanted: int, stop: threading.Event, engine: Engine) -> None:
    """Count what is committed, from the first event to the last."""
    store = EngineStore(url, keys)
    client = redis.Redis.from_url(url)
    first = last = moved = 0.0
    seen = 0
    began = time.monotonic()
    while not stop.is_set():
        time.sleep(0.02)
        now = time.monotonic()
        count = engine.applied
        if count != seen:
            first = first or now
            seen, last, moved = count, now, now
        if seen >= wanted or (moved or began) + STUCK_S < now:
            break
    stop.set()
    span = last - first
    info = client.info("stats")
    assert isinstance(info, dict)
    print(
        f"{seen} of {wanted} events committed in {span:.1f} s: {seen / span if span else 0:,.0f} events/s; "
        f"{engine.commits} commits; Python {platform.python_version()}, {os.cpu_count()} cores",
        file=sys.stdout,
    )
    store.close()
    client.close()


if __name__ == "__main__":
    sys.exit(main())
