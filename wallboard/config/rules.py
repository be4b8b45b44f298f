"""[[rule]]: whether each can ever hold, and says what it means in the city's languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from wallboard.city import RULE_KINDS, CityConfig, RuleConfig
from wallboard.config.findings import Findings, guess
from wallboard.config.paths import NoPath, is_number, mismatch, types_at
from wallboard.config.ready import is_ready
from wallboard.config.rule_keys import FILLED, KEYS, misplaced
from wallboard.config.tables import check_unique, check_words
from wallboard.entities import KINDS

#: An alert's id is "rule|kind:id": a rule's own id holds neither.
_RULE_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

#: A burst is looked for within at most a day: what is usual is known by the hour of the week (s).
_MOST_WITHIN_S = 86400.0


def check_rules(city: CityConfig, found: Findings) -> None:
    """Note what is wrong with the rules."""
    _ids(city, found)
    groups = [group.code for group in city.group]
    for index, rule in enumerate(city.rule):
        key = f"rule[{index}]"
        if rule.id and not _RULE_ID.match(rule.id):
            found.fault(f"{key}.id", rule.id, 'must be letters, digits, ".", "_" and "-", at most 64')
        if not found.sound(f"{key}.type"):
            # Which keys it may have is not known; its paths can be judged all the same.
            _kind(rule, key, found)
            continue
        _words(rule, key, city, found)
        _keys(rule, key, found)
        if _kind(rule, key, found):
            _limits(rule, key, found)
        _numbers(rule, key, city, found)
        if rule.to and rule.to not in groups and found.all_sound("group", "code"):
            found.fault(f"{key}.to", rule.to, f"is the code of no [[group]]; {guess(rule.to, groups)}")


def _ids(city: CityConfig, found: Findings) -> None:
    """Rules of one id follow each other by their days; at most one holds on a day."""
    first: dict[str, list[int]] = {}
    for index, rule in enumerate(city.rule):
        first.setdefault(rule.id, []).append(index)
    ids = [
        rule.id if not rule.id or first[rule.id][0] == index else f"{rule.id} {index}"
        for index, rule in enumerate(city.rule)
    ]
    check_unique("rule", "id", ids, found)
    for indexes in first.values():
        for at, index in enumerate(indexes):
            rule = city.rule[index]
            if rule.since and rule.until and rule.until < rule.since:
                found.fault(f"rule[{index}].until", rule.until, f"lies before since = {rule.since}")
            for other in indexes[:at]:
                if rule.id and _meet(rule, city.rule[other]):
                    why = (
                        f"stands in rule[{other}] already; each needs its own, or days (since, until) on "
                        "which the other does not hold"
                    )
                    found.fault(f"rule[{index}].id", rule.id, why)
                    break


def _meet(one: RuleConfig, other: RuleConfig) -> bool:
    """Whether there is a day on which both hold."""
    return (not one.until or other.since <= one.until) and (not other.until or one.since <= other.until)


def _words(rule: RuleConfig, key: str, city: CityConfig, found: Findings) -> None:
    check_words(rule.text, f"{key}.text", city, found)
    if rule.instruction:
        check_words(rule.instruction, f"{key}.instruction", city, found)
    filled = ("name", "value", "id", *FILLED.get(rule.type, ()))
    for table, texts in (("text", rule.text), ("instruction", rule.instruction)):
        # The subject's name, its figure and its id are filled into the text alone.
        allowed = filled if table == "text" else filled[3:]
        for language, text in texts.items():
            for name in _PLACEHOLDER.findall(text):
                if name not in allowed:
                    listed = ", ".join(f"{{{word}}}" for word in allowed) or "nothing"
                    why = f"{{{name}}} is not filled in; {listed} {'is' if len(allowed) < 2 else 'are'}"
                    found.fault(f"{key}.{table}.{language}", text, why)


def _keys(rule: RuleConfig, key: str, found: Findings) -> None:
    """A key that has no use in the rule's type is a mistake of meaning; one that it needs must be there."""
    for field in msgspec.structs.fields(RuleConfig):
        value = getattr(rule, field.name)
        types = KEYS.get(field.name)
        if types is not None and rule.type not in types and misplaced(field, value):
            listed = " or ".join(f'"{type}"' for type in types)
            if len(types) == 1:
                why = f"has no use but in a rule of type {listed}"
            else:
                why = f'has no use in a rule of type "{rule.type}"; it has in {listed}'
            found.fault(f"{key}.{field.name}", value, why)


def _kind(rule: RuleConfig, key: str, found: Findings) -> bool:
    """Whether the rule looks at a kind that is one, along paths that lead somewhere."""
    own = RULE_KINDS.get(rule.type) if found.sound(f"{key}.type") else None
    kind = rule.kind or own or ""
    if not kind:
        found.fault(f"{key}.kind", None, f"is missing; {guess('', KINDS)}")
        return False
    if kind not in KINDS:
        found.fault(f"{key}.kind", rule.kind, f"is no kind of entity; {guess(rule.kind, KINDS)}")
        return False
    if own and kind != own:
        found.fault(f"{key}.kind", rule.kind, f'is always "{own}" in a rule of type "{rule.type}": leave it')
        return False
    _where(rule.where, kind, f"{key}.where", found)
    _where(rule.among, kind, f"{key}.among", found)
    if rule.field:
        _figure(rule, kind, key, found)
    return True


