"""The rules that come with the program, which a city switches on by `ready_rules`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import msgspec

from wallboard.city import CityConfig, Part, RuleConfig
from wallboard.config.findings import Findings, guess
from wallboard.config.walk import read_tables

#: Shipped beside the program.
FILE = Path(__file__).parent.parent / "ready_rules.toml"


class _File(Part):
    rule: list[RuleConfig]


@cache
def ready_rules() -> tuple[RuleConfig, ...]:
    """All of them, in the order of the file. Raises ConfigError when somebody has spoilt it."""
    found = Findings(str(FILE))
    rules = read_tables(tomllib.loads(FILE.read_text("utf-8")), _File, found).rule
    found.raise_faults()
    return tuple(rules)


def add_ready_rules(city: CityConfig, found: Findings) -> None:
    """Put the chosen ones behind the city's own; an own rule of the same id goes before."""
    if city.ready_rules is False:
        return
    known = {rule.id: rule for rule in ready_rules()}
    chosen = list(known) if city.ready_rules is True else city.ready_rules
    own = {rule.id for rule in city.rule}
    for index, id in enumerate(chosen):
        if id not in known:
            found.fault(f"ready_rules[{index}]", id, f"is no ready rule; {guess(id, known)}")
        elif id not in own:
            city.rule.append(msgspec.structs.replace(known[id]))
            own.add(id)


def is_ready(rule: RuleConfig) -> bool:
    """Whether this rule came with the program as it is."""
    return any(rule == each for each in ready_rules())
