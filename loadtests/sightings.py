"""What 10,000 of Frigate's events cost the feeds' process: read from a broker, conflated, handed over.

    python3 -m loadtests.sightings [--events 10000] [--seconds 4] [--cameras 269] [--qos 1]

A broker of the tests runs in a process of its own; what is counted is the processor time of this one, from
the first event to the last, with the feed's supervisor, its health and its clock. Redis is left out: at most
some hundred events a second reach it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from feeds.base import RecordFault
from feeds.registry import ADAPTERS, feed_options
from feeds.running.intake import FeedSpec
from feeds.running.supervisor import FeedSupervisor
from tests.mqtt_broker import MqttBroker
from wallboard.events import AnyEvent, CameraSeen

#: Objects that are tracked at once, over all cameras.
OBJECTS = 2000

#: Events between two looks at the clock.
BURST = 100


class Counter:
    """Where events go."""

    def __init__(self) -> None:
        self.seen = 0
        self.faults = 0

    async def put(self, events: Sequence[AnyEvent]) -> None:
        self.seen += sum(isinstance(event, CameraSeen) for event in events)

    async def bury(self, feed: str, faults: Sequence[RecordFault], at: float) -> None:
        self.faults += len(faults)


def event(number: int, cameras: int) -> bytes:
    """About as large as Frigate writes them (1 kB)."""
    thing = {
        "id": f"{number % OBJECTS}.5-abcdef", "camera": f"cam-{number % cameras}", "label": "person",
        "score": 0.87, "box": [432, 496, 544, 854], "area": 40096, "region": [218, 440, 693, 915],
        "current_zones": ["jalan", "halaman"], "entered_zones": ["jalan"], "start_time": time.time(),
        "end_time": None, "false_positive": False, "stationary": False, "has_clip": False,
    }  # fmt: skip
    return msgspec.json.encode({"type": "update", "before": thing, "after": thing})


async def publish(events: int, seconds: float, cameras: int) -> None:
    """The broker: waits for a subscription, then publishes evenly."""
    bodies = [event(number, cameras) for number in range(events)]
    async with MqttBroker() as broker:
        print(broker.port, flush=True)
        await broker.subscribed(1)
        clock = asyncio.get_running_loop().time
        begun = clock()
        for number, body in enumerate(bodies):
            await broker.publish("frigate/events", body)
            if number % BURST == BURST - 1:
                await asyncio.sleep(max(0.0, begun + number / events * seconds - clock()))
        await broker.publish("frigate/available", b"offline")
        await asyncio.sleep(5.0)


async def measure(options: argparse.Namespace) -> None:
    """Follow the broker and print what it cost."""
    names = ("events", "seconds", "cameras")
    given = [part for name in names for part in (f"--{name}", str(getattr(options, name)))]
    broker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "loadtests.sightings", "--broker", *given, stdout=asyncio.subprocess.PIPE
    )
    assert broker.stdout is not None
    port = int(await broker.stdout.readline())
    counter = Counter()
    spec = FeedSpec(
        name="frigate",
        adapter=ADAPTERS["frigate"],
        options=feed_options("frigate", {"camera_list": "cctv", "qos": options.qos}),
        zone=ZoneInfo("UTC"),
        url=f"mqtt://127.0.0.1:{port}",
        every=1.0,
    )
    supervisor = FeedSupervisor([spec], counter)
    await supervisor.start()
    while not counter.seen:
        await asyncio.sleep(0.01)
    begun, used = time.monotonic(), time.process_time()
    while supervisor.health["frigate"].state != "failing":  # the recorder says that it is offline: the end
        await asyncio.sleep(0.05)
    took, cost = time.monotonic() - begun, time.process_time() - used
    await supervisor.stop()
    broker.kill()
    await broker.wait()
    print(
        f"{options.events} events of {options.cameras} cameras at QoS {options.qos} in {took:.1f} s: "
        f"{cost:.2f} s of a core, {counter.seen} handed over, {counter.faults} faults"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--cameras", type=int, default=269)
    parser.add_argument("--qos", type=int, default=1, choices=(0, 1))
    parser.add_argument("--broker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.broker:
        asyncio.run(publish(options.events, options.seconds, options.cameras))
    else:
        asyncio.run(measure(options))


if __name__ == "__main__":
    main()
