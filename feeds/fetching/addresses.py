"""Addresses from outside: which may reach a board, which this server may connect to, and how they are logged.

The rules of hosts follow the URL Standard (url.spec.whatwg.org, section 3.5) where browsers are laxer than
Python: "127.1", "0x7f.1" and full-width digits are the loopback address to a browser.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

#: Longer addresses do not fit into the state, and no real camera or article has one.
MAX_URL = 2000

#: Names that are of a local network by definition (RFC 6761, 6762, 8375, ICANN's .internal), or by habit.
_LOCAL_NAMES = (
    "localhost",
    "local",
    "internal",
    "lan",
    "home",
    "corp",
    "intranet",
    "home.arpa",
    "localdomain",
)

#: IPv6 ranges in which an IPv4 address is wrapped, with the bits to the right of it.
_WRAPPED = (
    (ipaddress.ip_network("::/96"), 0),  # IPv4-compatible, deprecated
    (ipaddress.ip_network("::ffff:0:0/96"), 0),  # IPv4-mapped
    (ipaddress.ip_network("::ffff:0:0:0/96"), 0),  # IPv4-translated, RFC 2765
    (ipaddress.ip_network("64:ff9b::/96"), 0),  # NAT64, RFC 6052
    (ipaddress.ip_network("2002::/16"), 80),  # 6to4, RFC 3056
)

_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$")
_LABEL = re.compile(r"^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$")

#: What may stand in an address as it is; everything else is written as %XX.
_SAFE = "!#$%&'()*+,/:;=?@[]~"

_DEFAULT_PORTS = {"http": 80, "https": 443}
#: … and those of what this server alone opens.
_PORTS = {**_DEFAULT_PORTS, "ws": 80, "wss": 443}

IP = ipaddress.IPv4Address | ipaddress.IPv6Address


def public_url(text: str) -> str:
    """Return `text` as an http(s) address that a board may load, or '' when it must not reach one.

    Refused: other schemes (javascript:, data:, rtsp:), credentials, hosts of a private network however they
    are written, control characters. Spaces and other characters are percent-encoded, the host in ASCII.
    """
    text = text.strip(" \t\r\n")
    if not text or len(text) > MAX_URL or "\\" in text:
        return ""
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in text):
        return ""
    try:
        parts = urlsplit(text)
        host, port = _host_of(parts), parts.port
    except ValueError:
        return ""
    if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc or not host or not _is_public_host(host):
        return ""
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        netloc = f"{netloc}:{port}"
    path, query, fragment = (quote(part, safe=_SAFE) for part in (parts.path, parts.query, parts.fragment))
    address = urlunsplit((parts.scheme, netloc, path or "/", query, fragment))
    return address if len(address) <= MAX_URL else ""


def is_public_ip(ip: IP) -> bool:
    """Whether `ip` is on the open internet: not loopback, private, link-local (metadata) or multicast."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id or ip.teredo is not None or ip.is_site_local:  # fec0::/10, private until 2004
            return False
        for network, right in _WRAPPED:
            if ip in network:
                return is_public_ip(ipaddress.IPv4Address(int(ip) >> right & 0xFFFFFFFF))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def host_and_port(url: str) -> tuple[str, int]:
    """Return the host (lower case, ASCII) and port of a network address, ('', 0) when it has none."""
    try:
        parts = urlsplit(url)
        return _host_of(parts), parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", 0


def origin(url: str) -> tuple[str, str, int]:
    """Return (scheme, host, port): what has another origin must not be sent this one's credentials."""
    return (url.partition(":")[0].lower(), *host_and_port(url))


def redact(url: str) -> str:
    """Return `url` for a log or a message: without credentials, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that cannot be read"
    host = parts.netloc.rpartition("@")[2]
    shown = urlunsplit((parts.scheme, host, parts.path, "", ""))
    if parts.scheme == "file" and not url.lower().startswith("file://"):
        shown = f"file:{parts.path}"  # urlunsplit would make a relative path one from the root
    return shown if len(shown) <= 200 else f"{shown[:199]}…"


def _host_of(parts: SplitResult) -> str:
    # NFKC first, as browsers do: full-width digits and dots become plain ones before anything is judged.
    host = unicodedata.normalize("NFKC", parts.hostname or "").replace("。", ".").lower()
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    return host


def _is_public_host(host: str) -> bool:
    if ":" in host:
        try:
            return is_public_ip(ipaddress.IPv6Address(host))
        except ValueError:
            return False
    if _ENDS_IN_NUMBER.search(host):
        # A browser reads "127.1" as an address; only the plain form of four numbers is let pass.
        try:
            return is_public_ip(ipaddress.IPv4Address(host))
        except ValueError:
            return False
    name = host.removesuffix(".")
    if "." not in name or len(name) > 253 or not all(_LABEL.match(label) for label in name.split(".")):
        return False
    return not any(name == local or name.endswith(f".{local}") for local in _LOCAL_NAMES)
