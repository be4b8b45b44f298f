"""Which district a point lies in, how sure that is, and what a hazard covers. Pure: no I/O, no clock.

The rules are those of DESIGN section 5; `docs/districts.md` tells them to an operator. One point at a time
and many at once give the same answer to the last bit, on every node, whatever the order of the file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from wallboard.boundaries import Boundaries
from wallboard.geofence.cellgrid import CellGrid, Ints
from wallboard.geofence.cover import circle, covered_shares, sound_geometry
from wallboard.geofence.edgefield import SAME_M, EdgeField
from wallboard.place import Confidence, Place, Ref
from wallboard.plane import Floats

__all__ = ["Geofence", "circle"]

#: Piers, new land and gaps between badly drawn districts lie within this of the city; the next city's streets
#: begin there too, so it is short, and what it catches is marked ``nearest``.
GAP_LIMIT_M = 500.0

#: A telephone's GPS between houses; used where a source does not say how exact it is.
DEFAULT_ACCURACY_M = 10.0

#: A mast's cell out of town. A source that is worse still would make every district a candidate.
MAX_ACCURACY_M = 5_000.0

#: The pair was exchanged at its source, it seems; somebody has to mend the source.
SWAPPED = "swapped_suspected"
#: 0, 0 is what software writes when it has no position.
NULL_ISLAND = "null_island"
#: No such longitude or latitude exists.
OUT_OF_RANGE = "out_of_range"


class Geofence:
    """Assigns points to the districts of one set of boundaries.

    The grids are built with the first point, so that an engine that starts says first that it lives. Safe to
    share between threads after that.
    """

    def __init__(
        self,
        boundaries: Boundaries,
        *,
        gap_limit_m: float = GAP_LIMIT_M,
        default_accuracy_m: float = DEFAULT_ACCURACY_M,
    ) -> None:
        self.boundaries = boundaries
        self.gap_limit_m = gap_limit_m
        self.default_accuracy_m = default_accuracy_m
        self.source = " ".join(filter(None, (boundaries.source, boundaries.version, boundaries.digest)))
        self._lowest = boundaries.lowest
        self._plane = plane = boundaries.plane
        self._lon, self._lat = plane.lon, plane.lat
        self._per_lon, self._per_lat = plane.metres_per_degree
        self._flat = plane.to_plane(boundaries.geometries)
        self._areas = shapely.area(self._flat)
        self._tree = shapely.STRtree(self._flat)
        self._boxes = tuple(np.ascontiguousarray(side) for side in shapely.bounds(self._flat).T)
        shapely.prepare(self._flat)
        # Built now, so that threads only read them; see CellGrid.
        shapely.dwithin(self._flat, shapely.points(0.0, 0.0), 1.0)
        parents = {
            district.code: tuple(Ref(up.code, up.name, up.level) for up in boundaries.parents(district.code))
            for district in boundaries.lowest
        }
        self._answers = [(each.code, each.name, parents[each.code]) for each in boundaries.lowest]

    @cached_property
    def _grid(self) -> CellGrid:
        return CellGrid(self.boundaries.geometries, self._plane)

    @cached_property
    def _edges(self) -> EdgeField:
        return EdgeField(self._flat, self.gap_limit_m, self._flat_inside)

    def locate(self, lon: float | None, lat: float | None, accuracy_m: float | None = None) -> Place:
        """The place of one point in degrees; ``accuracy_m`` as the source gives it, or None."""
        if lon is None or lat is None or not (math.isfinite(lon) and math.isfinite(lat)):
            return Place(source=self.source)
        index, several = self._grid.first_of(lon, lat)
        x, y = (lon - self._lon) * self._per_lon, (lat - self._lat) * self._per_lat
        accuracy = self.default_accuracy_m if accuracy_m is None else self._accuracy(accuracy_m)
        if index >= 0:
            edge = self._edges.distance(x, y)
            if edge <= accuracy + SAME_M or several:
                return self._near(lon, lat, index, edge, self._others(x, y, accuracy, index))
            return self._found(lon, lat, index, edge, "inside", ())
        edge, index = self._edges.nearest(x, y)
        if edge <= self.gap_limit_m:
            return self._gap(lon, lat, index, edge, self._others(x, y, edge + accuracy, index))
        return self._outside(lon, lat)

    def locate_many(
        self,
        lons: Sequence[float | None] | Floats,
        lats: Sequence[float | None] | Floats,
        accuracies_m: Sequence[float | None] | Floats | None = None,
    ) -> list[Place]:
        """``locate`` for many points, in their order; None and NaN are points without a location."""
        lon, lat = np.asarray(lons, np.float64), np.asarray(lats, np.float64)
        if lon.shape != lat.shape or lon.ndim != 1:
            raise ValueError(f"{lon.size} longitudes and {lat.size} latitudes are not one list of points")
        accuracy = self._accuracies(accuracies_m, len(lon))
        with np.errstate(over="ignore", invalid="ignore"):  # nonsense such as 1e308 is just far away
            index, several = self._grid.first_of_many(lon, lat)
            x, y = (lon - self._lon) * self._per_lon, (lat - self._lat) * self._per_lat
            edge = self._edges.distances(x, y)
            far = self._plainly_outside(lon, lat, (index < 0) & (edge > self.gap_limit_m))
        near = np.flatnonzero((index >= 0) & ((edge <= accuracy + SAME_M) | several))
        gap = np.flatnonzero((index < 0) & (edge <= self.gap_limit_m))
        index[gap] = [
            self._edges.nearest(*at)[1] for at in zip(x[gap].tolist(), y[gap].tolist(), strict=True)
        ]
        near_others = self._others_of_many(x[near], y[near], accuracy[near], index[near])
        gap_others = self._others_of_many(x[gap], y[gap], edge[gap] + accuracy[gap], index[gap])
        source, answers = self.source, self._answers
        decimetres = (np.floor(np.where(index >= 0, edge, 0) * 10 + 0.5) / 10).tolist()
        far_list = far.tolist()
        lon_list, lat_list, index_list = lon.tolist(), lat.tolist(), index.tolist()
        places: list[Place] = []
        for at, found in enumerate(index_list):
            if found >= 0:
                code, name, parents = answers[found]
                places.append(
                    Place(
                        lon=lon_list[at],
                        lat=lat_list[at],
                        district=code,
                        name=name,
                        parents=parents,
                        confidence="inside",
                        edge_m=decimetres[at],
                        source=source,
                    )
                )
            elif far_list[at]:
                places.append(Place(lon=lon_list[at], lat=lat_list[at], confidence="outside", source=source))
            else:
                # The few without a usable pair go one by one.
                places.append(self.locate(lon_list[at], lat_list[at], accuracy[at].item()))
        for at, codes in zip(near.tolist(), near_others, strict=True):
            places[at] = self._near(lon_list[at], lat_list[at], index_list[at], edge[at].item(), codes)
        for at, codes in zip(gap.tolist(), gap_others, strict=True):
            places[at] = self._gap(lon_list[at], lat_list[at], index_list[at], edge[at].item(), codes)
        return places

    def assign_many(self, lons: Floats, lats: Floats) -> Ints:
        """Index into ``boundaries.lowest`` of the district of each point, -1 outside; no gap rule here."""
        return self._grid.first_of_many(np.asarray(lons, np.float64), np.asarray(lats, np.float64))[0]

    def cover(self, geometry: BaseGeometry) -> list[tuple[str, float]]:
        """Districts of the lowest level that a hazard covers, with the share of their area, largest first.

        ``geometry`` in degrees, valid or not. A point or a line has no area: its districts come with 0.0.
        """
        sound = sound_geometry(geometry)
        if sound.geom_type == "Point" and not sound.is_empty:
            district = self.locate(*shapely.get_coordinates(sound)[0].tolist()).district
            return [(district, 0.0)] if district else []
        shares = covered_shares(self._plane.to_plane(sound), self._flat, self._areas, self._tree)
        named = [(self._lowest[index].code, share) for index, share in shares]
        return sorted(named, key=lambda pair: (-pair[1], pair[0]))

    def points_in(self, geometry: BaseGeometry, lons: Floats, lats: Floats) -> npt.NDArray[np.bool_]:
        """Which of many points (cameras, incidents) lie in a hazard's geometry; its border counts."""
        sound = sound_geometry(geometry)
        shapely.prepare(sound)
        found: npt.NDArray[np.bool_] = np.asarray(
            shapely.intersects_xy(sound, np.asarray(lons, np.float64), np.asarray(lats, np.float64)), np.bool_
        )
        return found

    def _found(
        self, lon: float, lat: float, index: int, edge: float, confidence: Confidence, others: tuple[str, ...]
    ) -> Place:
        code, name, parents = self._answers[index]
        return Place(
            lon=lon,
            lat=lat,
            district=code,
            name=name,
            parents=parents,
            confidence=confidence,
            edge_m=_decimetre(edge),
            candidates=others,
            source=self.source,
        )

    def _near(self, lon: float, lat: float, index: int, edge: float, others: tuple[str, ...]) -> Place:
        # Within its accuracy of the coast there is no other district: that is no doubt.
        return self._found(lon, lat, index, edge, "near_edge" if others else "inside", others)

    def _gap(self, lon: float, lat: float, index: int, edge: float, others: tuple[str, ...]) -> Place:
        if lon == 0 and lat == 0 and edge > SAME_M:
            return Place(lon=lon, lat=lat, flags=(NULL_ISLAND,), source=self.source)
        return self._found(lon, lat, index, edge, "nearest", others)

    def _outside(self, lon: float, lat: float) -> Place:
        if lon == 0 and lat == 0:
            return Place(lon=lon, lat=lat, flags=(NULL_ISLAND,), source=self.source)
        if self._in_city(lat, lon):
            return Place(lon=lon, lat=lat, confidence="outside", flags=(SWAPPED,), source=self.source)
        if abs(lon) > 180 or abs(lat) > 90:
            return Place(lon=lon, lat=lat, flags=(OUT_OF_RANGE,), source=self.source)
        return Place(lon=lon, lat=lat, confidence="outside", source=self.source)

    def _plainly_outside(self, lon: Floats, lat: Floats, far: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Of the points that are ``far``, those that are no special case of ``_outside``."""
        plain: npt.NDArray[np.bool_] = (
            far & (np.abs(lon) <= 180) & (np.abs(lat) <= 90) & ((lon != 0) | (lat != 0))
        )
        at = np.flatnonzero(plain)
        turned = self._grid.first_of_many(lat[at], lon[at])[0] >= 0
        x, y = (lat[at] - self._lon) * self._per_lon, (lon[at] - self._lat) * self._per_lat
        plain[at] = ~(turned | (self._edges.distances(x, y) <= self.gap_limit_m))
        return plain

    def _in_city(self, lon: float, lat: float) -> bool:
        if self._grid.first_of(lon, lat)[0] >= 0:
            return True
        x, y = (lon - self._lon) * self._per_lon, (lat - self._lat) * self._per_lat
        return self._edges.distance(x, y) <= self.gap_limit_m

    def _others(self, x: float, y: float, reach: float, index: int) -> tuple[str, ...]:
        """Codes of the other districts within ``reach`` metres of a point of the plane."""
        reach += SAME_M
        west, south, east, north = self._boxes  # a comparison of all boxes is faster than one tree query
        boxed = (west <= x + reach) & (east >= x - reach) & (south <= y + reach) & (north >= y - reach)
        boxed[index] = False
        at = np.flatnonzero(boxed)
        if not len(at):
            return ()
        close = shapely.dwithin(self._flat[at], shapely.Point(x, y), reach)
        return tuple(sorted(self._lowest[which].code for which in at[close].tolist()))

    def _others_of_many(self, x: Floats, y: Floats, reach: Floats, index: Ints) -> list[tuple[str, ...]]:
        reach = reach + SAME_M
        found: list[list[str]] = [[] for _ in range(len(x))]
        if len(x):
            point, district = self._tree.query(shapely.box(x - reach, y - reach, x + reach, y + reach))
            other = district != index[point]
            point, district = point[other], district[other]
            points = np.asarray(shapely.points(x, y))
            close = shapely.dwithin(self._flat[district], points[point], reach[point])
            for at, which in zip(point[close].tolist(), district[close].tolist(), strict=True):
                found[at].append(self._lowest[which].code)
        return [tuple(sorted(codes)) for codes in found]

    def _flat_inside(self, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
        lons, lats = x / self._per_lon + self._lon, y / self._per_lat + self._lat
        inside: npt.NDArray[np.bool_] = self.assign_many(lons, lats) >= 0
        return inside

    def _accuracy(self, accuracy_m: float) -> float:
        if not accuracy_m >= 0:  # NaN too
            return self.default_accuracy_m
        return min(accuracy_m, MAX_ACCURACY_M)

    def _accuracies(self, given: Any, count: int) -> Floats:
        if given is None:
            return np.full(count, self.default_accuracy_m)
        accuracy = np.asarray(given, np.float64)
        if accuracy.shape != (count,):
            raise ValueError(f"{accuracy.size} accuracies for {count} points")
        usable = accuracy >= 0
        return np.where(usable, np.minimum(accuracy, MAX_ACCURACY_M), self.default_accuracy_m)


def _decimetre(metres: float) -> float:
    """Rounded as ``locate_many`` does it: Python's own round() would differ from numpy's in the last bit."""
    return math.floor(metres * 10 + 0.5) / 10
