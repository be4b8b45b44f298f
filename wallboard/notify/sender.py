"""The sender: a thread beside the active engine that empties the outbox, whatever the receivers do.

At least once: what a receiver has confirmed is kept in Redis, an entry is deleted when all have. A sender
that is killed between a confirmation and its keeping leaves a notice that the next one sends again, with the
same id. A stand-by's sender looks for its engine's lease each POLL_S, and does nothing without it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from wallboard.city import CityConfig
from wallboard.errors import StoreError
from wallboard.events import Command
from wallboard.notify.jobs import Job, Jobs
from wallboard.notify.notice import Notice, decode
from wallboard.notify.way import DELIVERY_S, Failed, Missing, Way, why
from wallboard.store.clients import connect_async
from wallboard.store.keys import Keys
from wallboard.store.outbox import READ_COUNT, Outbox

log = logging.getLogger("wallboard.notify")

#: How soon a new notice is seen, and a lost lease (s).
POLL_S = 0.25

#: What nobody has taken by then is of no use to them any more (s).
GIVE_UP_S = 24 * 3600.0

#: Notices in memory; more wait in Redis, a day of the worst flood is a tenth of it.
MAX_WAITING = 10_000

#: What the audit trail is told of a notice that was given up (engine/undelivered.py).
UNDELIVERED = "notify.undelivered"


class Sender:
    """Sends what the engine with this token writes into the outbox."""

    def __init__(
        self,
        url: str,
        keys: Keys,
        token: str,
        ways: Callable[[], Mapping[str, Way]],
        *,
        clock: Callable[[], float] = time.time,
        give_up_s: float = GIVE_UP_S,
    ) -> None:
        self._url = url
        self._keys = keys
        self._token = token
        #: made when the first notice is sent: what they need takes memory and time to import
        self._make_ways = ways
        self._clock = clock
        self._give_up_s = give_up_s
        self._rng = Random()  # noqa: S311 - spreads retries
        self._ways: Mapping[str, Way] | None = None
        #: the epoch of our engine's term; None: it has the lease no more
        self._term: str | None = None
        self._failing: dict[str, str] = {}
        self._deliveries: set[asyncio.Task[None]] = set()
        #: confirmed, and not yet kept in Redis: never sent again by this process
        self._unkept: set[tuple[str, str]] = set()
        self._keeping = asyncio.Lock()
        self._forget()

    def trouble(self) -> str:
        """What the feed strip says while notices wait after a failure."""
        failing = sorted(self._failing)
        return f"notify_{failing[0].partition(':')[0]}_fails" if failing else ""

    def run(self, stop: threading.Event) -> None:
        """Send until `stop`."""
        try:
            asyncio.run(self._run(stop))
        except Exception:
            # Nobody would miss a thread: the process ends, and the supervisor starts it again.
            log.exception("the sender of notices failed")
            stop.set()

    async def _run(self, stop: threading.Event) -> None:
        client = connect_async(self._url)
        outbox = Outbox(client, self._keys)
        try:
            while not stop.is_set():
                try:
                    await self._step(outbox)
                except StoreError as fault:
                    # What is under way goes on: it was ours to send when it began.
                    log.debug("notices wait: %s", fault)
                self._report()
                await asyncio.sleep(POLL_S)
        finally:
            await self._leave()
            await client.aclose()

    async def _step(self, outbox: Outbox) -> None:
        term = await outbox.term(self._token)
        if term != self._term:
            # Another engine's term, or another life of Redis: what we know of the outbox may be wrong.
            await self._leave()
            self._term = term
        if term is None:
            return
        await self._load(outbox)
        await self._keep(outbox)
        await self._give_up(outbox)
        for job in self._jobs.due(time.monotonic()):
            task = asyncio.create_task(self._deliver(outbox, job))
            self._deliveries.add(task)
            task.add_done_callback(self._deliveries.discard)

    # -- from and to Redis ---------------------------------------------------------------------------

    def _forget(self) -> None:
        """Know nothing of the outbox: it is read from its beginning."""
        self._jobs = Jobs(self._rng)
        self._last = "0-0"
        #: entry → receivers that had confirmed when this term began; None: not read yet
        self._done: dict[str, set[str]] | None = None

    async def _leave(self) -> None:
        """Another engine's sender, or this one's next term, goes on from what Redis knows."""
        deliveries = list(self._deliveries)
        for task in deliveries:
            task.cancel()
        await asyncio.gather(*deliveries, return_exceptions=True)
        self._forget()

    async def _load(self, outbox: Outbox) -> None:
        if self._done is None:
            self._done = await outbox.done()
            for entry, receiver in self._unkept:
                self._done.setdefault(entry, set()).add(receiver)
        while len(self._jobs) < MAX_WAITING:
            entries = await outbox.read(self._last)
            for entry, raw in entries:
                await self._take(outbox, entry, raw, self._done.get(entry, set()))
                self._last = entry
            if len(entries) < READ_COUNT:
                await self._tidy(outbox)
                return

    async def _tidy(self, outbox: Outbox) -> None:
        """Forget confirmations without an entry, which a sender that was overtaken may have left."""
        for entry, receivers in (self._done or {}).items():
            if not self._jobs.knows(entry):
                await outbox.confirm(entry, receivers, whole=True)
        self._done = {}

    async def _take(self, outbox: Outbox, entry: str, raw: bytes, confirmed: set[str]) -> None:
        try:
            notice = decode(raw)
        except ValueError as fault:
            record = raw.decode("utf-8", "replace")
            dead = {"feed": "", "reason": f"a notice that cannot be read: {fault}", "at": self._clock()}
            await outbox.give_up(entry, (), {**dead, "record": record}, None, whole=True)
            return
        if not self._jobs.add(entry, notice, confirmed):
            # People alone, who see it on their screens; or all had confirmed when a sender was killed.
            await outbox.confirm(entry, confirmed, whole=True)
            self._jobs.drop(entry)

    async def _keep(self, outbox: Outbox) -> None:
        """Keep what was confirmed while Redis was away."""
        for entry, _ in list(self._unkept):
            await self._kept(outbox, entry)

    async def _kept(self, outbox: Outbox, entry: str) -> None:
        # One after the other: of two connections to Redis the later word could come first.
        async with self._keeping:
            if not self._jobs.knows(entry):  # it has left the stream meanwhile: nothing is to be kept
                self._unkept = {pair for pair in self._unkept if pair[0] != entry}
                return
            receivers, whole = self._jobs.confirmed(entry)
            await outbox.confirm(entry, receivers, whole=whole)
            self._unkept -= {(entry, receiver) for receiver in receivers}
            if whole:
                self._jobs.drop(entry)

    async def _give_up(self, outbox: Outbox) -> None:
        now = self._clock()
        for job in list(self._jobs.tried()):
            if _written_at(job.entry) + self._give_up_s > now:
                continue
            reason = f"a notice by {job.way} was not delivered within {self._give_up_s:.0f} s: {job.why}"
            dead = {"feed": "", "reason": reason, "at": now, "record": job.notice}
            async with self._keeping:
                receivers, whole = self._jobs.confirmed(job.entry, job.receiver)
                await outbox.give_up(job.entry, receivers, dead, _told(job, now), whole=whole)
                self._jobs.given_up(job)
                if whole:
                    self._jobs.drop(job.entry)
            log.error("%s (%s, %d tries)", reason, job.notice.id, job.tries)

    # -- to the receivers ----------------------------------------------------------------------------

    async def _deliver(self, outbox: Outbox, job: Job) -> None:
        if self._ways is None:
            self._ways = self._make_ways()
        way = self._ways.get(job.kind) or Missing(f"the configuration has no way to send by {job.kind}")
        try:
            async with asyncio.timeout(2 * DELIVERY_S):
                await way.send(job.notice, job.to)
        except Failed as fault:
            if fault.refused:
                self._jobs.refused(job, str(fault), time.monotonic())
            else:
                self._jobs.failed(job, str(fault), time.monotonic(), fault.retry_after)
            return
        except Exception as fault:
            # A fault of ours with one notice must not stop the others; it is told like a receiver's.
            if not isinstance(fault, TimeoutError):
                log.exception("a notice could not be sent by %s", job.way)
            self._jobs.failed(job, why(fault), time.monotonic())
            return
        self._unkept.add((job.entry, job.receiver))
        self._jobs.succeeded(job)
        try:
            await self._kept(outbox, job.entry)
        except StoreError as fault:
            log.debug("a confirmation waits: %s", fault)  # _keep goes on

    def _report(self) -> None:
        """Say once in the log that a way fails, and once that it works again."""
        failing = self._jobs.failing()
        for way in failing.keys() - self._failing.keys():
            log.error("notices by %s wait: %s", way, failing[way])
        for way in self._failing.keys() - failing.keys():
            log.info("no notice by %s waits any more", way)
        self._failing = failing


def city_ways(city: CityConfig, folder: Path) -> dict[str, Way]:
    """The ways of a configuration, by kind."""
    from wallboard.notify.mail import Mail
    from wallboard.notify.webhook import Webhooks

    config = city.notify
    ways: dict[str, Way] = {"webhook": Webhooks(config.webhook, folder)}
    if config.smtp is not None:
        ways["email"] = Mail(config.smtp, city, folder)
    if config.mqtt is not None:
        from wallboard.notify.mqtt import Mqtt

        ways["mqtt"] = Mqtt(config.mqtt, folder)
    return ways


def _written_at(entry: str) -> float:
    """When Redis took an entry (s since 1970), by its own clock."""
    return int(entry.partition("-")[0]) / 1000


def _told(job: Job, now: float) -> Command:
    """The same for the same entry and receiver: told twice, it is done once."""
    name = hashlib.sha256(f"{job.entry} {job.receiver}".encode()).hexdigest()[:32]
    notice: Notice = job.notice
    args = {"notice": notice.id, "way": job.way, "group": notice.group, "step": notice.step, "why": job.why}
    return Command(feed="", source_id=name, received_at=now, person="", action=UNDELIVERED, args=args)
