"""The kecamatan and kelurahan of the demo city."""

from dataclasses import dataclass

from shapely import MultiPolygon, Point, Polygon, union_all
from shapely.geometry.base import BaseGeometry

from .borders import border_lines, faces
from .density import density
from .frame import to_degrees, to_metres
from .lines import Path, Vertex
from .mesh import Mesh
from .names import CITY_CODE, ISLANDS, KECAMATAN
from .noise import Noise
from .partition import LOWER, UPPER, Growth, cell_at, grow, make_growth, settle, spread_seeds, tidy
from .terrain import Terrain

# People to each unit of density and square metre: gives a city of about 1.3 million.
PEOPLE = 0.0128
BESIDE = 2.0  # metres; the outer coast is cut off half a metre before the city
OVERSHOOT = 8.0  # metres; more than a border is moved by its simplification
SLIVER = 3e-7  # square degrees, about 0.004 km²: what rounding splits off belongs to its neighbour


@dataclass(frozen=True)
class District:
    """One kelurahan, in degrees."""

    code_kec: str
    name_kec: str
    code_kel: str
    name_kel: str
    population: int
    shape: BaseGeometry


@dataclass(frozen=True)
class Map:
    """The kelurahan, and the land of the whole frame that matches them vertex by vertex."""

    districts: list[District]
    land: BaseGeometry
    sea: BaseGeometry


def make_districts(terrain: Terrain, mesh: Mesh, seed: int) -> Map:
    """Partition the city and give names, codes and people."""
    people = density(mesh.x, mesh.y) * (1 + 0.35 * Noise(seed + 9, 1500.0).at(mesh.x, mesh.y))
    growth = make_growth(mesh, people, seed)
    label = _label(growth)
    outline = _outlines(terrain)
    found = faces([*border_lines(mesh, label), *outline], to_degrees)
    shapes: dict[int, list[Polygon]] = {}
    land, sea, slivers = [], [], []
    for face in found:
        inside = to_metres((face.representative_point().x, face.representative_point().y))
        if face.area < SLIVER:
            slivers.append(face)
        elif terrain.city.covers(Point(inside)):
            shapes.setdefault(label[cell_at(mesh, *inside)], []).append(face)
        elif terrain.land.covers(Point(inside)):
            land.append(face)
        else:
            sea.append(face)
    for sliver in slivers:
        _give_away(sliver, [*shapes.values(), land, sea])
    mass: dict[int, float] = {}
    for cell, k in label.items():
        mass[k] = mass.get(k, 0.0) + float(growth.mass[cell])
    districts = _named({k: _joined(parts) for k, parts in shapes.items()}, mass)
    if not sea:
        raise ValueError(
            "The coast outside the city is not closed: try another seed, or look at _outlines()."
        )
    everything = union_all([*(d.shape for d in districts), *land])
    return Map(districts, everything, union_all(sea))


def _label(growth: Growth) -> dict[int, int]:
    """For each cell the number of its kelurahan: 100 × kecamatan + kelurahan, both from 0."""
    mesh = growth.mesh
    sites = [cell_at(mesh, *site) for _, site, _ in KECAMATAN]
    everywhere = set(range(len(mesh.x)))
    upper = grow(growth, UPPER, everywhere, sites)
    isle = next(k for k, (name, _, _) in enumerate(KECAMATAN) if name == ISLANDS[1])
    label: dict[int, int] = {}
    for k, (_, _, names) in enumerate(KECAMATAN):
        members = sorted(cell for cell, owner in upper.items() if owner == k)
        seeds = spread_seeds(growth, members, len(names))
        for cell, part in settle(growth, LOWER, set(members), seeds, 14).items():
            label[cell] = 100 * k + part
    for cell in everywhere - set(label):  # no land way leads to the islets
        label[cell] = 100 * isle + len(KECAMATAN[isle][2])
    tidy(mesh, label)
    return label


def _outlines(terrain: Terrain) -> list[Path]:
    """Frame and coast outside the city; inside it the mesh has them already."""
    beyond = terrain.land.boundary.difference(terrain.city.buffer(0.5))
    lines: list[Path] = [[(x, y) for x, y in terrain.frame.exterior.coords]]
    for part in getattr(beyond, "geoms", [beyond]):
        simple = part.simplify(8.0)
        path = [(x, y) for x, y in simple.coords]
        lines.append([_into(terrain.city, path[0]), *path, _into(terrain.city, path[-1])])
    return lines


def _into(city: BaseGeometry, end: Vertex) -> Vertex:
    """An end of the outer coast beside the city, moved past the city's border; any other end as it is.

    The border is simplified, so to end on it exactly is not possible: what stands over is cut off as a dead
    end, a gap would make one area of land and sea.
    """
    edge = city.boundary
    spot = edge.interpolate(edge.project(Point(end)))
    gap = spot.distance(Point(end))
    if gap > BESIDE or gap == 0:
        return end
    return (spot.x + (spot.x - end[0]) / gap * OVERSHOOT, spot.y + (spot.y - end[1]) / gap * OVERSHOOT)


def _joined(parts: list[Polygon]) -> BaseGeometry:
    whole = union_all(parts)
    return whole if isinstance(whole, (Polygon, MultiPolygon)) else whole.buffer(0)


def _give_away(sliver: Polygon, owners: list[list[Polygon]]) -> None:
    def shared(owner: list[Polygon]) -> float:
        return float(sum(sliver.boundary.intersection(part.boundary).length for part in owner))

    max(owners, key=shared).append(sliver)


def _named(shapes: dict[int, BaseGeometry], mass: dict[int, float]) -> list[District]:
    out = []
    for k, (kecamatan, _, names) in enumerate(KECAMATAN):
        numbers = sorted(n for n in shapes if n // 100 == k)
        given: dict[int, str] = {}
        islets = len(names)
        if kecamatan == ISLANDS[1]:
            given[100 * k + islets] = ISLANDS[0]
        for name, hint in names:
            if hint is None:
                continue
            spot = Point(to_degrees(hint))
            home = min((n for n in numbers if n not in given), key=lambda n: shapes[n].distance(spot))
            given[home] = name
        rest = [name for name, _ in names if name not in given.values()]
        free = sorted(
            (n for n in numbers if n not in given),
            key=lambda n: (-shapes[n].centroid.y, shapes[n].centroid.x),
        )
        given.update(zip(free, rest, strict=True))
        code = f"{CITY_CODE}.{k + 1:02d}"
        order = sorted(given, key=lambda n: (n % 100 == islets, -round(shapes[n].centroid.y, 5)))
        for place, n in enumerate(order, 1):
            people = max(640, round(mass[n] * PEOPLE))
            out.append(District(code, kecamatan, f"{code}.{1000 + place}", given[n], people, shapes[n]))
    return out
