"""What comes with the program and a city switches on: `ready_rules`, `ready_ceilings`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import msgspec

from wallboard.city import CeilingConfig, CityConfig, Part, RuleConfig
from wallboard.config.findings import Findings, guess
from wallboard.config.walk import read_tables

#: Shipped beside the program.
FILE = Path(__file__).parent.parent / "ready_rules.toml"
CEILINGS = FILE.with_name("ready_ceilings.toml")


class _File(Part):
    rule: list[RuleConfig]


class _Ceilings(Part):
    ceiling: list[CeilingConfig]


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


@cache
def ready_ceilings() -> tuple[CeilingConfig, ...]:
    """All of them, in the order of the file. Raises ConfigError when somebody has spoilt it."""
    found = Findings(str(CEILINGS))
    ceilings = read_tables(tomllib.loads(CEILINGS.read_text("utf-8")), _Ceilings, found).ceiling
    found.raise_faults()
    return tuple(ceilings)


def add_ready_ceilings(city: CityConfig, found: Findings) -> None:
    """Put those of the city's commodities and zone behind its own, where it has none for that thing."""
    if not city.ready_ceilings:
        return
    own = {(ceiling.commodity, ceiling.unit.casefold()) for ceiling in city.ceiling}
    codes = {commodity.code for commodity in city.commodity}
    zone = city.city.price_zone
    fitting = [
        ceiling
        for ceiling in ready_ceilings()
        if ceiling.commodity in codes and (ceiling.commodity, ceiling.unit.casefold()) not in own
    ]
    if not zone and any(ceiling.zone for ceiling in fitting):
        # A wrong zone's ceiling would call a fair price too dear: without a zone there is none.
        found.warn(
            "city.price_zone", None, "is missing: the ready ceilings of rice differ by zone, and none is used"
        )
    city.ceiling.extend(msgspec.structs.replace(ceiling) for ceiling in fitting if ceiling.zone in ("", zone))


def is_ready(rule: RuleConfig) -> bool:
    """Whether this rule came with the program as it is."""
    return any(rule == each for each in ready_rules())
