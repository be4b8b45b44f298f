"""`absence`: nothing new has come of an entity for a time."""

from __future__ import annotations

import msgspec

from wallboard.city import RuleConfig
from wallboard.engine.rules.in_force import in_force
from wallboard.engine.rules.standing import key_of, note
from wallboard.engine.rules.verdict import NO, Verdict, fits
from wallboard.engine.world import World
from wallboard.entities import Entity

KIND = "silence"

#: In a world's index, while it is loaded: how long nobody could listen (s).
LEFT_OUT = "rules.left_out"

#: A rule without `silent_for` waits this many of the entity's own periods.
PERIODS = 3

#: The period of an entity that says none (s): most sources are asked once a minute.
PERIOD_S = 60.0


class SilenceMemory(msgspec.Struct):
    """A rule waits until `due` for something newer than `at` of one subject."""

    rule: str
    kind: str
    id: str
    at: float
    due: float
    #: how long it waits in all, without the time that was left out (s); 0: not known
    patience: float = 0.0


def watch(world: World, rule: RuleConfig, kind: str, id: str, entity: Entity | None) -> None:
    """Wait for the next news of this entity."""
    key = key_of(rule, kind, id)
    if entity is None or not fits(entity, rule.where):
        world.forget(KIND, key)
        note(world, rule, kind, id, NO)
        return
    old = world.recall(KIND, key, SilenceMemory)
    patience = rule.silent_for or PERIODS * float(getattr(entity, "period_s", 0.0) or PERIOD_S)
    if old is not None and old.at == entity.at:
        if old.patience in (0.0, patience):
            return
        due = old.due - old.patience + patience
    else:
        due = entity.at + patience
        if due > world.now:
            due += world.index.get(LEFT_OUT, 0.0)
    if due > world.now:
        world.remember(KIND, key, SilenceMemory(rule.id, kind, id, entity.at, due, patience))
    else:
        world.forget(KIND, key)
    note(world, rule, kind, id, Verdict(due <= world.now))


def over(world: World, key: str) -> None:
    """Nothing new has come in time."""
    memory = world.recall(KIND, key, SilenceMemory)
    rule = in_force(world).get(memory.rule) if memory is not None else None
    if memory is not None and rule is not None:
        world.forget(KIND, key)
        note(world, rule, memory.kind, memory.id, Verdict(True))


def leave_out(world: World, down_s: float) -> None:
    """The time in which nobody could listen is no silence of the source."""
    for key, value in list(world.memories(KIND).items()):
        world.remember(KIND, key, msgspec.structs.replace(value, due=value.due + down_s))
