"""Seen (acknowledged) and acted upon (confirmed): two things, each with its person and time."""

from __future__ import annotations

import msgspec

from wallboard.access import Person
from wallboard.engine.alerts import burden
from wallboard.engine.alerts.args import MOST_TEXT, alert_of, int_arg
from wallboard.engine.alerts.condition import reopened
from wallboard.engine.alerts.escalation import rule_of
from wallboard.engine.alerts.transition import by_person, by_rule
from wallboard.engine.commands import Does, Outcome, refused, text_arg
from wallboard.engine.world import World
from wallboard.entities import Alert
from wallboard.events import Command


def ack(world: World, command: Command, person: Person) -> Outcome:
    """alert.ack {alert, episode, version}: I have seen it, as it was in that version."""
    old = alert_of(world, command)
    episode, version = int_arg(command, "episode"), int_arg(command, "version")
    if episode != old.episode:
        return refused("changed", version=old.version)
    # Before the version is compared: of all who press at once, each but the first is told who was it.
    if old.state in ("acknowledged", "normal"):
        return refused("already_acknowledged", by=old.acked_by, at=old.acked_at, version=old.version)
    if version != old.version:
        return refused("changed", version=old.version)
    rule = rule_of(world, old.rule)
    holds = old.state == "unacknowledged"
    lapses = rule.ack_lapses if rule is not None and holds else 0.0
    new = msgspec.structs.replace(
        old,
        state="acknowledged" if holds else "normal",
        acked_by=person.id,
        acked_at=world.now,
        acked_on=command.screen,
        ack_lapses_at=world.now + lapses if lapses else None,
    )
    if old.waits_since is not None or not holds:
        burden.acknowledged(world, max(0.0, world.now - old.since))
    return by_person(world, old, new)


def lapse(world: World, alert: Alert) -> None:
    """The acknowledgement is too old while the condition still holds: somebody has to look again."""
    by_rule(world, alert, reopened(alert), "alert.ack_lapsed", by=alert.acked_by)


def confirm(world: World, command: Command, person: Person) -> Outcome:
    """alert.confirm {alert, episode, text}: what was done about it; no acknowledgement, and no end of it."""
    old = alert_of(world, command)
    text = text_arg(command, "text", MOST_TEXT)
    if int_arg(command, "episode") != old.episode:
        return refused("changed", version=old.version)
    new = msgspec.structs.replace(old, confirmed_by=person.id, confirmed_at=world.now, confirmed=text)
    return by_person(world, old, new)


COMMANDS = {"alert.ack": Does(ack, "alert", "alert"), "alert.confirm": Does(confirm, "alert", "alert")}
