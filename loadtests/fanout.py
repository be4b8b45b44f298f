"""What a delivered change costs a node: thousands of boards, changes through the engine, the chain proved.

    python3 -m loadtests.fanout [--boards 1000] [--rate 200] [--seconds 20] [--entities 5000] [--stuck 0]
                                [--views 1] [--disjoint] [--workers 1]

A server of its own has so many incidents; `rate` of them change each second, uniformly, put into the feeds'
stream and published by the engine; once a second one comes that raises an alert. The web nodes are pinned to
core 1, everything else (engine, Redis, boards) to core 0. Counted are the nodes' processor time, the changes
times boards that arrived, and how long each took from the event's own time until a board had it whole. With
`views` the boards are those of so many people who each may see something else: all districts, or with
`disjoint` each their own. Any break of the chain fails the run. Linux only: it reads /proc and uses epoll.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from loadtests.ingest import pin
from loadtests.node import running
from loadtests.people import LoggedIn
from loadtests.raw_boards import Boards, Place, Seen
from loadtests.source import Source
from tests.staff import make_known
from wallboard.access import Person
from wallboard.ground import prepare
from wallboard.settings import read_city
from wallboard.store.clients import connect_async
from wallboard.store.keys import Keys
from wallboard.store.outlet import Outlet
from wallboard.web.sockets import MAX_BOARDS_A_LOGIN

#: What is on its way at the end is still waited for (s).
GRACE_S = 2.0

LAYOUT = "operations"


@dataclass
class Window:
    """When it is measured (s since 1970)."""

    begin: float
    end: float


def boards(port: int, count: int, stuck: int, names: list[str], pipe: Any) -> None:
    """The boards' process: connect, say so, read as told, and hand back what was seen."""
    pin(0, 0)
    tickets = [LoggedIn(port, name).ticket for name in names]
    ours = Boards("127.0.0.1", port, LAYOUT, count, stuck, tickets)
    ours.whole()
    pipe.send(ours.seen.snapshots)
    ours.read_until(pipe.recv())
    pipe.send(ours.seen)
    ours.close()


def incidents(frame: bytes) -> list[float]:
    """When the changes of incidents in a delta were received."""
    changes = json.loads(frame)["changes"]
    return [entity["received_at"] for kind, _, entity, *_ in changes if kind == "incident" and entity]


def alerts(frame: bytes, alarms: dict[str, float]) -> list[float]:
    """When the incidents were received that raised the new alerts in a delta."""
    changes = json.loads(frame)["changes"]
    return [
        alarms[name]
        for kind, id, entity, *_ in changes
        if kind == "alert" and entity and (name := id.rpartition("/")[2]) in alarms
    ]


def delays_ms(
    seen: Seen, window: Window, times_in: Callable[[bytes], list[float]] = incidents
) -> tuple[int, Any]:
    """(changes that arrived, times from event to board in ms) of what was received within the window."""
    arrived, delays = 0, []
    changes: dict[Place, Any] = {place: np.array(times_in(frame)) for place, frame in seen.frames.items()}
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
    alert_p99_ms: float
    micros_a_write: float
    #: of the engine and the feeds' process together
    other_cores: float
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


def views_of(config: Path, count: int, disjoint: bool) -> list[Person]:
    """People who each see another part of the city; or all of it, and each by another right."""
    codes = [district.code for district in prepare(read_city(config), config.parent).boundaries.lowest]
    return [
        Person(
            id=f"p{number}",
            name=f"P {number}",
            role="supervisor",
            districts=tuple(codes[number::count] if disjoint else [*codes, f"x{number}"]),
        )
        for number in range(count)
    ]


