"""What follows from the source's part, from ours and from the configuration: who has it, its clocks, its end.

Every incident goes through `shaped` before it is put, whoever changed it, so nothing can contradict itself.
"""

from __future__ import annotations

import msgspec

from wallboard.city import CategoryConfig
from wallboard.engine.incidents.categories import agency_named, category_coded, category_worded
from wallboard.engine.incidents.clocks import clocks_of, overdue_of
from wallboard.engine.incidents.outcomes import had_since
from wallboard.engine.world import World
from wallboard.entities import ENDED_STATUSES, REOPENED, Incident
from wallboard.scope import of_place

#: Incidents made by hand at a console; the city itself is their source.
CONSOLE = "console"


def shaped(world: World, incident: Incident, before: Incident | None) -> Incident:
    """The incident with all that follows from its parts; `before` is what it was, None: it is new."""
    source, ours = incident.source, incident.ours
    category = category_of(world, incident)
    agency = _agency(world, incident, category)
    shaped = msgspec.structs.replace(
        incident,
        category=category.code if category else "",
        agency=agency,
        agency_since=_agency_since(world, incident, before, agency),
        channel=source.channel or (category.channel if category else ""),
        severity=ours.severity or source.severity or (category.severity if category else None),
        scope=of_place(incident.place, agency),
        over_at=over_at(incident),
    )
    clocks = clocks_of(world, shaped)
    if clocks or shaped.clocks or shaped.overdue:
        shaped.clocks = clocks  # not yet anybody else's
        shaped.overdue = overdue_of(world, shaped)
    return shaped


def category_of(world: World, incident: Incident) -> CategoryConfig | None:
    """Ours where people here chose one, else by the source's words."""
    if incident.ours.category:
        return category_coded(world, incident.ours.category)
    return category_worded(world, incident.source.category_raw, incident.source.category_name)


def over_at(incident: Incident) -> float | None:
    """Since when it is over: by its source, or by people here, whichever was first; None: it is open."""
    source, ours = incident.source, incident.ours
    ended = []
    if source.status == "closed":
        ended.append(incident.at if source.closed_at is None else source.closed_at)
    if ours.status in ENDED_STATUSES and ours.ended_at is not None and REOPENED not in incident.flags:
        ended.append(ours.ended_at)
    return min(ended, default=None)


def _agency(world: World, incident: Incident, category: CategoryConfig | None) -> str:
    ours = incident.ours
    if ours.agency:
        return ours.agency
    named = agency_named(world, incident.source.agency_raw)
    if ours.returned_by:
        # It was given back: nobody has it, unless its source has found another.
        return "" if named == ours.returned_by else named
    return named or (category.agency if category else "")


def _agency_since(world: World, incident: Incident, before: Incident | None, agency: str) -> float:
    if not agency:
        return 0.0
    if before is None:
        return had_since(world, incident.id, agency, incident.source.opened_at)
    return before.agency_since if before.agency == agency else world.now
