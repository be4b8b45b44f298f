"""An .xlsx workbook as a table: the rows below a header, wherever in the sheet that stands.

Only what a table needs is read: one sheet's cells, the shared texts, and which styles are dates. Nothing in
it is run or followed: no formula (the result that was saved counts), no link, no macro.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from feeds.reading.documents import load_xml
from feeds.reading.sheet import Cell, Cells, Strings, local
from wallboard.errors import BadDocument

#: A zip file; and the container of the old .xls and of workbooks with a password.
MAGIC = b"PK\x03\x04"
OLD_MAGIC = b"\xd0\xcf\x11\xe0"

#: All parts together, unpacked: a year of reports has 20 MiB. What says less than it holds is cut there.
MAX_UNPACKED_BYTES = 128 * 1024 * 1024

#: workbook.xml, its relations and styles, each; styles of long-lived workbooks reach 2 MB.
_MAX_PART_BYTES = 8 * 1024 * 1024

#: A real workbook has some 30 parts, one with pictures some hundred.
_MAX_PARTS = 5_000

#: Titles and logos stand above a header in at most so many rows.
HEADER_WITHIN = 50

_CHUNK = 256 * 1024

#: Number formats that are dates by their number (ECMA-376, part 1, 18.8.30).
_DATED = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.I)

#: The line of column numbers that stands below the header in official tables: 1, 2, 3 or (1), (2), (3).
_COUNT = re.compile(r"\(?(\d{1,3})\)?")


def is_xlsx(payload: bytes) -> bool:
    """Whether a document is a workbook, or wants to be one."""
    return payload.startswith((MAGIC, OLD_MAGIC))


def table(
    payload: bytes, *, sheet: str = "", header: int = 0, wanted: Iterable[str] = ()
) -> tuple[list[str], Iterator[tuple[int, list[Cell]]]]:
    """(names of the columns, rows below them as (number of the row, cells)). Raises BadDocument.

    `sheet` is a name, else the first that is not hidden. `header` is the number of a row; 0: the one of the
    first rows that has most of the `wanted` columns, else the first with two filled cells.
    """
    rows = _rows(payload, sheet)
    above: list[tuple[int, list[Cell]]] = []
    for number, cells in rows:
        above.append((number, cells))
        if len(above) >= HEADER_WITHIN and not header:
            break
        if header and number >= header:
            break
    at = _header_at(above, header, [_name(name) for name in wanted])
    names = [_name(cell) for cell in above[at][1]]

    def below() -> Iterator[tuple[int, list[Cell]]]:
        first = True
        for source in (iter(above[at + 1 :]), rows):
            for number, cells in source:
                if not (first and _is_count(cells)):
                    yield number, cells
                first = False

    return names, below()


def _header_at(rows: list[tuple[int, list[Cell]]], header: int, wanted: list[str]) -> int:
    if header:
        for index, (number, _) in enumerate(rows):
            if number == header:
                return index
        raise BadDocument(f"The sheet has nothing in row {header}, where the header should be.")

    def fit(index: int) -> tuple[int, int, int]:
        names = {_name(cell) for cell in rows[index][1]} - {""}
        return len(names.intersection(wanted)), min(len(names), 2), -index

    if not rows:
        raise BadDocument("The sheet is empty: it has not even a header.")
    return max(range(len(rows)), key=fit)


def _name(cell: Any) -> str:
    """A column's name in one line, as a person would write it into the configuration."""
    return "" if cell is None else " ".join(str(cell).split())


def _is_count(cells: list[Cell]) -> bool:
    filled = [str(cell).strip() for cell in cells if cell is not None and str(cell).strip()]
    counts = [int(match[1]) if (match := _COUNT.fullmatch(word)) else -1 for word in filled]
    return (
        len(counts) > 2 and counts == list(range(counts[0], counts[0] + len(counts))) and counts[0] in (0, 1)
    )


def _rows(payload: bytes, wanted_sheet: str) -> Iterator[tuple[int, list[Cell]]]:
    if payload.startswith(OLD_MAGIC):
        raise BadDocument(
            "It is an old .xls, or a workbook with a password: save it as .xlsx without one, or as CSV."
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(payload))
    except (zipfile.BadZipFile, ValueError, OSError, struct.error) as error:
        raise BadDocument(f"The workbook is broken: {error}.") from None
    parts = archive.infolist()
    if len(parts) > _MAX_PARTS:
        raise BadDocument(f"The workbook has {len(parts)} parts, more than {_MAX_PARTS}.")
    # Pictures are not read, whatever they unpack to. A sheet may have any name: it is looked at by itself.
    unpacked = sum(part.file_size for part in parts if part.filename.endswith((".xml", ".rels")))
    if unpacked > MAX_UNPACKED_BYTES:
        raise BadDocument(
            f"The workbook unpacks to {unpacked} bytes, more than the {MAX_UNPACKED_BYTES} allowed."
        )
    book_name = _workbook(archive)
    book = _part(archive, book_name)
    sheet_name = _sheet(archive, book, book_name, wanted_sheet)
    folder = posixpath.dirname(book_name)
    properties = next((each for each in book if local(each.tag) == "workbookPr"), None)
    cells = Cells(
        strings=_strings(archive, f"{folder}/sharedStrings.xml"),
        dated=_dated(archive, f"{folder}/styles.xml"),
        from_1904=properties is not None and properties.get("date1904") in ("1", "true"),
    )
    return _streamed(archive, sheet_name, cells)


