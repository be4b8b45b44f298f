"""Coast, islands, rivers, lakes and the city limit of the demo city, in metres from its middle.

The large shapes are placed by hand, as a cartographer would sketch them; the seed adds what nature adds.
"""

import random
from dataclasses import dataclass

from shapely import LineString, MultiPolygon, Polygon, affinity, box, union_all
from shapely.geometry.base import BaseGeometry

from .lines import Path, Vertex, blob, fractal, meander, nearest_on, ribbon, soften, spline

# The drawn frame is far wider than the city: a wall of 32:9 must not show an edge of the world.
WEST, SOUTH, EAST, NORTH = -34_000.0, -20_000.0, 34_000.0, 20_000.0

COAST: Path = [
    (-36000, 3000), (-31000, 4300), (-26500, 4900), (-21500, 3700), (-17000, 4500), (-13500, 5600),
    (-11200, 5300),
    (-9300, 4500), (-7700, 4700), (-6500, 5500), (-5800, 5200), (-5500, 4200), (-4700, 3300), (-3500, 2900),
    (-2300, 3200), (-1600, 4100), (-1100, 5200), (-300, 6100), (800, 6700), (1800, 6500), (2600, 5700),
    (3500, 5000), (4700, 4700), (6100, 4500), (7400, 5000), (8500, 5900), (9300, 5800), (10600, 4800),
    (13200, 3900), (16500, 4400), (20500, 5500), (25000, 4300), (30000, 3500), (36000, 4400),
]  # fmt: skip
LIMIT: Path = [
    (-9400, 9500), (-9300, 4600), (-8850, 3300), (-9500, 2200), (-10300, 900), (-10000, -700), (-9000, -1500),
    (-8800, -2700), (-9600, -3900), (-9300, -5200), (-8100, -5900), (-7900, -7200), (-7000, -8500),
    (-5300, -8700),
    (-4300, -9800), (-2900, -9500), (-1900, -8500), (-300, -8700), (900, -9700), (2600, -9400), (3500, -8600),
    (5200, -8400), (6300, -8900), (7600, -7800), (7800, -6500), (8800, -5700), (9900, -4700), (9700, -3200),
    (8900, -2200), (9100, -900), (10000, 200), (9900, 1700), (9100, 2700), (9400, 4300), (9700, 9500),
]  # fmt: skip

RIVERS: dict[str, Path] = {
    "Kali Jernih": [
        (5200, -20500), (3600, -17000), (4100, -14000), (2400, -11200), (2300, -9000), (1100, -7000),
        (1700, -5000), (500, -3200), (900, -1400), (150, 300), (800, 2100), (450, 3700), (800, 5200),
        (1000, 7400),
    ],
    "Kali Wening": [
        (-11500, -20500), (-9400, -15500), (-7300, -11800), (-6300, -9000), (-5300, -7000), (-3600, -5600),
        (-2700, -4300), (-1100, -3600), (500, -3200),
    ],
    "Kali Asri": [
        (-14500, -13000), (-11500, -7500), (-8600, -3800), (-7300, -1700), (-7700, 600), (-6900, 2600),
        (-7300, 4200),
        (-7200, 5800),
    ],
    "Kali Pandan": [
        (13500, -20500), (12000, -13000), (9800, -8000), (8100, -4600), (8500, -1600), (8100, 900),
        (8800, 3300),
        (8900, 6900),
    ],
}  # fmt: skip
# Main river and its tributary swing widest; metres of amplitude and wavelength of the bends.
BENDS = {
    "Kali Jernih": (190.0, 1500.0), "Kali Wening": (150.0, 1000.0),
    "Kali Asri": (110.0, 800.0), "Kali Pandan": (110.0, 850.0),
}  # fmt: skip
WIDTHS = {
    "Kali Jernih": (70.0, 130.0), "Kali Wening": (34.0, 58.0), "Kali Asri": (14.0, 34.0),
    "Kali Pandan": (16.0, 36.0),
}  # fmt: skip
CANAL = "Kanal Banjir Timur Raya"
CANAL_WIDTH = (64.0, 78.0)
BRANCHES: dict[str, tuple[Vertex, Path]] = {
    "Muara Kulon": ((520, 3500), [(-150, 4500), (-450, 5400), (-900, 7200)]),
    "Muara Wetan": ((700, 4500), [(1300, 5100), (1700, 5900), (2500, 7400)]),
}


