"""wallboard/engine/commands.py: authorised, done once, answered, audited."""

from __future__ import annotations

import pytest

from tests.people import ask, command, settle_in
from tests.worlds import small_world
from wallboard.access import Person
from wallboard.engine import reduce
from wallboard.engine.commands import ANSWER_KEPT_S
from wallboard.engine.world import World
from wallboard.events import Command

BUDI = {"id": "budi", "name": "Budi", "role": "operator"}


@pytest.fixture
def world() -> World:
    world = small_world()
    world.now = 1_000_000.0
    settle_in(world)
    return world


def test_a_command_is_done_once_and_a_repetition_gets_the_first_answer(world: World) -> None:
    first = ask(world, "admin", "user.set", "one", **BUDI)
    assert first["status"] == "done"
    world.draft()
    again = ask(world, "admin", "user.set", "one", **(BUDI | {"role": "admin"}))
    draft = world.draft()
    assert again == first
    assert (draft.changes, draft.audit) == ([], [])
    assert world.recall("person", "budi", Person) == Person(id="budi", name="Budi", role="operator")


def test_an_answer_is_forgotten_after_a_day(world: World) -> None:
    ask(world, "admin", "user.set", "one", **BUDI)
    reduce.apply(world, [], world.now + ANSWER_KEPT_S + 1)
    assert not world.memories("answer")


@pytest.mark.parametrize(
    ("person", "action", "args", "reason"),
    [
        ("nobody", "user.set", BUDI, "log_in_first"),
        ("", "session.login", {}, "log_in_first"),
        ("supervisor", "user.set", BUDI, "forbidden"),
        ("admin", "user.fly", {}, "unknown_action"),
        ("admin", "user.remove", {"id": "who"}, "no_such_thing"),
    ],
)
def test_what_is_not_theirs_is_refused_with_the_reason_and_audited(
    world: World, person: str, action: str, args: dict[str, str], reason: str
) -> None:
    assert ask(world, person, action, **args)["reason"] == reason
    (line,) = world.draft().audit
    assert (line["what"], line["person"], line["status"]) == (action, person, "refused")


def test_wrong_arguments_are_named(world: World) -> None:
    answer = ask(world, "admin", "user.set", **(BUDI | {"role": "king"}))
    assert answer["reason"].startswith("bad_args: Invalid enum value 'king'")


def test_a_right_that_ended_before_a_command_ended_it(world: World) -> None:
    disabled = {"id": "supervisor", "name": "S", "role": "supervisor", "disabled": True}
    ended = Command(
        feed="", source_id="e", received_at=world.now, person="admin", action="user.set", args=disabled
    )
    late = command("supervisor", "user.set", world.now, "late")
    reduce.apply(world, [ended, late], world.now)
    assert world.draft().audit[-1]["reason"] == "log_in_first"


def test_a_right_that_changes_revokes_and_a_new_name_does_not(world: World) -> None:
    ask(world, "admin", "user.set", **BUDI)
    assert world.draft().revoked == []
    ask(world, "admin", "user.set", **(BUDI | {"name": "Budi Santoso"}))
    assert world.draft().revoked == []
    ask(world, "admin", "user.set", **(BUDI | {"role": "leader"}))
    assert world.draft().revoked == ["p:budi"]
    ask(world, "admin", "user.remove", id="budi")
    assert world.draft().revoked == ["p:budi"]


@pytest.mark.parametrize("id", [{}, [], None, 1, "", "x" * 65])
def test_an_id_of_another_type_is_refused_and_stops_nothing(world: World, id: object) -> None:
    assert str(ask(world, "admin", "user.remove", id=id)["reason"]).startswith("bad_args: id")
