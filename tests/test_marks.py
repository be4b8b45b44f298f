"""What operators say a call was: marks, figures net of noise, repeated prank callers, figures by shift."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.people import ask, settle_in
from tests.test_calls import ANSWERED, DAY, JAKARTA, START, call, play, queue, shown, window
from tests.worlds import Book, small_city, small_world
from wallboard.engine import reduce
from wallboard.engine.calls import pranks
from wallboard.engine.calls.records import KEPT_S, index_of
from wallboard.engine.calls.shifts import shift_at
from wallboard.engine.world import World
from wallboard.entities import Call, Metric, Queue, Review
from wallboard.events import Present

SHIFTS = [
    {"name": "Pagi", "begins": "07:00", "ends": "15:00"},
    {"name": "Siang", "begins": "15:00", "ends": "23:00"},
    {"name": "Malam", "begins": "23:00", "ends": "07:00"},
]
PAGI = "shift|2026-03-10|Pagi"


def world_with(until: float = 100.0, events: Any = DAY, **config: Any) -> World:
    """The day of test_calls, in a city with shifts and people."""
    world = small_world(shift=SHIFTS, **config)
    world.now = START - 1  # else every midnight since 1970 would pass
    settle_in(world)
    return play(events, until, world)


def figures(world: World, id: str = PAGI) -> dict[str, float]:
    metric = world.get(Metric, id)
    return metric.figures if metric else {}


def review(world: World, id: str = "ami/1") -> Review:
    found = world.get(Review, id)
    assert found is not None
    return found


def test_a_mark_shows_on_the_call_and_opens_its_review() -> None:
    world = world_with()
    answer = ask(world, "operator", "call.mark", call="ami/1", mark="emergency")
    assert (answer["status"], answer["id"]) == ("done", "ami/1")
    assert (shown(world).mark, shown(world).marked_by) == ("emergency", "operator")
    kept = review(world)
    assert (kept.queue, kept.agent, kept.mark, kept.marked_by, kept.shift) == (
        *("112", "SIP/201", "emergency", "operator", "Pagi"),
    )
    assert (kept.joined_at, kept.wait_s, kept.talk_s, kept.ended_at) == (START, 9.0, 60.0, START + 69)


def test_a_mark_is_audited_with_before_and_after_and_can_be_changed() -> None:
    world = world_with()
    ask(world, "operator", "call.mark", call="ami/1", mark="prank")
    ask(world, "supervisor", "call.mark", call="ami/1", mark="complaint")
    lines = [line for line in world.draft().audit if line["what"] == "call.mark"]
    assert [(line["person"], line["before"], line["after"]) for line in lines] == [
        ("operator", {"mark": ""}, {"mark": "prank"}),
        ("supervisor", {"mark": "prank"}, {"mark": "complaint"}),
    ]
    assert review(world).marked_by == "supervisor"


@pytest.mark.parametrize("person", ["agency", "leader", "quality", "helpdesk", "admin"])
def test_others_do_not_mark(person: str) -> None:
    world = world_with()
    assert ask(world, person, "call.mark", call="ami/1", mark="prank")["reason"] == "forbidden"


def test_what_is_no_mark_and_what_is_no_call_is_refused() -> None:
    world = world_with()
    assert ask(world, "operator", "call.mark", call="ami/1", mark="boring")["reason"].startswith("bad_args")
    assert ask(world, "operator", "call.mark", call="ami/99", mark="prank")["reason"] == "no_such_thing"
    assert ask(world, "operator", "call.mark", mark="prank")["reason"].startswith("bad_args")


def test_noise_is_taken_out_of_the_net_service_level_alone() -> None:
    world = world_with()
    before = window(world)
    ask(world, "operator", "call.mark", call="ami/2", mark="prank")
    # of answered, long abandoned and left the abandoned one was noise: 1 of 2 was answered within 15 s
    now = window(world)
    assert (now.noise, now.service_level_net) == (1, 0.5)
    raw = msgspec.structs.replace(now, noise=before.noise, service_level_net=before.service_level_net)
    assert raw == before
    ask(world, "operator", "call.mark", call="ami/2", mark="information")
    assert window(world) == before


def test_a_short_abandon_that_is_a_ghost_changes_no_level() -> None:
    world = world_with()
    before = window(world)
    ask(world, "operator", "call.mark", call="ami/3", mark="ghost")
    assert (window(world).noise, window(world).service_level_net) == (1, before.service_level_net)


def test_a_call_marked_while_it_lasts_is_counted_as_noise_when_it_ends() -> None:
    world = world_with(30, ANSWERED[:4])
    ask(world, "operator", "call.mark", call="ami/1", mark="prank")
    play(ANSWERED[4:], 100, world)
    assert (window(world).noise, window(world).service_level, window(world).service_level_net) == (1, 1, None)
    assert (review(world).talk_s, review(world).ended_at) == (60.0, START + 69)


def test_a_late_mark_corrects_the_day_but_not_the_window_that_the_call_has_left() -> None:
    world = world_with(800)
    ask(world, "operator", "call.mark", call="ami/2", mark="emergency")
    reduce.apply(world, [], START + 3 * 3600)
    assert world.get(Call, "ami/2") is None
    ask(world, "operator", "call.mark", call="ami/2", mark="ghost")
    assert (window(world, "day").noise, window(world, "day").service_level_net) == (1, 0.5)
    assert (window(world).noise, window(world, "hour").noise) == (0, 0)
    assert review(world, "ami/2").mark == "ghost"


def test_an_unmarked_call_can_be_marked_as_long_as_its_record_stays() -> None:
    world = world_with(69 + KEPT_S - 1)
    assert world.get(Call, "ami/1") is None
    assert ask(world, "operator", "call.mark", call="ami/1", mark="prank")["status"] == "done"
    reduce.apply(world, [], START + 69 + KEPT_S + 100)
    assert ask(world, "operator", "call.mark", call="ami/4", mark="prank")["reason"] == "no_such_thing"


def test_a_review_can_be_marked_anew_when_its_record_is_gone() -> None:
    world = world_with()
    ask(world, "operator", "call.mark", call="ami/1", mark="prank")
    assert figures(world)["pranks"] == 1
    reduce.apply(world, [], START + 2 * 86400)
    assert ask(world, "supervisor", "call.mark", call="ami/1", mark="complaint")["status"] == "done"
    assert review(world).mark == "complaint"
    assert figures(world)["pranks"] == 0
    assert pranks.number(world, "aa00") == 0


def test_the_figures_of_a_shift() -> None:
    world = world_with()
    assert figures(world) == {
        "calls": 5,
        "answered": 1,
        "pranks": 0,
        "reviewed": 0,
        "service_level": round(1 / 3, 4),
        "service_level_net": round(1 / 3, 4),
    }
    ask(world, "operator", "call.mark", call="ami/2", mark="prank")
    assert (figures(world)["pranks"], figures(world)["service_level_net"]) == (1, 0.5)
    metric = world.get(Metric, PAGI)
    assert metric is not None
    assert (metric.name, metric.value, metric.until) == ("Pagi", 5, START + 5.5 * 3600)


def test_a_shift_is_found_over_midnight_and_on_its_days() -> None:
    city = small_city(shift=[*SHIFTS[:2], {**SHIFTS[2], "days": [5]}])

    def at(day: int, hour: int, minute: int = 0) -> str:
        found = shift_at(city, datetime(2026, 3, day, hour, minute, tzinfo=JAKARTA).timestamp())
        return f"{found.day} {found.name}" if found else ""

    # 2026-03-13 is a Friday
    assert at(13, 6, 59) == ""
    assert at(13, 7) == "2026-03-13 Pagi"
    assert at(13, 23) == "2026-03-13 Malam"
    assert at(14, 6, 59) == "2026-03-13 Malam"
    assert at(14, 23) == ""


def test_an_old_shift_is_forgotten() -> None:
    world = world_with()
    reduce.apply(world, [], START + 32 * 86400)
    assert world.get(Metric, PAGI) is None
    assert not world.memories("shift_book")


def test_a_prank_caller_is_known_at_the_next_call_and_never_blocked() -> None:
    world = world_with()
    assert shown(world).pranks == 0
    ask(world, "operator", "call.mark", call="ami/1", mark="prank")
    play([call("join", 200, "7", caller="0812-****-789", caller_key="aa00")], 201, world)
    assert (shown(world, "7").pranks, shown(world, "7").state) == (1, "waiting")
    play([call("join", 202, "8", caller="0813-****-111", caller_key="bb11")], 203, world)
    assert shown(world, "8").pranks == 0


def test_a_prank_is_forgotten_after_thirty_days() -> None:
    world = world_with()
    ask(world, "operator", "call.mark", call="ami/1", mark="prank")
    assert pranks.number(world, "aa00") == 1
    reduce.apply(world, [], world.now + pranks.KEPT_S)
    assert pranks.number(world, "aa00") == 0
    assert not world.memories("pranks")


def test_prank_callers_are_bounded_and_the_quietest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pranks, "MAX_CALLERS", 2)
    monkeypatch.setattr(pranks, "MAX_CALLS", 3)
    world = small_world()
    for at, (number, key) in enumerate([("1", "aa"), ("2", "bb"), ("3", "aa"), ("4", "cc")]):
        pranks.marked(world, number, key, float(at))
    assert {key: pranks.number(world, key) for key in ("aa", "bb", "cc")} == {"aa": 2, "bb": 0, "cc": 1}
    for at in range(5, 10):
        pranks.marked(world, str(at), "aa", float(at))
    assert pranks.number(world, "aa") == 3


def test_only_those_with_clearance_see_who_pranks() -> None:
    from wallboard.access import LOCAL_SCREEN, Viewer, cut

    raw = msgspec.json.encode(
        Call(id="1", queue="q", state="waiting", since=0, joined_at=0, pranks=3, caller="0812-****-789")
    )
    assert b"pranks" not in cut(LOCAL_SCREEN, "call", raw)
    assert b'"pranks":3' in cut(Viewer(role="operator", clearance=True), "call", raw)


def test_a_restart_forgets_no_mark() -> None:
    world = world_with()
    book = Book()
    ask(world, "operator", "call.mark", call="ami/1", mark="prank")
    ask(world, "operator", "call.mark", call="ami/2", mark="ghost")
    book.commit(world)
    again = book.reopened(world.now, shift=SHIFTS)
    settle_in(again)
    ask(again, "operator", "call.mark", call="ami/1", mark="information")
    assert (pranks.number(again, "aa00"), window(again).noise, figures(again)["pranks"]) == (0, 1, 0)


def test_a_list_of_calls_ends_only_those_that_are_open() -> None:
    world = world_with()
    assert list(index_of(world).open) == ["ami/5"]
    listed = Present(feed="ami", source_id="calls", received_at=START + 200, kind="call", ids=())
    play([listed], 200, world)
    assert not index_of(world).open
    assert queue(world).waiting == 0


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from("12345"), st.sampled_from(["prank", "ghost", "complaint"])), max_size=8
    )
)
def test_whatever_is_marked_in_whatever_order_the_figures_are_those_of_the_last_marks(
    marks: list[tuple[str, str]],
) -> None:
    world = world_with()
    for id, mark in marks:
        ask(world, "operator", "call.mark", call=f"ami/{id}", mark=mark)
    fresh = world_with()
    for id, mark in dict(marks).items():
        ask(fresh, "operator", "call.mark", call=f"ami/{id}", mark=mark)
    assert _figures_of(world) == _figures_of(fresh)
    assert world.memories("pranks").keys() == fresh.memories("pranks").keys()


def _figures_of(world: World) -> tuple[Any, ...]:
    return [shown.windows for shown in world.all(Queue)], figures(world)
