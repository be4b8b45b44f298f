"""The text of a new `city.toml`: what was asked for, and what any city needs to begin with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from wallboard.boundaries import Level
from wallboard.init.toml_text import text

#: Files beside city.toml.
DISTRICTS = "districts.geojson"
CROSSWALK = "crosswalk.csv"

#: As city.key allows.
_MOST_KEY = 64

#: What most reports of an Indonesian 112 are about; a city renames, removes and adds.
_CATEGORIES = (
    ("banjir", "Banjir", "Flood", "severe", ("banjir*", "genangan*", "flood*")),
    ("kebakaran", "Kebakaran", "Fire", "severe", ("kebakaran*", "fire*")),
    ("kecelakaan", "Kecelakaan", "Accident", "severe", ("kecelakaan*", "laka*", "accident*")),
    ("medis", "Gawat darurat medis", "Medical emergency", "severe", ("medis*", "ambulan*", "medical*")),
    ("keamanan", "Keamanan", "Public order", "caution", ("keamanan*", "ketertiban*", "kriminal*")),
    ("pohon", "Pohon", "Trees", "caution", ("pohon*", "tree*")),
    ("listrik", "Listrik padam", "Power failure", "caution", ("listrik*", "pln*", "kabel*")),
    ("lampu", "Lampu jalan", "Street lights", "", ("lampu*", "pju*", "street*light*")),
    ("jalan", "Jalan rusak", "Damaged road", "", ("jalan*", "trotoar*", "road*")),
    ("sampah", "Sampah", "Rubbish", "", ("sampah*", "waste*", "rubbish*")),
)


@dataclass(frozen=True)
class Draft:
    """What a new configuration says."""

    name: str
    key: str
    time_zone: str
    source: str
    version: str
    levels: Sequence[Level]
    population: bool
    crosswalk: bool
    feeds: Sequence[str]


def key_of(name: str) -> str:
    """A key made of a city's name: "Kota Manado" → "kota-manado"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MOST_KEY].strip("-")


def written(draft: Draft) -> str:
    """The whole file."""
    return "\n".join([*_head(draft), *_categories(), *_feeds(draft)])


def _head(draft: Draft) -> list[str]:
    lines = [
        "# Made by `server.py init`; yours to change. Every table and key: docs/configuration.md.",
        "# After a change: python3 server.py check --config city.toml",
        "",
        "ready_rules = true                  # rules that come with the program: docs/rules.md",
        "ready_sla = true                    # clocks of good practice, beneath the city's own [[sla]]",
        "",
        "[city]",
        f"name = {text(draft.name)}",
        f"key = {text(draft.key)}",
        f"time_zone = {text(draft.time_zone)}",
        "",
        "[boundaries]",
        f"file = {text(DISTRICTS)}",
        f"source = {text(draft.source)}",
        f"version = {text(draft.version)}",
    ]
    lines += ['population = "population"'] if draft.population else []
    if draft.crosswalk:
        lines.append(f"crosswalk = {text(CROSSWALK)}         # codes and names of another list")
    lines.append("levels = [")
    lines += [
        f"  {{ code = {text(level.code)}, name = {text(level.name)}, label = {text(level.title)} }},"
        for level in draft.levels
    ]
    return [*lines, "]", ""]


def _categories() -> list[str]:
    lines = ["# ---- what reports are about; `match` is compared with the word that their source writes", ""]
    for code, indonesian, english, severity, match in _CATEGORIES:
        lines += ["[[category]]", f"code = {text(code)}"]
        lines.append(f"name = {{ id = {text(indonesian)}, en = {text(english)} }}")
        lines += [f"severity = {text(severity)}"] if severity else []
        lines += [f"match = [{', '.join(map(text, match))}]", ""]
    return lines


def _feeds(draft: Draft) -> list[str]:
    lines = ["# ---- sources: docs/feeds.md has an example of each type", ""]
    for table in draft.feeds:
        lines += [table]
    return lines
