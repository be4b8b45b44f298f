"""The `check` command: every fault of a city's configuration, or what it comes to, for a person to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from feeds.fetching.addresses import redact
from feeds.fetching.files import path_of
from wallboard.city import CityConfig, FeedConfig
from wallboard.config.findings import Findings
from wallboard.config.read import examine
from wallboard.config.ready import is_ready
from wallboard.engine.rules.in_force import all_rules
from wallboard.errors import ConfigError
from wallboard.ground import Ground, places
from wallboard.rule_words import condition, duration
from wallboard.settings import ROLES, survey_readable
from wallboard.status import levels_of

#: The configuration cannot be used; as every wrong call.
WRONG = 2

#: A list in one sentence names this many before it says "and N more".
_LISTED = 8


def check(path: Path, out: TextIO) -> int:
    """Judge `path` as a whole run would, write what was found to `out`, and return the exit code: 0 or 2."""
    try:
        city, found = examine(path, ROLES)
    except ConfigError as fault:
        out.write(f"{fault}\n1 fault.\n")
        return WRONG
    ground = survey_readable(city, path, found)
    if found.faults or ground is None:
        for each in found.in_order(found.faults):
            out.write(f"{each}\n")
        _write_warnings(found, out)
        out.write(f"{len(found.faults)} fault{'s' if len(found.faults) != 1 else ''}.\n")
        return WRONG
    for line in _summary(city, ground, path.resolve().parent):
        out.write(f"{line}\n")
    _write_warnings(found, out)
    out.write(f"{path}: no faults.\n")
    return 0


def _write_warnings(found: Findings, out: TextIO) -> None:
    for each in found.in_order(found.warnings):
        out.write(f"warning: {each}\n")


def _summary(city: CityConfig, ground: Ground, folder: Path) -> Iterator[str]:
    own = city.city
    kind = " (simulation)" if own.simulation else ""
    yield f"{own.name}{kind}: key {own.key}, {own.time_zone}, {', '.join(own.languages)}"
    yield from _districts(city, ground)
    yield from _places(city, ground, folder)
    yield from _feeds(city, folder)
    yield _status(city)
    yield from _rules(city)
    yield from _people(city)
    yield from _gaps(city)


def _districts(city: CityConfig, ground: Ground) -> Iterator[str]:
    by_level = Counter(district.level for district in ground.boundaries.districts)
    counts = [f"{by_level[n]} {level.label or level.name}" for n, level in enumerate(city.boundaries.levels)]
    yield f"districts: {', '.join(counts)}"
    for sentence in ground.report.sentences():
        yield f"  {sentence}"


def _places(city: CityConfig, ground: Ground, folder: Path) -> Iterator[str]:
    listed = places(city, folder)
    yield f"places: {len(listed)}"
    found = ground.geofence.locate_many([p.lon for p in listed], [p.lat for p in listed])
    outside = [p.name for p, place in zip(listed, found, strict=True) if place.confidence == "outside"]
    if outside:
        yield f"  outside every district: {_cut(outside)}"


def _feeds(city: CityConfig, folder: Path) -> Iterator[str]:
    yield f"feeds: {len(city.feed)}"
    for feed in city.feed:
        yield f"  {feed.name}: {', '.join(_feed(feed))}"
        if feed.enabled and feed.url.startswith("file:") and not _there(feed.url, folder):
            yield f"    {feed.url.removeprefix('file:')} is not there now"


def _there(url: str, folder: Path) -> bool:
    """Whether the address names a file, a folder, or a pattern that something fits."""
    path = path_of(url, folder)
    return path.exists() or any(path.parent.glob(path.name))


def _feed(feed: FeedConfig) -> Iterator[str]:
    yield feed.type
    if feed.url:
        yield redact(feed.url)
    yield f"POST /api/v1/ingest/{feed.name}" if feed.type == "webhook" else f"every {duration(feed.every)}"
    if not feed.enabled:
        yield "not enabled"


def _status(city: CityConfig) -> str:
    """The levels, the calmest first; with those that turn the walls."""
    levels = [f"{level.code}{' (turns the walls)' if level.emergency else ''}" for level in levels_of(city)]
    return f"levels of the city: {', '.join(levels)}{'' if city.status else '; the ready ones'}"


def _rules(city: CityConfig) -> Iterator[str]:
    rules = all_rules(city)
    ready = sum(is_ready(rule) for rule in city.rule)
    built_in = len(rules) - len(city.rule)
    counts = [f"{len(city.rule) - ready} of the city", *([f"{ready} ready"] if ready else [])]
    types = Counter(rule.type for rule in rules)
    listed = ", ".join(f"{number} {type}" for type, number in types.most_common())
    yield f"rules: {', '.join(counts)}, {built_in} built in ({listed})"
    for rule in (*city.rule, *rules[:built_in]):
        yield f"  {rule.id}: {rule.severity}, {condition(rule)}"


def _people(city: CityConfig) -> Iterator[str]:
    """Who acts and who is told: read by whoever wrote the roster."""
    if city.agency:
        yield f"agencies: {_cut([agency.code for agency in city.agency])}"
    for group in city.group:
        ways = [
            *(f"webhook {name}" for name in group.webhook),
            *group.email,
            *(f"mqtt {t}" for t in group.mqtt),
        ]
        roster = [
            f"{shift.name} {', '.join(shift.duty[group.code])}"
            for shift in city.shift
            if shift.duty.get(group.code)
        ]
        yield f"group {group.code}: {'; '.join([*group.people, *roster, *ways]) or 'nobody'}"
    for shift in city.shift:
        yield f"shift {shift.name}: {shift.begins} to {shift.ends}"


def _gaps(city: CityConfig) -> Iterator[str]:
    """What is allowed, and would show less than the city may expect."""
    unmatched = [category.code for category in city.category if not category.match]
    if unmatched:
        yield f"categories without match, which no report can have: {_cut(unmatched)}"
    priced = {ceiling.commodity for ceiling in city.ceiling}
    unpriced = [commodity.code for commodity in city.commodity if commodity.code not in priced]
    if unpriced:
        yield f"commodities without a ceiling: {_cut(unpriced)}"


def _cut(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
