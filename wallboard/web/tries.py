"""How often somebody may try: counted by name and by address, the same for names that do not exist."""

from __future__ import annotations

import hashlib

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


class Tries:
    """Counts and refuses. All methods raise StoreError."""

    def __init__(self, store: IdentityStore, keys: Keys) -> None:
        self._store = store
        self._keys = keys

    async def begin(self, name: str, address: str) -> None:
        """Count a try before it is looked at, so that many at once are counted too; raises Refused (429)."""
        by_name, by_address = await self._by_name(name, address), self._keys.tries(f"a:{address}")
        found = await self._store.count([by_name, by_address], TRIES_S)
        for (n, left), most in zip(found, (MAX_BY_NAME, MAX_BY_ADDRESS), strict=True):
            if n > most:
                raise _too_many(left)

    async def address(self, address: str) -> None:
        """Count a try of who has no name; raises Refused (429)."""
        ((n, left),) = await self._store.count([self._keys.tries(f"a:{address}")], TRIES_S)
        if n > MAX_BY_ADDRESS:
            raise _too_many(left)

    async def good(self, name: str, address: str) -> None:
        """It was the right password."""
        await self._store.forget([await self._by_name(name, address)])
        # Only its own try: somebody with a password of their own must not buy tries at others' with it.
        await self._store.count_back(self._keys.tries(f"a:{address}"))
        await self._store.give(self._known(name, address), b"1", ADDRESS_KNOWN_S)

    async def _by_name(self, name: str, address: str) -> str:
        at_home = await self._store.look(self._known(name, address)) is not None
        return self._keys.tries(f"n:{_hash(name)}:{address}" if at_home else f"n:{_hash(name)}")

    def _known(self, name: str, address: str) -> str:
        return self._keys.tries(f"known:{_hash(name)}:{address}")


def _hash(name: str) -> str:
    """Bounded, and no words of whoever typed a password into the wrong field."""
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _too_many(left: int) -> Refused:
    return Refused(429, "Too many tries", f"try again in {left} s", {"Retry-After": str(left)})
