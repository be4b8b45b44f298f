"""`/ws`: one connection of one board, from its first frame to its last."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from wallboard import protocol
from wallboard.access import KINDS_OF, MAY_READ
from wallboard.errors import BadFrame, CloseCode, StoreError
from wallboard.frames import EXTENSION, WallProtocol
from wallboard.hub import Board
from wallboard.layouts import CONSOLE, LEADER, LEADER_KINDS, WALLS
from wallboard.views import View
from wallboard.walls import SCREEN
from wallboard.web.identity import HERE, Identity
from wallboard.web.node import Node
from wallboard.web.paints import BOUNDS_S
from wallboard.web.seat import End, Seat, close, send

#: Who connects and does not subscribe holds a socket for nothing (s).
SUBSCRIBE_TIMEOUT_S = 10.0

#: One node's memory and one loop's time; measured with 300-byte messages on one core.
MAX_BOARDS = 8000

#: One person has a console, a phone and some walls open at once, not hundreds.
MAX_BOARDS_A_LOGIN = 20

#: What is told of a wrong layout's name.
MAX_NAME = 64


async def board_socket(socket: WebSocket) -> None:
    """Seat one board; a server that cannot take the connection over has it followed here."""
    node: Node = socket.app.state.node
    if protocol.SUBPROTOCOL not in socket.scope.get("subprotocols", []):
        await socket.accept()
        await close(socket, End(CloseCode.BAD_VERSION, f"this server speaks {protocol.SUBPROTOCOL}"))
        return
    # After a cut they all come back at once: alerts must not wait for the last of them.
    await node.turns.take()
    await socket.accept(subprotocol=protocol.SUBPROTOCOL)
    ours: WallProtocol | None = socket.scope.get("extensions", {}).get(EXTENSION)
    abort = ours.abort if ours else None
    try:
        if sum(len(group.boards) for group in node.hub.groups.values()) >= MAX_BOARDS:
            raise End(CloseCode.OVERLOADED)
        if not node.viewable():
            raise End(CloseCode.NOT_READY)
        session = secrets.token_hex(8)
        now, epoch = node.clock.now(), node.hub.replica.epoch
        trouble = node.trouble.told()
        hello = protocol.hello(session, node.id, epoch, now, node.edition.name, BOUNDS_S, trouble)
        await send(socket, "text", hello.decode(), abort)
        board = await _subscribed(socket, node, session)
    except End as end:
        await close(socket, end, abort)
        return
    except WebSocketDisconnect:
        return
    if ours:
        board.push = ours.push
    seat = Seat(ours or socket, node, board, abort)
    node.hub.join(board)
    seat.wake()
    if ours:
        ours.seat(seat)
    else:
        await seat.follow(socket)


async def _subscribed(socket: WebSocket, node: Node, session: str) -> Board:
    try:
        async with asyncio.timeout(SUBSCRIBE_TIMEOUT_S):
            frame = await _receive(socket)
    except TimeoutError:
        raise End(CloseCode.BAD_FRAME, f"no subscribe within {SUBSCRIBE_TIMEOUT_S:g} s") from None
    if not isinstance(frame, protocol.Subscribe):
        raise End(CloseCode.BAD_FRAME, "the first frame has to be a subscribe")
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
    )
    if board.login and sum(other.login == board.login for other in node.hub.boards) >= MAX_BOARDS_A_LOGIN:
        raise End(CloseCode.OVERLOADED, f"at most {MAX_BOARDS_A_LOGIN} boards a log-in")
    _resume(node, board, frame)
    return board


async def _identity(socket: WebSocket, node: Node, frame: protocol.Subscribe) -> Identity:
    """Who connects: by the ticket, or from the machine itself."""
    if not frame.ticket:
        if node.door.local(socket):
            return HERE
        raise End(CloseCode.FORBIDDEN, "log in first")
    try:
        identity = await node.sessions.redeem(frame.ticket)
    except StoreError as fault:
        raise End(CloseCode.NOT_READY) from fault
    if identity is None:
        raise End(CloseCode.TICKET)
    return identity


def _view(node: Node, frame: protocol.Subscribe, identity: Identity) -> View:
    viewer = identity.viewer
    if viewer is None:
        raise End(CloseCode.FORBIDDEN, "log in first")
    if frame.layout == CONSOLE:
        if identity.person is None:
            raise End(CloseCode.FORBIDDEN, "a console needs a person")
        return View(CONSOLE, KINDS_OF[viewer.role], viewer)
    if frame.layout == LEADER:
        person = identity.person
        if identity != HERE and (person is None or person.role not in MAY_READ["leader"]):
            raise End(CloseCode.FORBIDDEN, "this page is for who leads the city")
        return View(LEADER, LEADER_KINDS, viewer)
    if identity.screen is not None and identity.screen.wall not in ("", frame.layout):
        raise End(CloseCode.FORBIDDEN, "this screen belongs to another wall")
    if frame.layout not in node.walls:
        raise End(CloseCode.UNKNOWN_LAYOUT, frame.layout[:MAX_NAME])
    return View(WALLS, node.wall_kinds, viewer)


def _name(frame: protocol.Subscribe, identity: Identity) -> str:
    if identity.screen is not None and identity.screen.id:
        # As it was paired: what its address says of it proves nothing, and two could say the same.
        return f"{frame.layout}/{identity.screen.id}"
    if not frame.screen:
        return frame.layout
    if not SCREEN.fullmatch(frame.screen):
        raise End(CloseCode.BAD_FRAME, "a screen's name has 1 to 32 letters, digits, - or _")
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


async def _receive(socket: WebSocket) -> protocol.BoardFrame:
    message: Any = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    raw = message.get("text")
    try:
        return protocol.decode(raw if raw is not None else message.get("bytes") or b"")
    except BadFrame as fault:
        raise End(CloseCode.BAD_FRAME, str(fault)) from fault
