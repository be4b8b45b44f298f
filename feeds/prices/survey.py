"""A mapped record as one price of one commodity at one market on one day.

The day is that of the survey as the source says it; a record without a day is a fault and never "today":
sources carry prices over until the next survey.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feeds.base import Context
from feeds.reading.mapping import BadField, Record
from feeds.reports import MAX_ID_CHARS
from wallboard.events import PriceSurveyed

#: No staple costs less than this a unit; "13.500" read with a decimal point would be 13 rupiah and a half.
MIN_RUPIAH = 100
#: … nor more than this.
MAX_RUPIAH = 100_000_000
#: A source east of the city may write our tomorrow; a later day is a slip of the pen.
AHEAD_DAYS = 1

#: The market of prices over the whole city.
CITY = "city"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: What databases write of a whole number of rupiah; thousands come in threes, so this is no thousand.
_CENTS = re.compile(r"(\d{3,9})[.,]00?")
#: "130.000" where the configuration names no thousands would be 130 rupiah: three digits are never sen.
_ONE_THOUSAND = re.compile(r"\D*[1-9]\d{0,2}[.,]\d{3}(?!\d)[^.,]*")
_CURRENCY = re.compile(r"^(?:rp|idr)?[\s.]*(?:/|per\s)?\s*(?:1\s+)?", re.IGNORECASE)

_UNITS = {
    "kilogram": "kg", "kilo": "kg", "kgs": "kg", "l": "liter", "lt": "liter", "ltr": "liter",
    "litre": "liter",
}  # fmt: skip

#: The codes are those of Panel Harga (level_harga_id).
_LEVELS = {
    "1": "producer", "produsen": "producer", "producer": "producer",
    "2": "wholesale", "grosir": "wholesale", "wholesale": "wholesale", "pedagang besar": "wholesale",
    "3": "consumer", "konsumen": "consumer", "eceran": "consumer", "consumer": "consumer",
    "retail": "consumer",
}  # fmt: skip


@dataclass(frozen=True)
class Market:
    """Where prices are from when their records do not say; without an id: the whole city."""

    id: str = ""
    name: str = ""
    lon: float | None = None
    lat: float | None = None
    address: str = ""


def survey(
    record: Record,
    context: Context,
    *,
    day: str,
    price: int,
    market: Market | None = None,
    level: str = "consumer",
    unit: str = "kg",
) -> PriceSurveyed:
    """The record as a survey of `day` (YYYY-MM-DD) and a price in rupiah; BadField where it has no name."""
    name = record.line("commodity_name")
    code = record.line("commodity") or name
    if not code:
        raise BadField(record, "commodity", "is missing, and so is its name")
    place = market if market is not None and market.id else _market(record)
    level = level_of(record.line("level")) or level
    key = f"{place.id or CITY}/{code}" if level == "consumer" else f"{place.id or CITY}/{code}/{level}"
    if len(key) > MAX_ID_CHARS:
        raise BadField(record, "commodity", f"with its market it has more than {MAX_ID_CHARS} characters")
    return PriceSurveyed(
        feed=context.feed,
        source_id=key,
        received_at=context.now,
        commodity=code,
        commodity_name=name or code,
        market=place.id,
        market_name=place.name,
        lon=place.lon,
        lat=place.lat,
        address=place.address,
        level=level,
        unit=unit_of(record.line("unit")) or unit,
        price=price,
        survey_date=day,
        flags=tuple(flag for flag in record.flags if flag != "no_zone"),  # a day has none
    )


def _market(record: Record) -> Market:
    lon, lat = record.place()
    name = record.line("market_name")
    return Market(record.line("market") or name, name, lon, lat, record.line("address"))


def rupiah(record: Record, field: str = "price") -> int | None:
    """The field as whole rupiah; None where there was no survey ("-", 0, a sentinel of the mapping)."""
    written = record.value(field)
    cents = _CENTS.fullmatch(written.strip()) if isinstance(written, str) else None
    number = float(cents[1]) if cents else record.number(field)
    if number is None or number == 0:
        return None
    lost = isinstance(written, str) and number < 1000 and _ONE_THOUSAND.fullmatch(written) is not None
    if lost or not MIN_RUPIAH <= number <= MAX_RUPIAH:
        hint = "; does its source write '.' between thousands?" if lost or 0 < number < MIN_RUPIAH else ""
        raise BadField(record, field, f"{number:g} is no price in rupiah{hint}")
    return round(number)


def day(record: Record, context: Context, field: str = "survey") -> str | None:
    """The field as a day of the source's own calendar; None where there is nothing, BadField for nonsense."""
    seconds = record.time(field, context.zone)
    if seconds is None:
        return None
    found = today(context, seconds)
    if found > today(context, context.now + AHEAD_DAYS * 86400.0):
        raise BadField(record, field, f"{found} lies in the future")
    return found


def today(context: Context, at: float | None = None) -> str:
    """The day in the feed's zone at `at`, or now."""
    moment = _EPOCH + timedelta(seconds=context.now if at is None else at)
    return moment.astimezone(context.zone).date().isoformat()


def unit_of(written: str) -> str:
    """ "Rp./Kg" → "kg", "Rp/Liter" → "liter", "/Butir" → "butir"."""
    bare = " ".join(_CURRENCY.sub("", written).strip(" ./").casefold().split())
    return _UNITS.get(bare, bare)


def level_of(written: str) -> str:
    """ "3" or "Konsumen" → "consumer"; "" for what is none of the three."""
    return _LEVELS.get(written.strip().casefold(), "")
