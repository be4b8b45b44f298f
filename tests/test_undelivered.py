"""wallboard/engine/undelivered.py: a notice that nobody took is in the trail, and counted."""

from __future__ import annotations

from tests.people import ask, command, settle_in
from tests.worlds import small_world
from wallboard.engine import reduce
from wallboard.entities import Metric


def test_it_is_audited_and_counted_once() -> None:
    world = small_world()
    told = command("", "notify.undelivered", 10.0, "same", notice="a|1|1", way="email", why="refused")
    reduce.apply(world, [told, told], 10.0)
    again = command("", "notify.undelivered", 11.0, notice="b|1|1", way="email", why="refused")
    reduce.apply(world, [again], 11.0)
    lines = [line for line in world.draft().audit if line["what"] == "notify.undelivered"]
    assert [(line["args"]["notice"], line["status"]) for line in lines] == [
        ("a|1|1", "done"),
        ("b|1|1", "done"),
    ]
    metric = world.get(Metric, "notify.undelivered")
    assert metric is not None
    assert (metric.value, metric.at) == (2, 11.0)


def test_nobody_else_says_so() -> None:
    world = small_world()
    settle_in(world)
    assert ask(world, "admin", "notify.undelivered")["reason"] == "forbidden"
