"""Between the administrator's page and the feeds' process: what each feed last did, and "try again".

Neither is state of the city: the one is written over every few seconds, the other is gone once it is heard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import redis.asyncio

from wallboard.store.clients import translated
from wallboard.store.keys import Keys

#: Feeds begun anew in one second; more wait for the next.
MOST_AGAIN = 64

#: Dead letters on one page, and entries looked at for them: a quiet feed's lie behind those of a noisy one.
MOST_DEAD = 50
MOST_LOOKED_AT = 5_000
_BATCH = 500


class FeedsBench:
    """The feeds' end. Raises StoreError."""

    def __init__(self, client: redis.asyncio.Redis, keys: Keys) -> None:
        self._redis = client
        self._keys = keys

    async def tell(self, traces: Mapping[str, bytes]) -> None:
        """Replace what is said of each of these feeds."""
        if traces:
            with translated():
                pairs = [part for pair in traces.items() for part in pair]
                await self._redis.hset(self._keys.traces, items=pairs)

    async def told(self, feeds: Sequence[str]) -> dict[str, bytes]:
        """What was last said of these feeds; empty where nothing was."""
        with translated():
            found: Any = await self._redis.hmget(self._keys.traces, feeds)
        return {name: raw or b"" for name, raw in zip(feeds, found, strict=True)}

    async def asked(self) -> list[str]:
        """Feeds that somebody wants begun anew, each heard once."""
        with translated():
            names: Any = await self._redis.spop(self._keys.again, MOST_AGAIN)
        return sorted(name.decode("utf-8", "replace") for name in names or ())


class DeadLetter(msgspec.Struct):
    """What could not be processed. `id` is its place in the stream."""

    id: str
    at: float
    reason: str
    record: Any = None


class NodeBench:
    """A web node's end. Raises StoreError."""

    def __init__(self, client: redis.asyncio.Redis, keys: Keys) -> None:
        self._redis = client
        self._keys = keys

    async def traces(self) -> dict[str, bytes]:
        """What each feed last said."""
        with translated():
            found: Any = await self._redis.hgetall(self._keys.traces)
        return {name.decode(): raw for name, raw in found.items()}

    async def again(self, feed: str) -> None:
        """Ask the feeds' process to begin this one anew."""
        with translated():
            await self._redis.sadd(self._keys.again, feed)

    async def dead(self, feed: str, before: str = "") -> tuple[list[DeadLetter], str]:
        """The newest dead letters of a feed before that stream id, and from where to go on; "" at the end."""
        found: list[DeadLetter] = []
        upto = f"({before}" if before else "+"
        looked = 0
        while looked < MOST_LOOKED_AT:
            with translated():
                entries: Any = await self._redis.xrevrange(self._keys.dead, max=upto, count=_BATCH)
            for id, fields in entries:
                looked += 1
                last = id.decode()
                letter = _letter(last, fields.get(b"d", b""), feed)
                if letter is not None:
                    found.append(letter)
                if len(found) >= MOST_DEAD:
                    return found, last
            if len(entries) < _BATCH:
                return found, ""
            upto = f"({last}"
        return found, last


def _letter(id: str, raw: bytes, feed: str) -> DeadLetter | None:
    """One entry, if it is of this feed and can be read."""
    try:
        entry = msgspec.json.decode(raw)
        if entry.get("feed", "") != feed:
            return None
        return DeadLetter(id, float(entry["at"]), str(entry.get("reason", "")), entry.get("record"))
    except (msgspec.DecodeError, AttributeError, KeyError, TypeError, ValueError):
        return None
