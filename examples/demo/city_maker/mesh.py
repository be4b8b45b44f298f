"""A fine mesh of the city in which every river and road is an exact edge."""

import random
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from shapely import (
    LineString,
    MultiPoint,
    STRtree,
    area,
    centroid,
    get_coordinates,
    get_parts,
    get_rings,
    intersects_xy,
    point_on_surface,
    points,
    polygonize,
    prepare,
    union_all,
    voronoi_polygons,
)  # fmt: skip
from shapely.geometry.base import BaseGeometry

from .lines import Path, Vertex
from .noise import Floats

# Size of a cell. Finer takes longer and draws wobble that no wall shows; coarser looks like honeycomb.
CELL = 165.0
GRID = 0.01  # metres; all line work is snapped to it, so that shared edges are the same numbers
TOUCH = 0.05  # metres; an edge so near to a river or road is a piece of it

Segment = tuple[Vertex, Vertex]


@dataclass(frozen=True)
class Mesh:
    """Cells with centre and area, and the edges between them. `outer` edges have one cell only."""

    x: Floats
    y: Floats
    area: Floats
    neighbours: list[list[tuple[int, str]]]
    edges: list[tuple[Segment, int, int, str]]  # (ends, cell, other cell or -1, barrier kind or "")


def make_mesh(city: BaseGeometry, barriers: list[tuple[str, Path]], rng: random.Random) -> Mesh:
    """Cut the city into small cells along random Voronoi edges and along all barriers.

    `barriers` are (kind, path), the strongest kind first.
    """
    west, south, east, north = city.bounds
    dots = []
    for i in range(int((east - west) / CELL) + 5):
        for j in range(int((north - south) / CELL) + 5):
            x, y = west + (i - 2 + 0.95 * rng.random()) * CELL, south + (j - 2 + 0.95 * rng.random()) * CELL
            dots.append((x, y))
    prepare(city)
    foam = voronoi_polygons(MultiPoint(dots), only_edges=True).intersection(city)
    walls = union_all([LineString(path) for _, path in barriers]).intersection(city)
    work = union_all([foam, walls, city.boundary], grid_size=GRID)
    cells = get_parts(polygonize([work]))
    inner = get_coordinates(point_on_surface(cells))
    cells = cells[intersects_xy(city, inner[:, 0], inner[:, 1])]
    middle = get_coordinates(centroid(cells))
    order = np.lexsort((middle[:, 1].round(2), middle[:, 0].round(2)))
    cells, middle = cells[order], middle[order]
    sides: dict[Segment, list[int]] = {}
    rings, owner = get_rings(cells, return_index=True)
    spots, of_ring = get_coordinates(rings, return_index=True)
    ends: list[Vertex] = [(x, y) for x, y in spots.round(2).tolist()]
    turn = of_ring.tolist()
    for k in range(len(ends) - 1):
        if turn[k] == turn[k + 1]:
            a, b = ends[k], ends[k + 1]
            sides.setdefault((a, b) if a < b else (b, a), []).append(int(owner[turn[k]]))
    kinds = _kinds(list(sides), barriers)
    neighbours: list[list[tuple[int, str]]] = [[] for _ in cells]
    edges = []
    for (side, owners), kind in zip(sides.items(), kinds, strict=True):
        one, two = owners[0], owners[1] if len(owners) > 1 else -1
        edges.append((side, one, two, kind))
        if two >= 0:
            neighbours[one].append((two, kind))
            neighbours[two].append((one, kind))
    return Mesh(x=middle[:, 0], y=middle[:, 1], area=area(cells), neighbours=neighbours, edges=edges)


def _kinds(segments: list[Segment], barriers: list[tuple[str, Path]]) -> list[str]:
    """The strongest barrier that each segment is a piece of, or an empty string."""
    pieces, kind_of = [], []
    for rank, (_, path) in enumerate(barriers):
        for a, b in pairwise(path):
            pieces.append([a, b])
            kind_of.append(rank)
    middles = points([((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in segments])
    tree = STRtree([LineString(piece) for piece in pieces])
    found, piece = tree.query(middles, predicate="dwithin", distance=TOUCH)
    best: dict[int, int] = {}
    for segment, hit in zip(found.tolist(), piece.tolist(), strict=True):
        best[segment] = min(best.get(segment, len(barriers)), kind_of[hit])
    return [barriers[best[k]][0] if k in best else "" for k in range(len(segments))]
