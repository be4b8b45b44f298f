"""engine/agencies.py, outcomes.py and wallboard/stints.py: an agency's figures, and the list behind each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.people import ask, settle_in
from tests.test_incidents import DAY, HERE, HOUR, NOON, report, run
from tests.test_life import CONFIG, incident, step
from tests.worlds import Book, small_world
from wallboard.engine.incidents import outcomes
from wallboard.engine.world import World
from wallboard.entities import Agency, AgencyFigures, City, Incident
from wallboard.stints import FIGURES, SPANS, STANDING, STINT, Figure, Span, Stint, behind, stint_of

SLA: dict[str, Any] = {"sla": [{"accept": HOUR * 2, "resolve": HOUR * 4}]}
MIDNIGHT = NOON + 12 * HOUR


def opened(*ids: str, **config: Any) -> World:
    """Reports of DPU, opened an hour before noon."""
    world = small_world(**(CONFIG | SLA | config))
    world.now = NOON - 1
    settle_in(world)
    run(world, *(report(id, category="JALAN") for id in ids or ("1",)))
    return world


def agency(world: World, code: str = "DPU") -> Agency:
    found = world.get(Agency, code)
    assert found is not None
    return found


def span(world: World, name: Span = "today", code: str = "DPU") -> AgencyFigures:
    return agency(world, code).spans[name]


def stints(world: World) -> list[Stint]:
    present = [stint for one in world.all(Incident) if (stint := stint_of(one)) is not None]
    return [*world.memories(STINT).values(), *present]


def listed(world: World, figure: Figure, name: Span = "today", code: str = "DPU") -> list[str]:
    return [stint.incident for stint in behind(agency(world, code), stints(world), name, figure)]


def assert_lists_equal_figures(world: World) -> None:
    """Each number of each agency is the length of the list behind it."""
    for code in ("DPU", "DLH"):
        shown = agency(world, code)
        for name in SPANS:
            for figure in FIGURES:
                number = getattr(shown if figure in STANDING else shown.spans[name], figure)
                assert number == len(listed(world, figure, name, code)), (code, name, figure)


def test_a_life_is_counted_by_agency_and_day() -> None:
    world = opened("1", "2", "3")
    assert (agency(world).open, span(world).received, span(world, code="DLH").received) == (3, 3, 0)
    run(world, now=NOON + 600)
    step(world, "agency", "accepted")
    run(world, now=NOON + 3000)
    step(world, "agency", "accepted", "lapor/2")
    step(world, "agency", "resolved")
    figures = span(world)
    assert (agency(world).open, figures.accepted, figures.resolved) == (2, 2, 1)
    # Both were opened an hour before noon.
    assert (figures.accept_median_s, figures.accept_p90_s) == (HOUR + 600, HOUR + 3000)
    assert (figures.resolve_median_s, figures.resolve_p90_s) == (HOUR + 3000, HOUR + 3000)
    assert (figures.kept, figures.late, figures.in_time) == (1, 0, 1.0)
    assert agency(world).by == {f"{HERE}|jalan": (2, 0)}
    assert_lists_equal_figures(world)


def test_late_from_the_second_on_which_its_clock_ran_over() -> None:
    world = opened("1", "2")
    step(world, "agency", "accepted", "lapor/2")
    run(world, now=NOON + HOUR - 0.001)
    assert (agency(world).overdue, span(world).late) == (0, 0)
    run(world, now=NOON + HOUR)
    assert (agency(world).overdue, agency(world).overdue_since) == (1, NOON + HOUR)
    assert (span(world).late, span(world).in_time) == (1, 0.0)
    assert agency(world).by == {f"{HERE}|jalan": (2, 1)}
    # It stays late when it is done after all, and stays once.
    step(world, "agency", "accepted")
    assert (agency(world).overdue, span(world).late) == (0, 1)
    run(world, now=NOON + 3 * HOUR)
    step(world, "agency", "resolved")
    assert (span(world).late, span(world).kept) == (2, 0)
    assert listed(world, "late") == ["lapor/1", "lapor/2"]
    assert_lists_equal_figures(world)


def test_to_verify_is_the_centres_and_makes_no_agency_late() -> None:
    world = opened(sla=[{"verify": HOUR}])
    assert incident(world).overdue == ("verify",)
    assert (agency(world).overdue, span(world).late) == (0, 0)


def test_what_is_given_back_counts_as_returned_and_as_nobodys_work() -> None:
    world = opened()
    step(world, "agency", "returned")
    figures = span(world)
    assert (agency(world).open, figures.received, figures.returned) == (0, 1, 1)
    assert listed(world, "returned") == ["lapor/1"]
    step(world, "supervisor", "assigned")
    assert (agency(world, "DLH").open, span(world, code="DLH").received) == (1, 1)
    assert_lists_equal_figures(world)


def test_who_gets_it_back_has_two_stints() -> None:
    world = opened()
    for minute, code in enumerate(("DLH", "DPU"), 1):
        run(world, now=NOON + minute * 60)
        step(world, "supervisor", "assigned", agency=code)
    assert (span(world).received, span(world, code="DLH").received, span(world).returned) == (2, 1, 0)
    assert agency(world).open == 1
    assert_lists_equal_figures(world)


@pytest.mark.parametrize("end", ["rejected", "prank", "referred", "duplicate"])
def test_what_was_nobodys_work_is_neither_late_nor_resolved(end: str) -> None:
    world = opened("1", "other")
    run(world, now=NOON + HOUR)
    assert span(world).late == 2
    step(world, "supervisor", end)
    assert (span(world).late, span(world).resolved, agency(world).open) == (1, 0, 1)
    assert span(world).received == (1 if end == "duplicate" else 2)
    assert_lists_equal_figures(world)


def test_a_source_that_closes_it_has_resolved_it() -> None:
    world = opened()
    run(world, report("1", at=NOON + 600, category="JALAN", status="closed", closed_at=NOON + 300))
    assert (span(world).resolved, span(world).resolve_median_s, span(world).kept) == (1, HOUR + 300, 1)


def test_what_left_the_state_counts_on_and_is_in_the_lists() -> None:
    book, world = Book(), opened()
    run(world, report("1", at=NOON + 600, category="JALAN", status="closed"), now=NOON + 7 * HOUR)
    assert world.get(Incident, "lapor/1") is None
    assert (span(world).received, span(world).resolved, agency(world).open) == (1, 1, 0)
    assert listed(world, "resolved") == ["lapor/1"]
    book.commit(world)
    again = book.reopened(world.now, **(CONFIG | SLA))
    assert again.all(Agency) is not None
    assert agency(again) == agency(world)
    # Opened again by its source: it is one incident, not two.
    run(again, report("1", at=NOON + 8 * HOUR, category="JALAN"))
    assert (span(again).received, span(again).resolved, agency(again).open) == (1, 0, 1)
    assert_lists_equal_figures(again)


def test_what_comes_back_to_an_agency_that_had_it_long_ago_is_a_stint_of_its_own() -> None:
    """Found by the state machine: it had the key of the first stint, and one of the two was not listed."""
    world = opened()
    run(world, report("1", at=NOON + 60, category="SAMPAH"))
    run(world, report("1", at=NOON + 120, category="SAMPAH", status="closed"), now=NOON + 7 * HOUR)
    run(world, report("1", at=NOON + 8 * HOUR, category="JALAN"))
    assert (span(world).received, incident(world).agency_since) == (2, NOON + 8 * HOUR)
    assert_lists_equal_figures(world)


def test_what_is_back_at_the_same_moment_is_one_stint() -> None:
    """Found by the state machine: two presses within the clock's precision."""
    world = opened()
    for category in ("sampah", "jalan", "sampah"):
        ask(world, "operator", "incident.edit", incident="lapor/1", category=category)
    assert (span(world).received, span(world, code="DLH").received) == (2, 1)
    assert_lists_equal_figures(world)


