"""GDACS, the UN's and EU's list of disasters of the world: cyclones, floods, volcanoes, droughts, fires.

http://www.gdacs.org/xml/rss.xml: an item an event; gdacs:eventtype + eventid is its identity, episodeid and
version count its changes. `gdacs:bbox` is the frame of its map (some degrees around the point whatever the
event), so the point alone says where it is.
"""

from __future__ import annotations

from datetime import UTC
from typing import Literal
from xml.etree.ElementTree import Element

import msgspec

from feeds.base import Adapter, Context, Parsed, RecordFault
from feeds.cap.xml import children, plain, raw
from feeds.fetching.addresses import public_url
from feeds.reading.documents import load_xml
from feeds.reading.times import parse_time
from wallboard.errors import BadDocument
from wallboard.events import HazardArea, HazardInfo, HazardIssued, Present
from wallboard.text import title

#: The real list has some 100 items.
MAX_ITEMS = 1_000

#: The list is made anew every few minutes; what it has not named for so long is not believed any more (s).
LIFE_S = 24 * 3600.0

Type = Literal["EQ", "TC", "FL", "VO", "DR", "WF", "TS"]

#: type → (Indonesian, English, CAP category)
_WORDS: dict[str, tuple[str, str, str]] = {
    "EQ": ("Gempa", "Earthquake", "Geo"),
    "TC": ("Siklon tropis", "Tropical cyclone", "Met"),
    "FL": ("Banjir", "Flood", "Met"),
    "VO": ("Gunung api", "Volcano", "Geo"),
    "DR": ("Kekeringan", "Drought", "Met"),
    "WF": ("Kebakaran hutan", "Wildfire", "Fire"),
    "TS": ("Tsunami", "Tsunami", "Geo"),
}

#: Mild to grave. Even Red is somewhere in the country: it is not above what warns of the city itself.
_LEVELS = {"green": "Minor", "orange": "Moderate", "red": "Severe"}
_RANKS = list(_LEVELS)


class GdacsOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options] of a `gdacs` feed."""

    #: ISO 3166 codes of three letters; empty: the whole world
    countries: list[str] = msgspec.field(default_factory=lambda: ["IDN"])
    at_least: Literal["green", "orange", "red"] = "orange"
    #: without earthquakes: BMKG has them sooner, with more
    types: list[Type] = msgspec.field(default_factory=lambda: ["TC", "FL", "VO", "DR", "WF", "TS"])


def parse(payload: bytes, context: Context, options: GdacsOptions) -> Parsed:
    """A hazard for each current event that is asked for, and a Present behind them."""
    root = load_xml(payload)
    items = list(root.iter("item"))
    if root.tag != "rss" or (items and all(not raw(item, "iscurrent") for item in items)):
        raise BadDocument(f"It is no list of GDACS: <{title(str(root.tag))[:60]}> without gdacs:iscurrent.")
    parsed = Parsed()
    if len(items) > MAX_ITEMS:
        parsed.faults.append(RecordFault("rss", f"more than {MAX_ITEMS} items; the rest is left out"))
    for number, item in enumerate(items[:MAX_ITEMS], 1):
        try:
            if _wanted(item, options):
                parsed.events.append(_hazard(item, context))
        except ValueError as error:
            words = {"guid": raw(item, "guid")[:60], "title": title(raw(item, "title"))[:200]}
            parsed.faults.append(RecordFault(f"item {number}", str(error), words))
    # An event that cannot be read may be any of those known: then none is declared over.
    if not parsed.faults:
        things = tuple(event.thing for event in parsed.events if isinstance(event, HazardIssued))
        parsed.events.append(
            Present(feed=context.feed, source_id="", received_at=context.now, kind="hazard", ids=things)
        )
    return parsed


def _wanted(item: Element, options: GdacsOptions) -> bool:
    if raw(item, "iscurrent").casefold() == "false":
        return False
    kind = raw(item, "eventtype")
    if not kind:
        raise ValueError("gdacs:eventtype is missing")
    if kind not in options.types:
        return False
    level = raw(item, "alertlevel").casefold()
    if level not in _LEVELS:
        raise ValueError(f"gdacs:alertlevel is {level[:20]!r}, none of Green, Orange and Red")
    if _RANKS.index(level) < _RANKS.index(options.at_least):
        return False
    codes = raw(item, "iso3").upper().replace(",", " ").split()
    return not options.countries or bool({code.upper() for code in options.countries} & set(codes))


def _hazard(item: Element, context: Context) -> HazardIssued:
    identity = raw(item, "eventid")
    if not identity.isascii() or not identity.isalnum() or len(identity) > 40:
        raise ValueError("gdacs:eventid is missing" if not identity else f"gdacs:eventid {identity[:40]!r}")
    key = f"{raw(item, 'eventtype')}{identity}"
    began = _time(item, "fromdate")
    changed = _time(item, "datemodified", "pubDate") or began
    if changed is None:
        raise ValueError("it has no time that can be read")
    point = _point(item)
    circles = () if point is None else ((*point, 0.0),)
    # With a point, the country's name is no area: a city of that name would be warned.
    area = HazardArea(text="" if circles else title(raw(item, "country")), circles=circles)
    infos = tuple(_info(item, language, began, context, area) for language in ("id", "en"))
    return HazardIssued(
        feed=context.feed,
        source_id=key,
        received_at=context.now,
        observed_at=changed,
        sender="gdacs.org",
        identifier=key,
        sent=changed,
        msg_type="Alert",
        status="Actual",
        infos=infos,
        thing=key,
    )


def _info(
    item: Element, language: str, began: float | None, context: Context, area: HazardArea
) -> HazardInfo:
    kind = raw(item, "eventtype")
    indonesian, english, category = _WORDS[kind]
    event = indonesian if language == "id" else english
    name, country = title(raw(item, "eventname")), title(raw(item, "country"))
    facts = [plain(raw(item, "severity")), plain(raw(item, "population")), plain(raw(item, "description"))]
    return HazardInfo(
        language=language,
        event=event,
        headline=title(" · ".join(filter(None, [f"{event} {name}".strip(), country]))),
        # GDACS writes English alone.
        text="\n".join(dict.fromkeys(filter(None, facts))),
        sender_name="GDACS",
        web=public_url(raw(item, "link")),
        category=(category,),
        urgency="Expected",
        severity=_LEVELS[raw(item, "alertlevel").casefold()],
        certainty="Observed",
        onset=began,
        expires=context.now + LIFE_S,
        codes=(("GDACS", raw(item, "alertlevel")), ("episode", raw(item, "episodeid")[:20])),
        areas=(area,),
    )


def _time(item: Element, *names: str) -> float | None:
    for name in names:
        written = raw(item, name)
        try:
            if written:
                return parse_time(written, UTC)[0]
        except ValueError:
            continue
    return None


def _point(item: Element) -> tuple[float, float] | None:
    """(lon, lat) of georss:point ("lat lon", with a space), or of geo:Point."""
    words = raw(item, "point").replace(",", " ").split()
    if not words:
        for point in children(item, "Point"):
            words = [raw(point, "lat"), raw(point, "long")]
    try:
        lat, lon = (float(word) for word in words)
    except ValueError:
        return None
    return (lon, lat) if abs(lat) <= 90 and abs(lon) <= 180 else None


ADAPTER = Adapter(type="gdacs", options=GdacsOptions, parse=parse, kinds=("hazard",))
