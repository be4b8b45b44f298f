"""Boundaries as each publisher writes them, in one form; parents by code, by property, by area."""

from __future__ import annotations

from typing import Any

import pytest

from tests.small_city import SIDE, SOUTH, WEST, square
from wallboard.boundaries import BoundaryError, load_boundaries, parse_levels
from wallboard.init.areas import Areas, Unrecognised, read_areas
from wallboard.init.codes import above, bare, form_of, is_kota, province, written, zone_of


def cell(column: int, row: int = 0, width: int = 1, **properties: Any) -> dict[str, Any]:
    """A square of the grid, `width` columns wide."""
    ring = square(WEST + column * SIDE, SOUTH + row * SIDE, width * SIDE, SIDE)
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def chains(areas: Areas) -> list[tuple[tuple[str, str], ...]]:
    return [row.chain for row in areas.rows]


@pytest.mark.parametrize(
    ("first", "second", "title", "source"),
    [
        (
            {"ADM4_PCODE": "ID3372010001", "ADM4_EN": "Joyotakan", "ADM3_PCODE": "ID3372010",
             "ADM3_EN": "Serengan", "ADM2_PCODE": "ID3372", "ADM2_EN": "Kota Surakarta"},
            {"ADM4_PCODE": "ID3372020001", "ADM4_EN": "Joyosuran", "ADM3_PCODE": "ID3372020",
             "ADM3_EN": "Pasar Kliwon", "ADM2_PCODE": "ID3372", "ADM2_EN": "Kota Surakarta"},
            "BPS as OCHA/HDX publishes it", "BPS",
        ),
        (
            {"village_code": "id3372010001", "village": "Joyotakan", "district_code": "id3372010",
             "district": "Serengan", "regency_code": "id3372", "regency": "Kota Surakarta"},
            {"village_code": "id3372020001", "village": "Joyosuran", "district_code": "id3372020",
             "district": "Pasar Kliwon", "regency_code": "id3372", "regency": "Kota Surakarta"},
            "BPS, names in English", "BPS",
        ),
        (
            {"iddesa": "3372010001", "nmdesa": "Joyotakan", "nmkec": "Serengan",
             "nmkab": "Kota Surakarta"},
            {"iddesa": "3372020001", "nmdesa": "Joyosuran", "nmkec": "Pasar Kliwon",
             "nmkab": "Kota Surakarta"},
            "BPS' own", "BPS",
        ),
        (
            {"KDEBPS": 3372010001.0, "WADMKD": "Joyotakan", "WADMKC": "Serengan",
             "WADMKK": "Kota Surakarta", "NAMOBJ": "x", "KDEPUM": None},
            {"KDEBPS": 3372020001.0, "WADMKD": "Joyosuran", "WADMKC": "Pasar Kliwon",
             "WADMKK": "Kota Surakarta"},
            "BIG (RBI) with BPS' codes", "BPS",
        ),
    ],
)  # fmt: skip
def test_bps_codes_by_four_publishers(
    first: dict[str, Any], second: dict[str, Any], title: str, source: str
) -> None:
    areas = read_areas(collection(cell(0, **first), cell(1, **second)))
    assert (areas.title, areas.source, areas.form) == (title, source, "BPS")
    assert areas.labels == ("Kecamatan", "Kelurahan")
    assert areas.city == "Kota Surakarta"
    assert areas.province == "33"
    assert chains(areas) == [
        (("3372010", "Serengan"), ("3372010001", "Joyotakan")),
        (("3372020", "Pasar Kliwon"), ("3372020001", "Joyosuran")),
    ]


