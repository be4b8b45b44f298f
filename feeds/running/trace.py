"""What an engineer wants to know of one feed: its last document, its last fault, how much it brings.

Told beside the state of the city, to nobody but the administrator: a wall needs none of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from feeds.base import Document, RecordFault
from feeds.fetching.addresses import redact
from feeds.reading.private import mask_numbers, without_numbers

#: Events a minute are those of so many minutes: a source that is asked each minute brings some in each.
RATE_MINUTES = 5

#: Longer reasons are cut: they may quote a source.
_MOST_CHARS = 500


class LastDocument(msgspec.Struct, omit_defaults=True):
    """A document that came; its events and faults as far as it has been read."""

    at: float
    #: without credentials and query; empty for a frame of a connection
    address: str = ""
    bytes: int = 0
    events: int = 0
    faults: int = 0


class LastFault(msgspec.Struct):
    """What was wrong, and where in its document."""

    at: float
    where: str
    why: str


class Told(msgspec.Struct, omit_defaults=True):
    """What is written for the administrator's page."""

    document: LastDocument | None = None
    fault: LastFault | None = None
    #: events of the last RATE_MINUTES whole minutes, by the minute; None before the first has passed
    per_minute: float | None = None
    #: when it was last begun anew because somebody asked
    again_at: float | None = None


def heard_at(told: bytes) -> float:
    """When the newest came of what `Trace.told` wrote; 0 for anything else."""
    try:
        trace = msgspec.json.decode(told, type=Told)
    except ValueError:
        return 0.0
    return max(each.at if each else 0.0 for each in (trace.document, trace.fault))


class Trace:
    """Follows one feed. Times are of the clock that counts (s since 1970)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = clock()
        #: (minute, events), the oldest first
        self._minutes: deque[tuple[int, int]] = deque(maxlen=RATE_MINUTES + 1)
        self.document: LastDocument | None = None
        self.fault: LastFault | None = None
        self.again_at: float | None = None

    @property
    def heard(self) -> bool:
        """Whether anything has come yet."""
        return self.document is not None or self.fault is not None

    def came(self, document: Document) -> None:
        """A document was fetched; it is still to be read."""
        address = without_numbers(redact(document.url))
        self.document = LastDocument(self._clock(), address, len(document.body))

    def gave(self, events: int, faults: Sequence[RecordFault], *, framed: bool) -> None:
        """What a document, or a frame of a connection, was made into."""
        now = self._clock()
        if framed or self.document is None:
            self.document = LastDocument(now)
        self.document.events += events
        self.document.faults += len(faults)
        minute = int(now // 60)
        if self._minutes and self._minutes[-1][0] == minute:
            self._minutes[-1] = (minute, self._minutes[-1][1] + events)
        else:
            self._minutes.append((minute, events))
        if faults:
            self.failed(faults[-1].where, faults[-1].why)

    def failed(self, where: str, why: str) -> None:
        """Something could not be used."""
        self.fault = LastFault(
            self._clock(), mask_numbers(where)[:_MOST_CHARS], mask_numbers(why)[:_MOST_CHARS]
        )

    def told(self) -> bytes:
        """All of it as JSON."""
        return msgspec.json.encode(Told(self.document, self.fault, self._rate(), self.again_at))

    def _rate(self) -> float | None:
        """Over whole minutes alone: the one that runs would make every feed look slow at its beginning."""
        minute = int(self._clock() // 60)
        passed = min(minute - int(self._began // 60), RATE_MINUTES)
        if passed <= 0:
            return None
        events = sum(n for at, n in self._minutes if minute - passed <= at < minute)
        return round(events / passed, 2)
