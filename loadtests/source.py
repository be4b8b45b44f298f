"""Reports and their changes, put into the stream as a feed would put them."""

from __future__ import annotations

import asyncio
import random
import time

import redis.asyncio

from loadtests import map_city
from loadtests.start import PATIENCE_S
from wallboard.events import IncidentReported
from wallboard.store.keys import Keys
from wallboard.store.outlet import Outlet

#: Sources hand over what came within this time together (s).
EVERY_S = 0.02


class Source:
    """Reports and their changes, as a feed would put them."""

    def __init__(self, entities: int) -> None:
        self._draw = random.Random(6)
        west, south, east, north = map_city.BOUNDS
        self._points = [
            (self._draw.uniform(west, east), self._draw.uniform(south, north)) for _ in range(entities)
        ]
        #: when and where each change was handed over
        self.changes: list[tuple[float, float, float]] = []
        #: alarm → when it was handed over
        self.alarms: dict[str, float] = {}

    async def fill(self, outlet: Outlet) -> None:
        """All of them once."""
        await outlet.put([self._report(number, 0) for number in range(len(self._points))])

    async def taken(self, client: redis.asyncio.Redis, keys: Keys) -> None:
        """Wait until the engine has taken them all in."""
        deadline = time.monotonic() + PATIENCE_S + len(self._points) / 2_000
        while int(await client.hlen(keys.state("incident"))) < len(self._points):
            if time.monotonic() > deadline:
                raise TimeoutError("the engine has not taken in all that is there")
            await asyncio.sleep(0.1)

    async def change(self, outlet: Outlet, rate: float, end: float) -> None:
        """`rate` changes a second until `end` (s since 1970)."""
        began, sent = time.time(), 0
        while (now := time.time()) < end:
            due = int((now - began) * rate) - sent
            if due > 0:
                changed = [self._report(self._draw.randrange(len(self._points)), sent) for _ in range(due)]
                if now - began >= len(self.alarms):
                    changed.append(self._report(len(self.alarms), sent, alarm=True))
                    self.alarms[changed[-1].source_id] = changed[-1].received_at
                self.changes += [(one.received_at, one.lon or 0.0, one.lat or 0.0) for one in changed]
                await outlet.put(changed)
                sent += due
            await asyncio.sleep(EVERY_S)

    def _report(self, number: int, turn: int, *, alarm: bool = False) -> IncidentReported:
        lon, lat = self._points[number % len(self._points)]
        now = time.time()
        return IncidentReported(
            feed="load",
            source_id=f"alarm-{number}" if alarm else str(number),
            received_at=now,
            observed_at=now,
            title=f"Laporan {number}",
            text=f"Genangan setinggi mata kaki, arus melambat; kabar ke-{turn}.",
            status="open",
            channel="alarm" if alarm else "app",
            lon=lon,
            lat=lat,
        )