@dataclass(frozen=True)
class Terrain:
    """What nature and the harbour builders made; all geometry in metres."""

    land: BaseGeometry
    limit: Polygon
    city: MultiPolygon
    frame: Polygon
    islands: BaseGeometry
    rivers: dict[str, Path]
    river_area: dict[str, BaseGeometry]
    lakes: dict[str, Polygon]
    breakwaters: list[Path]


def make_terrain(seed: int) -> Terrain:
    """Draw the terrain of one seed."""
    rng = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    coast = soften(fractal(spline(COAST, 620), rng, 0.19, 90), 2)
    mainland = Polygon([*coast, (36000, SOUTH - 2000), (-36000, SOUTH - 2000)])
    rivers = _rivers(rng)
    area = _river_area(rivers)
    islands = union_all(
        [
            Polygon(blob((-7700, 7100), 560, 330, rng)),
            Polygon(blob((-6600, 7700), 300, 210, rng)),
            Polygon(blob((-8600, 7850), 200, 150, rng)),
        ]
    )
    land = union_all([mainland.buffer(0), _tongue(), *_quays()]).difference(_basins())
    land = land.difference(_mouths(rivers))
    # what the carving cut off is too small to be an island of its own
    largest = max(getattr(land, "geoms", [land]), key=lambda part: part.area)
    land = union_all([Polygon(largest.exterior), islands])
    frame = box(WEST, SOUTH, EAST, NORTH)
    limit = Polygon(soften(fractal(spline(LIMIT, 800), rng, 0.2, 140), 2)).buffer(0)
    city = land.intersection(union_all([limit, box(-9400, 6500, 9700, 9900)]))
    parts = [p for p in getattr(city, "geoms", [city]) if isinstance(p, Polygon) and p.area > 20_000]
    lakes = _lakes(rng)
    return Terrain(
        land=land.intersection(frame), limit=limit, city=MultiPolygon(parts), frame=frame, islands=islands,
        rivers=rivers, river_area=area, lakes=lakes, breakwaters=_breakwaters(),
    )  # fmt: skip


def _rivers(rng: random.Random) -> dict[str, Path]:
    rivers: dict[str, Path] = {}
    for name, points in RIVERS.items():
        swing, wave = BENDS[name]
        course = meander(spline(points, 120), rng, swing, wave)
        rivers[name] = soften(fractal(course, rng, 0.05, 45), 1)
    main = rivers["Kali Jernih"]
    joint = nearest_on(main, (500, -3200))
    rivers["Kali Wening"] = [*rivers["Kali Wening"][:-1], joint]
    head = nearest_on(main, (1650, -4900))
    rivers[CANAL] = spline(
        [
            head,
            (2900, -4300),
            (4300, -3300),
            (5200, -1700),
            (5500, 200),
            (5550, 2000),
            (5900, 3600),
            (6050, 6200),
        ],
        80,
    )
    for name, (start, rest) in BRANCHES.items():
        course = meander(spline([nearest_on(main, start), *rest], 100), rng, 60, 900)
        rivers[name] = soften(fractal(course, rng, 0.05, 45), 1)
    return rivers


def _river_area(rivers: dict[str, Path]) -> dict[str, BaseGeometry]:
    area = {name: ribbon(rivers[name], *width) for name, width in WIDTHS.items()}
    area[CANAL] = ribbon(rivers[CANAL], *CANAL_WIDTH)
    for name in BRANCHES:
        area[name] = ribbon(rivers[name], 55, 95)
    return area


