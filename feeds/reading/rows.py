"""A payload as rows: JSON, JSON lines, CSV whatever its delimiter, or a workbook.

A bad row does not spoil the others.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from feeds.reading.documents import load_json
from feeds.reading.xlsx import is_xlsx, table
from wallboard.errors import BadDocument

#: "table" is CSV or a workbook, whichever comes.
Format = Literal["auto", "json", "jsonl", "csv", "xlsx", "table"]

#: More records in one document than this are no list of a city; 16 MiB hold about as many.
MAX_RECORDS = 100_000
#: The widest table seen has 60 columns.
MAX_COLUMNS = 500
#: The most records of the widest table seen. A cell costs 40 bytes of memory though it holds nothing, and a
#: workbook of a megabyte has room for a hundred thousand rows of 500.
MAX_CELLS = 60 * MAX_RECORDS
DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Row:
    """One record as it stands in its document, or why it cannot be read."""

    where: str
    data: Any = None
    broken: str = ""


def kind_of(payload: bytes, declared: Format) -> Literal["json", "jsonl", "csv", "xlsx"]:
    """What a payload is, where the configuration leaves it open."""
    if declared in ("auto", "table") and is_xlsx(payload):
        return "xlsx"
    if declared == "table":
        return "csv"
    if declared != "auto":
        return declared
    head = payload.lstrip(codecs.BOM_UTF8 + b" \t\r\n")
    if head[:1] in (b"", b"<") or payload.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "json"  # its reader says what is wrong with them, and knows UTF-16
    if head[:1] not in (b"{", b"["):
        return "csv"
    first, _, rest = head.partition(b"\n")
    if not rest.strip():
        return "json"
    try:
        load_json(first)
    except BadDocument:
        return "json"  # written over several lines
    return "jsonl"


def json_lines(payload: bytes) -> list[Row]:
    """One JSON value a line."""
    lines = payload.removeprefix(codecs.BOM_UTF8).split(b"\n")
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    _bounded(len(numbered))
    rows = []
    for number, line in numbered:
        try:
            rows.append(Row(f"line {number}", load_json(line)))
        except BadDocument as fault:
            rows.append(Row(f"line {number}", line[:200].decode("utf-8", "replace"), str(fault)))
    return rows


def csv_rows(payload: bytes, delimiter: str, encoding: str, header_line: int = 0) -> list[Row]:
    """A table with a header as dicts; a second row of HXL tags (#date, #adm1+name) is left out.

    `header_line`: the line of the header, where titles stand above it.

    Raises BadDocument when it is no table: other encoding, no header, two columns of one name.
    """
    if is_xlsx(payload):
        raise BadDocument('this is a workbook; set `format = "table"` of the feed, or save it as CSV')
    text = _decode(payload, encoding)
    if text.lstrip()[:1] == "<":
        raise BadDocument("this is a page of HTML or XML, not a table")
    skipped = max(header_line - 1, 0)
    lines_of_text = text.split("\n", skipped)
    if len(lines_of_text) <= skipped:
        raise BadDocument(f"the table has no line {header_line}, where its header should be")
    text = lines_of_text[skipped]
    first = text.lstrip("\r\n").partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or sniff(first), strict=True)
    lines = ((number + skipped, cells) for number, cells in _lines(reader))
    try:
        _, header = next(lines)
    except StopIteration:
        raise BadDocument("the table is empty: it has not even a header") from None
    header = [name.strip() for name in header]
    _refuse_bad_header(header)
    rows: list[Row] = []
    for number, cells in lines:
        if not rows and _is_hxl(cells):
            continue
        _bounded(len(rows) + 1, len(header))
        if len(cells) == len(header):
            rows.append(Row(f"line {number}", dict(zip(header, cells, strict=True))))
        else:
            why = f"the row has {len(cells)} cells, the header {len(header)}"
            rows.append(Row(f"line {number}", cells[:MAX_COLUMNS], why))
    return rows


def xlsx_rows(payload: bytes, sheet: str, header: int, wanted: list[str]) -> list[Row]:
    """A workbook's table as dicts; cells that hold nothing are None. Raises BadDocument."""
    if not is_xlsx(payload):
        raise BadDocument('this is no workbook (.xlsx); set `format = "table"` where it may be CSV, too')
    names, below = table(payload, sheet=sheet, header=header, wanted=wanted)
    _refuse_bad_header(names)
    rows: list[Row] = []
    for number, cells in below:
        _bounded(len(rows) + 1, len(names))
        filled = cells[: len(names)] + [None] * (len(names) - len(cells))
        rows.append(Row(f"row {number}", dict(zip(names, filled, strict=True))))
    return rows


def sniff(header: str) -> str:
    """The delimiter that stands most often in the header, outside of quotes; a comma where none does."""
    bare = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _lines(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of the rows that hold anything."""
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise BadDocument(f"line {reader.line_num} is not CSV: {fault}") from None
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _refuse_bad_header(header: list[str]) -> None:
    if len(header) > MAX_COLUMNS:
        raise BadDocument(f"the table has {len(header)} columns; at most {MAX_COLUMNS}")
    named = [name for name in header if name]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise BadDocument(f"two columns of the table have one name: {', '.join(twice[:5])}")


def _is_hxl(cells: list[str]) -> bool:
    tags = [cell.strip() for cell in cells if cell.strip()]
    return bool(tags) and all(tag.startswith("#") for tag in tags)


def _decode(payload: bytes, encoding: str) -> str:
    if payload.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        return payload.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as fault:
        raise BadDocument(f"byte {fault.start} is not {encoding}; set `encoding` of the feed") from None


def _bounded(count: int, columns: int = 1) -> None:
    if count > MAX_RECORDS:
        raise BadDocument(f"the document holds more than {MAX_RECORDS} records")
    if count * columns > MAX_CELLS:
        raise BadDocument(f"the table holds more than {MAX_CELLS} cells")
