"""The rounds of a camera feed: its list now and then, each camera's playlist every few seconds.

One small task a camera, spread over the period by chance, a bounded number of requests at once. A camera is
told of when its state changes, and again every REPEAT_S: a wall that hears nothing of it takes its state for
unknown.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import ClassVar, Protocol
from weakref import WeakKeyDictionary

from feeds.base import Intake, Parsed
from feeds.cameras import hls
from feeds.cameras.stills import Stills
from feeds.fetching.aside import aside
from feeds.fetching.limits import Busy
from wallboard.errors import BadDocument, SourceError, Unreachable
from wallboard.events import CameraChecked

log = logging.getLogger(__name__)

#: Requests at once for all cameras of a feed. A dead camera holds its place for CHECK_S: with 269 of them
#: dead and 64 places a round takes 35 s, which is still within the repetition.
CHECKS_AT_ONCE = 64
#: A playlist of 2 kB that takes longer than this cannot be played either (s).
CHECK_S = 8.0
#: What has not changed is said again this often; the engine lets a state lapse after three of these (s).
REPEAT_S = 300.0
#: The period of each camera varies by this share, so that they do not fall into step.
JITTER = 0.1

#: After a list that could not be had, it is asked for again this soon (s), if it is not due sooner.
LIST_RETRY_S = 15.0
#: A list whose bytes did not change is handed over again this often, so that what Redis lost comes back (s).
RELIST_S = 600.0

NO_STREAM = "no_stream"


class Kept(Protocol):
    """The addresses of a list that stay in this process: camera → address."""

    checks: dict[str, str]
    stills: dict[str, str]


ReadList = Callable[[bytes], tuple[Parsed, Kept]]


@dataclass
class _Target:
    """A camera to check."""

    id: str
    #: as listed: its playlist, or a master playlist
    url: str
    #: its playlist behind the master or behind redirects, as long as that works: servers begin a session
    #: with each request of a master
    media: str = ""
    health: hls.Health | None = None
    told: tuple[str, float] | None = None


class Checks:
    """The checks of one feed's cameras; what they have found outlives a restart of the feed's run."""

    _remembered: ClassVar[WeakKeyDictionary[Intake, Checks]] = WeakKeyDictionary()

    def __init__(self, every: float, rng: Random | None = None) -> None:
        self._every = every
        self._rng = rng if rng is not None else Random()  # noqa: S311  # jitter, not a secret
        self._places = asyncio.Semaphore(CHECKS_AT_ONCE)
        self._targets: dict[str, _Target] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @classmethod
    def of(cls, intake: Intake, every: float) -> Checks:
        """The checks that belong to this feed."""
        return cls._remembered.setdefault(intake, cls(every))

    def start(self, intake: Intake, group: asyncio.TaskGroup, probes: dict[str, str] | None = None) -> None:
        """Check these cameras (id → address) from now on, and no others; None: those known already."""
        if probes is None:
            probes = {id: target.url for id, target in self._targets.items()}
            self._tasks.clear()
        for id in [id for id, target in self._targets.items() if probes.get(id) != target.url]:
            del self._targets[id]
            if task := self._tasks.pop(id, None):
                task.cancel()
        for id, url in probes.items():
            target = self._targets.setdefault(id, _Target(id, url))
            if id not in self._tasks:
                self._tasks[id] = group.create_task(self._keep(intake, target), name=f"camera {id}")

    async def _keep(self, intake: Intake, target: _Target) -> None:
        if not target.url:
            await self._tell(intake, target, "unknown", NO_STREAM, None)
            return
        await intake.sleep(self._rng.uniform(0.0, self._every))
        while True:
            began = intake.now()
            async with self._places:
                seen, reopened = await _look(intake, target)
            now = intake.now()
            target.health = health = hls.judge(target.health, seen, now, reopened=reopened)
            told = target.told
            # "unknown" is nobody's news: the engine knows it already, or still knows better.
            if health.state != "unknown" and (
                told is None or told[0] != health.state or not 0 <= now - told[1] < REPEAT_S
            ):
                await self._tell(intake, target, health.state, health.reason, health.since)
            pause = self._every * self._rng.uniform(1.0 - JITTER, 1.0 + JITTER)
            await intake.sleep(max(0.0, pause - max(0.0, intake.now() - began)))

    async def _tell(
        self, intake: Intake, target: _Target, state: hls.State, reason: str, since: float | None
    ) -> None:
        now = intake.now()
        event = CameraChecked(
            feed=intake.name, source_id=target.id, received_at=now, state=state, reason=reason, since=since
        )
        await intake.give(Parsed([event]))
        target.told = (state, now)


async def _look(intake: Intake, target: _Target) -> tuple[hls.Media | hls.Failure | None, bool]:
    """One check: what was seen (None: not modified), and whether a new session was begun for it."""
    reopened = False
    try:
        async with asyncio.timeout(CHECK_S):
            if target.media:
                try:
                    return await _media(intake, target.media), False
                except SourceError:
                    # Sessions and tokens end; the listed address begins new ones.
                    target.media, reopened = "", True
            return await _open(intake, target), reopened
    except TimeoutError:
        return hls.Failure("no_answer"), False
    except BadDocument as error:
        log.debug("camera %s: %s", target.id, error)
        return hls.Failure("not_a_playlist"), False
    except Unreachable as error:
        log.debug("camera %s: %s", target.id, error)
        return hls.Failure("unreachable"), False


async def _open(intake: Intake, target: _Target) -> hls.Media | None:
    """Fetch the listed address, and its first variant where it is a master playlist."""
    document = await intake.fetch(target.url, limit=hls.MAX_PLAYLIST_BYTES)
    if document is None:
        return None
    found = hls.read(document.body, document.url)
    if isinstance(found, hls.Master):
        document = await intake.fetch(found.variant, limit=hls.MAX_PLAYLIST_BYTES)
        if document is None:
            return None
        found = hls.read(document.body, document.url)
        if isinstance(found, hls.Master):
            raise BadDocument("A master playlist leads to another one.")
    if document.url != target.url:
        target.media = document.url
    return found


async def _media(intake: Intake, url: str) -> hls.Media | None:
    document = await intake.fetch(url, limit=hls.MAX_PLAYLIST_BYTES)
    if document is None:
        return None
    found = hls.read(document.body, document.url)
    if isinstance(found, hls.Master):
        raise BadDocument("It was a playlist of segments, and is now one of playlists.")
    return found


async def follow(intake: Intake, read: ReadList, checks: Checks | None, stills: Stills | None = None) -> None:
    """Hand over the list every `intake.every` seconds, and look at its cameras meanwhile, until cancelled.

    A list that cannot be had does not end the checks: the feed says what is wrong, and they go on.
    """
    known, handed_at, useless = b"", 0.0, ""
    async with asyncio.TaskGroup() as group:
        if checks is not None:
            checks.start(intake, group)
        if stills is not None and intake.pictures is not None:
            group.create_task(stills.keep(intake, intake.pictures, group), name=f"stills {intake.name}")
        while True:
            wait = intake.every
            try:
                document = await intake.fetch(intake.url)
                digest = (
                    known if document is None else hashlib.blake2b(document.body, digest_size=16).digest()
                )
                now = intake.now()
                if document is not None and (digest != known or not 0 <= now - handed_at < RELIST_S):
                    # Beside the loop, which all checks and the other feeds need.
                    parsed, kept = await aside(partial(read, document.body))
                    useless = ""
                    if not kept.checks and parsed.faults:
                        # A field has a new name, say: the source answers, and is not well.
                        useless = f"None of the {len(parsed.faults)} cameras of the list can be used."
                        intake.trouble(useless)
                    await intake.give(parsed)
                    known, handed_at = digest, now
                    if checks is not None and not useless:
                        checks.start(intake, group, kept.checks)
                    if stills is not None and not useless:
                        stills.know(kept.stills)
                intake.trouble(useless)
            except SourceError as error:
                asked = (error.wait_s or 0.0) if isinstance(error, Busy) else 0.0
                wait = min(intake.every, max(LIST_RETRY_S, asked))
                intake.trouble(str(error))
            await intake.sleep(wait)
