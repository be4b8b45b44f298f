"""What the page's map draws: districts and base map, cached by their hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Geo:
    """The two documents of the map, and what else a web node needs to know of the city's ground."""

    #: GeoJSON of all districts, simplified (boundaries/drawing.py)
    districts: bytes
    #: the configured base map as it is, or None
    basemap: bytes | None
    #: the level that the map colours; 0 is the highest
    map_level: int
    #: west, south, east, north of the city, in degrees
    bounds: tuple[float, float, float, float]
    #: names of the places that the engine knows beside the districts, for who types one
    places: tuple[str, ...] = ()

    def url(self, name: str) -> str:
        """Address with the document's hash."""
        body = self.districts if name == "districts" else self.basemap or b""
        return f"/geo/{name}.json?h={hashlib.sha256(body).hexdigest()[:12]}"
