"""Each type of rule with its edges, on a small city."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.worlds import DISTRICTS, MIDDLES, Book, small_world
from wallboard.engine import reduce
from wallboard.engine.world import World
from wallboard.entities import (
    Alert,
    Camera,
    Clock,
    Gauge,
    GaugeLevel,
    Hazard,
    HazardCover,
    HazardText,
    Incident,
    IncidentOurs,
    IncidentSource,
    Price,
    Queue,
    QueueWindow,
)
from wallboard.scope import of_place

WORDS = {"id": "{name} {value}", "en": "{name} {value}"}
START = 1_790_042_400.0  # a Tuesday, 09:00 in Jakarta
HERE = "99.01.01.1001"
UPPER = "99.01.01"


def rule(type: str, **more: Any) -> dict[str, Any]:
    return {"id": "r", "type": type, "severity": "caution", "text": WORDS, **more}


def world_with(*rules: dict[str, Any], **config: Any) -> World:
    world = small_world(rule=list(rules), **config)
    reduce.apply(world, [], START)
    return world


def put(world: World, *things: Any, at: float) -> None:
    """What other modules would have put, then everything settles at `at`."""
    reduce.apply(world, [], at)
    for thing in things:
        world.put(thing)
    reduce.settle(world)


def wait(world: World, until: float) -> None:
    reduce.apply(world, [], until)


def alerts(world: World) -> dict[str, Alert]:
    """Alerts of the rule under test that stand, by subject."""
    return {a.subject: a for a in world.all(Alert) if a.rule == "r" and a.state != "returned_unacknowledged"}


def place(world: World, code: str = HERE) -> Any:
    return world.geofence.locate(*MIDDLES[code])


def reopened(world: World, now: float, *rules: dict[str, Any], **config: Any) -> World:
    book = Book()
    book.commit(world)
    return book.reopened(now, rule=list(rules), **config)


# -- rate ----------------------------------------------------------------------------------------------


def level(world: World, value: float | None, at: float, id: str = "g") -> Gauge:
    return Gauge(id=id, name="Gate", place=place(world), value=value, observed_at=at, at=at)


RATE = rule("rate", kind="gauge", field="value", above=30, within=3600)


def test_a_rise_within_the_span_alerts_as_soon_as_it_is_enough() -> None:
    world = world_with(RATE)
    put(world, level(world, 100, START), at=START)
    put(world, level(world, 130, START + 600), at=START + 600)
    assert alerts(world) == {}, "30 is not more than 30"
    put(world, level(world, 131, START + 900), at=START + 900)
    assert alerts(world)["gauge:g"].value == 31


def test_the_same_rise_over_a_longer_time_is_none() -> None:
    world = world_with(RATE)
    for hours, value in enumerate((100, 125, 150, 175)):
        at = START + hours * 3600
        put(world, level(world, value, at), at=at)
    assert alerts(world) == {}


def test_where_readings_are_far_apart_the_line_between_them_counts() -> None:
    world = world_with(RATE)
    put(world, level(world, 100, START), at=START)
    put(world, level(world, 150, START + 7200), at=START + 7200)
    assert alerts(world) == {}, "50 in two hours is 25 in one"
    put(world, level(world, 170, START + 9000), at=START + 9000)
    assert alerts(world)["gauge:g"].value == pytest.approx(32.5)


def test_a_change_is_over_when_nothing_newer_came_for_a_whole_span() -> None:
    world = world_with(RATE)
    put(world, level(world, 100, START), at=START)
    put(world, level(world, 140, START + 600), at=START + 600)
    wait(world, START + 600 + 3599)
    assert alerts(world)
    wait(world, START + 600 + 3600)
    assert alerts(world) == {}


def test_a_fall_and_a_restart_in_the_middle_of_it() -> None:
    fall = RATE | {"above": None, "below": -30}
    world = world_with(fall)
    put(world, level(world, 100, START), at=START)
    again = reopened(world, START, fall)
    put(again, level(again, 60, START + 60), at=START + 60)
    assert alerts(again)["gauge:g"].value == -40


def test_a_figure_that_changes_each_second_is_remembered_in_bounded_steps() -> None:
    world = world_with(RATE)
    for second in range(0, 4000, 5):
        put(world, level(world, 100 + second / 180, START + second), at=START + second)
    (memory,) = world.memories("rule_rate").values()
    assert len(memory.points) <= 60
    put(world, level(world, 140, START + 4000), at=START + 4000)
    # A steady rise of 20 an hour, and 18 at once.
    assert alerts(world)["gauge:g"].value == pytest.approx(140 - 102.2, abs=0.5)


# -- share ---------------------------------------------------------------------------------------------

SHARE = rule("share", kind="camera", where={"state": ["offline"]}, share=0.5, least=2)


def camera(world: World, id: str, state: Any, code: str = HERE, **more: Any) -> Camera:
    where = place(world, code)
    return Camera(id=id, name=id, place=where, scope=of_place(where), state=state, **more)


def test_a_share_of_a_districts_cameras_with_a_least_number() -> None:
    world = world_with(SHARE)
    put(world, camera(world, "a", "offline"), at=START)
    assert alerts(world) == {}, "all of one are fewer than two"
    put(world, camera(world, "b", "offline", "99.01.01.1004"), camera(world, "c", "online"), at=START + 1)
    alert = alerts(world)[f"district:{UPPER}"]
    assert (alert.texts["en"], alert.value, alert.district) == ("Pesisir 66.7", 66.7, "Pesisir")
    put(world, camera(world, "d", "online"), at=START + 2)
    assert alerts(world), "half is enough"
    put(world, camera(world, "e", "online"), at=START + 3)
    assert alerts(world) == {}


def test_cameras_that_are_gone_or_elsewhere_or_not_among_them_do_not_count() -> None:
    among = SHARE | {"among": {"claimed": "online"}}
    world = world_with(among)
    put(
        world,
        camera(world, "a", "offline", claimed="online"),
        camera(world, "b", "offline", claimed="online", flags=("gone",)),
        camera(world, "c", "offline", "99.01.02.1001", claimed="online"),
        camera(world, "d", "offline"),
        at=START,
    )
    assert alerts(world) == {}
    put(world, camera(world, "d", "offline", claimed="online"), at=START + 1)
    assert list(alerts(world)) == [f"district:{UPPER}"]
    world.remove(Camera, "a")
    wait(world, START + 2)
    assert alerts(world) == {}


def test_a_share_of_the_lowest_level_and_its_alert_after_a_restart() -> None:
    lowest = SHARE | {"level": 1, "on_delay": 60.0}
    world = world_with(lowest)
    put(world, camera(world, "a", "offline"), camera(world, "b", "offline"), at=START)
    again = reopened(world, START + 30, lowest)
    wait(again, START + 59)
    assert alerts(again) == {}
    wait(again, START + 60)
    assert list(alerts(again)) == [f"district:{HERE}"]
    assert alerts(again)[f"district:{HERE}"].scope == (f"d:{HERE}", f"d:{UPPER}")


# -- sla -----------------------------------------------------------------------------------------------


def incident(world: World, id: str = "i", code: str = HERE, opened: float = START, **more: Any) -> Incident:
    where = place(world, code)
    # A restart finds the category anew from the source's word.
    raw, status = more.get("category", ""), more.pop("status", "open")
    source = IncidentSource(title="Banjir", category_raw=raw, opened_at=opened, status=status)
    ours = more.pop("ours", IncidentOurs())
    return Incident(id=id, place=where, scope=of_place(where), source=source, ours=ours, **more)


def clock(done: float | None = None) -> Clock:
    return Clock(name="accept", started_at=START - 3600, due_at=START - 600, done_at=done)


def test_a_clock_that_ran_over_alerts_until_it_stops() -> None:
    late = rule("sla", clock=["accept"], text={"id": "{clock}", "en": "{clock} {value} {agency}"})
    world = world_with(late)
    put(world, incident(world, clocks=(clock(),), agency="dpu"), at=START)
    assert alerts(world) == {}
    put(world, incident(world, clocks=(clock(),), overdue=("accept",), agency="dpu"), at=START + 1)
    alert = alerts(world)["incident:i"]
    assert alert.texts == {"id": "penerimaan", "en": "acceptance 10 dpu"}
    put(world, incident(world, clocks=(clock(START + 2),), overdue=("accept",)), at=START + 2)
    assert alerts(world) == {}


@pytest.mark.parametrize(
    "more",
    [
        {"overdue": ("resolve",)},
        {"overdue": ("accept",), "status": "closed"},
        {"overdue": ("accept",), "ours": IncidentOurs(status="referred")},
        {"overdue": ("accept",), "category": "other"},
    ],
)
def test_other_clocks_and_what_is_over_do_not_alert(more: dict[str, Any]) -> None:
    world = world_with(rule("sla", clock=["accept"], where={"category": "banjir"}))
    put(world, incident(world, **({"category": "banjir"} | more)), at=START)
    assert alerts(world) == {}


# -- price ---------------------------------------------------------------------------------------------


def price(disparity: float | None, at: float = START) -> Price:
    ceiling = None if disparity is None else 10_000
    shown = 10_000 + round(10_000 * (disparity or 0))
    return Price(
        id="p", commodity="beras", name="Beras", price=shown, ceiling=ceiling, disparity=disparity, at=at
    )


def test_a_price_over_its_ceiling_by_more_than_the_share() -> None:
    world = world_with(rule("price", share=0.1, max_age=86400.0))
    put(world, price(None), at=START)
    put(world, price(0.1), at=START + 1)
    assert alerts(world) == {}
    put(world, price(0.125), at=START + 2)
    assert alerts(world)["price:p"].texts["en"] == "Beras 12.5"
    wait(world, START + 86400)
    assert alerts(world) == {}, "of yesterday"


# -- gauge ---------------------------------------------------------------------------------------------


#: A restart judges gauges anew by these.
LEVELS = {
    "gauge": [
        {
            "match": ["*"],
            "levels": [
                {"name": "Siaga 3", "from_value": 3, "severity": "caution"},
                {"name": "Siaga 2", "from_value": 4, "severity": "severe"},
                {"name": "Siaga 1", "from_value": 5, "severity": "danger"},
            ],
        }
    ]
}


def graded(world: World, severity: Any, at: float) -> Gauge:
    value = 1.0 + (None, "", "caution", "severe", "danger").index(severity)
    return Gauge(
        id="g", name="Gate", place=place(world), value=value, severity=severity, at=at, observed_at=at
    )


def test_a_gauges_alert_has_the_levels_severity_and_each_change_its_delay() -> None:
    world = world_with(rule("gauge", severity="severe", on_delay=60.0, off_delay=120.0))
    put(world, graded(world, "caution", START), at=START)
    wait(world, START + 100)
    assert alerts(world) == {}, "below the least"
    put(world, graded(world, "severe", START + 100), at=START + 100)
    wait(world, START + 160)
    assert alerts(world)["gauge:g"].severity == "severe"
    put(world, graded(world, "danger", START + 200), at=START + 200)
    wait(world, START + 259)
    assert alerts(world)["gauge:g"].severity == "severe"
    wait(world, START + 260)
    worse = alerts(world)["gauge:g"]
    assert (worse.severity, worse.episode) == ("danger", 1)
    put(world, graded(world, "severe", START + 300), at=START + 300)
    wait(world, START + 419)
    assert alerts(world)["gauge:g"].severity == "danger"
    wait(world, START + 420)
    assert alerts(world)["gauge:g"].severity == "severe"


def test_a_gauge_that_says_nothing_has_not_fallen_until_what_it_said_is_too_old() -> None:
    world = world_with(rule("gauge", max_age=3600.0))
    levels = (GaugeLevel(name="Siaga 1", from_value=100, severity="danger"),)
    silent = level(world, None, START + 600)
    told = {"levels": levels, "history": ((START, 120.0),)}
    high = level(world, 120, START)
    put(world, msgspec.structs.replace(high, severity="danger", level="Siaga 1", **told), at=START)
    put(world, msgspec.structs.replace(silent, **told), at=START + 600)
    wait(world, START + 3599)
    held = alerts(world)["gauge:g"]
    assert (held.state, held.severity, held.value) == ("unacknowledged", "danger", 120)
    wait(world, START + 3600)
    assert alerts(world) == {}


def test_a_worse_level_that_was_a_wave_changes_nothing() -> None:
    waves = rule("gauge", on_delay=60.0)
    world = world_with(waves)
    put(world, graded(world, "severe", START), at=START)
    wait(world, START + 60)
    put(world, graded(world, "danger", START + 70), at=START + 70)
    again = reopened(world, START + 70, waves, **LEVELS)
    put(again, graded(again, "severe", START + 80), at=START + 80)
    wait(again, START + 500)
    assert (alerts(again)["gauge:g"].severity, alerts(again)["gauge:g"].version) == ("severe", 1)


def test_a_level_that_was_read_long_ago_is_not_the_level_of_now() -> None:
    old = rule("gauge", max_age=3600.0)
    world = world_with(old)
    put(world, graded(world, "danger", START - 7200), at=START)
    assert alerts(world) == {}
    put(world, graded(world, "danger", START), at=START + 1)
    assert alerts(world)
    again = reopened(world, START + 10, old, **LEVELS)
    wait(again, START + 3600)
    assert alerts(again) == {}


# -- cover ---------------------------------------------------------------------------------------------


def hazard(id: str, share: float, level: Any = "severe", codes: Any = (HERE,), **more: Any) -> Hazard:
    covers = tuple(HazardCover(code=code, name=code, share=share) for code in codes)
    texts = {"en": HazardText(headline=f"Rain {id}"), "id": HazardText(headline=f"Hujan {id}")}
    return Hazard(id=id, type="cap", texts=texts, level=level, districts=covers, **more)


COVER = rule("cover", severity="severe", share=0.2, text={"id": "{name}: {hazard}", "en": "{name}: {hazard}"})


def test_a_hazard_covers_a_district_by_the_areas_of_those_below() -> None:
    world = world_with(COVER)
    put(world, hazard("a", 0.5), at=START)
    assert alerts(world) == {}, "an eighth of the kecamatan"
    put(world, hazard("a", 0.5, codes=(HERE, "99.01.01.1002")), at=START + 1)
    alert = alerts(world)[f"district:{UPPER}"]
    assert (alert.severity, alert.texts["id"]) == ("severe", "Pesisir: Hujan a")
    assert alert.value == pytest.approx(25, abs=2)


def test_the_worst_of_several_hazards_counts_and_the_last_one_ends_it() -> None:
    world = world_with(COVER | {"level": 1})
    put(world, hazard("a", 1.0), hazard("b", 0.3, "danger"), hazard("c", 1.0, "caution"), at=START)
    assert alerts(world)[f"district:{HERE}"].severity == "danger"
    put(world, hazard("b", 0.3, None, state="ended"), at=START + 1)
    assert alerts(world)[f"district:{HERE}"].severity == "severe"
    world.remove(Hazard, "a")
    wait(world, START + 2)
    assert alerts(world) == {}


@pytest.mark.parametrize("more", [{"status": "Exercise"}, {"state": "soon"}, {"level": "caution"}])
def test_exercises_and_what_is_not_in_force_or_not_grave_cover_nothing(more: dict[str, Any]) -> None:
    world = world_with(COVER | {"level": 1})
    put(world, hazard("a", 1.0, **more), at=START)
    assert alerts(world) == {}


def test_a_rule_may_name_the_state_itself() -> None:
    world = world_with(COVER | {"level": 1, "where": {"state": ["soon", "active"]}})
    put(world, hazard("a", 1.0, state="soon"), at=START)
    assert alerts(world)


# -- queue ---------------------------------------------------------------------------------------------


def queue(oldest: float | None = None, live: bool = True, **window: Any) -> Queue:
    windows = {"15m": QueueWindow(**window)} if window else {}
    return Queue(id="112", name="112", oldest_joined_at=oldest, live=live, windows=windows)


def test_the_longest_wait_is_over_its_time_though_nothing_new_comes() -> None:
    waits = rule("queue", wait=60.0)
    world = world_with(waits)
    put(world, queue(START), at=START)
    again = reopened(world, START + 30, waits)
    for one in (world, again):
        wait(one, START + 59)
        assert alerts(one) == {}
        wait(one, START + 60)
        assert alerts(one)["queue:112"].value == 60
        put(one, queue(START + 40), at=START + 61)
        assert alerts(one) == {}
        wait(one, START + 100)
        assert alerts(one), "the next one"
        put(one, queue(None), at=START + 101)
        assert alerts(one) == {}


def test_after_a_time_down_the_exchange_may_first_say_who_still_waits() -> None:
    waits = rule("queue", wait=60.0)
    world = world_with(waits)
    put(world, queue(START), at=START)
    book = Book()
    book.commit(world)
    again = book.reopened_after(START + 1, START + 1000, rule=[waits])
    wait(again, START + 1014)
    assert alerts(again) == {}
    wait(again, START + 1016)
    assert alerts(again)


def test_an_exchange_out_of_reach_says_nothing() -> None:
    world = world_with(rule("queue", wait=60.0))
    put(world, queue(START, live=False), at=START + 100)
    assert alerts(world) == {}


def test_the_service_level_needs_enough_calls() -> None:
    world = world_with(rule("queue", service_level=0.8, least=10))
    put(world, queue(offered=9, service_level=0.1), at=START)
    put(world, queue(offered=10, service_level=0.8), at=START + 1)
    put(world, queue(offered=10), at=START + 2)
    assert alerts(world) == {}
    put(world, queue(offered=10, service_level=0.79), at=START + 3)
    assert alerts(world)["queue:112"].value == 79


# -- delays --------------------------------------------------------------------------------------------


def test_what_was_gone_before_its_delay_is_forgotten() -> None:
    world = world_with(rule("gauge", on_delay=60.0))
    put(world, graded(world, "danger", START), at=START)
    put(world, graded(world, None, START + 1), at=START + 1)
    assert world.memories("rule") == {}


def test_who_is_told_at_once_is_the_first_step() -> None:
    told = rule("gauge", to="chiefs", escalate=[{"after": 60, "to": "guards"}])
    world = world_with(told)
    assert [(step.after, step.to) for step in world.index["rules"]["r"].escalate] == [
        (0.0, "chiefs"),
        (60.0, "guards"),
    ]


# -- days ----------------------------------------------------------------------------------------------


def test_each_day_is_judged_by_its_own_rule() -> None:
    summer = rule("threshold", kind="gauge", field="value", above=100, until="2026-09-22")
    winter = summer | {"above": 50, "since": "2026-09-23", "until": ""}
    world = world_with(summer, winter)
    put(world, level(world, 70, START), at=START)
    assert alerts(world) == {}
    midnight = START + 15 * 3600
    wait(world, midnight - 1)
    assert alerts(world) == {}
    wait(world, midnight)
    assert alerts(world)["gauge:g"].since == midnight
    again = reopened(world, midnight + 10, summer, winter)
    assert alerts(again)["gauge:g"].episode == 1


def test_a_rule_whose_last_day_is_over_ends_its_alerts() -> None:
    for last in (
        rule("threshold", kind="gauge", field="value", above=10, until="2026-09-22"),
        SHARE | {"until": "2026-09-22"},
        COVER | {"until": "2026-09-22"},
    ):
        world = world_with(last)
        cameras = [camera(world, id, "offline") for id in "ab"]
        put(world, level(world, 70, START), *cameras, hazard("a", 1.0, codes=list(MIDDLES)), at=START)
        assert alerts(world)
        wait(world, START + 15 * 3600)
        assert alerts(world) == {}
        assert world.memories("rule") == {}


def test_a_district_that_is_no_more_ends_its_alert() -> None:
    world = world_with(SHARE)
    put(world, camera(world, "a", "offline"), camera(world, "b", "offline"), at=START)
    book = Book()
    book.commit(world)
    gone = [key for key in book.state if key[0] == "camera"]
    for key in gone:
        del book.state[key]
    assert alerts(book.reopened(START + 1, rule=[SHARE])) == {}


def test_there_are_as_many_districts_as_the_tests_believe() -> None:
    assert len(DISTRICTS) == len(MIDDLES) == 8
    assert msgspec.json.encode(alerts(world_with(SHARE))) == b"{}"
