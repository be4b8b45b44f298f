"""Figures over time: counted once however events come, kept over restarts, shown once a minute at most."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds import MIDDLES, Book, small_world
from wallboard.engine import reduce, tally
from wallboard.engine.days import start_of
from wallboard.engine.incidents import city_counts
from wallboard.engine.incidents.ended import TOMBSTONE
from wallboard.engine.series import gauges, reports
from wallboard.engine.world import World
from wallboard.entities import Incident, Series
from wallboard.events import AnyEvent, CallEvent, GaugeRead, IncidentReported, PriceSurveyed

#: A midnight of the city, and an hour of its morning.
MIDNIGHT = start_of("2026-09-24", "Asia/Jakarta")
HOUR, DAY = 3600.0, 86_400.0
MORNING = MIDNIGHT + 6 * HOUR

CONFIG: dict[str, Any] = {
    "agency": [{"code": "pu", "name": "Dinas PU"}],
    "category": [{"code": "banjir", "name": {"id": "Banjir"}, "agency": "pu", "match": ["banjir"]}],
    "commodity": [{"code": "beras", "name": {"id": "Beras"}, "match": ["beras*"]}],
    "ceiling": [
        {"commodity": "beras", "price": 13_000, "since": "2026-01-01"},
        {"commodity": "beras", "price": 14_000, "since": "2026-09-24"},
    ],
    "sla": [{"accept": 600.0, "resolve": 3600.0}],
}
CODES = sorted(MIDDLES)[:3]


def a_world(at: float = MORNING) -> World:
    world = small_world(**CONFIG)
    reduce.apply(world, [], at)
    return world


def report(id: str, at: float, **more: Any) -> IncidentReported:
    lon, lat = MIDDLES[CODES[0]]
    fields: dict[str, Any] = {"observed_at": at, "title": "x", "category": "banjir", "lon": lon, "lat": lat}
    return IncidentReported(feed="i", source_id=id, received_at=at, **(fields | more))


def points(world: World, id: str) -> dict[float, float]:
    series = world.get(Series, id)
    return {} if series is None else dict(series.points)


def hours(world: World, id: str) -> dict[int, int]:
    """Hour of the world's day → number, those with 0 left out."""
    return {int((at - MIDNIGHT) // HOUR): int(value) for at, value in points(world, id).items() if value}


def test_reports_count_in_the_hour_in_which_they_were_opened_and_ended() -> None:
    world = a_world()
    reduce.apply(
        world, [report("a", MORNING + 1), report("b", MORNING + 2, opened_at=MORNING - HOUR)], MORNING + 5
    )
    reduce.apply(world, [report("a", MORNING + HOUR + 5, status="closed")], MORNING + HOUR + 5)
    reduce.apply(world, [], MORNING + HOUR + 65)
    assert hours(world, "reports.received.hour") == {5: 1, 6: 1}
    assert hours(world, "reports.closed.hour") == {7: 1}
    assert [*points(world, "reports.open").values()] == [2.0, 2.0, 2.0, 2.0, 1.0]
    series = world.get(Series, "reports.received.hour")
    assert series is not None
    assert (series.scope, series.step_s) == (("city",), HOUR)


def test_nothing_is_shown_before_the_minute_is_over_and_nothing_where_nothing_changes() -> None:
    world = a_world()
    reduce.apply(world, [report("a", MORNING + 5)], MORNING + 59)
    assert not list(world.all(Series))
    reduce.apply(world, [], MORNING + 60)
    assert hours(world, "reports.received.hour") == {6: 1}
    reduce.apply(world, [], MORNING + 2 * HOUR)  # its agency is late by now
    world.draft()
    reduce.apply(world, [], MORNING + 9 * HOUR)
    assert world.draft().changes == []


def test_a_report_told_again_counts_once_and_one_reopened_is_not_closed() -> None:
    world = a_world()
    closed = report("a", MORNING + 20, status="closed")
    events = [report("a", MORNING + 10), report("a", MORNING + 10), closed, closed]
    reduce.apply(world, events, MORNING + 60)
    assert hours(world, "reports.closed.hour") == {6: 1}
    reduce.apply(world, [report("a", MORNING + 100, opened_at=MORNING + 10)], MORNING + 120)
    assert hours(world, "reports.received.hour") == {6: 1}
    assert hours(world, "reports.closed.hour") == {}


def test_days_stay_when_their_reports_have_left_the_state() -> None:
    world = a_world()
    for day in range(40):
        at = MORNING + day * DAY
        events: list[AnyEvent] = [report(f"{day}-{n}", at + n) for n in range(day % 3 + 1)]
        events += [report(f"{day}-0", at + 60, status="closed")]
        reduce.apply(world, events, at + 61)
    reduce.apply(world, [], MORNING + 39 * DAY + 120)
    received = [*points(world, "reports.received.day").values()]
    assert received == [float(day % 3 + 1) for day in range(9, 40)]
    assert [*points(world, "reports.closed.day").values()] == [1.0] * 31
    assert len([id for id in world.memories(tally.TALLY) if id.startswith("reports|")]) == 32


def test_the_usual_hour_is_known_after_three_days() -> None:
    world = a_world()
    for day in range(4):
        at = MORNING + day * DAY
        reduce.apply(world, [report(f"{day}-{n}", at + n) for n in range((4, 9, 5, 1)[day])], at + 10)
        reduce.apply(world, [], at + 70)
        usual = points(world, "reports.usual.hour")
        assert len(usual) == (24 if day == 3 else 0)
    assert usual[MORNING + 3 * DAY] == 5.0


def test_what_was_before_the_first_day_is_not_counted_for_only_a_part_of_it_is_known() -> None:
    world = a_world()
    reduce.apply(world, [report("a", MORNING + 5, opened_at=MORNING - 2 * DAY)], MORNING + 60)
    assert points(world, "reports.received.day") == {MIDNIGHT: 0.0}
    assert [*points(world, "reports.open").values()] == [1.0]


def call(id: str, phase: Any, at: float, queue: str = "112") -> CallEvent:
    return CallEvent(feed="ami", source_id=id, received_at=at, observed_at=at, queue=queue, phase=phase)


def test_calls_count_by_the_quarter_with_the_level_of_their_queue() -> None:
    world = a_world()
    events = [
        call("a", "join", MORNING + 1),
        call("b", "join", MORNING + 2),
        call("a", "connect", MORNING + 5),
    ]
    events += [call("b", "connect", MORNING + 42)]
    reduce.apply(world, events, MORNING + 60)
    assert points(world, "calls.offered") == {MORNING: 2.0}
    assert points(world, "calls.answered") == {MORNING: 2.0}
    assert points(world, "calls.level") == {MORNING: 0.5}
    assert points(world, "calls.level.day") == {MIDNIGHT: 0.5}
    assert points(world, "calls.offered:112") == {}
    reduce.apply(world, [call("c", "join", MORNING + 900, "119")], MORNING + 1000)
    assert points(world, "calls.offered") == {MORNING: 2.0, MORNING + 900: 1.0}
    assert points(world, "calls.offered:112") == {MORNING: 2.0}
    assert points(world, "calls.level:119") == {}


def test_an_agency_s_share_in_time_is_kept_day_by_day_for_all_and_for_the_agency() -> None:
    world = a_world()
    events = [report("a", MORNING), report("b", MORNING), report("a", MORNING + 60, status="closed")]
    reduce.apply(world, events, MORNING + 100)
    assert points(world, "agency.in_time.day:pu") == {}
    reduce.apply(world, [], MORNING + 150)
    assert points(world, "agency.in_time.day:pu") == {MIDNIGHT: 1.0}
    reduce.apply(world, [], MORNING + 2 * HOUR)
    assert points(world, "agency.in_time.day:pu") == {MIDNIGHT: 0.5}
    reduce.apply(world, [report("b", MORNING + DAY, status="closed")], MORNING + DAY + 60)
    assert points(world, "agency.in_time.day:pu") == {MIDNIGHT: 0.5}
    series = world.get(Series, "agency.in_time.day:pu")
    assert series is not None
    assert (series.scope, series.name) == (("city", "a:pu"), "Dinas PU")


def reading(at: float, value: float) -> GaugeRead:
    lon, lat = MIDDLES[CODES[0]]
    fields: dict[str, Any] = {"name": "Pintu", "value": value, "lon": lon, "lat": lat}
    return GaugeRead(feed="g", source_id="p", received_at=at, observed_at=at, **fields)


def test_a_gauge_read_each_minute_keeps_its_day_a_point_a_quarter() -> None:
    world = a_world()
    for minute in range(0, 30 * 60, 5):
        at = MORNING + minute * 60
        reduce.apply(world, [reading(at, minute)], at)
    series = world.get(Series, "gauge:g/p")
    assert series is not None
    assert series.scope[0] == f"d:{CODES[0]}"
    times = [at for at, _ in series.points]
    assert len(times) == 96
    assert {b - a for a, b in pairwise(times)} == {900.0}
    assert all(value == (at - MORNING) / 60 for at, value in series.points)


def test_a_gauge_s_late_readings_fill_their_quarters() -> None:
    first = gauges.merged(((1800.0, 2.0),), ((0.0, 1.0), (1850.0, 3.0)), 2000.0)
    assert first == ((0.0, 1.0), (1850.0, 3.0))
    assert gauges.merged(first, (), 86_500.0) == ((1850.0, 3.0),)


def price(market: str, day: str, rupiah: int, at: float, unit: str = "kg") -> PriceSurveyed:
    fields: dict[str, Any] = {"commodity": "beras medium", "commodity_name": "Beras", "market": market}
    source_id = f"{market}/{unit}"
    return PriceSurveyed(
        feed="p", source_id=source_id, received_at=at, price=rupiah, survey_date=day, unit=unit, **fields
    )


def test_a_commodity_has_the_median_of_its_markets_and_the_ceiling_of_each_day() -> None:
    world = a_world()
    events = [price("a", "2026-09-23", 12_000, MORNING), price("b", "2026-09-23", 13_000, MORNING)]
    events += [
        price(market, "2026-09-24", rupiah, MORNING + 1) for market, rupiah in (("a", 12_500), ("b", 13_900))
    ]
    events += [price("c", "2026-09-24", 99_000, MORNING + 1, unit="karung")]
    reduce.apply(world, events, MORNING + 60)
    assert points(world, "price:beras") == {MIDNIGHT - DAY: 12_500.0, MIDNIGHT: 13_200.0}
    assert points(world, "price.ceiling:beras") == {MIDNIGHT - DAY: 13_000.0, MIDNIGHT: 14_000.0}
    reduce.apply(world, [price("", "2026-09-24", 12_900, MORNING + 70)], MORNING + 120)
    assert points(world, "price:beras") == {MIDNIGHT: 12_900.0}


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Kathmandu", "Australia/Adelaide", "Europe/Berlin"])
def test_quarters_add_up_to_the_days_of_any_zone(zone: str) -> None:
    """Also to those of 23 and 25 hours: 2026-10-25 in Berlin, 2026-10-04 in Adelaide."""
    for name, quarters in (("2026-10-04", 96), ("2026-10-25", 96), ("2026-10-26", 96)):
        if (name, zone) == ("2026-10-25", "Europe/Berlin"):
            quarters = 100
        if (name, zone) == ("2026-10-04", "Australia/Adelaide"):
            quarters = 92
        day = tally.day_named(name, zone)
        assert (day.until - day.since) / tally.SLOT_S == quarters
        assert day.since % tally.SLOT_S == 0


@st.composite
def days(draw: st.DrawFn) -> list[list[AnyEvent]]:
    """Events second by second, over some hours."""
    made: list[list[AnyEvent]] = []
    at = int(MORNING + 16 * HOUR)
    for number in range(draw(st.integers(3, 20))):
        at += draw(st.sampled_from((1, 7, 40, 400, 4000)))
        made.append([_event(draw, float(at), f"{number}-{part}") for part in range(draw(st.integers(1, 3)))])
    return made


def _event(draw: st.DrawFn, at: float, id: str) -> AnyEvent:
    name = draw(st.sampled_from("abc"))
    what = draw(st.sampled_from(("report", "report", "call", "gauge", "price")))
    if what == "report":
        status = draw(st.sampled_from(("open", "closed")))
        return report(name, at, status=status, opened_at=at - draw(st.sampled_from((0.0, 1000.0, 90_000.0))))
    if what == "call":
        return call(name, draw(st.sampled_from(("join", "connect", "abandon", "complete"))), at)
    if what == "gauge":
        return reading(at, float(draw(st.integers(0, 90))))
    return price(
        name, draw(st.sampled_from(("2026-09-23", "2026-09-24"))), draw(st.integers(1, 9)) * 1000, at
    )


def told(world: World) -> list[Any]:
    return [msgspec.to_builtins(series) for series in sorted(world.all(Series), key=lambda each: each.id)]


@settings(max_examples=25, deadline=None)
@given(days(), st.data())
def test_how_events_are_cut_into_batches_changes_no_series(
    seconds: list[list[AnyEvent]], data: st.DataObject
) -> None:
    cuts = data.draw(st.sets(st.integers(0, len(seconds) - 1)))
    whole, cut = a_world(), a_world()
    end = seconds[-1][-1].received_at + 3000.0
    reduce.apply(whole, [event for events in seconds for event in events], end)
    batch: list[AnyEvent] = []
    for number, events in enumerate(seconds):
        batch += events
        if number in cuts:
            reduce.apply(cut, batch, batch[-1].received_at)
            batch = []
    reduce.apply(cut, batch, end)
    assert told(cut) == told(whole)


@settings(max_examples=20, deadline=None)
@given(days(), st.data())
def test_a_restart_at_any_moment_changes_no_series(
    seconds: list[list[AnyEvent]], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(seconds) - 1))
    whole, cut, book = a_world(), a_world(), Book()
    book.commit(cut)
    for number, events in enumerate(seconds):
        now = events[-1].received_at
        reduce.apply(whole, events, now)
        reduce.apply(cut, events, now)
        book.commit(cut)
        if number == at:
            cut = book.reopened(now, **CONFIG)
    for world in (whole, cut):
        reduce.apply(world, [], seconds[-1][-1].received_at + 3000.0)
    assert told(cut) == told(whole)


@settings(max_examples=20, deadline=None)
@given(days())
def test_the_hours_hold_what_a_count_of_the_whole_state_finds(seconds: list[list[AnyEvent]]) -> None:
    world = a_world()
    reduce.apply(world, [event for events in seconds for event in events], seconds[-1][-1].received_at + 60)
    opened: Counter[float] = Counter()
    # What has left the state stands in its tombstone.
    left = [ended.opened_at for ended in world.memories(TOMBSTONE).values() if ended.opened_at is not None]
    for at in (*(incident.source.opened_at for incident in world.all(Incident)), *left):
        if at >= MIDNIGHT:
            opened[(at - MIDNIGHT) // HOUR * HOUR + MIDNIGHT] += 1
    today = {at: value for at, value in points(world, "reports.received.hour").items() if value}
    assert today == {at: float(number) for at, number in opened.items()}


def test_each_incident_counts_for_the_times_that_the_city_counts_it_for() -> None:
    """The short way of `settle` and the whole one say the same of whatever an incident can be."""
    world = a_world()
    closed = report("b", MORNING + 20, status="closed", opened_at=MORNING - DAY)
    events = [report("a", MORNING + 10), report("b", MORNING + 10), closed]
    reduce.apply(world, events, MORNING + 30)
    for incident in list(world.all(Incident)):
        for status in ("received", "duplicate", "closed"):
            for ended_at in (None, MORNING + 25):
                for over_at in (None, MORNING + 25):
                    ours = msgspec.structs.replace(incident.ours, status=status, ended_at=ended_at)
                    world.put(msgspec.structs.replace(incident, ours=ours, over_at=over_at))
                    city_counts.count(world, incident.id)
                    reports.settle(world, MIDNIGHT)
                    opened, ended = city_counts.times_of(world, incident.id) or (None, None)
                    counted = world.index["series.reports"][incident.id]
                    assert counted == tuple(
                        -1 if at is None or at < MIDNIGHT else int(at // 900) for at in (opened, ended)
                    )