@pytest.mark.parametrize(
    ("properties", "title"),
    [
        ({"KDEPUM": "33.72.01.1001", "WADMKD": "Joyotakan", "KDCPUM": "33.72.01", "WADMKC": "Laweyan"},
         "BIG (RBI) with Kemendagri's codes"),
        ({"KODE_DESA": "3372011001", "DESA_KELUR": "Joyotakan", "KECAMATAN": "Laweyan"},
         "Dukcapil and other Indonesian files"),
        ({"kode_kel": "33.72.01.1001", "nama_kel": "Joyotakan", "nama_kec": "Laweyan"},
         "Dukcapil and other Indonesian files"),
    ],
)  # fmt: skip
def test_kemendagri_codes_get_their_dots_and_parents(properties: dict[str, Any], title: str) -> None:
    again: dict[str, Any] = {
        name: str(value).replace("1001", "2002").replace("72.01", "72.02").replace("337201", "337202")
        for name, value in properties.items()
    }
    areas = read_areas(collection(cell(0, **properties), cell(1, **again)))
    assert (areas.title, areas.form, areas.source) == (title, "Kemendagri", "Kemendagri")
    assert chains(areas)[0] == (("33.72.01", "Laweyan"), ("33.72.01.1001", "Joyotakan"))
    assert chains(areas)[1][0][0] == "33.72.02"


def test_names_that_the_file_lacks_come_from_a_table() -> None:
    features = [cell(0, kode="71.71.01.1001", nama="Molas"), cell(1, kode="71.71.02.1001", nama="Bitung")]
    areas = read_areas(collection(*features))
    assert chains(areas)[0] == (("71.71.01", ""), ("71.71.01.1001", "Molas"))
    assert any("2 Kecamatan without a name" in note and "--names" in note for note in areas.notes)
    names = {"71.71.01": "Bunaken", "71.71.02": "Tuminting", "71.71": "KOTA MANADO"}
    named = read_areas(collection(*features), names=names)
    assert chains(named)[1][0] == ("71.71.02", "Tuminting")
    assert (named.city, named.notes) == ("Kota Manado", [])


def osm(level: str, number: str, name: str) -> dict[str, Any]:
    return {"boundary": "administrative", "admin_level": level, "name": name, "@id": f"relation/{number}"}


def test_openstreetmap_finds_parents_by_area_and_leaves_out_rw() -> None:
    features = [
        cell(0, width=4, **osm("5", "5", "Kota Contoh")),
        cell(0, width=2, **osm("6", "61", "Barat")),
        cell(2, width=2, **osm("6", "62", "Timur")),
        *(cell(at, **osm("7", f"7{at}", f"Kelurahan {at}")) for at in range(4)),
        cell(0, **osm("9", "91", "RW 01")),
        {**cell(0, **osm("7", "79", "dot")), "geometry": {"type": "Point", "coordinates": [WEST, SOUTH]}},
    ]
    areas = read_areas(collection(*features))
    assert (areas.title, areas.source, areas.labels) == (
        "OpenStreetMap",
        "OpenStreetMap",
        ("Kecamatan", "Kelurahan"),
    )
    assert areas.city == "Kota Contoh"
    assert chains(areas)[0] == (("relation/61", "Barat"), ("relation/70", "Kelurahan 0"))
    assert chains(areas)[3] == (("relation/62", "Timur"), ("relation/73", "Kelurahan 3"))
    boundaries, report = load_boundaries(areas.geojson(), areas.levels(), source="OSM", version="1")
    assert report.clean
    assert [d.name for d in boundaries.districts if d.level == 0] == ["Barat", "Timur"]


def test_geoboundaries_of_two_levels_are_two_files() -> None:
    lowest = [
        cell(at, shapeID=f"v{at}", shapeName=f"Desa {at}", shapeType="ADM4", shapeGroup="IDN")
        for at in range(4)
    ]
    upper = [cell(at, width=2, shapeID=f"k{at}", shapeName=f"Kec {at}", shapeType="ADM3") for at in (0, 2)]
    areas = read_areas(collection(*lowest), uppers=[collection(*upper)])
    assert (areas.title, areas.labels, areas.form) == ("geoBoundaries", ("Kecamatan", "Kelurahan"), "")
    assert [chain[0] for chain in chains(areas)] == [("k0", "Kec 0")] * 2 + [("k2", "Kec 2")] * 2
    alone = read_areas(collection(*lowest))
    assert alone.labels == ("Kelurahan",)


