"""The life of warnings: updates, cancels, expiry, languages, places; in any order and over restarts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import cap
from feeds.base import Context
from tests.hazard_documents import area_of, box, warning, words
from tests.samples import samples
from tests.small_city import city, load
from tests.worlds import MIDDLES, NORTH, OUTSIDE, STEP, WEST, Book, small_world
from wallboard.engine import hazards, reduce
from wallboard.engine.hazards import ends as hazard_ends
from wallboard.engine.hazards.area import people_under
from wallboard.engine.hazards.parts import MAX_LIFE_S
from wallboard.engine.world import World
from wallboard.entities import MAX_ENTITY_BYTES, Hazard, HazardCover, encoder
from wallboard.errors import BadDocument
from wallboard.events import AnyEvent, CameraListed, HazardInfo, HazardIssued, IncidentReported
from wallboard.gazetteer import Gazetteer, Link
from wallboard.geofence import Geofence

CONTEXT = Context("cap", 1_790_000_000.0, ZoneInfo("Asia/Jakarta"))
T = 1_000_000.0
HOUR = 3600.0

#: over the two western kelurahan of the north; over the four eastern ones; over all of the city
WEST_BOX = box(WEST + 0.002, NORTH - STEP + 0.002, WEST + 2 * STEP - 0.002, NORTH - 0.002)
EAST_BOX = box(WEST + 2 * STEP + 0.002, NORTH - 2 * STEP, WEST + 4 * STEP, NORTH)
WHOLE_BOX = box(WEST - 0.01, NORTH - 2 * STEP - 0.01, WEST + 4 * STEP + 0.01, NORTH + 0.01)
FAR_BOX = box(*OUTSIDE, OUTSIDE[0] + 0.1, OUTSIDE[1] + 0.1)
#: Anywhere on Earth, its poles and edges, and often in the city
POINTS = st.one_of(
    st.tuples(st.floats(-180, 180), st.floats(-90, 90)),
    st.tuples(st.floats(WEST, WEST + 0.1), st.floats(NORTH - 0.05, NORTH)),
    st.tuples(st.sampled_from([-180.0, 0.0, 180.0]), st.sampled_from([-90.0, 0.0, 90.0])),
)

PESISIR = {f"99.01.01.100{number}" for number in range(1, 5)}


def play(world: World, *events: AnyEvent, until: float = T) -> World:
    reduce.apply(world, events, until)
    return world


def shown(world: World) -> dict[str, Hazard]:
    """Warnings in force, by identifier."""
    return {hazard.identifier: hazard for hazard in world.all(Hazard) if hazard.state != "ended"}


def only(world: World) -> Hazard:
    (hazard,) = world.all(Hazard)
    return hazard


def changes(world: World) -> list[tuple[str, str]]:
    return [(change.kind, change.id) for change in world.draft().changes if change.kind == "hazard"]


def over(*rings: Any, **more: Any) -> tuple[HazardInfo, ...]:
    return (words(areas=(area_of(*rings),), **more),)


# -- what an alert becomes ----------------------------------------------------------------------------


def test_an_alert_is_shown_with_its_words_times_and_level() -> None:
    hazard = only(play(small_world(), warning(infos=over(WEST_BOX))))
    assert (hazard.type, hazard.state, hazard.status, hazard.level) == ("cap", "active", "Actual", "caution")
    assert hazard.texts["id"].headline == "Hujan lebat"
    assert (hazard.sent, hazard.onset, hazard.expires) == (T, T, T + HOUR)
    assert hazard.message.startswith("warn,1,")


def test_the_same_message_again_changes_nothing() -> None:
    world = play(small_world(), warning(infos=over(WEST_BOX)))
    world.draft()
    for late in (0, 60, 600):
        play(world, warning(infos=over(WEST_BOX), received=T + late), until=T + late)
    draft = world.draft()
    assert [change for change in draft.changes if change.kind == "hazard"] == []
    assert draft.memory == {}


def test_the_same_message_through_another_feed_is_the_same_warning() -> None:
    world = play(small_world(), warning(), warning(feed="other"))
    assert len(list(world.all(Hazard))) == 1


@pytest.mark.parametrize(
    ("severity", "level"),
    [
        ("Extreme", "danger"),
        ("Severe", "severe"),
        ("Moderate", "caution"),
        ("Minor", None),
        ("Unknown", None),
    ],
)
def test_the_level_follows_the_severity(severity: str, level: str | None) -> None:
    assert only(play(small_world(), warning(infos=(words(severity=severity),)))).level == level


@pytest.mark.parametrize(
    "over_already", [{"urgency": "Past"}, {"response": ("AllClear",)}, {"certainty": "Unlikely"}]
)
def test_what_is_over_or_unlikely_has_no_level(over_already: dict[str, Any]) -> None:
    assert (
        only(play(small_world(), warning(infos=(words(severity="Extreme", **over_already),)))).level is None
    )


@pytest.mark.parametrize("status", ["Exercise", "Test", "System", "Draft", "Unknown"])
def test_an_exercise_is_visible_and_never_an_alarm(status: str) -> None:
    hazard = only(play(small_world(), warning(status=status, infos=over(WEST_BOX, severity="Extreme"))))
    assert (hazard.status, hazard.level, hazard.where) == (status, None, "city")


@pytest.mark.parametrize("msg_type", ["Ack", "Error"])
def test_answers_between_senders_are_not_shown(msg_type: str) -> None:
    assert shown(play(small_world(), warning(msg_type=msg_type))) == {}


def test_an_alert_without_any_info_is_shown_by_its_note() -> None:
    hazard = only(play(small_world(), warning(infos=(), note="Sirene diuji", default_life_s=HOUR)))
    assert hazard.texts["en"].headline == "Sirene diuji"
    assert hazard.level is None


# -- time ---------------------------------------------------------------------------------------------


def test_a_warning_that_is_to_begin_says_so_and_begins() -> None:
    world = play(small_world(), warning(infos=over(WEST_BOX, onset=T + 1200)))
    assert (only(world).state, only(world).level, only(world).onset) == ("soon", "caution", T + 1200)
    assert only(play(world, until=T + 1199)).state == "soon"
    assert only(play(world, until=T + 1200)).state == "active"


def test_effective_is_the_onset_where_there_is_none() -> None:
    assert only(play(small_world(), warning(infos=(words(effective=T + 60),)))).onset == T + 60


def test_a_warning_ends_when_it_expires_and_leaves_after_the_retention() -> None:
    world = play(small_world(), warning())
    assert only(play(world, until=T + HOUR - 1)).state == "active"
    ended = only(play(world, until=T + HOUR))
    assert (ended.state, ended.ended_by, ended.ended_at, ended.level) == ("ended", "expired", T + HOUR, None)
    assert list(play(world, until=T + HOUR + 600).all(Hazard)) == []


def test_a_warning_that_has_expired_already_is_not_shown() -> None:
    assert list(play(small_world(), warning(received=T + HOUR), until=T + HOUR).all(Hazard)) == []


def test_an_expired_warning_still_in_its_feed_does_not_come_back() -> None:
    world = play(small_world(), warning())
    play(world, until=T + 2 * HOUR)
    assert list(play(world, warning(received=T + 2 * HOUR), until=T + 2 * HOUR).all(Hazard)) == []


@pytest.mark.parametrize(("life", "expires"), [(HOUR, T + HOUR), (0.0, T + 24 * HOUR)])
def test_without_expires_it_holds_for_the_feeds_time_and_never_for_ever(life: float, expires: float) -> None:
    hazard = only(play(small_world(), warning(infos=(words(expires=None),), default_life_s=life)))
    assert hazard.expires == expires
    assert "no_expires" in hazard.flags


def test_a_warning_for_a_hundred_years_is_cut() -> None:
    hazard = only(play(small_world(), warning(infos=(words(expires=T + 1e9),))))
    assert hazard.expires == T + MAX_LIFE_S
    assert "expires_cut" in hazard.flags


def test_an_old_warning_that_still_holds_is_shown() -> None:
    later = T + 2 * MAX_LIFE_S
    old = warning(received=later, infos=(words(expires=later + HOUR),))
    assert only(play(small_world(), old, until=later)).expires == later + HOUR


def test_what_is_not_for_the_public_is_marked() -> None:
    assert "not_public" in only(play(small_world(), warning(scope="Restricted"))).flags


# -- updates and cancels ------------------------------------------------------------------------------


def refers(*identifiers: str, sent: float = T) -> tuple[tuple[str, str, float], ...]:
    return tuple(("warn", identifier, sent) for identifier in identifiers)


def test_an_update_takes_the_place_of_all_that_it_references() -> None:
    world = play(small_world(), *(warning(name) for name in "abcdefgh"))
    play(world, warning("new", sent=T + 60, msg_type="Update", references=refers(*"abcdefgh")), until=T + 60)
    assert set(shown(world)) == {"new"}
    assert len(list(world.all(Hazard))) == 1


def test_a_chain_of_updates_shares_one_chain() -> None:
    world = play(small_world(), warning("a"))
    first = only(world).chain
    play(world, warning("b", sent=T + 60, msg_type="Update", references=refers("a")), until=T + 60)
    play(
        world, warning("c", sent=T + 90, msg_type="Update", references=refers("b", sent=T + 60)), until=T + 90
    )
    assert only(world).identifier == "c"
    assert only(world).chain == first


def test_two_updates_of_one_alert_both_stand() -> None:
    world = play(small_world(), warning("a"))
    for name in "bc":
        play(world, warning(name, sent=T + 60, msg_type="Update", references=refers("a")), until=T + 60)
    assert set(shown(world)) == {"b", "c"}


def test_a_cancel_without_info_ends_the_warning() -> None:
    world = play(small_world(), warning("a"))
    cancel = warning("x", sent=T + 60, msg_type="Cancel", infos=(), references=refers("a"))
    ended = only(play(world, cancel, until=T + 60))
    assert (ended.state, ended.ended_by, ended.ended_at, ended.level) == ("ended", "cancelled", T + 60, None)
    assert list(play(world, until=T + 660).all(Hazard)) == []


def test_a_cancelled_warning_still_in_its_feed_does_not_come_back() -> None:
    world = play(small_world(), warning("a"))
    cancel = warning("x", sent=T + 60, msg_type="Cancel", infos=(), references=refers("a"))
    play(world, cancel, until=T + 60)
    play(world, until=T + 700)
    assert list(play(world, warning("a", received=T + 700), until=T + 700).all(Hazard)) == []


def test_a_cancel_before_its_alert_leaves_a_tombstone_that_goes() -> None:
    cancel = warning("x", sent=T + 60, msg_type="Cancel", infos=(), references=refers("a"))
    world = play(small_world(), cancel, until=T + 60)
    assert list(play(world, warning("a", received=T + 61), until=T + 61).all(Hazard)) == []
    assert world.memories(hazard_ends.KIND)
    play(world, until=T + hazard_ends.KEEP_S + 2 * HOUR)
    assert not world.memories(hazard_ends.KIND)


def test_a_tombstone_outlives_the_warning_that_it_ends() -> None:
    month = words(expires=T + 30 * 24 * HOUR)
    cancel = warning("x", sent=T + 60, msg_type="Cancel", infos=(), references=refers("a"))
    world = play(small_world(), warning("a", infos=(month,)), cancel, until=T + 60)
    later = T + 20 * 24 * HOUR
    assert list(play(world, warning("a", infos=(month,), received=later), until=later).all(Hazard)) == []


def test_the_tsunami_centers_other_spelling_of_its_sender_is_understood() -> None:
    world = play(small_world(), warning("PAAQ-1", sender="http://wcatwc.example/"))
    update = warning("PAAQ-2", sent=T + 60, msg_type="Update", references=(("PAAQ", "PAAQ-1", T),))
    assert set(shown(play(world, update, until=T + 60))) == {"PAAQ-2"}


def test_another_sender_in_another_feed_cannot_end_a_warning_by_its_identifier() -> None:
    world = play(small_world(), warning("1", sender="bmkg"))
    cancel = warning("9", sent=T + 60, feed="f2", msg_type="Cancel", infos=(), references=(("bnpb", "1", T),))
    assert set(shown(play(world, cancel, until=T + 60))) == {"1"}


def test_one_identifier_used_again_is_a_new_message() -> None:
    world = play(small_world(), warning("same"))
    again = warning("same", sent=T + 60, msg_type="Update", references=refers("same"))
    play(world, again, until=T + 60)
    assert only(world).sent == T + 60


@pytest.mark.parametrize("msg_type", ["Update", "Cancel"])
def test_an_exercise_does_not_end_a_real_warning(msg_type: str) -> None:
    world = play(small_world(), warning("real"))
    drill = warning("drill", sent=T + 60, status="Exercise", msg_type=msg_type, references=refers("real"))
    real = shown(play(world, drill, until=T + 60))["real"]
    assert (real.state, real.level) == ("active", "caution")


def test_an_exercises_cancel_before_a_real_alert_of_the_same_key_does_not_hide_it() -> None:
    drill = warning("x", sent=T + 10, status="Test", msg_type="Cancel", infos=(), references=refers("real"))
    assert set(shown(play(small_world(), drill, warning("real", received=T + 60), until=T + 60))) == {"real"}


def test_a_reference_to_an_older_use_of_an_identifier_leaves_the_newer_one() -> None:
    newer = warning("same", sent=T + 30)
    update = warning("u", sent=T + 60, msg_type="Update", references=refers("same"))
    assert set(shown(play(small_world(), newer, update, until=T + 60))) == {"same", "u"}


def test_a_chain_that_comes_in_backwards_is_still_one_chain_and_leaves_nothing_behind() -> None:
    first = only(play(small_world(), warning("a"))).chain
    links = {
        "a": warning("a", received=T + 90),
        "b": warning("b", sent=T + 60, received=T + 90, msg_type="Update", references=refers("a")),
        "c": warning("c", sent=T + 90, msg_type="Update", references=refers("b", sent=T + 60)),
    }
    for order in ("cba", "cab", "bca", "acb"):
        hazard = only(play(small_world(), *(links[name] for name in order), until=T + 90))
        assert (hazard.identifier, hazard.chain) == ("c", first)


def test_an_update_that_has_expired_itself_still_ends_what_it_references() -> None:
    world = play(small_world(), warning("a"))
    past = (words(expires=T + 30),)
    update = warning("b", sent=T + 10, received=T + 60, msg_type="Update", infos=past, references=refers("a"))
    play(world, update, until=T + 60)
    assert (only(world).identifier, only(world).ended_by) == ("a", "superseded")


def chain_of_updates() -> list[HazardIssued]:
    """Everything that may come in any order, all received in one instant."""
    late: dict[str, Any] = {"received": T + 300}
    update: dict[str, Any] = {"msg_type": "Update", **late}
    both = refers("a") + refers("b", sent=T + 60)
    return [
        warning("a", infos=over(WEST_BOX), **late),
        warning("b", sent=T + 60, infos=over(EAST_BOX), references=refers("a"), **update),
        warning(
            "c",
            sent=T + 120,
            infos=over(WHOLE_BOX),
            references=both,
            **update,
        ),
        warning("d", sent=T + 30, **late),
        warning("e", sent=T + 90, references=refers("d", sent=T + 30), **update),
        warning("x", sent=T + 150, infos=(), references=refers("e", sent=T + 90), msg_type="Cancel", **late),
        warning("p", sent=T + 10, infos=over(WHOLE_BOX), group="75", **late),
        warning("q", sent=T + 20, infos=over(EAST_BOX), group="75", **late),
        warning("en", sent=T + 20, infos=over(WEST_BOX, language="en-US", headline="Rain"), **late),
        warning("en", sent=T + 20, infos=over(WEST_BOX), **late),
    ]


def in_force(world: World) -> dict[str, Any]:
    """All that is in force, by id."""
    return {
        id: msgspec.to_builtins(each) for id, each in sorted(world.of_kind("hazard").items()) if _stands(each)
    }


def _stands(entity: Any) -> bool:
    return isinstance(entity, Hazard) and entity.state != "ended"


@settings(max_examples=60)
@given(st.permutations(range(10)))
def test_the_order_of_arrival_does_not_matter(order: Sequence[int]) -> None:
    events = chain_of_updates()
    expected = play(small_world(), *events, until=T + 300)
    assert {hazard.identifier for hazard in expected.all(Hazard) if hazard.state != "ended"} == {
        "c",
        "p",
        "q",
        "en",
    }
    world = play(small_world(), *(events[at] for at in order), until=T + 300)
    assert in_force(world) == in_force(expected)
    play(world, *events, until=T + 400)  # and once more, all of it
    assert in_force(world) == in_force(expected)


@settings(max_examples=40)
@given(st.permutations(range(10)), st.integers(0, 10), st.floats(0, 2 * HOUR))
def test_a_restart_in_the_middle_changes_nothing(order: Sequence[int], cut: int, later: float) -> None:
    events = [chain_of_updates()[at] for at in order]
    straight = play(small_world(), *events[:cut], until=T + 300)
    play(straight, *events[cut:], until=T + 300 + later)
    book = Book()
    first = small_world()
    book.commit(play(first, *events[:cut], until=T + 300))
    second = play(book.reopened(T + 300), *events[cut:], until=T + 300 + later)
    assert second.of_kind("hazard") == straight.of_kind("hazard")
    assert second.memories(hazard_ends.KIND) == straight.memories(hazard_ends.KIND)
    assert second.next_due() == straight.next_due()


def test_all_that_a_warning_left_behind_goes_in_the_end() -> None:
    world = play(small_world(), *chain_of_updates(), until=T + 300)
    play(world, until=T + hazard_ends.KEEP_S + 48 * HOUR)
    assert not world.of_kind("hazard")
    assert not world.memories(hazard_ends.KIND)


def test_every_real_warning_goes_through_the_engine() -> None:
    kinds = (".cap", ".atom", ".edxlde", ".xml")
    documents = [path for folder in ("cap", "bmkg") for path in samples(folder).rglob("*")]
    hidden: list[str] = []
    seen = 0
    for path in sorted(path for path in documents if path.suffix in kinds):
        try:
            events = cap.parse(path.read_bytes(), CONTEXT, cap.CapOptions()).events
        except BadDocument:
            continue
        for event in events:
            assert isinstance(event, HazardIssued)
            heard = msgspec.structs.replace(event, received_at=event.sent)
            world = play(small_world(), heard, heard, until=event.sent)
            assert world.draft().dead == []
            if not shown(world):
                hidden.append(path.name)
            play(world, until=event.sent + 700 * 24 * HOUR)
            assert not world.of_kind("hazard")
            assert not world.memories(hazard_ends.KIND)
            seen += 1
    assert (seen, hidden) == (37, ["alabama_rwt_cancel_unsigned.xml"])  # a Cancel shows nothing


# -- languages and parts ------------------------------------------------------------------------------


def test_two_languages_in_one_message_are_one_warning() -> None:
    infos = (words(language="en-US", headline="Rain"), words(language="id-ID", headline="Hujan"))
    hazard = only(play(small_world(), warning(infos=infos)))
    assert {code: text.headline for code, text in hazard.texts.items()} == {"id": "Hujan", "en": "Rain"}


@pytest.mark.parametrize("languages", [("id", "en"), ("en", "id")])
def test_two_languages_in_two_documents_of_one_key_are_one_warning(languages: tuple[str, str]) -> None:
    world = small_world()
    for language in languages:
        play(world, warning(infos=over(WEST_BOX, language=language, headline=language)))
    hazard = only(world)
    assert list(hazard.texts) == ["id", "en"]
    assert hazard.texts["en"].headline == "en"


def test_infos_of_other_areas_and_times_are_parts() -> None:
    infos = over(WEST_BOX) + over(EAST_BOX, severity="Severe", onset=T + 600)
    first, second = sorted(play(small_world(), warning(infos=infos)).all(Hazard), key=lambda each: each.id)
    assert second.id == f"{first.id}-2"
    assert (first.level, second.level) == ("caution", "severe")
    assert (first.state, second.state) == ("active", "soon")
    assert not {cover.code for cover in first.districts} & {cover.code for cover in second.districts}


def test_infos_that_differ_in_their_areas_alone_are_one_part() -> None:
    hazard = only(play(small_world(), warning(infos=over(WEST_BOX) + over(EAST_BOX))))
    assert len(hazard.districts) == 6


def test_parts_in_two_languages_find_each_other_whatever_their_order() -> None:
    infos = (
        *over(WEST_BOX, headline="Barat"),
        *over(EAST_BOX, headline="Timur"),
        *over(EAST_BOX, language="en", headline="East"),
        *over(WEST_BOX, language="en", headline="West"),
    )
    world = play(small_world(), warning(infos=infos))
    heads = {each.texts["id"].headline: each.texts["en"].headline for each in world.all(Hazard)}
    assert heads == {"Barat": "West", "Timur": "East"}


def test_parts_without_shapes_are_told_apart_by_their_place_in_the_message() -> None:
    infos = tuple(
        words(language=code, headline=f"{code} {at}", onset=T + at, areas=(area_of(text="Laut"),))
        for code in ("id", "en")
        for at in (100, 200)
    )
    world = play(small_world(), warning(infos=infos))
    heads = {each.texts["id"].headline: each.texts["en"].headline for each in world.all(Hazard)}
    assert heads == {"id 100": "en 100", "id 200": "en 200"}


# -- places -------------------------------------------------------------------------------------------


def test_a_polygon_covers_districts_and_is_seen_by_them_and_those_above() -> None:
    hazard = only(play(small_world(), warning(infos=over(WEST_BOX))))
    assert {cover.code for cover in hazard.districts} == {"99.01.01.1001", "99.01.01.1002"}
    assert all(0.6 < cover.share < 1 for cover in hazard.districts)
    assert hazard.where == "city"
    assert hazard.scope == ("d:99.01.01", "d:99.01.01.1001", "d:99.01.01.1002")


def test_a_sliver_beside_the_area_warns_nobody() -> None:
    spilled = box(WEST + 0.002, NORTH - STEP + 0.002, WEST + STEP + 0.0008, NORTH - 0.002)
    hazard = only(play(small_world(), warning(infos=over(spilled))))
    sliver = box(WEST + 3 * STEP, NORTH - 0.0001, WEST + 3 * STEP + 0.0001, NORTH)
    also = only(play(small_world(), warning(infos=over(spilled, sliver))))
    assert also.districts == hazard.districts


def test_what_lies_outside_and_what_has_no_place_is_told_apart_and_limited() -> None:
    outside = only(play(small_world(), warning(infos=over(FAR_BOX))))
    assert (outside.where, outside.districts, outside.scope) == ("outside", (), ())
    unknown = only(play(small_world(), warning(infos=(words(areas=(area_of(text="Laut Jawa"),)),))))
    assert (unknown.where, unknown.geometry, unknown.scope) == ("unknown", None, ())


def test_a_circle_of_radius_0_is_the_district_it_lies_in() -> None:
    point = area_of(circles=((*MIDDLES["99.01.02.1003"], 0.0),))
    hazard = only(play(small_world(), warning(infos=(words(areas=(point,)),))))
    assert [cover.code for cover in hazard.districts] == ["99.01.02.1003"]
    assert hazard.geometry is not None
    assert hazard.geometry["type"] == "Point"


def test_a_circle_has_kilometres() -> None:
    round_area = area_of(circles=((*MIDDLES["99.01.01.1001"], 0.5),))
    hazard = only(play(small_world(), warning(infos=(words(areas=(round_area,)),))))
    assert [cover.code for cover in hazard.districts] == ["99.01.01.1001"]
    assert 0.1 < hazard.districts[0].share < 0.3  # 0.8 km² of 4.9 km²


def test_a_self_crossing_polygon_still_covers() -> None:
    w, n = WEST, NORTH
    bow = ((w, n), (w + 4 * STEP, n - 2 * STEP), (w + 4 * STEP, n), (w, n - 2 * STEP), (w, n))
    hazard = only(play(small_world(), warning(infos=over(bow))))
    assert hazard.where == "city"
    assert len(hazard.districts) >= 4


@pytest.mark.parametrize(
    ("area", "codes"),
    [
        (area_of(text="Kebon Jati, Rawa Bening"), {"99.01.01.1003", "99.01.02.1003"}),
        (area_of(text="KEC. TANGGUL"), {f"99.01.02.100{n}" for n in range(1, 5)}),
        (area_of(text="Kota Contoh"), set(MIDDLES)),
        (area_of(text="", geocodes=(("Kemendagri", "99.01.01"),)), {f"99.01.01.100{n}" for n in range(1, 5)}),
        (
            area_of(text="Jawa", geocodes=(("kecamatan", "PESISIR"),)),
            {f"99.01.01.100{n}" for n in range(1, 5)},
        ),
        (area_of(text="Provinsi Lain"), set()),
    ],
)
def test_an_area_without_a_shape_is_known_by_its_names_and_codes(area: Any, codes: set[str]) -> None:
    hazard = only(play(small_world(), warning(infos=(words(areas=(area,)),))))
    assert {cover.code for cover in hazard.districts} == codes
    assert hazard.where == ("city" if codes else "unknown")


def test_a_hostile_warning_stays_below_the_bound_of_an_entity() -> None:
    rings = tuple(
        box(WEST + i / 2000, NORTH - j / 2000, WEST + i / 2000 + 0.0002, NORTH - j / 2000 + 0.0002)
        for i in range(60)
        for j in range(30)
    )
    loud = "\U0001f6a8" * 4000
    everywhere = (area_of(*rings, text=loud),)
    spoken = tuple(
        words(
            language=code,
            text=loud,
            instruction=loud,
            headline=loud[:200],
            areas=everywhere,
        )
        for code in ("id", "en", "fr", "de", "nl")
    )
    hazard = only(play(small_world(), warning(infos=spoken)))
    assert len(encoder.encode(hazard)) < MAX_ENTITY_BYTES
    assert hazard.where == "city"


@settings(max_examples=100)
@given(
    st.lists(st.lists(POINTS, min_size=3, max_size=8), max_size=4),
    st.lists(st.tuples(POINTS, st.sampled_from([0.0, 1e-9, 0.5, 30.0, 2000.0, 20_000.0])), max_size=3),
)
def test_no_shape_makes_the_engine_fail(
    rings: list[list[tuple[float, float]]], circles: list[tuple[tuple[float, float], float]]
) -> None:
    area = area_of(*((*ring, ring[0]) for ring in rings), circles=tuple((*at, size) for at, size in circles))
    infos = (words(areas=(area,)),)
    world = play(small_world(), warning("1", infos=infos, group="g"), until=T + 30)
    play(world, warning("2", sent=T + 10, received=T + 30, infos=over(WEST_BOX), group="g"), until=T + 30)
    draft = world.draft()
    assert draft.dead == []
    assert "2" in shown(world)


# -- bulletins of one group ---------------------------------------------------------------------------


def bulletin(name: str, *rings: Any, sent: float = T, **more: Any) -> HazardIssued:
    return warning(name, sent=sent, received=T + 60, infos=over(*rings), group="bmkg.nowcast.75", **more)


def test_a_newer_bulletin_takes_the_districts_that_both_name() -> None:
    world = play(
        small_world(), bulletin("1", WEST_BOX, EAST_BOX), bulletin("2", EAST_BOX, sent=T + 30), until=T + 60
    )
    first, second = shown(world)["1"], shown(world)["2"]
    assert {cover.code for cover in first.districts} == {"99.01.01.1001", "99.01.01.1002"}
    assert not set(first.scope) & {cover.code for cover in second.districts}
    assert len(second.districts) == 4


def test_a_bulletin_that_a_newer_one_covers_is_gone_and_stays_so() -> None:
    world = play(small_world(), bulletin("1", WEST_BOX), bulletin("2", WHOLE_BOX, sent=T + 30), until=T + 60)
    assert set(shown(world)) == {"2"}
    world.draft()
    play(world, bulletin("1", WEST_BOX), until=T + 120)
    assert changes(world) == []


@pytest.mark.parametrize("first", ["1", "2"])
def test_a_bulletin_once_superseded_stays_so_when_the_newer_one_is_over(first: str) -> None:
    long, short = T + 3 * HOUR, T + HOUR
    both = {
        "1": msgspec.structs.replace(bulletin("1"), infos=over(WEST_BOX, expires=long)),
        "2": msgspec.structs.replace(bulletin("2", sent=T + 30), infos=over(WHOLE_BOX, expires=short)),
    }
    world = play(small_world(), both[first], *both.values(), until=T + 60)
    assert set(shown(world)) == {"2"}
    again = msgspec.structs.replace(both["1"], received_at=T + 2 * HOUR)
    assert shown(play(world, again, until=T + 2 * HOUR)) == {}


def test_bulletins_of_two_provinces_and_of_two_statuses_leave_each_other_alone() -> None:
    other = msgspec.structs.replace(bulletin("2", WHOLE_BOX, sent=T + 30), group="bmkg.nowcast.71")
    drill = bulletin("3", WHOLE_BOX, sent=T + 40, status="Exercise")
    world = play(small_world(), bulletin("1", WEST_BOX), other, drill, until=T + 60)
    assert set(shown(world)) == {"1", "2", "3"}


def test_only_a_sliver_left_beside_a_newer_bulletin_is_nothing() -> None:
    far = box(111.0, -6.0, 111.2, -5.8)
    nearly = box(111.0005, -6.0, 111.2, -5.8)
    world = play(small_world(), bulletin("1", far), bulletin("2", nearly, sent=T + 30), until=T + 60)
    assert set(shown(world)) == {"2"}


# -- what lies inside ---------------------------------------------------------------------------------


def camera(id: str, code: str) -> CameraListed:
    lon, lat = MIDDLES[code]
    return CameraListed(feed="cctv", source_id=id, received_at=T, name=id, lon=lon, lat=lat)


def report(id: str, code: str, *, status: Any = "open", at: float = T) -> IncidentReported:
    lon, lat = MIDDLES[code]
    return IncidentReported(
        feed="112", source_id=id, received_at=at, observed_at=at, title=id, lon=lon, lat=lat, status=status
    )


def test_cameras_and_open_incidents_inside_are_counted_whatever_comes_first() -> None:
    things: list[AnyEvent] = [camera("c", "99.01.01.1001"), report("i", "99.01.01.1002")]
    things.append(report("j", "99.01.02.1001"))
    before = play(small_world(), *things, warning(infos=over(WEST_BOX)))
    after = play(play(small_world(), warning(infos=over(WEST_BOX))), *things)
    for world in (before, after):
        assert (only(world).cameras, only(world).incidents) == (1, 1)


def test_a_closed_incident_is_not_inside_any_more() -> None:
    world = play(small_world(), warning(infos=over(WEST_BOX)), report("i", "99.01.01.1001"))
    assert only(world).incidents == 1
    play(world, report("i", "99.01.01.1001", status="closed", at=T + 60), until=T + 60)
    assert only(world).incidents == 0


def test_counts_go_on_after_a_restart() -> None:
    book = Book()
    world = play(small_world(), warning(infos=over(WEST_BOX)), camera("c", "99.01.01.1001"))
    book.commit(world)
    again = play(book.reopened(T), report("i", "99.01.01.1002"))
    assert (only(again).cameras, only(again).incidents) == (1, 1)


def test_a_report_outside_every_warning_does_not_touch_them() -> None:
    world = play(small_world(), warning(infos=over(WEST_BOX)))
    world.draft()
    play(world, report("i", "99.01.02.1004"))
    assert changes(world) == []


def test_a_bulletin_by_names_loses_the_districts_that_a_newer_one_covers() -> None:
    named = warning(
        "1",
        received=T + 60,
        infos=(words(areas=(area_of(text="Pesisir, Rawa Bening"),)),),
        group="bmkg.nowcast.75",
    )
    world = play(small_world(), named, bulletin("2", EAST_BOX, sent=T + 30), until=T + 60)
    first = shown(world)["1"]
    assert {cover.code for cover in first.districts} == PESISIR
    assert first.scope == ("d:99.01.01", *(f"d:{code}" for code in sorted(PESISIR)))


def test_a_warning_of_a_thousand_islands_is_drawn_as_its_hull_and_takes_no_ground() -> None:
    islands = [
        box(WEST + i / 500, NORTH - j / 500, WEST + i / 500 + 0.001, NORTH - j / 500 + 0.001)
        for i in range(40)
        for j in range(20)
    ]
    world = play(small_world(), bulletin("1", WEST_BOX), bulletin("2", *islands, sent=T + 30), until=T + 60)
    assert "drawn_as_hull" in shown(world)["2"].flags
    assert len(shown(world)["1"].districts) == 2


def test_specks_beside_a_large_area_are_not_drawn() -> None:
    specks = [box(111 + i / 500, -6.0, 111 + i / 500 + 2e-5, -5.99998) for i in range(400)]
    hazard = only(play(small_world(), warning(infos=over(WHOLE_BOX, *specks))))
    assert hazard.flags == ()
    assert len(hazard.districts) == 8


def test_more_warnings_than_can_be_shown_are_kept_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hazards, "MAX_SHOWN", 2)
    world = play(small_world(), *(warning(name) for name in "abc"))
    assert len(shown(world)) == 2
    assert ["more than 2 warnings" in dead.reason for dead in world.draft().dead] == [True]


def test_a_code_of_another_list_means_ours_by_the_crosswalk() -> None:
    plain = small_world()
    boundaries = plain.geofence.boundaries
    known = [Link("9901010001", "", ("99.01.01.1001",)), Link("9901020", "", ("99.01.02",))]
    for code, districts in (
        ("9901010001", {"99.01.01.1001"}),
        ("9901020", {f"99.01.02.100{n}" for n in range(1, 5)}),
        ("9901099999", set[str]()),
    ):
        world = reduce.new_world(plain.city, plain.geofence, Gazetteer(boundaries, [], known))
        reduce.loaded(world)
        area = area_of(text="", geocodes=(("adm4", code),))
        hazard = only(play(world, warning(infos=(words(areas=(area,)),))))
        assert {cover.code for cover in hazard.districts} == districts


# -- how many people live under a warning -------------------------------------------------------------------


def covers(*pairs: tuple[str, float]) -> list[HazardCover]:
    return [HazardCover(code=code, name=code, share=share) for code, share in pairs]


def test_the_people_under_a_warning_are_the_covered_shares_of_the_districts() -> None:
    geojson = city()
    for each, people in zip(geojson["features"], (1000, 2000, 3000, 4000, 5000, None), strict=True):
        each["properties"]["jiwa"] = people
    boundaries = load(geojson, population="jiwa")[0]
    world = World(small_world().city, Geofence(boundaries), Gazetteer(boundaries, []))
    assert people_under(world, covers(("A1", 0.5), ("B3", 1.0))) == 3500
    assert people_under(world, covers(("A1", 0.5), ("B6", 0.1))) is None  # of one nothing is known
    assert people_under(world, covers(("gone", 1.0))) is None
    assert people_under(world, []) is None


def test_a_city_that_counts_nobody_says_nothing_of_people() -> None:
    world = play(small_world(), warning(infos=over(WEST_BOX)))
    assert only(world).people is None
