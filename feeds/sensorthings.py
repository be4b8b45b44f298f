"""OGC SensorThings API 1.0 and 1.1: the newest observation of each datastream, as a gauge's reading.

https://docs.ogc.org/is/18-088/18-088.html. A datastream is one thing that a sensor measures; its Thing has
the name and the place. What was never observed is not there yet; what was long ago keeps its time.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode, urlsplit
from weakref import WeakKeyDictionary

import msgspec

from feeds.base import Adapter, Context, Intake, Parsed
from feeds.fetching.aside import read_aside
from feeds.gauges import gauge
from feeds.geojson import representative_point
from feeds.reading.documents import load_json
from feeds.reading.mapping import BadField, Mapping, Record
from feeds.reading.record import ALWAYS_EMPTY
from feeds.reading.rows import MAX_RECORDS, Row
from wallboard.errors import BadDocument, SourceError, Unreachable

#: With each datastream its Thing, where that is, and the newest observation alone.
_EXPAND = "Thing($expand=Locations),Observations($orderby=phenomenonTime desc;$top=1)"

#: Servers give fewer where they must (FROST: 100 unless told otherwise), and say where the rest is.
PER_PAGE = 200

#: 10,000 datastreams: a large city has some hundred gauges.
MAX_PAGES = 50

_MAPPING = Mapping(
    fields={
        "id": '"@iot.id"',
        "value": "Observations[0].result",
        "unit": "unitOfMeasurement.symbol",
    },
    # What stands for "no unit" in the definitions of OGC.
    values={"unit": {"null": "", "unitless": ""}},
)


class SensorThingsOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]"""

    #: which datastreams, as `$filter` of the standard: "ObservedProperty/name eq 'Water level'"
    filter: str = ""
    #: whose name a gauge has
    name: Literal["thing", "datastream"] = "thing"
    #: of datastreams that name none
    unit: str = "cm"
    #: results that stand for "nothing was measured"
    empty: list[str | int | float] = []
    #: an observation older than this is a sensor that is no more, and is left out (s); 0 = none is
    max_age: Annotated[float, msgspec.Meta(ge=0, extra={"unit": "s"})] = 0.0


def parse(payload: bytes, context: Context, options: SensorThingsOptions) -> Parsed:
    """A reading for each datastream of a page that was ever observed."""
    return _read(load_json(payload), context, options)


async def poll(intake: Intake, options: SensorThingsOptions) -> None:
    """Ask for all datastreams, page by page, and hand each page over."""
    if intake.url.startswith("file:"):
        for captured in await intake.fetch_all(intake.url):
            try:
                await intake.give(parse(captured.body, intake.context(), options))
            except SourceError as error:
                await intake.refuse(captured, error)
        return
    base = intake.url.rstrip("/").removesuffix("/Datastreams") + "/Datastreams"
    query: str | None = _query(options)
    # A page that did not change is not sent again; where the next one is has to be known from before.
    known = _next_pages.setdefault(intake, {})
    seen: set[str] = set()
    while query is not None:
        if query in seen or len(seen) >= MAX_PAGES:
            raise Unreachable(f"The server's pages have no end: {len(seen)} were read; `filter` helps.")
        seen.add(query)
        document = await intake.fetch(f"{base}?{query}")
        if document is None:
            query = known.get(query)
            continue
        body, context = document.body, intake.context()
        read, after = await read_aside(body, lambda: _page(body, context, options))  # noqa: B023 - awaited here
        await intake.give(read)
        known[query] = after
        query = after
    for gone in known.keys() - seen:
        del known[gone]


#: feed → query of a page → that of the next; None behind the last
_next_pages: WeakKeyDictionary[Intake, dict[str, str | None]] = WeakKeyDictionary()


def _query(options: SensorThingsOptions) -> str:
    asked = {"$expand": _EXPAND, "$top": str(PER_PAGE), "$orderby": "id"}
    if options.filter:
        asked["$filter"] = options.filter
    return urlencode(asked, safe="$(),'/", quote_via=quote)


def _page(body: bytes, context: Context, options: SensorThingsOptions) -> tuple[Parsed, str | None]:
    """The readings of a page, and the query of the next.

    Of the link only the query is used: behind a proxy a server often names itself wrongly.
    """
    document = load_json(body)
    link = document.get("@iot.nextLink") if isinstance(document, dict) else None
    try:
        after = urlsplit(link).query if isinstance(link, str) else ""
    except ValueError:
        raise BadDocument("Where the server's next page is cannot be read.") from None
    return _read(document, context, options), after or None


def _read(document: Any, context: Context, options: SensorThingsOptions) -> Parsed:
    parsed = Parsed()
    empty = ALWAYS_EMPTY | {str(word).strip().casefold() for word in options.empty}
    for index, stream in enumerate(_streams(document)):
        record = Record(Row(f"datastream {index}", stream), _MAPPING, {}, empty)
        try:
            observed = _prepared(record, stream, options)
            if observed is None:
                continue
            event = gauge(record, context, options.unit)
        except BadField as bad:
            parsed.faults.append(bad.fault())
            continue
        if options.max_age and event.observed_at and context.now - event.observed_at > options.max_age:
            continue
        parsed.events.append(event)
    return parsed


def _streams(document: Any) -> list[Any]:
    if isinstance(document, dict) and "@iot.id" in document:
        return [document]
    listed = document.get("value") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        said = document.get("message") if isinstance(document, dict) else None
        raise BadDocument(
            f"It is no list of SensorThings{f': {said[:200]}' if isinstance(said, str) else ''}."
        )
    if len(listed) > MAX_RECORDS:
        raise BadDocument(f"It holds more than {MAX_RECORDS} datastreams.")
    return listed


def _prepared(record: Record, stream: Any, options: SensorThingsOptions) -> str | None:
    """Give the record what takes more than a path; the time of its observation, None without one."""
    if not isinstance(stream, dict):
        raise BadField(record, "", f"a {type(stream).__name__} is no datastream")
    observations = stream.get("Observations")
    if not isinstance(observations, list):
        raise BadField(record, "Observations", "is missing: the datastreams were not asked with $expand")
    if not observations or not isinstance(observations[0], dict):
        return None
    when = observations[0].get("phenomenonTime") or observations[0].get("resultTime")
    if not isinstance(when, str) or not when:
        raise BadField(record, "phenomenonTime", "is missing: nobody could tell how old the reading is")
    # Of an interval (a mean of ten minutes, say) the end is when it was so.
    record.give("observed", when.rpartition("/")[2])
    thing = stream.get("Thing")
    thing = thing if isinstance(thing, dict) else {}
    names = (thing.get("name"), stream.get("name"))
    record.give("name", next((n for n in (names if options.name == "thing" else names[::-1]) if n), None))
    _place(record, thing.get("Locations"))
    return when


def _place(record: Record, locations: Any) -> None:
    if not isinstance(locations, list) or not locations:
        return
    where = locations[0].get("location") if isinstance(locations[0], dict) else None
    if isinstance(where, dict) and where.get("type") == "Feature":
        where = where.get("geometry")
    try:
        lon, lat = representative_point(where)
    except ValueError:  # another encoding than GeoJSON
        record.note("bad_coordinates")
    else:
        record.give("lon", lon)
        record.give("lat", lat)


ADAPTER = Adapter(type="sensorthings", options=SensorThingsOptions, parse=parse, kinds=("gauge",), poll=poll)
