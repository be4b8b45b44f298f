"""What a hazard covers: its geometry made sound, and the part of each district that lies in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from wallboard.plane import Floats, Plane

#: Warning areas are drawn along district borders by hand: what spills over by less than this part of a
#: district's area is a sliver and warns nobody.
MIN_COVER_SHARE = 0.01

#: A hazard that lies in the city by this part and makes no district's share (a small fire in a large one)
#: counts for the district that has most of it, so that nothing in the city warns nobody.
_MAINLY = 0.5

#: Mending costs more than the square of the corners when lines cross at random: 2,000 in no order hold the
#: engine up for 15 s. Beyond this many corners, or places where its lines cross, an invalid polygon is
#: replaced by its convex hull: warning somebody too many is the safe mistake. What people draw crosses itself
#: a few times.
MAX_MENDED_CORNERS = 2_000
MAX_CROSSINGS = 1_000

#: 32 corners a quarter of a circle: its area is right to 0.04 %.
_QUARTER_CORNERS = 32


def circle(lon: float, lat: float, radius_km: float) -> BaseGeometry:
    """A circle on the ground as a polygon in degrees; radius 0 (CAP 1.2: a place alone) is a point."""
    if radius_km <= 0:
        return shapely.Point(lon, lat)
    plane = Plane(lon, lat)
    ring: BaseGeometry = plane.to_degrees(shapely.Point(0, 0).buffer(radius_km * 1000, _QUARTER_CORNERS))
    return ring


def sound_geometry(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry valid and without overlaps in itself: areas if it has any, else its lines and points."""
    geometry = shapely.force_2d(geometry)
    if geometry.is_empty or (
        geometry.is_valid and geometry.geom_type in ("Polygon", "MultiPolygon", "Point")
    ):
        return geometry
    parts = [_mended(part) for part in _single_parts(geometry)]
    areas = [part for part in parts if shapely.get_dimensions(part) == 2]
    return shapely.union_all(areas or parts)


def covered_shares(
    flat: BaseGeometry, districts: npt.NDArray[np.object_], areas: Floats, tree: Any
) -> list[tuple[int, float]]:
    """(index, share of the district's area) for a sound geometry in the plane of the districts."""
    if flat.is_empty:
        return []
    index = np.sort(tree.query(flat, predicate="intersects"))
    if shapely.get_dimensions(flat) < 2:
        return [(at, 0.0) for at in index.tolist()]
    common = shapely.area(shapely.intersection(districts[index], flat))
    shares = np.minimum(common / areas[index], 1.0)
    enough = shares >= MIN_COVER_SHARE
    if len(index) and not enough.any() and common.sum() >= _MAINLY * flat.area:
        enough = np.arange(len(index)) == int(np.argmax(common))
    return list(zip(index[enough].tolist(), shares[enough].tolist(), strict=True))


def _single_parts(geometry: BaseGeometry) -> list[BaseGeometry]:
    """Collections may hold collections; their single parts."""
    if not hasattr(geometry, "geoms"):
        return [geometry]
    return [single for part in shapely.get_parts(geometry) for single in _single_parts(part)]


def _crossings(part: BaseGeometry) -> int:
    """About how often the lines of a polygon meet where they are not neighbours."""
    rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(part)]
    if not rings:
        return 0
    lines: Any = shapely.linestrings(
        np.concatenate([np.stack((ring[:-1], ring[1:]), axis=1) for ring in rings])
    )
    meetings = shapely.STRtree(lines).query(lines, predicate="intersects").shape[1]
    # Each line meets itself and its two neighbours; a crossing is found from both of its lines.
    return max(0, int(meetings) - 3 * len(lines)) // 2


def _mended(part: BaseGeometry) -> BaseGeometry:
    if part.is_valid:
        return part
    if shapely.get_num_coordinates(part) > MAX_MENDED_CORNERS or _crossings(part) > MAX_CROSSINGS:
        return shapely.convex_hull(part)
    return shapely.make_valid(part, method="structure", keep_collapsed=False)
