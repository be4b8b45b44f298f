"""Who may see a thing at all, as written into every entity by the engine."""

from __future__ import annotations

from wallboard.geofence import Place

PUBLIC = ("public",)
CITY = ("city",)


def of_place(place: Place | None, agency: str = "") -> tuple[str, ...]:
    """Scope of a thing at a place: its district, all levels above, all candidates near an edge, its agency.

    Outside or without a place it is empty: seen only by those without a limit. What names only a district of
    a higher level has that one, and as candidates all below it.
    """
    codes: list[str] = []
    if place is not None and (place.district or place.confidence == "by_name"):
        codes = [place.district] if place.district else []
        codes += [*place.candidates, *(parent.code for parent in place.parents)]
    scope = [f"d:{code}" for code in dict.fromkeys(codes)]
    if agency:
        scope.append(f"a:{agency}")
    return tuple(scope)
