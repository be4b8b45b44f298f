"""From labelled cells to polygons whose shared borders are the same vertices on both sides."""

from collections.abc import Callable

from shapely import LineString, Polygon, get_parts, line_merge, polygonize, union_all
from shapely.geometry.base import BaseGeometry

from .lines import Path, Vertex, soften
from .mesh import Mesh

RELAX = 3  # rounds of averaging
ROUNDS = 2  # of corner cutting: the mesh's corners vanish, the wandering stays
TOLERANCE = 2.0  # metres; half a pixel of a 4K wall over 18 km, and bends of rivers stay round
DEGREE_GRID = 1e-5  # about a metre


def border_lines(mesh: Mesh, label: dict[int, int]) -> list[Path]:
    """All borders between districts and around them: smooth over open ground, exact along barriers."""
    segments: list[LineString] = []
    pinned: set[Vertex] = set()
    for ends, one, two, kind in mesh.edges:
        if two < 0 or label[one] != label[two]:
            segments.append(LineString(ends))
            if kind or two < 0:
                pinned.update(ends)
    merged = get_parts(line_merge(union_all(segments)))
    out: list[Path] = []
    for line in merged:
        path = [(round(x, 2), round(y, 2)) for x, y in line.coords]
        smooth = soften(_relaxed(path, pinned), ROUNDS, pinned)
        out.append([(x, y) for x, y in LineString(smooth).simplify(TOLERANCE).coords])
    return out


def _relaxed(path: Path, fixed: set[Vertex]) -> Path:
    """Each free vertex halfway to the middle of its neighbours: takes out the mesh's zigzag."""
    now = list(path)
    for _ in range(RELAX):
        was = now
        now = list(was)
        for k in range(1, len(was) - 1):
            if path[k] not in fixed:
                (ax, ay), (x, y), (bx, by) = was[k - 1], was[k], was[k + 1]
                now[k] = (x / 2 + (ax + bx) / 4, y / 2 + (ay + by) / 4)
    return now


def faces(lines: list[Path], to_degrees: Callable[[Vertex], Vertex]) -> list[Polygon]:
    """The areas between the lines, in degrees on a grid of 5 decimals: no overlap, no gap."""
    flat = [LineString([to_degrees(vertex) for vertex in path]) for path in lines]
    work = union_all(flat, grid_size=DEGREE_GRID)
    found = [_rounded(part) for part in get_parts(polygonize([work]))]
    return sorted(found, key=lambda face: face.bounds)


def _rounded(face: BaseGeometry) -> Polygon:
    assert isinstance(face, Polygon)
    rings = [
        [(round(x, 5), round(y, 5)) for x, y in ring.coords] for ring in (face.exterior, *face.interiors)
    ]
    return Polygon(rings[0], rings[1:])
