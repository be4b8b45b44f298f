"""The pictures of a listed camera: which type each is, who may open it, and which of them we may check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args
from urllib.parse import urlsplit

from feeds.fetching.addresses import host_and_port, origin, public_url
from feeds.reading.record import Record

StreamType = Literal["hls", "webrtc", "mjpeg", "rtsp", "flv", "snapshot", "other"]

#: A camera has one or two streams and a still picture; more is a mistake in the mapping.
MAX_STREAMS = 8
#: Other words for our types of streams.
_ALIASES: dict[str, StreamType] = {
    "m3u8": "hls", "mjpg": "mjpeg", "jpeg": "snapshot", "jpg": "snapshot", "image": "snapshot",
    "still": "snapshot", "whep": "webrtc", "rtsps": "rtsp",
}  # fmt: skip

_ENDINGS: dict[str, StreamType] = {
    ".m3u8": "hls", ".flv": "flv", ".mjpg": "mjpeg", ".mjpeg": "mjpeg", ".jpg": "snapshot",
    ".jpeg": "snapshot", ".png": "snapshot",
}  # fmt: skip


def streams_of(record: Record) -> list[tuple[StreamType, str, bool]]:
    """(type, address as written, public) of each stream, from whichever of the fields there are."""
    found: list[tuple[StreamType, str, bool]] = []
    listed = record.value("streams")
    for entry in listed[:MAX_STREAMS] if isinstance(listed, list) else []:
        if isinstance(entry, str):
            found.append((_type("", entry), entry, True))
        elif isinstance(entry, dict) and isinstance(entry.get("url"), str):
            public = str(entry.get("public", True)).casefold() not in ("false", "0", "no", "tidak")
            found.append((_type(str(entry.get("type", "")), entry["url"]), entry["url"], public))
    for type in get_args(StreamType):
        url = record.value(type)
        if isinstance(url, str):
            found.append((type, url, True))
    url = record.value("url")
    if isinstance(url, str):
        found.append((_type("", url), url, True))
    return found[:MAX_STREAMS]


def _type(word: str, url: str) -> StreamType:
    folded = word.strip().casefold()
    for type in get_args(StreamType):
        if folded == type:
            return type  # type: ignore[no-any-return]
    if folded in _ALIASES:
        return _ALIASES[folded]
    scheme, _, rest = url.strip().casefold().partition("://")
    if scheme in ("rtsp", "rtsps"):
        return "rtsp"
    path = rest.partition("?")[0].partition("#")[0]
    return next((type for ending, type in _ENDINGS.items() if path.endswith(ending)), "other")


def for_boards(url: str, hosts: Sequence[str]) -> str:
    """The address as a board may open it itself; "" where it is not public, or its host is not configured."""
    address = public_url(url)
    return address if address and origin(address) in {origin(host) for host in hosts} else ""


def may_check(url: str, hosts: Sequence[str]) -> bool:
    """Whether this process may ask that address: a public one, or one of the hosts configured."""
    if public_url(url):
        return True
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        return False
    return host_and_port(url.strip()) in {host_and_port(host) for host in hosts}
