"""Which district of another list means which of ours, by the area that they share: BPS ↔ Kemendagri.

Written as a table that people can read and correct; read back for the gazetteer, which then knows the other
list's codes, and those of its names that are none of ours.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import shapely

from wallboard.boundaries import Boundaries, District
from wallboard.gazetteer import Gazetteer, Link

#: What a line says of a district of the other list:
#: same: most of it lies here, and it is called so here too · area: most of it lies here, and its name is
#: none of ours · contested: most of it lies here, but its name is another's in the same parent · name: that
#: other · part: no district of ours has most of it · none: it lies in none of ours
Match = Literal["same", "area", "contested", "name", "part", "none"]

#: Borders are drawn a little apart everywhere: a smaller share of both is no overlap.
MIN_SHARE = 0.01

#: A district of the other list means ours if more of it lies there.
MOST = 0.5

#: Less than this is no candidate where no district has most of it.
_CANDIDATE = 0.1

COLUMNS = ("other_code", "other_name", "code", "name", "share", "share_of_ours", "match")

#: More lines than a country has kelurahan is no table of one city.
MAX_LINES = 200_000

_LEVEL_WORDS = ("Kelurahan", "Kecamatan", "Kota")


@dataclass(frozen=True)
class Line:
    """One line of the table; shares of the other district's area, and of ours."""

    other_code: str
    other_name: str
    code: str
    name: str
    share: float
    share_of_ours: float
    match: Match


def compare(ours: Boundaries, other: Boundaries) -> list[Line]:
    """Every district of `other` against ours of the same level, counted from the lowest; by code."""
    names = Gazetteer(ours)
    lines: list[Line] = []
    for up in range(min(len(ours.levels), len(other.levels))):
        here = [d for d in ours.districts if d.level == len(ours.levels) - 1 - up]
        there = [d for d in other.districts if d.level == len(other.levels) - 1 - up]
        lines += _level(here, there, ours, names, _LEVEL_WORDS[up] if up < len(_LEVEL_WORDS) else "")
    return lines


def _level(
    here: Sequence[District], there: Sequence[District], ours: Boundaries, names: Gazetteer, word: str
) -> list[Line]:
    own = np.array([ours.plane.to_plane(district.geometry) for district in here], dtype=object)
    areas = shapely.area(own)
    tree = shapely.STRtree(own)
    lines: list[Line] = []
    for district in sorted(there, key=lambda each: each.code):
        shape = ours.plane.to_plane(district.geometry)
        near = tree.query(shape, predicate="intersects")
        common = shapely.area(shapely.intersection(shape, own[near]))
        shares = {
            here[at]: (float(part / shape.area), float(part / areas[at]))
            for at, part in zip(near, common, strict=True)
            if part / shape.area >= MIN_SHARE or part / areas[at] >= MIN_SHARE
        }
        lines += _judge(district, shares, _meant(district.name, here, names, word))
    return lines


def _meant(name: str, here: Sequence[District], names: Gazetteer, word: str) -> list[District]:
    """Ours that are called so, spelling forgiven."""
    match = names.find(f"{word} {name}" if word else name)
    found = (match.target,) if match.target is not None else match.candidates
    return [each for each in found if isinstance(each, District) and each in here]


def _judge(
    district: District, shares: dict[District, tuple[float, float]], meant: Sequence[District]
) -> list[Line]:
    """The lines of one district of the other list, the largest share first."""

    def line(ours: District | None, match: Match) -> Line:
        share, of_ours = shares.get(ours, (0.0, 0.0)) if ours else (0.0, 0.0)
        where = (ours.code, ours.name) if ours else ("", "")
        return Line(district.code, district.name, *where, round(share, 4), round(of_ours, 4), match)

    ordered = sorted(shares, key=lambda ours: (-shares[ours][0], ours.code))
    if not ordered:
        return [line(None, "none")]
    first, rest = ordered[0], ordered[1:]
    named = [ours for ours in meant if ours.parent == first.parent]
    if first in meant:
        return [line(first, "same"), *(line(ours, "part") for ours in rest)]
    if named:
        others = [line(ours, "name") for ours in named]
        return [
            line(first, "contested"),
            *others,
            *(line(ours, "part") for ours in rest if ours not in named),
        ]
    most: Match = "area" if round(shares[first][0], 4) > MOST else "part"
    return [line(first, most), *(line(ours, "part") for ours in rest)]


def as_csv(lines: Iterable[Line]) -> str:
    """The table as text, with a heading."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in lines:
        shares = (f"{each.share:.4f}", f"{each.share_of_ours:.4f}")
        writer.writerow((each.other_code, each.other_name, each.code, each.name, *shares, each.match))
    return out.getvalue()


def read_csv(text: str) -> list[Line]:
    """The table's lines. Raises ValueError, which says which line is wrong and what belongs there."""
    rows = csv.DictReader(io.StringIO(text), strict=True)
    if missing := set(COLUMNS) - set(rows.fieldnames or ()):
        raise ValueError(f"has no column {', '.join(sorted(missing))}; they are {', '.join(COLUMNS)}")
    lines: list[Line] = []
    try:
        for row in rows:
            if len(lines) >= MAX_LINES:
                raise ValueError(f"has more than {MAX_LINES:,} lines")
            lines.append(_line(row, rows.line_num))
    except csv.Error as fault:
        raise ValueError(f"line {rows.line_num}: {fault}") from None
    return lines


def _line(row: dict[str, str], number: int) -> Line:
    cells = [(row.get(name) or "").strip() for name in COLUMNS]
    match = next((known for known in get_args(Match) if known == cells[6]), None)
    if match is None:
        raise ValueError(f"line {number}: match is {cells[6]!r}; it is one of {', '.join(get_args(Match))}")
    if not cells[0] or (not cells[2] and match != "none"):
        raise ValueError(f"line {number}: other_code and code belong there")
    try:
        share, of_ours = float(cells[4] or 0), float(cells[5] or 0)
    except ValueError:
        raise ValueError(f"line {number}: a share is a number from 0 to 1, such as 0.97") from None
    return Line(cells[0], cells[1], cells[2], cells[3], share, of_ours, match)


def links(lines: Iterable[Line]) -> list[Link]:
    """What the gazetteer makes of the table: the districts of ours that each other code may mean."""
    by_code: dict[str, list[Line]] = {}
    for each in lines:
        by_code.setdefault(each.other_code, []).append(each)
    found = []
    for code, same in by_code.items():
        sure = [each for each in same if each.match in ("same", "area")]
        torn = [each for each in same if each.match in ("contested", "name")]
        parts = [each for each in same if each.match == "part" and each.share >= _CANDIDATE]
        chosen = sure or torn or parts
        if chosen:
            # A name that is somebody else's here means that other one wherever it stands alone.
            name = same[0].other_name if sure and sure[0].match == "area" else ""
            found.append(Link(code, name, tuple(dict.fromkeys(each.code for each in chosen))))
    return found
