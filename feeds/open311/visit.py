"""One visit to an Open311 server: which addresses are asked for, and when a visit is at its end.

GeoReport v2 filters by the day of the *request*; `updated_after`, which most servers know beside it, by the
last change. Both are sent: a server that ignores the second gives the whole window, which changes nothing
that is known already. Pages are read until one brings nothing new, so a server that ignores `page`, or
repeats its last one for ever, ends the visit instead of holding it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import urlencode, urlsplit, urlunsplit
from weakref import WeakKeyDictionary

import msgspec

from feeds.base import Context, Intake, Parsed, RecordFault
from feeds.fetching.aside import aside
from feeds.fetching.secrets import secret
from wallboard.errors import BadDocument, Unreachable
from wallboard.events import AnyEvent, IncidentReported

DAY_S = 86_400.0

#: "may not span more than 90 days" (GeoReport v2, GET Service Requests).
MAX_WINDOW_DAYS = 90

#: A change may appear later than its own time says (replicas, batches of the city's system) (s).
OVERLAP_S = 15 * 60.0

#: More pages than this in one visit is a server without an end; 50 of 100 are above the limit of 1,000
#: requests that the specification gives one answer.
MAX_PAGES = 50

#: A page of this size takes 30 ms to read; the other feeds need not wait for a larger one (bytes).
ASIDE_BYTES = 128 * 1024

#: The names of services change once a year, if ever (s).
NAMES_EVERY_S = 24 * 3600.0


class Open311Options(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options] of an Open311 server; `url` is its base, or a file with a captured answer."""

    format: Literal["json", "xml"] = "json"
    jurisdiction_id: str = ""
    #: env:NAME or file:PATH
    api_key: Annotated[str, msgspec.Meta(pattern=r"^(|(env|file):.+)$")] = ""
    #: only this service
    service_code: str = ""
    #: how far back the first visit looks, and how old a request may be to be followed ("30d", held in s)
    look_back: Annotated[float, msgspec.Meta(gt=0, extra={"unit": "s"})] = 30 * DAY_S
    #: requests a page
    per_page: int = 100
    #: ask for the list of services, for servers that leave the names out of their requests
    services: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.look_back <= MAX_WINDOW_DAYS * DAY_S:
            raise ValueError(f"look_back is above 0 and at most {MAX_WINDOW_DAYS} days")
        if not 1 <= self.per_page <= 1000:
            raise ValueError("per_page is 1 to 1000")


@dataclass
class Visits:
    """What one feed remembers between its visits; lost with the process, which costs one long visit."""

    #: newest change seen by the last complete visit
    newest: float | None = None
    names: dict[str, str] = field(default_factory=dict)
    names_at: float | None = None


Parse = Callable[[bytes, Context, Open311Options], Parsed]
ReadNames = Callable[[bytes], dict[str, str]]
WithNames = Callable[[Parsed, dict[str, str]], Parsed]


def requests_url(
    base: str, options: Open311Options, now: float, newest: float | None, page: int, key: str = ""
) -> str:
    """The address of one page of what changed since `newest`, at most the window back."""
    start = now - options.look_back
    since = start if newest is None else max(start, newest - OVERLAP_S)
    wanted = {
        "start_date": _written(start),
        "updated_after": _written(since),
        "page": str(page),
        "per_page": str(options.per_page),
    }
    if options.service_code:
        wanted["service_code"] = options.service_code
    return _address(base, "requests", options, key, wanted)


def services_url(base: str, options: Open311Options, key: str = "") -> str:
    """The address of the list of services."""
    return _address(base, "services", options, key, {})


def poll_with(
    parse: Parse, read_names: ReadNames, with_names: WithNames
) -> Callable[[Intake, Open311Options], Awaitable[None]]:
    """The adapter's `poll`, which remembers between the visits of each feed how far it came."""
    remembered: WeakKeyDictionary[Intake, Visits] = WeakKeyDictionary()

    async def poll(intake: Intake, options: Open311Options) -> None:
        """Fetch all that changed since the last complete visit, page by page, and hand it over."""
        visits = remembered.setdefault(intake, Visits())
        key = secret(options.api_key, intake.folder) if options.api_key else ""
        if options.services:
            await _refresh_names(intake, options, visits, read_names, key)
        visit = _Visit(intake, options, visits, key)
        await visit.run(lambda body, context: with_names(parse(body, context, options), visits.names))

    return poll


