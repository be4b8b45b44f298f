"""What each camera sees now, out of any number of reports a second. Pure: the time is a parameter.

A recorder reports each object many times a second; a wall names one thing for each camera. What begins is
said at once, what changes at most once a second for a camera, what lasts again each half minute: so the
engine hears at most a few events a minute of a camera, whatever it sees. A report without an end of its own
(an object crossed a line) lasts PULSE_S.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import get_args

from wallboard.events import CameraSeen, SeenWord

#: A camera's word changes no more often than this (s): a person who steps in and out of a zone is one sight.
MIN_GAP_S = 1.0

#: What lasts is said again; the engine lets go of it after three of these (wallboard/engine/cameras.py).
REPEAT_S = 30.0

#: What has a beginning alone lasts so long (s): long enough to be read on a wall.
PULSE_S = 10.0

#: An end may never come (a recorder was restarted); real objects are reported again within seconds (s).
SILENT_S = 300.0

#: Things that one camera sees at once; a square full of people is a crowd.
MOST_THINGS = 100

#: Cameras of one feed; the largest cities have under 10,000.
MOST_CAMERAS = 20_000

#: The gravest first.
_RANK: dict[SeenWord, int] = {word: rank for rank, word in enumerate(get_args(SeenWord)) if word}


@dataclass
class _Thing:
    what: SeenWord
    since: float
    until: float
    observed: float | None


@dataclass
class _Sight:
    things: dict[str, _Thing] = field(default_factory=dict)
    told: SeenWord = ""
    told_at: float = float("-inf")


class Conflator:
    """What the cameras of one feed see. `camera` is the id of a camera's entity."""

    def __init__(self, feed: str) -> None:
        self._feed = feed
        self._sights: dict[str, _Sight] = {}
        #: cameras of which there may be something to say
        self._touched: dict[str, None] = {}
        #: when something ends or is to be repeated, at the earliest
        self._due_at = float("inf")

    def begin(
        self,
        camera: str,
        thing: str,
        what: SeenWord,
        since: float,
        now: float,
        observed: float | None = None,
        lasts: float = SILENT_S,
    ) -> None:
        """It sees a thing (by the source's identity for it), or still sees it.

        `observed`: its own time; `lasts`: how long it holds when no end and no repetition comes (s).
        """
        self._see(camera, thing, _Thing(what, min(since, now), now + lasts, observed))

    def pulse(
        self, camera: str, thing: str, what: SeenWord, now: float, observed: float | None = None
    ) -> None:
        """It saw something that has no end of its own."""
        self._see(camera, thing, _Thing(what, now, now + PULSE_S, observed))

    def end(self, camera: str, thing: str) -> None:
        """It sees the thing no more."""
        sight = self._sights.get(camera)
        if sight is not None and sight.things.pop(thing, None) is not None:
            self._touched[camera] = None

    def end_all(self, only: str = "") -> None:
        """The source (or one camera of it) is away: nothing is known of what it sees."""
        for camera, sight in self._sights.items():
            if sight.things and only in ("", camera):
                sight.things.clear()
                sight.told_at = float("-inf")  # it is said at once
                self._touched[camera] = None

    def due(self, now: float) -> list[CameraSeen]:
        """What is to be said now, in order; call it after reports, and each second."""
        if now >= self._due_at:
            self._touched.update(dict.fromkeys(self._sights))
            self._due_at = float("inf")
        events: list[CameraSeen] = []
        for camera in list(self._touched):
            sight = self._sights[camera]
            sight.things = {id: thing for id, thing in sight.things.items() if thing.until > now}
            named = _gravest(sight)
            what: SeenWord = named.what if named else ""
            waits = now - sight.told_at < MIN_GAP_S
            changed = what != sight.told
            if changed and waits:
                continue  # stays touched
            del self._touched[camera]
            if changed or (what and now - sight.told_at >= REPEAT_S):
                sight.told, sight.told_at = what, now
                events.append(
                    CameraSeen(
                        feed=self._feed,
                        source_id=camera,
                        received_at=now,
                        observed_at=named.observed if named else None,
                        what=what,
                        since=named.since if named else None,
                    )
                )
            if sight.things:
                ends = min(thing.until for thing in sight.things.values())
                self._due_at = min(self._due_at, ends, sight.told_at + REPEAT_S)
            elif not sight.told:
                del self._sights[camera]
        return events

    def _see(self, camera: str, thing: str, new: _Thing) -> None:
        sight = self._sights.get(camera)
        if sight is None:
            if len(self._sights) >= MOST_CAMERAS:
                return
            sight = self._sights[camera] = _Sight()
        known = sight.things.get(thing)
        if known is None and len(sight.things) >= MOST_THINGS:
            return
        if known is not None and known.what == new.what:
            known.until, known.observed = new.until, new.observed  # the common case, many times a second
            return
        if known is not None:
            new.since = min(new.since, known.since)
        sight.things[thing] = new
        self._touched[camera] = None


def _gravest(sight: _Sight) -> _Thing | None:
    """The gravest of what it sees; of several of that kind the one that it has seen longest."""
    return min(sight.things.values(), key=lambda thing: (_RANK[thing.what], thing.since), default=None)
