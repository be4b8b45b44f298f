"""The demo city at the height of its flood, without waiting for it: as if it had begun that long ago."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.running import ROOT, Server, until

DEMO = ROOT / "examples" / "demo"

#: From the beginning of the play (06.30) to 15.20 of its day, when the flood is highest (docs/demo.md).
FLOOD_S = 530.0


def flooded_city(folder: Path, at: float | None = None, passed_s: float = FLOOD_S) -> Path:
    """A copy of the demo in `folder` that began `passed_s` before `at` (default: now); its city.toml."""
    shutil.copytree(DEMO, folder, ignore=shutil.ignore_patterns("__pycache__"))
    began = datetime.fromtimestamp((time.time() if at is None else at) - passed_s, UTC)
    config = folder / "city.toml"
    text = config.read_text()
    assert "\n[scenario]\n" in text
    config.write_text(text.replace("\n[scenario]\n", f'\n[scenario]\nstart = "{began.isoformat()}"\n'))
    return config


def flooded(server: Server) -> None:
    """Wait until the flood has arrived: gates, callers, warnings and what the rules say to them."""

    def arrived() -> bool:
        dangers = [alert for alert in server.entities("alert").values() if alert["severity"] == "danger"]
        kinds = ("hazard", "camera", "price", "gauge", "queue", "incident")
        return len(dangers) >= 2 and all(server.entities(kind) for kind in kinds)

    until(arrived, "the flood of the demo", 60)
