"""From a feed into Redis: in order, in batches, and what happens to events while Redis is away.

Who polls waits: the source keeps the data meanwhile. Who is pushed to cannot wait: the source goes on
talking, so its events are held in memory up to a bound, and then the oldest are given up and counted.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from random import Random
from typing import Protocol, TypeVar

from feeds.base import Parsed, RecordFault
from feeds.running.backoff import Backoff
from feeds.running.faults import KnownFaults
from feeds.running.health import Health
from wallboard.errors import StoreDown, StoreError
from wallboard.events import AnyEvent

log = logging.getLogger(__name__)

#: Events in one call of the outlet: few round trips, and other feeds get between them.
GIVE_BATCH = 500
#: An exchange of a large city sends 50 events/s: this is a quarter of an hour of them, about 25 MB.
MAX_HELD_EVENTS = 50_000
#: A put that has not returned by then hangs; it is tried again, and events are idempotent.
PUT_S = 10.0
#: What is on its way when the feed stops gets this long to arrive.
CLOSE_S = 0.5
#: Redis restarts in seconds; a try each few seconds costs nothing.
RETRY_CAP_S = 5.0

Item = TypeVar("Item")
Sleep = Callable[[float], Awaitable[object]]


class Outlet(Protocol):
    """Where events go: the streams in Redis (wallboard/store)."""

    async def put(self, events: Sequence[AnyEvent]) -> None:
        """Return when the events are in their streams. Raises StoreDown or StoreStuck."""

    async def bury(self, feed: str, faults: Sequence[RecordFault], at: float) -> None:
        """Keep records that could not be used, in {c}:dead. Raises StoreDown or StoreStuck."""


class Delivery:
    """Hands over one feed's events. `pushed`: the source cannot wait."""

    def __init__(
        self, feed: str, outlet: Outlet, health: Health, *, pushed: bool, rng: Random, sleep: Sleep
    ) -> None:
        self._feed = feed
        self._outlet = outlet
        self._health = health
        self._pushed = pushed
        self._sleep = sleep
        self._backoff = Backoff(rng, RETRY_CAP_S)
        self._faults = KnownFaults(feed)
        self._held: deque[AnyEvent] = deque()
        self._sending: list[AnyEvent] = []
        self._flusher: asyncio.Task[None] | None = None
        #: nothing to wait for: all is in Redis, or Redis is away
        self._quiet = asyncio.Event()
        self._away = False

    @property
    def held(self) -> int:
        """How many events wait in memory."""
        return len(self._held) + len(self._sending)

    async def give(self, parsed: Parsed, now: float) -> None:
        """Hand over; returns when all is in Redis. A pushed feed's call returns also when Redis is away."""
        if self._pushed:
            await self._push(parsed.events)
        else:
            for start in range(0, len(parsed.events), GIVE_BATCH):
                await self._insist(self._put, parsed.events[start : start + GIVE_BATCH])
        self._health.faults += len(parsed.faults)
        news = self._faults.new(parsed.faults)
        if not news:
            return

        async def bury(faults: Sequence[RecordFault]) -> None:
            await self._outlet.bury(self._feed, faults, now)

        if not self._pushed:
            await self._insist(bury, news)
        elif not self._away:
            try:
                await bounded(bury(news))
            except StoreError as error:
                log.warning("feed %s: %d faulty records are not kept: %s", self._feed, len(news), error)

    async def close(self) -> None:
        """Stop sending. What is still held has been tried until now; it is counted as lost, and said."""
        if self._flusher is not None:
            if not self._away:
                await asyncio.wait({self._flusher}, timeout=CLOSE_S)
            self._flusher.cancel()
            await asyncio.gather(self._flusher, return_exceptions=True)
        if self.held:
            log.warning(
                "feed %s: %d events are lost: Redis is away, and the feed stops", self._feed, self.held
            )
            self._health.lost += self.held
            self._held.clear()
            self._sending = []

    async def _push(self, events: Iterable[AnyEvent]) -> None:
        self._held.extend(events)
        over = self.held - MAX_HELD_EVENTS
        if over > 0:
            self._give_up(over)
        if self._held and (self._flusher is None or self._flusher.done()):
            self._quiet.clear()
            self._flusher = asyncio.get_running_loop().create_task(self._flush())
        if self.held:
            await self._quiet.wait()

    async def _flush(self) -> None:
        try:
            while self._held:
                self._sending = [self._held.popleft() for _ in range(min(GIVE_BATCH, len(self._held)))]
                try:
                    await self._insist(self._put, self._sending)
                except Exception:  # an event that the outlet cannot take must not stop those behind it
                    log.exception(
                        "feed %s: %d events could not be handed over", self._feed, len(self._sending)
                    )
                    self._health.lost += len(self._sending)
                self._sending = []
        finally:
            self._quiet.set()

    def _give_up(self, number: int) -> None:
        if not self._health.lost:
            log.warning(
                "feed %s: %d events wait for Redis; from now on the oldest are given up",
                self._feed,
                self.held,
            )
        # What is being sent may arrive yet; the oldest behind it go.
        number = min(number, len(self._held))
        for _ in range(number):
            self._held.popleft()
        self._health.lost += number

    async def _put(self, events: Sequence[AnyEvent]) -> None:
        await self._outlet.put(events)
        self._health.count(events)

    async def _insist(
        self, action: Callable[[Sequence[Item]], Awaitable[None]], items: Sequence[Item]
    ) -> None:
        while True:
            try:
                await bounded(action(items))
            except StoreError as error:
                if not self._away:
                    log.warning("feed %s holds back: %s", self._feed, error)
                self._away = True
                self._quiet.set()
                await self._sleep(self._backoff.after_failure())
                continue
            if self._away:
                log.info("feed %s: Redis takes events again", self._feed)
            self._away = False
            self._backoff.reset()
            return


async def bounded(work: Awaitable[None]) -> None:
    """Wait for Redis, but not for ever. Raises StoreDown."""
    try:
        async with asyncio.timeout(PUT_S):
            await work
    except TimeoutError:
        raise StoreDown(f"Redis did not answer within {PUT_S:g} s.") from None
