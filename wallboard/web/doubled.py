"""One screen's credential in two places at once: seen by the nodes, told to the engine.

Each node writes down which sockets of a screen paint on it; one that sees two together for a while says so.
A page that is reloaded, or that comes back on another node, is two for some seconds only.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable

from wallboard.clock import Clock
from wallboard.hub import Board
from wallboard.store.pairing import PairingStore
from wallboard.web.desk import Desk

log = logging.getLogger("wallboard.web")

#: A board paints every 5 s; one that missed it three times is not in use any more (s).
IN_USE_S = 15.0

#: Two sockets seen together for this long are two screens: longer than IN_USE_S, so that what a dead node
#: wrote down has run out before (s).
DOUBLED_S = 20.0

#: While it lasts, the engine is told again this often (s).
REPEAT_S = 60.0


class Doubles:
    """Looks at the screens of one node."""

    def __init__(self, store: PairingStore, desk: Desk, clock: Clock) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock
        #: screen → sockets of this node that were written down
        self._here: dict[str, set[str]] = {}
        #: screen → since when there are two, and when that was last told
        self._since: dict[str, float] = {}
        self._told: dict[str, float] = {}

    async def look(self, boards: Iterable[Board]) -> None:
        """Write down who is here, and tell of what is twice; every 5 s. Raises StoreError."""
        now = self._clock.now()
        here: dict[str, set[str]] = {}
        for board in boards:
            if board.screen and now - board.painted_when < IN_USE_S:
                here.setdefault(board.screen, set()).add(board.session)
        for id in here.keys() | self._here.keys():
            sockets = here.get(id, set())
            gone = self._here.get(id, set()) - sockets
            everywhere = await self._store.used(id, sorted(sockets), sorted(gone), now, IN_USE_S)
            if len(everywhere) < 2 or not sockets:
                self._since.pop(id, None)
                self._told.pop(id, None)
            elif now - self._since.setdefault(id, now) >= DOUBLED_S:
                await self._tell(id, now, len(everywhere))
        self._here = here

    async def _tell(self, id: str, now: float, places: int) -> None:
        told = self._told.get(id)
        if told is None or now - told >= REPEAT_S:
            log.warning("screen %s is used in %d places at once", id, places)
            await self._desk.put("", "screen.doubled", {"id": id, "places": places}, secrets.token_hex(8))
            self._told[id] = now
