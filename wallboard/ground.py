"""The city's ground, ready to use: boundaries, geofence and gazetteer from its configuration."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from wallboard.boundaries import Boundaries, Level, load_boundaries
from wallboard.boundary_report import BoundaryReport
from wallboard.city import CityConfig, PlaceConfig
from wallboard.errors import ConfigError, Fault
from wallboard.gazetteer import Gazetteer, Named
from wallboard.geofence import Geofence


@dataclass(frozen=True)
class Ground:
    """What assigns places of one city."""

    boundaries: Boundaries
    report: BoundaryReport
    geofence: Geofence
    gazetteer: Gazetteer


def prepare(city: CityConfig, folder: Path) -> Ground:
    """Read the boundaries and places that the configuration names, relative to `folder`; ConfigError."""
    config = city.boundaries
    path = folder / config.file
    try:
        geojson = json.loads(path.read_text())
    except (OSError, ValueError) as fault:
        raise ConfigError([Fault("city.toml", "boundaries.file", config.file, str(fault))]) from fault
    boundaries, report = load_boundaries(
        geojson,
        [Level(code=level.code, name=level.name) for level in config.levels],
        source=config.source,
        version=config.version,
    )
    geofence = Geofence(
        boundaries, gap_limit_m=config.gap_limit_m, default_accuracy_m=config.default_accuracy_m
    )
    named = [Named(p.name, p.lon, p.lat, p.kind, tuple(p.aliases)) for p in places(city, folder)]
    return Ground(boundaries, report, geofence, Gazetteer(boundaries, named))


def places(city: CityConfig, folder: Path) -> list[PlaceConfig]:
    """The configured places: the [[place]] tables, and those of `places_file`."""
    found = list(city.place)
    if city.places_file:
        path = folder / city.places_file
        try:
            groups = json.loads(path.read_text())
        except (OSError, ValueError) as fault:
            raise ConfigError([Fault("city.toml", "places_file", city.places_file, str(fault))]) from fault
        for kind, listed in groups.items():
            found += [
                PlaceConfig(
                    name=place["name"],
                    lon=place["lon"],
                    lat=place["lat"],
                    kind=kind,
                    id=place.get("id", ""),
                    aliases=place.get("aliases", []),
                )
                for place in listed
                if isinstance(place, dict) and "name" in place
            ]
    return found
