"""wallboard/settings.py and wallboard/config: one city.toml read into types, every fault at once."""

from __future__ import annotations

import copy
import datetime
import json
import math
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect

from tests.cities import write_city
from tests.configs import BARE, NO_DURATION, faults_of, warnings_of
from wallboard.city import CityConfig
from wallboard.config.findings import Findings, guess
from wallboard.config.read import judge
from wallboard.config.walk import read_tables, seconds
from wallboard.errors import ConfigError
from wallboard.settings import DEMO, ROLES, is_loopback, read_city


def test_the_demo_city_has_no_faults() -> None:
    assert read_city(DEMO).city.key == "demo"


def test_a_small_city_is_read_into_types(tmp_path: Path) -> None:
    path = write_city(
        tmp_path,
        """
[calls]
answer_within = "20s"
short_abandon = 4
[retention]
incident = "2h"
[[commodity]]
code = "beras"
name = { id = "Beras", en = "Rice" }
[[ceiling]]
commodity = "beras"
price = 14900
since = 2025-08-22
until = "2026-12-31"
""",
    )
    city = read_city(path)
    assert (city.calls.answer_within, city.calls.short_abandon) == (20.0, 4.0)
    assert city.retention.incident == 7200.0
    assert (city.ceiling[0].since, city.ceiling[0].until) == ("2025-08-22", "2026-12-31")
    assert city.feed[0].options == {"keys": ["env:TEST_WEBHOOK_KEY"], "kind": "event"}


def test_the_walk_knows_every_type_of_the_configuration() -> None:
    """Read from nothing, each table says what is missing, and no type is beyond the walk."""
    found = Findings("city.toml")
    read_tables({}, CityConfig, found)
    assert [fault.key for fault in found.faults] == ["city", "boundaries"]
    assert {type(kind).__name__ for kind in _kinds(inspect.type_info(CityConfig))} <= {
        *("StructType", "ListType", "DictType", "UnionType", "NoneType", "Metadata", "LiteralType"),
        *("StrType", "FloatType", "IntType", "BoolType", "AnyType"),
    }


def test_every_fault_of_every_table_is_said_at_once(tmp_path: Path) -> None:
    faults = faults_of(
        tmp_path,
        """
[map]
levle = 1
[calls]
answer_within = true
names = ["x"]
[[agency]]
code = 7
name = "Damkar"
[[gauge]]
match = "*"
levels = [{ name = "Siaga 1", from_value = "high" }]
[[rule]]
id = "a"
type = "treshold"
kind = "gauge"
severity = "bad"
text = { id = "x", en = "y" }
above = 1
field = "value"
[[feed]]
name = "x"
type = "cap"
url = "file:x.xml"
every = "15 sec"
enabled = "yes"
[feed.options]
default_lief = 1
""",
    )
    assert faults == {
        "map.levle": "is not known; did you mean 'level'?",
        "calls.answer_within": NO_DURATION,
        "calls.names": "must be a table, not a list",
        "agency[0].code": "must be text in quotes, not this number",
        "gauge[0].match": "must be a list, not text",
        "gauge[0].levels[0].from_value": "must be a number, not text",
        "rule[0].type": (
            "must be one of 'absence', 'burst', 'cover', 'gauge', 'price', 'queue', 'rate', 'share', 'sla', "
            "'threshold'"
        ),
        "rule[0].severity": "must be one of 'caution', 'danger', 'severe'",
        "feed[0].every": NO_DURATION,
        "feed[0].enabled": "must be true or false, not text",
        "feed[0].options.default_lief": "is not known; did you mean 'default_life'?",
    }


def test_a_fault_says_file_key_name_value_and_why(tmp_path: Path) -> None:
    path = write_city(tmp_path, '\n[[feed]]\nname = "bmkg"\ntype = "cap"\nurl = "file:x"\nevery = "soon"\n')
    with pytest.raises(ConfigError) as caught:
        read_city(path)
    assert str(caught.value) == (
        f"{path}: feed[1].every (bmkg) = 'soon': is no duration: "
        'write "250ms", "15s", "5min", "6h", "7d", or a number of seconds'
    )


