"""Markets, cameras, flood gates, junctions and public buildings of the demo city."""

from typing import Any

from shapely import LineString, Point, STRtree

from .districts import District
from .frame import to_degrees
from .junctions import Junction
from .landmarks import FIRE, GATES, HOSPITALS, MARKETS, OFFICES, POLICE, STATIONS, TERMINALS, Wish
from .lines import Path, Vertex, nearest_on
from .roads import Road
from .terrain import Terrain

SETBACK = 45.0  # metres from the middle of the street to a building's door
CAMERAS = 60
CAMERA_GAP = 620.0  # metres between two cameras: they shall cover the city, not one crossing twice
JUNCTIONS = 48
BANK = (35.0, 12.0)  # metres from the middle of the gate to the mast of its camera

Place = dict[str, Any]


class Setting:
    """The finished map, asked where a thing stands: on which street, in which kelurahan."""

    def __init__(
        self, terrain: Terrain, districts: list[District], roads: list[Road], rails: list[Path]
    ) -> None:
        self.terrain = terrain
        self.roads = [road for road in roads if road.kind != "toll" and road.name]
        self.lines = [LineString(road.path) for road in self.roads]
        self.rails = [LineString(path) for path in rails]
        self.districts = districts
        self.tree = STRtree([d.shape for d in districts])

    def district(self, lon: float, lat: float) -> District | None:
        """The kelurahan of a point in degrees."""
        found = self.tree.query(Point(lon, lat), predicate="covered_by").tolist()
        return self.districts[min(found)] if found else None

    def door(self, spot: Vertex, *, on_rail: bool = False) -> tuple[Vertex, str]:
        """The nearest place beside a street, and the street's name."""
        lines = self.rails if on_rail else self.lines
        here = Point(spot)
        nearest = min(range(len(lines)), key=lambda k: lines[k].distance(here))
        street = min(range(len(self.lines)), key=lambda k: self.lines[k].distance(here))
        hit = lines[nearest].interpolate(lines[nearest].project(here))
        away = hit.distance(here) or 1.0
        back = 0.0 if on_rail else SETBACK
        at = (hit.x + (spot[0] - hit.x) / away * back, hit.y + (spot[1] - hit.y) / away * back)
        return at, self.roads[street].name


def make_places(
    terrain: Terrain,
    districts: list[District],
    roads: list[Road],
    rails: list[Path],
    junctions: list[Junction],
) -> dict[str, list[Place]]:
    """All places by kind; every one has id, name, lon, lat and code_kel (null on the open water)."""
    setting = Setting(terrain, districts, roads, rails)
    named = _named_junctions(setting, junctions)
    return {
        "markets": _doors(setting, "psr", MARKETS),
        "cameras": _cameras(setting, named),
        "gates": _gates(setting),
        "junctions": [place for _, place in named[:JUNCTIONS]],
        "hospitals": _doors(setting, "rs", HOSPITALS),
        "terminals": _doors(setting, "trm", TERMINALS),
        "stations": _doors(setting, "sta", STATIONS),
        "police": _doors(setting, "pol", POLICE),
        "fire_stations": _doors(setting, "dmk", FIRE),
        "offices": _doors(setting, "ktr", OFFICES),
        "harbours": [
            _place(setting, "plb-01", "Pelabuhan Tirta Raya", (-5450, 4350),
            aliases=["Pelabuhan", "Dermaga"]),
            _place(setting, "plb-02", "Dermaga Pulau Camar", (-7620, 6960), aliases=["Dermaga Camar"]),
        ],
        "airports": [_place(setting, "bdr-01", "Bandar Udara Tirta Raya", (6560, 1250), aliases=[])],
        "tide_gauges": [
            _place(
                setting, "psg-01", "Stasiun Pasang Surut Teluk Tirta", (-3250, 4900),
                levels_cm={"siaga_4": 120, "siaga_3": 150, "siaga_2": 180, "siaga_1": 210},
            ),
        ],
    }  # fmt: skip


def _place(setting: Setting, identity: str, name: str, at: Vertex, **more: Any) -> Place:
    lon, lat = (round(value, 5) for value in to_degrees(at))
    home = setting.district(lon, lat)
    return {"id": identity, "name": name, "lon": lon, "lat": lat, **more, "code_kel": home and home.code_kel}


def _doors(setting: Setting, prefix: str, wishes: list[Wish]) -> list[Place]:
    out = []
    for number, (name, spot, more) in enumerate(wishes, 1):
        extra = dict(more)
        at, street = setting.door(spot, on_rail=extra.pop("on", "") == "rail")
        out.append(_place(setting, f"{prefix}-{number:02d}", name, at, street=street, **extra))
    return out


def _gates(setting: Setting) -> list[Place]:
    out = []
    for number, (name, river, spot, levels) in enumerate(GATES, 1):
        staff = {f"siaga_{4 - k}": level for k, level in enumerate(levels)}
        short = name.replace("Pintu Air", "PA").replace("Bendung ", "")
        at = nearest_on(setting.terrain.rivers[river], spot)
        out.append(
            _place(setting, f"pa-{number:02d}", name, at, river=river, levels_cm=staff, aliases=[short])
        )
    return out


def _named_junctions(setting: Setting, junctions: list[Junction]) -> list[tuple[Junction, Place]]:
    """Junctions inside the city with the name that people would call them by."""
    count = {3: "Simpang Tiga", 4: "Simpang Empat", 5: "Simpang Lima"}
    used: set[str] = set()
    out: list[tuple[Junction, Place]] = []
    for junction in junctions:
        if "toll" in junction.kinds:
            continue
        home = setting.district(*to_degrees(junction.at))
        if home is None:
            continue
        form = count.get(junction.arms, "Bundaran")
        streets = [name.removeprefix("Jl. ").removeprefix("Raya ") for name in junction.streets]
        words = [home.name_kel, *streets[1:], *(f"{street} {home.name_kel}" for street in streets)]
        name = next((f"{form} {word}" for word in words if f"{form} {word}" not in used), "")
        if not name:
            continue
        used.add(name)
        crossing = list(junction.streets)
        place = _place(
            setting, f"smp-{len(out) + 1:02d}", name, junction.at, street=crossing[0] if crossing else "",
            streets=crossing, arms=junction.arms, aliases=[],
        )  # fmt: skip
        out.append((junction, place))
    return out


def _cameras(setting: Setting, named: list[tuple[Junction, Place]]) -> list[Place]:
    """Cameras on the greatest junctions, spread over the city, and one at every flood gate."""
    picked: list[tuple[Vertex, str, str]] = []
    for name, river, spot, _ in GATES:
        x, y = nearest_on(setting.terrain.rivers[river], spot)
        on_bank = (x + BANK[0], y + BANK[1])
        picked.append((on_bank, f"CCTV {name}", setting.door(on_bank)[1]))
    for junction, place in named:
        if len(picked) == CAMERAS:
            break
        if all(Point(junction.at).distance(Point(other)) > CAMERA_GAP for other, _, _ in picked):
            picked.append((junction.at, str(place["name"]), str(place["street"])))
    return [
        _place(setting, f"cam-{number:03d}", name, at, street=street)
        for number, (at, name, street) in enumerate(picked, 1)
    ]
