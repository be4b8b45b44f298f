"""Rules that are others than before: after a restart with another configuration, or from a day on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.alarms import whole_book
from tests.test_rules_types import HERE, UPPER, alerts, put, rule, wait, world_with
from tests.test_rules_types import START as NOON
from tests.worlds import MIDDLES
from wallboard.engine import reduce
from wallboard.engine.world import World
from wallboard.entities import Alert, Camera, Gauge, Incident, IncidentOurs, IncidentSource
from wallboard.place import Place, Ref

TODAY, TOMORROW = "2026-09-22", "2026-09-23"
MIDNIGHT = datetime(2026, 9, 22, 17, 0, tzinfo=UTC).timestamp()  # in Jakarta
HIGH: dict[str, Any] = {"kind": "gauge", "field": "value", "above": 100}
CITY: dict[str, Any] = {
    "group": [{"code": "a", "name": {"id": "a"}}, {"code": "b", "name": {"id": "b"}}],
    "category": [{"code": "banjir", "name": {"id": "Banjir", "en": "Flood"}}],
}
LON, LAT = MIDDLES[HERE]
PLACE = Place(lon=LON, lat=LAT, district=HERE, name="Muara Lama", parents=(Ref(UPPER, "Pesisir", 0),))


def gauge(value: float, at: float) -> Gauge:
    return Gauge(id="gates/g", scope=("city",), at=at, feed="gates", name="g", value=value, place=PLACE)


def incident() -> Incident:
    return Incident(
        id="f/x",
        scope=("city",),
        at=NOON,
        feed="f",
        received_at=NOON,
        source=IncidentSource(title="t", opened_at=NOON),
        ours=IncidentOurs(),
        place=PLACE,
        category="banjir",
    )


def other_day(first: dict[str, Any], then: dict[str, Any]) -> World:
    """A gauge is over the limit a minute before the rule's next version begins to hold."""
    world = world_with(first | {"until": TODAY}, then | {"since": TOMORROW}, **CITY)
    put(world, gauge(200, MIDNIGHT - 60), at=MIDNIGHT - 60)
    return world


def after_restart(first: dict[str, Any], then: dict[str, Any], *things: Any, down_s: float = 0.0) -> World:
    world = world_with(first, **CITY)
    put(world, *things, at=NOON + 1)
    book = whole_book(world)
    return book.reopened_after(world.now, world.now + down_s, rule=[then], **CITY)


def test_a_version_with_fewer_steps_takes_none_of_the_former() -> None:
    world = other_day(
        rule("threshold", **HIGH, escalate=[{"after": 90, "to": "a"}]), rule("threshold", **HIGH)
    )
    world.draft()
    wait(world, MIDNIGHT + 100)
    assert not world.draft().outbox


def test_a_version_with_more_steps_takes_them_without_a_restart() -> None:
    world = other_day(
        rule("threshold", **HIGH), rule("threshold", **HIGH, escalate=[{"after": 90, "to": "b"}])
    )
    world.draft()
    wait(world, MIDNIGHT + 29)
    assert not world.draft().outbox
    wait(world, MIDNIGHT + 30)
    assert [message["group"] for message in world.draft().outbox] == ["b"]


@pytest.mark.parametrize(("before", "now"), [(120, 600), (600, 120)])
def test_a_delay_that_runs_over_midnight_is_the_new_versions(before: float, now: float) -> None:
    world = other_day(rule("threshold", **HIGH, on_delay=before), rule("threshold", **HIGH, on_delay=now))
    wait(world, MIDNIGHT + now - 61)
    assert not alerts(world)
    wait(world, MIDNIGHT + now - 60)
    assert alerts(world)


def test_a_severity_holds_from_its_day_for_what_stands() -> None:
    world = other_day(rule("threshold", **HIGH), rule("threshold", **HIGH) | {"severity": "danger"})
    wait(world, MIDNIGHT - 1)
    assert [alert.severity for alert in alerts(world).values()] == ["caution"]
    wait(world, MIDNIGHT)
    assert [alert.severity for alert in alerts(world).values()] == ["danger"]
    assert [alert.episode for alert in world.all(Alert)] == [1]


def test_another_severity_after_a_restart_is_told_once() -> None:
    low, grave = rule("threshold", **HIGH), rule("threshold", **HIGH) | {"severity": "danger"}
    world = after_restart(low, grave, gauge(200, NOON))
    assert [alert.severity for alert in alerts(world).values()] == ["danger"]
    version = next(iter(alerts(world).values())).version
    again = whole_book(world).reopened(world.now, rule=[grave], **CITY)
    assert next(iter(alerts(again).values())).version == version


