"""engine/landvalues.py: the newest map on top, districts by area, ended zones leave; the same however cut."""

from __future__ import annotations

import math
from copy import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds import NORTH, STEP, WEST, Book, small_world
from wallboard.engine import reduce
from wallboard.engine.days import start_of
from wallboard.engine.landvalues import MAX_CORNERS, MAX_ZONES
from wallboard.engine.world import World
from wallboard.entities import MAX_ENTITY_BYTES, LandValue, Metric
from wallboard.events import Gone, LandValued, Present

NOW = 1_790_000_000.0
LAMA, BARU = "99.01.01.1001", "99.01.01.1002"
PESISIR = "99.01.01"


def box(west: float, north: float, east: float, south: float) -> Any:
    """A polygon by columns and rows of the small city's grid."""
    corners = [(west, north), (west, south), (east, south), (east, north), (west, north)]
    return ((tuple((WEST + x * STEP, NORTH - y * STEP) for x, y in corners),),)


def zone(
    id: str = "a", value: int = 1_000_000, as_of: str = "2024", at: float = NOW, **more: Any
) -> LandValued:
    fields: dict[str, Any] = {"name": f"Zona {id}", "polygons": box(0.1, 0.1, 0.9, 0.9)}
    return LandValued(feed="znt", source_id=id, received_at=at, value=value, as_of=as_of, **(fields | more))


def play(*events: Any, world: World | None = None) -> World:
    world = world or small_world()
    for event in events:
        reduce.apply(world, [event], event.received_at)
    return world


def only(world: World) -> LandValue:
    (found,) = world.all(LandValue)
    return found


def metric(world: World, code: str) -> Metric | None:
    return world.get(Metric, f"landvalue:{code}")


def test_a_zone_is_shown_with_the_time_of_its_map_and_the_districts_below() -> None:
    found = only(play(zone(use="Perumahan", source="BPN")))
    assert (found.scope, found.where, found.as_of, found.fetched_at) == (("city",), "city", "2024", NOW)
    assert found.at == start_of("2024-01-01", "Asia/Jakarta")
    assert [cover.code for cover in found.districts] == [LAMA]
    assert 0.5 < found.districts[0].share < 0.75
    assert (found.previous, found.change, found.history) == (None, None, (("2024", 1_000_000),))


