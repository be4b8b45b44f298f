"""From events of FreeSWITCH's mod_callcenter to ours. Pure: the time is a parameter.

Source: mod_callcenter.c (1.2 to 1.10) and its page. Times are seconds since 1970 by the exchange's clock, and
durations their differences. A caller who gives up is "Cancel" with BREAK_OUT (or NONE) on a channel that
hangs; with the same reason on a channel that is up somebody took the call out of the queue. The caller's
number is masked here, before anything else sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from feeds.base import Parsed, RecordFault
from feeds.freeswitch.frames import Fields
from feeds.reading import callers
from wallboard.events import (
    AgentState,
    AgentStatus,
    AnyEvent,
    CallEvent,
    Gone,
    Present,
    QueueMember,
    QueueSnapshot,
    WaitingCall,
)
from wallboard.text import title

#: Ids and names of queues become keys in Redis; real ones have under 60 characters.
MAX_ID = 128

#: A duration above a week is not one.
MAX_DURATION_S = 7 * 86400.0

#: Call takers whose queues are remembered; a large centre has under 1,000.
MAX_AGENTS = 20_000

#: Frames that come in one read get times this far apart, so that their order survives in `received_at`.
TICK_S = 1e-6

CALLCENTER = "callcenter::info"

#: A channel that has ended, or is about to, by either of its two words for it.
_HANGS = frozenset({"hangup", "cs_hangup", "cs_reporting", "cs_destroy"})

_STATES: dict[str, AgentState] = {
    "waiting": "free", "receiving": "ringing", "reserved": "ringing", "in a queue call": "busy",
    "in a direct call": "busy", "idle": "unavailable",
}  # fmt: skip

#: States of a member that stands in line.
_IN_LINE = frozenset({"waiting", "trying"})


class _Unusable(Exception):
    """An event that lacks what it needs; the text says what."""


class Translator:
    """Turns the events and lists of one connection (or one captured document) into ours, in order."""

    def __init__(self, feed: str, secret: bytes, run: float) -> None:
        self.run = run
        self._feed = feed
        self._secret = secret
        self._now = 0.0
        #: call taker → (status, state) as last said
        self._agents: dict[str, tuple[str, str]] = {}
        #: call taker → queues, of the last list of tiers
        self._queues: dict[str, list[str]] = {}

    def tick(self, now: float) -> float:
        """The time of receipt of what comes next, never the same twice."""
        self._now = max(now, self._now + TICK_S)
        return self._now

    def take(self, event: Fields, now: float, where: str, parsed: Parsed) -> None:
        """Add to `parsed` what an event says. `where` names it in a fault."""
        self.tick(now)
        action = event.get("cc-action", "")
        if event.get("event-subclass", "").lower() != CALLCENTER or not action:
            return
        try:
            parsed.events.extend(self._events(action.lower(), event))
        except _Unusable as error:
            parsed.faults.append(RecordFault(f"{where} ({title(action)[:40]})", str(error)))

    def lost(self, now: float, reason: str) -> Gone:
        """The event that says that nothing is known of the exchange's queues until the next lists."""
        return Gone(
            feed=self._feed,
            source_id="*",
            received_at=self.tick(now),
            run=self.run,
            kind="queue",
            reason=reason,
        )

    def snapshot(
        self,
        queues: Iterable[Fields],
        tiers: Iterable[Fields],
        agents: Iterable[Fields],
        members: Iterable[Fields],
        asked_at: float,
        now: float,
    ) -> list[AnyEvent]:
        """The events of complete lists, which were asked for at `asked_at`."""
        self._agents = {
            name: (row.get("status", ""), row.get("state", ""))
            for row in agents
            if (name := _id(row.get("name", "")))
        }
        self._queues = {}
        for row in tiers:
            agent, queue = _id(row.get("agent", "")), _id(row.get("queue", ""))
            if agent and queue and len(self._queues) < MAX_AGENTS:
                self._queues.setdefault(agent, []).append(queue)
        names = list(dict.fromkeys(name for row in queues if (name := _id(row.get("name", "")))))
        common: dict[str, Any] = {"feed": self._feed, "observed_at": asked_at, "run": self.run}
        rows = list(members)
        events: list[AnyEvent] = [
            QueueSnapshot(
                source_id=queue,
                received_at=self.tick(now),
                waiting=tuple(self._waiting(rows, queue, now)),
                members=tuple(
                    self._member(agent) for agent, worked in self._queues.items() if queue in worked
                ),
                **common,
            )
            for queue in names
        ]
        events.append(
            Present(source_id="queues", received_at=self.tick(now), kind="queue", ids=tuple(names), **common)
        )
        calls = dict.fromkeys(
            id for row in rows if (id := _call(row.get("session_uuid", ""), row.get("uuid", "")))
        )
        events.append(
            Present(source_id="calls", received_at=self.tick(now), kind="call", ids=tuple(calls), **common)
        )
        return events

    def _waiting(self, rows: list[Fields], queue: str, now: float) -> Iterable[WaitingCall]:
        line = [row for row in rows if row.get("queue") == queue and row.get("state", "").lower() in _IN_LINE]
        for position, row in enumerate(line, 1):
            call = _call(row.get("session_uuid", ""), row.get("uuid", ""))
            joined = _time(row.get("joined_epoch"))
            if call:
                caller = row.get("cid_number", "")
                yield WaitingCall(
                    call_id=call,
                    position=position,
                    wait_s=0.0 if joined is None else min(max(0.0, now - joined), MAX_DURATION_S),
                    caller=callers.mask(caller),
                    caller_key=callers.key(caller, self._secret),
                )

    def _member(self, agent: str) -> QueueMember:
        state, paused, reason, in_call = _standing(*self._agents.get(agent, ("", "")))
        return QueueMember(
            agent=agent, name=_name(agent), state=state, paused=paused, reason=reason, in_call=in_call
        )

    def _events(self, action: str, event: Fields) -> list[AnyEvent]:
        if action in ("agent-status-change", "agent-state-change"):
            return self._agent(action, event)
        joined, answered = (
            _time(event.get("cc-member-joined-time")),
            _time(event.get("cc-agent-answered-time")),
        )
        called = _time(event.get("cc-agent-called-time"))
        match action:
            case "member-queue-start" | "member-queue-resume":
                return [self._call(event, phase="join")]
            case "agent-offering":
                return [self._call(event, phase="ring")]
            case "bridge-agent-fail":
                return [self._call(event, phase="ring_no_answer", reason=_reason(event))]
            case "bridge-agent-start":
                hold, rang = _between(joined, answered), _between(called, answered)
                return [self._call(event, phase="connect", hold_s=hold, ring_s=rang)]
            case "bridge-agent-end":
                talk = _between(answered, _time(event.get("cc-bridge-terminated-time")))
                hold = _between(joined, answered)
                return [self._call(event, phase="complete", hold_s=hold, talk_s=talk, reason=_reason(event))]
            case "member-queue-end":
                return [self._end(event, joined)]
        return []

    def _end(self, event: Fields, joined: float | None) -> CallEvent:
        if event.get("cc-cause", "").lower() != "cancel":
            return self._call(event, phase="hangup", reason=_reason(event))
        reason = event.get("cc-cancel-reason", "").upper()
        channel = {
            event.get(name, "").lower() for name in ("answer-state", "channel-state", "channel-call-state")
        }
        # Without the channel's own words it is taken for the usual case.
        gave_up = reason in ("", "NONE", "BREAK_OUT") and (channel == {""} or bool(channel & _HANGS))
        hold = _between(joined, _time(event.get("cc-member-leaving-time")))
        if gave_up:
            return self._call(event, phase="abandon", hold_s=hold)
        return self._call(event, phase="leave", reason=title(reason.lower()))

    def _call(self, event: Fields, **more: Any) -> CallEvent:
        call = _call(event.get("cc-member-session-uuid", ""), event.get("cc-member-uuid", ""))
        queue, caller = _id(event.get("cc-queue", "")), event.get("cc-member-cid-number", "")
        if not call:
            raise _Unusable("it names no member, or one that is too long")
        if not queue:
            raise _Unusable("it names no queue, or one that is too long")
        agent = _id(event.get("cc-agent", ""))
        return CallEvent(
            feed=self._feed,
            source_id=call,
            received_at=self._now,
            observed_at=_stamp(event),
            run=self.run,
            seq=_count(event.get("event-sequence")),
            queue=queue,
            caller=callers.mask(caller),
            caller_key=callers.key(caller, self._secret),
            agent=agent,
            agent_name=_name(agent),
            **more,
        )

    def _agent(self, action: str, event: Fields) -> list[AnyEvent]:
        agent = _id(event.get("cc-agent", ""))
        if not agent:
            raise _Unusable("it names no call taker, or one that is too long")
        status, state = self._agents.get(agent, ("", ""))
        if action == "agent-status-change":
            status = event.get("cc-agent-status", "")
        else:
            state = event.get("cc-agent-state", "")
        if agent in self._agents or len(self._agents) < MAX_AGENTS:
            self._agents[agent] = status, state
        shown, paused, reason, in_call = _standing(status, state)
        # He is one person in all his queues; whose queues are not known yet comes with the next lists.
        return [
            AgentStatus(
                feed=self._feed,
                source_id=agent,
                received_at=self._now,
                observed_at=_stamp(event),
                run=self.run,
                seq=_count(event.get("event-sequence")),
                queue=queue,
                name=_name(agent),
                state=shown,
                paused=paused,
                reason=reason,
                in_call=in_call,
            )
            for queue in self._queues.get(agent, ())
        ]


