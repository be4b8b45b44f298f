"""Calls, queues and call takers: what the exchange says becomes what the wall shows, and the figures.

A call's record (memory) holds its visits of queues; figures are what the visits add up to, so a change of a
visit takes back what it added before and adds what it adds now. That makes repeated, late and disordered
events harmless. A snapshot ends what it does not list, unless something newer was heard; the outcome of
those calls stays unknown. Our figures never follow the exchange's own counters, which fall to zero at each
of its restarts.

Queue.live is false from the loss of the exchange (Gone of kind "queue", or a feed that is not well) until
the next whole snapshot. A feed that never says Gone (a scenario, a webhook) is live as long as it is well.
"""

from __future__ import annotations

import msgspec

from wallboard.engine.calls import agents as queue_agents
from wallboard.engine.calls import pranks, shifts, visits
from wallboard.engine.calls.figures import Book
from wallboard.engine.calls.marks import COMMANDS
from wallboard.engine.calls.records import (
    Callers,
    CallRecord,
    Exchange,
    book_of,
    call_due,
    callers_due,
    exchange_of,
    index_of,
    on_call_due,
    on_callers_due,
    on_queue_due,
    queue_due,
    store,
    visit_of,
    with_caller,
)
from wallboard.engine.calls.screen import load, settle
from wallboard.engine.calls.visits import Visit
from wallboard.engine.order import seen_at
from wallboard.engine.world import World
from wallboard.events import AgentStatus, CallEvent, Event, Gone, Present, QueueSnapshot, WaitingCall

#: AMI is live: a time stamp further than this from our own is a wrong clock, or a replayed capture, and our
#: time of receipt is taken. Durations on the wall must not show the difference of two clocks.
CLOCK_LIMIT_S = 30.0

#: The mark of an event out of a log: its time is when it was, however late the log is read.
LOGGED_FLAG = "logged"

#: A call that a snapshot lost and the next one finds again joined at the same time, give or take the
#: exchange's whole seconds.
SAME_JOIN_S = 5.0

#: Only these show that a call is in a queue; rings and hang-ups of other channels pass.
_BEGINNING = ("join", "leave", "connect", "complete", "abandon")


def on_call(world: World, event: CallEvent) -> None:
    """Add one fact to a call's visit of a queue."""
    id = f"{event.feed}/{event.source_id}"
    record = world.recall("call", id, CallRecord)
    if record is None and event.received_at <= exchange_of(world, event.feed).forgotten_to:
        return
    position = None if record is None else visit_of(record, event)
    if position is None and event.phase not in _BEGINNING:
        return  # rings and hang-ups of calls that are in no queue
    book_of(world, event.queue, event.feed)
    at = _when(event)
    record = with_caller(world, record or CallRecord(feed=event.feed), event.caller, event.caller_key)
    before = None if position is None else record.visits[position]
    after = visits.heard(visits.begun(event, at) if before is None else before, event, at)
    store(world, id, record, position, after)
    index_of(world).hear(event.queue, seen_at(event))


def on_snapshot(world: World, event: QueueSnapshot) -> None:
    """Bring a queue to what the exchange lists; what was heard after it was asked for stands."""
    queue, asked_at = event.source_id, seen_at(event)
    if asked_at < exchange_of(world, event.feed).queues_asked_at:
        return
    book = book_of(world, queue, event.feed)
    if event.received_at <= book.snapshot_at or asked_at < book.asked_at:
        return
    world.remember(
        "queue",
        queue,
        msgspec.structs.replace(book, asked_at=asked_at, snapshot_at=event.received_at, gone=False),
    )
    listed = {f"{event.feed}/{call.call_id}": call for call in event.waiting}
    for id in list(index_of(world).waiting.get(queue, {})):
        if id not in listed:
            _lose(world, id, queue, asked_at, event.received_at)
    for id, call in listed.items():
        _found(world, id, call, event, asked_at)
    queue_agents.on_members(world, event, asked_at)
    index_of(world).hear(queue, asked_at)


def on_agent(world: World, event: AgentStatus) -> None:
    """Take over a call taker's state in one queue."""
    if queue_agents.on_status(world, event):
        book_of(world, event.queue, event.feed)
        index_of(world).hear(event.queue, seen_at(event))


def on_queue_gone(world: World, event: Gone) -> None:
    """Source id "*": the exchange is out of reach. Else: it has no such queue any more."""
    if event.source_id == "*":
        exchange = exchange_of(world, event.feed)
        if event.received_at > exchange.lost_at:
            world.remember(
                "exchange", event.feed, msgspec.structs.replace(exchange, lost_at=event.received_at)
            )
    elif event.source_id in world.memories("queue"):
        _drop_queue(world, event.source_id, event, seen_at(event))


def on_call_gone(world: World, event: Gone) -> None:
    """The call has ended, nobody says how."""
    _lose(world, f"{event.feed}/{event.source_id}", None, seen_at(event), event.received_at)


