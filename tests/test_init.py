"""`init`: from a city's boundaries to a configuration that `check` accepts; what it refuses and how."""

from __future__ import annotations

import argparse
import csv
import io
import json
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests import city_sets
from tests.samples import samples
from tests.worlds import districts_geojson
from wallboard.check import check
from wallboard.errors import WallboardError
from wallboard.ground import prepare
from wallboard.init.asking import Asker, terminal
from wallboard.init.command import add_arguments, run_init
from wallboard.init.document import key_of
from wallboard.init.toml_text import key, text
from wallboard.settings import ROLES, read_city


def init(*words: str | Path, ask: Asker | None = None) -> tuple[int, str]:
    """Exit code and what was said."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    out = io.StringIO()
    return run_init(parser.parse_args([str(word) for word in words]), out, ask), out.getvalue()


@pytest.fixture
def boundaries(tmp_path: Path) -> Path:
    """The tiny city of tests/worlds.py: codes 99.01…, which no province has."""
    path = tmp_path / "batas.geojson"
    path.write_text(json.dumps(districts_geojson()))
    return path


def begun(tmp_path: Path, boundaries: Path, *more: str | Path) -> tuple[int, str]:
    return init(
        tmp_path / "kota",
        "--boundaries",
        boundaries,
        "--name",
        "Kota Contoh",
        "--time-zone",
        "Asia/Jakarta",
        *more,
    )


def checked(folder: Path) -> str:
    out = io.StringIO()
    assert check(folder / "city.toml", out) == 0, out.getvalue()
    return out.getvalue()


def test_a_city_that_check_accepts(tmp_path: Path, boundaries: Path) -> None:
    code, said = begun(tmp_path, boundaries)
    assert code == 0, said
    assert "districts: 2 Kecamatan, 8 Kelurahan; read as Dukcapil and other Indonesian files" in said
    assert f"next: python3 server.py check --config {tmp_path}/kota/city.toml" in said
    assert sorted(path.name for path in (tmp_path / "kota").iterdir()) == ["city.toml", "districts.geojson"]
    shown = checked(tmp_path / "kota")
    assert "Kota Contoh: key kota-contoh, Asia/Jakarta" in shown
    assert "warning" not in shown
    city = read_city(tmp_path / "kota" / "city.toml")
    assert city.boundaries.source == "Kemendagri"


def test_what_is_there_is_not_overwritten(tmp_path: Path, boundaries: Path) -> None:
    begun(tmp_path, boundaries)
    mine = tmp_path / "kota" / "city.toml"
    mine.write_text("# mine")
    code, said = begun(tmp_path, boundaries)
    assert code == 2
    assert (
        f"command line: FOLDER = '{mine}': is there already: "
        "name another folder, or overwrite it with --force" in said
    )
    assert said.endswith("2 faults; nothing was written.\n")
    assert mine.read_text() == "# mine"
    assert begun(tmp_path, boundaries, "--force")[0] == 0
    assert "# mine" not in mine.read_text()


def test_every_fault_at_once_and_nothing_is_written(tmp_path: Path, boundaries: Path) -> None:
    code, said = init(tmp_path / "kota", "--boundaries", boundaries, "--feed", "camera", "--feed", "open311",
                      "--feed", "webhook=https://x.example", "--time-zone", "WIB")  # fmt: skip
    assert code == 2
    assert said.splitlines() == [
        'command line: --name: is missing, and the boundaries do not say it: --name "Kota …"',
        "command line: --time-zone = 'WIB': is no time zone; "
        "WIB is Asia/Jakarta, WITA Asia/Makassar, WIT Asia/Jayapura",
        "command line: --feed = 'camera': is no type of feed; did you mean 'cameras'?; write TYPE=ADDRESS",
        "command line: --feed = 'open311': needs an address: write open311=ADDRESS",
        "command line: --feed = 'webhook=https://x.example': needs no address: "
        "what type webhook takes is sent to the server",
        "5 faults; nothing was written.",
    ]
    assert not (tmp_path / "kota").exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "is neither GeoJSON nor Kemendagri's SQL"),
        ("[1]", "is not a GeoJSON FeatureCollection"),
        ('{"type": "FeatureCollection", "features": [1]}', "is not a GeoJSON FeatureCollection"),
        ('{"type": "FeatureCollection", "features": []}', "has properties that neither BPS"),
        ("[" * 100_000, "nested too deeply"),
        ("INSERT INTO wilayah_boundaries VALUES", "has no rows ('CODE','NAME',lat,lng,'[[…]]')"),
        ("INSERT INTO wilayah_boundaries VALUES ('31.71','A',1,2,'[[[1,2')", "has no rows"),
        (
            "INSERT INTO wilayah_boundaries VALUES ('31.71','A',1,2,'[[[1,]]]')",
            "the path of 31.71 is no list",
        ),
        (
            "INSERT INTO wilayah_boundaries VALUES ('31.71','A',1,2,NULL),('31.72','B',1,2,'[[[1,2",
            "1 of 2 rows cannot be read, such as that of 31.72: is the file whole?",
        ),
        ('{"type": "FeatureCollection", "name": "Ternat\xe9"', "is not written in UTF-8 (byte "),
    ],
)
def test_boundaries_that_are_none(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "x.geojson"
    path.write_text(content, encoding="latin-1")
    code, said = begun(tmp_path, path)
    assert code == 2
    assert "--boundaries" in said
    assert why in said
    assert not (tmp_path / "kota").exists()


def test_boundaries_that_cannot_lie_there(tmp_path: Path, boundaries: Path) -> None:
    document = districts_geojson()
    for feature in document["features"]:
        ring = feature["geometry"]["coordinates"][0]
        feature["geometry"]["coordinates"] = [[[lat, lon] for lon, lat in ring]]
    boundaries.write_text(json.dumps(document))
    code, said = begun(tmp_path, boundaries)
    assert code == 2
    assert "Latitude stands before longitude" in said
    said = begun(tmp_path, tmp_path / "none.geojson")[1]
    assert said.startswith(f"command line: --boundaries = '{tmp_path}/none.geojson': ")
    assert "none.geojson cannot be read: no such file" in said


def test_a_folder_that_cannot_be_made_and_a_table_that_is_none_are_faults(
    tmp_path: Path, boundaries: Path
) -> None:
    code, said = init(boundaries / "kota", "--boundaries", boundaries, "--name", "Kota Contoh",
                      "--time-zone", "Asia/Jakarta")  # fmt: skip
    assert code == 2
    assert said == (
        f"command line: FOLDER = '{boundaries}/kota': cannot be written: not a directory\n"
        "1 fault; nothing was written.\n"
    )
    names = tmp_path / "names.csv"
    names.write_text(f'99.01,"{"x" * 200_000}\n')
    code, said = begun(tmp_path, boundaries, "--names", names)
    assert code == 2
    assert "names.csv is no table: field larger than" in said


def test_a_name_cut_in_half_does_not_cost_the_city(tmp_path: Path, boundaries: Path) -> None:
    boundaries.write_text(boundaries.read_text().replace("Muara Lama", "Muara \\ud83d"))
    assert begun(tmp_path, boundaries)[0] == 0
    checked(tmp_path / "kota")


def test_quotes_in_names_and_districts_without_a_path_in_kemendagris_sql(tmp_path: Path) -> None:
    path = tmp_path / "kel.sql"
    ring = "[[[-6.{0},106.0],[-6.{0},106.1],[-6.{1},106.1],[-6.{0},106.0]]]"
    path.write_text(
        "INSERT INTO wilayah_boundaries VALUES\n"
        f"('73.26.01.1001','Sa\\'dan',-6,106,'{ring.format(0, 1)}'),\n"
        f"('73.26.01.1002','Ma''kale',-6,106,'{ring.format(1, 2)}'),\n"
        "('73.26.01.1003','Tanpa',-6,106,NULL);"
    )
    code, said = begun(tmp_path, path)
    assert code == 0, said
    assert "Without a usable polygon, left out: Tanpa (73.26.01.1003)." in said
    ground = prepare(read_city(tmp_path / "kota" / "city.toml"), tmp_path / "kota")
    assert {district.name for district in ground.boundaries.lowest} == {"Sa'dan", "Ma'kale"}


def test_unknown_properties_are_listed_or_asked(tmp_path: Path, boundaries: Path) -> None:
    document = districts_geojson()
    for feature in document["features"]:
        own = feature["properties"]
        feature["properties"] = {
            "A": own["code_kec"],
            "B": own["name_kec"],
            "C": own["code_kel"],
            "D": own["name_kel"],
        }
    boundaries.write_text(json.dumps(document))
    code, said = begun(tmp_path, boundaries)
    assert code == 2
    assert "\n  C: 8 different, such as '99.01.01.1001'\n" in said
    assert begun(tmp_path, boundaries, "--levels", "A,B,Kecamatan;C,D,Kelurahan")[0] == 0
    assert "2 Kecamatan, 8 Kelurahan" in checked(tmp_path / "kota")
    answers = io.StringIO("A\nX,Y\nA,B,Kecamatan;C,D,Kelurahan\n\n\n\n")
    asked = io.StringIO()
    code, said = init(tmp_path / "lain", "--boundaries", boundaries, "--name", "Kota Contoh", "--time-zone",
                      "Asia/Jakarta", "--source", "kita", ask=terminal(answers, asked))  # fmt: skip
    assert code == 0, said
    assert "a level is 'code_property,name_property', not 'A'" in asked.getvalue()
    assert "has no property 'X', 'Y'" in asked.getvalue()
    assert "2 Kecamatan, 8 Kelurahan" in checked(tmp_path / "lain")


def test_at_a_terminal_it_asks_what_is_missing(tmp_path: Path, boundaries: Path) -> None:
    answers = io.StringIO(f"{tmp_path}/nowhere\n{boundaries}\n\nKota Baru\nMars\nAsia/Makassar\nmaybe\nno\n")
    asked = io.StringIO()
    code, said = init(tmp_path / "kota", ask=terminal(answers, asked))
    assert code == 0, said + asked.getvalue()
    assert "Kota Baru: key kota-baru, Asia/Makassar" in checked(tmp_path / "kota")
    assert "is no file" in asked.getvalue()
    assert "is no time zone" in asked.getvalue()
    assert read_city(tmp_path / "kota" / "city.toml").feed == []


def test_a_terminal_that_ends_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WallboardError, match=r"No answer to .*: nothing was written"):
        init(tmp_path / "kota", ask=terminal(io.StringIO(""), io.StringIO()))
    with pytest.raises(WallboardError, match="No usable answer"):
        init(tmp_path / "kota", ask=terminal(io.StringIO("x\n" * 9), io.StringIO()))

    interrupted = io.StringIO()

    def broken_off() -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(interrupted, "readline", broken_off)
    with pytest.raises(WallboardError, match=r"Broken off at .*: nothing was written"):
        init(tmp_path / "kota", ask=terminal(interrupted, io.StringIO()))
    assert not (tmp_path / "kota").exists()


def test_feeds_are_written_so_that_check_accepts_them(tmp_path: Path, boundaries: Path) -> None:
    folder = tmp_path / "kota"
    folder.mkdir()
    (folder / "lapor 100%.csv").write_text(
        "No;No. Laporan;Judul;Jenis;Waktu;Bujur;Lintang;Alamat\n1;L-1;a;b;c;1;2;x\n"
    )
    (tmp_path / "tma.csv").write_text("kode,nama pos,TMA,jam\np1,Hulu,12,2026-01-01\n", encoding="utf-16")
    (tmp_path / "harga.csv").write_text("komoditas\tharga\ttanggal\tpasar\nberas\t1\t2026-01-01\tA\n")
    code, said = begun(
        tmp_path, boundaries,
        "--feed", "bmkg_quake", "--feed", "bmkg_nowcast", "--feed", f"reports={folder}/lapor 100%.csv",
        "--feed", f"gauges=file:{tmp_path}/tma.csv", "--feed", f"prices={tmp_path}/harga.csv",
        "--feed", "ami=tls://pbx.example.go.id", "--feed", "webhook", "--feed", "cap=https://a.example/cap.xml",
        "--feed", "cap=https://b.example/cap.xml", "--feed", "bmkg_forecast",
    )  # fmt: skip
    assert code == 0, said
    shown = checked(folder)
    assert "is not there now" not in shown
    feeds = {feed["name"]: feed for feed in tomllib.loads((folder / "city.toml").read_text())["feed"]}
    assert list(feeds) == [
        "bmkg-quake",
        "bmkg-nowcast",
        "reports",
        "gauges",
        "prices",
        "ami",
        "webhook",
        "cap",
        "cap-2",
        "bmkg-forecast",
    ]
    assert feeds["reports"]["url"] == "file:lapor 100%25.csv"
    assert feeds["reports"]["options"]["mapping"]["fields"] == {
        "id": "No. Laporan", "title": "Judul", "category": "Jenis", "opened": "Waktu", "address": "Alamat",
        "lon": "Bujur", "lat": "Lintang",
    }  # fmt: skip
    assert feeds["gauges"]["url"] == f"file://{tmp_path}/tma.csv"
    assert feeds["prices"]["options"]["mapping"]["fields"]["market_name"] == "pasar"
    assert len(feeds["bmkg-forecast"]["options"]["codes"]) == 8
    assert (feeds["ami"]["enabled"], feeds["webhook"]["enabled"]) == (False, False)


@pytest.mark.parametrize(
    ("feed", "why"),
    [
        (
            "reports=tanpa.csv",
            "has the columns judul, isi: none of them is known as id. Call it id, nomor_laporan, ",
        ),
        ("reports=data.json", "is no CSV table with a heading"),
        ("reports=urut.csv", "has the columns No, Judul: none of them is known as id"),
        ("reports=dua.csv", "dua.csv has two columns of one name, judul: call one of them otherwise"),
        ("reports=none.csv", "none.csv cannot be read: no such file or directory; its first line says"),
        (
            "reports=https://x.example/a.csv",
            "needs options that only you know (options.mapping); give a CSV table",
        ),
        ("ami=https://x.example", "begins with https:; type ami takes tcp:, tls:"),
        ("reports", "needs an address: write reports=ADDRESS"),
        ("waze", "needs an address: write waze=ADDRESS"),
    ],
)
def test_feeds_that_cannot_be_written(
    tmp_path: Path, boundaries: Path, feed: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tanpa.csv").write_text("judul,isi\na,b\n")
    (tmp_path / "urut.csv").write_text("No,Judul\n1,a\n")
    (tmp_path / "dua.csv").write_text("nomor,judul,judul\n1,a,b\n")
    (tmp_path / "data.json").write_text('[{"id": 1, "b": 2}]')
    code, said = begun(tmp_path, boundaries, "--feed", feed)
    assert code == 2
    assert why in said


def test_a_name_that_toml_has_to_escape(tmp_path: Path, boundaries: Path) -> None:
    name = 'Kota "Ba\\ru" \x7f\t#'
    code, said = init(
        tmp_path / "kota",
        "--boundaries",
        boundaries,
        "--name",
        name,
        "--time-zone",
        "Asia/Jakarta",
        "--key",
        "baru",
    )
    assert code == 0, said
    assert tomllib.loads((tmp_path / "kota" / "city.toml").read_text())["city"]["name"] == name
    assert tomllib.loads(f"{key('a b')} = {text('x')}") == {"a b": "x"}
    assert (key("a-1"), key_of("Kota Ternaté, Utara!"), key_of("東京")) == ("a-1", "kota-ternate-utara", "")


def test_what_to_type_next_can_be_copied_from_a_folder_with_spaces(tmp_path: Path, boundaries: Path) -> None:
    code, said = init(tmp_path / "kota baru", "--boundaries", boundaries, "--name", "Kota Contoh",
                      "--time-zone", "Asia/Jakarta")  # fmt: skip
    assert code == 0
    assert f"--config '{tmp_path}/kota baru/city.toml'\n" in said


def test_a_crosswalk_is_written_and_used(tmp_path: Path, boundaries: Path) -> None:
    other: dict[str, Any] = districts_geojson()
    for number, feature in enumerate(other["features"]):
        feature["properties"] = {"iddesa": f"990101000{number}", "nmdesa": f"Lain {number}"}
    (tmp_path / "bps.geojson").write_text(json.dumps(other))
    code, said = begun(tmp_path, boundaries, "--crosswalk", tmp_path / "bps.geojson")
    assert code == 0, said
    assert "crosswalk: 8 of 8 districts of BPS mean one of ours, 0 of them by name too" in said
    assert "8 × most of it lies in one of ours of another name: Lain 0 (9901010000) → Muara Lama 100%" in said
    checked(tmp_path / "kota")
    city = read_city(tmp_path / "kota" / "city.toml")
    ground = prepare(city, tmp_path / "kota")
    place = ground.gazetteer.place("9901010000", ground.geofence)
    assert (place.district, place.name) == ("99.01.01.1001", "Muara Lama")
    assert ground.gazetteer.place("Kelurahan Lain 0", ground.geofence).district == "99.01.01.1001"


def test_a_crosswalk_that_does_not_fit_its_boundaries_is_a_fault(tmp_path: Path, boundaries: Path) -> None:
    begun(tmp_path, boundaries, "--crosswalk", boundaries)
    table = tmp_path / "kota" / "crosswalk.csv"
    for content, why in (
        (table.read_text().replace("99.01.01.1001", "99.09"), "codes that are none of districts.geojson"),
        ("a,b\n", "has no column"),
        ("\xff", "has no column"),
    ):
        table.write_text(content)
        out = io.StringIO()
        assert check(tmp_path / "kota" / "city.toml", out) == 2
        assert "boundaries.crosswalk = 'crosswalk.csv': " in out.getvalue()
        assert why in out.getvalue()
    table.unlink()
    out = io.StringIO()
    assert check(tmp_path / "kota" / "city.toml", out) == 2
    assert "cannot be read: no such file" in out.getvalue()


def test_the_crosswalk_of_another_city_is_refused(tmp_path: Path, boundaries: Path) -> None:
    far = districts_geojson()
    for feature in far["features"]:
        ring = feature["geometry"]["coordinates"][0]
        feature["geometry"]["coordinates"] = [[[lon + 5, lat] for lon, lat in ring]]
    (tmp_path / "far.geojson").write_text(json.dumps(far))
    code, said = begun(tmp_path, boundaries, "--crosswalk", tmp_path / "far.geojson")
    assert code == 2
    assert "has no district in the place of ours" in said


# --- real sets ---------------------------------------------------------------------------------------

_ZONES = {"manado": "Asia/Makassar", "mataram": "Asia/Makassar"}
_NAMES = {
    "jakarta": "DKI Jakarta",
    "manado": "Kota Manado",
    "mataram": "Kota Mataram",
    "pematangsiantar": "Kota Pematangsiantar",
    "pangkalpinang": "Kota Pangkal Pinang",
    "dairi": "Kabupaten Dairi",
}
#: Districts of Kemendagri that are ours in place and name, and those whose name is another's (FEEDS.md, 7):
#: two pairs are exchanged, and Dairi is drawn quite otherwise.
_MATCHES = {
    "jakarta": (267, 0),
    "manado": (87, 0),
    "mataram": (50, 0),
    "pematangsiantar": (50, 2),
    "pangkalpinang": (40, 2),
    "dairi": (107, 52),
}
_COUNTS = {
    "jakarta": ("6 Kota, 46 Kecamatan, 270 Kelurahan", "6 Kota, 44 Kecamatan, 267 Kelurahan"),
    "manado": ("11 Kecamatan, 87 Kelurahan",) * 2,
    "mataram": ("6 Kecamatan, 50 Kelurahan",) * 2,
    "pematangsiantar": ("8 Kecamatan, 53 Kelurahan",) * 2,
    "pangkalpinang": ("7 Kecamatan, 42 Kelurahan",) * 2,
    "dairi": ("15 Kecamatan, 169 Desa",) * 2,
}


def files_of(area: str) -> tuple[list[Path], list[Path]]:
    """BPS' file of an area, and Kemendagri's."""
    bps = samples("boundaries/bps2020_hdx_jfraziz") / f"{city_sets.BPS[area]}.geojson"
    folder = samples("boundaries/kemendagri2025_cahyadsn")
    return [bps], sorted(folder.glob(f"wilayah_boundaries_kel_{city_sets.KEMENDAGRI[area]}*.sql"))


@pytest.mark.parametrize("area", city_sets.AREAS)
@pytest.mark.parametrize("source", ["BPS", "Kemendagri"])
def test_every_area_in_both_sources(tmp_path: Path, area: str, source: str) -> None:
    """What `run` starts with, as both offices draw it; each knows the codes of the other."""
    bps, kemendagri = files_of(area)
    own, other = (bps, kemendagri) if source == "BPS" else (kemendagri, bps)
    names: list[str | Path] = ["--names", samples("codes/wilayah.csv")] if source == "Kemendagri" else []
    named = ["--name", "DKI Jakarta"] if area == "jakarta" else []
    code, said = init(tmp_path / "kota", "--boundaries", *own, *names, *named, "--crosswalk", *other,
                      "--feed", "bmkg_nowcast", "--feed", "bmkg_forecast")  # fmt: skip
    assert code == 0, said
    assert f"districts: {_COUNTS[area][source == 'Kemendagri']}; read as " in said
    city = read_city(tmp_path / "kota" / "city.toml", ROLES)
    assert city.boundaries.source == source
    assert city.city.name.replace("Pematang Siantar", "Pematangsiantar") == _NAMES[area]
    assert city.city.time_zone == _ZONES.get(area, "Asia/Jakarta")
    assert city.feed[0].options == {"provinces": [city_sets.KEMENDAGRI[area][:2]]}
    asked = city.feed[1].options["codes"]
    assert all(code.startswith(f"{city_sets.KEMENDAGRI[area]}.") and code.count(".") == 3 for code in asked)
    ground = prepare(city, tmp_path / "kota")
    assert all(len(ground.gazetteer.by_code(code)) == 1 for code in asked), "a forecast finds its district"
    assert all(district.name not in ("", district.code) for district in ground.boundaries.districts)
    with (tmp_path / "kota" / "crosswalk.csv").open() as file:
        lines = list(csv.DictReader(file))
    sure = [line for line in lines if line["match"] == "same"]
    assert len({line["code"] for line in sure}) == len(sure)
    for line in sure:
        assert [each.code for each in ground.gazetteer.by_code(line["other_code"])] == [line["code"]]
    if source == "BPS":
        low = [line for line in lines if line["other_code"].count(".") == 3]
        counts = Counter(line["match"] for line in low)
        assert (counts["same"], counts["contested"]) == _MATCHES[area]
    if area == "jakarta" and source == "BPS":
        # Kemendagri's 31.71 is Pusat, BPS' 3171 is Selatan: by area none is taken for the other.
        (pusat,) = ground.gazetteer.by_code("31.71")
        assert (pusat.code, pusat.name) == ("3173", "Kota Jakarta Pusat")


def test_the_forecast_asks_by_kemendagris_codes_alone(tmp_path: Path, boundaries: Path) -> None:
    document = districts_geojson()
    for number, feature in enumerate(document["features"]):
        feature["properties"] = {"iddesa": f"990101000{number}", "nmdesa": f"Lain {number}"}
    (tmp_path / "bps.geojson").write_text(json.dumps(document))
    code, said = begun(tmp_path, tmp_path / "bps.geojson", "--feed", "bmkg_forecast")
    assert code == 2
    assert "asks by Kemendagri's codes, which these boundaries do not have; with Kemendagri's own as" in said
    code, said = begun(
        tmp_path, tmp_path / "bps.geojson", "--feed", "bmkg_forecast", "--crosswalk", boundaries
    )
    assert code == 0, said
    codes = read_city(tmp_path / "kota" / "city.toml").feed[0].options["codes"]
    assert codes[0] == "99.01.01.1001"
    assert len(codes) == 8
