"""A scenario: the script, its clock and its sources by name."""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path

from feeds.fetching.limits import Answered
from feeds.scenario.calls import Exchange
from feeds.scenario.cctv import Cctv
from feeds.scenario.clock import DayClock, minute_of
from feeds.scenario.gates import Gates
from feeds.scenario.manager import Manager
from feeds.scenario.market_prices import Prices
from feeds.scenario.places import Places, read_places
from feeds.scenario.quakes import Quakes
from feeds.scenario.report_sources import Application, Desk
from feeds.scenario.reports import Reports
from feeds.scenario.script import Script, read_script
from feeds.scenario.source import Source
from feeds.scenario.warnings import Warnings
from wallboard.errors import Unreachable, WallboardError

#: A day that takes longer than a real one is no play, and one of seconds is no day.
MIN_SPEED, MAX_SPEED = 1.0, 3600.0


class Scenario:
    """What each source of the city says at any time."""

    def __init__(
        self, script: Script, places: Places, *, speed: float, seed: int, anchor: float, zone: tzinfo
    ) -> None:
        """`anchor`: when the play begins (s since 1970). Raises WallboardError for a fault of the script."""
        if not MIN_SPEED <= speed <= MAX_SPEED:
            raise WallboardError(f"scenario.speed is {MIN_SPEED:g} to {MAX_SPEED:g}, not {speed:g}")
        day = script.day
        self.script = script
        self.clock = DayClock(anchor, speed, minute_of(day.begins), minute_of(day.ends), minute_of(day.start))
        try:
            self.reports = Reports(script, places, self.clock, seed)
            self.manager = Manager(Exchange(script, self.clock, seed))
            self.sources: dict[str, Source] = {
                "laporan": Application(self.reports, zone),
                "pusat": Desk(self.reports, zone),
                "cuaca": Warnings(script, self.clock, zone),
                "gempa": Quakes(script, self.clock),
                "cctv": Cctv(script, places, self.clock, zone),
                "pasar": Prices(script, places, self.clock, zone, seed),
                "pintu-air": Gates(script, places, self.clock, zone),
            }
            self.reports.check()
        except KeyError as fault:
            raise WallboardError(
                f"The scenario names the place {fault}, which the list of places has not."
            ) from fault

    @classmethod
    def load(
        cls, script: Path, places: Path, *, speed: float, seed: int, anchor: float, zone: tzinfo
    ) -> Scenario:
        """Read script and places. Raises WallboardError."""
        return cls(read_script(script), read_places(places), speed=speed, seed=seed, anchor=anchor, zone=zone)

    def document(self, source: str, path: str, query: dict[str, str], now: float) -> bytes:
        """What a source answers. Raises Unreachable where it does not answer, or has no such document."""
        if source not in self.sources:
            raise Unreachable(
                f"The scenario has no source {source!r}; it has {', '.join(sorted(self.sources))}."
            )
        minute = self.clock.minute(now)
        for outage in self.script.outage:
            if outage.source == source and minute_of(outage.begins) <= minute < minute_of(outage.ends):
                raise Unreachable(outage.reason)
        body = self.sources[source].document(path, query, now)
        if body is None:
            raise Answered(f"sim:{source} answers 404 to {path!r}.")
        return body
