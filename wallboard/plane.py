"""A flat map in metres around one city, so that distances and areas need no geodesy library."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]

#: WGS 84: half the equator's diameter in metres, and the square of the eccentricity.
_EARTH_A_M = 6_378_137.0
_EARTH_E2 = 0.006_694_379_990_14


@dataclass(frozen=True)
class Plane:
    """Metres east and north of a middle point (equirectangular, on the ellipsoid's own radii there).

    Error: a length is wrong by at most ``tan|lat| · Δlat`` (radians) of itself, Δlat being the distance in
    latitude from the middle. Jakarta with its islands (±0.6° at 5.8° south): under 0.11 %; a city of 30 km
    at 6°: 0.03 %. So 100 m are off by 11 cm at worst, far below any source's accuracy.
    """

    lon: float
    lat: float

    @classmethod
    def around(cls, west: float, south: float, east: float, north: float) -> Plane:
        """The plane whose middle is the middle of a box in degrees."""
        return cls((west + east) / 2, (south + north) / 2)

    @property
    def metres_per_degree(self) -> tuple[float, float]:
        """Metres in a degree of longitude and of latitude at the middle."""
        sine = math.sin(math.radians(self.lat))
        bend = 1 - _EARTH_E2 * sine * sine
        across = _EARTH_A_M / math.sqrt(bend) * math.cos(math.radians(self.lat))
        along = _EARTH_A_M * (1 - _EARTH_E2) / bend**1.5
        return math.radians(across), math.radians(along)

    def to_plane(self, geometry: Any) -> Any:
        """Geometry (one, or an array of them) in degrees → the same in metres."""
        scale, middle = np.array(self.metres_per_degree), np.array([self.lon, self.lat])
        return shapely.transform(geometry, lambda xy: (xy - middle) * scale)

    def to_degrees(self, geometry: Any) -> Any:
        """Geometry (one, or an array of them) in metres → the same in degrees."""
        scale, middle = np.array(self.metres_per_degree), np.array([self.lon, self.lat])
        return shapely.transform(geometry, lambda xy: xy / scale + middle)
