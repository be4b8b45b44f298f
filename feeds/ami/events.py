"""From frames of Asterisk's manager to our events. Pure: the time is a parameter.

Source: docs.asterisk.org, "AMI Events" of Asterisk 11 to 22, and captures. Names changed at 12: `Join`,
`Leave`, `Location`, `Member`, `QueueMemberPaused` became `QueueCallerJoin`, `QueueCallerLeave`, `Interface`,
`QueueMemberPause`; both are read. HoldTime, TalkTime, RingTime and Wait are durations in seconds, whatever
the reference says of 1970. The caller's number is masked here, before anything else sees it.
"""

from __future__ import annotations

import math
from collections import OrderedDict

from feeds.ami.frames import Broken, Frame
from feeds.ami.snapshot import MAX_ITEMS, Snapshot
from feeds.base import Parsed, RecordFault
from feeds.reading import callers
from wallboard.events import (
    AgentState,
    AgentStatus,
    AnyEvent,
    CallEvent,
    Gone,
    Present,
    QueueMember,
    WaitingCall,
)
from wallboard.text import title

#: Ids and names of queues become keys in Redis; real ones have under 60 characters.
MAX_ID = 128

#: A duration above a week is not one (some versions put a time stamp there).
MAX_DURATION_S = 7 * 86400.0

#: Callers remembered to know whose hang-up matters; a large city has under 200 at once.
MAX_CALLERS = 10_000

#: Frames that come in one read get times this far apart, so that their order survives in `received_at`.
TICK_S = 1e-6

_PHASES = {
    "queuecallerjoin": "join", "join": "join",
    "agentcalled": "ring",
    "agentringnoanswer": "ring_no_answer",
    "queuecallerleave": "leave", "leave": "leave",
    "agentconnect": "connect",
    "agentcomplete": "complete",
    "queuecallerabandon": "abandon",
}  # fmt: skip

_MEMBERS = frozenset(
    {
        "queuememberstatus", "queuememberadded", "queuememberremoved", "queuememberpause",
        "queuememberpaused", "queuememberpenalty", "queuememberringinuse",
    }
)  # fmt: skip

#: Device states of app_queue: 7 is a call taker in a call whose telephone rings again.
_STATES: dict[str, AgentState] = {
    "0": "unknown", "1": "free", "2": "busy", "3": "busy", "4": "unavailable", "5": "unavailable",
    "6": "ringing", "7": "busy", "8": "hold",
}  # fmt: skip


class _Unusable(Exception):
    """A frame that lacks what it needs; the text says what."""


