"""examples/jakarta: the real documents of ../shared/samples on the real wall, at the time of the newest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.browser import page
from tests.running import ROOT, Server, server, until
from tests.samples import samples
from wallboard.settings import read_city

EXAMPLE = ROOT / "examples" / "jakarta"

#: BMKG's bulletin for Gorontalo holds from 14:27 to 16:27 WIB.
CLOCK = "2026-09-24T14:30:00+07:00"

ENV = {"AMI_SECRET": "a secret of these tests"}

RECORDINGS = (
    "panoramisk/queue_status.yaml",
    "panoramisk/agent_loggued_in.yaml",
    "cacofonisk/queue/queue_a_cancel.json",
)

#: Points of our own: what they are → (lon, lat), the kelurahan, kecamatan and kota in which they lie.
POINTS: dict[str, tuple[tuple[float, float], tuple[str, str, str]]] = {
    "Monas": ((106.8272, -6.1754), ("Gambir", "Gambir", "Kota Jakarta Pusat")),
    "Museum Fatahillah": ((106.8133, -6.1352), ("Pinangsia", "Taman Sari", "Kota Jakarta Barat")),
    "Kebun binatang": ((106.8206, -6.3126), ("Ragunan", "Pasar Minggu", "Kota Jakarta Selatan")),
    "Pantai Ancol": ((106.8320, -6.1250), ("Ancol", "Pademangan", "Kota Jakarta Utara")),
    "Lubang Buaya": ((106.9070, -6.2905), ("Lubang Buaya", "Cipayung", "Kota Jakarta Timur")),
    "Pulau Pramuka": ((106.6133, -5.7456), ("Pulau Panggang", "Kepulauan Seribu Utara", "Kepulauan Seribu")),
    "Perahu di danau": ((106.8581, -6.1513), ("Danau Sunter", "Danau Sunter", "Kota Jakarta Utara")),
}

#: In no district: in another city, and Monas with its numbers exchanged.
ELSEWHERE = {"Kebun Raya Bogor": (106.7996, -6.5976), "Monas, tertukar": (-6.1754, 106.8272)}

#: What is open, and what of it is in no district: ours, and two potholes in Toronto.
REPORTS = len(POINTS) + len(ELSEWHERE) + 2
OUTSIDE = len(ELSEWHERE) + 2

FEED = """
[[feed]]
name = "titik"
type = "geojson"
title = "Titik"
url = "file:titik.geojson"
every = 5
[feed.options.mapping.fields]
id = "id"
title = "properties.title"
"""


def points_geojson() -> dict[str, Any]:
    places = {name: at for name, (at, _) in POINTS.items()} | ELSEWHERE
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": name,
                "properties": {"title": name},
                "geometry": {"type": "Point", "coordinates": list(at)},
            }
            for name, at in places.items()
        ],
    }


def write_config(folder: Path, port: int) -> Path:
    """The example's configuration with another port of the exchange, and our points as one more feed."""
    text = (EXAMPLE / "city.toml").read_text()
    assert "tcp://127.0.0.1:5038" in text
    text = text.replace("tcp://127.0.0.1:5038", f"tcp://127.0.0.1:{port}")
    text = text.replace("../../../shared/samples", str(samples(".").resolve()))
    (folder / "titik.geojson").write_text(json.dumps(points_geojson()))
    path = folder / "city.toml"
    path.write_text(text + FEED)
    return path


