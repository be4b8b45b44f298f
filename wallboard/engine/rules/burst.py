"""`burst`: more reports of one category in one district than is usual there at this hour of the week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from wallboard.city import RuleConfig
from wallboard.engine.rules import usual as usuals
from wallboard.engine.rules.in_force import in_force, rules_of
from wallboard.engine.rules.standing import key_of, note
from wallboard.engine.rules.subjects import PART, district_at, level_of
from wallboard.engine.rules.usual import HOUR_S, MOST, WEEK, Usual
from wallboard.engine.rules.verdict import NO, Verdict, Words, fits
from wallboard.engine.world import World
from wallboard.entities import Incident

WINDOW, USUAL, BEGAN = "burst", "burst_usual", "burst_began"

#: Pairs of district and category whose usual number is known, over all rules: 44 kecamatan with 100
#: categories. Where there are more, the one not heard of for longest is forgotten, as one that is quiet.
MAX_USUAL = 5_000

#: A category nobody has put a name to is no category: its reports have nothing in common.
_NO_CATEGORY = ""

#: What a prankster reports is no report.
_NOT_COUNTED = frozenset({"prank"})

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Window(msgspec.Struct, array_like=True):
    """The reports (id, opened at) of one pair within the rule's span; and when to look again."""

    rule: str
    #: code of the district, "/", code of the category
    pair: str
    reports: tuple[tuple[str, float], ...]
    due: float


class Began(msgspec.Struct):
    """Since when a rule has counted (s since 1970)."""

    at: float


def load(world: World) -> None:
    """Begin to count for new rules, and judge what was counted."""
    index: dict[str, dict[str, str]] = {rule.id: {} for rule in rules_of(world, "burst")}
    world.index[WINDOW] = index
    for id in [id for id in world.memories(BEGAN) if id not in index]:
        world.forget(BEGAN, id)
    for window in world.memories(WINDOW).values():
        index[window.rule].update(dict.fromkeys([id for id, _ in window.reports], window.pair))
    for rule in rules_of(world, "burst"):
        _count(world, rule, list(world.of_kind("incident")))
    for window in list(world.memories(WINDOW).values()):
        judge(world, in_force(world)[window.rule], window.pair)


def settle(world: World) -> None:
    """Count the reports that were touched, and judge their pairs."""
    for rule in rules_of(world, "burst"):
        if world.now > 0 and world.recall(BEGAN, rule.id, Began) is None:
            world.remember(BEGAN, rule.id, Began(world.now))
        for pair in _count(world, rule, world.touched("incident")):
            judge(world, rule, pair)


def _count(world: World, rule: RuleConfig, ids: list[str]) -> list[str]:
    """Put reports into the windows of their pairs, each once; the pairs whose windows differ now."""
    windows: dict[str, dict[str, float]] = {}

    def reports(pair: str) -> dict[str, float]:
        if pair not in windows:
            window = world.recall(WINDOW, key_of(rule, "district", pair), Window)
            windows[pair] = {} if window is None else dict(window.reports)
        return windows[pair]

    index: dict[str, str] = world.index[WINDOW][rule.id]
    for id in ids:
        incident = world.get(Incident, id)
        if incident is None:
            continue  # what was reported has been reported, though it is over
        opened = incident.source.opened_at
        before = index.get(id, "")
        if not before and opened + rule.within <= world.now:
            continue
        after = _pair(world, rule, incident)
        if before == after:
            continue
        if before:
            reports(before).pop(id, None)
            index.pop(id, None)
        # In a flood of them one more says nothing.
        if after and len(reports(after)) < MOST:
            reports(after)[id] = opened
            index[id] = after
            if not before:
                _learn(world, rule, after, opened)
    for pair, counted in windows.items():
        # When to look again follows from judging it.
        known = tuple(counted.items())
        world.remember(WINDOW, key_of(rule, "district", pair), Window(rule.id, pair, known, world.now))
    return list(windows)


def _pair(world: World, rule: RuleConfig, incident: Incident) -> str:
    category = incident.ours.category or incident.category
    district = district_at(world, incident.place, level_of(world, rule.level))
    if category == _NO_CATEGORY or not district or incident.ours.status in _NOT_COUNTED:
        return ""
    return f"{district}{PART}{category}" if fits(incident, rule.where) else ""


