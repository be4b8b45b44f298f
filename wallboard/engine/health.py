"""Feeds, web nodes and walls: who lives, who is late, who has gone silent."""

from __future__ import annotations

import msgspec

from wallboard.access import Person
from wallboard.city import FeedConfig
from wallboard.engine import driving
from wallboard.engine.commands import Does, Outcome
from wallboard.engine.world import World
from wallboard.entities import Feed, Screen, Wall
from wallboard.events import BoardCondition, Command, FeedHealth, NodeBeat
from wallboard.scope import PUBLIC

#: A source that was due and missed this many periods is silent.
SILENT_PERIODS = 3

#: No feed is called silent sooner than this: its own supervisor speaks at least once a minute (s).
SILENT_LEAST_S = 15.0

#: The feeds' process says each second that it lives; a board must know within 5 s when it does not (s).
FEEDS_BEAT_LOST_S = 3.0

#: A web node whose beat is lost this long is gone, and its walls with it (s).
NODE_BEAT_LOST_S = 10.0

#: A wall that has gone leaves the state after this long (s).
WALL_KEPT_S = 24 * 3600.0

#: What a feed's reason says while its whole process does not answer.
FEEDS_STOPPED = "feeds_process_stopped"

#: The type of feed that others push to.
WEBHOOK = "webhook"

#: Redis' own entry on the feed strip; no feed of a configuration may have this name.
STORE = "_store"


#: In a world's index: feed → the kinds of entities that it is a source of.
KINDS = "feeds.kinds"


class NodeMemory(msgspec.Struct):
    """When a process was last heard."""

    at: float
    role: str
    boards: int = 0


class StoppedMemory(msgspec.Struct):
    """What a feed's state was when the feeds' process fell silent."""

    state: str
    since: float
    reason: str


def feed_health(world: World, event: FeedHealth) -> None:
    """A feed's own word replaces what was known of it."""
    config = _config(world, event.feed)
    old = world.get(Feed, event.feed)
    state = event.state
    if event.state == "ok" and event.last_good_at is None:
        return  # it runs, and nothing has come yet: it goes on waiting
    world.forget("stopped", event.feed)
    feed = Feed(
        id=event.feed,
        scope=PUBLIC,
        at=event.last_good_at or 0.0,
        name=(config.title if config else "") or event.feed,
        type=config.type if config else event.kind,
        kinds=_kinds(world, event.feed),
        state=state,
        since=event.since or (old.since if old and old.state == state else event.received_at),
        reason=event.reason,
        last_good_at=event.last_good_at,
        period_s=event.period_s,
        documents=event.documents,
        events=event.events,
        faults=event.faults,
        lost=event.lost,
        skew_s=event.skew_s,
    )
    if state == "ok" and _silent_at(world, feed) <= world.now:
        feed = msgspec.structs.replace(feed, state="silent", since=feed.last_good_at or world.now)
    world.put(feed)


def beat(world: World, event: NodeBeat) -> None:
    """A process lives."""
    node = event.source_id
    world.remember("node", node, NodeMemory(event.received_at, event.role, event.boards))
    if event.role == "feeds":
        for id, stopped in list(world.memories("stopped").items()):
            feed = world.get(Feed, id)
            if feed is not None and feed.reason == FEEDS_STOPPED:
                world.put(
                    msgspec.structs.replace(
                        feed, state=stopped.state, since=stopped.since, reason=stopped.reason
                    )
                )
            world.forget("stopped", id)


def _called(world: World, board: str) -> str:
    """What people call a board: "wall/screen", by the name of a paired screen where it is one."""
    wall, _, screen = board.partition("/")
    paired = world.get(Screen, screen) if screen else None
    return board if paired is None else f"{wall}/{paired.name}"


def board(world: World, event: BoardCondition) -> None:
    """A wall's condition changed."""
    old = world.get(Wall, event.source_id)
    if old is not None and old.state == event.state and old.node == event.node:
        return
    if old is None and not driving.room(world):
        return
    since = old.since if old is not None and old.state == event.state else event.received_at
    world.put(
        Wall(
            id=event.source_id,
            scope=PUBLIC,
            at=event.received_at,
            name=_called(world, event.source_id),
            state=event.state,
            since=since,
            node=event.node,
            age_s=event.age_s,
            sent=old.sent if old is not None else None,
        )
    )


def store(world: World, reason: str) -> None:
    """Redis as a source of its own on the feed strip, shown only while something is wrong with it."""
    old = world.get(Feed, STORE)
    if not reason:
        world.remove(Feed, STORE)
    elif old is None or old.reason != reason:
        world.put(
            Feed(
                id=STORE,
                scope=PUBLIC,
                name="Redis",
                type="store",
                state="failing",
                since=world.now,
                reason=reason,
            )
        )


