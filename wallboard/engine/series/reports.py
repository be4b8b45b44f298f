"""Reports that came, were closed and were open, over time.

A report counts in the quarter of an hour in which it was opened, and in that in which it ended, by the same
times as the city's figures of the day. So what a source lists late stands where it belongs.
"""

from __future__ import annotations

from collections import Counter
from statistics import median

from wallboard.engine import tally
from wallboard.engine.incidents import city_counts
from wallboard.engine.incidents.ended import TOMBSTONE
from wallboard.engine.series.shown import Points, Shown
from wallboard.engine.tally import HOUR_S, KEPT_DAYS, SLOT_S, Day
from wallboard.engine.world import World
from wallboard.entities import City, Incident
from wallboard.scope import CITY

_FLOW, _STOCK = "reports", "open"

#: The usual hour is the median of that hour over so many days before today, if there are at least so many.
USUAL_DAYS, USUAL_LEAST = 14, 3

_INDEX = "series.reports"

#: quarters since 1970 in which it was opened and ended; NONE: not counted
_Slots = tuple[int, int]
NONE = -1
_NOTHING: _Slots = (NONE, NONE)


def load(world: World, began: float, *, counted: bool = True) -> None:
    """Find what each incident counts for; not `counted`: none was counted yet."""
    city_counts.noted(world).clear()
    ids = dict.fromkeys((*world.of_kind("incident"), *world.memories(TOMBSTONE)))
    of: dict[str, _Slots] = {}
    world.index[_INDEX] = of
    if not counted:
        city_counts.noted(world).update(ids)
        return
    for id in ids:
        of[id] = _slots(world, id, began) or _NOTHING


def settle(world: World, began: float) -> None:
    """Count what has changed."""
    noted = city_counts.noted(world)
    if not noted:
        return
    of: dict[str, _Slots] = world.index.setdefault(_INDEX, {})
    incidents = world.of_kind("incident")
    #: what to add in each quarter, in order of the columns
    opened: Counter[int] = Counter()
    ended: Counter[int] = Counter()
    for id in noted:
        incident = incidents.get(id)
        # This stands in the way of every event: no call is made for what is open, and one for what is over.
        if isinstance(incident, Incident):
            at = incident.source.opened_at
            if incident.over_at is None and incident.source.status == "open":
                after: _Slots | None = (int(at // SLOT_S) if at >= began else NONE, NONE)
            else:
                after = _over(incident, at, began)
        else:
            after = _slots(world, id, began)
        before = of.get(id, _NOTHING)
        if after == before:
            continue
        if after is None:
            of.pop(id, None)  # it was counted, and is nobody's any more
            continue
        of[id] = after
        if before[0] != after[0]:
            opened[before[0]] -= 1
            opened[after[0]] += 1
        if before[1] != after[1]:
            ended[before[1]] -= 1
            ended[after[1]] += 1
    noted.clear()
    for slot in sorted({*opened, *ended} - {NONE}):
        tally.add(world, _FLOW, slot, (opened[slot], ended[slot]), 1)


def look(world: World, before: int) -> int:
    """Write down how many are open, where that is not what it was before."""
    city = world.get(City, "city")
    if city is None or city.open == before:
        return before
    tally.put(world, _STOCK, world.now, (city.open,))
    return city.open


def shown(world: World) -> dict[str, Shown]:
    """All series of reports."""
    today = tally.day_at(world, world.now)
    lately = tally.days_before(world, today, 2)
    month = tally.days_before(world, today, KEPT_DAYS)
    found = {
        "reports.open": Shown(CITY, "", "reports", SLOT_S, _open(world, lately)),
        "reports.open.day": Shown(CITY, "", "reports", 0, _open_by_day(world, month)),
        "reports.usual.hour": Shown(CITY, "", "reports", HOUR_S, _usual(world, today)),
    }
    first = _began(world, month)
    for column, word in enumerate(("received", "closed")):
        hours = tuple(
            (at, float(numbers[column]) if numbers else 0.0)
            for day in lately
            if day.since >= first
            for at, numbers in tally.spans(world, _FLOW, day, HOUR_S, world.now)
        )
        days = tuple(
            (day.since, float(numbers[column]) if (numbers := tally.numbers_of(world, _FLOW, day)) else 0.0)
            for day in month
            if day.since >= first
        )
        found[f"reports.{word}.hour"] = Shown(CITY, "", "reports", HOUR_S, hours)
        found[f"reports.{word}.day"] = Shown(CITY, "", "reports", 0, days)
    return found


def _began(world: World, month: list[Day]) -> float:
    """The first day of which anything is known: what is missing before it is no 0."""
    return min((day.since for day in month if _known(world, day)), default=month[-1].since)


def _known(world: World, day: Day) -> bool:
    return tally.last_of(world, _STOCK, day) is not None or tally.last_of(world, _FLOW, day) is not None


def _open(world: World, days: list[Day]) -> Points:
    """At the end of each quarter; where none of it changed, what it was before."""
    points: list[tuple[float, float]] = []
    for day in days:
        for at, numbers in tally.spans(world, _STOCK, day, SLOT_S, world.now):
            if numbers:
                points.append((at, float(numbers[0])))
            elif points:
                points.append((at, points[-1][1]))
    return tuple(points)


def _open_by_day(world: World, days: list[Day]) -> Points:
    points: list[tuple[float, float]] = []
    for day in days:
        if numbers := tally.last_of(world, _STOCK, day):
            points.append((day.since, float(numbers[0])))
        elif points:
            points.append((day.since, points[-1][1]))
    return tuple(points)


def _usual(world: World, today: Day) -> Points:
    """Of each hour of today, what came in that hour on the days before; empty while too few are known."""
    before = [day for day in tally.days_before(world, today, USUAL_DAYS + 1)[:-1] if _known(world, day)]
    if len(before) < USUAL_LEAST:
        return ()
    days = [
        [numbers[0] if numbers else 0 for _, numbers in tally.spans(world, _FLOW, day, HOUR_S, day.until)]
        for day in before
    ]
    hours = range(min(map(len, days)))
    return tuple((today.since + hour * HOUR_S, float(median(day[hour] for day in days))) for hour in hours)


def _over(incident: Incident, opened: float, began: float) -> _Slots:
    """Of what is over: as `city_counts.times_of`."""
    ours, source, over_at = incident.ours, incident.source, incident.over_at
    if ours.status == "duplicate" and over_at is not None:
        return _NOTHING
    ended = source.closed_at if source.status == "closed" and ours.ended_at is None else over_at
    return (
        int(opened // SLOT_S) if opened >= began else NONE,
        int(ended // SLOT_S) if ended is not None and ended >= began else NONE,
    )


def _slots(world: World, id: str, began: float) -> _Slots | None:
    """In which quarters it counts; None: it has left, and its tombstone too."""
    times = city_counts.times_of(world, id)
    if times is None:
        return None
    opened, ended = times
    return (
        NONE if opened is None or opened < began else int(opened // SLOT_S),
        NONE if ended is None or ended < began else int(ended // SLOT_S),
    )
