"""Our WebSocket protocol class for uvicorn.

It writes a frame that was prepared once to the transports of all boards that see the same: to encode, frame
and send it for each costs several times as much. It takes a connection over when the application has
subscribed its board: what waits for a board's next word (the application's tasks, a queue, the request) holds
three times the memory of the board itself. And uvicorn's own keep-alive asks a transport to close, which
waits for its buffer to flush, so a client that has stopped reading is never ended. This class ends it, and
gives the application the means to do the same.
"""

from __future__ import annotations

import asyncio
import signal
from types import FrameType
from typing import Any, Protocol, cast

import uvicorn
from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

#: Name in `scope["extensions"]` under which the application finds the protocol object.
EXTENSION = "wallboard.socket"

#: Pings, fragments and messages after our close pass below the count of messages. A browser sends none of its
#: own accord, a proxy a ping each few seconds; more in one minute is an attack.
MAX_SMALL_FRAMES_A_MINUTE = 600

#: A board that holds more than this unread is slow, and is left alone until it has read (bytes).
WRITE_BUFFER_BYTES = 64 * 1024

#: A connection that closes has this long to take its last bytes, longer than the close handshake (s).
END_S = 12.0


class NodeServer(uvicorn.Server):
    """uvicorn's server, which leaves Ctrl-C to the supervisor: that one ends the parts in their order."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End for SIGTERM only."""
        if sig != signal.SIGINT:
            super().handle_exit(sig, frame)


class Seated(Protocol):
    """Who has a connection after the application (web/seat.py). Neither call may raise."""

    def take(self, raw: str | bytes) -> None:
        """A message has come."""

    def gone(self) -> None:
        """The connection is no more, or takes nothing more; may be told twice."""


class _Gate:
    """What of asyncio.Event a protocol needs; the queue of who waits is only there while somebody does."""

    __slots__ = ("_waiting", "open")

    def __init__(self) -> None:
        self.open = True
        self._waiting: asyncio.Event | None = None

    def is_set(self) -> bool:
        return self.open

    def set(self) -> None:
        self.open = True
        if self._waiting is not None:
            self._waiting.set()
            self._waiting = None

    def clear(self) -> None:
        self.open = False

    async def wait(self) -> None:
        if not self.open:
            self._waiting = self._waiting or asyncio.Event()
            await self._waiting.wait()


class _Nowhere:
    """The queue of an application that has handed its connection over."""

    def put_nowait(self, event: ASGIReceiveEvent) -> None:
        """Nobody waits for it: whoever is seated hears by itself."""


_NOWHERE = cast("asyncio.Queue[ASGIReceiveEvent]", _Nowhere())


class WallProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol with prepared frames, seats, and an end for boards that do not read."""

    #: pings, fragments and late messages since `_since`
    _count = 0
    _since = 0.0
    _seated: Seated | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gate = _Gate()
        self.writable = cast(asyncio.Event, self.gate)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Bound what a slow board may hold: over TLS the default is half a megabyte."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(WRITE_BUFFER_BYTES)

    async def run_asgi(self) -> None:
        """Offer this object to the application as an ASGI extension; a seated connection stays open."""
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[EXTENSION] = self
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except Exception:  # as uvicorn itself: whatever the application did ends this connection alone
            self.logger.exception("Exception in ASGI application\n")
            self.send_500_response()
        else:
            if not self.handshake_complete:
                self.send_500_response()
        if self._seated is None:
            if self.close_timer is None:
                self.transport.close()
        else:
            self.scope = cast(Any, {})
            self.request = self.response = cast(Any, None)

    def seat(self, seated: Seated) -> None:
        """Give the connection to `seated`; the application may return."""
        waiting, self.queue = self.queue, _NOWHERE
        self._seated = seated
        while not waiting.empty():
            event: Any = waiting.get_nowait()
            if event["type"] == "websocket.receive":
                seated.take(event.get("text") or event.get("bytes") or b"")
            elif event["type"] == "websocket.disconnect":
                seated.gone()
        if self.read_paused and not self.disconnected:
            self.read_paused = False
            self.transport.resume_reading()

    def send_receive_event_to_app(self) -> None:
        """Hand a message to who is seated, else to the application's queue."""
        if self.close_sent:
            # It is read on for its answer to our close; a flood would have the loop for all that time.
            self._too_many()
        if self._seated is None:
            super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if not self.close_sent:
            self._seated.take(bytes(data))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who is seated."""
        super().connection_lost(exc)
        self._leave()
        self._seated = None

    def _leave(self) -> None:
        if self._seated is not None:
            self._seated.gone()

    def shutdown(self) -> None:
        """End with the server. For a client that has closed uvicorn's own raises, and nobody else is told."""
        if not self.transport.is_closing():
            super().shutdown()

    def push(self, prepared: bytes) -> bool:
        """Write a whole frame at once to a board; False: nothing was written, it takes no more at present.

        No bytes of another frame can come between: uvicorn, too, writes each of its frames in one piece.
        """
        if self.close_sent or not self.gate.open or self.transport.is_closing():
            return False
        self.transport.write(prepared)
        return True

    def keepalive_timeout(self) -> None:
        """End a client that answers no ping, without waiting for its buffer."""
        super().keepalive_timeout()
        self._leave()
        self.transport.abort()

    def handle_ping(self) -> None:
        """Answer a ping, but only to who reads: the answers of others would fill our memory."""
        output = b"".join(self.conn.data_to_send())
        if not self._too_many() and self.writable.is_set():
            self.transport.write(output)

    def handle_cont(self, event: Frame) -> None:
        """Take a fragment of a message; empty ones without end would fill our memory."""
        if not self._too_many():
            super().handle_cont(event)

    def _too_many(self) -> bool:
        now = self.loop.time()
        if now - self._since >= 60:
            self._since, self._count = now, 0
        self._count += 1
        if self._count > MAX_SMALL_FRAMES_A_MINUTE:
            self.abort()
        return self._count > MAX_SMALL_FRAMES_A_MINUTE

    def handle_close(self, event: Frame) -> None:
        """Close with the client; one that does not read its last bytes is ended all the same."""
        super().handle_close(event)
        self._leave()
        self._end_soon()

    def handle_parser_exception(self) -> None:
        """Close after what is no WebSocket frame."""
        super().handle_parser_exception()
        self._leave()
        self._end_soon()

    async def send(self, message: ASGISendEvent) -> None:
        """Send for the application, also what is "prepared"; after its close the connection ends."""
        if (prepared := cast(dict[str, Any], message).get("prepared")) is not None:
            while not self.push(prepared):
                if self.writable.is_set():
                    raise ClientDisconnected
                await self.writable.wait()
            return
        await super().send(message)
        if message["type"] == "websocket.close":
            self._end_soon()

    def _end_soon(self) -> None:
        # A transport that closes waits for its buffer to flush, for ever where nobody reads.
        self.loop.call_later(END_S, self.transport.abort)

    def abort(self) -> None:
        """End the connection now; nothing more is written."""
        self.transport.abort()
