"""Cameras: what the newest list says of them, what the last check of their stream found, and what they see.

The first two never mix. A list says that a camera is "online" for as long as nobody renews the list; `state`
is only what a check saw, and ends by itself when nobody checks any more. What a camera says that it sees
(motion, a person, a line crossed) is a third thing, comes from another feed, and ends by itself as well.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from wallboard.engine.order import marks, seen_at
from wallboard.engine.placing import place_of
from wallboard.engine.world import World
from wallboard.entities import Camera, CameraStream, Order
from wallboard.events import CameraChecked, CameraListed, CameraSeen, Gone, Present, SeenWord
from wallboard.scope import of_place

#: A check that finds the same again is written down only this often: 300 cameras checked every 15 s are
#: one commit in a second instead of twenty (s). Below the feed's own repetition (feeds/cameras/checks.py).
CHECKED_EVERY_S = 240.0
#: A state that no check has confirmed for this long is not known any more: three repetitions missed (s).
CHECK_LIFE_S = 900.0
#: Some lists renew the time of every camera at each fetch; that alone is shown only this often (s).
LISTED_EVERY_S = 900.0

#: What a camera sees is said again every 30 s while it lasts (feeds/sightings/conflate.py); what a recorder
#: that was restarted never ended must not stay on the wall: three repetitions missed (s).
SEEN_LIFE_S = 90.0

GONE_FLAG = "gone"
NOT_CHECKED = "not_checked"
NOT_LISTED = "not_listed"


class CheckMemory(msgspec.Struct, frozen=True, omit_defaults=True):
    """A check of a camera that no list has named yet; `at` None: it was never checked."""

    at: float | None
    state: Literal["online", "frozen", "offline", "unknown"]
    since: float
    reason: str = ""


class SeenMemory(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a camera sees by its own word; also of one that no list has named yet."""

    heard_at: float
    what: SeenWord = ""
    since: float | None = None


def listed(world: World, event: CameraListed) -> None:
    """Take what a list says of a camera; its health stays."""
    id = f"{event.feed}/{event.source_id}"
    before = world.get(Camera, id)
    # The list as it was fetched is the whole truth of its moment; the camera's own time in it need not
    # change with its content.
    order = Order(0.0, event.received_at)
    if before is not None and before.order is not None and order <= before.order:
        return
    place = place_of(world, event, event.address)
    after = Camera(
        id=id,
        scope=of_place(place),
        at=seen_at(event),
        feed=event.feed,
        flags=marks(event),
        order=order,
        name=event.name,
        place=place,
        streams=tuple(CameraStream(type=stream.type, url=stream.url) for stream in event.streams),
        status_raw=event.status_raw,
        claimed=event.claimed,
        listed_at=seen_at(event),
        address=event.address,
        picture=event.picture,
        since=event.received_at,
    )
    check = _last_check(world, id, before)
    if check is not None:
        after = _with_check(after, check)
    sight = world.recall("camera_seen", id, SeenMemory)
    if sight is not None:
        after = _with_sight(after, sight)
    elif before is not None:
        after = msgspec.structs.replace(after, seen_since=before.seen_since)
    if before is None or not _same(before, after, dated=event.observed_at is not None):
        world.put(after)


def _last_check(world: World, id: str, before: Camera | None) -> CheckMemory | None:
    """What checks have found so far: before the list came, or before this list."""
    if before is None:
        memory = world.recall("camera_check", id, CheckMemory)
        if memory is not None:
            world.forget("camera_check", id)
        return memory
    if GONE_FLAG in before.flags:
        return None
    return CheckMemory(before.checked_at, before.state, before.since, before.reason)


def _with_check(camera: Camera, check: CheckMemory) -> Camera:
    return msgspec.structs.replace(
        camera,
        state=check.state,
        since=check.since,
        reason=check.reason,
        checked_at=check.at,
        at=max(camera.at, check.at or 0.0),
    )


def _same(before: Camera, after: Camera, *, dated: bool) -> bool:
    """Whether a list only repeats what is shown already."""
    if dated and after.listed_at - before.listed_at >= LISTED_EVERY_S:
        return False
    repeated = msgspec.structs.replace(after, order=before.order, listed_at=before.listed_at, at=before.at)
    return repeated == before


def checked(world: World, event: CameraChecked) -> None:
    """Take what a check found; the same again is written down every CHECKED_EVERY_S only."""
    id = f"{event.feed}/{event.source_id}"
    at = seen_at(event)
    since = at if event.since is None else min(event.since, at)
    camera = world.get(Camera, id)
    if camera is None:
        known = world.recall("camera_check", id, CheckMemory)
        if known is None or known.at is None or at > known.at:
            since = known.since if known is not None and known.state == event.state else since
            world.remember("camera_check", id, CheckMemory(at, event.state, since, event.reason))
        return
    if GONE_FLAG in camera.flags or (camera.checked_at is not None and at <= camera.checked_at):
        return
    if world.now - at > CHECK_LIFE_S or at < camera.listed_at:
        return  # held back for so long that it says nothing of now, or of the camera that was listed before
    same_state = event.state == camera.state
    if same_state and camera.checked_at is not None and at - camera.checked_at < CHECKED_EVERY_S:
        return
    check = CheckMemory(at, event.state, camera.since if same_state else since, event.reason)
    world.put(_with_check(camera, check))


