"""The end of a connection that was kept open: politely, and within a bound."""

from __future__ import annotations

import asyncio

#: Closing politely is tried this long (s); then the connection is dropped.
CLOSE_S = 1.0


async def hang_up(writer: asyncio.StreamWriter, farewell: bytes = b"") -> None:
    """Close the connection, after some last words."""
    try:
        async with asyncio.timeout(CLOSE_S):
            if farewell:
                writer.write(farewell)
            writer.close()
            await writer.wait_closed()
    except TimeoutError:
        # A side that reads nothing any more would keep the socket, and what waits for it, for ever.
        writer.transport.abort()
    except OSError:
        pass  # it is gone already