class Translator:
    """Turns the frames of one connection (or one captured document) into events, in order."""

    def __init__(self, feed: str, secret: bytes, run: float) -> None:
        self.run = run
        #: a call seems to have joined a second time, and only a snapshot can tell whether it did
        self.wants_snapshot = False
        self.snapshot = Snapshot()
        self._feed = feed
        self._secret = secret
        self._now = 0.0
        #: Uniqueid → (call, queue) of those in a queue or talking
        self._callers: OrderedDict[str, tuple[str, str]] = OrderedDict()

    def take(self, item: Frame | Broken, now: float, where: str, parsed: Parsed) -> None:
        """Add to `parsed` what a frame says. `where` names it in a fault."""
        self._now = max(now, self._now + TICK_S)
        if isinstance(item, Broken):
            parsed.faults.append(RecordFault(_where(where, item.name), item.why))
            return
        name = item.get("event", "")
        try:
            parsed.events.extend(self._events(name.lower(), item))
        except _Unusable as error:
            parsed.faults.append(RecordFault(_where(where, name), str(error)))

    def ask(self, now: float) -> None:
        """A snapshot is asked for now; it knows all that was said before."""
        self._now = max(now, self._now + TICK_S)
        self.snapshot.ask(self._now)

    def lost(self, now: float, reason: str) -> Gone:
        """The event that says that nothing is known of the exchange's queues until the next snapshot."""
        self._now = max(now, self._now + TICK_S)
        return Gone(
            feed=self._feed, source_id="*", received_at=self._now, run=self.run, kind="queue", reason=reason
        )

    def _events(self, name: str, frame: Frame) -> list[AnyEvent]:
        if phase := _PHASES.get(name):
            return [self._call(phase, frame)]
        if name in _MEMBERS:
            return self._member(name, frame)
        if name == "hangup":
            return self._hangup(frame)
        if name == "queueparams":
            self.snapshot.queue(
                _id(frame, "queue"), _count(frame.get("completed")), _count(frame.get("abandoned"))
            )
        elif name == "queuemember":
            self.snapshot.member(_id(frame, "queue"), _queue_member(frame))
        elif name == "queueentry":
            self.snapshot.entry(_id(frame, "queue"), self._waiting(frame))
        elif name == "queuestatuscomplete":
            whole = self.snapshot.complete(self._feed, self.run, self._now)
            if whole is None:
                raise _Unusable(f"the answer to QueueStatus has more than {MAX_ITEMS} items")
            return whole
        elif name == "coreshowchannel":
            self.snapshot.channel(_id(frame, "uniqueid"), frame.get("linkedid", ""))
        elif name == "coreshowchannelscomplete":
            return self._channels()
        return []

    def _call(self, phase: str, frame: Frame) -> CallEvent:
        queue, unique = _id(frame, "queue"), _id(frame, "uniqueid")
        caller = frame.get("calleridnum", "")
        seq, observed = _count(frame.get("sequencenumber")), _time(frame.get("timestamp"))
        known = self._callers.get(unique)
        call = known[0] if known else self._call_id(unique, frame)
        if phase == "join":
            # Without the exchange's own number or time a second joining looks like a repeated frame.
            if known and known[1] == queue and seq is None and observed is None:
                self.wants_snapshot = True
            self._remember(unique, call, queue)
        return CallEvent(
            feed=self._feed,
            source_id=call,
            received_at=self._now,
            observed_at=observed,
            run=self.run,
            seq=seq,
            queue=queue,
            phase=phase,  # type: ignore[arg-type]  # a value of _PHASES
            linked_id=title(frame.get("linkedid", ""))[:MAX_ID],
            position=_count(frame.get("position")),
            caller=callers.mask(caller),
            caller_key=callers.key(caller, self._secret),
            agent=_interface(frame, called=True),
            agent_name=title(frame.get("membername") or frame.get("agentname", "")),
            hold_s=_duration(frame.get("holdtime")),
            talk_s=_duration(frame.get("talktime")),
            ring_s=_duration(frame.get("ringtime")),
            reason=title(frame.get("reason", "")),
        )

    def _call_id(self, unique: str, frame: Frame) -> str:
        """The call's identity. A Local channel has two halves: both stand for the call they are linked to."""
        if frame.get("channel", "").lower().startswith("local/"):
            return title(frame.get("linkedid", ""))[:MAX_ID] or self.snapshot.linked.get(unique, unique)
        return unique

    def _hangup(self, frame: Frame) -> list[AnyEvent]:
        """Only a caller's: an exchange hangs up several channels for each call."""
        unique = frame.get("uniqueid", "")
        if unique not in self._callers:
            return []
        call, queue = self._callers.pop(unique)
        return [
            CallEvent(
                feed=self._feed,
                source_id=call,
                received_at=self._now,
                observed_at=_time(frame.get("timestamp")),
                run=self.run,
                seq=_count(frame.get("sequencenumber")),
                queue=queue,
                phase="hangup",
                reason=title(frame.get("cause-txt", "")),
            )
        ]

    def _member(self, name: str, frame: Frame) -> list[AnyEvent]:
        if "status" not in frame and "paused" not in frame and name != "queuememberremoved":
            return []  # ≤ 11: a penalty alone, nothing that a wall shows
        member = _queue_member(frame)
        return [
            AgentStatus(
                feed=self._feed,
                source_id=member.agent,
                received_at=self._now,
                observed_at=_time(frame.get("timestamp")),
                run=self.run,
                seq=_count(frame.get("sequencenumber")),
                flags=() if "status" in frame else ("no_state",),
                queue=_id(frame, "queue"),
                name=member.name,
                state=member.state,
                paused=member.paused,
                reason=member.reason,
                calls_taken=member.calls_taken,
                in_call=member.in_call,
                removed=name == "queuememberremoved",
            )
        ]

    def _waiting(self, frame: Frame) -> WaitingCall:
        unique, caller = _id(frame, "uniqueid"), frame.get("calleridnum", "")
        known = self._callers.get(unique)
        call = known[0] if known else self._call_id(unique, frame)
        self._remember(unique, call, _id(frame, "queue"))
        return WaitingCall(
            call_id=call,
            position=_count(frame.get("position")) or 0,
            wait_s=_duration(frame.get("wait")) or 0.0,
            caller=callers.mask(caller),
            caller_key=callers.key(caller, self._secret),
        )

    def _channels(self) -> list[AnyEvent]:
        ids = self.snapshot.channels_complete()
        if ids is None:
            return []
        # `observed_at` is when the list was asked for: what was heard later is newer than it.
        return [
            Present(
                feed=self._feed,
                source_id="calls",
                received_at=self._now,
                observed_at=self.snapshot.asked_at,
                run=self.run,
                kind="call",
                ids=ids,
            )
        ]

    def _remember(self, unique: str, call: str, queue: str) -> None:
        self._callers[unique] = (call, queue)
        self._callers.move_to_end(unique)
        if len(self._callers) > MAX_CALLERS:
            self._callers.popitem(last=False)


def _queue_member(frame: Frame) -> QueueMember:
    interface = _interface(frame)
    if not interface:
        raise _Unusable("it names no interface")
    return QueueMember(
        agent=interface,
        name=title(frame.get("membername") or frame.get("name", "")),
        state=_STATES.get(frame.get("status", ""), "unknown"),
        paused=frame.get("paused", "").lower() in ("1", "true", "yes"),
        reason=title(frame.get("pausedreason") or frame.get("reason", "")),
        calls_taken=_count(frame.get("callstaken")),
        in_call=frame.get("incall", "") == "1",
    )


def _interface(frame: Frame, called: bool = False) -> str:
    """The call taker's interface under the names of all versions; `agentcalled` is AgentCalled's only."""
    names = ("interface", "location", "member", "agentcalled") if called else ("interface", "location")
    found = next((frame[name] for name in names if frame.get(name)), "")
    return title(found)[:MAX_ID]


def _id(frame: Frame, name: str) -> str:
    text = title(frame.get(name, ""))
    if not text:
        raise _Unusable(f"it has no {name}")
    if len(text) > MAX_ID:
        raise _Unusable(f"its {name} is longer than {MAX_ID} characters")
    return text


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _count(text: str | None) -> int | None:
    number = _number(text)
    return None if number is None or number > 2**53 else int(number)


def _duration(text: str | None) -> float | None:
    number = _number(text)
    return None if number is None or number > MAX_DURATION_S else number


def _time(text: str | None) -> float | None:
    """`Timestamp: 1659379753.199129`, where `timestampevents` is on; 0 is no time."""
    return _number(text) or None


def _where(where: str, name: str) -> str:
    return f"{where} ({title(name)[:40]})" if name else where
