"""How the server can be reached: which names are its own, whose word is believed, and who is at the machine.

DNS rebinding needs a name, so an address as Host is always ours; a name has to be one of the configured.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

#: Names that every machine has for itself.
LOOPBACK_NAMES = frozenset({"localhost"})

#: Whoever sends one of these passes on somebody else's request.
_FORWARDED = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "x-original-host"})
_FORWARDED_BEGIN = ("x-forwarded-", "cf-", "x-envoy-", "x-amzn-", "x-arr-")

_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>\d{1,5}))?")


@dataclass(frozen=True)
class Door:
    """The answers for one server; made from its arguments."""

    #: names that Host and Origin may bear, lower case, without port
    names: frozenset[str] = LOOPBACK_NAMES
    #: whether nobody but this machine reaches it
    alone: bool = True
    #: whether it speaks https itself
    tls: bool = False
    #: whether https ends in front of it
    behind_proxy: bool = False

    @property
    def secure(self) -> bool:
        """Whether browsers reach it by https, so that cookies may be bound to that."""
        return self.tls or self.behind_proxy

    def knows(self, host: str) -> bool:
        """Whether a Host header names this server."""
        name = name_of(host)
        return name is not None and (_address(name) is not None or name in self.names)

    def local(self, connection: HTTPConnection) -> bool:
        """Whether this comes from the machine itself, of a server that serves nobody else."""
        name = name_of(connection.headers.get("host", ""))
        if not self.alone or name is None or any(map(_forwards, connection.headers)):
            return False
        address = _address(name)
        return name in LOOPBACK_NAMES if address is None else address.is_loopback

    def own_origin(self, headers: Headers) -> bool:
        """Whether the Origin header is a page of this server."""
        scheme, _, host = headers.get("origin", "").partition("://")
        if scheme != ("https" if self.secure else "http"):
            return False
        if host == headers.get("host", ""):
            return True
        # A proxy may put its own Host; the names that people use are configured.
        return self.behind_proxy and name_of(host) in self.names - LOOPBACK_NAMES

    def address(self, connection: HTTPConnection) -> str:
        """Who connects, as far as that can be believed; "" where nothing is known."""
        peer = connection.client.host if connection.client else ""
        if self.behind_proxy and _is_loopback(peer):
            # The last one was added by our own proxy; those before it are anybody's word.
            told = _last(connection, "x-forwarded-for")
            return told if _address(told) is not None else peer
        return peer

    def plain(self, connection: HTTPConnection) -> bool:
        """Whether our proxy says that the browser came without https."""
        peer = connection.client.host if connection.client else ""
        told = _last(connection, "x-forwarded-proto") or "https"
        return self.behind_proxy and _is_loopback(peer) and told != "https"


def _forwards(header: str) -> bool:
    return header in _FORWARDED or header.startswith(_FORWARDED_BEGIN)


def _last(connection: HTTPConnection, name: str) -> str:
    """The last word of a list header; some proxies (HAProxy) add a line of their own after the browser's."""
    lines = connection.headers.getlist(name)
    return lines[-1].rpartition(",")[2].strip() if lines else ""


def name_of(host: str) -> str | None:
    """The name or address of "name:port", lower case and without brackets; None where it is neither."""
    found = _HOST.fullmatch(host)
    return found["name"].strip("[]").lower() if found else None


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _is_loopback(peer: str) -> bool:
    address = _address(peer)
    return address is not None and address.is_loopback
