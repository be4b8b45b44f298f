"""The way from an adapter to the scenario: an Intake whose addresses lead to simulated sources.

`url = "sim:NAME"` in a [[feed]] keeps its adapter as it is. Its visits, its log-in, its checks of streams all
run; only where they would leave this process for the network, the scenario answers.
"""

from __future__ import annotations

import asyncio
import dataclasses
import socket
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from feeds.base import MAX_DOCUMENT_BYTES, Adapter, Context, Document, Intake, Parsed
from feeds.fetching.aside import aside
from feeds.fetching.exchange import Call, Reply
from feeds.fetching.limits import TooLarge
from feeds.scenario import cctv, warnings
from feeds.scenario.manager import serve
from feeds.scenario.scenario import Scenario
from wallboard.errors import SourceError, Unreachable

SCHEME = "sim:"

#: The name of the exchange among the sources; it is spoken to, not fetched.
EXCHANGE = "112"

#: Hosts that documents of a source link to → the source.
_HOSTS = {urlsplit(cctv.HOST).netloc: "cctv", urlsplit(warnings.HOST).netloc: "cuaca"}


def playing(adapter: Adapter, scenario: Scenario) -> Adapter:
    """The same adapter, its addresses led to the scenario."""
    known: dict[Intake, SimulatedIntake] = {}

    def simulated_for(intake: Intake) -> SimulatedIntake:
        # The same one for each visit: adapters remember by their intake what they have read.
        return known.setdefault(intake, SimulatedIntake(intake, scenario))

    async def poll(intake: Intake, options: Any) -> None:
        simulated = simulated_for(intake)
        if adapter.poll is not None:
            await adapter.poll(simulated, options)
            return
        for document in await simulated.fetch_all(intake.url):
            await simulated.give(adapter.parse(document.body, simulated.context(), options))

    async def run(intake: Intake, options: Any) -> None:
        assert adapter.run is not None
        simulated = simulated_for(intake)
        try:
            await adapter.run(simulated, options)
        finally:
            await simulated.close()

    if adapter.run is not None:
        return dataclasses.replace(adapter, run=run, schemes=("sim",))
    return dataclasses.replace(adapter, poll=poll, schemes=("sim",))


class SimulatedIntake:
    """An Intake that asks the scenario. What is not an address it leaves to the real one."""

    def __init__(self, real: Intake, scenario: Scenario) -> None:
        self.name = real.name
        self.url = real.url
        self.every = real.every
        self.pictures = getattr(real, "pictures", None)
        self.notes = real.notes
        folder = getattr(real, "folder", None)
        #: where relative paths in options begin
        self.folder = folder if isinstance(folder, Path) else Path()
        self._real = real
        self._scenario = scenario
        self._lines: set[asyncio.Task[None]] = set()

    def context(self) -> Context:
        return self._real.context()

    def now(self) -> float:
        return self._real.now()

    async def fetch(
        self, url: str, *, headers: dict[str, str] | None = None, limit: int = MAX_DOCUMENT_BYTES
    ) -> Document | None:
        source, path, query, address = _address(url)
        asked = partial(self._scenario.document, source, path, query, self.now())
        # A picture takes 50 ms to draw; the exchange's calls must not wait for it.
        body = await aside(asked) if path.endswith(".jpg") else asked()
        if len(body) > limit:
            raise TooLarge(f"{address} is larger than the {limit} bytes allowed.")
        return Document(body, address)

    async def fetch_all(self, url: str, *, headers: Mapping[str, str] | None = None) -> list[Document]:
        document = await self.fetch(url)
        return [] if document is None else [document]

    async def refuse(self, document: Document, error: SourceError) -> None:
        await self._real.refuse(document, error)

    def ask(self, call: Call) -> AbstractAsyncContextManager[Reply]:
        raise Unreachable("The scenario has no devices.")

    async def open(self, url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        source = _address(url)[0].partition(":")[0]
        if source != EXCHANGE:
            raise Unreachable(f"The scenario has no connection {source!r}; it has {EXCHANGE!r}.")
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=ours)
        exchange = await asyncio.open_connection(sock=theirs)
        task = asyncio.ensure_future(serve(self._scenario.manager, *exchange, self.now, self.sleep))
        self._lines.add(task)
        task.add_done_callback(self._lines.discard)
        return reader, writer

    async def give(self, parsed: Parsed) -> None:
        await self._real.give(parsed)

    async def sleep(self, seconds: float) -> None:
        await self._real.sleep(seconds)

    def trouble(self, reason: str) -> None:
        self._real.trouble(reason)

    async def close(self) -> None:
        """End what was opened."""
        lines = list(self._lines)
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)


def _address(url: str) -> tuple[str, str, dict[str, str], str]:
    """(source, path, query, address) of "sim:laporan/requests.json?page=1" or of a host of the scenario."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if parts.scheme == "sim":
        source, _, path = parts.path.partition("/")
        host = next((f"https://{host}/" for host, name in _HOSTS.items() if name == source and not path), url)
        return source, path, query, host
    if parts.netloc in _HOSTS:
        return _HOSTS[parts.netloc], parts.path.lstrip("/"), query, url
    raise Unreachable(
        f"{parts.netloc or url[:60]} is no host of the scenario: nothing here leaves this process."
    )
