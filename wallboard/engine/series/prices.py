"""What each commodity cost in the city, survey by survey, and its ceiling on those days.

The city's own price where a source gives one, else the median over its markets; what consumers pay where that
is surveyed. Prices by another unit than most are left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import median

from wallboard.engine.days import start_of
from wallboard.engine.prices.ceilings import ceiling_on
from wallboard.engine.series.shown import Shown
from wallboard.engine.world import World
from wallboard.entities import Price
from wallboard.scope import CITY

#: Days of surveys shown.
SURVEYS = 30


def shown(world: World) -> dict[str, Shown]:
    """Price and ceiling of each commodity."""
    by_code: defaultdict[str, list[Price]] = defaultdict(list)
    for price in world.all(Price):
        by_code[price.commodity].append(price)
    found: dict[str, Shown] = {}
    city = world.city
    zone = city.city.time_zone
    for code, prices in sorted(by_code.items()):
        chosen = _chosen(prices)
        unit = chosen[0].unit
        days = city_prices(chosen)
        points = tuple((start_of(day, zone), value) for day, value in days)
        found[f"price:{code}"] = Shown(CITY, chosen[0].name, f"Rp/{unit}", 0, points)
        if chosen[0].level != "consumer":
            continue
        ceilings = [
            (start_of(day, zone), float(ceiling.price))
            for day, _ in days
            if (ceiling := ceiling_on(city.ceiling, code, day, unit=unit, zone=city.city.price_zone))
        ]
        if ceilings:
            found[f"price.ceiling:{code}"] = Shown(CITY, chosen[0].name, f"Rp/{unit}", 0, tuple(ceilings))
    return found


def city_prices(prices: list[Price]) -> list[tuple[str, float]]:
    """(day of the survey, price over the city), oldest first."""
    by_day: defaultdict[str, list[int]] = defaultdict(list)
    for price in prices:
        for day, value in price.history:
            by_day[day].append(value)
    return [(day, float(median(by_day[day]))) for day in sorted(by_day)[-SURVEYS:]]


def _chosen(prices: list[Price]) -> list[Price]:
    """Those that one line is drawn of."""
    consumer = [price for price in prices if price.level == "consumer"] or prices
    own = [price for price in consumer if not price.market] or consumer
    unit, _ = min(Counter(price.unit for price in own).items(), key=lambda pair: (-pair[1], pair[0]))
    return [price for price in own if price.unit == unit]
