"""wallboard/engine/alerts/escalation.py: whom a wait calls: never early, never lost, each once."""

from __future__ import annotations

import pytest

from tests.alarms import (
    GROUPS,
    HIGH,
    ID,
    START,
    alarm_config,
    alarm_world,
    press,
    read,
    the,
    wait,
    whole_book,
)
from tests.people import ask, command
from wallboard.engine import reduce
from wallboard.engine.world import World


def told(world: World) -> list[tuple[str, float]]:
    """Step's group and time of the messages of the open draft."""
    return [(message["group"], message["at"]) for message in world.draft().outbox]


def test_each_step_goes_out_once_and_not_before_its_time() -> None:
    world = alarm_world()
    read(world, 120)
    wait(world, 59.999)
    assert told(world) == []
    wait(world, 0.001)
    assert told(world) == [("guards", START + 60)]
    assert (the(world).escalated, the(world).escalates_at, the(world).told) == (1, START + 300, ("guards",))
    wait(world, 1000)
    assert told(world) == [("chiefs", START + 300)]
    assert the(world).version == 1, "nothing that an acknowledgement would have to know has changed"
    wait(world, 10_000)
    assert told(world) == []


def test_the_message_says_all_that_who_gets_it_needs() -> None:
    world = alarm_world()
    read(world, 120)
    wait(world, 60)
    draft = world.draft()
    (message,) = draft.outbox
    alert = the(world)
    assert message == {
        "at": START + 60,
        "id": f"{ID}|1|1",
        "what": "escalation",
        "group": "guards",
        "people": ["operator"],
        "email": ["g@a.example"],
        "webhook": [],
        "mqtt": [],
        "alert": {
            "id": ID,
            "rule": "high",
            "severity": "severe",
            "texts": {"id": "Gate a 120 cm", "en": "Gate a at 120 cm"},
            "instruction": {"id": "Tutup", "en": "Shut"},
            "district": "Muara Lama",
            "since": START,
            "value": 120.0,
            "code": alert.code,
            "episode": 1,
            "version": 1,
        },
        "step": 1,
        "of": 2,
    }
    line = draft.audit[-1]
    assert (line["what"], line["step"], line["people"]) == ("alert.escalated", 1, ["operator"])


def test_nobody_is_told_after_an_acknowledgement_or_when_it_is_over() -> None:
    world = alarm_world()
    read(world, 120)
    read(world, 120, id="b")
    wait(world, 30)
    press(world)
    read(world, 90, after=1, id="b")
    assert the(world).escalates_at is None
    wait(world, 10_000)
    assert told(world) == []


def test_a_lapsed_acknowledgement_counts_anew_and_tells_no_step_twice() -> None:
    world = alarm_world(rule=[HIGH | {"ack_lapses": 600}])
    read(world, 120)
    wait(world, 70)
    press(world)
    told(world)
    wait(world, 600 + 299)
    assert told(world) == []
    wait(world, 1)
    assert told(world) == [("chiefs", START + 70 + 600 + 300)]


def test_the_next_episode_begins_with_the_first_step() -> None:
    world = alarm_world()
    read(world, 120)
    wait(world, 1000)
    read(world, 90, after=1)
    read(world, 120, after=1)
    world.draft()
    wait(world, 60)
    (message,) = world.draft().outbox
    assert (message["id"], message["step"]) == (f"{ID}|2|1", 1)


def test_what_is_aside_tells_nobody_and_counts_from_the_end_of_that() -> None:
    world = alarm_world()
    read(world, 120)
    wait(world, 50)
    ask(world, "supervisor", "alert.shelve", alert=ID, for_s=600, reason="x")
    ask(world, "supervisor", "alert.out_of_service", alert=ID, reason="x")
    wait(world, 700)
    ask(world, "supervisor", "alert.in_service", alert=ID)
    world.draft()
    wait(world, 59)
    assert told(world) == []
    wait(world, 1)
    assert told(world) == [("guards", START + 50 + 700 + 60)]


def test_a_step_without_delay_goes_out_as_soon_as_time_moves() -> None:
    world = alarm_world(rule=[HIGH | {"escalate": [{"after": 0, "to": "chiefs"}]}])
    read(world, 120)
    wait(world, 0.001)
    draft = world.draft()
    assert [(message["group"], message["at"]) for message in draft.outbox] == [("chiefs", START)]
    assert [line["what"] for line in draft.audit] == ["alert.raised", "alert.escalated"]


def test_a_step_due_while_the_engine_was_dead_goes_out_at_once_and_none_twice() -> None:
    world = alarm_world()
    read(world, 120)
    wait(world, 60)
    again = whole_book(world).reopened_after(START + 60, START + 400, **alarm_config())
    reduce.apply(again, [], START + 400)
    assert told(again) == [("chiefs", START + 300)]
    third = whole_book(again).reopened(START + 400, **alarm_config())
    reduce.apply(third, [], START + 5000)
    assert told(third) == []


def test_an_acknowledgement_that_waits_in_the_stream_is_heard_before_the_step_is_due() -> None:
    """The engine was dead; what was pressed before the step was due stands before it in the stream."""
    world = alarm_world()
    read(world, 120)
    again = whole_book(world).reopened_after(START, START + 400, **alarm_config())
    seen = command("supervisor", "alert.ack", START + 30, alert=ID, episode=1, version=1)
    reduce.apply(again, [seen], START + 400)
    assert told(again) == []


def test_other_steps_in_the_configuration_hold_from_the_restart() -> None:
    world = alarm_world()
    read(world, 120)
    wait(world, 30)
    book = whole_book(world)
    other = HIGH | {"escalate": [{"after": 20, "to": "chiefs"}, {"after": 90, "to": "guards"}]}
    again = book.reopened(START + 30, **alarm_config(rule=[other]))
    wait(again, 0.001)
    assert told(again) == [("chiefs", START + 30)]
    none = book.reopened(START + 30, **alarm_config(rule=[HIGH | {"escalate": []}]))
    assert the(none).escalates_at is None


@pytest.mark.parametrize("order", [1, -1])
def test_a_suppressed_alert_tells_nobody_in_whatever_order_the_rules_stand(order: int) -> None:
    grave = HIGH | {"id": "grave", "above": 200, "escalate": []}
    low = HIGH | {"suppressed_by": "grave", "escalate": [{"after": 0, "to": "chiefs"}]}
    world = alarm_world(rule=[grave, low][::order])
    read(world, 250, id="g")
    read(world, 120)
    wait(world, 100)
    assert told(world) == []
    read(world, 90, after=1, id="g")
    wait(world, 1)
    draft = world.draft()
    assert [message["alert"]["id"] for message in draft.outbox] == [ID], "not what ended with its cause"


def test_a_group_that_is_configured_no_more_is_no_fault() -> None:
    world = alarm_world(group=GROUPS[1:])
    read(world, 120)
    wait(world, 60)
    (message,) = world.draft().outbox
    assert (message["group"], message["people"], message["email"]) == ("guards", [], [])
