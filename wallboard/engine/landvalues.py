"""Land-value zones: the newest map on top, what changed since the one before, and each district's mean.

A value is identified by the time of its map ("2025", "2025-07"), which is not the time of the fetch. The same
zone of the same map fetched again changes nothing, another value is a correction, an older map that comes
late goes into the history. A district's value is the mean over its zones by the area that they cover; it is a
`metric` of the district, for lists and for the map.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import Any

import msgspec
import shapely
from shapely.geometry.base import BaseGeometry

from wallboard.engine.days import start_of
from wallboard.engine.order import marks
from wallboard.engine.world import World
from wallboard.entities import HazardCover, LandValue, Metric, Order
from wallboard.events import Gone, LandValued, Present
from wallboard.geofence.cover import sound_geometry
from wallboard.scope import CITY

#: Maps of one zone that are kept: a land office makes one a year.
HISTORY_MAPS = 10

#: Zones of a city; a land office draws a few hundred to two thousand. Beyond this they are refused.
MAX_ZONES = 3000

#: Corners of a zone on the map: an entity stays under 4 KB, and nobody sees more from 6 m.
MAX_CORNERS = 120

#: Simplified step by step until it fits (degrees; the first is 5 m).
_TOLERANCES = (5e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
_DIGITS = 5

#: That a zone is still listed is written down no more often than this (s).
HEARD_EVERY_S = 86400.0

MEMORY_KIND = "landvalue"
_PREFIX = "landvalue:"


class Valued(msgspec.Struct, frozen=True, array_like=True):
    """What one map says of a zone, and when we got it."""

    as_of: str
    value: int
    low: int | None
    high: int | None
    received_at: float


class ZoneMemory(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the entity does not say of a zone."""

    #: when its source last listed it
    heard_at: float
    #: of its polygons and the boundaries: a map that is fetched each day is laid on the districts once
    shape: str
    #: oldest map first
    maps: tuple[Valued, ...] = ()


def valued(world: World, event: LandValued) -> None:
    """Take what a map says of a zone."""
    id = f"{event.feed}/{event.source_id}"
    zone = world.get(LandValue, id)
    memory = world.recall(MEMORY_KIND, id, ZoneMemory)
    if zone is None and len(world.of_kind("landvalue")) >= MAX_ZONES:
        world.bury(event.feed, f"zone {event.source_id}: a city has at most {MAX_ZONES} of them", None)
        return
    new = Valued(event.as_of, event.value, event.low, event.high, event.received_at)
    maps = with_map(() if memory is None else memory.maps, new)
    heard_at = event.received_at
    if memory is not None and heard_at - memory.heard_at < HEARD_EVERY_S:
        heard_at = memory.heard_at
    described, shape = zone, "" if memory is None else memory.shape
    # An older map says nothing of the zone but its value, and so does an older word on the newest.
    order = None if zone is None else zone.order
    if zone is None or order is None or (event.as_of, event.received_at) >= (zone.as_of, order.seq):
        told = msgspec.json.encode((world.geofence.source, event.polygons))
        digest = hashlib.blake2b(told, digest_size=12).hexdigest()
        described = _described(world, event, zone if digest == shape else None)
        shape = digest
    assert described is not None
    shown = _judged(world, described, maps)
    if zone is None or msgspec.structs.replace(shown, order=zone.order) != zone:
        world.put(shown)
    after = ZoneMemory(heard_at, shape, maps)
    if after != memory:
        world.remember(MEMORY_KIND, id, after)


def with_map(maps: tuple[Valued, ...], new: Valued) -> tuple[Valued, ...]:
    """The maps with a new one; of one time the one received last holds."""
    by_time = {one.as_of: one for one in maps}
    known = by_time.get(new.as_of)
    if known is not None:
        same = (known.value, known.low, known.high) == (new.value, new.low, new.high)
        if same or new.received_at <= known.received_at:
            return maps
    by_time[new.as_of] = new
    return tuple(by_time[as_of] for as_of in sorted(by_time)[-HISTORY_MAPS:])


def _described(world: World, event: LandValued, same_shape: LandValue | None) -> LandValue:
    """The zone as the event names it, laid on the districts where its shape is another than before."""
    if same_shape is None:
        geometry, districts = _laid(world, event)
    else:
        geometry, districts = same_shape.geometry, same_shape.districts
    return LandValue(
        id=f"{event.feed}/{event.source_id}",
        scope=CITY,
        feed=event.feed,
        flags=marks(event),
        order=Order(0.0, event.received_at),
        name=event.name,
        use=event.use,
        source=event.source,
        geometry=geometry,
        districts=districts,
        where="city" if districts else "outside",
    )


def _laid(world: World, event: LandValued) -> tuple[dict[str, Any] | None, tuple[HazardCover, ...]]:
    parts = [shapely.Polygon(rings[0], rings[1:]) for rings in event.polygons]
    whole = sound_geometry(shapely.MultiPolygon(parts) if len(parts) > 1 else parts[0])
    if whole.is_empty or shapely.get_dimensions(whole) < 2:
        return None, ()
    by_code = world.geofence.boundaries.by_code
    covers = tuple(
        HazardCover(code=code, name=by_code[code].name, share=round(share, 4))
        for code, share in world.geofence.cover(whole)
    )
    return _drawn(whole), covers


