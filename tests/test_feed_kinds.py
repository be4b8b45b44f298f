"""What a feed is a source of, from its type and options to the entity that a wall sees."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from feeds.base import ANYTHING
from feeds.registry import ADAPTERS, feed_options
from tests.worlds import small_boundaries, small_city
from wallboard.config.feed_tables import feed_kinds
from wallboard.engine import reduce
from wallboard.engine.world import World
from wallboard.entities import KINDS, Feed
from wallboard.events import FeedHealth
from wallboard.gazetteer import Gazetteer
from wallboard.geofence import Geofence

KEYS = {"keys": ["env:KEY"]}

#: Types whose options tell what they bring: type → options → kinds.
TOLD: dict[str, list[tuple[dict[str, Any], tuple[str, ...]]]] = {
    "petabencana": [
        ({"list": "floods"}, ("hazard",)),
        ({"list": "floodgauges"}, ("gauge",)),
        ({"list": "reports"}, ("incident",)),
    ],
    "folder": [
        (
            {"reads": "prices", "settings": {"mapping": {"fields": {"commodity": "k", "price": "h"}}}},
            ("price",),
        ),
        ({"reads": "petabencana", "settings": {"list": "reports"}}, ("incident",)),
    ],
    "webhook": [
        (KEYS, ("incident",)),
        (KEYS | {"kind": "call"}, ("call", "queue", "agent")),
        (KEYS | {"kind": "event"}, (ANYTHING,)),
    ],
    "mqtt": [({"topics": ["a"]}, ("gauge",))],
    "stream": [({}, ("incident",))],
}


def test_each_type_says_what_it_brings() -> None:
    for type, adapter in ADAPTERS.items():
        if callable(adapter.kinds):
            assert type in TOLD
        else:
            assert adapter.brings(None)
            assert set(adapter.brings(None)) <= KINDS.keys()


@pytest.mark.parametrize(
    ("type", "options", "kinds"), [(type, *each) for type, told in TOLD.items() for each in told]
)
def test_where_the_options_tell(type: str, options: dict[str, Any], kinds: tuple[str, ...]) -> None:
    assert ADAPTERS[type].brings(feed_options(type, options)) == kinds
    assert set(kinds) - {ANYTHING} <= KINDS.keys()


def feed(list: str) -> dict[str, Any]:
    url = f"https://data.petabencana.id/{list}"
    return {"name": "peta", "type": "petabencana", "url": url, "options": {"list": list}}


def world_of(list: str) -> World:
    city = small_city(feed=[feed(list)])
    boundaries = small_boundaries()
    world = reduce.new_world(city, Geofence(boundaries), Gazetteer(boundaries), feed_kinds(city))
    reduce.loaded(world)
    return world


def shown(world: World) -> Feed:
    found = world.get(Feed, "peta")
    assert found is not None
    return found


def test_a_feed_says_it_from_the_beginning_and_when_its_options_change() -> None:
    world = world_of("reports")
    assert (shown(world).state, shown(world).kinds) == ("waiting", ("incident",))
    health = FeedHealth(feed="peta", source_id="peta", received_at=5.0, state="ok", last_good_at=5.0)
    reduce.apply(world, [health], 5.0)
    assert (shown(world).state, shown(world).kinds) == ("ok", ("incident",))
    later = world_of("floods")
    later.put(msgspec.structs.replace(shown(world)))
    reduce.loaded(later)
    assert (shown(later).state, shown(later).kinds) == ("ok", ("hazard",))
