"""Which adapters there are, and the way from a [[feed]] of the configuration to what the supervisor runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Protocol
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from feeds import (
    ami,
    cameras,
    cap,
    cot,
    eido,
    folder,
    freeswitch,
    gauges,
    gdacs,
    geojson,
    landvalues,
    mqtt,
    open311,
    petabencana,
    prices,
    queue_log,
    sensorthings,
    stream,
    waze,
    webhook,
    wzdx,
)
from feeds.base import Adapter
from feeds.bmkg import forecast as bmkg_forecast
from feeds.bmkg import nowcast as bmkg_nowcast
from feeds.bmkg import quake as bmkg_quake
from feeds.bmkg import tsunami as bmkg_tsunami
from feeds.options import BadOptions, OptionFault, convert_options
from feeds.reports import exports as report_list
from feeds.running.intake import FeedSpec
from feeds.sightings import frigate, hikvision
from feeds.sightings.onvif import published as onvif_mqtt
from feeds.sightings.onvif import pull as onvif

__all__ = ["ADAPTERS", "BadOptions", "FeedTable", "OptionFault", "feed_options", "feed_spec"]

#: type → adapter
ADAPTERS: dict[str, Adapter] = {
    module.ADAPTER.type: module.ADAPTER
    for module in (
        ami,
        bmkg_forecast,
        bmkg_nowcast,
        bmkg_quake,
        bmkg_tsunami,
        cameras,
        cap,
        cot,
        eido,
        folder,
        freeswitch,
        frigate,
        gauges,
        gdacs,
        geojson,
        hikvision,
        landvalues,
        mqtt,
        onvif,
        onvif_mqtt,
        open311,
        petabencana,
        prices,
        queue_log,
        report_list,
        sensorthings,
        stream,
        waze,
        webhook,
        wzdx,
    )
}

_HEADER_NAME = re.compile(r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

#: How the address of a list ends that Open311's base is written without.
_REQUESTS = re.compile(r"/(?:requests|services)(?:\.(?:json|xml))?$")

#: A source that is asked more often than this feels attacked; what is quicker pushes.
MIN_EVERY_S = 1.0


class FeedTable(Protocol):
    """A [[feed]] table, as wallboard/city.py types it."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def every(self) -> float: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def options(self) -> dict[str, Any]: ...


def adapter_of(type: str) -> Adapter:
    """Return the adapter of a type. Raises BadOptions."""
    adapter = ADAPTERS.get(type)
    if adapter is None:
        near = get_close_matches(type, ADAPTERS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(ADAPTERS))}"
        raise BadOptions([OptionFault("type", type, f"is no type of feed; {hint}")])
    return adapter


def feed_options(type: str, options: Mapping[str, Any]) -> Any:
    """Return [feed.options] as the struct of the adapter. Raises BadOptions with every fault.

    `headers` may stand among the options of every type (feed_spec takes it) and is only checked here.
    """
    own = {key: value for key, value in options.items() if key != "headers"}
    wrong = _header_faults(options.get("headers", {}))
    try:
        converted = convert_options(adapter_of(type).options, own)
    except BadOptions as error:
        raise BadOptions([*error.faults, *wrong]) from None
    if wrong:
        raise BadOptions(wrong)
    return converted


def feed_spec(
    feed: FeedTable,
    city_zone: str,
    *,
    secret: bytes = b"",
    bounds: tuple[float, float, float, float] | None = None,
) -> FeedSpec:
    """Return what the supervisor needs to run `feed`. Raises BadOptions with every fault of the table."""
    adapter = adapter_of(feed.type)
    faults = _address_faults(feed, adapter)
    if feed.every < MIN_EVERY_S:
        faults.append(OptionFault("every", feed.every, f"must be at least {MIN_EVERY_S:g} s"))
    zone = None
    try:
        zone = ZoneInfo(feed.time_zone or city_zone)
    except (OSError, ValueError, KeyError):  # not there; a path or a folder; ZoneInfoNotFoundError
        faults.append(
            OptionFault(
                "time_zone",
                feed.time_zone,
                "is no time zone; WIB is Asia/Jakarta, WITA Asia/Makassar, WIT Asia/Jayapura",
            )
        )
    options: Any = None
    try:
        options = feed_options(feed.type, feed.options)
    except BadOptions as error:
        faults.extend(error.faults)
    if faults or zone is None:
        raise BadOptions(faults)
    return FeedSpec(
        name=feed.name,
        adapter=adapter,
        options=options,
        zone=zone,
        url=feed.url,
        every=feed.every,
        channel=feed.channel,
        secret=secret,
        bounds=bounds,
        headers=dict(feed.options.get("headers", {})),
    )


def _header_faults(headers: Any) -> list[OptionFault]:
    if not isinstance(headers, Mapping):
        return [OptionFault("options.headers", None, 'must be a table: {X-Client-Id = "env:NAME"}')]
    return [
        OptionFault(f"options.headers.{name}", None, "is no header; the value is one line of text")
        for name, value in headers.items()
        if not _HEADER_NAME.match(name) or not isinstance(value, str) or not value.isprintable()
    ]


def _address_faults(feed: FeedTable, adapter: Adapter) -> list[OptionFault]:
    if not feed.url:
        return [OptionFault("url", None, "is missing")] if adapter.schemes else []
    scheme = feed.url.partition(":")[0].lower()
    if scheme == "sim":
        return []  # any adapter can be played to by a scenario (feeds/scenario/)
    if scheme not in adapter.schemes:
        allowed = ", ".join(f"{name}:" for name in adapter.schemes) or "none: it needs no address"
        return [OptionFault("url", None, f"begins with {scheme}:; type {feed.type} takes {allowed}")]
    try:
        credentials = "@" in urlsplit(feed.url).netloc
    except ValueError:
        return [OptionFault("url", None, "is no proper address")]
    if credentials:
        return [OptionFault("url", None, 'holds credentials; give them in options as "env:NAME"')]
    path = urlsplit(feed.url).path.rstrip("/").lower()
    if adapter is open311.ADAPTER and scheme != "file" and (end := _REQUESTS.search(path)):
        # The adapter adds it itself, with what it asks for; a file is the answer itself.
        return [OptionFault("url", None, f"write the base address without {end[0]}")]
    return []