def _where(table: Mapping[str, Any], kind: str, key: str, found: Findings) -> None:
    for path, wanted in table.items():
        where = f"{key}.{path}"
        if isinstance(wanted, dict):
            found.fault(
                where, None, f'is a table: write a path in quotes, "{path}.{next(iter(wanted), "…")}" = …'
            )
            continue
        try:
            types = types_at(kind, path)
        except NoPath as fault:
            found.fault(where, None, str(fault))
            continue
        if wanted == []:
            found.fault(where, None, "is empty: nothing is in an empty list")
        choices: list[Any] = wanted if isinstance(wanted, list) else [wanted]
        for choice in choices:
            if why := mismatch(types, choice):
                found.fault(where, choice, why)


def _figure(rule: RuleConfig, kind: str, key: str, found: Findings) -> None:
    try:
        types = types_at(kind, rule.field)
    except NoPath as fault:
        found.fault(f"{key}.field", rule.field, str(fault))
        return
    if not is_number(types):
        found.fault(f"{key}.field", rule.field, "is not a number; use where to compare words")


def _limits(rule: RuleConfig, key: str, found: Findings) -> None:
    """What `threshold`, `rate` and `share` need."""
    if rule.type == "share":
        if not rule.where and found.sound(f"{key}.where"):
            found.fault(f"{key}.where", None, "is missing: it says in which state things are counted")
        try:
            types_at(rule.kind, "place.district")
        except NoPath:
            found.fault(f"{key}.kind", rule.kind, "has no place: nothing of it lies in a district")
    if rule.type not in ("threshold", "rate"):
        return
    limited = rule.above is not None or rule.below is not None
    limits_sound = found.sound(f"{key}.above") and found.sound(f"{key}.below")
    if (limited or rule.type == "rate") and not rule.field:
        found.fault(f"{key}.field", None, "is missing: above and below need a figure to look at")
    if rule.type == "rate" and not limited and limits_sound:
        found.fault(f"{key}.above", None, "is missing, and below, too: by how much may the figure change?")
    elif rule.field and not limited and limits_sound:
        found.fault(f"{key}.field", rule.field, "has no use without above or below")
    if rule.above is not None and rule.below is not None and rule.below > rule.above:
        why = f"must not be more than above = {rule.above:g}: every figure would be beyond one of them"
        found.fault(f"{key}.below", rule.below, why)
    empty = rule.type == "threshold" and not limited and not rule.where
    if empty and limits_sound and found.sound(f"{key}.where"):
        found.warn(key, None, f"has neither above, below nor where: it alerts for every {rule.kind}")


def _numbers(rule: RuleConfig, key: str, city: CityConfig, found: Findings) -> None:
    """Shares, spans and levels that could never be reached, or always are."""
    if rule.type in ("share", "cover", "burst"):
        levels = len(city.boundaries.levels)
        if levels and found.readable("boundaries") and not -1 <= rule.level < levels:
            allowed = f"-1 (the lowest but one) to {levels - 1} (the lowest)"
            found.fault(f"{key}.level", rule.level, f"is no level; there are {allowed}")
    if rule.type in ("share", "cover", "price"):
        _share(rule, key, found)
    if rule.type in ("share", "burst", "queue") and rule.least < 1:
        found.fault(f"{key}.least", rule.least, "must be 1 or more")
    if rule.type in ("rate", "burst") and rule.within <= 0:
        found.fault(f"{key}.within", rule.within, "must be more than 0 s")
    if rule.type == "burst":
        if rule.within > _MOST_WITHIN_S:
            found.fault(f"{key}.within", rule.within, "must be at most a day")
        if not 0 < rule.chance < 1:
            found.fault(f"{key}.chance", rule.chance, "must be more than 0 and less than 1; 0.0001 is usual")
    if rule.type == "queue":
        _queue(rule, key, found)
    if city.ready_rules is True and is_ready(rule):
        return  # who takes all of them does not ask for each: it waits until the city has what it needs
    if rule.type == "price" and not city.ceiling and found.all_sound("ceiling", "price"):
        found.warn(key, None, "can never hold: there is no [[ceiling]]")
    if rule.type == "gauge" and not city.gauge and found.all_sound("gauge", "match"):
        found.warn(key, None, "can never hold: there is no [[gauge]] with levels")


def _share(rule: RuleConfig, key: str, found: Findings) -> None:
    share = rule.share
    if share is None:
        if rule.type == "share" and found.sound(f"{key}.share"):
            found.fault(f"{key}.share", None, "is missing; 0.1 is 10 %")
    elif share < 0 or (rule.type != "price" and share > 1):
        most = "" if rule.type == "price" else " to 1"
        found.fault(f"{key}.share", share, f"must be 0{most or ' or more'}; 0.1 is 10 %")


def _queue(rule: RuleConfig, key: str, found: Findings) -> None:
    if not (found.sound(f"{key}.wait") and found.sound(f"{key}.service_level")):
        return
    if rule.service_level is None:
        if rule.wait <= 0:
            found.fault(f"{key}.wait", None, "is missing, and service_level, too: write one of them")
    elif rule.wait:
        found.fault(f"{key}.wait", rule.wait, "stands beside service_level: write a rule for each")
    elif not 0 < rule.service_level <= 1:
        found.fault(f"{key}.service_level", rule.service_level, "must be more than 0, up to 1; 0.8 is 80 %")
