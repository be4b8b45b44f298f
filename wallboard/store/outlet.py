"""The way of events into Redis: feeds, webhooks and people append to the streams that the engine reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import redis.asyncio

from wallboard.events import AnyEvent, encoder, stream_of
from wallboard.store.clients import script, translated
from wallboard.store.keys import Keys


class Outlet:
    """Where feeds, webhooks and people put events: the streams that the engine reads."""

    #: One script call carries at most this many events, so that it holds Redis for a few ms.
    BATCH = 500

    def __init__(self, client: redis.asyncio.Redis, keys: Keys) -> None:
        self._redis = client
        self._keys = keys
        self._put = client.register_script(script("put"))

    async def put(self, events: Sequence[AnyEvent]) -> None:
        """Append events; they are on disk when this returns. Raises StoreDown or StoreStuck."""
        for start in range(0, len(events), self.BATCH):
            # The key is only named so that the server knows the hash slot.
            await self._append(self._keys.head, 0, events[start : start + self.BATCH])

    async def put_once(self, feed: str, id: str, life_s: int, events: Sequence[AnyEvent]) -> bool:
        """Append the events of one message, all or none; False where its id was taken before."""
        appended = await self._append(self._keys.webhook(feed, id), life_s, events)
        return appended > 0 or not events

    async def _append(self, key: str, life_s: int, events: Sequence[AnyEvent]) -> int:
        arguments: list[Any] = [self._keys.prefix, life_s]
        for event in events:
            arguments += (stream_of(event), encoder.encode(event))
        with translated():
            return int(await self._put(keys=[key], args=arguments))

    async def lost_all(self) -> bool:
        """Whether Redis has lost its state since this was asked last; sources then have to be asked anew."""
        with translated():
            return bool(await self._redis.set(self._keys.feeds, "1", nx=True))

    async def bury(self, feed: str, faults: Sequence[Any], at: float) -> None:
        """Keep records that could not be used, with the reason (objects with where, why, record)."""
        with translated():
            pipe = self._redis.pipeline(transaction=False)
            for fault in faults:
                record = {
                    "feed": feed,
                    "reason": f"{fault.where}: {fault.why}",
                    "at": at,
                    "record": fault.record,
                }
                # Oldest go first: 100,000 dead records of 300 bytes are 30 MB.
                pipe.xadd(
                    self._keys.dead,
                    {"d": msgspec.json.encode(record, enc_hook=str)},
                    maxlen=100_000,
                    approximate=True,
                )
            await pipe.execute()
