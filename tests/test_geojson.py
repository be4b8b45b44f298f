"""feeds/geojson.py: features to incidents, each with one point on it."""

from __future__ import annotations

from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.base import Context, Parsed
from feeds.geojson import MAX_VERTICES, GeojsonOptions, parse, representative_point
from tests.samples import samples
from tests.worlds import MIDDLES, small_boundaries
from wallboard.errors import BadDocument
from wallboard.events import IncidentReported, Present
from wallboard.geofence import Geofence

CONTEXT = Context("jalan", 1_790_000_000.0, ZoneInfo("Asia/Jakarta"))


def feature(id: Any = "1", geometry: Any = None, **properties: Any) -> dict[str, Any]:
    """A feature with our own names for its properties."""
    return {
        "type": "Feature",
        "id": id,
        "geometry": geometry,
        "properties": {"title": "Pohon tumbang"} | properties,
    }


def point(lon: Any, lat: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def of(*features: Any, options: Any = None, **members: Any) -> Parsed:
    document = {"type": "FeatureCollection", "features": list(features)} | members
    return parse(msgspec.json.encode(document), CONTEXT, msgspec.convert(options or {}, GeojsonOptions))


def incidents(parsed: Parsed) -> list[IncidentReported]:
    return [event for event in parsed.events if isinstance(event, IncidentReported)]


def test_properties_of_our_own_names_need_no_mapping() -> None:
    parsed = of(
        feature(
            "7", point(110.01, -5.01), text="Menutup jalan", status="closed", observed="2026-09-21T08:00:00Z"
        )
    )
    assert parsed == Parsed(
        [
            IncidentReported(
                feed="jalan",
                source_id="7",
                received_at=CONTEXT.now,
                observed_at=1789977600.0,
                title="Pohon tumbang",
                text="Menutup jalan",
                status="closed",
                status_raw="closed",
                lon=110.01,
                lat=-5.01,
            )
        ]
    )


def test_a_mapping_sees_the_whole_feature() -> None:
    options = {"mapping": {"fields": {"id": "properties.kode", "title": "properties.judul"}}}
    item = feature(None, point(110.01, -5.01), kode=12, judul="Jalan berlubang")
    (event,) = incidents(of(item, options=options))
    assert (event.source_id, event.title) == ("12", "Jalan berlubang")


def test_an_old_crs_member_is_harmless() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    (event,) = incidents(of(feature("1", point(110.01, -5.01)), crs=crs))
    assert (event.lon, event.lat) == (110.01, -5.01)


def test_coordinates_may_be_texts_and_have_an_altitude() -> None:
    (event,) = incidents(of(feature("1", {"type": "Point", "coordinates": ["106.747768", "-6.154056", 12]})))
    assert (event.lon, event.lat) == (106.747768, -6.154056)


def test_exchanged_coordinates_are_left_for_the_geofence_to_flag() -> None:
    lon, lat = MIDDLES["99.01.01.1001"]
    (event,) = incidents(of(feature("1", point(lat, lon))))
    place = Geofence(small_boundaries()).locate(event.lon, event.lat)
    assert (place.confidence, place.flags) == ("outside", ("swapped_suspected",))


def test_a_feature_without_a_place_is_kept() -> None:
    (event,) = incidents(of(feature("1", None, address="Jl. Pelabuhan 1")))
    assert (event.lon, event.address, event.flags) == (None, "Jl. Pelabuhan 1", ())


@pytest.mark.parametrize(
    "geometry",
    [
        "Point",
        {"type": "Point"},
        {"type": "Point", "coordinates": [1]},
        {"type": "Circle", "coordinates": [1, 2]},
        {"type": "LineString", "coordinates": [[1, "x"], [2, 3]]},
        {"type": "LineString", "coordinates": [[1, 2]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"type": "Polygon", "coordinates": []},
        {"type": "MultiPolygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"type": "GeometryCollection", "geometries": []},
        {"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection", "geometries": []}]},
        {"type": "LineString", "coordinates": [[0.0, 0.0]] * (MAX_VERTICES + 1)},
    ],
)
def test_a_broken_or_endless_geometry_is_flagged_and_costs_no_report(geometry: Any) -> None:
    (event,) = incidents(of(feature("1", geometry)))
    assert (event.lon, event.flags) == (None, ("bad_coordinates",))


def test_a_line_lies_at_the_middle_of_its_length() -> None:
    line = {"type": "LineString", "coordinates": [[0, 0], [0, 4], [2, 4]]}
    assert representative_point(line) == (0.0, 3.0)


def test_the_longest_of_several_lines_counts() -> None:
    lines = {"type": "MultiLineString", "coordinates": [[[9, 9], [9, 10]], [[0, 0], [4, 0]]]}
    assert representative_point(lines) == (2.0, 0.0)


@pytest.mark.parametrize(
    "rings",
    [
        [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], [[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]]],
        [[[0, 0], [6, 0], [6, 1], [1, 1], [1, 5], [6, 5], [6, 6], [0, 6], [0, 0]]],
    ],
)
def test_the_point_of_an_area_lies_on_it_though_its_middle_does_not(rings: Any) -> None:
    area = {"type": "Polygon", "coordinates": rings}
    assert shapely.geometry.shape(area).contains(shapely.Point(representative_point(area)))