def test_faults_stand_in_the_order_of_the_file(tmp_path: Path) -> None:
    more = '[[rule]]\nid = 1\n[[rule]]\nid = 2\n[calls]\nx = 1\n[[agency]]\ncode = "a"\n'
    keys = list(faults_of(tmp_path, more))
    tables = [key.partition(".")[0] for key in keys]
    assert tables == sorted(tables, key=["rule[0]", "rule[1]", "calls", "agency[0]"].index)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("[[calls]]\n", "must be a table: write [calls], not [[calls]]"),
        ('calls = "x"\n', "must be a table, not text"),
    ],
)
def test_a_table_written_as_something_else_is_named(tmp_path: Path, table: str, why: str) -> None:
    base, more = ("calls = 'x'\n" + BARE, "") if "=" in table else (BARE, table)
    assert faults_of(tmp_path, more, base=base)["calls"].startswith(why.partition(",")[0])


def test_a_single_table_where_a_list_belongs_is_named(tmp_path: Path) -> None:
    why = faults_of(tmp_path, '[feed]\nname = "x"\n')["feed"]
    assert why == "must be a list of tables: write [[feed]], not a table"


@pytest.mark.parametrize(
    ("text", "value"),
    [("250ms", 0.25), ("15s", 15.0), ("5min", 300.0), ("6h", 21600.0), ("7d", 604800.0), ("1.5 h", 5400.0)],
)
def test_durations(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "15", "15 sec", "-5s", "5m", "1e3s", "inf s", "h", "٣s"])
def test_what_is_no_duration(text: str) -> None:
    assert seconds(text) is None


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "1979-05-27", "[1]", "1" + "0" * 400])
def test_a_period_is_a_finite_number_not_below_0(tmp_path: Path, value: str) -> None:
    assert set(faults_of(tmp_path, f"[retention]\nprice = {value}\n")) == {"retention.price"}


@pytest.mark.parametrize(
    "day", ['"2025-02-30"', '"22-08-2025"', "2025-08-22T10:00:00", "20250822", '"20250822"', '"2025-W01-1"']
)
def test_a_day_is_a_day(tmp_path: Path, day: str) -> None:
    more = f'[[gauge]]\nmatch = ["*"]\nlevels = [{{ name = "a", from_value = 1 }}]\nsince = {day}\n'
    assert faults_of(tmp_path, more) == {"gauge[0].since": 'is no day: write 2026-01-31 or "2026-01-31"'}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[city\n", "is not TOML"),
        (b"name = \xff\n", "is not UTF-8"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "nested too deeply"),
        (None, "cannot be read: no such file"),
    ],
)
def test_a_file_that_is_no_toml_is_one_fault(tmp_path: Path, content: bytes | None, why: str) -> None:
    path = tmp_path / "city.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_city(path)
    (fault,) = caught.value.faults
    assert why in fault.why
    assert fault.file == str(path)


