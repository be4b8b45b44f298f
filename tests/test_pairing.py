"""Paired screens: by code as in RFC 8628, bound to a wall, renewed, ended everywhere, seen when doubled."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.people import ask, command, settle_in
from tests.worlds import Book, small_world
from wallboard.access import Person
from wallboard.engine import reduce
from wallboard.engine.screens import DOUBLED_S, REVOKED_KEPT_S
from wallboard.engine.world import World
from wallboard.entities import Alert, Screen

ID = "0123456789ab"
WALL = {"id": ID, "name": "Lobi", "wall": "operations"}


@pytest.fixture
def world() -> World:
    world = small_world()
    world.now = 1_000_000.0
    settle_in(world)
    return world


def screen(world: World) -> Screen:
    found = world.get(Screen, ID)
    assert found is not None
    return found


def doubled(world: World, at: float) -> None:
    reduce.apply(world, [command("", "screen.doubled", at, id=ID)], at)


# -- the engine -----------------------------------------------------------------------------------------


def test_the_help_desk_pairs_a_screen_to_a_wall_and_districts(world: World) -> None:
    assert ask(world, "helpdesk", "screen.pair", **WALL, districts=["99.01.01"])["status"] == "done"
    assert (screen(world).wall, screen(world).districts) == ("operations", ("99.01.01",))
    assert (screen(world).state, screen(world).paired_by) == ("paired", "helpdesk")
    assert ask(world, "helpdesk", "screen.pair", **WALL)["reason"] == "exists_already"


def test_a_screen_is_paired_to_a_slot_of_its_wall(world: World) -> None:
    assert ask(world, "helpdesk", "screen.pair", **WALL, slot="kiri")["status"] == "done"
    assert (screen(world).wall, screen(world).slot) == ("operations", "kiri")


@pytest.mark.parametrize("person", ["operator", "agency", "supervisor", "leader", "quality"])
@pytest.mark.parametrize("action", ["screen.pair", "screen.name", "screen.revoke"])
def test_nobody_else_does(world: World, person: str, action: str) -> None:
    ask(world, "admin", "screen.pair", **WALL)
    assert ask(world, person, action, id=ID, name="x", wall="operations")["reason"] == "forbidden"


@pytest.mark.parametrize(
    ("args", "fault"),
    [
        ({"wall": "garden"}, "wall: one of "),
        ({"slot": "../x"}, "slot: "),
        ({"slot": 7}, "slot"),
        ({"name": "  "}, "name: "),
        ({"districts": ["99.99"]}, "districts: '99.99' is no code"),
        ({"districts": "99.01.01"}, "districts: a list"),
    ],
)
def test_what_a_screen_cannot_be_bound_to_is_named(world: World, args: dict[str, str], fault: str) -> None:
    assert fault in ask(world, "admin", "screen.pair", **(WALL | args))["reason"]


def test_nobody_gives_a_screen_more_districts_than_they_have(world: World) -> None:
    local = Person(id="lokal", name="Lokal", role="helpdesk", districts=("99.01.01",))
    reduce.apply(world, [command("", "user.set", world.now, **_told(local))], world.now)
    for districts in ([], ["99.01.02"], ["99.01.01", "99.01.02"]):
        assert (
            "only those that are yours"
            in ask(world, "lokal", "screen.pair", **WALL, districts=districts)["reason"]
        )
    assert ask(world, "lokal", "screen.pair", **WALL, districts=["99.01.01"])["status"] == "done"


def test_a_revoked_screen_ends_everywhere_and_leaves_the_list_later(world: World) -> None:
    ask(world, "admin", "screen.pair", **WALL)
    world.draft()
    assert ask(world, "helpdesk", "screen.revoke", id=ID)["status"] == "done"
    draft = world.draft()
    assert draft.revoked == [f"s:{ID}"]
    assert (draft.audit[-1]["before"]["state"], draft.audit[-1]["after"]["state"]) == ("paired", "revoked")
    assert ask(world, "helpdesk", "screen.revoke", id=ID)["reason"] == "revoked_already"
    reduce.apply(world, [], world.now + REVOKED_KEPT_S + 1)
    assert world.get(Screen, ID) is None


def test_the_command_line_may_name_and_revoke_and_no_more(world: World) -> None:
    ask(world, "admin", "screen.pair", **WALL)
    assert ask(world, "", "screen.pair", **(WALL | {"id": "f" * 12}))["reason"] == "log_in_first"
    assert ask(world, "", "screen.name", id=ID, name="Ruang rapat")["status"] == "done"
    assert screen(world).name == "Ruang rapat"
    assert ask(world, "", "screen.revoke", id=ID)["status"] == "done"


def test_a_credential_in_two_places_raises_an_alert_until_it_is_one_again(world: World) -> None:
    ask(world, "admin", "screen.pair", **WALL)
    begin = world.now
    doubled(world, begin + 1)
    assert screen(world).doubled_at == begin + 1
    (alert,) = [alert for alert in world.all(Alert) if alert.rule == "screen-doubled"]
    assert (alert.subject, alert.state) == (f"screen:{ID}", "unacknowledged")
    doubled(world, begin + 61)
    assert screen(world).doubled_at == begin + 1  # the same one goes on
    reduce.apply(world, [], begin + 61 + DOUBLED_S + 1)
    assert screen(world).doubled_at is None
    (alert,) = [alert for alert in world.all(Alert) if alert.rule == "screen-doubled"]
    assert alert.state == "returned_unacknowledged"


def test_nobody_but_the_program_says_that_a_screen_is_doubled(world: World) -> None:
    ask(world, "admin", "screen.pair", **WALL)
    for person in ("admin", "helpdesk", "supervisor"):
        assert ask(world, person, "screen.doubled", id=ID)["reason"] == "forbidden"


def test_a_restart_changes_nothing(world: World) -> None:
    book = Book()
    ask(world, "admin", "screen.pair", **WALL)
    doubled(world, world.now)
    book.commit(world)
    again = book.reopened(world.now)
    reduce.apply(again, [], world.now + DOUBLED_S + 1)
    assert screen(again).doubled_at is None


def _told(person: Person) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(person)
    return told