# metres of length, inner width and outer width of the funnel at each mouth; inside as wide as its river
_FUNNELS = {
    "Kali Jernih": (1500.0, 125.0, 420.0), "Muara Kulon": (2000.0, 90.0, 260.0),
    "Muara Wetan": (1900.0, 90.0, 300.0), CANAL: (1900.0, 78.0, 190.0),
    "Kali Asri": (1300.0, 36.0, 170.0), "Kali Pandan": (1700.0, 38.0, 190.0),
}  # fmt: skip


def _mouths(rivers: dict[str, Path]) -> BaseGeometry:
    """Funnels where the sea reaches into the rivers' mouths."""
    funnels = []
    for name, (length, inner, outer) in _FUNNELS.items():
        line = LineString(rivers[name])
        tail = [line.interpolate(line.length - length * (1 - k / 24)) for k in range(25)]
        funnels.append(ribbon([(p.x, p.y) for p in tail], inner, outer))
    return union_all(funnels)


def _tongue() -> BaseGeometry:
    """The reclaimed tongue: straight-edged, with rounded corners and a marina cut into it."""
    body = Polygon(
        [(3250, 4300), (4700, 4300), (4850, 6000), (4650, 7450), (3700, 7700), (3150, 6900), (3350, 5600)]
    )
    marina = Polygon([(3000, 6050), (3950, 6120), (3950, 6480), (3050, 6400)])
    rounded = body.difference(marina).buffer(-70).buffer(140).buffer(-70)
    return affinity.translate(rounded, 720, -250)


def _quays() -> list[BaseGeometry]:
    """Harbour platforms: square-cut land on the west shore of the bay."""
    apron = box(-5900, 3500, -5000, 5000)
    piers = [box(-5100, y, -4250, y + 190) for y in (3750, 4230, 4700)]
    return [affinity.rotate(shape, -8, origin=(-5400, 4300)) for shape in (apron, *piers)]


def _basins() -> BaseGeometry:
    """The dredged basin in front of the quays, so that the inner bay does not silt them up."""
    return affinity.rotate(box(-4980, 3560, -4300, 5400), -8, origin=(-5400, 4300)).difference(
        union_all(
            [
                affinity.rotate(box(-5100, y, -4250, y + 190), -8, origin=(-5400, 4300))
                for y in (3750, 4230, 4700)
            ]
        )
    )


def _breakwaters() -> list[Path]:
    return [
        spline([(-6150, 5500), (-5400, 5950), (-4300, 6150), (-3650, 5950)], 120),
        spline([(-1250, 5000), (-2000, 5550), (-2800, 5750)], 120),
    ]


def _lakes(rng: random.Random) -> dict[str, Polygon]:
    """A reservoir with side valleys in the hills, a town lake and a polder pond."""
    arms = [
        spline([(-5150, -6800), (-5700, -7350), (-6150, -8300)], 80),
        spline([(-5600, -7200), (-5000, -7600), (-4700, -8050)], 80),
        spline([(-5750, -7500), (-6500, -7350), (-6900, -7000)], 80),
        spline([(-6000, -8000), (-6650, -8050)], 80),
    ]
    widths = [(620.0, 120.0), (360.0, 70.0), (330.0, 60.0), (220.0, 60.0)]
    water = union_all([ribbon(arm, *width) for arm, width in zip(arms, widths, strict=True)])
    basin = water.buffer(90).buffer(-90)
    assert isinstance(basin, Polygon)
    outline = [(x, y) for x, y in basin.exterior.simplify(30).coords]
    shore = soften(fractal(outline, rng, 0.16, 60), 2)
    return {
        "Waduk Wening": Polygon(shore).buffer(0),
        "Situ Cempaka": Polygon(blob((3900, -6300), 420, 300, rng)),
        "Waduk Pesisir": Polygon(blob((-2050, 2250), 260, 170, rng)),
    }
