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
    #: of the user when it was made: another link, a password or a removal since then ends it
    generation: int = 0


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
        user = await self._store.user(person) if person else None
        link = Link(person, user.generation if user else 0)
        await self._store.give(self._keys.link(tokens.digest(code)), msgspec.json.encode(link), life_s)
        return code

    async def look(self, code: str) -> Link:
        """What a link is for, without using it; raises Refused (410)."""
        raw = await self._store.look(self._keys.link(tokens.digest(code)))
        if raw is None:
            raise _gone()
        link = _link.decode(raw)
        if link.person:
            user = await self._store.user(link.person)
            if user is None or user.person.disabled or user.generation != link.generation:
                raise _gone()
        return link

    async def use(self, code: str) -> None:
        """Use it up; raises Refused (410) where another was faster."""
        if await self._store.take(self._keys.link(tokens.digest(code))) is None:
            raise _gone()


def address_of(base: str, code: str) -> str:
    """Where a link leads."""
    return f"{base}/first?code={code}"


def _gone() -> Refused:
    return Refused(410, "Link used or too old", "ask an admin for another: server.py user link NAME")
