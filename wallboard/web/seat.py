"""A board's seat: what it is sent beside the common frames, what it says, and how it ends.

The hub writes the frames that all boards of a view share. Everything else goes by the seat, which has a task
only while there is something to do: thousands of waiting tasks, and all that they hold, would be most of a
node's memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from wallboard import protocol
from wallboard.errors import CLOSE_REASONS, BadFrame, CloseCode, StoreError
from wallboard.hub import Board, nobody
from wallboard.web import metrics
from wallboard.web.node import Node
from wallboard.web.paints import LONGEST_S

log = logging.getLogger("wallboard.web")

#: A buffer that takes no more for this long belongs to a board that does not read (s).
SEND_TIMEOUT_S = 10.0

#: A full buffer is waited for this long to say why the board ends (s): with guard.LOOK_S it is less than the
#: 5 s within which an ended right ends its boards.
BYE_TIMEOUT_S = 2.0

#: A board paints every 5 s and after alerts; five times that is a fault or an attack.
MAX_FRAMES_A_MINUTE = 120

#: Commands of one board that wait: while Redis hangs each takes 5 s, and more come than are answered.
MAX_ASKED = 100


class End(Exception):
    """The connection ends, with this code."""

    def __init__(self, code: CloseCode, detail: str = "") -> None:
        self.code = code
        self.reason = f"{CLOSE_REASONS[code]}{': ' + detail if detail else ''}"
        super().__init__(self.reason)


class Line(Protocol):
    """The way to a board: an ASGI `send`. Raises OSError or WebSocketDisconnect where nobody is left."""

    async def send(self, message: Any) -> None: ...


class Seat:
    """One board that has subscribed. To be used in the loop's own thread."""

    __slots__ = (
        "_abort", "_answering", "_asked", "_board", "_closing", "_count", "_hearing", "_left", "_line",
        "_node", "_sending", "_since", "_woken",
    )  # fmt: skip

    def __init__(self, line: Line, node: Node, board: Board, abort: Callable[[], object] | None) -> None:
        """`abort` ends a connection that takes nothing more; None: the server has none (`follow`)."""
        self._line = line
        self._node = node
        self._board = board
        self._abort = abort
        self._left = self._woken = False
        self._sending: asyncio.Task[None] | None = None
        self._answering: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._hearing: asyncio.Task[None] | None = None
        self._asked: list[protocol.CommandFrame] = []
        #: frames that it said since
        self._since, self._count = 0.0, 0
        board.wake = self.wake

    async def follow(self, socket: WebSocket) -> None:
        """Take what comes by a socket of a server that hands over nothing, until it ends."""
        self._hearing = hearing = asyncio.create_task(self._hear(socket))
        # Such a server ends a connection when its application returns.
        self._abort = hearing.cancel
        try:
            await asyncio.wait([hearing])
        finally:
            hearing.cancel()
            self.gone()
        if not hearing.cancelled():
            hearing.result()

    async def _hear(self, socket: WebSocket) -> None:
        while (message := await socket.receive())["type"] != "websocket.disconnect":
            raw = message.get("text")
            self.take(raw if raw is not None else message.get("bytes") or b"")

    def wake(self) -> None:
        """There is something for it that the hub does not write."""
        self._woken = True
        if self._board.ended:
            # Its task may wait for a socket that takes nothing.
            self._end(End(CloseCode.FORBIDDEN, self._board.ended))
        elif self._sending is None and not self._left:
            self._board.busy = True
            self._sending = asyncio.get_running_loop().create_task(self._send_all())

    def take(self, raw: str | bytes) -> None:
        """It has said something."""
        if self._left:
            return
        try:
            self._heard(protocol.decode(raw))
        except BadFrame as fault:
            self._end(End(CloseCode.BAD_FRAME, str(fault)))
        except End as end:
            self._end(end)

    def gone(self) -> None:
        """It is no more, or is about to be: nothing is sent to it from here on."""
        self._left = True
        self._node.hub.leave(self._board)
        # Not to be held by each other: thousands come and go in a storm.
        self._board.wake = nobody
        for task in (self._sending, self._answering):
            if task is not None and task is not asyncio.current_task():
                task.cancel()

    def _heard(self, frame: protocol.BoardFrame) -> None:
        board, now = self._board, asyncio.get_running_loop().time()
        if now - self._since >= 60:
            self._since, self._count = now, 0
        self._count += 1
        if self._count > MAX_FRAMES_A_MINUTE:
            raise End(CloseCode.TOO_MANY_FRAMES, f"at most {MAX_FRAMES_A_MINUTE} a minute")
        if isinstance(frame, protocol.Painted):
            board.painted, board.painted_when = frame, self._node.clock.now()
            metrics.PAINT_AGE.observe(min(LONGEST_S, max(0.0, board.painted_when - frame.at)))
            metrics.PAINTS.add(frame.paints, board.frames)
            board.frames = 0
        elif isinstance(frame, protocol.CommandFrame):
            if len(self._asked) >= MAX_ASKED:
                board.tell(protocol.result(frame.command_id, "refused", reason="try_again"))
                return
            self._asked.append(frame)
            if self._answering is None:
                self._answering = asyncio.get_running_loop().create_task(self._answer_all())
        elif (frame.layout, frame.screen) != board.subscribed:
            raise End(CloseCode.BAD_FRAME, "connect again for another view")
        else:
            # It cannot prove its state whole, and asks for it once more.
            board.pos, board.reason = None, "asked"
            self.wake()

    async def _answer_all(self) -> None:
        """One command after the other; the news go on meanwhile."""
        try:
            while self._asked:
                self._board.tell(await self._answer(self._asked.pop(0)))
        except Exception:  # a fault of ours: the page connects anew, and asks again under the same id
            log.exception("a command of %s was not answered", self._board.name)
            self._end(End(CloseCode.OVERLOADED))
        finally:
            self._answering = None

    async def _answer(self, frame: protocol.CommandFrame) -> bytes:
        if not self._board.person:
            return protocol.result(frame.command_id, "refused", reason="log_in_first")
        try:
            return await self._node.desk.submit(self._board, frame)
        except StoreError as fault:
            # It may stand in the stream or not: the page sends it again under the same id.
            log.warning("a command could not be written: %s", fault)
            return protocol.result(frame.command_id, "refused", reason="try_again")

    async def _send_all(self) -> None:
        """Send until there is nothing more."""
        try:
            while self._woken and not self._left:
                self._woken = False
                await self._send_news()
        except End as end:
            self._end(end)
        except (WebSocketDisconnect, OSError):
            self.gone()
        except Exception:  # a fault of ours: a board that is told nothing more must not look connected
            log.exception("board %s", self._board.name)
            self._end(End(CloseCode.OVERLOADED))
        finally:
            self._sending, self._board.busy = None, False

    async def _send_news(self) -> None:
        board, hub = self._board, self._node.hub
        now = asyncio.get_running_loop().time()
        answers, board.told = board.told, []
        if (whole := hub.snapshot_for(board, now)) is None:
            plain = hub.next_frames(board, now)
        else:
            # A state that is shared is as of a moment ago: what came since follows it.
            self._woken = True
            plain = [] if board.packed else whole.frames
        for frame in (*answers, *plain):
            await self._deliver("text", frame.decode())
        if whole is None or not board.packed:
            return
        kind = "prepared" if board.push else "bytes"
        for frame in await (whole.prepared() if board.push else whole.packed()):
            # All who came together wait for the same state, and would all write it in one turn.
            await self._node.turns.take()
            await self._deliver(kind, frame)

    async def _deliver(self, kind: str, frame: str | bytes) -> None:
        # Before each frame: a large state on a slow line takes a minute, and a right ends within seconds.
        if self._board.ended:
            raise End(CloseCode.FORBIDDEN, self._board.ended)
        await send(self._line, kind, frame, self._abort)
        self._board.frames += 1
        metrics.sent(1, len(frame))

    def _end(self, end: End) -> None:
        if not self._left:
            self.gone()
            closing = close(self._line, end, self._abort)
            self._closing = asyncio.get_running_loop().create_task(closing)
            if (hearing := self._hearing) is not None:
                # A client may never answer the close.
                self._closing.add_done_callback(lambda _: hearing.cancel())


async def send(line: Line, kind: str, frame: str | bytes, abort: Callable[[], object] | None = None) -> None:
    """Send one frame as "text", "bytes" or, by our own server, "prepared".

    Raises WebSocketDisconnect or OSError where nobody takes it.
    """
    try:
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await line.send({"type": "websocket.send", kind: frame})
    except TimeoutError:
        if abort is not None:
            abort()
        raise WebSocketDisconnect(CloseCode.TOO_SLOW) from None


async def close(line: Line, end: End, abort: Callable[[], object] | None = None) -> None:
    """Say why, and close; a buffer that nobody reads is not waited for."""
    retry_after = 1.0 if end.code < 4500 else None
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
        async with asyncio.timeout(BYE_TIMEOUT_S):
            bye = protocol.bye(end.code, end.reason, retry_after).decode()
            await line.send({"type": "websocket.send", "text": bye})
            # A close frame's reason has at most 123 bytes.
            reason = end.reason.encode()[:120].decode(errors="ignore")
            await line.send({"type": "websocket.close", "code": int(end.code), "reason": reason})
        return
    if abort is not None:
        abort()
