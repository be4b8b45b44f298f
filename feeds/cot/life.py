"""How long what was told by Cursor on Target holds: until its `stale`, its cancel, or its removal. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import msgspec

from feeds.base import Context, Parsed, RecordFault
from feeds.cot.event import CotEvent, read_event
from wallboard.errors import BadDocument
from wallboard.events import Gone, IncidentReported

#: The clock of a device that is ahead of ours by more is wrong: then its event holds from when it came.
MAX_AHEAD_S = 300.0

#: What was over this long before it came was no late message: its device's clock stands in another year.
OLD_S = 86_400.0

#: Alarms and markers of a city's teams are some dozens; a loop of some program makes more without end.
MAX_ALIVE = 1000

#: What the wall says of an alarm that was called off; one that is stale is over without a word.
CALLED_OFF = "dibatalkan"

#: The first bytes of TAK's newer protocol, which is protobuf.
_PROTOBUF = b"\xbf"


class Life:
    """What of one feed is alive, and until when."""

    def __init__(self, types: Sequence[str], remembered: bytes = b"") -> None:
        """`remembered`: what `note` gave before a restart."""
        self._types = tuple(types)
        self._until: dict[str, float] = {}
        try:
            self._until = msgspec.json.decode(remembered or b"{}", type=dict[str, float])
        except msgspec.DecodeError:
            pass  # a damaged note: what is told again lives again
        #: whether `note` would be another one than before
        self.changed = False

    def note(self) -> bytes:
        """What has to be known after a restart, so that what ended meanwhile ends."""
        self.changed = False
        return msgspec.json.encode(self._until)

    def next_end(self) -> float | None:
        """When the next one ends (s since 1970)."""
        return min(self._until.values(), default=None)

    def take(self, payload: bytes, where: str, context: Context, parsed: Parsed) -> bool:
        """Add what one event says; returns whether it was one."""
        try:
            if payload[:1] == _PROTOBUF:
                raise ValueError("it is TAK protocol 1 (protobuf); set the sender to XML")
            event = read_event(payload)
        except (BadDocument, ValueError) as error:
            parsed.faults.append(RecordFault(where, str(error)))
            return False
        gone = event.removes or (event.uid if event.cancelled else "")
        if gone:
            self._end(gone, CALLED_OFF, context, parsed)
        elif any(fnmatchcase(event.type, pattern) for pattern in self._types):
            self._hear(event, where, context, parsed)
        return True

    def end_due(self, context: Context, parsed: Parsed) -> None:
        """Add the end of each whose time has come."""
        for uid in [uid for uid, until in self._until.items() if until <= context.now]:
            self._end(uid, "", context, parsed)

    def _hear(self, event: CotEvent, where: str, context: Context, parsed: Parsed) -> None:
        now, until, flags = context.now, event.stale, event.flags
        if event.time > now + MAX_AHEAD_S:
            until, flags = now + (event.stale - event.time), (*flags, "clock_ahead")
        if until <= now:
            if event.uid in self._until:
                self._end(event.uid, "", context, parsed)
            elif until <= now - OLD_S:
                parsed.faults.append(
                    RecordFault(where, "it was over a day before it came; its clock is wrong")
                )
            return
        if event.uid not in self._until and len(self._until) >= MAX_ALIVE:
            parsed.faults.append(RecordFault(where, f"more than {MAX_ALIVE} things are alive already"))
            return
        self.changed = self.changed or self._until.get(event.uid) != until
        self._until[event.uid] = until
        parsed.events.append(_incident(event, flags, context))

    def _end(self, uid: str, reason: str, context: Context, parsed: Parsed) -> None:
        # What we never heard of may be known from before a restart without a note.
        self.changed = self._until.pop(uid, None) is not None or self.changed
        parsed.events.append(
            Gone(feed=context.feed, source_id=uid, received_at=context.now, kind="incident", reason=reason)
        )


def _incident(event: CotEvent, flags: tuple[str, ...], context: Context) -> IncidentReported:
    name = " – ".join(part for part in (event.emergency, event.callsign) if part)
    return IncidentReported(
        feed=context.feed,
        source_id=event.uid,
        received_at=context.now,
        observed_at=min(event.time, context.now),
        title=name or event.remarks.split("\n")[0][:200] or event.type,
        text=event.remarks,
        category=event.type,
        category_name=event.emergency,
        channel=context.channel,
        lon=event.lon,
        lat=event.lat,
        accuracy_m=event.accuracy_m,
        opened_at=min(event.start, context.now),
        flags=flags,
    )