FLAT: dict[str, Any] = {
    "type": "Polygon",
    "coordinates": [[[WEST, SOUTH], [WEST + SIDE, SOUTH], [WEST, SOUTH]]],
}


@pytest.mark.parametrize("geometry", [FLAT, {**FLAT, "coordinates": [[[WEST, SOUTH]] * 4]}, None])
def test_what_has_no_area_has_no_parent_and_is_said(geometry: Any) -> None:
    lowest = [cell(at, shapeID=f"v{at}", shapeName=f"Desa {at}", shapeType="ADM4") for at in range(3)]
    lowest[1]["geometry"] = geometry
    upper = [cell(at, shapeID=f"k{at}", shapeName=f"Kec {at}", shapeType="ADM3") for at in (0, 2)]
    areas = read_areas(collection(*lowest), uppers=[collection(*upper)])
    assert [chain[0][1] for chain in chains(areas)] == ["Kec 0", "Kec 2"]
    assert areas.notes == ["1 left out, of which no Kecamatan is known: Desa 1"]


def test_one_without_a_code_is_no_level_of_its_own() -> None:
    above: dict[str, Any] = {"nama_kec": "Laweyan", "nama_kab": "Kota Surakarta"}
    features = [cell(at, kode_kel=f"33.72.0{at}.1001", nama_kel=f"K{at}", **above) for at in (1, 2)]
    lost = cell(3, kode_kel=None, nama_kel="Tanpa Kode", **above)
    for features_too in ([*features, lost], [*features, {**cell(3), "properties": None}]):
        areas = read_areas(collection(*features_too))
        assert (areas.city, areas.labels) == ("Kota Surakarta", ("Kecamatan", "Kelurahan"))
        assert len(areas.rows) == 2
        assert any("1 left out" in note for note in areas.notes)


def test_districts_of_two_levels_in_one_file_are_told_apart_by_whoever_gives_them() -> None:
    features = [cell(0, kode="33.72.01", nama="Laweyan"), cell(0, kode="33.72.01.1001", nama="Pajang")]
    with pytest.raises(BoundaryError, match=r"districts of two levels: 33\.72\.01 are above"):
        read_areas(collection(*features))


def test_a_district_that_two_parents_share_is_said() -> None:
    lowest = [cell(0, width=3, shapeID="a", shapeName="Lebar"), cell(3, shapeID="b", shapeName="Ujung")]
    upper = [cell(at, shapeID=f"k{at}", shapeName=f"Kec {at}") for at in range(4)]
    notes = read_areas(collection(*lowest), uppers=[collection(*upper)]).notes
    assert any("less than half" in note for note in notes)


def test_other_properties_are_listed_and_can_be_told() -> None:
    features = [cell(0, KD="a1", NM="Satu", WIL="W"), cell(1, KD="a2", NM="Dua", WIL="V")]
    with pytest.raises(Unrecognised) as caught:
        read_areas(collection(*features))
    said = str(caught.value)
    assert "KD: 2 different, such as 'a1'" in said
    assert "--levels" in said
    areas = read_areas(collection(*features), levels=parse_levels("WIL,WIL,Wilayah;KD,NM,Blok"))
    assert areas.labels == ("Wilayah", "Blok")
    assert chains(areas)[1] == (("V", "V"), ("a2", "Dua"))
    with pytest.raises(BoundaryError, match=r"has no property 'KODE' of --levels; it has:\n  KD"):
        read_areas(collection(*features), levels=parse_levels("KODE,NM"))


def test_one_city_of_a_larger_file() -> None:
    features = [
        cell(at, iddesa=f"{kab}010001", nmdesa=f"D{kab}", nmkec="K", nmkab=name)
        for at, (kab, name) in enumerate([("3371", "Kota Magelang"), ("3372", "Kota Surakarta")])
    ]
    whole = read_areas(collection(*features))
    assert whole.labels[0] == "Kota"
    assert whole.city == ""
    for only in ("kota surakarta", "3372", "id3372"):
        kept = read_areas(collection(*features), only=only.removeprefix("id"))
        assert [row.chain[-1][0] for row in kept.rows] == ["3372010001"]
        assert kept.city
    with pytest.raises(BoundaryError, match=r"'Solo' \(--only\); its highest level: Kota Magelang \(3371\)"):
        read_areas(collection(*features), only="Solo")


