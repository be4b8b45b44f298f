"""The keyed map: what a node knows, and what has changed since any position.

For every key it keeps the commit of its last change, newest last, so "what changed since s" is a walk from
the end. That one structure serves resume, slow boards and groups. Removals, and the scopes that an entity
once had, are kept for the resume window; a board that comes from below it gets a snapshot.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import msgspec

#: How far back a board may resume (s); the wall stream is kept as long.
WINDOW_S = 15 * 60.0

#: Of so many commits it is known when their oldest event arrived: several seconds at the engine's fastest.
HEARD_COMMITS = 256

Key = tuple[str, str]
Scope = tuple[str, ...]
#: kind, id, entity (JSON; null or None: removed), former scope where it differs
WireChange = tuple[str, str, msgspec.Raw | None, Scope | None]


class Entry:
    """What is known of one key."""

    __slots__ = ("former", "n", "raw", "scope")

    def __init__(
        self, raw: bytes | None, scope: Scope, n: int, former: tuple[tuple[int, Scope], ...] = ()
    ) -> None:
        #: JSON of the entity; None when it was removed
        self.raw = raw
        self.scope = scope
        #: commit of the last change
        self.n = n
        #: (commit at which it ended, scope) of scopes that it had within the window
        self.former = former


class _Scoped(msgspec.Struct):
    scope: Scope = ()


_scope_decoder = msgspec.json.Decoder(_Scoped)


class Replica:
    """State as of commit `n` of `epoch`; `at` is that commit's time, `safe_n` what is known to be on disk."""

    def __init__(self) -> None:
        self.epoch = ""
        self.n = 0
        self.at = 0.0
        self.safe_n = 0
        #: positions below this one cannot be resumed
        self.floor = 0
        self._entries: dict[Key, Entry] = {}
        self._removed: deque[tuple[float, int, Key]] = deque()
        #: (commit time, n) of recent commits, to move the floor
        self._times: deque[tuple[float, int]] = deque()
        #: (n, when the oldest event of that commit arrived)
        self._heard: deque[tuple[int, float]] = deque(maxlen=HEARD_COMMITS)

    def reset(
        self, epoch: str, n: int, at: float, safe_n: int, state: Iterable[tuple[str, str, bytes]]
    ) -> None:
        """Start anew from whole state as of commit `n`; nothing before `n` can be resumed."""
        self.epoch, self.n, self.at, self.safe_n, self.floor = epoch, n, at, safe_n, n
        self._entries = {
            (kind, id): Entry(raw, _scope_decoder.decode(raw).scope, n) for kind, id, raw in state
        }
        self._removed.clear()
        self._times.clear()
        self._heard.clear()

    def take(self, other: Replica) -> None:
        """Become what `other` is, which is not used any more."""
        self.__dict__.update(other.__dict__)

    def apply(
        self, n: int, at: float, safe_n: int, changes: Iterable[WireChange], heard: float | None = None
    ) -> None:
        """Take over commit `n`. Applying one twice, or over state that already holds it, is harmless."""
        for kind, id, raw, was in changes:
            key = (kind, id)
            old = self._entries.pop(key, None)
            former = old.former if old is not None else ()
            scope_before = was if was is not None else (old.scope if old is not None else None)
            data = b"null" if raw is None else bytes(raw)
            if data == b"null":
                if scope_before is not None:
                    former = (*former, (n, scope_before))
                self._entries[key] = Entry(None, (), n, former)
                self._removed.append((at, n, key))
            else:
                scope = _scope_decoder.decode(data).scope
                if scope_before is not None and scope_before != scope:
                    former = (*former, (n, scope_before))
                    self._removed.append((at, n, key))
                self._entries[key] = Entry(data, scope, n, former)
        self.n, self.at, self.safe_n = n, at, safe_n
        self._times.append((at, n))
        if heard is not None:
            self._heard.append((n, heard))
        self._forget(at - WINDOW_S)

    def _forget(self, before: float) -> None:
        """Drop removals and former scopes that are older than the window."""
        while self._times and self._times[0][0] < before:
            self.floor = max(self.floor, self._times.popleft()[1])
        while self._removed and self._removed[0][0] < before:
            _, n, key = self._removed.popleft()
            entry = self._entries.get(key)
            if entry is None:
                continue
            entry.former = tuple(part for part in entry.former if part[0] > n)
            if entry.raw is None and entry.n <= n:
                del self._entries[key]

    def since(self, n: int) -> Iterator[tuple[Key, Entry]]:
        """What has changed after commit `n`, newest first. Only for `n >= floor`."""
        for key in reversed(self._entries):
            entry = self._entries[key]
            if entry.n <= n:
                return
            yield key, entry

    def heard(self, since: int) -> float | None:
        """When the oldest event arrived that a commit after `since` took in; None where none is known."""
        oldest = None
        for n, at in reversed(self._heard):
            if n <= since:
                break
            oldest = at if oldest is None else min(oldest, at)
        return oldest

    def get(self, kind: str, id: str) -> Entry | None:
        """One entity, if it is there now."""
        entry = self._entries.get((kind, id))
        return entry if entry is not None and entry.raw is not None else None

    def all(self) -> Iterator[tuple[Key, Entry]]:
        """All entities that are there now."""
        return ((key, entry) for key, entry in self._entries.items() if entry.raw is not None)

    def of_kind(self, kind: str) -> Iterator[tuple[str, Entry]]:
        """The entities of one kind that are there now."""
        return ((key[1], entry) for key, entry in self.all() if key[0] == kind)
