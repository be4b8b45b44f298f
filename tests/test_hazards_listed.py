"""wallboard/engine/hazards/listed.py: what a source lists as it is now, and names no more."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.hazard_documents import area_of, box, warning, words
from tests.worlds import NORTH, STEP, WEST, Book, small_world
from wallboard.engine import reduce
from wallboard.engine.world import World
from wallboard.entities import Hazard
from wallboard.events import AnyEvent, HazardIssued, Present

T = 1_000_000.0
HOUR = 3600.0
LIFE = 2 * HOUR
MUARA = area_of(box(WEST + 0.002, NORTH - STEP + 0.002, WEST + STEP - 0.002, NORTH - 0.002))


def flood(
    received: float = 0.0, thing: str = "a", since: float = 0.0, headline: str = "Banjir", **more: Any
) -> HazardIssued:
    """A flood as its list has it, received so many seconds after T."""
    info = words(headline=headline, areas=(MUARA,), expires=T + received + LIFE, **more)
    event = warning(thing, sent=T + since, received=T + received, infos=(info,), thing=thing)
    return msgspec.structs.replace(event, source_id=thing)


def listing(received: float, *things: str, feed: str = "cap") -> Present:
    return Present(feed=feed, source_id="", received_at=T + received, kind="hazard", ids=things)


def play(world: World, *events: AnyEvent, until: float = 0.0) -> World:
    reduce.apply(world, events, T + until)
    return world


def only(world: World) -> Hazard:
    (hazard,) = world.all(Hazard)
    return hazard


def changes(world: World) -> list[str]:
    return [change.id for change in world.draft().changes if change.kind == "hazard"]


def test_a_listed_flood_says_since_when_and_lies_in_its_district() -> None:
    hazard = only(play(small_world(), flood(60, since=-HOUR), until=60))
    assert (hazard.state, hazard.at, hazard.sent, hazard.level) == ("active", T - HOUR, T - HOUR, "caution")
    assert [cover.code for cover in hazard.districts] == ["99.01.01.1001"]
    assert "listed" in hazard.flags


def test_what_the_list_says_last_holds_and_is_the_same_thing() -> None:
    world = play(small_world(), flood())
    first = only(world).id
    play(world, flood(60, headline="Banjir 150 cm", severity="Severe"), until=60)
    assert (only(world).id, only(world).level) == (first, "severe")
    assert only(world).texts["id"].headline == "Banjir 150 cm"
    play(world, flood(30), until=90)  # an older document, held back on its way
    assert only(world).level == "severe"


def test_a_poll_that_says_the_same_changes_nothing_until_half_of_the_life_is_over() -> None:
    world = play(small_world(), flood())
    Book().commit(world)
    play(world, flood(600), until=600)
    assert not changes(world)
    play(world, flood(HOUR + 1), until=HOUR + 1)
    assert only(world).expires == T + HOUR + 1 + LIFE


def test_a_source_that_does_not_say_since_when_repeats_itself_without_a_change() -> None:
    def undated(received: float, **more: Any) -> HazardIssued:
        event = flood(received, since=received, **more)
        return msgspec.structs.replace(event, observed_at=None)

    world = play(small_world(), undated(0))
    Book().commit(world)
    play(world, undated(600), until=600)
    assert not changes(world)
    play(world, undated(900, headline="Banjir 2"), until=900)
    assert (only(world).sent, only(world).at) == (T + 900, T + 900)


def test_what_the_whole_list_names_no_more_is_over_and_may_come_again() -> None:
    world = play(small_world(), flood(), flood(thing="b"), listing(0, "a", "b"))
    play(world, flood(60, thing="b"), listing(60, "b"), until=60)
    ended = next(hazard for hazard in world.all(Hazard) if hazard.state == "ended")
    assert (ended.identifier, ended.ended_by, ended.ended_at, ended.level) == ("a", "unlisted", T + 60, None)
    play(world, flood(120), flood(120, thing="b"), listing(120, "a", "b"), until=120)
    assert {hazard.state for hazard in world.all(Hazard)} == {"active"}


def test_a_list_received_before_the_warning_does_not_end_it() -> None:
    world = play(small_world(), flood(60), until=60)
    play(world, listing(30), until=90)
    assert only(world).state == "active"


def test_the_lists_of_others_and_messages_stay() -> None:
    world = play(small_world(), warning("m", infos=(words(),)), flood())
    play(world, listing(60, feed="other"), until=60)
    assert {hazard.state for hazard in world.all(Hazard)} == {"active"}
    play(world, listing(120), until=120)
    states = {hazard.identifier: hazard.state for hazard in world.all(Hazard)}
    assert states == {"m": "active", "a": "ended"}


def test_what_is_not_heard_of_any_more_expires_and_leaves() -> None:
    world = play(small_world(), flood())
    play(world, until=LIFE + 1)
    assert (only(world).state, only(world).ended_by) == ("ended", "expired")
    play(world, until=LIFE + 1 + world.city.retention.hazard)
    assert not list(world.all(Hazard))


def test_what_comes_too_late_to_hold_is_not_shown() -> None:
    world = play(small_world(), until=LIFE + 1)
    assert not list(play(world, flood(), until=LIFE + 1).all(Hazard))


def test_it_is_the_same_after_a_restart() -> None:
    book = Book()
    book.commit(play(small_world(), flood(), flood(thing="b")))
    world = book.reopened(T)
    play(world, flood(60), listing(60, "a"), until=60)
    assert {hazard.identifier: hazard.state for hazard in world.all(Hazard)} == {"a": "active", "b": "ended"}
