"""Who may see a thing at all, as written into every entity by the engine."""

from __future__ import annotations

from functools import lru_cache

from wallboard.place import Place, Ref

PUBLIC = ("public",)
CITY = ("city",)

#: Scopes kept at hand: a city has some 300 districts, few places near an edge, and a dozen agencies. Things
#: in one district also share one tuple, which spares the memory of thousands.
KEPT = 8192


def of_place(place: Place | None, agency: str = "") -> tuple[str, ...]:
    """Scope of a thing at a place: its district, all levels above, all candidates near an edge, its agency.

    Outside or without a place it is empty: seen only by those without a limit. What names only a district of
    a higher level has that one, and as candidates all below it.
    """
    if place is not None and (place.district or place.confidence == "by_name"):
        return _scope(place.district, place.candidates, place.parents, agency)
    return _scope(None, (), (), agency)


@lru_cache(maxsize=KEPT)
def _scope(
    district: str | None, candidates: tuple[str, ...], parents: tuple[Ref, ...], agency: str
) -> tuple[str, ...]:
    codes = [*((district,) if district else ()), *candidates, *(parent.code for parent in parents)]
    scope = [f"d:{code}" for code in dict.fromkeys(codes)]
    return (*scope, f"a:{agency}") if agency else tuple(scope)
