"""Rules on one entity by itself: threshold, price, gauge, sla, queue. Each is a pure look at the entity."""

from __future__ import annotations

from collections.abc import Callable

from wallboard.city import RuleConfig
from wallboard.engine.gauges.levels import last_said
from wallboard.engine.rules.verdict import NO, Verdict, beyond, figure, fits, percent, rank
from wallboard.engine.world import World
from wallboard.entities import ENDED_STATUSES, REOPENED, Entity, Gauge, Incident, Price, Queue

#: After a time in which nobody listened, the exchange is given so long to say who still waits (s).
HEAR_AGAIN_S = 15.0

#: When everything that was not heard has been said again (s since 1970); 0: nobody was away.
HEARD_FROM = "rules.heard_from"


def judge(world: World, rule: RuleConfig, entity: Entity | None) -> Verdict:
    """Whether the condition of a rule on one entity holds."""
    if entity is None or not fits(entity, rule.where):
        return NO
    if rule.type == "gauge" and isinstance(entity, Gauge):
        entity = last_said(entity)
    stale_at = entity.at + rule.max_age if rule.max_age else None
    if stale_at is not None and stale_at <= world.now:
        return NO
    verdict = _CONDITIONS[rule.type](world, rule, entity)
    if verdict.holds and stale_at is not None:
        return Verdict(True, verdict.value, verdict.severity, verdict.words, stale_at)
    return verdict


def _threshold(world: World, rule: RuleConfig, entity: Entity) -> Verdict:
    if rule.above is None and rule.below is None:
        return Verdict(True)
    value = figure(entity, rule.field)
    return NO if value is None else Verdict(beyond(value, rule.above, rule.below), value)


def _price(world: World, rule: RuleConfig, entity: Entity) -> Verdict:
    """Over the ceiling that is in force on the day of the survey (engine/prices/ceilings.py)."""
    if not isinstance(entity, Price) or entity.disparity is None or entity.ceiling is None:
        return NO
    words = {
        "*": {
            "price": str(entity.price),
            "ceiling": str(entity.ceiling),
            "unit": entity.unit,
            "market": entity.market_name,
        }
    }
    return Verdict(entity.disparity > (rule.share or 0.0), percent(entity.disparity), None, words)


def _gauge(world: World, rule: RuleConfig, entity: Entity) -> Verdict:
    """At a level in force on the day of the reading (engine/gauges/levels.py) that is grave enough."""
    if not isinstance(entity, Gauge) or "gone" in entity.flags:
        return NO
    grave = rank(entity.severity) >= rank(rule.severity)
    words = {"*": {"level": entity.level, "unit": entity.unit, "river": entity.river}}
    return Verdict(grave, entity.value, entity.severity if grave else None, words)


def _sla(world: World, rule: RuleConfig, entity: Entity) -> Verdict:
    """A clock ran over and has not stopped since; value: for how many minutes at the time of the alert."""
    if not isinstance(entity, Incident):
        return NO
    if entity.ours.status in ENDED_STATUSES and REOPENED not in entity.flags:
        return NO
    if entity.source.status != "open":
        return NO
    done = {clock.name for clock in entity.clocks if clock.done_at is not None}
    late = [name for name in entity.overdue if name not in done and (not rule.clock or name in rule.clock)]
    if not late:
        return NO
    words = {
        language: {"clock": ", ".join(_CLOCKS[language].get(name, name) for name in late)}
        for language in _CLOCKS
    }
    words["*"] = {"agency": entity.ours.agency or entity.agency, "category": entity.category}
    due = [clock.due_at for clock in entity.clocks if clock.name in late]
    return Verdict(True, round((world.now - min(due)) / 60.0) if due else None, None, words)


def _queue(world: World, rule: RuleConfig, entity: Entity) -> Verdict:
    """The longest wait, or the service level of one window; nothing is said of an exchange out of reach."""
    if not isinstance(entity, Queue) or not entity.live:
        return NO
    if rule.service_level is not None:
        window = entity.windows.get(rule.window)
        level = None if window is None else window.service_level
        if window is None or level is None or window.offered < rule.least:
            return NO
        return Verdict(level < rule.service_level, percent(level))
    if entity.oldest_joined_at is None:
        return NO
    due = max(entity.oldest_joined_at + rule.wait, float(world.index.get(HEARD_FROM, 0.0)))
    if due > world.now:
        return Verdict(False, again=due)
    return Verdict(True, round(world.now - entity.oldest_joined_at))


_CLOCKS = {
    "id": {"verify": "verifikasi", "accept": "penerimaan", "resolve": "penyelesaian"},
    "en": {"verify": "verification", "accept": "acceptance", "resolve": "resolution"},
}

_CONDITIONS: dict[str, Callable[[World, RuleConfig, Entity], Verdict]] = {
    "threshold": _threshold,
    "price": _price,
    "gauge": _gauge,
    "sla": _sla,
    "queue": _queue,
}
