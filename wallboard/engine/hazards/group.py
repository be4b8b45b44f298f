"""Bulletins of one group (BMKG nowcast: one province) that come without `references`: the newer one stands.

Where two overlap, the older loses the ground; what it says of other ground goes on holding. Both orders of
arrival give the same, up to the metre of the grid.
"""

from __future__ import annotations

from typing import Any

import msgspec

from wallboard.engine.hazards.area import HULL, less, people_under, scope_of, where_of_shape
from wallboard.engine.world import World
from wallboard.entities import Hazard


def rivals(one: Hazard, other: Hazard) -> bool:
    """Whether two warnings of one group, in force, may take ground from each other."""
    same = other.group == one.group and other.status == one.status and other.message != one.message
    return same and other.state != "ended"


def age(hazard: Hazard) -> tuple[Any, ...]:
    """The newer of two warnings has the larger one."""
    return (hazard.order, hazard.identifier)


def beside(world: World, older: Hazard, newer: list[Hazard]) -> Hazard | None:
    """What is left of a warning beside newer ones of its group; None: nothing that counts.

    With a shape it loses the ground that they cover; it is over when only slivers are left, or none of the
    city's districts where it had some. Without one (or drawn as its hull alone) it loses the districts that
    they cover.
    """
    shapes = [each.geometry for each in newer if each.geometry is not None and HULL not in each.flags]
    if older.geometry is None or HULL in older.flags:
        taken = {cover.code for each in newer for cover in each.districts}
        left = tuple(cover for cover in older.districts if cover.code not in taken)
        if left == older.districts:
            return older
        if not left:
            return None
        return msgspec.structs.replace(
            older, districts=left, scope=scope_of(world, left), people=people_under(world, left)
        )
    if not shapes:
        return older
    rest = less(older.geometry, shapes)
    if rest is None:
        return None
    place = where_of_shape(world, rest)
    if older.where == "city" and place.where != "city":
        return None
    return msgspec.structs.replace(
        older,
        geometry=place.geometry,
        districts=place.districts,
        where=place.where,
        scope=place.scope,
        people=people_under(world, place.districts),
    )
