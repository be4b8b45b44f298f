"""One visit after another to an index of alerts: only what is new or has changed is fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from feeds.base import Context, Document, Intake, Parsed, RecordFault
from feeds.cap.index import Contents, Link, contents
from feeds.fetching.addresses import redact
from feeds.fetching.aside import aside
from wallboard.errors import SourceError, Unreachable

#: SECURITY section 4: a CAP file above this is refused; the largest real one, an EDXL bundle, has 0.5 MB.
MAX_ALERT_BYTES = 1024 * 1024

#: So many alerts are fetched at a time: quick enough for a storm's 100, polite to a public service.
TOGETHER = 4

#: At most so many in one visit, the index's first (newest) ones; the rest comes with the next visits.
MAX_FETCHES = 200

#: A document above this is parsed beside the loop, which the other feeds need.
PARSE_ASIDE_BYTES = 64 * 1024

Read = Callable[[Contents, Context], Parsed]


class IndexVisit:
    """Remembers what of an index was read. What failed is tried again at each visit, and told once."""

    def __init__(self) -> None:
        #: address of the index (a folder has several) → its links
        self._links: dict[str, tuple[Link, ...]] = {}
        #: address of an alert → the version that was given
        self._done: dict[str, str] = {}
        self._told: set[tuple[str, str]] = set()

    async def run(
        self, intake: Intake, url: str, read: Read, wanted: Callable[[Link], bool] = lambda link: True
    ) -> None:
        """Fetch the index (or folder of documents) and the alerts it newly links to, and give their events.

        Raises what the fetch of the index raises, BadDocument when it is no index, and Unreachable when
        none of its alerts could be read. A bad file of a folder is a fault that names it.
        """
        for document in await intake.fetch_all(url):
            try:
                found, parsed = await _parsed(document, intake.context(), read)
            except SourceError as error:
                await intake.refuse(document, error)  # the other files of a folder are still good
                continue
            parsed.partial = bool(found.links)
            await intake.give(parsed)
            self._links[document.url] = tuple(link for link in found.links if wanted(link))
        links = {link.url: link for each in self._links.values() for link in each}
        self._done = {each: version for each, version in self._done.items() if each in links}
        self._told = {pair for pair in self._told if pair[0] in links}
        waiting = [link for link in links.values() if self._done.get(link.url) != link.version]
        gate = asyncio.Semaphore(TOGETHER)
        follow = (self._follow(intake, link, read, gate) for link in waiting[:MAX_FETCHES])
        failed = [error for error in await asyncio.gather(*follow) if error is not None]
        if failed and not self._done:
            raise Unreachable(f"None of the {len(failed)} alerts in the index could be read. {failed[0]}")

    async def _follow(
        self, intake: Intake, link: Link, read: Read, gate: asyncio.Semaphore
    ) -> SourceError | None:
        async with gate:
            try:
                document = await intake.fetch(link.url, limit=MAX_ALERT_BYTES)
                if document is not None:
                    # An index behind a link is not followed further.
                    _, parsed = await _parsed(document, intake.context(), read)
                    await intake.give(parsed)
            except SourceError as error:
                if (link.url, link.version) not in self._told:
                    self._told.add((link.url, link.version))
                    await intake.give(Parsed(faults=[RecordFault(redact(link.url), str(error))]))
                return error
            self._done[link.url] = link.version
            return None


async def _parsed(document: Document, context: Context, read: Read) -> tuple[Contents, Parsed]:
    def work() -> tuple[Contents, Parsed]:
        found = contents(document.body, document.url)
        return found, read(found, context)

    return work() if len(document.body) <= PARSE_ASIDE_BYTES else await aside(work)
