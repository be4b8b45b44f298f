"""Whether a wall's memory stays where it is: weeks of changes in minutes, through the real engine and page.

    python3 -m loadtests.wall_soak [--minutes 15] [--rate 100] [--path /wall/operations]

Needs playwright (locks/browser.txt) and Chromium. A feeder writes events into the streams of a server that
runs the demo city at ten times its speed: reports come, change, close and leave; cameras die and come back;
gauges rise over their levels and fall, so alerts come and go; prices, calls and warnings beside them. The
page is an open wall in a headless Chromium. Each half minute its garbage is collected, and what is left is
counted: heap, nodes of the document, listeners. The growth is the slope of a line through the samples after
the first quarter: caches fill before that. Ends with 1 when it is 1 MiB or more for each 10,000 changes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import redis

from loadtests.served import PAINTED, Served, chromium, demo
from wallboard.events import AnyEvent, CameraListed, GaugeRead, IncidentReported, encoder, stream_of
from wallboard.store.keys import Keys

#: What a wall may grow by for each 10,000 changes (bytes).
MOST = 1024 * 1024

#: So many reports are open at once; the others have been closed, and leave soon after.
OPEN = 400
#: Closed ones leave after this (s); the day of the demo is shorter than a real one by as much.
RETENTION_S = 20.0

#: Ten times the demo's own (minutes of the day a minute).
SPEED = 600.0

SAMPLE_S = 30.0

#: Of the samples this share is the page's warming up.
WARM = 0.25

#: Events go to Redis so many times a second.
TURNS = 10

TITLES = ("Genangan", "Pohon tumbang", "Kebakaran lahan", "Kecelakaan beruntun di simpang", "Lampu padam")
CATEGORIES = ("genangan", "kebakaran", "kecelakaan", "pohon tumbang", "listrik")


class Feeder(threading.Thread):
    """Writes events at a rate, until it is stopped."""

    def __init__(self, served: Served, rate: float, seed: int = 1) -> None:
        super().__init__(daemon=True)
        self._redis = redis.Redis(unix_socket_path=str(served.socket))
        self._keys = Keys("demo")
        self._rate = rate
        self._draw = random.Random(seed)
        self._ends = threading.Event()
        self.sent = 0

    def run(self) -> None:
        """Write."""
        events = self._events()
        while not self._ends.wait(1 / TURNS):
            pipe = self._redis.pipeline(transaction=False)
            for event in (next(events) for _ in range(int(self._rate / TURNS))):
                pipe.xadd(self._keys.feed(stream_of(event)), {"d": encoder.encode(event)})
                self.sent += 1
            pipe.execute()

    def stop(self) -> None:
        """End it."""
        self._ends.set()
        self.join()
        self._redis.close()

    def _events(self) -> Iterator[AnyEvent]:
        draw = self._draw
        generation = [0] * OPEN
        while True:
            now, dice = time.time(), draw.random()
            if dice < 0.7:
                slot = draw.randrange(OPEN)
                closes = draw.random() < 0.3
                yield IncidentReported(
                    feed="soak",
                    source_id=f"{slot}-{generation[slot]}",
                    received_at=now,
                    observed_at=now,
                    title=f"{draw.choice(TITLES)} {draw.randrange(1000)}",
                    text="Air setinggi mata kaki. " * draw.randrange(1, 6),
                    category=draw.choice(CATEGORIES),
                    status="closed" if closes else "open",
                    channel="app",
                    lon=draw.uniform(106.77, 106.93),
                    lat=draw.uniform(-6.26, -6.12),
                )
                generation[slot] += closes
            elif dice < 0.85:
                camera = draw.randrange(60)
                yield CameraListed(
                    feed="soak",
                    source_id=f"kamera-{camera}",
                    received_at=now,
                    observed_at=now,
                    name=f"Simpang {camera}",
                    lon=106.78 + camera / 500,
                    lat=-6.15,
                    claimed=draw.choice(("online", "online", "offline")),
                )
            else:
                gauge = draw.randrange(20)
                yield GaugeRead(
                    feed="soak",
                    source_id=f"pintu-{gauge}",
                    received_at=now,
                    observed_at=now,
                    name=f"Pintu Air {gauge}",
                    value=draw.uniform(0, 400),
                    unit="cm",
                    lon=106.8 + gauge / 200,
                    lat=-6.2,
                )


@dataclass(frozen=True)
class Sample:
    """The page after its garbage was collected."""

    changes: int
    heap: int
    nodes: int
    listeners: int


class Watched:
    """A page of which changes, heap, nodes and listeners are counted."""

    def __init__(self, page: Any, address: str) -> None:
        self.changes = 0
        self._page = page
        page.on("websocket", lambda socket: socket.on("framereceived", self._frame))
        self._cdp = page.context.new_cdp_session(page)
        page.goto(address, wait_until="load")
        page.wait_for_function(f"() => {PAINTED}", polling=200, timeout=30_000)

    def _frame(self, payload: str | bytes) -> None:
        self.changes += len(msgspec.json.decode(payload).get("changes", ()))

    def wait(self, seconds: float) -> None:
        """Let the page live, and hear what it is sent."""
        self._page.wait_for_timeout(seconds * 1000)

    def sample(self) -> Sample:
        """Collect its garbage, and count what is left."""
        # Twice: what a finaliser lets go of is garbage only after the first.
        for _ in range(2):
            self._cdp.send("HeapProfiler.collectGarbage")
        heap = self._cdp.send("Runtime.getHeapUsage")
        counters = self._cdp.send("Memory.getDOMCounters")
        return Sample(
            self.changes, int(heap["usedSize"]), int(counters["nodes"]), int(counters["jsEventListeners"])
        )


def slope(samples: list[Sample], figure: str) -> float:
    """How much a figure grows for each 10,000 changes, by the line that fits the samples best."""
    changes = [float(sample.changes) for sample in samples]
    values = [float(getattr(sample, figure)) for sample in samples]
    return statistics.linear_regression(changes, values).slope * 10_000


def main() -> int:
    """Soak, print a line a sample, and judge."""
    parser = argparse.ArgumentParser(prog="python3 -m loadtests.wall_soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--rate", type=float, default=100.0, help="events a second")
    parser.add_argument("--path", default="/wall/operations")
    parser.add_argument("--size", default="1920x1080")
    arguments = parser.parse_args()
    width, height = map(int, arguments.size.split("x"))
    samples: list[Sample] = []
    with demo(speed=SPEED, retention_s=RETENTION_S) as served, chromium() as browser:
        feeder = Feeder(served, arguments.rate)
        feeder.start()
        try:
            page = browser.new_page(viewport={"width": width, "height": height})
            watched = Watched(page, served.address + arguments.path)
            began = time.monotonic()
            while time.monotonic() - began < arguments.minutes * 60:
                watched.wait(SAMPLE_S)
                samples.append(one := watched.sample())
                print(
                    f"{time.monotonic() - began:6.0f} s  {one.changes:8,d} changes  heap "
                    f"{one.heap / 2**20:7.2f} MiB  {one.nodes:6d} nodes  {one.listeners:5d} listeners",
                    flush=True,
                )
        finally:
            feeder.stop()
    warm = samples[int(len(samples) * WARM) :]
    if len(warm) < 3:
        print("too short to judge: give it more minutes")
        return 2
    growth = slope(warm, "heap")
    print(
        f"for each 10,000 changes after the first quarter: heap {growth / 1024:+.0f} KiB (below "
        f"{MOST / 1024:.0f}), nodes {slope(warm, 'nodes'):+.1f}, listeners {slope(warm, 'listeners'):+.1f}"
    )
    return int(growth >= MOST)


if __name__ == "__main__":
    sys.exit(main())
