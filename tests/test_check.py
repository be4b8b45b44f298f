"""The `check` command: every fault, or what a city comes to."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cities import ENV, write_city
from tests.running import ROOT, START_S
from tests.worlds import MIDDLES, OUTSIDE
from wallboard.check import check
from wallboard.engine.rules import BUILT_IN
from wallboard.settings import DEMO

MORE = """
[[agency]]
code = "bpbd"
name = "BPBD"
[[category]]
code = "lain"
name = { id = "Lain", en = "Other" }
agency = "bpbd"
channel = "kanal"
[[commodity]]
code = "beras"
name = { id = "Beras", en = "Rice" }
[[rule]]
id = "antrean"
type = "threshold"
kind = "queue"
severity = "severe"
field = "waiting"
above = 5
on_delay = "1min"
text = { id = "x", en = "y" }
[[rule]]
id = "kamera"
type = "absence"
kind = "camera"
severity = "caution"
where = { state = ["online", "frozen"] }
silent_for = "90s"
text = { id = "x", en = "y" }
[[feed]]
name = "bmkg"
type = "cap"
url = "https://contoh.id/alerts?page=1"
every = "5min"
channel = "bmkg"
[[feed]]
name = "lama"
type = "cap"
url = "file:x.xml"
enabled = false
"""


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)


def run(path: Path) -> tuple[int, list[str]]:
    out = io.StringIO()
    code = check(path, out)
    return code, out.getvalue().splitlines()


def with_places(folder: Path, places: object, more: str = "") -> Path:
    path = write_city(folder, more)
    path.write_text('places_file = "places.json"\n' + path.read_text())
    (folder / "places.json").write_text(json.dumps(places))
    return path


def test_the_demo_city_is_well_and_says_so() -> None:
    code, lines = run(DEMO)
    assert code == 0
    assert lines[0].startswith("Kota Tirta Raya (simulation): key demo, Asia/Jakarta")
    assert "districts: 12 Kecamatan, 70 Kelurahan" in lines
    assert lines[-1] == f"{DEMO}: no faults."


ROSTER = """
[[agency]]
code = "dpu"
name = "Dinas PU"

[[group]]
code = "regu"
name = { id = "Regu", en = "Squad" }
people = ["rina"]
email = ["piket@kota.example"]

[[group]]
code = "kosong"
name = { id = "Kosong", en = "Empty" }

[[shift]]
name = "Malam"
begins = "19:00"
ends = "07:00"
duty = { regu = ["tono", "budi"] }

[notify.smtp]
url = "smtp://mail.kota.example:25"
sender = "wallboard@kota.example"
"""


def test_a_city_that_is_well_is_described(tmp_path: Path) -> None:
    path = write_city(tmp_path, MORE)
    code, lines = run(path)
    assert code == 0
    built_in = [line for line in lines if line.startswith(tuple(f"  {rule.id}: " for rule in BUILT_IN))]
    assert len(built_in) == len(BUILT_IN)
    assert [line for line in lines if line not in built_in] == [
        "Kota Contoh: key contoh, Asia/Jakarta, id, en",
        "districts: 2 Kecamatan, 8 Kelurahan",
        "  tests 1: 8 districts of the lowest level from 8 features, 40 corners.",
        "places: 0",
        "feeds: 3",
        "  push: webhook, POST /api/v1/ingest/push",
        "  bmkg: cap, https://contoh.id/alerts, every 5 min",
        "  lama: cap, file:x.xml, every 1 min, not enabled",
        "levels of the city: siaga-4, siaga-3, siaga-2, siaga-1 (turns the walls); the ready ones",
        f"rules: 2 of the city, {len(BUILT_IN)} built in ({len(BUILT_IN) + 1} threshold, 1 absence)",
        "  antrean: severe, queue, waiting above 5, for 1 min",
        "  kamera: caution, camera, silent for 90 s, state = online or frozen",
        "agencies: bpbd",
        "categories without match, which no report can have: lain",
        "commodities without a ceiling: beras",
        f"warning: {path}: category[1].channel (lain) = 'kanal': is the channel of no feed; there is bmkg",
        f"{path}: no faults.",
    ]


def test_the_roster_is_read_back(tmp_path: Path) -> None:
    """A shift that is nobody's is seen before the night in which nobody is told."""
    _, lines = run(write_city(tmp_path, ROSTER))
    assert [line for line in lines if line.startswith(("agencies", "group", "shift"))] == [
        "agencies: dpu",
        "group regu: rina; Malam tono, budi; piket@kota.example",
        "group kosong: nobody",
        "shift Malam: 19:00 to 07:00",
    ]


