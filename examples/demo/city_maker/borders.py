"""From labelled cells to polygons whose shared borders are the same vertices on both sides."""

from collections.abc import Callable

from shapely import LineString, Polygon, get_parts, line_merge, polygonize, union_all
from shapely.geometry.base import BaseGeometry

from .lines import Path, Vertex
from .mesh import Mesh

ROUNDS = 2  # of corner cutting: the mesh's corners vanish, the wandering stays
TOLERANCE = 5.0  # metres; below a pixel of a 4K wall over 18 km
DEGREE_GRID = 1e-5  # about a metre


def border_lines(mesh: Mesh, label: dict[int, int]) -> list[Path]:
    """All borders between districts and around them: smooth over open ground, exact along rivers and roads."""
    segments, pinned = [], set()
    for ends, one, two, kind in mesh.edges:
        if two < 0 or label[one] != label[two]:
            segments.append(LineString(ends))
            if kind or two < 0:
                pinned.update(ends)
    merged = get_parts(line_merge(union_all(segments)))
    out: list[Path] = []
    for line in merged:
        path = [(round(x, 2), round(y, 2)) for x, y in line.coords]
        smooth = _cut_corners(path, pinned)
        out.append([(x, y) for x, y in LineString(smooth).simplify(TOLERANCE).coords])
    return out


def _cut_corners(path: Path, pinned: set[Vertex]) -> Path:
    """Chaikin's corner cutting, which stays inside the cells it cuts, so borders cannot cross."""
    fixed = [k in (0, len(path) - 1) or vertex in pinned for k, vertex in enumerate(path)]
    for _ in range(ROUNDS):
        cut: Path = []
        keep: list[bool] = []
        for k, (x, y) in enumerate(path):
            if fixed[k]:
                cut.append((x, y))
                keep.append(True)
                continue
            for other in (path[k - 1], path[k + 1]):
                cut.append((0.75 * x + 0.25 * other[0], 0.75 * y + 0.25 * other[1]))
                keep.append(False)
        path, fixed = cut, keep
    return path


def faces(lines: list[Path], to_degrees: Callable[[Vertex], Vertex]) -> list[Polygon]:
    """The areas between the lines, in degrees on a grid of 5 decimals: no overlap, no gap."""
    flat = [LineString([to_degrees(vertex) for vertex in path]) for path in lines]
    work = union_all(flat, grid_size=DEGREE_GRID)
    found = [_rounded(part) for part in get_parts(polygonize([work]))]
    return sorted(found, key=lambda face: face.bounds)


def _rounded(face: BaseGeometry) -> Polygon:
    assert isinstance(face, Polygon)
    rings = [[(round(x, 5), round(y, 5)) for x, y in ring.coords] for ring in (face.exterior, *face.interiors)]
    return Polygon(rings[0], rings[1:])
