"""The places that a script names (places.json): cameras, gates, junctions, markets."""

from __future__ import annotations

from pathlib import Path

import msgspec

from wallboard.errors import WallboardError


class Spot(msgspec.Struct, frozen=True):
    """A place of places.json."""

    id: str
    name: str
    lon: float
    lat: float
    street: str = ""
    river: str = ""
    levels_cm: dict[str, int] = {}

    @property
    def near(self) -> str:
        """How people say where it is: "Jl. Merdeka, dekat Simpang Lima Alun-Alun"."""
        return f"{self.street}, dekat {self.name}" if self.street else f"Dekat {self.name}"


#: group of places.json (cameras, gates, junctions, markets …) → its places
Places = dict[str, list[Spot]]


def read_places(path: Path) -> Places:
    """The places by group; raises WallboardError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Places)
    except (OSError, msgspec.MsgspecError) as fault:
        raise WallboardError(f"{path.name} cannot be used: {fault}.") from fault