def measured(options: argparse.Namespace) -> Figures:
    """One run."""
    source = Source(options.entities)
    with running(options.workers) as server:
        outlet_client = connect_async(server.redis)
        outlet = Outlet(outlet_client, Keys(server.key))
        people = views_of(server.config, options.views, options.disjoint) if options.views > 1 else []

        async def go() -> tuple[Seen, Window, float, float, int, int]:
            await source.fill(outlet)
            await source.taken(outlet_client, Keys(server.key))
            await make_known(server.redis, server.key, people)
            before = server.node_bytes()
            ours, theirs = get_context("fork").Pipe()
            names = [person.id for person in people]
            reader = get_context("fork").Process(
                target=boards, args=(server.port, options.boards, options.stuck, names, theirs)
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
            began, others = server.node_s(), server.other_s()
            await asyncio.sleep(window.end - time.time())
            used, others = server.node_s() - began, server.other_s() - others
            held = server.node_bytes()
            await changes
            while not ours.poll():
                await asyncio.sleep(0.1)
            seen: Seen = ours.recv()
            reader.join()
            await outlet_client.aclose()
            return seen, window, used, others, before, held

        pin(0, 0)
        seen, window, used, others, before, held = asyncio.run(go())
        wanted = wanted_of(source, window, options, server.config, people)
    arrived, delays = delays_ms(seen, window)
    _, alert_delays = delays_ms(seen, window, lambda frame: alerts(frame, source.alarms))
    written = sum(sum(window.begin <= at < window.end for at in times) for times in seen.arrivals.values())
    return Figures(
        micros=used / max(arrived, 1) * 1e6,
        cores=used / options.seconds,
        frames_s=written / options.seconds / max(options.boards - options.stuck, 1),
        delivered=arrived / max(wanted, 1),
        p50_ms=float(np.percentile(delays, 50)),
        p99_ms=float(np.percentile(delays, 99)),
        most_ms=float(delays.max()),
        alert_p99_ms=float(np.percentile(alert_delays, 99)),
        micros_a_write=used / max(written, 1) * 1e6,
        other_cores=others / options.seconds,
        kib=(held - before) / 1024 / max(options.boards, 1),
        node_mib=held / 1048576,
        ended=seen.ended,
        broken=seen.broken,
    )


def wanted_of(
    source: Source, window: Window, options: argparse.Namespace, config: Path, people: list[Person]
) -> int:
    """How many changes would have to arrive, if none were merged with a newer one of its key."""
    within = [(lon, lat) for at, lon, lat in source.changes if window.begin <= at < window.end]
    reading: int = options.boards - options.stuck
    if not people:
        return len(within) * reading
    found = prepare(read_city(config), config.parent).geofence.locate_many(*zip(*within, strict=True))
    if not options.disjoint:
        # What lies in no district is seen by nobody who is limited to some.
        return sum(place.district is not None for place in found) * reading
    view = {code: number for number, person in enumerate(people) for code in person.districts or ()}
    boards_of = [0] * len(people)
    for number in range(options.stuck, options.boards):
        boards_of[number % len(people)] += 1
    # What lies at a border is seen from both sides.
    seen = (
        {view[code] for code in (place.district or "", *place.candidates) if code in view} for place in found
    )
    return sum(boards_of[number] for numbers in seen for number in numbers)


def parser() -> argparse.ArgumentParser:
    """What one run takes."""
    parser = argparse.ArgumentParser(prog="python3 -m loadtests.fanout", description=__doc__)
    parser.add_argument("--boards", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--entities", type=int, default=5000)
    parser.add_argument("--stuck", type=int, default=0, help="so many of the boards never read")
    parser.add_argument("--views", type=int, default=1, help="the boards are those of so many people")
    parser.add_argument("--disjoint", action="store_true", help="each of them has districts of their own")
    parser.add_argument("--workers", type=int, default=1, help="web nodes")
    return parser


def main() -> int:
    """Measure; 1 where the chain broke."""
    options = parser().parse_args()
    if options.views > 1 and options.boards > MAX_BOARDS_A_LOGIN * options.views:
        parser().error(f"each of the {options.views} people may have {MAX_BOARDS_A_LOGIN} boards at most")
    found = measured(options)
    print(
        f"{options.boards} boards ({options.stuck} stuck), {options.views} views"
        f"{' of districts of their own' if options.disjoint else ''}, {options.workers} workers, "
        f"{options.rate:g} changes/s of {options.entities} entities, {options.seconds:g} s, "
        f"load {os.getloadavg()[0]:.1f}\n"
        f"  {found.micros:.2f} µs of the nodes' processor time a delivered change ({found.cores:.2f} cores), "
        f"{found.micros_a_write:.2f} µs a write; {found.frames_s:.1f} frames/s a board; "
        f"engine, feeds and Redis {found.other_cores:.2f} cores\n"
        f"  delivered {100 * found.delivered:.2f} % (the rest merged with a newer one of its key)\n"
        f"  from the event to the board: p50 {found.p50_ms:.0f} ms, p99 {found.p99_ms:.0f} ms, "
        f"most {found.most_ms:.0f} ms; an alert p99 {found.alert_p99_ms:.0f} ms\n"
        f"  {found.kib:.1f} KiB a board (node {found.node_mib:.0f} MiB)"
    )
    for fault in found.broken[:5]:
        print(f"  BROKEN: {fault}")
    if found.ended:
        print(f"  {found.ended} connections ended")
    return 0 if found.good else 1


if __name__ == "__main__":
    sys.exit(main())
