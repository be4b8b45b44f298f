"""Which district a point lies in: a grid of cells that no border crosses, and exact geometry for the rest."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from wallboard.plane import Floats, Plane

Ints = npt.NDArray[np.int32]

OUTSIDE = -1
#: A cell with a border in it, or one that several districts claim: only exact geometry can tell. Its value is
#: this or less, and counts down through the list of such cells.
MIXED = -2

#: 2 million cells are 8 MB and about 65 m for all of Jakarta with its islands: four of five points in the
#: city then need no geometry. Four times as many would save little more and cost each process 24 MB.
MAX_CELLS = 2_000_000

#: Cells smaller than this are smaller than any source's accuracy, for a small city in a fine grid.
_MIN_CELL_M = 5.0

#: Borders are widened by this part of a cell, so that rounding cannot leave a touched cell unmarked.
_PAD = 1e-6


class CellGrid:
    """Points → index of the first geometry that has them (the order of ``geometries`` is the preference)."""

    def __init__(self, geometries: npt.NDArray[np.object_], plane: Plane) -> None:
        self._geometries = geometries
        shapely.prepare(geometries)
        # Prepared geometries build their index at first use: now, so that threads later only read it.
        shapely.intersects_xy(geometries, *_middle_of_each(geometries))
        tree = shapely.STRtree(geometries)
        self._lay(plane)
        self._cells = self._fill(self._border_cells(), tree)
        self._list_claimants(tree)
        # Views of plain numbers: one element of a numpy array takes three times as long to read.
        self._flat_cells = self._cells.reshape(-1).data
        self._begin_view, self._claimants_view = self._begin.data, self._claimants.data

    def first_of(self, lon: float, lat: float) -> tuple[int, bool]:
        """The first geometry with the point, or OUTSIDE; and whether several have it."""
        across, up = (lon - self._west) * self._per_lon, (lat - self._south) * self._per_lat
        if not (0 <= across < self._columns and 0 <= up < self._rows):
            return OUTSIDE, False
        known = self._flat_cells[int(up) * self._columns + int(across)]
        if known > MIXED:
            return known, False
        begin, end = self._begin_view[MIXED - known], self._begin_view[MIXED - known + 1]
        hit = shapely.intersects_xy(self._claimed[begin:end], lon, lat)
        count = int(np.count_nonzero(hit))
        return (self._claimants_view[begin + int(np.argmax(hit))], count > 1) if count else (OUTSIDE, False)

    def first_of_many(self, lons: Floats, lats: Floats) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """The same as ``first_of`` for arrays; NaN is OUTSIDE."""
        across, up = (lons - self._west) * self._per_lon, (lats - self._south) * self._per_lat
        on_grid = (across >= 0) & (across < self._columns) & (up >= 0) & (up < self._rows)
        if on_grid.all():
            found = self._cells[up.astype(np.int32), across.astype(np.int32)]
        else:
            found = np.full(len(lons), OUTSIDE, np.int32)
            found[on_grid] = self._cells[up[on_grid].astype(np.int32), across[on_grid].astype(np.int32)]
        several = np.zeros(len(lons), np.bool_)
        open_ = np.flatnonzero(found <= MIXED)
        if len(open_):
            found[open_], several[open_] = self._exact(lons[open_], lats[open_], MIXED - found[open_])
        return found, several

    def _exact(self, lons: Floats, lats: Floats, slot: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
        count = self._begin[slot + 1] - self._begin[slot]
        first = np.cumsum(count) - count
        point = np.repeat(np.arange(len(lons)), count)
        entry = np.arange(len(point)) + np.repeat(self._begin[slot] - first, count)
        hit = np.asarray(shapely.intersects_xy(self._claimed[entry], lons[point], lats[point]))
        return self._first_hit(len(lons), point[hit], self._claimants[entry[hit]])

    def _first_hit(self, points: int, point: Any, geometry: Any) -> tuple[Ints, npt.NDArray[np.bool_]]:
        found = np.full(points, len(self._geometries), np.int64)
        np.minimum.at(found, point, geometry)
        found[found == len(self._geometries)] = OUTSIDE
        return found.astype(np.int32), np.bincount(point, minlength=points) > 1

    def _lay(self, plane: Plane) -> None:
        west, south, east, north = shapely.total_bounds(self._geometries).tolist()
        per_lon, per_lat = plane.metres_per_degree
        width, height = (east - west) * per_lon, (north - south) * per_lat
        side = max(math.sqrt(width * height / MAX_CELLS), max(width, height) / 30_000, _MIN_CELL_M)
        # Half a cell of margin: the outermost border lies inside the grid, not on its rim.
        self._per_lon, self._per_lat = per_lon / side, per_lat / side
        self._west, self._south = west - 0.5 / self._per_lon, south - 0.5 / self._per_lat
        self._columns, self._rows = int(width / side) + 2, int(height / side) + 2

    def _border_cells(self) -> npt.NDArray[np.bool_]:
        """Every cell that a border touches (and a few beside): longer pieces are cut to a cell's size."""
        start, end = segments(self._geometries)
        origin, scale = np.array([self._west, self._south]), np.array([self._per_lon, self._per_lat])
        start, end = (start - origin) * scale, (end - origin) * scale
        pieces = np.maximum(np.ceil(np.abs(end - start).max(axis=1)), 1).astype(np.int64)
        which = np.repeat(np.arange(len(start)), pieces)
        step = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        along = (end - start)[which] / pieces[which, None]
        begin = start[which] + along * step[:, None]
        finish = begin + along
        low = np.floor(np.minimum(begin, finish) - _PAD).astype(np.int64)
        high = np.floor(np.maximum(begin, finish) + _PAD).astype(np.int64)
        mixed = np.zeros((self._rows, self._columns), np.bool_)
        for right in range(3):  # a piece as long as a cell touches three at most, the pad counted
            for above in range(3):
                column, row = low[:, 0] + right, low[:, 1] + above
                hit = (column <= high[:, 0]) & (row <= high[:, 1])
                mixed[row[hit], column[hit]] = True
        return mixed

    def _fill(self, mixed: npt.NDArray[np.bool_], tree: shapely.STRtree) -> Ints:
        """Cells side by side without a border between them have one answer: one look-up a run of a row."""
        starts = ~mixed
        starts[:, 1:] &= mixed[:, :-1]
        lons, lats = self._middles(*np.nonzero(starts))
        # A box query first: the tree's own predicate would prepare each point instead of the polygons.
        point, geometry = tree.query(shapely.points(lons, lats))
        hit = shapely.intersects_xy(self._geometries[geometry], lons[point], lats[point])
        answer, several = self._first_hit(len(lons), point[hit], geometry[hit])
        answer[several] = MIXED
        run = np.cumsum(starts.reshape(-1)).reshape(mixed.shape)
        cells: Ints = np.concatenate([np.array([MIXED], np.int32), answer])[run]
        cells[mixed] = MIXED
        return cells

    def _list_claimants(self, tree: shapely.STRtree) -> None:
        """For each mixed cell the geometries that reach into it, in order of preference."""
        rows, columns = np.nonzero(self._cells == MIXED)
        self._cells[rows, columns] = MIXED - np.arange(len(rows), dtype=np.int32)
        lons, lats = self._middles(rows, columns)
        half_lon, half_lat = (0.5 + _PAD) / self._per_lon, (0.5 + _PAD) / self._per_lat
        boxes = shapely.box(lons - half_lon, lats - half_lat, lons + half_lon, lats + half_lat)
        cell, geometry = tree.query(boxes)
        reached = shapely.intersects(self._geometries[geometry], boxes[cell])
        cell, geometry = cell[reached], geometry[reached]
        order = np.lexsort((geometry, cell))
        self._claimants = geometry[order].astype(np.int32)
        self._claimed = self._geometries[self._claimants]
        self._begin = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=len(rows)))])

    def _middles(self, rows: Any, columns: Any) -> tuple[Floats, Floats]:
        return self._west + (columns + 0.5) / self._per_lon, self._south + (rows + 0.5) / self._per_lat


def segments(geometries: Any) -> tuple[Floats, Floats]:
    """Both ends of every border line of the geometries, as (n, 2) arrays; lines of no length left out."""
    start, end, _ = owned_segments(geometries)
    return start, end


def owned_segments(geometries: Any) -> tuple[Floats, Floats, Ints]:
    """``segments`` with the index of the geometry that each line belongs to."""
    polygons, whose = shapely.get_parts(geometries, return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    joined = (ring[1:] == ring[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    return points[:-1][joined], points[1:][joined], whose[polygon[ring[:-1][joined]]].astype(np.int32)


def _middle_of_each(geometries: Any) -> tuple[Floats, Floats]:
    bounds = shapely.bounds(geometries)
    return (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
