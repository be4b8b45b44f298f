"""Who is told when nobody has seen an alert for so long, step by step.

A step is due so long after the alert began to wait: after it was raised, was re-opened, or a flag that had
set it aside ended. Each step of an episode is taken once; `Alert.escalated` says how many were, so a restart
takes none again and leaves none out. Nobody is told while the alert is acknowledged, aside, or over.

Steps are taken by the timer alone, as soon as the time moves on. So what one event brings about is whole
before anybody is told: an alert that the next rule suppresses, or ends, at the same moment tells nobody.
"""

from __future__ import annotations

from typing import Any

import msgspec

from wallboard.city import RuleConfig, StepConfig
from wallboard.engine.alerts.standing import is_aside
from wallboard.engine.duty import on_duty
from wallboard.engine.world import World
from wallboard.entities import Alert

#: Groups named in an alert; a rule has few steps, and who was told first matters least.
MOST_TOLD = 20


def rule_of(world: World, id: str) -> RuleConfig | None:
    """A rule that is in force, as engine/rules keeps them."""
    rules: dict[str, RuleConfig] = world.index.get("rules", {})
    return rules.get(id)


def waits(alert: Alert) -> bool:
    """Whether the alert calls for somebody who has not come yet."""
    return alert.state == "unacknowledged" and not is_aside(alert)


def timed(world: World, alert: Alert) -> Alert:
    """The alert with the time of its next step; whoever begins to wait does so now."""
    if not waits(alert):
        return _with(alert, None, None)
    since = world.now if alert.waits_since is None else alert.waits_since
    steps = steps_of(world, alert)
    due = since + steps[alert.escalated].after if alert.escalated < len(steps) else None
    return _with(alert, since, due)


def taken(world: World, alert: Alert) -> Alert:
    """Take all steps that are due: their messages go into the outbox, with an audit line each."""
    while alert.escalates_at is not None and alert.escalates_at <= world.now:
        steps = steps_of(world, alert)
        number = alert.escalated + 1
        people = _tell(world, alert, steps[alert.escalated], number, len(steps))
        group = steps[alert.escalated].to
        told = (*alert.told, group)[-MOST_TOLD:]
        alert = timed(world, msgspec.structs.replace(alert, escalated=number, told=told))
        world.audit(
            {
                "what": "alert.escalated",
                "rule": alert.rule,
                "alert": alert.id,
                "episode": alert.episode,
                "step": number,
                "group": group,
                "people": people,
            }
        )
    return alert


def steps_of(world: World, alert: Alert) -> list[StepConfig]:
    """The steps of the alert's rule, the soonest first."""
    rule = rule_of(world, alert.rule)
    return [] if rule is None else sorted(rule.escalate, key=lambda step: step.after)


def _with(alert: Alert, since: float | None, due: float | None) -> Alert:
    if (alert.waits_since, alert.escalates_at) == (since, due):
        return alert
    return msgspec.structs.replace(alert, waits_since=since, escalates_at=due)


def _tell(world: World, alert: Alert, step: StepConfig, number: int, of: int) -> list[str]:
    group = next((group for group in world.city.group if group.code == step.to), None)
    people = list(on_duty(world, step.to))
    message: dict[str, Any] = {
        "id": f"{alert.id}|{alert.episode}|{number}",
        "what": "escalation",
        "group": step.to,
        "people": people,
        "email": list(group.email) if group else [],
        "webhook": list(group.webhook) if group else [],
        "mqtt": list(group.mqtt) if group else [],
        "alert": {
            "id": alert.id,
            "rule": alert.rule,
            "severity": alert.severity,
            "texts": alert.texts,
            "instruction": alert.instruction,
            "district": alert.district,
            "since": alert.since,
            "value": alert.value,
            "code": alert.code,
            "episode": alert.episode,
            "version": alert.version,
        },
        "step": number,
        "of": of,
    }
    world.send(message)
    return people
