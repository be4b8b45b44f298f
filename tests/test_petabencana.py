"""feeds/petabencana: flooded areas, gauges and reports, as TopoJSON and GeoJSON have them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from feeds.base import Context, Parsed
from feeds.petabencana import MAX_OBSERVATIONS, PetabencanaOptions, parse, topojson
from feeds.petabencana.floods import LIFE_S
from wallboard.errors import BadDocument
from wallboard.events import GaugeRead, HazardIssued, IncidentReported, Present

NOW = datetime(2026, 1, 5, 3, 0, tzinfo=UTC).timestamp()
CONTEXT = Context(feed="peta", now=NOW, zone=ZoneInfo("Asia/Jakarta"), channel="PetaBencana")
RING = [[106.79, -6.16], [106.8, -6.16], [106.8, -6.15], [106.79, -6.15], [106.79, -6.16]]


def area(id: str = "5", name: str = "RW 09", parent: str = "CONTOH", **changes: Any) -> dict[str, Any]:
    properties = {
        "area_id": id,
        "geom_id": "9901010001009000",
        "area_name": name,
        "parent_name": parent,
        "city_name": "Kota Contoh",
        "state": 2,
        "last_updated": "2026-01-05T02:30:00.000Z",
    }
    geometry = changes.pop("geometry", {"type": "Polygon", "coordinates": [RING]})
    return {"type": "Feature", "properties": properties | changes, "geometry": geometry}


def report(**changes: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "pkey": "5519",
        "created_at": "2026-01-05T02:37:00.000Z",
        "source": "grasp",
        "status": "confirmed",
        "image_url": "https://images.example.id/1.jpg",
        "disaster_type": "flood",
        "report_data": {"flood_depth": 70, "report_type": "flood"},
        "tags": {"instance_region_code": "ID-JK", "local_area_id": "null"},
        "title": " ",
        "text": "Air naik, hubungi 0812-3456-7890",
    }
    geometry = changes.pop("geometry", {"type": "Point", "coordinates": [106.81, -6.13]})
    return {"type": "Feature", "properties": properties | changes, "geometry": geometry}


def gauge(*observations: Any, **changes: Any) -> dict[str, Any]:
    seen = list(observations) or [
        {"f1": "2026-01-05T01:00:00+07:00", "f2": 60, "f3": 4, "f4": "SIAGA IV "},
        {"f1": "2026-01-05T09:00:00+07:00", "f2": 90, "f3": 3, "f4": "SIAGA III "},
    ]
    properties = {"gaugeid": "TMA 1", "gaugenameid": "Bendung Contoh", "observations": seen}
    geometry = {"type": "Point", "coordinates": [106.83, -6.63]}
    return {"type": "Feature", "properties": properties | changes, "geometry": geometry}


def read(list: Any, *features: Any, complete: bool = True) -> Parsed:
    answer = {"statusCode": 200, "result": {"type": "FeatureCollection", "features": features}}
    return parse(msgspec.json.encode(answer), CONTEXT, PetabencanaOptions(list=list, complete=complete))


def floods(*features: Any) -> list[HazardIssued]:
    parsed = read("floods", *features)
    assert not parsed.faults
    return [event for event in parsed.events if isinstance(event, HazardIssued)]


# -- floods ------------------------------------------------------------------------------------------------


def test_the_flooded_areas_of_a_kelurahan_are_one_flood_as_deep_as_its_deepest() -> None:
    found = floods(
        area("5", "RW 09", state=3, last_updated="2026-01-05T02:50:00.000Z"),
        area("6", "RW 02"),
        area("7", "RW 11", state=1),
        area("8", "RW 01", parent="HILIR", state=4),
    )
    assert [event.thing for event in found] == ["Kota Contoh/CONTOH", "Kota Contoh/HILIR"]
    first, second = found
    assert first.infos[0].headline == "Banjir Contoh · 71–150 cm"
    assert first.infos[0].text == "71–150 cm: RW 09\n10–70 cm: RW 02\nKedalaman tidak diketahui: RW 11"
    assert first.sent == datetime(2026, 1, 5, 2, 50, tzinfo=UTC).timestamp()
    assert len(first.infos[0].areas[0].polygons) == 3
    assert [info.severity for info in (first.infos[0], second.infos[0])] == ["Moderate", "Severe"]
    assert [info.language for info in first.infos] == ["id", "en"]
    assert first.infos[1].headline == "Flood Contoh · 71–150 cm"
    assert first.infos[0].expires == NOW + LIFE_S


def test_water_of_unknown_depth_is_a_flood_without_a_grade() -> None:
    (event,) = floods(area(state=1))
    assert event.infos[0].severity == "Unknown"
    assert event.infos[0].headline == "Banjir Contoh · kedalaman tidak diketahui"


def test_the_list_says_who_is_still_flooded_and_an_empty_one_that_nobody_is() -> None:
    present = read("floods", area(), area(state=None), area(state=0, parent="KERING")).events[-1]
    assert isinstance(present, Present)
    assert (present.kind, present.ids) == ("hazard", ("Kota Contoh/CONTOH",))
    (present,) = read("floods").events
    assert isinstance(present, Present)
    assert present.ids == ()
    assert read("floods", complete=False).events == []


def test_an_area_that_says_no_state_is_not_dry() -> None:
    stateless = area("6", parent="LAIN")
    del stateless["properties"]["state"]
    for cut in (stateless, {"type": "Feature", "properties": None}):
        parsed = read("floods", area(), cut)
        assert [type(event) for event in parsed.events] == [HazardIssued]
        assert [fault.why.partition(":")[0] for fault in parsed.faults] == ["state"]


@pytest.mark.parametrize("wrong", [{"state": 9}, {"last_updated": None}, {"last_updated": "kemarin"}])
def test_an_area_that_cannot_be_read_declares_nobody_dry(wrong: dict[str, Any]) -> None:
    parsed = read("floods", area(), area("6", "RW 01", **wrong))
    assert [type(event) for event in parsed.events] == [HazardIssued]
    assert len(parsed.faults) == 1


@pytest.mark.parametrize(
    "geometry", [None, {"type": "Polygon", "coordinates": [[[1, 2], [3]]]}, {"type": "Point"}, "x"]
)
def test_an_area_without_a_shape_is_known_by_its_kelurahan(geometry: Any) -> None:
    (event,) = floods(area(geometry=geometry))
    assert (event.infos[0].areas[0].text, event.infos[0].areas[0].polygons) == ("Contoh", ())


# -- TopoJSON, which it answers unless asked otherwise -----------------------------------------------------


def topology(**changes: Any) -> dict[str, Any]:
    """Two areas that share an arc: a square cut in two, 0.001° on a grid."""
    properties = [area(id, name)["properties"] for id, name in (("5", "RW 09"), ("6", "RW 02"))]
    document: dict[str, Any] = {
        "type": "Topology",
        "transform": {"scale": [0.001, 0.001], "translate": [106.0, -6.0]},
        "arcs": [
            [[10, 0], [0, 10]],
            [[10, 10], [-10, 0], [0, -10], [10, 0]],
            [[10, 0], [10, 0], [0, 10], [-10, 0]],
        ],
        "objects": {
            "output": {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Polygon", "arcs": [[0, 1]], "properties": properties[0]},
                    {"type": "MultiPolygon", "arcs": [[[2, -1]]], "properties": properties[1]},
                ],
            }
        },
    }
    return document | changes


def test_shared_arcs_become_closed_rings_in_degrees() -> None:
    left, right = topojson.features(topology())
    assert [[round(n, 3) for n in pair] for pair in left["geometry"]["coordinates"][0]] == [
        [106.01, -6.0], [106.01, -5.99], [106.0, -5.99], [106.0, -6.0], [106.01, -6.0],
    ]  # fmt: skip
    ring = right["geometry"]["coordinates"][0][0]
    assert ring[0] == ring[-1]
    assert [round(n, 3) for n in ring[2]] == [106.02, -5.99]


def test_a_topology_is_read_as_geojson_is() -> None:
    answer = msgspec.json.encode({"statusCode": 200, "result": topology()})
    (event, _) = parse(answer, CONTEXT, PetabencanaOptions(list="floods")).events
    assert isinstance(event, HazardIssued)
    assert len(event.infos[0].areas[0].polygons) == 2


def test_a_point_of_a_grid_is_not_at_the_end_of_the_world() -> None:
    point = {"type": "Point", "coordinates": [0, 0], "properties": report()["properties"]}
    document = topology(
        objects={"output": {"type": "GeometryCollection", "geometries": [point]}},
        transform={"scale": [1, 1], "translate": [106.817276, -6.138229]},
        arcs=[],
    )
    answer = msgspec.json.encode({"statusCode": 200, "result": document})
    (event, _) = parse(answer, CONTEXT, PetabencanaOptions(list="reports")).events
    assert isinstance(event, IncidentReported)
    assert (event.lon, event.lat) == (106.817276, -6.138229)


def test_a_dry_day_is_a_topology_of_nothing_on_a_grid_of_nulls() -> None:
    nothing = {"output": {"type": "GeometryCollection", "geometries": []}}
    grid = {"scale": [None, None], "translate": [None, None]}
    dry = topology(objects=nothing, arcs=[], transform=grid, bbox=[None] * 4)
    assert topojson.features(dry) == []
    (present,) = parse(
        msgspec.json.encode({"statusCode": 200, "result": dry}), CONTEXT, PetabencanaOptions(list="floods")
    ).events
    assert isinstance(present, Present)
    assert present.ids == ()


def test_without_a_transform_positions_are_degrees() -> None:
    arcs = [[[106.0, -6.0], [106.1, -6.0], [106.1, -6.1], [106.0, -6.0]]]
    member = {"type": "Polygon", "arcs": [[0]], "properties": {}}
    document = {"type": "Topology", "arcs": arcs, "objects": {"x": member}}
    (feature,) = topojson.features(document)
    assert feature["geometry"]["coordinates"] == arcs[:1]
    assert feature["geometry"]["type"] == "Polygon"


def test_a_broken_arc_costs_only_the_areas_that_it_bounds() -> None:
    arcs = topology()["arcs"]
    left, right = topojson.features(topology(arcs=[arcs[0], [["x", 1]], arcs[2]]))
    assert left["geometry"] is None
    assert right["geometry"] is not None
    left, right = topojson.features(topology(arcs=[arcs[0], [{"x": 1}], arcs[2]]))
    assert (left["geometry"], right["geometry"] is None) == (None, False)


@pytest.mark.parametrize(
    "objects", [{"output": None}, {"output": {"type": "GeometryCollection", "geometries": ["x"]}}]
)
def test_what_is_no_geometry_is_a_fault_and_nobody_is_dry(objects: Any) -> None:
    answer = msgspec.json.encode({"statusCode": 200, "result": topology(objects=objects)})
    parsed = parse(answer, CONTEXT, PetabencanaOptions(list="floods"))
    assert (parsed.events, len(parsed.faults)) == ([], 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"arcs": None},
        {"objects": 3},
        {"objects": {}},
        {"objects": {"output": {"type": "GeometryCollection", "geometries": None}}},
        {"transform": {"scale": [1]}},
        {"transform": {"scale": "x", "translate": []}},
    ],
)
def test_what_is_no_topology_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadDocument):
        topojson.features(topology(**wrong))


def test_one_arc_in_a_thousand_rings_is_a_topology_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topojson, "MAX_LAID", 20)
    areas = [{"type": "Polygon", "arcs": [[0]] * 5}]
    topology = {
        "type": "Topology",
        "arcs": [RING],
        "objects": {"a": {"type": "GeometryCollection", "geometries": areas}},
    }
    with pytest.raises(BadDocument, match="areas have more than 20 positions"):
        topojson.features(topology)


def test_numbers_of_hundreds_of_digits_cost_only_their_areas() -> None:
    topology: dict[str, Any] = {"type": "Topology", "arcs": [[[10**400, 1], [1, 1]]]}
    place = {"type": "Point", "coordinates": [10**400, 1]}
    (feature,) = topojson.features(topology | {"objects": {"a": place}})
    assert feature["geometry"] is None
    with pytest.raises(BadDocument, match="scale and translate"):
        topojson.features(
            topology | {"objects": {"a": place}, "transform": {"scale": [10**400, 1], "translate": [0, 0]}}
        )


def test_a_gauge_whose_name_is_no_text_does_not_cost_the_others() -> None:
    parsed = read("floodgauges", gauge(gaugeid="1", gaugenameid={"a": 1}), gauge(gaugeid="2"))
    assert [event.source_id for event in parsed.events if isinstance(event, GaugeRead)] == ["2", "2"]
    assert len(parsed.faults) == 1


def test_a_topology_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topojson, "MAX_POSITIONS", 5)
    with pytest.raises(BadDocument, match="more than 5 positions"):
        topojson.features(topology())


# -- reports and gauges ------------------------------------------------------------------------------------


def test_a_report_says_how_deep_and_its_numbers_are_masked() -> None:
    event, present = read("reports", report()).events
    assert isinstance(event, IncidentReported)
    assert (event.source_id, event.title, event.category) == ("5519", "Banjir 70 cm", "flood")
    assert (event.lon, event.lat, event.status, event.status_raw) == (106.81, -6.13, "open", "confirmed")
    assert event.channel == "PetaBencana"
    assert event.opened_at == datetime(2026, 1, 5, 2, 37, tzinfo=UTC).timestamp()
    assert "7890" not in event.text
    assert isinstance(present, Present)
    assert (present.kind, present.ids) == ("incident", ("5519",))


@pytest.mark.parametrize("data", [None, "null", {}, {"flood_depth": None}, {"flood_depth": "null"}])
def test_a_report_without_a_depth_is_only_a_flood(data: Any) -> None:
    event = read("reports", report(report_data=data)).events[0]
    assert isinstance(event, IncidentReported)
    assert event.title == "Banjir"


def test_times_of_the_archive_have_no_zone_and_are_read_in_the_feeds() -> None:
    event = read("reports", report(created_at="2017-02-21T06:34:07.672")).events[0]
    assert isinstance(event, IncidentReported)
    assert event.opened_at == pytest.approx(datetime(2017, 2, 20, 23, 34, 7, 672000, tzinfo=UTC).timestamp())
    assert "no_zone" in event.flags


def test_a_report_without_its_key_is_a_fault_and_nobody_is_over() -> None:
    parsed = read("reports", report(), report(pkey=None))
    assert len(parsed.faults) == 1
    assert [type(event) for event in parsed.events] == [IncidentReported]


def test_a_gauge_brings_its_observations_with_their_own_times() -> None:
    *readings, present = read("floodgauges", gauge()).events
    assert isinstance(present, Present)
    assert [
        (each.value, each.level_raw, each.observed_at) for each in readings if isinstance(each, GaugeRead)
    ] == [
        (60.0, "SIAGA IV", datetime(2026, 1, 4, 18, 0, tzinfo=UTC).timestamp()),
        (90.0, "SIAGA III", datetime(2026, 1, 5, 2, 0, tzinfo=UTC).timestamp()),
    ]
    first = readings[0]
    assert isinstance(first, GaugeRead)
    assert (first.source_id, first.name, first.unit, first.lon, first.lat) == (
        "TMA 1", "Bendung Contoh", "cm", 106.83, -6.63,
    )  # fmt: skip


def test_an_observation_without_a_time_or_a_value_does_not_cost_the_others() -> None:
    parsed = read(
        "floodgauges", gauge({"f1": None, "f2": 1}, {"f1": "2026-01-05T09:00:00+07:00", "f2": None})
    )
    (reading, _) = parsed.events
    assert isinstance(reading, GaugeRead)
    assert reading.value is None
    assert [fault.why for fault in parsed.faults] == ["observed: is missing"]


def test_only_the_newest_observations_count() -> None:
    many = [{"f1": f"2026-01-05T{n // 60:02}:{n % 60:02}:00+07:00", "f2": n} for n in range(100)]
    *readings, _ = read("floodgauges", gauge(*many)).events
    assert next(each.value for each in readings if isinstance(each, GaugeRead)) == 100 - MAX_OBSERVATIONS


@pytest.mark.parametrize("wrong", [{"observations": None}, {"observations": []}, {"observations": "x"}])
def test_a_gauge_without_observations_is_a_fault_and_still_there(wrong: dict[str, Any]) -> None:
    parsed = read("floodgauges", gauge(**wrong))
    assert [fault.why.partition(":")[0] for fault in parsed.faults] == ["observations"]
    assert [type(event) for event in parsed.events] == [Present]


# -- what is no list ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (
            {"statusCode": 400, "error": "Bad Request", "message": "child admin fails"},
            "status 400: child admin",
        ),
        ({"statusCode": 200, "result": []}, "no GeoJSON"),
        ({"statusCode": 200}, "no GeoJSON"),
        ([1], "no GeoJSON"),
    ],
)
def test_what_is_no_list_is_refused(answer: Any, why: str) -> None:
    with pytest.raises(BadDocument, match=why):
        parse(msgspec.json.encode(answer), CONTEXT, PetabencanaOptions(list="floods"))


def test_a_status_that_is_written_as_a_text_is_one() -> None:
    answer = {"statusCode": "200", "result": {"type": "FeatureCollection", "features": []}}
    assert len(parse(msgspec.json.encode(answer), CONTEXT, PetabencanaOptions(list="floods")).events) == 1


def test_features_that_are_none_are_faults() -> None:
    for name in ("floods", "floodgauges", "reports"):
        assert len(read(name, "x", 3).faults) == 2
