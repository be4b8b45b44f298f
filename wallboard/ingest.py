"""The webhook's way from a signed body to events, for the feeds that the city has configured so."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from feeds import webhook
from feeds.base import Parsed
from feeds.registry import feed_spec
from feeds.webhook import WebhookOptions
from wallboard.city import FeedConfig
from wallboard.errors import BadDocument, Refused
from wallboard.web.node import Ingest


def ingest(
    feeds: Sequence[FeedConfig],
    zone: str,
    bounds: tuple[float, float, float, float],
    folder: Path,
    callers: bytes,
) -> Ingest:
    """What takes a body for one of `feeds` (of type webhook); the city's file lies in `folder`.

    By the key `callers` the same caller is recognised in calls.
    """
    specs = {feed.name: feed_spec(feed, zone, secret=callers, bounds=bounds) for feed in feeds}
    options = {name: cast(WebhookOptions, spec.options) for name, spec in specs.items()}
    signing = {name: webhook.keys(value, folder) for name, value in options.items()}

    def take(name: str, headers: Mapping[str, str], body: bytes, now: float) -> tuple[str, Parsed]:
        spec = specs.get(name)
        if spec is None:
            raise Refused(404, "No such feed", f"no webhook feed {name!r} is configured")
        # A sender signs with the real time, whatever time --clock makes of it here.
        id = webhook.verify(headers, body, signing[name], time.time())
        try:
            return id, webhook.parse(body, spec.context(now), options[name])
        except BadDocument as fault:
            raise Refused(400, "Bad document", str(fault)) from fault

    return take
