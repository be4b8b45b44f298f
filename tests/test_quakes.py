"""Earthquakes: one entity for three lists, revised later, with a careful level."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import msgspec
import pytest

from feeds.base import Context
from feeds.bmkg import quake as bmkg_quake
from tests.hazard_documents import quake
from tests.samples import samples
from tests.worlds import Book, small_world
from wallboard.engine import quakes, reduce
from wallboard.engine.quakes import ALARM_S, intensity, upper_mmi
from wallboard.engine.world import World
from wallboard.entities import Hazard
from wallboard.events import AnyEvent, QuakeObserved

T = 1_000_000.0
DAY = 24 * 3600.0
#: about 330 km south of the small city
SOUTH = {"lon": 110.04, "lat": -8.0}


def play(world: World, *events: AnyEvent, until: float = T + 60) -> World:
    reduce.apply(world, events, until)
    return world


def only(world: World) -> Hazard:
    (hazard,) = world.all(Hazard)
    return hazard


def level_of(**changes: object) -> str | None:
    return only(play(small_world(), quake(**changes))).level  # type: ignore[arg-type]


def test_a_quake_is_shown_with_its_figures_and_words() -> None:
    event = quake(**SOUTH, magnitude=5.4, region="18 km TimurLaut Pekalongan", felt=(("III", "Pekalongan"),))
    hazard = only(play(small_world(), event))
    assert (hazard.type, hazard.magnitude, hazard.depth_km, hazard.status) == ("quake", 5.4, 10.0, "Actual")
    assert hazard.texts["id"].headline == "Gempa M 5.4: 18 km TimurLaut Pekalongan"
    assert hazard.texts["en"].headline == "Earthquake M 5.4: 18 km TimurLaut Pekalongan"
    assert hazard.distance_km == pytest.approx(329, abs=3)
    assert hazard.geometry == {"type": "Point", "coordinates": [110.04, -8.0]}


def test_the_same_quake_of_three_lists_is_one_and_polls_change_nothing() -> None:
    lists = [
        quake(potential="Tidak berpotensi tsunami"),
        quake(felt=(("II-III", "Kolaka"),)),
        quake(potential="Gempa ini dirasakan untuk diteruskan pada masyarakat", magnitude=5.1),
    ]
    world = play(small_world(), *lists)
    first = only(world)
    assert (first.magnitude, first.felt) == (5.1, (("II-III", "Kolaka"),))
    assert first.potential == "Tidak berpotensi tsunami"
    world.draft()
    for late in (120, 180):
        play(world, *(quake_again(event, T + late) for event in lists), until=T + late)
    draft = world.draft()
    assert [change for change in draft.changes if change.kind == "hazard"] == []
    assert draft.memory == {}


def quake_again(event: QuakeObserved, received: float) -> QuakeObserved:
    return msgspec.structs.replace(event, received_at=received)


def test_a_revision_of_time_place_and_magnitude_is_the_same_quake() -> None:
    world = play(small_world(), quake(magnitude=5.0))
    id = only(world).id
    revised = quake(T + 55, lon=110.5, lat=-5.4, magnitude=5.6, received_at=T + 900)
    play(world, revised, until=T + 900)
    assert only(world).id == id
    assert (only(world).magnitude, only(world).lon) == (5.6, 110.5)


@pytest.mark.parametrize("other", [quake(T + 61), quake(lat=-5.6), quake(lon=110.6)])
def test_another_time_or_place_is_another_quake(other: QuakeObserved) -> None:
    assert len(list(play(small_world(), quake(), other, until=T + 200).all(Hazard))) == 2


def test_the_date_line_does_not_part_a_quake() -> None:
    world = play(small_world(), quake(lon=179.9), quake(lon=-179.9))
    assert len(list(world.all(Hazard))) == 1


# -- level --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mmi", "level"),
    [("II", None), ("II-III", "caution"), ("IV", "caution"), ("IV-V", "severe"), ("VI-VII", "danger")],
)
@pytest.mark.parametrize("place", ["Kota Contoh", "CONTOH", "Pesisir"])
def test_what_was_felt_in_the_city_sets_the_level(mmi: str, level: str | None, place: str) -> None:
    assert level_of(**SOUTH, magnitude=4.0, felt=((mmi, place),)) == level


def test_what_was_felt_elsewhere_does_not() -> None:
    assert level_of(**SOUTH, magnitude=4.0, felt=(("VI", "Contoh Timur"), ("V", "Kolaka"))) is None


def test_a_tsunami_warning_within_reach_is_danger() -> None:
    assert level_of(**SOUTH, magnitude=7.0, potential="Berpotensi tsunami", tsunami=True) == "danger"
    assert level_of(lon=140.0, lat=-2.0, magnitude=7.0, potential="Berpotensi tsunami", tsunami=True) is None


def test_the_end_of_a_tsunami_warning_is_heard() -> None:
    world = play(small_world(), quake(**SOUTH, magnitude=6.0, potential="Berpotensi tsunami", tsunami=True))
    over = quake(**SOUTH, magnitude=6.0, potential="Tidak berpotensi tsunami", received_at=T + 600)
    play(world, over, until=T + 600)
    assert (only(world).tsunami, only(world).level) == (False, None)


def test_a_list_without_the_word_does_not_take_a_tsunami_warning_back() -> None:
    world = play(small_world(), quake(**SOUTH, potential="Berpotensi tsunami", tsunami=True))
    play(world, quake(**SOUTH, felt=(("III", "Jauh"),)))
    assert (only(world).tsunami, only(world).level) == (True, "danger")


@pytest.mark.parametrize(
    ("magnitude", "where", "level"),
    [(6.5, {}, "severe"), (4.2, {}, "caution"), (5.0, SOUTH, None), (8.0, SOUTH, "severe"), (3.0, {}, None)],
)
def test_else_magnitude_and_distance_do(magnitude: float, where: dict[str, float], level: str | None) -> None:
    assert level_of(magnitude=magnitude, **where) == level


def test_the_rule_of_thumb_agrees_with_what_was_felt() -> None:
    """BMKG's own reports: magnitude, km from the place that felt it, depth, upper MMI."""
    for magnitude, distance, depth, felt in ((3.6, 14, 5, 3), (2.9, 12, 10, 3), (4.2, 90, 10, 3)):
        assert abs(intensity(magnitude, distance, depth) - felt) <= 1.5


