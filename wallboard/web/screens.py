"""What proves a paired screen: a token in its cookie, renewed silently, ended by whoever revokes it.

The cookie holds "ID.TOKEN"; Redis holds the token's hash and what the screen is bound to. A screen that the
engine calls revoked is nobody, whatever its token says.
"""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable, Collection

import msgspec
from starlette.requests import HTTPConnection
from starlette.responses import Response

from wallboard import tokens
from wallboard.entities import Screen
from wallboard.state import Replica
from wallboard.store.pairing import Credential, PairingStore
from wallboard.web.door import Door
from wallboard.web.identity import ScreenIdentity

#: A screen that was off for longer is paired again.
LIFE_S = 90 * 24 * 3600

#: A token that is older gets a successor with the next ticket: a copy of a cookie does not hold for ever.
RENEW_S = 7 * 24 * 3600

#: A successor that has not come back within this time was lost on its way, and another one is made.
LOST_S = 60

_PLAIN, _SECURE = "wallboard-screen", "__Host-wallboard-screen"

#: Letters alone, so that no id looks like a telephone number; no secret, 43 bits keep two apart.
ID_CHARS = 10

_COOKIE = re.compile(r"(?P<id>[a-z]{10})\.(?P<token>wbd_[A-Za-z0-9_-]{43})")

_screen = msgspec.json.Decoder(Screen)


class Screens:
    """The paired screens of one city as one node sees them. All async methods raise StoreError."""

    def __init__(
        self,
        store: PairingStore,
        replica: Replica,
        door: Door,
        now: Callable[[], float] = time.time,
        kinds: frozenset[str] | None = None,
    ) -> None:
        #: what any wall of the city shows
        self._kinds = kinds
        self.store = store
        self._replica = replica
        self._door = door
        # The machine's own time, as for sessions: browsers end cookies by it too.
        self._now = now

    @property
    def cookie(self) -> str:
        """Name of the cookie: bound to https and this host where there is https."""
        return _SECURE if self._door.secure else _PLAIN

    async def of(self, connection: HTTPConnection) -> ScreenIdentity | None:
        """The paired screen that sends this, or None."""
        found = _COOKIE.fullmatch(connection.cookies.get(self.cookie, ""))
        if found is None:
            return None
        id, digest = found["id"], tokens.digest(found["token"])
        credential = await self._holding(id)
        if credential is None or not _proves(credential, digest):
            return None
        if credential.former and hmac.compare_digest(digest, credential.digest):
            # The newest one has arrived: the one before it has done its service.
            await self.store.keep(id, msgspec.structs.replace(credential, former=""))
        return self._identity(id, credential)

    async def known(self, id: str) -> ScreenIdentity | None:
        """The paired screen with this id, as long as it is paired: for one that was proved before."""
        credential = await self._holding(id)
        return self._identity(id, credential) if credential is not None else None

    async def holding(self, ids: Collection[str]) -> set[str]:
        """Of these screens, those that may go on showing what they show: in use, none is too old."""
        there = await self.store.there(sorted(ids))
        return {id for id in there if not self._replica.epoch or self._state(id) == "paired"}

    def _state(self, id: str) -> str:
        """As the engine says; "" for a screen that it does not know."""
        entry = self._replica.get("screen", id)
        return "" if entry is None or entry.raw is None else _screen.decode(entry.raw).state

    async def _holding(self, id: str) -> Credential | None:
        credential = await self.store.credential(id)
        if credential is None or credential.until <= self._now():
            return None
        if not self._replica.epoch:
            return credential  # nothing can be shown yet; a page may say so
        state = self._state(id)
        if state == "revoked":
            await self.store.forget(id)
        # Else it left the list after it was revoked, or the engine has lost it.
        return credential if state == "paired" else None

    async def admit(
        self,
        id: str,
        name: str,
        wall: str,
        districts: tuple[str, ...],
        response: Response,
        slot: str = "",
    ) -> None:
        """Give a screen its first token, only in the answer's cookie."""
        token = tokens.new_token("d")
        now = self._now()
        await self.store.keep(
            id,
            Credential(
                name=name,
                wall=wall,
                slot=slot,
                districts=districts,
                digest=tokens.digest(token),
                since=now,
                until=now + LIFE_S,
            ),
        )
        self._set(response, id, token)

    async def renew(self, connection: HTTPConnection, response: Response) -> None:
        """Give a screen with an old token a new one; the old one holds until the new one is used."""
        found = _COOKIE.fullmatch(connection.cookies.get(self.cookie, ""))
        if found is None:
            return
        id, digest = found["id"], tokens.digest(found["token"])
        credential = await self._holding(id)
        if credential is None or not _proves(credential, digest):
            return
        age = self._now() - credential.since
        lost = hmac.compare_digest(digest, credential.former)
        # Two pages of one browser ask at once, and only one of two answers would stay in its cookie.
        if age < (LOST_S if lost else RENEW_S):
            return
        token = tokens.new_token("d")
        now = self._now()
        await self.store.keep(
            id,
            msgspec.structs.replace(
                credential, digest=tokens.digest(token), former=digest, since=now, until=now + LIFE_S
            ),
        )
        self._set(response, id, token)

    def _identity(self, id: str, credential: Credential) -> ScreenIdentity:
        districts = frozenset(credential.districts) if credential.districts else None
        return ScreenIdentity(
            id=id,
            name=credential.name,
            wall=credential.wall,
            slot=credential.slot,
            districts=districts,
            kinds=self._kinds,
        )

    def _set(self, response: Response, id: str, token: str) -> None:
        response.set_cookie(
            self.cookie,
            f"{id}.{token}",
            max_age=LIFE_S,
            path="/",
            secure=self._door.secure,
            httponly=True,
            samesite="strict",
        )


def _proves(credential: Credential, digest: str) -> bool:
    newest = hmac.compare_digest(digest, credential.digest)
    return newest or bool(credential.former and hmac.compare_digest(digest, credential.former))
