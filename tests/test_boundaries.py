"""District boundaries: what is mended, measured, refused, and said."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
import shapely

from tests import city_sets
from tests.kemendagri import to_geojson
from tests.samples import samples
from tests.small_city import SIDE, SOUTH, WEST, city, collection, feature, load, square, turned
from wallboard.boundaries import BoundaryError, Level, load_boundaries, parse_levels
from wallboard.errors import WallboardError


def test_levels_are_unions_of_the_lowest() -> None:
    boundaries, report = load(city())
    assert [district.code for district in boundaries.districts] == [
        "A",
        "B",
        "A1",
        "A2",
        "A4",
        "B3",
        "B5",
        "B6",
    ]
    whole = boundaries.by_code["A"]
    parts = [boundaries.by_code[code].geometry for code in ("A1", "A2", "A4")]
    assert whole.geometry.equals(shapely.union_all(parts))
    assert (whole.level, whole.level_name, whole.parent, whole.name) == (0, "Kecamatan", None, "Karang Sari")
    assert [up.code for up in boundaries.parents("B5")] == ["B"]
    assert [below.code for below in boundaries.children("A")] == ["A1", "A2", "A4"]
    assert report.clean
    assert report.sentences() == ["Test 1: 6 districts of the lowest level from 6 features, 30 corners."]


def test_areas_are_square_metres_and_labels_lie_inside() -> None:
    boundaries, _ = load(city())
    # A hundredth of a degree at 5° south on WGS 84: 1,108.97 m east, 1,105.78 m north.
    assert boundaries.by_code["A1"].area_m2 == pytest.approx(1108.97 * 1105.78, rel=1e-4)
    for district in boundaries.districts:
        assert district.geometry.contains(shapely.Point(district.label_point))


def test_the_order_of_features_changes_nothing() -> None:
    plain, _ = load(city())
    shuffled = city()
    random.Random(3).shuffle(shuffled["features"])
    again, _ = load(shuffled)
    assert again.digest == plain.digest
    assert [district.code for district in again.lowest] == [district.code for district in plain.lowest]
    assert again.districts == plain.districts


def test_another_border_has_another_digest() -> None:
    moved = city()
    moved["features"][0]["geometry"]["coordinates"][0][1][0] += 1e-7
    assert load(moved)[0].digest != load(city())[0].digest


def test_latitude_first_is_refused_without_a_hint() -> None:
    with pytest.raises(
        BoundaryError, match=r"Latitude stands before longitude in 6 of 6 districts .*RFC 7946"
    ):
        load(turned(city()))


def test_one_district_with_exchanged_numbers_is_named() -> None:
    geojson = city()
    geojson["features"][3] = turned(collection(geojson["features"][3]))["features"][0]
    with pytest.raises(BoundaryError, match=r"in 1 of 6 districts \(Muara Baru II \(A4\)\)"):
        load(geojson)


def test_latitude_first_below_90_degrees_is_found_by_the_hint() -> None:
    near = collection(feature("N1", "N", "Near", square(50.0, 40.0)))  # both numbers could be latitudes
    with pytest.raises(BoundaryError, match="Latitude stands before longitude"):
        load(turned(near), bbox=(49.0, 39.0, 51.0, 41.0))
    assert load(near, bbox=(49.0, 39.0, 51.0, 41.0))[1].clean


def test_the_file_of_another_city_is_refused() -> None:
    with pytest.raises(BoundaryError, match="No district touches the city's bounding box"):
        load(city(), bbox=(95.0, 1.0, 96.0, 2.0))


def test_a_far_district_is_reported() -> None:
    geojson = city()
    geojson["features"].append(feature("Z9", "A", "Far Island", square(112.0, -4.0)))
    report = load(geojson, bbox=(109.9, -5.1, 110.1, -4.9))[1]
    assert report.outside_hint == ["Z9"]


@pytest.mark.parametrize(
    ("geojson", "why"),
    [
        ({}, "not a GeoJSON FeatureCollection"),
        ([], "not a GeoJSON FeatureCollection"),
        ({"type": "FeatureCollection", "features": []}, "None of 0 features"),
        ({"type": "FeatureCollection", "features": [None, 5]}, "None of 2 features"),
        (collection(feature("U1", "U", "Metres", square(700_000, 9_300_000, 1000))), "not degrees"),
        (
            {**city(), "crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::32748"}}},
            "reference system .*32748",
        ),
    ],
)
def test_what_cannot_be_boundaries_is_refused_in_one_sentence(geojson: Any, why: str) -> None:
    with pytest.raises(BoundaryError, match=why):
        load(geojson)
    assert issubclass(BoundaryError, WallboardError)


def test_an_old_crs_member_that_says_wgs_84_is_harmless() -> None:
    name = {"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert load({**city(), "crs": name})[1].clean


def test_wrong_property_names_are_refused_with_what_is_there() -> None:
    with pytest.raises(BoundaryError, match=r"code_kel, name_kel; the first feature has: kec, kec_name, kel"):
        load_boundaries(city(), [Level("code_kel", "name_kel")], source="T", version="1")


def test_one_code_on_two_levels_is_refused() -> None:
    geojson = city()
    geojson["features"][0]["properties"]["kel"] = "B"
    with pytest.raises(BoundaryError, match=r"'B' .*stands on two levels"):
        load(geojson)


def test_a_bow_tie_is_mended_and_reported() -> None:
    geojson = city()
    ring = geojson["features"][0]["geometry"]["coordinates"][0]
    ring[2], ring[3] = ring[3], ring[2]
    boundaries, report = load(geojson)
    assert [repair.code for repair in report.repaired] == ["A1"]
    assert "Self-intersection" in report.repaired[0].why
    assert boundaries.by_code["A1"].geometry.is_valid
    assert any("1 invalid rings were mended: Karang Sari (A1" in sentence for sentence in report.sentences())


def test_overlapping_parts_of_one_district_are_joined_not_cut_out() -> None:
    both = feature("M", "A", "Parts")
    both["geometry"] = {
        "type": "MultiPolygon",
        "coordinates": [[square(WEST, SOUTH)], [square(WEST + SIDE / 2, SOUTH)]],
    }
    boundaries, report = load(collection(both))
    assert report.repaired
    assert boundaries.by_code["M"].geometry.contains(shapely.Point(WEST + 0.75 * SIDE, SOUTH + SIDE / 2))


def test_overlaps_are_measured_by_pair() -> None:
    geojson = city()
    geojson["features"].append(feature("X", "A", "Claim", square(WEST + SIDE / 2, SOUTH + SIDE / 2, SIDE)))
    report = load(geojson)[1]
    assert {(each.first, each.second) for each in report.overlaps} == {
        ("A1", "X"),
        ("A2", "X"),
        ("A4", "X"),
        ("B5", "X"),
    }
    assert report.overlap_m2 == pytest.approx(1108.97 * 1105.78, rel=1e-4)
    assert any(sentence.startswith("4 pairs of districts overlap") for sentence in report.sentences())


def test_holes_are_measured_and_placed() -> None:
    geojson = city()
    hole = square(WEST + 0.003, SOUTH + 0.003, 0.001)
    geojson["features"][3]["geometry"]["coordinates"].append(hole)
    report = load(geojson)[1]
    assert len(report.holes) == 1
    assert report.hole_m2 == pytest.approx(110.897 * 110.578, rel=1e-4)
    assert shapely.Polygon(hole).contains(shapely.Point(report.holes[0].lon, report.holes[0].lat))


def test_two_features_with_one_code_are_one_district() -> None:
    geojson = city()
    geojson["features"].append(feature("A1", "A", "Karang Sari Pulau", square(110.05, -5.0)))
    boundaries, report = load(geojson)
    assert report.duplicate_codes == {"A1": ("Karang Sari", "Karang Sari Pulau")}
    assert boundaries.by_code["A1"].geometry.geom_type == "MultiPolygon"
    assert boundaries.by_code["A1"].name == "Karang Sari"


def test_what_is_missing_is_left_out_and_said() -> None:
    geojson = city()
    del geojson["features"][0]["properties"]["kel"]
    geojson["features"][1]["properties"]["kel_name"] = None
    geojson["features"][2]["geometry"] = None
    boundaries, report = load(geojson)
    assert "A1" not in boundaries.by_code
    assert boundaries.by_code["A2"].name == "A2"
    assert report.missing == [
        "feature 1 has no 'kel': it was left out",
        "feature 2 (A2) has no 'kel_name': its code is shown instead",
    ]
    assert report.without_polygon == ["Muara Baru I (B3)"]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [110.0, -5.0]},
        {"type": "Polygon", "coordinates": [[[110.0, -5.0], [110.1, -5.0]]]},
        {"type": "Polygon", "coordinates": [[["110", "-5"], ["x", "y"], [1, 2], [3, 4]]]},
        {"type": "Polygon", "coordinates": [[[110.0, float("nan")], [110.1, -5], [110.1, -4], [110, -4]]]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Blob"},
    ],
)
def test_a_geometry_that_is_no_polygon_is_left_out_and_said(geometry: dict[str, Any]) -> None:
    geojson = city()
    geojson["features"][0]["geometry"] = geometry
    assert load(geojson)[1].without_polygon == ["Karang Sari (A1)"]


def test_heights_and_numbers_for_codes_are_taken() -> None:
    geojson = city()
    first = geojson["features"][0]
    first["properties"]["kel"] = 3171010003.0
    first["geometry"]["coordinates"] = [[[*point, 12.5] for point in first["geometry"]["coordinates"][0]]]
    assert "3171010003" in load(geojson)[0].by_code


def test_a_kecamatan_with_two_names_or_parents_is_reported() -> None:
    geojson = city()
    geojson["features"][0]["properties"]["kec_name"] = "Karangsari"
    levels = (Level("kota", "kota"), Level("kec", "kec_name"), Level("kel", "kel_name"))
    for number, each in enumerate(geojson["features"]):
        each["properties"]["kota"] = "K2" if number == 0 else "K1"
    boundaries, report = load_boundaries(geojson, levels, source="T", version="1")
    assert report.other_names == {"A": ("Karang Sari", "Karangsari")}
    assert report.two_parents == {"A": ("K1", "K2")}
    assert boundaries.by_code["A"].parent == "K1"
    assert len(report.sentences()) == 3


def test_levels_as_text() -> None:
    assert parse_levels("kec,kec_name; kel , kel_name") == (
        Level("kec", "kec_name"),
        Level("kel", "kel_name"),
    )
    with pytest.raises(ValueError, match="not 'kec'"):
        parse_levels("kec;kel,kel_name")


# --- real sets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("area", "districts", "corners"),
    [
        ("jakarta", 270, 73_262),
        ("manado", 87, 27_188),
        ("mataram", 50, 7_235),
        ("pematangsiantar", 53, 7_375),
        ("pangkalpinang", 42, 9_430),
        ("dairi", 169, 14_473),
    ],
)
def test_bps_sets_are_clean_as_feeds_section_7_says(area: str, districts: int, corners: int) -> None:
    boundaries, report = city_sets.bps(area)
    assert (report.districts, report.vertices) == (districts, corners)
    assert (report.repaired, report.overlaps, report.holes) == ([], [], [])
    for district in boundaries.districts:
        assert district.geometry.contains(shapely.Point(district.label_point)), district.name


def test_lakes_filed_as_districts_are_named() -> None:
    report = city_sets.bps("jakarta")[1]
    assert sorted(report.pseudo) == [
        "Danau Sunter (id3175888888)",
        "Danau Sunter Dll (id3175555888)",
        "Prepedan (id3174080888)",
    ]


@pytest.mark.parametrize(
    ("area", "pairs", "overlap_m2", "holes"),
    [
        ("jakarta", 458, 366_377, 897),
        ("manado", 128, 68_200, 299),
        ("mataram", 62, 37_147, 87),
        ("pematangsiantar", 76, 44_032, 121),
        ("pangkalpinang", 79, 53_145, 149),
        ("dairi", 253, 276_052, 510),
    ],
)
def test_kemendagri_overlaps_and_holes_agree_with_feeds_section_7(
    area: str, pairs: int, overlap_m2: int, holes: int
) -> None:
    report = city_sets.kemendagri(area)[1]
    assert len(report.overlaps) == pairs
    # The table's plane was a sphere's, ours is the ellipsoid's: 0.7 % in area.
    assert report.overlap_m2 == pytest.approx(overlap_m2, rel=0.01)
    # The table counts holes of any size, we count from a square metre.
    assert 0.9 * holes <= len(report.holes) <= holes


def test_kemendagri_sql_as_it_stands_is_refused_for_its_order() -> None:
    path = samples("boundaries/kemendagri2025_cahyadsn") / "wilayah_boundaries_kel_71.71.sql"
    with pytest.raises(BoundaryError, match="Latitude stands before longitude in 87 of 87"):
        load_boundaries(
            to_geojson(path, lat_first=True), city_sets.KEMENDAGRI_LEVELS, source="Kemendagri", version="2025"
        )


def test_loading_leaves_the_file_as_it_was() -> None:
    geojson = city()
    before = copy.deepcopy(geojson)
    load(geojson)
    assert geojson == before


# -- how many people live where ---------------------------------------------------------------------------


def peopled(**numbers: Any) -> Any:
    geojson = city()
    for each in geojson["features"]:
        each["properties"]["jiwa"] = numbers.get(each["properties"]["kel"], 1000)
    return geojson


def test_the_people_of_a_district_are_those_of_the_districts_in_it() -> None:
    boundaries = load(peopled(A1="2500", A2=1500.0), population="jiwa")[0]
    assert boundaries.by_code["A1"].population == 2500
    assert (boundaries.by_code["A"].population, boundaries.by_code["B"].population) == (5000, 3000)


@pytest.mark.parametrize("said", [None, "", "banyak", -5, 10.5, [1]])
def test_where_one_district_does_not_say_nobody_knows_of_the_whole(said: Any) -> None:
    boundaries = load(peopled(A1=said), population="jiwa")[0]
    assert boundaries.by_code["A1"].population is None
    assert (boundaries.by_code["A"].population, boundaries.by_code["B"].population) == (None, 3000)


def test_without_a_property_nobody_is_counted() -> None:
    assert {district.population for district in load(peopled())[0].districts} == {None}


def test_a_district_in_two_features_has_its_people_once() -> None:
    geojson = peopled(A1=2500)
    twin = feature("A1", "A", "Karang Sari", square(112.0, -4.0))
    twin["properties"]["jiwa"] = 2500
    geojson["features"].append(twin)
    assert load(geojson, population="jiwa")[0].by_code["A1"].population == 2500
