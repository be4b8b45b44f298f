"""One visit after another to an index of alerts: only what is new or has changed is fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from feeds.addresses import redact
from feeds.base import Context, Document, Intake, Parsed, RecordFault
from feeds.cap_index import Contents, Link, contents
from wallboard.errors import SourceError, Unreachable

#: SECURITY section 4: a CAP file above this is refused; the largest real one, an EDXL bundle, has 0.5 MB.
MAX_ALERT_BYTES = 1024 * 1024

#: So many alerts are fetched at a time: quick enough for a storm's 100, polite to a public service.
TOGETHER = 4

#: At most so many in one visit, the index's first (newest) ones; the rest comes with the next visits.
MAX_FETCHES = 200

Read = Callable[[Contents, Context], Parsed]


class IndexVisit:
    """Remembers what of one index was read. What failed is tried again at each visit, and told once."""

    def __init__(self) -> None:
        self._links: tuple[Link, ...] = ()
        self._done: dict[str, str] = {}
        self._told: set[tuple[str, str]] = set()

    async def run(
        self, intake: Intake, url: str, read: Read, wanted: Callable[[Link], bool] = lambda link: True
    ) -> None:
        """Fetch the index and the alerts it newly links to, and give their events.

        Raises what the fetch of the index raises, and Unreachable when none of its alerts could be read.
        """
        document = await intake.fetch(url)
        if document is not None:
            found = contents(document.body, document.url)
            await intake.give(read(found, intake.context()))
            self._links = tuple(link for link in found.links if wanted(link))
            listed = {link.url for link in self._links}
            self._done = {each: version for each, version in self._done.items() if each in listed}
            self._told = {pair for pair in self._told if pair[0] in listed}
        waiting = [link for link in self._links if self._done.get(link.url) != link.version][:MAX_FETCHES]
        gate = asyncio.Semaphore(TOGETHER)
        failures = await asyncio.gather(*(self._follow(intake, link, read, gate) for link in waiting))
        failed = [error for error in failures if error is not None]
        if failed and not self._done:
            raise Unreachable(f"None of the {len(failed)} alerts in the index could be read. {failed[0]}")

    async def _follow(
        self, intake: Intake, link: Link, read: Read, gate: asyncio.Semaphore
    ) -> SourceError | None:
        async with gate:
            try:
                document = await intake.fetch(link.url, limit=MAX_ALERT_BYTES)
                parsed = Parsed() if document is None else self._read(document, intake, read)
            except SourceError as error:
                if (link.url, link.version) not in self._told:
                    self._told.add((link.url, link.version))
                    await intake.give(Parsed(faults=[RecordFault(redact(link.url), str(error))]))
                return error
            await intake.give(parsed)
            self._done[link.url] = link.version
            return None

    def _read(self, document: Document, intake: Intake, read: Read) -> Parsed:
        """An alert behind a link; an index there is not followed further."""
        return read(contents(document.body, document.url), intake.context())
