"""Still pictures of the cameras that somebody looks at: fetched here, where the private addresses are.

Only what a board has asked for during the last seconds is fetched, each camera at most once a period, a
bounded number at once. A picture goes to the nodes and is forgotten; of the last one its hash is kept, to see
whether it moves.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from weakref import WeakKeyDictionary

from feeds.base import Intake
from feeds.cameras.jpeg import size_of
from feeds.fetching.limits import Answered, NotAllowed, TooLarge
from wallboard.errors import BadDocument, SourceError, StoreError, Unreachable
from wallboard.stills import Pictures, Still, StillReason

log = logging.getLogger(__name__)

#: How often it is looked which cameras are wanted (s): a tile that turns up has its picture within a second.
LOOK_S = 0.5
#: Requests at once for all cameras of a feed; each is a picture of up to MAX_STILL_BYTES in memory.
STILLS_AT_ONCE = 8
#: Cameras looked at in turn at once; with the period of 5 s this is 13 requests a second.
MOST_CAMERAS = 64
#: A still of 1080p has 150 to 500 kB; a tile is 640 pixels wide.
MAX_STILL_BYTES = 1024 * 1024
#: A picture that takes longer than this shows what was (s).
STILL_S = 8.0
#: A picture that changed within this many periods moves; gateways hand out the same one for two or three.
MOVING_PERIODS = 4.0
#: … and none stands still sooner than this (s), as for HLS.
MIN_FROZEN_S = 30.0


@dataclass(frozen=True)
class Seen:
    """What the looks at one camera have shown so far."""

    digest: bytes
    since: float
    #: when a picture last differed from the one before; None: never yet
    changed_at: float | None = None


def judge(before: Seen | None, body: bytes, now: float) -> Seen:
    """What is known after a look at `now` that brought `body` (b"": no picture)."""
    digest = hashlib.blake2b(body, digest_size=16).digest() if body else b""
    # After a clock was set back what was seen lies ahead: a picture that stands still would move until then.
    if before is None or before.since > now:
        return Seen(digest, now)
    if digest == before.digest:
        return before
    # From a picture to none and back is no movement.
    moved = bool(digest and before.digest)
    return Seen(digest, now, now if moved else before.changed_at)


class Stills:
    """The pictures of one feed's cameras; what is known of them outlives a restart of the feed's run."""

    _remembered: ClassVar[WeakKeyDictionary[Intake, Stills]] = WeakKeyDictionary()

    def __init__(self, every: float) -> None:
        self._every = every
        self._places = asyncio.Semaphore(STILLS_AT_ONCE)
        self._addresses: Mapping[str, str] = {}
        self._seen: dict[str, Seen] = {}
        self._begun: dict[str, float] = {}
        self._busy: set[str] = set()

    @classmethod
    def of(cls, intake: Intake, every: float) -> Stills:
        """Those that belong to this feed."""
        return cls._remembered.setdefault(intake, cls(every))

    def know(self, addresses: Mapping[str, str]) -> None:
        """Where the picture of each camera is (id → address); all others have none."""
        for id in [id for id in self._seen if self._addresses.get(id) != addresses.get(id)]:
            self._forget(id)
        self._addresses = dict(addresses)

    async def keep(self, intake: Intake, pictures: Pictures, group: asyncio.TaskGroup) -> None:
        """Fetch what is wanted, until cancelled."""
        self._busy.clear()
        while True:
            now = intake.now()
            wanted = [id for id in pictures.wanted(intake.name) if id in self._addresses]
            for id in [id for id in self._seen if id not in wanted]:
                self._forget(id)
            for id in wanted[MOST_CAMERAS:]:
                if self._due(id, now):
                    self._begun[id] = now
                    await _hand(pictures, _still(intake, id, judge(None, b"", now), "too_many", b"", now))
            for id in wanted[:MOST_CAMERAS]:
                if id not in self._busy and self._due(id, now):
                    self._busy.add(id)
                    self._begun[id] = now
                    group.create_task(self._look(intake, pictures, id), name=f"still {id}")
            await intake.sleep(LOOK_S)

    def _due(self, id: str, now: float) -> bool:
        # A clock that was set back must not stop it.
        return not 0.0 <= now - self._begun.get(id, float("-inf")) < self._every

    def _forget(self, id: str) -> None:
        self._seen.pop(id, None)
        self._begun.pop(id, None)

    async def _look(self, intake: Intake, pictures: Pictures, id: str) -> None:
        try:
            async with self._places:
                body, reason = await _fetch(intake, id, self._addresses.get(id, ""))
            now = intake.now()
            seen = judge(self._seen.get(id), body, now)
            self._seen[id] = seen
            moved = seen.changed_at is not None and now - seen.changed_at <= max(
                MIN_FROZEN_S, MOVING_PERIODS * self._every
            )
            await _hand(pictures, _still(intake, id, seen, reason, body, now, moved=moved))
        finally:
            self._busy.discard(id)


async def _fetch(intake: Intake, id: str, url: str) -> tuple[bytes, StillReason]:
    reason: StillReason
    why: SourceError
    try:
        async with asyncio.timeout(STILL_S):
            document = await intake.fetch(url, limit=MAX_STILL_BYTES)
        body = b"" if document is None else document.body
        size_of(body)
        return body, ""
    except TimeoutError:
        return b"", "no_answer"
    except BadDocument as error:
        reason, why = "not_a_picture", error
    except Unreachable as error:
        why = error
        reason = (
            "too_large"
            if isinstance(error, TooLarge)
            else "not_allowed"
            if isinstance(error, NotAllowed)
            else "no_picture"
            if isinstance(error, Answered)
            else "unreachable"
        )
    log.debug("still of camera %s: %s", id, why)
    return b"", reason


def _still(
    intake: Intake,
    id: str,
    seen: Seen,
    reason: StillReason,
    body: bytes,
    now: float,
    *,
    moved: bool = False,
) -> Still:
    return Still(
        camera=f"{intake.name}/{id}", at=now, since=seen.since, moved=moved, reason=reason, jpeg=body
    )


async def _hand(pictures: Pictures, still: Still) -> None:
    try:
        await pictures.hand_over(still)
    except StoreError as error:
        log.debug("%s", error)  # the feed's own events say that Redis is away; the next picture comes soon
