"""Names in texts: spelling forgiven, ambiguity shown, work bounded."""

from __future__ import annotations

from functools import cache

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import city_sets
from tests.small_city import SIDE, SOUTH, WEST, city, collection, feature, load, square
from wallboard.boundaries import District
from wallboard.gazetteer import Gazetteer, Match, Named
from wallboard.gazetteer.spelling import edits, words
from wallboard.geofence import Geofence
from wallboard.place import Ref

MARKET = Named("Pasar Muara", WEST + SIDE / 2, SOUTH + SIDE / 2, "market", ("Pasar Ikan",))
JUNCTION = Named("Simpang Lima", WEST + 1.5 * SIDE, SOUTH + SIDE / 2, "junction")


@cache
def fence() -> Geofence:
    return Geofence(load(city())[0])


@cache
def names() -> Gazetteer:
    return Gazetteer(fence().boundaries, [MARKET, JUNCTION])


@cache
def harder() -> Gazetteer:
    """Names that trip: an apostrophe, an abbreviation, a level word inside, Roman numerals."""
    told = [
        "HILISALAWA'AHE",
        "BTS. ULU",
        "Kota Bambu Utara",
        "Batu Kota",
        "Malalayang I",
        "Malalayang II",
        "Pal Meriem",
    ]
    features = [feature(f"C{at}", "C", name, square(WEST + at * SIDE, SOUTH)) for at, name in enumerate(told)]
    return Gazetteer(load(collection(*features))[0])


def code(match: Match) -> str | None:
    return match.target.code if isinstance(match.target, District) else None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Tanjung Priuk", "B5"),
        ("tanjung priok", "B5"),
        ("TJ. PRIOK", "B5"),
        ("Kelurahan Tanjung Priok", "B5"),
        ("Kel.Tanjung-Priok", "B5"),
        ("Tanjungpriok", "B5"),
        ("Desa Tnajung Priok", "B5"),
        ("Kampung Tengah", "A2"),
        ("Kp. Tengah", "A2"),
        ("Kel. Tengah", "A2"),
        ("Muara Baru Satu", "B3"),
        ("muara baru 2", "A4"),
        ("Kel. Muara Baru II", "A4"),
        ("Kecamatan Muara Lama", "B"),
        ("Kec. Karang Sari", "A"),
        ("Kel. Karang Sari, Kec. Karang Sari", "A1"),
        ("Kel Karang Sari Kec Muara Lama", "B6"),
        ("Jl. Pasar Baru No. 12, RT 01/RW 02, Kel. Karangsari, Kec. Muara Lama, Kota X 10410", "B6"),
        ("Karang Sari, Muara Lama", "B6"),
        ("Kel. Tanjung Priok Jakarta Utara 14310", "B5"),
        ("kebakaran di tanjung priuk dekat pelabuhan", "B5"),
    ],
)
def test_a_district_is_found(text: str, found: str) -> None:
    match = names().find(text)
    assert (code(match), match.ambiguous) == (found, False)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hilisalawaahe", "C0"),
        ("desa hilisalawa’ahe", "C0"),
        ("Bts Ulu", "C1"),
        ("Batas Ulu", "C1"),
        ("Kota Bambu Utara", "C2"),
        ("Kel. Kota Bambu Utara", "C2"),
        ("Kel. Batu Kota", "C3"),
        ("Malalayang Satu", "C4"),
        ("MALALAYANG DUA", "C5"),
        ("Palmeriam", "C6"),
    ],
)
def test_names_that_trip_are_found(text: str, found: str) -> None:
    assert code(harder().find(text)) == found


@pytest.mark.parametrize(
    "text", ["Malalayang III", "Kel. Malalayang 3", "Kel. Pal Meriem Utara", "Kel. Kota Bambu Barat"]
)
def test_another_number_or_direction_is_another_district(text: str) -> None:
    assert harder().find(text) == Match()


@pytest.mark.parametrize(
    "text",
    ["", "   ", "…", "Jl. Tanjung Priok Raya 4", "Kel. Entah Dimana", "Tengahan", "kec", "Kel. , Kec."],
)
def test_what_names_nothing_finds_nothing(text: str) -> None:
    assert names().find(text) == Match()


def test_two_districts_of_one_name_are_both_given_back() -> None:
    match = names().find("Kel. Karang Sari")
    assert match.target is None
    assert match.ambiguous
    assert [each.code for each in match.candidates if isinstance(each, District)] == ["A1", "B6"]
    place = names().place("Kel. Karang Sari", fence())
    assert (place.district, place.confidence, place.candidates) == (None, "no_location", ("A1", "B6"))
    assert place.flags == ("ambiguous_name",)


