"""Cameras: what the newest list says of them, and what the last check of their stream found.

The two never mix. A list says that a camera is "online" for as long as nobody renews the list; `state` is
only what a check saw, and ends by itself when nobody checks any more.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from wallboard.engine.order import marks, seen_at
from wallboard.engine.placing import place_of
from wallboard.engine.world import World
from wallboard.entities import Camera, CameraStream, Order
from wallboard.events import CameraChecked, CameraListed, Gone, Present
from wallboard.scope import of_place

#: A check that finds the same again is written down only this often: 300 cameras checked every 15 s are
#: one commit in a second instead of twenty (s). Below the feed's own repetition (feeds/cameras/checks.py).
CHECKED_EVERY_S = 240.0
#: A state that no check has confirmed for this long is not known any more: three repetitions missed (s).
CHECK_LIFE_S = 900.0
#: Some lists renew the time of every camera at each fetch; that alone is shown only this often (s).
LISTED_EVERY_S = 900.0

GONE_FLAG = "gone"
NOT_CHECKED = "not_checked"
NOT_LISTED = "not_listed"


class CheckMemory(msgspec.Struct, frozen=True, omit_defaults=True):
    """A check of a camera that no list has named yet; `at` None: it was never checked."""

    at: float | None
    state: Literal["online", "frozen", "offline", "unknown"]
    since: float
    reason: str = ""


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


EVENTS = {CameraListed: listed, CameraChecked: checked}
GONE = {"camera": gone}
PRESENT = {"camera": present}
MEMORY = {"camera_check": CheckMemory}
DUE = {"camera": _due, "mem:camera_check": _check_forgotten_at}
TIMERS = {"camera": passed, "mem:camera_check": forget_check}
PLACE = {CameraListed: lambda event: (event.lon, event.lat, None)}
