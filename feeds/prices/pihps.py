"""PIHPS (Bank Indonesia's hargapangan): a row a commodity, a column a day; the site's JSON or its download.

JSON      {data: [{no, name, level, "02/10/2024": "15,150", …}]}: level 1 is a group (Beras), 2 what it holds
download  .xlsx or CSV: No, Komoditas (Rp), "02/ 10/ 2024", …
A day without a survey (a holiday) is "-".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from feeds.base import Context, Parsed
from feeds.prices.survey import Market, day, rupiah, survey
from feeds.reading.documents import load_json
from feeds.reading.mapping import BadField, Mapping, Record
from feeds.reading.record import ALWAYS_EMPTY
from feeds.reading.rows import MAX_RECORDS, Row, csv_rows, kind_of, xlsx_rows
from feeds.reading.xlsx import HEADER_WITHIN
from wallboard.errors import BadDocument

#: What the site and its downloads call the column of names.
_NAMES = ("name", "Komoditas (Rp)", "Komoditas(Rp)", "Komoditas", "komoditas")

#: A year of working days; a document of more is none of the site's.
MAX_DAYS = 400

_DAY = re.compile(r"(\d{1,2})\s*[/-]\s*(\d{1,2})\s*[/-]\s*(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")

#: Prices are whole rupiah: a mark before three digits stands between thousands, whichever it is.
_THOUSANDS = re.compile(r"[.,](?=\d{3}(?!\d))")

_CELL = Mapping(fields={"commodity_name": "name", "price": "price", "survey": "day"})


def pihps(payload: bytes, context: Context, market: Market, level: str, unit: str) -> Parsed:
    """A survey for each commodity and day that has a price. BadDocument where there are no such columns."""
    rows = _rows(payload)
    header = next((row.data for row in rows if isinstance(row.data, dict)), None)
    if header is None:
        raise BadDocument("the table has no rows")
    name = next((each for each in _NAMES if each in header), None)
    days = days_of(header)
    if name is None or not days:
        what = "column of names (Komoditas)" if name is None else "column whose name is a day"
        raise BadDocument(
            f"this is no PIHPS table: it has no {what}; it has {', '.join(map(repr, list(header)[:8]))}"
        )
    if len(rows) * len(days) > MAX_RECORDS:
        raise BadDocument(f"the table holds more than {MAX_RECORDS} prices")
    parsed = Parsed()
    for row in rows:
        if row.broken or not isinstance(row.data, dict):
            parsed.faults.append(
                BadField(_record(row, None, None, ""), "", row.broken or "is no record").fault()
            )
            continue
        for column, on in days.items():
            record = _record(row, row.data.get(name), row.data.get(column), on)
            try:
                price = rupiah(record)
                surveyed = day(record, context)
                if price is None or surveyed is None:
                    continue
                parsed.events.append(
                    survey(record, context, day=surveyed, price=price, market=market, level=level, unit=unit)
                )
            except BadField as bad:
                parsed.faults.append(bad.fault())
    return parsed


def days_of(columns: Iterable[str]) -> dict[str, str]:
    """Column → day (YYYY-MM-DD) of those that are days.

    The day comes first, as Indonesia writes it, unless some column of the table can only be read with the
    month first: one document has one order.
    """
    found: dict[str, tuple[int, int, int]] = {}
    days: dict[str, str] = {}
    for column in columns:
        if iso := _ISO.fullmatch(column.strip()):
            days[column] = iso[0]
        elif match := _DAY.fullmatch(column.strip()):
            found[column] = int(match[1]), int(match[2]), int(match[3])
    month_first = any(second > 12 for _, second, _ in found.values())
    for column, (first, second, year) in found.items():
        month, on = (first, second) if month_first else (second, first)
        try:
            days[column] = date(year, month, on).isoformat()
        except ValueError:
            raise BadDocument(f"the column {column!r} is no day that the other columns agree with") from None
    if len(days) > MAX_DAYS:
        raise BadDocument(f"the table has {len(days)} days, more than {MAX_DAYS}")
    return days


def _header_line(payload: bytes) -> int:
    """The line of the header in a CSV, which may have titles above it; 0: the first."""
    lines = payload.split(b"\n", HEADER_WITHIN)[:HEADER_WITHIN]
    return next((number for number, line in enumerate(lines, 1) if b"komoditas" in line.lower()), 0)


def _record(row: Row, name: object, price: object, on: str) -> Record:
    """One cell as a record of its own."""
    if isinstance(price, str):
        price = _THOUSANDS.sub("", price)
    data = {"name": name, "price": price, "day": on}
    return Record(Row(f"{row.where}, {on}" if on else row.where, data), _CELL, {}, ALWAYS_EMPTY)


def _rows(payload: bytes) -> list[Row]:
    kind = kind_of(payload, "auto")
    if kind == "xlsx":
        return xlsx_rows(payload, "", 0, ["No", "No.", *_NAMES])
    if kind == "csv":
        return csv_rows(payload, "", "utf-8", _header_line(payload))
    document = load_json(payload)
    listed = document.get("data") if isinstance(document, dict) else document
    if not isinstance(listed, list):
        raise BadDocument("this is no PIHPS table: it has no list `data`")
    return [Row(f"record {index}", data) for index, data in enumerate(listed)]
