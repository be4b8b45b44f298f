"""The cells of one worksheet of an .xlsx workbook, row by row as they stream in (ECMA-376, part 1, 18.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from wallboard.errors import BadDocument

#: A year of a province's prices has 100,000 cells; a hostile sheet is left at this many elements.
MAX_ELEMENTS = 4_000_000

#: The widest table seen has 60 columns, a year of prices day by day 260.
MAX_COLUMNS = 500

#: Excel's own limit on a cell's text.
MAX_CELL_CHARS = 32_767

#: The longest name of an element with its namespace has 80 characters.
_MAX_TAG = 300

#: 31 December 9999, the last day that Excel knows; a date format on a telephone number is no date.
_LAST_SERIAL = 2_958_466

#: How XML-unsafe characters are written in texts: "_x000D_" is a carriage return.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

#: A cell's value: text, number, yes or no, or None. Times are texts without a zone.
Cell = str | int | float | bool | None


@dataclass
class Strings:
    """A parser's target that collects the texts of the shared strings."""

    found: list[str] = field(default_factory=list)
    _text: list[str] | None = None
    _phonetic: bool = False
    _elements: int = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements = counted(tag, self._elements)
        name = local(tag)
        if name == "si":
            self.found.append("")
        elif name == "rPh":
            self._phonetic = True  # how a word is said, not what it is
        elif name == "t" and not self._phonetic:
            self._text = []

    def data(self, text: str) -> None:
        # A piece has a character at least: this many are more than a cell may hold.
        if self._text is not None and len(self._text) < MAX_CELL_CHARS:
            self._text.append(text)

    def end(self, tag: str) -> None:
        name = local(tag)
        if name == "t" and self._text is not None:
            if self.found:
                self.found[-1] = (self.found[-1] + unescaped("".join(self._text)))[:MAX_CELL_CHARS]
            self._text = None
        elif name == "rPh":
            self._phonetic = False

    def close(self) -> None:
        """Called by the parser at the end."""


@dataclass
class Cells:
    """A parser's target that hands out rows: `take()` gives those that are whole by now."""

    strings: list[str]
    #: which styles (cellXfs) write their number as a time
    dated: frozenset[int]
    from_1904: bool
    _rows: list[tuple[int, list[Cell]]] = field(default_factory=list)
    _number: int = 0
    _cells: list[Cell] = field(default_factory=list)
    _column: int = -1
    _kind: str = ""
    _style: int = 0
    _text: list[str] | None = None
    _elements: int = 0

    def take(self) -> Iterator[tuple[int, list[Cell]]]:
        """(number of the row, its cells) of the rows that ended since the last call."""
        rows, self._rows = self._rows, []
        yield from rows

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements = counted(tag, self._elements)
        name = local(tag)
        if name == "row":
            written = attributes.get("r", "")
            self._number = int(written) if written.isascii() and written.isdigit() else self._number + 1
            self._cells, self._column = [], -1
        elif name == "c":
            self._column = _column_of(attributes.get("r", ""), self._column + 1)
            self._kind = attributes.get("t", "n")
            style = attributes.get("s", "0")
            self._style = int(style) if style.isascii() and style.isdigit() else 0
        elif name in ("v", "t"):
            self._text = []

    def data(self, text: str) -> None:
        # A piece has a character at least: this many are more than a cell may hold.
        if self._text is not None and len(self._text) < MAX_CELL_CHARS:
            self._text.append(text)

    def end(self, tag: str) -> None:
        name = local(tag)
        if name in ("v", "t") and self._text is not None:
            self._put("".join(self._text)[:MAX_CELL_CHARS])
            self._text = None
        elif name == "row" and any(cell is not None and cell != "" for cell in self._cells):
            self._rows.append((self._number, self._cells))

    def close(self) -> None:
        """Called by the parser at the end."""

    def _put(self, text: str) -> None:
        if not 0 <= self._column < MAX_COLUMNS:
            return  # formats reach to the last column of some sheets; what stands there is no table
        self._cells.extend([None] * (self._column + 1 - len(self._cells)))
        if self._kind == "inlineStr":  # in parts, as rich text has them
            before = self._cells[self._column]
            self._cells[self._column] = f"{before or ''}{unescaped(text)}"
        else:
            self._cells[self._column] = self._value(text)

    def _value(self, text: str) -> Cell:
        if self._kind == "s":
            index = int(text) if text.strip().isascii() and text.strip().isdigit() else -1
            return self.strings[index] if 0 <= index < len(self.strings) else None
        if self._kind == "b":
            return text.strip() == "1"
        if self._kind == "e":
            return None  # #N/A, #REF!: nothing that anybody wrote
        if self._kind in ("str", "d"):
            return unescaped(text)
        number = _number(text)
        if self._style in self.dated and isinstance(number, int | float):
            return moment(number, from_1904=self.from_1904) or number
        return number


def moment(serial: float, *, from_1904: bool = False) -> str:
    """A day count as "2026-11-22", "2026-11-22 07:15:00" or (below a day) "07:15:00"; "" for none.

    Excel believes in 29 February 1900: before it, days are one further from its zero than after it.
    """
    if not 0 <= serial < _LAST_SERIAL:
        return ""
    zero = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30 if serial >= 60 else 31)
    at = zero + timedelta(seconds=round(serial * 86400))
    if serial < 1:
        return f"{at:%H:%M:%S}"
    return f"{at:%Y-%m-%d}" if serial == int(serial) else f"{at:%Y-%m-%d %H:%M:%S}"


def unescaped(text: str) -> str:
    """A text with what `_xHHHH_` stands for; half a surrogate pair, which no JSON can hold, is U+FFFD."""
    if "_x" not in text:
        return text
    plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def local(tag: Any) -> str:
    """A name without its namespace."""
    return str(tag).rpartition("}")[2]


def counted(tag: str, elements: int) -> int:
    """One element more; BadDocument where there are too many, or a name without end."""
    if elements >= MAX_ELEMENTS:
        raise BadDocument(f"The workbook has more than {MAX_ELEMENTS} elements.")
    if len(tag) > _MAX_TAG:
        raise BadDocument(f"The workbook has a name of more than {_MAX_TAG} characters.")
    return elements + 1


def _number(text: str) -> Cell:
    written = text.strip()
    if written.lstrip("-").isascii() and written.lstrip("-").isdigit() and len(written) <= 16:
        return int(written)
    try:
        return float(written) if len(written) <= 40 else None
    except ValueError:
        return unescaped(text)


def _column_of(reference: str, following: int) -> int:
    """ "C5" → 2; a cell without a reference follows the one before."""
    column = 0
    for letter in reference[:4]:
        if not ("A" <= letter <= "Z"):
            break
        column = column * 26 + ord(letter) - 64
    return column - 1 if column else following