def _silent_at(world: World, feed: Feed) -> float:
    """When this feed counts as silent; the time that we ourselves were down is left out."""
    heard = max(feed.last_good_at or feed.since, float(world.index.get("down_to", 0.0)))
    return heard + max(SILENT_PERIODS * feed.period_s, SILENT_LEAST_S)


def _feed_due(world: World, feed: Feed) -> float | None:
    if feed.state not in ("ok", "waiting") or feed.period_s <= 0:
        return None
    return _silent_at(world, feed)


def feed_silent(world: World, id: str) -> None:
    """Nothing good has come for three periods."""
    feed = world.get(Feed, id)
    if feed is not None:
        since = feed.last_good_at or feed.since
        world.put(msgspec.structs.replace(feed, state="silent", since=since))


def _node_due(world: World, node: NodeMemory) -> float:
    lost = FEEDS_BEAT_LOST_S if node.role == "feeds" else NODE_BEAT_LOST_S
    return max(node.at, float(world.index.get("down_to", 0.0))) + lost


def node_lost(world: World, id: str) -> None:
    """A process is heard no more: its feeds are silent, or its walls gone."""
    node = world.recall("node", id, NodeMemory)
    if node is None:
        return
    world.forget("node", id)
    if node.role == "feeds":
        for feed in list(world.all(Feed)):
            # Webhooks are taken by the web nodes.
            if feed.state in ("ok", "waiting", "failing") and feed.type != WEBHOOK:
                world.remember("stopped", feed.id, StoppedMemory(feed.state, feed.since, feed.reason))
                world.put(msgspec.structs.replace(feed, state="silent", since=node.at, reason=FEEDS_STOPPED))
        return
    for wall in list(world.all(Wall)):
        if wall.node == id and wall.state != "gone":
            world.put(msgspec.structs.replace(wall, state="gone", since=node.at))


def _wall_due(world: World, wall: Wall) -> float | None:
    if wall.sent is not None:
        return wall.sent.until
    return wall.since + WALL_KEPT_S if wall.state == "gone" else None


def wall_due(world: World, id: str) -> None:
    """A wall goes back from where it was sent; one that has been gone for a day is shown no more."""
    wall = world.get(Wall, id)
    if wall is not None and wall.sent is not None:
        driving.back(world, id)
    else:
        world.remove(Wall, id)


def load(world: World) -> None:
    """Show each configured feed from the start, and those no more configured no more."""
    configured = {feed.name: feed for feed in world.city.feed if feed.enabled}
    for old in list(world.all(Feed)):
        if old.id not in configured and old.id != STORE:
            world.remove(Feed, old.id)
    for name, config in configured.items():
        known, kinds = world.get(Feed, name), _kinds(world, name)
        if known is not None and known.kinds != kinds:
            # Its options are others than before.
            world.put(msgspec.structs.replace(known, kinds=kinds))
        elif known is None:
            world.put(
                Feed(
                    id=name,
                    scope=PUBLIC,
                    name=config.title or name,
                    type=config.type,
                    kinds=kinds,
                    state="waiting",
                    since=max(world.now, float(world.index.get("down_to", 0.0))),
                    period_s=_period(config),
                )
            )


def begun_anew(world: World, command: Command, by: Person) -> Outcome:
    """Somebody asks a feed's source again: for the trail; the feeds' process hears it another way."""
    return Outcome(id=str(command.args["id"]))


def _period(config: FeedConfig) -> float:
    """What is pushed to us has no period: nothing may come for days, and that is no silence."""
    return 0.0 if config.type == WEBHOOK else config.every


def _kinds(world: World, name: str) -> tuple[str, ...]:
    known: dict[str, tuple[str, ...]] = world.index.get(KINDS, {})
    return known.get(name, ())


def _config(world: World, name: str) -> FeedConfig | None:
    return next((feed for feed in world.city.feed if feed.name == name), None)


EVENTS = {FeedHealth: feed_health, NodeBeat: beat, BoardCondition: board}
DUE = {"feed": _feed_due, "mem:node": _node_due, "wall": _wall_due}
TIMERS = {"feed": feed_silent, "mem:node": node_lost, "wall": wall_due}
COMMANDS = driving.COMMANDS | {"feed.again": Does(begun_anew, "feed", "id")}
MEMORY = {"node": NodeMemory, "stopped": StoppedMemory}
