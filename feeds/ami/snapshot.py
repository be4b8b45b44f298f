"""What an exchange answers to QueueStatus and CoreShowChannels, gathered until its lists are complete."""

from __future__ import annotations

from wallboard.events import AnyEvent, Present, QueueMember, QueueSnapshot, WaitingCall

#: More waiting callers, members or queues than this in one answer is not an exchange of a city's 112.
MAX_ITEMS = 20_000

#: More channels than this are not judged: the list would be a megabyte at each look.
MAX_CHANNELS = 5_000


class _Queue:
    def __init__(self) -> None:
        self.completed: int | None = None
        self.abandoned: int | None = None
        self.members: dict[str, QueueMember] = {}
        self.waiting: dict[str, WaitingCall] = {}


class Snapshot:
    """Holds half an answer; only a whole one becomes events."""

    def __init__(self) -> None:
        #: when it was asked for; None: found in a document
        self.asked_at: float | None = None
        #: Uniqueid → Linkedid of all channels, as of the last list
        self.linked: dict[str, str] = {}
        self._queues: dict[str, _Queue] = {}
        self._channels: dict[str, str] = {}
        self._items = 0

    def ask(self, now: float) -> None:
        """Begin anew: the question is put now, half an answer to an earlier one is dropped."""
        self.asked_at = now
        self._queues, self._channels, self._items = {}, {}, 0

    def queue(self, name: str, completed: int | None, abandoned: int | None) -> None:
        """QueueParams."""
        queue = self._of(name)
        if queue:
            queue.completed, queue.abandoned = completed, abandoned

    def member(self, name: str, member: QueueMember) -> None:
        """QueueMember."""
        queue = self._of(name)
        if queue:
            queue.members[member.agent] = member

    def entry(self, name: str, call: WaitingCall) -> None:
        """QueueEntry; the two halves of a Local channel are one."""
        queue = self._of(name)
        if queue:
            queue.waiting[call.call_id] = call

    def channel(self, unique: str, linked: str) -> None:
        """CoreShowChannel."""
        if len(self._channels) <= MAX_CHANNELS:
            self._channels[unique] = linked

    def channels_complete(self) -> tuple[str, ...] | None:
        """The ids of all calls that there are (channels and what they are linked to); None: too many."""
        channels, self._channels = self._channels, {}
        if len(channels) > MAX_CHANNELS:
            return None
        self.linked = {unique: linked for unique, linked in channels.items() if linked}
        return tuple(sorted({*channels, *self.linked.values()}))

    def complete(self, feed: str, run: float, now: float) -> list[AnyEvent] | None:
        """The events of a complete answer: each queue, then which queues there are. None: too many items."""
        queues, self._queues = self._queues, {}
        too_many, self._items = self._items > MAX_ITEMS, 0
        if too_many:
            return None
        events: list[AnyEvent] = [
            QueueSnapshot(
                feed=feed,
                source_id=name,
                received_at=now,
                observed_at=self.asked_at,
                run=run,
                waiting=tuple(queue.waiting.values()),
                members=tuple(queue.members.values()),
                completed=queue.completed,
                abandoned=queue.abandoned,
            )
            for name, queue in queues.items()
        ]
        events.append(
            Present(
                feed=feed,
                source_id="queues",
                received_at=now,
                observed_at=self.asked_at,
                run=run,
                kind="queue",
                ids=tuple(queues),
            )
        )
        return events

    def open(self) -> bool:
        """Half an answer is held."""
        return bool(self._queues or self._channels)

    def _of(self, name: str) -> _Queue | None:
        self._items += 1
        return None if self._items > MAX_ITEMS else self._queues.setdefault(name, _Queue())
