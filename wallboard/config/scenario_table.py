"""[scenario]: whether the play of a simulated city can begin."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from feeds.scenario import Scenario
from wallboard.city import CityConfig
from wallboard.config.findings import Findings
from wallboard.config.tables import zone_exists
from wallboard.errors import WallboardError


def check_scenario(city: CityConfig, found: Findings) -> None:
    """Note a start that is no time; files are read by `check_script`."""
    start = city.scenario.start if city.scenario is not None else ""
    if not start:
        return
    try:
        moment = datetime.fromisoformat(start)
    except ValueError:
        found.fault("scenario.start", start, 'is no time; write "2026-09-24T06:00:00+07:00"')
        return
    if moment.tzinfo is None:
        found.fault("scenario.start", start, 'has no zone; write "2026-09-24T06:00:00+07:00"')


def check_script(city: CityConfig, folder: Path, found: Findings) -> None:
    """Read the script and its places as the feeds would, and note what stops them."""
    config = city.scenario
    if config is None or not found.readable("scenario") or not zone_exists(city.city.time_zone):
        return
    for field, name in (("file", config.file), ("places", config.places)):
        if not (folder / name).is_file():
            found.fault(f"scenario.{field}", name, "is not there")
            return
    try:
        Scenario.load(
            folder / config.file,
            folder / config.places,
            speed=config.speed,
            seed=config.seed,
            anchor=0.0,
            zone=ZoneInfo(city.city.time_zone),
        )
    except WallboardError as fault:
        found.fault("scenario", None, str(fault))
