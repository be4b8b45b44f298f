"""What each board is sent, and when: the same bytes to every board with the same view.

A board has a position and no queue. When there is news it gets one frame with all that has changed since
its position; while its socket is full it is left alone, and later gets one merged frame. So the memory a
board can hold is bounded, however slow it is.

Most boards stand where the others of their view stand: the frame is made once, and the hub itself writes the
same bytes to each. A board that needs more than that (a snapshot, an answer, a socket that is full, a server
without prepared frames) is woken, and a task of its own sends (web/seat.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from wallboard import protocol
from wallboard.state import Replica
from wallboard.views import Group, Snapshot, View

#: A flush with news is followed by another one this much later at the soonest, and at the latest (s).
SHORTEST_PAUSE_S = 0.025
LONGEST_PAUSE_S = 0.25

#: Flushes may take so much of each second between them (a sixth of the loop in all), and this much at once
#: after quiet (s): the beat of each second, and an alert just behind it.
FLUSH_SHARE = 0.2
FLUSH_SAVED_S = 0.1

#: A board without news gets a tick when its last frame is this old, for each beat of the engine (s).
TICK_S = 0.9

#: After so many boards others of the loop have their turn: about 5 ms of writing.
BOARDS_A_TURN = 500

#: Answers to commands that one board has not taken yet. A socket that takes nothing ends within 10 s; before
#: that two minutes of 120 frames may meet, each with two answers: one that is dropped is waited for in vain.
MAX_TOLD = 500


def nobody() -> None:
    """Nobody serves this board yet."""


@dataclass(eq=False, slots=True, weakref_slot=True)
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
    #: answers to its commands that wait to be sent
    told: list[bytes] = field(default_factory=list)
    #: why it has to end, where a right has changed
    ended: str = ""
    #: has it sent what there is for it, by a task of its own
    wake: Callable[[], None] = nobody
    #: writes a prepared frame, or says that the socket takes none now; None: the server has no such means
    push: Callable[[bytes], bool] | None = None
    #: its own task is sending, or is about to: nobody may come before it
    busy: bool = True

    def tell(self, frame: bytes) -> None:
        """Send this beside the news; the oldest goes where too many wait."""
        if len(self.told) >= MAX_TOLD:
            del self.told[0]
        self.told.append(frame)
        self.wake()


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
        #: whether the last flush told of changes, and not only that all lives
        self._news = False

    @property
    def boards(self) -> Iterator[Board]:
        """All boards of this node."""
        return (board for group in self.groups.values() for board in group.boards)

    def join(self, board: Board) -> Group:
        """Add a board to the group of its view."""
        group = self.groups.get(board.view.id)
        if group is None:
            group = self.groups[board.view.id] = Group(board.view, self.replica)
        # One view for all of them: its kinds alone take a kilobyte.
        board.view = group.view
        group.boards.add(board)
        group.level = None
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
        for group in self.groups.values():
            group.level = None
        self._changed.set()

    async def run(self) -> None:
        """Wake the boards: at once after quiet, then at a pace that the node can hold."""
        loop = asyncio.get_running_loop()
        pace, pause, last = Pace(), 0.0, 0.0
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
            pause = pace.after(last, self.last_flush_s, self._news)

    async def _flush(self, now: float) -> None:
        """Tell all boards; those that show alerts first."""
        self._news = False
        for group in sorted(self.groups.values(), key=lambda group: "alert" not in group.view.kinds):
            group.forget(now)
            if group.rests(now, TICK_S):
                continue
            boards, written, n = tuple(group.boards), 0, self.replica.n
            for start in range(0, len(boards), BOARDS_A_TURN):
                if start:
                    await asyncio.sleep(0)
                # Boards come and go while others have their turn.
                there = [board for board in boards[start : start + BOARDS_A_TURN] if board in group.boards]
                written += self._tell(group, there, now)
            if written == len(group.boards) and n == self.replica.n:
                group.level, group.told_at = n, now

    def _tell(self, group: Group, boards: list[Board], now: float) -> int:
        """Write the news to these boards, wake those where there is more to it; how many were written."""
        n, floor, epoch = self.replica.n, self.replica.floor, self.replica.epoch
        written = size = 0
        #: what the board before this one got: most stand at one place
        frame, like = None, (-1, False)
        for board in boards:
            pos = board.pos
            if (
                board.busy
                or board.push is None
                or board.told
                or board.ended
                or pos is None
                or board.epoch != epoch
                or pos < floor
            ):
                board.wake()
                continue
            if pos >= n:
                continue
            due = now - board.sent_at >= TICK_S
            if like != (pos, due):
                like = pos, due
                frame = group.prepared(pos, due=due)
                self._news = self._news or group.delta(pos) is not None
            if frame is None:
                continue
            if not board.push(frame):
                board.wake()
                continue
            board.pos, board.sent_at = n, now
            board.frames += 1
            written, size = written + 1, size + len(frame)
        self._sent(written, size)
        return written

    def snapshot_for(self, board: Board, now: float) -> Snapshot | None:
        """The state that the board needs, its position moved there; None: it can go on from where it is."""
        replica = self.replica
        if board.pos is not None and (board.epoch != replica.epoch or board.pos < replica.floor):
            board.pos, board.reason = None, "too_old" if board.epoch == replica.epoch else "epoch"
        if board.pos is not None:
            return None
        group = self.groups[board.view.id]
        group.level = None
        whole = group.snapshot(board.reason, now)
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
        group.level = None
        board.pos, board.sent_at = replica.n, now
        return [frame]


class Pace:
    """How long to wait after a flush, so that flushes have their share of the loop and no more. Pure."""

    def __init__(self) -> None:
        #: flush time that may be used at once (s); below 0 it was used in advance
        self._saved = FLUSH_SAVED_S
        self._at = 0.0

    def after(self, now: float, took: float, news: bool) -> float:
        """The wait after a flush that ended at `now` (s of a clock that never jumps) and took `took` seconds.

        What only told that all lives is no reason to wait: the next news would be late for nothing.
        """
        passed = max(0.0, now - took - self._at)
        self._saved = min(FLUSH_SAVED_S, self._saved + FLUSH_SHARE * passed) - took
        # An outlier (a machine that stood still) is not paid off for minutes.
        self._saved = max(self._saved, -FLUSH_SHARE * LONGEST_PAUSE_S)
        self._at = now
        owed = -self._saved / FLUSH_SHARE
        return max(owed, SHORTEST_PAUSE_S if news else 0.0)
