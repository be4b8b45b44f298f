"""Which district a point has, how sure that is, and what a hazard covers."""

from __future__ import annotations

import math
import random
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import city_sets
from tests.small_city import SIDE, SOUTH, WEST, city, collection, feature, load, square
from wallboard.geofence import Geofence, circle
from wallboard.geofence.cover import sound_geometry
from wallboard.place import Place, Ref
from wallboard.plane import Plane

#: Metres of a degree at 5° south, for distances written in the tests.
M_LON, M_LAT = Plane(110.015, -4.99).metres_per_degree


@cache
def clean() -> Geofence:
    return Geofence(load(city())[0])


@cache
def messy() -> Geofence:
    """The city with an overlap (X over four squares), a gap inside A4, and an island 30 km off."""
    geojson = city()
    geojson["features"].append(
        feature("X", "A", "Claim", square(WEST + SIDE / 2, SOUTH + SIDE / 2, SIDE / 2))
    )
    geojson["features"].append(feature("Y", "A", "Island", square(WEST + 0.3, SOUTH, SIDE / 10)))
    geojson["features"][3]["geometry"]["coordinates"].append(square(WEST + 0.002, SOUTH + 0.002, 0.001))
    return Geofence(load(geojson)[0])


def test_a_point_gets_its_district_with_all_that_belongs_to_it() -> None:
    place = clean().locate(WEST + SIDE / 2, SOUTH + SIDE / 2)
    digest = clean().boundaries.digest
    assert place == Place(
        lon=110.005,
        lat=-4.995,
        district="A4",
        name="Muara Baru II",
        parents=(Ref("A", "Karang Sari", 0),),
        confidence="inside",
        edge_m=552.9,
        source=f"Test 1 {digest}",
    )


def test_near_an_edge_the_other_districts_are_candidates() -> None:
    lon, lat = WEST + SIDE - 7 / M_LON, SOUTH + SIDE - 3 / M_LAT  # 7 m west and 3 m south of four corners
    place = clean().locate(lon, lat, 5)
    assert (place.district, place.confidence, place.edge_m) == ("A4", "near_edge", 3.0)
    assert place.candidates == ("A1",)
    assert clean().locate(lon, lat, 8).candidates == ("A1", "A2", "B5")
    assert clean().locate(lon, lat, 2).confidence == "inside"


def test_near_the_coast_there_is_no_doubt() -> None:
    place = clean().locate(WEST + 3 / M_LON, SOUTH + SIDE / 2, 10)
    assert (place.district, place.confidence, place.edge_m, place.candidates) == ("A4", "inside", 3.0, ())


def test_an_overlap_goes_to_the_smallest_and_says_whose_it_may_be() -> None:
    place = messy().locate(WEST + 0.6 * SIDE, SOUTH + 0.6 * SIDE, 1)
    assert (place.district, place.confidence, place.candidates) == ("X", "near_edge", ("A4",))


def test_equal_areas_overlapping_go_to_the_lowest_code() -> None:
    same = square(WEST, SOUTH)
    fence = Geofence(load(collection(feature("Q2", "A", "Two", same), feature("Q1", "A", "One", same)))[0])
    place = fence.locate(WEST + SIDE / 2, SOUTH + SIDE / 2)
    assert (place.district, place.candidates, place.confidence) == ("Q1", ("Q2",), "near_edge")


def test_a_point_on_a_border_has_one_answer_by_the_same_rule() -> None:
    # The squares shrink towards the south pole by the cosine; in the plane they are equal: lowest code.
    for lon, lat in ((WEST + SIDE, SOUTH + 1.5 * SIDE), (WEST + SIDE, SOUTH + 0.5 * SIDE), (WEST, SOUTH)):
        place = clean().locate(lon, lat, 0)
        have = [
            each for each in clean().boundaries.lowest if each.geometry.intersects(shapely.Point(lon, lat))
        ]
        assert place.district == have[0].code
        assert place.edge_m == 0
        assert place.candidates == tuple(sorted(each.code for each in have[1:]))


