"""`apply(world, events, now)`: what a batch of events and the passing of time change. Pure.

Each kind has a module of its own that says what it does in a few tables:

EVENTS   event class → (world, event) → None
GONE     kind → (world, Gone) → None, PRESENT the same for Present
DUE      kind (or "mem:" and a kind of memory) → (world, value) → when it is due, or None
TIMERS   the same keys → (world, id) → None, called when it is due
MEMORY   kind of memory → struct
PLACE    event class → (event) → (lon, lat, accuracy_m), to be located with the whole batch at once
load     (world) → None: rebuild derived indexes after a reload
COMMANDS action → what a person may ask of it (commands.py)
settle   (world) → None: derived entities, from what was touched since it was last called: after each batch,
         and within one before the time leaves a second in which something changed
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import msgspec

from wallboard.city import CityConfig
from wallboard.engine import (
    agencies,
    alerts,
    calls,
    cameras,
    city_status,
    commands,
    districts,
    duty,
    gauges,
    hazards,
    health,
    incidents,
    landvalues,
    last_hour,
    news,
    persons,
    prices,
    quakes,
    reviews,
    rules,
    screens,
    series,
    undelivered,
)
from wallboard.engine.world import Timer, World
from wallboard.events import AnyEvent, Event, Gone, Present
from wallboard.gazetteer import Gazetteer
from wallboard.geofence import Geofence

#: In this order `load` and `settle` are called: what looks at others comes after them.
MODULES: tuple[ModuleType, ...] = (
    commands, persons, screens,
    health, incidents, cameras, gauges, prices, landvalues, calls, reviews, undelivered, quakes,
    hazards, districts, agencies, last_hour, rules, alerts, duty, city_status, news,
    series,
)  # fmt: skip

#: In a world's index: the modules that it has, where these are not all (engine/retold.py).
ONLY = "modules"


def _table(name: str) -> dict[Any, Any]:
    return {key: value for module in MODULES for key, value in getattr(module, name, {}).items()}


#: Two things of one entity may be due at the very same instant (it expires, and it leaves); a timer that is
#: due again and again would never let the time pass.
MAX_CALLS_AT_ONCE = 4

#: Keeps the order of events whose time had to be cut; a double holds steps of 0.24 µs today (s).
SMALLEST_STEP_S = 1e-6

EVENTS: dict[type[Event], Callable[[World, Any], None]] = _table("EVENTS")
GONE: dict[str, Callable[[World, Gone], None]] = _table("GONE")
PRESENT: dict[str, Callable[[World, Present], None]] = _table("PRESENT")
TIMERS: dict[str, Callable[[World, str], None]] = _table("TIMERS")
MEMORY: dict[str, type] = _table("MEMORY")
PLACE: dict[type[Event], Callable[[Any], tuple[float | None, float | None, float | None]]] = _table("PLACE")


def new_world(
    city: CityConfig,
    geofence: Geofence,
    gazetteer: Gazetteer,
    feed_kinds: Mapping[str, tuple[str, ...]] | None = None,
) -> World:
    """An empty world that knows all memory and timers of the modules, and what people may ask for.

    `feed_kinds`: what each feed is a source of, by its name.
    """
    world = World(city, geofence, gazetteer, memory_types=MEMORY, due=_table("DUE"))
    world.index["commands"] = _table("COMMANDS")
    world.index[health.KINDS] = dict(feed_kinds or {})
    return world


def loaded(world: World) -> None:
    """Rebuild what is derived, after `world.load`."""
    for module in MODULES:
        if load := getattr(module, "load", None):
            load(world)
    world.reschedule()  # timers may look at what the modules have just derived


def apply(world: World, events: Sequence[AnyEvent], now: float, *, backlog: bool = False) -> None:
    """Change the world's draft by `events`, in order, and by the time that passed up to `now`.

    While there is a backlog the time goes only as far as its events; so a restart raises nothing by itself.
    No event comes from the future: a node whose clock runs ahead must not take the city's time along. Their
    order among each other stays.
    """
    events = [
        event
        if event.received_at <= now
        else msgspec.structs.replace(event, received_at=now + index * SMALLEST_STEP_S)
        for index, event in enumerate(events)
    ]
    _locate(world, events)
    for event in events:
        if event.received_at > world.now:
            if int(event.received_at) > int(world.now):
                # However the events were cut into batches, what holds for a second is judged in that second.
                settle(world)
            pass_time(world, event.received_at)
        reducer = EVENTS.get(type(event))
        if isinstance(event, Gone):
            reducer = GONE.get(event.kind)
        elif isinstance(event, Present):
            reducer = PRESENT.get(event.kind)
        if reducer is None:
            world.bury(event.feed, f"nothing here understands {type(event).__name__}", event)
            continue
        reducer(world, event)
    if not backlog and now > world.now:
        if int(now) > int(world.now):
            settle(world)
        pass_time(world, now)
    settle(world, always=True)
    world.places.clear()


def settle(world: World, *, always: bool = False) -> None:
    """Derive what follows from what was touched; `always`: what follows from the time alone, too."""
    if always or world.unsettled:
        for module in world.index.get(ONLY, MODULES):
            if derive := getattr(module, "settle", None):
                derive(world)
        world.settled()


def pass_time(world: World, until: float) -> None:
    """Call every timer that is due up to `until`, in order, and bring the world's time there."""
    if until <= world.now:
        return
    due = world.next_due()
    if due is not None and due <= until:
        _call_due(world, until)
    world.now = until


def _call_due(world: World, until: float) -> None:
    called: Counter[Timer] = Counter()
    for timer in world.take_due(until):
        if timer in world.muted:
            continue
        world.timer = timer
        if called[timer] >= MAX_CALLS_AT_ONCE:
            raise RuntimeError(f"the timer {timer} is due again after it was called {called[timer]} times")
        called[timer] += 1
        at, kind, id = timer
        world.now = max(world.now, at)
        TIMERS[kind](world, id)
        world.timer = None
        following = world.next_due()
        if following is None or int(following) > int(world.now):
            settle(world)


def _locate(world: World, events: Sequence[AnyEvent]) -> None:
    """Assign all points of a batch to their districts at once."""
    located = [(event, PLACE[type(event)](event)) for event in events if type(event) in PLACE]
    if not located:
        return
    places = world.geofence.locate_many(
        [point[0] for _, point in located],
        [point[1] for _, point in located],
        [point[2] for _, point in located],
    )
    for (event, _), place in zip(located, places, strict=True):
        world.places[id(event)] = place
