"""`/ws`: one connection of one board, from its first frame to its last."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from wallboard import protocol
from wallboard.access import KINDS_OF, MAY_READ
from wallboard.errors import CLOSE_REASONS, BadFrame, CloseCode, StoreError
from wallboard.frames import EXTENSION
from wallboard.hub import Board
from wallboard.layouts import CONSOLE, LEADER, LEADER_KINDS, WALLS
from wallboard.views import View
from wallboard.walls import SCREEN, plan
from wallboard.web import metrics
from wallboard.web.identity import HERE, Identity
from wallboard.web.node import Node
from wallboard.web.paints import BOUNDS_S, LONGEST_S

log = logging.getLogger("wallboard.web")

#: Who connects and does not subscribe holds a socket for nothing (s).
SUBSCRIBE_TIMEOUT_S = 10.0

#: A buffer that takes no more for this long belongs to a board that does not read (s).
SEND_TIMEOUT_S = 10.0

#: A board paints every 5 s and after alerts; five times that is a fault or an attack.
MAX_FRAMES_A_MINUTE = 120

#: One node's memory and one loop's time; measured with 300-byte messages on one core.
MAX_BOARDS = 8000

#: One person has a console, a phone and some walls open at once, not hundreds.
MAX_BOARDS_A_LOGIN = 20

#: What is told of a wrong layout's name.
MAX_NAME = 64


class _End(Exception):
    """The connection ends, with this code."""

    def __init__(self, code: CloseCode, detail: str = "") -> None:
        self.code = code
        self.reason = f"{CLOSE_REASONS[code]}{': ' + detail if detail else ''}"


async def board_socket(socket: WebSocket) -> None:
    """Serve one board."""
    node: Node = socket.app.state.node
    if protocol.SUBPROTOCOL not in socket.scope.get("subprotocols", []):
        await socket.accept()
        await _close(socket, _End(CloseCode.BAD_VERSION, f"this server speaks {protocol.SUBPROTOCOL}"))
        return
    await socket.accept(subprotocol=protocol.SUBPROTOCOL)
    board: Board | None = None
    try:
        if sum(len(group.boards) for group in node.hub.groups.values()) >= MAX_BOARDS:
            raise _End(CloseCode.OVERLOADED)
        if not node.viewable():
            raise _End(CloseCode.NOT_READY)
        session = secrets.token_hex(8)
        epoch = node.hub.replica.epoch
        await _send(
            socket,
            protocol.hello(
                session,
                node.id,
                epoch,
                node.clock.now(),
                node.edition.name,
                BOUNDS_S,
                node.trouble.told(),
            ),
        )
        board = await _subscribed(socket, node, session)
        await _serve(socket, node, board)
    except _End as end:
        await _close(socket, end)
    except WebSocketDisconnect:
        pass
    finally:
        if board is not None:
            node.hub.leave(board)


async def _subscribed(socket: WebSocket, node: Node, session: str) -> Board:
    try:
        async with asyncio.timeout(SUBSCRIBE_TIMEOUT_S):
            frame = await _receive(socket)
    except TimeoutError:
        raise _End(CloseCode.BAD_FRAME, f"no subscribe within {SUBSCRIBE_TIMEOUT_S:g} s") from None
    if not isinstance(frame, protocol.Subscribe):
        raise _End(CloseCode.BAD_FRAME, "the first frame has to be a subscribe")
    identity = await _identity(socket, node, frame)
    board = Board(
        session,
        _view(node, frame, identity),
        _name(frame, identity),
        subscribed=(frame.layout, frame.screen),
        packed=frame.packed,
        person=identity.person.id if identity.person else "",
        screen=identity.screen.id if identity.screen else "",
        login=identity.session,
        since=node.clock.now(),
        address=node.door.address(socket),
        push=_push_of(socket),
    )
    if board.login and sum(other.login == board.login for other in node.hub.boards) >= MAX_BOARDS_A_LOGIN:
        raise _End(CloseCode.OVERLOADED, f"at most {MAX_BOARDS_A_LOGIN} boards a log-in")
    _resume(node, board, frame)
    node.hub.join(board)
    return board


async def _identity(socket: WebSocket, node: Node, frame: protocol.Subscribe) -> Identity:
    """Who connects: by the ticket, or from the machine itself."""
    if not frame.ticket:
        if node.door.local(socket):
            return HERE
        raise _End(CloseCode.FORBIDDEN, "log in first")
    try:
        identity = await node.sessions.redeem(frame.ticket)
    except StoreError as fault:
        raise _End(CloseCode.NOT_READY) from fault
    if identity is None:
        raise _End(CloseCode.TICKET)
    return identity


def _view(node: Node, frame: protocol.Subscribe, identity: Identity) -> View:
    viewer = identity.viewer
    if viewer is None:
        raise _End(CloseCode.FORBIDDEN, "log in first")
    if frame.layout == CONSOLE:
        if identity.person is None:
            raise _End(CloseCode.FORBIDDEN, "a console needs a person")
        return View(CONSOLE, KINDS_OF[viewer.role], viewer)
    if frame.layout == LEADER:
        person = identity.person
        if identity != HERE and (person is None or person.role not in MAY_READ["leader"]):
            raise _End(CloseCode.FORBIDDEN, "this page is for who leads the city")
        return View(LEADER, LEADER_KINDS, viewer)
    if identity.screen is not None and identity.screen.wall not in ("", frame.layout):
        raise _End(CloseCode.FORBIDDEN, "this screen belongs to another wall")
    shown = plan(node.city, frame.layout, frame.screen)
    if shown is None:
        raise _End(CloseCode.UNKNOWN_LAYOUT, frame.layout[:MAX_NAME])
    return View(WALLS, shown.kinds(), viewer)


def _name(frame: protocol.Subscribe, identity: Identity) -> str:
    if identity.screen is not None and identity.screen.id:
        # As it was paired: what its address says of it proves nothing, and two could say the same.
        return f"{frame.layout}/{identity.screen.id}"
    if not frame.screen:
        return frame.layout
    if not SCREEN.fullmatch(frame.screen):
        raise _End(CloseCode.BAD_FRAME, "a screen's name has 1 to 32 letters, digits, - or _")
    return f"{frame.layout}/{frame.screen}"


def _resume(node: Node, board: Board, frame: protocol.Subscribe) -> None:
    """Let the board go on from where it was, if that can be proved whole."""
    replica = node.hub.replica
    if frame.since is None:
        return
    if frame.view_id != board.view.id:
        board.reason = "other_view"
    elif frame.epoch != replica.epoch:
        board.reason = "epoch"
    elif not replica.floor <= frame.since <= replica.n:
        board.reason = "too_old"
    else:
        board.epoch, board.pos = frame.epoch, frame.since


async def _serve(socket: WebSocket, node: Node, board: Board) -> None:
    """Send and receive until one of them ends; the other then ends too."""
    board.wake.set()
    tasks = [
        asyncio.create_task(_sender(socket, node, board)),
        asyncio.create_task(_receiver(socket, node, board)),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        # Their own ends were looked at above; a second one says nothing new.
        await asyncio.gather(*tasks, return_exceptions=True)


async def _sender(socket: WebSocket, node: Node, board: Board) -> None:
    loop = asyncio.get_running_loop()
    while True:
        board.busy = False  # what is new meanwhile, the hub writes by itself
        await board.wake.wait()
        board.busy = True
        board.wake.clear()
        if board.ended:
            raise _End(CloseCode.FORBIDDEN, board.ended)
        answers = [board.told.popleft() for _ in range(len(board.told))]
        whole = node.hub.snapshot_for(board, loop.time()) if board.packed else None
        for frame in (*answers, *(() if whole else node.hub.next_frames(board, loop.time()))):
            await _deliver(socket, board, frame)
        for frame in await whole.packed() if whole else ():
            await _deliver(socket, board, frame, packed=True)


async def _deliver(socket: WebSocket, board: Board, frame: bytes, *, packed: bool = False) -> None:
    # Before each frame: a large state on a slow line takes a minute, and a right ends within seconds.
    if board.ended:
        raise _End(CloseCode.FORBIDDEN, board.ended)
    await _send(socket, frame, packed=packed)
    board.frames += 1
    metrics.sent(1, len(frame))


async def _send(socket: WebSocket, frame: bytes, *, packed: bool = False) -> None:
    message = {"bytes": frame} if packed else {"text": frame.decode()}
    try:
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await socket.send({"type": "websocket.send", **message})
    except TimeoutError:
        _abort(socket)
        raise WebSocketDisconnect(CloseCode.TOO_SLOW) from None


async def _receiver(socket: WebSocket, node: Node, board: Board) -> None:
    loop = asyncio.get_running_loop()
    window, count = loop.time(), 0
    while True:
        frame = await _receive(socket)
        count += 1
        if loop.time() - window >= 60:
            window, count = loop.time(), 1
        if count > MAX_FRAMES_A_MINUTE:
            raise _End(CloseCode.TOO_MANY_FRAMES, f"at most {MAX_FRAMES_A_MINUTE} a minute")
        if isinstance(frame, protocol.Painted):
            board.painted, board.painted_when = frame, node.clock.now()
            metrics.PAINT_AGE.observe(min(LONGEST_S, max(0.0, board.painted_when - frame.at)))
            metrics.PAINTS.add(frame.paints, board.frames)
            board.frames = 0
        elif isinstance(frame, protocol.CommandFrame):
            await _send(socket, await _command(node, board, frame))
        else:
            _again(board, frame)


def _again(board: Board, frame: protocol.Subscribe) -> None:
    """A board that cannot prove its state whole asks for it once more; for another view it connects anew."""
    if (frame.layout, frame.screen) != board.subscribed:
        raise _End(CloseCode.BAD_FRAME, "connect again for another view")
    board.pos, board.reason = None, "asked"
    board.wake.set()


async def _command(node: Node, board: Board, frame: protocol.CommandFrame) -> bytes:
    if not board.person:
        return protocol.result(frame.command_id, "refused", reason="log_in_first")
    try:
        return await node.desk.submit(board, frame)
    except StoreError as fault:
        # It may stand in the stream or not: the page sends it again under the same id.
        log.warning("a command could not be written: %s", fault)
        return protocol.result(frame.command_id, "refused", reason="try_again")


async def _receive(socket: WebSocket) -> protocol.BoardFrame:
    message: Any = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    raw = message.get("text")
    try:
        return protocol.decode(raw if raw is not None else message.get("bytes") or b"")
    except BadFrame as fault:
        raise _End(CloseCode.BAD_FRAME, str(fault)) from fault


async def _close(socket: WebSocket, end: _End) -> None:
    retry_after = 1.0 if end.code < 4500 else None
    if socket.application_state is not WebSocketState.CONNECTED:
        return
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await socket.send(
                {"type": "websocket.send", "text": protocol.bye(end.code, end.reason, retry_after).decode()}
            )
            # A close frame's reason has at most 123 bytes.
            await socket.close(int(end.code), end.reason.encode()[:120].decode(errors="ignore"))
        return
    _abort(socket)


def _push_of(socket: WebSocket) -> Callable[[bytes], bool] | None:
    ours = socket.scope.get("extensions", {}).get(EXTENSION)
    return None if ours is None else ours.push


def _abort(socket: WebSocket) -> None:
    """End the connection without waiting for a buffer that nobody reads."""
    ours = socket.scope.get("extensions", {}).get(EXTENSION)
    if ours is not None:
        ours.abort()
