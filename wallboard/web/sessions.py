"""Log-ins: from a proved name to a cookie, from the cookie to a person, from a ticket to a board's person.

A token is 256 random bits; Redis holds its hash. A session ends by log-out, after a while without a sign of
life, at the end of the shift, and with every change of what its person may do or prove (`User.generation`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import Response

from wallboard import tokens
from wallboard.store.identity import IdentityStore, Known, Session, User
from wallboard.store.keys import Keys
from wallboard.web.door import Door
from wallboard.web.identity import Identity
from wallboard.web.screens import Screens

#: A console that nobody has touched for this long is nobody's (ASVS 5.0, 7.3.1); an open socket touches it.
IDLE_S = 30 * 60

#: The longest shift; then everybody proves again who they are (ASVS 5.0, 7.3.2).
SHIFT_S = 12 * 3600

#: A sign of life is written this often at most (s): each write goes to the disk.
KEEP_EVERY_S = 60

#: From the request for a ticket to the socket's first frame; a page does it in one go.
TICKET_S = 30

_PLAIN, _SECURE = "wallboard", "__Host-wallboard"


class Sessions:
    """The log-ins of one city as one node sees them. All async methods raise StoreError."""

    def __init__(
        self,
        store: IdentityStore,
        keys: Keys,
        door: Door,
        screens: Screens,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.store = store
        self._screens = screens
        self.door = door
        self.keys = keys
        # The machine's own time, whatever --clock makes of the city's: a shift is as long as it is.
        self._now = now

    @property
    def cookie(self) -> str:
        """Name of the cookie: bound to https and this host where there is https."""
        return _SECURE if self.door.secure else _PLAIN

    async def begin(self, user: User, response: Response) -> None:
        """Log in: a new session, its token only in the answer's cookie."""
        token = tokens.new_token("s")
        now = self._now()
        session = Session(person=user.person.id, generation=user.generation, began=now, until=now + SHIFT_S)
        await self.store.begin(tokens.digest(token), session, IDLE_S)
        response.set_cookie(
            self.cookie, token, path="/", secure=self.door.secure, httponly=True, samesite="strict"
        )

    async def end(self, connection: HTTPConnection) -> None:
        """End the session of this request's cookie, everywhere."""
        if token := connection.cookies.get(self.cookie):
            await self.store.end(tokens.digest(token))

    def forget(self, response: Response) -> None:
        """Take the cookie away."""
        response.delete_cookie(
            self.cookie, path="/", secure=self.door.secure, httponly=True, samesite="strict"
        )

    async def of(self, connection: HTTPConnection) -> Identity | None:
        """The person who is logged in and may act; counts as a sign of life."""
        digest, known = await self.found(connection)
        if known is None or known.user.must_change:
            return None
        return Identity(person=known.user.person, session=digest)

    async def found(self, connection: HTTPConnection) -> tuple[str, Known | None]:
        """(hash, session) of the cookie, of somebody who still has to change their password too."""
        token = connection.cookies.get(self.cookie)
        if not token:
            return "", None
        digest = tokens.digest(token)
        return digest, (await self.holding([digest])).get(digest)

    async def holding(self, digests: Collection[str]) -> dict[str, Known]:
        """Of these sessions, those that still hold; each gets its sign of life."""
        known = await self.store.known(sorted(digests))
        holds = {digest: each for digest, each in known.items() if self._holds(each)}
        quiet = [digest for digest, each in holds.items() if each.left_s < IDLE_S - KEEP_EVERY_S]
        if quiet:
            await self.store.keep(quiet, IDLE_S)
        return holds

    def _holds(self, known: Known) -> bool:
        user = known.user
        return (
            self._now() < known.session.until
            and known.session.generation == user.generation
            and self.admits(user)
        )

    def admits(self, user: User) -> bool:
        """Whether this user may be logged in here at all; the demo's people only on a machine by itself."""
        return not user.person.disabled and (self.door.alone or not user.demo)

    # -- tickets -------------------------------------------------------------------------------------

    async def ticket(self, identity: Identity) -> str:
        """A ticket for one socket, to be used once and soon."""
        ticket = tokens.new_token("t")
        await self.store.give(self.keys.ticket(tokens.digest(ticket)), _bound(identity), TICKET_S)
        return ticket

    async def redeem(self, ticket: str) -> Identity | None:
        """Who a ticket was given to, judged anew; it is used up by this."""
        raw: Any = await self.store.take(self.keys.ticket(tokens.digest(ticket)))
        kind, _, rest = (raw or b"").decode().partition(":")
        if kind == "screen":
            screen = await self._screens.known(rest)
            return Identity(screen=screen) if screen is not None else None
        if kind != "session":
            return None
        known = (await self.holding([rest])).get(rest)
        if known is None or known.user.must_change:
            return None
        return Identity(person=known.user.person, session=rest)


def _bound(identity: Identity) -> bytes:
    if identity.person is None and identity.screen is not None:
        return f"screen:{identity.screen.id}".encode()
    return f"session:{identity.session}".encode()
