"""Where the numbers of an alert go on when it comes again after it has left the state."""

from __future__ import annotations

import msgspec

from wallboard.engine.alerts.standing import standing
from wallboard.engine.world import World
from wallboard.entities import Alert

#: An acknowledgement of an episode that is this long over is sent by nobody any more (s). A page repeats a
#: command for a day at most; a month also keeps the numbers of what comes every week apart in reports.
EPISODE_KEPT_S = 30 * 24 * 3600.0

#: kind of memory
EPISODE = "episode"


class EpisodeMemory(msgspec.Struct):
    """The last numbers of an alert that has left the state, and when it left."""

    at: float
    episode: int
    version: int


def leave(world: World, alert: Alert) -> None:
    """Take the alert out of the state, and keep its numbers."""
    index = standing(world)  # made now, it still has the alert
    world.remember(EPISODE, alert.id, EpisodeMemory(world.now, alert.episode, alert.version))
    world.remove(Alert, alert.id)
    index.replace(alert, None)


def next_numbers(world: World, id: str, old: Alert | None) -> tuple[int, int]:
    """Episode and version of the episode that now begins."""
    last: Alert | EpisodeMemory | None = old or world.recall(EPISODE, id, EpisodeMemory)
    world.forget(EPISODE, id)
    return (1, 1) if last is None else (last.episode + 1, last.version + 1)


def forgotten(world: World, id: str) -> None:
    """The numbers may begin anew."""
    world.forget(EPISODE, id)


def due(world: World, memory: EpisodeMemory) -> float:
    """When the numbers are forgotten."""
    return memory.at + EPISODE_KEPT_S
