"""Whether each agency responds: its open and late incidents, and how fast it was over days and weeks.

The figures follow from stints (wallboard/stints.py): of the incidents in the state, and of what is kept of
those that left it. So a batch costs as much as it touches, a restart changes nothing, and the list behind a
figure can be had from the same stints. Days are those of the city's calendar: "7d" is today and six before.
Medians and 90th percentiles are by nearest rank: a time that really happened.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import ceil
from typing import TypeVar

import msgspec

from wallboard.engine.days import day_after, day_of, start_of
from wallboard.engine.incidents import outcomes
from wallboard.engine.world import World
from wallboard.entities import Agency, AgencyFigures, Incident
from wallboard.scope import PUBLIC
from wallboard.stints import SPANS, STINT, Figure, Span, Stint, moments, stint_of

#: Pairs of district and category shown at an agency, those with most overdue and open first.
MAX_PAIRS = 200

_INDEX = "agencies.figures"

K = TypeVar("K")


@dataclass
class _Spans:
    """The figures of one agency over one span."""

    numbers: Counter[str] = field(default_factory=Counter)
    #: sorted durations (s) of those accepted and resolved in the span
    accept_s: list[float] = field(default_factory=list)
    resolve_s: list[float] = field(default_factory=list)


@dataclass
class _Tally:
    """All of one agency."""

    spans: dict[Span, _Spans] = field(default_factory=lambda: {span: _Spans() for span in SPANS})
    #: (district, category) → open, overdue
    open: Counter[tuple[str, str]] = field(default_factory=Counter)
    overdue: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: key of each overdue stint → since when
    overdue_since: dict[str, float] = field(default_factory=dict)


@dataclass
class _Figures:
    #: beginning and end of the city's present day
    day_start: float
    day_end: float
    #: where each span begins
    since: dict[Span, float]
    tallies: defaultdict[str, _Tally] = field(default_factory=lambda: defaultdict(_Tally))
    #: what is counted: ("incident", its id) or ("stint", its key) → the stint
    of: dict[tuple[str, str], Stint] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)


def load(world: World) -> None:
    """Count everything, and show each agency of the configuration and no other."""
    world.index.pop(_INDEX, None)
    codes = {agency.code for agency in world.city.agency}
    for old in [agency.id for agency in world.all(Agency) if agency.id not in codes]:
        world.remove(Agency, old)
    settle(world)


def settle(world: World) -> None:
    """Count what the batch touched, and show the agencies whose figures differ."""
    figures: _Figures | None = world.index.get(_INDEX)
    if figures is None or not figures.day_start <= world.now < figures.day_end:
        figures = _count_all(world)
    else:
        for id in world.touched("incident"):
            _count_incident(world, figures, id)
        for key in outcomes.changed(world):
            _count(figures, ("stint", key), world.recall(STINT, key, Stint))
    outcomes.changed(world).clear()
    for agency in world.city.agency:
        if agency.code in figures.changed:
            _show(world, figures, agency.code, agency.name)
    figures.changed.clear()


def _count_all(world: World) -> _Figures:
    zone = world.city.city.time_zone
    today = day_of(world.now, zone)
    since = {span: start_of(day_after(today, 1 - days), zone) for span, days in SPANS.items()}
    figures = world.index[_INDEX] = _Figures(since["today"], start_of(day_after(today), zone), since)
    for incident in world.all(Incident):
        _count_incident(world, figures, incident.id)
    for key, stint in world.memories(STINT).items():
        _count(figures, ("stint", key), stint)
    figures.changed = {agency.code for agency in world.city.agency}
    return figures


def _count_incident(world: World, figures: _Figures, id: str) -> None:
    incident = world.get(Incident, id)
    _count(figures, ("incident", id), None if incident is None else stint_of(incident))


def _count(figures: _Figures, key: tuple[str, str], stint: Stint | None) -> None:
    before = figures.of.pop(key, None)
    if stint is not None:
        figures.of[key] = stint
    if before is None or stint is None or before.agency != stint.agency:
        for each, number in ((before, -1), (stint, 1)):
            if each is not None:
                _stand(figures, each, number)
                _add(figures, each, moments(each), number)
        return
    # Most news of an incident changes its words, or one of the two: neither is counted anew for nothing.
    if _standing(before) != _standing(stint):
        _stand(figures, before, -1)
        _stand(figures, stint, 1)
    was, now = moments(before), moments(stint)
    if before.received_at != stint.received_at:
        _add(figures, before, was, -1)
        _add(figures, stint, now, 1)
    elif was != now:
        _add(figures, before, tuple([moment for moment in was if moment not in now]), -1)
        _add(figures, stint, tuple([moment for moment in now if moment not in was]), 1)


def _standing(stint: Stint) -> tuple[object, ...]:
    """All that `_stand` looks at."""
    return (
        stint.open, stint.overdue, stint.district, stint.category, stint.late_at, stint.received_at,
        stint.incident,
    )  # fmt: skip


def _stand(figures: _Figures, stint: Stint, number: int) -> None:
    """Count what stands now, or no more."""
    if not stint.open and not stint.overdue:
        return
    tally = figures.tallies[stint.agency]
    figures.changed.add(stint.agency)
    pair = (stint.district, stint.category)
    if stint.open:
        _change(tally.open, pair, number)
    if stint.overdue:
        _change(tally.overdue, pair, number)
        if number > 0:
            tally.overdue_since[stint.key] = stint.late_at or stint.received_at
        else:
            tally.overdue_since.pop(stint.key, None)


def _add(figures: _Figures, stint: Stint, counted: tuple[tuple[Figure, float], ...], number: int) -> None:
    """Count it in each span, or no more."""
    tally = figures.tallies[stint.agency]
    figures.changed.add(stint.agency)
    for figure, at in counted:
        for span, since in figures.since.items():
            if at < since:
                continue
            spans = tally.spans[span]
            _change(spans.numbers, figure, number)
            if figure == "accepted":
                _enter(spans.accept_s, at - stint.received_at, number)
            elif figure == "resolved":
                _enter(spans.resolve_s, at - stint.received_at, number)


def _change(counter: Counter[K], key: K, number: int) -> None:
    counter[key] += number
    if not counter[key]:
        del counter[key]


def _enter(sorted_s: list[float], duration_s: float, number: int) -> None:
    if number > 0:
        insort(sorted_s, duration_s)
    else:
        del sorted_s[bisect_left(sorted_s, duration_s)]


def _show(world: World, figures: _Figures, code: str, name: str) -> None:
    tally = figures.tallies[code]
    before = world.get(Agency, code)
    after = Agency(
        id=code,
        scope=PUBLIC,
        at=world.now if before is None else before.at,
        name=name,
        open=tally.open.total(),
        overdue=tally.overdue.total(),
        overdue_since=min(tally.overdue_since.values(), default=None),
        spans={span: _figures(tally.spans[span], figures.since[span]) for span in SPANS},
        by=_pairs(tally),
    )
    if after != before:
        world.put(msgspec.structs.replace(after, at=world.now))


def _figures(spans: _Spans, since: float) -> AgencyFigures:
    numbers = spans.numbers
    late, kept = numbers["late"], numbers["kept"]
    return AgencyFigures(
        since=since,
        received=numbers["received"],
        accepted=numbers["accepted"],
        resolved=numbers["resolved"],
        returned=numbers["returned"],
        accept_median_s=_rank(spans.accept_s, 0.5),
        accept_p90_s=_rank(spans.accept_s, 0.9),
        resolve_median_s=_rank(spans.resolve_s, 0.5),
        resolve_p90_s=_rank(spans.resolve_s, 0.9),
        late=late,
        kept=kept,
        in_time=kept / (kept + late) if kept + late else None,
    )


def _rank(sorted_s: list[float], share: float) -> float | None:
    """The nearest rank: the least duration that this share of all do not exceed."""
    return sorted_s[ceil(share * len(sorted_s)) - 1] if sorted_s else None


def _pairs(tally: _Tally) -> dict[str, tuple[int, int]]:
    pairs = sorted(
        tally.open.keys() | tally.overdue.keys(),
        key=lambda pair: (-tally.overdue[pair], -tally.open[pair], pair),
    )
    return {
        f"{district}|{category}": (tally.open[district, category], tally.overdue[district, category])
        for district, category in pairs[:MAX_PAIRS]
    }
