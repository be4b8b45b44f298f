"""feeds/parse_command.py: a document as the events it would become; faults with file, place and why."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from feeds.parse_command import parse_files
from tests.samples import samples
from wallboard.city import BoundariesConfig, CityConfig, FeedConfig, Identity
from wallboard.events import decoder

NOW = 1_790_235_000.0
GOOD = {
    "service_request_id": "1",
    "status": "open",
    "service_code": "B",
    "requested_datetime": "2026-09-24T14:00:00",
}


def run(name: str, *files: Path, config: CityConfig | None = None) -> tuple[int, list[Any], str]:
    out, err = io.StringIO(), io.StringIO()
    code = parse_files(name, files, config, NOW, out, err)
    return code, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


def city(*feeds: FeedConfig) -> CityConfig:
    return CityConfig(
        city=Identity(name="Kota", key="kota", time_zone="Asia/Makassar"),
        boundaries=BoundariesConfig(file="x", source="x", version="x", levels=[]),
        feed=list(feeds),
    )


def test_each_event_is_one_line_that_reads_back(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps([GOOD, {**GOOD, "service_request_id": "2"}]))
    out, err = io.StringIO(), io.StringIO()
    assert parse_files("open311", [file], None, NOW, out, err) == 0
    assert err.getvalue() == ""
    events = [decoder.decode(line) for line in out.getvalue().splitlines()]
    assert [event.source_id for event in events] == ["1", "2"]
    assert {event.received_at for event in events} == {NOW}


def test_a_faulty_record_is_named_and_the_good_ones_come_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps([{"service_request_id": None, "status": "open"}, GOOD]))
    code, events, err = run("open311", file)
    assert code == 1
    assert [event["source_id"] for event in events] == ["1"]
    assert err.startswith(f"{file}: ")
    assert len(err.splitlines()) == 1


def test_a_file_that_is_no_document_does_not_stop_the_next(tmp_path: Path) -> None:
    broken, good = tmp_path / "broken.json", tmp_path / "good.json"
    broken.write_text("<html><title>Login</title>")
    good.write_text(json.dumps([GOOD]))
    code, events, err = run("open311", broken, tmp_path / "missing.json", good)
    assert code == 1
    assert len(events) == 1
    first, second = err.splitlines()
    assert first.startswith(f"{broken}: ")
    assert (
        second
        == f"{tmp_path}/missing.json: {tmp_path}/missing.json cannot be read: no such file or directory."
    )


def test_a_feed_of_the_configuration_by_its_name_with_its_zone_and_channel(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps([GOOD]))
    jaki = FeedConfig(name="jaki", type="open311", url="https://contoh.id/", channel="JAKI")
    other = FeedConfig(name="other", type="open311", url="https://contoh.id/", time_zone="Asia/Jayapura")
    opened = {}
    for name in ("jaki", "other", "open311"):
        code, events, _ = run(name, file, config=city(jaki, other))
        assert (code, events[0]["feed"]) == (0, name)
        opened[name] = events[0]["opened_at"]
    assert opened["jaki"] - opened["other"] == 3600
    assert opened["open311"] == opened["jaki"], "a type that two feeds have gets neither's settings"


def test_a_feed_that_is_not_known_is_exit_code_2(tmp_path: Path) -> None:
    code, events, err = run("open31", tmp_path / "a.json")
    assert (code, events) == (2, [])
    assert "did you mean 'open311'?" in err
    wrong = FeedConfig(name="jaki", type="open311", options={"nonsense": 1})
    code, _, err = run("jaki", tmp_path / "a.json", config=city(wrong))
    assert code == 2
    assert err.startswith("jaki: options.nonsense: is not known")


def test_a_misspelt_feed_of_the_city_is_told_by_the_citys_names_first(tmp_path: Path) -> None:
    posko = FeedConfig(name="posko", type="open311", url="https://contoh.id/")
    code, _, err = run("posk", tmp_path / "a.json", config=city(posko))
    assert code == 2
    assert err.startswith("posk: feed: is neither a feed of the city nor a type; did you mean 'posko'? ")
    code, _, err = run("xyzzy", tmp_path / "a.json", config=city(posko))
    assert (code, "did you mean" in err) == (2, False)
    assert "the city's feeds are posko; types are ami, " in err


def test_a_feed_of_a_city_without_the_city_is_told_what_it_needs(tmp_path: Path) -> None:
    code, _, err = run("posko", tmp_path / "a.json")
    assert code == 2
    assert err.startswith("posko: feed: is no type of feed; types are ami, ")
    assert err.endswith(". A feed of a city needs --config CITY\n")


def test_a_capture_of_a_connection_needs_no_password(tmp_path: Path) -> None:
    file = tmp_path / "capture.txt"
    file.write_bytes(
        b"Event: QueueCallerJoin\r\nQueue: 112\r\nPosition: 1\r\nCount: 1\r\n"
        b"Uniqueid: 1790235000.1\r\nCallerIDNum: 081234567890\r\n\r\n"
    )
    code, events, err = run("ami", file)
    assert (code, err) == (0, "")
    assert [(event["type"], event["phase"]) for event in events] == [("call", "join")]
    assert "081234567890" not in json.dumps(events)


def test_a_real_warning() -> None:
    file = samples("bmkg/siaga_capture_2026-09-24/cap-id-CGT20260924002_alert.xml")
    code, events, err = run("cap", file)
    assert (code, err) == (0, "")
    assert events[0]["type"] == "hazard"
