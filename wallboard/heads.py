"""Our HTTP protocol class for uvicorn, which waits for ever for a request's head and keeps all of it.

Who sends a head without end would fill our memory, and who sends none would hold a connection for nothing:
both before anything of ours is asked.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Well beyond what web/headers.py answers with 431.
MAX_HEAD_BYTES = 64 * 1024

#: A browser sends its head in one packet; a page far away within a second (s).
HEAD_S = 10.0


class WallHttp(HttpToolsProtocol):
    """uvicorn's protocol with an end for heads that are too long or too slow."""

    #: of the head that is under way; heads that were whole
    _head_bytes = 0
    _heads = 0
    _in_head = True
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a piece; a head that is not whole by now is counted."""
        if self._in_head and self._late is None:
            self._wait()
        unfinished, heads = self._in_head, self._heads
        super().data_received(data)
        # Bytes of a body that ends here are none of the next head's.
        if unfinished and self._heads == heads:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.transport.abort()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head, self._head_bytes = False, 0
        self._heads += 1
        self._stop()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The next head begins with the next byte; until then uvicorn's own keep-alive holds."""
        self._in_head = True
        super().on_message_complete()

    def _wait(self) -> None:
        self._late = self.loop.call_later(HEAD_S, self._end)

    def _stop(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _end(self) -> None:
        self._late = None
        self.transport.abort()
