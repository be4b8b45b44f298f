"""The day of the script laid on real time: told by the clock alone, so that a restart needs no memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo


def minute_of(text: str) -> float:
    """ "09:30" → 570.0, minutes since midnight."""
    hours, _, minutes = text.partition(":")
    return int(hours) * 60.0 + int(minutes)


@dataclass(frozen=True)
class DayClock:
    """One minute of the day lasts 60 / speed real seconds; after `ends` the next day begins at `begins`."""

    #: real time (s since 1970) at which day 0 stood at `start`
    anchor: float
    #: minutes of the day a real minute
    speed: float
    #: minutes since midnight
    begins: float
    ends: float
    start: float

    @property
    def length_s(self) -> float:
        """How long a day lasts (real s)."""
        return self.real_s(self.ends - self.begins)

    def real_s(self, minutes: float) -> float:
        """Real seconds that so many minutes of the day last."""
        return minutes * 60.0 / self.speed

    def day(self, now: float) -> int:
        """Number of the day at `now`; below zero before the anchor's day."""
        return int(self._passed(now) // (self.ends - self.begins))

    def minute(self, now: float) -> float:
        """Minute of the day at `now`."""
        return self.begins + self._passed(now) % (self.ends - self.begins)

    def real(self, day: int, minute: float) -> float:
        """The real time of a minute of a day."""
        passed = day * (self.ends - self.begins) + minute - self.start
        return self.anchor + self.real_s(passed)

    def _passed(self, now: float) -> float:
        return (now - self.anchor) * self.speed / 60.0 + self.start - self.begins


def written(seconds: float, zone: tzinfo) -> str:
    """ISO 8601 with the zone's offset, to the second, as most sources write."""
    return datetime.fromtimestamp(seconds, zone).isoformat(timespec="seconds")
