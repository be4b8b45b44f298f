"""Who is told, and when: [alarms], [[group]], [[shift]], the steps of rules, and what suppresses what."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import time

from wallboard.city import CityConfig, GroupConfig, RuleConfig, ShiftConfig
from wallboard.config.findings import Findings, guess
from wallboard.config.tables import check_unique, check_words

#: Rules that every city has (engine/rules); tests/test_config_people.py holds the two lists together.
BUILT_IN = ("feed-silent", "wall-behind", "screen-doubled")

#: Beyond this nobody remembers what was shelved, and why (s).
SHELVE_AT_MOST_S = 7 * 24 * 3600.0

_CLOCK = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$", re.ASCII)
_WEEK_MINUTES = 7 * 24 * 60


def check_people(city: CityConfig, found: Findings) -> None:
    """Note what is wrong with limits, groups, shifts and the steps that name them.

    Addresses of groups are looked at by config/notify.py.
    """
    _alarms(city, found)
    check_unique("group", "code", [group.code for group in city.group], found)
    for index, group in enumerate(city.group):
        _group(city, group, f"group[{index}]", found)
    for index, shift in enumerate(city.shift):
        _shift(city, shift, f"shift[{index}]", found)
    for index, rule in enumerate(city.rule):
        _steps(city, rule, f"rule[{index}]", found)
        _suppressed(city, rule, f"rule[{index}]", found)
    _holes(city, found)


def _alarms(city: CityConfig, found: Findings) -> None:
    alarms = city.alarms
    if alarms.flood_above < 1:
        found.fault("alarms.flood_above", alarms.flood_above, "must be 1 or more")
    if alarms.flood_below < 1:
        found.fault("alarms.flood_below", alarms.flood_below, "must be 1 or more: else no flood ever ends")
    elif alarms.flood_below > alarms.flood_above and found.sound("alarms.flood_above"):
        why = f"must not be more than flood_above = {alarms.flood_above}: a flood would end as it begins"
        found.fault("alarms.flood_below", alarms.flood_below, why)
    if alarms.chatter < 2:
        found.fault("alarms.chatter", alarms.chatter, "must be 2 or more: what comes once does not chatter")
    if alarms.stale <= 0:
        found.fault("alarms.stale", alarms.stale, "must be more than 0 s")
    if not 0 < alarms.shelve_most <= SHELVE_AT_MOST_S:
        found.fault("alarms.shelve_most", alarms.shelve_most, "must be more than 0 s, and 7 days at most")


def _group(city: CityConfig, group: GroupConfig, key: str, found: Findings) -> None:
    check_words(group.name, f"{key}.name", city, found)
    _names(group.people, f"{key}.people", found)
    rostered = any(shift.duty.get(group.code) for shift in city.shift)
    if group.code and not (rostered or group.people or group.email or group.webhook or group.mqtt):
        found.warn(key, None, "is nobody: no people, no address, and no shift has duty for it")


def _names(names: Sequence[str], key: str, found: Findings) -> None:
    for index, name in enumerate(names):
        if not name or name != name.strip() or not name.isprintable():
            found.fault(f"{key}[{index}]", name, "is no log-in name")
        elif name in names[:index]:
            found.fault(f"{key}[{index}]", name, "stands there twice")


def _shift(city: CityConfig, shift: ShiftConfig, key: str, found: Findings) -> None:
    if not shift.name.strip():
        found.fault(f"{key}.name", shift.name, "is empty")
    for field in ("begins", "ends"):
        if not _CLOCK.match(clock := getattr(shift, field)):
            found.fault(f"{key}.{field}", clock, 'is no time of the day; write "07:00"')
    if not shift.days:
        found.fault(f"{key}.days", None, "is empty; 1 is Monday … 7 Sunday")
    for index, day in enumerate(shift.days):
        if not 1 <= day <= 7:
            found.fault(f"{key}.days[{index}]", day, "is no day; 1 is Monday … 7 Sunday")
        elif day in shift.days[:index]:
            found.fault(f"{key}.days[{index}]", day, "stands there twice")
    groups = [group.code for group in city.group]
    for group, people in shift.duty.items():
        if group not in groups and found.all_sound("group", "code"):
            why = f"is the code of no [[group]]; {guess(group, groups)}"
            found.fault(f"{key}.duty.{group}", None, why)
        _names(people, f"{key}.duty.{group}", found)


def _steps(city: CityConfig, rule: RuleConfig, key: str, found: Findings) -> None:
    groups = [group.code for group in city.group]
    for index, step in enumerate(rule.escalate):
        where = f"{key}.escalate[{index}]"
        if step.to not in groups and found.all_sound("group", "code"):
            why = f"is the code of no [[group]]; {guess(step.to, groups)}"
            found.fault(f"{where}.to", step.to, why)
        before = rule.escalate[index - 1].after if index else 0.0
        if step.after < before:
            why = f"must not be less than that of the step before it ({before:g} s): the soonest first"
            found.fault(f"{where}.after", step.after, why if index else "must not be less than 0 s")
    if rule.ack_lapses < 0:
        found.fault(f"{key}.ack_lapses", rule.ack_lapses, "must not be less than 0 s")


def _suppressed(city: CityConfig, rule: RuleConfig, key: str, found: Findings) -> None:
    if not rule.suppressed_by:
        return
    where = f"{key}.suppressed_by"
    by = {other.id: other.suppressed_by for other in city.rule}
    if rule.suppressed_by not in (known := {*by, *BUILT_IN}):
        if found.all_sound("rule", "id"):
            why = f"is the id of no rule; {guess(rule.suppressed_by, known - {rule.id})}"
            found.fault(where, rule.suppressed_by, why)
        return
    chain = [rule.id]
    while (above := by.get(chain[-1], "")) and above not in chain:
        chain.append(above)
    if above == rule.id:
        why = f"goes round in a ring ({' → '.join([*chain, above])}): all of them could be silent at once"
        found.fault(where, rule.suppressed_by, why)


def _holes(city: CityConfig, found: Findings) -> None:
    """Warn of a group that has a roster, is told by a rule, and has nobody at some time of the week."""
    if not found.readable("shift") or not found.readable("group"):
        return
    told = {step.to for rule in city.rule for step in rule.escalate} | {rule.to for rule in city.rule}
    for index, group in enumerate(city.group):
        if group.code not in told or group.people or group.email or group.webhook or group.mqtt:
            continue
        covered: set[int] = set()
        for shift in city.shift:
            if shift.duty.get(group.code) and _CLOCK.match(shift.begins) and _CLOCK.match(shift.ends):
                covered.update(_minutes(shift))
        if covered and len(covered) < _WEEK_MINUTES:
            hole = min(set(range(_WEEK_MINUTES)) - covered)
            found.warn(f"group[{index}]", None, f"has nobody on duty {_moment(hole)}, and no address")


def _minutes(shift: ShiftConfig) -> Collection[int]:
    begins, ends = (time.fromisoformat(clock) for clock in (shift.begins, shift.ends))
    start, end = begins.hour * 60 + begins.minute, ends.hour * 60 + ends.minute
    length = (end - start - 1) % (24 * 60) + 1
    return {
        ((day - 1) * 24 * 60 + start + minute) % _WEEK_MINUTES
        for day in shift.days
        if 1 <= day <= 7
        for minute in range(length)
    }


def _moment(minute: int) -> str:
    day, rest = divmod(minute, 24 * 60)
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return f"on {names[day]} at {rest // 60:02d}:{rest % 60:02d}"
