"""Tombstones of incidents that have left the state, which their sources may go on listing for months."""

from __future__ import annotations

import msgspec

from wallboard.engine.world import World
from wallboard.entities import Order

#: Kind of memory.
TOMBSTONE = "incident_ended"

#: Longer than a day, so that the day's counts have all that ended on it, and than any delivery is late (s).
KEPT_S = 2 * 86_400.0


class Ended(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is needed to know it again, and to count it for its day. Times in s since 1970."""

    order: Order | None
    #: received_at of the newest observation that changed it
    received_at: float
    #: when it left the state
    left_at: float
    opened_at: float | None = None
    closed_at: float | None = None
    #: its source withdrew it, and may list it again
    gone: bool = False


MEMORY: dict[str, type] = {TOMBSTONE: Ended}


def bury(world: World, id: str, ended: Ended) -> None:
    """Set a tombstone; an equal one changes nothing."""
    if world.recall(TOMBSTONE, id, Ended) != ended:
        world.remember(TOMBSTONE, id, ended)


def tombstone_due(world: World, ended: Ended) -> float:
    """When it is not needed any more: from then on the incident's own times say that it is long over."""
    return ended.left_at + KEPT_S
