"""wallboard/config/people.py: groups, shifts, steps and limits that could never do what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.configs import faults_of, warnings_of
from wallboard.config.people import BUILT_IN
from wallboard.engine.rules import BUILT_IN as RULES_BUILT_IN

GROUP = '[[group]]\ncode = "g"\nname = { id = "G", en = "G" }\n'
PEOPLE = GROUP + 'people = ["rina"]\n'
SHIFT = '[[shift]]\nname = "day"\nbegins = "07:00"\nends = "19:00"\nduty = { g = ["rina"] }\n'


def rule(more: str, id: str = "r") -> str:
    return (
        f'[[rule]]\nid = "{id}"\ntype = "threshold"\nkind = "gauge"\nseverity = "danger"\nfield = "value"\n'
        f'above = 3\ntext = {{ id = "x", en = "x" }}\n{more}\n'
    )


@pytest.mark.parametrize(
    ("more", "key", "why"),
    [
        ("[alarms]\nflood_above = 0\nflood_below = 0\n", "alarms.flood_above", "must be 1 or more"),
        ("[alarms]\nflood_below = 11\n", "alarms.flood_below", "must not be more than flood_above = 10"),
        ("[alarms]\nchatter = 1\n", "alarms.chatter", "must be 2 or more"),
        ('[alarms]\nstale = "0s"\n', "alarms.stale", "must be more than 0 s"),
        ('[alarms]\nshelve_most = "8d"\n', "alarms.shelve_most", "7 days at most"),
        (PEOPLE + PEOPLE, "group[1].code", "stands in group[0] already"),
        ('[[group]]\ncode = "g"\nname = { id = "G" }\npeople = ["a"]\n', "group[0].name.en", "is missing"),
        (GROUP + 'people = ["a", "a"]\n', "group[0].people[1]", "stands there twice"),
        (GROUP + 'people = [" a"]\n', "group[0].people[0]", "is no log-in name"),
        (PEOPLE + SHIFT.replace("07:00", "7:00"), "shift[0].begins", "is no time of the day"),
        (PEOPLE + SHIFT.replace("19:00", "24:00"), "shift[0].ends", "is no time of the day"),
        (PEOPLE + SHIFT + "days = []\n", "shift[0].days", "is empty"),
        (PEOPLE + SHIFT + "days = [1, 8]\n", "shift[0].days[1]", "is no day"),
        (PEOPLE + SHIFT + "days = [1, 1]\n", "shift[0].days[1]", "stands there twice"),
        (PEOPLE + SHIFT.replace("{ g", "{ h"), "shift[0].duty.h", "is the code of no [[group]]"),
        (PEOPLE + SHIFT.replace('"rina"', '""'), "shift[0].duty.g[0]", "is no log-in name"),
        (
            PEOPLE + rule('escalate = [{ after = "5min", to = "gg" }]'),
            "rule[0].escalate[0].to",
            "is the code of no [[group]]; did you mean 'g'?",
        ),
        (
            PEOPLE + rule('escalate = [{ after = "5min", to = "g" }, { after = "1min", to = "g" }]'),
            "rule[0].escalate[1].after",
            "the soonest first",
        ),
        (rule('suppressed_by = "q"'), "rule[0].suppressed_by", "is the id of no rule"),
        (rule('suppressed_by = "r"'), "rule[0].suppressed_by", "goes round in a ring (r → r)"),
    ],
)
def test_what_could_never_be_is_a_fault(tmp_path: Path, more: str, key: str, why: str) -> None:
    assert why in faults_of(tmp_path, more)[key]


def test_two_rules_that_suppress_each_other(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, rule('suppressed_by = "b"', "a") + rule('suppressed_by = "a"', "b"))
    assert "a → b → a" in faults["rule[0].suppressed_by"]
    assert "b → a → b" in faults["rule[1].suppressed_by"]


def test_what_is_sound_is_no_fault(tmp_path: Path) -> None:
    steps = (
        'escalate = [{ after = 0, to = "g" }, { after = "5min", to = "g" }]\nsuppressed_by = "feed-silent"'
    )
    assert warnings_of(tmp_path, PEOPLE + SHIFT + rule(steps)) == {}


def test_a_group_that_is_nobody_is_a_warning(tmp_path: Path) -> None:
    assert "is nobody" in warnings_of(tmp_path, GROUP)["group[0]"]


def test_a_hole_in_the_roster_of_a_group_that_rules_tell_is_a_warning(tmp_path: Path) -> None:
    steps = rule('escalate = [{ after = "5min", to = "g" }]')
    assert "nobody on duty on Monday at 00:00" in warnings_of(tmp_path, GROUP + SHIFT + steps)["group[0]"]
    night = SHIFT.replace("07:00", "x").replace("19:00", "07:00").replace("x", "19:00")
    assert warnings_of(tmp_path, GROUP + SHIFT + night + steps) == {}
    weekdays = GROUP + SHIFT + night + "days = [1, 2, 3, 4, 5]\n" + steps
    assert "on Monday at 00:00" in warnings_of(tmp_path, weekdays)["group[0]"]
    assert warnings_of(tmp_path, PEOPLE + SHIFT + steps) == {}


def test_the_rules_that_every_city_has_are_known() -> None:
    assert set(BUILT_IN) == {built_in.id for built_in in RULES_BUILT_IN}
