"""BMKG's nowcast: two languages of one key, provinces from identifiers, names from the text."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from feeds import cap
from feeds.base import Context, Parsed
from feeds.bmkg import nowcast as bmkg_nowcast
from feeds.bmkg.nowcast import named_kecamatan
from tests.faulty import FaultyHttp, ok, status, wait_until
from tests.hazard_documents import alert, area, info, rss
from tests.hazard_feeds import supervised
from tests.samples import samples
from wallboard.events import HazardIssued

CONTEXT = Context("nowcast", 1_790_000_000.0, ZoneInfo("Asia/Jakarta"))
OPTIONS = bmkg_nowcast.NowcastOptions()
GORONTALO = "2.49.0.1.360.0.2026.09.24.07.75.002"
POLYGON = "<polygon>0.1,122.0 0.1,122.1 0.2,122.1 0.1,122.0</polygon>"

#: document → (events, links, flags)
CORPUS: dict[str, tuple[int, int, set[str]]] = {
    "bmkg_api_fixtures/cap_banten.xml": (1, 0, set()),
    "bmkg_api_fixtures/cap_jateng.xml": (1, 0, set()),
    "bmkg_api_fixtures/rss_active.xml": (0, 3, set()),
    "siaga_capture_2026-09-24/cap-en-CGT20260924002_alert.xml": (1, 0, set()),
    "siaga_capture_2026-09-24/cap-id-CGT20260924002_alert.xml": (1, 0, set()),
    "siaga_capture_2026-09-24/nowcast-rss-id.trimmed.xml": (0, 3, set()),
}


def read(body: bytes | str) -> Parsed:
    return bmkg_nowcast.parse(body.encode() if isinstance(body, str) else body, CONTEXT, OPTIONS)


def one(body: bytes | str) -> HazardIssued:
    (event,) = read(body).events
    assert isinstance(event, HazardIssued)
    return event


def bulletin(identifier: str = GORONTALO, language: str = "id") -> str:
    return alert(info(area(POLYGON, name="Gorontalo"), language=language), identifier=identifier)


@pytest.mark.parametrize("name", sorted(CORPUS))
def test_every_document_of_the_corpus_becomes_what_the_table_says(name: str) -> None:
    events, links, flags = CORPUS[name]
    body = samples(f"bmkg/{name}").read_bytes()
    parsed = read(body)
    assert (len(parsed.events), len(cap.links(body)), parsed.faults) == (events, links, [])
    assert {flag for event in parsed.events for flag in event.flags} == flags


def test_the_table_names_every_document_there_is() -> None:
    found = {path.relative_to(samples("bmkg")).as_posix() for path in samples("bmkg").rglob("*.xml")}
    assert found == set(CORPUS)


def test_both_languages_of_a_bulletin_share_the_key() -> None:
    folder = samples("bmkg/siaga_capture_2026-09-24")
    indonesian = one((folder / "cap-id-CGT20260924002_alert.xml").read_bytes())
    english = one((folder / "cap-en-CGT20260924002_alert.xml").read_bytes())
    assert indonesian.source_id == english.source_id
    assert (indonesian.infos[0].language, english.infos[0].language) == ("id", "en")
    assert indonesian.infos[0].areas[0].polygons == english.infos[0].areas[0].polygons
    assert len(indonesian.infos[0].areas[0].polygons) == 4  # with the slivers


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-09-24T15:07:00+07:00", 1790237220.0),
        ("2026-09-24T16:07:00+08:00", 1790237220.0),
        ("2026-09-24T17:07:00+09:00", 1790237220.0),
    ],
)
def test_wib_wita_and_wit_are_one_instant(written: str, utc: float) -> None:
    assert one(alert(identifier=GORONTALO, sent=written)).sent == utc


def test_the_group_is_the_province_of_the_identifier() -> None:
    event = one(bulletin())
    assert event.group == "bmkg.nowcast.75"
    assert event.flags == ()
    assert event.default_life_s == 3 * 3600


def test_an_identifier_of_another_form_has_no_group_and_a_flag() -> None:
    event = one(bulletin("CGT20260924002"))
    assert event.group == ""
    assert event.flags == ("odd_identifier",)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("di sebagian wilayah Gorontalo, khususnya di DENGILO, MANANGGU.\n Kondisi", ("DENGILO", "MANANGGU")),
        ("khususnya di BTS. ULU, STM HULU, HILISALAWA'AHE.", ("BTS. ULU", "STM HULU", "HILISALAWA'AHE")),
        ("in parts of Gorontalo especially in: DENGILO, MANANGGU.\n These", ("DENGILO", "MANANGGU")),
        ("khususnya di Wiradesa, Kajen, Wiradesa.\n", ("Wiradesa", "Kajen")),
        ("Hujan lebat di Jawa Tengah.", ()),
    ],
)
def test_kecamatan_are_read_from_the_text(text: str, names: tuple[str, ...]) -> None:
    assert named_kecamatan(text) == names


def test_named_kecamatan_are_codes_of_the_area() -> None:
    body = alert(
        info(area(name="Gorontalo"), "<description>khususnya di A, B.</description>"), identifier=GORONTALO
    )
    assert one(body).infos[0].areas[0].geocodes == (("kecamatan", "A"), ("kecamatan", "B"))


def test_white_space_before_the_prologs_stylesheet_is_let_pass() -> None:
    assert len(cap.links(("\n   " + rss("https://x.example/a.xml")).encode())) == 1


async def test_a_visit_reads_both_languages_and_only_the_provinces_asked_for() -> None:
    index = rss("CGT_alert.xml", "CBT_alert.xml", guid="2.49.0.1.360.0.2026.09.24.07.7{}.001")
    async with FaultyHttp() as server:
        for language in ("id", "en"):
            server.script(f"/{language}/rss.xml", ok(index.encode()))
            document = bulletin("2.49.0.1.360.0.2026.09.24.07.71.001", language)
            server.script(f"/{language}/CGT_alert.xml", ok(document.encode()))
        options = bmkg_nowcast.NowcastOptions(provinces=["71"])
        async with supervised(bmkg_nowcast.ADAPTER, options, server.url("/id/rss.xml")) as (outlet, _):
            await wait_until(lambda: len(outlet.hazards()) == 2)
        assert {event.infos[0].language for event in outlet.hazards()} == {"id", "en"}
        assert server.asked("/id/CBT_alert.xml") == 0


async def test_without_its_english_index_the_feed_is_well_and_says_so_once() -> None:
    async with FaultyHttp() as server:
        server.script("/id/rss.xml", ok(rss("a.xml").encode()))
        server.script("/id/a.xml", ok(bulletin().encode()))
        server.script("/en/rss.xml", status("500 Internal Server Error"))
        url = server.url("/id/rss.xml")
        async with supervised(bmkg_nowcast.ADAPTER, OPTIONS, url) as (outlet, supervisor):
            await wait_until(lambda: server.asked("/en/rss.xml") > 3)
            assert supervisor.health["feed"].state == "ok"
        assert len(outlet.hazards()) == 1
        assert [fault.why[:16] for fault in outlet.faults] == ["No English texts"]
