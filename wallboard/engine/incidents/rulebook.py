"""Which [[sla]] holds for an incident: the one of the day on which it was opened."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from wallboard.city import SlaConfig
from wallboard.engine.days import day_of, start_of
from wallboard.engine.incidents.worktime import WorkTime
from wallboard.engine.world import World

_INDEX = "incidents.rulebook"

_HOUR, _DAY = 3600.0, 86_400.0

#: What cities call the category of street lamps.
_LAMPS = ("lampu_jalan", "street_light")

#: Beneath the city's own where `ready_sla` is set. Jakarta's CRM asks each agency for an answer within 6
#: hours and gives street lamps 7 days; LAPOR (SP4N) 3 working days to verify, 5 to answer, 10 to resolve.
READY = (
    SlaConfig(accept=6 * _HOUR),
    *(
        SlaConfig(category=code, accept=6 * _HOUR, resolve=7 * _DAY)
        for code in ("lampu_jalan", "street_light")
    ),
    *(
        SlaConfig(channel=code, verify=3 * _DAY, accept=5 * _DAY, resolve=10 * _DAY, working_days=True)
        for code in ("lapor", "LAPOR")
    ),
)


@dataclass
class _Book:
    worktime: WorkTime
    #: all of them, the strongest last
    rows: list[SlaConfig]
    #: days on which other rows begin to hold, as times: the first is the beginning of all
    turns: list[float]
    #: (turn, category, agency, channel) → what holds
    found: dict[tuple[int, str, str, str], SlaConfig | None] = field(default_factory=dict)


#: Categories, agencies and channels come from the configuration, but for channels that a source invents.
_MAX_FOUND = 20_000


def sla_of(world: World, opened_at: float, category: str, agency: str, channel: str) -> SlaConfig | None:
    """What holds for an incident that was opened then (s since 1970); None where there is nothing."""
    book = _book(world)
    if not book.rows:
        return None
    turn = bisect_right(book.turns, opened_at)
    key = (turn, category, agency, channel)
    if key not in book.found:
        if len(book.found) >= _MAX_FOUND:
            book.found.clear()
        day = day_of(opened_at, world.city.city.time_zone)
        fitting = [row for row in book.rows if row.since <= day and _fits(row, category, agency, channel)]
        book.found[key] = fitting[-1] if fitting else None
    return book.found[key]


def due_at(world: World, sla: SlaConfig, start: float, span_s: float) -> float:
    """When a clock of this row that starts then has run for so long."""
    return _book(world).worktime.add(start, span_s) if sla.working_days else start + span_s


def passed_s(world: World, sla: SlaConfig, start: float, end: float) -> float:
    """How long a clock of this row has run between the two moments."""
    return _book(world).worktime.between(start, end) if sla.working_days else max(0.0, end - start)


def _fits(row: SlaConfig, category: str, agency: str, channel: str) -> bool:
    return row.category in ("", category) and row.agency in ("", agency) and row.channel in ("", channel)


def _book(world: World) -> _Book:
    book: _Book | None = world.index.get(_INDEX)
    if book is None:
        city, zone = world.city, world.city.city.time_zone
        ready = READY if city.ready_sla else ()
        # Any row of the city's own goes before the ready ones; sorting keeps the order of equal ones.
        rows = [*sorted(ready, key=_named), *sorted(city.sla, key=lambda row: (_named(row), row.since))]
        turns = sorted({start_of(row.since, zone) for row in city.sla})
        worktime = WorkTime(zone, frozenset(holiday.day for holiday in city.holiday))
        book = world.index[_INDEX] = _Book(worktime, rows, turns)
    return book


def _named(row: SlaConfig) -> int:
    """How many of category, agency and channel it names."""
    return sum(bool(code) for code in (row.category, row.agency, row.channel))
