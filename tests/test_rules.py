"""Rules and the alert states that need no person; feeds and walls that fall silent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds import Book, small_world
from wallboard.engine import reduce
from wallboard.engine.alerts import UNSEEN_KEPT_S
from wallboard.engine.health import FEEDS_BEAT_LOST_S, FEEDS_STOPPED, NODE_BEAT_LOST_S, SILENT_LEAST_S
from wallboard.engine.rules import lookup
from wallboard.engine.world import World
from wallboard.entities import Alert, Feed, Gauge, Wall
from wallboard.events import AnyEvent, BoardCondition, FeedHealth, GaugeRead, NodeBeat

RULE = {
    "id": "high",
    "type": "threshold",
    "kind": "gauge",
    "field": "value",
    "above": 100,
    "severity": "danger",
    "text": {"id": "{name} {value} cm", "en": "{name} at {value} cm"},
}
SILENT = {
    "id": "old",
    "type": "absence",
    "kind": "gauge",
    "silent_for": 60,
    "severity": "caution",
    "text": {"id": "{name} diam", "en": "{name} silent"},
}
FEED = {"name": "gates", "type": "gauges", "title": "Pintu air", "every": 10.0}


def reading(value: float, at: float, id: str = "a") -> GaugeRead:
    return GaugeRead(
        feed="gates", source_id=id, received_at=at, observed_at=at, name="Pintu Air", value=value
    )


def step(world: World, now: float, *events: AnyEvent) -> None:
    reduce.apply(world, events, now)


def the_alert(world: World) -> Alert | None:
    alerts = [alert for alert in world.all(Alert) if alert.rule in ("high", "old")]
    assert len(alerts) <= 1
    return alerts[0] if alerts else None


def state(world: World) -> str:
    alert = the_alert(world)
    return alert.state if alert else "none"


def test_a_threshold_raises_and_returns_unseen_and_begins_another_episode() -> None:
    world = small_world(rule=[RULE])
    step(world, 1000.0, reading(90, 1000.0))
    assert state(world) == "none"
    step(world, 1010.0, reading(120, 1010.0))
    alert = the_alert(world)
    assert alert is not None
    assert (alert.state, alert.severity, alert.episode) == ("unacknowledged", "danger", 1)
    assert alert.texts == {"id": "Pintu Air 120 cm", "en": "Pintu Air at 120 cm"}
    assert alert.subject == "gauge:gates/a"
    step(world, 1020.0, reading(90, 1020.0))
    assert state(world) == "returned_unacknowledged"
    step(world, 1030.0, reading(130, 1030.0))
    again = the_alert(world)
    assert again is not None
    assert (again.state, again.episode, again.since) == ("unacknowledged", 2, 1030.0)
    assert again.version > alert.version


def test_on_delay_and_off_delay_must_pass_whole() -> None:
    world = small_world(rule=[RULE | {"on_delay": 30.0, "off_delay": 30.0}])
    step(world, 1000.0, reading(120, 1000.0))
    step(world, 1029.0)
    assert state(world) == "none"
    step(world, 1029.5, reading(90, 1029.5))
    step(world, 1040.0, reading(120, 1040.0))
    step(world, 1069.0)
    assert state(world) == "none", "the delay began anew"
    step(world, 1070.0)
    assert state(world) == "unacknowledged"
    step(world, 1080.0, reading(90, 1080.0))
    step(world, 1109.0)
    assert state(world) == "unacknowledged"
    step(world, 1110.0)
    assert state(world) == "returned_unacknowledged"


def test_an_alert_is_audited_when_it_is_raised_and_when_it_returns() -> None:
    world = small_world(rule=[RULE])
    step(world, 1000.0, reading(120, 1000.0))
    step(world, 1010.0, reading(90, 1010.0))
    assert [line["what"] for line in world.draft().audit] == ["alert.raised", "alert.returned"]


def test_absence_is_raised_when_due_and_ends_with_news() -> None:
    world = small_world(rule=[SILENT])
    step(world, 1000.0, reading(90, 1000.0))
    step(world, 1059.0)
    assert state(world) == "none"
    step(world, 1060.0)
    assert state(world) == "unacknowledged"
    step(world, 1070.0, reading(91, 1070.0))
    assert state(world) == "returned_unacknowledged"


@pytest.mark.parametrize("rule", [RULE | {"on_delay": 30.0}, SILENT])
def test_a_restart_in_a_delay_gives_the_same_alert_at_the_same_time(rule: dict[str, Any]) -> None:
    world = small_world(rule=[rule])
    step(world, 1000.0, reading(120, 1000.0))
    book = Book()
    book.commit(world)
    again = book.reopened(1000.0, rule=[rule])
    for one in (world, again):
        step(one, 1029.0)
        assert state(one) == "none"
        step(one, 1061.0)
        assert state(one) == "unacknowledged"


def test_the_time_that_we_were_down_is_no_silence_of_the_source() -> None:
    world = small_world(rule=[SILENT])
    step(world, 1000.0, reading(90, 1000.0))
    book = Book()
    book.commit(world)
    again = book.reopened_after(1030.0, 5030.0, rule=[SILENT])
    step(again, 5030.0)
    assert state(again) == "none"
    step(again, 5059.0)
    assert state(again) == "none"
    step(again, 5060.0)
    assert state(again) == "unacknowledged", "30 s before we were down, 30 s afterwards"


def test_an_alert_whose_rule_is_gone_closes_with_an_audit_line() -> None:
    world = small_world(rule=[RULE])
    step(world, 1000.0, reading(120, 1000.0))
    book = Book()
    book.commit(world)
    again = book.reopened(1000.0)
    assert the_alert(again) is None
    assert [line["what"] for line in again.draft().audit] == ["alert.closed"]


def test_a_subject_that_leaves_ends_its_alert() -> None:
    world = small_world(rule=[RULE])
    step(world, 1000.0, reading(120, 1000.0))
    world.remove(Gauge, "gates/a")
    step(world, 1010.0)
    assert state(world) == "returned_unacknowledged"


def test_an_unseen_alert_leaves_after_a_while() -> None:
    world = small_world(rule=[RULE])
    step(world, 1000.0, reading(120, 1000.0))
    step(world, 1010.0, reading(90, 1010.0))
    step(world, 1010.0 + UNSEEN_KEPT_S - 1)
    assert state(world) == "returned_unacknowledged"
    step(world, 1010.0 + UNSEEN_KEPT_S)
    assert the_alert(world) is None


def test_a_where_without_a_figure_is_a_condition_by_itself() -> None:
    rule = RULE | {"field": "", "above": None, "where": {"unit": ["m", "cm"]}}
    world = small_world(rule=[rule])
    step(world, 1000.0, reading(1, 1000.0))
    assert state(world) == "unacknowledged"


def test_a_figure_is_found_through_structs_and_dicts() -> None:
    gauge = Gauge(id="a", name="A", place=small_world().geofence.locate(110.01, -5.01), value=7.0)
    assert lookup(gauge, "value") == 7.0
    assert lookup(gauge, "place.lon") == 110.01
    assert lookup({"15m": {"offered": 3}}, "15m.offered") == 3
    assert lookup(gauge, "nothing.at.all") is None


# -- feeds and walls -----------------------------------------------------------------------------------


def health(at: float, **fields: Any) -> FeedHealth:
    told = {"state": "ok", "last_good_at": at, "period_s": 10.0, **fields}
    return FeedHealth(feed="gates", source_id="gates", received_at=at, **told)


def feed(world: World) -> Feed:
    found = world.get(Feed, "gates")
    assert found is not None
    return found


def test_a_configured_feed_waits_until_it_is_heard_of_and_then_is_silent_when_it_stops() -> None:
    world = small_world(feed=[FEED])
    assert (feed(world).state, feed(world).name) == ("waiting", "Pintu air")
    step(world, 1000.0, health(1000.0))
    assert feed(world).state == "ok"
    step(world, 1000.0 + max(30.0, SILENT_LEAST_S) - 1)
    assert feed(world).state == "ok"
    step(world, 1000.0 + max(30.0, SILENT_LEAST_S))
    assert (feed(world).state, feed(world).since) == ("silent", 1000.0)
    step(world, 1100.0)
    alerts = [alert for alert in world.all(Alert) if alert.rule == "feed-silent"]
    assert [alert.texts["id"] for alert in alerts] == ["Sumber data diam: Pintu air"]


def test_a_stopped_feeds_process_silences_its_feeds_and_gives_them_back() -> None:
    world = small_world(feed=[FEED])
    beat = NodeBeat(feed="", source_id="feeds", received_at=1000.0, role="feeds")
    step(world, 1000.0, health(1000.0), beat)
    step(world, 1000.0 + FEEDS_BEAT_LOST_S)
    assert (feed(world).state, feed(world).reason) == ("silent", FEEDS_STOPPED)
    step(world, 1010.0, NodeBeat(feed="", source_id="feeds", received_at=1010.0, role="feeds"))
    assert (feed(world).state, feed(world).reason) == ("ok", "")


def test_a_webhook_is_never_silent_by_itself_nor_with_the_feeds_process() -> None:
    world = small_world(feed=[FEED | {"type": "webhook"}])
    beat = NodeBeat(feed="", source_id="feeds", received_at=1000.0, role="feeds")
    step(world, 1000.0, beat)
    step(world, 100_000.0)
    assert feed(world).state == "waiting"


def test_a_feed_that_is_no_more_configured_is_shown_no_more() -> None:
    world = small_world(feed=[FEED])
    step(world, 1000.0, health(1000.0))
    book = Book()
    book.commit(world)
    assert book.reopened(1000.0).get(Feed, "gates") is None


def condition(at: float, state: Any) -> BoardCondition:
    return BoardCondition(feed="", source_id="operations", received_at=at, node="n1", state=state, age_s=12.0)


def test_a_wall_that_is_behind_alerts_and_one_that_was_closed_does_not() -> None:
    world = small_world()
    step(world, 1000.0, condition(1000.0, "painting"))
    step(world, 1001.0, condition(1001.0, "behind"))
    (alert,) = world.all(Alert)
    assert (alert.rule, alert.state) == ("wall-behind", "unacknowledged")
    step(world, 1002.0, condition(1002.0, "gone"))
    (alert,) = world.all(Alert)
    assert alert.state == "returned_unacknowledged"


def test_the_walls_of_a_lost_node_have_gone() -> None:
    world = small_world()
    step(world, 1000.0, NodeBeat(feed="", source_id="n1", received_at=1000.0), condition(1000.0, "painting"))
    step(world, 1000.0 + NODE_BEAT_LOST_S)
    wall = world.get(Wall, "operations")
    assert wall is not None
    assert wall.state == "gone"


# -- time ----------------------------------------------------------------------------------------------


def test_events_from_the_future_keep_their_order_and_take_no_time_along() -> None:
    world = small_world()
    step(world, 1000.0, *(reading(value, 5000.0 + value) for value in (1.0, 2.0, 3.0)))
    gauge = world.get(Gauge, "gates/a")
    assert gauge is not None
    assert gauge.value == 3.0
    assert world.now < 1001.0
