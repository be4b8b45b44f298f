"""The one way by which an incident gets into the state and out of it, with what has to be kept at hand."""

from __future__ import annotations

from wallboard.engine.incidents import outcomes
from wallboard.engine.world import World
from wallboard.entities import Incident

_OPEN_OF_FEED = "incidents.open_of_feed"


def put(world: World, incident: Incident) -> None:
    """Show what has gone through `shaped`, and keep the work of an agency that has it no more."""
    before = world.get(Incident, incident.id)
    if before is None:
        outcomes.came_back(world, incident.id)
    elif before.agency != incident.agency:
        outcomes.moved(world, before, returned=incident.ours.returned > before.ours.returned)
        outcomes.same_again(world, incident)
    world.put(incident)
    _list(world, incident)


def take_out(world: World, incident: Incident) -> None:
    """Show it no more."""
    world.remove(Incident, incident.id)
    open_of_feed(world, incident.feed).pop(incident.id, None)


def open_of_feed(world: World, feed: str) -> dict[str, None]:
    """The feed's open incidents, for its complete lists."""
    index: dict[str, dict[str, None]] = world.index.setdefault(_OPEN_OF_FEED, {})
    return index.setdefault(feed, {})


def load(world: World) -> None:
    """Find the open incidents of each feed."""
    world.index.pop(_OPEN_OF_FEED, None)
    for incident in world.all(Incident):
        _list(world, incident)


def _list(world: World, incident: Incident) -> None:
    if incident.source.status == "open":
        open_of_feed(world, incident.feed)[incident.id] = None
    else:
        open_of_feed(world, incident.feed).pop(incident.id, None)
