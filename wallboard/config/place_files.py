"""Places that reports may name: those of the configuration and of its `places_file`, and where they lie."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wallboard.city import PlaceConfig
from wallboard.config.findings import Findings

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class SitedPlace:
    """A place, and where it is written: the file ("": the configuration) and the key in it."""

    place: PlaceConfig
    key: str
    file: str = ""


def sited(places: Iterable[PlaceConfig], found: Findings) -> list[SitedPlace]:
    """The [[place]] tables of the configuration; those whose position could not be read are left out."""
    listed = [SitedPlace(place, f"place[{index}]") for index, place in enumerate(places)]
    return [
        each for each in listed if all(found.sound(f"{each.key}.{name}") for name in ("name", "lon", "lat"))
    ]


def read_places(document: Any, file: str, found: Findings) -> list[SitedPlace]:
    """The places of a `places_file`: {kind: [{name, lon, lat, id?, aliases?, …}, …], …}.

    Other keys of a place are of no concern here. Faults are noted, with the key inside the file.
    """
    if not isinstance(document, Mapping):
        found.fault("(file)", None, "must be an object of lists: {kind: [{name, lon, lat}]}", file=file)
        return []
    listed: list[SitedPlace] = []
    for kind, group in document.items():
        if not isinstance(group, list):
            found.fault(kind, None, "must be a list of places", file=file)
            continue
        for index, entry in enumerate(group):
            place = _place(entry, kind, f"{kind}[{index}]", file, found)
            if place is not None:
                listed.append(SitedPlace(place, f"{kind}[{index}]", file))
    return listed


def check_sites(places: Iterable[SitedPlace], bounds: Box, found: Findings) -> None:
    """Note each place that is on no map, or whose numbers seem exchanged; warn of those far outside."""
    for each in places:
        lon, lat = each.place.lon, each.place.lat
        shown = f"{each.place.name}: lon {lon:g}, lat {lat:g}"
        if _within(lon, lat, bounds):
            continue
        if _within(lat, lon, bounds):
            why = "swapped_suspected: exchanged, the numbers would lie in the city; lon is east, lat is north"
            found.fault(each.key, shown, why, file=each.file)
        elif not (-180 <= lon <= 180 and -90 <= lat <= 90):
            why = "lies nowhere: lon is -180 to 180 degrees, lat -90 to 90"
            found.fault(each.key, shown, why, file=each.file)
        else:
            # A flood gate upstream or an airport may well lie in the next city.
            why = "lies outside the box around the city's boundaries"
            found.warn(each.key, shown, why, file=each.file)


def _within(lon: float, lat: float, bounds: Box) -> bool:
    west, south, east, north = bounds
    return west <= lon <= east and south <= lat <= north


def _place(entry: Any, kind: str, key: str, file: str, found: Findings) -> PlaceConfig | None:
    if not isinstance(entry, Mapping):
        found.fault(key, None, "must be an object with name, lon and lat", file=file)
        return None
    name: Any = entry.get("name")
    lon: Any = entry.get("lon")
    lat: Any = entry.get("lat")
    sound = True
    if not isinstance(name, str) or not name.strip():
        found.fault(f"{key}.name", name, "must be text", file=file)
        sound = False
    for field, value in (("lon", lon), ("lat", lat)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            found.fault(f"{key}.{field}", value, "must be a number of degrees", file=file)
            sound = False
    aliases = entry.get("aliases", [])
    if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
        found.fault(f"{key}.aliases", None, "must be a list of texts", file=file)
        sound = False
    if not sound:
        return None
    id = entry.get("id")
    return PlaceConfig(
        name=name,
        lon=float(lon),
        lat=float(lat),
        kind=kind,
        id="" if id is None else str(id),
        aliases=aliases,
    )
