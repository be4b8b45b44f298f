"""Prices: a survey is identified by its day, and the newest day is on top.

The day of the survey is not the day of the fetch: sources carry a price over until the next survey, and no
survey takes place on holidays. The same price of the same day fetched again changes nothing, another price
for the same day is a correction, an older day that comes late goes into the history.
"""

from __future__ import annotations

import msgspec

from wallboard.engine.days import day_after, day_of, start_of
from wallboard.engine.match import first_match
from wallboard.engine.order import marks
from wallboard.engine.placing import place_of
from wallboard.engine.prices.ceilings import ceiling_on, disparity
from wallboard.engine.world import World
from wallboard.entities import Order, Price
from wallboard.events import PriceSurveyed
from wallboard.scope import CITY

#: A month of daily surveys, or more than two years of monthly ones.
HISTORY_POINTS = 30
#: Indonesia spans three zones, so a source may write our tomorrow; a later day is a slip of the pen that
#: would stay on top until that day comes.
AHEAD_DAYS = 1
#: A price above this is a slip of the pen or a sentinel: the dearest staple is under a million a unit.
MAX_PRICE = 100_000_000
#: That a price is still listed is written down no more often than this (s).
HEARD_EVERY_S = 86400.0
#: Ceilings (HET) bind what a consumer pays; what producers and wholesalers get has other rules.
CEILING_LEVEL = "consumer"


class Survey(msgspec.Struct, frozen=True, array_like=True):
    """The price of one day, and when we got it."""

    day: str
    price: int
    received_at: float


class PriceMemory(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the entity does not say of a price."""

    #: when the source last listed it
    heard_at: float
    #: the source's own code and name, to judge it anew under another configuration
    commodity: str
    commodity_name: str
    #: oldest first
    surveys: tuple[Survey, ...]


def surveyed(world: World, event: PriceSurveyed) -> None:
    """Take a survey: on top, as a correction, or into the history."""
    if fault := _fault(world, event):
        world.bury(event.feed, fault, event)
        return
    id = f"{event.feed}/{event.source_id}"
    price = world.get(Price, id)
    memory = world.recall("price", id, PriceMemory)
    before = () if memory is None else memory.surveys
    surveys = with_survey(before, Survey(event.survey_date, event.price, event.received_at))
    described = _described(world, event, price, surveys)
    after = PriceMemory(event.received_at, event.commodity, event.commodity_name, surveys)
    if price is not None and memory is not None:
        if described is price:
            after = msgspec.structs.replace(
                after, commodity=memory.commodity, commodity_name=memory.commodity_name
            )
        heard = max(memory.heard_at, event.received_at)
        keep = heard - memory.heard_at < HEARD_EVERY_S
        after = msgspec.structs.replace(after, heard_at=memory.heard_at if keep else heard)
    shown = _judged(world, described, after)
    if price is not None and msgspec.structs.replace(shown, order=price.order) == price:
        shown = price  # only repeated: its order stays
    world.put(shown)
    if after != memory:
        world.remember("price", id, after)


def with_survey(surveys: tuple[Survey, ...], new: Survey) -> tuple[Survey, ...]:
    """The surveys with a new one; for one day the price received last holds."""
    by_day = {survey.day: survey for survey in surveys}
    known = by_day.get(new.day)
    if known is not None and (new.received_at <= known.received_at or new.price == known.price):
        return surveys
    by_day[new.day] = new
    return tuple(by_day[day] for day in sorted(by_day)[-HISTORY_POINTS:])


def _fault(world: World, event: PriceSurveyed) -> str:
    zone = world.city.city.time_zone
    try:
        start_of(event.survey_date, zone)
    except ValueError as fault:
        return f"its survey date {fault}"
    if event.survey_date > day_after(day_of(event.received_at, zone), AHEAD_DAYS):
        return f"its survey date {event.survey_date} lies in the future"
    if not 0 < event.price <= MAX_PRICE:
        return f"{event.price} is not a price"
    return ""


def _described(
    world: World, event: PriceSurveyed, before: Price | None, surveys: tuple[Survey, ...]
) -> Price:
    """The price as the event names it, where that is the newest word on the newest day."""
    if before is not None and before.order is not None:
        old = event.survey_date < before.survey_date
        same = event.survey_date == before.survey_date
        if old or (same and event.received_at <= before.order.seq):
            return before
    place = place_of(world, event, event.address)
    return Price(
        id=f"{event.feed}/{event.source_id}",
        scope=CITY,
        feed=event.feed,
        flags=marks(event),
        order=Order(0.0, event.received_at),
        commodity=event.commodity,
        name=event.commodity_name,
        market=event.market,
        market_name=event.market_name,
        # A price over the whole city lies nowhere.
        place=place if event.market or place.confidence != "no_location" else None,
        level=event.level,
        unit=event.unit,
    )


def _judged(world: World, price: Price, memory: PriceMemory) -> Price:
    """The price with everything that follows from its surveys and the configuration."""
    city = world.city
    newest = memory.surveys[-1]
    earlier = memory.surveys[-2] if len(memory.surveys) > 1 else None
    ours = first_match(city.commodity, memory.commodity, memory.commodity_name)
    code = ours.code if ours else memory.commodity
    words = ours.name if ours else {}
    ceiling = None
    if price.level == CEILING_LEVEL:
        ceiling = ceiling_on(city.ceiling, code, newest.day, unit=price.unit, zone=city.city.price_zone)
    return msgspec.structs.replace(
        price,
        at=min(start_of(newest.day, city.city.time_zone), newest.received_at),
        commodity=code,
        name=next((words[language] for language in city.city.languages if language in words), None)
        or memory.commodity_name
        or code,
        price=newest.price,
        survey_date=newest.day,
        fetched_at=newest.received_at,
        previous=earlier.price if earlier else None,
        previous_date=earlier.day if earlier else "",
        change=newest.price - earlier.price if earlier else None,
        ceiling=ceiling.price if ceiling else None,
        ceiling_low=(ceiling.low or None) if ceiling else None,
        ceiling_rule=ceiling.rule if ceiling else "",
        disparity=disparity(newest.price, ceiling.price) if ceiling else None,
        decree=ceiling.decree if ceiling else "",
        history=tuple((survey.day, survey.price) for survey in memory.surveys),
    )


def forget(world: World, id: str) -> None:
    """Let go of a price that its source has not listed for the time of retention."""
    world.remove(Price, id)
    world.forget("price", id)


def _forgotten_at(world: World, memory: PriceMemory) -> float:
    return memory.heard_at + world.city.retention.price


def load(world: World) -> None:
    """Judge all prices anew: commodities and ceilings may be others than before the restart."""
    for id, memory in world.memories("price").items():
        price = world.get(Price, id)
        if price is not None:
            world.put(_judged(world, price, memory))


EVENTS = {PriceSurveyed: surveyed}
MEMORY = {"price": PriceMemory}
DUE = {"mem:price": _forgotten_at}
TIMERS = {"mem:price": forget}
PLACE = {PriceSurveyed: lambda event: (event.lon, event.lat, None)}
