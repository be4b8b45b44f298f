"""Work that comes in a crowd: a little in each turn of the loop, so that nobody else waits for all of it."""

from __future__ import annotations

import asyncio
from collections import deque


class Turns:
    """Lets so many through in each turn of the loop, in the order in which they came."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._passed = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._watching = False

    async def take(self) -> None:
        """Return when it is one's turn: at once, unless many others came in this turn of the loop."""
        loop = asyncio.get_running_loop()
        if not self._watching:
            self._watching = True
            loop.call_soon(self._next)
        if self._passed < self._at_once and not self._waiting:
            self._passed += 1
            return
        turn = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _next(self) -> None:
        self._passed = 0
        while self._waiting and self._passed < self._at_once:
            turn = self._waiting.popleft()
            if not turn.done():  # it has given up meanwhile
                turn.set_result(None)
                self._passed += 1
        self._watching = bool(self._waiting or self._passed)
        if self._watching:
            asyncio.get_running_loop().call_soon(self._next)
