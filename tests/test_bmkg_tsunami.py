"""feeds/bmkg/tsunami.py: bulletins of one tsunami, coast by coast, and what became of those of last year."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feeds import cap
from feeds.base import Context, Parsed
from feeds.bmkg.tsunami import TsunamiOptions, parse
from tests.hazard_documents import alert, area, info
from tests.worlds import OUTSIDE, small_world
from wallboard.engine import reduce
from wallboard.entities import Hazard
from wallboard.errors import BadDocument
from wallboard.events import AnyEvent, HazardIssued, Present

#: 09:10 of 22 November 2026 in Jakarta
NOW = datetime(2026, 11, 22, 2, 10, tzinfo=UTC).timestamp()
CONTEXT = Context("tsunami", NOW, ZoneInfo("Asia/Makassar"))
OPTIONS = TsunamiOptions()
AWAS = ("SUKABUMI", "AWAS", "09:32:00 WIB")
SIAGA = ("CILACAP BAGIAN BARAT", "SIAGA", "09:51:00 WIB")


def bulletin(*coasts: tuple[str, str, str], **changes: Any) -> str:
    """One info as InaTEWS writes it; an empty word leaves its element out."""
    words = {
        "event": "Gempabumi", "date": "22-11-26", "time": "09:00:00 WIB", "magnitude": "7.6",
        "area": "120 km BaratDaya CONTOH", "eventid": "20261122090500", "subject": "Warning Tsunami PD-1",
        "headline": "Peringatan Dini Tsunami di CONTOH", "description": "Gempa M7.6",
        "instruction1": "Evakuasi menyeluruh", "instruction2": "Evakuasi", "instruction3": "Jauhi pantai",
        "timesent": "22-11-26 09:05:00 WIB", "coordinates": "107.10,-8.40",
    } | changes  # fmt: skip
    point = f"<point><coordinates>{words.pop('coordinates')}</coordinates></point>"
    listed = "".join(f"<{name}>{text}</{name}>" for name, text in words.items() if text)
    areas = "".join(
        f"<wzarea><province>CONTOH</province><district>{name}</district><level>{level}</level>"
        f"<date>22-11-26</date><time>{at}</time></wzarea>"
        for name, level, at in coasts
    )
    return f"<info>{listed}{point}{areas}{changes.get('extra', '')}</info>"


def read(*bulletins: str, status: str = "Actual", options: TsunamiOptions = OPTIONS) -> Parsed:
    body = "".join(bulletins)
    xmlns = "urn:oasis:names:tc:emergency:cap:1.2"
    return parse(f'<alert xmlns="{xmlns}"><status>{status}</status>{body}</alert>'.encode(), CONTEXT, options)


def warnings(parsed: Parsed) -> list[HazardIssued]:
    return [event for event in parsed.events if isinstance(event, HazardIssued)]


def things(parsed: Parsed) -> tuple[str, ...]:
    present = parsed.events[-1]
    assert isinstance(present, Present)
    return present.ids


def test_each_level_is_a_warning_with_its_coasts_times_and_instruction() -> None:
    parsed = read(bulletin(AWAS, SIAGA, ("GARUT", "SIAGA", "09:40:00 WIB")))
    awas, siaga = warnings(parsed)
    assert (
        [awas.thing, siaga.thing] == ["20261122090500/AWAS", "20261122090500/SIAGA"] == list(things(parsed))
    )
    assert (awas.infos[0].severity, siaga.infos[0].severity) == ("Extreme", "Severe")
    assert awas.infos[0].headline == "Tsunami AWAS · tiba 10.32 · M7.6 120 km BaratDaya CONTOH"
    assert (awas.infos[0].instruction, siaga.infos[0].instruction) == ("Evakuasi menyeluruh", "Evakuasi")
    assert siaga.infos[0].areas[0].text == "CILACAP, GARUT"
    assert siaga.infos[0].areas[0].circles == ((107.1, -8.4, 0.0),)
    assert "GARUT: 22-11-26 09:40:00 WIB" in siaga.infos[0].text
    assert awas.sent == datetime(2026, 11, 22, 2, 5, tzinfo=UTC).timestamp()
    assert awas.infos[0].expires == awas.sent + OPTIONS.default_life


def test_a_later_bulletin_takes_the_place_though_its_id_and_its_earthquake_are_others() -> None:
    later = bulletin(
        ("SUKABUMI", "WASPADA", "09:32:00 WIB"),
        eventid="20261122090900",
        subject="Warning Tsunami PD-2",
        time="09:00:06 WIB",
        coordinates="107.18,-8.31",
        timesent="22-11-26 09:09:00 WIB",
    )
    for order in ([later, bulletin(AWAS)], [bulletin(AWAS), later]):
        (event,) = warnings(read(*order))
        assert (event.thing, event.infos[0].severity) == ("20261122090500/WASPADA", "Moderate")


@pytest.mark.parametrize(
    "end",
    [
        {"subject": "Warning Tsunami PD-4"},
        {
            "subject": "Warning Tsunami PD-3.1",
            "headline": "Peringatan Dini Tsunami dinyatakan TELAH BERAKHIR",
        },
    ],
)
def test_the_last_bulletin_ends_it(end: dict[str, str]) -> None:
    last = bulletin(AWAS, eventid="2", time="09:00:02 WIB", timesent="22-11-26 09:08:00 WIB", **end)
    parsed = read(last, bulletin(AWAS))
    assert (warnings(parsed), things(parsed)) == ([], ())


@pytest.mark.parametrize(
    "words",
    [
        "Peringatan dini belum dinyatakan berakhir",
        "Gempa M7.6. Jauhi pantai hingga peringatan dini tsunami dinyatakan berakhir oleh BMKG.",
        "Kembalilah setelah peringatan dinyatakan telah berakhir",
    ],
)
def test_until_when_it_holds_is_not_its_end(words: str) -> None:
    assert len(warnings(read(bulletin(AWAS, description=words)))) == 1
    assert len(warnings(read(bulletin(AWAS, headline=words)))) == 1
    assert warnings(read(bulletin(AWAS, description=f"{words}.\nPeringatan ini telah berakhir."))) == []


def test_another_earthquake_is_another_tsunami() -> None:
    other = bulletin(AWAS, eventid="3", coordinates="127.10,1.40")
    assert len(warnings(read(bulletin(AWAS), other))) == 2


def test_bulletins_of_last_year_warn_nobody() -> None:
    old = bulletin(AWAS, date="22-11-25", timesent="22-11-25 09:05:00 WIB")
    assert warnings(read(old)) == []
    assert warnings(read(bulletin(AWAS), options=TsunamiOptions(default_life=60.0))) == []


def test_a_bulletin_without_coasts_is_a_warning_all_the_same() -> None:
    (event,) = warnings(read(bulletin()))
    assert (event.thing, event.infos[0].severity) == ("20261122090500", "Severe")
    assert event.infos[0].headline == "Tsunami · M7.6 120 km BaratDaya CONTOH"
    assert event.infos[0].text.startswith("Peringatan Dini Tsunami di CONTOH")


def test_a_wave_that_was_seen_is_observed() -> None:
    (event,) = warnings(read(bulletin(AWAS, extra="<obsarea><location>X</location></obsarea>")))
    assert event.infos[0].certainty == "Observed"


@pytest.mark.parametrize(
    "written", ["2026-11-22T09:05:00WIB", "22-Nov-26 09:05:00WIB", "22/11/2026 09:05:00 WIB"]
)
def test_times_are_read_however_they_are_written(written: str) -> None:
    (event,) = warnings(read(bulletin(AWAS, timesent=written)))
    assert event.sent == datetime(2026, 11, 22, 2, 5, tzinfo=UTC).timestamp()


def test_without_a_time_of_sending_that_of_the_earthquake_counts() -> None:
    (event,) = warnings(read(bulletin(AWAS, timesent="baru saja")))
    assert event.sent == datetime(2026, 11, 22, 2, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"timesent": "", "date": "", "time": ""}, "it has no time that can be read"),
        ({"eventid": ""}, "eventid is missing"),
    ],
)
def test_a_bulletin_that_cannot_be_read_declares_nothing_over(changes: dict[str, str], why: str) -> None:
    parsed = read(bulletin(AWAS), bulletin(SIAGA, **changes))
    assert [fault.why for fault in parsed.faults] == [why]
    assert all(isinstance(event, HazardIssued) for event in parsed.events)


def test_a_drill_is_a_drill() -> None:
    (event,) = warnings(read(bulletin(AWAS), status="Exercise"))
    assert event.status == "Exercise"


@pytest.mark.parametrize("body", ["<rss/>", "<alert><info><language>id</language></info></alert>"])
def test_what_is_no_list_of_bulletins_is_refused(body: str) -> None:
    with pytest.raises(BadDocument):
        parse(body.encode(), CONTEXT, OPTIONS)


def test_an_empty_list_says_that_there_is_none() -> None:
    assert read().events == [Present(feed="tsunami", source_id="", received_at=NOW, kind="hazard", ids=())]


# -- what it becomes on the wall, and CAP of other centres -------------------------------------------------


def shown(*events: AnyEvent) -> list[Hazard]:
    world = small_world()
    reduce.apply(world, events, NOW)
    return sorted(world.all(Hazard), key=lambda hazard: hazard.identifier)


def test_the_coast_of_the_city_is_the_city_and_the_others_lie_outside() -> None:
    parsed = read(bulletin(("TANGGUL", "AWAS", "09:32:00 WIB"), ("CILACAP", "SIAGA", "09:50:00 WIB")))
    ours, theirs = shown(*parsed.events)
    assert (ours.where, ours.level, {cover.code[:8] for cover in ours.districts}) == (
        "city",
        "danger",
        {"99.01.02"},
    )
    assert ours.scope[0] == "d:99.01.02"
    assert (theirs.where, theirs.districts) == ("outside", ())


def test_a_cap_bulletin_with_the_point_of_the_earthquake_warns_whom_it_names() -> None:
    point = f"<circle>{OUTSIDE[1]},{OUTSIDE[0]} 0</circle>"
    body = alert(
        info(area(point, name="Kota Contoh"), severity="Extreme", expires="2036-11-22T12:00:00-00:00")
    )
    (hazard,) = shown(*cap.parse(body.encode(), CONTEXT, cap.CapOptions()).events)
    assert (hazard.where, len(hazard.districts), hazard.level) == ("city", 8, "danger")
    assert hazard.geometry is not None
    elsewhere = alert(info(area(point, name="Alaska"), expires="2036-11-22T12:00:00-00:00"))
    (hazard,) = shown(*cap.parse(elsewhere.encode(), CONTEXT, cap.CapOptions()).events)
    assert hazard.where == "outside"
