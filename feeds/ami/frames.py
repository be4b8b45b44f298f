"""Asterisk's manager protocol as bytes: `Key: Value` lines, an empty line ends a frame. Sans I/O.

Source: docs.asterisk.org, "AMI v2 Specification", and captures. Line ends are CRLF on the wire and LF in
captures; a value may hold ": " and any bytes; the greeting is a line without an end of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: A frame above this is refused. The largest real ones (a channel with all its variables) have 8 KiB.
MAX_FRAME_BYTES = 64 * 1024

#: The first line that an exchange says, before any frame.
GREETING = b"Asterisk Call Manager/"

_GAP = re.compile(rb"\[\d+ bytes missing in capture file\]")

#: A frame's fields by name in lower case; of a repeated name the first.
Frame = dict[str, str]


@dataclass(frozen=True)
class Broken:
    """A frame that cannot be used, with the reason. What it held is not kept: it may hold a number."""

    why: str
    name: str = ""


class Framer:
    """Cuts a stream of bytes, in whatever pieces it comes, into frames. Holds at most one frame."""

    def __init__(self) -> None:
        #: the exchange's greeting, "" until it came
        self.greeting = ""
        #: something else came first: this is no exchange
        self.foreign = False
        self._rest = b""
        self._crlf = False
        self._lines: list[bytes] = []
        self._size = 0
        self._refused = False

    def feed(self, data: bytes) -> Iterator[Frame | Broken]:
        """The frames that these bytes complete, in order."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._crlf = self._crlf or any(line.endswith(b"\r") for line in lines[:1])
        for line in lines:
            yield from self._line(line.rstrip(b"\r"))
        if self._size + len(self._rest) > MAX_FRAME_BYTES:
            self._refuse()
            # Not empty: what is left of this line must not look like the empty line that ends a frame.
            self._rest = b"~"

    def end(self) -> Iterator[Frame | Broken]:
        """What is left when the bytes have ended: a last frame, or a cut one.

        The wire has CRLF, so a last line without it is cut. Captures that went through an editor have LF,
        and often none at their end.
        """
        last, self._rest = self._rest, b""
        if last.strip() and self._crlf:
            name, self._lines, self._size, self._refused = _name(self._lines), [], 0, False
            yield Broken("it ends in the middle of a line", name)
            return
        yield from self._line(last)
        yield from self._line(b"")

    def _line(self, line: bytes) -> Iterator[Frame | Broken]:
        if line.startswith(GREETING) and not self._lines:
            self.greeting = _text(line)
        elif line.strip():
            self.foreign = self.foreign or not self.greeting
            self._size += len(line)
            if self._size > MAX_FRAME_BYTES:
                self._refuse()
            elif not self._refused:
                self._lines.append(line)
        elif self._refused:
            self._refused, self._size = False, 0
            yield Broken(f"it is larger than {MAX_FRAME_BYTES // 1024} KiB")
        elif self._lines:
            lines, self._lines, self._size = self._lines, [], 0
            yield _frame(lines)

    def _refuse(self) -> None:
        self._lines, self._refused = [], True
        self._size = 0


def encode(fields: list[tuple[str, str]]) -> bytes:
    """An action as bytes. A line break in a value would be another action, so it is refused (ValueError)."""
    for name, value in fields:
        if "\r" in value or "\n" in value:
            raise ValueError(f"a line break in {name}")
    return "".join(f"{name}: {value}\r\n" for name, value in fields).encode() + b"\r\n"


def _frame(lines: list[bytes]) -> Frame | Broken:
    if any(_GAP.search(line) for line in lines):
        return Broken("bytes are missing in the capture", _name(lines))
    frame: Frame = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        # The output of a command comes as bare lines.
        if colon:
            frame.setdefault(_text(name).strip().lower(), _text(value).strip())
    return frame


def _name(lines: list[bytes]) -> str:
    for line in lines:
        found = _GAP.sub(b"", line)
        if found.lower().startswith((b"event:", b"response:")):
            return _text(found.partition(b":")[2]).strip()
    return ""


def _text(raw: bytes) -> str:
    """UTF-8 as exchanges are set up today, else each byte as its Latin-1 letter: no byte is an error."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