def on_present(world: World, event: Present) -> None:
    """End calls, or drop queues, that the exchange does not list any more."""
    exchange, asked_at = exchange_of(world, event.feed), seen_at(event)
    if event.kind == "call":
        if asked_at <= exchange.calls_asked_at:
            return
        world.remember("exchange", event.feed, msgspec.structs.replace(exchange, calls_asked_at=asked_at))
        listed = {f"{event.feed}/{call}" for call in event.ids}
        for id in list(index_of(world).open):
            record = world.recall("call", id, CallRecord)
            if record is not None and record.feed == event.feed and id not in listed:
                _lose(world, id, None, asked_at, event.received_at)
        return
    if asked_at <= exchange.queues_asked_at:
        return
    world.remember("exchange", event.feed, msgspec.structs.replace(exchange, queues_asked_at=asked_at))
    for queue, book in list(world.memories("queue").items()):
        if book.feed == event.feed and queue not in event.ids:
            _drop_queue(world, queue, event, asked_at)


def _found(world: World, id: str, call: WaitingCall, event: QueueSnapshot, asked_at: float) -> None:
    """A snapshot lists this call as waiting."""
    record = world.recall("call", id, CallRecord) or CallRecord(feed=event.feed)
    queue, joined_at = event.source_id, event.received_at - call.wait_s
    stays = [position for position, visit in enumerate(record.visits) if visit.queue == queue]
    last = record.visits[stays[-1]] if stays else None
    if last is not None and last.heard_at >= asked_at:
        return
    record = with_caller(world, record, call.caller, call.caller_key)
    if last is not None and (not visits.is_over(last) or abs(last.joined_at - joined_at) <= SAME_JOIN_S):
        # A call that an earlier snapshot missed is found again; one with an outcome keeps it.
        found = msgspec.structs.replace(last, lost_at=None, heard_at=event.received_at)
        store(world, id, record, stays[-1], found)
    else:
        new = Visit(
            queue=queue,
            joined_at=joined_at,
            joined=True,
            first_at=event.received_at,
            heard_at=event.received_at,
        )
        store(world, id, record, None, new)


def _lose(world: World, id: str, queue: str | None, asked_at: float, at: float) -> None:
    """End a call's visits (of one queue, or all) of which nothing was heard since `asked_at`."""
    record = world.recall("call", id, CallRecord)
    for position, visit in enumerate(record.visits if record else ()):
        ours = visits.is_waiting(visit) if queue else visits.state(visit) != "ended"
        if ours and queue in (None, visit.queue) and visit.heard_at < asked_at:
            assert record is not None
            record = store(world, id, record, position, msgspec.structs.replace(visit, lost_at=at))
            index_of(world).hear(visit.queue, asked_at)


def _drop_queue(world: World, queue: str, event: Event, asked_at: float) -> None:
    """The exchange does not have this queue: nobody waits or works in it. Its figures stay for the day."""
    book = world.recall("queue", queue, Book)
    if book is None or book.gone or book.snapshot_at > event.received_at:
        return
    empty = QueueSnapshot(
        feed=event.feed, source_id=queue, received_at=event.received_at, observed_at=event.observed_at
    )
    on_snapshot(world, empty)
    kept = book_of(world, queue, event.feed)
    world.remember("queue", queue, msgspec.structs.replace(kept, gone=True))
    index_of(world).hear(queue, asked_at)


def _when(event: CallEvent) -> float:
    """When it was: by the exchange's clock where that goes right, else when we received it."""
    observed = event.observed_at
    if observed is not None and LOGGED_FLAG in event.flags:
        return min(observed, event.received_at)
    if observed is None or abs(event.received_at - observed) > CLOCK_LIMIT_S:
        return event.received_at
    return min(observed, event.received_at)


EVENTS = {CallEvent: on_call, QueueSnapshot: on_snapshot, AgentStatus: on_agent}
GONE = {"queue": on_queue_gone, "call": on_call_gone, "agent": queue_agents.on_gone}
PRESENT = {"queue": on_present, "call": on_present}
DUE = {
    "mem:call": call_due,
    "mem:queue": queue_due,
    "mem:callers": callers_due,
    "mem:agent": queue_agents.agent_due,
    "mem:pranks": pranks.pranks_due,
    "mem:shift_book": shifts.book_due,
}
TIMERS = {
    "mem:call": on_call_due,
    "mem:queue": on_queue_due,
    "mem:callers": on_callers_due,
    "mem:agent": queue_agents.on_agent_due,
    "mem:pranks": pranks.on_pranks_due,
    "mem:shift_book": shifts.on_book_due,
}
MEMORY = {
    "call": CallRecord,
    "queue": Book,
    "callers": Callers,
    "exchange": Exchange,
    "agent": queue_agents.AgentRecord,
    "pranks": pranks.Pranks,
    "shift_book": shifts.ShiftBook,
}

__all__ = ["COMMANDS", "DUE", "EVENTS", "GONE", "MEMORY", "PRESENT", "TIMERS", "load", "settle"]
