"""Where the roads of the demo city meet."""

from dataclasses import dataclass

from shapely import LineString, Point, STRtree, get_parts, union_all

from .lines import Vertex
from .roads import Road

MERGE = 90.0  # metres; crossings nearer than this are one junction for the people who drive there
REACH = 75.0  # metres; radius at which the arms of a junction are counted
TOUCH = 2.0  # metres; an end so near to another road ends on it
RANK = {"ring": 0, "arterial": 1, "coastal": 2, "toll": 3, "collector": 4}


@dataclass(frozen=True)
class Junction:
    """A place where roads meet; `streets` has the most important road first."""

    at: Vertex
    arms: int
    streets: tuple[str, ...]
    kinds: tuple[str, ...]


def find_junctions(roads: list[Road]) -> list[Junction]:
    """All junctions of three or more arms, those of the greatest roads first."""
    lines = [LineString(road.path) for road in roads]
    tree = STRtree(lines)
    spots: list[Vertex] = []
    for a, line in enumerate(lines):
        for b in sorted(tree.query(line.buffer(TOUCH)).tolist()):
            if b <= a:
                continue
            meets = line.intersection(lines[b])
            for part in get_parts(meets) if not meets.is_empty else ():
                spots.append((part.centroid.x, part.centroid.y))
            for one, two in ((line, lines[b]), (lines[b], line)):
                for end in (one.coords[0], one.coords[-1]):
                    if two.distance(Point(end)) < TOUCH:
                        spots.append((end[0], end[1]))
    out = []
    for x, y in _merge(spots):
        circle = Point(x, y).buffer(REACH).exterior
        near = [k for k in tree.query(circle).tolist() if lines[k].distance(Point(x, y)) < REACH * 0.8]
        near.sort(key=lambda k: (RANK[roads[k].kind], k))
        arms = len(get_parts(union_all([lines[k] for k in near]).intersection(circle)))
        if arms >= 3:
            names = tuple(dict.fromkeys(roads[k].name for k in near if roads[k].name))
            out.append(Junction((x, y), arms, names, tuple(roads[k].kind for k in near)))
    return sorted(out, key=lambda j: (sum(RANK[kind] for kind in j.kinds[:2]), -j.arms, j.at))


def _merge(spots: list[Vertex]) -> list[Vertex]:
    groups: list[list[Vertex]] = []
    for spot in sorted(spots):
        for group in groups:
            x, y = group[0]
            if (spot[0] - x) ** 2 + (spot[1] - y) ** 2 < MERGE * MERGE:
                group.append(spot)
                break
        else:
            groups.append([spot])
    return [(sum(x for x, _ in g) / len(g), sum(y for _, y in g) / len(g)) for g in groups]
