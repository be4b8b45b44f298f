"""feeds/prices/ with its ready sources: prices as Bapanas, Info Pangan Jakarta and others write them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from feeds import prices as adapter
from feeds.base import Context, Parsed, RecordFault
from feeds.fetching.fetch import Fetcher
from feeds.fetching.limits import Busy
from feeds.fetching.web import http_client
from feeds.prices import ADAPTER, PricesOptions, parse, poll
from feeds.prices.sources import markets
from feeds.prices.survey import Market, unit_of
from feeds.reading.shape import Mapping
from feeds.running.delivery import Delivery
from feeds.running.health import Health
from feeds.running.intake import FeedIntake, FeedSpec
from tests.faulty import FaultyHttp, html, ok, status
from wallboard.errors import BadDocument, Unreachable
from wallboard.events import AnyEvent, PriceSurveyed

#: 10:00 of 25 August 2025 in Jakarta
NOW = datetime(2025, 8, 25, 3, 0, tzinfo=UTC).timestamp()
CONTEXT = Context(feed="harga", now=NOW, zone=ZoneInfo("Asia/Jakarta"))
BAPANAS = PricesOptions(source="bapanas")
PANGAN = PricesOptions(source="info_pangan", market="7", market_name="Pasar Contoh")


def surveys(parsed: Parsed) -> list[PriceSurveyed]:
    assert not parsed.faults
    return [event for event in parsed.events if isinstance(event, PriceSurveyed)]


def panel(*items: dict[str, Any], options: PricesOptions = BAPANAS, **request: Any) -> Parsed:
    document = {"status": "success", "request_data": request, "data": items}
    return parse(msgspec.json.encode(document), CONTEXT, options)


def item(**changes: Any) -> dict[str, Any]:
    known = {
        "id": 27,
        "name": "Beras Medium",
        "satuan": "Rp./Kg",
        "today": 14242,
        "yesterday": 14230,
        "gap": 12,
    }
    return known | changes


def pangan(*items: dict[str, Any], selected: Any = "2025-08-25", options: PricesOptions = PANGAN) -> Parsed:
    document = {"data": {"selected_price_date": selected, "data": items}}
    return parse(msgspec.json.encode(document), CONTEXT, options)


def ware(**changes: Any) -> dict[str, Any]:
    known = {
        "commodity_id": "3", "name": "Cabai Rawit", "unit": "Kg",
        "newest_price": "45.000", "prev_price": 44000,
        "latest_new_price_date": "2025-08-25", "gap_min_price": 999999, "status": "stagnant",
    }  # fmt: skip
    return known | changes


# -- Panel Harga -----------------------------------------------------------------------------------------


def test_today_and_yesterday_are_two_surveys_of_the_whole_city() -> None:
    yesterday, today = surveys(panel(item()))
    assert today == PriceSurveyed(
        feed="harga",
        source_id="city/27",
        received_at=NOW,
        commodity="27",
        commodity_name="Beras Medium",
        unit="kg",
        price=14_242,
        survey_date="2025-08-25",
    )
    assert (yesterday.price, yesterday.survey_date) == (14_230, "2025-08-24")


def test_the_day_that_the_document_was_asked_for_goes_before_today() -> None:
    assert [event.survey_date for event in surveys(panel(item(), date="2025-01-01"))] == [
        "2024-12-31",
        "2025-01-01",
    ]
    assert [event.survey_date for event in surveys(panel(item(), date="20/08/2025"))][1] == "2025-08-20"


@pytest.mark.parametrize("nothing", ["-", "", None, 0, "0", "null", 999999, "999999"])
def test_no_survey_today_is_no_price_and_not_zero(nothing: Any) -> None:
    (yesterday,) = surveys(panel(item(today=nothing)))
    assert yesterday.survey_date == "2025-08-24"


@pytest.mark.parametrize(
    ("code", "level"), [(1, "producer"), ("2", "wholesale"), (3, "consumer"), (None, "consumer")]
)
def test_the_level_is_that_of_the_request_and_keeps_prices_apart(code: Any, level: str) -> None:
    event = surveys(panel(item(), level_harga_id=code))[0]
    assert event.level == level
    assert event.source_id == ("city/27" if level == "consumer" else f"city/27/{level}")


@pytest.mark.parametrize(
    "written", ["14.242", "Rp 14.242", "Rp. 14.242,-", 14242, 14242.0, "14242", "14242.00"]
)
def test_a_price_is_rupiah_however_it_is_written(written: Any) -> None:
    assert surveys(panel(item(today=written)))[1].price == 14_242


@pytest.mark.parametrize("written", ["mahal", "14.24", -5000, "1e9", True, [1], 13.5, 10**12])
def test_what_is_no_price_is_a_fault_of_its_record_alone(written: Any) -> None:
    parsed = panel(item(today=written), item(id=28))
    assert [event.source_id for event in parsed.events] == ["city/28", "city/28"]
    assert parsed.faults[0].where == "record 0"


def test_a_point_that_was_taken_for_a_decimal_is_guessed_at_in_the_fault() -> None:
    assert "between thousands" in panel(item(today=13.5)).faults[0].why


def test_a_failure_that_the_source_reports_is_no_empty_list() -> None:
    body = b'{"status": "error", "message": "Too many requests", "data": []}'
    with pytest.raises(BadDocument, match="Too many requests"):
        parse(body, CONTEXT, BAPANAS)


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]x", b'{"status": "success"}', b'{"data": {"2024": 1'])
def test_what_is_no_list_of_prices_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument):
        parse(body, CONTEXT, BAPANAS)


# -- Info Pangan -----------------------------------------------------------------------------------------


def test_a_price_of_a_market() -> None:
    (event,) = surveys(pangan(ware()))
    assert (event.source_id, event.market, event.market_name) == ("7/3", "7", "Pasar Contoh")
    assert (event.price, event.unit, event.survey_date, event.flags) == (45_000, "kg", "2025-08-25", ())


def test_a_price_carried_over_has_the_day_of_its_survey_and_not_of_the_request() -> None:
    (event,) = surveys(pangan(ware(latest_new_price_date="2025-08-22")))
    assert (event.survey_date, event.flags) == ("2025-08-22", ("carried_over",))


def test_a_price_without_a_day_of_its_own_has_the_selected_one() -> None:
    (event,) = surveys(pangan(ware(latest_new_price_date=None), selected="2025-08-23"))
    assert event.survey_date == "2025-08-23"


def test_a_price_without_any_day_is_a_fault_and_not_todays() -> None:
    parsed = pangan(ware(latest_new_price_date="-"), selected=None)
    assert not parsed.events
    assert "survey" in parsed.faults[0].why


@pytest.mark.parametrize("written", ["2062-08-25", "2025-08-27", "32 Agustus 2025", "kemarin"])
def test_a_day_that_cannot_be_is_a_fault(written: str) -> None:
    assert "survey" in pangan(ware(latest_new_price_date=written)).faults[0].why


def test_a_moment_is_the_day_of_the_sources_own_calendar() -> None:
    (event,) = surveys(pangan(ware(latest_new_price_date="2025-08-23T17:00:00.000000Z")))
    assert event.survey_date == "2025-08-24"


@pytest.mark.parametrize("nothing", [999999, "999999", "-", None, 0])
def test_the_sentinel_is_no_price(nothing: Any) -> None:
    assert surveys(pangan(ware(newest_price=nothing))) == []


def test_the_list_of_markets_has_its_coordinates_as_texts() -> None:
    document = {
        "data": [
            {
                "market_id": 7,
                "market_name": "Pasar Contoh",
                "market_address": "Jl. Contoh No. 1 Kel. Kebon Jati, Kec. Pesisir",
                "market_latitude": "-5.03",
                "market_longitude": "110.01",
            },
            {"market_id": 8, "market_name": "Pasar Lain", "market_latitude": "-", "market_longitude": ""},
            {"market_name": "tanpa id"},
        ]
    }
    assert markets(msgspec.json.encode(document)) == [
        Market("7", "Pasar Contoh", 110.01, -5.03, "Jl. Contoh No. 1 Kel. Kebon Jati, Kec. Pesisir"),
        Market("8", "Pasar Lain"),
    ]
    with pytest.raises(BadDocument, match="no market"):
        markets(b'{"data": []}')


# -- any other source ------------------------------------------------------------------------------------

TABLE = PricesOptions(
    mapping=Mapping(
        fields={
            "commodity": "komoditas",
            "price": "harga",
            "survey": "tanggal",
            "market": "pasar",
            "unit": "satuan",
            "address": "alamat",
        },
        thousands=".",
        decimal=",",
    )
)


def table(*rows: str, options: PricesOptions = TABLE) -> Parsed:
    return parse("\n".join(("komoditas;harga;tanggal;pasar;satuan;alamat", *rows)).encode(), CONTEXT, options)


def test_a_table_by_a_mapping() -> None:
    (event,) = surveys(table("Bawang Merah;Rp 32.500,-;22 Agustus 2025;Pasar Contoh;Rp/Kg;Kel. Kebon Jati"))
    assert (event.source_id, event.market, event.market_name) == (
        "Pasar Contoh/Bawang Merah",
        "Pasar Contoh",
        "",
    )
    assert (event.price, event.survey_date, event.unit, event.address) == (
        32_500, "2025-08-22", "kg", "Kel. Kebon Jati"
    )  # fmt: skip


def test_a_row_without_a_day_is_a_fault_and_one_without_a_price_is_nothing() -> None:
    parsed = table("A;1.000;;P;;", "B;-;22/08/2025;P;;", "C;2.000;22/08/2025;P;;")
    assert [event.source_id for event in parsed.events] == ["P/C"]
    assert [fault.where for fault in parsed.faults] == ["line 2"]


def test_a_ware_without_a_name_is_a_fault() -> None:
    assert "commodity" in table(";1.000;22/08/2025;P;;").faults[0].why
    assert "characters" in table(f"{'x' * 190};1.000;22/08/2025;P;;").faults[0].why


@pytest.mark.parametrize(
    ("written", "unit"),
    [("Rp./Kg", "kg"), ("Rp/Liter", "liter"), ("/Butir", "butir"), ("KG", "kg"), ("Rp. / 1 Kg", "kg"),
     ("ltr", "liter"), ("Ikat", "ikat"), ("10 kg", "10 kg"), ("", ""), ("Rp", "")],
)  # fmt: skip
def test_units_lose_the_currency(written: str, unit: str) -> None:
    assert unit_of(written) == unit


def test_without_options_the_ready_sources_are_known_by_their_words_and_others_by_ours() -> None:
    plain = PricesOptions()
    assert panel(item(), options=plain).events == panel(item()).events
    (unknown,) = surveys(pangan(ware(), options=plain))
    assert (unknown.source_id, unknown.price, unknown.flags) == ("unknown/3", 45_000, ("no_market",))
    body = b"commodity,price,survey\nBeras,14242,2025-08-25\n"
    (event,) = surveys(parse(body, CONTEXT, plain))
    assert (event.source_id, event.price, event.survey_date) == ("city/Beras", 14_242, "2025-08-25")


@pytest.mark.parametrize(
    "options",
    [
        {"source": "bapanas", "mapping": {}},
        {"source": "sp2kp"},
        {"areas": ["DKI JAKARTA"]},
        {"source": "bapanas", "prices_url": "https://a.example/{market}"},
        {"source": "info_pangan", "prices_url": "https://a.example/"},
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(options, PricesOptions)


# -- a visit ---------------------------------------------------------------------------------------------


class Sink:
    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.faults: list[RecordFault] = []

    async def put(self, events: Sequence[AnyEvent]) -> None:
        self.events.extend(events)

    async def bury(self, feed: str, faults: Sequence[RecordFault], at: float) -> None:
        self.faults.extend(faults)

    def markets(self) -> list[str]:
        return [event.market for event in self.events if isinstance(event, PriceSurveyed)]


class Visitor:
    """A price feed with its own fetcher, as the supervisor would make it."""

    def __init__(self, server: FaultyHttp, client: Any) -> None:
        self.sink = Sink()
        self.options = PricesOptions(source="info_pangan", prices_url=server.url("/markets/{market}"))
        spec = FeedSpec("harga", ADAPTER, self.options, CONTEXT.zone, server.url("/list"))
        health = Health("harga", "prices", 60.0)
        delivery = Delivery("harga", self.sink, health, pushed=False, rng=Random(1), sleep=asyncio.sleep)
        self.fetcher = Fetcher(client, spec.addresses())
        self.intake = FeedIntake(spec, self.fetcher, delivery, health, clock=lambda: NOW, sleep=self._sleep)

    async def visit(self) -> None:
        await poll(self.intake, self.options)
        self.fetcher.settle()

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


def listing(*ids: str) -> bytes:
    return msgspec.json.encode({"data": [{"market_id": id, "market_name": f"Pasar {id}"} for id in ids]})


def goods(price: int = 45_000) -> bytes:
    items = [ware(newest_price=price)]
    return msgspec.json.encode({"data": {"selected_price_date": "2025-08-25", "data": items}})


async def test_a_visit_asks_for_the_prices_of_each_market() -> None:
    async with FaultyHttp() as server, http_client() as client:
        server.script("/list", ok(listing("7", "8/9")))
        for path in ("/markets/7", "/markets/8%2F9"):
            server.script(path, ok(goods()))
        visitor = Visitor(server, client)
        await visitor.visit()
    assert visitor.sink.markets() == ["7", "8/9"]
    assert [event.source_id for event in visitor.sink.events] == ["7/3", "8/9/3"]


async def test_an_unchanged_list_of_markets_does_not_hide_new_prices() -> None:
    async with FaultyHttp() as server, http_client() as client:
        server.script("/list", ok(listing("7")))
        server.script("/markets/7", ok(goods(45_000)), ok(goods(46_000)))
        visitor = Visitor(server, client)
        await visitor.visit()
        await visitor.visit()
        await visitor.visit()
    prices = [event.price for event in visitor.sink.events if isinstance(event, PriceSurveyed)]
    assert prices == [45_000, 46_000]


async def test_one_market_that_fails_does_not_cost_the_others() -> None:
    async with FaultyHttp() as server, http_client() as client:
        server.script("/list", ok(listing("6", "7", "8")))
        server.script("/markets/6", html())
        server.script("/markets/7", status("500 Oh"))
        server.script("/markets/8", ok(goods()))
        visitor = Visitor(server, client)
        await visitor.visit()
    assert visitor.sink.markets() == ["8"]
    assert [fault.where for fault in visitor.sink.faults] == ["market 6", "market 7"]


async def test_when_all_markets_fail_the_visit_fails() -> None:
    async with FaultyHttp() as server, http_client() as client:
        server.script("/list", ok(listing("7")))
        with pytest.raises(Unreachable, match="404"):
            await Visitor(server, client).visit()


async def test_a_source_that_is_asked_too_often_is_left_alone_at_once() -> None:
    async with FaultyHttp() as server, http_client() as client:
        server.script("/list", ok(listing("7", "8")))
        server.script("/markets/7", status("429 Too Many Requests", retry_after="120"))
        with pytest.raises(Busy) as busy:
            await Visitor(server, client).visit()
        assert busy.value.wait_s == 120
        assert not server.asked("/markets/8")


async def test_a_visit_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "MAX_MARKETS", 2)
    async with FaultyHttp() as server, http_client() as client:
        server.script("/list", ok(listing("1", "2", "3")))
        for id in "123":
            server.script(f"/markets/{id}", ok(goods()))
        visitor = Visitor(server, client)
        await visitor.visit()
    assert visitor.sink.markets() == ["1", "2"]


@pytest.mark.parametrize("written", ["130.000", "Rp 130.000/kg", "130,000"])
def test_a_hundred_thousand_rupiah_are_never_taken_for_a_hundred(written: str) -> None:
    # The configuration names no thousands: 130 would pass for a price, and beef costs 130,000.
    decimal: Any = "," if "," in written else "."
    mapping = Mapping(fields={"commodity": "id", "price": "p", "survey": "d"}, decimal=decimal)
    document = msgspec.json.encode([{"id": "sapi", "p": written, "d": "2025-08-25"}])
    parsed = parse(document, CONTEXT, PricesOptions(mapping=mapping))
    assert not parsed.events
    assert "between thousands" in parsed.faults[0].why
