"""wallboard/engine/prices/: surveys by their day, ceilings by the day's rule, in any order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds import MIDDLES, Book, small_world
from wallboard.city import CeilingConfig, CommodityConfig
from wallboard.engine import prices, reduce
from wallboard.engine.days import day_after, day_of, start_of
from wallboard.engine.prices.ceilings import ceiling_on, disparity
from wallboard.engine.world import World
from wallboard.entities import Price
from wallboard.events import AnyEvent, PriceSurveyed

#: 10:00 of 25 August 2025 in Jakarta
T = datetime(2025, 8, 25, 3, 0, tzinfo=UTC).timestamp()
DAY = 86400.0
TODAY = "2025-08-25"
JATI = "99.01.01.1003"

RICE = CommodityConfig(
    code="beras_medium", name={"id": "Beras medium", "en": "Medium rice"}, match=["27", "beras*medium*"]
)
#: HET of rice, zone I and II: before and after Keputusan Kepala Bapanas 299/2025.
CEILINGS = [
    CeilingConfig(
        commodity="beras_medium",
        price=10_900,
        since="2023-03-01",
        until="2025-08-21",
        zone="I",
        decree="7/2023",
    ),
    CeilingConfig(commodity="beras_medium", price=13_500, since="2025-08-22", zone="I", decree="299/2025"),
    CeilingConfig(commodity="beras_medium", price=14_000, since="2025-08-22", zone="II", decree="299/2025"),
]
CONFIG: dict[str, Any] = {
    "commodity": [RICE],
    "ceiling": CEILINGS,
    "city": {"name": "Kota Contoh", "key": "contoh", "time_zone": "Asia/Jakarta", "price_zone": "I"},
}


def survey(day: str, price: int, at: float = 0.0, **fields: Any) -> PriceSurveyed:
    known: dict[str, Any] = {"commodity": "27", "commodity_name": "Beras Medium", "source_id": "city/27"}
    return PriceSurveyed(feed="harga", received_at=T + at, price=price, survey_date=day, **known | fields)


def play(world: World, *events: AnyEvent, now: float | None = None) -> World:
    for event in events:
        reduce.apply(world, [event], event.received_at)
    if now is not None:
        reduce.apply(world, [], T + now)
    return world


def price(world: World, id: str = "city/27") -> Price:
    found = world.get(Price, f"harga/{id}")
    assert found is not None
    return found


def shown(*events: AnyEvent, **config: Any) -> Price:
    return price(play(small_world(**CONFIG | config), *events))


def changes(world: World) -> list[str]:
    return [change.id for change in world.draft().changes if change.kind == "price"]


# -- days ------------------------------------------------------------------------------------------------


def test_days_are_those_of_the_citys_own_calendar() -> None:
    assert day_of(T, "Asia/Jakarta") == TODAY
    assert day_of(T + 14 * 3600 - 1, "Asia/Jakarta") == TODAY
    assert day_of(T + 14 * 3600, "Asia/Jakarta") == "2025-08-26"
    assert start_of(TODAY, "Asia/Jakarta") == T - 10 * 3600
    assert start_of(TODAY, "Asia/Makassar") == T - 11 * 3600
    assert day_after("2024-02-28") == "2024-02-29"


@pytest.mark.parametrize("at", [-1e18, -1.0, 1e18])
def test_no_time_is_beyond_the_calendar(at: float) -> None:
    assert day_of(at, "Asia/Jayapura")[4] == "-"


@pytest.mark.parametrize(
    "day", ["", "2025", "20250825", "2025-W35-1", "2025-02-30", "25-08-2025", "٢٠٢٥-٠٨-٢٥"]
)
def test_what_is_no_day_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match=r"day|month|range"):
        start_of(day, "Asia/Jakarta")


# -- what is on top --------------------------------------------------------------------------------------


def test_a_survey_is_shown_with_its_own_day_and_the_time_of_the_fetch() -> None:
    found = shown(survey("2025-08-22", 14_242))
    assert (found.price, found.survey_date, found.fetched_at) == (14_242, "2025-08-22", T)
    assert found.at == start_of("2025-08-22", "Asia/Jakarta")
    assert (found.previous, found.change, found.history) == (None, None, (("2025-08-22", 14_242),))
    assert found.scope == ("city",)


def test_the_same_price_fetched_again_changes_nothing() -> None:
    world = play(small_world(**CONFIG), survey(TODAY, 14_242))
    play(world, survey(TODAY, 14_242, at=600.0))  # a minute later it is in its series
    world.draft()
    play(world, *(survey(TODAY, 14_242, at=600.0 * n) for n in range(2, 30)))
    draft = world.draft()
    assert not draft.changes
    assert not draft.memory


def test_a_price_carried_over_from_the_last_survey_is_no_new_survey() -> None:
    world = play(small_world(**CONFIG), survey("2025-08-22", 14_000))
    world.draft()
    play(world, *(survey("2025-08-22", 14_000, at=DAY * n) for n in range(1, 4)))
    assert changes(world) == []
    assert price(world).survey_date == "2025-08-22"


def test_change_is_against_the_survey_before_and_not_the_fetch_before() -> None:
    found = shown(
        survey("2025-08-22", 14_000), survey("2025-08-22", 14_000, at=DAY), survey(TODAY, 13_900, at=DAY)
    )
    assert (found.previous, found.previous_date, found.change) == (14_000, "2025-08-22", -100)


def test_a_corrected_price_of_the_same_day_replaces_it() -> None:
    world = play(small_world(**CONFIG), survey("2025-08-24", 14_000), survey(TODAY, 99_000))
    play(world, survey(TODAY, 14_100, at=60))
    assert (price(world).price, price(world).change, price(world).fetched_at) == (14_100, 100, T + 60)
    play(world, survey(TODAY, 99_000))
    assert price(world).price == 14_100


def test_an_older_survey_that_comes_late_goes_into_the_history() -> None:
    found = shown(survey(TODAY, 14_200), survey("2025-08-23", 14_000, at=60, commodity_name="Lama"))
    assert (found.price, found.survey_date, found.change) == (14_200, TODAY, 200)
    assert found.history == (("2025-08-23", 14_000), (TODAY, 14_200))
    assert found.name == "Beras medium"


def test_the_history_is_bounded() -> None:
    days = [day_after(TODAY, -n) for n in range(60)]
    found = shown(*(survey(day, 10_000 + n) for n, day in enumerate(days)))
    assert len(found.history) == prices.HISTORY_POINTS
    assert found.history[-1] == (TODAY, 10_000)


@pytest.mark.parametrize(
    ("day", "amount", "why"),
    [
        ("2062-08-25", 14_000, "future"),
        ("2025-08-27", 14_000, "future"),
        ("hari ini", 14_000, "not a day"),
        (TODAY, 0, "not a price"),
        (TODAY, -5, "not a price"),
        (TODAY, 10**12, "not a price"),
    ],
)
def test_what_cannot_be_a_survey_is_kept_aside(day: str, amount: int, why: str) -> None:
    world = play(small_world(**CONFIG), survey(day, amount))
    assert world.get(Price, "harga/city/27") is None
    (dead,) = world.draft().dead
    assert why in dead.reason


def test_a_source_east_of_us_may_write_our_tomorrow() -> None:
    assert shown(survey("2025-08-26", 14_000)).survey_date == "2025-08-26"


# -- markets ---------------------------------------------------------------------------------------------


def test_a_market_is_placed_by_its_coordinates() -> None:
    lon, lat = MIDDLES[JATI]
    found = shown(survey(TODAY, 1_000, market="7", market_name="Pasar Contoh", lon=lon, lat=lat))
    assert found.place is not None
    assert (found.place.district, found.place.confidence) == (JATI, "inside")


def test_a_market_without_coordinates_is_placed_by_kelurahan_and_kecamatan_in_its_address() -> None:
    found = shown(survey(TODAY, 1_000, market="7", address="Jl. Contoh No. 1 Kel. Kebon Jati, Kec. Pesisir"))
    assert found.place is not None
    assert (found.place.district, found.place.confidence) == (JATI, "by_name")


def test_a_market_of_unknown_place_says_so_and_a_city_price_has_none() -> None:
    market = shown(survey(TODAY, 1_000, market="7"))
    assert market.place is not None
    assert market.place.confidence == "no_location"
    assert shown(survey(TODAY, 1_000)).place is None


# -- ceilings --------------------------------------------------------------------------------------------


def test_the_checked_example_of_august_2025() -> None:
    """25 Aug 2025: a national 14,242 for medium rice against 13,500 is 5.5 % above (databoks)."""
    found = shown(survey(TODAY, 14_242))
    assert (found.commodity, found.ceiling, found.decree) == ("beras_medium", 13_500, "299/2025")
    assert found.disparity == 0.055


def test_a_day_is_judged_by_the_ceiling_of_that_day() -> None:
    assert shown(survey("2025-08-21", 10_900)).disparity == 0.0
    assert shown(survey("2025-08-22", 10_900)).disparity == -0.1926
    assert shown(survey("2023-02-28", 10_900)).ceiling is None


def test_the_last_day_of_a_ceiling_belongs_to_it() -> None:
    (old, *_) = CEILINGS
    assert ceiling_on([old], "beras_medium", "2025-08-21", unit="kg") is old
    assert ceiling_on([old], "beras_medium", "2025-08-22", unit="kg") is None


def test_a_ceiling_of_another_zone_unit_or_commodity_is_none() -> None:
    assert ceiling_on(CEILINGS, "beras_medium", TODAY, unit="Kg", zone="II") is CEILINGS[2]
    assert ceiling_on(CEILINGS, "beras_medium", TODAY, unit="kg", zone="III") is None
    assert ceiling_on(CEILINGS, "beras_medium", TODAY, unit="liter", zone="I") is None
    assert ceiling_on(CEILINGS, "minyakita", TODAY, unit="kg", zone="I") is None


def test_what_wholesalers_and_producers_get_is_not_held_against_the_consumers_ceiling() -> None:
    assert shown(survey(TODAY, 20_000, level="producer")).ceiling is None


def test_a_commodity_that_the_configuration_does_not_know_is_shown_as_it_is() -> None:
    found = shown(survey(TODAY, 5_000, commodity="99", commodity_name="Pete"))
    assert (found.commodity, found.name, found.ceiling) == ("99", "Pete", None)


def test_a_disparity_is_a_share_of_the_ceiling() -> None:
    assert (disparity(15_000, 10_000), disparity(9_000, 10_000)) == (0.5, -0.1)


def test_a_new_decree_in_the_configuration_holds_after_a_restart() -> None:
    book = Book()
    world = play(small_world(**CONFIG), survey(TODAY, 14_242))
    book.commit(world)
    newer = [*CEILINGS, CeilingConfig(commodity="beras_medium", price=14_242, since=TODAY, decree="X/2025")]
    again = book.reopened(world.now, **CONFIG | {"ceiling": newer})
    assert (price(again).ceiling, price(again).disparity, price(again).decree) == (14_242, 0.0, "X/2025")
    same = book.reopened(world.now, **CONFIG)
    assert [change for change in same.draft().changes if change.kind == "price"] == []


# -- end -------------------------------------------------------------------------------------------------


def test_a_price_that_is_not_listed_any_more_leaves_however_old_its_survey() -> None:
    world = small_world(**CONFIG)
    keep = world.city.retention.price
    play(world, survey("2024-01-01", 14_000), now=keep - 10)
    assert price(world).survey_date == "2024-01-01"
    play(world, survey("2024-01-01", 14_000, at=keep - 5), now=keep + 10)
    assert price(world)
    play(world, now=2 * keep)
    assert world.get(Price, "harga/city/27") is None
    assert not world.memories("price")


# -- everything at once ----------------------------------------------------------------------------------

_STEPS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(1, 4), st.sampled_from(["city/27", "7/27"])), max_size=14
)


@settings(max_examples=60)
@given(_STEPS, st.integers(0, 14))
def test_a_restart_halfway_and_events_twice_end_the_same(
    steps: list[tuple[int, int, str]], half: int
) -> None:
    events: list[AnyEvent] = [
        survey(day_after(TODAY, -back), 1_000 * amount, at=600.0 * index, source_id=id)
        for index, (back, amount, id) in enumerate(steps)
    ]
    straight = play(small_world(**CONFIG), *events)
    book = Book()
    first = play(small_world(**CONFIG), *events[:half])
    book.commit(first)
    second = book.reopened(first.now, **CONFIG)
    play(second, *events[max(0, half - 3) : half], *events[half:])
    assert dict(second.of_kind("price")) == dict(straight.of_kind("price"))
    assert dict(second.memories("price")) == dict(straight.memories("price"))


@settings(max_examples=60)
@given(st.data())
def test_surveys_in_any_order_end_the_same(data: st.DataObject) -> None:
    backs = data.draw(st.lists(st.integers(0, 45), min_size=1, max_size=40, unique=True))
    events = [survey(day_after(TODAY, -back), 1_000 + back) for back in sorted(backs, reverse=True)]
    mixed = data.draw(st.permutations(events))
    assert price(play(small_world(**CONFIG), *mixed)) == price(play(small_world(**CONFIG), *events))


def test_a_band_is_judged_by_its_upper_end_and_says_what_it_is() -> None:
    band = CeilingConfig(
        commodity="bawang_merah", low=36_500, price=41_500, rule="HAP", since="2022-12-28", decree="11/2022"
    )
    found = shown(survey(TODAY, 45_650, commodity="bawang_merah", commodity_name="Bawang"), ceiling=[band])
    assert (found.ceiling_low, found.ceiling, found.ceiling_rule, found.disparity) == (
        36_500,
        41_500,
        "HAP",
        0.1,
    )
    within = shown(survey(TODAY, 38_000, commodity="bawang_merah", commodity_name="Bawang"), ceiling=[band])
    assert within.disparity is not None
    assert within.disparity < 0
