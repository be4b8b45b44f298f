"""Markets, cameras, flood gates, junctions and public buildings of the demo city."""

from typing import Any

from shapely import LineString, Point, STRtree

from .districts import District
from .frame import to_degrees
from .junctions import Junction
from .lines import Path, Vertex
from .roads import Road
from .terrain import CANAL, Terrain

SETBACK = 45.0  # metres from the middle of the street to a building's door
CAMERAS = 60
CAMERA_GAP = 620.0  # metres between two cameras: they shall cover the city, not one crossing twice
JUNCTIONS = 48

Place = dict[str, Any]
# name, where (metres; moved to the nearest street), further properties
Wish = tuple[str, Vertex, dict[str, Any]]

MARKETS: list[Wish] = [
    ("Pasar Induk Tirta Raya", (4650, -2450), {"aliases": ["Pasar Induk", "Ps. Induk", "PIT"], "kind": "grosir"}),
    ("Pasar Lama", (3300, 2350), {"aliases": ["Ps. Lama", "Pasar Lama Pecinan"], "kind": "eceran"}),
    ("Pasar Ikan Muara Baru", (1150, 4550), {"aliases": ["Pasar Ikan", "Ps. Ikan Muara", "TPI Muara Baru"], "kind": "ikan"}),
    ("Pasar Karang Sari", (-7200, 2500), {"aliases": ["Ps. Karang Sari"], "kind": "eceran"}),
    ("Pasar Sukamaju", (-3700, -5600), {"aliases": ["Ps. Sukamaju", "Pasar Suka Maju"], "kind": "eceran"}),
]
HOSPITALS: list[Wish] = [
    ("RSUD Tirta Raya", (-1900, -900), {"aliases": ["RSUD", "RS Umum Daerah"], "beds": 420, "emergency": True}),
    ("RS Bhakti Bahari", (5100, 1650), {"aliases": ["RS Bahari"], "beds": 210, "emergency": True}),
    ("RS Pelabuhan Sehat", (-4100, 2050), {"aliases": ["RS Pelabuhan"], "beds": 150, "emergency": True}),
    ("RS Ibu dan Anak Melati", (2150, -1650), {"aliases": ["RSIA Melati"], "beds": 90, "emergency": True}),
    ("RS Wening Husada", (-4600, -3650), {"aliases": ["RS Wening"], "beds": 180, "emergency": True}),
    ("RSUD Tirta Raya Timur", (6900, -3300), {"aliases": ["RSUD Timur"], "beds": 160, "emergency": True}),
    ("RS Bukit Indah", (-450, -6500), {"aliases": [], "beds": 110, "emergency": True}),
]
TERMINALS: list[Wish] = [
    ("Terminal Tirta Raya", (-5900, -1250), {"aliases": ["Terminal Induk", "Terminal Tipe A"], "kind": "antarkota"}),
    ("Terminal Pasar Lama", (2700, 2650), {"aliases": ["Terminal Kota"], "kind": "dalam kota"}),
    ("Terminal Wanasari", (5400, -6050), {"aliases": [], "kind": "dalam kota"}),
]
POLICE: list[Wish] = [
    ("Polres Tirta Raya", (-1500, 250), {"aliases": ["Polresta"]}),
    *[(f"Polsek {name}", spot, {"aliases": []}) for name, spot in (
        ("Pelabuhan", (-4650, 2800)), ("Muara Baru", (250, 4450)), ("Pasar Lama", (3550, 3300)),
        ("Tanjung Bahari", (7250, 3500)), ("Karang Sari", (-8000, 2700)), ("Tanah Lapang", (-5000, -650)),
        ("Kampung Tengah", (-450, -900)), ("Cempaka", (3000, -2300)), ("Tirta Asri", (7300, -1900)),
        ("Sukamaju", (-4350, -5700)), ("Bukit Indah", (400, -7350)), ("Wanasari", (4700, -5350)),
    )],
]  # fmt: skip
FIRE: list[Wish] = [
    (f"Pos Damkar {name}", spot, {"aliases": ["Mako Damkar"] if name == "Induk" else [], "engines": engines})
    for name, spot, engines in (
        ("Induk", (-250, 900), 9), ("Pelabuhan", (-3500, 1500), 4), ("Pasar Lama", (3300, 1100), 4),
        ("Bandara", (6100, 1900), 5), ("Karang Sari", (-7600, 1000), 2), ("Tanah Lapang", (-6100, -2700), 3),
        ("Sukamaju", (-2600, -4000), 3), ("Tirta Asri", (6500, -4200), 3), ("Bukit Indah", (-100, -7000), 2),
    )
]
STATIONS: list[Wish] = [
    ("Stasiun Tirta Raya", (-650, -1250), {"aliases": ["Stasiun Kota"], "on": "rail"}),
    ("Stasiun Tanah Lapang", (-5100, -500), {"aliases": [], "on": "rail"}),
    ("Stasiun Tirta Asri", (7400, -1650), {"aliases": [], "on": "rail"}),
]
OFFICES: list[Wish] = [
    ("Balai Kota Tirta Raya", (-1250, -150), {"aliases": ["Balaikota", "Kantor Wali Kota"]}),
    ("Pusat Komando 112", (-700, 450), {"aliases": ["Command Center", "Call Center 112"]}),
    ("Kantor BPBD Tirta Raya", (1650, -550), {"aliases": ["BPBD"]}),
]
# name, river, where, centimetres at the staff from Siaga 4 (watch) to Siaga 1 (worst)
GATES: list[tuple[str, str, Vertex, tuple[int, int, int, int]]] = [
    ("Pintu Air Hulu Jernih", "Kali Jernih", (1300, -7700), (80, 150, 200, 250)),
    ("Pintu Air Kali Jernih", "Kali Jernih", (1500, -4700), (600, 750, 850, 950)),
    ("Pintu Air Jembatan Merdeka", "Kali Jernih", (600, -400), (450, 550, 650, 720)),
    ("Pintu Air Muara Baru", "Kali Jernih", (600, 3300), (150, 180, 210, 240)),
    ("Bendung Waduk Wening", "Kali Wening", (-5100, -6750), (520, 600, 660, 700)),
    ("Pintu Air Kali Wening", "Kali Wening", (-2700, -4250), (300, 380, 450, 520)),
    ("Pintu Air Kanal Banjir", CANAL, (5550, 2900), (200, 250, 300, 340)),
    ("Pintu Air Kali Asri", "Kali Asri", (-7050, 3200), (120, 160, 190, 220)),
]


