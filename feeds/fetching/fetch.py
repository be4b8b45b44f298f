"""Documents for one feed: from files and the web, when they changed, and seen only when they are safe."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feeds.base import MAX_DOCUMENT_BYTES, Document
from feeds.fetching.addresses import redact
from feeds.fetching.aside import aside
from feeds.fetching.exchange import Call, Reply
from feeds.fetching.files import path_of, read_file, within
from feeds.fetching.guard import Guard, Resolve, resolve_name
from feeds.fetching.limits import LIMITS, Answer, FetchLimits
from wallboard.errors import Unreachable

if TYPE_CHECKING:
    import httpx2

#: A frame of a line protocol above this is not of the protocol (the longest AMI frame seen has 4 kB).
MAX_LINE_BYTES = 64 * 1024
#: "Not modified" is believed for this long; then the document is taken whole once more, so that a state that
#: Redis lost comes back by itself.
BELIEVE_UNCHANGED_S = 600.0
#: Addresses whose version is remembered; a CAP index links at most some hundred.
MAX_REMEMBERED = 2000


@dataclass(frozen=True)
class _Version:
    """What is known of the version of a document that was fetched."""

    at: float
    digest: bytes
    conditions: Mapping[str, str] = field(default_factory=dict)


class Fetcher:
    """Fetches for one feed. What was handed over counts as seen only after `settle`."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        configured: Iterable[str],
        folder: Path = Path(),
        *,
        limits: FetchLimits = LIMITS,
        resolve: Resolve = resolve_name,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`configured`: the addresses that the engineer wrote; `folder`: where relative file: paths begin."""
        from feeds.fetching.web import WebReader

        addresses = list(configured)
        folder = Path(os.path.abspath(folder))
        self._guard = Guard(addresses, resolve)
        self._web = WebReader(client, self._guard, limits)
        self._files = [path_of(url, folder) for url in addresses if url.startswith("file:")]
        self._folder = folder
        self._limits = limits
        self._monotonic = monotonic
        self._settled: dict[str, _Version] = {}
        self._pending: dict[str, _Version] = {}

    async def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        limit: int = MAX_DOCUMENT_BYTES,
        conditional: bool = True,
    ) -> Document | None:
        """Return the document at a file:, http: or https: address; None when it did not change.

        Unchanged is what is 304, or has the bytes of the version last settled. Raises Unreachable.
        """
        known = self._known(url) if conditional else None
        try:
            async with asyncio.timeout(self._limits.total_s):
                if url.startswith("file:"):
                    answer: Answer | None = await self._read(path_of(url, self._folder), limit)
                else:
                    answer = await self._web.get(url, headers or {}, known.conditions if known else {}, limit)
        except TimeoutError:
            raise Unreachable(f"{redact(url)} did not deliver within {self._limits.total_s:g} s.") from None
        if answer is None:
            return None
        digest = hashlib.blake2b(answer.document.body, digest_size=16).digest()
        if known is not None and known.digest == digest:
            return None
        if conditional:
            self._pending[url] = _Version(self._monotonic(), digest, answer.conditions)
        return answer.document

    def ask(self, call: Call) -> AbstractAsyncContextManager[Reply]:
        """Ask a device once; lends its answer as it comes. Raises Unreachable."""
        return self._web.open(call)

    async def open(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        """Open tcp: or tls: as (StreamReader, StreamWriter), ws: or wss: as a WebSocket; or Unreachable."""
        if url.lower().startswith(("ws:", "wss:")):
            from feeds.fetching.socket import open_socket

            return await open_socket(self._guard, url, headers or {}, self._limits.connect_s)
        return await self._guard.open(url, self._limits.connect_s, MAX_LINE_BYTES)

    def settle(self) -> None:
        """What was fetched is safe in its stream: do not ask for the same version again."""
        self._settled.update(self._pending)
        self._pending.clear()
        while len(self._settled) > MAX_REMEMBERED:
            del self._settled[next(iter(self._settled))]

    def forget(self) -> None:
        """What was fetched went nowhere: ask for it again."""
        self._pending.clear()

    def _known(self, url: str) -> _Version | None:
        version = self._settled.get(url)
        if version is None or self._monotonic() - version.at >= BELIEVE_UNCHANGED_S:
            return None
        return version

    async def _read(self, path: Path, limit: int) -> Answer:
        def read() -> Answer:
            if not any(within(path, configured) for configured in self._files):
                raise Unreachable("A file outside the folder of the feed's own address is refused.")
            return Answer(read_file(path, self._folder, limit), {})

        return await aside(read)