def test_places_outside_are_named_and_far_ones_warned_of(tmp_path: Path) -> None:
    lon, lat = MIDDLES["99.01.01.1001"]
    places = {
        "market": [
            {"name": "Pasar", "lon": lon, "lat": lat},
            {"name": "Bendung", "lon": OUTSIDE[0], "lat": OUTSIDE[1]},
        ]
    }
    code, lines = run(with_places(tmp_path, places))
    assert code == 0
    assert "places: 2" in lines
    assert "  outside every district: Bendung" in lines
    (warning,) = [line for line in lines if line.startswith("warning")]
    assert "places.json: market[1]" in warning
    assert "outside the box" in warning


def test_exchanged_numbers_of_a_place_are_a_fault_with_that_word(tmp_path: Path) -> None:
    lon, lat = MIDDLES["99.01.01.1001"]
    path = with_places(
        tmp_path,
        {"market": [{"name": "Pasar", "lon": lat, "lat": lon}, {"name": "Jauh", "lon": 500, "lat": 1}]},
        f'[[place]]\nname = "Terminal"\nlon = {lat}\nlat = {lon}\n',
    )
    code, lines = run(path)
    assert code == 2
    assert sum("swapped_suspected" in line for line in lines) == 2
    assert any("place[0] (Terminal)" in line for line in lines)
    assert any("market[1]" in line and "lies nowhere" in line for line in lines)
    assert lines[-1] == "3 faults."


def test_boundaries_that_cannot_be_used_say_why(tmp_path: Path) -> None:
    path = write_city(tmp_path)
    file = tmp_path / "districts.geojson"
    document = json.loads(file.read_text())
    for feature in document["features"]:
        ring = feature["geometry"]["coordinates"][0]
        feature["geometry"]["coordinates"] = [[[lat, lon] for lon, lat in ring]]
    file.write_text(json.dumps(document))
    code, lines = run(path)
    assert code == 2
    assert "boundaries.file = 'districts.geojson': Latitude stands before longitude" in lines[0]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "is not JSON"),
        ("null", "is empty"),
        ("[]", "not a GeoJSON FeatureCollection"),
        ("[" * 100_000, "nested too deeply"),
        ('{"type": "FeatureCollection", "features": []}', "None of 0 features"),
    ],
)
def test_a_boundary_file_that_is_none(tmp_path: Path, content: str, why: str) -> None:
    path = write_city(tmp_path)
    (tmp_path / "districts.geojson").write_text(content)
    code, lines = run(path)
    assert code == 2
    assert why in lines[0]
    assert lines[1:] == ["1 fault."]


def test_a_base_map_that_is_none(tmp_path: Path) -> None:
    path = write_city(tmp_path, '[map]\nbasemap = "map.json"\n')
    (tmp_path / "map.json").write_text("[1]")
    assert "map.basemap = 'map.json': is not a GeoJSON" in run(path)[1][0]


def test_an_unset_secret_is_a_fault_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_WEBHOOK_KEY")
    code, lines = run(write_city(tmp_path))
    assert code == 2
    assert "feed[0].options.keys[0] (push) = 'env:TEST_WEBHOOK_KEY'" in lines[0]
    assert "export TEST_WEBHOOK_KEY=…" in lines[0]


def test_a_missing_file_is_one_fault(tmp_path: Path) -> None:
    code, lines = run(tmp_path / "none.toml")
    assert code == 2
    assert lines == [f"{tmp_path}/none.toml: (file): cannot be read: no such file or directory", "1 fault."]


def test_the_command_from_outside(tmp_path: Path) -> None:
    """Exit code 2 and the faults on stdout, through server.py."""
    path = write_city(tmp_path, "[calls]\nx = 1\n")
    answer = subprocess.run(
        [sys.executable, ROOT / "server.py", "check", "--config", path],
        capture_output=True,
        text=True,
        timeout=START_S,
        env={**os.environ, "WALLBOARD_NO_SETUP": "1"},
    )
    assert answer.returncode == 2
    assert answer.stdout.splitlines() == [
        f"{path}: calls.x = 1: is not known; there are answer_within, channels, names, short_abandon",
        "1 fault.",
    ]
    assert answer.stderr == ""


def test_levels_in_the_wrong_order_are_a_fault(tmp_path: Path) -> None:
    path = write_city(tmp_path)
    text = path.read_text()
    first, second = (line for line in text.splitlines() if line.strip().startswith("{ code"))
    path.write_text(text.replace(first, "X").replace(second, first).replace("X", second))
    out = io.StringIO()
    assert check(path, out) == 2
    assert "highest first" in out.getvalue()


def test_a_file_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_WEBHOOK_KEY", ENV["TEST_WEBHOOK_KEY"])
    (tmp_path / "cap").mkdir()
    feeds = """
[[feed]]
name = "gone"
type = "geojson"
url = "file:posko/tidak-ada.geojson"
[[feed]]
name = "folder"
type = "cap"
url = "file:cap"
"""
    out = io.StringIO()
    assert check(write_city(tmp_path, feeds), out) == 0
    assert out.getvalue().count("is not there now") == 1
    assert "posko/tidak-ada.geojson is not there now" in out.getvalue()
