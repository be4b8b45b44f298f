"""What `init` says of what it read: for the person who has to judge whether it is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from wallboard.boundaries import Boundaries
from wallboard.gazetteer.crosswalk import MOST, Line
from wallboard.init.areas import Areas
from wallboard.init.nesting import cut

#: Of what does not match so many are listed; all stand in the table.
_LISTED = 12


def read_as(areas: Areas) -> Iterator[str]:
    """How the file was understood."""
    counts = [
        f"{len({row.chain[depth][0] for row in areas.rows})} {label}"
        for depth, label in enumerate(areas.labels)
    ]
    yield f"districts: {', '.join(counts)}; read as {areas.title}"
    for note in areas.notes:
        yield f"  {note}"


def crossed(lines: Sequence[Line], ours: Boundaries, other: Boundaries, title: str) -> Iterator[str]:
    """What the crosswalk found on the lowest level, and all that does not match."""
    lowest = {district.code for district in other.lowest}
    first: dict[str, Line] = {}
    for line in lines:
        if line.other_code in lowest:
            first.setdefault(line.other_code, line)
    counts = Counter(line.match for line in first.values())
    yield (
        f"crosswalk: {counts['same'] + counts['area']} of {len(first)} districts of {title} mean one "
        f"of ours, {counts['same']} of them by name too"
    )
    yield from _listed(
        "most of it lies in one of ours of another name",
        [line for line in first.values() if line.match == "area"],
    )
    yield from _listed(
        "its name is that of another of ours than the one it lies in; both are candidates",
        [line for line in first.values() if line.match == "contested"],
    )
    yield from _listed(
        f"less than {MOST:.0%} of it lies in one of ours",
        [line for line in first.values() if line.match == "part"],
    )
    yield from _listed("lies in none of ours", [line for line in first.values() if line.match == "none"])
    meant = {line.code for line in lines if line.match in ("same", "area", "contested", "name")}
    left = [f"{district.name} ({district.code})" for district in ours.lowest if district.code not in meant]
    if left:
        yield f"  {len(left)} of ours that no district of theirs means: {cut(sorted(left), _LISTED)}"


def _listed(what: str, lines: Sequence[Line]) -> Iterator[str]:
    if lines:
        shown = [
            f"{line.other_name} ({line.other_code})"
            + (f" → {line.name} {line.share:.0%}" if line.code else "")
            for line in lines
        ]
        yield f"  {len(lines)} × {what}: {cut(shown, _LISTED)}"
