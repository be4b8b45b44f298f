"""A mapped record as one step of a call in a queue: for exchanges that report by webhook.

The words for the steps are ours (`join`, `ring`, … of wallboard/events.py); a mapping's `values` translates
the exchange's own. The caller's number is masked here, before anything else sees it.
"""

from __future__ import annotations

from typing import Literal, get_args

from feeds.base import Context
from feeds.reading import callers
from feeds.reading.mapping import BadField, Record
from feeds.reading.private import mask_numbers
from feeds.reports import MAX_ID_CHARS, identity
from wallboard.events import CallEvent

#: The fields that a mapping may fill for a step of a call; durations in seconds.
FIELDS = (
    "id", "queue", "phase", "observed", "linked", "position", "caller", "agent", "agent_name", "hold",
    "talk", "ring", "reason",
)  # fmt: skip

_Phase = Literal["join", "ring", "ring_no_answer", "leave", "connect", "complete", "abandon", "hangup"]
PHASES: tuple[_Phase, ...] = get_args(_Phase)

#: A duration above a week is not one: it is a time of day, or milliseconds of a long call.
MAX_DURATION_S = 7 * 86400.0


def step(record: Record, context: Context) -> CallEvent:
    """The record as a step of a call; BadField without a call, a queue or a known phase."""
    call = identity(record)
    caller = record.line("caller")
    return CallEvent(
        feed=context.feed,
        source_id=call,
        received_at=context.now,
        observed_at=record.time("observed", context.zone, lenient=True),
        queue=identity(record, "queue"),
        phase=_phase(record),
        linked_id=record.line("linked")[:MAX_ID_CHARS],
        position=_position(record),
        caller=callers.mask(caller),
        caller_key=callers.key(caller, context.secret),
        agent=mask_numbers(record.line("agent"))[:MAX_ID_CHARS],
        agent_name=mask_numbers(record.line("agent_name")),
        hold_s=_duration(record, "hold"),
        talk_s=_duration(record, "talk"),
        ring_s=_duration(record, "ring"),
        reason=mask_numbers(record.line("reason")),
        flags=record.flags,
    )


def _phase(record: Record) -> _Phase:
    word = record.required("phase").casefold()
    for phase in PHASES:
        if phase == word:
            return phase
    raise BadField(record, "phase", f"{word[:40]!r} is no step of a call; there are {', '.join(PHASES)}")


def _position(record: Record) -> int | None:
    number = record.number("position")
    return None if number is None or number < 0 else int(number)


def _duration(record: Record, field: str) -> float | None:
    seconds = record.number(field)
    if seconds is not None and not 0 <= seconds <= MAX_DURATION_S:
        raise BadField(record, field, "is no duration in seconds")
    return seconds
