"""Citizens' reports and incidents: the newest word of their source, beside what people here did.

Which observation is newer is told by `order_of`. A thing that its source withdrew or left out of its list is
closed with the flag "gone"; when it is listed again it opens again, even with the old time that it had.

What has ended leaves the state after `retention.incident`, but where people here have taken steps only when
it is over for both, its source and them. A tombstone of two days keeps what is delivered late from bringing
it back, and counts it for its day. After that its own times do: a list that reaches back 90 days holds
thousands of reports that are long over, and costs no memory here.
"""

from __future__ import annotations

from typing import Any

import msgspec

from wallboard.engine.incidents import acts, city_counts, duplicates, outcomes, shelf
from wallboard.engine.incidents.clocks import OVERDUE_NOW, next_due
from wallboard.engine.incidents.ended import MEMORY as ENDED_MEMORY
from wallboard.engine.incidents.ended import TOMBSTONE, Ended, bury, tombstone_due
from wallboard.engine.incidents.handover import handed_over
from wallboard.engine.incidents.leaving import is_over, leaves_at
from wallboard.engine.incidents.shape import shaped
from wallboard.engine.incidents.shelf import open_of_feed, put, take_out
from wallboard.engine.order import marks, order_of, seen_at
from wallboard.engine.placing import place_of
from wallboard.engine.world import World
from wallboard.entities import ENDED_STATUSES, REOPENED, Incident, IncidentOurs, IncidentSource, Order
from wallboard.events import Gone, IncidentReported, Present
from wallboard.place import Place

GONE_FLAG = "gone"


def reported(world: World, event: IncidentReported) -> None:
    """Take an observation of an incident, if it is newer than what is known."""
    id = f"{event.feed}/{event.source_id}"
    before = world.get(Incident, id)
    if before is None:
        ended = world.recall(TOMBSTONE, id, Ended)
        if ended is not None and not _reopens(event, ended):
            return
    elif not _newer(event, before.order, before.received_at, gone=GONE_FLAG in before.flags):
        return
    after = _observed(world, event, id, before)
    if before is None and is_over(world, after):
        # Over since before we heard of it: counted if it is of today, but nothing for the wall.
        if city_counts.is_of_today(world, after.source.opened_at, after.source.closed_at):
            _bury(world, after)
        return
    if before is not None and _only_polled_again(event, before, after):
        return
    world.forget(TOMBSTONE, id)
    put(world, after)


def gone(world: World, event: Gone) -> None:
    """Close what its source has withdrawn."""
    id = f"{event.feed}/{event.source_id}"
    incident = world.get(Incident, id)
    if incident is None:
        if world.recall(TOMBSTONE, id, Ended) is None:
            # An older observation may still be on its way.
            ended = Ended(
                order=order_of(event), received_at=event.received_at, left_at=event.received_at, gone=True
            )
            bury(world, id, ended)
            city_counts.count(world, id)
        return
    if event.received_at >= incident.received_at and _newer_or_equal(order_of(event), incident.order):
        _close(world, incident, seen_at(event), event.received_at, event.reason)


def present(world: World, event: Present) -> None:
    """Close those of the feed that its complete list does not hold any more."""
    listed = frozenset(f"{event.feed}/{source_id}" for source_id in event.ids)
    for id in [id for id in open_of_feed(world, event.feed) if id not in listed]:
        incident = world.get(Incident, id)
        if incident is not None and incident.received_at <= event.received_at:
            _close(world, incident, seen_at(event), event.received_at, "")


def _newer(event: IncidentReported, order: Order | None, received_at: float, *, gone: bool) -> bool:
    if order is None or order_of(event) > order:
        return True
    return gone and order_of(event) == order and event.received_at > received_at


def _newer_or_equal(new: Order, old: Order | None) -> bool:
    # (run, seq) and times do not compare: which of two kinds of order is newer is told by the receipt.
    return old is None or (new.run == 0) != (old.run == 0) or new >= old


def _reopens(event: IncidentReported, ended: Ended) -> bool:
    return event.status == "open" and _newer(event, ended.order, ended.received_at, gone=ended.gone)


def _observed(world: World, event: IncidentReported, id: str, before: Incident | None) -> Incident:
    """The incident as this observation leaves it; what people here did stays."""
    flags = marks(event)
    if before is not None and _opened_again(event, before):
        flags = (*flags, REOPENED)
    incident = Incident(
        id=id,
        at=seen_at(event),
        feed=event.feed,
        flags=flags,
        order=order_of(event),
        received_at=event.received_at,
        source=_source(event, before),
        ours=before.ours if before else IncidentOurs(),
        place=_place(world, event, before),
    )
    return handed_over(world, shaped(world, incident, before), before)


def _opened_again(event: IncidentReported, before: Incident) -> bool:
    """Whether its source opens again what people here have ended; it stays so until they take a step."""
    if event.status == "closed" or (before.ours.ended_at is None and before.ours.status != "resolved"):
        return False
    return before.source.status == "closed" or REOPENED in before.flags


def _source(event: IncidentReported, before: Incident | None) -> IncidentSource:
    opened = event.opened_at
    if opened is None:
        opened = before.source.opened_at if before else seen_at(event)
    return IncidentSource(
        title=event.title,
        text=event.text,
        category_raw=event.category,
        category_name=event.category_name,
        status=event.status,
        status_raw=event.status_raw,
        status_notes=event.status_notes,
        agency_raw=event.agency,
        address=event.address,
        # Nothing was opened or closed after we heard of it, whatever the source's clock says.
        opened_at=min(opened, event.received_at),
        closed_at=_closed_at(event, before),
        expected_at=event.expected_at,
        media_url=event.media_url,
        channel=event.channel,
        severity=event.severity or None,
    )


