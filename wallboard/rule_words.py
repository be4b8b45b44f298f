"""What a rule says, in one line for a person: `check` and `rules list` print it."""

from __future__ import annotations

from collections.abc import Iterator

from wallboard.city import RULE_KINDS, RuleConfig


def condition(rule: RuleConfig) -> str:
    """The condition of a rule: "queue, waiting above 5, for 1 min"."""
    return ", ".join(_parts(rule))


def duration(seconds: float) -> str:
    """The largest unit that gives a whole number: "6 h", "90 s"."""
    for unit, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def _parts(rule: RuleConfig) -> Iterator[str]:
    yield rule.kind or RULE_KINDS.get(rule.type, "")
    yield from _by_type(rule)
    yield from (f"{path} = {_wanted(wanted)}" for path, wanted in rule.where.items())
    yield from (f"among {path} = {_wanted(wanted)}" for path, wanted in rule.among.items())
    if rule.max_age:
        yield f"not older than {duration(rule.max_age)}"
    if rule.on_delay:
        yield f"for {duration(rule.on_delay)}"
    if rule.since:
        yield f"since {rule.since}"
    if rule.until:
        yield f"until {rule.until}"


def _by_type(rule: RuleConfig) -> Iterator[str]:
    limits = [f"below {rule.below:g}"] if rule.below is not None else []
    limits += [f"above {rule.above:g}"] if rule.above is not None else []
    share = "" if rule.share is None else f"{rule.share * 100:g} %"
    match rule.type:
        case "threshold" if limits:
            yield f"{rule.field} {' or '.join(limits)}"
        case "absence":
            yield f"silent for {duration(rule.silent_for)}" if rule.silent_for else "silent for three periods"
        case "rate":
            yield f"change of {rule.field} within {duration(rule.within)} {' or '.join(limits)}"
        case "share":
            yield f"{share} of a district's, at least {rule.least}"
        case "sla":
            yield f"late with {' or '.join(rule.clock) or 'anything'}"
        case "price":
            yield f"{share or '0 %'} over the ceiling"
        case "gauge":
            yield f"at a level of {rule.severity} or graver"
        case "cover":
            yield f"over {share or 'any part'} of a district, {rule.severity} or graver"
        case "burst":
            often = f"less often than {rule.chance:g} by chance"
            yield f"{rule.least} or more of a category and district within {duration(rule.within)}, {often}"
        case "queue" if rule.service_level is not None:
            level = f"{rule.service_level * 100:g} %"
            yield f"service level ({rule.window}) below {level} of at least {rule.least} calls"
        case "queue":
            yield f"longest wait over {duration(rule.wait)}"


def _wanted(value: object) -> str:
    return " or ".join(str(each) for each in value) if isinstance(value, list) else str(value)
