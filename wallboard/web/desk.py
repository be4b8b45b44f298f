"""The way of a command: from a board into the stream, and its answer back to the board that asked."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

import msgspec

from wallboard import access, protocol
from wallboard.clock import Clock
from wallboard.events import Command
from wallboard.hub import Board
from wallboard.store.commits import WallEntry
from wallboard.store.outlet import Outlet
from wallboard.web.cleaning import MAX_NUMBER, Unusable, cleaned

#: A person presses a few buttons a minute; in a flood of alerts, or with all of a shift to hand over, one or
#: two a second. A socket takes 120 frames a minute in all (seat.py).
MAX_COMMANDS_A_MINUTE = 100

#: Commands that come another way, by which a node proves more than a socket can: log-ins, people, pairing.
_NOT_HERE = ("user.", "feed.", "session.", "screen.pair", "screen.doubled", "notify.")

#: What a page makes of random letters. It stands in keys of Redis, for a day in the engine's memory, and in
#: the trail for ever, unmasked: what may be somebody's number is none (a UUID has 32 digits at least).
_ID = re.compile(r"(?=[0-9_.:-]*[A-Za-z])[A-Za-z0-9_.:-]{1,64}|[0-9]{1,4}|[0-9-]{32,36}")

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

    def __init__(
        self, outlet: Outlet, clock: Clock, is_id: Callable[[str], bool] = lambda text: False
    ) -> None:
        #: whether a text is exactly the id of a thing on the wall
        self._is_id = is_id
        #: person → start of their minute, commands in it
        self._counts: dict[str, tuple[float, int]] = {}
        self._outlet = outlet
        self._clock = clock
        #: (person, command id) → boards that asked
        self._waiting: dict[tuple[str, str], WeakSet[Board]] = {}

    async def submit(self, board: Board, frame: protocol.CommandFrame) -> bytes:
        """Put a person's command into the stream; the frame that says so. Raises StoreError."""
        if frame.action not in access.MAY:
            # What somebody wrote there, nobody masks.
            return protocol.result(frame.command_id, "refused", reason="unknown_action")
        if frame.action.startswith(_NOT_HERE):
            return protocol.result(frame.command_id, "refused", reason="not_here")
        if not _ID.fullmatch(frame.command_id) or not 0 <= frame.pos <= MAX_NUMBER:
            return protocol.result(frame.command_id[:64], "refused", reason="bad_args: command_id, pos")
        if self._too_many(board.person):
            return protocol.result(frame.command_id, "refused", reason="too_many_commands")
        try:
            args = cleaned(frame.args, self._is_id)
        except Unusable as fault:
            return protocol.result(frame.command_id, "refused", reason=f"bad_args: {fault}")
        key = (board.person, frame.command_id)
        if key not in self._waiting and not self._room():
            return protocol.result(frame.command_id, "refused", reason="try_again")
        self._waiting.setdefault(key, WeakSet()).add(board)
        await self.put(board.person, frame.action, args, frame.command_id, board.name, frame.pos)
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
        """Append a command; it is on disk when this returns.

        `person` must have been proved by the caller, and what they wrote been through `cleaned`.
        """
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

    async def tell(self, person: str, action: str, **args: Any) -> None:
        """Say for the trail what this node has seen (nothing that somebody wrote); raises StoreError."""
        await self.put(person, action, args, secrets.token_hex(8))

    def _room(self) -> bool:
        """Whether one more may wait. Whose board has gone waits for nothing: its answer was missed."""
        if len(self._waiting) >= MAX_WAITING:
            self._waiting = {key: boards for key, boards in self._waiting.items() if boards}
        return len(self._waiting) < MAX_WAITING

    def _too_many(self, person: str) -> bool:
        now = time.monotonic()
        since, count = self._counts.get(person, (now, 0))
        if now - since >= 60:
            since, count = now, 0
            self._counts = {name: each for name, each in self._counts.items() if now - each[0] < 60}
        self._counts[person] = (since, count + 1)
        return count >= MAX_COMMANDS_A_MINUTE

    def reloaded(self) -> None:
        """The node has begun anew with the state; commits that it did not see may have held answers.

        Whose board was connected all the while would wait for one in vain: it asks again, and what was done
        is answered as it was.
        """
        for (_, command_id), boards in self._waiting.items():
            for board in boards:
                board.tell(protocol.result(command_id, "refused", reason="try_again"))

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
                board.tell(frame)
