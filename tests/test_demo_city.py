"""The fictional demo city: its files are whole, believable and made again byte by byte."""

import json
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from shapely import Point, get_coordinates, union_all
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

DEMO = Path(__file__).parent.parent / "examples" / "demo"
FILES = ("districts.geojson", "basemap.geojson", "places.json")
LARGEST_FILE = 600_000  # bytes; what a wall may load for its map
# square degrees: a square of 5 decimals' last digit, some 1.2 m²
SPECK = 1e-10
IN_WATER = {"tide_gauges"}


@cache
def read(name: str) -> Any:
    return json.loads((DEMO / name).read_text(encoding="utf-8"))


@cache
def kelurahan() -> dict[str, BaseGeometry]:
    return {f["properties"]["code_kel"]: shape(f["geometry"]) for f in read("districts.geojson")["features"]}


@cache
def city() -> BaseGeometry:
    return union_all(list(kelurahan().values()))


@cache
def layer(name: str) -> list[tuple[dict[str, Any], BaseGeometry]]:
    features = read("basemap.geojson")["features"]
    return [(f["properties"], shape(f["geometry"])) for f in features if f["properties"]["layer"] == name]


def properties() -> list[dict[str, Any]]:
    return [f["properties"] for f in read("districts.geojson")["features"]]


def parts(geometry: BaseGeometry) -> list[Any]:
    return list(getattr(geometry, "geoms", [geometry]))


