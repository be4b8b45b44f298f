"""What the sender of notices says for the audit trail: a message that could not be delivered at all.

The notices themselves leave by the outbox; that one did not arrive is a fact about the city like any other,
so it comes back as a command of the program itself, is written into the chain, and counted.
"""

from __future__ import annotations

from wallboard.access import Person
from wallboard.engine.commands import Does, Outcome
from wallboard.engine.world import World
from wallboard.entities import Metric
from wallboard.events import Command
from wallboard.scope import CITY

#: Its metric, for the console: how many since the city's state began, and when the last was given up.
UNDELIVERED = "notify.undelivered"


def notify_undelivered(world: World, command: Command, by: Person) -> Outcome:
    """Count a message that was given up; args say which, by which way, and why."""
    old = world.get(Metric, UNDELIVERED)
    number = 1 if old is None else old.value + 1
    world.put(Metric(id=UNDELIVERED, scope=CITY, at=world.now, value=number, unit="messages"))
    return Outcome()


COMMANDS = {UNDELIVERED: Does(notify_undelivered)}
