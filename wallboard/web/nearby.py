"""What lies near a place, or happened near a time: small facts of the replica's entities, kept as it changes.

Decoding 10,000 incidents takes 30 ms; walking through what changed since the last question takes as long as
there was change. So each kind's facts are kept, and brought up to the replica's position when somebody asks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from wallboard.state import Replica, Scope

#: Metres in a degree of latitude (WGS 84, mean); of longitude it is this times the cosine. A distance of
#: 2 km is wrong by less than 1 %, which is less than a report's own accuracy.
METRES_PER_DEGREE = 111_195.0


class _Ref(msgspec.Struct, gc=False):
    code: str


class _Where(msgspec.Struct, gc=False):
    lon: float | None = None
    lat: float | None = None
    district: str | None = None
    parents: tuple[_Ref, ...] = ()


class _Source(msgspec.Struct, frozen=True, gc=False):
    opened_at: float = 0.0


class _Ours(msgspec.Struct, frozen=True, gc=False):
    duplicate_of: str = ""


class _Cover(msgspec.Struct, gc=False):
    code: str


class Fact(msgspec.Struct, gc=False):
    """What is kept of one entity, of whichever kind; what a kind does not have keeps its default."""

    id: str = ""
    scope: Scope = ()
    at: float = 0.0
    place: _Where | None = None
    #: of calls and reviews
    joined_at: float = 0.0
    #: of hazards
    districts: tuple[_Cover, ...] = ()
    #: of alerts (and calls, hazards: their own words)
    state: str = ""
    subject: str = ""
    district: str = ""

    @property
    def codes(self) -> frozenset[str]:
        """The district that it lies in, and all above."""
        if self.place is None or not self.place.district:
            return frozenset()
        return frozenset((self.place.district, *(ref.code for ref in self.place.parents)))


class IncidentFact(Fact, gc=False):
    """What is kept of an incident."""

    category: str = ""
    source: _Source = _Source()
    ours: _Ours = _Ours()
    #: since when nobody has to do anything more
    over_at: float | None = None

    @property
    def opened_at(self) -> float:
        """When it was opened (s)."""
        return self.source.opened_at or self.at


#: The kinds that a story tells of beside incidents.
KINDS = ("camera", "hazard", "alert", "call", "review")

#: Fields of one name differ by kind (a hazard has several categories), so each is read as what it is.
_decoder = msgspec.json.Decoder(Fact)
_incident_decoder = msgspec.json.Decoder(IncidentFact)


class Nearby:
    """Facts by kind and id, as of the position that was last asked for."""

    def __init__(self) -> None:
        self._epoch = ""
        self._n = -1
        self._facts: dict[str, dict[str, Fact]] = {kind: {} for kind in KINDS}
        self._incidents: dict[str, IncidentFact] = {}

    def follow(self, replica: Replica) -> None:
        """Take over what has changed since the last call; everything where that cannot be told."""
        if replica.epoch != self._epoch or not replica.floor <= self._n <= replica.n:
            self._facts = {kind: {} for kind in KINDS}
            self._incidents = {}
            for (kind, id), entry in replica.all():
                self._take(kind, id, entry.raw)
        elif self._n != replica.n:
            for (kind, id), entry in replica.since(self._n):
                self._take(kind, id, entry.raw)
        self._epoch, self._n = replica.epoch, replica.n

    def _take(self, kind: str, id: str, raw: bytes | None) -> None:
        if kind == "incident":
            if raw is None:
                self._incidents.pop(id, None)
            else:
                self._incidents[id] = _incident_decoder.decode(raw)
        elif (facts := self._facts.get(kind)) is not None:
            if raw is None:
                facts.pop(id, None)
            else:
                facts[id] = _decoder.decode(raw)

    @property
    def incidents(self) -> dict[str, IncidentFact]:
        """The facts of all incidents by id."""
        return self._incidents

    def all(self, kind: str) -> Iterator[Fact]:
        """The facts of all entities of another kind."""
        return iter(self._facts[kind].values())

    def cameras_within(self, fact: Fact, metres: float) -> list[tuple[float, Fact]]:
        """(metres, facts) of the cameras within a distance of a thing, nearest first."""
        return _within(self._facts["camera"].values(), fact.place, metres)

    def incidents_within(self, fact: Fact, metres: float) -> list[tuple[float, IncidentFact]]:
        """(metres, facts) of the incidents within a distance of a thing, itself too, nearest first."""
        return _within(self._incidents.values(), fact.place, metres)


T = TypeVar("T", bound=Fact)


def _within(facts: Iterable[T], of: _Where | None, metres: float) -> list[tuple[float, T]]:
    if of is None or of.lon is None or of.lat is None:
        return []
    lon, lat = of.lon, of.lat
    high = metres / METRES_PER_DEGREE
    narrow = math.cos(math.radians(lat))
    wide = high / max(narrow, 0.01)
    found: list[tuple[float, T]] = []
    for fact in facts:
        place = fact.place
        if place is None or place.lon is None or place.lat is None:
            continue
        east, north = place.lon - lon, place.lat - lat
        # Two comparisons sort out nearly all of a city.
        if -wide <= east <= wide and -high <= north <= high:
            away = math.hypot(east * narrow, north) * METRES_PER_DEGREE
            if away <= metres:
                found.append((away, fact))
    found.sort(key=_by_distance)
    return found


def _by_distance(pair: tuple[float, Fact]) -> tuple[float, str]:
    return pair[0], pair[1].id


def decoded(raw: bytes) -> dict[str, Any]:
    """An entity as plain objects."""
    entity: dict[str, Any] = msgspec.json.decode(raw)
    return entity