def test_days_are_the_citys_and_a_month_forgets() -> None:
    world = opened()
    step(world, "agency", "in_progress")
    step(world, "agency", "resolved")
    step(world, "operator", "closed")
    run(world, report("1", at=NOON + 60, category="JALAN", status="closed"))
    for day, expected in ((0, (1, 1, 1)), (1, (0, 1, 1)), (6, (0, 1, 1)), (7, (0, 0, 1)), (29, (0, 0, 1)),
                          (30, (0, 0, 0))):  # fmt: skip
        run(world, now=MIDNIGHT - 1 + day * DAY)
        assert tuple(span(world, name).resolved for name in SPANS) == expected, day
        assert_lists_equal_figures(world)
    run(world, now=NOON + 60 + 6 * HOUR + outcomes.KEPT_S)
    assert not world.memories(STINT)


def test_a_span_tells_where_it_begins() -> None:
    world = opened()
    begins = {name: figures.since for name, figures in agency(world).spans.items()}
    today = NOON - 12 * HOUR
    assert begins == {"today": today, "7d": today - 6 * DAY, "30d": today - 29 * DAY}


def test_the_oldest_go_when_too_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "MAX_KEPT", 3)
    world = opened(*"12345")
    for minute, id in enumerate("12345"):
        run(world, now=NOON + minute)
        step(world, "agency", "returned", f"lapor/{id}")
    assert sorted(stint.incident for stint in world.memories(STINT).values()) == [
        "lapor/3", "lapor/4", "lapor/5",
    ]  # fmt: skip
    assert_lists_equal_figures(world)


