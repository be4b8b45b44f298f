"""[[commodity]] and [[ceiling]]: one price ceiling a day for each commodity, unit and zone."""

from __future__ import annotations

from collections.abc import Sequence

from wallboard.city import CeilingConfig, CityConfig
from wallboard.config.findings import Findings, guess
from wallboard.config.tables import check_patterns, check_words


def check_prices(city: CityConfig, found: Findings) -> None:
    """Note what does not fit together in [[commodity]] and [[ceiling]]."""
    codes = [commodity.code for commodity in city.commodity]
    for index, commodity in enumerate(city.commodity):
        check_words(commodity.name, f"commodity[{index}].name", city, found)
        check_patterns(commodity.match, f"commodity[{index}].match", found)
    for index, ceiling in enumerate(city.ceiling):
        key = f"ceiling[{index}]"
        if ceiling.commodity not in codes and found.all_sound("commodity", "code"):
            why = f"is the code of no [[commodity]]; {guess(ceiling.commodity, codes)}"
            found.fault(f"{key}.commodity", ceiling.commodity, why)
        if ceiling.price <= 0:
            found.fault(f"{key}.price", ceiling.price, "must be more than 0 rupiah")
        elif not 0 <= ceiling.low < ceiling.price and found.sound(f"{key}.price"):
            found.fault(f"{key}.low", ceiling.low, f"must lie below price = {ceiling.price}, or be left out")
        if not ceiling.since:
            found.fault(f"{key}.since", ceiling.since, "is empty; write the first day, 2026-01-31")
        elif ceiling.until and ceiling.until <= ceiling.since and found.sound(f"{key}.since"):
            found.fault(f"{key}.until", ceiling.until, f"must lie after since = {ceiling.since}")
        for other in range(index):
            _overlap(city.ceiling, other, index, found)


def _overlap(ceilings: Sequence[CeilingConfig], first: int, second: int, found: Findings) -> None:
    """Two ceilings of one thing on one day; one without `until` ends where the next begins."""
    if not all(
        found.sound(f"ceiling[{n}].{field}") for n in (first, second) for field in ("since", "until", "zone")
    ):
        return
    one, two = ceilings[first], ceilings[second]
    if (one.commodity, one.unit.casefold(), one.zone) != (two.commodity, two.unit.casefold(), two.zone):
        return
    early, late = sorted((one, two), key=lambda ceiling: ceiling.since)
    if early.since == late.since or (early.until and early.until >= late.since):
        both = (
            f"{late.since} to {early.until}" if early.until and early.since != late.since else f"{late.since}"
        )
        found.fault(
            f"ceiling[{second}].since",
            two.since,
            f"overlaps with ceiling[{first}] ({both}): one ceiling a day for a commodity, unit and zone",
        )
