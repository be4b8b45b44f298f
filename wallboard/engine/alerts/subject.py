"""What an alert takes over from its subject: words, who may see it, and which districts it is about."""

from __future__ import annotations

from wallboard.engine.world import World
from wallboard.entities import Alert, District, Entity
from wallboard.scope import CITY

#: Stands for every district: what an alert on a feed, a queue or a wall is about.
EVERYWHERE = "*"

#: No district lies under more levels than a country has; a ring of parents must not hold the engine.
_MOST_LEVELS = 8


def texts_of(texts: dict[str, str], entity: Entity, value: float | None) -> dict[str, str]:
    """A rule's words by language, with {name}, {value} and {id} filled in."""
    shown = "" if value is None else f"{value:g}"
    filled = {}
    for language, text in texts.items():
        filled[language] = (
            text.replace("{name}", _name(entity, language))
            .replace("{value}", shown)
            .replace("{id}", entity.id)
        )
    return filled


def _name(entity: Entity, language: str) -> str:
    texts = getattr(entity, "texts", None)
    if texts:
        words = texts.get(language) or next(iter(texts.values()))
        return str(getattr(words, "headline", "") or getattr(words, "event", "") or words)
    source = getattr(entity, "source", None)
    return str(getattr(entity, "name", "") or getattr(source, "title", "") or entity.id)


def scope_of(world: World, kind: str, entity: Entity) -> tuple[str, ...]:
    """Who may see an alert: as its subject; what is public of the house itself is the city's own."""
    if "public" not in entity.scope:
        return entity.scope
    if kind == "district":
        return tuple(f"d:{code}" for code in _upwards(world, entity.id))
    return (*CITY, f"a:{entity.id}") if kind == "agency" else CITY


def _upwards(world: World, code: str) -> list[str]:
    codes: list[str] = []
    while code and code not in codes and len(codes) < _MOST_LEVELS:
        codes.append(code)
        district = world.get(District, code)
        code = district.parent if district is not None else ""
    return codes


def lineage(alert: Alert) -> tuple[str, ...]:
    """Codes of all districts that an alert lies in, whatever their level."""
    place = alert.place
    if place is not None and (place.district or place.parents):
        above = tuple(parent.code for parent in place.parents)
        return (place.district, *above) if place.district else above
    return _scoped(alert)


def area(alert: Alert) -> tuple[str, ...]:
    """Codes of the districts that an alert is about: its own lowest, those that a hazard covers, or all."""
    kind, _, id = alert.subject.partition(":")
    if kind == "district":
        # Behind the "/" stands what in the district is meant (engine/rules).
        return (id.partition("/")[0],)
    if alert.place is not None:
        return (alert.place.district,) if alert.place.district else ()
    return (EVERYWHERE,) if "city" in alert.scope else _scoped(alert)


def _scoped(alert: Alert) -> tuple[str, ...]:
    return tuple(part[2:] for part in alert.scope if part.startswith("d:"))
