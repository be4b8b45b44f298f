"""What the rules make of commits that were recorded: the engine's own rules and alerts over a told state.

The entities come from history and are taken as they are; only rules and alerts are judged, by the very code
that the engine runs. Recorded alerts are left out, and nobody acknowledges.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from wallboard.city import CityConfig
from wallboard.engine import alerts, rules
from wallboard.engine.reduce import ONLY, pass_time, settle
from wallboard.engine.rules.in_force import all_rules, kind_of
from wallboard.engine.world import World
from wallboard.entities import KINDS, Entity
from wallboard.gazetteer import Gazetteer
from wallboard.geofence import Geofence

#: kind, id, entity (JSON; null or None: removed)
Told = tuple[str, str, bytes | None]

#: Alerts look at these whatever the rules look at.
_ALWAYS = frozenset({"city", "district"})

#: Made by what is judged here.
_OURS = frozenset({"alert", "load"})


class Retold:
    """A world that is told what was recorded, and judges it by the rules of a configuration."""

    def __init__(self, city: CityConfig, geofence: Geofence, gazetteer: Gazetteer) -> None:
        modules = (rules, alerts)
        memory = {kind: struct for module in modules for kind, struct in module.MEMORY.items()}
        due = {kind: rule for module in modules for kind, rule in module.DUE.items()}
        self.world = World(city, geofence, gazetteer, memory_types=memory, due=due)
        self.world.index[ONLY] = modules
        looked_at = {kind_of(rule) for rule in all_rules(city)} | _ALWAYS
        self._decoders = {
            kind: msgspec.json.Decoder(struct)
            for kind, struct in KINDS.items()
            if kind in looked_at and kind not in _OURS
        }
        self._begun = False

    def whole(self, at: float, state: Iterable[Told]) -> list[dict[str, Any]]:
        """The whole state at `at`: the beginning, or what is found after a gap, in which nobody listened."""
        world = self.world
        if not self._begun:
            world.now = at
        self._begun = True
        found: dict[str, set[str]] = {kind: set() for kind in self._decoders}
        for kind, id, raw in state:
            if kind in self._decoders:
                found[kind].add(id)
                self._take(kind, id, raw)
        for kind, ids in found.items():
            for id in [id for id in world.of_kind(kind) if id not in ids]:
                world.remove(KINDS[kind], id)
        world.index["down_to"] = at
        rules.load(world)
        alerts.load(world)
        world.reschedule()
        return self._passed(at)

    def commit(self, at: float, changes: Iterable[Told]) -> list[dict[str, Any]]:
        """The changes of one commit at `at`; what rules and alerts did, as audit lines."""
        pass_time(self.world, at)
        for kind, id, raw in changes:
            if kind in self._decoders:
                self._take(kind, id, raw)
        return self._passed(at)

    def _passed(self, at: float) -> list[dict[str, Any]]:
        pass_time(self.world, at)
        settle(self.world, always=True)
        return self.world.discard()

    def _take(self, kind: str, id: str, raw: bytes | None) -> None:
        if raw is None or raw == b"null":
            self.world.remove(KINDS[kind], id)
            return
        try:
            entity: Entity = self._decoders[kind].decode(raw)
        except ValueError:
            self.world.remove(KINDS[kind], id)  # of a version whose entities were others
            return
        self.world.put(entity)
