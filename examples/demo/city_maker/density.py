"""How densely the demo city is lived in: one field that sizes districts, streets and population."""

import numpy as np

from .noise import Floats

# (x, y, radius in metres, weight): old town, market, harbour, east bank, west and south suburbs
_HEARTS = [
    (-900, -300, 2600, 1.0), (1900, 900, 2300, 0.8), (-3800, 1800, 1500, 0.45), (900, 3900, 1500, 0.4),
    (3600, -2600, 2000, 0.5), (-4600, -2600, 2200, 0.45), (4200, 3000, 1500, 0.4), (-7600, 2200, 1500, 0.2),
    (6800, -3000, 1800, 0.2), (-600, -5200, 1800, 0.25),
]  # fmt: skip
_RURAL = 0.22  # of the centre's density, at the city limit


def density(x: Floats, y: Floats) -> Floats:
    """Relative density at points in metres: about 0.2 at the limit, 1.5 in the old town."""
    total = np.full_like(x, _RURAL)
    for cx, cy, radius, weight in _HEARTS:
        squared = ((x - cx) ** 2 + (y - cy) ** 2) / radius**2
        # a rational bump instead of exp: the same bits on every machine
        total = total + weight / (1 + squared) ** 2
    return total
