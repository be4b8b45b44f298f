"""The roads and railways of the demo city, in metres from its middle."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from .lines import Path, Vertex, nearest_on, spline
from .noise import Noise

# One soft distortion for all roads keeps crossings where they are and takes the ruler out of the drawing.
WARP_METRES = 170.0
WARP_WAVELENGTH = 2600.0

CENTRE: Vertex = (-900, -300)  # where the five radials meet


@dataclass(frozen=True)
class Road:
    """One named road; `kind` is toll, ring, coastal, arterial or collector."""

    name: str
    kind: str
    path: Path


_MAIN: list[tuple[str, str, Path]] = [
    ("Tol Tirta Raya", "toll", [
        (-36000, -5200), (-27000, -4300), (-19000, -5400), (-12500, -4600), (-8500, -4500), (-5200, -4300),
        (-2200, -5300), (1200, -5700), (4200, -4700), (7000, -3800), (10000, -4300), (16000, -3200),
        (24000, -4600), (36000, -3900),
    ]),
    ("Tol Pelabuhan", "toll", [(-5200, -4300), (-4900, -2600), (-5150, -700), (-4850, 1000), (-5300, 2500),
    (-5500, 3700)]),
    ("Jl. Pesisir Raya", "coastal", [
        (-36000, 900), (-26000, 2600), (-18000, 2500), (-12500, 3600), (-9000, 3200), (-6900, 3500),
        (-5300, 2700),
        (-3700, 1900), (-2000, 2800), (-900, 4000), (500, 4700), (2000, 4400), (3700, 3900), (5600, 3500),
        (7300, 3900), (9000, 4100), (12500, 2700), (18000, 3200), (26000, 3000), (36000, 3000),
    ]),
    ("Jl. Lingkar Dalam", "ring", [
        (-3900, -400), (-3500, 800), (-2100, 1500), (-300, 1800), (1700, 1700), (3100, 900), (3500, -700),
        (2700, -2200), (1000, -2900), (-1200, -2700), (-3000, -1900), (-3900, -400),
    ]),
    ("Jl. Lingkar Luar", "ring", [
        (-6300, 3250), (-6150, 1500), (-6700, -200), (-6300, -2200), (-6000, -4400), (-4400, -6000),
        (-2000, -6900),
        (700, -7300), (3100, -7300), (5200, -6400), (6700, -4700), (7300, -2600), (7250, -700), (7600, 1200),
        (7500, 2700), (7200, 3900),
    ]),
    ("Jl. Merdeka", "arterial", [
        CENTRE, (600, -350), (2300, 100), (4400, -300), (6400, -500), (8600, -300), (12000, -900),
        (19000, 300), (36000, -400),
    ]),
    ("Jl. Pelabuhan", "arterial", [CENTRE, (-1900, 300), (-2900, 1000), (-3900, 2000), (-4700, 2950),
    (-5350, 3900)]),
    ("Jl. Raya Barat", "arterial", [
        CENTRE, (-2500, -450), (-4200, -250), (-6000, -500), (-7600, 100), (-9300, -300), (-14000, 400),
        (-22000, -600), (-36000, 100),
    ]),
    ("Jl. Raya Selatan", "arterial", [
        CENTRE, (-1000, -1700), (-900, -3200), (-350, -4700), (-600, -6200), (-300, -7600), (-900, -9500),
        (-400, -13000), (-1500, -21000),
    ]),
    ("Jl. Pemuda", "arterial", [CENTRE, (-1100, 700), (-900, 1900), (-1000, 3000), (-850, 4050)]),
    ("Jl. Veteran", "arterial", [
        (-1050, -1900), (-2300, -3100), (-3900, -3500), (-5200, -4900), (-7000, -6000), (-8300, -7600),
        (-12000, -12000), (-18000, -21000),
    ]),
    ("Jl. Pahlawan", "arterial", [
        (2300, 100), (2900, -1500), (4100, -2600), (4600, -4200), (5300, -5900), (6900, -7600),
        (9500, -11500), (11500, -21000),
    ]),
    ("Jl. Bahari", "arterial", [(2300, 100), (2500, 1700), (3100, 2900), (3700, 3900)]),
    ("Jl. Bandara", "arterial", [(2900, 1050), (4300, 1500), (5900, 1500), (7000, 2750), (7700, 2900),
    (9500, 2000)]),
    ("Jl. Kanal", "arterial", [(4500, -2700), (5500, -1900), (6050, -300), (5950, 1600), (6300, 3700)]),
    ("Jl. Tambak", "arterial", [(-7700, 3400), (-8300, 1800), (-7900, 0), (-8200, -2600), (-7700, -4600),
    (-7200, -6100)]),
    ("Jl. Waduk", "arterial", [(-4400, -6000), (-4200, -7100), (-3700, -8200), (-4700, -9600),
    (-5500, -14000), (-5000, -21000)]),
    ("Jl. Bukit Indah", "arterial", [(-500, -6900), (900, -8000), (2600, -8100), (4200, -7900),
    (5900, -7000)]),
    ("Jl. Reklamasi", "arterial", [(4700, 3750), (4750, 4700), (4800, 5700), (4780, 6900), (4600, 7350)]),
]  # fmt: skip
# An end of a road is laid onto the road that it joins: (road, which end, joined road).
_JOINTS: list[tuple[str, int, str]] = [
    ("Tol Pelabuhan", 0, "Tol Tirta Raya"), ("Jl. Pemuda", -1, "Jl. Pesisir Raya"),
    ("Jl. Veteran", 0, "Jl. Raya Selatan"),
    ("Jl. Pahlawan", 0, "Jl. Merdeka"), ("Jl. Bahari", 0, "Jl. Merdeka"),
    ("Jl. Bahari", -1, "Jl. Pesisir Raya"),
    ("Jl. Bandara", 0, "Jl. Lingkar Dalam"), ("Jl. Kanal", 0, "Jl. Pahlawan"),
    ("Jl. Kanal", -1, "Jl. Pesisir Raya"),
    ("Jl. Tambak", 0, "Jl. Pesisir Raya"), ("Jl. Tambak", -1, "Jl. Veteran"),
    ("Jl. Waduk", 0, "Jl. Lingkar Luar"),
    ("Jl. Bukit Indah", 0, "Jl. Raya Selatan"), ("Jl. Bukit Indah", -1, "Jl. Pahlawan"),
    ("Jl. Reklamasi", 0, "Jl. Pesisir Raya"), ("Jl. Lingkar Luar", 0, "Jl. Pesisir Raya"),
    ("Jl. Lingkar Luar", -1, "Jl. Pesisir Raya"),
]  # fmt: skip
_RAIL: list[Path] = [
    [(-36000, 1900), (-24000, 700), (-14000, 1500), (-9300, 900), (-6800, 500), (-4400, -900),
     (-2300, -1300), (-600, -1250),
     (1500, -1350), (4000, -1700), (7000, -1500), (10000, -2200), (17000, -1500), (26000, -2400),
     (36000, -1400)],
    [(-4400, -900), (-4300, 300), (-4450, 1600), (-4900, 2900), (-5300, 4300)],
]  # fmt: skip


@cache
def _fields(seed: int) -> tuple[Noise, Noise]:
    return Noise(seed, WARP_WAVELENGTH), Noise(seed + 1, WARP_WAVELENGTH)


def warp(path: Path, seed: int) -> Path:
    """Bend a path by the distortion that all roads share."""
    east, north = _fields(seed)
    x = np.array([p[0] for p in path], dtype=np.float64)
    y = np.array([p[1] for p in path], dtype=np.float64)
    dx = WARP_METRES * east.at(x, y)
    dy = WARP_METRES * north.at(x, y)
    return [(float(a), float(b)) for a, b in zip(x + dx, y + dy, strict=True)]


def main_roads(seed: int) -> list[Road]:
    """Toll roads, rings, coastal road and arterials, joined where they meet."""
    paths = {name: warp(spline(points, 90), seed) for name, _, points in _MAIN}
    for name, end, target in _JOINTS:
        paths[name][end] = nearest_on(paths[target], paths[name][end])
    return [Road(name, kind, paths[name]) for name, kind, _ in _MAIN]


def railways(seed: int) -> list[Path]:
    """The main line and the branch to the harbour."""
    main, branch = (warp(spline(points, 120), seed) for points in _RAIL)
    branch[0] = nearest_on(main, branch[0])
    return [main, branch]
