"""engine/incidents/clocks.py, rulebook.py, worktime.py: when what runs over, to the second."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.people import settle_in
from tests.test_incidents import DAY, HERE, HOUR, NOON, report, run
from tests.test_life import CONFIG, incident, step
from tests.worlds import Book, small_world
from wallboard.engine.incidents.clocks import MAX_PAUSES
from wallboard.engine.incidents.rulebook import sla_of
from wallboard.engine.incidents.worktime import WorkTime
from wallboard.engine.world import World
from wallboard.entities import Clock, District

ZONE = "Asia/Jakarta"

#: All in force on each day; `report` was opened an hour before NOON.
ALL = {"verify": HOUR * 2, "accept": HOUR * 3, "resolve": HOUR * 10}


def opened(*sla: dict[str, Any], **config: Any) -> World:
    world = small_world(**(CONFIG | {"sla": list(sla)} | config))
    world.now = NOON - 1
    settle_in(world)
    run(world, report("1", category="JALAN"))
    return world


def clocks(world: World) -> dict[str, Clock]:
    return {clock.name: clock for clock in incident(world).clocks}


def late_here(world: World) -> int:
    district = world.get(District, HERE)
    assert district is not None
    return district.counts.overdue


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp()


# -- the three clocks ----------------------------------------------------------------------------------


def test_three_clocks_start_stop_and_tell_when_they_are_at_risk() -> None:
    world = opened(ALL)
    verify, resolve = clocks(world)["verify"], clocks(world)["resolve"]
    assert (verify.started_at, verify.due_at, verify.risk_at) == (NOON - HOUR, NOON + HOUR, NOON + 0.6 * HOUR)
    assert (resolve.started_at, resolve.due_at, resolve.done_at) == (NOON - HOUR, NOON + 9 * HOUR, None)
    # Nobody can accept in time what the centre has not passed on.
    assert "accept" not in clocks(world)
    run(world, now=NOON + 60)
    step(world, "operator", "verified")
    assert clocks(world)["verify"].done_at == NOON + 60
    assert clocks(world)["accept"].started_at == NOON + 60
    run(world, now=NOON + 120)
    step(world, "agency", "in_progress")
    assert clocks(world)["accept"].done_at == NOON + 120
    run(world, now=NOON + 180)
    step(world, "agency", "resolved")
    assert clocks(world)["resolve"].done_at == NOON + 180


def test_without_verification_the_agencys_clock_runs_from_when_it_has_it() -> None:
    world = opened({"accept": HOUR * 3})
    assert clocks(world)["accept"].started_at == NOON - HOUR
    run(world, now=NOON + 600)
    step(world, "supervisor", "assigned")
    assert clocks(world)["accept"].started_at == NOON + 600
    step(world, "supervisor", "returned")
    assert clocks(world) == {}


def test_overdue_is_seen_at_the_very_second_and_ends_when_done() -> None:
    world = opened(ALL)
    for now, overdue in ((NOON + HOUR - 0.001, ()), (NOON + HOUR, ("verify",))):
        run(world, now=now)
        assert (incident(world).overdue, late_here(world)) == (overdue, len(overdue))
    world.draft()
    run(world, now=NOON + HOUR + 1)
    assert [change.kind for change in world.draft().changes] == []
    step(world, "operator", "verified")
    assert (incident(world).overdue, late_here(world)) == ((), 0)


def test_two_clocks_that_run_over_one_after_the_other_are_both_told() -> None:
    world = opened(ALL)
    run(world, now=NOON + 9 * HOUR)
    assert incident(world).overdue == ("verify", "resolve")


def test_a_restart_between_changes_no_second() -> None:
    book, world = Book(), opened(ALL)
    run(world, now=NOON + 60)
    book.commit(world)
    again = book.reopened(NOON + 60, **(CONFIG | {"sla": [ALL]}))
    run(again, now=NOON + HOUR - 0.001)
    assert late_here(again) == 0
    run(again, now=NOON + HOUR)
    assert (incident(again).overdue, late_here(again)) == (("verify",), 1)


def test_a_source_that_closes_it_stops_all_clocks_at_its_own_time() -> None:
    world = opened(ALL)
    run(world, report("1", at=NOON + 600, category="JALAN", status="closed", closed_at=NOON + 300))
    assert {clock.done_at for clock in clocks(world).values()} == {NOON + 300}
    run(world, now=NOON + 5 * HOUR)
    assert incident(world).overdue == ()


def test_what_the_source_promised_counts_where_no_clock_of_ours_runs() -> None:
    world = small_world(**CONFIG)
    run(world, report("1", expected_at=NOON + 60), now=NOON + 60)
    assert (incident(world).overdue, late_here(world)) == ((), 1)
    world = small_world(**(CONFIG | {"sla": [{"resolve": DAY}]}))
    run(world, report("1", expected_at=NOON + 60), now=NOON + 60)
    assert late_here(world) == 0


def test_reopened_goes_on_as_if_it_had_never_stopped() -> None:
    world = opened(ALL)
    step(world, "agency", "in_progress")
    step(world, "agency", "resolved")
    run(world, now=NOON + 10 * HOUR)
    assert incident(world).overdue == ()
    step(world, "operator", "reopened")
    assert (incident(world).overdue, clocks(world)["resolve"].due_at) == (("resolve",), NOON + 9 * HOUR)


# -- which rule holds ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "category", "agency", "channel", "hours"),
    [("2026-01-01", "", "", "", 1), ("2026-07-01", "", "", "", 2), ("2026-07-01", "jalan", "", "", 3),
     ("2026-07-01", "jalan", "DPU", "", 5), ("2026-07-01", "", "DPU", "", 4),
     ("2026-07-01", "x", "", "112", 6), ("2026-06-30", "", "", "", 1)],
)  # fmt: skip
def test_the_rule_of_the_day_that_names_most_holds(
    day: str, category: str, agency: str, channel: str, hours: int
) -> None:
    rows = [
        {"resolve": HOUR * 2, "since": "2026-07-01"},
        {"resolve": HOUR},
        {"resolve": HOUR * 3, "category": "jalan"},
        {"resolve": HOUR * 4, "agency": "DPU"},
        {"resolve": HOUR * 5, "agency": "DPU", "category": "jalan"},
        {"resolve": HOUR * 6, "channel": "112"},
    ]
    sla = sla_of(small_world(sla=rows), at(day), category, agency, channel)
    assert sla is not None
    assert sla.resolve == HOUR * hours


def test_a_rule_that_holds_from_tomorrow_does_not_judge_what_came_today() -> None:
    world = opened({"resolve": HOUR * 2}, {"resolve": HOUR * 9, "since": "2026-09-22"})
    assert clocks(world)["resolve"].due_at == NOON + HOUR
    run(world, report("2", at=NOON + DAY, opened_at=NOON + DAY, category="JALAN"))
    assert incident(world, "lapor/2").clocks[0].due_at == NOON + DAY + 9 * HOUR


def test_the_ready_clocks_stand_beneath_the_citys_own() -> None:
    ready = small_world(ready_sla=True)
    general, lapor = sla_of(ready, NOON, "x", "", ""), sla_of(ready, NOON, "x", "", "lapor")
    lamp = sla_of(ready, NOON, "lampu_jalan", "", "")
    assert general is not None and lapor is not None and lamp is not None  # noqa: PT018
    assert (general.accept, general.resolve) == (6 * HOUR, 0)
    assert (lapor.verify, lapor.accept, lapor.resolve) == (3 * DAY, 5 * DAY, 10 * DAY)
    assert lamp.resolve == 7 * DAY
    own = sla_of(small_world(ready_sla=True, sla=[{"resolve": HOUR}]), NOON, "lampu_jalan", "", "lapor")
    assert own is not None
    assert own.resolve == HOUR
    assert sla_of(small_world(), NOON, "", "", "") is None


def test_another_configuration_is_judged_at_the_next_start() -> None:
    book, world = Book(), opened({"resolve": HOUR * 10})
    book.commit(world)
    again = book.reopened(NOON, **(CONFIG | {"sla": [{"resolve": HOUR * 2}]}))
    assert clocks(again)["resolve"].due_at == NOON + HOUR


# -- standing still ------------------------------------------------------------------------------------


def test_a_clock_stands_still_only_where_the_configuration_says() -> None:
    world = opened({"resolve": HOUR * 2, "stops_in": ["verified"]})
    run(world, now=NOON + 600)
    step(world, "operator", "verified")
    assert clocks(world)["resolve"].paused
    run(world, now=NOON + 5 * HOUR)
    assert incident(world).overdue == ()
    step(world, "agency", "accepted")
    # 50 minutes were left when it stopped.
    assert clocks(world)["resolve"].due_at == NOON + 5 * HOUR + 3000
    assert not clocks(world)["resolve"].paused
    run(world, now=NOON + 5 * HOUR + 3000)
    assert incident(world).overdue == ("resolve",)


def test_what_ran_over_before_it_stopped_stays_over() -> None:
    world = opened({"resolve": HOUR * 2, "stops_in": ["verified"]})
    run(world, now=NOON + 2 * HOUR)
    step(world, "operator", "verified")
    assert (clocks(world)["resolve"].paused, incident(world).overdue) == (False, ("resolve",))
    step(world, "agency", "accepted")
    assert clocks(world)["resolve"].due_at == NOON + HOUR


def test_what_ends_while_it_stands_still_is_in_time() -> None:
    world = opened({"resolve": HOUR * 2, "stops_in": ["verified"]})
    step(world, "operator", "verified")
    run(world, now=NOON + 9 * HOUR)
    step(world, "operator", "closed")
    clock = clocks(world)["resolve"]
    assert clock.done_at == NOON + 9 * HOUR
    assert clock.due_at > clock.done_at


def test_many_stops_are_kept_within_bounds_and_none_of_their_time_is_lost() -> None:
    world = opened({"resolve": HOUR * 100, "stops_in": ["assigned"]})
    for minute in range(30):
        run(world, now=NOON + minute * 600)
        step(world, "supervisor", "assigned", agency=("DPU", "DLH")[minute % 2])
        run(world, now=NOON + minute * 600 + 60)
        step(world, "supervisor", "accepted")
    assert len(incident(world).ours.pauses) == MAX_PAUSES
    assert clocks(world)["resolve"].due_at == NOON + 99 * HOUR + 30 * 60


# -- working days --------------------------------------------------------------------------------------

#: 2026-09-21 is a Monday.
DAYS = WorkTime(ZONE, frozenset({"2026-09-24"}))


@given(st.floats(0, 20 * DAY), st.floats(0, 30 * DAY))
def test_what_is_added_is_what_lies_between(offset: float, span: float) -> None:
    """Found with it: a rest of the time below a float's precision was looked for on all days to come."""
    start = at("2026-09-14") + offset
    assert DAYS.between(start, DAYS.add(start, span)) == pytest.approx(span, abs=1e-3)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [("2026-09-21T10:00", 3, "2026-09-25T10:00"),  # over the holiday of Thursday
     ("2026-09-25T15:00", 1, "2026-09-28T15:00"),  # over a week-end
     ("2026-09-26T15:00", 3, "2026-10-01T00:00"),  # from a Saturday: the end of Wednesday
     ("2026-09-21T00:00", 1, "2026-09-22T00:00"),
     ("2026-09-21T10:00", 10, "2026-10-06T10:00")],
)  # fmt: skip
def test_working_days_leave_out_week_ends_and_holidays(start: str, days: int, end: str) -> None:
    assert DAYS.add(at(start), days * DAY) == at(end)


def test_a_calendar_without_working_days_still_ends() -> None:
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 32)]
    none = WorkTime(
        ZONE, frozenset(days + [d.replace("2026", y) for y in ("2027", "2028", "2029") for d in days])
    )
    assert none.add(at("2026-01-01"), DAY) > at("2026-01-01")


def test_an_incident_of_working_days_waits_over_the_week_end() -> None:
    friday = at("2026-09-25T15:00")
    rows = [{"accept": DAY, "working_days": True}]
    world = small_world(**(CONFIG | {"sla": rows, "holiday": [{"day": "2026-09-28", "name": "libur"}]}))
    run(world, report("1", at=friday, opened_at=friday, category="JALAN"))
    assert clocks(world)["accept"].due_at == at("2026-09-29T15:00")
    run(world, now=at("2026-09-29T14:59:59"))
    assert incident(world).overdue == ()
    run(world, now=at("2026-09-29T15:00"))
    assert incident(world).overdue == ("accept",)


def test_nothing_but_the_time_and_the_parts_decides() -> None:
    """What a commit holds is what the next start derives."""
    world = opened(ALL)
    step(world, "operator", "verified")
    again = msgspec.json.decode(msgspec.json.encode(incident(world)), type=type(incident(world)))
    assert again == incident(world)
