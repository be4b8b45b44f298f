"""[[rule]]: whether each can ever hold, and says what it means in the city's languages."""

from __future__ import annotations

import re
from typing import Any

from wallboard.city import CityConfig, RuleConfig
from wallboard.config.findings import Findings, guess
from wallboard.config.paths import NoPath, is_number, mismatch, types_at
from wallboard.config.tables import check_unique, check_words
from wallboard.entities import KINDS

#: An alert's id is "rule|kind:id": a rule's own id holds neither.
_RULE_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")

#: What is filled into a rule's text.
_FILLED = ("name", "value", "id")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def check_rules(city: CityConfig, found: Findings) -> None:
    """Note what is wrong with the rules."""
    check_unique("rule", "id", [rule.id for rule in city.rule], found)
    for index, rule in enumerate(city.rule):
        key = f"rule[{index}]"
        if rule.id and not _RULE_ID.match(rule.id):
            found.fault(f"{key}.id", rule.id, 'must be letters, digits, ".", "_" and "-", at most 64')
        _words(rule, key, city, found)
        if rule.kind not in KINDS:
            found.fault(f"{key}.kind", rule.kind, f"is no kind of entity; {guess(rule.kind, KINDS)}")
        else:
            _where(rule, key, found)
            _limits(rule, key, found)


def _words(rule: RuleConfig, key: str, city: CityConfig, found: Findings) -> None:
    check_words(rule.text, f"{key}.text", city, found)
    if rule.instruction:
        check_words(rule.instruction, f"{key}.instruction", city, found)
    for language, text in rule.text.items():
        for name in _PLACEHOLDER.findall(text):
            if name not in _FILLED:
                allowed = ", ".join(f"{{{word}}}" for word in _FILLED)
                found.fault(f"{key}.text.{language}", text, f"{{{name}}} is not filled in; {allowed} are")


def _where(rule: RuleConfig, key: str, found: Findings) -> None:
    for path, wanted in rule.where.items():
        where = f"{key}.where.{path}"
        if isinstance(wanted, dict):
            found.fault(
                where, None, f'is a table: write a path in quotes, "{path}.{next(iter(wanted), "…")}" = …'
            )
            continue
        try:
            types = types_at(rule.kind, path)
        except NoPath as fault:
            found.fault(where, None, str(fault))
            continue
        if wanted == []:
            found.fault(where, None, "is empty: nothing is in an empty list")
        choices: list[Any] = wanted if isinstance(wanted, list) else [wanted]
        for choice in choices:
            if why := mismatch(types, choice):
                found.fault(where, choice, why)


def _limits(rule: RuleConfig, key: str, found: Findings) -> None:
    limited = rule.above is not None or rule.below is not None
    limits_sound = found.sound(f"{key}.above") and found.sound(f"{key}.below")
    if not found.sound(f"{key}.type"):
        if rule.field:
            _figure(rule, key, found)
        return
    if rule.type == "absence":
        for name, given in (("above", rule.above), ("below", rule.below), ("field", rule.field or None)):
            if given is not None:
                found.fault(f"{key}.{name}", given, 'has no use in a rule of type "absence"')
        return
    if rule.silent_for:
        found.fault(f"{key}.silent_for", rule.silent_for, 'has no use but in a rule of type "absence"')
    if limited and not rule.field:
        found.fault(f"{key}.field", None, "is missing: above and below need a figure to look at")
    if rule.field and not limited and limits_sound:
        found.fault(f"{key}.field", rule.field, "has no use without above or below")
    if rule.above is not None and rule.below is not None and rule.below > rule.above:
        why = f"must not be more than above = {rule.above:g}: every figure would be beyond one of them"
        found.fault(f"{key}.below", rule.below, why)
    if rule.field:
        _figure(rule, key, found)
    if not limited and not rule.where and limits_sound and found.sound(f"{key}.where"):
        found.warn(key, None, f"has neither above, below nor where: it alerts for every {rule.kind}")


def _figure(rule: RuleConfig, key: str, found: Findings) -> None:
    try:
        types = types_at(rule.kind, rule.field)
    except NoPath as fault:
        found.fault(f"{key}.field", rule.field, str(fault))
        return
    if not is_number(types):
        found.fault(f"{key}.field", rule.field, "is not a number; use where to compare words")
