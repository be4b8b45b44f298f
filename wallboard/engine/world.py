"""The engine's working copy of everything, and the draft of the next commit.

Reducers read and write only through this. Nothing here does I/O, knows a clock or draws lots: `now` is set
by the caller, all that is due later is derived from entities and memory, so a reload rebuilds it.
"""

from __future__ import annotations

import contextlib
import heapq
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from wallboard.city import CityConfig
from wallboard.entities import KIND_OF, KINDS, MAX_ENTITY_BYTES, Entity
from wallboard.gazetteer import Gazetteer
from wallboard.geofence import Geofence
from wallboard.place import Place

E = TypeVar("E", bound=Entity)
M = TypeVar("M")

#: kind, id
Key = tuple[str, str]

#: when it is due, kind, id
Timer = tuple[float, str, str]


#: Timers that are not true any more stay until their time has come, but never more than these beside as many
#: as there are true ones.
MOST_STALE = 1000


class Change(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One change of a commit: `[kind, id, entity or null, was]`; `was`: the former scope where it differs."""

    kind: str
    id: str
    #: JSON; null: removed
    entity: msgspec.Raw
    was: tuple[str, ...] | None = None


REMOVED = msgspec.Raw(b"null")


class Dead(msgspec.Struct, frozen=True, omit_defaults=True):
    """What could not be processed, kept with the reason."""

    feed: str
    reason: str
    at: float
    record: Any = None


class Draft(msgspec.Struct):
    """What a batch of events changed: the content of one commit."""

    changes: list[Change]
    #: (kind, id) → encoded memory, or None where it is forgotten
    memory: dict[Key, bytes | None]
    dead: list[Dead]
    audit: list[dict[str, Any]]
    results: dict[str, bytes]
    revoked: list[str]
    outbox: list[dict[str, Any]]


class World:
    """State (shown), memory (not shown) and timers, with a record of what the open draft changed."""

    def __init__(
        self,
        city: CityConfig,
        geofence: Geofence,
        gazetteer: Gazetteer,
        *,
        memory_types: Mapping[str, type] | None = None,
        due: Mapping[str, Callable[[World, Any], float | None]] | None = None,
    ) -> None:
        self.city = city
        self.geofence = geofence
        self.gazetteer = gazetteer
        self.now = 0.0
        self._state: dict[str, dict[str, Entity]] = {kind: {} for kind in KINDS}
        self._memory: dict[str, dict[str, Any]] = {}
        self._memory_types = dict(memory_types or {})
        self._due = dict(due or {})
        self._timers: list[tuple[float, str, str]] = []
        #: when each thing is due, by the newest word; older heap entries are stale
        self._due_at: dict[Key, float] = {}
        #: of each kind, scopes before the draft (None: it did not exist) of the entities it touched, in order
        self._touched: dict[str, dict[str, tuple[str, ...] | None]] = {}
        #: the same since the last `settled`
        self._unsettled: dict[str, dict[str, None]] = {}
        self._dirty = False
        self._touched_memory: set[Key] = set()
        #: removals of what could not be read
        self._unread: list[Change] = []
        self._dead: list[Dead] = []
        self._audit: list[dict[str, Any]] = []
        self._results: dict[str, bytes] = {}
        self._outbox: list[dict[str, Any]] = []
        self._revoked: list[str] = []
        #: places assigned beforehand to the events of this batch, by id(event)
        self.places: dict[int, Place] = {}
        #: free for reducers' own derived indexes (counts by district …), rebuilt by their `load`
        self.index: dict[str, Any] = {}
        #: the timer that is being called; after a fault it names the guilty one
        self.timer: Timer | None = None
        #: timers that failed before and are not called again
        self.muted: Container[Timer] = ()

    # -- state ---------------------------------------------------------------------------------------

    def get(self, struct: type[E], id: str) -> E | None:
        """The entity of this class and id, or None. Never change it in place: put a new one."""
        return self._state[KIND_OF[struct]].get(id)  # type: ignore[return-value]

    def all(self, struct: type[E]) -> Iterable[E]:
        """All entities of a class, oldest key first."""
        return self._state[KIND_OF[struct]].values()  # type: ignore[return-value]

    def of_kind(self, kind: str) -> Mapping[str, Entity]:
        """The entities of a kind by id."""
        return self._state[kind]

    def put(self, entity: Entity) -> None:
        """Show this entity from now on; an equal one changes nothing."""
        kind = KIND_OF[type(entity)]
        entities = self._state[kind]
        before = entities.get(entity.id)
        if before == entity:
            return
        self._touch(kind, entity.id, before)
        entities[entity.id] = entity
        self._schedule(kind, entity.id, entity)

    def remove(self, struct: type[Entity], id: str) -> None:
        """Show this entity no more."""
        kind = KIND_OF[struct]
        before = self._state[kind].pop(id, None)
        if before is not None:
            self._touch(kind, id, before)
            self._due_at.pop((kind, id), None)

    def touched(self, kind: str) -> list[str]:
        """Ids of the entities of a kind that were changed since everything was last settled, in order."""
        return list(self._unsettled.get(kind, ()))

    @property
    def unsettled(self) -> bool:
        """Whether there is anything that the modules have not settled yet."""
        return self._dirty

    def settled(self) -> None:
        """All modules have looked at what was touched."""
        self._unsettled, self._dirty = {}, False

    def _touch(self, kind: str, id: str, before: Entity | None) -> None:
        self._unsettled.setdefault(kind, {})[id] = None
        self._dirty = True
        touched = self._touched.setdefault(kind, {})
        if id not in touched:
            touched[id] = None if before is None else before.scope

    # -- memory --------------------------------------------------------------------------------------

    def recall(self, kind: str, id: str, struct: type[M]) -> M | None:
        """What was remembered under (kind, id); never change it in place."""
        return self._memory.get(kind, {}).get(id)

    def memories(self, kind: str) -> Mapping[str, Any]:
        """All that is remembered of a kind, by id."""
        return self._memory.get(kind, {})

    def remember(self, kind: str, id: str, value: Any) -> None:
        """Keep `value` (a struct named in MEMORY of its reducer) across restarts."""
        self._memory.setdefault(kind, {})[id] = value
        self._touched_memory.add((kind, id))
        self._dirty = True
        self._schedule(f"mem:{kind}", id, value)

    def forget(self, kind: str, id: str) -> None:
        """Keep it no more."""
        if self._memory.get(kind, {}).pop(id, None) is not None:
            self._touched_memory.add((kind, id))
            self._dirty = True
            self._due_at.pop((f"mem:{kind}", id), None)

    # -- other parts of a commit ---------------------------------------------------------------------

    def bury(self, feed: str, reason: str, record: Any) -> None:
        """Keep what could not be processed, with the reason."""
        self._dead.append(Dead(feed=feed, reason=reason, at=self.now, record=record))

    def audit(self, line: dict[str, Any]) -> None:
        """Write what a person or a rule did into the audit trail."""
        self._audit.append({"at": self.now, **line})

    def answer(self, person: str, command_id: str, result: bytes) -> None:
        """The first answer to a command."""
        self._results[f"{person}:{command_id}"] = result

    def send(self, message: dict[str, Any]) -> None:
        """Tell somebody outside of the boards (engine/alerts.py, notify.py), at least once."""
        self._outbox.append({"at": self.now, **message})

    def revoke(self, name: str) -> None:
        """End the connections of a person ("p:NAME") or screen ("s:ID") on every node."""
        self._revoked.append(name)

    # -- timers --------------------------------------------------------------------------------------

    def _schedule(self, kind: str, id: str, value: Any) -> None:
        rule = self._due.get(kind)
        if rule is None:
            return
        due = rule(self, value)
        key = (kind, id)
        if due is None:
            self._due_at.pop(key, None)
        elif self._due_at.get(key) != due:
            self._due_at[key] = due
            heapq.heappush(self._timers, (due, kind, id))
            if len(self._timers) > MOST_STALE + 2 * len(self._due_at):
                # An alert that comes and goes all day is due in a week each time.
                self._timers = [(at, *its) for its, at in self._due_at.items()]
                heapq.heapify(self._timers)

    def next_due(self) -> float | None:
        """When the next timer is due."""
        while (
            self._timers and self._due_at.get((self._timers[0][1], self._timers[0][2])) != self._timers[0][0]
        ):
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def take_due(self, until: float) -> Iterator[tuple[float, str, str]]:
        """Timers due up to `until` in order of time, kind and id, each once; new ones join in."""
        while (due := self.next_due()) is not None and due <= until:
            at, kind, id = heapq.heappop(self._timers)
            del self._due_at[(kind, id)]
            yield at, kind, id

    # -- draft and load ------------------------------------------------------------------------------

    def draft(self) -> Draft:
        """What has changed since the last call, encoded once, kind by kind in order of the first touch."""
        changes: list[Change] = []
        for kind, touched in self._touched.items():
            entities = self._state[kind]
            for id, was in touched.items():
                entity = entities.get(id)
                raw = _encode(entity) if entity is not None else b""
                if entity is not None and len(raw) > MAX_ENTITY_BYTES:
                    self._refuse(kind, entity, len(raw))
                    entity = None
                if entity is not None:
                    former = was if was is not None and was != entity.scope else None
                    changes.append(Change(kind, id, msgspec.Raw(raw), former))
                elif was is not None:
                    changes.append(Change(kind, id, REMOVED, was))
        memory = {
            (kind, id): None if (value := self._memory.get(kind, {}).get(id)) is None else _encode(value)
            for kind, id in self._touched_memory
        }
        changes += self._unread
        self._unread = []
        draft = Draft(changes, memory, self._dead, self._audit, self._results, self._revoked, self._outbox)
        self._touched, self._touched_memory = {}, set()
        self._dead, self._audit, self._results = [], [], {}
        self._revoked, self._outbox = [], []
        return draft

    def discard(self) -> list[dict[str, Any]]:
        """Drop the open draft and return its audit lines: for a world that nobody commits."""
        audit = self._audit
        self._touched, self._touched_memory, self._unread = {}, set(), []
        self._dead, self._audit, self._results = [], [], {}
        self._revoked, self._outbox = [], []
        return audit

    def _refuse(self, kind: str, entity: Entity, size: int) -> None:
        """Nothing may be shown here that is not committed."""
        reason = f"{kind} {entity.id} is {size} bytes; at most {MAX_ENTITY_BYTES}"
        self._dead.append(Dead(entity.feed, reason, self.now))
        del self._state[kind][entity.id]
        self._due_at.pop((kind, entity.id), None)

    def load(self, state: Iterable[tuple[str, bytes]], memory: Iterable[tuple[str, str, bytes]]) -> None:
        """Take over committed state (kind, entity) and memory (kind, id, value); timers follow from them.

        What this version cannot read is buried and removed: one value must not keep the city from starting.
        """
        decoders = {kind: msgspec.json.Decoder(struct) for kind, struct in KINDS.items()}
        for kind, raw in state:
            if kind in decoders:
                try:
                    entity: Any = decoders[kind].decode(raw)
                except ValueError as fault:
                    self._unreadable(kind, raw, fault)
                    continue
                self._state[kind][entity.id] = entity
        for kind, id, raw in memory:
            struct = self._memory_types.get(kind)
            if struct is not None:
                try:
                    self._memory.setdefault(kind, {})[id] = msgspec.json.decode(raw, type=struct)
                except ValueError as fault:
                    self.bury(
                        "", f"memory {kind} {id} cannot be read: {fault}", raw.decode("utf-8", "replace")
                    )
                    self._touched_memory.add((kind, id))
        self.reschedule()

    def _unreadable(self, kind: str, raw: bytes, fault: ValueError) -> None:
        self.bury("", f"{kind} cannot be read: {fault}", raw.decode("utf-8", "replace"))
        with contextlib.suppress(ValueError):
            named = msgspec.json.decode(raw, type=_Named)
            self._unread.append(Change(kind, named.id, REMOVED, named.scope))

    def reschedule(self) -> None:
        """Derive all timers anew from entities and memory."""
        self._timers, self._due_at = [], {}
        for kind, entities in self._state.items():
            for id, entity in entities.items():
                self._schedule(kind, id, entity)
        for kind, values in self._memory.items():
            for id, value in values.items():
                self._schedule(f"mem:{kind}", id, value)

    def due_anew(self, kind: str) -> None:
        """Derive the timers of one kind of memory anew: what they follow from has changed."""
        for id, value in self._memory.get(kind, {}).items():
            self._schedule(f"mem:{kind}", id, value)


class _Named(msgspec.Struct):
    """What is still known of an entity that cannot be read."""

    id: str
    scope: tuple[str, ...] = ()


_encode = msgspec.json.Encoder().encode
