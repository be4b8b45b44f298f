"""BMKG's earthquake lists: JSON and XML, coordinates and times as they are written, tsunami, felt places."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.base import Context, Parsed
from feeds.bmkg import quake as bmkg_quake
from feeds.bmkg.quake import MAX_QUAKES, felt_places, may_bring_tsunami
from tests.faulty import FaultyHttp, html, ok, wait_until
from tests.hazard_feeds import supervised
from tests.samples import samples
from wallboard.errors import BadDocument
from wallboard.events import QuakeObserved

CONTEXT = Context("gempa", 1_800_000_000.0, ZoneInfo("Asia/Makassar"))
OPTIONS = bmkg_quake.QuakeOptions()

KOLAKA = {
    "Tanggal": "12 Mei 2026",
    "Jam": "04:06:20 WIB",
    "DateTime": "2026-05-11T21:06:20+00:00",
    "Coordinates": "-4.08,121.79",
    "Magnitude": "2.9",
    "Kedalaman": "10 km",
    "Wilayah": "12 km barat daya Kolaka Timur",
    "Potensi": "Tidak berpotensi tsunami",
    "Dirasakan": "III Kolaka Timur, II - III Kota Bima",
    "Shakemap": "20260512040620.mmi.jpg",
}


def listed(*quakes: dict[str, Any]) -> bytes:
    return json.dumps({"Infogempa": {"gempa": list(quakes)}}).encode()


def read(body: bytes) -> Parsed:
    return bmkg_quake.parse(body, CONTEXT, OPTIONS)


def one(**changes: Any) -> QuakeObserved:
    parsed = read(listed(KOLAKA | changes))
    assert parsed.faults == []
    (event,) = parsed.events
    assert isinstance(event, QuakeObserved)
    return event


def fault(**changes: Any) -> str:
    parsed = read(listed(KOLAKA | changes))
    assert parsed.events == []
    return parsed.faults[0].why


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("autogempa_real_transcribed.json", 3),
        ("bmkg_api_fixtures/autogempa.json", 1),
        ("bmkg_api_fixtures/gempadirasakan.json", 2),
        ("bmkg_api_fixtures/gempaterkini.json", 2),
    ],
)
def test_every_list_of_the_corpus_becomes_its_quakes(name: str, count: int) -> None:
    parsed = read(samples(f"bmkg/{name}").read_bytes())
    assert (len(parsed.events), parsed.faults) == (count, [])
    assert all(event.flags == () for event in parsed.events)


def test_a_quake_reads_as_it_is() -> None:
    event = one()
    assert (event.lon, event.lat) == (121.79, -4.08)  # the list has latitude first
    assert (event.magnitude, event.depth_km) == (2.9, 10.0)
    assert event.observed_at == 1778533580.0
    assert event.picture_url == "https://data.bmkg.go.id/DataMKG/TEWS/20260512040620.mmi.jpg"
    assert event.flags == ()  # 12 May in WIB is 11 May in UTC


def test_one_object_is_a_list_of_one() -> None:
    parsed = read(json.dumps({"Infogempa": {"gempa": KOLAKA}}).encode())
    assert parsed.events == read(listed(KOLAKA)).events


def test_the_xml_says_the_same_as_the_json() -> None:
    fields = "".join(f"<{name}>{text}</{name}>" for name, text in KOLAKA.items() if name != "Coordinates")
    point = "<point><coordinates>-4.08,121.79</coordinates></point>"
    body = f"<Infogempa><gempa>{fields}{point}</gempa></Infogempa>"
    assert read(body.encode()).events == read(listed(KOLAKA)).events


def test_without_the_utc_time_its_wib_twin_serves() -> None:
    assert one(DateTime="").observed_at == 1778533580.0
    assert one(DateTime="now").flags == ("bad_utc_time",)


def test_twins_that_disagree_are_flagged_and_utc_stands() -> None:
    event = one(Jam="05:06:20 WIB")
    assert event.flags == ("times_differ",)
    assert event.observed_at == 1778533580.0


@pytest.mark.parametrize(
    ("potential", "tsunami"),
    [
        ("Tidak berpotensi tsunami", False),
        ("tidak berpotensi TSUNAMI", False),
        ("Tdk berpotensi tsunami", False),
        ("Gempa ini dirasakan untuk diteruskan pada masyarakat", False),
        ("Waspada informasi tsunami dari BMKG", False),
        ("Berpotensi tsunami", True),
        ("Berpotensi tsunami untuk diteruskan pada masyarakat", True),
        ("Gempa ini BERPOTENSI TSUNAMI", True),
        ("berpotensi menimbulkan tsunami", True),
        ("Berpotensi terjadi gelombang tsunami", True),
        ("tidak akan berpotensi tsunami", False),
        ("berpotensi gempa susulan, tidak berpotensi tsunami", False),
        ("", False),
    ],
)
def test_a_tsunami_only_where_it_is_said_and_not_denied(potential: str, tsunami: bool) -> None:
    assert may_bring_tsunami(potential) is tsunami
    assert one(Potensi=potential).tsunami is tsunami


@pytest.mark.parametrize(
    ("text", "felt"),
    [
        ("II-III Kolaka", (("II-III", "Kolaka"),)),
        ("II - III Kota Bima", (("II-III", "Kota Bima"),)),
        ("IV-V Mataram, III Bima", (("IV-V", "Mataram"), ("III", "Bima"))),
        ("III Padang, Pariaman", (("III", "Padang"), ("III", "Pariaman"))),
        ("III MMI di Padang", (("III", "Padang"),)),
        ("-", ()),
        ("", ()),
    ],
)
def test_felt_places(text: str, felt: tuple[tuple[str, str], ...]) -> None:
    assert felt_places(text) == felt


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"Coordinates": "121.79"}, "coordinates"),
        ({"Coordinates": "121.79,-4.08"}, "coordinates"),
        ({"Coordinates": "nan,inf"}, "coordinates"),
        ({"Coordinates": None}, "coordinates"),
        ({"Magnitude": "-"}, "magnitude"),
        ({"Magnitude": "999999"}, "magnitude"),
        ({"DateTime": "", "Tanggal": "", "Jam": ""}, "no time"),
        ({"DateTime": "?", "Tanggal": "32 Mei 2026"}, "time"),
    ],
)
def test_a_record_that_cannot_be_used_says_why(changes: dict[str, Any], why: str) -> None:
    assert why in fault(**changes)


def test_one_bad_record_does_not_cost_the_others() -> None:
    parsed = read(listed(KOLAKA, KOLAKA | {"Magnitude": "?"}, KOLAKA))
    assert len(parsed.events) == 2
    assert [fault.where for fault in parsed.faults] == ["gempa 2"]


def test_odd_figures_do_not_cost_the_quake() -> None:
    assert one(Magnitude="5,4").magnitude == 5.4
    assert one(Kedalaman="").depth_km is None
    assert one(Kedalaman="99999 km").flags == ("bad_depth",)
    assert one(Shakemap="../../x.jpg").picture_url == ""


def test_a_list_without_end_is_cut_and_says_so() -> None:
    parsed = read(listed(*[KOLAKA] * (MAX_QUAKES + 5)))
    assert len(parsed.events) == MAX_QUAKES
    assert len(parsed.faults) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><title>Not found</title></html>",
        b"[]{",
        b'{"lokasi": {}}',
        b"<rss/>",
        b'{"Infogempa": {}}',
    ],
)
def test_what_is_no_list_of_quakes_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument):
        read(body)


@given(st.dictionaries(st.sampled_from(sorted(KOLAKA)), st.one_of(st.none(), st.integers(), st.text())))
def test_no_record_makes_the_parser_fail(changes: dict[str, Any]) -> None:
    parsed = read(listed(KOLAKA | changes))
    assert len(parsed.events) + len(parsed.faults) == 1


async def test_a_visit_reads_all_three_lists_and_one_that_fails_does_not_cost_the_others() -> None:
    async with FaultyHttp() as server:
        server.script("/autogempa.json", html())
        server.script("/gempaterkini.json", ok(listed(KOLAKA)))
        server.script("/gempadirasakan.json", ok(listed(KOLAKA, KOLAKA)))
        async with supervised(bmkg_quake.ADAPTER, OPTIONS, server.url("/")) as (outlet, supervisor):
            await wait_until(lambda: len(outlet.quakes()) >= 3)
            await wait_until(lambda: supervisor.health["feed"].state == "failing")
            assert "autogempa.json" in supervisor.health["feed"].reason


async def test_a_single_list_is_read_by_its_own_address() -> None:
    async with FaultyHttp() as server:
        server.script("/one.json", ok(listed(KOLAKA)))
        async with supervised(bmkg_quake.ADAPTER, OPTIONS, server.url("/one.json")) as (outlet, _):
            await wait_until(lambda: len(outlet.quakes()) == 1)
