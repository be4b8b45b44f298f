"""The ``locate`` command: points as lines in, districts as JSON lines out, at constant memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import msgspec

from wallboard.geofence import Geofence
from wallboard.place import Confidence, Place, Ref

#: What is read at once: large enough for the batch path (about 50,000 points), small enough to forget.
CHUNK_BYTES = 1 << 20
#: A point with all its other columns fits many times; a file without line ends must not fill the memory.
MAX_LINE_BYTES = 64 * 1024

_LON_NAMES = ("lon", "longitude", "lng", "long")
_LAT_NAMES = ("lat", "latitude")
_ACCURACY_NAMES = ("accuracy_m", "accuracy")
#: Spreadsheets set to Indonesian write semicolons.
_DELIMITERS = (",", ";", "\t")


class Source(Protocol):
    """What can be read in pieces: ``read1`` gives what is there and waits only when nothing is."""

    def read1(self, size: int, /) -> bytes: ...


class Answer(msgspec.Struct, frozen=True):
    """One line of output: every key always there, null where nothing is known."""

    lon: float | None
    lat: float | None
    district: str | None
    name: str | None
    parents: tuple[Ref, ...]
    confidence: Confidence
    edge_m: float | None
    candidates: tuple[str, ...]


class FlaggedAnswer(Answer, frozen=True):
    """The same with what was noticed, such as ``swapped_suspected``."""

    flags: tuple[str, ...]


class LineError(msgspec.Struct, frozen=True):
    """One line of output for a line that holds no point."""

    line: int
    error: str


@dataclass(frozen=True)
class Point:
    """One line of input. Degrees and metres; None where its column is empty."""

    lon: float | None
    lat: float | None
    accuracy_m: float | None


@dataclass(frozen=True)
class Columns:
    """Where the numbers stand in a line, and between what."""

    delimiter: str = ","
    lon: int = 0
    lat: int = 1
    accuracy: int | None = None
    #: How many columns there must be; None where a header says which count.
    width: int | None = 2


def locate_lines(source: Source, sink: BinaryIO, geofence: Geofence) -> int:
    """Answer every line of ``source`` in its order; the exit code: 1 if any line was bad, else 0."""
    encoder = msgspec.json.Encoder()
    columns: Columns | None = None
    number = 0
    bad = False
    for chunk in _whole_lines(source):
        points: list[Point] = []
        faults: dict[int, LineError] = {}  # by place in this chunk's output
        for raw in chunk:
            number += 1
            try:
                text = _text(raw, first=number == 1)
                if not text.strip():
                    continue
                if columns is None:
                    header = _header(text)
                    columns = header or Columns()
                    if header is not None:
                        continue
                points.append(_point(text, columns))
            except ValueError as fault:
                faults[len(points) + len(faults)] = LineError(number, f"line {number}: {fault}")
        bad = bad or bool(faults)
        places = iter(_places(points, geofence))
        lines = [
            faults[at] if at in faults else _answer(next(places)) for at in range(len(points) + len(faults))
        ]
        sink.write(encoder.encode_lines(lines))
        sink.flush()
    return int(bad)


def _places(points: list[Point], geofence: Geofence) -> list[Place]:
    return geofence.locate_many(
        [point.lon for point in points],
        [point.lat for point in points],
        [point.accuracy_m for point in points],
    )


def _answer(place: Place) -> Answer:
    shown = (
        place.lon,
        place.lat,
        place.district,
        place.name,
        place.parents,
        place.confidence,
        place.edge_m,
        place.candidates,
    )
    return FlaggedAnswer(*shown, place.flags) if place.flags else Answer(*shown)


def _whole_lines(source: Source) -> Iterator[list[bytes]]:
    """What is there, cut at line ends; what is longer than a line may be comes cut off and then ends."""
    rest = b""
    while chunk := source.read1(CHUNK_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        rest = rest[: MAX_LINE_BYTES + 1]
        if lines:
            yield lines
    if rest:
        yield [rest]


def _text(raw: bytes, *, first: bool) -> str:
    if len(raw) > MAX_LINE_BYTES:
        raise ValueError(f"longer than {MAX_LINE_BYTES} bytes")
    try:
        return raw.decode("utf-8-sig" if first else "utf-8").rstrip("\r")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8 text") from None


def _header(text: str) -> Columns | None:
    """The columns that a header names, or None if the line is no header."""
    for delimiter in _DELIMITERS:
        names = [name.strip().casefold() for name in _cells(text, delimiter)]
        lon, lat = _index(names, _LON_NAMES), _index(names, _LAT_NAMES)
        if lon is not None and lat is not None:
            return Columns(delimiter, lon, lat, _index(names, _ACCURACY_NAMES), None)
    return None


def _index(names: list[str], wanted: tuple[str, ...]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _cells(text: str, delimiter: str) -> list[str]:
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as fault:
        raise ValueError(str(fault)) from None


def _point(text: str, columns: Columns) -> Point:
    cells = _cells(text, columns.delimiter)
    if columns.width is not None and len(cells) != columns.width:
        raise ValueError(f"expected 'lon,lat', found {_short(text)}")
    if len(cells) <= max(columns.lon, columns.lat):
        raise ValueError(f"{len(cells)} columns, too few for longitude and latitude")
    accuracy = columns.accuracy
    return Point(
        _number(cells[columns.lon], "a longitude"),
        _number(cells[columns.lat], "a latitude"),
        _number(cells[accuracy], "an accuracy") if accuracy is not None and accuracy < len(cells) else None,
    )


def _number(cell: str, what: str) -> float | None:
    """An empty cell is a record without a location, which is an answer, not a fault."""
    cell = cell.strip()
    if not cell:
        return None
    try:
        if "_" in cell:  # Python reads 1_0 as ten; nobody means that in a file of coordinates
            raise ValueError
        return float(cell)
    except ValueError:
        raise ValueError(f"{_short(cell)} is not {what} in decimal degrees") from None


def _short(text: str, limit: int = 40) -> str:
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")
