"""One-time links: the first admin of a server, and the first password of somebody invited."""

from __future__ import annotations

import msgspec

from wallboard import tokens
from wallboard.errors import Refused
from wallboard.store.identity import IdentityStore
from wallboard.store.keys import Keys

#: The first admin's link stands on a terminal that somebody has just used (s).
FIRST_S = 3600

#: An invitation is passed on by hand, and may wait for the next shift (s).
INVITED_S = 24 * 3600


class Link(msgspec.Struct, frozen=True):
    """What a link is for; nobody's is the first admin's."""

    person: str = ""


_link = msgspec.json.Decoder(Link)


class Links:
    """The links of one city. All methods raise StoreError."""

    def __init__(self, store: IdentityStore, keys: Keys) -> None:
        self._store = store
        self._keys = keys

    async def new(self, person: str = "") -> str:
        """The code of a new link."""
        code = tokens.new_token("l")
        life_s = INVITED_S if person else FIRST_S
        await self._store.give(
            self._keys.link(tokens.digest(code)), msgspec.json.encode(Link(person)), life_s
        )
        return code

    async def look(self, code: str) -> Link:
        """What a link is for, without using it; raises Refused (410)."""
        raw = await self._store.look(self._keys.link(tokens.digest(code)))
        if raw is None:
            raise _gone()
        return _link.decode(raw)

    async def use(self, code: str) -> None:
        """Use it up; raises Refused (410) where another was faster."""
        if await self._store.take(self._keys.link(tokens.digest(code))) is None:
            raise _gone()


def address_of(base: str, code: str) -> str:
    """Where a link leads."""
    return f"{base}/first?code={code}"


def _gone() -> Refused:
    return Refused(410, "Link used or too old", "ask an admin for another: server.py user link NAME")
