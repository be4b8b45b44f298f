"""Chance that is the same every time: a generator for each thing, from the seed and the thing's own name."""

from __future__ import annotations

import math
from random import Random


def dice(seed: int, *names: object) -> Random:
    """A generator that depends on the seed and these names only, on every machine and in every run."""
    return Random("/".join(str(name) for name in (seed, *names)))  # noqa: S311  # a play, not a secret


def beside(rng: Random, lon: float, lat: float, spread_m: float) -> tuple[float, float]:
    """A point within about `spread_m` of another."""
    angle, away = rng.uniform(0.0, 2.0 * math.pi), spread_m * math.sqrt(rng.random())
    north = away / 111_320.0
    east = north / math.cos(math.radians(lat))
    return round(lon + east * math.cos(angle), 6), round(lat + north * math.sin(angle), 6)