def test_an_agency_that_is_configured_no_more_is_shown_no_more() -> None:
    book, world = Book(), opened()
    book.commit(world)
    again = book.reopened(NOON, **(CONFIG | SLA | {"agency": [{"code": "DLH", "name": "Lingkungan Hidup"}]}))
    assert [one.id for one in again.all(Agency)] == ["DLH"]


def test_median_and_ninetieth_percentile_are_times_that_happened() -> None:
    world = opened(*(str(n) for n in range(10)))
    for n in range(10):
        run(world, now=NOON + 60 * n)
        step(world, "agency", "accepted", f"lapor/{n}")
    assert (span(world).accept_median_s, span(world).accept_p90_s) == (HOUR + 240, HOUR + 480)


def reopened_by_its_source(world: World) -> None:
    """The source closes and, half an hour later, opens again."""
    run(world, report("1", world.now + 60, category="JALAN", status="closed"))
    run(world, report("1", world.now + 1800, category="JALAN"))
    assert incident(world).flags == ("reopened_by_source",)


def test_what_its_source_opens_again_has_not_been_resolved_and_its_clock_goes_on() -> None:
    world = opened("1")
    run(world, now=NOON + 60)
    for who, to in (("agency", "accepted"), ("agency", "resolved"), ("operator", "closed")):
        step(world, who, to)
    assert (span(world).resolved, span(world).kept) == (1, 1)
    reopened_by_its_source(world)
    figures = span(world)
    assert (agency(world).open, figures.accepted, figures.resolved, figures.kept) == (1, 1, 0, 0)
    run(world, now=NOON + 3 * HOUR)
    assert incident(world).overdue == ("resolve",)
    assert (agency(world).overdue, span(world).late) == (1, 1)
    assert_lists_equal_figures(world)


def test_a_duplicate_that_its_source_opens_again_counts_everywhere_until_somebody_takes_a_step() -> None:
    world = opened("1", "2")
    run(world, now=NOON + 60)
    step(world, "operator", "duplicate", of="lapor/2")
    counted = []
    reopened_by_its_source(world)
    for _ in range(2):
        city = world.get(City, "city")
        assert city is not None
        assert_lists_equal_figures(world)
        counted.append((city.open, city.received_today, agency(world).open, span(world).received))
        if len(counted) == 1:
            step(world, "operator", "reopened")
            step(world, "operator", "duplicate", of="lapor/2")
    assert counted == [(2, 2, 2, 2), (1, 1, 1, 1)]
