"""Rules: which condition on which entities raises an alert, with on- and off-delay.

`threshold` looks at a figure of an entity (or only at `where`), `absence` at how old the entity is. A rule
is judged when an entity of its kind changes, and when a delay or a silence is due.
"""

from __future__ import annotations

import msgspec

from wallboard.city import RuleConfig
from wallboard.engine import alerts
from wallboard.engine.world import World
from wallboard.entities import Entity

#: Every city has these two; a rule of the same id in the configuration replaces one.
BUILT_IN = (
    RuleConfig(
        id="feed-silent",
        type="threshold",
        kind="feed",
        severity="caution",
        where={"state": ["silent", "failing"]},
        # One failed visit among good ones is no alarm.
        on_delay=10.0,
        text={"id": "Sumber data diam: {name}", "en": "Feed silent: {name}"},
    ),
    RuleConfig(
        id="wall-behind",
        type="threshold",
        kind="wall",
        severity="caution",
        # A page that was closed has gone, and that is no alarm: anybody may open and close one.
        where={"state": "behind"},
        text={"id": "Layar tertinggal: {name}", "en": "Wall behind: {name}"},
    ),
)

#: An absence rule without `silent_for` waits this many of the entity's own periods.
PERIODS = 3


class RuleMemory(msgspec.Struct):
    """How a rule stands on one subject."""

    rule: str
    kind: str
    id: str
    #: whether the condition holds, and since when it has been so
    holds: bool
    since: float
    value: float | None = None
    #: the alert was raised and has not been ended
    active: bool = False


class SilenceMemory(msgspec.Struct):
    """An absence rule waits until `due` for something newer than `at` of one subject."""

    rule: str
    kind: str
    id: str
    at: float
    due: float


def load(world: World) -> None:
    """Compile the rules; alerts of rules that are gone close, and subjects that are gone end."""
    rules = {rule.id: rule for rule in (*BUILT_IN, *world.city.rule)}
    world.index["rules"] = rules
    by_kind: dict[str, list[RuleConfig]] = {}
    for rule in rules.values():
        by_kind.setdefault(rule.kind, []).append(rule)
    world.index["rules_by_kind"] = by_kind
    alerts.drop_orphans(world, set(rules))
    for memory in ("rule", "silence"):
        for key, value in list(world.memories(memory).items()):
            if value.rule not in rules:
                world.forget(memory, key)
    # The time in which nobody could listen is no silence of the source.
    down_s = max(0.0, float(world.index.get("down_to", world.now)) - world.now)
    for key, value in list(world.memories("silence").items()):
        if down_s:
            world.remember("silence", key, msgspec.structs.replace(value, due=value.due + down_s))
    for kind in by_kind:
        for id in list(world.of_kind(kind)):
            _judge(world, kind, id)


def settle(world: World) -> None:
    """Judge the rules on what this batch changed."""
    by_kind = world.index["rules_by_kind"]
    for kind in by_kind:
        for id in world.touched(kind):
            _judge(world, kind, id)


def _judge(world: World, kind: str, id: str) -> None:
    entity = world.of_kind(kind).get(id)
    for rule in world.index["rules_by_kind"][kind]:
        if rule.type == "absence":
            _watch_silence(world, rule, kind, id, entity)
        else:
            holds, value = _holds(rule, entity)
            _note(world, rule, kind, id, holds, value)


def _holds(rule: RuleConfig, entity: Entity | None) -> tuple[bool, float | None]:
    """Whether the condition holds, and the figure that it is about."""
    if entity is None or not _fits(rule, entity):
        return False, None
    if rule.above is None and rule.below is None:
        return True, None
    value = lookup(entity, rule.field)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False, None
    too_high = rule.above is not None and value > rule.above
    too_low = rule.below is not None and value < rule.below
    return too_high or too_low, float(value)


def _fits(rule: RuleConfig, entity: Entity) -> bool:
    for path, wanted in rule.where.items():
        found = lookup(entity, path)
        if found not in wanted if isinstance(wanted, list) else found != wanted:
            return False
    return True


def lookup(entity: object, path: str) -> object:
    """The figure at a dotted path in an entity; None where there is none."""
    value: object = entity
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        else:
            value = getattr(value, step, None)
    return value


def _note(world: World, rule: RuleConfig, kind: str, id: str, holds: bool, value: float | None) -> None:
    """Take note of how the condition stands, and act at once where there is no delay."""
    key = f"{rule.id}|{kind}:{id}"
    old = world.recall("rule", key, RuleMemory)
    if old is None and not holds:
        return
    if old is None or old.holds != holds:
        active = old.active if old is not None else False
        old = RuleMemory(rule.id, kind, id, holds, world.now, value, active)
        world.remember("rule", key, old)
    if _acts_at(world, old) <= world.now:
        delay_over(world, key)


def _acts_at(world: World, memory: RuleMemory) -> float:
    rule: RuleConfig = world.index["rules"][memory.rule]
    return memory.since + (rule.on_delay if memory.holds else rule.off_delay)


def _rule_due(world: World, memory: RuleMemory) -> float | None:
    if memory.holds == memory.active or memory.rule not in world.index.get("rules", {}):
        return None
    return _acts_at(world, memory)


def delay_over(world: World, key: str) -> None:
    """The condition has held, or been gone, for its delay."""
    memory = world.recall("rule", key, RuleMemory)
    if memory is None or memory.holds == memory.active:
        return
    rule: RuleConfig = world.index["rules"][memory.rule]
    entity = world.of_kind(memory.kind).get(memory.id)
    if memory.holds and entity is not None:
        alerts.raise_alert(world, rule, memory.kind, entity, memory.value, world.now)
        world.remember("rule", key, msgspec.structs.replace(memory, active=True))
    else:
        alerts.end_alert(world, key)
        world.forget("rule", key)


def _watch_silence(world: World, rule: RuleConfig, kind: str, id: str, entity: Entity | None) -> None:
    """Wait for the next news of this entity."""
    key = f"{rule.id}|{kind}:{id}"
    if entity is None or not _fits(rule, entity):
        world.forget("silence", key)
        _note(world, rule, kind, id, False, None)
        return
    old = world.recall("silence", key, SilenceMemory)
    if old is not None and old.at == entity.at:
        return
    patience = rule.silent_for or PERIODS * float(getattr(entity, "period_s", 0.0) or 60.0)
    due = entity.at + patience
    if due > world.now:
        world.remember("silence", key, SilenceMemory(rule.id, kind, id, entity.at, due))
    _note(world, rule, kind, id, due <= world.now, None)


def silence_over(world: World, key: str) -> None:
    """Nothing new has come in time."""
    memory = world.recall("silence", key, SilenceMemory)
    if memory is not None and memory.rule in world.index["rules"]:
        world.forget("silence", key)
        _note(world, world.index["rules"][memory.rule], memory.kind, memory.id, True, None)


EVENTS: dict[type, object] = {}
DUE = {"mem:rule": _rule_due, "mem:silence": lambda world, memory: memory.due, **alerts.DUE}
TIMERS = {"mem:rule": delay_over, "mem:silence": silence_over, **alerts.TIMERS}
MEMORY = {"rule": RuleMemory, "silence": SilenceMemory}
