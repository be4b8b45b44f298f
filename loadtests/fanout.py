"""What a delivered change costs a node: thousands of boards, changes through the engine, the chain proved.

    python3 -m loadtests.fanout [--boards 1000] [--rate 200] [--seconds 20] [--entities 5000] [--stuck 0]

A server of its own has so many incidents; `rate` of them change each second, uniformly, put into the feeds'
stream and published by the engine. The node is pinned to core 1, everything else (engine, Redis, boards) to
core 0. Counted are the node's processor time, changes times boards that arrived, and how long each took from
the event's own time until a board had it whole. Any break of the chain fails the run. Linux only: it reads
/proc and uses epoll.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from loadtests import map_city
from loadtests.ingest import pin
from loadtests.raw_boards import Boards, Place, Seen
from loadtests.served import PYTHON, below, processes
from loadtests.start import PATIENCE_S, free_port
from wallboard.bootstrap import ROOT
from wallboard.events import IncidentReported
from wallboard.store.clients import connect_async
from wallboard.store.keys import Keys
from wallboard.store.outlet import Outlet

#: Sources hand over what came within this time together (s).
EVERY_S = 0.02

#: What is on its way at the end is still waited for (s).
GRACE_S = 2.0

#: Names of the server's processes.
NODE = "wall-web-1"

LAYOUT = "operations"


@dataclass
class Running:
    """A server that runs, and its node."""

    port: int
    redis: str
    node: int
    key: str

    def node_s(self) -> float:
        """Processor seconds of the node so far."""
        return processes()[self.node][2]

    def node_bytes(self) -> int:
        """Memory of the node that is its own."""
        for line in Path(f"/proc/{self.node}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
        raise LookupError("no Pss in smaps_rollup")


@contextmanager
def running() -> Iterator[Running]:
    """A server on a city of 270 districts without feeds of its own."""
    with tempfile.TemporaryDirectory(prefix="fanout-") as folder:
        config, _ = map_city.write(Path(folder) / "city", feed=False)
        state, port = Path(folder) / "state", free_port()
        command = [str(PYTHON), str(ROOT / "server.py"), "run", "--config", str(config)]
        command += ["--port", str(port), "--state-dir", str(state)]
        environment = os.environ | {"WALLBOARD_NO_SETUP": "1"}
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        try:
            assert server.stdout is not None
            server.stdout.readline()
            _ready(port)
            ours = below(server.pid)
            for pid in ours.values():
                pin(pid, 0)
            node = ours[NODE]
            pin(node, 1)
            yield Running(port, f"unix://{next(state.rglob('redis.sock'))}", node, "ukur")
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(PATIENCE_S)


def _ready(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


class Source:
    """Reports and their changes, as a feed would put them."""

    def __init__(self, entities: int) -> None:
        self._draw = random.Random(6)
        west, south, east, north = map_city.BOUNDS
        self._points = [
            (self._draw.uniform(west, east), self._draw.uniform(south, north)) for _ in range(entities)
        ]
        #: when each change was handed over
        self.times: list[float] = []

    async def fill(self, outlet: Outlet) -> None:
        """All of them once."""
        await outlet.put([self._report(number, 0) for number in range(len(self._points))])

    async def change(self, outlet: Outlet, rate: float, end: float) -> None:
        """`rate` changes a second until `end` (s since 1970)."""
        began, sent = time.time(), 0
        while (now := time.time()) < end:
            due = int((now - began) * rate) - sent
            if due > 0:
                changed = [self._report(self._draw.randrange(len(self._points)), sent) for _ in range(due)]
                self.times += [event.received_at for event in changed]
                await outlet.put(changed)
                sent += due
            await asyncio.sleep(EVERY_S)

    def _report(self, number: int, turn: int) -> IncidentReported:
        lon, lat = self._points[number]
        now = time.time()
        return IncidentReported(
            feed="load",
            source_id=str(number),
            received_at=now,
            observed_at=now,
            title=f"Laporan {number}",
            text=f"Genangan setinggi mata kaki, arus melambat; kabar ke-{turn}.",
            status="open",
            channel="app",
            lon=lon,
            lat=lat,
        )


@dataclass
class Window:
    """When it is measured (s since 1970)."""

    begin: float
    end: float


def boards(port: int, count: int, stuck: int, pipe: Any) -> None:
    """The boards' process: connect, say so, read as told, and hand back what was seen."""
    pin(0, 0)
    ours = Boards("127.0.0.1", port, LAYOUT, count, stuck)
    ours.whole()
    pipe.send(ours.seen.snapshots)
    ours.read_until(pipe.recv())
    pipe.send((ours.seen, min(ours.newest(), default=0)))
    ours.close()


def incidents(frame: bytes) -> list[float]:
    """When the changes of incidents in a delta were received."""
    changes = json.loads(frame)["changes"]
    return [entity["received_at"] for kind, _, entity, *_ in changes if kind == "incident" and entity]


