"""Tombstones of incidents that have left the state, while their source may still list them."""

from __future__ import annotations

import msgspec

from wallboard.engine.world import World
from wallboard.entities import Order

#: Kind of memory.
TOMBSTONE = "incident_ended"

#: A source that has not listed a thing for two days is done with it. Longer than a day, so that the day's
#: counts have all that ended on it.
KEPT_S = 2 * 86_400.0

#: That a thing is still listed is written down no more often than this: a list polled each minute with a
#: thousand closed reports in it must not make a thousand writes a minute.
HEARD_EVERY_S = 0.5 * 86_400.0


class Ended(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is needed to know it again, and to count it for its day. Times in s since 1970."""

    order: Order | None
    #: received_at of the newest observation that changed it
    received_at: float
    #: when its source last listed it
    heard_at: float
    opened_at: float | None = None
    closed_at: float | None = None
    #: its source withdrew it, and may list it again
    gone: bool = False


MEMORY: dict[str, type] = {TOMBSTONE: Ended}


def bury(world: World, id: str, ended: Ended) -> None:
    """Set a tombstone; an equal one changes nothing."""
    if world.recall(TOMBSTONE, id, Ended) != ended:
        world.remember(TOMBSTONE, id, ended)


def heard_again(world: World, id: str, ended: Ended, at: float) -> None:
    """Its source still lists it."""
    if at - ended.heard_at >= HEARD_EVERY_S:
        world.remember(TOMBSTONE, id, msgspec.structs.replace(ended, heard_at=at))


def tombstone_due(world: World, ended: Ended) -> float:
    """When nobody will ask for it any more."""
    return ended.heard_at + KEPT_S
