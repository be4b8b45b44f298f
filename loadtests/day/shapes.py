"""Load shapes and limits for loadtests/day/locustfile.py, as tables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """A part of a shape. Of twelve users ten are boards, one is a feed, one somebody at a console."""

    #: it ends then (s since the run's begin)
    until_s: float
    users: int
    #: users that come or go a second
    rate: float
    #: at its beginning all boards lose their connection at once
    cut: bool = False


#: name → stages
SHAPES: dict[str, list[Stage]] = {
    # More and more, until it has been seen where it bends.
    "ramp": [Stage(20, 24, 4), Stage(40, 60, 6), Stage(60, 120, 10), Stage(80, 240, 20)],
    # A working day at one level.
    "steady": [Stage(15, 120, 20), Stage(75, 120, 20)],
    # All cables at once, three times.
    "reconnect_storm": [
        Stage(20, 120, 20),
        Stage(30, 120, 20, cut=True), Stage(40, 120, 20, cut=True), Stage(55, 120, 20, cut=True),
    ],
    # A quiet morning, the water, everybody at once with a power cut in the middle, and the evening.
    "flood_day": [
        Stage(20, 36, 6), Stage(40, 120, 10), Stage(60, 240, 20),
        Stage(80, 240, 20, cut=True), Stage(100, 60, 20),
    ],
}  # fmt: skip

#: name of a figure → its 99th percentile may be this (s). Locust's own process counts in them: it reads what
#: hundreds of boards get, and is the slowest part of the whole.
LIMITS: dict[str, float] = {
    "event to board": 0.5,
    "board fresh": 2.0,
    "board resumed": 2.0,
    "report accepted": 0.5,
    "log in": 2.0,
    "acknowledge": 0.5,
}
