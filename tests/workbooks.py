"""Workbooks (.xlsx) of our own writing, as spreadsheet programs and exports of applications write them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

#: style 1 is a built-in date, style 2 a written one with a time, style 3 money whose text holds a "d"
STYLES = f"""<styleSheet xmlns="{MAIN}"><numFmts count="2">
<numFmt numFmtId="164" formatCode="dd/mm/yyyy\\ hh:mm;@"/>
<numFmt numFmtId="165" formatCode="[$Rp-421]#,##0.00&quot; per day&quot;;[Red]\\-#,##0"/></numFmts>
<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs>
</styleSheet>"""

#: A cell: a text, number, yes or no, None, or (number, style)
Cell = Any


def workbook(
    *rows: Sequence[Cell],
    name: str = "Sheet1",
    before: Mapping[str, str] | None = None,
    inline: bool = False,
    from_1904: bool = False,
    replaced: Mapping[str, str | bytes | None] | None = None,
) -> bytes:
    """A workbook of one sheet; `before` are others that stand before it: name → state.

    `replaced` are parts as they shall be instead, or None to leave them out.
    """
    strings: list[str] = []
    body = "".join(_row(number, row, strings, inline) for number, row in enumerate(rows, 1))
    others = dict(before or {})
    sheets = "".join(
        f'<sheet name="{escape(each)}" sheetId="{number}" state="{state}" r:id="rId{number}"/>'
        for number, (each, state) in enumerate([*others.items(), (name, "visible")], 1)
    )
    last = len(others) + 1
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{LINKS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, last + 1)
    )
    shared = "".join(f"<si><t xml:space='preserve'>{escape(text)}</t></si>" for text in strings)
    parts: dict[str, str | bytes | None] = {
        "[Content_Types].xml": "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
        f'Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">'
        f'<workbookPr date1904="{int(from_1904)}"/><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>',
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        f"xl/worksheets/sheet{last}.xml": (
            f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'
        ),
    }
    for number in range(1, last):
        parts[f"xl/worksheets/sheet{number}.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in (parts | dict(replaced or {})).items():
            if content is not None:
                archive.writestr(part, content)
    return packed.getvalue()


def _row(number: int, row: Sequence[Cell], strings: list[str], inline: bool) -> str:
    cells = "".join(
        _cell(f"{chr(65 + column)}{number}", cell, strings, inline)
        for column, cell in enumerate(row)
        if cell is not None
    )
    return f'<row r="{number}">{cells}</row>'


def _cell(reference: str, cell: Cell, strings: list[str], inline: bool) -> str:
    if isinstance(cell, bool):
        return f'<c r="{reference}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, tuple):
        return f'<c r="{reference}" s="{cell[1]}"><v>{cell[0]!r}</v></c>'
    if isinstance(cell, int | float):
        return f'<c r="{reference}"><v>{cell!r}</v></c>'
    if inline:
        return f'<c r="{reference}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    strings.append(cell)
    return f'<c r="{reference}" t="s"><v>{len(strings) - 1}</v></c>'
