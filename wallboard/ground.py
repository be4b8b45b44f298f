"""The city's ground, ready to use: boundaries, geofence and gazetteer from its configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from wallboard.boundaries import Boundaries, BoundaryError, Level, load_boundaries, parse_levels
from wallboard.boundaries.report import BoundaryReport
from wallboard.city import BoundariesConfig, CityConfig, PlaceConfig
from wallboard.config.findings import Findings, guess
from wallboard.config.place_files import SitedPlace, check_sites, read_places, sited
from wallboard.config.walls import check_bound_walls
from wallboard.errors import ConfigError
from wallboard.gazetteer import Gazetteer, Link, Named
from wallboard.gazetteer.crosswalk import links, read_csv
from wallboard.geofence import Geofence
from wallboard.pmtiles import read_header


@dataclass
class Ground:
    """What assigns places of one city. The geofence takes a moment to build, and only the engine needs it."""

    boundaries: Boundaries
    report: BoundaryReport
    config: BoundariesConfig
    places: list[PlaceConfig]
    links: list[Link]

    @cached_property
    def geofence(self) -> Geofence:
        """Assigns points to districts."""
        config = self.config
        return Geofence(
            self.boundaries, gap_limit_m=config.gap_limit_m, default_accuracy_m=config.default_accuracy_m
        )

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Finds districts and places by name."""
        named = [Named(p.name, p.lon, p.lat, p.kind, tuple(p.aliases)) for p in self.places]
        return Gazetteer(self.boundaries, named, self.links)


def prepare(city: CityConfig, folder: Path, file: str = "city.toml") -> Ground:
    """Read the boundaries and places that the configuration `file` names, relative to `folder`.

    Raises ConfigError with every fault of all these files.
    """
    found = Findings(file)
    ground = survey(city, folder, found)
    found.raise_faults()
    assert ground is not None
    return ground


def survey(city: CityConfig, folder: Path, found: Findings) -> Ground | None:
    """The ground, with what is wrong noted in `found`; None where anything is, now or before."""
    _check_basemap(city, folder, found)
    _check_pmtiles(city, folder, found)
    listed = _all_places(city, folder, found)
    loaded = _load(city, folder, found)
    if loaded is None:
        return None
    boundaries, report = loaded
    check_sites(listed, boundaries.bounds, found)
    check_bound_walls(city, {district.code for district in boundaries.districts}, found)
    linked = _links(city, folder, boundaries, found)
    if found.faults:
        return None
    return Ground(boundaries, report, city.boundaries, [each.place for each in listed], linked)


def districts_alone(file: Path, levels: str) -> Geofence:
    """A geofence of a GeoJSON file without a configuration, for `locate --districts FILE --levels TEXT`.

    `levels` is "code_property,name_property;…", highest first. Raises ConfigError.
    """
    found = Findings("command line")
    geojson = _read_json(file, "--districts", str(file), found)
    properties: tuple[Level, ...] = ()
    try:
        properties = parse_levels(levels)
    except ValueError as fault:
        found.fault("--levels", levels, str(fault))
    found.raise_faults()
    try:
        return Geofence(load_boundaries(geojson, properties, source=file.name, version="")[0])
    except BoundaryError as fault:
        found.fault("--districts", str(file), str(fault))
        raise ConfigError(found.faults) from fault


def places(city: CityConfig, folder: Path) -> list[PlaceConfig]:
    """The configured places: the [[place]] tables, and those of `places_file`. Raises ConfigError."""
    found = Findings("city.toml")
    listed = _all_places(city, folder, found)
    found.raise_faults()
    return [each.place for each in listed]


def _all_places(city: CityConfig, folder: Path, found: Findings) -> list[SitedPlace]:
    listed = sited(city.place, found)
    if city.places_file:
        document = _read_json(folder / city.places_file, "places_file", city.places_file, found)
        if document is not None:
            listed += read_places(document, str(folder / city.places_file), found)
    return listed


def _load(city: CityConfig, folder: Path, found: Findings) -> tuple[Boundaries, BoundaryReport] | None:
    config = city.boundaries
    if not config.file:
        return None
    geojson = _read_json(folder / config.file, "boundaries.file", config.file, found)
    if geojson is None or not _has_properties(city, geojson, found):
        return None
    if any(fault.key.startswith("boundaries.levels") for fault in found.faults):
        return None  # the districts would be wrong for that reason alone
    levels = [Level(code=level.code, name=level.name) for level in config.levels]
    try:
        return load_boundaries(
            geojson, levels, source=config.source, version=config.version, population=config.population
        )
    except BoundaryError as fault:
        found.fault("boundaries.file", config.file, str(fault))
        return None


