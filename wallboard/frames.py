"""Our WebSocket protocol class for uvicorn.

It writes a frame that was prepared once to the transports of all boards that see the same: to encode, frame
and send it for each costs several times as much. And uvicorn's own keep-alive asks a transport to close,
which waits for its buffer to flush, so a client that has stopped reading is never ended. This class ends it,
and gives the application the means to do the same.
"""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

import uvicorn
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

#: Name in `scope["extensions"]` under which the application finds the protocol object.
EXTENSION = "wallboard.socket"

#: Pings and fragments pass below the count of messages. A browser sends none of its own accord, a proxy a
#: ping each few seconds; more in one minute is an attack.
MAX_SMALL_FRAMES_A_MINUTE = 600

#: A connection that closes has this long to take its last bytes, longer than the close handshake (s).
END_S = 12.0


class NodeServer(uvicorn.Server):
    """uvicorn's server, which leaves Ctrl-C to the supervisor: that one ends the parts in their order."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End for SIGTERM only."""
        if sig != signal.SIGINT:
            super().handle_exit(sig, frame)


class WallProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol with prepared frames, and an end for boards that do not read."""

    #: pings and fragments since `_since`
    _count = 0
    _since = 0.0

    async def run_asgi(self) -> None:
        """Offer this object to the application as an ASGI extension."""
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[EXTENSION] = self
        await super().run_asgi()

    def push(self, prepared: bytes) -> bool:
        """Write a whole frame at once; False: nothing was written, for the client takes no more at present.

        No bytes of another frame can come between: uvicorn, too, writes each of its frames in one piece.
        """
        if (
            not self.writable.is_set()
            or self.close_sent
            or self.disconnected
            or not self.handshake_complete
            or self.transport.is_closing()
        ):
            return False
        self.transport.write(prepared)
        return True

    def keepalive_timeout(self) -> None:
        """End a client that answers no ping, without waiting for its buffer."""
        super().keepalive_timeout()
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
        self._end_soon()

    def handle_parser_exception(self) -> None:
        """Close after what is no WebSocket frame."""
        super().handle_parser_exception()
        self._end_soon()

    async def send(self, message: ASGISendEvent) -> None:
        """Send for the application; after its close the connection ends, read or not."""
        await super().send(message)
        if message["type"] == "websocket.close":
            self._end_soon()

    def _end_soon(self) -> None:
        # A transport that closes waits for its buffer to flush, for ever where nobody reads.
        self.loop.call_later(END_S, self.transport.abort)

    def abort(self) -> None:
        """End the connection now; nothing more is written."""
        self.transport.abort()
