"""What a group of boards may see, and the frames that they share: each is made once.

The replica keeps for every key when it changed last, so a frame from any position to now can be made; boards
of one view that stand at one place get the very same bytes.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from wallboard import protocol
from wallboard.access import Viewer, cut, may_see
from wallboard.state import Entry, Replica

if TYPE_CHECKING:
    from wallboard.hub import Board

#: Positions whose quiet is remembered. Most boards of a view stand at one; to forget costs a second look.
MAX_QUIET = 64

#: Boards that come within this time share one encoded snapshot, and catch up by a delta (s).
SNAPSHOT_SHARED_S = 1.0


class View:
    """What a group of boards may and wants to see."""

    def __init__(self, layout: str, kinds: frozenset[str], viewer: Viewer) -> None:
        self.layout = layout
        self.kinds = kinds
        self.viewer = viewer
        text = f"{layout}|{','.join(sorted(kinds))}|{viewer.key}"
        self.id = hashlib.sha256(text.encode()).hexdigest()[:16]

    def shows(self, kind: str, scope: tuple[str, ...]) -> bool:
        """Whether a thing of this kind and scope is in the view."""
        return kind in self.kinds and may_see(self.viewer, kind, scope)


@dataclass
class Snapshot:
    """A view's whole state, shared by boards that come together."""

    made_at: float
    #: the commit that it is as of
    pos: int
    frames: list[bytes]
    _packing: asyncio.Future[list[bytes]] | None = None
    _prepared: list[bytes] | None = None

    async def packed(self) -> list[bytes]:
        """The frames compressed: once, in a thread, however many boards wait for it."""
        if self._packing is None:
            self._packing = asyncio.ensure_future(asyncio.to_thread(_packed, self.frames))
        # One board that goes away does not take it from the others.
        return await asyncio.shield(self._packing)

    async def prepared(self) -> list[bytes]:
        """The packed frames as they are written: the very same bytes to all, for each copy would be kept."""
        packed = await self.packed()
        if self._prepared is None:
            self._prepared = [protocol.prepared(frame, binary=True) for frame in packed]
        return self._prepared


def _packed(frames: list[bytes]) -> list[bytes]:
    return [protocol.packed(frame) for frame in frames]


class Group:
    """All boards of one view on this node, and the frames they share."""

    def __init__(self, view: View, replica: Replica) -> None:
        self.view = view
        self.boards: set[Board] = set()
        self._replica = replica
        #: frames for the replica's present commit, by the position that they start from; and as written
        self._frames: dict[int, bytes | None] = {}
        self._prepared: dict[tuple[int, bool], bytes | None] = {}
        self._frames_for = (-1, "")
        #: the position at which all boards stand since they were told, and when that was; None: not known
        self.level: int | None = None
        self.told_at = 0.0
        #: position → commit until which nothing in the view has changed after it
        self._quiet: dict[int, int] = {}
        #: by epoch and reason
        self._snapshots: dict[str, Snapshot] = {}

    def snapshot(self, reason: str, now: float) -> Snapshot:
        """The view's whole state; shared by boards that come together."""
        replica = self._replica
        key = f"{replica.epoch}:{reason}"
        # After a restart boards come for several reasons at once: one frame for each of these.
        self.forget(now)
        if (shared := self._snapshots.get(key)) is not None:
            return shared
        frames = protocol.snapshot(replica.epoch, replica.n, replica.at, self.view.id, reason, self._whole())
        made = self._snapshots[key] = Snapshot(now, replica.n, frames)
        return made

    def rests(self, now: float, tick_s: float) -> bool:
        """Whether no board needs a look: all stand at one place, nothing of it has changed, no tick is due.

        A board that needs something of its own is woken by who knows of it.
        """
        level = self.level
        if level is None or now - self.told_at >= tick_s or level < self._replica.floor:
            return False
        return self.delta(level) is None

    def forget(self, now: float) -> None:
        """Drop the snapshots that nobody will share any more: many views of a large city are gigabytes."""
        if self._snapshots:
            self._snapshots = {
                key: each for key, each in self._snapshots.items() if now - each.made_at < SNAPSHOT_SHARED_S
            }

    def _whole(self) -> Iterator[tuple[str, str, bytes]]:
        for (kind, id), entry in self._replica.all():
            assert entry.raw is not None
            if self.view.shows(kind, entry.scope):
                yield kind, id, cut(self.view.viewer, kind, entry.raw)

    def delta(self, since: int) -> bytes | None:
        """The frame that takes a board from `since` to now; None when nothing in its view changed."""
        replica = self._replica
        self._forget_old()
        if since not in self._frames:
            begin = self._quiet.get(since, since)
            changes = self._changes(begin)
            if not changes:
                self._remember_quiet(since)
            self._frames[since] = (
                protocol.delta(
                    replica.epoch,
                    since,
                    replica.n,
                    replica.at,
                    replica.safe_n,
                    changes,
                    replica.heard(begin),
                )
                if changes
                else None
            )
        return self._frames[since]

    def tick(self, since: int) -> bytes:
        """The frame that takes a board from `since` to now where nothing in its view changed."""
        replica = self._replica
        return protocol.tick(replica.epoch, since, replica.n, replica.at, replica.safe_n)

    def prepared(self, since: int, *, due: bool) -> bytes | None:
        """The delta from `since` as it is written; where nothing changed None, or if it is `due` a tick."""
        self._forget_old()
        key = since, due
        if key not in self._prepared:
            frame = self.delta(since) or (self.tick(since) if due else None)
            self._prepared[key] = None if frame is None else protocol.prepared(frame)
        return self._prepared[key]

    def _forget_old(self) -> None:
        now = (self._replica.n, self._replica.epoch)
        if self._frames_for != now:
            if self._frames_for[1] != now[1]:
                self._quiet = {}
            self._frames, self._prepared, self._frames_for = {}, {}, now

    def _remember_quiet(self, since: int) -> None:
        """Nothing of this view has changed from `since` until now: the next look begins here."""
        if len(self._quiet) >= MAX_QUIET:
            self._quiet = {}
        self._quiet[since] = self._replica.n

    def _changes(self, since: int) -> list[tuple[str, str, msgspec.Raw | None]]:
        changes: list[tuple[str, str, msgspec.Raw | None]] = []
        for (kind, id), entry in self._replica.since(since):
            if entry.raw is not None and self.view.shows(kind, entry.scope):
                changes.append((kind, id, msgspec.Raw(cut(self.view.viewer, kind, entry.raw))))
            elif self._showed(kind, entry, since):
                changes.append((kind, id, None))
        changes.reverse()
        return changes

    def _showed(self, kind: str, entry: Entry, since: int) -> bool:
        """Whether the thing was in the view at any time after `since`, so that its end must be told."""
        return any(n > since and self.view.shows(kind, scope) for n, scope in entry.former)
