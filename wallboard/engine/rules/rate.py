"""`rate`: how much a figure has changed within a span of time."""

from __future__ import annotations

import msgspec

from wallboard.city import RuleConfig
from wallboard.engine.rules.standing import key_of
from wallboard.engine.rules.verdict import NO, Verdict, beyond, figure, fits
from wallboard.engine.world import World
from wallboard.entities import Entity

KIND = "rule_rate"

#: A span is remembered in no more than so many steps, so that a figure that changes each second is not a
#: list of thousands; a change is seen to within a 48th of the span (75 s of an hour).
STEPS = 48

Points = tuple[tuple[float, float], ...]


class RateMemory(msgspec.Struct, array_like=True):
    """Points (time, figure) of one subject, oldest first; the first may lie before the span."""

    rule: str
    points: Points
    #: path to the figure; points of another are no news of this one
    field: str = ""


def judge(world: World, rule: RuleConfig, kind: str, id: str, entity: Entity | None) -> Verdict:
    """Whether the figure has changed by more than the limit within the span before its newest value."""
    key = key_of(rule, kind, id)
    value = figure(entity, rule.field) if entity is not None and fits(entity, rule.where) else None
    if entity is None or value is None:
        world.forget(KIND, key)
        return NO
    old = world.recall(KIND, key, RateMemory)
    before: Points = () if old is None or old.field not in ("", rule.field) else old.points
    points = with_point(before, (entity.at or world.now, value), rule.within)
    if points != before:
        world.remember(KIND, key, RateMemory(rule.id, points, rule.field))
    newest = points[-1][0]
    known_until = newest + rule.within
    if known_until <= world.now:
        return NO  # nothing newer for a whole span: how it moves is not known
    change = change_within(points, rule.within)
    if not beyond(change, rule.above, rule.below):
        return Verdict(False, change)
    return Verdict(True, change, None, {"*": {"now": f"{value:g}"}}, known_until)


def with_point(points: Points, new: tuple[float, float], span: float) -> Points:
    """The points with a new one: what is older than the newest is no news, of one time the last holds."""
    if points and new[0] < points[-1][0]:
        return points
    kept = [point for point in points if point[0] < new[0]]
    # The last one was only the newest so far, unless it is a whole step after the one before it.
    if len(kept) > 1 and kept[-1][0] - kept[-2][0] < span / STEPS:
        del kept[-1]
    start = new[0] - span
    inside = next((index for index, point in enumerate(kept) if point[0] >= start), len(kept))
    return (*kept[max(0, inside - 1) :], new)


def change_within(points: Points, span: float) -> float:
    """The newest value less that of a span before, which is read off the line between the points around it.

    Where nothing is known of so long ago, the oldest known value counts: a rise that is enough in less time
    is enough.
    """
    newest_at, newest = points[-1]
    start = newest_at - span
    base = points[0][1]
    if points[0][0] < start and len(points) > 1:
        (at0, value0), (at1, value1) = points[0], points[1]
        base = value0 + (value1 - value0) * (start - at0) / (at1 - at0)
    return round(newest - base, 6)
