"""No hot path becomes a tenth dearer unseen: instructions are counted, no time is measured."""

from __future__ import annotations

import pytest

from loadtests.guard import MAY_GROW, PATHS, VERSION, instructions, written


def test_instructions_are_counted_and_always_the_same() -> None:
    def loop(times: int) -> int:
        return sum(number for number in range(times))

    few = instructions(lambda: loop(10))
    assert few == instructions(lambda: loop(10))
    assert 300 < instructions(lambda: loop(110)) - few < 2000


@pytest.mark.parametrize("name", PATHS)
def test_a_hot_path_costs_what_was_written_down(name: str) -> None:
    known = written().get(VERSION)
    if known is None:
        pytest.skip(f"nothing is written down for Python {VERSION}: python3 -m loadtests.guard --write")
    cost = PATHS[name]()
    # Cheaper is news, too: what is written down has to be what is so.
    assert known[name] * (1 - MAY_GROW) <= cost <= known[name] * (1 + MAY_GROW), (
        f"{name}: {cost:.1f} instructions, {known[name]} are written down. If that is meant: "
        "python3 -m loadtests.guard --write, and say why in the commit"
    )
