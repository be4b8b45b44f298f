"""Keep a replica equal to the engine's state: load it whole, then follow the commits.

Redis tells none of what can go wrong: a read from a trimmed position skips without an error, one ahead of
the stream waits for ever. So every commit's number and epoch are checked, and silence is checked against
the head.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from wallboard.errors import StoreError
from wallboard.state import Replica
from wallboard.store.commits import WallEntry
from wallboard.store.nodes import NodeStore

log = logging.getLogger("wallboard.follow")

#: Commits of one read; between reads the loop serves others.
READ_COUNT = 200

#: The engine commits each second; a silence this long is checked against the head (ms).
SILENCE_MS = 1500

#: Waits between tries while Redis is away (s).
RETRY_S = (0.05, 0.1, 0.25, 0.5, 1.0)


class Lost(Exception):
    """The replica cannot be proved whole any more; the reason is its text."""


class NothingYet(Lost):
    """No engine has committed anything: so it is at every first start, until the first commit."""


class Follower:
    """Feeds one replica.

    `changed` is called after each step, `reloaded` after a whole new start, and `told` with each commit that
    answers a command or ends a right. After a whole new start all of these may have been missed: who waits
    asks again, and rights are judged anew.
    """

    def __init__(
        self,
        store: NodeStore,
        replica: Replica,
        changed: Callable[[], None],
        reloaded: Callable[[], None],
        told: Callable[[WallEntry], None] = lambda entry: None,
    ) -> None:
        self._store = store
        self._replica = replica
        self._changed = changed
        self._reloaded = reloaded
        self._told = told
        self._cursor = "0-0"
        #: whether the replica is whole and Redis answers
        self.ready = False
        #: why not, in one sentence
        self.reason = "no state yet"
        #: tries that failed since Redis last answered
        self._failures = 0

    async def run(self) -> None:
        """Follow for ever."""
        loaded = False
        while True:
            try:
                if not loaded:
                    await self._load()
                    loaded = True
                    self._reloaded()
                    self._well()
                await self._follow()
            except Lost as lost:
                if str(lost) != self.reason:  # said once, not with each try
                    if isinstance(lost, NothingYet):
                        log.info("no state to load yet: %s", lost)
                    else:
                        log.warning("loading the state again: %s", lost)
                loaded, self.ready, self.reason = False, False, str(lost)
                await asyncio.sleep(RETRY_S[0])
            except StoreError as fault:
                if self._failures == 0:
                    log.warning("%s", fault)
                self.ready, self.reason = False, str(fault)
                await asyncio.sleep(RETRY_S[min(self._failures, len(RETRY_S) - 1)])
                self._failures += 1

    def _well(self) -> None:
        """Redis has answered."""
        self.ready, self.reason, self._failures = True, "", 0

    async def _load(self) -> None:
        """Head, then the hashes, then the whole wall; whole when it has passed a head read after them."""
        before = await self._store.head()
        if not before.epoch:
            raise NothingYet("the engine has not committed anything yet")
        state = [item async for item in self._store.state()]
        after = await self._store.head()
        if after.epoch != before.epoch:
            raise Lost("the epoch changed while loading")
        first = await self._store.wall("0-0", count=READ_COUNT)
        fresh = Replica()
        start = first[0][1].n - 1 if first else after.n
        fresh.reset(after.epoch, start, after.at, after.n, state)
        cursor, entries = "0-0", first
        if not entries:
            cursor = after.wall_id
        elif start > before.n:
            raise Lost(f"the wall was trimmed to commit {start + 1} while loading")
        while entries:
            for id, entry in entries:
                if entry.n > after.n and entry.epoch != after.epoch:
                    raise Lost(f"epoch {entry.epoch} began while loading")
                if entry.n > fresh.n + 1:
                    # A gap below the first head does not matter for the state; resuming from below it would.
                    if entry.n > before.n + 1:
                        raise Lost(f"commit {entry.n} came after {fresh.n} while loading")
                    fresh.floor = entry.n
                fresh.apply(entry.n, entry.at, entry.safe_n, entry.changes, entry.heard)
                fresh.epoch = entry.epoch
                cursor = id
            entries = await self._store.wall(cursor, count=READ_COUNT)
        if fresh.n < after.n:
            raise Lost(f"the wall ends at commit {fresh.n}, the head is at {after.n}")
        self._replica.take(fresh)
        self._cursor = cursor
        log.info("loaded: epoch %s, commit %d", fresh.epoch, fresh.n)

    async def _follow(self) -> None:
        while True:
            entries = await self._store.wall(self._cursor, count=READ_COUNT, block_ms=SILENCE_MS)
            self._well()
            if not entries:
                await self._check_silence()
                continue
            for id, entry in entries:
                if entry.epoch != self._replica.epoch:
                    raise Lost(f"epoch {entry.epoch} began")
                if entry.n != self._replica.n + 1:
                    raise Lost(f"commit {entry.n} came after {self._replica.n}")
                self._replica.apply(entry.n, entry.at, entry.safe_n, entry.changes, entry.heard)
                self._cursor = id
                if entry.results or entry.revoked:
                    self._told(entry)
            self._changed()
            # Boards get their turn between two reads even when commits come without a pause.
            await asyncio.sleep(0)

    async def _check_silence(self) -> None:
        head = await self._store.head()
        if head.epoch != self._replica.epoch:
            raise Lost(f"epoch {head.epoch or 'none'} instead of {self._replica.epoch}")
        if head.n < self._replica.n:
            raise Lost(f"the head went back to {head.n}")
        if head.n > self._replica.n:
            again = await self._store.wall(self._cursor, count=1)
            if not again:
                raise Lost(f"the head is at {head.n}, and no commit after {self._replica.n} can be read")
