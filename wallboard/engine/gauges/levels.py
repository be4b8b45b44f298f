"""The levels of a gauge (Siaga 4 … 1) that held on a day, and which of them a value reaches."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from wallboard.city import GaugeConfig
from wallboard.engine.match import first_match
from wallboard.entities import Gauge, GaugeLevel


def levels_on(configs: Sequence[GaugeConfig], day: str, *words: str) -> tuple[GaugeLevel, ...]:
    """The levels in force on `day` (YYYY-MM-DD) for the gauge of these words, lowest first.

    Those that name the gauge go before those that fit by `*`; among these the newest `since` holds.
    """
    fitting = [config for config in configs if config.since <= day and first_match([config], *words)]
    if not fitting:
        return ()
    folded = {word.casefold() for word in words if word}
    named = [config for config in fitting if any(pattern.casefold() in folded for pattern in config.match)]
    best = max(named or fitting, key=lambda config: config.since)
    levels = [GaugeLevel(name=p.name, from_value=p.from_value, severity=p.severity) for p in best.levels]
    return tuple(sorted(levels, key=lambda level: level.from_value))


def level_of(value: float | None, levels: Sequence[GaugeLevel]) -> GaugeLevel | None:
    """The highest level that `value` reaches; None below all of them, or without a value."""
    if value is None:
        return None
    reached = [level for level in levels if level.from_value <= value]
    return reached[-1] if reached else None


def last_said(gauge: Gauge) -> Gauge:
    """The gauge as it was when it last gave a value: one that fails in a flood has not fallen."""
    if gauge.value is not None or not gauge.history:
        return gauge
    at, value = gauge.history[-1]
    level = level_of(value, gauge.levels)
    return msgspec.structs.replace(
        gauge,
        at=at,
        value=value,
        level=level.name if level else "",
        severity=level.severity if level else None,
    )
