"""What is known of one call's stay in one queue, and what follows from it. Pure.

A visit holds facts and when they were; state, outcome and figures are derived from all of them, so the order
in which the facts came, and how often each was said, make no difference. The exchange says that a caller left
the waiting list BEFORE it says that a call taker has the call, and AFTER it says that the caller gave up; so
"left" alone means nothing for a while.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from wallboard.city import CallsConfig
from wallboard.engine.calls.figures import Figures
from wallboard.events import CallEvent

#: How long after a leave (or a hang-up) an outcome may still come before it counts as `left`. The exchange
#: plays announcements to the call taker in between.
LEFT_AFTER_S = 10.0

#: A call without a sign for this long has ended unseen; the longest emergency calls take under two hours.
SILENT_LIMIT_S = 6 * 3600.0

#: Call takers remembered as ringing for one call; a strategy "ringall" rings the whole shift.
MAX_RINGING = 200

State = Literal["waiting", "ringing", "talking", "ended"]


class Ring(msgspec.Struct, frozen=True, array_like=True):
    """Whether a call taker's telephone rings for this call, by the newest word."""

    agent: str
    at: float
    on: bool


class Visit(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One stay of one call in one queue. Times in seconds since 1970; None: not heard of."""

    queue: str
    joined_at: float
    #: the exchange said when it joined; else reckoned back from a duration
    joined: bool = False
    #: received_at of the first and the last that was heard of it
    first_at: float
    heard_at: float
    #: the exchange's own order, where it has one: run, lowest and highest number, latest time stamp
    run: float = 0.0
    first_seq: int | None = None
    seq: int | None = None
    observed_at: float | None = None
    left_at: float | None = None
    connected_at: float | None = None
    abandoned_at: float | None = None
    completed_at: float | None = None
    hung_at: float | None = None
    #: it ended while nobody looked
    lost_at: float | None = None
    #: no outcome came in time after it left
    final: bool = False
    hold_s: float | None = None
    talk_s: float | None = None
    agent: str = ""
    rings: tuple[Ring, ...] = ()


def begun(event: CallEvent, at: float) -> Visit:
    """A visit of which nothing is known but that this event is about it."""
    return Visit(queue=event.queue, joined_at=at, first_at=event.received_at, heard_at=event.received_at)


def heard(visit: Visit, event: CallEvent, at: float) -> Visit:
    """The visit with one more fact. `at` is when it was."""
    new = msgspec.structs.replace(
        visit,
        first_at=min(visit.first_at, event.received_at),
        heard_at=max(visit.heard_at, event.received_at),
        observed_at=_latest(visit.observed_at, event.observed_at),
        **_sequence(visit, event),
        **_fact(visit, event, at),
    )
    if not new.joined and event.phase != "join" and (wait := _reckoned(new)) < new.joined_at:
        new = msgspec.structs.replace(new, joined_at=wait)
    if new.rings and state(new) in ("talking", "ended"):
        return msgspec.structs.replace(new, rings=())
    return new


def state(visit: Visit) -> State:
    """What the call does in this queue."""
    if answered_at(visit) is not None:
        gone = visit.completed_at is not None or visit.hung_at is not None or visit.lost_at is not None
        return "ended" if gone else "talking"
    if (
        visit.abandoned_at is not None
        or visit.final
        or visit.hung_at is not None
        or visit.lost_at is not None
    ):
        return "ended"
    return "ringing" if any(ring.on for ring in visit.rings) else "waiting"


def is_waiting(visit: Visit) -> bool:
    """It stands in the queue's line."""
    return visit.left_at is None and state(visit) in ("waiting", "ringing")


def is_over(visit: Visit) -> bool:
    """It has left the line and talks to nobody: a new joining would be another visit."""
    return state(visit) == "ended" or (visit.left_at is not None and answered_at(visit) is None)


def answered_at(visit: Visit) -> float | None:
    """When a call taker took it."""
    if visit.connected_at is not None or visit.completed_at is None:
        return visit.connected_at
    return visit.completed_at - (visit.talk_s or 0.0)


def ended_at(visit: Visit) -> float | None:
    """When it ended; None: it has not."""
    if state(visit) != "ended":
        return None
    if answered_at(visit) is None:
        times = (visit.abandoned_at, visit.left_at, visit.hung_at, visit.lost_at)
    else:
        times = (visit.completed_at, visit.hung_at, visit.lost_at, None)
    return min(time for time in times if time is not None)


def outcome(visit: Visit) -> Literal["", "answered", "abandoned", "left"]:
    """What became of it, as far as it is known."""
    if answered_at(visit) is not None:
        return "answered"
    if visit.abandoned_at is not None:
        return "abandoned"
    return "left" if visit.final else ""


def since(visit: Visit) -> float:
    """Since when it has been in its state."""
    match state(visit):
        case "talking":
            return answered_at(visit) or visit.joined_at
        case "ended":
            return ended_at(visit) or visit.joined_at
        case "ringing":
            return min(ring.at for ring in visit.rings if ring.on)
    return visit.joined_at


def undecided_since(visit: Visit) -> float | None:
    """Since when it has been out of the line without an outcome; None: it has one, waits, or is lost."""
    if visit.final or visit.lost_at is not None or visit.abandoned_at is not None:
        return None
    if answered_at(visit) is not None:
        return None
    times = [time for time in (visit.left_at, visit.hung_at) if time is not None]
    return min(times, default=None)


def figures(visit: Visit, config: CallsConfig, noise: bool = False) -> tuple[tuple[float, Figures], ...]:
    """What it adds to its queue's figures, and at which times; `noise`: its call is marked so."""
    parts = _figures(visit, config)
    if not noise:
        return tuple(parts)
    return tuple(
        (
            at,
            msgspec.structs.replace(
                part, noise=part.offered, noise_known=part.known(), noise_within=part.within
            ),
        )
        for at, part in parts
    )


def _figures(visit: Visit, config: CallsConfig) -> list[tuple[float, Figures]]:
    parts = [(visit.joined_at, Figures(offered=1))]
    taken_at = answered_at(visit)
    if taken_at is not None:
        hold = _hold(visit, taken_at)
        within = int(hold <= config.answer_within)
        parts.append((taken_at, Figures(answered=1, within=within, wait_ms=round(hold * 1000))))
        if visit.completed_at is not None and visit.talk_s is not None:
            parts.append((visit.completed_at, Figures(talks=1, talk_ms=round(visit.talk_s * 1000))))
    elif visit.abandoned_at is not None:
        short = int(_hold(visit, visit.abandoned_at) < config.short_abandon)
        parts.append((visit.abandoned_at, Figures(abandoned=1, short=short)))
    elif visit.final:
        parts.append((ended_at(visit) or visit.heard_at, Figures(left=1)))
    return parts


def waited_s(visit: Visit) -> float | None:
    """How long the caller waited until somebody answered, or they gave up; None: neither is known."""
    at = answered_at(visit)
    until = visit.abandoned_at if at is None else at
    return None if until is None else _hold(visit, until)


def is_rejoining(visit: Visit, event: CallEvent) -> bool:
    """Whether a joining after the end of `visit` is proved to be a new one, and no repeated frame.

    The proof is the exchange's own number or time stamp. Without one the next snapshot tells.
    """
    if event.phase != "join" or not is_over(visit):
        return False
    if event.seq is not None and visit.seq is not None and event.run == visit.run:
        return event.seq > visit.seq
    if event.observed_at is not None and visit.observed_at is not None:
        return event.observed_at > visit.observed_at
    return False


def is_before(visit: Visit, event: CallEvent) -> bool:
    """Whether the event was said before the visit began."""
    if event.seq is not None and visit.first_seq is not None and event.run == visit.run:
        return event.seq < visit.first_seq
    return event.received_at < visit.first_at


def _fact(visit: Visit, event: CallEvent, at: float) -> dict[str, object]:
    match event.phase:
        case "join":
            return {"joined_at": min(visit.joined_at, at) if visit.joined else at, "joined": True}
        case "ring" | "ring_no_answer":
            return {"rings": _rung(visit.rings, Ring(event.agent, at, event.phase == "ring"))}
        case "leave":
            return {"left_at": _first(visit.left_at, at)}
        case "connect":
            # Whoever talks is not lost, unless they were lost later.
            lost = visit.lost_at if visit.lost_at is not None and visit.lost_at > at else None
            return {
                "connected_at": _first(visit.connected_at, at),
                "lost_at": lost,
                **_agent_and_hold(visit, event),
            }
        case "complete":
            talk = visit.talk_s if event.talk_s is None else event.talk_s
            said = _agent_and_hold(visit, event)
            if visit.connected_at is not None and visit.hold_s is not None:
                # Both say how long the caller waited; the answer's own word stands, whichever comes first.
                said["hold_s"] = visit.hold_s
            return {"completed_at": _first(visit.completed_at, at), "talk_s": talk, **said}
        case "abandon":
            hold = visit.hold_s if event.hold_s is None else event.hold_s
            return {"abandoned_at": _first(visit.abandoned_at, at), "hold_s": hold}
        case "hangup":
            return {"hung_at": _first(visit.hung_at, at)}


def _agent_and_hold(visit: Visit, event: CallEvent) -> dict[str, object]:
    return {
        "agent": event.agent or visit.agent,
        "hold_s": visit.hold_s if event.hold_s is None else event.hold_s,
    }


def _sequence(visit: Visit, event: CallEvent) -> dict[str, object]:
    if event.seq is None or (visit.seq is not None and event.run < visit.run):
        return {}
    if visit.seq is None or visit.first_seq is None or event.run > visit.run:
        return {"run": event.run, "first_seq": event.seq, "seq": event.seq}
    return {"first_seq": min(visit.first_seq, event.seq), "seq": max(visit.seq, event.seq)}


def _rung(rings: tuple[Ring, ...], new: Ring) -> tuple[Ring, ...]:
    """The newest word on each call taker; of two at the same time the one that it stopped."""
    known = {ring.agent: ring for ring in rings}
    old = known.get(new.agent)
    if old is None or (new.at, not new.on) > (old.at, not old.on):
        known[new.agent] = new
    newest = sorted(known.values(), key=lambda ring: (ring.at, ring.agent))[-MAX_RINGING:]
    return tuple(sorted(newest, key=lambda ring: ring.agent))


def _reckoned(visit: Visit) -> float:
    """When a call must have joined whose joining nobody heard."""
    at = answered_at(visit) if answered_at(visit) is not None else visit.abandoned_at
    return visit.joined_at if at is None else at - (visit.hold_s or 0.0)


def _hold(visit: Visit, until: float) -> float:
    """How long it waited: by the exchange's word, else by the times."""
    return max(0.0, until - visit.joined_at) if visit.hold_s is None else visit.hold_s


def _first(known: float | None, at: float) -> float:
    return at if known is None else min(known, at)


def _latest(known: float | None, at: float | None) -> float | None:
    return known if at is None else at if known is None else max(known, at)
