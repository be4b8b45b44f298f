"""docs/samples.md says what becomes of every real document; here each is read again and compared."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from feeds.cap.index import contents
from feeds.parse_command import parse_files
from tests.running import ROOT
from tests.samples import samples
from wallboard.city import CityConfig
from wallboard.errors import BadDocument
from wallboard.settings import read_city

TABLE = ROOT / "docs" / "samples.md"

#: 24 September 2026, 14:30 WIB; only what lacks a time of its own depends on it.
NOW = 1_790_235_000.0

#: Feeds whose documents may be indexes.
INDEXED = ("cap", "nowcast")

_DOCUMENT = re.compile(r"^\| `(?P<path>[^`]+)` \| (?P<cells>[^|]*(?:\|[^|]*){4})\| (?P<why>.+) \|$")
_LEFT_OUT = re.compile(r"^\| `(?P<path>[^`]+)` \| (?P<why>[^|]+) \|$")


@dataclass(frozen=True)
class Row:
    """A document as the table has it, or as it is read."""

    feed: str
    events: int
    links: int
    faults: int
    marks: frozenset[str]


def table() -> dict[str, tuple[Row, str]]:
    """Path → the row of the table, and its explanation."""
    rows: dict[str, tuple[Row, str]] = {}
    for line in TABLE.read_text().splitlines():
        if match := _DOCUMENT.match(line):
            feed, events, links, faults, marks = (cell.strip() for cell in match["cells"].split("|"))
            assert match["path"] not in rows, f"{match['path']} stands twice in the table"
            row = Row(feed, int(events), int(links), int(faults), frozenset(marks.split()))
            rows[match["path"]] = (row, match["why"].strip())
    return rows


def left_out() -> list[str]:
    """The folders, files and patterns of which the page says that no feed covers them."""
    found = (_LEFT_OUT.match(line) for line in TABLE.read_text().splitlines())
    return [match["path"] for match in found if match]


ROWS = table()


@pytest.fixture(scope="module")
def city() -> CityConfig:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AMI_SECRET", "unused")
        return read_city(ROOT / "examples" / "jakarta" / "city.toml")


def read(path: str, feed: str, city: CityConfig) -> tuple[Row, list[str]]:
    """What the parse command makes of a document, and the words of its faults."""
    file = samples(path)
    out, err = io.StringIO(), io.StringIO()
    parse_files(feed, [file], city, NOW, out, err)
    events = [json.loads(line) for line in out.getvalue().splitlines()]
    faults = [line.removeprefix(f"{file}: ") for line in err.getvalue().splitlines()]
    marks = frozenset(flag for event in events for flag in event.get("flags", ()))
    return Row(feed, len(events), links_in(file) if feed in INDEXED else 0, len(faults), marks), faults


def links_in(file: Path) -> int:
    try:
        return len(contents(file.read_bytes()).links)
    except BadDocument:
        return 0


@pytest.mark.parametrize("path", ROWS)
def test_a_document_is_read_as_the_table_says(path: str, city: CityConfig) -> None:
    row, why = ROWS[path]
    found, faults = read(path, row.feed, city)
    assert found == row
    for fault in faults:
        # "entry 1: it neither links …": the place is the document's, the reason has to be explained.
        reason = fault.rpartition(": ")[2]
        assert reason in why, f"the table does not explain {reason!r}"


@pytest.mark.parametrize("path", ROWS)
def test_nothing_in_the_table_is_unexplained(path: str) -> None:
    assert len(ROWS[path][1]) > 5


def test_every_document_is_in_one_of_the_two_lists() -> None:
    root = samples(".")
    unnamed = []
    for file in sorted(root.rglob("*")):
        path = file.relative_to(root)
        if not file.is_file() or path.as_posix() in ROWS:
            continue
        named = (
            path.as_posix().startswith(each) if each.endswith("/") else path.match(each)
            for each in left_out()
        )
        if not any(named):
            unnamed.append(path.as_posix())
    assert unnamed == []


def test_no_row_is_about_a_document_that_is_gone() -> None:
    root = samples(".")
    assert [path for path in ROWS if not (root / path).is_file()] == []


def test_the_totals_are_those_of_the_table() -> None:
    rows = [row for row, _ in ROWS.values()]
    events, links, faults = (
        sum(figures) for figures in zip(*((r.events, r.links, r.faults) for r in rows), strict=True)
    )
    said = f"{len(rows)} documents, {events} events, {links} links, {faults} faults"
    assert said in TABLE.read_text()
