"""Bursts of reports: what is usual by the hour of the week, and how seldom so many come by chance."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.test_rules_types import HERE, START, UPPER, alerts, incident, put, reopened, rule, wait, world_with
from wallboard.engine.rules.burst import MAX_USUAL
from wallboard.engine.rules.usual import (
    FADE,
    HOUR_S,
    MOST,
    WEEK,
    Rate,
    Usual,
    counted,
    expected,
    folded,
    tail,
    unusual_from,
)
from wallboard.engine.world import World
from wallboard.entities import Incident, IncidentOurs

WORDS = {"id": "{category} {usual}", "en": "{category} in {name}: {value}"}
BURST = rule("burst", within=3600.0, least=4, learn=0.0, text=WORDS)
CATEGORIES = [{"code": "banjir", "name": {"id": "Banjir", "en": "Flood"}, "match": ["banjir"]}]


def a_world(**more: Any) -> World:
    return world_with(BURST | more, category=CATEGORIES)


def report(world: World, id: str, at: float, code: str = HERE, **more: Any) -> Incident:
    return incident(world, id, code, at, **({"category": "banjir"} | more))


def flood(world: World, count: int, at: float, **more: Any) -> None:
    for number in range(count):
        put(world, report(world, f"i{at:g}-{number}", at + number, **more), at=at + number)


# -- the statistics, by themselves


def of(hour: int) -> int:
    return hour % WEEK


def test_the_tail_is_that_of_the_negative_binomial() -> None:
    # shape 3, success 1/2: P(X >= 1) = 1 - 1/8, P(X >= 2) = 1 - 1/8 - 3/16
    rate = Rate(shape=3.0, weight=1.0, hours=1.0)
    assert tail(rate, 0) == 1.0
    assert tail(rate, 1) == pytest.approx(7 / 8)
    assert tail(rate, 2) == pytest.approx(11 / 16)


def test_with_much_evidence_the_tail_is_that_of_poisson() -> None:
    # Poisson of mean 2: P(X >= 5) = 0.052653
    assert tail(Rate(shape=2e6, weight=1e6, hours=1.0), 5) == pytest.approx(0.052653, abs=1e-5)


def test_little_evidence_makes_the_same_number_less_unusual() -> None:
    assert tail(Rate(1.0, 1.0, 1.0), 6) > 10 * tail(Rate(100.0, 100.0, 1.0), 6)


def test_the_usual_number_follows_the_hour_of_the_week() -> None:
    usual = Usual("r", 0)
    for week in range(8):
        for _ in range(20):
            usual = counted(usual, week * WEEK + 9, 0, 1e-12, 1, of)
    now = 8 * WEEK
    usual = folded(usual, now, 0, 1e-12, 1, of)
    busy = expected(usual, (now + 9) * HOUR_S, (now + 10) * HOUR_S, 0, of)
    quiet = expected(usual, (now + 3) * HOUR_S, (now + 4) * HOUR_S, 0, of)
    half = expected(usual, (now + 9.5) * HOUR_S, (now + 10.5) * HOUR_S, 0, of)
    assert busy.mean > 15
    assert quiet.mean < 0.2
    assert half.mean == pytest.approx((busy.mean + quiet.mean) / 2, rel=0.05)


def test_what_is_usual_fades() -> None:
    usual = Usual("r", 0)
    for week in range(8):
        usual = counted(usual, week * WEEK, 0, 1e-12, 1, of)
    usual = folded(usual, 8 * WEEK, 0, 1e-12, 1, of)
    then, later = (
        expected(usual, at * WEEK * HOUR_S, (at * WEEK + 1) * HOUR_S, 0, of).mean for at in (8, 16)
    )
    assert later == pytest.approx(then * FADE**8, rel=0.6)
    assert later < then / 2


def test_an_hour_that_was_a_burst_counts_for_no_more_than_a_burst() -> None:
    usual = Usual("r", 0)
    for _ in range(150):
        usual = counted(usual, 100, 0, 0.001, 5, of)
    usual = folded(usual, 101, 0, 0.001, 5, of)
    ((value, _),) = usual.bins.values()
    assert 5 <= value < 15


def test_a_number_that_is_never_unusual_ends_the_search() -> None:
    assert unusual_from(Rate(1e6, 1.0, 1.0), 0.001, 3) == MOST


# -- the rule


def test_more_reports_than_usual_in_one_district_alert_with_the_category() -> None:
    world = a_world()
    wait(world, START + 30 * 86400)
    flood(world, 4, START + 30 * 86400)
    (alert,) = alerts(world).values()
    assert alert.subject == f"district:{UPPER}/banjir"
    assert alert.texts["en"] == "Flood in Pesisir: 4"
    assert alert.texts["id"].startswith("Banjir 0.0")


def test_the_same_number_where_it_is_usual_does_not() -> None:
    world = a_world()
    for week in range(6):
        flood(world, 5, START + week * WEEK * HOUR_S + 3000)
    assert alerts(world) == {}, "after six weeks five at this hour are usual"
    flood(world, 5, START + 5 * WEEK * HOUR_S + 12 * HOUR_S)
    assert len(alerts(world)) == 1, "but not at night"


def test_it_ends_when_the_reports_are_older_than_the_span() -> None:
    world = a_world()
    begin = START + 30 * 86400
    wait(world, begin)
    flood(world, 4, begin)
    again = reopened(world, begin + 10, BURST, category=CATEGORIES)
    for one in (world, again):
        wait(one, begin + 3599)
        assert alerts(one)
        wait(one, begin + 3600)
        assert alerts(one) == {}
        wait(one, begin + 2 * 3600)
        assert one.memories("burst") == {}


def test_each_report_counts_once_whatever_becomes_of_it() -> None:
    world = a_world()
    begin = START + 30 * 86400
    wait(world, begin)
    for number in range(10):
        put(world, report(world, "one", begin, severity="severe" if number % 2 else None), at=begin + number)
    flood(world, 2, begin + 20)
    assert alerts(world) == {}
    world.remove(Incident, "one")
    put(world, report(world, "last", begin + 30), at=begin + 30)
    assert alerts(world), "what left the list was reported"
    (usual,) = world.memories("burst_usual").values()
    assert usual.count == 4


@pytest.mark.parametrize(
    "more",
    [
        {"category": ""},
        {"ours": IncidentOurs(status="prank")},
        {"code": "99.01.02.1001"},
        {"category": "lain"},
        {"opened": START},
    ],
)
def test_what_belongs_elsewhere_or_is_old_or_a_prank_does_not_count(more: dict[str, Any]) -> None:
    world = a_world()
    begin = START + 30 * 86400
    wait(world, begin)
    flood(world, 3, begin)
    at = more.pop("opened", begin + 5)
    put(world, report(world, "odd", at, **more), at=begin + 5)
    assert alerts(world) == {}


def test_a_report_that_gets_another_category_moves() -> None:
    world = a_world()
    begin = START + 30 * 86400
    wait(world, begin)
    flood(world, 3, begin)
    put(world, report(world, "x", begin + 5, category="lain"), at=begin + 5)
    put(world, report(world, "x", begin + 5, ours=IncidentOurs(category="banjir")), at=begin + 6)
    assert list(alerts(world)) == [f"district:{UPPER}/banjir"]
    put(world, report(world, "x", begin + 5, ours=IncidentOurs(status="prank")), at=begin + 7)
    assert alerts(world) == {}


def test_nothing_alerts_while_what_is_usual_is_being_learned() -> None:
    world = a_world(learn=7 * 86400.0)
    flood(world, 20, START + 6 * 86400)
    assert alerts(world) == {}
    flood(world, 20, START + 8 * 86400)
    assert alerts(world)


def test_three_months_of_chance_gives_few_alarms_and_no_memory_without_bounds() -> None:
    world = a_world(least=5, learn=7 * 86400.0)
    draw = random.Random(5)
    raised, at = 0, START
    for number in range(2000):
        at += draw.expovariate(1.0) * HOUR_S  # one an hour
        put(world, report(world, f"i{number}", at), at=at)
        raised = max(raised, sum(alert.episode for alert in alerts(world).values()))
        if number:
            world.remove(Incident, f"i{number - 1}")
        world.discard()
    assert raised <= 2
    assert len(world.memories("burst")) <= 1
    (usual,) = world.memories("burst_usual").values()
    assert len(usual.bins) == WEEK
    assert MAX_USUAL >= 1
