"""PetaBencana's flooded areas (RW by RW, as the city's BPBD marks them) as one flood a kelurahan.

properties {area_id, geom_id, area_name "RW 09", parent_name "GROGOL", city_name, state, last_updated}:
state 1 is water of unknown depth, 2 is 10–70 cm, 3 is 71–150 cm, 4 is above 150 cm. The grades are those of
PetaBencana's own CAP.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from feeds.base import Context, Parsed
from feeds.geojson import numbers
from feeds.reading.mapping import BadField, Record
from wallboard.events import HazardArea, HazardInfo, HazardIssued, Present

#: Corners of one area; the largest RW of Jakarta has some 900.
MAX_CORNERS = 5_000

#: A whole list is polled every minute; what has not been named for this long is not believed any more (s).
LIFE_S = 6 * 3600.0

#: The areas that a flood names one by one; a kelurahan of Jakarta has at most 22 RW.
MAX_NAMED = 40

SENDER = "petabencana.id"

#: state → (Indonesian, English, CAP severity), deepest last
_STATES: dict[int, tuple[str, str, str]] = {
    1: ("kedalaman tidak diketahui", "depth unknown", "Unknown"),
    2: ("10–70 cm", "10–70 cm", "Minor"),
    3: ("71–150 cm", "71–150 cm", "Moderate"),
    4: ("> 150 cm", "> 150 cm", "Severe"),
}

#: One flooded area: state, name, when it was marked, rings
_Flooded = tuple[int, str, float, tuple[tuple[tuple[float, float], ...], ...]]


def floods(records: Iterable[Record], context: Context) -> Parsed:
    """A flood for each kelurahan with flooded areas, and a Present behind them; faults for the bad ones.

    With a fault nobody is declared dry: the area that could not be read may be any of those known.
    """
    parsed = Parsed()
    places: dict[tuple[str, str], list[_Flooded]] = {}
    for record in records:
        try:
            found = _flooded(record, context)
            place = record.line("city"), record.line("parent") or found[1]
        except BadField as bad:
            parsed.faults.append(bad.fault())
            continue
        if found[0] > 0:
            places.setdefault(place, []).append(found)
    parsed.events.extend(_flood(place, areas, context) for place, areas in places.items())
    if not parsed.faults:
        ids = tuple(_key(place) for place in places)
        parsed.events.append(
            Present(feed=context.feed, source_id="", received_at=context.now, kind="hazard", ids=ids)
        )
    return parsed


def _flooded(record: Record, context: Context) -> _Flooded:
    state = record.number("state")
    if state is None and not _says_state(record):
        raise BadField(record, "state", "is missing: an area without water has the state null")
    if state is None:  # cleared: listed where the address asks for all areas
        return 0, "", 0.0, ()
    if state != 0 and state not in _STATES:
        raise BadField(record, "state", f"{state:g} is none of 1 to 4")
    since = record.time("observed", context.zone)
    if since is None:
        raise BadField(record, "observed", "is missing: how long it has been so cannot be told")
    name = record.line("name") or record.required("id")
    return int(state), name, since, _rings(record)


def _says_state(record: Record) -> bool:
    properties = record.raw.get("properties") if isinstance(record.raw, dict) else None
    return isinstance(properties, dict) and "state" in properties


def _rings(record: Record) -> tuple[tuple[tuple[float, float], ...], ...]:
    """The outer rings; an area without a usable shape is laid on the kelurahan by name."""
    geometry = record.raw.get("geometry") if isinstance(record.raw, dict) else None
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or kind not in ("Polygon", "MultiPolygon"):
        return ()
    try:
        found = numbers(geometry.get("coordinates"), 2 if kind == "Polygon" else 3, [MAX_CORNERS])
    except ValueError:
        return ()
    polygons = [found] if kind == "Polygon" else found
    rings = [tuple(polygon[0]) for polygon in polygons if polygon and len(polygon[0]) >= 4]
    return tuple(ring for ring in rings if all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in ring))


def _key(place: tuple[str, str]) -> str:
    return "/".join(place)[:128]


def _flood(place: tuple[str, str], areas: list[_Flooded], context: Context) -> HazardIssued:
    _, parent = place
    # Unknown is less than a known depth: somebody has looked there.
    deepest = max(state for state, *_ in areas)
    since = max(at for _, _, at, _ in areas)
    rings = tuple(ring for *_, rings in areas for ring in rings)
    shapes = {"id": HazardArea(text=parent.title(), polygons=rings), "en": HazardArea(text=parent.title())}
    infos = tuple(_info(language, parent, areas, deepest, area, context) for language, area in shapes.items())
    return HazardIssued(
        feed=context.feed,
        source_id=_key(place),
        received_at=context.now,
        observed_at=since,
        sender=SENDER,
        identifier=_key(place),
        sent=since,
        msg_type="Alert",
        status="Actual",
        infos=infos,
        thing=_key(place),
    )


def _info(
    language: str, parent: str, areas: list[_Flooded], deepest: int, area: HazardArea, context: Context
) -> HazardInfo:
    at = 0 if language == "id" else 1
    flood = ("Banjir", "Flood")[at]
    return HazardInfo(
        language=language,
        event=flood,
        headline=f"{flood} {parent.title()} · {_STATES[deepest][at]}",
        text="\n".join(_named(areas, at)),
        sender_name="PetaBencana.id",
        web="https://petabencana.id/",
        category=("Met",),
        urgency="Immediate",
        severity=_STATES[deepest][2],
        certainty="Observed",
        expires=context.now + LIFE_S,
        areas=(area,),
    )


def _named(areas: list[_Flooded], language: int) -> Iterable[str]:
    """ "71–150 cm: RW 02, RW 09", the deepest first."""
    by_state: dict[int, list[str]] = {}
    for state, name, _, _ in sorted(areas, key=lambda area: (-area[0], area[1]))[:MAX_NAMED]:
        by_state.setdefault(state, []).append(name)
    for state, names in by_state.items():
        depth: Any = _STATES[state][language]
        yield f"{depth[:1].upper()}{depth[1:]}: {', '.join(names)}"
