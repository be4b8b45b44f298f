"""wallboard/engine/driving.py: a wall is sent somewhere for a time, by who may, and goes back by itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.people import ask, settle_in
from tests.worlds import Book, small_world
from wallboard.engine import reduce
from wallboard.engine.world import World
from wallboard.entities import District, Wall
from wallboard.events import BoardCondition
from wallboard.walls import MAX_WALLS

NOW = 1_000_000.0


@pytest.fixture
def world() -> World:
    world = small_world()
    world.now = NOW
    settle_in(world)
    return world


def sent(world: World, wall: str = "operations") -> tuple[str, str] | None:
    """Where it is sent to."""
    shown = world.get(Wall, wall)
    return None if shown is None or shown.sent is None else (shown.sent.layout, shown.sent.subject)


@pytest.mark.parametrize("person", ["supervisor", "leader", "helpdesk"])
def test_who_may_sends_a_wall_for_a_time_and_it_goes_back(world: World, person: str) -> None:
    assert ask(world, person, "wall.drive", wall="operations", layout="calls", for_s=60)["status"] == "done"
    assert sent(world) == ("calls", "")
    reduce.apply(world, [], NOW + 59)
    assert sent(world) == ("calls", "")
    reduce.apply(world, [], NOW + 60)
    assert sent(world) is None


def test_the_glass_is_told_the_role_of_who_sent_it(world: World) -> None:
    ask(world, "helpdesk", "wall.drive", wall="operations", layout="calls", for_s=60)
    shown = world.get(Wall, "operations")
    assert shown is not None
    assert shown.sent is not None
    assert (shown.sent.by, shown.sent.role) == ("helpdesk", "helpdesk")


def test_nobody_else_may(world: World) -> None:
    for person in ("operator", "agency", "quality", "admin"):
        answer = ask(world, person, "wall.drive", wall="operations", layout="calls", for_s=60)
        assert answer["reason"] == "forbidden"


def test_it_is_called_back_and_what_its_screen_says_does_not_change_it(world: World) -> None:
    ask(world, "leader", "wall.drive", wall="operations", layout="market", for_s=600)
    painting = BoardCondition(
        feed="", source_id="operations", received_at=NOW + 1, node="n", state="painting", age_s=0.0
    )
    reduce.apply(world, [painting], NOW + 1)
    assert sent(world) == ("market", "")
    assert ask(world, "leader", "wall.drive", wall="operations")["status"] == "done"
    assert sent(world) is None


def test_it_goes_to_a_thing_on_the_map(world: World) -> None:
    district = next(iter(world.all(District)))
    ask(world, "supervisor", "wall.drive", wall="quad/2", subject=f"district:{district.id}", for_s=60)
    assert sent(world, "quad/2") == ("", f"district:{district.id}")


@pytest.mark.parametrize(
    ("args", "why"),
    [
        ({"wall": "nowhere", "layout": "calls", "for_s": 60}, "bad_args: wall: one of"),
        ({"wall": "operations/PEJABAT KORUP", "layout": "calls", "for_s": 60}, "bad_args: wall: one of"),
        ({"wall": "operations/", "layout": "calls", "for_s": 60}, "bad_args: wall: one of"),
        ({"wall": "operations/" + "x" * 33, "layout": "calls", "for_s": 60}, "bad_args: wall: one of"),
        ({"wall": "operations", "layout": "nothing", "for_s": 60}, "bad_args: layout: one of"),
        ({"wall": "operations", "subject": "incident:none", "for_s": 60}, "bad_args: subject:"),
        ({"wall": "operations", "subject": "person:admin", "for_s": 60}, "bad_args: subject:"),
        ({"wall": "operations", "layout": "calls"}, "bad_args: for_s"),
        ({"wall": "operations", "layout": "calls", "for_s": 1e9}, "bad_args: for_s"),
    ],
)
def test_what_does_not_exist_is_refused(world: World, args: dict[str, Any], why: str) -> None:
    assert ask(world, "supervisor", "wall.drive", **args)["reason"].startswith(why)
    assert sent(world) is None


def test_a_restart_changes_nothing_of_it(world: World) -> None:
    book = Book()
    ask(world, "leader", "wall.drive", wall="operations", layout="calls", for_s=60)
    book.commit(world)
    again = book.reopened(NOW + 1)
    assert sent(again) == ("calls", "")
    reduce.apply(again, [], NOW + 61)
    assert sent(again) is None


def test_names_of_screens_that_nobody_has_do_not_fill_the_state(world: World) -> None:
    for number in range(MAX_WALLS + 5):
        ask(world, "leader", "wall.drive", wall=f"operations/n{number}", layout="calls", for_s=60)
    assert len(world.of_kind("wall")) == MAX_WALLS
    # A screen that is really there takes the place of one.
    there = BoardCondition(feed="", source_id="market", received_at=world.now, node="n", state="painting")
    reduce.apply(world, [there], world.now)
    assert world.get(Wall, "market") is not None
    assert len(world.of_kind("wall")) == MAX_WALLS