def test_a_byte_order_mark_from_notepad_is_no_fault(tmp_path: Path) -> None:
    path = write_city(tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_city(path).city.key == "contoh"


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        ("Asia/Jakarta", "Asia/Jakrta", "city.time_zone", "is no time zone"),
        ("Asia/Jakarta", "../Jakarta", "city.time_zone", "is no time zone"),
        (
            '"Asia/Jakarta"',
            '"Asia/Jakarta"\nlanguages = ["id", "fr"]',
            "city.languages[1]",
            "is not supported",
        ),
        ('"Asia/Jakarta"', '"Asia/Jakarta"\nlanguages = []', "city.languages", "is empty"),
        ('"Asia/Jakarta"', '"Asia/Jakarta"\nlanguages = ["id", "id"]', "city.languages[1]", "twice"),
        ('key = "contoh"', 'key = "kota contoh"', "city.key", "letters, digits"),
        ('key = "contoh"', 'key = "../x"', "city.key", "letters, digits"),
        ('key = "contoh"', 'key = "a{b}"', "city.key", "letters, digits"),
        ('"code_kel"', '"code_kec"', "boundaries.levels[1].code", "another level's code"),
        ('"code_kel"', '"kode_kel"', "boundaries.levels[1].code", "did you mean 'code_kel'?"),
        ("districts.geojson", "gone.geojson", "boundaries.file", "no such file"),
        ('"tests"', '"tests"\ngap_limit_m = -1', "boundaries.gap_limit_m", "less than 0"),
    ],
)
def test_the_city_and_its_boundaries(tmp_path: Path, old: str, new: str, key: str, why: str) -> None:
    assert old in BARE
    # An unknown key beside it: files that the configuration names are then read in the same go.
    faults = faults_of(tmp_path, "[calls]\nx = 1\n", base=BARE.replace(old, new, 1))
    assert why in faults.pop(key)
    assert set(faults) == {"calls.x"}


CEILINGS = """
[[commodity]]
code = "beras"
name = {{ id = "Beras", en = "Rice" }}
[[ceiling]]
commodity = "beras"
price = 1
since = 2025-01-01
{first}
[[ceiling]]
commodity = "beras"
price = 1
since = {second}
"""


@pytest.mark.parametrize(
    ("first", "second", "good"),
    [
        ("", "2025-06-01", True),  # without an end it holds until the next
        ("until = 2025-05-31", "2025-06-01", True),
        ("until = 2025-06-01", "2025-06-01", False),
        ("until = 2025-12-31", "2025-06-01", False),
        ("", "2025-01-01", False),
        ('zone = "I"', "2025-01-01", True),
        ('unit = "l"', "2025-01-01", True),
    ],
)
def test_ceilings_of_one_commodity_do_not_overlap(
    tmp_path: Path, first: str, second: str, good: bool
) -> None:
    more = CEILINGS.format(first=first, second=second)
    if good:
        assert warnings_of(tmp_path, more) == {}
    else:
        assert "overlaps with ceiling[0]" in faults_of(tmp_path, more)["ceiling[1].since"]


def test_references_numbers_and_words_of_the_tables(tmp_path: Path) -> None:
    faults = faults_of(
        tmp_path,
        """
[[agency]]
code = "bpbd"
name = "BPBD"
[[agency]]
code = "bpbd"
name = ""
[[category]]
code = "banjir"
name = { id = "Banjir", fr = "x" }
agency = "bpdb"
match = [""]
[[category]]
code = ""
name = { id = "a", en = "b" }
[[ceiling]]
commodity = "beras"
price = 0
since = 2025-02-01
until = 2025-01-01
[[gauge]]
match = []
levels = [{ name = "2", from_value = 5 }, { name = "1", from_value = 5 }]
[[gauge]]
match = ["a"]
levels = []
""",
    )
    assert faults == {
        "agency[1].code": "stands in agency[0] already; each needs its own",
        "agency[1].name": "is empty",
        "category[0].name.en": "is missing; the city's languages are id, en",
        "category[0].name.fr": "is no language; there are en, id",
        "category[0].agency": "is the code of no [[agency]]; did you mean 'bpbd'?",
        "category[0].match[0]": 'is empty; "*" stands for anything',
        "category[1].code": "is empty",
        "ceiling[0].commodity": "is the code of no [[commodity]]; there are none",
        "ceiling[0].price": "must be more than 0 rupiah",
        "ceiling[0].until": "must lie after since = 2025-02-01",
        "gauge[0].match": 'is empty; write the ids or names, or ["*"] for all',
        "gauge[0].levels[1].from_value": "must be more than 5 of the level before it: "
        "lowest first, ascending",
        "gauge[1].levels": "is empty",
    }


def test_a_consequence_of_a_fault_is_not_said_again(tmp_path: Path) -> None:
    more = """
[[agency]]
name = "BPBD"
[[category]]
code = "banjir"
name = { id = "Banjir", en = "Flood" }
agency = "bpbd"
"""
    assert faults_of(tmp_path, more) == {"agency[0].code": "is missing"}


