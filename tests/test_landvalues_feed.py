"""feeds/landvalues.py: zones of land values, each with its time; what cannot be is a fault of its own."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.base import Context, Parsed
from feeds.landvalues import MAX_CORNERS, LandValuesOptions, parse
from wallboard.errors import BadDocument
from wallboard.events import LandValued, Present

CONTEXT = Context("znt", 1_790_000_000.0, ZoneInfo("Asia/Jakarta"), bounds=(110.0, -5.1, 110.1, -5.0))
RING = [[110.01, -5.01], [110.02, -5.01], [110.02, -5.02], [110.01, -5.01]]
SQUARE = {"type": "Polygon", "coordinates": [RING]}


def zone(id: Any = "7", geometry: Any = SQUARE, **properties: Any) -> dict[str, Any]:
    own = {"name": "Zona 7", "value": 4_500_000, "as_of": "2025"}
    return {"type": "Feature", "id": id, "geometry": geometry, "properties": own | properties}


def of(*zones: dict[str, Any], members: Any = None, **options: Any) -> Parsed:
    document = {"type": "FeatureCollection", "features": list(zones)} | (members or {})
    return parse(msgspec.json.encode(document), CONTEXT, msgspec.convert(options, LandValuesOptions))


def valued(parsed: Parsed) -> list[LandValued]:
    return [event for event in parsed.events if isinstance(event, LandValued)]


def why(parsed: Parsed) -> str:
    (fault,) = parsed.faults
    assert parsed.events == []
    return fault.why


def test_a_zone_of_our_own_names_needs_no_mapping() -> None:
    (event,) = valued(of(zone(use="Perumahan", source="BPN")))
    assert (event.feed, event.source_id, event.name, event.received_at) == ("znt", "7", "Zona 7", CONTEXT.now)
    assert (event.value, event.low, event.high, event.as_of) == (4_500_000, None, None, "2025")
    assert (event.use, event.source) == ("Perumahan", "BPN")
    assert event.polygons == ((tuple((lon, lat) for lon, lat in RING),),)


def test_a_mapping_reads_any_names_texts_and_thousands() -> None:
    mapping = {
        "fields": {"id": "properties.NO_ZONA", "value": "properties.NIR", "as_of": "properties.TAHUN"},
        "common": {"source": "metadata.sumber"},
        "thousands": ".",
        "decimal": ",",
    }
    made = zone(None, NO_ZONA=31, NIR="Rp 1.250.000,-", TAHUN=2024)
    (event,) = valued(of(made, members={"metadata": {"sumber": "Kantor Pertanahan"}}, mapping=mapping))
    assert (event.source_id, event.value, event.as_of, event.source) == (
        "31",
        1_250_000,
        "2024",
        "Kantor Pertanahan",
    )


def test_a_class_stands_by_its_middle_and_keeps_its_range() -> None:
    (event,) = valued(of(zone(value=None, low=1_000_000, high=2_000_000)))
    assert (event.value, event.low, event.high) == (1_500_000, 1_000_000, 2_000_000)
    assert "above the upper end" in why(of(zone(low=3_000_000, high=2_000_000)))
    assert "range" in why(of(zone(value="-", low=1_000_000)))


def test_thousands_of_rupiah_have_their_factor_and_are_guessed_at_in_the_fault() -> None:
    (event,) = valued(of(zone(value=4500), factor=1000))
    assert event.value == 4_500_000
    assert "factor = 1000" in why(of(zone(value=45)))


@pytest.mark.parametrize("written", ["mahal", -5, "1e9", True, [1], 10**12])
def test_what_is_no_value_is_a_fault_of_its_zone_alone(written: Any) -> None:
    parsed = of(zone(value=written), zone("8"))
    assert [event.source_id for event in valued(parsed)] == ["8"]
    assert parsed.faults[0].where == "feature 0"


@pytest.mark.parametrize(
    ("written", "as_of"),
    [("2025", "2025"), (2025, "2025"), ("2025-07", "2025-07"), ("1 Juli 2025", "2025-07-01")],
)
def test_the_time_of_the_map_is_as_exact_as_its_source_says(written: Any, as_of: str) -> None:
    (event,) = valued(of(zone(as_of=written)))
    assert event.as_of == as_of


def test_a_value_without_its_time_is_a_fault_and_not_todays() -> None:
    assert "never taken for today's" in why(of(zone(as_of=None)))
    (event,) = valued(of(zone(as_of=None), as_of="2023"))
    assert event.as_of == "2023"


@pytest.mark.parametrize("written", ["2062", "2027-01-01", "2025-13-01", "kemarin"])
def test_a_time_that_cannot_be_is_a_fault(written: str) -> None:
    assert "as_of" in why(of(zone(as_of=written)))


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        "Polygon",
        {"type": "Point", "coordinates": [110.01, -5.01]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"type": "Polygon", "coordinates": [[[0, "x"], [1, 1], [1, 0], [0, 0]]]},
        {"type": "MultiPolygon", "coordinates": [[RING[:2]]]},
        {"type": "Polygon", "coordinates": [[[0.0, 0.0]] * (MAX_CORNERS + 1)]},
    ],
)
def test_a_zone_without_a_usable_area_is_a_fault(geometry: Any) -> None:
    assert why(of(zone(geometry=geometry)))


def test_a_map_in_metres_says_what_to_do() -> None:
    metres = [
        [701_000.0, 9_300_000.0],
        [702_000.0, 9_300_000.0],
        [702_000.0, 9_301_000.0],
        [701_000.0, 9_300_000.0],
    ]
    assert "EPSG:4326" in why(of(zone(geometry={"type": "Polygon", "coordinates": [metres]})))


def test_a_map_with_latitude_first_is_marked_and_not_mended() -> None:
    turned = [[lat, lon] for lon, lat in RING]
    (event,) = valued(of(zone(geometry={"type": "Polygon", "coordinates": [turned]})))
    assert event.flags == ("swapped_suspected",)
    assert event.polygons[0][0][0] == (-5.01, 110.01)


def test_holes_and_parts_are_kept() -> None:
    parts = {"type": "MultiPolygon", "coordinates": [[RING, RING], [RING]]}
    (event,) = valued(of(zone(geometry=parts)))
    assert [len(polygon) for polygon in event.polygons] == [2, 1]


def test_a_complete_map_ends_what_it_does_not_hold_but_not_where_a_zone_has_no_name() -> None:
    parsed = of(zone("1"), zone("2", value="mahal"), complete=True)
    assert parsed.events[-1] == Present(
        feed="znt", source_id="", received_at=CONTEXT.now, kind="landvalue", ids=("1", "2")
    )
    nameless = of(zone("1"), zone(None), complete=True)
    assert not any(isinstance(event, Present) for event in nameless.events)
    assert of(complete=True).events == []


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b'{"type": "Topology"}', b'{"type": "FeatureColl'])
def test_what_is_no_geojson_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument):
        parse(body, CONTEXT, LandValuesOptions())


@pytest.mark.parametrize(
    "options", [{"as_of": "tahun lalu"}, {"factor": 0}, {"mapping": {"records": "features"}}]
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(options, LandValuesOptions)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_whatever_stands_in_a_feature_costs_no_other_one(value: Any) -> None:
    parsed = of(zone("1", geometry=value, value=value, as_of=value), zone("2"))
    assert [event.source_id for event in valued(parsed)] == ["2"]
