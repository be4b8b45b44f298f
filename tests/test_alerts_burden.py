"""wallboard/engine/alerts/burden.py: the flood, and the alarm load of ISA-18.2."""

from __future__ import annotations

import pytest

from tests.alarms import START, alarm_config, alarm_world, press, read, the, wait
from tests.people import ask
from tests.worlds import Book
from wallboard.engine.alerts.burden import DAY_S, MOST_NAMES, REFRESH_S
from wallboard.engine.world import World
from wallboard.entities import AlarmLoad, City


def load_of(world: World) -> AlarmLoad:
    load = world.get(AlarmLoad, "load")
    assert load is not None
    return load


def flood(world: World) -> float | None:
    city = world.get(City, "city")
    assert city is not None
    assert city.flood == (city.flood_since is not None)
    return city.flood_since


def many(world: World, number: int, first: int = 0) -> None:
    for index in range(first, first + number):
        read(world, 120, id=f"n{index}")


def test_more_than_ten_in_ten_minutes_are_a_flood_until_there_are_fewer_than_five() -> None:
    world = alarm_world()
    many(world, 10)
    assert flood(world) is None
    wait(world, 300)
    many(world, 1, first=10)
    assert flood(world) == START + 300
    many(world, 3, first=11)
    wait(world, 299)
    assert flood(world) == START + 300
    wait(world, 1)
    assert flood(world) is None, "the first ten are over; four are left"
    whats = [line["what"] for line in world.draft().audit]
    assert whats.count("alerts.flood") == whats.count("alerts.flood_over") == 1


@pytest.mark.parametrize("restart_after", [0.0, 100.0, 599.0])
def test_a_flood_outlives_a_restart_to_the_second(restart_after: float) -> None:
    world = alarm_world()
    many(world, 12)
    wait(world, restart_after)
    book = Book()
    book.commit(world)
    again = book.reopened(world.now, **alarm_config())
    assert flood(again) == START
    wait(again, 599.5 - restart_after)
    assert flood(again) == START
    wait(again, 0.5)
    assert flood(again) is None


def test_what_is_aside_is_no_burden() -> None:
    world = alarm_world()
    read(world, 120)
    ask(world, "supervisor", "alert.shelve", alert="high|gauge:gates/a", for_s=3600, reason="x")
    for _ in range(20):
        read(world, 90, after=1)
        read(world, 120, after=1)
    wait(world, 10)
    assert (load_of(world).last_10min, load_of(world).shelved, flood(world)) == (1, 1, None)


def test_the_figures_are_shown_at_once_and_then_every_ten_seconds() -> None:
    world = alarm_world()
    many(world, 1)
    assert load_of(world).standing == 1
    wait(world, 1)
    many(world, 3, first=1)
    assert load_of(world).standing == 1
    wait(world, REFRESH_S - 1)
    load = load_of(world)
    assert (load.standing, load.last_10min, load.last_hour, load.last_day) == (4, 4, 4, 4)
    assert (load.scope, load.shares) == (("city",), {"severe": 1.0})


def test_a_day_of_alerts() -> None:
    world = alarm_world()
    many(world, 12)
    wait(world, 40)
    press(world, id="high|gauge:gates/n0")
    wait(world, 20)
    press(world, id="high|gauge:gates/n1")
    wait(world, 3600 - 60)
    for _ in range(3):
        read(world, 90, after=1, id="n5")
        read(world, 120, after=1, id="n5")
    wait(world, 10)
    load = load_of(world)
    assert (load.last_10min, load.last_day, load.peak_10min) == (3, 15, 12)
    assert load.worst[0] == ("high|gauge:gates/n5", 4)
    assert len(load.worst) == 10
    assert load.flood_share == round(1 / 144, 4)
    assert load.ack_median_s == 50.0
    assert load.chattering == 1
    wait(world, 700)
    assert (load_of(world).last_10min, load_of(world).chattering) == (0, 0)
    wait(world, DAY_S + 1200)
    load = load_of(world)
    assert (load.last_hour, load.last_day, load.peak_10min, load.worst) == (0, 0, 0, ())
    assert load.stale == load.standing == 12
    assert not world.memories("alarm_span")


def test_a_quiet_city_costs_nothing() -> None:
    world = alarm_world()
    many(world, 1)
    wait(world, 3 * DAY_S)
    book = Book()
    book.commit(world)
    assert world.recall("alarms", "alarms", object).due is None  # type: ignore[attr-defined]


def test_memory_stays_bounded_in_a_flood() -> None:
    world = alarm_world()
    many(world, MOST_NAMES + 50)
    (span,) = world.memories("alarm_span").values()
    assert len(span.names) == MOST_NAMES
    wait(world, 10)
    assert load_of(world).last_day == MOST_NAMES + 50


def test_no_two_standing_alerts_have_one_code() -> None:
    world = alarm_world()
    many(world, 300)
    codes = [the(world, f"high|gauge:gates/n{index}").code for index in range(300)]
    assert len(set(codes)) == 300
    assert all(set(code) <= set("BCDFGHJKLMNPQRSTVWXZ") for code in codes)


def test_a_code_that_is_taken_is_passed_over_the_same_way_each_time() -> None:
    from wallboard.engine.alerts.code import code_of

    first = code_of("a", 1, ())
    second = code_of("a", 1, {first})
    assert first != second
    assert second == code_of("a", 1, {first})
    assert first == code_of("a", 1, {second})
