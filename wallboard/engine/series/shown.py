"""What a series shows, before it is an entity."""

from __future__ import annotations

from typing import NamedTuple

Points = tuple[tuple[float, float], ...]


class Shown(NamedTuple):
    """Scope, name, unit, width of a span (s; 0: readings at their own times), points oldest first."""

    scope: tuple[str, ...]
    name: str
    unit: str
    step_s: float
    points: Points
