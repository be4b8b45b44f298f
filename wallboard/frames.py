"""Our WebSocket protocol class for uvicorn.

uvicorn's own keep-alive asks a transport to close, which waits for its buffer to flush, so a client that has
stopped reading is never ended. This class ends it, and gives the application the means to do the same.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

#: Name in `scope["extensions"]` under which the application finds the protocol object.
EXTENSION = "wallboard.socket"


class WallProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol with an end for boards that do not read."""

    async def run_asgi(self) -> None:
        """Offer this object to the application as an ASGI extension."""
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[EXTENSION] = self
        await super().run_asgi()

    def keepalive_timeout(self) -> None:
        """End a client that answers no ping, without waiting for its buffer."""
        super().keepalive_timeout()
        self.transport.abort()

    def abort(self) -> None:
        """End the connection now; nothing more is written."""
        self.transport.abort()
