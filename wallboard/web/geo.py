"""What the page's map draws: districts and base map, cached by their hash."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from wallboard.web.packed import Packed
from wallboard.web.tiles import Tiles


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
    #: codes of all districts of any level
    codes: frozenset[str] = frozenset()
    tiles: Tiles = field(default_factory=Tiles)

    @cached_property
    def documents(self) -> dict[str, Packed]:
        """By the name in their address."""
        bodies = {"districts": self.districts, "basemap": self.basemap}
        return {
            name: Packed(body, "application/geo+json") for name, body in bodies.items() if body is not None
        }

    def url(self, name: str) -> str:
        """Address with the document's hash."""
        return f"/geo/{name}.json?h={self.documents[name].digest}"
