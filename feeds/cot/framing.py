"""Events of Cursor on Target out of a stream of bytes: one XML document behind the other. Pure."""

from __future__ import annotations

#: An event with a small picture in it has 100 kB; what is larger has lost its end.
MAX_EVENT_BYTES = 256 * 1024

_BEGIN, _END = b"<event", b"</event>"


class Events:
    """Bytes in, whole events out; half an event waits for its rest."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        #: bytes that were given up because no event ended in them
        self.given_up = 0

    def feed(self, piece: bytes) -> list[bytes]:
        """The events that `piece` completes, without what stands between them."""
        # The end may be cut in two, so it is looked for from a little before the new bytes.
        look = max(0, len(self._waiting) - len(_END))
        self._waiting += piece
        found: list[bytes] = []
        while (end := self._waiting.find(_END, look)) >= 0:
            whole = bytes(self._waiting[: end + len(_END)])
            del self._waiting[: end + len(_END)]
            look = 0
            begin = whole.rfind(_BEGIN)
            found.append(whole[begin:] if begin >= 0 else whole)
        if len(self._waiting) > MAX_EVENT_BYTES:
            begin = self._waiting.rfind(_BEGIN, 1)
            lost = len(self._waiting) if begin < 0 else begin
            self.given_up += lost
            del self._waiting[:lost]
        return found
