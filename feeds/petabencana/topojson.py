"""TopoJSON as GeoJSON features: shared arcs laid together, and the numbers of a grid made degrees.

https://github.com/topojson/topojson-specification: positions of a quantised topology are whole numbers of a
grid (`transform`), those of an arc each the step from the one before; an arc ~i is arc i backwards.
"""

from __future__ import annotations

import math
from typing import Any

from wallboard.errors import BadDocument

#: Positions in all arcs of a document; the flooded areas of the worst days have some 50,000.
MAX_POSITIONS = 500_000

#: … and in all its rings: an arc borders two areas.
MAX_LAID = 2 * MAX_POSITIONS

Position = tuple[float, float]


def features(topology: dict[str, Any]) -> list[Any]:
    """The geometries of all objects of a topology as features. Raises BadDocument where it is none.

    A geometry that cannot be laid together is None, as that of a thing without a place; what is no geometry
    at all is passed on as it is, for it may be any of those that were there before.
    """
    objects = topology.get("objects")
    if not isinstance(objects, dict) or not objects:
        raise BadDocument("the TopoJSON has no objects")
    members: list[Any] = []
    for thing in objects.values():
        whole = isinstance(thing, dict) and thing.get("type") == "GeometryCollection"
        listed = thing.get("geometries") if whole else [thing]
        if not isinstance(listed, list):
            raise BadDocument("a GeometryCollection of the TopoJSON has no list of geometries")
        members.extend(listed)
    if not members:
        return []  # the grid of nothing is of nulls: its bounds were infinite
    scale, translate = _transform(topology.get("transform"))
    arcs = _arcs(topology.get("arcs"), scale, translate)
    left = [MAX_LAID]
    return [_feature(member, arcs, scale, translate, left) for member in members]


def _feature(
    member: Any,
    arcs: list[list[Position]],
    scale: Position,
    translate: Position,
    left: list[int],
) -> Any:
    if not isinstance(member, dict):
        return member
    kind = member.get("type")
    coordinates: Any = None
    try:
        if kind == "Point":
            coordinates = list(_placed(member["coordinates"], scale, translate))
        elif kind == "Polygon":
            coordinates = [_ring(ring, arcs, left) for ring in member["arcs"]]
        elif kind == "MultiPolygon":
            coordinates = [[_ring(ring, arcs, left) for ring in polygon] for polygon in member["arcs"]]
    except (KeyError, IndexError, TypeError, ValueError):
        coordinates = None
    geometry = None if coordinates is None else {"type": kind, "coordinates": coordinates}
    properties = member.get("properties")
    return {"type": "Feature", "id": member.get("id"), "properties": properties, "geometry": geometry}


def _transform(transform: Any) -> tuple[Position, Position]:
    """(scale, translate) of a quantised topology; (0, 0) as scale where it is not quantised."""
    if transform is None:
        return (0.0, 0.0), (0.0, 0.0)
    try:
        (sx, sy), (tx, ty) = transform["scale"], transform["translate"]
        numbers = [float(number) for number in (sx, sy, tx, ty)]
    except (KeyError, TypeError, ValueError, OverflowError):
        raise BadDocument("the TopoJSON's transform is no scale and translate") from None
    if not all(math.isfinite(number) for number in numbers):
        raise BadDocument("the TopoJSON's transform is no scale and translate")
    return (numbers[0], numbers[1]), (numbers[2], numbers[3])


def _arcs(arcs: Any, scale: Position, translate: Position) -> list[list[Position]]:
    if not isinstance(arcs, list):
        raise BadDocument("the TopoJSON has no arcs")
    if sum(len(arc) for arc in arcs if isinstance(arc, list)) > MAX_POSITIONS:
        raise BadDocument(f"the TopoJSON has more than {MAX_POSITIONS} positions")
    return [_arc(arc, scale, translate) for arc in arcs]


def _arc(arc: Any, scale: Position, translate: Position) -> list[Position]:
    """An arc's positions; none where one of them is no pair of numbers, which spoils only its own areas."""
    found: list[Position] = []
    x = y = 0.0
    try:
        for step in arc:
            if scale == (0.0, 0.0):
                found.append(_pair(step))
                continue
            dx, dy = _pair(step)
            x, y = x + dx, y + dy
            found.append((x * scale[0] + translate[0], y * scale[1] + translate[1]))
    except (TypeError, ValueError, IndexError):
        return []
    return found


def _placed(position: Any, scale: Position, translate: Position) -> Position:
    x, y = _pair(position)
    return (x, y) if scale == (0.0, 0.0) else (x * scale[0] + translate[0], y * scale[1] + translate[1])


def _pair(position: Any) -> Position:
    try:
        x, y = float(position[0]), float(position[1])
    except (OverflowError, KeyError):  # a whole number of hundreds of digits; an object
        raise ValueError("a position is two numbers") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError("a position is two numbers")
    return x, y


def _ring(indexes: Any, arcs: list[list[Position]], left: list[int]) -> list[list[float]]:
    ring: list[list[float]] = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        if not arc:
            raise ValueError("a broken arc")
        # One arc of a thousand positions, named in a thousand rings, is a million.
        left[0] -= len(arc)
        if left[0] < 0:
            raise BadDocument(f"the TopoJSON's areas have more than {MAX_LAID} positions")
        # Neighbouring arcs share the position at which they meet.
        ring.extend(list(position) for position in (arc[1:] if ring else arc))
    return ring
