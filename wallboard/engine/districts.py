"""Districts of all levels: how many incidents and cameras lie in each, how grave, under which hazards.

Like the city's figures these follow from what each thing counts for, so a batch costs as much as it touches.
Incidents outside the city or without a place count in no district; the city's own figures show them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import msgspec

from wallboard.engine.incidents.clocks import OVERDUE_NOW, is_overdue
from wallboard.engine.world import World
from wallboard.entities import SEVERITIES, Camera, District, DistrictCount, Hazard, Incident
from wallboard.place import Place
from wallboard.scope import PUBLIC

#: Warnings named at one district; more at once were never seen, and the list of hazards has them all.
MAX_HAZARDS = 20

_INDEX = "districts.counts"

_OPEN, _OVERDUE, _CALLS = "open", "overdue", "calls"
_CAMERAS, _DOWN, _HAZARD = "cameras", "cameras_down", "hazard:"
_COUNTED = ("incident", "camera", "hazard")
_DOWN_STATES = frozenset({"offline", "frozen"})

#: districts, and the figures for which a thing counts in each of them
_Share = tuple[tuple[str, ...], tuple[str, ...]]
_NOWHERE: _Share = ((), ())


@dataclass
class _Counts:
    of: dict[tuple[str, str], _Share] = field(default_factory=dict)
    figures: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    changed: set[str] = field(default_factory=set)


def load(world: World) -> None:
    """Count everything, and show each district of the boundaries and no other."""
    counts = world.index[_INDEX] = _Counts()
    for kind in _COUNTED:
        for id in world.of_kind(kind):
            _count(world, counts, kind, id)
    codes = world.geofence.boundaries.by_code
    for old in [district.id for district in world.all(District) if district.id not in codes]:
        world.remove(District, old)
    counts.changed = set(codes)
    _show(world, counts)


def settle(world: World) -> None:
    """Count what the open draft touched, and show the districts whose figures differ."""
    counts: _Counts | None = world.index.get(_INDEX)
    if counts is None:
        load(world)
        return
    for kind in _COUNTED:
        for id in world.touched(kind):
            _count(world, counts, kind, id)
    overdue: dict[str, None] = world.index.setdefault(OVERDUE_NOW, {})
    for id in overdue:
        _count(world, counts, "incident", id)
    overdue.clear()
    _show(world, counts)


def _count(world: World, counts: _Counts, kind: str, id: str) -> None:
    key = (kind, id)
    before = counts.of.get(key, _NOWHERE)
    after = _share(world, kind, id)
    if before == after:
        return
    for code in before[0]:
        figures = counts.figures[code]
        for figure in before[1]:
            figures[figure] -= 1
            if not figures[figure]:
                del figures[figure]
    for code in after[0]:
        figures = counts.figures[code]
        for figure in after[1]:
            figures[figure] += 1
    counts.changed.update(before[0], after[0])
    if after[0]:
        counts.of[key] = after
    else:
        counts.of.pop(key, None)


def _share(world: World, kind: str, id: str) -> _Share:
    """In which districts a thing counts, and for what."""
    thing = world.of_kind(kind).get(id)
    if isinstance(thing, Incident):
        if thing.over_at is not None:
            return _NOWHERE
        figures = [_OPEN]
        if is_overdue(world, thing):
            figures.append(_OVERDUE)
        if thing.channel in world.city.calls.channels:
            figures.append(_CALLS)
        if thing.severity:
            figures.append(thing.severity)
        return _codes(thing.place), tuple(figures)
    if isinstance(thing, Camera):
        if "gone" in thing.flags:
            return _NOWHERE
        return _codes(thing.place), (_CAMERAS, _DOWN) if thing.state in _DOWN_STATES else (_CAMERAS,)
    if isinstance(thing, Hazard):
        return _covered(world, thing)
    return _NOWHERE


def _codes(place: Place) -> tuple[str, ...]:
    codes = [parent.code for parent in place.parents]
    if place.district:
        codes.append(place.district)
    return tuple(codes)


def _covered(world: World, hazard: Hazard) -> _Share:
    """A real hazard that holds or soon will, at each district that it covers and at all above it."""
    if hazard.status != "Actual" or hazard.state == "ended":
        return _NOWHERE
    boundaries = world.geofence.boundaries
    codes: dict[str, None] = {}
    for cover in hazard.districts:
        if cover.code in boundaries.by_code:
            codes[cover.code] = None
            codes.update((parent.code, None) for parent in boundaries.parents(cover.code))
    return tuple(codes), (_HAZARD + hazard.id,)


def _show(world: World, counts: _Counts) -> None:
    known = world.geofence.boundaries.by_code
    for code in sorted(counts.changed):
        if code not in known:
            continue  # assigned by older boundaries
        district, before = known[code], world.get(District, code)
        figures = counts.figures[code]
        after = District(
            id=code,
            scope=PUBLIC,
            at=world.now if before is None else before.at,
            name=district.name,
            level=district.level,
            parent=district.parent or "",
            population=district.population,
            counts=DistrictCount(
                open=figures[_OPEN],
                overdue=figures[_OVERDUE],
                cameras=figures[_CAMERAS],
                cameras_down=figures[_DOWN],
                calls=figures[_CALLS],
            ),
            worst=next((severity for severity in SEVERITIES if figures[severity]), None),
            hazards=_hazards(figures),
        )
        if after != before:
            world.put(msgspec.structs.replace(after, at=world.now))
    counts.changed.clear()


def _hazards(figures: Counter[str]) -> tuple[str, ...]:
    ids = sorted(name.removeprefix(_HAZARD) for name in figures if name.startswith(_HAZARD))
    return tuple(ids[:MAX_HAZARDS])
