"""[[feed]]: names, addresses and the options of each type."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from feeds.fetching.files import path_of
from feeds.registry import BadOptions, feed_spec
from wallboard.city import CityConfig, FeedConfig
from wallboard.config.findings import SECRET_KEY, Findings
from wallboard.config.tables import check_unique, zone_exists
from wallboard.errors import Unreachable

#: A feed's name begins the ids of what it brings ("name/id") and stands in the webhook's path.
_FEED_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")

#: One part of a host name; underscores occur in names inside a network.
_LABEL = re.compile(r"^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$", re.I)

#: Schemes whose address names a host.
_NETWORK = frozenset({"http", "https", "tcp", "tls", "udp", "mqtt", "mqtts", "ws", "wss"})


def check_feeds(city: CityConfig, found: Findings) -> None:
    """Note what is wrong with the feeds; secrets are looked for elsewhere."""
    check_unique("feed", "name", [feed.name for feed in city.feed], found)
    # The city's own zone has been judged: a feed that takes it over is not wrong as well.
    zone = city.city.time_zone if zone_exists(city.city.time_zone) else "UTC"
    lists = [feed.name for feed in city.feed if feed.type == "cameras"]
    for index, feed in enumerate(city.feed):
        key = f"feed[{index}]"
        named = feed.options.get("camera_list")
        if isinstance(named, str) and named and named not in lists:
            why = f"is no feed of type cameras; there are {', '.join(lists) or 'none'}"
            found.fault(f"{key}.options.camera_list", named, why)
        if feed.name and not _FEED_NAME.match(feed.name):
            why = 'must be letters, digits, ".", "_" and "-", at most 64; title is for people'
            found.fault(f"{key}.name", feed.name, why)
        try:
            feed_spec(feed, zone)
        except BadOptions as error:
            for wrong in error.faults:
                found.fault(f"{key}.{wrong.key}", wrong.value, wrong.why)
        else:
            _address(feed, key, found)


def feed_kinds(city: CityConfig) -> dict[str, tuple[str, ...]]:
    """Feed → the kinds of entities that it is a source of, by its type and options. They are sound."""
    specs = (feed_spec(feed, city.city.time_zone) for feed in city.feed)
    return {spec.name: spec.adapter.brings(spec.options) for spec in specs}


def _address(feed: FeedConfig, key: str, found: Findings) -> None:
    """What feed_spec lets pass and no connection could use."""
    scheme = feed.url.partition(":")[0].lower()
    if scheme == "file":
        try:
            path_of(feed.url, Path())
        except Unreachable as fault:
            found.fault(f"{key}.url", None, str(fault))
    if scheme not in _NETWORK:
        return
    parts = urlsplit(feed.url)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        found.fault(f"{key}.url", feed.url, "has no proper port; ports are 1 to 65535")
    if not is_host(parts.hostname or ""):
        found.fault(f"{key}.url", feed.url, "names no proper host; write scheme://host.example/path")
    if scheme == "mqtt" and feed.options.get("password") and not _is_loopback(parts.hostname or ""):
        found.warn(f"{key}.url", feed.url, "sends the password in the clear; mqtts: does not")
    if any(SECRET_KEY.search(name) for name, _ in parse_qsl(parts.query)):
        # Some sources take a key nowhere else, so that this cannot be a fault.
        why = (
            "holds a key in its query, for all who read this file; options.headers can take one from outside"
        )
        found.warn(f"{key}.url", feed.url, why)


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")


def is_host(name: str) -> bool:
    """Whether `name` is a host name or an IP address."""
    if ":" in name or re.fullmatch(r"[0-9.]+", name):
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True
    try:
        ascii_name = name.removesuffix(".").encode("idna").decode("ascii")
    except UnicodeError:  # an empty part, or one of more than 63 characters
        return False
    return len(ascii_name) <= 253 and all(_LABEL.match(label) for label in ascii_name.split("."))
