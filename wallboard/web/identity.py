"""Who asks: the one place where a cookie, a ticket or the machine itself becomes somebody.

who(connection)             Identity, for pages that show something else to nobody
viewer_for(request)         the Viewer to cut by, or 401
require(request, right)     the Person, if the role has this right of access.MAY_READ; else 401 or 403
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from wallboard.access import LOCAL_SCREEN, MAY_READ, Person, Viewer, viewer_of
from wallboard.errors import Refused

if TYPE_CHECKING:
    from wallboard.web.node import Node


@dataclass(frozen=True)
class ScreenIdentity:
    """A paired screen, or the machine's own (without an id)."""

    id: str = ""
    name: str = ""
    #: the wall that it may show; "": any
    wall: str = ""
    #: district codes; None: no limit
    districts: frozenset[str] | None = None
    #: what any wall of the city shows; None: all that a screen may see
    kinds: frozenset[str] | None = None
    #: its slot on that wall; "": any
    slot: str = ""


@dataclass(frozen=True)
class Identity:
    """Somebody, a screen, or nobody (neither)."""

    person: Person | None = None
    screen: ScreenIdentity | None = None
    #: hash of the session's token, for a person: what ends when the log-in ends
    session: str = ""

    @property
    def viewer(self) -> Viewer | None:
        """What decides about sight; None: nothing may be seen."""
        if self.person is not None:
            return viewer_of(self.person)
        if self.screen is not None:
            if not self.screen.id:
                return LOCAL_SCREEN
            # Who takes its cookie elsewhere sees what hung on the wall, and no more.
            return Viewer(districts=self.screen.districts, kinds=self.screen.kinds)
        return None


NOBODY = Identity()

#: Who sits at the machine of a server that serves nobody else.
HERE = Identity(screen=ScreenIdentity())


async def who(connection: HTTPConnection) -> Identity:
    """Who sends this request. A WebSocket proves itself by its ticket instead (sessions.redeem)."""
    node: Node = connection.app.state.node
    identity = await node.sessions.of(connection)
    if identity is not None:
        return identity
    screen = await node.screens.of(connection)
    if screen is not None:
        return Identity(screen=screen)
    return HERE if node.door.local(connection) else NOBODY


async def viewer_for(connection: HTTPConnection) -> Viewer:
    """What the asker may see; raises Refused (401)."""
    viewer = (await who(connection)).viewer
    if viewer is None:
        raise log_in_first()
    return viewer


async def require(connection: HTTPConnection, right: str) -> Person:
    """The person who asks, if this right of access.MAY_READ is theirs; raises Refused (401, 403)."""
    person = (await who(connection)).person
    if person is None:
        raise log_in_first()
    if person.role not in MAY_READ[right]:
        raise Refused(403, "Not yours", f"the role {person.role} has no right to this")
    return person


def log_in_first() -> Refused:
    """For who is nobody."""
    return Refused(401, "Log in first", "this needs a log-in: /login")
