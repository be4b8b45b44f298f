"""Warnings that a source lists as they are now, under a key of their own: floods by area, disasters by event.

No message of such a list ends another. What the key says last holds; what a whole list names no more is
over, and in force again when it is named again. What is not heard of expires, as everything does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from wallboard.engine.hazards.ends import short
from wallboard.entities import Hazard, Order
from wallboard.events import HazardIssued, Present

_PREFIX = "list/"

#: The end is only when we stop believing it; the wall says since when it is so instead.
FLAG = "listed"


def id_of(feed: str, thing: str) -> str:
    """The entity of a thing that a feed lists."""
    return f"{_PREFIX}{short(feed, thing)}"


def renewed(before: Hazard | None, said: Hazard, event: HazardIssued, now: float) -> Hazard | None:
    """The warning after its source named it again; None: nothing that has to be written down.

    A list is polled every minute and mostly says the same: how long it holds is moved on only when half of
    it has passed.
    """
    after = msgspec.structs.replace(said, order=Order(0.0, event.received_at), flags=(*said.flags, FLAG))
    if said.expires is not None and said.expires <= now:
        return None
    if before is None:
        return after
    if before.order is not None and after.order is not None and after.order <= before.order:
        return None
    after = msgspec.structs.replace(after, cameras=before.cameras, incidents=before.incidents)
    if event.observed_at is None:
        # The source does not say since when: since it was first named, until it says something else.
        onset = before.onset if after.onset == after.sent else after.onset
        kept = msgspec.structs.replace(after, at=before.at, sent=before.sent, onset=onset)
        after = kept if _same(kept, before) else after
    same = _same(after, before)
    return None if same and not _half_gone(before, after, now) else after


def unlisted(shown: Iterable[Hazard], event: Present) -> Iterator[Hazard]:
    """The warnings of a feed that its whole list names no more, as they were before it was received."""
    named = {id_of(event.feed, thing) for thing in event.ids}
    for hazard in shown:
        ours = hazard.feed == event.feed and hazard.id.startswith(_PREFIX)
        if ours and hazard.id not in named and hazard.state != "ended":
            order = Order(0.0, event.received_at)
            if hazard.order is None or hazard.order < order:
                yield msgspec.structs.replace(hazard, order=order)


def _same(after: Hazard, before: Hazard) -> bool:
    return msgspec.structs.replace(after, order=before.order, expires=before.expires) == before


def _half_gone(before: Hazard, after: Hazard, now: float) -> bool:
    if before.expires is None or after.expires is None:
        return before.expires != after.expires
    return before.expires - now < (after.expires - now) / 2
