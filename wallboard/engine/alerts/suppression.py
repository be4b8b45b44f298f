"""Suppressed by rule: while a graver alert stands in the same district, its consequences call for nobody."""

from __future__ import annotations

import msgspec

from wallboard.engine.alerts.escalation import rule_of
from wallboard.engine.alerts.standing import standing, stands
from wallboard.engine.alerts.subject import area
from wallboard.engine.alerts.transition import by_rule
from wallboard.engine.world import World
from wallboard.entities import Alert, Flagged


def flag_of(world: World, alert: Alert) -> Flagged | None:
    """The flag that the alert now has to have; one that it has already stays as it is."""
    rule = rule_of(world, alert.rule)
    if rule is None or not rule.suppressed_by or alert.state == "normal":
        return None
    if not standing(world).covered(rule.suppressed_by, alert):
        return None
    if alert.suppressed is not None and alert.suppressed.by == rule.suppressed_by:
        return alert.suppressed
    return Flagged(by=rule.suppressed_by, at=world.now)


def judge(world: World, id: str) -> None:
    """Set or take off the flag of one alert."""
    alert = world.get(Alert, id)
    if alert is None:
        return
    flag = flag_of(world, alert)
    if flag != alert.suppressed:
        what = "alert.unsuppressed" if flag is None else "alert.suppressed"
        by = (flag or alert.suppressed or Flagged(by="", at=0.0)).by
        by_rule(world, alert, msgspec.structs.replace(alert, suppressed=flag), what, by=by)


def consequences(world: World, cause: Alert) -> None:
    """Judge the alerts that one suppresses, after it has come or gone.

    Only the first to come to a district, and the last to go, make a difference there: so a flood of causes
    costs no more than their number.
    """
    under = _under(world, cause)
    if not under:
        return
    index = standing(world)
    last = 1 if stands(world.get(Alert, cause.id)) else 0
    _judge_in(world, under, [code for code in area(cause) if index.about[(cause.rule, code)] == last])


def moved(world: World, old: Alert, new: Alert) -> None:
    """Judge an alert that is about other districts now, and those that it suppresses, or did."""
    judge(world, new.id)
    if stands(new) and (under := _under(world, new)):
        _judge_in(world, under, sorted(set(area(old)) ^ set(area(new))))


def _under(world: World, cause: Alert) -> list[str]:
    """Ids of the rules whose alerts one of this rule suppresses."""
    return [rule.id for rule in world.index.get("rules", {}).values() if rule.suppressed_by == cause.rule]


def _judge_in(world: World, rules: list[str], codes: list[str]) -> None:
    index = standing(world)
    for rule in rules:
        ids = dict.fromkeys(id for code in codes for id in index.lying.get((rule, code), ()))
        for id in ids:
            judge(world, id)