def test_a_gap_between_districts_goes_to_the_nearest_and_is_flagged() -> None:
    place = messy().locate(WEST + 0.0025, SOUTH + 0.0025)
    assert (place.district, place.confidence) == ("A4", "nearest")
    assert place.edge_m == pytest.approx(0.0005 * M_LAT, abs=0.1)


@pytest.mark.parametrize(("metres", "confidence"), [(1, "nearest"), (499, "nearest"), (501, "outside")])
def test_just_outside_is_nearest_within_the_limit(metres: float, confidence: str) -> None:
    place = clean().locate(WEST - metres / M_LON, SOUTH + SIDE / 2)
    assert place.confidence == confidence
    assert place.district == ("A4" if confidence == "nearest" else None)
    assert place.edge_m == (metres if confidence == "nearest" else None)


def test_outside_near_the_corner_of_two_districts_the_other_is_a_candidate() -> None:
    place = clean().locate(WEST - 50 / M_LON, SOUTH + SIDE)
    assert (place.district, place.candidates) == ("A1", ("A4",))


@pytest.mark.parametrize("limit", [0.0, 100.0, 3000.0])
def test_the_gap_limit_is_the_citys_own(limit: float) -> None:
    fence = Geofence(load(city())[0], gap_limit_m=limit)
    assert fence.locate(WEST - (limit + 1) / M_LON, SOUTH + SIDE / 2).confidence == "outside"
    if limit:
        assert fence.locate(WEST - (limit - 1) / M_LON, SOUTH + SIDE / 2).confidence == "nearest"


@pytest.mark.parametrize(
    ("lon", "lat", "confidence", "flags"),
    [
        (None, None, "no_location", ()),
        (110.0, None, "no_location", ()),
        (math.nan, -5.0, "no_location", ()),
        (math.inf, -5.0, "no_location", ()),
        (0.0, 0.0, "no_location", ("null_island",)),
        (-0.0, 0.0, "no_location", ("null_island",)),
        (181.0, 0.0, "no_location", ("out_of_range",)),
        (1e308, -1e308, "no_location", ("out_of_range",)),
        (-4.995, 110.005, "outside", ("swapped_suspected",)),
        (-5.0, 109.999, "outside", ("swapped_suspected",)),
        (106.8, -6.2, "outside", ()),
        (-6.2, 106.8, "no_location", ("out_of_range",)),
    ],
)
def test_what_has_no_district_says_why(
    lon: float | None, lat: float | None, confidence: str, flags: tuple[str, ...]
) -> None:
    place = clean().locate(lon, lat)
    assert (place.district, place.confidence, place.flags) == (None, confidence, flags)
    assert clean().locate_many([lon], [lat]) == [place]
    msgspec.json.encode(place)  # NaN and infinity have no JSON


def test_a_city_at_null_island_has_its_points() -> None:
    fence = Geofence(load(collection(feature("N1", "N", "Null", square(-0.005, -0.005))))[0])
    assert fence.locate(0.0, 0.0).district == "N1"
    beside = Geofence(load(collection(feature("N1", "N", "Null", square(0.001, 0.001))))[0])
    assert beside.locate(0.0, 0.0).flags == ("null_island",)


@pytest.mark.parametrize("accuracy", [None, math.nan, -3.0])
def test_an_accuracy_that_says_nothing_is_the_default(accuracy: float | None) -> None:
    lon = WEST + SIDE - 9 / M_LON
    place = clean().locate(lon, SOUTH + SIDE / 2, accuracy)
    assert (place.confidence, place.candidates) == ("near_edge", ("B5",))
    assert clean().locate_many([lon], [SOUTH + SIDE / 2], [accuracy]) == [place]