def _learn(world: World, rule: RuleConfig, pair: str, opened: float) -> None:
    began = _began(world, rule)
    if opened < began * HOUR_S:
        return  # what came before we counted all of it would make the usual too low
    key = key_of(rule, "district", pair)
    hour = int(opened // HOUR_S)
    old = world.recall(USUAL, key, Usual) or Usual(rule.id, hour)
    new = usuals.counted(old, hour, began, rule.chance, rule.least, _hour_of_week(world))
    if key not in world.memories(USUAL) and len(world.memories(USUAL)) >= MAX_USUAL:
        quiet = min(world.memories(USUAL).items(), key=lambda item: (item[1].hour, item[0]))
        world.forget(USUAL, quiet[0])
    world.remember(USUAL, key, new)


def judge(world: World, rule: RuleConfig, pair: str) -> None:
    """Whether so many within the span are more than chance brings; and when to look again."""
    key = key_of(rule, "district", pair)
    window = world.recall(WINDOW, key, Window)
    if window is None:
        return
    index: dict[str, str] = world.index[WINDOW][rule.id]
    reports = window.reports
    if reports and min([at for _, at in reports]) + rule.within <= world.now:
        reports = tuple([report for report in reports if report[1] + rule.within > world.now])
        for id, _ in set(window.reports) - set(reports):
            index.pop(id, None)
    if not reports:
        world.forget(WINDOW, key)
        note(world, rule, "district", pair, NO)
        return
    count = len(reports)
    mean, chance = _by_chance(world, rule, pair, count)
    learned = world.now - _began_at(world, rule) >= rule.learn
    holds = learned and count >= rule.least and chance < rule.chance
    times = [at for _, at in reports]
    due = (min(times) if holds else max(times)) + rule.within
    after = Window(rule.id, pair, reports, due)
    if after != window:
        world.remember(WINDOW, key, after)
    note(world, rule, "district", pair, Verdict(holds, float(count), None, _words(world, pair, mean)))


def _by_chance(world: World, rule: RuleConfig, pair: str, count: int) -> tuple[float, float]:
    """How many are usual in the span that ends now, and how often a report finds `count` - 1 before it.

    The rule is judged when a report comes, so that one is given; how many others there are is chance. Else
    an hour with a report in it would look more unusual than it is.
    """
    now_hour = int(world.now // HOUR_S)
    known = world.recall(USUAL, key_of(rule, "district", pair), Usual) or Usual(rule.id, now_hour)
    began, of = _began(world, rule), _hour_of_week(world)
    known = usuals.folded(known, int((world.now - rule.within) // HOUR_S), began, rule.chance, rule.least, of)
    rate = usuals.expected(known, world.now - rule.within, world.now, began, of)
    return rate.mean, usuals.tail(rate, count - 1)


def _words(world: World, pair: str, mean: float) -> Words:
    code = pair.partition(PART)[2]
    names = next((category.name for category in world.city.category if category.code == code), {})
    return {
        "*": {"category": code, "usual": f"{mean:.1f}"},
        **{language: {"category": name} for language, name in names.items()},
    }


def _began_at(world: World, rule: RuleConfig) -> float:
    began = world.recall(BEGAN, rule.id, Began)
    return world.now if began is None else began.at


def _began(world: World, rule: RuleConfig) -> int:
    """The first whole hour that was counted."""
    return -int(-_began_at(world, rule) // HOUR_S)


def _hour_of_week(world: World) -> usuals.HourOfWeek:
    zone = world.city.city.time_zone
    return lambda hour: _local(hour, zone)


@lru_cache(maxsize=WEEK * 16)
def _local(hour: int, zone: str) -> int:
    local = (_EPOCH + timedelta(hours=hour)).astimezone(ZoneInfo(zone))
    return local.weekday() * 24 + local.hour


def window_over(world: World, key: str) -> None:
    """A report is no more within the span."""
    window = world.recall(WINDOW, key, Window)
    rule = in_force(world).get(window.rule) if window is not None else None
    if window is not None and rule is not None:
        judge(world, rule, window.pair)
