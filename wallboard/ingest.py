"""The webhook's way from a signed body to events, for the feeds that the city has configured so."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

from feeds import webhook
from feeds.base import Document, Parsed
from feeds.registry import feed_spec
from feeds.running.trace import Trace, heard_at
from feeds.webhook import WebhookOptions
from wallboard.city import FeedConfig
from wallboard.errors import BadDocument, Refused, StoreError
from wallboard.store.bench import FeedsBench

log = logging.getLogger("wallboard.web")

#: The administrator's page is told this often what came (s), however much of it is refused.
TELL_S = 5.0


class Webhooks:
    """What takes in what others push."""

    def __init__(
        self,
        feeds: Sequence[FeedConfig],
        zone: str,
        bounds: tuple[float, float, float, float],
        folder: Path,
        callers: bytes,
        clock: Callable[[], float],
    ) -> None:
        """`feeds` are of type webhook; the city's file lies in `folder`.

        By the key `callers` the same caller is recognised in calls.
        """
        self._specs = {feed.name: feed_spec(feed, zone, secret=callers, bounds=bounds) for feed in feeds}
        self._options = {name: cast(WebhookOptions, spec.options) for name, spec in self._specs.items()}
        self._signing = {name: webhook.keys(value, folder) for name, value in self._options.items()}
        self._traces = {feed.name: Trace(clock) for feed in feeds}
        self._told: dict[str, bytes] = {}

    def take(self, name: str, headers: Mapping[str, str], body: bytes, now: float) -> tuple[str, Parsed]:
        """The id of a message, and its events and faults. Raises Refused."""
        spec = self._specs.get(name)
        if spec is None:
            raise Refused(404, "No such feed", f"no webhook feed {name!r} is configured")
        trace = self._traces[name]
        try:
            # A sender signs with the real time, whatever time --clock makes of it here.
            id = webhook.verify(headers, body, self._signing[name], time.time())
            trace.came(Document(body, ""))
            try:
                parsed = webhook.parse(body, spec.context(now), self._options[name])
            except BadDocument as fault:
                raise Refused(400, "Bad document", str(fault)) from fault
        except Refused as refusal:
            trace.failed("the request", refusal.detail)
            raise
        trace.gave(len(parsed.events), parsed.faults, framed=False)
        return id, parsed

    async def tell(self, bench: FeedsBench) -> None:
        """Tell the administrator's page what came, for ever; of several nodes the one that heard last."""
        while True:
            try:
                await self.tell_once(bench)
            except StoreError as error:
                self._told = {}
                log.debug("the administrator's page is not served: %s", error)
            await asyncio.sleep(TELL_S)

    async def tell_once(self, bench: FeedsBench) -> None:
        """Tell what is new. Raises StoreError."""
        traces = {name: trace.told() for name, trace in self._traces.items() if trace.heard}
        news = {name: raw for name, raw in traces.items() if self._told.get(name) != raw}
        if news:
            # A rate that falls is news too, and no reason to write over what another node has heard since.
            last = await bench.told(list(news))
            heard = {name: raw for name, raw in news.items() if heard_at(raw) >= heard_at(last[name])}
            await bench.tell(heard)
        self._told = traces
