"""What changed within the last hour: one entity a change, seen by who may see what it is about."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.people import ask, settle_in
from tests.worlds import Book, small_world
from wallboard.engine import reduce
from wallboard.engine.news import KEPT_S, MOST
from wallboard.engine.world import World
from wallboard.entities import (
    Agency,
    Alert,
    Entity,
    Flagged,
    Gauge,
    GaugeLevel,
    Hazard,
    HazardText,
    News,
    Price,
    Severity,
)
from wallboard.place import Place

T = 1_000_000.0
OWN = ("d:99.01.01",)
PLACE = Place(confidence="no_location")


def world_at(now: float = T) -> World:
    world = small_world()
    reduce.apply(world, [], now)
    world.draft()
    return world


def put(world: World, *entities: Entity, after: float = 0.0) -> None:
    """Let these be the state from now on, as a batch of events would."""
    for entity in entities:
        world.put(entity)
    reduce.settle(world, always=True)
    if after:
        reduce.apply(world, [], world.now + after)


def told(world: World) -> list[tuple[str, str]]:
    return [(news.what, news.subject) for news in world.all(News)]


def alert(id: str = "a", severity: Severity = "severe", **more: Any) -> Alert:
    fields = {"state": "unacknowledged", "texts": {"id": "Banjir", "en": "Flood"}, "scope": OWN} | more
    return Alert(id=id, rule="r", subject="gauge:x", severity=severity, **fields)


def hazard(id: str = "h", **more: Any) -> Hazard:
    fields: dict[str, Any] = {"level": "severe", "where": "city", "chain": "c", "scope": OWN}
    texts = {"id": HazardText(event="Hujan", headline="Hujan lebat"), "en": HazardText(event="Rain")}
    return Hazard(id=id, type="cap", texts=texts, **(fields | more))


def gauge(severity: Severity | None = None, value: float | None = 100.0, **more: Any) -> Gauge:
    return Gauge(id="g", name="Pintu Air", place=PLACE, severity=severity, value=value, scope=OWN, **more)


def test_an_alert_is_told_when_it_is_raised_and_when_it_is_over() -> None:
    world = world_at()
    put(world, alert())
    (news,) = world.all(News)
    assert (news.what, news.severity, news.texts["id"], news.scope, news.at) == (
        *("alert_raised", "severe", "Banjir"),
        *(OWN, T),
    )
    put(world, alert(state="acknowledged"), after=60)
    assert told(world) == [("alert_raised", "gauge:x")]
    put(world, alert(state="returned_unacknowledged"))
    assert told(world) == [("alert_raised", "gauge:x"), ("alert_ended", "gauge:x")]
    assert [news.at for news in world.all(News)] == [T, T + 60]


def test_an_alert_that_leaves_the_state_is_told_by_what_it_was() -> None:
    world = world_at()
    put(world, alert())
    world.remove(Alert, "a")
    put(world)
    assert [(news.what, news.texts["en"]) for news in world.all(News)][-1] == ("alert_ended", "Flood")


def test_a_worse_severity_and_a_new_episode_are_told_a_better_one_is_not() -> None:
    world = world_at()
    put(world, alert(severity="caution"))
    put(world, alert(severity="danger"))
    put(world, alert(severity="severe"))
    put(world, alert(severity="severe", episode=2))
    assert [news.severity for news in world.all(News)] == ["caution", "danger", "severe"]


@pytest.mark.parametrize("flag", ["suppressed", "out_of_service", "shelved"])
def test_an_alert_that_is_set_aside_is_told_when_it_speaks_for_itself(flag: str) -> None:
    world = world_at()
    put(world, msgspec.structs.replace(alert(), **{flag: Flagged(by="r", at=T)}))
    assert told(world) == []
    put(world, alert())
    assert told(world) == [("alert_raised", "gauge:x")]


def test_a_warning_begins_and_ends_once_for_a_chain_of_updates() -> None:
    world = world_at()
    put(world, hazard("h1"))
    put(world, hazard("h1", state="ended"), hazard("h2"))
    assert told(world) == [("hazard_began", "hazard:h1")]
    put(world, hazard("h2", state="ended"))
    assert told(world)[1:] == [("hazard_ended", "hazard:h2")]
    assert [news.texts for news in world.all(News)] == [{"id": "Hujan lebat", "en": "Rain"}] * 2


@pytest.mark.parametrize(
    "more", [{"status": "Exercise"}, {"where": "outside"}, {"level": None}, {"state": "soon"}]
)
def test_what_is_no_warning_for_the_city_is_no_news(more: dict[str, Any]) -> None:
    world = world_at()
    put(world, hazard(**more))
    assert told(world) == []


def test_a_gauge_is_told_by_what_it_is_now() -> None:
    world = world_at()
    put(world, gauge())
    put(world, gauge("caution", 400, level="Siaga 3"))
    put(world, gauge("severe", 800, level="Siaga 2"))
    assert [(n.what, n.severity, n.level, n.value) for n in world.all(News)] == [
        ("gauge_rose", "severe", "Siaga 2", 800)
    ]
    put(world, gauge("caution", 500, level="Siaga 3"))
    assert [(n.what, n.level) for n in world.all(News)] == [("gauge_fell", "Siaga 3")]


def test_a_gauge_that_says_nothing_has_not_fallen_and_does_not_rise_again() -> None:
    levels = (
        GaugeLevel(name="Siaga 3", from_value=300, severity="caution"),
        GaugeLevel(name="Siaga 2", from_value=700, severity="severe"),
    )
    known: dict[str, Any] = {"levels": levels, "history": ((T, 400.0),)}
    world, book = world_at(), Book()
    put(world, gauge("caution", 400, level="Siaga 3", **known))
    put(world, gauge(None, None, **known))
    put(world, gauge("caution", 410, level="Siaga 3", **known))
    assert told(world) == []
    put(world, gauge(None, None, **known))
    book.commit(world)
    again = book.reopened(world.now)
    put(again, gauge("severe", 800, level="Siaga 2", **known))
    assert told(again) == [("gauge_rose", "gauge:g")]


def test_an_agency_that_begins_to_be_late_and_one_that_has_caught_up() -> None:
    world = world_at()
    put(world, Agency(id="DPU", name="Dinas PU"))
    put(world, Agency(id="DPU", name="Dinas PU", overdue=1))
    put(world, Agency(id="DPU", name="Dinas PU", overdue=4))
    assert [(n.what, n.name, n.value) for n in world.all(News)] == [("agency_late", "Dinas PU", 1)]
    put(world, Agency(id="DPU", name="Dinas PU"))
    assert told(world) == [("agency_caught_up", "agency:DPU")]


def test_a_price_that_passes_its_ceiling() -> None:
    world = world_at()
    for disparity in (None, -0.1, 0.2, 0.3):
        put(world, Price(id="p", commodity="cabai", name="Cabai", disparity=disparity))
    assert [(n.what, n.name, n.value) for n in world.all(News)] == [("price_over", "Cabai", 0.2)]


def test_a_price_without_a_ceiling_is_not_under_it() -> None:
    world = world_at()
    for disparity in (0.2, None, -0.1):
        put(world, Price(id="p", commodity="cabai", name="Cabai", disparity=disparity))
    assert told(world) == []


def test_a_declared_level_is_told_with_who_declared_it() -> None:
    world = world_at()
    settle_in(world)
    ask(world, "leader", "city.status", status="siaga-2", text="Banjir")
    (news,) = world.all(News)
    assert (news.what, news.severity, news.by, news.worse) == ("status", "severe", "Leader", True)
    assert news.texts["id"] == "Siaga II"
    reduce.apply(world, [], world.now + 1)
    ask(world, "leader", "city.status", status="siaga-4")
    assert [n.worse for n in world.all(News)] == [True, False]


def test_news_leave_after_an_hour_and_not_before() -> None:
    world = world_at()
    put(world, alert())
    reduce.apply(world, [], T + KEPT_S - 1)
    assert len(told(world)) == 1
    reduce.apply(world, [], T + KEPT_S)
    assert told(world) == []


def test_of_too_many_the_oldest_leave() -> None:
    world = world_at()
    for n in range(MOST + 3):
        world.put(alert(f"a{n}"))
    put(world)
    ids = [news.id for news in world.all(News)]
    assert len(ids) == MOST
    assert ids[0].startswith("alert_raised|a3:")


def test_of_too_many_the_oldest_leave_in_whatever_order_they_were_loaded() -> None:
    world, book = world_at(), Book()
    for n in range(MOST):
        world.put(alert(f"a{n}"))
        reduce.apply(world, [], T + 1 + (n == MOST - 1))
    book.commit(world)
    book.state = dict(reversed(book.state.items()))
    again = book.reopened(world.now)
    put(again, alert("one more"))
    ids = {news.subject + news.id for news in again.all(News)}
    assert len(ids) == MOST
    assert any(f"a{MOST - 1}:" in id for id in ids)


def test_a_restart_tells_nothing_anew_and_forgets_nothing() -> None:
    world, book = world_at(), Book()
    put(world, alert(), hazard())
    before = told(world)
    book.commit(world)
    again = book.reopened(world.now)
    put(again)
    assert told(again) == before
    put(again, hazard(state="ended"))
    assert told(again)[-1] == ("hazard_ended", "hazard:h")


def test_the_same_hour_played_twice_tells_the_same() -> None:
    def played() -> bytes:
        world = world_at()
        put(world, alert(), gauge(), after=10)
        put(world, alert(state="normal"), gauge("danger"), hazard(), after=10)
        return msgspec.json.encode(list(world.all(News)))

    assert played() == played()
