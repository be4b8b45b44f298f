"""feeds/gauges.py: gates as Jakarta's list and other sources write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from feeds.base import Context, Parsed
from feeds.gauges import GaugesOptions, parse
from wallboard.errors import BadDocument
from wallboard.events import GaugeRead, Present

NOW = datetime(2026, 5, 12, 3, 0, tzinfo=UTC).timestamp()
CONTEXT = Context(feed="pintu", now=NOW, zone=ZoneInfo("Asia/Jakarta"))
READY = GaugesOptions(source="pintu_air")


def gate(**changes: Any) -> dict[str, Any]:
    """One feature as the city's list has it."""
    properties: dict[str, Any] = {
        "ketinggian": 142,
        "status_siaga": 3,
        "tanggal": "2026-05-12",
        "jam": "09:30",
        "pintu_air": {"id": 17, "name": "Pintu Contoh", "sistem_aliran": "Kali Contoh", "cctv": None},
    }
    geometry = {"type": "Point", "coordinates": ["110.010000", "-5.010000"]}
    return {
        "type": "Feature",
        "geometry": changes.pop("geometry", geometry),
        "properties": properties | changes,
    }


def read(*gates: Any, options: GaugesOptions = READY) -> Parsed:
    return parse(msgspec.json.encode({"type": "FeatureCollection", "features": gates}), CONTEXT, options)


def one(*gates: Any) -> GaugeRead:
    parsed = read(*gates)
    assert not parsed.faults
    (event,) = parsed.events
    assert isinstance(event, GaugeRead)
    return event


def test_a_gate_becomes_a_reading() -> None:
    assert one(gate()) == GaugeRead(
        feed="pintu",
        source_id="17",
        received_at=NOW,
        observed_at=datetime(2026, 5, 12, 2, 30, tzinfo=UTC).timestamp(),
        name="Pintu Contoh",
        value=142.0,
        unit="cm",
        lon=110.01,
        lat=-5.01,
        level_raw="Siaga 3",
        river="Kali Contoh",
        flags=("no_zone",),
    )


def test_coordinates_are_texts_with_the_longitude_first() -> None:
    assert (one(gate()).lon, one(gate()).lat) == (110.01, -5.01)


@pytest.mark.parametrize("coordinates", [["", ""], ["-", "-"], [None, None], []])
def test_a_gate_without_coordinates_is_kept(coordinates: list[Any]) -> None:
    event = one(gate(geometry={"type": "Point", "coordinates": coordinates}))
    assert (event.lon, event.lat) == (None, None)


def test_day_and_clock_are_split_and_in_the_feeds_zone() -> None:
    makassar = Context(feed="pintu", now=NOW, zone=ZoneInfo("Asia/Makassar"))
    (event,) = parse(msgspec.json.encode([gate()]), makassar, READY).events
    assert event.observed_at == datetime(2026, 5, 12, 1, 30, tzinfo=UTC).timestamp()


def test_a_gate_of_2023_keeps_its_date_beside_the_fresh_ones() -> None:
    stale = gate(tanggal="2023-02-01", jam="06:00", pintu_air={"id": 9, "name": "Pintu Lama"})
    events = read(gate(), stale).events
    assert [datetime.fromtimestamp(event.observed_at or 0, UTC).year for event in events] == [2026, 2023]


@pytest.mark.parametrize("value", [None, "-", "", "null"])
def test_a_missing_value_is_unknown_and_not_zero(value: Any) -> None:
    assert one(gate(ketinggian=value)).value is None


@pytest.mark.parametrize(("written", "value"), [(0, 0.0), ("0", 0.0), ("150 cm", 150.0), (-12, -12.0)])
def test_values_are_numbers_however_they_are_written(written: Any, value: float) -> None:
    assert one(gate(ketinggian=written)).value == value


def test_siaga_1_is_the_worst_and_is_told_as_a_word() -> None:
    assert [one(gate(status_siaga=raw)).level_raw for raw in (1, "4", "Siaga 2", None)] == [
        "Siaga 1",
        "Siaga 4",
        "Siaga 2",
        "",
    ]


def test_a_time_that_cannot_be_read_is_a_fault_and_the_others_pass() -> None:
    parsed = read(gate(jam="entah"), gate())
    assert len(parsed.events) == 1
    assert parsed.faults[0].where == "record 0"
    assert "observed" in parsed.faults[0].why


def test_a_gate_without_identity_is_a_fault() -> None:
    parsed = read(gate(pintu_air={}), "text", None)
    assert not parsed.events
    assert [fault.where for fault in parsed.faults] == ["record 0", "record 1", "record 2"]


def test_a_nameless_river_and_a_wall_of_text_are_tamed() -> None:
    event = one(gate(pintu_air={"id": 1, "name": "A\u202eB\n" * 500, "sistem_aliran": None}))
    assert len(event.name) <= 200
    assert "\u202e" not in event.name
    assert event.river == ""


@pytest.mark.parametrize("body", [b'{"message": "Unauthorized"}', b"<html>", b"", b'{"features": {"a": 1'])
def test_what_is_no_list_of_gates_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument):
        parse(body, CONTEXT, READY)


def test_a_complete_list_says_who_is_still_there() -> None:
    options = GaugesOptions(source="pintu_air", complete=True)
    whole = read(gate(), options=options)
    assert whole.events[-1] == Present(feed="pintu", source_id="", received_at=NOW, kind="gauge", ids=("17",))


def test_a_gate_whose_time_cannot_be_read_is_still_there() -> None:
    broken = gate(jam="?", pintu_air={"id": 18})
    events = read(gate(), broken, options=GaugesOptions(source="pintu_air", complete=True)).events
    assert isinstance(events[-1], Present)
    assert events[-1].ids == ("17", "18")


def test_a_list_with_a_nameless_gate_or_without_gates_declares_nobody_gone() -> None:
    options = GaugesOptions(source="pintu_air", complete=True)
    events = read(gate(), gate(pintu_air={}), options=options).events
    assert [type(event) for event in events] == [GaugeRead]
    assert not read(options=options).events


def test_any_other_source_by_a_mapping() -> None:
    options = msgspec.convert(
        {
            "unit": "m",
            "mapping": {
                "fields": {
                    "id": "kode",
                    "name": "nama",
                    "value": "tma",
                    "observed": "waktu",
                    "position": "titik",
                },
                "decimal": ",",
                "order": "lat,lon",
            },
        },
        GaugesOptions,
    )
    table = b"kode;nama;tma;waktu;titik\nA1;Pos Hulu;1,42;12 Mei 2026 09:30 WIB;-5.01, 110.01\n"
    (event,) = parse(table, CONTEXT, options).events
    assert isinstance(event, GaugeRead)
    assert (event.value, event.unit, event.lon, event.lat, event.flags) == (1.42, "m", 110.01, -5.01, ())


def test_without_options_the_citys_list_is_known_by_its_words_and_others_by_ours() -> None:
    plain = GaugesOptions()
    assert read(gate(), options=plain).events == read(gate()).events
    body = b'[{"id": "A1", "value": 12, "observed": "2026-05-12T09:00:00+07:00"}]'
    (event,) = parse(body, CONTEXT, plain).events
    assert isinstance(event, GaugeRead)
    assert (event.source_id, event.name, event.value, event.observed_at) == ("A1", "A1", 12, NOW - 3600)


def test_a_source_and_a_mapping_exclude_each_other() -> None:
    with pytest.raises(msgspec.ValidationError, match="either"):
        msgspec.convert({"source": "pintu_air", "mapping": {}}, GaugesOptions)
