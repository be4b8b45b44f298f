"""Large sites of the demo city: airport, harbour, parks, woods. In metres."""

from shapely import LineString, Polygon, affinity, box, union_all
from shapely.geometry.base import BaseGeometry

from .terrain import Terrain

AIRPORT = affinity.rotate(box(6420, -60, 7080, 2520), 4)
RUNWAY = affinity.rotate(LineString([(6640, 60), (6640, 2400)]), 4, origin=AIRPORT.centroid)
HARBOUR = affinity.rotate(box(-5900, 3560, -4250, 4950), -8, origin=(-5400, 4300))
PARKS: dict[str, Polygon] = {
    "Alun-Alun Tirta Raya": affinity.rotate(box(-1130, -650, -930, -420), 8),
    "Taman Kota": affinity.rotate(box(1150, 620, 1650, 1080), -14),
    "Hutan Kota Cempaka": affinity.rotate(box(3450, -5850, 4350, -5350), 11),
}


def keep_out(terrain: Terrain) -> BaseGeometry:
    """Where no ordinary street goes: airport, harbour, lakes, wide water, parks."""
    wet = [*terrain.lakes.values(), *terrain.river_area.values()]
    return union_all([AIRPORT.buffer(60), HARBOUR, *wet, *PARKS.values(), terrain.islands.buffer(20)])
