"""The outbox in Redis: notices to send, and which of their receivers have confirmed.

`{c}:outbox` is a stream, an entry a notice; `{c}:outbox:done` is a set of "ENTRY RECEIVER". An entry leaves
the stream, and its receivers the set, in one transaction when all have confirmed or were given up.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import redis.asyncio

from wallboard.events import Command, encoder, stream_of
from wallboard.store.clients import translated
from wallboard.store.keys import Keys

#: Entries of one read: 200 notices of 2 KiB.
READ_COUNT = 200

#: Oldest go first, as in `Outlet.bury`.
_MAX_DEAD = 100_000


class Outbox:
    """What the sender of notices does with Redis; raises StoreError as the other stores do."""

    def __init__(self, client: redis.asyncio.Redis, keys: Keys) -> None:
        self._redis = client
        self._keys = keys

    async def term(self, token: str) -> str | None:
        """The epoch, while the engine with this token has the lease; else None."""
        with translated():
            pipe = self._redis.pipeline(transaction=True)
            pipe.get(self._keys.lease)
            pipe.hget(self._keys.head, "epoch")
            holder, epoch = await pipe.execute()
        return (epoch or b"").decode() if holder == token.encode() else None

    async def read(self, after: str, count: int = READ_COUNT) -> list[tuple[str, bytes]]:
        """Entries after the id, oldest first, as (id, JSON)."""
        with translated():
            answer: Any = await self._redis.xrange(self._keys.outbox, min=f"({after}", count=count)
        return [(id.decode(), fields.get(b"d", b"")) for id, fields in answer]

    async def done(self) -> dict[str, set[str]]:
        """Entry → receivers that have confirmed while others of the entry have not."""
        with translated():
            answer: Any = await self._redis.smembers(self._keys.outbox_done)
        done: dict[str, set[str]] = {}
        for member in answer:
            entry, _, receiver = member.decode().partition(" ")
            done.setdefault(entry, set()).add(receiver)
        return done

    async def confirm(self, entry: str, receivers: Iterable[str], *, whole: bool) -> None:
        """Keep that these receivers have confirmed; `whole`: all have, and the entry is done with."""
        members = [f"{entry} {receiver}" for receiver in receivers]
        with translated():
            pipe = self._redis.pipeline(transaction=True)
            self._settle(pipe, entry, members, whole)
            await pipe.execute()

    async def give_up(
        self, entry: str, receivers: Iterable[str], dead: dict[str, Any], told: Command | None, *, whole: bool
    ) -> None:
        """Bury a notice that cannot be delivered, and tell the engine, which audits and counts it."""
        members = [f"{entry} {receiver}" for receiver in receivers]
        with translated():
            pipe = self._redis.pipeline(transaction=True)
            raw = msgspec.json.encode(dead)
            pipe.xadd(self._keys.dead, {"d": raw}, maxlen=_MAX_DEAD, approximate=True)
            if told is not None:
                pipe.xadd(self._keys.feed(stream_of(told)), {"d": encoder.encode(told)})
            self._settle(pipe, entry, members, whole)
            await pipe.execute()

    def _settle(self, pipe: Any, entry: str, members: list[str], whole: bool) -> None:
        if whole:
            pipe.xdel(self._keys.outbox, entry)
            if members:
                pipe.srem(self._keys.outbox_done, *members)
        elif members:
            pipe.sadd(self._keys.outbox_done, *members)
