"""Views, and what each board is sent: the same bytes to every board with the same view.

A board has a position and no queue. When there is news it gets one frame with all that has changed since
its position; while its socket is full it is left alone, and later gets one merged frame. So the memory a
board can hold is bounded, however slow it is.

Most boards stand where the others of their view stand: the frame is made once, and the hub itself writes the
same bytes to each. A board that needs more than that (a snapshot, an answer, a socket that is full, a server
without prepared frames) is woken, and its own task sends.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import msgspec

from wallboard import protocol
from wallboard.access import Viewer, cut, may_see
from wallboard.state import Entry, Replica

#: After a flush the next one comes at least this much later, and at most (s): see `_pause`.
SHORTEST_PAUSE_S = 0.025
LONGEST_PAUSE_S = 0.25

#: A flush may take this share of the loop's time: the pause is so many times what the last one took.
PAUSE_FACTOR = 4.0

#: A board without news gets a tick when its last frame is this old, for each beat of the engine (s).
TICK_S = 0.9

#: After so many boards others of the loop have their turn: about 5 ms of writing.
BOARDS_A_TURN = 500

#: Boards that come within this time share one encoded snapshot, and catch up by a delta (s).
SNAPSHOT_SHARED_S = 1.0


#: Answers to commands that one board has not taken yet.
MAX_TOLD = 64


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


@dataclass(eq=False)
class Board:
    """One connected page: its view and how far it has been told."""

    session: str
    view: View
    name: str
    epoch: str = ""
    #: the commit that its state is as of; None: it needs a snapshot, for the reason beside
    pos: int | None = None
    reason: str = "subscribe"
    sent_at: float = 0.0
    #: what it last said it painted, when it said so, and how many frames it was sent since
    painted: protocol.Painted | None = None
    painted_when: float = 0.0
    frames: int = 0
    #: when and from where it connected
    since: float = 0.0
    address: str = ""
    #: layout and screen as it asked for them
    subscribed: tuple[str, str] = ("", "")
    #: it can read snapshots that are compressed
    packed: bool = False
    #: who looks: a person's log-in name, a paired screen's id; both empty on the machine's own screen
    person: str = ""
    screen: str = ""
    #: the log-in that the person connected by (hash of its token)
    login: str = ""
    #: answers to its commands that wait to be sent; the oldest goes first when there are too many
    told: deque[bytes] = field(default_factory=lambda: deque(maxlen=MAX_TOLD))
    #: why it has to end, where a right has changed
    ended: str = ""
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    #: writes a prepared frame, or says that the socket takes none now; None: the server has no such means
    push: Callable[[bytes], bool] | None = None
    #: its own task is sending, or is about to: nobody may come before it
    busy: bool = True


@dataclass
class Snapshot:
    """A view's whole state, shared by boards that come together."""

    made_at: float
    #: the commit that it is as of
    pos: int
    frames: list[bytes]
    _packing: asyncio.Future[list[bytes]] | None = None

    async def packed(self) -> list[bytes]:
        """The frames compressed: once, in a thread, however many boards wait for it."""
        if self._packing is None:
            self._packing = asyncio.ensure_future(asyncio.to_thread(_packed, self.frames))
        # One board that goes away does not take it from the others.
        return await asyncio.shield(self._packing)


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
        #: by epoch and reason
        self._snapshots: dict[str, Snapshot] = {}

    def snapshot(self, reason: str, now: float) -> Snapshot:
        """The view's whole state; shared by boards that come together."""
        replica = self._replica
        key = f"{replica.epoch}:{reason}"
        # After a restart boards come for several reasons at once: one frame for each of these.
        self._snapshots = {k: s for k, s in self._snapshots.items() if now - s.made_at < SNAPSHOT_SHARED_S}
        if (shared := self._snapshots.get(key)) is not None:
            return shared
        frames = protocol.snapshot(replica.epoch, replica.n, replica.at, self.view.id, reason, self._whole())
        made = self._snapshots[key] = Snapshot(now, replica.n, frames)
        return made

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
            changes = self._changes(since)
            self._frames[since] = (
                protocol.delta(
                    replica.epoch,
                    since,
                    replica.n,
                    replica.at,
                    replica.safe_n,
                    changes,
                    replica.heard(since),
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
            self._frames, self._prepared, self._frames_for = {}, {}, now

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


class Hub:
    """All groups of one node."""

    def __init__(
        self, replica: Replica, sent: Callable[[int, int], None] = lambda frames, size: None
    ) -> None:
        self.replica = replica
        self.groups: dict[str, Group] = {}
        self._changed = asyncio.Event()
        #: told of the frames and bytes that a flush has written
        self._sent = sent
        #: seconds that the last flush took, for the metrics
        self.last_flush_s = 0.0

    @property
    def boards(self) -> Iterator[Board]:
        """All boards of this node."""
        return (board for group in self.groups.values() for board in group.boards)

    def join(self, board: Board) -> Group:
        """Add a board to the group of its view."""
        group = self.groups.get(board.view.id)
        if group is None:
            group = self.groups[board.view.id] = Group(board.view, self.replica)
        group.boards.add(board)
        return group

    def leave(self, board: Board) -> None:
        """Take a board out; an empty group ends."""
        group = self.groups.get(board.view.id)
        if group is not None:
            group.boards.discard(board)
            if not group.boards:
                del self.groups[board.view.id]

    def changed(self) -> None:
        """The replica went forward."""
        self._changed.set()

    def reloaded(self) -> None:
        """The replica started anew: who cannot go on from where they are gets a snapshot."""
        for board in self.boards:
            if board.epoch != self.replica.epoch or board.pos is None or board.pos < self.replica.floor:
                board.pos, board.reason = None, "reload"
        self._changed.set()

    async def run(self) -> None:
        """Wake the boards: at once after quiet, then at a pace that the node can hold."""
        loop = asyncio.get_running_loop()
        pause = last = 0.0
        while True:
            await self._changed.wait()
            if (wait := last + pause - loop.time()) > 0:
                await asyncio.sleep(wait)
            self._changed.clear()
            start = loop.time()
            await self._flush(start)
            # Each woken board writes in its next turn of the loop; after two turns all have.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            last = loop.time()
            self.last_flush_s = last - start
            pause = _pause(self.last_flush_s)

    async def _flush(self, now: float) -> None:
        """Tell all boards; those that show alerts first."""
        written = size = 0
        for group in sorted(self.groups.values(), key=lambda group: "alert" not in group.view.kinds):
            # Boards come and go while others have their turn.
            for number, board in enumerate(tuple(group.boards), start=1):
                if board in group.boards and (told := self._push(group, board, now)):
                    written, size = written + 1, size + told
                if number % BOARDS_A_TURN == 0:
                    await asyncio.sleep(0)
        self._sent(written, size)

    def _push(self, group: Group, board: Board, now: float) -> int:
        """Write the news to one board, or wake its task where there is more to it; the bytes written."""
        replica, pos = self.replica, board.pos
        if (
            board.push is None
            or board.busy
            or board.told
            or board.ended
            or pos is None
            or board.epoch != replica.epoch
            or pos < replica.floor
        ):
            board.wake.set()
            return 0
        if pos >= replica.n:
            return 0
        frame = group.prepared(pos, due=now - board.sent_at >= TICK_S)
        if frame is None:
            return 0
        if not board.push(frame):
            board.wake.set()
            return 0
        board.pos, board.sent_at = replica.n, now
        board.frames += 1
        return len(frame)

    def snapshot_for(self, board: Board, now: float) -> Snapshot | None:
        """The state that the board needs, its position moved there; None: it can go on from where it is."""
        replica = self.replica
        if board.pos is not None and (board.epoch != replica.epoch or board.pos < replica.floor):
            board.pos, board.reason = None, "too_old" if board.epoch == replica.epoch else "epoch"
        if board.pos is not None:
            return None
        whole = self.groups[board.view.id].snapshot(board.reason, now)
        board.epoch, board.pos, board.sent_at = replica.epoch, whole.pos, now
        return whole

    def next_frames(self, board: Board, now: float) -> list[bytes]:
        """What the board is to be sent now; moves its position. Empty: nothing yet."""
        replica = self.replica
        group = self.groups[board.view.id]
        if (whole := self.snapshot_for(board, now)) is not None:
            return whole.frames
        assert board.pos is not None
        if board.pos >= replica.n:
            return []
        frame = group.delta(board.pos)
        if frame is None:
            if now - board.sent_at < TICK_S:
                return []
            frame = group.tick(board.pos)
        board.pos, board.sent_at = replica.n, now
        return [frame]


def _pause(took: float) -> float:
    """How long to wait after a flush that took `took` seconds."""
    return min(LONGEST_PAUSE_S, max(SHORTEST_PAUSE_S, PAUSE_FACTOR * took))
