"""Our category and agency of an incident, from the words of its source."""

from __future__ import annotations

from wallboard.city import CategoryConfig
from wallboard.engine.match import first_match
from wallboard.engine.world import World
from wallboard.events import IncidentReported

#: Pairs of a source's category code and name: they come from outside; the largest list seen has 400.
MAX_KNOWN = 10_000

_CATEGORIES = "incidents.categories"
_AGENCIES = "incidents.agencies"


def category_of(world: World, event: IncidentReported) -> CategoryConfig | None:
    """The first category of the configuration that fits the source's code or name."""
    known: dict[tuple[str, str], CategoryConfig | None] = world.index.setdefault(_CATEGORIES, {})
    words = (event.category, event.category_name)
    if words not in known:
        # Trying all patterns takes longer than all else about an incident.
        if len(known) >= MAX_KNOWN:
            known.clear()
        known[words] = first_match(world.city.category, *words)
    return known[words]


def agency_of(world: World, raw: str) -> str:
    """Our code of the agency that the source names by code or name; "" for one that we do not know."""
    if not raw:
        return ""
    codes: dict[str, str] | None = world.index.get(_AGENCIES)
    if codes is None:
        agencies = world.city.agency
        codes = {agency.name.casefold(): agency.code for agency in agencies}
        codes |= {agency.code.casefold(): agency.code for agency in agencies}
        world.index[_AGENCIES] = codes
    return codes.get(raw.casefold(), "")
