"""Ends the boards of those whose right has ended: within seconds, whichever node they are on.

Three ways lead here: the engine's commit that revokes (at once), a look at all log-ins and screens each few
seconds (also while the engine is away), and a whole new start of the replica, after which commits may have
been missed.
"""

from __future__ import annotations

import asyncio
import logging

from wallboard.errors import StoreError
from wallboard.hub import Board, Hub
from wallboard.store.commits import WallEntry
from wallboard.web.screens import Screens
from wallboard.web.sessions import Sessions

log = logging.getLogger("wallboard.web")

#: Below the 5 s within which an ended right ends its boards; one look is three reads for all of a node (s).
LOOK_S = 2.0

UNPAIRED = "this screen is not paired any more"


class Guard:
    """Judges the boards of one node."""

    def __init__(self, hub: Hub, sessions: Sessions, screens: Screens) -> None:
        self._hub = hub
        self._sessions = sessions
        self._screens = screens
        self._look = asyncio.Event()

    def told(self, entry: WallEntry) -> None:
        """A commit: a revoked screen ends at once; a person's log-ins are looked at at once."""
        for name in entry.revoked:
            kind, _, id = name.partition(":")
            if kind == "s":
                for board in [board for board in self._hub.boards if board.screen == id]:
                    end(board, UNPAIRED)
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
        """End the boards whose log-in, or pairing, does not hold any more."""
        boards = [board for board in self._hub.boards if board.login]
        holds = await self._sessions.holding({board.login for board in boards})
        for board in boards:
            known = holds.get(board.login)
            if known is None or known.user.must_change:
                end(board, "the log-in has ended")
        boards = [board for board in self._hub.boards if board.screen]
        paired = await self._screens.holding({board.screen for board in boards})
        for board in boards:
            if board.screen not in paired:
                end(board, UNPAIRED)


def end(board: Board, why: str) -> None:
    """Close a board for good."""
    board.ended = why
    board.wake()
