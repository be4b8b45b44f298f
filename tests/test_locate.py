"""Lines of points in, JSON lines out."""

from __future__ import annotations

import io
import json
from functools import cache
from typing import Any

import pytest

from tests.small_city import city, load
from wallboard.geofence import Geofence
from wallboard.locate import MAX_LINE_BYTES, locate_lines


@cache
def fence() -> Geofence:
    return Geofence(load(city())[0])


class Pipe(io.BytesIO):
    """A source that gives a few bytes at a time, as a pipe may."""

    def read1(self, size: int | None = -1, /) -> bytes:
        return super().read1(7)


def run(text: str | bytes, source: type[io.BytesIO] = io.BytesIO) -> tuple[list[dict[str, Any]], int]:
    sink = io.BytesIO()
    code = locate_lines(source(text.encode() if isinstance(text, str) else text), sink, fence())
    return [json.loads(line) for line in sink.getvalue().splitlines()], code


def test_a_line_has_every_key_of_the_contract() -> None:
    lines, code = run("110.005,-4.995\n")
    assert lines == [
        {
            "lon": 110.005,
            "lat": -4.995,
            "district": "A4",
            "name": "Muara Baru II",
            "parents": [{"code": "A", "name": "Karang Sari", "level": 0}],
            "confidence": "inside",
            "edge_m": 552.9,
            "candidates": [],
        }
    ]
    assert code == 0


def test_what_is_outside_has_nulls_and_what_was_noticed() -> None:
    lines, code = run("106.8,-6.2\n-4.995,110.005\n0,0")
    assert [line["district"] for line in lines] == [None, None, None]
    assert [line["confidence"] for line in lines] == ["outside", "outside", "no_location"]
    assert [line.get("flags") for line in lines] == [None, ["swapped_suspected"], ["null_island"]]
    assert code == 0


@pytest.mark.parametrize(
    "table",
    [
        "id,lon,lat\n7,110.005,-4.995\n8,110.015,-4.995\n",
        "\ufeffLatitude;Longitude;name\r\n-4.995;110.005;x\r\n-4.995;110.015;y\r\n",
        "name\tlat\tlng\nx\t-4.995\t110.005\ny\t-4.995\t110.015",
        'name,lat,lon\n"Jl. A, No. 1",-4.995,110.005\n"""B""",-4.995,110.015\n',
        "\n\n110.005, -4.995\n\n 110.015 ,-4.995\n",
    ],
)
def test_tables_with_a_header_and_bare_pairs_are_read(table: str) -> None:
    lines, code = run(table)
    assert [line["district"] for line in lines] == ["A4", "B5"]
    assert code == 0


def test_an_accuracy_column_is_used() -> None:
    lines, _ = run("lon,lat,accuracy_m\n110.0097,-4.995,5\n110.0097,-4.995,50\n110.0097,-4.995,\n")
    assert [line["candidates"] for line in lines] == [[], ["B5"], []]
    assert lines[1]["confidence"] == "near_edge"


def test_a_row_without_coordinates_is_a_record_without_a_location() -> None:
    lines, code = run("name,lon,lat\nx,,\n")
    assert (lines[0]["confidence"], lines[0]["lon"], code) == ("no_location", None, 0)


def test_a_bad_line_says_its_number_and_why_and_the_others_pass() -> None:
    lines, code = run("110.005,-4.995\nabc,5\n110.015,-4.995\n1,2,3\n1_0,5\n")
    assert [line.get("district") for line in lines] == ["A4", None, "B5", None, None]
    assert lines[1] == {"line": 2, "error": "line 2: 'abc' is not a longitude in decimal degrees"}
    assert lines[3] == {"line": 4, "error": "line 4: expected 'lon,lat', found '1,2,3'"}
    assert lines[4]["line"] == 5
    assert code == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"\xff\xfe\n", "not UTF-8 text"),
        (b"lon,lat\n5\n", "1 columns, too few"),
        (b'lon,lat\n"5,6\n', "unexpected end of data"),
        (b"name,where\n", "expected 'lon,lat'|not a longitude"),
        (b"9" * (MAX_LINE_BYTES + 10) + b"\n", "longer than"),
        (b"9" * (40 * MAX_LINE_BYTES), "longer than"),
    ],
)
def test_a_line_that_cannot_be_read_is_a_fault_of_that_line(text: bytes, why: str) -> None:
    lines, code = run(text + b"\n")
    assert code == 1
    assert len(lines) == 1
    assert any(each in lines[0]["error"] for each in why.split("|"))


def test_pieces_of_any_size_give_the_same_lines() -> None:
    text = "lon,lat\n110.005,-4.995\nx,y\n110.015,-4.995\n110.025,-4.985"
    assert run(text, Pipe) == run(text)


def test_nothing_in_nothing_out() -> None:
    assert run("") == ([], 0)


def test_many_lines_are_answered_in_order() -> None:
    text = "\n".join(f"{110 + number / 1e6},-4.995" for number in range(8_000))
    lines, code = run(text)
    assert [line["lon"] for line in lines] == [110 + number / 1e6 for number in range(8_000)]
    assert code == 0
