"""WFP's food prices of a country (HDX, wfp_food_prices_idn.csv): a line a market, commodity and month.

Columns date, admin1, admin2, market, [market_id,] latitude, longitude, category, commodity, [commodity_id,]
unit, priceflag, pricetype, currency, price, usdprice; the second line are HXL tags. Two generations of it:
with and without the ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from feeds.base import Context, Parsed
from feeds.prices.survey import Market, day, rupiah, survey, today
from feeds.reading.mapping import BadField, Mapping, parse_records
from feeds.reading.record import Record
from wallboard.events import PriceSurveyed

#: A file goes back to 2007; what a wall shows of a price that is surveyed once a month are two years.
LOOK_BACK_DAYS = 760

#: Averages over the country, without a place: nobody's market.
_NATIONAL = "national average"

#: The columns that both generations have; the ids are looked for beside them.
WFP = Mapping(
    format="table",
    fields={
        "survey": "date",
        "admin1": "admin1",
        "admin2": "admin2",
        "market": "market",
        "market_name": "market",
        "lat": "latitude",
        "lon": "longitude",
        "commodity": "commodity",
        "commodity_name": "commodity",
        "unit": "unit",
        "flag": "priceflag",
        "level": "pricetype",
        "currency": "currency",
        "price": "price",
    },
    values={
        "level": {
            "Retail": "consumer",
            "Wholesale": "wholesale",
            "Farm Gate": "producer",
            "Producer": "producer",
        }
    },
)


def wfp(payload: bytes, context: Context, areas: Sequence[str], level: str) -> Parsed:
    """A survey for each line of the last two years in one of the `areas` (admin1, admin2 or market)."""
    wanted = {area.casefold() for area in areas}
    oldest = (date.fromisoformat(today(context)) - timedelta(days=LOOK_BACK_DAYS)).isoformat()

    def build(record: Record) -> list[PriceSurveyed]:
        names = [record.line(name).casefold() for name in ("admin1", "admin2", "market")]
        if wanted and not wanted.intersection(names):
            return []
        if names[2] == _NATIONAL or "forecast" in record.line("flag").casefold():
            return []
        surveyed = day(record, context)
        if surveyed is None:
            raise BadField(record, "survey", "is missing; a price without its day is never taken for today's")
        if surveyed < oldest:
            return []
        currency = record.line("currency").casefold()
        if currency not in ("", "idr"):
            raise BadField(record, "currency", f"{currency.upper()} is not rupiah")
        price = rupiah(record)
        if price is None:
            return []
        lon, lat = record.place()
        name = record.line("market_name")
        market = Market(_id(record, "market_id") or name, name, lon, lat)
        return [survey(record, context, day=surveyed, price=price, market=market, level=level)]

    return parse_records(payload, WFP, build)


def _id(record: Record, column: str) -> str:
    value = record.raw.get(column) if isinstance(record.raw, dict) else None
    return "" if value is None else str(value).strip()[:20]