class _Visit:
    def __init__(self, intake: Intake, options: Open311Options, visits: Visits, key: str) -> None:
        self._intake = intake
        self._key = key
        self._options = options
        self._visits = visits
        #: what was handed over in this visit: a page that holds nothing else brings nothing new
        self._given: dict[str, AnyEvent] = {}
        self._faulty: set[str] = set()

    async def run(self, read: Callable[[bytes, Context], Parsed]) -> None:
        now = self._intake.now()
        if urlsplit(self._intake.url).scheme == "file":
            for captured in await self._intake.fetch_all(self._intake.url):
                try:
                    parsed = await self._parsed(read, captured.body)
                except BadDocument as error:
                    await self._intake.refuse(captured, error)  # the other files of a folder are still good
                    continue
                await self._intake.give(parsed)
            return
        for page in range(1, MAX_PAGES + 1):
            url = requests_url(self._intake.url, self._options, now, self._visits.newest, page, self._key)
            document = await self._intake.fetch(url)
            if document is None:
                break  # not modified: nothing new here, nor behind it
            fresh = self._fresh(await self._parsed(read, document.body))
            if page > 1 and not fresh.events and not fresh.faults:
                break
            # The first page is handed over even when it is empty: the server has answered.
            await self._intake.give(fresh)
            if not fresh.events and not fresh.faults:
                break
        else:
            why = f"the server has more than {MAX_PAGES} pages of {self._options.per_page}; the rest was left"
            await self._intake.give(Parsed(faults=[RecordFault(f"page {MAX_PAGES + 1}", why)]))
        # Also after the last page that is asked for: pages oldest first go on from here at the next visit; of
        # pages newest first what was left is older, and has been told of. Asking for the same 50 again and
        # again would bring neither.
        self._remember(now)

    async def _parsed(self, read: Callable[[bytes, Context], Parsed], body: bytes) -> Parsed:
        context = self._intake.context()
        if len(body) <= ASIDE_BYTES:
            return read(body, context)
        return await aside(lambda: read(body, context))

    def _fresh(self, parsed: Parsed) -> Parsed:
        """What this visit did not see on an earlier page; a changed request is seen as its new self."""
        events: list[AnyEvent] = []
        for event in parsed.events:
            before = self._given.get(event.source_id)
            if before is None or _content(before) != _content(event):
                self._given[event.source_id] = event
                events.append(event)
        faults = [fault for fault in parsed.faults if repr(fault) not in self._faulty]
        self._faulty.update(repr(fault) for fault in faults)
        return Parsed(events, faults)

    def _remember(self, now: float) -> None:
        # A clock of the source that runs ahead must not make the next visit skip what comes meanwhile.
        seen = [
            min(event.observed_at, now) for event in self._given.values() if event.observed_at is not None
        ]
        if seen:
            self._visits.newest = max(seen + ([] if self._visits.newest is None else [self._visits.newest]))


async def _refresh_names(
    intake: Intake, options: Open311Options, visits: Visits, read_names: ReadNames, key: str
) -> None:
    if visits.names_at is not None and intake.now() - visits.names_at < NAMES_EVERY_S:
        return
    try:
        document = await intake.fetch(services_url(intake.url, options, key))
        if document is not None:
            visits.names = read_names(document.body)
    except (Unreachable, BadDocument) as error:
        # Names are a comfort: reports without them are still reports. The next visit asks again.
        await intake.give(Parsed(faults=[RecordFault("services", str(error))]))
        return
    visits.names_at = intake.now()


def _content(event: AnyEvent) -> AnyEvent:
    return msgspec.structs.replace(event, received_at=0.0) if isinstance(event, IncidentReported) else event


def _address(base: str, name: str, options: Open311Options, key: str, wanted: dict[str, str]) -> str:
    parts = urlsplit(base)
    query = dict(wanted)
    if options.jurisdiction_id:
        query["jurisdiction_id"] = options.jurisdiction_id
    if key:
        query["api_key"] = key
    path = f"{parts.path.rstrip('/')}/{name}.{options.format}"
    joined = "&".join(part for part in (parts.query, urlencode(query)) if part)
    return urlunsplit((parts.scheme, parts.netloc, path, joined, ""))


def _written(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
