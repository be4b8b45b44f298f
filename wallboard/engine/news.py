"""What changed within the last hour: one entity (kind `news`) a change, seen by who may see what it is about.

    alert_raised  alert_ended     an alert of each episode, and again when it gets worse
    hazard_began  hazard_ended    a real warning over the city, once for a chain of updates
    gauge_rose    gauge_fell      a gauge's level got worse or better
    agency_late   agency_caught_up
    price_over    price_under     its ceiling
    status                        the city's level, as its leaders declared it

What held before is known from the state itself, so a restart tells nothing anew. The words are the page's:
here are only names, values and times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from wallboard.engine.alerts.standing import is_aside
from wallboard.engine.gauges.levels import last_said
from wallboard.engine.world import World
from wallboard.entities import (
    SEVERITIES,
    Agency,
    Alert,
    City,
    Entity,
    Gauge,
    Hazard,
    News,
    NewsOf,
    Price,
    Severity,
)

#: So long a change is news (s).
KEPT_S = 3600.0

#: A flood of 300 alerts that come and go makes 600; of more the oldest leave, for nobody reads them.
MOST = 1000

_INDEX = "news.before"

_ACTIVE = frozenset({"unacknowledged", "acknowledged"})

#: key → the entity by which something holds
_Held = dict[str, Any]


def load(world: World) -> None:
    """Know what holds; nothing of it is news."""
    world.index[_INDEX] = {kind: _held(world, kind, world.of_kind(kind)) for kind in _TOLD}


def settle(world: World) -> None:
    """Tell what the batch changed."""
    index: dict[str, _Held] | None = world.index.get(_INDEX)
    if index is None:
        load(world)
        return
    for kind, told in _TOLD.items():
        touched = world.touched(kind)
        if not touched:
            continue
        before, after = index[kind], _held(world, kind, touched)
        over = [
            key for key in (before if kind == "hazard" else touched) if key in before and key not in after
        ]
        for key in [*after, *over]:
            was, now = before.get(key), after.get(key)
            if was is not now:
                for news in told(was, now):
                    _tell(world, news)
        for key in over:
            del before[key]
        before.update(after)


def _held(world: World, kind: str, ids: Iterable[str]) -> _Held:
    """What holds of these; of the few warnings all, for an update has another id than what it updates."""
    if kind == "hazard":
        return _chains(world)
    found = world.of_kind(kind)
    held = {id: found[id] for id in ids if id in found}
    if kind == "alert":
        return {
            id: alert for id, alert in held.items() if isinstance(alert, Alert) and alert.state in _ACTIVE
        }
    return held


def _tell(world: World, news: News) -> None:
    # The newest stands last, also of what happens again.
    world.remove(News, news.id)
    while len(world.of_kind("news")) >= MOST:
        # After a restart they stand in no order.
        world.remove(News, min(world.all(News), key=lambda each: each.at).id)
    news.at = world.now
    world.put(news)


# -- what holds, by kind, and what is told of a difference ------------------------------------------------


def _of_alert(was: Alert | None, now: Alert | None) -> Iterator[News]:
    if now is not None and not is_aside(now) and (was is None or _is_new(was, now)):
        id = f"{now.id}:{now.episode}:{now.severity}"
        yield _news(
            "alert_raised", id, now, now.subject, severity=now.severity, texts=now.texts, value=now.value
        )
    if was is not None and now is None and not is_aside(was):
        id = f"{was.id}:{was.episode}"
        yield _news("alert_ended", id, was, was.subject, severity=was.severity, texts=was.texts)


def _is_new(was: Alert, now: Alert) -> bool:
    return was.episode != now.episode or is_aside(was) or _worse(was.severity, now.severity)


def _chains(world: World) -> _Held:
    """By chain: an update goes on with what it updates."""
    return {
        hazard.chain or hazard.id: hazard
        for hazard in world.all(Hazard)
        if hazard.state == "active" and hazard.status == "Actual" and hazard.where == "city" and hazard.level
    }


def _of_hazard(was: Hazard | None, now: Hazard | None) -> Iterator[News]:
    one = now or was
    if one is None or (was is not None and now is not None):
        return
    texts = {code: words.headline or words.event for code, words in one.texts.items()}
    what: NewsOf = "hazard_began" if now is not None else "hazard_ended"
    yield _news(
        what, one.chain or one.id, one, f"hazard:{one.id}", severity=one.level, texts=texts, name=one.region
    )


def _of_gauge(was: Gauge | None, now: Gauge | None) -> Iterator[News]:
    # One that says nothing has not fallen: until it says something again, what it said last is known.
    if was is None or now is None or now.value is None:
        return
    before = last_said(was).severity
    if before == now.severity:
        return
    what: NewsOf = "gauge_rose" if _worse(before, now.severity) else "gauge_fell"
    # What it is now takes the place of what it was shortly before.
    yield _news(
        what, now.id, now, f"gauge:{now.id}", of="gauge",
        severity=now.severity, name=now.name, level=now.level, value=now.value, unit=now.unit,
    )  # fmt: skip


def _of_agency(was: Agency | None, now: Agency | None) -> Iterator[News]:
    if was is None or now is None or bool(was.overdue) == bool(now.overdue):
        return
    what: NewsOf = "agency_late" if now.overdue else "agency_caught_up"
    value = float(now.overdue)
    yield _news(what, now.id, now, f"agency:{now.id}", of="agency", name=now.name, value=value)


def _of_price(was: Price | None, now: Price | None) -> Iterator[News]:
    if was is None or now is None or now.disparity is None or _is_over(was) == _is_over(now):
        return
    what: NewsOf = "price_over" if _is_over(now) else "price_under"
    yield _news(
        what,
        now.id,
        now,
        f"price:{now.id}",
        of="price",
        name=now.name,
        value=now.disparity,
        market=now.market_name,
    )


def _of_city(was: City | None, now: City | None) -> Iterator[News]:
    if was is None or now is None or now.level is None or was.status_at == now.status_at:
        return
    worse = was.level is None or _worse(was.level.severity, now.level.severity)
    yield _news(
        "status", f"{now.status_at}", now, "city:city",
        severity=now.level.severity, texts=now.level.name, by=now.status_name, worse=worse,
    )  # fmt: skip


def _news(what: NewsOf, id: str, about: Entity, subject: str, *, of: str = "", **more: Any) -> News:
    return News(id=f"{of or what}|{id}", scope=about.scope, what=what, subject=subject, **more)


def _is_over(price: Price) -> bool:
    return (price.disparity or 0.0) > 0.0


def _worse(was: Severity | None, now: Severity | None) -> bool:
    return _grave(now) > _grave(was)


def _grave(severity: Severity | None) -> int:
    return 0 if severity is None else len(SEVERITIES) - SEVERITIES.index(severity)


_TOLD: dict[str, Callable[[Any, Any], Iterator[News]]] = {
    "alert": _of_alert,
    "hazard": _of_hazard,
    "gauge": _of_gauge,
    "agency": _of_agency,
    "price": _of_price,
    "city": _of_city,
}


def _old(world: World, id: str) -> None:
    world.remove(News, id)


DUE = {"news": lambda world, news: news.at + KEPT_S}
TIMERS = {"news": _old}
