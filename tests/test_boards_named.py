"""What people call the board of a paired screen."""

from __future__ import annotations

import pytest

from tests.people import ask, settle_in
from tests.worlds import small_world
from wallboard.engine import reduce
from wallboard.entities import Wall
from wallboard.events import BoardCondition


@pytest.mark.parametrize(
    ("board", "name"),
    [
        ("operations/a1b2c3", "operations/Dinding kiri"),
        ("operations/left", "operations/left"),
        ("operations", "operations"),
    ],
)
def test_a_paired_screen_is_called_by_its_name(board: str, name: str) -> None:
    world = small_world()
    settle_in(world)
    paired = ask(world, "helpdesk", "screen.pair", id="a1b2c3", name="Dinding kiri", wall="operations")
    assert paired["status"] == "done"
    told = BoardCondition(feed="", source_id=board, received_at=world.now, node="n", state="painting")
    reduce.apply(world, [told], world.now)
    shown = world.get(Wall, board)
    assert shown is not None
    assert shown.name == name
