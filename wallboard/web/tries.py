"""How often somebody may try: counted by name and by address, the same for names that do not exist."""

from __future__ import annotations

import hashlib
import ipaddress
import math
import time
from collections.abc import Callable

from wallboard.errors import Refused
from wallboard.store.identity import IdentityStore
from wallboard.store.keys import Keys

#: Tries are counted over this time (s).
TRIES_S = 15 * 60

#: A person mistypes three times; a guesser of 12 characters gets nowhere with 40 tries an hour.
MAX_BY_NAME = 10

#: A whole shift behind one address mistypes at 7:00; good log-ins are not counted.
MAX_BY_ADDRESS = 30

#: Who has logged in from an address is not locked out there by guessers elsewhere, for so long (s).
ADDRESS_KNOWN_S = 30 * 24 * 3600

#: A refused address is asked for in Redis again after this long (s).
REFUSED_S = 5

#: So many refused addresses are remembered here; a flood from more is not a flood of log-ins.
MAX_REMEMBERED = 10_000


class Tries:
    """Counts and refuses. All methods raise StoreError."""

    def __init__(self, store: IdentityStore, keys: Keys, now: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._keys = keys
        self._now = now
        #: address → until when it is refused without asking Redis: each count there is a write to the disk
        self._refused: dict[str, float] = {}

    async def begin(self, name: str, address: str) -> None:
        """Count a try before it is looked at, so that many at once are counted too; raises Refused (429)."""
        await self.address(address)
        ((n, left),) = await self._store.count([await self._by_name(name, address)], TRIES_S)
        if n > MAX_BY_NAME:
            raise _too_many(left)

    async def address(self, address: str) -> None:
        """Count a try of who has no name; raises Refused (429)."""
        key = self._by_address(address)
        if (left := self._refused.get(key, 0.0) - self._now()) > 0:
            raise _too_many(math.ceil(left))
        ((n, seconds),) = await self._store.count([key], TRIES_S)
        if n > MAX_BY_ADDRESS:
            # It is not looked at, so it is no try: a whole shift that logs in at the same moment is let in
            # as fast as the first of them have proved themselves.
            await self._store.count_back(key, TRIES_S)
            if len(self._refused) >= MAX_REMEMBERED:
                self._refused.clear()
            wait = min(seconds, REFUSED_S)
            self._refused[key] = self._now() + wait
            raise _too_many(wait)

    async def good(self, name: str, address: str) -> None:
        """It was the right password."""
        await self._store.forget([await self._by_name(name, address)])
        # Only its own try: somebody with a password of their own must not buy tries at others' with it.
        await self._store.count_back(self._by_address(address), TRIES_S)
        await self._store.give(self._known(name, address), b"1", ADDRESS_KNOWN_S)

    def _by_address(self, address: str) -> str:
        return self._keys.tries(f"a:{place_of(address)}")

    async def _by_name(self, name: str, address: str) -> str:
        at_home = await self._store.look(self._known(name, address)) is not None
        return self._keys.tries(f"n:{_hash(name)}:{address}" if at_home else f"n:{_hash(name)}")

    def _known(self, name: str, address: str) -> str:
        return self._keys.tries(f"known:{_hash(name)}:{address}")


def place_of(address: str) -> str:
    """The address, or its network of 64 bits, which is what one customer of a provider has in IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6 and found.ipv4_mapped is not None:
        # A socket of both kinds writes IPv4 so; they all lie in one network of 64 bits.
        found = found.ipv4_mapped
    return str(found) if found.version == 4 else str(ipaddress.ip_network((int(found), 64), strict=False))


def _hash(name: str) -> str:
    """Bounded, and no words of whoever typed a password into the wrong field."""
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _too_many(left: int) -> Refused:
    return Refused(429, "Too many tries", f"try again in {left} s", {"Retry-After": str(left)})
