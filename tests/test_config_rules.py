"""wallboard/config/rules.py and paths.py: a rule that can never hold is a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.configs import faults_of, warnings_of
from wallboard.config.paths import NoPath, types_at
from wallboard.entities import KINDS


def rule(**changes: str) -> str:
    """A sound rule with some keys changed; "" leaves one out."""
    keys = {
        "id": '"r"',
        "type": '"threshold"',
        "kind": '"gauge"',
        "severity": '"danger"',
        "text": '{ id = "{name} {value}", en = "{id}" }',
        "field": '"value"',
        "above": "3",
    } | changes
    return "[[rule]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items() if value)


@pytest.mark.parametrize(
    ("changes", "key", "why"),
    [
        ({"kind": '"gague"'}, "kind", "is no kind of entity; did you mean 'gauge'?"),
        ({"field": '"valeu"'}, "field", "a gauge has no 'valeu'; did you mean 'value'?"),
        ({"field": '"place.distrct"'}, "field", "place of a gauge has no 'distrct'; did you mean"),
        ({"field": '"value.x"'}, "field", "value of a gauge has nothing inside it"),
        ({"field": '"name"'}, "field", "is not a number; use where to compare words"),
        ({"field": '"history"'}, "field", "is not a number; use where to compare words"),
        ({"field": ""}, "field", "is missing: above and below need a figure to look at"),
        ({"above": ""}, "field", "has no use without above or below"),
        ({"below": "4"}, "below", "must not be more than above = 3"),
        ({"silent_for": '"5min"'}, "silent_for", 'has no use but in a rule of type "absence"'),
        ({"type": '"absence"', "field": ""}, "above", 'has no use in a rule of type "absence"'),
        ({"id": '"a|b"'}, "id", "must be letters"),
        ({"id": '""'}, "id", "is empty"),
        ({"text": '{ id = "x" }'}, "text.en", "is missing; the city's languages are id, en"),
        ({"text": '{ id = "{nama}", en = "x" }'}, "text.id", "{nama} is not filled in"),
        ({"instruction": '{ en = "Go" }'}, "instruction.id", "is missing"),
        ({"where": '{ levle = "x" }'}, "where.levle", "a gauge has no 'levle'"),
        ({"where": '{ severity = "dangr" }'}, "where.severity", "is never so; it is one of 'caution'"),
        ({"where": '{ severity = ["danger", 1] }'}, "where.severity", "is never so"),
        ({"where": '{ name = 7 }'}, "where.name", "is never so; it is text"),
        ({"where": '{ value = true }'}, "where.value", "is never so; it is a number"),
        ({"where": '{ levels = "x" }'}, "where.levels", "cannot be compared"),
        ({"where": "{ severity = [] }"}, "where.severity", "is empty"),
        ({"where": '{ place.district = "x" }'}, "where.place", 'write a path in quotes, "place.district"'),
    ],
)  # fmt: skip
def test_a_rule_that_could_never_hold_is_a_fault(
    tmp_path: Path, changes: dict[str, str], key: str, why: str
) -> None:
    faults = faults_of(tmp_path, rule(**changes))
    assert why in faults.pop(f"rule[0].{key}")
    assert faults == {}


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("queue", "windows.15m.service_level"),
        ("queue", "agents.free"),
        ("incident", "source.title"),
        ("gauge", "place.edge_m"),
        ("price", "place.district"),
        ("city", "by_category.banjir"),
        ("hazard", "geometry.type"),
    ],
)
def test_paths_go_through_structs_tables_and_what_may_be_absent(kind: str, path: str) -> None:
    assert types_at(kind, path)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_an_id_and_refuses_what_it_has_not(kind: str) -> None:
    assert types_at(kind, "id")
    with pytest.raises(NoPath, match="a " + kind):
        types_at(kind, "no such field")


def test_sound_rules_are_no_faults(tmp_path: Path) -> None:
    more = rule() + rule(id='"q"', kind='"queue"', field='"windows.15m.service_level"', above="", below="0.8")
    more += rule(
        id='"s"', type='"absence"', kind='"camera"', field="", above="", where='{ state = ["online"] }'
    )
    assert warnings_of(tmp_path, more) == {}


def test_a_rule_for_everything_is_a_warning(tmp_path: Path) -> None:
    assert "alerts for every gauge" in warnings_of(tmp_path, rule(field="", above=""))["rule[0]"]
