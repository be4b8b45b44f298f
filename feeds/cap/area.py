"""One CAP `area`: polygons and circles (latitude first, as CAP writes them) to [lon, lat], and its codes.

OASIS CAP 1.2, section 3.2.4: a polygon is four or more pairs "lat,lon", the last equal to the first; a
circle is "lat,lon radius", the radius in kilometres, where 0 is a point.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

import shapely

from feeds.cap.xml import children, plain, raw
from wallboard.events import HazardArea
from wallboard.text import title

Ring = tuple[tuple[float, float], ...]

#: A message keeps at most so many points: the largest real one (an Update of BMKG) has under 10,000. More
#: are thinned evenly, so the warning stays where it is.
MAX_POINTS = 20_000

#: Beyond these the rest of a hostile message is left out; the largest real alert has 120 polygons.
MAX_AREAS = 500
MAX_SHAPES = 2_000
MAX_CODES = 200

#: A circle wider than half the Earth's circumference is no place.
_MAX_RADIUS_KM = 20_000.0


@dataclass
class Shapes:
    """What one message may still use of its bounds, and what was noticed."""

    points: int = MAX_POINTS
    shapes: int = MAX_SHAPES
    flags: set[str] = field(default_factory=set)


def read_areas(info: Element, shapes: Shapes) -> tuple[HazardArea, ...]:
    """All areas of an `info`; a shape that cannot be used leaves a flag, its area stays."""
    found = list(children(info, "area"))
    if len(found) > MAX_AREAS:
        shapes.flags.add("areas_cut")
    return tuple(_area(each, shapes) for each in found[:MAX_AREAS])


def pairs(element: Element, name: str) -> tuple[tuple[str, str], ...]:
    """(valueName, value) of `geocode`, `eventCode`, `parameter`; CAP 1.0 wrote "name=value" instead."""
    found: list[tuple[str, str]] = []
    for child in children(element, name):
        key, value = raw(child, "valueName"), raw(child, "value")
        if not key and not len(child):
            key, _, value = (child.text or "").partition("=")
        if key.strip():
            found.append((title(plain(key)), title(plain(value))))
        if len(found) == MAX_CODES:
            break
    return tuple(found)


def _area(area: Element, shapes: Shapes) -> HazardArea:
    polygons: list[Ring] = []
    circles: list[tuple[float, float, float]] = []
    for child in _bounded(children(area, "polygon"), shapes):
        if ring := _polygon(child.text or "", shapes):
            polygons.append(ring)
    for child in _bounded(children(area, "circle"), shapes):
        if circle := _circle(child.text or "", shapes.flags):
            circles.append(circle)
    return HazardArea(
        text=plain(raw(area, "areaDesc"), limit=1000),
        polygons=tuple(polygons),
        circles=tuple(circles),
        geocodes=pairs(area, "geocode"),
    )


def _bounded(found: Iterable[Element], shapes: Shapes) -> Iterable[Element]:
    for element in found:
        if shapes.shapes == 0:
            shapes.flags.add("areas_cut")
            return
        shapes.shapes -= 1
        yield element


def _polygon(text: str, shapes: Shapes) -> Ring | None:
    flags = shapes.flags
    words = text.split()
    if not words:
        flags.add("empty_polygon")
        return None
    if len(words) > max(shapes.points, 4):
        words = words[:: math.ceil(len(words) / max(shapes.points, 4))]
        flags.add("thinned")
    points: list[tuple[float, float]] = []
    for word in words:
        # "-118.09," was seen in the wild: the comma at the end is taken off, and said.
        trimmed = word.strip(",")
        if trimmed != word:
            flags.add("mended_polygon")
        point = _point(trimmed)
        if point is None:
            flags.add("bad_polygon")
            return None
        points.append(point)
    shapes.points -= min(shapes.points, len(points))
    if points[0] != points[-1]:
        if "thinned" not in flags:
            flags.add("open_polygon")
        points.append(points[0])
    if len(points) < 4:
        flags.add("short_polygon")
        return None
    if not shapely.LinearRing(points).is_simple:
        flags.add("self_crossing")  # mended where it is laid over the districts
    return tuple(points)


def _circle(text: str, flags: set[str]) -> tuple[float, float, float] | None:
    where, _, radius = text.strip().partition(" ")
    point = _point(where)
    size = _number(radius)
    if point is None or size is None or not 0 <= size <= _MAX_RADIUS_KM:
        flags.add("bad_circle")
        return None
    return (*point, size)


def _point(word: str) -> tuple[float, float] | None:
    """ "lat,lon" as (lon, lat), or None where it is no place on Earth."""
    lat_text, comma, lon_text = word.partition(",")
    lat, lon = _number(lat_text), _number(lon_text)
    if not comma or lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180:
        return None
    return lon, lat


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None
