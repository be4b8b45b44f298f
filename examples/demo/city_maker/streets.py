"""Collector streets: the mesh between the main roads, grown from points and joined into named streets."""

import math
import random
from itertools import pairwise

import numpy as np
from shapely import (
    LineString,
    MultiLineString,
    Point,
    STRtree,
    distance,
    intersects_xy,
    prepare,
    union_all,
)  # fmt: skip
from shapely.geometry.base import BaseGeometry

from .density import density
from .junctions import find_junctions
from .lines import Path, Vertex, fractal, spline
from .names import STREETS
from .roads import Road

# Distance between street corners in the densest part; elsewhere it grows as density falls.
SPACING = 420.0
TRIES = 9000
SNAP = 0.42  # of the spacing: a corner so close to a main road becomes a corner of that road
CLEAR = 230.0  # metres; the great crossings keep their own arms only
ARMS, ARMS_ON_ROAD = 4, 2  # streets that may meet at a corner; the main road adds its own two
STRAIGHT = math.radians(38)  # a street goes on through a corner up to this bend


def collectors(
    area: BaseGeometry, roads: list[Road], barriers: list[Path], keep_out: BaseGeometry, rng: random.Random
) -> list[Road]:
    """Streets inside `area` that end on main roads, avoid `keep_out` and never cross a barrier."""
    open_roads = [LineString(road.path) for road in roads if road.kind != "toll"]
    crossings = [junction.at for junction in find_junctions(roads)]
    corners, on_road = _corners(area.difference(keep_out), open_roads, crossings, rng)
    edges = _neighbours(corners)
    walls = union_all([keep_out, MultiLineString([b for b in barriers if len(b) > 1])])
    lines = [LineString([corners[a], corners[b]]) for a, b in edges]
    blocked = set(STRtree(lines).query(walls, predicate="intersects").tolist())
    kept = []
    for k, (a, b) in enumerate(edges):
        along = on_road[a] >= 0 and on_road[a] == on_road[b]
        if k not in blocked and not along and lines[k].length < 1900 and area.covers(lines[k]):
            kept.append((a, b))
    kept = _thinned(corners, on_road, kept)
    # the longest streets get names first, so that short ones are the unnamed lanes they would be
    strokes = sorted(_strokes(corners, kept), key=lambda s: -_length(corners, s))
    out = []
    for index, stroke in enumerate(strokes):
        path = fractal(spline([corners[i] for i in stroke], 240), rng, 0.07, 80)
        out.append(Road(f"Jl. {STREETS[index]}" if index < len(STREETS) else "", "collector", path))
    return out


def _corners(
    area: BaseGeometry, roads: list[LineString], crossings: list[Vertex], rng: random.Random
) -> tuple[list[Vertex], list[int]]:
    west, south, east, north = area.bounds
    tries = [
        (west + (east - west) * rng.random(), south + (north - south) * rng.random()) for _ in range(TRIES)
    ]
    xs, ys = np.array([p[0] for p in tries]), np.array([p[1] for p in tries])
    gaps = SPACING / np.sqrt(np.minimum(density(xs, ys), 1.4))
    taken_x, taken_y = np.full(TRIES, 1e9), np.full(TRIES, 1e9)
    inner = area.buffer(-120)
    corners: list[Vertex] = []
    on_road: list[int] = []
    prepare(inner)
    good = intersects_xy(inner, xs, ys)
    xs, ys, gaps = xs[good], ys[good], gaps[good]
    spots = np.array([Point(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)])
    away = distance(spots[:, None], np.array(roads)[None, :])
    for k, (x, y, gap) in enumerate(zip(xs.tolist(), ys.tolist(), gaps.tolist(), strict=True)):
        nearest = int(np.argmin(away[k]))
        road = -1
        if away[k, nearest] < SNAP * gap:
            hit = roads[nearest].interpolate(roads[nearest].project(Point(x, y)))
            x, y, road = hit.x, hit.y, nearest
        if any(math.dist((x, y), crossing) < CLEAR for crossing in crossings):
            continue
        if np.min((taken_x - x) ** 2 + (taken_y - y) ** 2) < gap * gap:
            continue
        taken_x[len(corners)], taken_y[len(corners)] = x, y
        corners.append((x, y))
        on_road.append(road)
    return corners, on_road


def _neighbours(corners: list[Vertex]) -> list[tuple[int, int]]:
    """Pairs with no third corner nearly between them: a relative neighbourhood graph, a little denser."""
    x, y = np.array([c[0] for c in corners]), np.array([c[1] for c in corners])
    far = np.sqrt((x[:, None] - x[None, :]) ** 2 + (y[:, None] - y[None, :]) ** 2)
    edges = []
    for a in range(len(corners)):
        for b in range(a + 1, len(corners)):
            if far[a, b] > 1900:
                continue
            between = np.maximum(far[a], far[b]) < far[a, b] * 0.93
            if not between.any():
                edges.append((a, b))
    return edges


def _thinned(
    corners: list[Vertex], on_road: list[int], edges: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Only the shortest few edges at each corner, so that a crossing has three to five arms."""
    room = [ARMS_ON_ROAD if road >= 0 else ARMS for road in on_road]
    kept = []
    for a, b in sorted(edges, key=lambda e: math.dist(corners[e[0]], corners[e[1]])):
        if room[a] and room[b]:
            room[a] -= 1
            room[b] -= 1
            kept.append((a, b))
    return sorted(kept)


def _strokes(corners: list[Vertex], edges: list[tuple[int, int]]) -> list[list[int]]:
    """Join edges that go straight on through a corner into one street."""
    at: dict[int, list[int]] = {}
    for k, (a, b) in enumerate(edges):
        at.setdefault(a, []).append(k)
        at.setdefault(b, []).append(k)
    follow: dict[tuple[int, int], int] = {}
    for corner, here in sorted(at.items()):
        pairs = sorted(
            (_bend(corners, corner, _other(edges[p], corner), _other(edges[q], corner)), p, q)
            for i, p in enumerate(here)
            for q in here[i + 1 :]
        )
        used: set[int] = set()
        for bend, p, q in pairs:
            if bend < STRAIGHT and p not in used and q not in used:
                used |= {p, q}
                follow[p, corner], follow[q, corner] = q, p
    done: set[int] = set()
    strokes = []
    for k, (a, b) in enumerate(edges):
        if k in done:
            continue
        done.add(k)
        chain = [a, b]
        for forward in (True, False):
            edge = k
            while True:
                end = chain[-1] if forward else chain[0]
                step = follow.get((edge, end))
                if step is None or step in done:
                    break
                done.add(step)
                edge = step
                chain.insert(len(chain) if forward else 0, _other(edges[step], end))
        strokes.append(chain)
    return strokes


def _other(edge: tuple[int, int], corner: int) -> int:
    return edge[1] if edge[0] == corner else edge[0]


def _bend(corners: list[Vertex], at: int, a: int, b: int) -> float:
    (x, y), (ax, ay), (bx, by) = corners[at], corners[a], corners[b]
    turn = math.atan2(by - y, bx - x) - math.atan2(y - ay, x - ax)
    return abs((turn + math.pi) % (2 * math.pi) - math.pi)


def _length(corners: list[Vertex], chain: list[int]) -> float:
    return sum(math.dist(corners[a], corners[b]) for a, b in pairwise(chain))
