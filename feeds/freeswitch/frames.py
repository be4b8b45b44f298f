"""FreeSWITCH's event socket as bytes: lines `Name: value`, an empty line, and a body where one is announced.

Sans I/O. Source: developer.signalwire.com, "Event Socket Library"; mod_event_socket. In a plain event each
value is URL-encoded, so that no value breaks a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

#: A head has under ten lines; what is longer is no event socket.
MAX_HEAD_BYTES = 16 * 1024

#: An event with all its channel's variables has 8 to 20 kB, a list of 1,000 call takers 300 kB.
MAX_BODY_BYTES = 4 * 1024 * 1024

#: Fields by name in lower case; of a repeated name the first.
Fields = dict[str, str]


@dataclass(frozen=True)
class Frame:
    """A head, and the body behind it."""

    head: Fields
    body: bytes = b""


@dataclass(frozen=True)
class Broken:
    """A frame that cannot be used, with the reason; the bytes behind it cannot be told apart any more."""

    why: str


class Framer:
    """Cuts a stream of bytes, in whatever pieces it comes, into frames. Holds at most one frame."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._head: Fields | None = None
        self._length = 0
        self._broken = False

    def feed(self, data: bytes) -> Iterator[Frame | Broken]:
        """The frames that these bytes complete, in order. After a Broken nothing comes any more."""
        if self._broken:
            return
        self._held += data
        while True:
            if self._head is None:
                end, gap = self._held.find(b"\n\n"), 2
                crlf = self._held.find(b"\r\n\r\n")
                if 0 <= crlf < end or end < 0 <= crlf:
                    end, gap = crlf, 4
                if end < 0:
                    if len(self._held) > MAX_HEAD_BYTES:
                        yield self._break("a head has no end")
                    return
                raw = bytes(self._held[:end])
                del self._held[: end + gap]
                if not raw.strip():
                    continue  # some versions send an empty line too many
                self._head = fields_of(raw, encoded=False)
                length = self._head.get("content-length", "0")
                if not length.isascii() or not length.isdigit() or len(length) > 9:
                    yield self._break("Content-Length is no number")
                    return
                self._length = int(length)
                if self._length > MAX_BODY_BYTES:
                    yield self._break(f"a body is larger than {MAX_BODY_BYTES} bytes")
                    return
            if len(self._held) < self._length:
                return
            head, self._head = self._head, None
            body = bytes(self._held[: self._length])
            del self._held[: self._length]
            yield Frame(head, body)

    def _break(self, why: str) -> Broken:
        self._broken = True
        self._held.clear()
        return Broken(why)


def fields_of(block: bytes, *, encoded: bool) -> Fields:
    """The fields of a head, or of a plain event (`encoded`), up to its first empty line."""
    fields: Fields = {}
    for line in block.split(b"\n"):
        text = line.rstrip(b"\r").decode(errors="replace")
        if not text.strip():
            if fields:
                break
            continue
        name, colon, value = text.partition(":")
        if colon:
            value = value.strip()
            fields.setdefault(name.strip().lower(), unquote(value) if encoded else value)
    return fields


def rows_of(body: bytes) -> list[Fields] | None:
    """A table of `callcenter_config … list` by its header; None where it is none (-ERR, cut).

    A list without an entry is `+OK` alone.
    """
    lines = [line.rstrip("\r") for line in body.decode(errors="replace").split("\n") if line.strip()]
    if not lines or lines[-1].strip() != "+OK":
        return None
    if len(lines) == 1:
        return []
    names = [name.strip().lower() for name in lines[0].split("|")]
    return [dict(zip(names, line.split("|"), strict=False)) for line in lines[1:-1]]
