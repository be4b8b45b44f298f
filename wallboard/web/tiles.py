"""Tiles of the map as the page is told of them, and which hosts it may load them from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wallboard.city import CityConfig
from wallboard.pmtiles import read_header

ARCHIVE = "/geo/map.pmtiles"


@dataclass(frozen=True)
class Tiles:
    """What lies between ground and districts; empty by default: the map then needs nothing from outside."""

    #: the archive's file, or None
    archive: Path | None = None
    #: what the page is told: {pmtiles, tiles, wms}, each left out where there is none
    told: dict[str, Any] = field(default_factory=dict)
    #: origins from which the page may load pictures
    hosts: tuple[str, ...] = ()


def tiles_of(city: CityConfig, folder: Path) -> Tiles:
    """The tiles of a checked configuration, whose paths begin at `folder`."""
    own = city.map
    told: dict[str, Any] = {}
    addresses: list[str] = []
    archive = None
    if own.pmtiles is not None:
        archive = folder / own.pmtiles.file
        header = read_header(archive)
        stamp = archive.stat()
        told["pmtiles"] = {
            # A file that was exchanged has another address: no browser mixes tiles of two.
            "url": f"{ARCHIVE}?h={stamp.st_mtime_ns:x}-{stamp.st_size:x}",
            "kind": header.kind,
            "min_zoom": header.min_zoom,
            "max_zoom": header.max_zoom,
            "bounds": header.bounds,
            "attribution": own.pmtiles.attribution,
            "opacity": own.pmtiles.opacity,
        }
    if own.tiles is not None:
        addresses.append(own.tiles.url)
        told["tiles"] = {
            name: getattr(own.tiles, name)
            for name in ("url", "attribution", "min_zoom", "max_zoom", "opacity")
        }
    if own.wms:
        addresses += [one.url for one in own.wms]
        names = ("name", "url", "layers", "attribution", "opacity", "as_of")
        told["wms"] = [{name: getattr(one, name) for name in names} for one in own.wms]
    return Tiles(archive, told, tuple(dict.fromkeys(origin(url) for url in addresses)))


def origin(url: str) -> str:
    """Scheme, host and port of a checked address, as a Content-Security-Policy names it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
