"""Runs every feed as a task of its own: none can stop another, each recovers by itself and says so."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Protocol

from feeds.base import Document, Parsed
from feeds.fetching.aside import aside
from feeds.fetching.fetch import Fetcher
from feeds.fetching.guard import Resolve, network_reason, resolve_name
from feeds.fetching.limits import LIMITS, Busy, FetchLimits
from feeds.reading.private import mask_numbers
from feeds.running.backoff import POLLED_CAP_S, RUNNING_CAP_S, Backoff
from feeds.running.delivery import Delivery, Outlet, Sleep, bounded
from feeds.running.health import Health
from feeds.running.intake import FeedIntake, FeedSpec
from feeds.running.notes import Notes
from feeds.running.trace import Trace
from wallboard.errors import BadDocument, SourceError, StoreError, Unreachable
from wallboard.stills import Pictures

if TYPE_CHECKING:
    import httpx2

log = logging.getLogger(__name__)

#: The first visits are spread over this, so that a start does not ask all sources in one instant.
START_JITTER_S = 3.0
#: A visit may read an index and some hundred linked documents; beyond this it hangs.
VISIT_S = 180.0
#: A document above this is parsed beside the loop, which the other feeds need.
PARSE_ASIDE_BYTES = 64 * 1024
#: How often it is looked whether a regular report is due; a change is said at once.
LOOK_S = 1.0
#: Tasks that have not ended this long after a stop are left to the end of the process.
STOP_S = 1.5
#: The administrator's page is told this often what each feed did; it asks as often.
TELL_S = 5.0
#: Reasons logged of one failure from beginning to end; more of them say nothing new.
MAX_LOGGED = 20


class Bench(Protocol):
    """The administrator's page, at its other end (wallboard/store/bench.py)."""

    async def tell(self, traces: Mapping[str, bytes]) -> None:
        """Replace what is said of each of these feeds. Raises StoreError."""

    async def asked(self) -> list[str]:
        """Feeds that somebody wants begun anew. Raises StoreError."""


