"""wallboard/engine/duty.py: the roster by the city's clock, and what a supervisor sets instead."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.alarms import whole_book
from tests.people import ask, settle_in
from tests.worlds import small_world
from wallboard.engine import reduce
from wallboard.engine.duty import MOST_SET_S, on_duty
from wallboard.engine.world import World
from wallboard.entities import PersonShown

GROUPS = [
    {"code": "guards", "name": {"id": "Jaga", "en": "Guards"}, "people": ["leader"]},
    {"code": "desk", "name": {"id": "Meja", "en": "Desk"}},
]
SHIFTS: list[dict[str, Any]] = [
    {"name": "day", "begins": "07:00", "ends": "19:00", "duty": {"guards": ["supervisor"]}},
    {"name": "night", "begins": "19:00", "ends": "07:00", "duty": {"guards": ["rini"]}},
    {"name": "weekend", "begins": "09:00", "ends": "12:00", "days": [6, 7], "duty": {"desk": ["operator"]}},
]


def at(text: str, zone: str = "Asia/Jakarta") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def config(**changes: Any) -> dict[str, Any]:
    return {"group": GROUPS, "shift": SHIFTS} | changes


def duty_world(now: float, **changes: Any) -> World:
    world = small_world(**config(**changes))
    world.now = now
    settle_in(world)
    return world


def shown(world: World, id: str) -> tuple[tuple[str, ...], float | None]:
    person = world.get(PersonShown, id)
    assert person is not None
    return person.duty, person.duty_until


@pytest.mark.parametrize(
    ("now", "guards", "desk"),
    [
        ("2026-11-20T06:59:59", "rini", ""),  # a Friday
        ("2026-11-20T07:00:00", "supervisor", ""),
        ("2026-11-20T18:59:59", "supervisor", ""),
        ("2026-11-20T19:00:00", "rini", ""),
        ("2026-11-21T00:00:00", "rini", ""),
        ("2026-11-21T09:00:00", "supervisor", "operator"),
        ("2026-11-21T12:00:00", "supervisor", ""),
    ],
)
def test_the_roster_of_the_shift(now: str, guards: str, desk: str) -> None:
    world = duty_world(at(now))
    assert on_duty(world, "guards") == (guards, "leader")
    assert on_duty(world, "desk") == ((desk,) if desk else ())
    assert on_duty(world, "nobody's") == ()


def test_people_are_shown_with_their_duty_and_timers_follow_the_shifts() -> None:
    world = duty_world(at("2026-11-20T18:00"))
    assert shown(world, "supervisor") == (("guards",), at("2026-11-20T19:00"))
    assert shown(world, "rini") == ((), None)
    assert shown(world, "leader") == ((), None), "always, so not by the roster"
    reduce.apply(world, [], at("2026-11-20T19:00"))
    assert shown(world, "supervisor") == ((), None)
    assert shown(world, "rini") == (("guards",), at("2026-11-21T07:00"))
    reduce.apply(world, [], at("2026-11-21T09:30"))
    assert shown(world, "operator") == (("desk",), at("2026-11-21T12:00"))


def test_a_shift_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    night = [SHIFTS[1] | {"days": [5]}]
    assert on_duty(duty_world(at("2026-11-21T03:00"), shift=night), "guards")[0] == "rini"
    assert on_duty(duty_world(at("2026-11-20T03:00"), shift=night), "guards") == ("leader",)


def test_a_shift_of_24_hours() -> None:
    whole = [SHIFTS[0] | {"ends": "07:00", "days": [5]}]
    for hour, expected in (("20T07:00", 2), ("21T06:59", 2), ("21T07:00", 1), ("20T06:59", 1)):
        assert len(on_duty(duty_world(at(f"2026-11-{hour}"), shift=whole), "guards")) == expected


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-07", 11), ("2026-10-31", 13), ("2026-06-01", 12)],
)
def test_where_the_clock_jumps_nobody_is_left_without_duty(day: str, hours: int) -> None:
    zone = "America/New_York"
    city = {"name": "Kota", "key": "contoh", "time_zone": zone}
    world = duty_world(at(f"{day}T19:00", zone), city=city)
    start = world.now
    for minute in range(0, hours * 60, 30):
        world.now = start + minute * 60
        assert on_duty(world, "guards") == ("rini", "leader"), minute
    world.now = start + hours * 3600
    assert on_duty(world, "guards") == ("supervisor", "leader")


def test_a_supervisor_sets_the_roster_aside_for_a_time() -> None:
    now = at("2026-11-20T10:00")
    world = duty_world(now)
    answer = ask(world, "rini", "duty.set", group="guards", people=["operator", "rini"], until_s=3600)
    assert answer["status"] == "done"
    assert on_duty(world, "guards") == ("operator", "rini", "leader")
    assert shown(world, "operator") == (("guards",), now + 3600)
    assert shown(world, "supervisor") == ((), None)
    (line,) = [line for line in world.draft().audit if line["what"] == "duty.set"]
    assert line["before"] == {"people": ["supervisor", "leader"]}
    reduce.apply(world, [], now + 3600)
    assert on_duty(world, "guards") == ("supervisor", "leader")
    assert shown(world, "operator") == ((), None)
    assert [line["what"] for line in world.draft().audit] == ["duty.over"]


def test_the_group_is_given_back_to_the_roster() -> None:
    world = duty_world(at("2026-11-20T10:00"))
    ask(world, "rini", "duty.set", group="guards", people=[], until_s=3600)
    assert on_duty(world, "guards") == ("leader",)
    ask(world, "rini", "duty.set", group="guards", until_s=0)
    assert on_duty(world, "guards") == ("supervisor", "leader")


@pytest.mark.parametrize(
    "args",
    [
        {"group": "cooks", "people": [], "until_s": 60},
        {"group": "guards", "people": ["nobody"], "until_s": 60},
        {"group": "guards", "people": "rini", "until_s": 60},
        {"group": "guards", "people": [["rini"]], "until_s": 60},
        {"group": "guards", "people": [], "until_s": MOST_SET_S + 1},
        {"group": "guards", "people": []},
    ],
)
def test_what_cannot_be_set_is_refused(args: dict[str, Any]) -> None:
    world = duty_world(at("2026-11-20T10:00"))
    assert ask(world, "supervisor", "duty.set", **args)["reason"].startswith("bad_args")
    assert on_duty(world, "guards") == ("supervisor", "leader")


def test_only_who_may_still_log_in_is_on_duty() -> None:
    world = duty_world(at("2026-11-20T10:00"))
    gone: dict[str, Any] = {"id": "supervisor", "name": "S", "role": "supervisor", "disabled": True}
    ask(world, "admin", "user.set", **gone)
    assert on_duty(world, "guards") == ("leader",)
    assert shown(world, "supervisor") == ((), None)


def test_somebody_new_is_shown_with_their_duty() -> None:
    world = small_world(**config())
    reduce.apply(world, [], at("2026-11-20T10:00"))
    settle_in(world)
    assert shown(world, "supervisor")[0] == ("guards",)


def test_a_restart_changes_nothing() -> None:
    now = at("2026-11-20T10:00")
    world = duty_world(now)
    ask(world, "rini", "duty.set", group="guards", people=["operator"], until_s=36_000)
    again = whole_book(world).reopened(now, **config())
    assert list(again.all(PersonShown)) == list(world.all(PersonShown))
    for one in (world, again):
        reduce.apply(one, [], now + 36_000)
    assert list(again.all(PersonShown)) == list(world.all(PersonShown))
    assert on_duty(again, "guards") == ("rini", "leader")


def test_a_roster_that_was_taken_out_of_the_configuration_leaves_nobody_on_duty() -> None:
    now = at("2026-11-20T10:00")
    again = whole_book(duty_world(now)).reopened(now)
    assert shown(again, "supervisor") == ((), None)
