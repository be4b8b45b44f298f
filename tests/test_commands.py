"""wallboard/commands.py: what each form takes, and what it answers to wrong arguments."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cities import ENV, write_city
from tests.running import ROOT
from tests.worlds import MIDDLES, districts_geojson
from wallboard.commands import run_command

COMMANDS = ("run", "check", "parse", "locate")


class Stdin(io.TextIOWrapper):
    """Standard input with these bytes."""

    def __init__(self, text: str) -> None:
        super().__init__(io.BytesIO(text.encode()))


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)
    return write_city(tmp_path)


def refused(*arguments: str) -> int:
    """The exit code of a call that argparse refuses or answers itself."""
    with pytest.raises(SystemExit) as ended:
        run_command(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_every_form_answers_help(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(*command, "--help") == 0
    said = capsys.readouterr().out
    assert said.startswith("usage: server.py")
    if not command:
        assert all(name in said for name in COMMANDS)


def test_a_port_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert refused("run", "--port", "80000") == 2
    assert "ports are 0 (any free one) to 65535" in capsys.readouterr().err


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert refused("--version") == 0
    assert capsys.readouterr().out.startswith("wallboard ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("walk",),
        ("run", "--prot", "1"),
        ("run", "--port", "http"),
        ("run", "--role", "nobody"),
        ("parse",),
        ("parse", "cap"),
        ("check", "city.toml"),
        ("locate", "--levels"),
    ],
)
def test_wrong_arguments_end_with_2_and_the_usage(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(*arguments) == 2
    assert capsys.readouterr().err.startswith("usage: server.py")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--host", "0.0.0.0"), "without https"),
        (("run", "--role", "web"), "needs --redis"),
        (("run", "--workers", "0"), "at least 1"),
        (("run", "--clock", "yesterday"), "'yesterday' is no time"),
    ],
)
def test_what_run_refuses_is_one_sentence(
    arguments: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(arguments) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("wallboard: ")
    assert why in line


@pytest.mark.parametrize("command", ["run", "parse", "locate"])
def test_a_wrong_configuration_stops_every_command_with_all_faults(command: str, city: Path) -> None:
    city.write_text(city.read_text() + "[calls]\nx = 1\n[map]\nlevel = 7\n")
    more = ("cap", "x.xml") if command == "parse" else ()
    words = [sys.executable, "server.py", command, *more, "--config", str(city)]
    ended = subprocess.run(words, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert ended.returncode == 2
    first, second, last = ended.stderr.splitlines()
    assert "calls.x = 1: is not known" in first
    assert "map.level = 7: is no level" in second
    assert last == "2 faults; nothing was started."


def test_check_answers_on_stdout(city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(("check", "--config", str(city))) == 0
    assert capsys.readouterr().out.endswith("no faults.\n")


def test_parse_prints_one_event_a_line(
    city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "events.json"
    document.write_text(json.dumps([{"type": "incident", "source_id": "a", "title": "Banjir"}]))
    code = run_command(
        ("parse", "push", str(document), "--config", str(city), "--clock", "2026-01-31T10:00:00+07:00")
    )
    (line,) = capsys.readouterr().out.splitlines()
    event = json.loads(line)
    assert code == 0
    assert (event["feed"], event["source_id"], event["received_at"]) == ("push", "a", 1769828400.0)


def test_parse_needs_no_boundaries_and_no_secrets(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("TEST_WEBHOOK_KEY")
    (tmp_path / "districts.geojson").unlink()
    document = tmp_path / "events.json"
    document.write_text("[]")
    assert run_command(("parse", "push", str(document), "--config", str(city))) == 0
    assert capsys.readouterr().err == ""


def test_parse_of_an_unknown_feed_is_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(("parse", "cpa", str(tmp_path / "x"))) == 2
    assert "did you mean 'cap'" in capsys.readouterr().err


def test_locate_answers_by_configuration(
    city: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    lon, lat = MIDDLES["99.01.01.1003"]
    monkeypatch.setattr("sys.stdin", Stdin(f"{lon},{lat}\n"))
    assert run_command(("locate", "--config", str(city))) == 0
    assert json.loads(capfdbinary.readouterr().out)["district"] == "99.01.01.1003"


def test_locate_answers_by_a_file_of_districts_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "d.geojson"
    file.write_text(json.dumps(districts_geojson()))
    lon, lat = MIDDLES["99.01.02.1004"]
    monkeypatch.setattr("sys.stdin", Stdin(f"lon,lat\n{lon},{lat}\nx,y\n"))
    levels = "code_kec,name_kec;code_kel,name_kel"
    assert run_command(("locate", "--districts", str(file), "--levels", levels)) == 1
    first, second = capfdbinary.readouterr().out.splitlines()
    assert json.loads(first)["parents"][0]["name"] == "Tanggul"
    assert "line 3" in json.loads(second)["error"]


@pytest.mark.parametrize(
    ("content", "levels", "why"),
    [
        ("{}", "code", "--levels = 'code': a level is"),
        ("{}", "code,name", "not a GeoJSON FeatureCollection"),
        ("<html>", "code,name", "is not JSON"),
        (None, "", "cannot be read: no such file"),
    ],
)
def test_districts_that_locate_cannot_use_are_faults(
    content: str | None, levels: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "d.geojson"
    if content is not None:
        file.write_text(content)
    assert run_command(("locate", "--districts", str(file), "--levels", levels)) == 2
    assert why in capsys.readouterr().err
