"""Which district of another list means ours: by area and name; the table; what the gazetteer makes of it."""

from __future__ import annotations

import pytest

from tests.small_city import SIDE, SOUTH, WEST, collection, feature, load, square
from wallboard.boundaries import Boundaries
from wallboard.gazetteer import Gazetteer
from wallboard.gazetteer.crosswalk import COLUMNS, Line, as_csv, compare, links, read_csv
from wallboard.geofence import Geofence


def strip(*named: tuple[str, str, float]) -> Boundaries:
    """Districts of one kecamatan side by side, (code, name, where it begins), a SIDE wide."""
    return load(
        collection(
            *(feature(code, "K-01", name, square(WEST + at * SIDE, SOUTH)) for code, name, at in named)
        )
    )[0]


OURS = strip(("A-001", "Melati", 0), ("A-002", "Mawar", 1), ("A-003", "Kenanga", 2), ("A-004", "Cempaka", 3))


def lowest(other: Boundaries) -> dict[str, list[tuple[str, str]]]:
    """Code of the other list → (ours, match) in order, on the lowest level."""
    codes = {district.code for district in other.lowest}
    found: dict[str, list[tuple[str, str]]] = {}
    for line in compare(OURS, other):
        if line.other_code in codes:
            found.setdefault(line.other_code, []).append((line.code, line.match))
    return found


def test_area_and_name_decide_together() -> None:
    other = strip(
        ("Z.01", "MELATI", 0.1),
        ("Z.02", "Anggrek", 1.1),
        ("Z.03", "Cempaka", 2),
        ("Z.04", "Kenanga", 3),
        ("Z.05", "Laut", 9),
    )
    assert lowest(other) == {
        "Z.01": [("A-001", "same"), ("A-002", "part")],
        "Z.02": [("A-002", "area"), ("A-003", "part")],
        "Z.03": [("A-003", "contested"), ("A-004", "name")],
        "Z.04": [("A-004", "contested"), ("A-003", "name")],
        "Z.05": [("", "none")],
    }


def test_half_here_and_half_there_is_neither() -> None:
    assert lowest(strip(("Z.09", "Tengah", 0.5)))["Z.09"] == [("A-001", "part"), ("A-002", "part")]


def test_shares_are_of_both_areas() -> None:
    (first, second) = [
        line for line in compare(OURS, strip(("Z.01", "Melati", 0.25))) if line.other_code == "Z.01"
    ]
    assert first.share == pytest.approx(0.75, abs=1e-3)
    assert first.share_of_ours == pytest.approx(0.75, abs=1e-3)
    assert second.share == pytest.approx(0.25, abs=1e-3)


def test_the_table_is_read_back_as_it_was_written() -> None:
    lines = compare(OURS, strip(("Z.01", 'Mela"ti, Baru', 0.1), ("Z.02", "Laut", 9)))
    assert read_csv(as_csv(lines)) == lines


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("code,name\n", "has no column match, other_code"),
        (
            ",".join(COLUMNS) + "\nZ,N,A-001,M,1,1,maybe\n",
            "line 2: match is 'maybe'; it is one of same, area",
        ),
        (",".join(COLUMNS) + "\nZ,N,,M,1,1,same\n", "line 2: other_code and code belong there"),
        (",".join(COLUMNS) + "\nZ,N,A-001,M,most,1,same\n", "line 2: a share is a number"),
        (",".join(COLUMNS) + '\nZ,"N', "line 1: unexpected end"),
    ],
)
def test_a_spoilt_table_says_which_line(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_csv(text)


def knowing(*lines: Line) -> Gazetteer:
    return Gazetteer(OURS, links=links(lines))


def line(other: str, name: str, ours: str, match: str, share: float = 0.9) -> Line:
    return Line(other, name, ours, "", share, share, match)  # type: ignore[arg-type]


def test_codes_of_the_other_list_are_known() -> None:
    gazetteer = knowing(
        line("99.01.01", "Melati", "A-001", "same"), line("99.01.01", "Melati", "A-002", "part")
    )
    place = gazetteer.place("99.01.01", Geofence(OURS))
    assert (place.district, place.confidence) == ("A-001", "by_name")
    assert gazetteer.place(" A-002 ", Geofence(OURS)).district == "A-002"


def test_what_may_mean_two_gives_both() -> None:
    gazetteer = knowing(
        line("99.01.03", "Cempaka", "A-003", "contested"), line("99.01.03", "Cempaka", "A-004", "name", 0.0)
    )
    place = gazetteer.place("99.01.03", Geofence(OURS))
    assert (place.district, place.candidates, place.flags) == (None, ("A-003", "A-004"), ("ambiguous_name",))
    # The name alone is still ours.
    assert gazetteer.place("Cempaka", Geofence(OURS)).district == "A-004"


def test_a_name_that_is_none_of_ours_becomes_known() -> None:
    gazetteer = knowing(line("99.01.02", "Anggrek", "A-002", "area"))
    assert gazetteer.place("Kel. Anggrek", Geofence(OURS)).district == "A-002"
    assert Gazetteer(OURS).find("Kel. Anggrek").target is None


def test_our_own_code_goes_before_the_other_lists() -> None:
    gazetteer = knowing(line("A-001", "Melati", "A-004", "same"))
    assert [district.code for district in gazetteer.by_code("A-001")] == ["A-001"]
    assert gazetteer.by_code("99.99") == ()


def test_a_short_number_is_no_code() -> None:
    gazetteer = knowing(line("12", "Melati", "A-001", "same"))
    assert gazetteer.find("12").target is None
