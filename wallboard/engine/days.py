"""Days of the city's own calendar, as "YYYY-MM-DD", which sorts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_FORM = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: The last second that a calendar knows (9999-12-30, a day short for zones east of Greenwich).
_LAST = (datetime(9999, 12, 30, tzinfo=UTC) - _EPOCH).total_seconds()


def day_of(at: float, time_zone: str) -> str:
    """The day in `time_zone` (IANA) at `at` (s since 1970); what lies before 1970 counts as its first day."""
    moment = _EPOCH + timedelta(seconds=min(max(at, 0.0), _LAST))
    return moment.astimezone(ZoneInfo(time_zone)).date().isoformat()


def start_of(day: str, time_zone: str) -> float:
    """When the day begins there (s since 1970). Raises ValueError when it is no day."""
    if not _FORM.fullmatch(day):
        raise ValueError(f"{day[:40]!r} is not a day (YYYY-MM-DD)")
    start = datetime.combine(date.fromisoformat(day), time(), tzinfo=ZoneInfo(time_zone))
    return (start - _EPOCH).total_seconds()


def day_after(day: str, days: int = 1) -> str:
    """The day so many days later, or earlier where `days` is negative."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