def _streamed(archive: zipfile.ZipFile, name: str, cells: Cells) -> Iterator[tuple[int, list[Cell]]]:
    for _ in _fed(archive, name, cells):
        yield from cells.take()


def _fed(archive: zipfile.ZipFile, name: str, target: Any) -> Iterator[None]:
    """Feed a part to a parser piece by piece. Raises BadDocument."""
    parser = DefusedXMLParser(target=target, forbid_dtd=True)

    def guarded(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except DefusedXmlException:
            raise BadDocument(f"{name} in the workbook holds what is not allowed here.") from None
        except (ParseError, LookupError, ValueError) as error:
            raise BadDocument(f"{name} in the workbook is broken: {error}.") from None
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise BadDocument(f"The workbook is broken: {error}.") from None

    with guarded(lambda: archive.open(name)) as part:
        if archive.getinfo(name).file_size > MAX_UNPACKED_BYTES:
            raise BadDocument(f"{name} in the workbook is larger than {MAX_UNPACKED_BYTES} bytes.")
        while piece := guarded(lambda: part.read(_CHUNK)):
            guarded(lambda piece=piece: parser.feed(piece))  # type: ignore[misc]
            yield
        guarded(parser.close)
        yield


def _part(archive: zipfile.ZipFile, name: str) -> Element:
    try:
        if archive.getinfo(name).file_size > _MAX_PART_BYTES:
            raise BadDocument(f"{name} in the workbook is larger than {_MAX_PART_BYTES} bytes.")
        body = archive.read(name)
    except KeyError:
        raise BadDocument(f"It is no .xlsx workbook: {name} is missing in it.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise BadDocument(f"The workbook is broken: {error}.") from None
    return load_xml(body)


def _workbook(archive: zipfile.ZipFile) -> str:
    for relation in _part(archive, "_rels/.rels"):
        if relation.get("Type", "").endswith("/officeDocument"):
            return relation.get("Target", "").lstrip("/")
    raise BadDocument("It is no .xlsx workbook: it names no document.")


def _sheet(archive: zipfile.ZipFile, book: Element, book_name: str, wanted: str) -> str:
    """The part that holds the wanted sheet, or the first visible one."""
    sheets = [each for each in book.iter() if local(each.tag) == "sheet"]
    visible = [each for each in sheets if each.get("state", "visible") == "visible"]
    named = [each for each in sheets if _name(each.get("name")).casefold() == _name(wanted).casefold()]
    chosen = named if wanted else visible or sheets
    if not chosen:
        names = ", ".join(repr(_name(each.get("name"))[:40]) for each in sheets[:20]) or "none"
        raise BadDocument(f"The workbook has no sheet {wanted!r}; it has {names}.")
    link = next((value for key, value in chosen[0].attrib.items() if local(key) == "id"), "")
    folder, file = posixpath.split(book_name)
    for relation in _part(archive, f"{folder}/_rels/{file}.rels"):
        if relation.get("Id") == link:
            target = relation.get("Target", "")
            return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
    raise BadDocument("The workbook does not say where its sheet is.")


def _strings(archive: zipfile.ZipFile, name: str) -> list[str]:
    if name not in archive.namelist():
        return []
    strings = Strings()
    for _ in _fed(archive, name, strings):
        pass
    return strings.found


def _dated(archive: zipfile.ZipFile, name: str) -> frozenset[int]:
    """Indexes of the cell styles that show a number as a date or time."""
    if name not in archive.namelist():
        return frozenset()
    root = _part(archive, name)
    dated = set(_DATED)
    for each in root.iter():
        if local(each.tag) == "numFmt" and _is_date(each.get("formatCode", "")):
            dated.add(_whole(each.get("numFmtId")))
    styles = next((each for each in root if local(each.tag) == "cellXfs"), None)
    found = [] if styles is None else list(styles)
    return frozenset(index for index, style in enumerate(found) if _whole(style.get("numFmtId")) in dated)


def _is_date(code: str) -> bool:
    bare = _LITERAL.sub("", code[:200]).partition(";")[0]
    return bare.casefold() != "general" and re.search(r"[ymdhs]", bare, re.I) is not None


def _whole(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() else -1
