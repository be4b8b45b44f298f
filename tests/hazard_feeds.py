"""A feed of warnings under the real supervisor, delivering into memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from feeds.base import Adapter, RecordFault
from feeds.running.intake import FeedSpec
from feeds.running.supervisor import FeedSupervisor
from wallboard.events import AnyEvent, HazardIssued, QuakeObserved


class Outlet:
    """Where a supervised feed delivers."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.faults: list[RecordFault] = []

    async def put(self, events: Sequence[AnyEvent]) -> None:
        self.events += events

    async def bury(self, feed: str, faults: Sequence[RecordFault], at: float) -> None:
        self.faults += faults

    def hazards(self) -> list[HazardIssued]:
        return [event for event in self.events if isinstance(event, HazardIssued)]

    def quakes(self) -> list[QuakeObserved]:
        return [event for event in self.events if isinstance(event, QuakeObserved)]

    def identifiers(self) -> list[str]:
        return sorted(event.identifier for event in self.hazards())


@asynccontextmanager
async def supervised(
    adapter: Adapter, options: msgspec.Struct, url: str
) -> AsyncIterator[tuple[Outlet, FeedSupervisor]]:
    """A feed named "feed" that asks `url` again and again."""
    outlet = Outlet()
    spec = FeedSpec("feed", adapter, options, ZoneInfo("Asia/Makassar"), url=url, every=0.02)
    supervisor = FeedSupervisor([spec], outlet, rng=Random(1))
    await supervisor.start()
    try:
        yield outlet, supervisor
    finally:
        await supervisor.stop()
