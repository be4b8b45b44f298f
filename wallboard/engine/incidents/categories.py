"""Our category and agency of an incident, from the words of its source or by our own codes."""

from __future__ import annotations

from wallboard.city import CategoryConfig
from wallboard.engine.match import first_match
from wallboard.engine.world import World

#: Pairs of a source's category code and name: they come from outside; the largest list seen has 400.
MAX_KNOWN = 10_000

_CATEGORIES = "incidents.categories"
_CODES = "incidents.category_codes"
_AGENCIES = "incidents.agencies"


def category_worded(world: World, code: str, name: str) -> CategoryConfig | None:
    """The first category of the configuration that fits the source's code or name."""
    known: dict[tuple[str, str], CategoryConfig | None] = world.index.setdefault(_CATEGORIES, {})
    words = (code, name)
    if words not in known:
        # Trying all patterns takes longer than all else about an incident.
        if len(known) >= MAX_KNOWN:
            known.clear()
        known[words] = first_match(world.city.category, *words)
    return known[words]


def category_coded(world: World, code: str) -> CategoryConfig | None:
    """The category of this code of ours; None for one that the configuration has no more."""
    codes: dict[str, CategoryConfig] | None = world.index.get(_CODES)
    if codes is None:
        codes = world.index[_CODES] = {category.code: category for category in world.city.category}
    return codes.get(code)


def agency_named(world: World, raw: str) -> str:
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
