"""Which hosts this server may connect to on a feed's behalf (SSRF guard).

What the engineer wrote into the configuration is trusted for that host and port. What came later, by a
redirect or from inside a document, may only lead to the open internet. The name is resolved once, all
its addresses are judged, and the connection goes to the judged address: a second look-up could answer
otherwise (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from feeds.fetching.addresses import host_and_port, is_public_ip
from feeds.fetching.aside import aside
from feeds.fetching.limits import NotAllowed
from wallboard.errors import Unreachable

#: (host, port) → its addresses, best first.
Resolve = Callable[[str, int], Awaitable[list[str]]]

#: How many addresses of a host are tried, one after the other: IPv6 first and IPv4 next is two.
MAX_ADDRESSES = 3

_NETWORK_SCHEMES = ("http:", "https:", "tcp:", "tls:", "ws:", "wss:")


async def resolve_name(host: str, port: int) -> list[str]:
    """Return the addresses of `host` in the system's order. Raises Unreachable."""
    try:
        found = await aside(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError):
        raise Unreachable(f"The name {host} cannot be resolved.") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Guard:
    """Lets a feed connect to its configured hosts, and to public ones."""

    def __init__(self, configured: Iterable[str], resolve: Resolve = resolve_name) -> None:
        written = (host_and_port(url) for url in configured if url.lower().startswith(_NETWORK_SCHEMES))
        self._trusted = {(host, port) for host, port in written if host}
        self._resolve = resolve

    async def addresses(self, host: str, port: int) -> list[str]:
        """Return the IP addresses to try for `host`. Raises Unreachable where it may not be reached."""
        if not host or not port:
            raise Unreachable("The address has no host or no port.")
        # A tcp: address without a port leaves it to its adapter: that trusts the host.
        trusted = (host, port) in self._trusted or (host, 0) in self._trusted
        if not trusted and _plain_ip(host) is None and host.rsplit(".", 1)[-1].isdigit():
            raise Unreachable(f"{host} is not a proper address.")  # "127.1": read differently by each system
        literal = _plain_ip(host)
        found = [str(literal)] if literal is not None else await self._resolve(host, port)
        if not found:
            raise Unreachable(f"The name {host} has no address.")
        if not trusted:
            for text in found:
                ip = _plain_ip(text)
                if ip is None or not is_public_ip(ip):
                    raise NotAllowed(
                        f"{host}:{port} is refused: {text} is not on the open internet, "
                        "and the configuration does not name this host."
                    )
        return found[:MAX_ADDRESSES]

    async def open(self, url: str, connect_s: float, limit: int) -> tuple[Any, Any]:
        """Open "tcp://host:port" or "tls://host:port" as (StreamReader, StreamWriter). Raises Unreachable."""
        scheme = url.partition(":")[0].lower()
        if scheme not in ("tcp", "tls"):
            raise Unreachable(f"An address for a connection begins with tcp: or tls:, not {scheme}:.")
        host, port = host_and_port(url)
        where = f"{scheme}://{host}:{port}"
        security: dict[str, Any] = {}
        if scheme == "tls":
            import ssl  # only who uses it pays for loading the certificates

            security = {"ssl": ssl.create_default_context(), "server_hostname": host}
        reason = ""
        try:
            async with asyncio.timeout(connect_s):
                for address in await self.addresses(host, port):
                    try:
                        return await asyncio.open_connection(address, port, limit=limit, **security)
                    except OSError as error:
                        reason = network_reason(error)
        except TimeoutError:
            reason = f"no connection within {connect_s:g} s"
        raise Unreachable(f"{where} cannot be reached: {reason}.")


def network_reason(error: BaseException) -> str:
    """Return why a connection failed, in words that hold neither address nor credentials."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, EOFError):
            return "the other side closed it"
        if isinstance(seen, TimeoutError):
            return "no answer in time"
        if isinstance(seen, ConnectionRefusedError):
            return "the connection is refused (nothing listens there)"
        if isinstance(seen, ConnectionResetError | BrokenPipeError):
            return "the connection was broken off"
        if isinstance(seen, OSError):
            verify = getattr(seen, "verify_message", "")
            if verify:
                return f"its certificate is not trusted ({str(verify).rstrip('.')})"
            # asyncio puts the address into strerror ("Connect call failed …"), so the number is translated.
            if isinstance(seen.errno, int) and seen.errno > 0:
                return os.strerror(seen.errno).lower()
        seen = seen.__cause__ or seen.__context__
    return type(error).__name__


def _plain_ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
