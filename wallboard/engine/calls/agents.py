"""Call takers: one entity for an interface, whatever number of queues it works in."""

from __future__ import annotations

from collections import Counter

import msgspec

from wallboard.engine.calls.records import KEPT_S, exchange_of, forget, index_of
from wallboard.engine.order import seen_at
from wallboard.engine.world import World
from wallboard.entities import Agent
from wallboard.events import AgentState, AgentStatus, Gone, QueueMember, QueueSnapshot
from wallboard.scope import CITY


class Member(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A call taker in one queue, by the newest word."""

    name: str = ""
    state: AgentState = "unknown"
    paused: bool = False
    reason: str = ""
    calls_taken: int | None = None
    in_call: bool = False
    removed: bool = False
    heard_at: float = 0.0
    #: the exchange's own order, where it has one
    run: float = 0.0
    seq: int | None = None


class AgentRecord(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The engine's memory of one call taker, by interface."""

    feed: str
    #: by queue; those that they left stay until all are old
    queues: dict[str, Member] = {}


def on_status(world: World, event: AgentStatus) -> bool:
    """Take over a state; whether it was news."""
    record = world.recall("agent", event.source_id, AgentRecord)
    if record is None:
        if event.removed or event.received_at <= exchange_of(world, event.feed).forgotten_to:
            return False
        record = AgentRecord(feed=event.feed)
    old = record.queues.get(event.queue)
    if old is not None and not _is_newer(event, old):
        return False
    unsaid = "no_state" in event.flags and old is not None
    new = Member(
        name=event.name or (old.name if old else ""),
        state=old.state if unsaid and old else event.state,
        paused=event.paused,
        reason=event.reason,
        calls_taken=event.calls_taken if event.calls_taken is not None or old is None else old.calls_taken,
        in_call=old.in_call if unsaid and old else event.in_call,
        removed=event.removed,
        heard_at=event.received_at,
        run=event.run,
        seq=event.seq,
    )
    _keep(world, event.source_id, record, event.queue, new)
    return True


def on_members(world: World, event: QueueSnapshot, asked_at: float) -> None:
    """Bring a queue's members to what a snapshot lists; what was heard after it was asked for stands."""
    queue = event.source_id
    listed = {member.agent: member for member in event.members}
    for interface, record in list(world.memories("agent").items()):
        old = record.queues.get(queue)
        if old is None or interface in listed or old.removed or old.heard_at >= asked_at:
            continue
        gone = msgspec.structs.replace(old, removed=True, heard_at=event.received_at)
        _keep(world, interface, record, queue, gone)
    for interface, member in listed.items():
        record = world.recall("agent", interface, AgentRecord) or AgentRecord(feed=event.feed)
        old = record.queues.get(queue)
        if old is None or old.heard_at < asked_at:
            _keep(world, interface, record, queue, _of_snapshot(member, event.received_at))


def on_gone(world: World, event: Gone) -> None:
    """The call taker is known to no queue any more."""
    record = world.recall("agent", event.source_id, AgentRecord)
    for queue, member in record.queues.items() if record else ():
        assert record is not None
        if not member.removed and member.heard_at < seen_at(event):
            gone = msgspec.structs.replace(member, removed=True, heard_at=event.received_at)
            record = _keep(world, event.source_id, record, queue, gone)


def agent_due(world: World, record: AgentRecord) -> float | None:
    """When one who left all queues is forgotten."""
    if any(not member.removed for member in record.queues.values()):
        return None
    return _heard_at(record) + KEPT_S


def on_agent_due(world: World, interface: str) -> None:
    """Forget one who left all queues."""
    record = world.recall("agent", interface, AgentRecord)
    if record is not None:
        forget(world, "agent", interface, record.feed, _heard_at(record))


def count(world: World, queue: str) -> dict[str, int]:
    """The members of a queue by state."""
    members = (record.queues.get(queue) for record in world.memories("agent").values())
    states = Counter(_shown(member) for member in members if member is not None and not member.removed)
    return dict(sorted(states.items()))


def show(world: World, interface: str) -> None:
    """Put the entity of one call taker, or remove it."""
    record = world.recall("agent", interface, AgentRecord)
    members = {q: m for q, m in sorted(record.queues.items()) if not m.removed} if record else {}
    if record is None or not members:
        world.remove(Agent, interface)
        return
    newest = max(members.values(), key=lambda member: member.heard_at)
    paused = all(member.paused for member in members.values())
    state = _shown(msgspec.structs.replace(newest, paused=paused))
    taken = [member.calls_taken for member in members.values() if member.calls_taken is not None]
    old = world.get(Agent, interface)
    new = Agent(
        id=interface,
        scope=CITY,
        at=newest.heard_at if old is None else old.at,
        feed=record.feed,
        name=newest.name or interface,
        state=state,
        since=old.since if old is not None and old.state == state else newest.heard_at,
        paused=paused,
        reason=newest.reason if paused else "",
        queues=tuple(members),
        calls_taken=sum(taken) if taken else None,
    )
    if new != old:
        world.put(msgspec.structs.replace(new, at=max(new.at, newest.heard_at)))


def _keep(world: World, interface: str, record: AgentRecord, queue: str, member: Member) -> AgentRecord:
    new = msgspec.structs.replace(record, queues={**record.queues, queue: member})
    world.remember("agent", interface, new)
    index = index_of(world)
    index.agents[interface] = index.queues[queue] = None
    return new


def _is_newer(event: AgentStatus, old: Member) -> bool:
    """By the exchange's own number within a run, else by when we received it."""
    if event.seq is not None and old.seq is not None and event.run == old.run:
        return event.seq > old.seq
    return event.received_at > old.heard_at


def _of_snapshot(member: QueueMember, heard_at: float) -> Member:
    return Member(
        name=member.name,
        state=member.state,
        paused=member.paused,
        reason=member.reason,
        calls_taken=member.calls_taken,
        in_call=member.in_call,
        heard_at=heard_at,
    )


def _shown(member: Member) -> AgentState:
    """Paused counts only for one who would be free; a call in progress shows whatever the device says."""
    if member.in_call and member.state in ("free", "unknown"):
        return "busy"
    return "paused" if member.paused and member.state in ("free", "unknown") else member.state


def _heard_at(record: AgentRecord) -> float:
    return max((member.heard_at for member in record.queues.values()), default=0.0)
