"""wallboard/config/rules.py and paths.py: a rule that can never hold is a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cities import write_city
from tests.configs import BARE, faults_of, warnings_of
from wallboard.city import CityConfig
from wallboard.config.paths import NoPath, types_at
from wallboard.config.read import examine
from wallboard.config.ready import is_ready, ready_rules
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


def bare(type: str, **keys: str) -> dict[str, str]:
    """What changes the sound rule above into one of another type."""
    return {"type": f'"{type}"', "kind": "", "field": "", "above": "", **keys}


GAUGE = bare("gauge")
SHARE = bare("share", kind='"camera"', where='{ state = "offline" }', share="0.1")
QUEUE = bare("queue", wait='"1min"')
BURST = bare("burst")
SLA = bare("sla")
PRICE = bare("price", share="0.1")
COVER = bare("cover", share="0.2")
RATE = {"type": '"rate"', "within": '"1h"', "text": '{ id = "{now}", en = "{value}" }'}


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
        ({"type": '"rate"', "above": ""}, "above", "by how much may the figure change?"),
        ({"type": '"rate"', "within": "0"}, "within", "must be more than 0 s"),
        ({"type": '"rate"', "share": "0.1"}, "share", 'it has in "share" or "cover" or "price"'),
        ({"type": '"price"', "field": "", "above": "", "share": "-0.1", "kind": ""}, "share", "0 or more"),
        ({"kind": ""}, "kind", "is missing; there are agency"),
        (GAUGE | {"kind": '"camera"'}, "kind", 'is always "gauge" in a rule of type "gauge"'),
        (GAUGE | {"text": '{ id = "{hazard}", en = "{level}" }'}, "text.id", "{hazard} is not filled in"),
        (GAUGE | {"instruction": '{ id = "{id}", en = "x" }'}, "instruction.id", "{level}, {unit}, {river}"),
        (GAUGE | {"max_age": '"1 day"'}, "max_age", "is no duration"),
        (GAUGE | {"since": "2026-02-01", "until": "2026-01-31"}, "until", "lies before since = 2026-02-01"),
        (GAUGE | {"to": '"nobody"'}, "to", "is the code of no [[group]]; there are none"),
        (SHARE | {"where": ""}, "where", "is missing: it says in which state"),
        (SHARE | {"share": ""}, "share", "is missing; 0.1 is 10 %"),
        (SHARE | {"share": "10"}, "share", "must be 0 to 1; 0.1 is 10 %"),
        (SHARE | {"least": "0"}, "least", "must be 1 or more"),
        (SHARE | {"level": "2"}, "level", "there are -1 (the lowest but one) to 1 (the"),
        (SHARE | {"among": '{ stat = "x" }'}, "among.stat", "a camera has no 'stat'; did you mean 'state'?"),
        (SHARE | {"kind": '"queue"', "where": "{ live = false }"}, "kind", "lies in a district"),
        (QUEUE | {"wait": ""}, "wait", "is missing, and service_level, too"),
        (QUEUE | {"service_level": "0.8"}, "wait", "stands beside service_level: write a rule for each"),
        (QUEUE | {"wait": "", "service_level": "80"}, "service_level", "must be more than 0, up to 1"),
        (QUEUE | {"window": '"1h"'}, "window", "must be one of '15m', 'day', 'hour'"),
        (BURST | {"chance": "0"}, "chance", "must be more than 0 and less than 1"),
        (BURST | {"within": '"2d"'}, "within", "must be at most a day"),
        (BURST | {"clock": '["accept"]'}, "clock", 'has no use but in a rule of type "sla"'),
        (SLA | {"clock": '["acept"]'}, "clock[0]", "must be one of 'accept', 'resolve', 'verify'"),
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


@pytest.mark.parametrize("changes", [SHARE, QUEUE, BURST, SLA, COVER, RATE])
def test_a_sound_rule_of_each_type_is_no_fault(tmp_path: Path, changes: dict[str, str]) -> None:
    assert warnings_of(tmp_path, rule(**changes)) == {}


@pytest.mark.parametrize(("changes", "table"), [(PRICE, "[[ceiling]]"), (GAUGE, "[[gauge]]")])
def test_what_no_table_gives_a_level_for_is_a_warning(
    tmp_path: Path, changes: dict[str, str], table: str
) -> None:
    assert f"can never hold: there is no {table}" in warnings_of(tmp_path, rule(**changes))["rule[0]"]


def test_every_fault_of_several_rules_is_told_at_once(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, rule(**SHARE | {"share": "2"}) + rule(id='"q"', **QUEUE | {"wait": ""}))
    assert set(faults) == {"rule[0].share", "rule[1].wait"}


def test_rules_of_one_id_need_days_of_their_own(tmp_path: Path) -> None:
    first = rule(**GAUGE | {"until": "2026-01-31"})
    assert "stands in rule[0] already" in faults_of(tmp_path, first + rule())["rule[1].id"]
    overlapping = first + rule(since="2026-01-31")
    assert "days (since, until) on which the other" in faults_of(tmp_path, overlapping)["rule[1].id"]
    assert faults_or_none(tmp_path, first + rule(since="2026-02-01")) == []


def faults_or_none(folder: Path, more: str) -> list[str]:
    path = write_city(folder)
    path.write_text(BARE + more)
    return [fault.key for fault in examine(path)[1].faults]


# -- ready rules


def ready(folder: Path, switch: str, more: str = "") -> tuple[CityConfig, list[str]]:
    path = write_city(folder)
    path.write_text(f"ready_rules = {switch}\n" + BARE + more)
    city, found = examine(path)
    return city, [f"{fault.key}: {fault.why}" for fault in found.faults]


def test_ready_rules_are_sound_in_every_city_and_say_what_to_do() -> None:
    assert len(ready_rules()) >= 9
    for each in ready_rules():
        assert set(each.text) == set(each.instruction) == {"id", "en"}
        assert all(len(text) <= 100 for text in each.instruction.values())
        assert (each.to, each.escalate, each.suppressed_by) == ("", [], "")
    assert {each.type for each in ready_rules()} >= {
        "rate",
        "share",
        "sla",
        "price",
        "gauge",
        "cover",
        "burst",
    }


def test_ready_rules_are_switched_on_by_one_key(tmp_path: Path) -> None:
    city, faults = ready(tmp_path, "true")
    assert faults == []
    assert city.rule == list(ready_rules())
    assert ready(tmp_path, "false")[0].rule == []
    assert [each.id for each in ready(tmp_path, '["muka-air"]')[0].rule] == ["muka-air"]


def test_who_takes_all_ready_rules_is_not_warned_of_those_that_wait(tmp_path: Path) -> None:
    for switch, warned in (("true", 0), ('["muka-air", "harga-di-atas-het"]', 2)):
        path = write_city(tmp_path)
        path.write_text(f"ready_rules = {switch}\n" + BARE)
        assert sum("can never hold" in each.why for each in examine(path)[1].warnings) == warned


def test_an_own_rule_of_the_same_id_goes_before(tmp_path: Path) -> None:
    city, faults = ready(tmp_path, "true", rule(id='"muka-air"'))
    assert faults == []
    (own,) = [each for each in city.rule if each.id == "muka-air"]
    assert (own.type, is_ready(own)) == ("threshold", False)


def test_an_unknown_ready_rule_is_a_fault(tmp_path: Path) -> None:
    assert ready(tmp_path, '["muka-aer"]')[1] == [
        "ready_rules[0]: is no ready rule; did you mean 'muka-air'?"
    ]
    assert "must be true, false or a list" in ready(tmp_path, '"all"')[1][0]
