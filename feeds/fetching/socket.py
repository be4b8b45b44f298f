"""One WebSocket (RFC 6455) to the judged address of a host, within limits of time and size."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from feeds.fetching.addresses import host_and_port, redact
from feeds.fetching.guard import Guard, network_reason
from wallboard import __version__
from wallboard.errors import Unreachable

#: A quiet source is pinged this often; one that does not answer within as long again is gone.
PING_S = 20.0

#: A message above this is no event of a city's system.
MAX_MESSAGE_BYTES = 1024 * 1024

#: Messages that wait while one is handed over; then the source waits.
MAX_WAITING = 64

# Its line for each connection would hold the whole address, and so a key in the query string.
logging.getLogger("websockets.client").setLevel(logging.ERROR)


async def open_socket(
    guard: Guard, url: str, headers: Mapping[str, str], connect_s: float
) -> ClientConnection:
    """Open ws: or wss:. Raises Unreachable. A redirect to another host is not followed."""
    host, port = host_and_port(url)
    reason = ""
    for address in await guard.addresses(host, port):
        try:
            return await connect(
                url,
                host=address,
                port=port,
                proxy=None,  # it would look names up itself, past the guard
                additional_headers=dict(headers),
                user_agent_header=f"wallboard/{__version__}",
                open_timeout=connect_s,
                ping_interval=PING_S,
                ping_timeout=PING_S,
                close_timeout=1.0,
                max_size=MAX_MESSAGE_BYTES,
                max_queue=MAX_WAITING,
            )
        except InvalidStatus as error:
            response = error.response
            words = f"{response.status_code} {response.reason_phrase}".strip()
            raise Unreachable(f"{redact(url)} answered {words} instead of a WebSocket.") from None
        except (OSError, EOFError) as error:
            reason = network_reason(error)  # the host's next address
        except (WebSocketException, ValueError) as error:
            # Of a redirect it quotes the whole address, and so a key in the query string.
            said = "it redirects to another address" if "://" in str(error) else str(error)
            raise Unreachable(f"{redact(url)} does not speak WebSocket: {said}.") from None
    raise Unreachable(f"{redact(url)} cannot be reached: {reason}.")
