"""Earthquakes: one entity for what stands in up to three lists and is revised later.

No list has an id, so a quake is known by its time and place: within 60 s and 0.5° it is the same one. A
statement that was heard before changes nothing; a new one is a revision and replaces the figures. (The
lists may disagree for hours; without this they would take turns at each poll.)

Level, on the careful side, because it comes before anybody has looked:
- the source warns of a tsunami and the epicentre lies within 1,000 km: danger
- felt in the city, by the upper figure: MMI VI and more danger, V severe, III and IV caution
- else by the intensity that magnitude and distance let expect: VI and more severe, IV½ and more caution
It holds for six hours; the entity stays for `retention.quake` as information.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

import msgspec

from wallboard.engine.hazards.area import plain_name
from wallboard.engine.hazards.ends import short
from wallboard.engine.order import marks, order_of, seen_at
from wallboard.engine.world import World
from wallboard.entities import Hazard, HazardCover, HazardText, Severity
from wallboard.events import QuakeObserved
from wallboard.scope import CITY

KIND = "quake_heard"

#: FEEDS section 1.3: revisions move a quake by less than this (s, degrees).
SAME_S = 60.0
SAME_DEGREES = 0.5

#: A tsunami of the 2004 kind crosses 1,000 km in some 90 minutes: nearer than that there is no time to wait.
TSUNAMI_KM = 1_000.0

#: Aftershocks and damage reports of the first hours are part of the alarm (s).
ALARM_S = 6 * 3600.0

#: A quake in three lists with ten revisions each.
MAX_HEARD = 30

_EARTH_KM = 6371.0
_ROMAN = {"I": 1, "V": 5, "X": 10}


class Heard(msgspec.Struct, frozen=True, omit_defaults=True):
    """Statements about one quake that are known, oldest first, and until when it is remembered."""

    statements: tuple[str, ...]
    forget_at: float


def observed(world: World, event: QuakeObserved) -> None:
    """Show an earthquake, or revise the one that is shown."""
    at = event.observed_at if event.observed_at is not None else event.received_at
    at = min(at, event.received_at)
    if at + world.city.retention.quake <= world.now:
        return  # the lists go back for weeks
    said = _statement(event)
    known = _same(world, event, at)
    if known is None:
        world.remember(KIND, id := _id(event, at), Heard((said,), at + world.city.retention.quake))
        world.put(_entity(world, event, id, at))
        return
    heard = world.recall(KIND, known.id, Heard) or Heard((), known.sent + world.city.retention.quake)
    if said in heard.statements:
        return
    statements = (*heard.statements, said)[-MAX_HEARD:]
    world.remember(KIND, known.id, msgspec.structs.replace(heard, statements=statements))
    world.put(_revised(world, known, event))


def intensity(magnitude: float, distance_km: float, depth_km: float) -> float:
    """The intensity (MMI) to expect at a distance from the epicentre.

    1.5 M − 3.5 log10 R + 3, R from the hypocentre in km: a rule of thumb of engineering seismology. It comes
    within 1.5 of what BMKG's own reports of the samples say was felt.
    """
    away = max(math.hypot(distance_km, depth_km), 1.0)
    return 1.5 * magnitude - 3.5 * math.log10(away) + 3.0


def upper_mmi(written: str) -> int:
    """ "II-III" → 3; 0 where it is no Roman figure."""
    figures = [_roman(part) for part in re.findall(r"[IVX]+", written)]
    return max(figures, default=0)


def _entity(world: World, event: QuakeObserved, id: str, at: float) -> Hazard:
    life = min(ALARM_S, world.city.retention.quake)
    blank = Hazard(
        id=id,
        type="quake",
        texts={},
        feed=event.feed,
        sent=at,
        onset=at,
        expires=at + life,
        category=("Geo",),
    )
    return _revised(world, blank, event)


def _revised(world: World, before: Hazard, event: QuakeObserved) -> Hazard:
    """The entity after a new statement: its figures, and of its words those that say something."""
    tsunami_said = "tsunami" in event.potential.casefold()
    potential = event.potential if tsunami_said or not before.potential else before.potential
    tsunami = event.tsunami if tsunami_said else before.tsunami
    depth = event.depth_km if event.depth_km is not None else before.depth_km
    felt = event.felt or before.felt
    region = event.region or before.region
    distance = _distance_km(world, event.lon, event.lat)
    level = _level(world, event.magnitude, distance, depth or 0.0, felt, tsunami=tsunami)
    inside = world.geofence.locate(event.lon, event.lat)
    concerns = level is not None or bool(inside.district) or _felt_here(world, felt) > 0
    over = before.state == "ended" or (before.expires or 0.0) <= world.now
    return msgspec.structs.replace(
        before,
        scope=CITY if concerns else (),
        at=max(before.at, seen_at(event)),
        order=order_of(event),
        flags=marks(event),
        texts=_texts(event.magnitude, region, potential, felt),
        level=None if over else level,
        urgency="Past",
        certainty="Observed",
        web=event.picture_url or before.web,
        geometry={"type": "Point", "coordinates": [event.lon, event.lat]},
        districts=(HazardCover(code=inside.district, name=inside.name or "", share=0.0),)
        if inside.district
        else (),
        where="city" if concerns else "outside",
        magnitude=event.magnitude,
        depth_km=depth,
        lon=event.lon,
        lat=event.lat,
        region=region,
        potential=potential,
        tsunami=tsunami,
        felt=felt,
        distance_km=round(distance, 1),
    )


def _level(
    world: World,
    magnitude: float,
    distance_km: float,
    depth_km: float,
    felt: tuple[tuple[str, str], ...],
    *,
    tsunami: bool,
) -> Severity | None:
    if tsunami and distance_km <= TSUNAMI_KM:
        return "danger"
    here = _felt_here(world, felt)
    if here >= 3:
        return "danger" if here >= 6 else "severe" if here == 5 else "caution"
    if here:
        return None  # felt, and weakly: that is better known than any estimate
    expected = intensity(magnitude, distance_km, depth_km)
    return "severe" if expected >= 6 else "caution" if expected >= 4.5 else None


def _felt_here(world: World, felt: tuple[tuple[str, str], ...]) -> int:
    """The strongest intensity felt in a place named like the city or one of its upper districts."""
    boundaries = world.geofence.boundaries
    lowest = len(boundaries.levels) - 1
    # The names of kelurahan are too common in the country to mean ours.
    names = {plain_name(each.name) for each in boundaries.districts if each.level < lowest}
    names.add(plain_name(world.city.city.name))
    return max((upper_mmi(mmi) for mmi, place in felt if plain_name(place) in names), default=0)


def _same(world: World, event: QuakeObserved, at: float) -> Hazard | None:
    """The quake that this one is, the nearest in time where there are several."""
    found = [
        hazard
        for hazard in world.all(Hazard)
        if hazard.type == "quake"
        and abs(hazard.sent - at) <= SAME_S
        and abs((hazard.lat or 0.0) - event.lat) <= SAME_DEGREES
        and abs(((hazard.lon or 0.0) - event.lon + 180) % 360 - 180) <= SAME_DEGREES
    ]
    return min(found, key=lambda hazard: (abs(hazard.sent - at), hazard.id), default=None)


def _id(event: QuakeObserved, at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return f"quake/{moment:%Y%m%dT%H%M%S}/{event.lat:.2f},{event.lon:.2f}"


def _statement(event: QuakeObserved) -> str:
    """What one list says of a quake, to recognise it at the next poll."""
    figures = (event.observed_at, event.lon, event.lat, event.magnitude, event.depth_km)
    words = (event.region, event.potential, event.felt, event.picture_url)
    return short(repr(figures), repr(words))


def _texts(
    magnitude: float, region: str, potential: str, felt: tuple[tuple[str, str], ...]
) -> dict[str, HazardText]:
    places = ", ".join(f"{mmi} {place}".strip() for mmi, place in felt)
    return {
        "id": HazardText(
            event="Gempa bumi",
            headline=f"Gempa M {magnitude:.1f}: {region}" if region else f"Gempa M {magnitude:.1f}",
            text=potential,
            sender_name="BMKG",
            area=places,
        ),
        "en": HazardText(
            event="Earthquake",
            headline=f"Earthquake M {magnitude:.1f}: {region}" if region else f"Earthquake M {magnitude:.1f}",
            text=potential,
            sender_name="BMKG",
            area=places,
        ),
    }


def _distance_km(world: World, lon: float, lat: float) -> float:
    """Along the Earth's surface to the city's middle (haversine)."""
    plane = world.geofence.boundaries.plane
    lat1, lat2 = math.radians(plane.lat), math.radians(lat)
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin(math.radians(lon - plane.lon) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def _roman(figure: str) -> int:
    total = 0
    for at, letter in enumerate(figure):
        value = _ROMAN[letter]
        larger_follows = at + 1 < len(figure) and _ROMAN[figure[at + 1]] > value
        total += -value if larger_follows else value
    return total


def _forget_at(world: World, heard: Heard) -> float:
    return heard.forget_at


def _forget(world: World, id: str) -> None:
    world.forget(KIND, id)


EVENTS = {QuakeObserved: observed}
DUE = {f"mem:{KIND}": _forget_at}
TIMERS = {f"mem:{KIND}": _forget}
MEMORY: dict[str, type] = {KIND: Heard}
