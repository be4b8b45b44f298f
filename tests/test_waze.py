"""feeds/waze/: the partner feed's alerts and jams, with the traps that it has."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from feeds.base import Context, Parsed
from feeds.registry import feed_options
from feeds.waze import WazeOptions, parse
from tests.samples import samples
from wallboard.errors import BadDocument
from wallboard.events import IncidentReported, Present

NOW = 1_790_000_000.0
CONTEXT = Context(feed="waze", now=NOW, zone=ZoneInfo("Asia/Jakarta"), channel="Waze")


def alert(**changes: Any) -> dict[str, Any]:
    return {
        "uuid": "a-1", "type": "ACCIDENT", "subtype": "ACCIDENT_MAJOR", "street": "Jl. Contoh",
        "city": "Kota", "location": {"x": 106.81, "y": -6.21}, "pubMillis": int((NOW - 600) * 1000),
        "reliability": 7, "confidence": 3, "reportByMunicipalityUser": "False", **changes,
    }  # fmt: skip


def jam(**changes: Any) -> dict[str, Any]:
    return {
        "uuid": 1_234_567, "level": 4, "speedKMH": 6.4, "delay": 540, "length": 1_250,
        "street": "Jl. Panjang",
        "line": [{"x": 106.80, "y": -6.20}, {"x": 106.82, "y": -6.20}, {"x": 106.84, "y": -6.20}],
        "pubMillis": int((NOW - 1200) * 1000), **changes,
    }  # fmt: skip


def read(*, alerts: Any = (), jams: Any = (), options: WazeOptions | None = None, **more: Any) -> Parsed:
    document = {"alerts": alerts, "jams": jams, "endTimeMillis": int((NOW - 30) * 1000), **more}
    return parse(msgspec.json.encode(document), CONTEXT, options or WazeOptions())


def incidents(parsed: Parsed) -> list[IncidentReported]:
    return [event for event in parsed.events if isinstance(event, IncidentReported)]


def test_an_alert_is_an_incident_where_x_is_the_longitude_and_millis_its_beginning() -> None:
    (event,) = incidents(read(alerts=[alert()]))
    assert event == IncidentReported(
        feed="waze", source_id="a-1", received_at=NOW, observed_at=NOW - 30,
        title="Kecelakaan berat – Jl. Contoh Kota", category="ACCIDENT_MAJOR",
        category_name="Kecelakaan berat",
        channel="Waze", lon=106.81, lat=-6.21, address="Jl. Contoh Kota", opened_at=NOW - 600,
    )  # fmt: skip


def test_a_jam_lies_in_the_middle_of_its_line_and_says_how_bad_it_is() -> None:
    (event,) = incidents(read(jams=[jam()]))
    assert (event.source_id, event.lat) == ("jam-1234567", -6.20)
    assert event.lon == pytest.approx(106.82)
    assert (event.title, event.text) == ("Macet parah – Jl. Panjang", "1,2 km · 6 km/jam · +9 menit")
    assert (event.category, event.opened_at) == ("JAM_LEVEL_4", NOW - 1200)


def test_a_delay_of_minus_one_is_a_closed_road_and_no_negative_time() -> None:
    (event,) = incidents(read(jams=[jam(level=5, delay=-1, speedKMH=0, length=300)]))
    assert (event.title, event.text) == ("Tidak dapat dilalui – Jl. Panjang", "300 m · ditutup")


def test_what_is_not_in_the_document_any_more_is_over() -> None:
    parsed = read(alerts=[alert()], jams=[jam()])
    assert parsed.events[-1] == Present(
        feed="waze", source_id="", received_at=NOW, kind="incident", ids=("a-1", "jam-1234567")
    )
    quiet = parse(msgspec.json.encode({"endTimeMillis": int(NOW * 1000)}), CONTEXT, WazeOptions())
    assert [event.ids for event in quiet.events if isinstance(event, Present)] == [()]


def test_an_alert_without_identity_may_be_any_so_that_nobody_is_declared_gone() -> None:
    parsed = read(alerts=[alert(uuid=None), alert()])
    assert [type(event) for event in parsed.events] == [IncidentReported]
    assert [fault.where for fault in parsed.faults] == ["alerts[0]"]


def test_jams_that_are_every_evenings_traffic_are_left_out_and_how_many_is_configured() -> None:
    jams = [jam(uuid=level, level=level) for level in range(6)]
    assert [event.source_id for event in incidents(read(jams=jams))] == ["jam-4", "jam-5"]
    assert len(incidents(read(jams=jams, options=WazeOptions(min_level=0)))) == 6
    assert incidents(read(jams=jams, options=WazeOptions(jams=False))) == []


@pytest.mark.parametrize(
    ("said", "kept"), [("False", False), ("false", False), (False, False), ("True", True), (True, True)]
)
def test_the_citys_own_people_are_trusted_and_the_text_false_is_not_true(said: Any, kept: bool) -> None:
    options = WazeOptions(min_reliability=8)
    parsed = read(alerts=[alert(reportByMunicipalityUser=said)], options=options)
    assert bool(incidents(parsed)) is kept


def test_police_and_drivers_own_jam_reports_are_left_out_unless_wanted() -> None:
    alerts = [
        alert(uuid="p", type="POLICE", subtype=""),
        alert(uuid="j", type="JAM", subtype="JAM_HEAVY_TRAFFIC"),
    ]
    assert incidents(read(alerts=alerts)) == []
    assert len(incidents(read(alerts=alerts, options=WazeOptions(without=())))) == 2


def test_words_are_the_subtypes_else_the_types_else_the_sources_and_the_city_may_choose() -> None:
    alerts = [
        alert(uuid="1", type="HAZARD", subtype="HAZARD_WEATHER_FLOOD", street="", city=""),
        alert(uuid="2", type="HAZARD", subtype="HAZARD_NEW_KIND", street="", city=""),
        alert(uuid="3", type="NEW", subtype="", street="", city=""),
    ]
    assert [event.title for event in incidents(read(alerts=alerts))] == [
        "Banjir di jalan", "Bahaya di jalan", "NEW",
    ]  # fmt: skip
    own = WazeOptions(words={"HAZARD_WEATHER_FLOOD": "Genangan"})
    assert incidents(read(alerts=alerts, options=own))[0].title == "Genangan"


def test_a_feed_that_stands_still_is_no_picture_of_now() -> None:
    with pytest.raises(BadDocument, match="20 minutes old"):
        read(alerts=[alert()], endTimeMillis=int((NOW - 1200) * 1000))


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"error": "denied"}', b'{"alerts": {}}', b"<html>", b""])
def test_what_is_no_partner_feed_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument):
        parse(body, CONTEXT, WazeOptions())


@pytest.mark.parametrize(
    "hostile",
    [
        "text", None, [], {"uuid": {}}, alert(location=None), alert(location={"x": "a", "y": []}),
        alert(pubMillis="kapan"), alert(street=["x" * 9999]), alert(type=None, subtype=None, street=None),
        alert(street={"a": 1}), alert(uuid="x" * 500),
    ],
)  # fmt: skip
def test_one_bad_alert_does_not_spoil_the_others(hostile: Any) -> None:
    parsed = read(alerts=[hostile, alert(uuid="baik")])
    assert "baik" in [event.source_id for event in incidents(parsed)]
    assert len(incidents(parsed)) + len(parsed.faults) == 2


@pytest.mark.parametrize("line", [None, [], [{}], [{"x": 1}], "x", [{"x": None, "y": 1}] * 3, [[1, 2]]])
def test_a_jam_whose_line_cannot_be_read_is_kept_and_marked(line: Any) -> None:
    (event,) = incidents(read(jams=[jam(line=line)]))
    assert (event.lon, event.lat, event.flags) == (None, None, ("bad_coordinates",))


def test_a_number_without_end_does_not_spoil_the_document() -> None:
    endless = 10**400
    document = {
        "alerts": [alert(), alert(uuid="b", reliability=endless)],
        "jams": [jam(level=endless), jam(uuid=2, line=[{"x": endless, "y": 1}] * 2)],
        "endTimeMillis": endless,
    }
    parsed = parse(json.dumps(document).encode(), CONTEXT, WazeOptions())
    assert [event.source_id for event in incidents(parsed)] == ["a-1", "b", "jam-1234567", "jam-2"]


def test_a_drivers_telephone_number_does_not_pass() -> None:
    (event,) = incidents(read(alerts=[alert(reportDescription="hubungi 081234567890")]))
    assert "34567" not in event.text


def test_the_real_excerpt() -> None:
    payload = samples("incidents/waze/partner_feed_alerts_excerpt.json").read_bytes()
    parsed = parse(payload, CONTEXT, WazeOptions())
    assert [(event.title, event.lon) for event in incidents(parsed)] == [
        ("Jalan ditutup, acara – São Caetano do Sul", -46.578823),
        ("Bahaya di jalan – R. Major Carlos Del Prete São Caetano do Sul", -46.576392),
    ]
    assert not parsed.faults


def test_its_options_are_checked() -> None:
    assert feed_options("waze", {"min_level": 5}) == WazeOptions(min_level=5)