def test_a_city_that_plays_checks_its_script(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, '[scenario]\nstart = "tomorrow"\n')
    assert faults == {
        "scenario.start": 'is no time; write "2026-09-24T06:00:00+07:00"',
        "scenario.file": "is not there",
    }
    (tmp_path / "scenario.toml").write_text("x = 1\n")
    (tmp_path / "places.json").write_text("{}")
    assert "cannot be used" in faults_of(tmp_path, "[scenario]\n[calls]\nx = 1\n")["scenario"]


def test_the_files_of_the_ground_are_said_together_with_other_faults(tmp_path: Path) -> None:
    (tmp_path / "places.json").write_text(
        json.dumps({"market": [{"name": "Pasar", "lon": "x", "lat": -5}], "y": 1})
    )
    base = 'places_file = "places.json"\n' + BARE
    faults = faults_of(tmp_path, '[map]\nbasemap = "gone.json"\n[calls]\nx = 1\n', base=base)
    assert faults == {
        "calls.x": "is not known; there are answer_within, channels, names, short_abandon",
        "map.basemap": "cannot be read: no such file or directory",
        "market[0].lon": "must be a number of degrees",
        "y": "must be a list of places",
    }


#: What may stand in a TOML file where something else belongs.
JUNK = st.sampled_from(
    [
        *(True, 0, -1, 10**400, math.nan, "", "x", "http://[", "sim:x", "env:", "{", "\x00", "0000-00-00"),
        *([], [1], [[]], {}, {"x": {}}, [{}], datetime.date(2026, 1, 31), datetime.time(1)),
    ]
).map(copy.deepcopy)


@settings(max_examples=60)
@given(st.data())
def test_whatever_stands_in_the_demo_city_is_a_fault_and_no_crash(data: st.DataObject) -> None:
    tables = tomllib.loads(DEMO.read_text())
    for _ in range(data.draw(st.integers(1, 4))):
        around: Any = None
        inside: Any = tables
        while isinstance(inside, dict | list) and inside and (around is None or data.draw(st.booleans())):
            key = data.draw(
                st.sampled_from(sorted(inside) if isinstance(inside, dict) else range(len(inside)))
            )
            around, inside = inside, inside[key]
            place = (around, key)
        place[0][place[1]] = data.draw(JUNK)
    found = judge(tables, Findings("city.toml"), DEMO.parent, ROLES)[1]
    assert all(str(fault).startswith("city.toml: ") for fault in found.faults)


def test_guess_says_what_there_is() -> None:
    assert guess("x", []) == "there are none"
    assert guess("x", ["abc"]) == "there is abc"
    assert guess("zzz", [f"name{n}" for n in range(40)]).endswith("… (40 in all)")


def test_loopback() -> None:
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert is_loopback("localhost")
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("wall.example")


def _kinds(kind: Any) -> list[inspect.Type]:
    """Every type within a type."""
    inner: list[Any] = []
    match kind:
        case inspect.StructType():
            inner = [field.type for field in kind.fields]
        case inspect.ListType():
            inner = [kind.item_type]
        case inspect.DictType():
            inner = [kind.key_type, kind.value_type]
        case inspect.UnionType():
            inner = list(kind.types)
        case inspect.Metadata():
            inner = [kind.type]
    return [kind, *(deeper for one in inner for deeper in _kinds(one))]


@pytest.mark.parametrize(
    ("frame", "why"),
    [("[1.0, 2.0]", "west, south, east, north"), ("[110.0, -5.0, 109.0, -4.0]", "west < east")],
)
def test_a_frame_of_the_map_that_is_none_is_a_fault(tmp_path: Path, frame: str, why: str) -> None:
    path = write_city(tmp_path, f"[map]\nframe = {frame}\n")
    with pytest.raises(ConfigError, match=why):
        read_city(path)
