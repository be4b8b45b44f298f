"""What a wall costs: first paint, bytes on the wire, from a frame to the glass, the browser's processor time.

    python3 -m loadtests.wall [--opens 5] [--seconds 60] [--size 1920x1080] [--path /wall/operations]

Needs playwright (locks/browser.txt) and Chromium, which runs headless without a GPU. The server is a process
tree of its own on the demo city at ten times its speed. A first paint counts from the moment at which the
page is asked for until the wall has its state and nothing lies over it, with nothing in the browser's cache
(cold) and with what the first opening left there (warm); the page itself looks at each frame. Bytes are
those of HTTP bodies and heads as they came over the wire, and of the socket's frames until then. How long a
frame takes to the glass is what the page told the server, from /metrics. All but bytes and processor time
suffers from whatever else the machine does, so its load is printed before and after.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import urllib.request
from typing import Any

from loadtests.served import WATCH, browser_cpu_s, chromium, demo

#: Ten times the demo's own (minutes of the day a minute).
SPEED = 600.0

#: A wall that is not painted by then will not be (ms).
PATIENCE_MS = 30_000

#: What a paint may take from the frame on (s).
TARGET_S = "0.15"


class Wire:
    """Counts what a page loads."""

    def __init__(self, page: Any) -> None:
        self.http = self.socket = self.requests = 0
        self._cdp = cdp = page.context.new_cdp_session(page)
        cdp.send("Network.enable")
        # Of the thread's own time: what other programs take meanwhile does not count.
        cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
        cdp.on("Network.loadingFinished", self._finished)
        cdp.on("Network.webSocketFrameReceived", self._frame)

    def busy_s(self) -> float:
        """Processor seconds of the page's main thread so far."""
        told = self._cdp.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in told if one["name"] == "TaskDuration"))

    def _finished(self, event: dict[str, Any]) -> None:
        self.http += int(event["encodedDataLength"])
        self.requests += event["encodedDataLength"] > 0

    def _frame(self, event: dict[str, Any]) -> None:
        self.socket += len(event["response"]["payloadData"].encode())


def opened(context: Any, address: str) -> tuple[Any, float, Wire]:
    """A new page at the address: (page, seconds to its first whole paint, what came over the wire)."""
    page = context.new_page()
    wire = Wire(page)
    page.add_init_script(WATCH)
    page.goto(address, wait_until="commit")
    page.wait_for_function("() => window.paintedAfter", polling=100, timeout=PATIENCE_MS)
    return page, page.evaluate("() => window.paintedAfter") / 1000, wire


def metrics(address: str) -> dict[str, float]:
    """What Prometheus would read."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return {
        name: float(value)
        for name, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))
    }


def buckets(figures: dict[str, float], origin: str) -> dict[str, float]:
    """Upper end → how many paints took at most so long."""
    begin, end = 'wallboard_paint_seconds_bucket{le="', f'",origin="{origin}"}}'
    return {
        name.removeprefix(begin).removesuffix(end): value
        for name, value in figures.items()
        if name.startswith(begin) and name.endswith(end)
    }


def quantile(counts: dict[str, float], share: float) -> str:
    """The range in which a quantile lies."""
    whole = counts["+Inf"]
    for bound, count in counts.items():
        if count >= share * whole:
            return f"≤ {bound} s"
    return "unknown"


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python3 -m loadtests.wall", description=__doc__)
    parser.add_argument("--opens", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--path", default="/wall/operations")
    arguments = parser.parse_args()
    width, height = map(int, arguments.size.split("x"))
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {arguments.size}")
    with demo(speed=SPEED) as served, chromium() as browser:
        address = served.address + arguments.path
        cold: list[float] = []
        warm: list[float] = []
        for number in range(arguments.opens):
            context = browser.new_context(viewport={"width": width, "height": height})
            page, took, wire = opened(context, address)
            if number == 0:
                print(
                    f"over the wire: {wire.http / 1000:.0f} kB in {wire.requests} answers, and "
                    f"{wire.socket / 1000:.0f} kB of the socket's frames; together "
                    f"{(wire.http + wire.socket) / 1000:.0f} kB (target ≤ 900)"
                )
                print(f"the first opening after the server's start: {took:.2f} s")
                print(f"processor time of the page's main thread until then: {wire.busy_s():.2f} s")
            else:
                cold.append(took)
            page.close()
            page, took, wire = opened(context, address)
            if number == 0:
                print(f"again, from the cache: {wire.http / 1000:.0f} kB in {wire.requests} answers")
            warm.append(took)
            page.close()
            context.close()
        for name, times in (("cold", cold), ("warm", warm)):
            if times:
                print(
                    f"first painted wall, {name}: median {statistics.median(times):.2f} s, longest "
                    f"{max(times):.2f} s of {len(times)} (target ≤ 1.5)"
                )
        context = browser.new_context(viewport={"width": width, "height": height})
        page, _, _ = opened(context, address)
        page.wait_for_timeout(10_000)
        before, used = metrics(served.address), browser_cpu_s()
        page.wait_for_timeout(arguments.seconds * 1000)
        after, used = metrics(served.address), browser_cpu_s() - used
        for origin in ("frame", "commit", "event"):
            first = buckets(before, origin)
            counts = {bound: count - first[bound] for bound, count in buckets(after, origin).items()}
            whole = counts["+Inf"]
            if not whole:
                print(f"from the {origin}: nothing was painted")
                continue
            print(
                f"from the {origin} to painted: {counts[TARGET_S] / whole:.1%} within {TARGET_S} s, "
                f"median {quantile(counts, 0.5)}, p99 {quantile(counts, 0.99)} ({whole:.0f} paints)"
            )
        print(f"the whole browser: {used / arguments.seconds:.2f} cores; load {os.getloadavg()[0]:.1f}")
        context.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
