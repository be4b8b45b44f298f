"""`server.py parse FEED FILE…`: documents as the events that they would become."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol, TextIO
from zoneinfo import ZoneInfo

from feeds.base import MAX_DOCUMENT_BYTES, Adapter, Context
from feeds.fetching.files import read_file
from feeds.options import BadOptions, OptionFault
from feeds.registry import ADAPTERS, FeedTable, adapter_of, feed_options
from wallboard.errors import SourceError
from wallboard.events import encoder

#: Without a configuration, times without a zone are read in that of most cities of the country.
DEFAULT_ZONE = "Asia/Jakarta"


class _Identity(Protocol):
    @property
    def time_zone(self) -> str: ...


class CityTable(Protocol):
    """What is needed of a configuration, as wallboard/city.py types it."""

    @property
    def city(self) -> _Identity: ...
    @property
    def feed(self) -> Sequence[FeedTable]: ...


def parse_files(
    feed_or_type: str,
    files: Sequence[Path],
    config: CityTable | None,
    now: float,
    out: TextIO,
    err: TextIO,
) -> int:
    """Write each event as one line of JSON to `out`, each fault as "file: place: why" to `err`.

    `feed_or_type` is the name of a feed of the configuration, or a type of adapter. Returns the exit code:
    1 when there was a fault, 2 when the feed is not known or its options are wrong.
    """
    try:
        adapter, options, context = _chosen(feed_or_type, config, now)
    except BadOptions as error:
        for fault in error.faults:
            err.write(f"{feed_or_type}: {fault.key}: {fault.why}\n")
        return 2
    faulty = False
    for file in files:
        try:
            document = read_file(file, Path(), MAX_DOCUMENT_BYTES)
            parsed = adapter.parse(document.body, context, *options)
        except SourceError as error:
            err.write(f"{file}: {error}\n")
            faulty = True
            continue
        for event in parsed.events:
            out.write(f"{encoder.encode(event).decode()}\n")
        for record in parsed.faults:
            err.write(f"{file}: {record.where}: {record.why}\n")
            faulty = True
    return 1 if faulty else 0


def _chosen(name: str, config: CityTable | None, now: float) -> tuple[Adapter, tuple[Any, ...], Context]:
    """The adapter, its options as further arguments of its parse, and the context."""
    feed = _feed_of(name, config)
    if feed is None and name not in ADAPTERS:
        raise BadOptions([OptionFault("feed", name, _unknown(name, config))])
    adapter = adapter_of(feed.type if feed is not None else name)
    zone = (feed.time_zone if feed is not None else "") or (config.city.time_zone if config else DEFAULT_ZONE)
    context = Context(
        feed=feed.name if feed is not None else name,
        now=now,
        zone=ZoneInfo(zone),
        channel=feed.channel if feed is not None else "",
    )
    try:
        return adapter, (feed_options(adapter.type, feed.options if feed is not None else {}),), context
    except BadOptions:
        # Options that only its connection needs (a user, a secret) are not needed to read a capture.
        if feed is None and _reads_without_options(adapter):
            return adapter, (), context
        raise


def _feed_of(name: str, config: CityTable | None) -> FeedTable | None:
    if config is None:
        return None
    named = [feed for feed in config.feed if feed.name == name]
    typed = [feed for feed in config.feed if feed.type == name]
    # Two feeds of a type may map their fields differently: then only a name tells which is meant.
    return named[0] if named else typed[0] if len(typed) == 1 else None


def _unknown(name: str, config: CityTable | None) -> str:
    """What a name may have been meant for: first a feed of the city, then a type."""
    types = f"types are {', '.join(sorted(ADAPTERS))}"
    if config is None:
        near = get_close_matches(name, ADAPTERS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"{types}."
        return f"is no type of feed; {hint} A feed of a city needs --config CITY"
    names = [feed.name for feed in config.feed]
    if near := get_close_matches(name, names, 1) or get_close_matches(name, ADAPTERS, 1):
        hint = f"did you mean {near[0]!r}? "
    else:
        hint = ""
    feeds = f"the city's feeds are {', '.join(names)}" if names else "the city has no feeds"
    return f"is neither a feed of the city nor a type; {hint}{feeds}; {types}"


def _reads_without_options(adapter: Adapter) -> bool:
    parameters = list(inspect.signature(adapter.parse).parameters.values())
    return len(parameters) == 3 and parameters[2].default is not inspect.Parameter.empty