@pytest.mark.soak
def test_made_again_the_files_are_the_same_bytes(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(DEMO / "make_city.py"), "--out", str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    different = [name for name in FILES if (tmp_path / name).read_bytes() != (DEMO / name).read_bytes()]
    assert different == []


def test_the_land_values_are_those_that_their_script_draws(tmp_path: Path) -> None:
    script = [sys.executable, str(DEMO / "make_landvalues.py"), "--out", str(tmp_path)]
    assert subprocess.run(script, capture_output=True, text=True).returncode == 0
    name = "landvalues.geojson"
    assert (tmp_path / name).read_bytes() == (DEMO / name).read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_small_enough_for_a_wall(name: str) -> None:
    assert (DEMO / name).stat().st_size < LARGEST_FILE


def test_coordinates_have_at_most_five_decimals() -> None:
    for geometry in kelurahan().values():
        for value in get_coordinates(geometry).ravel().tolist():
            assert round(value, 5) == value


def test_size_of_the_city_is_that_of_a_city() -> None:
    names = {p["code_kec"] for p in properties()}
    assert 10 <= len(names) <= 12
    assert 60 <= len(properties()) <= 70
    assert 1_000_000 < sum(p["population"] for p in properties()) < 2_000_000
    assert all(p["population"] > 0 for p in properties())


def test_codes_are_well_formed_and_of_no_real_province() -> None:
    for p in properties():
        assert re.fullmatch(r"99\.71\.\d\d\.1\d{3}", p["code_kel"])
        assert p["code_kel"].startswith(p["code_kec"] + ".")
    assert len({p["code_kel"] for p in properties()}) == len(properties())


def test_names_are_unique_on_both_levels() -> None:
    kecamatan = {(p["code_kec"], p["name_kec"]) for p in properties()}
    assert len({code for code, _ in kecamatan}) == len(kecamatan) == len({name for _, name in kecamatan})
    names = [p["name_kel"] for p in properties()] + [name for _, name in kecamatan]
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_every_boundary_is_valid_and_no_sliver() -> None:
    for code, geometry in kelurahan().items():
        assert geometry.is_valid, code
        for part in parts(geometry):
            assert part.area > 5e-6, code  # about 0.06 km²
            # a circle is 1.0, a square 0.79; below 0.1 it would be a thread
            assert 4 * 3.14159 * part.area / part.length**2 > 0.1, code


def test_nothing_overlaps_to_the_last_digit() -> None:
    alone = sum(geometry.area for geometry in kelurahan().values())
    assert alone - city().area == pytest.approx(0, abs=SPECK)


def test_there_is_no_hole_inside_the_city() -> None:
    assert [ring for part in parts(city()) for ring in part.interiors] == []


def test_neighbours_share_the_vertices_of_their_border() -> None:
    """Each edge inside the city belongs to two kelurahan, vertex by vertex: no gap when it is drawn large."""
    edges: Counter[tuple[Any, ...]] = Counter()
    for geometry in kelurahan().values():
        for part in parts(geometry):
            for ring in (part.exterior, *part.interiors):
                spots = list(ring.coords)
                edges.update(tuple(sorted(pair)) for pair in pairwise(spots))
    assert max(edges.values()) == 2
    outline = sum(len(part.exterior.coords) - 1 for part in parts(city()))
    assert abs(sum(1 for times in edges.values() if times == 1) - outline) <= outline * 0.01


def test_a_kecamatan_is_one_piece_save_for_its_islets() -> None:
    for code in {p["code_kec"] for p in properties()}:
        members = [g for c, g in kelurahan().items() if c.startswith(code + ".")]
        pieces = parts(union_all(members))
        islets = [part for g in members if g.geom_type == "MultiPolygon" for part in parts(g)]
        assert len(pieces) == 1 + len(islets), code


def test_land_and_sea_fill_the_frame_and_the_city_is_land() -> None:
    ((_, land),) = layer("land")
    ((_, sea),) = layer("sea")
    assert land.is_valid
    assert sea.is_valid
    assert land.intersection(sea).area < SPECK
    assert (land.area + sea.area) == pytest.approx(union_all([land, sea]).envelope.area, rel=1e-6)
    assert city().difference(land).area < SPECK


def test_no_vertex_lies_on_real_land() -> None:
    """Java, Kalimantan, Karimunjawa and Bawean are all outside of this box of open sea."""
    for name in ("districts.geojson", "basemap.geojson"):
        for feature in read(name)["features"]:
            west, south, east, north = shape(feature["geometry"]).bounds
            assert 108.9 < west <= east < 109.7
            assert -5.2 < south <= north < -4.6


def test_every_geometry_of_the_base_map_is_valid() -> None:
    for feature in read("basemap.geojson")["features"]:
        geometry = shape(feature["geometry"])
        assert geometry.is_valid, feature["properties"]
        assert not geometry.is_empty, feature["properties"]


def test_rivers_run_through_the_city_to_the_sea() -> None:
    ((_, sea),) = layer("sea")
    courses = {p["name"]: geometry for p, geometry in layer("stream")}
    assert courses["Kali Jernih"].intersects(city())
    assert courses["Kali Jernih"].distance(sea) < 1e-4
    assert courses["Kali Wening"].distance(courses["Kali Jernih"]) < 1e-4
    assert {"river", "canal"} == {p["kind"] for p, _ in layer("river")}


def test_rivers_are_borders() -> None:
    """Over most of its way through the city the tributary is a border of kelurahan."""
    ((_, course),) = [pair for pair in layer("stream") if pair[0]["name"] == "Kali Wening"]
    inside = course.intersection(city())
    borders = union_all([g.boundary for g in kelurahan().values()])
    assert inside.intersection(borders.buffer(5e-5)).length > 0.8 * inside.length


def test_roads_cross_the_land_and_have_names() -> None:
    ((_, land),) = layer("land")
    roads = layer("road")
    assert {p["class"] for p, _ in roads} == {"toll", "ring", "coastal", "arterial", "collector"}
    assert all(p["name"] for p, _ in roads if p["class"] != "collector")
    for p, line in roads:
        assert line.intersection(land).length > 0.97 * line.length, p


def test_places_have_unique_ids_and_names() -> None:
    for kind, places in read("places.json").items():
        assert len({p["id"] for p in places}) == len(places), kind
        assert len({p["name"] for p in places}) == len(places), kind


def test_every_place_lies_in_the_kelurahan_it_says() -> None:
    for kind, places in read("places.json").items():
        for place in places:
            spot = Point(place["lon"], place["lat"])
            homes = [code for code, geometry in kelurahan().items() if geometry.covers(spot)]
            if kind in IN_WATER:
                assert homes == []
                assert place["code_kel"] is None
                assert layer("sea")[0][1].covers(spot)
            else:
                assert place["code_kel"] in homes, place


def test_a_place_named_after_a_kecamatan_lies_in_it() -> None:
    kecamatan_of = {p["code_kel"]: p["name_kec"] for p in properties()}
    names = set(kecamatan_of.values())
    kinds = ("markets", "hospitals", "terminals", "stations", "police", "fire_stations")
    for place in (place for kind in kinds for place in read("places.json")[kind]):
        named = [name for name in names if re.search(rf"\b{name}\b", place["name"])]
        assert all(kecamatan_of[place["code_kel"]] == name for name in named), place


def test_cameras_stand_on_streets_that_the_map_has() -> None:
    streets = {p["name"] for p, _ in layer("road")}
    cameras = read("places.json")["cameras"]
    assert len(cameras) >= 55
    assert {camera["street"] for camera in cameras} <= streets


def test_junctions_are_where_their_streets_meet() -> None:
    by_name: dict[str, list[BaseGeometry]] = {}
    for p, line in layer("road"):
        by_name.setdefault(p["name"], []).append(line)
    for junction in read("places.json")["junctions"]:
        spot = Point(junction["lon"], junction["lat"])
        for street in junction["streets"]:
            assert min(line.distance(spot) for line in by_name[street]) < 1e-3, junction


def test_flood_gates_stand_in_their_river_and_their_levels_rise() -> None:
    courses = {p["name"]: geometry for p, geometry in layer("stream")}
    for gate in read("places.json")["gates"]:
        assert courses[gate["river"]].distance(Point(gate["lon"], gate["lat"])) < 1e-4, gate
        levels = [gate["levels_cm"][f"siaga_{step}"] for step in (4, 3, 2, 1)]
        assert levels == sorted(set(levels)), gate
