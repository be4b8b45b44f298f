"""How far the nearest border is: a quadtree whose leaves hold the few lines that can be nearest there."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from wallboard.geofence.cellgrid import Ints, owned_segments
from wallboard.plane import Floats

#: A leaf is cut in four while it holds more lines than this. Measured for Jakarta: 8 takes twice the memory
#: and time to build for a tenth of the look-up; 24 makes single look-ups slower.
_LEAF_LINES = 16

#: A leaf this small is not cut further: where many short lines meet, or lie around one middle, cutting helps
#: nobody and would never end. Jakarta: 234,000 squares and 3.1 million lines, 27 MB.
_MIN_SIDE_M = 100.0

#: What a distance of up to 100 km may lose as a float32.
_ROUNDING_M = 0.01

#: Lines are kept in memory by squares of this side, about the reach of a look-up.
_BLOCK_M = 250.0

#: Distances closer than this are one distance seen through different roundings.
SAME_M = 1e-6

#: Points are handled in runs of this many, so that what they unfold to stays in the processor's cache.
_RUN = 16_384


class EdgeField:
    """Metres to the nearest border of any district: exact inside, and up to ``reach_m`` outside."""

    def __init__(
        self,
        flat: npt.NDArray[np.object_],
        reach_m: float,
        is_inside: Callable[[Floats, Floats], npt.NDArray[np.bool_]],
    ) -> None:
        """``flat``: geometries in metres; ``is_inside``: whether points in metres lie in one of them."""
        self._take_lines(flat)
        ends = self._ax, self._ay, self._ax + self._dx, self._ay + self._dy
        west, east = min(ends[0].min(), ends[2].min()), max(ends[0].max(), ends[2].max())
        south, north = min(ends[1].min(), ends[3].min()), max(ends[1].max(), ends[3].max())
        self._middle = float((west + east) / 2), float((south + north) / 2)
        self._half = float(max(east - west, north - south) / 2 + reach_m + 1)
        self._build(reach_m, is_inside)

    def distance(self, x: float, y: float) -> float:
        """Metres from a point of the plane; inf beyond the reach."""
        best, best_square = math.inf, math.inf
        begin, end, off_middle = self._leaf_at(x, y)
        lines, numbers, from_middle = self._whole_lines, self._lines_view, self._from_middle_view
        for at in range(begin, end):
            if from_middle[at] - off_middle > best:
                break  # and so are all that follow
            ax, ay, dx, dy, over, _ = lines[numbers[at]]
            along = ((x - ax) * dx + (y - ay) * dy) * over
            if along < 0.0:
                along = 0.0
            elif along > 1.0:
                along = 1.0
            off_x = ax + along * dx - x
            off_y = ay + along * dy - y
            square = off_x * off_x + off_y * off_y
            if square < best_square:
                best, best_square = math.sqrt(square), square
        return best

    def nearest(self, x: float, y: float) -> tuple[float, int]:
        """``distance``, and the first geometry that has a border there; (inf, -1) beyond the reach."""
        found: list[tuple[float, int]] = []
        begin, end, _ = self._leaf_at(x, y)
        for line in self._lines_view[begin:end]:
            ax, ay, dx, dy, over, owner = self._whole_lines[line]
            along = ((x - ax) * dx + (y - ay) * dy) * over
            along = 0.0 if along < 0.0 else 1.0 if along > 1.0 else along
            off_x, off_y = ax + along * dx - x, ay + along * dy - y
            found.append((math.sqrt(off_x * off_x + off_y * off_y), owner))
        if not found:
            return math.inf, -1
        best = min(found)[0]
        return best, min(owner for distance, owner in found if distance <= best + SAME_M)

    def distances(self, x: Floats, y: Floats) -> Floats:
        """``distance`` for arrays."""
        found = np.full(len(x), math.inf)
        for at in range(0, len(x), _RUN):
            px, py = x[at : at + _RUN], y[at : at + _RUN]
            leaf = self._leaves(px, py)
            count = self._start[leaf + 1] - self._start[leaf]
            if not count.all():
                some = np.flatnonzero(count)
                px, py, leaf, count = px[some], py[some], leaf[some], count[some]
                if not len(some):
                    continue
            else:
                some = np.arange(len(px))
            first = np.cumsum(count) - count
            spread = np.arange(first[-1] + count[-1]) + np.repeat(self._start[leaf] - first, count)
            line = self._lines[spread]
            square = self._squares(np.repeat(px, count), np.repeat(py, count), line)
            found[at + some] = np.sqrt(np.minimum.reduceat(square, first))
        return found

    def _squares(self, x: Floats, y: Floats, line: Ints) -> Floats:
        """The same operations in the same order as ``distance``, so that both give the same bits."""
        ax, ay, dx, dy = self._ax[line], self._ay[line], self._dx[line], self._dy[line]
        along = ((x - ax) * dx + (y - ay) * dy) * self._over[line]
        np.clip(along, 0.0, 1.0, out=along)
        off_x, off_y = ax + along * dx - x, ay + along * dy - y
        squares: Floats = off_x * off_x + off_y * off_y
        return squares

    def _leaf_at(self, x: float, y: float) -> tuple[int, int, float]:
        """Where the leaf's lines begin and end in the list, and how far its middle is from the point."""
        middle_x, middle_y = self._middle
        half, node, child = self._half, 0, self._child_view
        if not (abs(x - middle_x) <= half and abs(y - middle_y) <= half):
            return 0, 0, 0.0
        while (first := child[node]) >= 0:
            half *= 0.5
            node = first
            if x >= middle_x:
                node += 1
                middle_x += half
            else:
                middle_x -= half
            if y >= middle_y:
                node += 2
                middle_y += half
            else:
                middle_y -= half
        return self._start_view[node], self._start_view[node + 1], math.hypot(x - middle_x, y - middle_y)

    def _leaves(self, x: Floats, y: Floats) -> npt.NDArray[np.int64]:
        node = np.zeros(len(x), np.int64)
        middle_x, middle_y = np.full(len(x), self._middle[0]), np.full(len(x), self._middle[1])
        half = self._half
        beyond = ~((np.abs(x - middle_x) <= half) & (np.abs(y - middle_y) <= half))
        while True:
            first = self._child[node]
            further = first >= 0
            if not further.any():
                break
            half *= 0.5
            right, above = x >= middle_x, y >= middle_y
            node = np.where(further, first + right + 2 * above, node)
            middle_x += np.where(right, half, -half)
            middle_y += np.where(above, half, -half)
        node[beyond] = self._nowhere
        return node

    def _take_lines(self, flat: npt.NDArray[np.object_]) -> None:
        """Lines of the borders, each once: neighbours share theirs, and the first geometry owns it."""
        start, end, owner = owned_segments(flat)
        turned = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
        start[turned], end[turned] = end[turned], start[turned]
        both = np.concatenate([start, end], axis=1)
        # Sorted by place, then owner: which lines there are does not depend on the order in the file.
        order = np.lexsort((owner, both[:, 3], both[:, 2], both[:, 1], both[:, 0]))
        both, owner = both[order], owner[order]
        new = np.ones(len(both), np.bool_)
        new[1:] = (both[1:] != both[:-1]).any(axis=1)
        both, owner = both[new], owner[new]
        # Neighbours in the city become neighbours in memory: half the time of a look-up is waiting for it.
        block = np.floor(both[:, :2] / _BLOCK_M)
        near = np.lexsort((block[:, 0], block[:, 1]))
        both, owner = both[near], owner[near]
        self._ax, self._ay = both[:, 0].copy(), both[:, 1].copy()
        self._dx, self._dy = both[:, 2] - self._ax, both[:, 3] - self._ay
        self._over = 1.0 / (self._dx * self._dx + self._dy * self._dy)
        columns = self._ax, self._ay, self._dx, self._dy, self._over, owner
        self._whole_lines = list(zip(*(column.tolist() for column in columns), strict=True))

    def _build(self, reach_m: float, is_inside: Callable[[Floats, Floats], npt.NDArray[np.bool_]]) -> None:
        """Level by level: a line stays in a square while it can be nearest to some point of it."""
        child: list[npt.NDArray[np.int64]] = []
        leaf_lines: list[Ints] = []
        leaf_distances: list[Floats] = []
        leaf_counts: list[npt.NDArray[np.int64]] = []
        x, y = np.array([self._middle[0]]), np.array([self._middle[1]])
        half = self._half
        lines = np.arange(len(self._ax), dtype=np.int32)
        count = np.array([len(lines)])
        made = 0
        while True:
            first = np.cumsum(count) - count
            node = np.repeat(np.arange(len(x)), count)
            distance = np.empty(len(lines))
            for at in range(0, len(lines), _RUN):
                run = slice(at, at + _RUN)
                distance[run] = np.sqrt(self._squares(x[node[run]], y[node[run]], lines[run]))
            least = np.minimum.reduceat(distance, first)
            corner = half * math.sqrt(2) * (1 + 1e-9) + SAME_M
            # No border in the square, so its middle speaks for all of it.
            far = least - corner > reach_m
            far[far] = ~is_inside(x[far], y[far])
            keep = (distance <= (least + 2 * corner)[node]) & ~far[node]
            lines, node, distance = lines[keep], node[keep], distance[keep]
            count = np.bincount(node, minlength=len(x))
            split = (count > _LEAF_LINES) & (2 * half > _MIN_SIDE_M)
            made += len(x)
            children = np.full(len(x), -1, np.int64)
            children[split] = made + 4 * np.arange(split.sum())
            child.append(children)
            final = np.flatnonzero(~split[node])
            # Nearest to the middle first: a single look-up stops where the rest must be farther.
            final = final[np.lexsort((distance[final], node[final]))]
            leaf_lines.append(lines[final])
            leaf_distances.append(distance[final])
            leaf_counts.append(np.where(split, 0, count))
            if not split.any():
                break
            # Four children of each square that is split, in the order left-right, then below-above.
            lines, node = lines[split[node]], node[split[node]]
            count, half = count[split], half / 2
            spread = np.repeat(np.arange(len(count)), 4)
            begin = (np.cumsum(count) - count)[spread]
            count = count[spread]
            x = x[split][spread] + np.tile([-half, half, -half, half], split.sum())
            y = y[split][spread] + np.tile([-half, -half, half, half], split.sum())
            ends = np.cumsum(count)
            lines = lines[np.arange(ends[-1]) + np.repeat(begin - (ends - count), count)]
        # One more leaf without lines, for what lies outside the root square.
        self._nowhere = made
        self._child = np.concatenate([*child, [-1]])
        self._start = np.concatenate([[0], np.cumsum(np.concatenate([*leaf_counts, [0]]))])
        self._lines = np.concatenate(leaf_lines)
        # Half the memory of a float64; what rounding may add is taken off again.
        self._from_middle = np.concatenate(leaf_distances).astype(np.float32) - np.float32(_ROUNDING_M)
        self._child_view = self._child.data
        self._start_view = self._start.data
        self._lines_view = self._lines.data
        self._from_middle_view = self._from_middle.data