def _links(city: CityConfig, folder: Path, boundaries: Boundaries, found: Findings) -> list[Link]:
    """What the crosswalk says of another list; a line for a district that is not there is a fault."""
    name = city.boundaries.crosswalk
    if not name:
        return []
    try:
        lines = read_csv((folder / name).read_text("utf-8-sig"))
    except OSError as fault:
        why = f"cannot be read: {(fault.strerror or 'unknown reason').lower()}"
        found.fault("boundaries.crosswalk", name, why)
        return []
    except ValueError as fault:  # not UTF-8 either
        found.fault("boundaries.crosswalk", name, str(fault))
        return []
    unknown = sorted({line.code for line in lines if line.code and line.code not in boundaries.by_code})
    if unknown:
        why = (
            f"has {len(unknown)} codes that are none of {city.boundaries.file}, the first {unknown[0]!r}: "
            "make it anew for these boundaries with `init --crosswalk`"
        )
        found.fault("boundaries.crosswalk", name, why)
    return links(lines)


def _has_properties(city: CityConfig, geojson: Any, found: Findings) -> bool:
    """Whether each level's properties stand in the file; a misspelt one would leave all districts out."""
    features = geojson.get("features") if isinstance(geojson, Mapping) else None
    if not isinstance(features, list):
        return True  # load_boundaries says what it is not
    tables = [feature.get("properties") for feature in features if isinstance(feature, Mapping)]
    known = {name for table in tables if isinstance(table, Mapping) for name in table}
    if not known:
        return True
    whole = True
    for index, level in enumerate(city.boundaries.levels):
        for field, name in (("code", level.code), ("name", level.name)):
            if name not in known:
                why = f"is no property in {city.boundaries.file}; {guess(name, known)}"
                found.fault(f"boundaries.levels[{index}].{field}", name, why)
                whole = False
    if (people := city.boundaries.population) and people not in known:
        why = f"is no property in {city.boundaries.file}; {guess(people, known)}"
        found.fault("boundaries.population", people, why)
        whole = False
    return whole and bool(city.boundaries.levels) and _highest_first(city, tables, found)


def _highest_first(city: CityConfig, tables: list[Any], found: Findings) -> bool:
    """Whether each level has at least as many districts as the one above it; else districts would melt."""
    levels = city.boundaries.levels
    codes = [
        len({str(table.get(level.code)) for table in tables if isinstance(table, Mapping)})
        for level in levels
    ]
    for index, (upper, lower) in enumerate(pairwise(codes)):
        if lower < upper:
            above = f"{levels[index].code} above it has {upper}"
            why = f"has {lower} codes, and {above}: write the levels highest first"
            found.fault(f"boundaries.levels[{index + 1}].code", levels[index + 1].code, why)
            return False
    return True


def _check_pmtiles(city: CityConfig, folder: Path, found: Findings) -> None:
    own = city.map.pmtiles
    if own is None or not own.file:
        return
    try:
        read_header(folder / own.file)
    except OSError as fault:
        why = f"cannot be read: {(fault.strerror or 'unknown reason').lower()}"
        found.fault("map.pmtiles.file", own.file, why)
    except ValueError as fault:
        found.fault("map.pmtiles.file", own.file, str(fault))


def _check_basemap(city: CityConfig, folder: Path, found: Findings) -> None:
    name = city.map.basemap
    if not name:
        return
    document = _read_json(folder / name, "map.basemap", name, found)
    if document is None:
        return
    if not isinstance(document, Mapping) or not isinstance(document.get("features"), list):
        found.fault("map.basemap", name, "is not a GeoJSON FeatureCollection with a list of features")


def _read_json(path: Path, key: str, name: str, found: Findings) -> Any:
    """The JSON document of a file that the configuration names; None when its fault has been noted."""
    try:
        document = json.loads(path.read_bytes())
    except OSError as fault:
        found.fault(key, name, f"cannot be read: {(fault.strerror or 'unknown reason').lower()}")
    except RecursionError:
        found.fault(key, name, "is nested too deeply to be read")
    except ValueError as fault:
        found.fault(key, name, f"is not JSON: {fault}")
    else:
        if document is not None:
            return document
        found.fault(key, name, "is empty: null")
    return None
