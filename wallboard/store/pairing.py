"""Paired screens, and those that wait to be, in Redis. Secrets are kept as their hash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import redis.asyncio

from wallboard.store.clients import translated
from wallboard.store.keys import Keys

#: A screen that was approved takes its credential with its next poll, 5 to 30 s later (s).
APPROVED_S = 120


class Credential(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What proves a paired screen, and what it is bound to."""

    name: str
    wall: str
    #: its slot on the wall; "": any
    slot: str = ""
    #: district codes; empty: no limit
    districts: tuple[str, ...] = ()
    #: of the newest token, when it was made, and until when it holds (s since 1970)
    digest: str
    since: float
    until: float
    #: of the token before it, which holds until the newest one is used
    former: str = ""


class Pairing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A screen that shows its code."""

    code: str
    #: where it asks from and what it says that it is: shown to who approves
    address: str
    agent: str
    at: float
    status: Literal["pending", "denied", "approved"] = "pending"
    #: when it last asked, and how long it has to wait in between (s)
    polled: float = 0.0
    interval: float = 0.0
    #: of the screen, once it is approved
    screen: str = ""
    name: str = ""
    wall: str = ""
    slot: str = ""
    districts: tuple[str, ...] = ()


_credential = msgspec.json.Decoder(Credential)


class PairingStore:
    """The keys of screens. All methods raise StoreError."""

    def __init__(self, client: redis.asyncio.Redis, keys: Keys) -> None:
        self._redis = client
        self._keys = keys

    async def credential(self, id: str) -> Credential | None:
        """What proves a screen."""
        with translated():
            raw: Any = await self._redis.hget(self._keys.screen, id)
        return _credential.decode(raw) if raw is not None else None

    async def there(self, ids: Sequence[str]) -> set[str]:
        """Of these screens, those that something proves."""
        if not ids:
            return set()
        with translated():
            found: Any = await self._redis.hmget(self._keys.screen, list(ids))
        return {id for id, raw in zip(ids, found, strict=True) if raw is not None}

    async def keep(self, id: str, credential: Credential) -> None:
        """Keep what proves a screen; the former one is gone."""
        with translated():
            await self._redis.hset(self._keys.screen, id, msgspec.json.encode(credential))

    async def forget(self, id: str) -> None:
        """Nothing proves this screen any more."""
        with translated():
            await self._redis.hdel(self._keys.screen, id)

    # -- waiting to be paired ------------------------------------------------------------------------

    async def begin(self, digest: str, pairing: Pairing, life_s: int) -> bool:
        """Wait under this code for so long; False where somebody waits under it already."""
        with translated():
            key = self._keys.pairing_code(pairing.code)
            if not await self._redis.set(key, digest, ex=life_s, nx=True):
                return False
            await self._redis.set(self._keys.pairing(digest), msgspec.json.encode(pairing), ex=life_s)
        return True

    async def waiting(self, digest: str) -> Pairing | None:
        """The screen with this device code."""
        with translated():
            raw: Any = await self._redis.get(self._keys.pairing(digest))
        return msgspec.json.decode(raw, type=Pairing) if raw is not None else None

    async def digest_of(self, code: str) -> str:
        """The hash of the device code behind a short code; "" where there is none."""
        with translated():
            raw: Any = await self._redis.get(self._keys.pairing_code(code))
        return bytes(raw).decode() if raw is not None else ""

    async def change(self, digest: str, pairing: Pairing) -> None:
        """Change a screen that waits; one whose time is over stays gone."""
        with translated():
            key, value = self._keys.pairing(digest), msgspec.json.encode(pairing)
            await self._redis.set(key, value, xx=True, keepttl=True)

    async def settle(self, digest: str, pairing: Pairing) -> None:
        """Its code is used up; the screen learns with its next poll what became of it."""
        with translated():
            pipe = self._redis.pipeline(transaction=True)
            pipe.delete(self._keys.pairing_code(pairing.code))
            pipe.set(self._keys.pairing(digest), msgspec.json.encode(pairing), ex=APPROVED_S)
            await pipe.execute()

    # -- one credential in two places ----------------------------------------------------------------

    async def used(
        self, id: str, here: Sequence[str], gone: Sequence[str], now: float, window_s: float
    ) -> set[str]:
        """Say which sockets of a screen live here and which have gone; all that live anywhere."""
        key = self._keys.screen_use(id)
        with translated():
            pipe = self._redis.pipeline(transaction=True)
            if here:
                pipe.zadd(key, dict.fromkeys(here, now))
            if gone:
                pipe.zrem(key, *gone)
            pipe.zremrangebyscore(key, "-inf", now - window_s)
            pipe.expire(key, int(window_s * 2))
            pipe.zrange(key, 0, -1)
            answers: list[Any] = await pipe.execute()
        return {member.decode() for member in answers[-1]}
