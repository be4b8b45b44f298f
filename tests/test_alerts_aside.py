"""wallboard/engine/alerts: shelved, suppressed, out of service, stale, chattering."""

from __future__ import annotations

from typing import Any

import pytest

from tests.alarms import (
    ELSEWHERE,
    HERE,
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
from tests.people import ask
from tests.worlds import Book
from wallboard.engine import reduce
from wallboard.engine.alerts import NORMAL_KEPT_S, suppression
from wallboard.engine.alerts.chatter import QUIET_S
from wallboard.engine.world import World
from wallboard.entities import AlarmLoad, Alert, Hazard, HazardText
from wallboard.events import FeedHealth


def shelve(world: World, seconds: float = 600.0) -> dict[str, object]:
    return ask(world, "supervisor", "alert.shelve", alert=ID, for_s=seconds, reason="known")


def test_a_shelved_alert_comes_back_by_itself() -> None:
    world = alarm_world()
    read(world, 120)
    assert shelve(world)["status"] == "done"
    flag = the(world).shelved
    assert flag is not None
    assert (flag.by, flag.reason, flag.until) == ("supervisor", "known", START + 600)
    assert (the(world).state, the(world).version) == ("unacknowledged", 1)
    world.draft()
    wait(world, 599)
    assert the(world).shelved
    wait(world, 1)
    assert the(world).shelved is None
    (line,) = world.draft().audit
    assert (line["what"], line["before"]["aside"]) == ("alert.shelf_over", ["shelved"])


def test_a_shelf_hides_no_change_of_state_and_outlives_the_episode() -> None:
    world = alarm_world()
    read(world, 120)
    shelve(world)
    read(world, 90, after=1)
    assert the(world).state == "returned_unacknowledged"
    assert press(world)["status"] == "done"
    wait(world, NORMAL_KEPT_S + 10)
    assert the(world).state == "normal", "whoever is to end the shelf must find it"
    read(world, 120, after=1)
    assert (the(world).state, the(world).episode) == ("unacknowledged", 2)
    assert the(world).shelved
    assert ask(world, "rini", "alert.unshelve", alert=ID)["status"] == "done"
    assert ask(world, "rini", "alert.unshelve", alert=ID)["reason"] == "not_shelved"


def test_a_shelved_alert_that_is_over_leaves_when_its_time_has_come() -> None:
    world = alarm_world()
    read(world, 120)
    shelve(world)
    press(world)
    read(world, 90, after=1)
    wait(world, 598)
    assert world.get(Alert, ID)
    wait(world, 1)
    assert world.get(Alert, ID) is None


def test_out_of_service_ends_only_by_a_person() -> None:
    world = alarm_world()
    read(world, 120)
    ask(world, "supervisor", "alert.out_of_service", alert=ID, reason="sensor replaced")
    again = ask(world, "rini", "alert.out_of_service", alert=ID, reason="x")
    assert (again["reason"], again["by"]) == ("already_out_of_service", "supervisor")
    wait(world, 20 * 24 * 3600)
    assert the(world).out_of_service
    assert ask(world, "rini", "alert.in_service", alert=ID)["status"] == "done"
    assert the(world).out_of_service is None
    assert ask(world, "rini", "alert.in_service", alert=ID)["reason"] == "already_in_service"


GRAVE = HIGH | {"id": "grave", "above": 200, "severity": "danger", "escalate": []}
LOW = HIGH | {"suppressed_by": "grave"}
GRAVE_ID = "grave|gauge:gates/g"


def test_a_graver_alert_suppresses_in_its_own_district_while_it_stands() -> None:
    world = alarm_world(rule=[LOW, GRAVE])
    read(world, 120)
    read(world, 120, id="far", at=ELSEWHERE)
    far = "high|gauge:gates/far"
    world.draft()
    read(world, 250, after=1, id="g")
    flag = the(world).suppressed
    assert flag is not None
    assert flag.by == "grave"
    assert the(world, far).suppressed is None
    assert the(world, "high|gauge:gates/g").suppressed, "what comes while it stands, too"
    press(world, id=GRAVE_ID)
    assert the(world).suppressed, "seen is not gone"
    read(world, 90, after=1, id="g")
    assert the(world).suppressed is None
    whats = [line["what"] for line in world.draft().audit if line.get("alert") == ID]
    assert whats == ["alert.suppressed", "alert.unsuppressed"]


def test_a_flood_of_causes_costs_no_more_than_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cause judged all its consequences: 5,000 of each took 75 s."""
    judged: list[str] = []
    judge = suppression.judge

    def counted(world: World, id: str) -> None:
        judged.append(id)
        judge(world, id)

    monkeypatch.setattr(suppression, "judge", counted)
    world = alarm_world(rule=[LOW, GRAVE])
    for number in range(40):
        read(world, 120, id=f"low{number}")
    for value in (250, 90):
        for number in range(40):
            read(world, value, after=1, id=f"grave{number}")
    assert the(world, "high|gauge:gates/low7").suppressed is None
    # The first to come judges those 40, the last to go these and what is left of its own kind.
    assert len(judged) < 200


def test_an_alert_on_a_feed_suppresses_in_all_districts() -> None:
    quiet = {
        "id": "quiet", "type": "threshold", "kind": "feed", "severity": "caution",
        "where": {"state": "failing"}, "text": {"id": "{name}", "en": "{name}"},
    }  # fmt: skip
    world = alarm_world(
        rule=[HIGH | {"suppressed_by": "quiet"}, quiet],
        feed=[{"name": "gates", "type": "gauges", "every": 10.0}],
    )
    read(world, 120)

    def health(**fields: Any) -> FeedHealth:
        return FeedHealth(
            feed="gates", source_id="gates", received_at=world.now, last_good_at=world.now, **fields
        )

    reduce.apply(world, [health(state="failing", period_s=10.0)], world.now)
    assert the(world).suppressed
    assert the(world, "quiet|feed:gates").scope == ("city",)
    reduce.apply(world, [health(state="ok", period_s=10.0)], world.now)
    assert the(world).suppressed is None


def test_suppression_follows_the_configuration_at_a_restart() -> None:
    world = alarm_world(rule=[HIGH, GRAVE])
    read(world, 120)
    read(world, 250, after=1, id="g")
    book = Book()
    book.commit(world)
    again = book.reopened(world.now, **alarm_config(rule=[LOW, GRAVE]))
    assert the(again).suppressed
    book.commit(again)
    assert the(book.reopened(world.now, **alarm_config(rule=[HIGH, GRAVE]))).suppressed is None


def test_an_alert_that_stands_a_day_is_stale_until_it_is_over() -> None:
    world = alarm_world()
    read(world, 120)
    press(world)
    wait(world, 24 * 3600 - 1)
    assert the(world).flags == ()
    wait(world, 1)
    assert the(world).flags == ("stale",)
    assert the(world).version == 2
    read(world, 90, after=1)
    assert the(world).flags == ()


def test_an_alert_that_comes_three_times_a_minute_chatters_until_it_is_quiet() -> None:
    world = alarm_world()
    for _ in range(2):
        read(world, 120, after=15)
        read(world, 90, after=15)
    assert the(world).flags == ()
    read(world, 120, after=1)
    assert the(world).flags == ("chatter",)
    wait(world, QUIET_S - 1)
    assert the(world).flags == ("chatter",)
    wait(world, 1)
    assert the(world).flags == ()


def test_what_comes_slower_does_not_chatter() -> None:
    world = alarm_world()
    for _ in range(5):
        read(world, 120, after=16)
        read(world, 90, after=16)
    assert the(world).flags == ()


@pytest.mark.parametrize("seconds", [0.0, 30.0, 3000.0])
def test_a_restart_changes_no_flag(seconds: float) -> None:
    world = alarm_world(rule=[LOW, GRAVE])
    read(world, 120)
    read(world, 250, after=1, id="g")
    shelve(world)
    wait(world, seconds)
    book = Book()
    book.commit(world)
    again = book.reopened(world.now, **alarm_config(rule=[LOW, GRAVE]))
    assert list(again.all(Alert)) == list(world.all(Alert))
    for one in (world, again):
        wait(one, 700)
    assert {alert.id: alert for alert in again.all(Alert)} == {alert.id: alert for alert in world.all(Alert)}


def test_a_cause_that_moves_suppresses_where_it_is_and_no_more_where_it_was() -> None:
    storm = {
        "id": "storm", "type": "threshold", "kind": "hazard", "severity": "danger",
        "where": {"state": "active"}, "text": {"id": "{name}", "en": "{name}"},
    }  # fmt: skip
    world = alarm_world(rule=[HIGH | {"suppressed_by": "storm"}, storm])
    far = "high|gauge:gates/far"
    read(world, 120)
    read(world, 120, id="far", at=ELSEWHERE)
    for district, here, there in ((HERE, True, False), (ELSEWHERE, False, True)):
        world.put(
            Hazard(
                id="h/1",
                scope=(f"d:{district}",),
                feed="h",
                type="cap",
                status="Actual",
                state="active",
                texts={"en": HazardText(event="Storm", headline="Storm")},
            )
        )
        wait(world, 1)
        assert (the(world).suppressed is not None, the(world, far).suppressed is not None) == (here, there)
    again = whole_book(world).reopened(
        world.now, **alarm_config(rule=[HIGH | {"suppressed_by": "storm"}, storm])
    )
    assert list(again.all(Alert)) == list(world.all(Alert))


def test_what_moves_is_told_where_it_is() -> None:
    world = alarm_world(rule=[LOW, GRAVE])
    read(world, 120)
    read(world, 250, id="g", at=ELSEWHERE)
    assert the(world).suppressed is None
    read(world, 120, after=1, at=ELSEWHERE)
    assert the(world).district == "Lembah Wangi"
    assert the(world).suppressed, "the graver one stands there"


@pytest.mark.parametrize("later", [[LOW], [LOW, GRAVE | {"above": 300}]])
def test_what_ends_while_the_engine_loads_is_counted_once(later: list[dict[str, Any]]) -> None:
    """The first alert that a load touched was taken off an index that had not had it."""
    world = alarm_world(rule=[LOW, GRAVE])
    read(world, 250, id="g")
    again = whole_book(world).reopened(world.now, **alarm_config(rule=later))
    wait(again, 11)
    load = again.get(AlarmLoad, "load")
    assert load is not None
    assert load.standing == 1
    if len(later) > 1:
        read(again, 350, after=1, id="g")
        assert the(again, "high|gauge:gates/g").suppressed, "its cause stands"


def test_a_cause_and_its_consequence_that_move_together_stay_what_they_are() -> None:
    world = alarm_world(rule=[LOW, GRAVE])
    read(world, 250)
    world.draft()
    for place in (ELSEWHERE, HERE):
        read(world, 250, after=1, at=place)
        assert the(world).suppressed
        assert the(world, "grave|gauge:gates/a").district == the(world).district
    assert [line for line in world.draft().audit if "alert" in line] == []
