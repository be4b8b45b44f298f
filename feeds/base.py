"""What an adapter is: a pure `parse(payload, context, options)`, and a thin way to get payloads.

An adapter's module ends with `ADAPTER = Adapter(...)`, and `feeds/registry.py` lists it. What is polled by
its address alone needs no code for that; what keeps a connection open has a `run`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any, Protocol

import msgspec

from feeds.fetching.exchange import Call, Reply
from wallboard.errors import SourceError
from wallboard.events import AnyEvent
from wallboard.stills import Pictures

#: A document above this is refused unread; the largest real one of ../shared/samples is under 2 MB.
MAX_DOCUMENT_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Context:
    """What a pure parse may know of the world."""

    #: name of the feed in the configuration
    feed: str
    #: received_at of everything in the document (s since 1970)
    now: float
    #: zone of times that the source writes without one
    zone: tzinfo
    #: channel of incidents that name none
    channel: str = ""
    #: key for the hash by which a repeated caller is recognised
    secret: bytes = b""
    #: (west, south, east, north) of the city, to notice exchanged coordinates
    bounds: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class RecordFault:
    """One record that could not be used: where in the document, why, and the record, masked."""

    where: str
    why: str
    record: Any = None


@dataclass
class Parsed:
    """What a document becomes: events for the good records, faults for the bad ones."""

    events: list[AnyEvent] = field(default_factory=list)
    faults: list[RecordFault] = field(default_factory=list)
    #: the rest stands elsewhere (the links of an index): without an event it is not yet of no use
    partial: bool = False


@dataclass(frozen=True)
class Document:
    """A fetched document."""

    body: bytes
    #: where it came from in the end, after redirects
    url: str
    media_type: str = ""


class Notes(Protocol):
    """One small note of a feed (feeds/running/notes.py). Both calls touch the disk."""

    def read(self) -> bytes:
        """The note as it was last kept, or b""."""

    def keep(self, note: bytes) -> None:
        """Replace the note; it is on disk when this returns. Raises OSError."""


class Intake(Protocol):
    """What the supervisor lends to a running feed: addresses in, events out, a clock, its configuration."""

    name: str
    url: str
    every: float
    #: where relative paths of the configuration begin
    folder: Path

    @property
    def pictures(self) -> Pictures | None:
        """The way of still pictures to the boards; None where there are no boards."""

    @property
    def notes(self) -> Notes | None:
        """What is remembered across restarts; None where there is no state directory."""

    def context(self) -> Context:
        """A context for a document received now."""

    def now(self) -> float:
        """The time that counts (s since 1970), which `--clock` may have set."""

    async def fetch(
        self, url: str, *, headers: dict[str, str] | None = None, limit: int = MAX_DOCUMENT_BYTES
    ) -> Document | None:
        """Fetch file:, http: or https: within limits; None: not modified since the last time.

        Raises Unreachable (network, time, size, refused address) or BadDocument.
        """

    async def fetch_all(self, url: str, *, headers: Mapping[str, str] | None = None) -> list[Document]:
        """Fetch what changed: one document for an address, each file of a folder or file pattern."""

    async def refuse(self, document: Document, error: SourceError) -> None:
        """A document of `fetch_all` cannot be used: a fault that names it, where there are other files.

        Raises `error` where it stands alone; that of a file names it.
        """

    def ask(self, call: Call) -> AbstractAsyncContextManager[Reply]:
        """Ask a device once by http: or https:; lends its answer as it comes. Raises Unreachable."""

    async def open(self, url: str) -> Any:
        """Open tcp: or tls: as (asyncio.StreamReader, asyncio.StreamWriter), with connect time-out.

        ws: or wss: as a websockets.asyncio.client.ClientConnection.
        """

    async def give(self, parsed: Parsed) -> None:
        """Hand over events and faults. Returns when they are in Redis; holds back while it is away."""

    async def sleep(self, seconds: float) -> None:
        """Wait, or end sooner when the server stops."""

    def trouble(self, reason: str) -> None:
        """A part of what runs fails (a list cannot be had) while the rest goes on; "" ends it."""


#: Among the kinds of a feed: its sender chooses, and may never choose some.
ANYTHING = "*"

#: A struct of options; named here, because `Adapter.type` hides the builtin in its own class.
Options = type[msgspec.Struct]
Parse = Callable[[bytes, Context, Any], Parsed]


@dataclass(frozen=True)
class Adapter:
    """One type of feed."""

    #: as written in `type` of [[feed]]
    type: str
    #: struct of [feed.options]; msgspec, unknown keys forbidden
    options: Options
    parse: Parse
    #: kinds of entities that it feeds, or how its options tell them; ANYTHING where its sender chooses
    kinds: Sequence[str] | Callable[[Any], Sequence[str]]
    #: one visit; None: fetch `url`, parse, give
    poll: Callable[[Intake, Any], Awaitable[None]] | None = None
    #: a connection kept open; returns or raises when it ends, and is started again with back-off
    run: Callable[[Intake, Any], Awaitable[None]] | None = None
    #: which schemes `url` may have; empty: it needs no address
    schemes: Sequence[str] = ("file", "http", "https")

    def brings(self, options: Any) -> tuple[str, ...]:
        """The kinds of entities that a feed with these options is a source of."""
        return tuple(self.kinds(options) if callable(self.kinds) else self.kinds)


class NoOptions(msgspec.Struct, forbid_unknown_fields=True):
    """For adapters with nothing to set."""
