"""The condition of a rule holds, or is gone: what engine/rules calls."""

from __future__ import annotations

import msgspec

from wallboard.city import RuleConfig
from wallboard.engine.alerts import burden, chatter, suppression
from wallboard.engine.alerts.code import code_of
from wallboard.engine.alerts.episodes import leave, next_numbers
from wallboard.engine.alerts.standing import standing, stands
from wallboard.engine.alerts.subject import scope_of, texts_of
from wallboard.engine.alerts.transition import by_rule, facts
from wallboard.engine.world import World
from wallboard.entities import SEVERITIES, Alert, Entity, Severity


def raise_alert(
    world: World,
    rule: RuleConfig,
    kind: str,
    entity: Entity,
    value: float | None,
    since: float,
    severity: Severity | None = None,
) -> None:
    """The condition holds: a new episode, or another severity of the one that stands.

    Called again while the condition holds it changes the severity alone (rule.severity by default); a worse
    one re-opens an acknowledged alert.
    """
    id = f"{rule.id}|{kind}:{entity.id}"
    old = world.get(Alert, id)
    severity = severity or rule.severity
    if old is not None and stands(old):
        _graded(world, old, rule, entity, value, severity)
        return
    episode, version = next_numbers(world, id, old)
    place = getattr(entity, "place", None)
    name = getattr(entity, "name", "") if kind == "district" else getattr(place, "name", "")
    alert = Alert(
        id=id,
        scope=scope_of(world, kind, entity),
        at=since,
        flags=chatter.came(world, id),
        rule=rule.id,
        subject=f"{kind}:{entity.id}",
        severity=severity,
        state="unacknowledged",
        episode=episode,
        version=version,
        since=since,
        texts=texts_of(rule.text, entity, value),
        instruction=dict(rule.instruction),
        place=place,
        district=name or "",
        value=value,
        # What people set aside stays so until they, or its time, end it; who had the last episode is over.
        shelved=old.shelved if old else None,
        out_of_service=old.out_of_service if old else None,
        suppressed=old.suppressed if old else None,
        notes=old.notes if old else (),
        code=code_of(id, episode, standing(world).codes),
    )
    alert = msgspec.structs.replace(alert, suppressed=suppression.flag_of(world, alert))
    by_rule(world, old, alert, "alert.raised")
    burden.raised(world, alert)
    suppression.consequences(world, alert)


def _graded(
    world: World, old: Alert, rule: RuleConfig, entity: Entity, value: float | None, severity: Severity
) -> None:
    if severity == old.severity:
        return
    new = msgspec.structs.replace(
        old, severity=severity, texts=texts_of(rule.text, entity, value), value=value
    )
    if SEVERITIES.index(severity) < SEVERITIES.index(old.severity) and old.state == "acknowledged":
        by_rule(world, old, reopened(new), "alert.reopened")
    else:
        by_rule(world, old, new, "alert.graded")


def reopened(alert: Alert) -> Alert:
    """The alert as nobody has seen it."""
    return msgspec.structs.replace(
        alert, state="unacknowledged", acked_by="", acked_at=None, acked_on="", ack_lapses_at=None
    )


def end_alert(world: World, id: str) -> None:
    """The condition is gone: whether somebody has seen it decides what becomes of the alert."""
    old = world.get(Alert, id)
    if old is None or not stands(old):
        return
    flags = tuple(flag for flag in old.flags if flag != "stale")
    new = msgspec.structs.replace(old, ended_at=world.now, flags=flags, ack_lapses_at=None)
    if old.state == "unacknowledged":
        by_rule(world, old, msgspec.structs.replace(new, state="returned_unacknowledged"), "alert.returned")
    else:
        by_rule(world, old, msgspec.structs.replace(new, state="normal"), "alert.ended")
    suppression.consequences(world, new)


def drop_orphans(world: World, rules: set[str]) -> None:
    """An alert whose rule is gone from the configuration closes, with an audit line."""
    for alert in list(world.all(Alert)):
        if alert.rule not in rules:
            close(world, alert, "rule removed")


def close(world: World, alert: Alert, why: str) -> None:
    """Take an alert out of the state whatever it is, with an audit line."""
    leave(world, alert)
    world.audit(
        {
            "what": "alert.closed",
            "rule": alert.rule,
            "alert": alert.id,
            "episode": alert.episode,
            "why": why,
            "before": facts(alert),
        }
    )
    suppression.consequences(world, alert)
