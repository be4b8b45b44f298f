"""The measuring of district assignment runs from end to end on any city's file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadtests.geofence import POSTGIS_VARIABLE, main
from tests.small_city import city

LEVELS = ["--levels", "kec,kec_name;kel,kel_name"]


def test_it_prints_the_three_rates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(POSTGIS_VARIABLE, raising=False)
    file = tmp_path / "city.geojson"
    file.write_text(json.dumps(city()))
    assert main(["--districts", str(file), *LEVELS, "--points", "500"]) == 0
    said = capsys.readouterr().out
    for line in (
        "6 districts, 30 corners",
        "one by one: ",
        "whole answer, batch: ",
        "assignment only, batch: ",
    ):
        assert line in said
    assert f"not measured: {POSTGIS_VARIABLE} names no server" in said


def test_a_postgis_that_does_not_answer_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(POSTGIS_VARIABLE, "postgresql://nobody@127.0.0.1:1/none")
    file = tmp_path / "city.geojson"
    file.write_text(json.dumps(city()))
    assert main(["--districts", str(file), *LEVELS, "--points", "100"]) == 0
    assert "PostGIS, assignment only: not measured: " in capsys.readouterr().out


def test_without_a_file_it_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--districts", str(tmp_path / "none.geojson")]) == 2
    assert "--districts" in capsys.readouterr().err
