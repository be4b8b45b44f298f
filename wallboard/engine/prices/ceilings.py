"""Which price ceiling (HET) holds on a day, and how far a price lies above or below it."""

from __future__ import annotations

from collections.abc import Sequence

from wallboard.city import CeilingConfig


def ceiling_on(
    ceilings: Sequence[CeilingConfig], commodity: str, day: str, *, unit: str, zone: str = ""
) -> CeilingConfig | None:
    """The ceiling of a commodity (our code) in force on `day`; the newest decree where several are.

    `until` is the last day on which it holds; a ceiling for another unit, or for another zone than the
    city's, is none.
    """
    fitting = [
        ceiling
        for ceiling in ceilings
        if ceiling.commodity == commodity
        and ceiling.since <= day
        and (not ceiling.until or day <= ceiling.until)
        and ceiling.unit.casefold() == unit.casefold()
        and (not zone or not ceiling.zone or ceiling.zone == zone)
    ]
    return max(fitting, key=lambda ceiling: ceiling.since, default=None)


def disparity(price: int, ceiling: int) -> float:
    """(price − ceiling) / ceiling, to a hundredth of a per cent: 0.055 is 5.5 % above."""
    return round((price - ceiling) / ceiling, 4)