@contextmanager
def exchange() -> Iterator[int]:
    """The replayer on a free port, playing as soon as the wall has logged in; its port."""
    files = [str(samples("calls") / name) for name in RECORDINGS]
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLE / "replay_ami.py"), *files, "--port", "0", "--rate", "50"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **ENV},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "tcp://127.0.0.1:" in line, line
        yield int(line.rpartition(":")[2])
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture(scope="module")
def jakarta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The whole example, once: geofence, exchange, feeds."""
    folder = tmp_path_factory.mktemp("jakarta")
    samples("boundaries")  # skips here where the documents are absent
    with (
        exchange() as port,
        server(
            folder / "state", "--config", str(write_config(folder, port)), "--clock", CLOCK, env=ENV
        ) as one,
    ):
        states = {"titik", "nowcast", "gempa", "laporan", "ami"}
        until(
            lambda: {id for id, feed in one.entities("feed").items() if feed["state"] == "ok"} >= states,
            f"{states} are well",
        )
        yield one


def hazards(one: Server, type: str) -> list[dict[str, Any]]:
    return [each for each in one.entities("hazard").values() if each["type"] == type]


def test_bmkgs_bulletin_holds_and_lies_outside(jakarta: Server) -> None:
    (warning,) = until(lambda: hazards(jakarta, "cap"), "the warning")
    assert warning.get("state", "active") == "active"
    assert warning["where"] == "outside"
    assert set(warning["texts"]) == {"id", "en"}
    assert warning["texts"]["id"]["headline"] == "Hujan Lebat disertai Petir di Gorontalo"
    assert warning.get("scope", []) == []


def test_no_warning_that_has_expired_is_in_force(jakarta: Server) -> None:
    """The CAP documents of 2003 to 2013 and the bulletins of February have been read, and none is shown."""
    old = {"cap", "cap-edxl", "cap-atom", "cap-ipaws", "nowcast-feb", "gempa-feb"}
    until(
        lambda: {id for id, feed in jakarta.entities("feed").items() if feed.get("events")} >= old, "all read"
    )
    assert [warning["sender"] for warning in hazards(jakarta, "cap")] == ["cuaca.ekstrem@bmkg.go.id"]
    assert [quake["region"] for quake in hazards(jakarta, "quake")] == [
        "Pusat gempa berada di darat 14 km selatan Nabire"
    ]


def test_reports_of_toronto_are_outside_and_not_lost(jakarta: Server) -> None:
    reports = until(
        lambda: [each for id, each in jakarta.entities("incident").items() if id.startswith("laporan/")],
        "the reports",
    )
    assert {each["id"] for each in reports} == {"laporan/101005420892", "laporan/101005420894"}
    for each in reports:
        assert each["place"]["confidence"] == "outside"
        assert each["category"] == "jalan_rusak"
        assert each["source"]["status_notes"].startswith("In progress")


@pytest.mark.parametrize("name", POINTS)
def test_a_point_in_jakarta_has_its_kelurahan(jakarta: Server, name: str) -> None:
    village, *parents = POINTS[name][1]
    place = until(lambda: jakarta.entities("incident").get(f"titik/{name}"), name)["place"]
    assert place["name"] == village
    assert sorted(parent["name"] for parent in place["parents"]) == sorted(parents)
    assert place["confidence"] in ("inside", "near_edge")


def test_what_lies_in_no_district_is_counted_as_outside(jakarta: Server) -> None:
    until(lambda: len(jakarta.entities("incident")) == REPORTS, "every report")
    incidents = jakarta.entities("incident")
    for name in ELSEWHERE:
        assert incidents[f"titik/{name}"]["place"]["confidence"] == "outside"
    assert "swapped_suspected" in incidents["titik/Monas, tertukar"]["place"]["flags"]
    until(lambda: jakarta.entities("city")["city"].get("open") == REPORTS, "the city's count")
    assert jakarta.entities("city")["city"]["outside"] == OUTSIDE


def test_the_recorded_exchange_is_live(jakarta: Server) -> None:
    queue = until(lambda: jakarta.entities("queue").get("670100-540100"), "the abandoned call")
    assert queue["name"] == "Rekaman 5"
    day = until(lambda: jakarta.entities("queue")["670100-540100"]["windows"]["day"], "its figures")
    assert (day["offered"], day["abandoned"]) == (1, 1)
    agents = until(lambda: jakarta.entities("agent"), "the agents")
    names = {
        "Agent/220",
        "Agent/213",
        "Agent/859",
        "Agent/214",
        "Agent/333",
        "Agent/999",
        "Agent/401",
        "Agent/402",
    }
    assert {each["name"] for each in agents.values()} <= names
    assert len(agents) >= 6


def test_no_number_of_the_recordings_is_shown(jakarta: Server) -> None:
    until(lambda: jakarta.entities("call"), "the call")
    shown = json.dumps([jakarta.entities(kind) for kind in ("call", "queue", "agent")])
    assert "31150010001" not in shown


@pytest.mark.browser
def test_a_browser_shows_the_headlines_and_counts(jakarta: Server) -> None:
    with page(jakarta) as wall:
        wall.shows("DKI Jakarta", "Kamis, 24 September 2026")
        wall.shows("Hujan Lebat disertai Petir di Gorontalo", "sampai 16.27", "Waspada · di luar kota")
        wall.shows("Gempa M 3,6", "12 Sep 20.42", "3.210 km dari kota")
        wall.shows(
            f"Laporan terbuka{REPORTS}", f"{REPORTS} terbuka", "di luar kota: 2 laporan · 15.806 km utara"
        )
        wall.shows("Road - Pot hole", "di luar kota · Jalan rusak")
        wall.shows("Kebun binatang", "Ragunan, Pasar Minggu")
        assert wall.errors == []


def test_the_configuration_is_read_without_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMI_SECRET", ENV["AMI_SECRET"])
    city = read_city(EXAMPLE / "city.toml")
    assert {feed.type for feed in city.feed} >= {"ami", "bmkg_nowcast", "bmkg_quake", "cap", "open311"}
