"""What the wall shows of calls and queues: entities from records and books, each put once a batch."""

from __future__ import annotations

import msgspec

from wallboard.engine.calls import agents as queue_agents
from wallboard.engine.calls import marks, pranks, visits
from wallboard.engine.calls.figures import Book, windows
from wallboard.engine.calls.records import CallRecord, Exchange, Index, index_of, track
from wallboard.engine.world import World
from wallboard.entities import Call, Feed, Queue
from wallboard.scope import CITY


def load(world: World) -> None:
    """Find out anew who waits where."""
    index = world.index["calls"] = Index()
    for id, record in world.memories("call").items():
        for queue in dict.fromkeys(visit.queue for visit in record.visits):
            track(world, id, record, queue)
    # What was committed is shown already.
    index.calls, index.queues = {}, {}
    pranks.load(world)


def settle(world: World) -> None:
    """Put each call, queue and call taker that the batch touched once."""
    index = index_of(world)
    for queue, book in world.memories("queue").items():
        shown = world.get(Queue, queue)
        if shown is not None and shown.live != _live(world, book):
            index.queues[queue] = None
    places: dict[tuple[str, str], int] = {}
    for queue in index.queues:
        line = index.waiting.get(queue, {})
        for place, id in enumerate(sorted(line, key=lambda id: (line[id], id)), 1):
            places[(queue, id)] = place
            # When one leaves, all behind move up.
            index.calls[id] = None
    for id in index.calls:
        _show_call(world, id, places)
    for queue in index.queues:
        _show_queue(world, queue, index)
    for interface in index.agents:
        queue_agents.show(world, interface)
    index.calls, index.queues, index.agents, index.heard = {}, {}, {}, {}


def _show_call(world: World, id: str, places: dict[tuple[str, str], int]) -> None:
    record = world.recall("call", id, CallRecord)
    if record is None or not record.shown:
        world.remove(Call, id)
        if record is not None:
            marks.follow(world, id, record)
        return
    marks.follow(world, id, record)
    # Of several queues the one where it is now, else where it was last.
    visit = max(record.visits, key=lambda visit: (visits.state(visit) != "ended", visit.first_at))
    ringing = [ring.agent for ring in visit.rings if ring.on]
    old = world.get(Call, id)
    new = Call(
        id=id,
        scope=CITY,
        at=visit.heard_at if old is None else old.at,
        feed=record.feed,
        queue=visit.queue,
        state=visits.state(visit),
        since=visits.since(visit),
        joined_at=visit.joined_at,
        position=places.get((visit.queue, id)) if visits.is_waiting(visit) else None,
        caller=record.caller,
        repeated=record.repeated,
        agent=visit.agent or (ringing[0] if len(ringing) == 1 else ""),
        outcome=visits.outcome(visit),
        mark=record.mark,
        marked_by=record.marked_by,
        pranks=record.pranks,
    )
    # The time alone is no change: a frame that comes twice commits nothing.
    if new != old:
        world.put(msgspec.structs.replace(new, at=max(new.at, visit.heard_at)))


def _show_queue(world: World, queue: str, index: Index) -> None:
    book = world.recall("queue", queue, Book)
    if book is None:
        world.remove(Queue, queue)
        return
    old = world.get(Queue, queue)
    line = index.waiting.get(queue, {})
    config = world.city.calls
    new = Queue(
        id=queue,
        scope=CITY,
        at=index.heard.get(queue, 0.0) if old is None else old.at,
        feed=book.feed,
        flags=("gone",) if book.gone else (),
        name=config.names.get(queue, queue),
        waiting=len(line),
        oldest_joined_at=min(line.values(), default=None),
        target_s=config.answer_within,
        windows=windows(book),
        agents=queue_agents.count(world, queue),
        live=_live(world, book),
    )
    # The time alone is no change: a snapshot a minute that finds everything as it was commits nothing.
    if new != old:
        world.put(msgspec.structs.replace(new, at=max(new.at, index.heard.get(queue, 0.0))))


def _live(world: World, book: Book) -> bool:
    """Whether what is shown is the exchange's present state."""
    exchange = world.recall("exchange", book.feed, Exchange)
    if exchange is not None and exchange.lost_at >= book.snapshot_at and exchange.lost_at > 0:
        return False
    feed = world.get(Feed, book.feed)
    return feed is None or feed.state in ("ok", "waiting")
