"""The city's figures of its incidents, kept exactly by what each one counts for.

What an incident counts for follows from the incident alone, or from its tombstone when it has left. So an
event that comes twice, or a restart in the middle of a day, cannot make a figure wrong; and a batch costs as
much as it touches, however many incidents there are.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import msgspec

from wallboard.engine.days import day_after, day_of, start_of
from wallboard.engine.incidents.clocks import OVERDUE_NOW, is_overdue
from wallboard.engine.incidents.ended import TOMBSTONE, Ended
from wallboard.engine.world import World
from wallboard.entities import City, Incident
from wallboard.scope import PUBLIC

#: Channels and categories shown by name, the largest first; the rest is summed under OTHER. A source that
#: invents a channel for each report must not blow up the entity.
MAX_NAMES = 60
OTHER = "*"

_INDEX = "city.counts"
_NOTED = "city.noted"
_ID = "city"

#: Names of the figures that one incident may count for.
_OPEN, _OUTSIDE, _NO_LOCATION, _RECEIVED, _CLOSED = "open", "outside", "no_location", "received", "closed"
_OVERDUE = "overdue"
_CHANNEL, _CATEGORY = "channel:", "category:"


@dataclass
class _Counts:
    #: first and last second of the city's day
    day_start: float
    day_end: float
    figures: Counter[str] = field(default_factory=Counter)
    #: what each incident counts for at present
    of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    changed: bool = True


def count(world: World, id: str) -> None:
    """Count one incident anew, from what it or its tombstone now is."""
    noted(world)[id] = None
    counts = _today(world)
    _count(world, counts, id)


def noted(world: World) -> dict[str, None]:
    """Incidents that were counted anew, for who counts them over time (engine/series); cleared by them."""
    found: dict[str, None] = world.index.setdefault(_NOTED, {})
    return found


def times_of(world: World, id: str) -> tuple[float | None, float | None] | None:
    """When an incident was opened and ended, as far as it counts; None: nothing is known of it any more."""
    incident = world.get(Incident, id)
    if incident is None:
        ended = world.recall(TOMBSTONE, id, Ended)
        return None if ended is None else (ended.opened_at, ended.closed_at)
    if _is_duplicate(incident):
        return None, None
    return incident.source.opened_at, _ended_at(incident)


def _count(world: World, counts: _Counts, id: str) -> None:
    before = counts.of.get(id, ())
    after = _counts_for(world, counts, id)
    if after == before:
        return
    for name in before:
        counts.figures[name] -= 1
        if not counts.figures[name]:
            del counts.figures[name]
    for name in after:
        counts.figures[name] += 1
    if after:
        counts.of[id] = after
    else:
        del counts.of[id]
    counts.changed = True


def is_of_today(world: World, opened_at: float | None, closed_at: float | None) -> bool:
    """Whether what was opened and closed then counts for the city's present day."""
    return bool(_day_names(_today(world), opened_at, closed_at))


def load(world: World) -> None:
    """Count everything, and show the city."""
    world.index.pop(_INDEX, None)
    _today(world)
    _show(world)


def settle(world: World) -> None:
    """Count what the open draft touched, and show the city's figures where they differ."""
    counts, again = _today(world), noted(world)
    for id in (*world.touched("incident"), *world.index.get(OVERDUE_NOW, ())):
        again[id] = None
        _count(world, counts, id)
    city = world.get(City, _ID)
    if city is None or not counts.day_start <= city.at < counts.day_end:
        midnight(world, _ID)
    elif counts.changed:
        _show(world)


def due(world: World, city: City) -> float | None:
    """The city's next midnight after it was last shown; none before the first time that it was told."""
    return _day_bounds(world, city.at)[1] if city.at > 0 else None


def midnight(world: World, id: str) -> None:
    """A new day: shown with its time even where no figure differs, for the next midnight follows from it."""
    _today(world)
    _show(world, at=world.now)


