"""Alerts that come and go too often to be read (ISA-18.2: chattering)."""

from __future__ import annotations

import msgspec

from wallboard.engine.alerts.standing import standing
from wallboard.engine.world import World
from wallboard.entities import Alert

#: So often in this time it chatters, by `alarms.chatter` (s).
CHATTER_S = 60.0

#: One that has not come for this long chatters no more (s). Longer than the minute that it is counted by:
#: else the flag itself would come and go.
QUIET_S = 600.0

CAME = "came"


class CameMemory(msgspec.Struct):
    """When an alert came lately, oldest first; as many as make it chatter."""

    times: list[float]


def came(world: World, id: str) -> tuple[str, ...]:
    """Note that an alert comes now; the flags that it has by it."""
    old = world.recall(CAME, id, CameMemory)
    times = [*(old.times if old else ()), world.now][-world.city.alarms.chatter :]
    world.remember(CAME, id, CameMemory(times))
    alert = world.get(Alert, id)
    often = len(times) == world.city.alarms.chatter and times[-1] - times[0] <= CHATTER_S
    return ("chatter",) if often or (alert is not None and "chatter" in alert.flags) else ()


def quiet(world: World, id: str) -> None:
    """It has not come for a while."""
    world.forget(CAME, id)
    alert = world.get(Alert, id)
    if alert is not None and "chatter" in alert.flags:
        calm = msgspec.structs.replace(alert, flags=tuple(flag for flag in alert.flags if flag != "chatter"))
        index = standing(world)
        world.put(calm)
        index.replace(alert, calm)


def due(world: World, memory: CameMemory) -> float:
    """When it counts as quiet."""
    return memory.times[-1] + QUIET_S
