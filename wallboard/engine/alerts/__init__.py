"""Alerts after ISA-18.2 and OPC UA Part 9: states, episodes and versions, and what people do about them.

    normal → unacknowledged → acknowledged → normal
                │  └► returned_unacknowledged (condition gone, nobody saw it) ─ack─► normal
                └► a worse severity, or a lapsed acknowledgement, re-opens an acknowledged one

Beside the state stand flags: shelved, suppressed, out_of_service. engine/rules calls `raise_alert` and
`end_alert`; people send the commands in COMMANDS; time does the rest (timer.py, escalation.py).
"""

from __future__ import annotations

from typing import Any

from wallboard.engine.alerts import (
    acks,
    aside,
    burden,
    chatter,
    episodes,
    escalation,
    hands,
    sight,
    suppression,
    timer,
)
from wallboard.engine.alerts.condition import drop_orphans, end_alert, raise_alert
from wallboard.engine.alerts.timer import NORMAL_KEPT_S, UNSEEN_KEPT_S
from wallboard.engine.alerts.transition import show
from wallboard.engine.world import World
from wallboard.entities import Alert

__all__ = ["NORMAL_KEPT_S", "UNSEEN_KEPT_S", "drop_orphans", "end_alert", "raise_alert"]


def load(world: World) -> None:
    """Judge each alert by the configuration as it is now: steps and suppression may have changed."""
    for alert in list(world.all(Alert)):
        if escalation.timed(world, alert) != alert:
            show(world, alert, alert)
        suppression.judge(world, alert.id)


def settle(world: World) -> None:
    """Alerts are seen by whom their subjects are; the city shows a flood from its first moment."""
    sight.follow(world)
    burden.tell(world)


EVENTS: dict[type, object] = {}
COMMANDS = {**acks.COMMANDS, **aside.COMMANDS, **hands.COMMANDS}
DUE: dict[str, Any] = {
    "alert": timer.due,
    f"mem:{episodes.EPISODE}": episodes.due,
    f"mem:{chatter.CAME}": chatter.due,
    **burden.DUE,
}
TIMERS: dict[str, Any] = {
    "alert": timer.passed,
    f"mem:{episodes.EPISODE}": episodes.forgotten,
    f"mem:{chatter.CAME}": chatter.quiet,
    **burden.TIMERS,
}
MEMORY: dict[str, type] = {
    episodes.EPISODE: episodes.EpisodeMemory,
    chatter.CAME: chatter.CameMemory,
    **burden.MEMORY,
}
