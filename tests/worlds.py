"""A tiny city of our own drawing, for tests of whatever happens in a city.

Eight kelurahan in two kecamatan, on open sea north of Java so that they are nobody's land:

    north   1001 Muara Lama   1002 Karang Baru │ 1001 Tanggul Sari   1002 Bukit Teratai
    south   1003 Kebon Jati   1004 Pasar Hilir │ 1003 Rawa Bening    1004 Lembah Wangi
            99.01.01 Pesisir                   │ 99.01.02 Tanggul

Each is about 2.2 km wide; `MIDDLES` has a point well inside each, `OUTSIDE` lies 50 km away.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from wallboard.boundaries import Boundaries, Level, load_boundaries
from wallboard.city import CityConfig
from wallboard.engine import reduce
from wallboard.engine.world import REMOVED, Draft, World
from wallboard.gazetteer import Gazetteer, Named
from wallboard.geofence import Geofence

WEST, NORTH, STEP = 110.0, -5.0, 0.02

#: (column, row) → code and name; row 0 is the northern one
DISTRICTS: dict[tuple[int, int], tuple[str, str]] = {
    (0, 0): ("99.01.01.1001", "Muara Lama"),
    (1, 0): ("99.01.01.1002", "Karang Baru"),
    (0, 1): ("99.01.01.1003", "Kebon Jati"),
    (1, 1): ("99.01.01.1004", "Pasar Hilir"),
    (2, 0): ("99.01.02.1001", "Tanggul Sari"),
    (3, 0): ("99.01.02.1002", "Bukit Teratai"),
    (2, 1): ("99.01.02.1003", "Rawa Bening"),
    (3, 1): ("99.01.02.1004", "Lembah Wangi"),
}
PARENTS = {"99.01.01": "Pesisir", "99.01.02": "Tanggul"}

#: How far each corner of the grid lies beside its place (degrees), so that no border is quite straight.
_BENT = {(1, 0): (0.001, 0.0015), (2, 1): (-0.0012, 0.0008), (3, 1): (0.0009, -0.0011), (1, 1): (0.0, 0.001)}

#: code → (lon, lat) well inside it
MIDDLES: dict[str, tuple[float, float]] = {
    code: (WEST + (column + 0.5) * STEP, NORTH - (row + 0.5) * STEP)
    for (column, row), (code, _) in DISTRICTS.items()
}
OUTSIDE = (110.5, -5.2)


def districts_geojson() -> dict[str, Any]:
    """The city's boundaries as its own GeoJSON would hold them."""
    features = []
    for (column, row), (code, name) in DISTRICTS.items():
        ring = [(column, row), (column, row + 1), (column + 1, row + 1), (column + 1, row), (column, row)]
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "code_kec": code[:8],
                    "name_kec": PARENTS[code[:8]],
                    "code_kel": code,
                    "name_kel": name,
                },
                "geometry": {"type": "Polygon", "coordinates": [[list(_corner(*corner)) for corner in ring]]},
            }
        )
    return {"type": "FeatureCollection", "features": features}


def small_boundaries() -> Boundaries:
    """The eight districts, loaded."""
    levels = [Level("code_kec", "name_kec", "kecamatan"), Level("code_kel", "name_kel", "kelurahan")]
    return load_boundaries(districts_geojson(), levels, source="tests", version="1")[0]


def small_city(**config: Any) -> CityConfig:
    """The city's configuration; `config` replaces whole tables: small_city(category=[{"code": …}])."""
    tables: dict[str, Any] = {
        "city": {"name": "Kota Contoh", "key": "contoh", "time_zone": "Asia/Jakarta"},
        "boundaries": {
            "file": "districts.geojson",
            "source": "tests",
            "version": "1",
            "levels": [
                {"code": "code_kec", "name": "name_kec", "label": "kecamatan"},
                {"code": "code_kel", "name": "name_kel", "label": "kelurahan"},
            ],
        },
    }
    return msgspec.convert(tables | msgspec.to_builtins(config), CityConfig)


def small_world(**config: Any) -> World:
    """An empty world of this city, derived entities in place, its time at 0."""
    world = _world(small_city(**config))
    reduce.loaded(world)
    return world


class Book:
    """What Redis would hold: commits go in, a restarted engine's world comes out."""

    def __init__(self) -> None:
        self.state: dict[tuple[str, str], bytes] = {}
        self.memory: dict[tuple[str, str], bytes] = {}

    def commit(self, world: World) -> Draft:
        """Take over the world's draft, as one commit does, and return it."""
        draft = world.draft()
        for change in draft.changes:
            if change.entity == REMOVED:
                self.state.pop((change.kind, change.id), None)
            else:
                self.state[(change.kind, change.id)] = bytes(change.entity)
        for key, value in draft.memory.items():
            if value is None:
                self.memory.pop(key, None)
            else:
                self.memory[key] = value
        return draft

    def reopened(self, now: float, **config: Any) -> World:
        """A new world loaded from the book, as after a restart at `now` that took no time."""
        return self._opened(_world(small_city(**config)), now)

    def reopened_after(self, now: float, down_to: float, **config: Any) -> World:
        """A new world loaded from the book that was closed at `now`; nothing ran until `down_to`."""
        world = _world(small_city(**config))
        world.index["down_to"] = down_to
        return self._opened(world, now)

    def _opened(self, world: World, now: float) -> World:
        world.now = now
        world.load(
            [(kind, raw) for (kind, _), raw in self.state.items()],
            [(kind, id, raw) for (kind, id), raw in self.memory.items()],
        )
        reduce.loaded(world)
        return world


def _world(city: CityConfig) -> World:
    boundaries, geofence = _ground(city.boundaries.gap_limit_m, city.boundaries.default_accuracy_m)
    named = [Named(p.name, p.lon, p.lat, kind=p.kind, aliases=tuple(p.aliases)) for p in city.place]
    return reduce.new_world(city, geofence, Gazetteer(boundaries, named))


@cache
def _ground(gap_limit_m: float, default_accuracy_m: float) -> tuple[Boundaries, Geofence]:
    """Built once: nobody changes them, and property tests make hundreds of worlds."""
    boundaries = small_boundaries()
    return boundaries, Geofence(boundaries, gap_limit_m=gap_limit_m, default_accuracy_m=default_accuracy_m)


def _corner(column: int, row: int) -> tuple[float, float]:
    east, north = _BENT.get((column, row), (0.0, 0.0))
    return round(WEST + column * STEP + east, 6), round(NORTH - row * STEP + north, 6)
