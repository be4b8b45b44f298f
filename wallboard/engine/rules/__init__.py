"""Rules: which condition on which entities raises an alert, with on- and off-delay.

A rule is judged when an entity of its kind changes, when a delay, a silence or a span is over, and when
another day brings another version of it. What it needs beside the entities is in memory, so a restart in the
middle of a delay gives the same alert at the same time. docs/rules.md describes the types.
"""

from __future__ import annotations

from typing import Any

import msgspec

from wallboard.city import RuleConfig
from wallboard.engine import alerts
from wallboard.engine.rules import burst, conditions, cover, rate, shares, silence, standing
from wallboard.engine.rules.built_in import BUILT_IN
from wallboard.engine.rules.in_force import (
    BY_KIND,
    OF_DISTRICTS,
    RULES,
    RuleDay,
    choose,
    in_force,
    kind_of,
    subject_kind,
)
from wallboard.engine.rules.standing import RuleMemory, key_of
from wallboard.engine.rules.subjects import is_there
from wallboard.engine.rules.usual import Usual
from wallboard.engine.rules.verdict import Verdict, lookup
from wallboard.engine.world import World
from wallboard.entities import Entity

__all__ = ["BUILT_IN", "DUE", "EVENTS", "MEMORY", "TIMERS", "Again", "load", "lookup", "settle"]

_AGAIN = "rule_again"

#: Memories whose keys begin with a rule's id and which name that rule; and the only type that keeps them.
_OF_A_RULE = {
    standing.KIND: "", silence.KIND: "absence", _AGAIN: "", rate.KIND: "rate", burst.WINDOW: "burst",
    burst.USUAL: "burst",
}  # fmt: skip

_AGGREGATES = (shares, cover, burst)


class Again(msgspec.Struct):
    """A subject is to be judged again at `due`, though nothing new comes."""

    rule: str
    kind: str
    id: str
    due: float


def load(world: World) -> None:
    """Choose the rules of the day; alerts of rules that are gone close, and subjects that are gone end."""
    # The time in which nobody could listen is no silence of the source.
    down_s = max(0.0, float(world.index.get("down_to", world.now)) - world.now)
    if down_s:
        silence.leave_out(world, down_s)
    if down_s > conditions.HEAR_AGAIN_S:
        world.index[conditions.HEARD_FROM] = world.now + down_s + conditions.HEAR_AGAIN_S
    world.index[silence.LEFT_OUT] = down_s
    _begin(world)
    del world.index[silence.LEFT_OUT]


def another_day(world: World, id: str) -> None:
    """Other rules hold from today on: what stands is judged by them."""
    world.forget("rule_day", id)
    _begin(world)
    # As after a restart: delays, steps and suppression are those of the rules that now hold.
    world.due_anew(standing.KIND)
    alerts.load(world)


def _begin(world: World) -> None:
    choose(world)
    alerts.drop_orphans(world, set(world.index[RULES]))
    rules = in_force(world)
    for kind in _OF_A_RULE:
        # Sorted: memory comes from Redis in any order.
        for key, memory in sorted(world.memories(kind).items()):
            rule = rules.get(memory.rule)
            if rule is None or not _keeps(rule, kind, key):
                if kind == standing.KIND:
                    standing.drop(world, key)
                world.forget(kind, key)
    for kind, of_kind in world.index[BY_KIND].items():
        for rule in of_kind:
            if rule.type not in OF_DISTRICTS:
                for id in sorted(world.of_kind(kind)):
                    _judge(world, rule, kind, id)
    for _, memory in sorted(world.memories(standing.KIND).items()):
        # What left while nobody looked.
        if not is_there(world, memory.kind, memory.id):
            standing.note(world, rules[memory.rule], memory.kind, memory.id, Verdict(False))
    for module in _AGGREGATES:
        module.load(world)
    for key in sorted(world.memories(standing.KIND)):
        standing.grade_anew(world, key)


def _keeps(rule: RuleConfig, kind: str, key: str) -> bool:
    """Whether the rule, of the type and on the kind of things that it now has, keeps such a memory."""
    return _OF_A_RULE[kind] in ("", rule.type) and key.startswith(key_of(rule, subject_kind(rule), ""))


def settle(world: World) -> None:
    """Judge the rules on what was touched."""
    for kind, rules in world.index[BY_KIND].items():
        for id in world.touched(kind):
            for rule in rules:
                if rule.type not in OF_DISTRICTS:
                    _judge(world, rule, kind, id)
    for module in _AGGREGATES:
        module.settle(world)


def _judge(world: World, rule: RuleConfig, kind: str, id: str) -> None:
    entity = world.of_kind(kind).get(id)
    if rule.type == "absence":
        silence.watch(world, rule, kind, id, entity)
        return
    verdict = _verdict(world, rule, kind, id, entity)
    key = key_of(rule, kind, id)
    if verdict.again is None:
        world.forget(_AGAIN, key)
    else:
        again = Again(rule.id, kind, id, verdict.again)
        if again != world.recall(_AGAIN, key, Again):
            world.remember(_AGAIN, key, again)
    standing.note(world, rule, kind, id, verdict)


def _verdict(world: World, rule: RuleConfig, kind: str, id: str, entity: Entity | None) -> Verdict:
    if rule.type == "rate":
        return rate.judge(world, rule, kind, id, entity)
    return conditions.judge(world, rule, entity)


def look_again(world: World, key: str) -> None:
    """The time alone may have changed what is so of a subject."""
    again = world.recall(_AGAIN, key, Again)
    rule = in_force(world).get(again.rule) if again is not None else None
    if again is not None:
        world.forget(_AGAIN, key)
    if again is not None and rule is not None and kind_of(rule) == again.kind:
        _judge(world, rule, again.kind, again.id)


EVENTS: dict[type, Any] = {}
DUE: dict[str, Any] = {
    f"mem:{standing.KIND}": standing.rule_due,
    f"mem:{silence.KIND}": lambda world, memory: memory.due,
    f"mem:{_AGAIN}": lambda world, memory: memory.due,
    f"mem:{burst.WINDOW}": lambda world, memory: memory.due,
    "mem:rule_day": lambda world, memory: memory.until,
}
TIMERS: dict[str, Any] = {
    f"mem:{standing.KIND}": standing.delay_over,
    f"mem:{silence.KIND}": silence.over,
    f"mem:{_AGAIN}": look_again,
    f"mem:{burst.WINDOW}": burst.window_over,
    "mem:rule_day": another_day,
}
MEMORY: dict[str, type] = {
    standing.KIND: RuleMemory,
    silence.KIND: silence.SilenceMemory,
    _AGAIN: Again,
    rate.KIND: rate.RateMemory,
    burst.WINDOW: burst.Window,
    burst.USUAL: Usual,
    burst.BEGAN: burst.Began,
    "rule_day": RuleDay,
}