def delays_ms(seen: Seen, window: Window) -> tuple[int, Any]:
    """(changes that arrived, times from event to board in ms) of what was received within the window."""
    arrived, delays = 0, []
    changes: dict[Place, Any] = {place: np.array(incidents(frame)) for place, frame in seen.frames.items()}
    for place, times in seen.arrivals.items():
        began = changes[place]
        began = began[(began >= window.begin) & (began < window.end)]
        if not began.size:
            continue
        arrived += began.size * len(times)
        delays.append((np.array(times)[:, None] - began[None, :]).ravel() * 1000)
    return arrived, np.concatenate(delays) if delays else np.zeros(1)


@dataclass
class Figures:
    """What one run gave."""

    micros: float
    cores: float
    frames_s: float
    delivered: float
    p50_ms: float
    p99_ms: float
    most_ms: float
    kib: float
    node_mib: float
    ended: int
    broken: list[str]

    @property
    def good(self) -> bool:
        """Whether the chain held on all boards."""
        return not self.broken and not self.ended

    def row(self) -> tuple[float, float, float, float, float]:
        """As in the table of peers."""
        return self.micros, self.delivered, self.p50_ms, self.p99_ms, self.kib


def measured(options: argparse.Namespace) -> Figures:
    """One run."""
    source = Source(options.entities)
    with running() as server:
        client = connect_async(server.redis)
        outlet = Outlet(client, Keys(server.key))

        async def go() -> tuple[Seen, int, Window, float, float, int, int, int]:
            await source.fill(outlet)
            before = server.node_bytes()
            ours, theirs = get_context("fork").Pipe()
            reader = get_context("fork").Process(
                target=boards, args=(server.port, options.boards, options.stuck, theirs)
            )
            reader.start()
            while not ours.poll():
                await asyncio.sleep(0.1)
                if not reader.is_alive():
                    raise RuntimeError("the boards' process ended; see above")
            ours.recv()
            # Half of the time before it counts: pools, pauses and compiled code find their size.
            window = Window(time.time() + options.seconds / 2, time.time() + 1.5 * options.seconds)
            ours.send(window.end + GRACE_S)
            changes = asyncio.create_task(source.change(outlet, options.rate, window.end))
            await asyncio.sleep(window.begin - time.time())
            began = server.node_s()
            await asyncio.sleep(window.end - time.time())
            used = server.node_s() - began
            held = server.node_bytes()
            await changes
            while not ours.poll():
                await asyncio.sleep(0.1)
            seen, least = ours.recv()
            reader.join()
            await client.aclose()
            return seen, least, window, used, options.seconds, before, held, options.boards

        pin(0, 0)
        seen, _, window, used, took, before, held, count = asyncio.run(go())
    reading = count - options.stuck
    wanted = sum(window.begin <= at < window.end for at in source.times) * reading
    arrived, delays = delays_ms(seen, window)
    flushes = sum(1 for times in seen.arrivals.values() if times and window.begin <= times[0] < window.end)
    return Figures(
        micros=used / max(arrived, 1) * 1e6,
        cores=used / took,
        frames_s=flushes / took,
        delivered=arrived / max(wanted, 1),
        p50_ms=float(np.percentile(delays, 50)),
        p99_ms=float(np.percentile(delays, 99)),
        most_ms=float(delays.max()),
        kib=(held - before) / 1024 / max(count, 1),
        node_mib=held / 1048576,
        ended=seen.ended,
        broken=seen.broken,
    )


def main() -> int:
    """Measure; 1 where the chain broke."""
    parser = argparse.ArgumentParser(prog="python3 -m loadtests.fanout", description=__doc__)
    parser.add_argument("--boards", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--entities", type=int, default=5000)
    parser.add_argument("--stuck", type=int, default=0, help="so many of the boards never read")
    options = parser.parse_args()
    found = measured(options)
    print(
        f"{options.boards} boards ({options.stuck} stuck), {options.rate:g} changes/s of {options.entities} "
        f"entities, {options.seconds:g} s, load {os.getloadavg()[0]:.1f}\n"
        f"  {found.micros:.2f} µs of the node's processor time a delivered change ({found.cores:.2f} cores); "
        f"{found.frames_s:.1f} frames/s a board\n"
        f"  delivered {100 * found.delivered:.2f} % (the rest merged with a newer one of its key)\n"
        f"  from the event to the board: p50 {found.p50_ms:.0f} ms, p99 {found.p99_ms:.0f} ms, "
        f"most {found.most_ms:.0f} ms\n"
        f"  {found.kib:.1f} KiB a board (node {found.node_mib:.0f} MiB)"
    )
    for fault in found.broken[:5]:
        print(f"  BROKEN: {fault}")
    if found.ended:
        print(f"  {found.ended} connections ended")
    return 0 if found.good else 1


if __name__ == "__main__":
    sys.exit(main())