class Setting:
    """The finished map, asked where a thing stands: on which street, in which kelurahan."""

    def __init__(self, terrain: Terrain, districts: list[District], roads: list[Road], rails: list[Path]) -> None:
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
    terrain: Terrain, districts: list[District], roads: list[Road], rails: list[Path], junctions: list[Junction]
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
            _place(setting, "plb-01", "Pelabuhan Tirta Raya", (-5450, 4350), aliases=["Pelabuhan", "Dermaga"]),
            _place(setting, "plb-02", "Dermaga Pulau Camar", (-7450, 8250), aliases=["Dermaga Camar"]),
        ],
        "airports": [_place(setting, "bdr-01", "Bandar Udara Tirta Raya", (6560, 1250), aliases=["Bandara"])],
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
        line = LineString(setting.terrain.rivers[river])
        at = line.interpolate(line.project(Point(spot)))
        staff = {f"siaga_{4 - k}": level for k, level in enumerate(levels)}
        out.append(
            _place(setting, f"pa-{number:02d}", name, (at.x, at.y), river=river, levels_cm=staff, aliases=[f"PA{name.removeprefix('Pintu Air')}"] if name.startswith("Pintu Air") else [])
        )
    return out


def _named_junctions(setting: Setting, junctions: list[Junction]) -> list[tuple[Junction, Place]]:
    """Junctions inside the city with the name that people would call them by."""
    count = {3: "Simpang Tiga", 4: "Simpang Empat", 5: "Simpang Lima"}
    used: set[str] = set()
    out = []
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
    for number, (name, river, spot, _) in enumerate(GATES):
        line = LineString(setting.terrain.rivers[river])
        at = line.interpolate(line.project(Point(spot)))
        side = (at.x + 35.0, at.y + 12.0)
        picked.append((side, f"CCTV {name}", setting.door(side)[1] if number >= 0 else ""))
    for junction, place in named:
        if len(picked) == CAMERAS:
            break
        if all(Point(junction.at).distance(Point(other)) > CAMERA_GAP for other, _, _ in picked):
            picked.append((junction.at, str(place["name"]), str(place["street"])))
    return [
        _place(setting, f"cam-{number:03d}", name, at, street=street)
        for number, (at, name, street) in enumerate(picked, 1)
    ]
