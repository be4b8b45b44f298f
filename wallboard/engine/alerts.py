"""The states of an alert that need no person (ISA-18.2): raised, and gone unseen."""

from __future__ import annotations

import msgspec

from wallboard.city import RuleConfig
from wallboard.engine.world import World
from wallboard.entities import Alert, Entity

#: An alert that ended and that nobody saw stays on the wall for this long (s). Before people can log in and
#: acknowledge, a longer time would only fill the wall with what is over; the audit trail keeps all.
UNSEEN_KEPT_S = 15 * 60.0


def raise_alert(
    world: World, rule: RuleConfig, kind: str, entity: Entity, value: float | None, since: float
) -> None:
    """The condition holds: a new alert, or a new episode of one that had ended."""
    id = f"{rule.id}|{kind}:{entity.id}"
    old = world.get(Alert, id)
    ended = old is None or old.state == "returned_unacknowledged"
    if old is not None and not ended:
        return
    place = getattr(entity, "place", None)
    alert = Alert(
        id=id,
        scope=entity.scope,
        at=since,
        rule=rule.id,
        subject=f"{kind}:{entity.id}",
        severity=rule.severity,
        state="unacknowledged",
        episode=1 if old is None else old.episode + 1,
        version=1 if old is None else old.version + 1,
        since=since,
        texts=_texts(rule.text, entity, value),
        instruction=dict(rule.instruction),
        place=place,
        district=place.name if place is not None and place.name else "",
        value=value,
    )
    world.put(alert)
    world.audit({"what": "alert.raised", "rule": rule.id, "alert": id, "episode": alert.episode})


def end_alert(world: World, id: str) -> None:
    """The condition is gone and nobody has seen it: it stays, as returned."""
    old = world.get(Alert, id)
    if old is None or old.state != "unacknowledged":
        return
    world.put(
        msgspec.structs.replace(
            old, state="returned_unacknowledged", version=old.version + 1, ended_at=world.now
        )
    )
    world.audit({"what": "alert.returned", "rule": old.rule, "alert": id, "episode": old.episode})


def drop_orphans(world: World, rules: set[str]) -> None:
    """An alert whose rule is gone from the configuration closes, with an audit line."""
    for alert in list(world.all(Alert)):
        if alert.rule not in rules:
            world.remove(Alert, alert.id)
            world.audit(
                {"what": "alert.closed", "rule": alert.rule, "alert": alert.id, "why": "rule removed"}
            )


def _texts(texts: dict[str, str], entity: Entity, value: float | None) -> dict[str, str]:
    shown = "" if value is None else f"{value:g}"
    filled = {}
    for language, text in texts.items():
        filled[language] = (
            text.replace("{name}", _name(entity, language))
            .replace("{value}", shown)
            .replace("{id}", entity.id)
        )
    return filled


def _name(entity: Entity, language: str) -> str:
    texts = getattr(entity, "texts", None)
    if texts:
        words = texts.get(language) or next(iter(texts.values()))
        return str(words.headline or words.event)
    source = getattr(entity, "source", None)
    return str(getattr(entity, "name", "") or getattr(source, "title", "") or entity.id)


def _due(world: World, alert: Alert) -> float | None:
    if alert.state == "returned_unacknowledged" and alert.ended_at is not None:
        return alert.ended_at + UNSEEN_KEPT_S
    return None


def forgotten(world: World, id: str) -> None:
    """An unseen alert leaves the wall after a while; its audit lines stay."""
    world.remove(Alert, id)


DUE = {"alert": _due}
TIMERS = {"alert": forgotten}
