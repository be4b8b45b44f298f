"""Market prices: Panel Harga (Bapanas), Info Pangan Jakarta, PIHPS and WFP as they are, or any by a mapping.

The day of the survey is kept apart from the day of the fetch; see `feeds/prices/survey.py`.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Literal
from urllib.parse import quote
from weakref import WeakKeyDictionary

import msgspec

from feeds.base import Adapter, Context, Intake, Parsed, RecordFault
from feeds.fetching.addresses import redact
from feeds.fetching.aside import read_aside
from feeds.fetching.limits import Busy
from feeds.prices.pihps import pihps
from feeds.prices.sources import bapanas, info_pangan, markets
from feeds.prices.survey import Market, day, rupiah, survey, today
from feeds.prices.wfp import wfp
from feeds.reading.mapping import BadField, Mapping, Record, parse_records
from wallboard.errors import BadDocument, SourceError
from wallboard.events import PriceSurveyed

#: Info Pangan has 50 markets; a list of more than this is not one.
MAX_MARKETS = 200
#: Between two markets, so that a visit is no burst for its server: 50 markets take 10 s and a bit (s).
PAUSE_S = 0.2

#: The markets by feed: their list changes once a year, and is then not sent again by its server.
_known: WeakKeyDictionary[Intake, list[Market]] = WeakKeyDictionary()

#: Stands for the market's id in `prices_url`.
MARKET = "{market}"

#: Stand in an address for today in the feed's zone, and for the day this long before it (YYYY-MM-DD): a week
#: of holidays has no survey.
TODAY, FROM = "{today}", "{from}"
LOOK_BACK_DAYS = 14


_FIELDS = (
    "commodity", "commodity_name", "price", "survey", "unit", "level", "market", "market_name", "lon", "lat",
    "position", "address",
)  # fmt: skip

#: Records under our own names of the fields.
OWN = Mapping(fields={name: name for name in _FIELDS})

Source = Literal["", "bapanas", "info_pangan", "pihps", "wfp"]

#: Words that only the ready sources have, both of each.
_SIGNS: tuple[tuple[Source, bytes, bytes], ...] = (
    ("bapanas", b'"satuan"', b'"today"'),
    ("info_pangan", b'"commodity_id"', b'"newest_price"'),
    ("wfp", b"usdprice", b"pricetype"),
)


class PricesOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]: a ready source, or a mapping to the fields commodity, commodity_name, price, survey,
    unit, level, market, market_name, lon, lat, position and address; without both, the ready sources are
    known by their words, and anything else is read under these names."""

    source: Source = ""
    mapping: Mapping | None = None
    #: of a source whose records name none
    level: Literal["producer", "wholesale", "consumer"] = "consumer"
    unit: str = "kg"
    #: Info Pangan: `url` is the list of markets, and this the address of one market's prices, with {market}
    prices_url: str = ""
    #: Info Pangan and PIHPS: the market of documents that do not say whose they are
    market: str = ""
    market_name: str = ""
    #: WFP: only these provinces, regencies or markets, as the file writes them; empty: the whole country
    areas: list[str] = []

    def __post_init__(self) -> None:
        if self.source and self.mapping is not None:
            raise ValueError("either `source` or `mapping` says how the records are written, not both")
        if self.prices_url and (self.source != "info_pangan" or MARKET not in self.prices_url):
            raise ValueError('prices_url belongs to source = "info_pangan" and holds {market}')
        if self.areas and self.source != "wfp":
            raise ValueError('areas belongs to source = "wfp"')


def parse(payload: bytes, context: Context, options: PricesOptions) -> Parsed:
    """A survey for each record that has a price; those without one ("-") are left out."""
    source = options.source
    if not source and options.mapping is None:
        source = next((name for name, one, two in _SIGNS if one in payload and two in payload), "")
    if source == "bapanas":
        return bapanas(payload, context, options.level)
    if source == "info_pangan":
        market = Market(options.market, options.market_name or options.market)
        return info_pangan(payload, context, market, options.level)
    if source == "pihps":
        # Over the whole city where no market is named: so the site averages.
        market = Market(options.market, options.market_name or options.market)
        return pihps(payload, context, market, options.level, options.unit)
    if source == "wfp":
        return wfp(payload, context, options.areas, options.level)
    mapping = options.mapping if options.mapping is not None else OWN
    return parse_records(payload, mapping, lambda record: _surveys(record, context, options))


def _surveys(record: Record, context: Context, options: PricesOptions) -> list[PriceSurveyed]:
    price = rupiah(record)
    if price is None:
        return []
    surveyed = day(record, context)
    if surveyed is None:
        raise BadField(record, "survey", "is missing; a price without its day is never taken for today's")
    level, unit = options.level, options.unit
    return [survey(record, context, day=surveyed, price=price, level=level, unit=unit)]


async def poll(intake: Intake, options: PricesOptions) -> None:
    """Fetch and hand over the documents; with `prices_url` the list of markets and each market's prices."""
    url = dated(intake.url, intake.context())
    if not options.prices_url:
        fault: SourceError | None = None
        for document in await intake.fetch_all(url):
            work = partial(parse, document.body, intake.context(), options)
            try:
                parsed = await read_aside(document.body, work)
            except SourceError as error:
                fault = fault or error  # the other files of a folder are still good
                continue
            await intake.give(parsed)
        if fault is not None:
            raise fault
        return
    listed = await intake.fetch(url)
    if listed is not None:
        _known[intake] = markets(listed.body)[:MAX_MARKETS]
    failures: list[tuple[Market, SourceError]] = []
    found = _known.get(intake, [])
    for market in found:
        try:
            await _visit(intake, options, market)
        except Busy:
            raise  # it asks to be left alone, so the others wait too
        except SourceError as error:
            failures.append((market, error))
        await intake.sleep(PAUSE_S)
    if failures and len(failures) == len(found):
        raise failures[0][1]
    faults = [RecordFault(f"market {market.id}", str(error)) for market, error in failures]
    if faults:
        await intake.give(Parsed(faults=faults))


def dated(url: str, context: Context) -> str:
    """The address of this very day, for a source that is asked for a span of days."""
    newest = today(context)
    before = date.fromisoformat(newest) - timedelta(days=LOOK_BACK_DAYS)
    return url.replace(TODAY, newest).replace(FROM, before.isoformat())


async def _visit(intake: Intake, options: PricesOptions, market: Market) -> None:
    url = options.prices_url.replace(MARKET, quote(market.id, safe=""))
    document = await intake.fetch(url)
    if document is None:
        return
    try:
        work = partial(info_pangan, document.body, intake.context(), market, options.level)
        parsed = await read_aside(document.body, work)
    except BadDocument as error:
        raise BadDocument(f"{redact(url)}: {error}") from None
    await intake.give(parsed)


ADAPTER = Adapter(type="prices", options=PricesOptions, parse=parse, kinds=("price",), poll=poll)
