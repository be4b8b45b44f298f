"""A stint: the time that one incident was with one agency, and what it counts for in that agency's figures.

While an incident is in the state its stint follows from the incident alone; when it leaves the state, or goes
to another agency, the engine keeps the stint. So a figure, and the list behind it, come from one function.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import msgspec

from wallboard.entities import REOPENED, Agency, AgencyFigures, Incident

#: Kind of the engine's memory that holds the stints which are over.
STINT = "stint"

#: A list is read by people; the whole title is in the history.
TITLE_CHARS = 80

Span = Literal["today", "7d", "30d"]

#: span → how many days of the city's calendar it has, today included
SPANS: dict[Span, int] = {"today": 1, "7d": 7, "30d": 30}

Figure = Literal["open", "overdue", "received", "accepted", "resolved", "returned", "late", "kept"]
FIGURES: tuple[Figure, ...] = get_args(Figure)

#: Figures of the present, whatever the span.
STANDING: tuple[Figure, ...] = ("open", "overdue")

#: Nobody acts on these, so they are no work of the agency that had them.
_NO_WORK = frozenset({"rejected", "prank", "referred", "duplicate"})

#: Clocks that run for the agency; to verify is the centre's.
_AGENCYS = ("accept", "resolve")


class Stint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One incident with one agency. Times in s since 1970."""

    agency: str
    incident: str
    title: str = ""
    category: str = ""
    #: the lowest district; "" without one
    district: str = ""
    scope: tuple[str, ...] = ()
    received_at: float
    accepted_at: float | None = None
    resolved_at: float | None = None
    returned_at: float | None = None
    #: since when a clock of the agency has run, or had run, over
    late_at: float | None = None
    open: bool = False
    overdue: bool = False
    #: the rules of its day set it a clock
    clocked: bool = False
    #: a duplicate is counted once, as what it is a duplicate of
    counted: bool = True
    #: when it was kept, for it left the state, or moved to another agency; 0: it is in the state
    kept_at: float = 0.0
    kept_for: Literal["", "left", "moved"] = ""

    @property
    def key(self) -> str:
        """Its own among all stints."""
        return f"{self.agency}|{self.incident}|{self.received_at:.3f}"


def stint_of(incident: Incident) -> Stint | None:
    """The stint of the agency that has this incident now; None where none has it."""
    if not incident.agency:
        return None
    status = incident.ours.status
    reopened = REOPENED in incident.flags
    since = incident.agency_since
    accepted = incident.ours.accepted_at
    return Stint(
        agency=incident.agency,
        incident=incident.id,
        title=(incident.ours.title or incident.source.title)[:TITLE_CHARS],
        category=incident.category,
        district=incident.place.district or "",
        scope=incident.scope,
        received_at=since,
        accepted_at=accepted if accepted is not None and accepted >= since else None,
        resolved_at=_resolved_at(incident),
        late_at=_late_at(incident),
        open=incident.over_at is None and (status != "resolved" or reopened),
        overdue=any(name in _AGENCYS for name in incident.overdue),
        clocked=any(clock.name in _AGENCYS for clock in incident.clocks),
        counted=status != "duplicate" or reopened,
    )


def moments(stint: Stint) -> tuple[tuple[Figure, float], ...]:
    """Each figure of a span that the stint counts for, with the moment by which it belongs to a span."""
    if not stint.counted:
        return ()
    found: list[tuple[Figure, float]] = [("received", stint.received_at)]
    if stint.accepted_at is not None:
        found.append(("accepted", stint.accepted_at))
    if stint.resolved_at is not None:
        found.append(("resolved", stint.resolved_at))
    if stint.returned_at is not None:
        found.append(("returned", stint.returned_at))
    if stint.late_at is not None:
        found.append(("late", stint.late_at))
    elif stint.resolved_at is not None and stint.clocked:
        found.append(("kept", stint.resolved_at))
    return tuple(found)


def counts_for(stint: Stint, figure: Figure, since: float) -> bool:
    """Whether the stint stands in the list behind a figure of the span that began then."""
    if figure in STANDING:
        return stint.open if figure == "open" else stint.overdue
    return any(name == figure and at >= since for name, at in moments(stint))


def behind(agency: Agency, stints: Sequence[Stint], span: Span, figure: Figure) -> list[Stint]:
    """Those of the stints that the agency's figure counts, newest first; each once."""
    since = agency.spans.get(span, AgencyFigures()).since
    found = {
        stint.key: stint for stint in stints if stint.agency == agency.id and counts_for(stint, figure, since)
    }
    return sorted(found.values(), key=lambda stint: (-stint.received_at, stint.incident))


def _resolved_at(incident: Incident) -> float | None:
    """When it was done, by people here or by its source; a source that opens it again says that it is not."""
    if incident.ours.status in _NO_WORK or REOPENED in incident.flags:
        return None
    done = [at for at in (incident.ours.resolved_at, incident.over_at) if at is not None]
    return max(min(done), incident.agency_since) if done else None


def _late_at(incident: Incident) -> float | None:
    """Since when one of the agency's clocks has been over, were it done by now or not."""
    if incident.ours.status in _NO_WORK and REOPENED not in incident.flags:
        return None
    late = [
        clock.due_at
        for clock in incident.clocks
        if clock.name in _AGENCYS
        and (clock.name in incident.overdue or (clock.done_at is not None and clock.done_at >= clock.due_at))
    ]
    # What was late already when the agency got it is late for it from then on.
    return max(min(late), incident.agency_since) if late else None
