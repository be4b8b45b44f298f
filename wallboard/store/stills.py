"""The way of still pictures through Redis: by publish and subscribe, so that none reaches a disk.

A picture that is lost on the way is replaced by the next one in some seconds; nobody waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable

import msgspec
import redis.asyncio

from wallboard.errors import StoreDown, StoreError, StoreForbids
from wallboard.stills import Still
from wallboard.store.clients import translated
from wallboard.store.keys import Keys

log = logging.getLogger("wallboard.stills")

#: A camera that nobody has asked for during this is looked at by nobody (s): three of a board's periods.
WANTED_S = 15.0
#: More wanted cameras than this are more than the walls of one city can show at once.
MOST_WANTED = 256
#: An id is a feed's name and 200 characters; longer ones are nobody's.
MAX_ID_CHARS = 300
#: How long one wait for a message lasts (s): the connection's own patience is longer.
LISTEN_S = 1.0
#: Who hears nothing, not even the answer to one of so many PINGs, hears nobody: a machine that lost its power
#: closes no connection.
MOST_UNANSWERED = 5
#: Redis comes back in seconds (s).
AGAIN_S = 1.0

_ids = msgspec.json.Decoder(list[str])
_still = msgspec.msgpack.Decoder(Still)


async def listen(client: redis.asyncio.Redis, channel: str, take: Callable[[bytes], None]) -> None:
    """Hand every message of a channel to `take`, for ever; what Redis loses meanwhile is not missed."""
    told = False
    while True:
        try:
            async for message in _messages(client, channel):
                told = False
                try:
                    take(message)
                except (msgspec.DecodeError, ValueError) as fault:
                    log.warning("a message of %s cannot be read: %s", channel, fault)
        except StoreError as fault:
            if not told:
                # That Redis is away is said by who follows the state; that it refuses this by nobody else.
                level = logging.WARNING if isinstance(fault, StoreForbids) else logging.DEBUG
                log.log(level, "no pictures of cameras by the channel %s: %s", channel, fault)
            told = True
            await asyncio.sleep(AGAIN_S)


async def _messages(client: redis.asyncio.Redis, channel: str) -> AsyncIterator[bytes]:
    with translated():
        async with client.pubsub() as subscription:
            await subscription.subscribe(channel)
            unanswered = 0
            while unanswered <= MOST_UNANSWERED:
                message = await subscription.get_message(ignore_subscribe_messages=True, timeout=LISTEN_S)
                if message is None:
                    unanswered += 1
                    await subscription.ping()
                    continue
                unanswered = 0
                if message["type"] == "message":
                    yield message["data"]
            raise StoreDown("Redis does not answer: its subscription is silent")


class Wanted:
    """Which cameras somebody looks at: asked for lately. Pure."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        #: camera → when it was asked for last; in the order in which they were first asked for
        self._asked: dict[str, float] = {}

    def ask(self, ids: Iterable[str]) -> None:
        """Somebody looks at these."""
        now = self._monotonic()
        self._drop(now)
        for id in ids:
            if len(id) <= MAX_ID_CHARS and (id in self._asked or len(self._asked) < MOST_WANTED):
                self._asked[id] = now

    def now(self) -> list[str]:
        """All that are looked at; longest first."""
        self._drop(self._monotonic())
        return list(self._asked)

    def __contains__(self, id: str) -> bool:
        return self._monotonic() - self._asked.get(id, float("-inf")) < WANTED_S

    def _drop(self, now: float) -> None:
        for id in [id for id, at in self._asked.items() if now - at >= WANTED_S]:
            del self._asked[id]


class FeedsEnd:
    """The feeds' end of the way (stills.Pictures)."""

    def __init__(self, client: redis.asyncio.Redis, keys: Keys) -> None:
        self._redis = client
        self._keys = keys
        self._wanted = Wanted()

    async def run(self) -> None:
        """Hear what is asked for, for ever."""
        await listen(self._redis, self._keys.stills_asked, lambda body: self._wanted.ask(_ids.decode(body)))

    def wanted(self, feed: str) -> list[str]:
        """Ids, as in the feed's list, of the cameras that some board shows now."""
        mine = f"{feed}/"
        return [id.removeprefix(mine) for id in self._wanted.now() if id.startswith(mine)]

    async def hand_over(self, still: Still) -> None:
        """Publish it. Raises StoreDown."""
        with translated():
            await self._redis.publish(self._keys.stills, msgspec.msgpack.encode(still))


class NodesEnd:
    """A node's end of the way."""

    def __init__(self, client: redis.asyncio.Redis, keys: Keys) -> None:
        self._redis = client
        self._keys = keys

    async def ask(self, ids: list[str]) -> None:
        """Say which cameras are looked at here. Raises StoreDown."""
        with translated():
            await self._redis.publish(self._keys.stills_asked, msgspec.json.encode(ids))

    async def run(self, take: Callable[[Still], None]) -> None:
        """Hand every picture to `take`, for ever."""
        await listen(self._redis, self._keys.stills, lambda body: take(_still.decode(body)))