OTHER_TYPES = {
    "burst": (rule("burst"), incident()),
    "absence": (rule("absence", kind="gauge", silent_for=60), gauge(1, NOON)),
    "rate": (rule("rate", kind="gauge", field="value", above=5), gauge(1, NOON)),
    "max_age": (rule("threshold", kind="camera", where={"state": "offline"}, max_age=600),
                Camera(id="c/1", scope=("city",), at=NOON, feed="c", name="c", state="offline", place=PLACE)),
}  # fmt: skip
OTHERS = {
    "threshold": rule("threshold", **HIGH),
    "share": rule("share", kind="camera", where={"state": "frozen"}, share=0.1),
    "burst": rule("burst"),
    "absence": rule("absence", kind="price", silent_for=60),
    "rate": rule("rate", kind="queue", field="waiting", above=5),
}


@pytest.mark.parametrize("now", OTHERS)
@pytest.mark.parametrize("before", OTHER_TYPES)
def test_a_rule_of_another_type_keeps_nothing_of_the_former(before: str, now: str) -> None:
    first, thing = OTHER_TYPES[before]
    world = after_restart(first, OTHERS[now], thing)
    wait(world, NOON + 7200)
    assert not alerts(world)
    fresh = world_with(OTHERS[now], **CITY)
    put(fresh, thing, at=NOON + 1)
    wait(fresh, NOON + 7200)
    for kind in ("rule", "silence", "rule_again", "rule_rate", "burst", "burst_usual"):
        assert world.memories(kind).keys() == fresh.memories(kind).keys(), kind


@pytest.mark.parametrize(("before", "now"), [(60, 600), (600, 60)])
def test_another_patience_holds_from_the_restart(before: float, now: float) -> None:
    first, then = (rule("absence", kind="gauge", silent_for=s) for s in (before, now))
    world = after_restart(first, then, gauge(1, NOON), down_s=1000)
    wait(world, NOON + 1000 + now - 1)
    assert not alerts(world)
    wait(world, NOON + 1000 + now)
    assert alerts(world)


def test_a_new_rule_of_absence_leaves_out_the_time_that_we_were_down() -> None:
    first, then = rule("threshold", **HIGH), rule("absence", kind="gauge", silent_for=60)
    world = after_restart(first, then, gauge(1, NOON), down_s=3600)
    wait(world, NOON + 3600 + 59)
    assert not alerts(world)
    wait(world, NOON + 3600 + 61)
    assert alerts(world)


def test_points_of_another_figure_are_no_rise() -> None:
    first = rule("rate", kind="gauge", field="value", above=50, within=3600)
    world = after_restart(first, first | {"field": "at"}, gauge(10, NOON))
    put(world, gauge(10, NOON + 60), at=NOON + 60)
    assert [alert.value for alert in alerts(world).values()] == [60.0]


def test_an_alert_on_a_district_that_the_boundaries_have_no_more_ends() -> None:
    share = rule("share", kind="camera", where={"state": "offline"}, share=0.1, least=1)
    world = world_with(share)
    camera = Camera(id="c/1", scope=("city",), at=NOON, feed="c", name="c", state="offline", place=PLACE)
    put(world, camera, at=NOON + 1)
    assert alerts(world).keys() == {f"district:{UPPER}"}
    book = whole_book(world)
    # As if the city had called its district something else before.
    book.memory = {
        (kind, id.replace(UPPER, "98.01.01")): raw.replace(UPPER.encode(), b"98.01.01")
        for (kind, id), raw in book.memory.items()
    }
    book.state = {
        (kind, id.replace(UPPER, "98.01.01") if kind == "alert" else id): (
            raw.replace(UPPER.encode(), b"98.01.01") if kind == "alert" else raw
        )
        for (kind, id), raw in book.state.items()
    }
    again = book.reopened(world.now, rule=[share])
    reduce.apply(again, [], world.now + 1)
    assert alerts(again).keys() == {f"district:{UPPER}"}


def test_what_holds_again_within_its_off_delay_has_the_severity_of_its_day() -> None:
    low, grave = rule("threshold", **HIGH, off_delay=120), rule("threshold", **HIGH, off_delay=120)
    world = other_day(low, grave | {"severity": "danger"})
    put(world, gauge(10, MIDNIGHT - 10), at=MIDNIGHT - 10)
    put(world, gauge(200, MIDNIGHT + 10), at=MIDNIGHT + 10)
    assert [(alert.severity, alert.episode) for alert in alerts(world).values()] == [("danger", 1)]
