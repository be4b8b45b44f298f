"""What the supervisor lends to one feed: addresses in, events out, a clock."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from feeds.base import MAX_DOCUMENT_BYTES, Adapter, Context, Document, Parsed, RecordFault
from feeds.fetching.addresses import origin
from feeds.fetching.aside import aside
from feeds.fetching.exchange import Call, Reply
from feeds.fetching.fetch import Fetcher
from feeds.fetching.files import Vanished, list_files
from feeds.fetching.secrets import resolved
from feeds.running.delivery import Delivery, Sleep
from feeds.running.health import Health
from feeds.running.notes import Notes
from feeds.running.trace import Trace
from feeds.running.verdict import Verdict, unusable
from wallboard.errors import BadDocument, SourceError
from wallboard.events import AnyEvent, Gone, Present
from wallboard.stills import Pictures

log = logging.getLogger(__name__)

#: Depth to which options are searched for addresses; options are tables of tables at most.
_MAX_OPTION_DEPTH = 10


@dataclass(frozen=True)
class FeedSpec:
    """One feed of the configuration, checked, with its adapter and its options."""

    name: str
    adapter: Adapter
    options: msgspec.Struct
    #: zone of times that the source writes without one
    zone: tzinfo
    url: str = ""
    #: how often to ask (s)
    every: float = 60.0
    channel: str = ""
    #: key for the hash of callers
    secret: bytes = field(default=b"", repr=False)
    #: (west, south, east, north) of the city
    bounds: tuple[float, float, float, float] | None = None
    #: sent to the host of `url` only; values may be "env:NAME" or "file:PATH"
    headers: Mapping[str, str] = field(default_factory=dict)

    def context(self, now: float) -> Context:
        """Return the context of a document received at `now`."""
        return Context(
            feed=self.name,
            now=now,
            zone=self.zone,
            channel=self.channel,
            secret=self.secret,
            bounds=self.bounds,
        )

    def addresses(self) -> list[str]:
        """Return every address that the engineer wrote: `url`, and those in the options."""
        return [self.url, *_texts(msgspec.to_builtins(self.options))]


class FeedIntake:
    """The Intake (feeds/base.py) of one feed."""

    def __init__(
        self,
        spec: FeedSpec,
        fetcher: Fetcher,
        delivery: Delivery,
        health: Health,
        *,
        clock: Callable[[], float],
        sleep: Sleep,
        folder: Path = Path(),
        pictures: Pictures | None = None,
        notes: Notes | None = None,
        trace: Trace | None = None,
    ) -> None:
        #: what an engineer is told of it
        self._trace = Trace(clock) if trace is None else trace
        #: the way of still pictures to the boards
        self.pictures = pictures
        #: what is remembered across restarts
        self.notes = notes
        #: the configuration's, where relative paths in options begin
        self.folder = folder
        self.name = spec.name
        self.url = spec.url
        self.every = spec.every
        #: whether something came from the source since `start`
        self.gave = False
        self._spec = spec
        self._fetcher = fetcher
        self._delivery = delivery
        self._health = health
        self._clock = clock
        self._sleep = sleep
        self._visit: asyncio.Timeout | None = None
        self._trouble = ""
        #: of this visit
        self.verdict = Verdict()
        #: whether `fetch_all` found several files, of which one may be bad
        self._several = False
        #: address of a file → why it could not be used, until it is another
        self._refused: dict[str, str] = {}
        self._giving = 0
        self._left_s = 0.0

    @property
    def _pushed(self) -> bool:
        return self._spec.adapter.run is not None

    def start(self, visit: asyncio.Timeout | None) -> None:
        """A visit or a run begins; `visit` bounds it, the waiting for Redis left out."""
        self.gave = False
        self._visit = visit
        self._trouble = ""
        self.verdict = Verdict()
        self._giving = 0

    def context(self) -> Context:
        return self._spec.context(self._clock())

    def now(self) -> float:
        return self._clock()

    async def fetch(
        self, url: str, *, headers: dict[str, str] | None = None, limit: int = MAX_DOCUMENT_BYTES
    ) -> Document | None:
        # What runs has no end at which a version could be called safe: it gets every document whole.
        sent = {**self._own_headers(url), **(headers or {})}
        document = await self._fetcher.fetch(url, headers=sent, limit=limit, conditional=not self._pushed)
        if document is None:
            self.verdict.good()
        elif not document.media_type.startswith("image/"):  # a camera's picture says nothing of its list
            self._trace.came(document)
        return document

    async def fetch_all(self, url: str, *, headers: Mapping[str, str] | None = None) -> list[Document]:
        self._several = False
        if not url.startswith("file:"):
            document = await self.fetch(url, headers=dict(headers or {}))
            return [] if document is None else [document]
        paths = await aside(lambda: list_files(url, Path(os.path.abspath(self.folder))))
        self._several = len(paths) > 1
        # A file that went is no word about those that are left.
        addresses = {path.as_uri() for path in paths}
        self._refused = {each: why for each, why in self._refused.items() if each in addresses}
        found: list[Document] = []
        for path in paths:
            try:
                document = await self._of_several(path)
            except Vanished as error:
                # Taken out of its folder since it was listed: it is not there any more, and that is all.
                if not self._several:
                    await self.refuse(Document(b"", path.as_uri()), error)
            except SourceError as error:  # too large, or not ours to read
                await self.refuse(Document(b"", path.as_uri()), error)
            else:
                found += [] if document is None else [document]
        return found

    async def refuse(self, document: Document, error: SourceError) -> None:
        name = unquote(document.url.rpartition("/")[2]) if document.url.startswith("file:") else ""
        reason = f"{name}: {error}" if name and not str(error).startswith(name) else str(error)
        if not self._several:
            raise BadDocument(reason) if name and isinstance(error, BadDocument) else error
        self._refused[document.url] = reason
        self.verdict.bad(reason)
        self._trace.failed(name, str(error))
        with self._unhurried():
            await self._delivery.give(Parsed(faults=[RecordFault(name, str(error))]), self._clock())

    def ask(self, call: Call) -> AbstractAsyncContextManager[Reply]:
        headers = {**self._own_headers(call.url), **call.headers}
        return self._fetcher.ask(replace(call, headers=headers))

    async def open(self, url: str) -> Any:
        return await self._fetcher.open(url, self._own_headers(url))

    async def give(self, parsed: Parsed) -> None:
        self._trace.gave(len(parsed.events), parsed.faults, framed=self._pushed)
        # What is polled by its address alone gives nothing but documents.
        reason = unusable(parsed, every_fault=not self._pushed and self._spec.adapter.poll is None)
        if reason:
            # Who can read none of a list's records cannot say either who left it.
            kept: list[AnyEvent] = [event for event in parsed.events if not isinstance(event, Present)]
            parsed = Parsed(kept, parsed.faults)
            self.verdict.bad(reason)
        elif parsed.events or not parsed.faults:
            self.verdict.good()
        with self._unhurried():
            await self._delivery.give(parsed, self._clock())
        if parsed.events and all(_is_loss(event) for event in parsed.events):
            return  # the adapter's own word that its source is away is no sign of life of the source
        # A frame of a connection may hold nothing for us, and still says that its source lives.
        if parsed.events or parsed.faults or not self._pushed:
            self._health.documents += 1
        self.gave = True
        if self._pushed and not self._trouble:
            self._well()

    async def sleep(self, seconds: float) -> None:
        await self._sleep(seconds)

    def trouble(self, reason: str) -> None:
        self._trouble = reason
        if not reason:
            self._well()
        elif self._health.failed(reason, self._clock()):
            log.warning("feed %s fails: %s", self.name, self._health.reason)

    async def _of_several(self, path: Path) -> Document | None:
        """One file. That of an earlier visit is as bad or as good as it was then."""
        address = path.as_uri()
        document = await self._fetcher.fetch(address, conditional=not self._pushed)
        if document is not None:
            self._trace.came(document)
            self._refused.pop(address, None)
        elif why := self._refused.get(address):
            self.verdict.bad(why)
        else:
            self.verdict.good()
        return document

    def _well(self) -> None:
        if self._health.good(self._clock()):
            log.info("feed %s is well", self.name)

    def _own_headers(self, url: str) -> dict[str, str]:
        if not self._spec.headers or origin(url) != origin(self.url):
            return {}
        return resolved(self._spec.headers, self.folder)

    @contextmanager
    def _unhurried(self) -> Iterator[None]:
        """Waiting for Redis does not count against the time of a visit: it is not the source's fault."""
        visit = self._visit
        if visit is None or visit.expired():
            yield
            return
        loop = asyncio.get_running_loop()
        # A visit may give from several tasks at once: the first stops the time, the last starts it again.
        self._giving += 1
        if self._giving == 1 and (ends := visit.when()) is not None:
            self._left_s = ends - loop.time()
            visit.reschedule(None)
        try:
            yield
        finally:
            self._giving -= 1
            if self._giving == 0 and visit is self._visit and not visit.expired():
                visit.reschedule(loop.time() + self._left_s)


def _is_loss(event: AnyEvent) -> bool:
    return isinstance(event, Gone) and event.source_id == "*"


def _texts(value: Any, depth: int = 0) -> list[str]:
    if isinstance(value, str):
        return [value]
    if depth > _MAX_OPTION_DEPTH or not isinstance(value, dict | list | tuple):
        return []
    children = value.values() if isinstance(value, dict) else value
    return [text for child in children for text in _texts(child, depth + 1)]
