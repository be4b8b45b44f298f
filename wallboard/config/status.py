"""[[status]]: whether the city's levels can be told apart, and rise."""

from __future__ import annotations

from wallboard.city import CityConfig
from wallboard.config.findings import Findings
from wallboard.config.tables import check_unique, check_words
from wallboard.entities import SEVERITIES, Severity

#: A level is chosen in a hurry, from one list that a phone shows whole.
MOST_LEVELS = 8

#: It stands on the head of every wall, beside its commander.
MOST_NAME_CHARS = 24


def check_status(city: CityConfig, found: Findings) -> None:
    """Note what is wrong with the levels of the city's status."""
    levels = city.status
    if not levels:
        return
    check_unique("status", "code", [level.code for level in levels], found)
    if not 2 <= len(levels) <= MOST_LEVELS:
        found.fault("status", None, f"has {len(levels)} levels; 2 to {MOST_LEVELS}, the calmest first")
    for index, level in enumerate(levels):
        key = f"status[{index}]"
        check_words(level.name, f"{key}.name", city, found)
        for language, name in level.name.items():
            if len(name) > MOST_NAME_CHARS:
                found.fault(f"{key}.name.{language}", name, f"has more than {MOST_NAME_CHARS} characters")
        for field in ("commander", "meaning", "instruction"):
            if words := getattr(level, field):
                check_words(words, f"{key}.{field}", city, found)
        before = levels[index - 1].severity if index else None
        if found.sound(f"{key}.severity") and _rank(level.severity) < _rank(before):
            why = f"is calmer than that of status[{index - 1}]: the calmest first"
            found.fault(f"{key}.severity", level.severity, why)
    if levels[0].severity is not None or levels[0].emergency:
        found.fault("status[0]", None, "is the level of a normal day: without severity and emergency")
    if not any(level.emergency for level in levels):
        found.warn("status", None, "has no level with emergency = true: no level turns the walls")


def _rank(severity: Severity | None) -> int:
    """0 for normal, 3 for the worst."""
    return 0 if severity is None else len(SEVERITIES) - SEVERITIES.index(severity)