def test_lists_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="2 longitudes and 1 latitudes"):
        clean().locate_many([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="2 accuracies for 1 points"):
        clean().locate_many([1.0], [1.0], [1.0, 2.0])


def test_no_points_have_no_places() -> None:
    assert clean().locate_many([], []) == []
    assert clean().assign_many(np.array([]), np.array([])).tolist() == []


def around(low: float, high: float) -> st.SearchStrategy[float]:
    """Coordinates about the city: anywhere, on the lines of its squares, and a rounding beside them."""
    lines = [low + step * SIDE / 2 for step in range(8)]
    beside = [math.nextafter(line, side) for line in lines for side in (-math.inf, math.inf)]
    return st.one_of(st.floats(low - 0.02, high + 0.02), st.sampled_from(lines + beside))


anything = st.one_of(st.none(), st.floats(), st.sampled_from([0.0, -0.0]))
pairs = st.one_of(
    st.tuples(around(WEST, WEST + 0.03), around(SOUTH, SOUTH + 0.02)),
    st.tuples(around(SOUTH, SOUTH + 0.02), around(WEST, WEST + 0.03)),
    st.tuples(anything, anything),
)
accuracies = st.one_of(st.none(), st.floats(0, 2000), st.floats())


@settings(max_examples=200)
@given(points=st.lists(st.tuples(pairs, accuracies), max_size=20), which=st.sampled_from([clean, messy]))
def test_one_by_one_and_in_batch_are_the_same(points: list[Any], which: Any) -> None:
    lons = [pair[0] for pair, _ in points]
    lats = [pair[1] for pair, _ in points]
    asked = [accuracy for _, accuracy in points]
    fence = which()
    single = [fence.locate(*each) for each in zip(lons, lats, asked, strict=True)]
    assert fence.locate_many(lons, lats, asked) == single


@settings(max_examples=200)
@given(pair=st.tuples(around(WEST, WEST + 0.03), around(SOUTH, SOUTH + 0.02)), accuracy=st.floats(0, 1500))
def test_answers_are_those_of_plain_geometry(pair: tuple[float, float], accuracy: float) -> None:
    fence = messy()
    place = fence.locate(*pair, accuracy)
    point = shapely.Point(pair)
    lowest = fence.boundaries.lowest
    flat = fence.boundaries.plane.to_plane(point)
    shapes = {each.code: fence.boundaries.plane.to_plane(each.geometry) for each in lowest}
    apart = {code: shape.distance(flat) for code, shape in shapes.items()}
    have = [each for each in lowest if each.geometry.intersects(point)]
    near = 0.0 if have else min(apart.values())
    if not have and near > fence.gap_limit_m:
        assert place.confidence in ("outside", "no_location")
        return
    if have:
        assert place.district == have[0].code
        assert place.edge_m == pytest.approx(
            min(s.boundary.distance(flat) for s in shapes.values()), abs=0.06
        )
    else:
        assert place.confidence == "nearest"
        assert place.district in {code for code, metres in apart.items() if metres <= near + 1e-5}
    others = {code for code, metres in apart.items() if metres <= near + accuracy} - {place.district}
    doubtful = {code for code, metres in apart.items() if abs(metres - near - accuracy) < 1e-5}
    assert set(place.candidates) ^ others <= doubtful


def test_the_order_in_the_file_changes_no_answer() -> None:
    geojson = city()
    geojson["features"] += [feature("X", "A", "Claim", square(WEST + SIDE / 2, SOUTH + SIDE / 2))]
    fences = []
    for seed in range(3):
        random.Random(seed).shuffle(geojson["features"])
        fences.append(Geofence(load(geojson)[0]))
    generator = np.random.default_rng(1)
    lons = np.concatenate([generator.uniform(WEST - 0.01, WEST + 0.04, 500), np.full(20, WEST + SIDE)])
    lats = np.concatenate([generator.uniform(SOUTH - 0.01, SOUTH + 0.03, 500), np.linspace(SOUTH, -4.98, 20)])
    answers = [fence.locate_many(lons, lats) for fence in fences]
    assert answers[0] == answers[1] == answers[2]


def test_a_place_is_small_on_the_wire_and_comes_back_whole() -> None:
    place = clean().locate(WEST + SIDE / 2, SOUTH + SIDE / 2)
    encoded = msgspec.json.encode(place)
    assert b"candidates" not in encoded
    assert msgspec.json.decode(encoded, type=Place) == place


# --- hazards -----------------------------------------------------------------------------------------


def test_a_hazard_covers_districts_by_their_share_and_slivers_do_not_count() -> None:
    # All of A4, 60 % of B5, and a strip of 0.5 % of A1 and A2.
    hazard = shapely.box(WEST, SOUTH, WEST + 1.6 * SIDE, SOUTH + 1.005 * SIDE)
    covered = clean().cover(hazard)
    assert [code for code, _ in covered] == ["A4", "B5"]
    assert [share for _, share in covered] == pytest.approx([1.0, 0.6], abs=1e-6)


def test_a_sliver_from_outside_the_city_warns_nobody() -> None:
    assert clean().cover(shapely.box(WEST - 1, SOUTH, WEST + 0.009 * SIDE, SOUTH + SIDE)) == []


def test_a_small_hazard_within_the_city_is_not_lost() -> None:
    covered = clean().cover(circle(WEST + SIDE / 2, SOUTH + SIDE / 2, 0.05))
    assert [code for code, _ in covered] == ["A4"]
    assert covered[0][1] == pytest.approx(math.pi * 50**2 / (1108.97 * 1105.78), rel=0.01)


def test_circle_of_radius_0_is_a_point_and_covers_the_district_it_lies_in() -> None:
    assert clean().cover(circle(WEST + SIDE / 2, SOUTH + SIDE / 2, 0)) == [("A4", 0.0)]
    assert clean().cover(circle(WEST - 1, SOUTH, 0)) == []


def test_a_circle_has_its_radius_in_kilometres() -> None:
    ring = circle(106.8, -6.2, 5)
    assert Plane(106.8, -6.2).to_plane(ring).area == pytest.approx(math.pi * 5000**2, rel=1e-3)


def test_an_invalid_hazard_is_mended_before_it_is_measured() -> None:
    bow_tie = shapely.Polygon(
        [(WEST, SOUTH), (WEST + SIDE, SOUTH + SIDE), (WEST + SIDE, SOUTH), (WEST, SOUTH + SIDE)]
    )
    assert dict(clean().cover(bow_tie)) == pytest.approx({"A4": 0.5})
    twice = shapely.GeometryCollection([shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)] * 2)
    assert dict(clean().cover(twice)) == pytest.approx({"A4": 1.0})