def seen(world: World, event: CameraSeen) -> None:
    """Take what a camera says that it sees; the same again only keeps it from ending."""
    id = event.source_id
    known = world.recall("camera_seen", id, SeenMemory)
    if known is not None and event.received_at <= known.heard_at:
        return
    if world.now - event.received_at > SEEN_LIFE_S:
        return  # held back for so long that it says nothing of now
    since = event.received_at if event.since is None else min(event.since, event.received_at)
    if known is not None and known.what == event.what and known.since is not None:
        since = min(since, known.since)
    sight = SeenMemory(event.received_at, event.what, since if event.what else None)
    if event.what:
        world.remember("camera_seen", id, sight)
    elif known is not None:
        world.forget("camera_seen", id)
    camera = world.get(Camera, id)
    if camera is not None and GONE_FLAG not in camera.flags:
        _show_sight(world, camera, sight)


def _with_sight(camera: Camera, sight: SeenMemory) -> Camera:
    """What it sees; of what has ended, since when it saw the last of it."""
    since = camera.seen_since if sight.since is None else sight.since
    return msgspec.structs.replace(camera, seen=sight.what, seen_since=since)


def _show_sight(world: World, camera: Camera, sight: SeenMemory) -> None:
    after = _with_sight(camera, sight)
    if after != camera:
        world.put(msgspec.structs.replace(after, at=max(camera.at, sight.heard_at)))


def gone(world: World, event: Gone) -> None:
    """Mark a camera that its source has withdrawn; it leaves after the time of retention."""
    camera = world.get(Camera, f"{event.feed}/{event.source_id}")
    if camera is not None:
        _mark_gone(world, camera, event.received_at)


def present(world: World, event: Present) -> None:
    """Mark the cameras that a complete list holds no more: a list cut short must not empty the map."""
    ids = {f"{event.feed}/{id}" for id in event.ids}
    for camera in [c for c in world.all(Camera) if c.feed == event.feed and c.id not in ids]:
        _mark_gone(world, camera, event.received_at)


def _mark_gone(world: World, camera: Camera, received_at: float) -> None:
    order = Order(0.0, received_at)
    if GONE_FLAG in camera.flags or (camera.order is not None and order <= camera.order):
        return
    world.put(
        msgspec.structs.replace(
            camera,
            flags=(*camera.flags, GONE_FLAG),
            order=order,
            state="unknown",
            reason=NOT_LISTED,
            since=received_at,
            seen="",
        )
    )


def _due(world: World, camera: Camera) -> float | None:
    """When a camera that is gone leaves, or when what was last checked is not known any more."""
    if GONE_FLAG in camera.flags:
        return camera.since + world.city.retention.camera
    if camera.state == "unknown" or camera.checked_at is None:
        return None
    return camera.checked_at + CHECK_LIFE_S


def passed(world: World, id: str) -> None:
    """Do what was due for a camera."""
    camera = world.get(Camera, id)
    if camera is None:
        return
    if GONE_FLAG in camera.flags:
        world.remove(Camera, id)
    else:
        world.put(msgspec.structs.replace(camera, state="unknown", reason=NOT_CHECKED, since=world.now))


def _check_forgotten_at(world: World, memory: CheckMemory) -> float:
    return (memory.at or 0.0) + CHECK_LIFE_S


def forget_check(world: World, id: str) -> None:
    """Let go of a check whose camera no list has named."""
    world.forget("camera_check", id)


def _sight_ends_at(world: World, memory: SeenMemory) -> float:
    return memory.heard_at + SEEN_LIFE_S


def sight_ended(world: World, id: str) -> None:
    """Nobody says any more that the camera sees it."""
    world.forget("camera_seen", id)
    camera = world.get(Camera, id)
    if camera is not None and camera.seen:
        world.put(msgspec.structs.replace(camera, seen=""))


EVENTS = {CameraListed: listed, CameraChecked: checked, CameraSeen: seen}
GONE = {"camera": gone}
PRESENT = {"camera": present}
MEMORY = {"camera_check": CheckMemory, "camera_seen": SeenMemory}
DUE = {"camera": _due, "mem:camera_check": _check_forgotten_at, "mem:camera_seen": _sight_ends_at}
TIMERS = {"camera": passed, "mem:camera_check": forget_check, "mem:camera_seen": sight_ended}
PLACE = {CameraListed: lambda event: (event.lon, event.lat, None)}
