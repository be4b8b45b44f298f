"""Lines of Asterisk's queue_log as our events. Pure.

    epoch|uniqueid|queue|agent|EVENT|d1|d2|d3|…

Source: docs.asterisk.org, "Queue Logs", and logs of Asterisk 1.6 to 22. Durations are whole seconds, that of
RINGNOANSWER alone milliseconds. What an older version leaves out at the end of a line is unknown, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from feeds.base import Context, Parsed, RecordFault
from feeds.reading import callers
from feeds.reading.private import mask_numbers
from wallboard.events import AgentState, AgentStatus, AnyEvent, CallEvent, Present
from wallboard.text import harmless, title

#: Ids and names become keys in Redis; real ones have under 60 characters.
MAX_ID = 128

#: The longest line seen has 200 bytes; a dialplan may write its own texts (QueueLog).
MAX_LINE = 4096

#: A duration above a week is not one.
MAX_DURATION_S = 7 * 86400.0

#: Times of the log that can be real (2001 to 2286): what is outside is no epoch in seconds.
FIRST_EPOCH, LAST_EPOCH = 1_000_000_000, 10_000_000_000

#: Lines of one reading get times of receipt this far apart, so that their order survives.
TICK_S = 1e-6

#: Its times are when it was, however late the line is read.
LOGGED = "logged"

_NOBODY = frozenset({"", "NONE"})

_COMPLETED = frozenset({"COMPLETECALLER", "COMPLETEAGENT", "TRANSFER", "BLINDTRANSFER", "ATTENDEDTRANSFER"})
_LEFT = frozenset({"EXITWITHTIMEOUT", "EXITWITHKEY", "EXITEMPTY"})
_STEPS = frozenset({"ENTERQUEUE", "ABANDON", "CONNECT", "RINGNOANSWER", *_COMPLETED, *_LEFT})
_MEMBER = frozenset({"ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE"})


class _Unusable(Exception):
    """A line that lacks what it needs; the text says what."""


@dataclass(frozen=True)
class Line:
    """One line, taken apart."""

    at: float
    call: str
    queue: str
    agent: str
    event: str
    data: tuple[str, ...]


def epoch_of(line: bytes) -> int | None:
    """The time that a line begins with; None where it is no line of a queue_log."""
    digits = line.partition(b"|")[0]
    if not digits.isdigit() or len(digits) > len(str(LAST_EPOCH)) or b"|" not in line:
        return None
    epoch = int(digits)
    return epoch if FIRST_EPOCH <= epoch < LAST_EPOCH else None


def take(raw: bytes, offset: int, run: float, context: Context, now: float, parsed: Parsed) -> None:
    """Add to `parsed` what a line at `offset` of the log that began at `run` says."""
    if not raw.strip():
        return
    try:
        line = _split(raw)
        parsed.events.extend(_events(line, offset, run, context, now))
    except _Unusable as error:
        record = mask_numbers(harmless(raw[:MAX_LINE].decode(errors="replace")))
        parsed.faults.append(RecordFault(f"byte {offset}", str(error), record))


def _split(raw: bytes) -> Line:
    if len(raw) > MAX_LINE:
        raise _Unusable(f"the line is longer than {MAX_LINE} bytes")
    epoch = epoch_of(raw)
    if epoch is None:
        raise _Unusable("the line does not begin with a time in seconds since 1970")
    # No column holds a caller's own words, but a dialplan's may be in any encoding.
    parts = raw.decode(errors="replace").rstrip("\r\n").split("|")
    if len(parts) < 5:
        raise _Unusable("the line has fewer than five columns")
    call, queue, agent, event = (title(part)[: MAX_ID + 1] for part in parts[1:5])
    if max(len(call), len(queue), len(agent)) > MAX_ID:
        raise _Unusable(f"one of its names is longer than {MAX_ID} characters")
    return Line(float(epoch), call, queue, agent, event.upper(), tuple(parts[5:]))


def _events(line: Line, offset: int, run: float, context: Context, now: float) -> list[AnyEvent]:
    common: dict[str, Any] = {
        "feed": context.feed, "received_at": now, "observed_at": line.at, "run": run, "seq": offset,
        "flags": (LOGGED,),
    }  # fmt: skip
    if line.event == "QUEUESTART":
        # The exchange was started: no call of the time before is left. No line says how they ended.
        return [Present(feed=context.feed, source_id="calls", received_at=now, run=run, kind="call", ids=())]
    if line.event in _STEPS:
        return _step(line, common, context)
    if line.event in _MEMBER:
        return _member(line, common)
    return []  # CONFIGRELOAD, DID, SYSCOMPAT, …, and a dialplan's own words


def _step(line: Line, common: dict[str, Any], context: Context) -> list[AnyEvent]:
    call, queue = _named(line.call, "call"), _named(line.queue, "queue")
    agent = "" if line.agent in _NOBODY else line.agent
    fields: dict[str, Any] = {
        **common,
        "source_id": call,
        "queue": queue,
        "agent": agent,
        "agent_name": agent,
    }
    if line.event == "ENTERQUEUE":
        caller = _datum(line, 1)
        return [
            CallEvent(
                phase="join",
                caller=callers.mask(caller),
                caller_key=callers.key(caller, context.secret),
                position=_count(_datum(line, 2)),
                **fields,
            )
        ]
    if line.event == "ABANDON":
        hold = _duration(_datum(line, 2))
        return [CallEvent(phase="abandon", position=_count(_datum(line, 0)), hold_s=hold, **fields)]
    if line.event in _LEFT:
        return [CallEvent(phase="leave", reason=line.event.lower(), **fields)]
    if line.event == "RINGNOANSWER":
        rang = _duration(_datum(line, 0), 1000.0)
        return [CallEvent(phase="ring_no_answer", ring_s=rang, **fields)]
    if line.event == "CONNECT":
        hold, rang = _duration(_datum(line, 0)), _duration(_datum(line, 2))
        step = CallEvent(phase="connect", hold_s=hold, ring_s=rang, **fields)
        return [step, *_busy(agent, queue, "busy", common)]
    hold, talk = _held_and_talked(line)
    reason = {"COMPLETECALLER": "caller", "COMPLETEAGENT": "agent"}.get(line.event, "transfer")
    step = CallEvent(phase="complete", hold_s=hold, talk_s=talk, reason=reason, **fields)
    return [step, *_busy(agent, queue, "free", common)]


def _held_and_talked(line: Line) -> tuple[float | None, float | None]:
    """(hold, talk). A transfer has columns of its own before them: hold, talk and position end the line."""
    if line.event in ("COMPLETECALLER", "COMPLETEAGENT"):
        return _duration(_datum(line, 0)), _duration(_datum(line, 1))
    # Before 1.8 a transfer said only where to: extension and context.
    data = [datum for datum in line.data if datum]
    return (_duration(data[-3]), _duration(data[-2])) if len(data) >= 5 else (None, None)


def _busy(agent: str, queue: str, state: AgentState, common: dict[str, Any]) -> list[AnyEvent]:
    """A conversation shows what the call taker does; nothing else in the log does."""
    if not agent:
        return []
    return [
        AgentStatus(
            source_id=agent,
            queue=queue,
            name=agent,
            state=state,
            in_call=state == "busy",
            **_unnumbered(common),
        )
    ]


def _member(line: Line, common: dict[str, Any]) -> list[AnyEvent]:
    # PAUSEALL names no queue; the lines of each queue stand beside it.
    agent, queue = _named(line.agent, "call taker"), _named(line.queue, "queue")
    return [
        AgentStatus(
            **{**_unnumbered(common), "flags": (LOGGED, "no_state")},
            source_id=agent,
            queue=queue,
            name=agent,
            paused=line.event == "PAUSE",
            reason=title(mask_numbers(_datum(line, 0))) if line.event == "PAUSE" else "",
            removed=line.event == "REMOVEMEMBER",
        )
    ]


def _unnumbered(common: dict[str, Any]) -> dict[str, Any]:
    """Call takers are ordered by when we heard of them: two lines of one may stand in two files."""
    return {name: value for name, value in common.items() if name not in ("run", "seq")}


def _named(text: str, what: str) -> str:
    if text in _NOBODY:
        raise _Unusable(f"it names no {what}")
    return text


def _datum(line: Line, index: int) -> str:
    return line.data[index] if index < len(line.data) else ""


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _duration(text: str, unit: float = 1.0) -> float | None:
    number = _count(text)
    seconds = None if number is None else number / unit
    return seconds if seconds is not None and seconds <= MAX_DURATION_S else None
