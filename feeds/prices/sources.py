"""Ready ways of reading Panel Harga (Bapanas) and Info Pangan Jakarta (FEEDS.md section 5).

Panel Harga   {status, request_data, data: [{id, name, satuan, today, yesterday, …}]}: prices over a city for
              today and yesterday; the document itself says at most in `request_data` which day it is of
Info Pangan   one document a market: {data: {selected_price_date, data: [{commodity_id, name, unit,
              newest_price, latest_new_price_date, …}]}}; a price may be carried over from an older survey,
              which `latest_new_price_date` tells; 999999 stands for "none"
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from feeds.base import Context, Parsed
from feeds.prices.survey import Market, day, rupiah, survey, today
from feeds.reading.documents import load_json
from feeds.reading.mapping import Mapping, Record, parse_records, records
from feeds.reading.record import BadField
from wallboard.errors import BadDocument
from wallboard.events import PriceSurveyed
from wallboard.text import title

#: A price is carried over from an older survey.
CARRIED_OVER = "carried_over"
#: Neither the document nor the configuration says whose prices these are: not the whole city's, for sure.
NO_MARKET = "no_market"
_UNKNOWN = Market("unknown")

_NOTHING: list[str | int | float] = [999999, "999999.0", "999.999", "999999.00"]

BAPANAS = Mapping(
    format="json",
    records="data",
    fields={
        "commodity": "id",
        "commodity_name": "name",
        "unit": "satuan",
        "today": "today",
        "yesterday": "yesterday",
    },
    common={
        "survey": "request_data.date || request_data.tanggal",
        "level": "to_string(request_data.level_harga_id)",
    },
    empty=_NOTHING,
    thousands=".",
    decimal=",",
)

INFO_PANGAN = Mapping(
    format="json",
    records="data.data",
    fields={
        "commodity": "commodity_id",
        "commodity_name": "name",
        "unit": "unit",
        "price": "newest_price",
        "survey": "latest_new_price_date",
    },
    common={
        "selected": "data.selected_price_date",
        "market": "data.market.market_id || data.market_id",
        "market_name": "data.market.market_name || data.market_name",
        "address": "data.market.market_address",
        "lon": "data.market.market_longitude",
        "lat": "data.market.market_latitude",
    },
    empty=_NOTHING,
    thousands=".",
    decimal=",",
)

#: The list of markets: coordinates are texts, the address ends in "Kel. Senen, Kec. Senen".
MARKETS = Mapping(
    format="json",
    records="not_null(data.data, data, [@][?type(@) == 'array'] | [0])",
    fields={
        "market": "market_id",
        "market_name": "market_name",
        "address": "market_address",
        "lon": "market_longitude",
        "lat": "market_latitude",
    },
)


def bapanas(payload: bytes, context: Context, level: str) -> Parsed:
    """Today's and yesterday's prices of a Panel Harga document; BadDocument where it reports a failure."""
    document = load_json(payload)
    status = document.get("status") if isinstance(document, dict) else None
    if isinstance(status, str) and status.casefold() != "success":
        said = document.get("message")
        words = title(said) if isinstance(said, str) else "no reason given"
        raise BadDocument(f"The source answers with status {title(status)!r}: {words}.")

    def build(record: Record) -> Iterator[PriceSurveyed]:
        newest = day(record, context) or today(context)
        before = (date.fromisoformat(newest) - timedelta(days=1)).isoformat()
        for field, of in (("yesterday", before), ("today", newest)):
            price = rupiah(record, field)
            if price is not None:
                yield survey(record, context, day=of, price=price, level=level)

    # Both prices of a record are read before either is handed over: half a record is none.
    return parse_records(payload, BAPANAS, lambda record: list(build(record)))


def info_pangan(payload: bytes, context: Context, market: Market, level: str) -> Parsed:
    """The prices of one market's document, each of the day on which it was really surveyed."""

    def build(record: Record) -> list[PriceSurveyed]:
        price = rupiah(record)
        if price is None:
            return []
        selected = day(record, context, "selected")
        surveyed = day(record, context) or selected
        if surveyed is None:
            raise BadField(record, "survey", "is missing, and the document has no selected_price_date")
        if selected is not None and surveyed < selected:
            record.note(CARRIED_OVER)
        known = market
        if not market.id and not record.line("market"):
            record.note(NO_MARKET)
            known = _UNKNOWN
        return [survey(record, context, day=surveyed, price=price, market=known, level=level)]

    return parse_records(payload, INFO_PANGAN, build)


def markets(payload: bytes) -> list[Market]:
    """The markets of Info Pangan's list; what has no id is left out. Raises BadDocument."""
    found = []
    for record in records(payload, MARKETS):
        try:
            id = record.required("market")
            lon, lat = record.place()
            found.append(Market(id, record.line("market_name") or id, lon, lat, record.line("address")))
        except BadField:
            continue
    if not found:
        raise BadDocument("The list holds no market with a market_id.")
    return found