def _drawn(shape: BaseGeometry) -> dict[str, Any]:
    """The shape for the map: simplified until it fits, at last its hull."""
    drawn = shape
    for tolerance in _TOLERANCES:
        if shapely.get_num_coordinates(drawn) <= MAX_CORNERS:
            break
        drawn = shapely.simplify(shape, tolerance)
    if shapely.get_num_coordinates(drawn) > MAX_CORNERS or drawn.is_empty:
        drawn = shapely.convex_hull(shapely.simplify(shape, _TOLERANCES[-1]))
    found: dict[str, Any] = msgspec.to_builtins(shapely.geometry.mapping(drawn))
    return {"type": found["type"], "coordinates": _rounded(found["coordinates"])}


def _rounded(coordinates: Any) -> Any:
    if isinstance(coordinates, int | float):
        return round(float(coordinates), _DIGITS)
    return [_rounded(each) for each in coordinates]


def _judged(world: World, zone: LandValue, maps: tuple[Valued, ...]) -> LandValue:
    """The zone with what follows from its maps."""
    newest = maps[-1]
    before = maps[-2] if len(maps) > 1 else None
    return msgspec.structs.replace(
        zone,
        at=min(starts(newest.as_of, world.city.city.time_zone), newest.received_at),
        fetched_at=newest.received_at,
        value=newest.value,
        low=newest.low,
        high=newest.high,
        as_of=newest.as_of,
        previous=before.value if before else None,
        previous_as_of=before.as_of if before else "",
        change=round(newest.value / before.value - 1, 4) if before else None,
        history=tuple((one.as_of, one.value) for one in maps),
    )


def starts(as_of: str, time_zone: str) -> float:
    """When the year, month or day begins (s since 1970)."""
    return start_of(f"{as_of}-01-01"[:10] if len(as_of) == 4 else f"{as_of}-01"[:10], time_zone)


def gone(world: World, event: Gone) -> None:
    """A zone has ended."""
    _end(world, f"{event.feed}/{event.source_id}", event.received_at)


def present(world: World, event: Present) -> None:
    """Zones that the whole map holds no more have ended."""
    listed = {f"{event.feed}/{id}" for id in event.ids}
    zones = [zone.id for zone in world.all(LandValue) if zone.feed == event.feed and zone.id not in listed]
    for id in zones:
        _end(world, id, event.received_at)


def _end(world: World, id: str, received_at: float) -> None:
    zone = world.get(LandValue, id)
    if zone is not None and zone.order is not None and zone.order.seq <= received_at:
        forget(world, id)


def forget(world: World, id: str) -> None:
    """Let go of a zone."""
    world.remove(LandValue, id)
    world.forget(MEMORY_KIND, id)


def _forgotten_at(world: World, memory: ZoneMemory) -> float:
    return memory.heard_at + world.city.retention.landvalue


def settle(world: World) -> None:
    """Give each district the mean of its zones, where a zone has changed."""
    if not world.touched("landvalue"):
        return
    shown = _means(world)
    for metric in [metric.id for metric in world.all(Metric) if metric.id.startswith(_PREFIX)]:
        if metric not in shown:
            world.remove(Metric, metric)
    for id, after in shown.items():
        before = world.get(Metric, id)
        after.at = world.now if before is None else before.at
        if after != before:
            world.put(msgspec.structs.replace(after, at=world.now))


def _means(world: World) -> dict[str, Metric]:
    """Metric of each district of any level that a zone covers."""
    boundaries = world.geofence.boundaries
    parts: defaultdict[str, list[tuple[float, LandValue]]] = defaultdict(list)
    for zone in world.all(LandValue):
        for cover in zone.districts:
            district = boundaries.by_code.get(cover.code)
            if district is not None:
                area = cover.share * district.area_m2
                for code in (cover.code, *(parent.code for parent in boundaries.parents(cover.code))):
                    parts[code].append((area, zone))
    return {f"{_PREFIX}{code}": _mean(world, code, parts[code]) for code in sorted(parts)}


def _mean(world: World, code: str, parts: list[tuple[float, LandValue]]) -> Metric:
    zone_of_time = world.city.city.time_zone
    whole = sum(area for area, _ in parts) or 1.0
    value = sum(area * zone.value for area, zone in parts) / whole
    figures = {"zones": float(len({zone.id for _, zone in parts}))}
    # How it changed is known where every zone has an earlier map.
    if all(zone.previous for _, zone in parts):
        before = sum(area * float(zone.previous or 0) for area, zone in parts) / whole
        figures["previous"] = float(round(before))
        figures["change"] = round(value / before - 1, 4)
    return Metric(
        id=f"{_PREFIX}{code}",
        scope=CITY,
        value=float(round(value)),
        unit="Rp/m²",
        name=world.geofence.boundaries.by_code[code].name,
        since=min(starts(zone.as_of, zone_of_time) for _, zone in parts),
        until=max(starts(zone.as_of, zone_of_time) for _, zone in parts),
        figures=figures,
    )


EVENTS = {LandValued: valued}
GONE = {"landvalue": gone}
PRESENT = {"landvalue": present}
MEMORY: dict[str, type] = {MEMORY_KIND: ZoneMemory}
DUE = {f"mem:{MEMORY_KIND}": _forgotten_at}
TIMERS = {f"mem:{MEMORY_KIND}": forget}
