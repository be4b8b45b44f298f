"""The alerts by what is asked of them all the time: code, rule, district, how many. Derived, never stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeVar

from wallboard.engine.alerts.subject import EVERYWHERE, area, lineage
from wallboard.engine.world import World
from wallboard.entities import Alert

K = TypeVar("K")

_INDEX = "alerts"

#: Flags that set an alert aside: it does not call for anybody while it has one.
ASIDE = ("shelved", "suppressed", "out_of_service")


def stands(alert: Alert | None) -> bool:
    """Whether the alert's condition holds."""
    return alert is not None and alert.state in ("unacknowledged", "acknowledged")


def is_aside(alert: Alert) -> bool:
    """Whether a flag sets it aside."""
    return alert.shelved is not None or alert.suppressed is not None or alert.out_of_service is not None


@dataclass
class Standing:
    """Indexes over the alerts of one world. Sets are dictionaries: their order is that of the events."""

    #: short code → id
    codes: dict[str, str] = field(default_factory=dict)
    #: (rule, district code or EVERYWHERE) → ids that lie there
    lying: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    #: (rule, district code or EVERYWHERE) → how many alerts whose condition holds are about it
    about: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: "standing", "shelved", "chatter", "stale" → how many
    figures: Counter[str] = field(default_factory=Counter)
    #: subject ("kind:id") → ids
    subjects: dict[str, dict[str, None]] = field(default_factory=dict)

    def replace(self, old: Alert | None, new: Alert | None) -> bool:
        """Take note of a change; whether a figure differs."""
        before = _figures(old)
        after = _figures(new)
        if old is not None:
            self._take(old)
        if new is not None:
            self._add(new)
        self.figures.subtract(before)
        self.figures.update(after)
        return before != after

    def _take(self, alert: Alert) -> None:
        if self.codes.get(alert.code) == alert.id:
            del self.codes[alert.code]
        for key in _keys(alert):
            _drop(self.lying, key, alert.id)
        _drop(self.subjects, alert.subject, alert.id)
        if stands(alert):
            self.about.subtract((alert.rule, code) for code in area(alert))

    def _add(self, alert: Alert) -> None:
        if alert.code:
            self.codes[alert.code] = alert.id
        for key in _keys(alert):
            self.lying.setdefault(key, {})[alert.id] = None
        self.subjects.setdefault(alert.subject, {})[alert.id] = None
        if stands(alert):
            self.about.update((alert.rule, code) for code in area(alert))

    def covered(self, rule: str, alert: Alert) -> bool:
        """Whether an alert of `rule` stands in the alert's own district, or in the city as a whole."""
        return any(self.about[(rule, code)] > 0 for code in (EVERYWHERE, *lineage(alert)))


def standing(world: World) -> Standing:
    """The world's index, built when it is first asked for after a load."""
    index: Standing | None = world.index.get(_INDEX)
    if index is None:
        index = world.index[_INDEX] = Standing()
        for alert in world.all(Alert):
            index.replace(None, alert)
    return index


def _keys(alert: Alert) -> list[tuple[str, str]]:
    return [(alert.rule, code) for code in (EVERYWHERE, *lineage(alert))]


def _drop(sets: dict[K, dict[str, None]], key: K, id: str) -> None:
    ids = sets.get(key)
    if ids is not None:
        ids.pop(id, None)
        if not ids:
            del sets[key]


def _figures(alert: Alert | None) -> Counter[str]:
    if alert is None:
        return Counter()
    counted: list[str] = [name for name in ("chatter", "stale") if name in alert.flags]
    if stands(alert):
        counted.append("standing")
    if alert.shelved is not None:
        counted.append("shelved")
    return Counter(counted)
