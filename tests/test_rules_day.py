"""A day of the demo, at four times its pace, played twice: the same alerts to the letter."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from tests.test_scenario import STEP_S, Stage, scenario
from wallboard.engine import reduce
from wallboard.entities import Alert
from wallboard.ground import prepare
from wallboard.settings import DEMO, read_city

#: Minutes of the day a real minute.
PACE = 240.0


async def a_day() -> list[Any]:
    """What rules and alerts did, step by step, and what stood at each."""
    city = read_city(DEMO)
    play = scenario(speed=PACE)
    stage = Stage(city, prepare(city, DEMO.parent), play)
    told: list[Any] = []
    draft = stage.world.draft

    def kept() -> Any:
        made = draft()
        told.append(made.audit)
        return made

    stage.world.draft = kept  # type: ignore[method-assign]
    for passed in range(0, int(play.clock.length_s), STEP_S):
        now = play.clock.anchor + passed
        await stage.step(now)
        reduce.apply(stage.world, stage.check_cameras(now), now)
        stage.world.draft()
        told.append([msgspec.to_builtins(alert) for alert in stage.world.all(Alert)])
    return told


def test_a_day_played_twice_gives_the_same_alerts_to_the_letter() -> None:
    first, second = asyncio.run(a_day()), asyncio.run(a_day())
    assert first == second
    rules = {line["rule"] for lines in first for line in lines if line.get("what") == "alert.raised"}
    assert {"peringatan-cuaca", "harga", "pintu-air-awas"} <= rules
