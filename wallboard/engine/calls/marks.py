"""What operators say a call was: emergency, information, complaint, proposal, prank or ghost.

A mark may come while the call lasts or as long as its record is kept afterwards, and may be changed as long
as its Review stands. The record of a marked call stays until no window contains it, so that every figure
follows.
"""

from __future__ import annotations

from typing import Any, cast, get_args

import msgspec

from wallboard import access
from wallboard.access import Person
from wallboard.engine.calls import pranks, shifts, visits
from wallboard.engine.calls.records import CallRecord, remark
from wallboard.engine.calls.shifts import ShiftFigures
from wallboard.engine.commands import BadArgs, Does, Outcome, refused, text_arg
from wallboard.engine.world import World
from wallboard.entities import CallMark, Review
from wallboard.events import Command
from wallboard.scope import CITY

MARKS: tuple[CallMark, ...] = get_args(CallMark)

#: "feed/call"; exchanges name calls in under 100 characters.
MAX_CALL_CHARS = 300


def call_mark(world: World, command: Command, by: Person) -> Outcome:
    """Say, or say anew, what a call was."""
    id = text_arg(command, "call", MAX_CALL_CHARS)
    mark = command.args.get("mark")
    if mark not in MARKS:
        raise BadArgs(f"mark: one of {', '.join(MARKS)}")
    mark = cast(CallMark, mark)
    record, review = world.recall("call", id, CallRecord), world.get(Review, id)
    # A call that has left the state can still be marked: it is looked for here.
    if (record is None and review is None) or not access.may_see(access.viewer_of(by), "call", CITY):
        return refused("no_such_thing")
    was = record.mark if record else review.mark if review else ""
    if mark != was:
        _marked(world, id, record, was, mark, by.id)
        if record is not None:
            record = msgspec.structs.replace(record, mark=mark, marked_by=by.id)
            review = reviewed_call(world, id, record, review)
        elif review is not None:
            review = msgspec.structs.replace(review, at=world.now, mark=mark, marked_by=by.id)
        if review is not None:
            world.put(review)
    return Outcome(id=id, before={"mark": was}, after={"mark": mark})


def _marked(world: World, id: str, record: CallRecord | None, was: str, mark: CallMark, by: str) -> None:
    """Let the figures, the shift's and the caller's, follow a mark."""
    if record is not None:
        remark(world, id, record, mark, by)
    elif (review := world.get(Review, id)) is not None:
        changed = int(mark == "prank") - int(was == "prank")
        shifts.add(world, review.joined_at, ShiftFigures(pranks=changed))
    if was == "prank":
        pranks.unmarked(world, id)
    elif mark == "prank":
        pranks.marked(world, id, record.caller_key if record else "", world.now)


def reviewed_call(world: World, id: str, record: CallRecord, old: Review | None) -> Review:
    """The Review of a marked call, with its call's newest facts; what quality assurance wrote stays."""
    # Of several queues the one where it was answered, else where it was last.
    visit = max(record.visits, key=lambda one: (visits.answered_at(one) is not None, one.first_at))
    joined_at = record.visits[0].joined_at
    shift = shifts.shift_at(world.city, joined_at)
    facts: dict[str, Any] = {
        "feed": record.feed,
        "queue": visit.queue,
        "agent": visit.agent,
        "joined_at": joined_at,
        "answered_at": visits.answered_at(visit),
        "ended_at": visits.ended_at(record.visits[-1]),
        "wait_s": visits.waited_s(visit),
        "talk_s": visit.talk_s,
        "mark": record.mark,
        "marked_by": record.marked_by,
        "shift": shift.name if shift else "",
    }
    if old is not None:
        new = msgspec.structs.replace(old, **facts)
        return old if new == old else msgspec.structs.replace(new, at=world.now)
    return Review(id=id, scope=CITY, at=world.now, **facts)


def follow(world: World, id: str, record: CallRecord) -> None:
    """Bring the Review of a marked call to the call's newest facts, if it still stands."""
    review = world.get(Review, id) if record.mark else None
    if review is not None:
        world.put(reviewed_call(world, id, record, review))


COMMANDS = {"call.mark": Does(call_mark)}
