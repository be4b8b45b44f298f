"""The header of a PMTiles archive (version 3, github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

HEADER_BYTES = 127

_MAGIC = b"PMTiles"
_VERSION = 3

#: Kind of tile by its number in the header; 0 is "other".
_KINDS = {1: "mvt", 2: "png", 3: "jpeg", 4: "webp", 5: "avif"}

#: At this offset: kind of tile, least and most zoom, then west, south, east, north as degrees times 10⁷.
_AT = 99
_FORM = "<BBBiiii"


@dataclass(frozen=True)
class Header:
    """What a map needs to know of an archive before it asks for the first tile."""

    #: "mvt" are vectors, all else pictures
    kind: str
    min_zoom: int
    max_zoom: int
    #: west, south, east, north in degrees
    bounds: tuple[float, float, float, float]


def read_header(path: Path) -> Header:
    """The header of the archive at `path`; raises OSError, and ValueError with what the file is not."""
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    if not head.startswith(_MAGIC):
        raise ValueError("is no PMTiles archive")
    if len(head) < HEADER_BYTES or head[len(_MAGIC)] != _VERSION:
        raise ValueError(f"is no PMTiles archive of version {_VERSION}: `pmtiles convert` makes one")
    kind, least, most, west, south, east, north = struct.unpack_from(_FORM, head, _AT)
    if kind not in _KINDS:
        raise ValueError("holds tiles of a kind that no map here can draw")
    if not least <= most <= 30:
        raise ValueError(f"is broken: zooms {least} to {most}")
    return Header(_KINDS[kind], least, most, (west / 1e7, south / 1e7, east / 1e7, north / 1e7))