def test_a_zone_is_laid_anew_on_other_boundaries(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book()
    book.commit(play(zone()))
    again = book.reopened(NOW + 1)
    again.geofence = copy(again.geofence)
    monkeypatch.setattr(again.geofence, "source", "others")
    monkeypatch.setattr(again.geofence, "cover", lambda whole: [(BARU, 0.5)])
    found = only(play(zone(at=NOW + 2), world=again))
    assert [(cover.code, cover.share) for cover in found.districts] == [(BARU, 0.5)]
    assert metric(again, LAMA) is None
    assert metric(again, BARU) is not None


def test_a_newer_map_stands_on_top_with_what_has_changed() -> None:
    found = only(play(zone(), zone(value=1_100_000, as_of="2025", at=NOW + 1)))
    assert (found.value, found.as_of) == (1_100_000, "2025")
    assert (found.previous, found.previous_as_of, found.change) == (1_000_000, "2024", 0.1)


def test_an_older_map_that_comes_late_goes_into_the_history() -> None:
    found = only(play(zone(as_of="2025"), zone(value=800_000, name="Lama", at=NOW + 1)))
    assert (found.value, found.name, found.previous) == (1_000_000, "Zona a", 800_000)


def test_the_same_map_fetched_again_changes_nothing_and_another_value_is_a_correction() -> None:
    world = play(zone())
    world.draft()
    play(*(zone(at=NOW + 60 * n) for n in range(1, 20)), world=world)
    draft = world.draft()
    assert not draft.changes
    assert not [key for key in draft.memory if key[0] == "landvalue"]
    found = only(play(zone(value=900_000, at=NOW + 5000), world=world))
    assert (found.value, found.previous, found.history) == (900_000, None, (("2024", 900_000),))


def test_a_district_has_the_mean_of_its_zones_by_area_and_so_have_those_above() -> None:
    world = play(
        zone("a", 1_000_000, polygons=box(0, 0, 0.5, 1)),
        zone("b", 3_000_000, polygons=box(0.5, 0, 1, 1)),
        zone("c", 6_000_000, polygons=box(1.1, 0, 1.9, 1)),
    )
    lama, baru, pesisir = (metric(world, code) for code in (LAMA, BARU, PESISIR))
    assert lama is not None
    assert baru is not None
    assert pesisir is not None
    assert lama.value == pytest.approx(2_000_000, rel=0.05)
    assert baru.value == pytest.approx(6_000_000, rel=0.05)
    assert lama.value < pesisir.value < baru.value
    assert (lama.name, lama.unit, lama.scope) == ("Muara Lama", "Rp/m²", ("city",))
    assert (lama.figures["zones"], "change" in lama.figures) == (2.0, False)


def test_a_district_changes_where_all_its_zones_have_an_earlier_map() -> None:
    world = play(zone("a", polygons=box(0, 0, 0.5, 1)), zone("b", polygons=box(0.5, 0, 1, 1)))
    play(zone("a", 1_200_000, "2025", NOW + 1, polygons=box(0, 0, 0.5, 1)), world=world)
    found = metric(world, LAMA)
    assert found is not None
    assert "change" not in found.figures
    play(zone("b", 1_200_000, "2025", NOW + 2, polygons=box(0.5, 0, 1, 1)), world=world)
    found = metric(world, LAMA)
    assert found is not None
    assert found.figures["change"] == 0.2
    assert found.until == start_of("2025-01-01", "Asia/Jakarta")


def test_what_lies_outside_is_shown_and_counts_for_no_district() -> None:
    world = play(zone(polygons=box(30, 30, 31, 31)))
    assert (only(world).where, only(world).districts) == ("outside", ())
    assert [each for each in world.all(Metric) if each.id.startswith("landvalue:")] == []


def test_ended_zones_leave_with_their_districts_figures() -> None:
    world = play(zone("a"), zone("b", polygons=box(1.1, 0.1, 1.9, 0.9)))
    play(Present(feed="znt", source_id="", received_at=NOW + 10, kind="landvalue", ids=("b",)), world=world)
    assert only(world).id == "znt/b"
    assert metric(world, LAMA) is None
    play(Gone(feed="znt", source_id="b", received_at=NOW + 20, kind="landvalue"), world=world)
    assert list(world.all(LandValue)) == []
    assert not world.memories("landvalue")


def test_the_end_of_another_feeds_zones_and_an_old_list_end_nothing() -> None:
    world = play(zone(at=NOW + 5))
    play(Present(feed="other", source_id="", received_at=NOW + 10, kind="landvalue", ids=()), world=world)
    reduce.apply(
        world, [Present(feed="znt", source_id="", received_at=NOW + 1, kind="landvalue", ids=())], NOW + 11
    )
    assert only(world).id == "znt/a"


def test_a_zone_that_no_map_names_for_the_time_of_retention_leaves() -> None:
    world = play(zone())
    reduce.apply(world, [], NOW + 400 * 86_400.0 + 1)
    assert list(world.all(LandValue)) == []


def test_a_shape_of_many_corners_is_drawn_in_few() -> None:
    ring = tuple(
        (
            WEST + STEP * (0.5 + 0.4 * math.cos(n / 500 * math.tau)),
            NORTH - STEP * (0.5 + 0.4 * math.sin(n / 500 * math.tau)),
        )
        for n in range(500)
    )
    found = only(play(zone(polygons=((ring,),))))
    assert found.geometry is not None
    assert len(found.geometry["coordinates"][0]) <= MAX_CORNERS
    assert len(msgspec.json.encode(found)) < MAX_ENTITY_BYTES


def test_a_broken_ring_is_mended_or_shown_without_a_place() -> None:
    bow = (((110.001, -5.001), (110.009, -5.009), (110.009, -5.001), (110.001, -5.009), (110.001, -5.001)),)
    assert only(play(zone(polygons=(bow,)))).districts
    line = (((110.001, -5.001), (110.002, -5.001), (110.003, -5.001), (110.001, -5.001)),)
    assert only(play(zone(polygons=(line,)))).where == "outside"


def test_no_more_zones_than_a_city_has(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_ZONES == 3000
    monkeypatch.setattr("wallboard.engine.landvalues.MAX_ZONES", 1)
    world = play(zone("a"), zone("b"))
    assert [each.id for each in world.all(LandValue)] == ["znt/a"]
    assert "at most 1" in world.draft().dead[0].reason


@st.composite
def maps(draw: st.DrawFn) -> list[LandValued | Present]:
    made: list[LandValued | Present] = []
    for number in range(draw(st.integers(1, 15))):
        at = NOW + number * draw(st.sampled_from((1, 30, 90_000)))
        if draw(st.integers(0, 5)) == 0:
            ids = tuple(sorted(draw(st.sets(st.sampled_from("abc")))))
            made.append(Present(feed="znt", source_id="", received_at=at, kind="landvalue", ids=ids))
            continue
        id, as_of = draw(st.sampled_from("abc")), draw(st.sampled_from(("2023", "2024", "2025-07")))
        west = draw(st.sampled_from((0.0, 0.5, 1.0)))
        made.append(
            zone(id, draw(st.integers(1, 9)) * 100_000, as_of, at, polygons=box(west, 0, west + 0.5, 1))
        )
    return sorted(made, key=lambda event: event.received_at)


def told(world: World) -> list[Any]:
    metrics = [each for each in world.all(Metric) if each.id.startswith("landvalue:")]
    return [
        msgspec.to_builtins(each) for each in sorted([*world.all(LandValue), *metrics], key=lambda e: e.id)
    ]


@settings(max_examples=25, deadline=None)
@given(maps(), st.data())
def test_cuts_restarts_and_repetitions_change_nothing(events: list[Any], data: st.DataObject) -> None:
    cuts = data.draw(st.sets(st.integers(0, len(events) - 1)))
    whole, cut, book = small_world(), small_world(), Book()
    reduce.apply(whole, events, events[-1].received_at)
    batch: list[Any] = []
    for number, event in enumerate(events):
        batch += [event, event]
        if number in cuts:
            reduce.apply(cut, batch, event.received_at)
            book.commit(cut)
            cut = book.reopened(event.received_at)
            batch = []
    reduce.apply(cut, batch, events[-1].received_at)
    assert told(cut) == told(whole)