def _closed_at(event: IncidentReported, before: Incident | None) -> float | None:
    if event.status == "open":
        return None
    if event.closed_at is not None:
        return min(event.closed_at, event.received_at)
    if before is not None and before.source.closed_at is not None:
        return before.source.closed_at
    # First seen when it was closed already, by a source that gives no times: nobody knows since when.
    return seen_at(event) if before is not None or event.observed_at is not None else None


def _only_polled_again(event: IncidentReported, before: Incident, after: Incident) -> bool:
    """Whether the observation says nothing new, not even that its source has changed something lately."""
    undated = event.observed_at is None or event.observed_at > event.received_at
    if not undated and after.at != before.at:
        return False
    same = msgspec.structs.replace(after, at=before.at, order=before.order, received_at=before.received_at)
    return same == before


def _place(world: World, event: IncidentReported, before: Incident | None) -> Place:
    place = place_of(world, event, event.address)
    if before is None or place.source == before.place.source:
        return place
    # Other boundaries than those of the first assignment: it holds until the thing itself moves.
    moved = (place.lon, place.lat) != (before.place.lon, before.place.lat)
    return place if moved or event.address != before.source.address else before.place


def _close(world: World, incident: Incident, at: float, received_at: float, reason: str) -> None:
    if incident.source.status == "closed":
        return
    source = msgspec.structs.replace(
        incident.source,
        status="closed",
        closed_at=min(at, received_at),
        status_notes=reason or incident.source.status_notes,
    )
    flags = tuple(dict.fromkeys((*(flag for flag in incident.flags if flag != REOPENED), GONE_FLAG)))
    closed = msgspec.structs.replace(incident, source=source, at=at, flags=flags, received_at=received_at)
    put(world, shaped(world, closed, incident))


def _bury(world: World, incident: Incident) -> None:
    # A duplicate is counted once: as what it is a duplicate of.
    counted = incident.ours.status != "duplicate"
    over_at = incident.source.closed_at if incident.over_at is None else incident.over_at
    ended = Ended(
        order=incident.order,
        received_at=incident.received_at,
        left_at=world.now,
        opened_at=incident.source.opened_at if counted else None,
        closed_at=over_at if counted else None,
        gone=GONE_FLAG in incident.flags,
    )
    bury(world, incident.id, ended)
    outcomes.left(world, incident)
    city_counts.count(world, incident.id)


def due(world: World, incident: Incident) -> float | None:
    """When it leaves the state, or the next of its clocks runs over, or its source's promise does."""
    leaves = leaves_at(world, incident)
    if leaves is not None:
        return leaves
    moments = [next_due(world, incident)]
    if not incident.clocks and incident.over_at is None:
        expected = incident.source.expected_at
        moments.append(expected if expected is not None and expected > world.now else None)
    return min((at for at in moments if at is not None), default=None)


def time_passed(world: World, id: str) -> None:
    """A clock of it has run over, or it has been over for long enough."""
    incident = world.get(Incident, id)
    if incident is None:
        return
    leaves = leaves_at(world, incident)
    if leaves is not None and leaves <= world.now:
        _leave(world, incident)
        return
    world.index.setdefault(OVERDUE_NOW, {})[id] = None
    put(world, shaped(world, incident, incident))


def _leave(world: World, incident: Incident) -> None:
    if incident.ours.status not in ENDED_STATUSES and incident.ours.steps:
        # Its source closed it long ago, and nobody here has said how it ended for us.
        world.audit({"what": "incident.left_open", "incident": incident.id, "status": incident.ours.status})
    take_out(world, incident)
    duplicates.left(world, incident)
    _bury(world, incident)


def tombstone_forgotten(world: World, id: str) -> None:
    """Nothing of it is on its way any more, and its day is over."""
    world.forget(TOMBSTONE, id)
    city_counts.count(world, id)


def load(world: World) -> None:
    """Find the open incidents of each feed, judge all by the rules that hold now, and count the city's."""
    world.index.pop(OVERDUE_NOW, None)
    outcomes.load(world)
    duplicates.load(world)
    shelf.load(world)
    for incident in list(world.all(Incident)):
        put(world, shaped(world, incident, incident))
    city_counts.load(world)


def settle(world: World) -> None:
    """Count again what the batch touched."""
    city_counts.settle(world)


def _point(event: IncidentReported) -> tuple[float | None, float | None, float | None]:
    return event.lon, event.lat, event.accuracy_m


EVENTS: dict[type, Any] = {IncidentReported: reported}
GONE = {"incident": gone}
PRESENT = {"incident": present}
PLACE = {IncidentReported: _point, **acts.PLACE}
COMMANDS = acts.COMMANDS
MEMORY = ENDED_MEMORY | outcomes.MEMORY
DUE = {
    "incident": due,
    "city": city_counts.due,
    f"mem:{TOMBSTONE}": tombstone_due,
    **outcomes.DUE,
}
TIMERS = {
    "incident": time_passed,
    "city": city_counts.midnight,
    f"mem:{TOMBSTONE}": tombstone_forgotten,
    **outcomes.TIMERS,
}
