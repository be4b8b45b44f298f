"""`python3 -m tests gallery`: the pictures of docs/walls.md, made anew from the demo at its flood.

Each is a page of a real server at a fixed moment, so that it shows what the program is.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.browser import launched, window
from tests.demo_flood import FLOOD_S, flooded, flooded_city
from tests.running import ROOT, WAIT_S, Server, server, until

#: The hour of the flood is the hour on the wall.
CLOCK = datetime.fromisoformat("2026-11-22T15:18:00+07:00")

#: The play runs so long before the first picture: callers wait, cameras are checked, agencies are late.
WARM_S = 75.0

#: A page is whole when its map, its pictures and its figures have come; then it is left alone for a moment.
SETTLE_S = 4.0

FOLDER = ROOT / "docs" / "walls"

#: Sharp enough to be read in a browser's column, small enough for a repository.
QUALITY = 72


@dataclass(frozen=True)
class Shot:
    """One picture: a page of the server at a size, made smaller by `scale`."""

    name: str
    path: str
    width: int
    height: int
    scale: float


def shots(district: str) -> list[Shot]:
    """All pictures of the gallery; `district` is the code of the one that a post looks after."""
    usual = (1920, 1080, 0.5)
    return [
        Shot("operations", "/wall/operations", *usual),
        Shot("ultrawide", "/wall/ultrawide", 3840, 1080, 0.36),
        Shot("calls", "/wall/calls", *usual),
        Shot("market", "/wall/market", *usual),
        Shot("district", f"/wall/district?district={district}", *usual),
        Shot("emergency", "/wall/emergency", *usual),
        Shot("cameras", "/wall/cameras", *usual),
        Shot("portrait", "/wall/portrait", 1080, 1920, 0.45),
        Shot("light", "/wall/operations?theme=light&lang=en", *usual),
        Shot("night", "/wall/operations?theme=night", *usual),
        Shot("phone", "/wall/operations", 390, 844, 0.9),
    ]


@contextmanager
def flood() -> Iterator[Server]:
    """The demo, some minutes before its flood is highest; its log and state go with it."""
    with tempfile.TemporaryDirectory(prefix="wallboard-gallery-") as name:
        folder = Path(name)
        config = flooded_city(folder / "city", CLOCK.timestamp(), FLOOD_S - WARM_S)
        with server(folder / "state", "--config", str(config), "--clock", CLOCK.isoformat()) as running:
            yield running


def busiest(running: Server) -> str:
    """Code of the district of the highest level in which most is open."""
    districts = [one for one in running.entities("district").values() if not one.get("level")]
    return str(max(districts, key=lambda one: (one["counts"].get("open", 0), one["id"]))["id"])


def take(browser: Any, running: Server, shot: Shot) -> None:
    """Write one picture."""
    with window(browser, running, shot.path, width=shot.width, height=shot.height) as shown:
        until(
            lambda: shown.evaluate("() => document.querySelector('#banner')?.hidden"), shot.name, 2 * WAIT_S
        )
        time.sleep(SETTLE_S)
        (FOLDER / f"{shot.name}.webp").write_bytes(shown.picture(shot.scale, QUALITY))


def main() -> int:
    """Make all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with flood() as running, launched() as browser:
        time.sleep(WARM_S)
        flooded(running)
        wanted = shots(busiest(running))
        for shot in wanted:
            take(browser, running, shot)
    for path in sorted(FOLDER.iterdir()):
        print(f"{path.stat().st_size:>8} {path.relative_to(ROOT)}")
    return 0