def _standing(status: str, state: str) -> tuple[AgentState, bool, str, bool]:
    """(state, paused, reason, in a call) of a call taker's status and state, as mod_callcenter words them."""
    word = _STATES.get(state.strip().lower(), "unknown")
    busy = word in ("busy", "ringing")
    folded = status.strip().lower()
    if folded == "logged out" and not busy:
        return "unavailable", False, "", False
    paused = folded == "on break"
    if paused and word == "unavailable":
        word = "unknown"
    return word, paused, title(status) if paused else "", word == "busy"


def _reason(event: Mapping[str, str]) -> str:
    return title(event.get("cc-hangup-cause", "").lower())


def _name(agent: str) -> str:
    """ "1001@112.example.go.id" is 1001 on the wall."""
    return agent.partition("@")[0] or agent


def _call(session: str, member: str) -> str:
    """The call: its channel, which stays the same from queue to queue; else its stay in this one."""
    return _id(session) or _id(member)


def _id(text: str) -> str:
    word = title(text)
    return word if len(word) <= MAX_ID else ""


def _count(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 17 else None


def _time(text: str | None) -> float | None:
    """Seconds since 1970; 0 is no time."""
    number = _count(text)
    return float(number) if number else None


def _stamp(event: Mapping[str, str]) -> float | None:
    """Event-Date-Timestamp, in microseconds."""
    number = _count(event.get("event-date-timestamp"))
    return number / 1e6 if number else None


def _between(begin: float | None, end: float | None) -> float | None:
    if begin is None or end is None or not 0 <= end - begin <= MAX_DURATION_S:
        return None
    return end - begin
