"""The files of a new city: written aside, judged as `check` does, put in place only when they are whole."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from wallboard.config.read import examine
from wallboard.errors import ConfigError, Fault
from wallboard.ground import Ground
from wallboard.settings import ROLES, survey_readable

CITY = "city.toml"


def present(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Which of these files are there already, in a folder or instead of it."""
    if folder.exists() and not folder.is_dir():
        return [folder]
    return [folder / name for name in names if (folder / name).exists()]


def as_json(document: Mapping[str, Any]) -> str:
    """A document as compact as it gets: boundaries are read by programs."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def put_in_place(folder: Path, files: Mapping[str, str]) -> Ground:
    """Write `files` (one is city.toml) into `folder`; the city's ground.

    Nothing is changed when the configuration has faults: raises ConfigError with all of them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".init-", dir=folder) as name:
        aside = Path(name)
        for each, content in files.items():
            # Half of a surrogate pair, which JSON lets a name have, is no character to write.
            (aside / each).write_text(content, encoding="utf-8", errors="replace")
        city, found = examine(aside / CITY, ROLES)
        ground = survey_readable(city, aside / CITY, found)
        if found.faults or ground is None:
            raise ConfigError([_told(fault, aside, folder) for fault in found.in_order(found.faults)])
        # city.toml last: without it nothing runs on half of the others.
        for each in sorted(files, key=lambda each: each == CITY):
            os.replace(aside / each, folder / each)
    return ground


def _told(fault: Fault, aside: Path, folder: Path) -> Fault:
    """The fault with the name that the file is going to have."""
    return replace(fault, file=fault.file.replace(str(aside), str(folder)))
