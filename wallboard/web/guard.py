"""Ends the boards of those whose right has ended: within seconds, whichever node they are on.

Three ways lead here: the engine's commit that revokes (at once), a look at all log-ins each few seconds (also
while the engine is away), and a whole new start of the replica, after which commits may have been missed.
"""

from __future__ import annotations

import asyncio
import logging

from wallboard.errors import StoreError
from wallboard.hub import Board, Hub
from wallboard.store.redis import WallEntry
from wallboard.web.sessions import Sessions

log = logging.getLogger("wallboard.web")

#: Below the 5 s within which an ended right ends its boards; one look is two reads for all of a node (s).
LOOK_S = 2.0


class Guard:
    """Judges the boards of one node."""

    def __init__(self, hub: Hub, sessions: Sessions) -> None:
        self._hub = hub
        self._sessions = sessions
        self._look = asyncio.Event()

    def told(self, entry: WallEntry) -> None:
        """A commit: a revoked screen ends at once; a person's log-ins are looked at at once."""
        for name in entry.revoked:
            kind, _, id = name.partition(":")
            if kind == "s":
                for board in [board for board in self._hub.boards if board.screen == id]:
                    end(board, "this screen is not paired any more")
            else:
                # They may have logged in again, with what they may do now.
                self._look.set()

    def reloaded(self) -> None:
        """The replica started anew: all are judged anew."""
        self._look.set()

    async def run(self) -> None:
        """Look at all log-ins for ever."""
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._look.wait()
            except TimeoutError:
                pass
            self._look.clear()
            try:
                await self.judge()
            except StoreError as fault:
                # Nothing new reaches these boards either; they are judged when Redis answers.
                log.debug("%s", fault)

    async def judge(self) -> None:
        """End the boards whose log-in does not hold any more."""
        boards = [board for board in self._hub.boards if board.login]
        holds = await self._sessions.holding({board.login for board in boards})
        for board in boards:
            known = holds.get(board.login)
            if known is None or known.user.must_change:
                end(board, "the log-in has ended")


def end(board: Board, why: str) -> None:
    """Close a board for good."""
    board.ended = why
    board.wake.set()