@pytest.mark.parametrize(("text", "value"), [("II-III", 3), ("IV", 4), ("VIII-IX", 9), ("", 0), ("X", 10)])
def test_upper_mmi(text: str, value: int) -> None:
    assert upper_mmi(text) == value


# -- place and time -----------------------------------------------------------------------------------


def test_who_sees_a_quake() -> None:
    here = only(play(small_world(), quake(lon=110.03, lat=-5.03, magnitude=3.0)))
    assert (here.where, here.scope, [each.code for each in here.districts]) == (
        "city", ("city",), ["99.01.01.1004"],
    )  # fmt: skip
    felt = only(play(small_world(), quake(**SOUTH, magnitude=4.0, felt=(("II", "Contoh"),))))
    assert (felt.where, felt.scope, felt.level) == ("city", ("city",), None)
    far = only(play(small_world(), quake(**SOUTH, magnitude=4.0)))
    assert (far.where, far.scope) == ("outside", ())


def test_the_alarm_ends_after_six_hours_and_the_quake_leaves_after_a_day() -> None:
    world = play(small_world(), quake(magnitude=6.5))
    assert only(play(world, until=T + ALARM_S - 1)).level == "severe"
    ended = only(play(world, until=T + ALARM_S))
    assert (ended.state, ended.level, ended.magnitude) == ("ended", None, 6.5)
    assert only(play(world, until=T + DAY - 1)).magnitude == 6.5
    play(world, until=T + DAY)
    assert not world.of_kind("hazard")
    assert not world.memories(quakes.KIND)


def test_a_late_revision_does_not_raise_an_alarm_that_is_over() -> None:
    world = play(small_world(), quake(magnitude=6.5))
    late = quake(magnitude=6.7, received_at=T + ALARM_S + 60)
    hazard = only(play(world, late, until=T + ALARM_S + 60))
    assert (hazard.magnitude, hazard.level) == (6.7, None)


def test_quakes_of_last_week_are_not_news() -> None:
    assert not play(small_world(), quake(received_at=T + DAY), until=T + DAY).of_kind("hazard")


def test_a_restart_between_two_lists_changes_nothing() -> None:
    events = [quake(), quake(magnitude=5.2, received_at=T + 90), quake(received_at=T + 120)]
    for cut in range(len(events) + 1):
        straight = play(small_world(), *events[:cut], until=T + 130)
        play(straight, *events[cut:], until=T + ALARM_S)
        book = Book()
        book.commit(play(small_world(), *events[:cut], until=T + 130))
        again = play(book.reopened(T + 130), *events[cut:], until=T + ALARM_S)
        assert again.of_kind("hazard") == straight.of_kind("hazard")
        assert again.next_due() == straight.next_due()


def test_the_real_lists_of_one_day_are_three_quakes_and_not_five() -> None:
    context = Context("gempa", 1771226200.0, ZoneInfo("Asia/Jakarta"))  # 16 Feb 2026, 07:16 UTC
    events: list[AnyEvent] = []
    for name in ("autogempa", "gempaterkini", "gempadirasakan"):
        body = samples(f"bmkg/bmkg_api_fixtures/{name}.json").read_bytes()
        assert "gempa" in json.loads(body)["Infogempa"]
        events += bmkg_quake.parse(body, context, bmkg_quake.QuakeOptions()).events
    world = play(small_world(retention={"quake": 10 * DAY}), *events, until=context.now)
    assert (len(events), len(world.of_kind("hazard"))) == (5, 3)