def test_corners_in_no_order_are_their_hull_and_a_drawing_that_crosses_itself_is_mended() -> None:
    dice = random.Random(1)
    tangled = shapely.Polygon([(dice.random(), dice.random()) for _ in range(400)])
    assert sound_geometry(tangled).equals(tangled.convex_hull)
    # A comb of bow-ties: a hundred crossings, as nobody draws more.
    top = [(n, n % 2) for n in range(100)]
    comb = shapely.Polygon([*top, *((x, 1 - y) for x, y in reversed(top))])
    assert not comb.is_valid
    mended = sound_geometry(comb)
    assert mended.is_valid
    assert mended.area < comb.convex_hull.area * 0.6


def test_lines_and_nothing_have_no_share() -> None:
    line = shapely.LineString([(WEST + 0.001, SOUTH + 0.001), (WEST + 0.015, SOUTH + 0.001)])
    assert clean().cover(line) == [("A4", 0.0), ("B5", 0.0)]
    assert clean().cover(shapely.Polygon()) == []


def test_a_hostile_polygon_is_covered_in_bounded_work() -> None:
    generator = np.random.default_rng(7)
    scribble = shapely.Polygon(generator.uniform([WEST, SOUTH], [WEST + SIDE, SOUTH + SIDE], (20_000, 2)))
    covered = clean().cover(scribble)
    assert covered[0][0] == "A4"
    assert covered[0][1] > 0.99


def test_which_points_lie_in_a_hazard() -> None:
    lons, lats = np.array([110.005, 110.015, np.nan, 110.01]), np.array([-4.995, -4.995, -4.995, -4.995])
    hazard = shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
    assert clean().points_in(hazard, lons, lats).tolist() == [True, False, False, True]


# --- real sets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("area", city_sets.AREAS)
def test_points_inside_one_polygon_get_that_polygon(area: str) -> None:
    fence = city_sets.fence(area)
    lowest = fence.boundaries.lowest
    generator = np.random.default_rng(11)
    for number, district in enumerate(lowest):
        west, south, east, north = district.geometry.bounds
        lons, lats = generator.uniform(west, east, 25), generator.uniform(south, north, 25)
        inside = shapely.contains_xy(district.geometry, lons, lats)
        spot = district.geometry.representative_point()
        lons, lats = np.append(lons[inside], spot.x), np.append(lats[inside], spot.y)
        assert (fence.assign_many(lons, lats) == number).all(), district.name
        for place in fence.locate_many(lons[-3:], lats[-3:]):
            assert (place.district, place.name) == (district.code, district.name)
            assert [ref.level for ref in place.parents] == [0, 1]


