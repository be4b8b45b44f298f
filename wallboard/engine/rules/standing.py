"""How each rule stands on each subject: on-delay, off-delay, and the alert that follows."""

from __future__ import annotations

import msgspec

from wallboard.city import RuleConfig
from wallboard.engine import alerts
from wallboard.engine.rules.in_force import in_force
from wallboard.engine.rules.subjects import subject_of
from wallboard.engine.rules.verdict import Verdict, Words, rank
from wallboard.engine.world import World
from wallboard.entities import Severity

KIND = "rule"


class RuleMemory(msgspec.Struct, omit_defaults=True):
    """How a rule stands on one subject; forgotten when the condition is gone and so is the alert."""

    rule: str
    kind: str
    id: str
    #: whether the condition holds, and since when it has been so
    holds: bool
    since: float
    value: float | None = None
    #: the alert was raised and has not been ended
    active: bool = False
    #: as the thing has it now, since when, and as the alert was last told
    severity: Severity | None = None
    severity_since: float = 0.0
    told: Severity | None = None
    #: the rule's own severity when the alert was last told
    own: Severity | None = None
    words: Words = {}


def key_of(rule: RuleConfig, kind: str, id: str) -> str:
    """The key of a rule's memory of a subject, and the id of its alert."""
    return f"{rule.id}|{kind}:{id}"


def note(world: World, rule: RuleConfig, kind: str, id: str, verdict: Verdict) -> None:
    """Take note of how the condition stands, and act at once where there is no delay."""
    key = key_of(rule, kind, id)
    old = world.recall(KIND, key, RuleMemory)
    if old is None and not verdict.holds:
        return
    if old is None:
        old = RuleMemory(rule.id, kind, id, holds=False, since=world.now)
    new = _after(old, verdict, world.now)
    if not new.holds and not new.active:
        world.forget(KIND, key)  # gone before it was an alert
        return
    if new != world.recall(KIND, key, RuleMemory):
        world.remember(KIND, key, new)
    due = rule_due(world, new)
    if due is not None and due <= world.now:
        delay_over(world, key)
    elif new.holds and new.active:
        grade_anew(world, key)


def _after(old: RuleMemory, verdict: Verdict, now: float) -> RuleMemory:
    new = old
    if old.holds != verdict.holds:
        new = msgspec.structs.replace(new, holds=verdict.holds, since=now)
    if not verdict.holds:
        return new
    if verdict.severity != old.severity:
        new = msgspec.structs.replace(new, severity=verdict.severity, severity_since=now)
    if not new.active or new.severity != new.told:
        # What will be said is what is so when it is said; an alert that stands keeps its words.
        new = msgspec.structs.replace(new, value=verdict.value, words=verdict.words)
    return new


def rule_due(world: World, memory: RuleMemory) -> float | None:
    """When the alert is to be raised, told another severity, or ended."""
    rule = in_force(world).get(memory.rule)
    if rule is None:
        return None
    if memory.holds != memory.active:
        return memory.since + (rule.on_delay if memory.holds else rule.off_delay)
    if memory.holds and memory.severity != memory.told:
        worse = rank(memory.severity) > rank(memory.told)
        return memory.severity_since + (rule.on_delay if worse else rule.off_delay)
    return None


def delay_over(world: World, key: str, *, again: bool = False) -> None:
    """What was found has been so for its delay; `again`: it is to be told anew."""
    memory = world.recall(KIND, key, RuleMemory)
    rule = in_force(world).get(memory.rule) if memory is not None else None
    if memory is None or rule is None or (rule_due(world, memory) is None and not again):
        return
    entity = subject_of(world, memory.kind, memory.id) if memory.holds else None
    if entity is None:
        drop(world, key)
        return
    alerts.raise_alert(world, _worded(rule, memory), memory.kind, entity, memory.value, world.now)
    world.remember(
        KIND, key, msgspec.structs.replace(memory, active=True, told=memory.severity, own=rule.severity)
    )


def grade_anew(world: World, key: str) -> None:
    """The rule's own severity may be another one than when the alert was told."""
    memory = world.recall(KIND, key, RuleMemory)
    if memory is None or not (memory.active and memory.holds) or memory.severity != memory.told:
        return
    # Of an alert told by an older version nothing is known.
    if memory.own not in (None, in_force(world)[memory.rule].severity):
        delay_over(world, key, again=True)


def drop(world: World, key: str) -> None:
    """End the alert if there is one, and forget how the rule stood."""
    memory = world.recall(KIND, key, RuleMemory)
    if memory is not None and memory.active:
        alerts.end_alert(world, key)
    world.forget(KIND, key)


def _worded(rule: RuleConfig, memory: RuleMemory) -> RuleConfig:
    """The rule with this subject's own severity and words."""
    severity = memory.severity or rule.severity
    if severity == rule.severity and not memory.words:
        return rule
    return msgspec.structs.replace(
        rule,
        severity=severity,
        text=_filled(rule.text, memory.words),
        instruction=_filled(rule.instruction, memory.words),
    )


def _filled(texts: dict[str, str], words: Words) -> dict[str, str]:
    filled = {}
    for language, text in texts.items():
        for placeholder, word in {**words.get("*", {}), **words.get(language, {})}.items():
            text = text.replace(f"{{{placeholder}}}", word)
        filled[language] = text
    return filled
