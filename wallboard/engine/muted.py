"""Timers that failed: they are not called again before the engine loads anew for another reason."""

from __future__ import annotations

from collections import Counter

from wallboard.engine.world import Timer

#: Each timer that fails costs a load of the whole state; after so many of one kind none of it is called.
MOST_OF_A_KIND = 10


class Muted:
    """A container of timers, by which `reduce` knows what to leave out."""

    def __init__(self) -> None:
        self._timers: set[Timer] = set()
        self._kinds: Counter[str] = Counter()

    def add(self, timer: Timer) -> None:
        """Leave this one out from now on."""
        self._timers.add(timer)
        self._kinds[timer[1]] += 1

    def __contains__(self, timer: object) -> bool:
        """Whether it is to be left out."""
        return timer in self._timers or (isinstance(timer, tuple) and self._kinds[timer[1]] >= MOST_OF_A_KIND)
