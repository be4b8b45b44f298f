"""feeds/prices/pihps.py and wfp.py: a column a day, and a line a market and month."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from feeds.base import Context, Parsed
from feeds.prices import PricesOptions, dated, parse
from feeds.prices.pihps import MAX_DAYS, days_of
from tests.workbooks import workbook
from wallboard.errors import BadDocument
from wallboard.events import PriceSurveyed

NOW = datetime(2024, 10, 5, 3, 0, tzinfo=UTC).timestamp()
CONTEXT = Context(feed="harga", now=NOW, zone=ZoneInfo("Asia/Jakarta"))
PIHPS = PricesOptions(source="pihps")


def prices(parsed: Parsed) -> list[tuple[str, str, int]]:
    return [
        (event.commodity_name, event.survey_date, event.price)
        for event in parsed.events
        if isinstance(event, PriceSurveyed)
    ]


# -- PIHPS -------------------------------------------------------------------------------------------------


def grid(*rows: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"data": rows})


def test_each_day_of_a_row_is_a_survey_and_a_holiday_is_none() -> None:
    found = parse(
        grid(
            {"no": "I", "name": "Beras", "level": 1, "02/10/2024": "15,150", "03/10/2024": "-"},
            {
                "no": 1,
                "name": "Beras Kualitas Bawah I",
                "level": 2,
                "02/10/2024": "13.400",
                "03/10/2024": 13450,
            },
        ),
        CONTEXT,
        PIHPS,
    )
    assert not found.faults
    assert prices(found) == [
        ("Beras", "2024-10-02", 15_150),
        ("Beras Kualitas Bawah I", "2024-10-02", 13_400),
        ("Beras Kualitas Bawah I", "2024-10-03", 13_450),
    ]
    first = found.events[0]
    assert isinstance(first, PriceSurveyed)
    assert (first.source_id, first.market, first.unit, first.level) == ("city/Beras", "", "kg", "consumer")


def test_the_download_is_the_same_table_below_its_titles() -> None:
    book = workbook(
        ("Informasi Harga Pangan", None),
        ("Provinsi", "Contoh"),
        ("No", "Komoditas (Rp)", "02/ 10/ 2024", "03/ 10/ 2024"),
        ("I", "Beras", "15,150", "-"),
        (1, "Beras Kualitas Bawah I", 13400, 13450),
    )
    csv = (
        b'No,Komoditas (Rp),02/ 10/ 2024,03/ 10/ 2024\nI,Beras,"15,150",-\n'
        b"1,Beras Kualitas Bawah I,13400,13450\n"
    )
    titled = b"Informasi Harga Pangan\nProvinsi,Contoh\n" + csv
    assert prices(parse(titled, CONTEXT, PIHPS)) == prices(parse(csv, CONTEXT, PIHPS))
    assert prices(parse(book, CONTEXT, PIHPS)) == prices(parse(csv, CONTEXT, PIHPS)) == [
        ("Beras", "2024-10-02", 15_150),
        ("Beras Kualitas Bawah I", "2024-10-02", 13_400),
        ("Beras Kualitas Bawah I", "2024-10-03", 13_450),
    ]  # fmt: skip


def test_a_market_may_be_named_and_a_level() -> None:
    options = PricesOptions(source="pihps", market="2", market_name="Pasar Contoh", level="wholesale")
    (event,) = parse(grid({"name": "Beras", "02/10/2024": "15,150"}), CONTEXT, options).events
    assert isinstance(event, PriceSurveyed)
    assert (event.source_id, event.market_name) == ("2/Beras/wholesale", "Pasar Contoh")


@pytest.mark.parametrize(
    ("columns", "days"),
    [
        (["02/10/2024", "03/10/2024"], ["2024-10-02", "2024-10-03"]),
        (["10/02/2024", "10/14/2024"], ["2024-10-02", "2024-10-14"]),
        (["30/ 09/ 2024", "1-10-2024"], ["2024-09-30", "2024-10-01"]),
        (["2024-10-02", "name", "level"], ["2024-10-02"]),
    ],
)
def test_a_table_has_one_order_of_day_and_month(columns: list[str], days: list[str]) -> None:
    assert list(days_of(columns).values()) == days


def test_columns_that_disagree_are_refused() -> None:
    with pytest.raises(BadDocument, match="no day that the other columns agree with"):
        days_of(["30/09/2024", "09/30/2024"])


def test_a_cell_that_is_no_price_does_not_cost_the_others() -> None:
    found = parse(
        grid({"name": "Beras", "02/10/2024": "15", "03/10/2024": "15,200", "04/10/2024": "naik"}),
        CONTEXT,
        PIHPS,
    )
    assert prices(found) == [("Beras", "2024-10-03", 15_200)]
    assert [fault.where for fault in found.faults] == ["record 0, 2024-10-02", "record 0, 2024-10-04"]


def test_a_table_of_more_prices_than_a_country_has_is_left() -> None:
    days = [(date(2024, 1, 1) + timedelta(days=n)).isoformat() for n in range(MAX_DAYS)]
    row = f"Beras{',1' * MAX_DAYS}"
    with pytest.raises(BadDocument, match="more than 100000 prices"):
        parse("\n".join([",".join(["Komoditas", *days]), *[row] * 251]).encode(), CONTEXT, PIHPS)


def test_a_day_to_come_is_a_fault() -> None:
    found = parse(grid({"name": "Beras", "20/10/2024": "15,200"}), CONTEXT, PIHPS)
    assert "lies in the future" in found.faults[0].why


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": []}',
        b'{"data": [{"name": "Beras"}]}',
        b'{"data": [{"02/10/2024": 1}]}',
        b"{}",
        b"a,b\n1,2\n",
    ],
)
def test_what_is_no_table_of_days_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument):
        parse(body, CONTEXT, PIHPS)


def test_the_address_asks_for_the_days_up_to_today_in_the_feeds_zone() -> None:
    late = Context("harga", datetime(2024, 10, 4, 18, 0, tzinfo=UTC).timestamp(), ZoneInfo("Asia/Jakarta"))
    asked = dated("https://a.example/x?start_date={from}&end_date={today}", late)
    assert asked == "https://a.example/x?start_date=2024-09-21&end_date=2024-10-05"
    assert dated("file:harga.csv", late) == "file:harga.csv"


# -- WFP ---------------------------------------------------------------------------------------------------

OLD = (
    "date,admin1,admin2,market,latitude,longitude,category,commodity,unit,priceflag,pricetype,currency,price,"
    "usdprice"
)
NEW = OLD.replace("market,", "market,market_id,").replace("commodity,", "commodity,commodity_id,")
HXL = (
    "#date,#adm1+name,#adm2+name,#loc+market+name,#geo+lat,#geo+lon,#item+type,#item+name,#item+unit,"
    "#item+price+flag,#item+price+type,#currency,#value,#value+usd"
)
ROW = (
    "2024-09-15,DKI JAKARTA,JAKARTA PUSAT,Jakarta,-6.2,106.8,cereals and tubers,Rice (medium quality),KG,"
    "actual,Retail,IDR,13500.0,0.88"
)


def table(*rows: str, header: str = OLD) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def test_a_line_is_a_survey_at_its_market_and_the_tags_are_none() -> None:
    found = parse(table(HXL, ROW), CONTEXT, PricesOptions())
    assert not found.faults
    (event,) = found.events
    assert event == PriceSurveyed(
        feed="harga",
        source_id="Jakarta/Rice (medium quality)",
        received_at=NOW,
        commodity="Rice (medium quality)",
        commodity_name="Rice (medium quality)",
        market="Jakarta",
        market_name="Jakarta",
        lon=106.8,
        lat=-6.2,
        level="consumer",
        unit="kg",
        price=13_500,
        survey_date="2024-09-15",
    )


def test_the_generation_with_ids_is_read_as_well() -> None:
    row = ROW.replace("Jakarta,-6.2", "Jakarta,974,-6.2").replace("quality),KG", "quality),52,KG")
    (event,) = parse(table(row, header=NEW), CONTEXT, PricesOptions()).events
    assert isinstance(event, PriceSurveyed)
    assert (event.market, event.market_name) == ("974", "Jakarta")


@pytest.mark.parametrize(
    "row",
    [
        ROW.replace("DKI JAKARTA,JAKARTA PUSAT,Jakarta,-6.2,106.8", ",,National Average,,"),
        ROW.replace("2024-09-15", "2019-09-15"),
        ROW.replace("actual", "forecast"),
        ROW.replace("13500.0", ""),
    ],
    ids=["the country's average", "five years ago", "not surveyed", "no price"],
)
def test_what_is_no_price_of_a_market_lately_is_left_out(row: str) -> None:
    found = parse(table(row), CONTEXT, PricesOptions())
    assert (found.events, found.faults) == ([], [])


def test_another_currency_is_a_fault() -> None:
    found = parse(table(ROW.replace("IDR", "USD")), CONTEXT, PricesOptions())
    assert [fault.why for fault in found.faults] == ["currency: USD is not rupiah"]


def test_only_the_areas_that_are_asked_for() -> None:
    rows = [ROW, ROW.replace("DKI JAKARTA,JAKARTA PUSAT,Jakarta", "SULAWESI UTARA,MANADO,Manado")]
    found = parse(table(*rows), CONTEXT, PricesOptions(source="wfp", areas=["Sulawesi Utara"]))
    assert [event.market for event in found.events if isinstance(event, PriceSurveyed)] == ["Manado"]


@pytest.mark.parametrize(
    ("written", "level"), [("Wholesale", "wholesale"), ("Farm Gate", "producer"), ("Producer", "producer")]
)
def test_what_a_shop_pays_is_kept_apart(written: str, level: str) -> None:
    (event,) = parse(table(ROW.replace("Retail", written)), CONTEXT, PricesOptions()).events
    assert isinstance(event, PriceSurveyed)
    assert event.level == level
