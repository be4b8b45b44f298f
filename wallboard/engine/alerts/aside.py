"""Set aside by people: shelved for a time, or out of service until somebody brings it back.

A flag stands beside the state and hides no change of it; it stays over episodes, so that what comes again
within the time does not call. Suppression by rule is in suppression.py.
"""

from __future__ import annotations

import msgspec

from wallboard.access import Person
from wallboard.engine.alerts.args import MOST_REASON, alert_of
from wallboard.engine.alerts.transition import by_person, by_rule
from wallboard.engine.commands import Does, Outcome, number_arg, refused, text_arg
from wallboard.engine.world import World
from wallboard.entities import Alert, Flagged
from wallboard.events import Command

#: The shortest time to shelve for (s): a shorter one would be over before it is read.
SHELVE_LEAST_S = 10.0


def shelve(world: World, command: Command, person: Person) -> Outcome:
    """alert.shelve {alert, for_s, reason}: for so long (s) from now; another one replaces it."""
    old = alert_of(world, command)
    for_s = number_arg(command, "for_s", SHELVE_LEAST_S, world.city.alarms.shelve_most)
    reason = text_arg(command, "reason", MOST_REASON)
    flag = Flagged(by=person.id, at=world.now, reason=reason, until=world.now + for_s)
    return by_person(world, old, msgspec.structs.replace(old, shelved=flag))


def unshelve(world: World, command: Command, person: Person) -> Outcome:
    """alert.unshelve {alert}: before its time is over."""
    old = alert_of(world, command)
    if old.shelved is None:
        return refused("not_shelved", version=old.version)
    return by_person(world, old, msgspec.structs.replace(old, shelved=None))


def shelved_long_enough(world: World, alert: Alert) -> None:
    """The time is over."""
    assert alert.shelved is not None
    by_rule(
        world, alert, msgspec.structs.replace(alert, shelved=None), "alert.shelf_over", by=alert.shelved.by
    )


def out_of_service(world: World, command: Command, person: Person) -> Outcome:
    """alert.out_of_service {alert, reason}: what it watches is being worked on."""
    old = alert_of(world, command)
    reason = text_arg(command, "reason", MOST_REASON)
    if (flag := old.out_of_service) is not None:
        return refused("already_out_of_service", by=flag.by, at=flag.at, version=old.version)
    flag = Flagged(by=person.id, at=world.now, reason=reason)
    return by_person(world, old, msgspec.structs.replace(old, out_of_service=flag))


def in_service(world: World, command: Command, person: Person) -> Outcome:
    """alert.in_service {alert}: it counts again."""
    old = alert_of(world, command)
    if old.out_of_service is None:
        return refused("already_in_service", version=old.version)
    return by_person(world, old, msgspec.structs.replace(old, out_of_service=None))


COMMANDS = {
    "alert.shelve": Does(shelve, "alert", "alert"),
    "alert.unshelve": Does(unshelve, "alert", "alert"),
    "alert.out_of_service": Does(out_of_service, "alert", "alert"),
    "alert.in_service": Does(in_service, "alert", "alert"),
}