def _counts_for(world: World, counts: _Counts, id: str) -> tuple[str, ...]:
    incident = world.get(Incident, id)
    if incident is None:
        ended = world.recall(TOMBSTONE, id, Ended)
        return () if ended is None else _day_names(counts, ended.opened_at, ended.closed_at)
    if _is_duplicate(incident):
        return ()
    names = _day_names(counts, incident.source.opened_at, _ended_at(incident))
    if incident.over_at is not None:
        return names
    names = (*names, _OPEN, _CHANNEL + incident.channel, _CATEGORY + incident.category)
    if is_overdue(world, incident):
        names = (*names, _OVERDUE)
    confidence = incident.place.confidence
    return (*names, confidence) if confidence in (_OUTSIDE, _NO_LOCATION) else names


def _is_duplicate(incident: Incident) -> bool:
    """It is counted as what it is a duplicate of, unless its source has opened it again."""
    return incident.ours.status == "duplicate" and incident.over_at is not None


def _ended_at(incident: Incident) -> float | None:
    """When it ended; None while it is open, and where its source closed it at an unknown time."""
    if incident.source.status == "closed" and incident.ours.ended_at is None:
        return incident.source.closed_at
    return incident.over_at


def _day_names(counts: _Counts, opened_at: float | None, closed_at: float | None) -> tuple[str, ...]:
    start, end = counts.day_start, counts.day_end
    received = opened_at is not None and start <= opened_at < end
    closed = closed_at is not None and start <= closed_at < end
    return ((_RECEIVED,) if received else ()) + ((_CLOSED,) if closed else ())


def _today(world: World) -> _Counts:
    """The counts of the present day; where another one has begun, counted from the incidents themselves."""
    counts: _Counts | None = world.index.get(_INDEX)
    if counts is None or not counts.day_start <= world.now < counts.day_end:
        counts = world.index[_INDEX] = _Counts(*_day_bounds(world, world.now))
        for incident in world.all(Incident):
            _count(world, counts, incident.id)
        for id in world.memories(TOMBSTONE):
            _count(world, counts, id)
    return counts


def _day_bounds(world: World, at: float) -> tuple[float, float]:
    zone = world.city.city.time_zone
    day = day_of(at, zone)
    return start_of(day, zone), start_of(day_after(day), zone)


def _show(world: World, at: float | None = None) -> None:
    counts = _today(world)
    counts.changed = False
    config, figures = world.city.city, counts.figures
    before = world.get(City, _ID)
    city = City(
        id=_ID,
        scope=PUBLIC,
        at=world.now if before is None else before.at,
        name=config.name,
        time_zone=config.time_zone,
        languages=tuple(config.languages),
        simulation=config.simulation,
        boundaries=world.geofence.source,
        open=figures[_OPEN],
        overdue=figures[_OVERDUE],
        outside=figures[_OUTSIDE],
        no_location=figures[_NO_LOCATION],
        received_today=figures[_RECEIVED],
        closed_today=figures[_CLOSED],
        by_channel=_named(figures, _CHANNEL),
        by_category=_named(figures, _CATEGORY),
    )
    if before is not None:
        # What others wrote into the city (its status) is theirs.
        city = _over(before, city)
    if at is not None or city != before:
        world.put(msgspec.structs.replace(city, at=world.now if at is None else at))


def _over(before: City, ours: City) -> City:
    fields = (
        "scope", "name", "time_zone", "languages", "simulation", "boundaries", "open",
        "overdue", "outside", "no_location", "received_today", "closed_today", "by_channel", "by_category",
    )  # fmt: skip
    return msgspec.structs.replace(before, **{name: getattr(ours, name) for name in fields})


def _named(figures: Counter[str], prefix: str) -> dict[str, int]:
    """Name → number, the largest first; those beyond MAX_NAMES together."""
    found = [(name.removeprefix(prefix), n) for name, n in figures.items() if name.startswith(prefix)]
    found.sort(key=lambda pair: (-pair[1], pair[0]))
    named = dict(found[:MAX_NAMES])
    if len(found) > MAX_NAMES:
        named[OTHER] = named.get(OTHER, 0) + sum(n for _, n in found[MAX_NAMES:])
    return named