def test_an_address_that_contradicts_itself_is_not_decided() -> None:
    match = names().find("Kel. Tanjung Priok, Kec. Karang Sari")
    assert match.ambiguous
    assert {each.code for each in match.candidates if isinstance(each, District)} == {"A", "B5"}


def test_a_name_of_two_levels_means_the_wider_one_when_nothing_else_is_said() -> None:
    features = [
        feature("S1", "S", "Senen", square(WEST, SOUTH)),
        feature("S2", "S", "Kwitang", square(WEST, -4.99)),
    ]
    for each in features:
        each["properties"]["kec_name"] = "Senen"
    gazetteer = Gazetteer(load(collection(*features))[0])
    assert code(gazetteer.find("Senen")) == "S"
    assert code(gazetteer.find("Jl. Pasar Senen No. 2, Kel. Senen, Kec. Senen")) == "S1"


def test_a_kelurahan_by_name_has_no_coordinates_of_its_own() -> None:
    place = names().place("Kel. Tanjung Priok", fence())
    assert (place.lon, place.lat, place.district, place.name) == (None, None, "B5", "Tanjung Priuk")
    assert (place.confidence, place.parents) == ("by_name", (Ref("B", "Muara Lama", 0),))


def test_a_kecamatan_by_name_may_be_any_of_its_kelurahan() -> None:
    place = names().place("Kec. Muara Lama", fence())
    assert (place.district, place.confidence) == (None, "by_name")
    assert place.parents == (Ref("B", "Muara Lama", 0),)
    assert place.candidates == ("B3", "B5", "B6")


@pytest.mark.parametrize(
    "text", ["Pasar Muara", "psr. muara", "PASAR IKAN", "ramai sekali di Pasar Ikan tadi pagi"]
)
def test_a_configured_place_brings_its_coordinates(text: str) -> None:
    assert names().find(text).target == MARKET
    place = names().place(text, fence())
    assert (place.lon, place.lat, place.district) == (MARKET.lon, MARKET.lat, "A4")
    assert place.confidence == "by_name"


def test_numbers_in_names_are_words_or_digits() -> None:
    assert names().find("simpang 5").target == JUNCTION


def test_what_is_unknown_has_no_location() -> None:
    place = names().place("di suatu tempat", fence())
    assert (place.district, place.confidence, place.candidates, place.flags) == (None, "no_location", (), ())


@pytest.mark.parametrize(
    "text",
    ["x" * 10_000, "kel " * 5_000, "kel. kec. " * 3_000, "tanjung " * 5_000, "a," * 9_000, "\u0301" * 9_000],
)
def test_hostile_text_is_answered_in_bounded_work(text: str) -> None:
    assert names().find(text).target is None  # the suite's own time limit would end a runaway


@settings(max_examples=100)
@given(st.text(max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    match = names().find(text)
    assert (match.target is None) or match.candidates == (match.target,)


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        ("palmeriem", "palmeriam", 1),
        ("priok", "priko", 1),
        ("harapanmulya", "harapanmulia", 1),
        ("sukamaju", "sukamakmur", 3),
        ("malalayang1", "malalayang2", 3),
        ("", "abc", 3),
        ("x" * 61, "x" * 60, 3),
    ],
)
def test_edits_count_letters_up_to_the_limit(first: str, second: str, apart: int) -> None:
    assert edits(first, second, 2) == apart
    assert edits(second, first, 2) == apart


def test_words_have_one_spelling() -> None:
    assert words("Kel. Tg. Priuk II — Jln. Ségara") == [
        "kelurahan",
        "tanjung",
        "priuk",
        "2",
        "jalan",
        "segara",
    ]


@pytest.mark.parametrize(("area", "unknown"), [("jakarta", 0), ("manado", 0), ("mataram", 0)])
def test_kemendagri_names_find_the_bps_district_in_the_same_place(area: str, unknown: int) -> None:
    """FEEDS section 7: spellings differ, the places do not."""
    bps, kemendagri = city_sets.bps(area)[0], city_sets.kemendagri(area)[0]
    gazetteer = Gazetteer(bps)
    flat = {each.code: bps.plane.to_plane(each.geometry) for each in bps.lowest}
    missed, elsewhere = [], []
    for district in kemendagri.lowest:
        match = gazetteer.find(f"Kel. {district.name}")
        if not isinstance(match.target, District):
            missed.append(district.name)
        elif not shapely.intersects(bps.plane.to_plane(district.geometry), flat[match.target.code]):
            elsewhere.append((district.name, match.target.name))
    assert len(missed) == unknown
    assert elsewhere == []
