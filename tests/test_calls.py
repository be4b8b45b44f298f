"""wallboard/engine/calls/ and what it stands on: calls, queues, call takers and their figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds import Book, small_world
from wallboard.engine import reduce
from wallboard.engine.calls import records as call_records
from wallboard.engine.calls.figures import SLICE_S, WINDOW_S, day_of, hour_start
from wallboard.engine.calls.visits import LEFT_AFTER_S, SILENT_LIMIT_S
from wallboard.engine.world import World
from wallboard.entities import Agent, Call, Queue, QueueWindow
from wallboard.events import (
    AgentStatus,
    AnyEvent,
    CallEvent,
    FeedHealth,
    Gone,
    Present,
    QueueMember,
    QueueSnapshot,
    WaitingCall,
)

JAKARTA = ZoneInfo("Asia/Jakarta")
#: half past nine in the morning
START = datetime(2026, 3, 10, 9, 30, tzinfo=JAKARTA).timestamp()


def call(phase: Any, at: float, id: str = "1", **more: Any) -> CallEvent:
    fields: dict[str, Any] = {"feed": "ami", "source_id": id, "queue": "112", "received_at": START + at}
    return CallEvent(phase=phase, **{**fields, **more})


def snapshot(at: float, *waiting: tuple[str, float], **more: Any) -> QueueSnapshot:
    calls = tuple(WaitingCall(call_id=id, wait_s=wait) for id, wait in waiting)
    fields: dict[str, Any] = {"feed": "ami", "source_id": "112", "observed_at": START + at - 0.1}
    return QueueSnapshot(received_at=START + at, waiting=calls, **{**fields, **more})


def lost(at: float) -> Gone:
    return Gone(feed="ami", source_id="*", received_at=START + at, kind="queue", reason="cut")


def agent(at: float, state: Any, interface: str = "SIP/201", **more: Any) -> AgentStatus:
    fields: dict[str, Any] = {"feed": "ami", "source_id": interface, "queue": "112", "name": "Ani"}
    return AgentStatus(received_at=START + at, state=state, **{**fields, **more})


def play(events: Sequence[AnyEvent], until: float, world: World | None = None) -> World:
    """Apply events in order, each as a batch, and the time up to `until`."""
    world = world or small_world()
    for event in events:
        reduce.apply(world, [event], event.received_at)
    reduce.apply(world, [], START + until)
    return world


def queue(world: World, name: str = "112") -> Queue:
    found = world.get(Queue, name)
    assert found is not None
    return found


def shown(world: World, id: str = "1") -> Call:
    found = world.get(Call, f"ami/{id}")
    assert found is not None
    return found


def window(world: World, name: str = "15m") -> QueueWindow:
    return queue(world).windows[name]


ANSWERED = [
    call("join", 0, position=1, caller="0812-****-789", caller_key="aa00"),
    call("ring", 2, agent="SIP/201"),
    call("leave", 9),
    call("connect", 9.1, agent="SIP/201", hold_s=9.0, ring_s=7.0),
    call("complete", 69, agent="SIP/201", hold_s=9.0, talk_s=60.0, reason="caller"),
    call("hangup", 69.1),
]
ABANDONED = [
    call("join", 20, "2"),
    call("abandon", 50, "2", hold_s=30.0),
    call("leave", 50.1, "2"),
    call("hangup", 50.2, "2"),
]
SHORT = [call("join", 30, "3"), call("abandon", 33, "3", hold_s=3.0), call("leave", 33.1, "3")]
LEFT = [call("join", 40, "4"), call("leave", 55, "4")]
WAITING = [call("join", 60, "5")]
DAY = sorted([*ANSWERED, *ABANDONED, *SHORT, *LEFT, *WAITING], key=lambda event: event.received_at)


def test_an_answered_call_goes_through_its_states() -> None:
    world = small_world()
    states = []
    for event in ANSWERED:
        reduce.apply(world, [event], event.received_at)
        now = shown(world)
        states.append((now.state, now.since - START, now.outcome))
    assert states == [
        ("waiting", 0, ""),
        ("ringing", 2, ""),
        ("ringing", 2, ""),
        ("talking", pytest.approx(9.1), "answered"),
        ("ended", 69, "answered"),
        ("ended", 69, "answered"),
    ]
    assert shown(world).caller == "0812-****-789"
    assert shown(world).agent == "SIP/201"
    assert queue(world).waiting == 0


def test_a_leave_before_the_connect_is_no_abandon() -> None:
    world = play(ANSWERED[:3], 9.05)
    assert (window(world).abandoned, window(world).left, queue(world).waiting) == (0, 0, 0)
    world = play(ANSWERED[3:], 200, world)
    assert (window(world).answered, window(world).abandoned, window(world).left) == (1, 0, 0)


def test_a_leave_with_neither_is_left_after_a_short_time() -> None:
    world = play(LEFT, 55 + LEFT_AFTER_S - 0.1)
    assert shown(world, "4").state == "waiting"
    assert (queue(world).waiting, window(world).left) == (0, 0)
    reduce.apply(world, [], START + 55 + LEFT_AFTER_S)
    assert (shown(world, "4").state, shown(world, "4").outcome) == ("ended", "left")
    assert (window(world).offered, window(world).left) == (1, 1)


def test_an_answer_that_comes_after_the_short_time_takes_the_left_back() -> None:
    world = play([*ANSWERED[:3], call("connect", 40, hold_s=9.0)], 41)
    assert (window(world).left, window(world).answered) == (0, 1)
    assert shown(world).state == "talking"


def test_the_figures_of_a_window() -> None:
    world = play(DAY, 100)
    assert window(world) == QueueWindow(
        offered=5,
        answered=1,
        abandoned=2,
        short_abandoned=1,
        left=1,
        # of answered, long abandoned and left one was answered within 15 s
        service_level=round(1 / 3, 4),
        service_level_net=round(1 / 3, 4),
        asa_s=9.0,
        abandon_rate=round(1 / 3, 4),
        talk_s=60.0,
    )
    assert window(world) == window(world, "hour") == window(world, "day")
    assert (queue(world).waiting, queue(world).oldest_joined_at) == (1, START + 60)


def test_who_answers_later_than_the_target_is_not_within_it() -> None:
    world = play([call("join", 0), call("connect", 16, hold_s=16.0)], 20)
    assert window(world).service_level == 0.0
    world = play([call("join", 0), call("connect", 15, hold_s=15.0)], 20)
    assert window(world).service_level == 1.0


def test_the_answer_says_how_long_the_caller_waited_whatever_the_end_says() -> None:
    taken, ended = call("connect", 10, hold_s=10.0), call("complete", 40, hold_s=11.0, talk_s=30.0)
    for order in ([taken, ended], [ended, taken]):
        world = small_world()
        reduce.apply(world, [call("join", 0), *order], START + 50)
        assert window(world).asa_s == 10.0


def test_nobody_called_means_no_rate_not_zero() -> None:
    world = play([snapshot(0)], 1)
    assert window(world) == QueueWindow()


def test_ring_all_rings_many_and_is_one_call() -> None:
    rings = [call("ring", 1 + n / 10, agent=f"SIP/{n}") for n in range(5)]
    world = play([call("join", 0), *rings], 2)
    assert (shown(world).state, queue(world).waiting, window(world).offered) == ("ringing", 1, 1)
    quiet = [call("ring_no_answer", 20 + n / 10, agent=f"SIP/{n}") for n in range(5)]
    assert shown(play(quiet[:4], 21, world)).state == "ringing"
    assert shown(play(quiet[4:], 21, world)).state == "waiting"


def test_the_places_in_the_line_move_up() -> None:
    joins = [call("join", n, str(n), position=n) for n in (1, 2, 3)]
    world = play(joins, 5)
    assert [shown(world, str(n)).position for n in (1, 2, 3)] == [1, 2, 3]
    world = play([call("abandon", 6, "1", hold_s=5.0)], 7, world)
    assert [shown(world, str(n)).position for n in (1, 2, 3)] == [None, 1, 2]


def test_the_window_slides_to_within_its_slices_and_the_day_does_not() -> None:
    world = play(ANSWERED, 100)
    reduce.apply(world, [], START + WINDOW_S)
    assert window(world).offered == 1
    reduce.apply(world, [], START + WINDOW_S + SLICE_S)
    assert (window(world).offered, window(world).answered) == (0, 1)
    reduce.apply(world, [], START + 69.1 + WINDOW_S + SLICE_S)
    assert window(world) == QueueWindow()
    assert window(world, "day").answered == 1


def test_hour_and_day_begin_anew_by_the_citys_clock() -> None:
    world = play(ANSWERED, 100)
    reduce.apply(world, [], hour_start(START, JAKARTA) + 3599)
    assert window(world, "hour").answered == 1
    reduce.apply(world, [], hour_start(START, JAKARTA) + 3600)
    assert (window(world, "hour").answered, window(world, "day").answered) == (0, 1)
    midnight = day_of(START, JAKARTA)[1]
    assert datetime.fromtimestamp(midnight, JAKARTA).hour == 0
    reduce.apply(world, [], midnight)
    assert window(world, "day") == QueueWindow()


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Jayapura", "Asia/Kolkata", "America/Santiago"])
def test_a_clock_hour_and_a_day_hold_the_time_that_they_are_asked_for(zone: str) -> None:
    for hours in range(0, 24 * 400, 7):
        now = START + hours * 3600 + 123
        local = datetime.fromtimestamp(hour_start(now, ZoneInfo(zone)), ZoneInfo(zone))
        assert (local.minute, local.second) == (0, 0)
        assert now - 3600 < hour_start(now, ZoneInfo(zone)) <= now
        start, until = day_of(now, ZoneInfo(zone))
        assert start <= now < until


def test_a_repeated_caller_is_counted_over_the_day_and_the_key_is_in_no_entity() -> None:
    events = [call("join", n * 100, str(n), caller_key="aabbccddeeff0011") for n in range(3)]
    world = play([*events, call("join", 400, "9", caller_key="0011223344556677")], 500)
    assert [shown(world, id).repeated for id in ("0", "1", "2", "9")] == [0, 1, 2, 0]
    draft = world.draft()
    assert not any(b"aabbccdd" in bytes(change.entity or b"") for change in draft.changes)
    tomorrow = day_of(START, JAKARTA)[1] + 60 - START
    world = play([call("join", tomorrow, "20", caller_key="aabbccddeeff0011")], tomorrow, world)
    assert shown(world, "20").repeated == 0
    assert len(world.memories("callers")) == 1


def test_an_ended_call_leaves_the_state_and_a_late_repetition_does_not_bring_it_back() -> None:
    world = play(ANSWERED, 69.1 + 300 - 1)
    assert shown(world).state == "ended"
    reduce.apply(world, [], START + 69.1 + 300)
    assert world.get(Call, "ami/1") is None
    reduce.apply(world, [], START + 69.1 + call_records.KEPT_S)
    assert world.recall("call", "ami/1", call_records.CallRecord) is None
    before = window(world, "day")
    world = play(ANSWERED, 69.1 + call_records.KEPT_S + 60, world)
    assert window(world, "day") == before
    assert world.get(Call, "ami/1") is None


def test_a_call_whose_end_nobody_said_does_not_talk_for_ever() -> None:
    world = play(ANSWERED[:4], 9.1 + SILENT_LIMIT_S - 1)
    assert shown(world).state == "talking"
    reduce.apply(world, [], START + 9.1 + SILENT_LIMIT_S)
    assert (shown(world).state, shown(world).outcome) == ("ended", "answered")


# -- snapshots and gaps --------------------------------------------------------------------------------


def test_what_waits_in_a_snapshot_joined_when_its_wait_says() -> None:
    world = play([snapshot(100, ("7", 40.0))], 101)
    assert shown(world, "7").joined_at == START + 60
    assert (queue(world).waiting, window(world).offered) == (1, 1)


def test_who_is_not_in_the_snapshot_ended_with_an_unknown_outcome() -> None:
    world = play([call("join", 0), lost(10), snapshot(100)], 300)
    assert (shown(world).state, shown(world).outcome) == ("ended", "")
    assert (queue(world).waiting, window(world).offered) == (0, 1)
    assert (window(world).abandoned, window(world).left, window(world).service_level) == (0, 0, None)


def test_an_outcome_heard_after_all_replaces_the_unknown_one() -> None:
    late = call("complete", 160, hold_s=12.0, talk_s=100.0, agent="SIP/201")
    world = play([call("join", 0), lost(10), snapshot(100), late], 300)
    assert shown(world).outcome == "answered"
    assert (window(world).answered, window(world).service_level) == (1, 1.0)


def test_who_joined_while_the_snapshot_was_on_its_way_is_not_ended_by_it() -> None:
    joined = call("join", 99.95)
    world = play([joined, snapshot(100)], 101)  # asked for at 99.9
    assert (shown(world).state, queue(world).waiting) == ("waiting", 1)


def test_who_gave_up_while_the_snapshot_was_on_its_way_does_not_wait_again() -> None:
    world = play([call("join", 0), call("abandon", 99.95, hold_s=99.0), snapshot(100, ("1", 99.0))], 101)
    assert (queue(world).waiting, window(world).abandoned, window(world).offered) == (0, 1, 1)


def test_a_second_snapshot_that_says_the_same_changes_nothing() -> None:
    members = (QueueMember(agent="SIP/201", name="Ani", state="free"),)
    world = play([snapshot(100, ("7", 40.0), members=members)], 101)
    world.draft()
    world = play([snapshot(160, ("7", 100.0), members=members)], 161, world)
    # The first one's call is drawn when its minute is over.
    assert {change.kind for change in world.draft().changes} == {"series"}
    world = play([snapshot(220, ("7", 160.0), members=members)], 221, world)
    assert world.draft().changes == []


def test_an_older_snapshot_that_comes_late_is_ignored() -> None:
    world = play([snapshot(160, ("7", 100.0)), snapshot(100)], 161)
    assert queue(world).waiting == 1


def test_a_call_that_one_snapshot_missed_is_found_again_by_the_next() -> None:
    world = play([call("join", 0), snapshot(60), snapshot(120, ("1", 120.0))], 121)
    assert (shown(world).state, queue(world).waiting, window(world).offered) == ("waiting", 1, 1)


def test_talking_calls_end_when_the_exchange_has_no_such_channel_any_more() -> None:
    there = Present(
        feed="ami",
        source_id="calls",
        received_at=START + 60,
        observed_at=START + 59,
        kind="call",
        ids=("1", "8"),
    )
    world = play([*ANSWERED[:4], there], 61)
    assert shown(world).state == "talking"
    gone = msgspec.structs.replace(there, received_at=START + 120, observed_at=START + 119, ids=("8",))
    world = play([gone], 121, world)
    assert (shown(world).state, shown(world).outcome) == ("ended", "answered")


def test_a_queue_is_not_live_between_the_loss_and_the_next_snapshot() -> None:
    world = play([snapshot(0), lost(10)], 11)
    assert queue(world).live is False
    world = play([snapshot(60)], 61, world)
    assert queue(world).live is True


def test_a_queue_is_not_live_while_its_feed_fails() -> None:
    health = FeedHealth(
        feed="ami", source_id="ami", received_at=START + 10, state="failing", since=START + 10
    )
    world = play([snapshot(0), health], 11)
    assert queue(world).live is False
    well = msgspec.structs.replace(health, received_at=START + 20, state="ok", last_good_at=START + 20)
    assert queue(play([well], 21, world)).live is True


def test_a_queue_that_the_exchange_dropped_keeps_its_figures_until_midnight() -> None:
    names = Present(feed="ami", source_id="queues", received_at=START + 200, kind="queue", ids=("113",))
    world = play([*ANSWERED, names], 201)
    assert queue(world).flags == ("gone",)
    assert window(world, "day").answered == 1
    reduce.apply(world, [], day_of(START, JAKARTA)[1])
    assert world.get(Queue, "112") is None


def test_the_exchanges_counters_falling_to_zero_leave_ours_alone() -> None:
    world = play([*DAY, snapshot(100, ("5", 40.0), completed=60, abandoned=5)], 101)
    before = queue(world).windows
    world = play([snapshot(110, ("5", 50.0), completed=0, abandoned=0)], 111, world)
    assert queue(world).windows == before


def test_a_gap_before_the_answer_still_counts_the_call() -> None:
    world = play([call("connect", 100, hold_s=30.0, agent="SIP/201")], 101)
    assert shown(world).joined_at == START + 70
    assert (window(world).offered, window(world).answered, window(world).service_level) == (1, 1, 0.0)


def test_a_call_known_by_its_abandon_alone_counts_once() -> None:
    world = play([call("abandon", 100, hold_s=11.0)], 101)
    assert (window(world).offered, window(world).abandoned) == (1, 1)


def test_rings_and_hang_ups_of_calls_in_no_queue_leave_no_trace() -> None:
    world = play([call("ring", 1, agent="SIP/1"), call("hangup", 2)], 3)
    assert list(world.all(Call)) == []


def test_a_call_that_joins_again_is_a_new_visit_when_the_exchange_proves_it() -> None:
    once = [call("join", 0, seq=1, run=5.0), call("leave", 30, seq=2, run=5.0)]
    again = call("join", 45, seq=3, run=5.0)
    world = play([*once, again], 60)
    assert (window(world).offered, window(world).left, queue(world).waiting) == (2, 1, 1)
    stamped = [call("join", 0, observed_at=START), call("leave", 30, observed_at=START + 30)]
    world = play([*stamped, call("join", 45, observed_at=START + 45)], 60)
    assert (window(world).offered, window(world).left, queue(world).waiting) == (2, 1, 1)


def test_a_repeated_join_frame_after_the_end_is_not_a_new_call() -> None:
    world = play([*ANSWERED, call("join", 80)], 90)
    assert (window(world).offered, queue(world).waiting, shown(world).state) == (1, 0, "ended")


def test_a_second_join_without_proof_waits_for_the_snapshot_to_tell() -> None:
    world = play([call("join", 0), call("leave", 30), call("join", 45)], 46)
    assert queue(world).waiting == 0
    world = play([snapshot(50, ("1", 5.0))], 60, world)
    assert (queue(world).waiting, shown(world).joined_at, window(world).offered) == (1, START + 45, 2)


def test_one_call_in_two_queues_counts_in_both_and_is_shown_where_it_is() -> None:
    world = play([call("join", 0), call("leave", 30), call("join", 31, queue="polisi")], 60)
    assert (shown(world).queue, shown(world).state) == ("polisi", "waiting")
    assert (window(world).left, queue(world, "polisi").waiting) == (1, 1)


def test_a_wrong_clock_of_the_exchange_does_not_bend_the_waits() -> None:
    world = play([call("join", 0, observed_at=START - 7200)], 1)
    assert shown(world).joined_at == START
    world = play([call("join", 0, observed_at=START - 0.4)], 1)
    assert shown(world).joined_at == START - 0.4


# -- call takers -----------------------------------------------------------------------------------------


def test_a_call_taker_over_two_queues() -> None:
    world = play([agent(0, "free"), agent(0.1, "free", queue="polisi"), agent(5, "busy")], 6)
    found = world.get(Agent, "SIP/201")
    assert found is not None
    assert (found.name, found.state, found.since, found.queues) == (
        "Ani",
        "busy",
        START + 5,
        ("112", "polisi"),
    )
    assert queue(world).agents == {"busy": 1}
    assert queue(world, "polisi").agents == {"free": 1}


def test_paused_is_who_would_be_free() -> None:
    world = play(
        [agent(0, "free", paused=True, reason="istirahat"), agent(0, "busy", "SIP/202", paused=True)], 1
    )
    assert queue(world).agents == {"busy": 1, "paused": 1}
    found = world.get(Agent, "SIP/201")
    assert found is not None
    assert (found.state, found.paused, found.reason) == ("paused", True, "istirahat")


def test_an_old_pause_event_without_a_state_keeps_the_state() -> None:
    world = play([agent(0, "free"), agent(1, "unknown", paused=False, flags=("no_state",))], 2)
    assert queue(world).agents == {"free": 1}


def test_an_older_state_that_comes_late_is_ignored() -> None:
    world = play([agent(0, "free"), agent(5, "busy")], 6)
    world.draft()
    assert play([agent(0, "free"), agent(5, "busy")], 7, world).draft().changes == []
    world = play([agent(8, "free", seq=10, run=5.0), agent(9, "ringing", seq=9, run=5.0)], 9, world)
    assert queue(world).agents == {"free": 1}


def test_members_that_a_snapshot_does_not_list_have_left() -> None:
    members = (QueueMember(agent="SIP/202", name="Budi", state="free"),)
    world = play([agent(0, "free"), snapshot(60, members=members)], 61)
    assert world.get(Agent, "SIP/201") is None
    assert queue(world).agents == {"free": 1}
    reduce.apply(world, [], START + 60 + call_records.KEPT_S)
    assert set(world.memories("agent")) == {"SIP/202"}
    assert list(play([agent(0, "free")], 61 + call_records.KEPT_S, world).memories("agent")) == ["SIP/202"]


def test_a_call_taker_who_leaves_the_last_queue_leaves_the_wall() -> None:
    world = play([agent(0, "free"), agent(5, "free", removed=True)], 6)
    assert world.get(Agent, "SIP/201") is None
    assert queue(world).agents == {}


# -- promises ----------------------------------------------------------------------------------------------


def test_a_queue_changes_once_a_batch() -> None:
    world = small_world()
    reduce.apply(world, DAY, START + 100)
    changes = [(change.kind, change.id) for change in world.draft().changes]
    assert changes.count(("queue", "112")) == 1
    assert len(changes) == len(set(changes))


def test_names_and_scope_come_from_the_configuration() -> None:
    world = play(DAY, 100, small_world(calls={"names": {"112": "Darurat 112"}, "answer_within": 8}))
    assert (queue(world).name, queue(world).scope, queue(world).target_s) == ("Darurat 112", ("city",), 8)
    assert window(world).service_level == 0.0


def test_memory_stays_within_its_bounds_on_a_mad_day() -> None:
    events = [call("join", n / 10, str(n), caller_key=f"00{n:014x}") for n in range(3000)]
    book = Book()
    world = small_world()
    reduce.apply(world, events, START + 300)
    book.commit(world)
    assert max(len(value) for value in book.memory.values()) < 64 * 1024


def _figures(world: World) -> Any:
    return (
        {found.id: (found.windows, found.waiting, found.oldest_joined_at) for found in world.all(Queue)},
        {
            found.id: (found.state, found.outcome, found.joined_at, found.position)
            for found in world.all(Call)
        },
    )


END = 400.0
EXPECTED = _figures(play([*DAY, snapshot(95, ("5", 35.0))], END))


@settings(max_examples=60)
@given(
    repeats=st.lists(st.tuples(st.integers(0, len(DAY)), st.integers(0, len(DAY) - 1)), max_size=12),
    restarts=st.sets(st.integers(0, len(DAY) + 12), max_size=4),
    size=st.integers(1, 6),
)
def test_repetitions_and_restarts_anywhere_give_the_same_figures(
    repeats: list[tuple[int, int]], restarts: set[int], size: int
) -> None:
    events: list[AnyEvent] = [*DAY, snapshot(95, ("5", 35.0))]
    # An event comes again, as itself, anywhere after its first time.
    for place, which in sorted(repeats, reverse=True):
        events.insert(max(place, events.index(DAY[which]) + 1), DAY[which])
    world, book = small_world(), Book()
    for start in range(0, len(events), size):
        batch = events[start : start + size]
        reduce.apply(world, batch, max(event.received_at for event in batch), backlog=True)
        book.commit(world)
        if start in restarts:
            world = book.reopened(world.now)
    reduce.apply(world, [], START + END)
    assert _figures(world) == EXPECTED


@settings(max_examples=60)
@given(st.permutations(ANSWERED), st.permutations(ABANDONED))
def test_disorder_within_a_call_gives_the_same_outcome_and_figures(
    answered: list[CallEvent], abandoned: list[CallEvent]
) -> None:
    world = small_world()
    reduce.apply(world, [*answered, *abandoned], START + 100)
    expected = small_world()
    reduce.apply(expected, [*ANSWERED, *ABANDONED], START + 100)
    assert queue(world).windows == queue(expected).windows
    assert [shown(world, id).outcome for id in "12"] == ["answered", "abandoned"]


def test_half_a_day_reloaded_ends_as_the_day_in_one_go() -> None:
    for cut in range(len(DAY)):
        world, book = play(DAY[:cut], DAY[cut].received_at - START), Book()
        book.commit(world)
        world = play(DAY[cut:], 2000, book.reopened(world.now))
        book.commit(world)
        whole, ledger = play(DAY, 2000), Book()
        ledger.commit(whole)
        assert book.state == ledger.state
        assert {k: v for k, v in book.memory.items() if k[0] == "queue"} == {
            k: v for k, v in ledger.memory.items() if k[0] == "queue"
        }
