"""Time that counts: all of it, or that of working days alone.

A working day is a day of the city's calendar from Monday to Friday that is no [[holiday]]; all 24 hours of it
count. So what comes on a Saturday with three working days has until the end of Wednesday.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from wallboard.engine.days import day_after, day_of, start_of

#: The longest search for working days (days): [[sla]] is checked against a year, holidays take their part.
MAX_DAYS = 3 * 366

_SATURDAY = 5


class WorkTime:
    """Adds and measures time in one zone's calendar (IANA name) with its days off (YYYY-MM-DD)."""

    def __init__(self, time_zone: str, holidays: frozenset[str]) -> None:
        self._zone = time_zone
        self._holidays = holidays

    def add(self, start: float, span_s: float) -> float:
        """The moment (s since 1970) by which `span_s` of working time has passed since `start`."""
        left, end = span_s, start
        for begins, end in self._working(start):
            # Compared before anything is taken off: a rest below the clock's own precision would never go.
            if left <= end - begins:
                return begins + left
            left -= end - begins
        return end + left  # a calendar without working days: plain time goes on

    def between(self, start: float, end: float) -> float:
        """How much working time (s) lies between the two moments."""
        passed = 0.0
        for begins, ends in self._working(start):
            if begins >= end:
                break
            passed += min(ends, end) - begins
        return passed

    def _working(self, start: float) -> Iterator[tuple[float, float]]:
        """Spans of working time from `start` on."""
        day = day_of(start, self._zone)
        for _ in range(MAX_DAYS):
            following = day_after(day)
            if date.fromisoformat(day).weekday() < _SATURDAY and day not in self._holidays:
                yield max(start, start_of(day, self._zone)), start_of(following, self._zone)
            day = following