def test_people_and_the_day_are_taken_and_nothing_else() -> None:
    properties: dict[str, Any] = {
        "kode_kel": "33.72.01.1001",
        "nama_kel": "A",
        "JUMLAH_PEN": 1200,
        "ISLAM": 3,
        "valid_on": "2024-05-01T00:00",
    }
    areas = read_areas(collection(cell(0, **properties)))
    assert areas.date == "2024-05-01"
    (feature,) = areas.geojson()["features"]
    assert feature["properties"] == {
        "code_kelurahan": "33.72.01.1001",
        "name_kelurahan": "A",
        "population": "1200",
    }


def test_a_kabupaten_has_desa() -> None:
    features = [cell(0, kode="12.11.01.2001", nama="A"), cell(1, kode="12.11.02.2002", nama="B")]
    assert read_areas(collection(*features)).labels == ("Kecamatan", "Desa")
    both = [cell(0, kode="12.11.01.2001", nama="A"), cell(1, kode="12.12.02.2002", nama="B")]
    assert read_areas(collection(*both)).labels == ("Kabupaten", "Kecamatan", "Desa")


@pytest.mark.parametrize(
    ("codes", "form"),
    [
        (["31.71.01.1001", "31.71.01.1002"], "Kemendagri"),
        (["3171011001", "3171012002"], "Kemendagri"),
        (["3171010003", "3171011001"], "BPS"),
        (["3171010"], "BPS"),
        (["317101"], "Kemendagri"),
        (["relation/12"], ""),
        (["31"], ""),
        ([""], ""),
        ([], ""),
    ],
)
def test_whose_codes(codes: list[str], form: str) -> None:
    assert form_of(codes) == form


def test_what_follows_from_a_code() -> None:
    assert (above("3171010003", 1, "BPS"), above("3171010003", 2, "BPS")) == ("3171010", "3171")
    assert (above("3171011001", 1, "Kemendagri"), above("31.71.01.1001", 2, "Kemendagri")) == (
        "31.71.01",
        "31.71",
    )
    assert (
        above("x", 1, "BPS"),
        above("31", 1, "BPS"),
        above("31.71", 2, "Kemendagri"),
        above("a", 1, ""),
    ) == ("",) * 4
    assert (bare("id3171"), bare("ID3171010003"), bare("idx"), bare("id12345")) == (
        "3171",
        "3171010003",
        "idx",
        "id12345",
    )
    assert (written("317101", "Kemendagri"), written("3171010", "BPS")) == ("31.71.01", "3171010")
    assert (province(["3171", "3172"], "BPS"), province(["3171", "5101"], "BPS"), province(["a1"], "")) == (
        "31",
        "",
        "",
    )
    assert (is_kota(["3171"], "BPS"), is_kota(["12.11.01"], "Kemendagri"), is_kota(["31"], "BPS")) == (
        True,
        False,
        None,
    )
    assert [zone_of(code) for code in ("12", "71", "94", "99")] == [
        "Asia/Jakarta",
        "Asia/Makassar",
        "Asia/Jayapura",
        "",
    ]


def test_names_in_capitals_are_written_as_people_read_them() -> None:
    features = [cell(0, kode="71.71.01.1001", nama="PAAL IV"), cell(1, kode="71.71.01.1002", nama="BTS. ULU")]
    areas = read_areas(collection(*features))
    assert [row.chain[-1][1] for row in areas.rows] == ["Paal IV", "Bts. Ulu"]
    features[0]["properties"]["nama"] = "Paal Iv"
    assert [row.chain[-1][1] for row in read_areas(collection(*features)).rows] == ["Paal Iv", "BTS. ULU"]