def test_corners_in_no_order_do_not_hold_up_all_feeds() -> None:
    dice = Random(1)
    ring = [[dice.uniform(110, 111), dice.uniform(-6, -5)] for _ in range(MAX_VERTICES - 1)]
    lon, lat = representative_point({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
    assert 110 < lon < 111
    assert -6 < lat < -5


def test_an_area_that_crosses_itself_has_a_point_all_the_same() -> None:
    (event,) = incidents(
        of(feature("1", {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}))
    )
    assert event.lon is not None
    assert event.flags == ()


def test_a_complete_list_says_who_is_present_unreadable_reports_too() -> None:
    unreadable = feature("2")
    unreadable["properties"] = {}
    parsed = of(feature("1"), unreadable, feature("1"), options={"complete": True})
    assert parsed.events[-1] == Present(
        feed="jalan", source_id="", received_at=CONTEXT.now, kind="incident", ids=("1", "2")
    )
    assert [(fault.where, fault.why.split(":")[0]) for fault in parsed.faults] == [("feature 1", "title")]


def test_nobody_is_declared_gone_while_an_identity_cannot_be_read() -> None:
    parsed = of(feature("1"), feature(None), options={"complete": True})
    assert [type(event) for event in parsed.events] == [IncidentReported]
    assert [fault.why for fault in parsed.faults] == ["id: is missing"]


def test_an_empty_complete_list_means_that_all_is_over() -> None:
    assert of(options={"complete": True}).events == [
        Present(feed="jalan", source_id="", received_at=CONTEXT.now, kind="incident", ids=())
    ]


def test_a_single_feature_is_a_document() -> None:
    assert len(parse(msgspec.json.encode(feature("1")), CONTEXT, GeojsonOptions()).events) == 1


@pytest.mark.parametrize(
    "payload",
    [
        b"[]",
        b"{}",
        b'{"type": "Topology", "objects": {}}',
        b'{"type": "FeatureCollection"}',
        b"<html></html>",
        b'{"type',
    ],
)
def test_what_is_no_geojson_is_refused(payload: bytes) -> None:
    with pytest.raises(BadDocument):
        parse(payload, CONTEXT, GeojsonOptions())


def test_records_have_no_path_of_their_own_in_geojson() -> None:
    with pytest.raises(msgspec.ValidationError, match="its features"):
        msgspec.convert({"mapping": {"records": "x"}}, GeojsonOptions)


_numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(), st.text(max_size=3), st.none()
)
_nested = st.recursive(_numbers, lambda inner: st.lists(inner, max_size=4), max_leaves=12)


@example("Point", [0.0, 2**63])
@given(st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "MultiPoint"]), _nested)
def test_no_geometry_breaks_the_document(kind: str, coordinates: Any) -> None:
    parsed = of(feature("1", {"type": kind, "coordinates": coordinates}), feature("2", point(1, 2)))
    assert [event.source_id for event in incidents(parsed)] == ["1", "2"]


def test_a_coordinate_of_hundreds_of_digits_costs_no_report() -> None:
    line = {"type": "LineString", "coordinates": [[10**400, 1], [1, 1]]}
    with pytest.raises(ValueError, match="two numbers"):
        representative_point(line)


def test_road_works_of_the_open_standard() -> None:
    folder = samples("incidents/wzdx/examples/WorkZoneFeed")
    title = "properties.core_details.description || properties.core_details.name"
    options = {
        "mapping": {"fields": {"title": title, "observed": "properties.core_details.update_date"}},
        "complete": True,
    }
    for file in sorted(folder.glob("*.geojson")):
        parsed = parse(file.read_bytes(), CONTEXT, msgspec.convert(options, GeojsonOptions))
        assert parsed.faults == []
        assert all(event.lon is not None and event.lon < -90 for event in incidents(parsed))


def test_the_standards_own_camera_has_its_coordinates_exchanged() -> None:
    """WZDx 4.2's official example writes [lat, lon]: it is passed on as written."""
    file = samples("incidents/wzdx/examples/DeviceFeed/camera_error_example.geojson")
    options = {"mapping": {"fields": {"title": "properties.core_details.name"}}}
    (event,) = incidents(parse(file.read_bytes(), CONTEXT, msgspec.convert(options, GeojsonOptions)))
    assert (round(event.lon or 0), round(event.lat or 0)) == (44, -70)
