"""feeds/wzdx.py: what of the roads is closed now."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feeds.base import Context, Parsed
from feeds.registry import feed_options
from feeds.wzdx import parse
from wallboard.errors import BadDocument
from wallboard.events import IncidentReported, Present

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC).timestamp()
CONTEXT = Context(feed="kerja", now=NOW, zone=ZoneInfo("Asia/Jakarta"))


def zone(id: str | None = "z-1", **changes: Any) -> dict[str, Any]:
    core = {
        "event_type": "work-zone", "data_source_id": "1", "road_names": ["Jl. Contoh", "Jl. Hilir"],
        "direction": "northbound", "name": "Galian pipa", "description": "Galian di lajur kiri",
        "update_date": "2026-11-22T01:00:00Z", **changes.pop("core", {}),
    }  # fmt: skip
    properties = {
        "core_details": core, "start_date": "2026-11-20T00:00:00Z", "end_date": "2026-11-30T00:00:00Z",
        "is_start_date_verified": False, "is_end_date_verified": False, "is_start_position_verified": False,
        "is_end_position_verified": False, "vehicle_impact": "some-lanes-closed",
        "location_method": "channel-device-method", **changes.pop("properties", {}),
    }  # fmt: skip
    geometry = {"type": "LineString", "coordinates": [[106.80, -6.2], [106.82, -6.2], [106.84, -6.2]]}
    return {"id": id, "type": "Feature", "properties": properties, "geometry": geometry, **changes}


def document(*zones: Any) -> dict[str, Any]:
    source = {"data_source_id": "1", "organization_name": "Dinas Contoh"}
    info = {
        "update_date": "2026-11-22T01:59:00Z", "publisher": "Dinas Contoh", "version": "4.2",
        "data_sources": [source],
    }  # fmt: skip
    return {"feed_info": info, "type": "FeatureCollection", "features": list(zones)}


def read(*zones: Any, **options: Any) -> Parsed:
    return parse(json.dumps(document(*zones)).encode(), CONTEXT, feed_options("wzdx", options))


def ids(parsed: Parsed) -> list[str]:
    return [event.source_id for event in parsed.events if isinstance(event, IncidentReported)]


def dates(start: str, end: str) -> dict[str, Any]:
    return {"start_date": f"2026-11-{start}Z", "end_date": f"2026-11-{end}Z"}


def test_a_work_zone_is_an_incident_until_its_end_in_the_middle_of_its_line() -> None:
    event, present = read(zone()).events
    assert isinstance(event, IncidentReported)
    assert event.lon == pytest.approx(106.82)
    assert (event.title, event.text) == (
        "Sebagian lajur ditutup – Jl. Contoh, Jl. Hilir", "Galian pipa. Galian di lajur kiri",
    )  # fmt: skip
    assert (event.category, event.address) == ("some-lanes-closed", "Jl. Contoh, Jl. Hilir")
    assert (event.opened_at, event.expected_at) == (NOW - 50 * 3600, NOW + 190 * 3600)
    assert event.observed_at == NOW - 3600
    assert present == Present(feed="kerja", source_id="", received_at=NOW, kind="incident", ids=("z-1",))


def test_what_is_planned_and_what_is_past_is_not_now() -> None:
    zones = [
        zone("lalu", properties=dates("01T00:00:00", "22T02:00:00")),
        zone("kini", properties=dates("22T02:00:00", "22T03:00:00")),
        zone("nanti", properties=dates("22T02:30:00", "25T00:00:00")),
    ]
    assert ids(read(*zones)) == ["kini"]
    assert ids(read(*zones, ahead="30min")) == ["kini", "nanti"]


def test_a_zone_whose_times_cannot_be_read_is_shown_and_marked() -> None:
    (event, _) = read(zone(properties={"end_date": "entah"})).events
    assert event.flags == ("bad_time",)


def test_a_detour_is_not_where_something_happens() -> None:
    detour = zone("d", core={"event_type": "detour"}, properties={"vehicle_impact": None})
    assert ids(read(detour)) == []
    (event, _) = read(detour, events=["detour"]).events
    assert getattr(event, "title", "") == "Jalan alihan – Jl. Contoh, Jl. Hilir"


def test_words_are_the_impacts_else_the_events_and_the_city_may_choose() -> None:
    closed = zone(properties={"vehicle_impact": "all-lanes-closed"})
    titles = [
        getattr(read(each, words=words).events[0], "category_name", "")
        for each, words in (
            (closed, {}),
            (closed, {"all-lanes-closed": "Tutup total"}),
            (zone(properties={"vehicle_impact": "unknown"}), {}),
            (zone(properties={"vehicle_impact": "something-new"}), {}),
        )
    ]
    assert titles == ["Jalan ditutup", "Tutup total", "Pekerjaan jalan", "Pekerjaan jalan"]


def test_before_version_4_all_stood_among_the_properties() -> None:
    old = {
        "type": "Feature", "geometry": {"type": "MultiPoint", "coordinates": [[106.8, -6.2], [106.9, -6.2]]},
        "properties": {
            "road_event_id": "lama", "event_type": "work-zone", "road_name": "Jl. Lama", "description": "x",
            **dates("01T00:00:00", "30T00:00:00"),
        },
    }  # fmt: skip
    (event, _) = read(old).events
    assert isinstance(event, IncidentReported)
    assert (event.source_id, event.lon, event.title) == ("lama", 106.8, "Pekerjaan jalan – Jl. Lama")


def test_exchanged_coordinates_are_not_mended_here() -> None:
    (event, _) = read(zone(geometry={"type": "MultiPoint", "coordinates": [[-6.2, 106.8]]})).events
    assert isinstance(event, IncidentReported)
    assert (event.lon, event.lat) == (-6.2, 106.8)


@pytest.mark.parametrize("bad", ["text", None, {}, {"properties": []}, zone(id=None), zone(id="x" * 300)])
def test_a_bad_feature_does_not_spoil_the_others_and_nobody_is_declared_gone(bad: Any) -> None:
    parsed = read(bad, zone("baik"))
    assert ids(parsed) == ["baik"]
    assert len(parsed.faults) == 1
    assert not any(isinstance(event, Present) for event in parsed.events)


@pytest.mark.parametrize(
    "core", [{"road_names": {"a": 1}}, {"name": [[]]}, {"description": {}}, {"update_date": "x"}]
)
def test_a_zone_with_one_wrong_part_is_kept(core: dict[str, Any]) -> None:
    assert ids(read(zone(core=core))) == ["z-1"]


def test_what_does_not_say_what_it_is_is_over_when_its_time_is() -> None:
    past = zone("lalu", core={"event_type": None}, properties=dates("01T00:00:00", "22T02:00:00"))
    now = zone("kini", core={"event_type": 5})
    assert ids(read(zone("baik"), past, now)) == ["baik", "kini"]


def test_an_empty_feed_says_that_all_is_over_and_other_geojson_is_refused() -> None:
    assert [type(event) for event in read().events] == [Present]
    for other in (
        {"type": "FeatureCollection", "features": []},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"a": 1}}]},
        {"feed_info": {}, "type": "x"},
    ):
        with pytest.raises(BadDocument):
            parse(json.dumps(other).encode(), CONTEXT, feed_options("wzdx", {}))
