"""What one GET may take, and what it gives; apart from web.py, whose HTTP client takes long to import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from feeds.base import Document
from wallboard.errors import Unreachable

#: A host in reach answers a SYN within a second even over a satellite; five leave room for one lost packet.
CONNECT_S = 5.0
#: From the look-up of the name to the last byte. A slow drip must end; 16 MB in this time are 4 Mbit/s.
TOTAL_S = 30.0
#: Browsers follow 20; a feed that moved needs one or two (http to https, a host's new name).
MAX_REDIRECTS = 5


class TooLarge(Unreachable):
    """Raised where a document has more bytes than its reader takes."""


class NotAllowed(Unreachable):
    """Raised where an address leads to what this server may not ask (guard.py)."""


class Answered(Unreachable):
    """Raised where the source answers, with an error instead of a document."""


class Busy(Answered):
    """Raised on 429 and 503: the source asks to be left alone for a while."""

    def __init__(self, text: str, wait_s: float | None) -> None:
        super().__init__(text)
        #: what its Retry-After said (s); None: nothing
        self.wait_s = wait_s


@dataclass(frozen=True)
class FetchLimits:
    """The limits of time and hops; tests shorten them."""

    connect_s: float = CONNECT_S
    total_s: float = TOTAL_S
    redirects: int = MAX_REDIRECTS


LIMITS = FetchLimits()


@dataclass(frozen=True)
class Answer:
    """A document, and the headers that ask for it again only when it changed."""

    document: Document
    conditions: Mapping[str, str]
