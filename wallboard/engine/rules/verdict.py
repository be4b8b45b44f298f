"""What a rule finds about one subject at one time, and how it looks into entities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wallboard.entities import SEVERITIES, Entity, Severity

#: Language → placeholder → what is filled in; "*" holds for every language.
Words = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Verdict:
    """Whether a condition holds."""

    holds: bool
    #: the figure that it is about
    value: float | None = None
    #: where it follows from the thing; None: the rule's own
    severity: Severity | None = None
    words: Words = field(default_factory=dict)
    #: when it may be otherwise though nothing new comes
    again: float | None = None


NO = Verdict(False)


def lookup(entity: object, path: str) -> object:
    """The figure at a dotted path in an entity; None where there is none."""
    value: object = entity
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        else:
            value = getattr(value, step, None)
    return value


def figure(entity: object, path: str) -> float | None:
    """The same as a number; None for whatever is none."""
    value = lookup(entity, path)
    return None if isinstance(value, bool) or not isinstance(value, int | float) else float(value)


def fits(entity: Entity, where: Mapping[str, Any]) -> bool:
    """Whether the entity's fields equal those of `where`; a list means one of."""
    for path, wanted in where.items():
        found = lookup(entity, path)
        if found not in wanted if isinstance(wanted, list) else found != wanted:
            return False
    return True


def beyond(value: float, above: float | None, below: float | None) -> bool:
    """Whether a figure lies above or below its limits."""
    return (above is not None and value > above) or (below is not None and value < below)


def rank(severity: Severity | None) -> int:
    """A greater number is graver; no severity is 0."""
    return 0 if severity is None else len(SEVERITIES) - SEVERITIES.index(severity)


def percent(share: float) -> float:
    """A share (0..1) in per cent, to a tenth, as people read it."""
    return round(share * 100.0, 1)