@pytest.mark.parametrize("area", ["jakarta", "manado"])
def test_corners_of_real_borders_have_the_preferred_district(area: str) -> None:
    fence = city_sets.fence(area)
    lowest = fence.boundaries.lowest
    corners = shapely.get_coordinates(fence.boundaries.geometries)[::97]
    tree = shapely.STRtree(fence.boundaries.geometries)
    points = shapely.points(corners)
    at, district = tree.query(points, predicate="intersects")
    expected = np.full(len(corners), len(lowest))
    np.minimum.at(expected, at, district)
    assert (fence.assign_many(corners[:, 0], corners[:, 1]) == expected).all()
    some = slice(0, 200)
    places = fence.locate_many(corners[some, 0], corners[some, 1], np.zeros(len(corners[some])))
    assert all(place.edge_m == 0 for place in places)
    assert places == [fence.locate(lon, lat, 0.0) for lon, lat in corners[some].tolist()]


@pytest.mark.parametrize("area", ["jakarta", "manado"])
def test_kemendagri_overlaps_go_to_the_smaller_and_gaps_to_the_nearest(area: str) -> None:
    fence = city_sets.kemendagri_fence(area)
    boundaries, report = city_sets.kemendagri(area)
    for overlap in report.overlaps[:40]:
        first, second = boundaries.by_code[overlap.first], boundaries.by_code[overlap.second]
        spot = shapely.intersection(first.geometry, second.geometry).representative_point()
        have = [each for each in boundaries.lowest if each.geometry.intersects(spot)]
        smallest = min(have, key=lambda each: (each.area_m2, each.code))
        place = fence.locate(spot.x, spot.y, 0.0)
        assert place.district == smallest.code
        assert set(place.candidates) == {each.code for each in have} - {smallest.code}
    flat = {each.code: boundaries.plane.to_plane(each.geometry) for each in boundaries.lowest}
    for hole in report.holes[:20]:
        place = fence.locate(hole.lon, hole.lat)
        assert place.confidence == "nearest"
        spot = boundaries.plane.to_plane(shapely.Point(hole.lon, hole.lat))
        apart = {code: shape.distance(spot) for code, shape in flat.items()}
        assert apart[str(place.district)] == pytest.approx(min(apart.values()), abs=1e-6)
        assert place.edge_m == pytest.approx(min(apart.values()), abs=0.06)


def test_distances_to_real_edges_are_exact() -> None:
    fence = city_sets.fence("jakarta")
    boundaries = fence.boundaries
    generator = np.random.default_rng(5)
    west, south, east, north = boundaries.bounds
    lons, lats = generator.uniform(west, east, 30_000), generator.uniform(south, north, 30_000)
    index = fence.assign_many(lons, lats)
    lons, lats, index = lons[index >= 0], lats[index >= 0], index[index >= 0]
    borders = shapely.boundary(boundaries.plane.to_plane(boundaries.geometries))
    points = boundaries.plane.to_plane(shapely.points(lons, lats))
    expected = shapely.distance(points, borders[index])
    found = np.array([place.edge_m for place in fence.locate_many(lons, lats)])
    assert np.abs(found - expected).max() <= 0.0501


def test_jakarta_one_by_one_and_in_batch_are_the_same() -> None:
    fence = city_sets.fence("jakarta")
    generator = np.random.default_rng(9)
    west, south, east, north = fence.boundaries.bounds
    lons, lats = generator.uniform(west, east, 4000), generator.uniform(south, north, 4000)
    single = [fence.locate(lon, lat, 40.0) for lon, lat in zip(lons.tolist(), lats.tolist(), strict=True)]
    assert fence.locate_many(lons, lats, np.full(4000, 40.0)) == single
    assert {place.confidence for place in single} == {"inside", "near_edge", "nearest", "outside"}
