"""Figures over time, as entities of the kind `series`: the page only draws them.

    reports.received.hour  .closed.hour  .usual.hour     yesterday and today; usual: today's 24 hours
    reports.open                                         by the quarter, yesterday and today
    reports.received.day   .closed.day   .open.day       31 days
    calls.offered  .answered  .level  (:QUEUE)           by the quarter, yesterday and today
    calls.offered.day  .answered.day  .level.day         31 days
    agency.in_time.day:CODE                              31 days
    gauge:ID                                             the last reading of each quarter, 24 hours
    price:CODE  price.ceiling:CODE                       by the day of the survey, 30 days

A point is (beginning of its span, value); that of the running span comes last and is not over yet. What
nobody knows has no point. Everything is counted with the event, from what each thing counts for
(engine/tally.py), so a restart or a repeated event changes nothing. Entities are made anew at most once a
minute, and only where something has changed: a quiet city is quiet, and what the last point says holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from wallboard.engine import tally
from wallboard.engine.series import agencies, calls, gauges, prices, reports
from wallboard.engine.series.shown import Shown
from wallboard.engine.tally import SLOT_S
from wallboard.engine.world import World
from wallboard.entities import Series

MINUTE_S = 60

CLOCK, _ID = "series", "clock"


class Clock(msgspec.Struct, frozen=True, array_like=True):
    """Since when we count, and which parts are shown anew when."""

    #: the beginning of the first day: of what was before it only a part is known
    began: float
    due: dict[str, int] = {}
    #: how many were open when that was last written down
    open: int = 0


@dataclass(frozen=True)
class Part:
    """Some series: what makes them, the kind that they follow, and how soon they do (s)."""

    shown: Callable[[World], dict[str, Shown]]
    kind: str = ""
    every_s: int = MINUTE_S


#: A gauge's own history has what is newer than its series.
_PARTS: dict[str, Part] = {
    "agency": Part(agencies.shown, "agency"),
    "calls": Part(calls.shown),
    "gauge": Part(gauges.shown, "gauge", SLOT_S),
    "price": Part(prices.shown, "price"),
    "reports": Part(reports.shown),
}


def load(world: World) -> None:
    """Find what each incident counts for."""
    clock = world.recall(CLOCK, _ID, Clock)
    if clock is not None:
        reports.load(world, clock.began)


def settle(world: World) -> None:
    """Write down what the batch counted; what changed is shown when the minute is over."""
    clock = world.recall(CLOCK, _ID, Clock)
    if clock is None:
        if world.now <= 0 or not world.unsettled:
            return
        clock = Clock(tally.day_at(world, world.now).since)
        reports.load(world, clock.began, counted=False)
    reports.settle(world, clock.began)
    changed = {name.partition("|")[0] for name in tally.book(world)}
    opened = reports.look(world, clock.open)
    if opened != clock.open:
        changed.add("reports")
    due = clock.due
    for name, part in _PARTS.items():
        if name not in due and (name in changed or (part.kind and world.touched(part.kind))):
            due = {**due, name: (int(world.now // part.every_s) + 1) * part.every_s}
    if due is not clock.due or opened != clock.open:
        world.remember(CLOCK, _ID, Clock(clock.began, due, opened))


def tick(world: World, id: str) -> None:
    """A minute is over in which something changed."""
    clock = world.recall(CLOCK, _ID, Clock)
    if clock is None:
        return
    ready = sorted(name for name, at in clock.due.items() if at <= world.now)
    for name in ready:
        if part := _PARTS.get(name):
            _show(world, name, part.shown(world))
    due = {name: at for name, at in clock.due.items() if name not in ready}
    world.remember(CLOCK, _ID, msgspec.structs.replace(clock, due=due))


def _show(world: World, part: str, shown: dict[str, Shown]) -> None:
    """Show these series of a part and no others."""
    own = tuple(f"{part}{mark}" for mark in ".:")
    for id in [series.id for series in world.all(Series) if series.id.startswith(own)]:
        if id not in shown:
            world.remove(Series, id)
    for id, (scope, name, unit, step_s, points) in shown.items():
        before = world.get(Series, id)
        at = world.now if before is None else before.at
        after = Series(id=id, scope=scope, at=at, name=name, unit=unit, step_s=step_s, points=points)
        if after != before:
            world.put(msgspec.structs.replace(after, at=world.now))


def _due(world: World, clock: Clock) -> float | None:
    return min(clock.due.values(), default=None)


MEMORY: dict[str, type] = {CLOCK: Clock, **tally.MEMORY}
DUE = {f"mem:{CLOCK}": _due, **tally.DUE}
TIMERS = {f"mem:{CLOCK}": tick, **tally.TIMERS}
