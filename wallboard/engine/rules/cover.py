"""`cover`: a hazard in force covers a district."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from wallboard.city import RuleConfig
from wallboard.engine.rules.in_force import rules_of
from wallboard.engine.rules.standing import note
from wallboard.engine.rules.subjects import level_of
from wallboard.engine.rules.verdict import NO, Verdict, fits, percent, rank
from wallboard.engine.world import World
from wallboard.entities import Hazard

_INDEX = "rules.covers"


@dataclass
class _Covers:
    """What covers what, by one rule."""

    #: hazard → district → share of its area (0..1)
    of: dict[str, dict[str, float]] = field(default_factory=dict)
    #: district → the hazards over it
    over: defaultdict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    changed: dict[str, None] = field(default_factory=dict)


def load(world: World) -> None:
    """Lay all hazards on the districts."""
    world.index[_INDEX] = {rule.id: _Covers() for rule in rules_of(world, "cover")}
    for rule in rules_of(world, "cover"):
        covers: _Covers = world.index[_INDEX][rule.id]
        for id in world.of_kind("hazard"):
            _lay(world, rule, covers, id)
        covers.changed.update(dict.fromkeys(world.geofence.boundaries.by_code))
        _judge(world, rule, covers)


def settle(world: World) -> None:
    """Lay anew what was touched, and judge the districts below it, before and now."""
    for rule in rules_of(world, "cover"):
        covers: _Covers = world.index[_INDEX][rule.id]
        for id in world.touched("hazard"):
            _lay(world, rule, covers, id)
        _judge(world, rule, covers)


def _lay(world: World, rule: RuleConfig, covers: _Covers, id: str) -> None:
    hazard = world.get(Hazard, id)
    before = covers.of.pop(id, {})
    after = _shares(world, rule, hazard) if hazard is not None and _counts(rule, hazard) else {}
    for code in before:
        covers.over[code].pop(id, None)
    for code in after:
        covers.over[code][id] = None
    if after:
        covers.of[id] = after
    covers.changed.update(dict.fromkeys((*before, *after)))


def _counts(rule: RuleConfig, hazard: Hazard) -> bool:
    """Whether it is real, in force (or in a state that the rule itself names), and grave enough."""
    if hazard.status != "Actual" or rank(hazard.level) < rank(rule.severity):
        return False
    in_force = "state" in rule.where or hazard.state == "active"
    return in_force and fits(hazard, rule.where)


def _shares(world: World, rule: RuleConfig, hazard: Hazard) -> dict[str, float]:
    """The districts of the rule's level that it covers by enough; upper ones by the areas of the lowest."""
    boundaries = world.geofence.boundaries
    level = level_of(world, rule.level)
    covered: defaultdict[str, float] = defaultdict(float)
    for cover in hazard.districts:
        district = boundaries.by_code.get(cover.code)
        if district is None:
            continue  # laid on older boundaries
        for each in (*boundaries.parents(cover.code), district):
            if each.level == level:
                covered[each.code] += cover.share * district.area_m2
    least = rule.share or 0.0
    found = {code: min(1.0, area / boundaries.by_code[code].area_m2) for code, area in covered.items()}
    return {code: share for code, share in sorted(found.items()) if share >= least}


def _judge(world: World, rule: RuleConfig, covers: _Covers) -> None:
    for code in sorted(covers.changed):
        hazards = [hazard for id in sorted(covers.over[code]) if (hazard := world.get(Hazard, id))]
        if not hazards:
            note(world, rule, "district", code, NO)
            continue
        worst = max(hazards, key=lambda hazard: (rank(hazard.level), covers.of[hazard.id][code]))
        words = {language: {"hazard": text.headline or text.event} for language, text in worst.texts.items()}
        words["*"] = {"hazard": next((word["hazard"] for word in words.values()), "")}
        value = percent(covers.of[worst.id][code])
        note(world, rule, "district", code, Verdict(True, value, worst.level, words))
    covers.changed.clear()
