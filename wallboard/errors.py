"""Everything that can go wrong, in one tree, and the close codes of the wall protocol.

WallboardError
├── ConfigError          the city's configuration is wrong: all faults at once, exit code 2
├── AlreadyRunning       another server holds the state directory, exit code 2
├── SourceError          a feed's source failed as a whole
│   ├── BadDocument      its document is not what it claims to be
│   └── Unreachable      it could not be fetched within its limits
├── StoreError           Redis
│   ├── StoreDown        it does not answer
│   │   └── StoreForbids  it answers that our user may not do this
│   ├── Fenced           this engine is not the active one any more
│   └── StoreStuck       it answers, but refuses to write (full, read-only)
├── Refused              somebody asked for what is not theirs, or what does not exist
└── BadFrame             a board sent something that the protocol does not know
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class WallboardError(Exception):
    """Base of all errors of this program; its text is one sentence for a person."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a configuration: where it stands, what stands there, and what is allowed."""

    file: str
    key: str
    value: object
    why: str

    def __str__(self) -> str:
        shown = "" if self.value is None else f" = {_short(self.value)}"
        return f"{self.file}: {self.key}{shown}: {self.why}"


class ConfigError(WallboardError):
    """Raised when a configuration cannot be used; holds every fault found, not only the first."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


class AlreadyRunning(WallboardError):
    """Raised when another server already runs on the same state directory."""

    def __init__(self, directory: str) -> None:
        super().__init__(
            f"Another wallboard already runs on {directory}: stop it, or give this one its own --state-dir."
        )


class SourceError(WallboardError):
    """Raised when a source fails as a whole; the feed keeps its last good state and backs off."""


class BadDocument(SourceError):
    """Raised when a document is not what it claims to be (truncated, another format, an attack)."""


class Unreachable(SourceError):
    """Raised when a source cannot be fetched, or not within its limits of time and size."""


class StoreError(WallboardError):
    """Raised when Redis cannot do what was asked."""

    #: what a board says of it: a key of its words
    trouble = "away"


class StoreDown(StoreError):
    """Raised when Redis does not answer."""


class StoreForbids(StoreDown):
    """Raised when Redis does not let our user do what was asked, until somebody changes its rights."""

    trouble = "forbids"


class StoreStuck(StoreError):
    """Raised when Redis answers but refuses to write; `trouble` says what stands in its way."""

    def __init__(self, text: str, trouble: str = "refuses") -> None:
        super().__init__(text)
        self.trouble = trouble


class Fenced(StoreError):
    """Raised when a commit is refused because this engine is not the active one any more."""


class Refused(WallboardError):
    """Raised when a request is refused; becomes an RFC 9457 problem document."""

    def __init__(self, status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> None:
        self.status = status
        self.headers = headers
        self.title = title
        self.detail = detail
        super().__init__(f"{title}: {detail}")


class BadFrame(WallboardError):
    """Raised when a board's frame is not of the protocol; the connection is closed with 4500."""


class CloseCode(IntEnum):
    """Why the server ends a board's connection. 4000–4499: reconnect with back-off; 4500–4999: do not."""

    GOING_AWAY = 4000  # the server stops or restarts
    TOO_SLOW = 4001  # the board did not read for 10 s
    NOT_READY = 4002  # this node has no state yet
    TOO_MANY_FRAMES = 4003  # the board sent faster than its limit
    OVERLOADED = 4004  # this node holds as many boards as it may
    TICKET = 4005  # the ticket was used before, or is too old
    BAD_FRAME = 4500  # the board sent what the protocol does not know
    BAD_VERSION = 4501  # the board speaks another version of the protocol
    FORBIDDEN = 4502  # the right to this view has ended
    UNKNOWN_LAYOUT = 4503  # the layout asked for does not exist


#: What each close code means, for the docs and for the `reason` of `bye`.
CLOSE_REASONS: dict[CloseCode, str] = {
    CloseCode.GOING_AWAY: "the server stops or restarts",
    CloseCode.TOO_SLOW: "the board did not read for 10 s",
    CloseCode.NOT_READY: "this node has no state yet",
    CloseCode.TOO_MANY_FRAMES: "the board sent more frames than it may",
    CloseCode.OVERLOADED: "this node holds as many boards as it may",
    CloseCode.TICKET: "the ticket was used before, or is too old",
    CloseCode.BAD_FRAME: "the board sent a frame that the protocol does not know",
    CloseCode.BAD_VERSION: "the board speaks another version of the protocol",
    CloseCode.FORBIDDEN: "the right to this view has ended",
    CloseCode.UNKNOWN_LAYOUT: "the layout asked for does not exist",
}


#: A value in a fault is for a person to recognise: most paths are whole, a document is not poured out.
MAX_SHOWN = 200


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"
