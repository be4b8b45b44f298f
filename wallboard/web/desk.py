"""The way of a command: from a board into the stream, and its answer back to the board that asked."""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

import msgspec

from wallboard import protocol
from wallboard.clock import Clock
from wallboard.events import Command
from wallboard.hub import Board
from wallboard.store.redis import Outlet, WallEntry

#: Commands that wait for their answer at once on one node; beyond this the engine is away.
MAX_WAITING = 10_000


class _Answer(msgspec.Struct):
    """The engine's answer, as engine/commands.py writes it."""

    person: str
    command_id: str
    status: str
    reason: str = ""
    version: int | None = None
    by: str = ""
    at: float | None = None
    id: str = ""


_decoder = msgspec.json.Decoder(_Answer)


class Desk:
    """Takes commands of this node's boards, and tells each its answer."""

    def __init__(self, outlet: Outlet, clock: Clock) -> None:
        self._outlet = outlet
        self._clock = clock
        #: (person, command id) → boards that asked
        self._waiting: dict[tuple[str, str], WeakSet[Board]] = {}

    async def submit(self, board: Board, frame: protocol.CommandFrame) -> bytes:
        """Put a person's command into the stream; the frame that says so. Raises StoreError."""
        key = (board.person, frame.command_id)
        if key not in self._waiting and len(self._waiting) >= MAX_WAITING:
            return protocol.result(frame.command_id, "refused", reason="try_again")
        self._waiting.setdefault(key, WeakSet()).add(board)
        await self.put(board.person, frame.action, frame.args, frame.command_id, board.name, frame.pos)
        return protocol.result(frame.command_id, "pending")

    async def put(
        self,
        person: str,
        action: str,
        args: dict[str, Any],
        command_id: str,
        screen: str = "",
        pos: int = 0,
    ) -> None:
        """Append a command; it is on disk when this returns. `person` must have been proved by the caller."""
        command = Command(
            feed="",
            source_id=command_id,
            received_at=self._clock.now(),
            person=person,
            screen=screen,
            pos=pos,
            action=action,
            args=args,
        )
        await self._outlet.put([command])

    def told(self, entry: WallEntry) -> None:
        """Pass on the answers of a commit."""
        for raw in entry.results:
            answer = _decoder.decode(raw)
            boards = self._waiting.pop((answer.person, answer.command_id), None)
            if not boards:
                continue
            frame = protocol.result(
                answer.command_id,
                answer.status,
                reason=answer.reason,
                n=entry.n,
                version=answer.version,
                by=answer.by,
                at=answer.at,
                id=answer.id,
            )
            for board in boards:
                board.told.append(frame)
                board.wake.set()
