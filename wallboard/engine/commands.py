"""What people ask for: authorised, done once, answered, and written into the audit trail.

The first of each (person, command_id) is done; a repetition gets the first answer again and changes nothing.
Each module of the engine says in its table COMMANDS what it does:

COMMANDS action → Does(handler, kind, arg): `args[arg]` names the entity of `kind` that it is done to, which
         the person must be allowed to see; without a kind there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from wallboard import access
from wallboard.access import Person
from wallboard.engine.world import World
from wallboard.entities import Entity
from wallboard.events import Command

#: A page repeats a command that was lost with its connection within minutes; a day is longer than any keeps
#: one, and as long as the answer stays in Redis (s).
ANSWER_KEPT_S = 24 * 3600.0

#: Longer names are no names of ours; they would stand in a key of Redis and in the audit trail.
MAX_ID_CHARS = 64

_ANSWER = "answer"


class Outcome(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What came of a command; `reason` is a word of static/js/words*.js."""

    status: Literal["done", "refused"] = "done"
    reason: str = ""
    #: who was first, and when
    by: str = ""
    at: float | None = None
    #: of the alert, after it
    version: int | None = None
    #: of what was made
    id: str = ""
    #: for the audit trail: what it was, what it is
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}


class Does(msgspec.Struct, frozen=True):
    """One action: what it does, and to which kind of thing."""

    handler: Callable[[World, Command, Person], Outcome]
    kind: str = ""
    arg: str = ""


class Answer(msgspec.Struct):
    """The first answer to a command."""

    at: float
    result: msgspec.Raw


class BadArgs(Exception):
    """Raised by a handler for arguments that it cannot use: which, and what is allowed."""


def refused(reason: str, *, by: str = "", at: float | None = None, version: int | None = None) -> Outcome:
    """It is not done; `by` and `at` say who was first."""
    return Outcome(status="refused", reason=reason, by=by, at=at, version=version)


def text_arg(command: Command, name: str, most: int, *, needed: bool = True) -> str:
    """A text of the arguments, stripped; raises BadArgs."""
    value = command.args.get(name, "")
    if not isinstance(value, str) or len(value) > most or (needed and not value.strip()):
        raise BadArgs(f"{name}: a text of {'1' if needed else '0'} to {most} characters")
    return value.strip()


def number_arg(command: Command, name: str, least: float, most: float) -> float:
    """A number of the arguments; raises BadArgs."""
    value = command.args.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise BadArgs(f"{name}: a number from {least:g} to {most:g}")
    return float(value)


def commanded(world: World, command: Command) -> None:
    """Do what a person asks for, if it is theirs to ask."""
    key = f"{command.person}:{command.source_id}"
    first = world.recall(_ANSWER, key, Answer)
    if first is not None:
        world.answer(command.person, command.source_id, bytes(first.result))
        return
    outcome = _done(world, command)
    if not 0 < len(command.source_id) <= MAX_ID_CHARS:
        # The node has refused it already; what came past it leaves one short line, and nothing that stays.
        line = _line(command, outcome)
        world.audit(line | {"command_id": command.source_id[:MAX_ID_CHARS], "args": {}})
        return
    told = msgspec.structs.replace(outcome, before={}, after={})
    result = msgspec.json.encode(
        {
            "person": command.person,
            "command_id": command.source_id,
            "action": command.action,
            **msgspec.to_builtins(told),
            "status": outcome.status,
        }
    )
    world.answer(command.person, command.source_id, result)
    world.remember(_ANSWER, key, Answer(world.now, msgspec.Raw(result)))
    world.audit(_line(command, outcome))


def _line(command: Command, outcome: Outcome) -> dict[str, Any]:
    """For the audit trail."""
    line: dict[str, Any] = {
        "what": command.action,
        "person": command.person,
        "screen": command.screen,
        "command_id": command.source_id,
        "pos": command.pos,
        "args": command.args,
        "status": outcome.status,
    }
    for name in ("reason", "before", "after"):
        if value := getattr(outcome, name):
            line[name] = value
    return line


def _done(world: World, command: Command) -> Outcome:
    does: Does | None = world.index["commands"].get(command.action)
    if does is None:
        return refused("unknown_action")
    if len(command.source_id) > MAX_ID_CHARS or not command.source_id:
        return refused("bad_args: command_id")
    if not command.person:
        if command.action not in access.SYSTEM:
            return refused("log_in_first")
        person = Person(id="", name="", role="admin")
    else:
        known = world.recall("person", command.person, Person)
        if known is None or known.disabled:
            return refused("log_in_first")
        if not access.may_do(known, command.action):
            return refused("forbidden")
        person = known
    if does.kind:
        entity = _target(world, command, does)
        # What somebody may not see does not exist for them.
        if entity is None or (
            command.person and not access.may_see(access.viewer_of(person), does.kind, entity.scope)
        ):
            return refused("no_such_thing")
    try:
        return does.handler(world, command, person)
    except BadArgs as fault:
        return refused(f"bad_args: {fault}")


def _target(world: World, command: Command, does: Does) -> Entity | None:
    id = command.args.get(does.arg)
    return world.of_kind(does.kind).get(id) if isinstance(id, str) else None


def _forgotten(world: World, key: str) -> None:
    world.forget(_ANSWER, key)


EVENTS = {Command: commanded}
DUE = {f"mem:{_ANSWER}": lambda world, answer: answer.at + ANSWER_KEPT_S}
TIMERS = {f"mem:{_ANSWER}": _forgotten}
MEMORY = {_ANSWER: Answer}
