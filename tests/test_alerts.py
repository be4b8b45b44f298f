"""wallboard/engine/alerts: states, episodes, versions, acknowledgements, and who has an alert."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.alarms import HIGH, ID, START, alarm_config, alarm_world, press, read, the, wait
from tests.people import ask
from tests.worlds import Book
from wallboard.city import RuleConfig
from wallboard.engine.alerts import NORMAL_KEPT_S, UNSEEN_KEPT_S, end_alert, raise_alert
from wallboard.engine.alerts.episodes import EPISODE_KEPT_S
from wallboard.engine.alerts.hands import MOST_NOTES
from wallboard.engine.world import MOST_STALE, World
from wallboard.entities import Alert, Gauge, Severity


@pytest.fixture
def world() -> World:
    world = alarm_world()
    read(world, 120)
    return world


def graded(world: World, severity: Severity) -> None:
    """The rule says how grave the condition now is."""
    gauge = world.get(Gauge, "gates/a")
    assert gauge is not None
    rule = world.index["rules"]["high"]
    assert isinstance(rule, RuleConfig)
    raise_alert(world, rule, "gauge", gauge, gauge.value, world.now, severity)


def stood(alert: Alert) -> tuple[str, int, int]:
    return alert.state, alert.episode, alert.version


def test_a_new_alert_is_unacknowledged(world: World) -> None:
    alert = the(world)
    assert stood(alert) == ("unacknowledged", 1, 1)
    assert (alert.texts["en"], alert.instruction["en"]) == ("Gate a at 120 cm", "Shut")
    assert alert.district == "Muara Lama"
    assert len(alert.code) == 6


def test_the_first_acknowledgement_wins_and_the_others_are_told_who_and_when(world: World) -> None:
    seen = the(world)
    assert press(world) | {"command_id": ""} == {
        "person": "supervisor", "command_id": "", "action": "alert.ack", "status": "done", "version": 2,
    }  # fmt: skip
    alert = the(world)
    assert stood(alert) == ("acknowledged", 1, 2)
    assert (alert.acked_by, alert.acked_at, alert.acked_on) == ("supervisor", START, "console")
    # A wall does not see the list of people.
    assert alert.names == {"supervisor": "Supervisor"}
    wait(world, 5)
    late = ask(world, "rini", "alert.ack", alert=ID, episode=seen.episode, version=seen.version)
    assert (late["status"], late["reason"]) == ("refused", "already_acknowledged")
    assert (late["by"], late["at"], late["version"]) == ("supervisor", START, 2)
    assert the(world) == alert


def test_who_is_too_late_is_told_so_even_when_the_alert_is_over(world: World) -> None:
    seen = the(world)
    press(world)
    read(world, 90, after=1)
    assert the(world).state == "normal"
    late = ask(world, "rini", "alert.ack", alert=ID, episode=seen.episode, version=seen.version)
    assert (late["reason"], late["by"]) == ("already_acknowledged", "supervisor")


def test_an_older_version_is_refused_with_the_present_one(world: World) -> None:
    seen = the(world)
    read(world, 90, after=1)
    answer = ask(world, "supervisor", "alert.ack", alert=ID, episode=1, version=seen.version)
    assert (answer["status"], answer["reason"], answer["version"]) == ("refused", "changed", 2)
    assert stood(the(world)) == ("returned_unacknowledged", 1, 2)
    assert press(world)["status"] == "done"
    assert stood(the(world)) == ("normal", 1, 3)


def test_an_acknowledgement_of_an_episode_that_is_over_changes_nothing_in_the_next(world: World) -> None:
    seen = the(world)
    read(world, 90, after=1)
    read(world, 120, after=1)
    now = the(world)
    assert stood(now) == ("unacknowledged", 2, 3)
    answer = ask(world, "supervisor", "alert.ack", alert=ID, episode=1, version=seen.version)
    assert (answer["reason"], answer["version"]) == ("changed", 3)
    # Not even one that names the present version.
    assert ask(world, "supervisor", "alert.ack", alert=ID, episode=1, version=3)["reason"] == "changed"
    assert the(world) == now


def test_what_was_seen_and_is_gone_leaves_and_the_next_episode_goes_on(world: World) -> None:
    press(world)
    read(world, 90, after=1)
    wait(world, NORMAL_KEPT_S - 1)
    assert the(world).state == "normal"
    wait(world, 1)
    assert world.get(Alert, ID) is None
    read(world, 120, after=1)
    assert stood(the(world)) == ("unacknowledged", 2, 4)
    assert not world.memories("episode")


def test_the_numbers_of_an_alert_are_forgotten_after_a_month(world: World) -> None:
    press(world)
    read(world, 90, after=1)
    wait(world, NORMAL_KEPT_S + EPISODE_KEPT_S)
    assert not world.memories("episode")


def test_an_unseen_alert_stays_a_week_and_then_leaves_with_an_audit_line(world: World) -> None:
    read(world, 90, after=1)
    world.draft()
    wait(world, UNSEEN_KEPT_S - 1)
    assert the(world).state == "returned_unacknowledged"
    wait(world, 1)
    assert world.get(Alert, ID) is None
    (line,) = world.draft().audit
    assert (line["what"], line["alert"], line["before"]["state"]) == (
        "alert.closed",
        ID,
        "returned_unacknowledged",
    )


def test_a_worse_severity_reopens_and_a_better_one_does_not(world: World) -> None:
    press(world)
    graded(world, "caution")
    assert stood(the(world)) == ("acknowledged", 1, 3)
    graded(world, "danger")
    alert = the(world)
    assert (stood(alert), alert.severity, alert.acked_by) == (("unacknowledged", 1, 4), "danger", "")
    graded(world, "danger")
    assert the(world) == alert
    graded(world, "severe")
    assert (the(world).state, the(world).version) == ("unacknowledged", 5)


def test_an_acknowledgement_lapses_while_the_condition_holds() -> None:
    world = alarm_world(rule=[HIGH | {"ack_lapses": 600}])
    read(world, 120)
    press(world)
    assert the(world).ack_lapses_at == START + 600
    wait(world, 599)
    assert the(world).state == "acknowledged"
    wait(world, 1)
    assert (stood(the(world)), the(world).acked_by) == (("unacknowledged", 1, 3), "")
    press(world, "rini")
    read(world, 90, after=1)
    wait(world, 250)
    assert (the(world).state, the(world).acked_by) == ("normal", "rini")


def test_action_taken_is_no_acknowledgement(world: World) -> None:
    answer = ask(world, "rini", "alert.confirm", alert=ID, episode=1, text=" Pumps run ")
    alert = the(world)
    assert (answer["status"], answer["version"]) == ("done", 1)
    assert (alert.state, alert.confirmed_by, alert.confirmed) == ("unacknowledged", "rini", "Pumps run")
    assert ask(world, "rini", "alert.confirm", alert=ID, episode=0, text="x")["reason"] == "changed"


def test_notes_are_kept_newest_and_change_no_version(world: World) -> None:
    for number in range(MOST_NOTES + 3):
        assert ask(world, "operator", "alert.note", alert=ID, text=f"n{number}")["status"] == "done"
    notes = the(world).notes
    assert (len(notes), notes[0].text, notes[-1].text) == (MOST_NOTES, "n3", f"n{MOST_NOTES + 2}")
    assert the(world).version == 1


def test_notes_of_any_signs_leave_the_alert_small_enough_to_be_shown(world: World) -> None:
    for sign in ("\N{WATER WAVE}", "a\x01"):
        for _ in range(MOST_NOTES):
            ask(world, "operator", "alert.note", alert=ID, text=(sign * 1000)[:1000])
    assert len(world.draft().dead) == 0
    assert len(the(world).notes) > 1


@pytest.mark.parametrize(
    ("action", "args"),
    [
        ("alert.ack", {"episode": 1}),
        ("alert.ack", {"episode": True, "version": 1}),
        ("alert.ack", {"episode": 1, "version": 1.0}),
        ("alert.confirm", {"episode": 1, "text": " "}),
        ("alert.confirm", {"episode": 1, "text": "x" * 1001}),
        ("alert.note", {"text": 7}),
        ("alert.shelve", {"for_s": 9, "reason": "x"}),
        ("alert.shelve", {"for_s": 12 * 3600 + 1, "reason": "x"}),
        ("alert.shelve", {"for_s": 60, "reason": ""}),
        ("alert.out_of_service", {}),
        ("alert.assign", {"to": "nobody"}),
        ("alert.assign", {"to": "leader"}),
    ],
)
def test_arguments_that_cannot_be_used_change_nothing(
    world: World, action: str, args: dict[str, Any]
) -> None:
    before = the(world)
    answer = ask(world, "supervisor", action, alert=ID, **args)
    assert answer["status"] == "refused"
    assert answer["reason"].startswith("bad_args: ")
    assert the(world) == before


def test_what_somebody_may_not_see_is_not_there_for_them(world: World) -> None:
    limited: dict[str, Any] = {
        "id": "rini",
        "name": "Rini",
        "role": "supervisor",
        "districts": ["99.01.02.1004"],
    }
    ask(world, "admin", "user.set", **limited)
    assert press(world, "rini")["reason"] == "no_such_thing"
    assert ask(world, "supervisor", "alert.assign", alert=ID, to="rini")["reason"].startswith("bad_args")


def test_an_alert_is_seen_by_whom_its_subject_is(world: World) -> None:
    gauge = world.get(Gauge, "gates/a")
    assert gauge is not None
    world.put(msgspec.structs.replace(gauge, scope=("d:99.01.02.1004", "a:DPU")))
    wait(world, 1)
    assert the(world).scope == ("d:99.01.02.1004", "a:DPU")
    assert the(world).version == 1


# -- whose it is ---------------------------------------------------------------------------------------


def test_an_alert_is_assigned_until_its_episode_is_over(world: World) -> None:
    assert ask(world, "supervisor", "alert.assign", alert=ID, to="operator")["status"] == "done"
    alert = the(world)
    assert (alert.assigned, alert.assigned_by, alert.version) == ("operator", "supervisor", 1)
    ask(world, "supervisor", "alert.assign", alert=ID, to="")
    assert the(world).assigned == ""
    ask(world, "supervisor", "alert.assign", alert=ID, to="operator")
    press(world)
    read(world, 90, after=1)
    assert ask(world, "supervisor", "alert.assign", alert=ID, to="rini")["reason"] == "ended"
    read(world, 120, after=1)
    assert the(world).assigned == ""


def test_all_that_somebody_has_goes_to_the_other_supervisor() -> None:
    world = alarm_world()
    ids = [f"high|gauge:gates/{name}" for name in "abc"]
    for name in "abc":
        read(world, 120, id=name)
    press(world, "supervisor", ids[0])
    press(world, "rini", ids[1])
    ask(world, "rini", "alert.assign", alert=ids[2], to="supervisor")
    world.draft()
    assert ask(world, "supervisor", "alert.handover", to="rini")["status"] == "done"
    assert [the(world, id).assigned for id in ids] == ["rini", "", "rini"]
    (line,) = world.draft().audit
    assert line["before"] == {"assigned": {ids[0]: "", ids[2]: "supervisor"}}
    again = ask(world, "supervisor", "alert.handover", to="rini")
    assert again["reason"] == "nothing_to_hand_over"
    listed = ask(world, "rini", "alert.handover", to="supervisor", alerts=[ids[1]])
    assert listed["status"] == "done"
    assert [the(world, id).assigned for id in ids] == ["rini", "supervisor", "rini"]


def test_nothing_is_handed_to_who_cannot_take_it(world: World) -> None:
    press(world)
    for to in ("supervisor", "operator", "nobody"):
        assert ask(world, "supervisor", "alert.handover", to=to)["reason"].startswith("bad_args: to")
    other = ask(world, "supervisor", "alert.handover", to="rini", alerts=["high|gauge:gates/z"])
    assert other["reason"] == "not_yours"
    assert the(world).assigned == ""


# -- audit ---------------------------------------------------------------------------------------------


def test_every_transition_has_one_line_with_before_and_after(world: World) -> None:
    press(world)
    graded(world, "danger")
    read(world, 90, after=1)
    press(world)
    lines = world.draft().audit
    told = [(line["what"], line.get("before", {}).get("state"), line["after"]["state"]) for line in lines]
    assert told == [
        ("alert.raised", None, "unacknowledged"),
        ("alert.ack", "unacknowledged", "acknowledged"),
        ("alert.reopened", "acknowledged", "unacknowledged"),
        ("alert.returned", "unacknowledged", "returned_unacknowledged"),
        ("alert.ack", "returned_unacknowledged", "normal"),
    ]
    assert [line["after"]["version"] for line in lines] == [1, 2, 3, 4, 5]


def test_to_end_what_is_over_or_not_there_does_nothing(world: World) -> None:
    read(world, 90, after=1)
    before = the(world)
    end_alert(world, ID)
    end_alert(world, "high|gauge:gates/nothing")
    assert the(world) == before


def test_a_rule_that_is_gone_closes_its_alert_and_its_numbers_go_on(world: World) -> None:
    book = Book()
    book.commit(world)
    gone = book.reopened(world.now, **alarm_config(rule=[]))
    assert gone.get(Alert, ID) is None
    book.commit(gone)
    back = book.reopened(world.now, **alarm_config())
    assert stood(the(back)) == ("unacknowledged", 2, 2)


def test_an_alert_that_comes_and_goes_all_day_leaves_no_timers_behind(world: World) -> None:
    for number in range(3001):
        read(world, 120 if number % 2 else 80, after=30.0)
    assert len(world._timers) < 2 * MOST_STALE
    wait(world, UNSEEN_KEPT_S + 1)
    assert not list(world.all(Alert))
