"""`share`: how many of a district's things are in a state, counted by what each thing counts for."""

from __future__ import annotations

from dataclasses import dataclass, field

from wallboard.city import RuleConfig
from wallboard.engine.rules.in_force import kind_of, rules_of
from wallboard.engine.rules.standing import note
from wallboard.engine.rules.subjects import district_at, level_of
from wallboard.engine.rules.verdict import Verdict, fits, percent
from wallboard.engine.world import World

_INDEX = "rules.shares"

#: A count is a whole number: this only forgives the last bits of a product of floats.
_TINY = 1e-9


@dataclass
class _Counts:
    """The things of one rule."""

    #: id → (district, whether it is in the state)
    of: dict[str, tuple[str, bool]] = field(default_factory=dict)
    #: district → [all, in the state]
    figures: dict[str, list[int]] = field(default_factory=dict)
    changed: dict[str, None] = field(default_factory=dict)


def load(world: World) -> None:
    """Count everything."""
    world.index[_INDEX] = {rule.id: _Counts() for rule in rules_of(world, "share")}
    for rule in rules_of(world, "share"):
        counts: _Counts = world.index[_INDEX][rule.id]
        for id in world.of_kind(kind_of(rule)):
            _count(world, rule, counts, id)
        # Where nothing is any more an alert may stand from before.
        counts.changed.update(dict.fromkeys(world.geofence.boundaries.by_code))
        _judge(world, rule, counts)


def settle(world: World) -> None:
    """Count what was touched, and judge the districts whose counts differ."""
    for rule in rules_of(world, "share"):
        counts: _Counts = world.index[_INDEX][rule.id]
        for id in world.touched(kind_of(rule)):
            _count(world, rule, counts, id)
        _judge(world, rule, counts)


def _count(world: World, rule: RuleConfig, counts: _Counts, id: str) -> None:
    entity = world.of_kind(kind_of(rule)).get(id)
    after: tuple[str, bool] = ("", False)
    if entity is not None and "gone" not in entity.flags and fits(entity, rule.among):
        district = district_at(world, getattr(entity, "place", None), level_of(world, rule.level))
        after = (district, fits(entity, rule.where))
    before = counts.of.get(id, ("", False))
    if before == after:
        return
    for (district, in_state), sign in ((before, -1), (after, 1)):
        if district:
            figures = counts.figures.setdefault(district, [0, 0])
            figures[0] += sign
            figures[1] += sign * in_state
            counts.changed[district] = None
    if after[0]:
        counts.of[id] = after
    else:
        counts.of.pop(id, None)


def _judge(world: World, rule: RuleConfig, counts: _Counts) -> None:
    for district in sorted(counts.changed):
        all, some = counts.figures.get(district, (0, 0))
        share = some / all if all else 0.0
        holds = some >= max(rule.least, 1) and some + _TINY >= (rule.share or 0.0) * all
        words = {"*": {"count": str(some), "all": str(all)}}
        note(world, rule, "district", district, Verdict(holds, percent(share), None, words))
    counts.changed.clear()