class FeedSupervisor:
    """Runs feeds from `start` to `stop`. Time and chance come in as parameters."""

    def __init__(
        self,
        specs: Iterable[FeedSpec],
        outlet: Outlet,
        *,
        clock: Callable[[], float] = time.time,
        rng: Random | None = None,
        sleep: Sleep = asyncio.sleep,
        folder: Path = Path(),
        limits: FetchLimits = LIMITS,
        resolve: Resolve = resolve_name,
        visit_s: float = VISIT_S,
        pictures: Pictures | None = None,
        notes: Path | None = None,
        bench: Bench | None = None,
    ) -> None:
        """`clock`: seconds since 1970, as --clock sets it; `folder`: where relative file: paths begin.

        `pictures`: the way of still pictures to the boards; `notes`: folder of what feeds remember;
        `bench`: who is told what each of them did, and may ask for one again.
        """
        self._bench = bench
        self._pictures = pictures
        self._notes = notes
        self._outlet = outlet
        self._clock = clock
        self._rng = rng if rng is not None else Random()  # noqa: S311  # jitter, not a secret
        self._sleep = sleep
        self._folder = folder
        self._limits = limits
        self._resolve = resolve
        self._visit_s = visit_s
        self._news = asyncio.Event()
        # Without `poll`, `run` or an address there is nothing to do: its documents are posted to the web.
        self._specs = [spec for spec in specs if spec.url or spec.adapter.poll or spec.adapter.run]
        self._health = {
            spec.name: Health(spec.name, spec.adapter.type, spec.every, self._news.set)
            for spec in self._specs
        }
        self._client: httpx2.AsyncClient | None = None
        self._traces = {spec.name: Trace(clock) for spec in self._specs}
        self._tasks: list[asyncio.Task[None]] = []
        self._feeds: dict[str, asyncio.Task[None]] = {}
        self._logged: dict[str, set[str]] = {}

    @property
    def health(self) -> dict[str, Health]:
        """The health of each feed by name, for /readyz and the metrics."""
        return self._health

    async def start(self) -> None:
        """Start every feed; returns at once."""
        from feeds.fetching.web import http_client

        assert not self._tasks, "a supervisor starts once"
        self._client = http_client()
        loop = asyncio.get_running_loop()
        for spec in self._specs:
            # The first visits are spread, so that a start does not ask all sources in one instant.
            wait_s = self._rng.uniform(0.0, min(START_JITTER_S, spec.every))
            self._begin(spec, self._client, wait_s)
        self._tasks.append(loop.create_task(self._watch(), name="feed health"))
        if self._bench is not None:
            self._tasks.append(loop.create_task(self._serve(self._bench), name="feed bench"))

    async def restart(self) -> None:
        """Begin anew with empty memories: for a Redis that lost its state, which the sources still have."""
        await self._end()
        for spec in self._specs:
            if notes := self._notes_of(spec.name):
                notes.forget()
        await self.start()

    async def again(self, name: str) -> bool:
        """Begin one feed anew: its source is asked at once, each record tried.

        False for an unknown one, and for one that takes long to stop: that begins when it has stopped.
        """
        spec = next((each for each in self._specs if each.name == name), None)
        if spec is None or self._client is None:
            return False
        log.info("feed %s begins anew: somebody asked for it", name)
        task, client = self._feeds[name], self._client
        task.cancel()
        _, late = await asyncio.wait({task}, timeout=STOP_S)

        def begin(ended: asyncio.Task[None]) -> None:
            # Not after a stop, nor beside one that was begun meanwhile.
            if self._client is client and self._feeds.get(name) is ended:
                self._traces[name].again_at = self._clock()
                self._begin(spec, client, 0.0)

        if late:
            log.warning("%s did not stop within %g s: it begins anew when it has", task.get_name(), STOP_S)
            task.add_done_callback(begin)
            return False
        begin(task)
        return True

    async def stop(self) -> None:
        """Stop every feed within 2 s, and say so if Redis is there."""
        await self._end()
        now = self._clock()
        for health in self._health.values():
            health.stopped(now)
        try:
            async with asyncio.timeout(0.3):
                await self._say()
        except (StoreError, TimeoutError) as error:
            log.info("the feeds' stop is not in Redis: %s", error or "no answer in time")

    def _notes_of(self, feed: str) -> Notes | None:
        # The name of a feed is one of a file: letters, digits, ".", "_", "-".
        return None if self._notes is None else Notes(self._notes / f"{feed}.json")

    async def _end(self) -> None:
        tasks = [*self._tasks, *self._feeds.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=STOP_S)
            for task in late:
                log.warning("%s did not stop within %g s", task.get_name(), STOP_S)
        self._tasks, self._feeds = [], {}
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _begin(self, spec: FeedSpec, client: httpx2.AsyncClient, wait_s: float) -> None:
        keeping = self._keep(spec, client, wait_s)
        self._feeds[spec.name] = asyncio.get_running_loop().create_task(keeping, name=f"feed {spec.name}")

    async def _serve(self, bench: Bench) -> None:
        """Tell what each feed did, and hear which one is wanted again."""
        told: dict[str, bytes] = {}
        looks = 0
        while True:
            try:
                for name in await bench.asked():
                    await self.again(name)
                    looks = 0  # who asked waits for what came of it
                if looks % round(TELL_S / LOOK_S) == 0:
                    traces = {name: trace.told() for name, trace in self._traces.items()}
                    await bench.tell({name: raw for name, raw in traces.items() if told.get(name) != raw})
                    told = traces
            except StoreError as error:
                told = {}
                log.debug("the administrator's page is not served: %s", error)
            looks += 1
            await asyncio.sleep(LOOK_S)

    async def _keep(self, spec: FeedSpec, client: httpx2.AsyncClient, wait_s: float) -> None:
        health = self._health[spec.name]
        pushed = spec.adapter.run is not None
        fetcher = Fetcher(client, spec.addresses(), self._folder, limits=self._limits, resolve=self._resolve)
        delivery = Delivery(spec.name, self._outlet, health, pushed=pushed, rng=self._rng, sleep=self._sleep)
        intake = FeedIntake(
            spec,
            fetcher,
            delivery,
            health,
            clock=self._clock,
            sleep=self._sleep,
            folder=self._folder,
            pictures=self._pictures,
            notes=self._notes_of(spec.name),
            trace=self._traces[spec.name],
        )
        backoff = Backoff(self._rng, RUNNING_CAP_S if pushed else POLLED_CAP_S)
        try:
            await self._sleep(wait_s)
            while True:
                began = self._clock()
                asked_s, failed = None, True
                try:
                    await (self._run(spec, intake) if pushed else self._poll(spec, intake))
                    failed = False
                except SourceError as error:
                    self._failed(spec, str(error))
                    asked_s = error.wait_s if isinstance(error, Busy) else None
                except (OSError, EOFError) as error:
                    self._failed(spec, f"The connection failed: {network_reason(error)}.")
                except Exception as error:  # a mistake in one adapter must not stop the other feeds
                    name = type(error).__name__
                    if self._failed(spec, f"The adapter {spec.adapter.type} failed ({name}); see the log."):
                        log.exception("feed %s", spec.name)
                if not failed:
                    fetcher.settle()
                    backoff.reset()
                    if health.good(self._clock()):
                        log.info("feed %s is well", spec.name)
                    # From start to start, so that a slow source is asked as often as a quick one.
                    await self._sleep(max(0.0, spec.every - max(0.0, self._clock() - began)))
                else:
                    fetcher.forget()
                    if pushed and intake.gave:
                        backoff.reset()
                    await self._sleep(backoff.after_failure(asked_s))
        finally:
            await delivery.close()

    async def _run(self, spec: FeedSpec, intake: FeedIntake) -> None:
        intake.start(None)
        assert spec.adapter.run is not None
        await spec.adapter.run(intake, spec.options)
        raise SourceError("The connection has ended.")

    async def _poll(self, spec: FeedSpec, intake: FeedIntake) -> None:
        visit = asyncio.timeout(self._visit_s)
        try:
            async with visit:
                intake.start(visit)
                await (spec.adapter.poll(intake, spec.options) if spec.adapter.poll else _visit(spec, intake))
                if intake.verdict.reason:
                    raise BadDocument(intake.verdict.reason)
        except TimeoutError:
            if not visit.expired():
                raise
            raise Unreachable(f"The visit did not end within {self._visit_s:g} s.") from None

    def _failed(self, spec: FeedSpec, reason: str) -> bool:
        """Note a failure; its reason is logged when it is news, not once a try."""
        reason = mask_numbers(reason)
        self._traces[spec.name].failed("", reason)
        logged = self._logged.setdefault(spec.name, set())
        health = self._health[spec.name]
        if health.state == "ok":
            logged.clear()
        if not health.failed(reason, self._clock()) or reason in logged:
            return False
        if len(logged) < MAX_LOGGED:  # of two reasons that take turns, each is logged once
            logged.add(reason)
            log.warning("feed %s fails: %s", spec.name, reason)
        return True

    async def _watch(self) -> None:
        away = False
        while True:
            self._news.clear()
            try:
                await self._say()
                away = False
            except StoreError as error:
                if not away:
                    log.warning("the feeds' health waits: %s", error)
                away = True
            except Exception:  # without the watch all feeds would look silent
                log.exception("the feeds' health could not be said")
            try:
                async with asyncio.timeout(LOOK_S):
                    await (asyncio.sleep(LOOK_S) if away else self._news.wait())
            except TimeoutError:
                pass

    async def _say(self) -> None:
        now = self._clock()
        due = [health for health in self._health.values() if health.due(now)]
        if due:
            reports = [health.report(now) for health in due]
            await bounded(self._outlet.put(reports))
            for health, report in zip(due, reports, strict=True):
                health.told(report)


async def _visit(spec: FeedSpec, intake: FeedIntake) -> None:
    """The visit of an adapter without one of its own: fetch its address, parse, give."""
    for document in await intake.fetch_all(spec.url):
        try:
            parsed = await _parse(spec, document, intake)
        except SourceError as error:
            await intake.refuse(document, error)  # the other files of a folder are still good
            continue
        await intake.give(parsed)


async def _parse(spec: FeedSpec, document: Document, intake: FeedIntake) -> Parsed:
    context = intake.context()
    if len(document.body) <= PARSE_ASIDE_BYTES:
        return spec.adapter.parse(document.body, context, spec.options)
    return await aside(lambda: spec.adapter.parse(document.body, context, spec.options))
