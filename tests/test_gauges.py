"""wallboard/engine/gauges/: readings in any order, levels by their day, and how fast the water moves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds import MIDDLES, Book, small_world
from wallboard.city import GaugeConfig, GaugeLevelConfig
from wallboard.engine import gauges, reduce
from wallboard.engine.world import World
from wallboard.entities import Gauge
from wallboard.events import AnyEvent, GaugeRead, Gone, Present

T = datetime(2026, 5, 12, 3, 0, tzinfo=UTC).timestamp()
JATI = "99.01.01.1003"
HOUR = 3600.0


def reading(
    at: float, value: float | None, received: float | None = None, id: str = "1", **fields: Any
) -> GaugeRead:
    """A reading of this many seconds after T, received a minute later where nothing else is said."""
    known: dict[str, Any] = {"name": "Pintu Contoh", "lon": MIDDLES[JATI][0], "lat": MIDDLES[JATI][1]}
    return GaugeRead(
        feed="pintu",
        source_id=id,
        received_at=T + (at + 60 if received is None else received),
        observed_at=T + at,
        value=value,
        **known | fields,
    )


def levels(*since_and_limits: tuple[str, float], match: str = "*") -> list[GaugeConfig]:
    return [
        GaugeConfig(
            match=[match],
            since=since,
            levels=[
                GaugeLevelConfig(name="Siaga 1", from_value=limit * 2, severity="danger"),
                GaugeLevelConfig(name="Siaga 3", from_value=limit, severity="caution"),
            ],
        )
        for since, limit in since_and_limits
    ]


def play(world: World, *events: AnyEvent, now: float | None = None) -> World:
    for event in events:
        reduce.apply(world, [event], event.received_at)
    if now is not None:
        reduce.apply(world, [], T + now)
    return world


def gauge(world: World, id: str = "1") -> Gauge:
    found = world.get(Gauge, f"pintu/{id}")
    assert found is not None
    return found


def changes(world: World) -> list[str]:
    return [change.id for change in world.draft().changes if change.kind == "gauge"]


def shown(*events: AnyEvent, **config: Any) -> Gauge:
    return gauge(play(small_world(**config), *events))


# -- what is on top --------------------------------------------------------------------------------------


def test_a_reading_is_shown_in_its_district_with_its_own_time() -> None:
    found = shown(reading(0, 142, level_raw="Siaga 3", river="Kali Contoh", unit="m"))
    assert (found.value, found.unit, found.observed_at, found.at) == (142, "m", T, T)
    assert (found.level_raw, found.river, found.place.district) == ("Siaga 3", "Kali Contoh", JATI)
    assert found.history == ((T, 142),)


def test_a_gate_of_2023_sits_with_its_date_beside_the_fresh_ones() -> None:
    old = datetime(2023, 2, 1, tzinfo=UTC).timestamp() - T
    world = play(small_world(), reading(0, 10), reading(old, 700, received=60, id="2"), now=86400)
    assert gauge(world, "2").observed_at == T + old
    assert gauge(world).observed_at == T


def test_a_missing_value_is_unknown_and_not_zero() -> None:
    found = shown(reading(0, 10), reading(HOUR, None), gauge=levels(("2020-01-01", 0)))
    assert (found.value, found.level, found.severity, found.rate_per_h) == (None, "", None, None)
    assert found.observed_at == T + HOUR
    assert found.history == ((T, 10),)


def test_an_older_reading_goes_into_the_history_and_not_on_top() -> None:
    found = shown(reading(HOUR, 20), reading(0, 10, received=2 * HOUR))
    assert (found.value, found.observed_at) == (20, T + HOUR)
    assert found.history == ((T, 10), (T + HOUR, 20))
    assert found.rate_per_h == 10


def test_a_source_may_correct_the_reading_of_a_time() -> None:
    world = play(small_world(), reading(0, 10, received=60), reading(0, 12, received=120))
    assert gauge(world).history == ((T, 12),)
    play(world, reading(0, 10, received=60))
    assert gauge(world).value == 12


def test_a_reading_from_the_future_does_not_freeze_the_gauge() -> None:
    ahead = reading(40 * 365 * 86400.0, 500, received=0)
    world = play(small_world(), ahead)
    assert (gauge(world).observed_at, gauge(world).flags) == (T, ("clock_ahead",))
    play(world, reading(300, 20))
    assert (gauge(world).value, gauge(world).observed_at, gauge(world).flags) == (20, T + 300, ())


def test_a_reading_from_the_future_polled_again_is_no_new_one() -> None:
    world = play(small_world(), reading(86400, 500, received=0))
    world.draft()
    play(world, *(reading(86400, 500, received=60.0 * n) for n in range(1, 10)))
    assert changes(world) == []
    assert len(gauge(world).history) == 1


def test_a_gate_without_a_place_is_shown() -> None:
    assert shown(reading(0, 1, lon=None, lat=None)).place.confidence == "no_location"
    named = shown(reading(0, 1, lon=None, lat=None, address="Kel. Kebon Jati"))
    assert (named.place.district, named.place.confidence) == (JATI, "by_name")


# -- polling ---------------------------------------------------------------------------------------------


def test_an_unchanged_list_changes_nothing() -> None:
    world = play(small_world(), reading(0, 10))
    play(world, reading(0, 10, received=900.0))  # a quarter of an hour later it is in its series
    world.draft()
    play(world, *(reading(0, 10, received=60.0 * n) for n in range(16, 74)))
    draft = world.draft()
    assert not draft.changes
    assert not draft.memory


def test_a_source_without_times_that_repeats_itself_is_new_only_now_and_then() -> None:
    def undated(at: float, value: float) -> GaugeRead:
        return GaugeRead(feed="pintu", source_id="1", received_at=T + at, name="P", value=value)

    world = play(small_world(), undated(0, 10))
    world.draft()
    play(world, *(undated(60.0 * n, 10) for n in range(1, 15)))
    assert changes(world) == []
    play(world, undated(gauges.UNDATED_EVERY_S, 10))
    assert gauge(world).observed_at == T + gauges.UNDATED_EVERY_S
    play(world, undated(gauges.UNDATED_EVERY_S + 60, 11))
    assert gauge(world).value == 11


def test_the_history_is_bounded_in_number_and_in_time() -> None:
    world = play(small_world(), *(reading(60.0 * n, n) for n in range(100)))
    assert [value for _, value in gauge(world).history] == list(range(52, 100))
    play(world, reading(gauges.HISTORY_S + HOUR + 60 * 60, 7))
    assert [value for _, value in gauge(world).history] == [7]


# -- levels ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "level", "severity"),
    [(99.9, "", None), (100, "Siaga 3", "caution"), (199, "Siaga 3", "caution"), (200, "Siaga 1", "danger")],
)
def test_the_highest_level_reached_is_shown(value: float, level: str, severity: str | None) -> None:
    found = shown(reading(0, value), gauge=levels(("2020-01-01", 100)))
    assert (found.level, found.severity) == (level, severity)
    assert [each.from_value for each in found.levels] == [100, 200]


def test_a_day_is_judged_by_the_levels_of_that_day() -> None:
    config = levels(("2020-01-01", 100), ("2026-05-12", 300))
    # 23:59 and 00:00 of the city's own day.
    before, after = reading(-10 * HOUR - 60, 150), reading(-10 * HOUR, 150)
    assert shown(before, gauge=config).level == "Siaga 3"
    assert shown(after, gauge=config).level == ""


def test_no_level_holds_before_the_first_of_them() -> None:
    assert shown(reading(0, 999), gauge=levels(("2030-01-01", 1))).levels == ()


def test_the_levels_of_a_gauge_go_before_those_for_all_even_when_older() -> None:
    config = [*levels(("2025-01-01", 500)), *levels(("2020-01-01", 100), match="pintu contoh")]
    assert shown(reading(0, 150), gauge=config).level == "Siaga 3"
    assert shown(reading(0, 150, name="Lain"), gauge=config).level == ""


def test_levels_that_were_changed_hold_after_a_restart() -> None:
    book = Book()
    world = play(small_world(gauge=levels(("2020-01-01", 100))), reading(0, 150))
    book.commit(world)
    again = book.reopened(world.now, gauge=levels(("2020-01-01", 60)))
    assert (gauge(again).level, gauge(again).severity) == ("Siaga 1", "danger")


# -- how fast --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([], None),
        ([(0, 10)], None),
        ([(0, 10), (299, 50)], None),
        ([(0, 10), (1800, 15)], 10.0),
        ([(0, 30), (1800, 20), (3600, 10)], -20.0),
        ([(0, 5), (10 * HOUR, 10), (11 * HOUR, 40)], 30.0),
        ([(0, 0), (20 * HOUR, 100)], None),
    ],
)
def test_the_rate_is_the_slope_of_the_last_two_hours(
    points: list[tuple[float, float]], expected: float | None
) -> None:
    assert gauges.rate(tuple((T + at, value) for at, value in points)) == expected


# -- end -------------------------------------------------------------------------------------------------


def test_a_gauge_that_no_list_names_leaves_after_its_time_however_old_its_reading() -> None:
    world = small_world()
    keep = world.city.retention.gauge
    play(world, reading(0, 1), reading(-900 * 86400, 2, received=60, id="2"), now=keep - 100)
    assert gauge(world, "2")
    play(world, reading(-900 * 86400, 2, received=keep - 50, id="2"), now=keep + 100)
    assert world.get(Gauge, "pintu/1") is None
    assert gauge(world, "2")
    assert set(world.memories("gauge")) == {"pintu/2"}


@pytest.mark.parametrize(
    "end",
    [
        Gone(feed="pintu", source_id="1", received_at=T + 500, kind="gauge"),
        Present(feed="pintu", source_id="", received_at=T + 500, kind="gauge", ids=("2",)),
    ],
)
def test_a_withdrawn_gauge_is_marked_until_it_is_listed_again(end: AnyEvent) -> None:
    world = play(small_world(), reading(0, 1), reading(0, 1, id="2"), end, reading(0, 1, received=200))
    assert gauge(world).flags == ("gone",)
    assert gauge(world, "2").flags == ()
    play(world, reading(0, 1, received=900), end)
    assert gauge(world).flags == ()


# -- everything at once ----------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.data())
def test_readings_in_any_order_end_the_same(data: st.DataObject) -> None:
    times = data.draw(st.lists(st.integers(0, 400), min_size=1, max_size=70, unique=True))
    events = [reading(600.0 * n, None if n % 7 == 3 else n % 50, received=400 * 600.0) for n in sorted(times)]
    mixed = data.draw(st.permutations(events))
    config = {"gauge": levels(("2020-01-01", 20))}
    assert gauge(play(small_world(**config), *mixed)) == gauge(play(small_world(**config), *events))


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from("12"), st.integers(-5, 5), st.one_of(st.none(), st.integers(0, 300))),
        max_size=16,
    ),
    st.integers(0, 16),
)
def test_a_restart_halfway_and_events_twice_end_the_same(
    steps: list[tuple[str, int, int | None]], half: int
) -> None:
    events: list[AnyEvent] = [
        reading(600.0 * (index + late), value, received=600.0 * index, id=id)
        for index, (id, late, value) in enumerate(steps)
    ]
    config = {"gauge": levels(("2020-01-01", 100))}
    end = len(events) * 600.0
    straight = play(small_world(**config), *events, now=end)
    book = Book()
    first = play(small_world(**config), *events[:half])
    book.commit(first)
    second = book.reopened(first.now, **config)
    play(second, *events[max(0, half - 1) : half], *events[half:], now=end)
    assert dict(second.of_kind("gauge")) == dict(straight.of_kind("gauge"))
    assert dict(second.memories("gauge")) == dict(straight.memories("gauge"))
