"""How many events a second go through stream, engine, geofence and commit, and what each costs.

    python3 -m loadtests.ingest [--events 200000] [--city FILE]

A feed writer and the engine share one core, an embedded Redis with `appendfsync always` has the other. The
writer stays at most a few batches ahead, so nothing piles up, and the rate is that of the slower one. What
is counted is what was committed, not what was sent. The clock suffers from whatever else the machine does;
processor time does so much less, so both are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import mmap
import os
import platform
import random
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from wallboard.clock import Clock
from wallboard.engine.engine import Engine
from wallboard.events import AnyEvent, IncidentReported
from wallboard.ground import Ground, prepare
from wallboard.settings import DEMO, read_city
from wallboard.store.clients import connect_async
from wallboard.store.embedded import EmbeddedRedis
from wallboard.store.keys import Keys
from wallboard.store.outlet import Outlet

#: The writer waits while more than this many events are sent and not yet committed.
AHEAD = 5000

#: Of the incidents, so many are distinct: the rest are newer words on known ones, as in a city.
DISTINCT = 20_000

#: The run ends by itself when nothing moves for this long (s).
STUCK_S = 30.0

#: How often the engine's count is looked at (s): a few hundred events.
LOOK_S = 0.02

#: Scripts that hold Redis longer than this are kept in its slow log (µs), so that the longest is known.
SLOW_US = 1000


def events(number: int, ground: Ground, draw: random.Random, start: float) -> list[AnyEvent]:
    """Reports at random points of the city's box; of the demo city's a fifth lie outside, a tenth in gaps."""
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


class Shared:
    """Two figures that engine and writer both see: events committed, processor seconds of the writer."""

    def __init__(self) -> None:
        self._figures = memoryview(mmap.mmap(-1, 16)).cast("d")

    @property
    def committed(self) -> float:
        return self._figures[0]

    @committed.setter
    def committed(self, events: float) -> None:
        self._figures[0] = events

    @property
    def writer_s(self) -> float:
        return self._figures[1]

    @writer_s.setter
    def writer_s(self, seconds: float) -> None:
        self._figures[1] = seconds


@dataclass(frozen=True)
class Reading:
    """All meters at one moment (s)."""

    events: int
    clock: float
    engine_s: float
    writer_s: float
    redis_s: float

    @classmethod
    def take(cls, engine: Engine, shared: Shared, redis_pid: int) -> Reading:
        """Read them; only on Linux does Redis' own time show."""
        stat = Path(f"/proc/{redis_pid}/stat")
        # The name before these may hold spaces; utime and stime are the 14th and 15th.
        ticks = stat.read_text().rpartition(")")[2].split()[11:13] if stat.exists() else ()
        redis_s = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
        return cls(engine.applied, time.monotonic(), time.process_time(), shared.writer_s, redis_s)

    def until(self, last: Reading) -> str:
        """What happened from here on, for people."""
        count = last.events - self.events
        if not count:
            return "nothing moved"
        engine, writer, server = (
            (getattr(last, name) - getattr(self, name)) / count * 1e6
            for name in ("engine_s", "writer_s", "redis_s")
        )
        span = last.clock - self.clock
        return (
            f"by the clock: {count / span:,.0f} events/s ({span:.1f} s)\n"
            f"processor time an event: engine {engine:.1f} µs + writer {writer:.1f} µs = "
            f"{engine + writer:.1f} µs (target ≤ 100), {1e6 / (engine + writer):,.0f} events/s of one core; "
            f"Redis {server:.1f} µs"
        )


async def write(batches: list[list[AnyEvent]], url: str, keys: Keys, shared: Shared) -> None:
    """Hand the batches to the stream, never far ahead of the engine."""
    client = connect_async(url)
    outlet = Outlet(client, keys)
    began, sent = time.process_time(), 0
    for batch in batches:
        while sent - shared.committed > AHEAD:
            await asyncio.sleep(LOOK_S / 4)
        await outlet.put(batch)
        sent += len(batch)
        shared.writer_s = time.process_time() - began
    await client.aclose()


def pin(pid: int, core: int) -> None:
    """Keep a process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {core})


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--city", type=Path, default=DEMO)
    options = parser.parse_args()
    city = read_city(options.city)
    city.feed.clear()
    ground = prepare(city, options.city.parent)
    keys, shared = Keys(city.city.key), Shared()
    with tempfile.TemporaryDirectory(prefix="ingest-") as folder:
        server = EmbeddedRedis(Path(folder))
        server.start()
        assert server.process is not None
        pin(server.process.pid, 0)
        pin(0, 1)
        writer = os.fork()
        if writer == 0:
            # All in the past: the engine takes no event from the future.
            start = time.time() - options.events / 10_000
            prepared = events(options.events, ground, random.Random(1), start)
            batches = [prepared[i : i + Outlet.BATCH] for i in range(0, len(prepared), Outlet.BATCH)]
            asyncio.run(write(batches, server.url, keys, shared))
            os._exit(0)
        engine = Engine(city, ground.geofence, ground.gazetteer, server.url, Clock(), b"k" * 32)
        stop = threading.Event()
        watcher = threading.Thread(target=watch, args=(server, shared, options.events, stop, engine))
        watcher.start()
        engine.run(stop)
        watcher.join()
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        server.stop()
    return 0


def watch(server: EmbeddedRedis, shared: Shared, wanted: int, stop: threading.Event, engine: Engine) -> None:
    """Measure from the first commit seen to the last, and print."""
    assert server.process is not None
    client = redis.Redis.from_url(server.url)
    client.config_set("slowlog-log-slower-than", SLOW_US)
    client.config_set("slowlog-max-len", 100_000)
    first = last = Reading.take(engine, shared, server.process.pid)
    while not stop.is_set():
        time.sleep(LOOK_S)
        now = Reading.take(engine, shared, server.process.pid)
        shared.committed = now.events
        if now.events != last.events:
            first, last = (now if first.events == 0 else first), now
        if now.events >= wanted or last.clock + STUCK_S < now.clock:
            break
    stop.set()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{last.events:,} of {wanted:,} events committed in {engine.commits:,} commits")
    print(first.until(last))
    slow: Any = client.slowlog_get(100_000)
    scripts = [entry["duration"] / 1000 for entry in slow if entry["command"].startswith(b"EVALSHA")]
    over = sum(duration > 20 for duration in scripts)
    print(f"longest script {max(scripts, default=0.0):.1f} ms by the clock; {over} above 20 ms")
    client.close()


if __name__ == "__main__":
    sys.exit(main())
