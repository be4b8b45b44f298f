"""CAP documents to events: the corpus, each trap of FEEDS section 1.1, attacks, visits over sockets."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import cap
from feeds.base import Context, Parsed
from feeds.cap.area import MAX_POINTS
from feeds.cap.index import contents
from feeds.fetching.files import list_files
from feeds.running.supervisor import FeedSupervisor
from tests.faulty import FaultyHttp, ok, status, wait_until
from tests.hazard_documents import alert, area, atom, edxl, info, rss
from tests.hazard_feeds import Outlet, supervised
from tests.samples import samples
from wallboard.errors import BadDocument
from wallboard.events import HazardInfo, HazardIssued
from wallboard.text import MAX_TITLE

NOW = 1_790_000_000.0
CONTEXT = Context("warnings", NOW, ZoneInfo("Asia/Makassar"))
OPTIONS = cap.CapOptions()

#: document → (events, links, flags, faults or the reason why it is refused)
CORPUS: dict[str, tuple[int, int, set[str], list[str] | str]] = {
    "google_cap_library/amber.atom": (1, 0, set(), []),
    "google_cap_library/australia.cap": (1, 0, set(), []),
    "google_cap_library/bushfire_invalid.edxlde": (6, 0, {"unknown_urgency"}, ["`identifier` is missing"]),
    "google_cap_library/bushfire_valid.edxlde": (7, 0, set(), []),
    "google_cap_library/canada.cap": (1, 0, set(), []),
    "google_cap_library/canada_errors.cap": (1, 0, {"no_references"}, []),
    "google_cap_library/canada_signed.atom": (1, 0, set(), []),
    "google_cap_library/canada_signed.cap": (1, 0, set(), []),
    "google_cap_library/earthquake-iso8859-1.cap": (1, 0, set(), []),
    "google_cap_library/earthquake.cap": (1, 0, set(), []),
    "google_cap_library/earthquake_index.atom": (0, 1, set(), []),
    "google_cap_library/earthquake_signed.cap": (1, 0, set(), []),
    "google_cap_library/empty_weather_index.atom": (0, 0, set(), []),
    "google_cap_library/invalid.cap": (1, 0, {"no_scope"}, []),
    "google_cap_library/invalid.rss": (0, 0, set(), ["it neither links to an alert nor holds one"]),
    "google_cap_library/invalid_element.atom": (
        0, 0, set(), ["it neither links to an alert nor holds one"],
    ),
    "google_cap_library/no_entries.atom": (1, 0, set(), []),
    "google_cap_library/no_id.atom": (0, 0, set(), ["it neither links to an alert nor holds one"]),
    "google_cap_library/no_link.atom": (0, 0, set(), ["it neither links to an alert nor holds one"]),
    "google_cap_library/no_optional_fields.cap": (1, 0, set(), []),
    "google_cap_library/no_title.atom": (0, 0, set(), ["it neither links to an alert nor holds one"]),
    "google_cap_library/noaa_errors.cap": (1, 0, {"empty_polygon", "mended_polygon"}, []),
    "google_cap_library/ny_index.rss": (0, 2, set(), []),
    "google_cap_library/validator_examples/43b080713727.cap": (1, 0, set(), []),
    "google_cap_library/validator_examples/KAR0-0306112239-SW.cap": (1, 0, set(), []),
    "google_cap_library/wcatwc-warning.cap": (1, 0, set(), []),
    "google_cap_library/weather.atom": (1, 0, set(), []),
    "google_cap_library/weather.cap": (1, 0, set(), []),
    "google_cap_library/weather_index.atom": (0, 2, set(), []),
    "google_cap_library/weather_invalid.atom": (1, 0, {"bad_identifier"}, []),
    "google_cap_library/xee.atom": (0, 0, set(), "document type declaration"),
    "google_cap_library/xee.cap": (0, 0, set(), "document type declaration"),
    "ipaws/alabama_rwt_cancel_unsigned.xml": (1, 0, set(), []),
}  # fmt: skip


def read(document: bytes | str, context: Context = CONTEXT) -> Parsed:
    return cap.parse(document.encode() if isinstance(document, str) else document, context, OPTIONS)


def one(document: bytes | str) -> HazardIssued:
    parsed = read(document)
    assert parsed.faults == []
    (event,) = parsed.events
    assert isinstance(event, HazardIssued)
    return event


def first_info(document: str) -> HazardInfo:
    return one(document).infos[0]


# -- the corpus ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(CORPUS))
def test_every_document_of_the_corpus_becomes_what_the_table_says(name: str) -> None:
    events, links, flags, faults = CORPUS[name]
    body = samples(f"cap/{name}").read_bytes()
    if isinstance(faults, str):
        with pytest.raises(BadDocument, match=faults):
            read(body)
        return
    parsed = read(body)
    assert len(parsed.events) == events
    assert len(cap.links(body)) == links
    assert {flag for event in parsed.events for flag in event.flags} == flags
    assert [fault.why for fault in parsed.faults] == faults


def test_the_table_names_every_document_there_is() -> None:
    found = {
        path.relative_to(samples("cap")).as_posix()
        for path in samples("cap").rglob("*")
        if path.suffix in (".cap", ".atom", ".rss", ".edxlde", ".xml")
    }
    assert found == set(CORPUS)


def corpus_table() -> list[str]:
    """One line a document (name, events, links, flags, faults), for docs/samples.md."""
    lines = []
    for name, (events, links, flags, faults) in sorted(CORPUS.items()):
        words = f"refused: {faults}" if isinstance(faults, str) else "; ".join(faults)
        lines.append(f"| {name} | {events} | {links} | {', '.join(sorted(flags))} | {words} |")
    return lines


def test_the_corpus_table_has_a_line_a_document() -> None:
    assert len(corpus_table()) == len(CORPUS)


def test_iso_8859_1_is_read_in_its_own_encoding() -> None:
    event = one(samples("cap/google_cap_library/earthquake-iso8859-1.cap").read_bytes())
    assert "Usulután" in event.infos[0].headline


def test_the_tsunami_center_references_itself_under_another_sender() -> None:
    event = one(samples("cap/google_cap_library/wcatwc-warning.cap").read_bytes())
    assert event.references == (("PAAQ", "PAAQ-1-lqw6d6", "2011-09-02T10:55:55-00:00"),)
    assert event.sender.startswith("http")
    assert event.infos[0].language == "en-US"


def test_html_in_a_description_becomes_lines_of_text() -> None:
    event = one(samples("cap/google_cap_library/australia.cap").read_bytes())
    assert "<br" not in event.infos[0].text
    assert "LOCATION: 12 Cox Street, Yerong Creek\nCOUNCIL AREA: Lockhart" in event.infos[0].text


# -- identity and times -------------------------------------------------------------------------------


def test_the_key_is_sender_identifier_and_sent_as_written() -> None:
    event = one(alert(sender="bmkg", identifier="7", sent="2026-09-24T15:07:00+08:00"))
    assert event.source_id == "bmkg,7,2026-09-24T15:07:00+08:00"
    assert event.sent == event.observed_at == 1790233620.0
    assert event.flags == ()


@pytest.mark.parametrize(
    ("written", "seconds", "flags"),
    [
        ("2026-09-24T07:07:00-00:00", 1790233620.0, ()),
        ("2026-09-24T07:07:00Z", 1790233620.0, ("utc_z",)),
        ("2026-09-24T15:07:00", 1790233620.0, ("no_zone",)),
        ("2026-09-24T15:07:00.5+08:00", 1790233620.5, ("loose_time",)),
    ],
)
def test_times_other_than_the_spec_has_them_are_read_and_flagged(
    written: str, seconds: float, flags: tuple[str, ...]
) -> None:
    event = one(alert(sent=written))
    assert event.sent == seconds
    assert event.flags == flags


@pytest.mark.parametrize("tag", ["identifier", "sender", "sent", "msgType"])
def test_what_has_no_identity_time_or_type_is_a_fault_that_says_so(tag: str) -> None:
    parsed = read(alert(**{tag: ""}))
    assert parsed.events == []
    assert f"`{tag}` is missing" in parsed.faults[0].why


def test_an_unreadable_sent_is_a_fault_and_an_unreadable_expires_is_a_flag() -> None:
    assert "`sent`" in read(alert(sent="yesterday")).faults[0].why
    event = one(alert(info(expires="soon")))
    assert event.infos[0].expires is None
    assert event.flags == ("bad_expires",)


def test_one_bad_alert_does_not_cost_the_others() -> None:
    parsed = read(edxl(alert(identifier="a"), alert(identifier=""), alert(identifier="c")))
    assert [event.identifier for event in parsed.events if isinstance(event, HazardIssued)] == ["a", "c"]
    assert [fault.where for fault in parsed.faults] == ["alert 2"]


def test_an_identifier_with_spaces_or_commas_is_flagged() -> None:
    assert one(alert(identifier="a b,")).flags == ("bad_identifier",)


def test_an_identifier_of_a_megabyte_is_refused() -> None:
    assert "more than" in read(alert(identifier="x" * 1_000_000)).faults[0].why


# -- namespaces ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "uri",
    [
        "http://www.incident.com/cap/1.0",
        "urn:oasis:names:tc:emergency:cap:1.1",
        "urn:oasis:names:tc:emergency:cap:1.2",
    ],
)
def test_all_three_versions_are_read(uri: str) -> None:
    assert one(alert(info(), xmlns=uri)).flags == ()


def test_a_prefix_is_as_good_as_a_default_namespace() -> None:
    text = alert(info(), xmlns="urn:oasis:names:tc:emergency:cap:1.2")
    prefixed = text.replace("<", "<cap:").replace("<cap:/", "</cap:").replace("xmlns=", "xmlns:cap=")
    assert one(prefixed) == one(text)


def test_a_version_not_known_yet_is_read_and_flagged() -> None:
    assert one(alert(xmlns="urn:oasis:names:tc:emergency:cap:1.3")).flags == ("unknown_namespace",)


def test_another_vocabulary_is_a_fault_that_names_its_namespace() -> None:
    parsed = read(alert(xmlns="http://example.com/not-cap"))
    assert parsed.events == []
    assert "http://example.com/not-cap" in parsed.faults[0].why


def test_cap_1_0_writes_codes_as_name_equals_value() -> None:
    document = alert(
        info("<eventCode>SAME=SVR</eventCode>", area("<geocode>FIPS6=006109</geocode>")),
        xmlns="http://www.incident.com/cap/1.0",
    )
    assert first_info(document).codes == (("SAME", "SVR"),)
    assert first_info(document).areas[0].geocodes == (("FIPS6", "006109"),)


# -- words --------------------------------------------------------------------------------------------


def test_a_missing_scope_and_status_are_flagged_and_never_an_alarm() -> None:
    event = one(alert(scope="", status=""))
    assert event.status == "Unknown"
    assert event.flags == ("no_scope", "no_status")


def test_unknown_words_pass_as_they_are() -> None:
    event = one(alert(info(severity="Apocalyptic"), msgType="Advise"))
    assert (event.msg_type, event.infos[0].severity) == ("Advise", "Apocalyptic")
    assert event.flags == ("unknown_msgType", "unknown_severity")


def test_empty_words_are_unknown() -> None:
    found = first_info(alert(info(urgency="", severity="", certainty="")))
    assert (found.urgency, found.severity, found.certainty) == ("Unknown", "Unknown", "Unknown")


def test_very_likely_and_password_are_deprecated() -> None:
    assert first_info(alert(info(certainty="Very Likely"))).certainty == "Likely"
    assert one(alert("<password>secret</password>")).flags == ("deprecated",)
    assert "secret" not in repr(one(alert("<password>secret</password>")))


def test_the_language_defaults_to_american_english() -> None:
    assert first_info(alert(info(language=""))).language == "en-US"
    assert first_info(alert(info(language="id"))).language == "id"


def test_addresses_that_must_not_reach_a_board_are_left_out() -> None:
    event = one(alert(info("<web>javascript:alert(1)</web>")))
    assert event.infos[0].web == ""
    assert event.flags == ("bad_web",)


def test_hidden_characters_and_markup_are_taken_out_of_headlines() -> None:
    headline = first_info(
        alert(info(headline="Banjir \u202eTSUNAMI &lt;script&gt;x&lt;/script&gt;"))
    ).headline
    assert headline == "Banjir TSUNAMI x"


# -- references ---------------------------------------------------------------------------------------


def test_references_to_itself_and_to_the_future_are_left_out() -> None:
    sent = "2026-09-24T15:07:00+08:00"
    own, later, good = f"s,1,{sent}", "s,2,2026-09-24T15:08:00+08:00", "s,0,2026-09-24T14:00:00+08:00"
    event = one(
        alert(f"<references>{own} {later} {good} junk</references>", msgType="Update", sender="s", sent=sent)
    )
    assert event.references == (("s", "0", "2026-09-24T14:00:00+08:00"),)
    assert event.flags == ("bad_reference", "postdated_reference", "self_reference")


def test_an_update_without_references_is_flagged() -> None:
    assert one(alert(msgType="Update")).flags == ("no_references",)


# -- areas --------------------------------------------------------------------------------------------


def areas_of(*shapes: str) -> Any:
    event = one(alert(info(area(*shapes))))
    return event.infos[0].areas[0], event.flags


def test_polygons_and_circles_are_latitude_first() -> None:
    found, flags = areas_of(
        "<polygon>-5.0,110.0 -5.0,110.1 -5.1,110.1 -5.0,110.0</polygon>", "<circle>-5.05,110.05 2.5</circle>"
    )
    assert found.polygons == (((110.0, -5.0), (110.1, -5.0), (110.1, -5.1), (110.0, -5.0)),)
    assert found.circles == ((110.05, -5.05, 2.5),)
    assert flags == ()


def test_a_circle_of_radius_0_is_a_point() -> None:
    assert areas_of("<circle>-5,110 0</circle>")[0].circles == ((110.0, -5.0, 0.0),)


@pytest.mark.parametrize(
    ("polygon", "kept", "flag"),
    [
        ("", False, "empty_polygon"),
        ("-5,110 -5,111 -5,110", False, "short_polygon"),
        ("-5,110 -5,111 -6,111", True, "open_polygon"),
        ("-5,110 -6,111 -5,111 -6,110 -5,110", True, "self_crossing"),
        ("-5,110 -5,111, -6,111 -5,110", True, "mended_polygon"),
        ("110,-5 111,-5 111,-6 110,-5", False, "bad_polygon"),
        ("-5,110 -5,nan -6,111 -5,110", False, "bad_polygon"),
        ("-5,110 north -6,111 -5,110", False, "bad_polygon"),
    ],
)
def test_a_polygon_against_the_spec_is_flagged_and_its_area_stays(
    polygon: str, kept: bool, flag: str
) -> None:
    found, flags = areas_of(f"<polygon>{polygon}</polygon>")
    assert found.text == "Kota Contoh"
    assert bool(found.polygons) is kept
    assert flags == (flag,)


@pytest.mark.parametrize(
    "circle", ["", "-5,110", "-5 110 3", "110,-5 1", "-5,110 -1", "-5,110 inf", "-5,110 99999"]
)
def test_a_circle_against_the_spec_is_flagged(circle: str) -> None:
    found, flags = areas_of(f"<circle>{circle}</circle>")
    assert found.circles == ()
    assert flags == ("bad_circle",)


def test_a_polygon_of_a_million_points_is_thinned() -> None:
    ring = " ".join(f"{-5 - (i % 1000) / 1000:.3f},{110 + i / 200_000:.5f}" for i in range(200_000))
    found, flags = areas_of(f"<polygon>{ring}</polygon>")
    assert 1000 < len(found.polygons[0]) <= MAX_POINTS + 1
    assert "thinned" in flags


# -- envelopes and indexes ----------------------------------------------------------------------------


@pytest.mark.parametrize("envelope", ["Exercise", "Test", "System"])
def test_what_stands_in_an_envelope_of_an_exercise_is_no_real_alarm(envelope: str) -> None:
    event = one(edxl(alert(status="Actual"), status=envelope))
    assert event.status == envelope
    assert event.flags == ("envelope_status",)


def test_links_of_an_rss_and_an_atom_index() -> None:
    assert [
        link.url for link in cap.links(rss("a.cap", "b.cap").encode(), "https://cap.example/x/index")
    ] == [
        "https://cap.example/x/a.cap",
        "https://cap.example/x/b.cap",
    ]
    links = cap.links(atom("https://cap.example/1").encode())
    assert [link.url for link in links] == ["https://cap.example/1"]


def test_an_index_prefers_the_link_that_says_it_is_cap() -> None:
    found = cap.links(samples("cap/google_cap_library/earthquake_index.atom").read_bytes())
    assert found[0].url == "http://earthquake.usgs.gov/earthquakes/catalogs/cap/us2010apcd"


@pytest.mark.parametrize(
    "link", ["file:///etc/passwd", "ftp://x/y", "javascript:1", "http://[", "data:text/xml,x"]
)
def test_an_index_from_the_network_cannot_make_us_read_a_file(link: str) -> None:
    found = contents(rss(link).encode(), "https://cap.example/index")
    assert found.links == ()
    assert len(found.faults) == 1


@pytest.mark.parametrize("link", ["../secret.cap", "%2e%2e/secret.cap", "file:///etc/passwd"])
def test_an_index_on_disk_reaches_no_further_than_its_folder(link: str) -> None:
    assert contents(rss("a.cap", link).encode(), "file:///data/cap/index.rss").links[0].url.endswith("/a.cap")
    assert len(contents(rss("a.cap", link).encode(), "file:///data/cap/index.rss").links) == 1


# -- attacks and rubbish ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("<!DOCTYPE html><html><title>502</title></html>", "502"),
        ("<gpx/>", "<gpx>"),
        ("", "empty"),
        ('{"alert": 1}', "JSON"),
        (alert()[:-20], "broken"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><alert>&x;</alert>', "DTD"),
        ("<alert>" * 100_000, "deep"),
    ],
)
def test_what_is_no_cap_document_says_what_it_is(body: str, why: str) -> None:
    with pytest.raises(BadDocument, match=why):
        read(body)


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_no_text_in_an_alert_makes_the_parser_fail(sent: str, polygon: str, references: str) -> None:
    def plain(text: str) -> str:
        return "".join(c for c in text if c.isprintable()).translate({ord("<"): "", ord("&"): ""})

    parsed = read(
        alert(
            f"<references>{plain(references)}</references>",
            info(area(f"<polygon>{plain(polygon)}</polygon>", f"<circle>{plain(polygon)}</circle>")),
            sent=plain(sent),
        )
    )
    assert len(parsed.events) + len(parsed.faults) == 1


# -- visits -------------------------------------------------------------------------------------------


def visiting(url: str) -> AbstractAsyncContextManager[tuple[Outlet, FeedSupervisor]]:
    return supervised(cap.ADAPTER, OPTIONS, url)


async def test_a_visit_follows_the_index_and_fetches_each_alert_once() -> None:
    async with FaultyHttp() as server:
        server.script("/index.rss", ok(rss("/a.cap", "b.cap").encode()))
        server.script("/a.cap", ok(alert(identifier="a").encode()))
        server.script("/b.cap", ok(alert(identifier="b").encode()))
        async with visiting(server.url("/index.rss")) as (outlet, _):
            await wait_until(lambda: server.asked("/index.rss") > 4)
        assert outlet.identifiers() == ["a", "b"]
        assert (server.asked("/a.cap"), server.asked("/b.cap")) == (1, 1)


async def test_a_changed_entry_is_fetched_again() -> None:
    first, second = rss("/a.cap"), rss("/a.cap", date="Thu, 24 Sep 2026 16:07:00 +0800")
    async with FaultyHttp() as server:
        server.script("/index.rss", ok(first.encode()), ok(second.encode()))
        server.script("/a.cap", ok(alert(identifier="a").encode()), ok(alert(identifier="a2").encode()))
        async with visiting(server.url("/index.rss")) as (outlet, _):
            await wait_until(lambda: outlet.identifiers() == ["a", "a2"])


async def test_an_alert_that_fails_is_told_once_and_tried_until_it_comes() -> None:
    async with FaultyHttp() as server:
        gone = status("503 Service Unavailable")
        server.script("/index.rss", ok(rss("/a.cap", "/b.cap").encode()))
        server.script("/a.cap", ok(alert(identifier="a").encode()))
        server.script("/b.cap", gone, gone, gone, ok(alert(identifier="b").encode()))
        async with visiting(server.url("/index.rss")) as (outlet, supervisor):
            await wait_until(lambda: outlet.identifiers() == ["a", "b"])
            assert supervisor.health["feed"].state == "ok"
        assert len(outlet.faults) == 1
        assert outlet.faults[0].where.endswith("/b.cap")


async def test_a_feed_none_of_whose_alerts_can_be_read_says_so() -> None:
    async with FaultyHttp() as server:
        server.script("/index.rss", ok(rss("/a.cap").encode()))
        async with visiting(server.url("/index.rss")) as (_, supervisor):
            await wait_until(lambda: supervisor.health["feed"].state == "failing")
            assert "None of the 1 alerts" in supervisor.health["feed"].reason


async def test_an_index_cannot_make_us_ask_a_private_address() -> None:
    async with FaultyHttp() as server, FaultyHttp() as inside:
        inside.script("/a.cap", ok(alert(identifier="inside").encode()))
        server.script("/index.rss", ok(rss(inside.url("/a.cap"), "/b.cap").encode()))
        server.script("/b.cap", ok(alert(identifier="b").encode()))
        async with visiting(server.url("/index.rss")) as (outlet, _):
            await wait_until(lambda: outlet.identifiers() == ["b"] and len(outlet.faults) == 1)
        assert inside.asked("/a.cap") == 0


async def test_a_folder_of_captured_documents_is_read_like_a_feed(tmp_path: Path) -> None:
    (tmp_path / "index.rss").write_text(rss("linked/a.cap"))
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "a.cap").write_text(alert(identifier="a"))
    (tmp_path / "b.cap").write_text(alert(identifier="b"))
    (tmp_path / "broken.cap").write_text(alert(identifier="c")[:50])
    async with visiting(tmp_path.as_uri()) as (outlet, supervisor):
        await wait_until(lambda: {"a", "b"} <= set(outlet.identifiers()))
        await wait_until(lambda: supervisor.health["feed"].state == "ok")
        await wait_until(lambda: [fault.where for fault in outlet.faults] == ["broken.cap"])
        assert supervisor.health["feed"].faults == 1
        (tmp_path / "index.rss").unlink()
        (tmp_path / "b.cap").unlink()
        await wait_until(lambda: supervisor.health["feed"].state == "failing")
        assert supervisor.health["feed"].reason.startswith("broken.cap: The XML is broken")


async def test_a_file_that_is_taken_out_of_its_folder_meanwhile_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.cap").write_text(alert(identifier=name))

    def taken(url: str, folder: Path) -> list[Path]:
        found = list_files(url, folder)
        (tmp_path / "b.cap").unlink(missing_ok=True)
        return found

    monkeypatch.setattr("feeds.running.intake.list_files", taken)
    async with visiting(tmp_path.as_uri()) as (outlet, supervisor):
        await wait_until(lambda: supervisor.health["feed"].state is not None)
        assert supervisor.health["feed"].state == "ok"
        assert (outlet.identifiers(), outlet.faults) == (["a"], [])


async def test_a_lone_bad_file_is_named_in_the_reason(tmp_path: Path) -> None:
    (tmp_path / "xee.cap").write_text(alert(identifier="c")[:50])
    async with visiting((tmp_path / "xee.cap").as_uri()) as (_, supervisor):
        await wait_until(lambda: supervisor.health["feed"].state == "failing")
        assert supervisor.health["feed"].reason.startswith("xee.cap: The XML is broken")


def test_an_entry_in_an_entry_is_a_part_of_it() -> None:
    found = contents(b"<rss>" + b"<item>" * 90 + b"<a>kata </a>" * 500 + b"</item>" * 90 + b"</rss>")
    assert [fault.where for fault in found.faults] == ["item 1"]
    assert len(str(found.faults[0].record)) <= MAX_TITLE
