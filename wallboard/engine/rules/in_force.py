"""Which rules hold today: several [[rule]] of one id follow each other by their days."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from wallboard.city import RULE_KINDS, CityConfig, RuleConfig, StepConfig
from wallboard.engine.days import day_after, day_of, start_of
from wallboard.engine.rules.built_in import BUILT_IN
from wallboard.engine.world import World

#: id → rule; every configured rule, by its version of today, else the last one (for those who ask for words
#: and steps of an alert that still stands)
RULES = "rules"
#: id → rule, only those that hold today
IN_FORCE = "rules.in_force"
#: kind → the rules that are judged on each entity of it
BY_KIND = "rules_by_kind"

#: Their subject is a district, not the entity that was touched.
OF_DISTRICTS = frozenset({"share", "cover", "burst"})


class RuleDay(msgspec.Struct):
    """The rules were chosen for the days before `until`."""

    until: float


def kind_of(rule: RuleConfig) -> str:
    """The kind of the entities that it looks at."""
    return rule.kind or RULE_KINDS.get(rule.type, "")


def subject_kind(rule: RuleConfig) -> str:
    """The kind of what its alerts are about."""
    return "district" if rule.type in OF_DISTRICTS else kind_of(rule)


def all_rules(city: CityConfig) -> tuple[RuleConfig, ...]:
    """Every rule of the city, those built in first."""
    own = {rule.id for rule in city.rule}
    return (*(rule for rule in BUILT_IN if rule.id not in own), *city.rule)


def holds_on(rule: RuleConfig, day: str) -> bool:
    """Whether the rule is in force on `day` (YYYY-MM-DD)."""
    return rule.since <= day and (not rule.until or day <= rule.until)


def choose(world: World) -> None:
    """Put the rules of today into the index, and wait for the day on which others hold."""
    zone = world.city.city.time_zone
    today = day_of(world.now, zone)
    rules = [_complete(rule) for rule in all_rules(world.city)]
    in_force = {rule.id: rule for rule in rules if holds_on(rule, today)}
    world.index[RULES] = {rule.id: rule for rule in rules} | in_force
    world.index[IN_FORCE] = in_force
    by_kind: dict[str, list[RuleConfig]] = {}
    for rule in in_force.values():
        by_kind.setdefault(kind_of(rule), []).append(rule)
    world.index[BY_KIND] = by_kind
    changes = [start_of(day, zone) for day in _days_of_change(rules) if day > today]
    if changes:
        world.remember("rule_day", "today", RuleDay(min(changes)))
    else:
        world.forget("rule_day", "today")


def in_force(world: World) -> dict[str, RuleConfig]:
    """The rules that hold today, by id."""
    rules: dict[str, RuleConfig] = world.index.get(IN_FORCE, {})
    return rules


def rules_of(world: World, *types: str) -> list[RuleConfig]:
    """The rules of these types that hold today."""
    return [rule for rule in in_force(world).values() if rule.type in types]


def _days_of_change(rules: Iterable[RuleConfig]) -> list[str]:
    begins = {rule.since for rule in rules if rule.since}
    return sorted(begins | {day_after(rule.until) for rule in rules if rule.until})


def _complete(rule: RuleConfig) -> RuleConfig:
    """Whom it tells at once is its first step."""
    if not rule.to:
        return rule
    return msgspec.structs.replace(rule, to="", escalate=[StepConfig(after=0.0, to=rule.to), *rule.escalate])
