"""feeds/reading/xlsx.py and sheet.py: workbooks as tables, whatever stands above, beside and in them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.reading import rows, sheet, xlsx
from feeds.reading.mapping import Mapping, Record, records
from feeds.reading.record import BadField
from feeds.reading.sheet import moment, unescaped
from tests.workbooks import MAIN, PACKAGE, workbook
from wallboard.errors import BadDocument

HEADER = ("Tracking ID", "Judul", "Tanggal")


def read(payload: bytes, **more: Any) -> list[Record]:
    fields: dict[str, Any] = {"id": "Tracking ID", "title": "Judul", "opened": "Tanggal"}
    return records(payload, Mapping(**({"format": "table", "fields": fields} | more)))


def cells(payload: bytes, **more: Any) -> tuple[list[str], list[tuple[int, list[Any]]]]:
    names, below = xlsx.table(payload, **more)
    return names, list(below)


def test_a_sheet_is_a_table_with_its_numbers_and_dates() -> None:
    book = workbook(HEADER, ("812", "Lampu mati", (46348.302083333336, 2)), (813.0, "Sampah", (46348, 1)))
    one, two = read(book)
    assert (one.where, one.line("id"), one.line("title"), one.line("opened")) == (
        "row 2", "812", "Lampu mati", "2026-11-22 07:15:00",
    )  # fmt: skip
    assert (two.line("id"), two.line("opened")) == ("813", "2026-11-22")


def test_inline_texts_are_read_as_shared_ones() -> None:
    rows = [HEADER, ("1", "Air & lumpur <deras>", None)]
    assert cells(workbook(*rows, inline=True)) == cells(workbook(*rows))


def test_rich_text_is_one_text_and_how_it_is_said_is_left_out() -> None:
    strings = (
        f'<sst xmlns="{MAIN}"><si><r><t>Tracking</t></r><r><t xml:space="preserve"> ID</t></r>'
        "<rPh><t>x</t></rPh></si><si><t>Baris_x000D_\nbaru</t></si></sst>"
    )
    names, below = cells(workbook(("a",), ("b",), replaced={"xl/sharedStrings.xml": strings}))
    assert names == ["Tracking ID"]
    assert below == [(2, ["Baris\r\nbaru"])]


def test_titles_above_the_header_and_its_numbers_below_are_no_records() -> None:
    book = workbook(
        ("REKAPITULASI LAPORAN", None, None, None),
        ("Periode: November 2026", "dicetak 22/11"),
        (),
        ("No", "Tracking\n ID", "Judul", "Tanggal"),
        (1, 2, 3, 4),
        (1, "A-1", "Lampu mati", "22/11/2026"),
    )
    (one,) = read(book)
    assert (one.where, one.line("id")) == ("row 6", "A-1")
    numbered = workbook(HEADER, ("(1)", "(2)", "(3)"), ("A-1", "x", "22/11/2026"))
    assert len(read(numbered)) == 1


def test_the_header_may_be_named_by_its_row() -> None:
    book = workbook(HEADER, ("a", "b", "c"), HEADER, ("d", "e", "f"))
    assert [each.line("id") for each in read(book, header=3)] == ["d"]
    with pytest.raises(BadDocument, match="nothing in row 9"):
        read(book, header=9)


def test_empty_cells_and_rows_are_nothing() -> None:
    (one,) = read(workbook(HEADER, (), ("7", None, None), ("", "", "")))
    assert (one.line("id"), one.line("title"), one.value("opened")) == ("7", "", None)


def test_errors_of_formulas_are_nothing_and_their_results_count() -> None:
    part = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row><c t="str"><f>A&amp;B</f><v>Tracking ID</v></c>'
        '<c t="str"><v>Judul</v></c></row><row><c t="e"><v>#N/A</v></c><c t="b"><v>1</v></c></row>'
        "<row><c><f>1+1</f><v>2</v></c></row></sheetData></worksheet>"
    )
    names, below = cells(workbook(replaced={"xl/worksheets/sheet1.xml": part}))
    assert names == ["Tracking ID", "Judul"]
    assert below == [(2, [None, True]), (3, [2])]


def test_the_first_visible_sheet_counts_or_the_one_that_is_named() -> None:
    book = workbook(HEADER, ("1", "x", "y"), name="Data Laporan", before={"Kode": "hidden"})
    assert len(read(book)) == 1
    assert len(read(book, sheet="data  laporan")) == 1
    with pytest.raises(BadDocument, match="no sheet 'Lain'; it has 'Kode', 'Data Laporan'"):
        read(book, sheet="Lain")


@pytest.mark.parametrize(
    ("serial", "from_1904", "written"),
    [
        (46348, False, "2026-11-22"),
        (46348.302083333336, False, "2026-11-22 07:15:00"),
        (46348.99999999, False, "2026-11-23 00:00:00"),
        (0.302083333, False, "07:15:00"),
        (59, False, "1900-02-28"),
        (61, False, "1900-03-01"),
        (44886, True, "2026-11-22"),
        (-1, False, ""),
        (6281234567890, False, ""),
    ],
)
def test_days_are_counted_as_spreadsheets_count_them(serial: float, from_1904: bool, written: str) -> None:
    assert moment(serial, from_1904=from_1904) == written


def test_a_workbook_from_1904_says_so() -> None:
    _, below = cells(workbook(HEADER, ("1", "x", (44886, 1)), from_1904=True))
    assert below == [(2, ["1", "x", "2026-11-22"])]


def test_money_is_no_date_though_its_format_holds_the_letters() -> None:
    assert cells(workbook(HEADER, ("1", "x", (13500, 3))))[1] == [(2, ["1", "x", 13500])]


@pytest.mark.parametrize(
    ("code", "dated"),
    [
        ("dd/mm/yyyy", True), ("[$-421]dd mmmm yyyy;@", True), ("[h]:mm", True), ("General", False),
        ("#,##0", False), ('0" hari"', False), ("[Red]0.00", False), ("\\d0", False), ("@", False),
    ],
)  # fmt: skip
def test_which_formats_are_dates(code: str, dated: bool) -> None:
    assert xlsx._is_date(code) is dated


def test_a_day_without_the_format_of_a_date_is_a_fault_and_not_1970() -> None:
    (one,) = read(workbook(HEADER, ("1", "x", 46348)))
    with pytest.raises(BadField, match="a spreadsheet's day"):
        one.time("opened", None)  # type: ignore[arg-type]


def test_a_missing_column_names_those_that_are_there() -> None:
    with pytest.raises(BadDocument, match="no column 'Judul'; it has 'Tracking ID', 'Isi'"):
        read(workbook(("Tracking ID", "Isi"), ("1", "x")))


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(BadDocument, match="one name: Judul"):
        read(workbook((*HEADER, "Judul"), ("1", "x", "y", "z")))


def test_a_table_may_come_as_csv_too() -> None:
    assert read(b"Tracking ID,Judul,Tanggal\n1,x,y\n")[0].line("id") == "1"
    assert read(b"Rekap\n\nTracking ID,Judul,Tanggal\n1,x,y\n", header=3)[0].where == "line 4"
    with pytest.raises(BadDocument, match="no line 9"):
        read(b"Tracking ID\n1\n", header=9)


def test_what_is_meant_is_said_where_the_form_is_another() -> None:
    with pytest.raises(BadDocument, match='format = "table"'):
        read(workbook(HEADER), format="csv")
    with pytest.raises(BadDocument, match="no workbook"):
        read(b"a,b\n", format="xlsx")


# -- what would do harm ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "content", "why"),
    [
        ("xl/worksheets/sheet1.xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet/>", "not allowed"),
        (
            "xl/sharedStrings.xml",
            "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><sst/>",
            "not allowed",
        ),
        ("xl/workbook.xml", "<!DOCTYPE x><workbook/>", "not allowed"),
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row>", "broken"),
        ("xl/worksheets/sheet1.xml", None, "broken"),
        ("xl/workbook.xml", None, "xl/workbook.xml is missing"),
        ("_rels/.rels", None, "_rels/.rels is missing"),
        ("_rels/.rels", "<Relationships/>", "names no document"),
        ("xl/_rels/workbook.xml.rels", "<Relationships/>", "where its sheet is"),
        ("xl/workbook.xml", "<workbook/>", "no sheet"),
        ("xl/worksheets/sheet1.xml", f"<worksheet xmlns='{'x' * 400}'/>", "a name of more than 300"),
    ],
)
def test_a_workbook_that_is_none_is_refused(part: str, content: str | None, why: str) -> None:
    with pytest.raises(BadDocument, match=why):
        read(workbook(HEADER, ("1", "x", "y"), replaced={part: content}))


def test_old_and_locked_workbooks_are_refused_with_what_to_do() -> None:
    with pytest.raises(BadDocument, match=r"save it as \.xlsx"):
        read(xlsx.OLD_MAGIC + b"\0" * 600)


@pytest.mark.parametrize("cut", [10, 200, -30])
def test_half_a_workbook_is_broken(cut: int) -> None:
    with pytest.raises(BadDocument, match="broken"):
        read(workbook(HEADER, ("1", "x", "y"))[:cut])


def test_what_unpacks_to_too_much_is_left_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(BadDocument, match="unpacks to"):
        read(workbook(HEADER))


def test_a_sheet_of_another_name_is_looked_at_before_it_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xlsx, "MAX_UNPACKED_BYTES", 5000)
    link = '<Relationship Id="rId1" Target="worksheets/besar.bin"/>'
    links = f'<Relationships xmlns="{PACKAGE}">{link}</Relationships>'
    replaced = {"xl/_rels/workbook.xml.rels": links, "xl/worksheets/besar.bin": " " * 6000}
    with pytest.raises(BadDocument, match=r"besar\.bin in the workbook is larger than 5000 bytes"):
        read(workbook(HEADER, replaced=replaced))


def test_a_wide_header_over_endless_rows_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MAX_CELLS", 20)
    wide = (*HEADER, "a", "b", "c", "d")
    with pytest.raises(BadDocument, match="more than 20 cells"):
        read(workbook(wide, *[("1", "x", "y")] * 3))
    with pytest.raises(BadDocument, match="more than 20 cells"):
        read(b"Tracking ID,Judul,Tanggal,a,b,c,d\n" + b"1,x,y,,,,\n" * 3)
    assert len(read(workbook(wide, *[("1", "x", "y")] * 2))) == 2


def test_a_cell_without_end_takes_no_memory() -> None:
    cell = sheet.Cells([], frozenset(), from_1904=False)
    cell.start("c", {"t": "inlineStr"})
    cell.start("t", {})
    for _ in range(sheet.MAX_CELL_CHARS + 10):
        cell.data("\n")
    assert cell._text is not None
    assert len(cell._text) == sheet.MAX_CELL_CHARS


def test_what_is_written_as_half_a_character_can_be_stored() -> None:
    assert unescaped("_xD83D__xDE00_") == "😀"
    with pytest.raises(BadDocument) as refused:
        read(workbook((*HEADER, "_xD800_", "_xD800_"), ("1", "x", "y", "", "")))
    assert msgspec.json.encode(str(refused.value))


def test_a_sheet_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MAX_ELEMENTS", 20)
    with pytest.raises(BadDocument, match="more than 20 elements"):
        read(workbook(HEADER, *[("1", "x", "y")] * 20))


def test_a_column_beyond_the_last_is_left_out() -> None:
    part = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="str"><v>a</v></c>'
        '<c r="XFD1" t="str"><v>far</v></c><c r="B1" t="str"><v>b</v></c></row></sheetData></worksheet>'
    )
    assert cells(workbook(replaced={"xl/worksheets/sheet1.xml": part}))[0] == ["a", "b"]


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_workbook_with_any_bytes_changed_is_read_or_refused(data: st.DataObject) -> None:
    payload = bytearray(workbook(HEADER, ("812", "Lampu mati", (46348.3, 2)), ("813", "Sampah", (46348, 1))))
    for _ in range(data.draw(st.integers(1, 6))):
        payload[data.draw(st.integers(4, len(payload) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read(bytes(payload))
    except BadDocument:
        return
    for record in found:
        record.value("id")
