"""What the commands on alerts have in common."""

from __future__ import annotations

from wallboard.engine.commands import BadArgs
from wallboard.engine.world import World
from wallboard.entities import Alert
from wallboard.events import Command

#: A note or an action taken, in characters: a screenful of a phone.
MOST_TEXT = 1000

#: A reason: one line of a list.
MOST_REASON = 300

#: JavaScript and JSON carry whole numbers exactly up to here.
_MOST_INT = 2**53


def alert_of(world: World, command: Command) -> Alert:
    """The alert that the command names; `commands` has made sure that there is one."""
    alert = world.get(Alert, command.args["alert"])
    assert alert is not None
    return alert


def int_arg(command: Command, name: str) -> int:
    """A whole number of the arguments; raises BadArgs."""
    value = command.args.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_INT:
        raise BadArgs(f"{name}: a whole number from 0")
    return value
