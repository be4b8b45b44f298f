"""Server-sent events (HTML Living Standard, section 9.2) from bytes as they come. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wallboard.errors import BadDocument

#: An event above this is no message of a city's system; the stream has then lost its frame.
MAX_EVENT_BYTES = 1024 * 1024

_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True)
class ServerEvent:
    """One event: its type ("message" where none is named) and its data, lines joined."""

    type: str
    data: bytes


class EventStream:
    """Bytes in, events out; half a line waits for its rest."""

    def __init__(self) -> None:
        #: what the source asks to be told when we connect again
        self.last_id = ""
        self._rest = bytearray()
        self._first = True
        self._type = ""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> list[ServerEvent]:
        """The events that `piece` completes. Raises BadDocument where one has no end."""
        if not self._first and not _LINE_END.search(piece) and not self._rest.endswith(b"\r"):
            # Nothing ends here: to look through the whole line again would take the square of its length.
            self._rest += piece
            self._check_size()
            return []
        waiting = bytes(self._rest + piece)
        if self._first and waiting.startswith(b"\xef\xbb\xbf"):
            waiting = waiting[3:]
        self._first = self._first and len(waiting) < 3
        # A carriage return at the very end may be the half of a pair.
        held = b"\r" if waiting.endswith(b"\r") else b""
        lines = _LINE_END.split(waiting[:-1] if held else waiting)
        self._rest = bytearray(lines.pop() + held)
        found: list[ServerEvent] = []
        for line in lines:
            if line:
                self._take(line)
            elif self._data:
                found.append(ServerEvent(self._type or "message", b"\n".join(self._data)))
                self._type, self._data, self._size = "", [], 0
            else:
                self._type = ""
        self._check_size()
        return found

    def _check_size(self) -> None:
        if self._size + len(self._rest) > MAX_EVENT_BYTES:
            raise BadDocument(f"An event of the stream has more than {MAX_EVENT_BYTES} bytes.")

    def _take(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._size += len(value) + 1
        elif field == b"event":
            self._type = value.decode("utf-8", "replace")
        elif field == b"id" and b"\0" not in value:
            self.last_id = value.decode("utf-8", "replace")
        # A comment (":"), `retry` and unknown fields say nothing to us.


def looks_like_events(payload: bytes) -> bool:
    """Whether a captured document is a stream of events, and not one message."""
    return re.match(rb"(?:\xef\xbb\xbf)?\s*(?:data|event|id|retry)?:", payload) is not None
