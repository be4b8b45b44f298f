"""Natural lines: splines, meanders, fractal coasts, ribbons of water. All in metres."""

import math
import random
from collections.abc import Collection, Sequence
from itertools import pairwise

from shapely import LineString, Point, union_all
from shapely.geometry.base import BaseGeometry

Vertex = tuple[float, float]
Path = list[Vertex]

RIBBON_STEPS = 40  # widths along a river; more cost time and are not seen


def spline(points: Sequence[Vertex], step: float, *, closed: bool = False) -> Path:
    """A Catmull-Rom curve through all points, with a vertex about every `step` metres."""
    count = len(points)
    spans = count if closed else count - 1
    out: Path = []
    for i in range(spans):
        p1, p2 = points[i], points[(i + 1) % count]
        p0 = points[i - 1] if closed or i > 0 else (2 * p1[0] - p2[0], 2 * p1[1] - p2[1])
        if closed or i + 2 < count:
            p3 = points[(i + 2) % count]
        else:
            p3 = (2 * p2[0] - p1[0], 2 * p2[1] - p1[1])
        pieces = max(1, round(math.dist(p1, p2) / step))
        for k in range(pieces):
            t = k / pieces
            out.append((_catmull(p0[0], p1[0], p2[0], p3[0], t), _catmull(p0[1], p1[1], p2[1], p3[1], t)))
    out.append(points[0] if closed else points[-1])
    return out


def _catmull(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t * t * t
    )


def fractal(path: Sequence[Vertex], rng: random.Random, roughness: float, shortest: float) -> Path:
    """Midpoint displacement: each piece longer than `shortest` is bent by up to roughness × its length."""
    out: Path = [path[0]]
    for a, b in pairwise(path):
        _bend(a, b, rng, roughness, shortest, out)
    return out


def _bend(a: Vertex, b: Vertex, rng: random.Random, roughness: float, shortest: float, out: Path) -> None:
    if math.dist(a, b) <= shortest:
        out.append(b)
        return
    shift = (rng.random() * 2 - 1) * roughness
    mid = ((a[0] + b[0]) / 2 - (b[1] - a[1]) * shift, (a[1] + b[1]) / 2 + (b[0] - a[0]) * shift)
    _bend(a, mid, rng, roughness, shortest, out)
    _bend(mid, b, rng, roughness, shortest, out)


def soften(path: Sequence[Vertex], rounds: int, fixed: Collection[Vertex] = ()) -> Path:
    """Chaikin's corner cutting. Ends and `fixed` vertices stay; the curve stays inside the corners."""
    now = list(path)
    held = [k in (0, len(now) - 1) or vertex in fixed for k, vertex in enumerate(now)]
    for _ in range(rounds):
        cut: Path = []
        keep: list[bool] = []
        for k, (x, y) in enumerate(now):
            if held[k]:
                cut.append((x, y))
                keep.append(True)
                continue
            for other in (now[k - 1], now[k + 1]):
                cut.append((0.75 * x + 0.25 * other[0], 0.75 * y + 0.25 * other[1]))
                keep.append(False)
        now, held = cut, keep
    return now


def meander(path: Sequence[Vertex], rng: random.Random, amplitude: float, wavelength: float) -> Path:
    """Swing a curve from side to side as a river does; the ends stay where they are.

    Phase speed and amplitude wander, since equal bends look like a spring.
    """
    line = LineString(path)
    step = wavelength / 24
    count = max(2, round(line.length / step))
    out: Path = [path[0]]
    phase, speed, swing = rng.random() * 2 * math.pi, 1.0, amplitude
    for k in range(1, count):
        speed += ((0.7 + 0.6 * rng.random()) - speed) * 0.2
        swing += (amplitude * (0.3 + 1.4 * rng.random()) - swing) * 0.12
        phase += 2 * math.pi * speed / 24
        at = line.length * k / count
        here, ahead = line.interpolate(at), line.interpolate(min(line.length, at + step))
        dx, dy = ahead.x - here.x, ahead.y - here.y
        length = math.hypot(dx, dy) or 1.0
        taper = min(1.0, 6 * k / count, 6 * (count - k) / count)
        offset = swing * taper * math.sin(phase)
        out.append((here.x - dy / length * offset, here.y + dx / length * offset))
    out.append(path[-1])
    return out


def ribbon(path: Sequence[Vertex], start: float, end: float) -> BaseGeometry:
    """The area of a river whose width grows evenly from `start` to `end` metres."""
    pieces = []
    count = len(path) - 1
    stride = max(1, count // RIBBON_STEPS)
    for k in range(0, count, stride):
        width = start + (end - start) * k / count
        pieces.append(LineString(path[k : k + stride + 1]).buffer(width / 2, quad_segs=4))
    return union_all(pieces)


def blob(centre: Vertex, rx: float, ry: float, rng: random.Random, roughness: float = 0.12) -> Path:
    """A closed, lake-like outline around a centre; first and last vertex are the same."""
    corners = 11
    ring: Path = []
    for k in range(corners):
        angle = 2 * math.pi * k / corners
        reach = 0.72 + 0.5 * rng.random()
        ring.append((centre[0] + rx * reach * math.cos(angle), centre[1] + ry * reach * math.sin(angle)))
    smooth = spline(ring, min(rx, ry) / 7, closed=True)
    return soften(fractal(smooth, rng, roughness, 60.0), 2)


def nearest_on(path: Sequence[Vertex], point: Vertex) -> Vertex:
    """The point of a path nearest to a point."""
    line = LineString(path)
    found = line.interpolate(line.project(Point(point)))
    return (found.x, found.y)
