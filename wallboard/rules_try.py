"""`rules try` and `rules list`: what rules make of recorded commits, and what they say."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import msgspec

from wallboard.city import CityConfig
from wallboard.config.findings import guess
from wallboard.config.ready import is_ready
from wallboard.engine.retold import Retold, Told
from wallboard.engine.rules.in_force import all_rules, holds_on
from wallboard.entities import Alert
from wallboard.errors import WallboardError
from wallboard.ground import Ground
from wallboard.history import Checkpoint, read_segment, segments
from wallboard.rule_words import condition, duration
from wallboard.store.commits import WallEntry

#: Alarms are counted over spans of 10 minutes, as ISA-18.2 does (s).
SPAN_S = 600.0

_checkpoint = msgspec.json.Decoder(Checkpoint)
_entry = msgspec.json.Decoder(WallEntry)


@dataclass
class Raised:
    """One episode of one alert."""

    at: float
    rule: str
    subject: str
    severities: list[str]
    text: str
    #: a rule that suppressed it from the beginning
    suppressed: str = ""
    ended_at: float | None = None


@dataclass
class Played:
    """What came of it."""

    begun: float = 0.0
    ended: float = 0.0
    commits: int = 0
    #: times at which recording began again after a gap
    gaps: list[float] = field(default_factory=list)
    raised: list[Raised] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """What to play: commits of a state directory between two times (s; None: all), and one rule or all."""

    history: Path
    begin: float | None = None
    end: float | None = None
    rule: str = ""


def try_rules(city: CityConfig, ground: Ground, asked: Asked, out: TextIO) -> int:
    """Play what was recorded against the rules and write what they would have raised; the exit code."""
    ids = [rule.id for rule in all_rules(city)]
    if asked.rule and asked.rule not in ids:
        raise WallboardError(f"--rule {asked.rule}: is no rule of this city; {guess(asked.rule, ids)}")
    if asked.begin is not None and asked.end is not None and asked.end <= asked.begin:
        raise WallboardError("--to lies before --from: nothing is between them")
    played = play(city, ground, asked)
    for line in _report(city, played, asked):
        out.write(f"{line}\n")
    return 0


def play(city: CityConfig, ground: Ground, asked: Asked) -> Played:
    """What the rules make of the commits. Raises WallboardError where there are none."""
    retold = Retold(city, ground.geofence, ground.gazetteer)
    played = Played()
    standing: dict[str, Raised] = {}
    language = city.city.languages[0]
    n, epoch = -1, ""
    for file in _files(asked):
        lines = read_segment(file)
        first = next(lines, None)
        if first is None:
            continue  # cut off before its first whole line
        start = _checkpoint.decode(first)
        if asked.end is not None and start.at > asked.end:
            break
        if (start.n, start.epoch) != (n, epoch):
            if n >= 0:
                played.gaps.append(start.at)
            played.begun = played.begun or start.at
            told = retold.whole(start.at, ((kind, id, bytes(raw)) for kind, id, raw in start.state))
            _note(retold, told, standing, played, language)
        n, epoch = start.n, start.epoch
        for line in lines:
            entry = _entry.decode(line)
            if asked.end is not None and entry.at > asked.end:
                break
            told = retold.commit(entry.at, _told(entry))
            _note(retold, told, standing, played, language)
            n, played.ended = entry.n, entry.at
            played.commits += 1
    begin = asked.begin if asked.begin is not None else played.begun
    if not played.commits or played.ended < begin:
        raise WallboardError(f"{asked.history}: nothing is recorded in that time")
    played.begun = max(played.begun, begin)
    return played


def _told(entry: WallEntry) -> Iterator[Told]:
    return ((kind, id, bytes(raw)) for kind, id, raw, _ in entry.changes)


def _files(asked: Asked) -> list[Path]:
    """The segments that reach into the time asked for, and the one before, so that delays have begun."""
    if not (asked.history / "history").is_dir():
        raise WallboardError(f"{asked.history}: there is no history in it; --history names a --state-dir")
    files = segments(asked.history)
    if not files:
        raise WallboardError(f"{asked.history}: its history is empty")
    if asked.begin is None:
        return files
    before = [index for index, file in enumerate(files) if _began(file) <= asked.begin]
    return files[max(0, before[-1] - 1) if before else 0 :]


def _began(file: Path) -> float:
    moment = datetime.strptime(f"{file.parent.name} {file.name[:6]}", "%Y-%m-%d %H%M%S")
    return moment.replace(tzinfo=UTC).timestamp()


def _note(
    retold: Retold, told: list[dict[str, Any]], standing: dict[str, Raised], played: Played, language: str
) -> None:
    for line in told:
        what, id = line["what"], line.get("alert", "")
        if what == "alert.raised":
            alert = retold.world.get(Alert, id)
            if alert is None:
                continue  # gone again in the same commit
            text = alert.texts.get(language) or next(iter(alert.texts.values()), "")
            by = alert.suppressed.by if alert.suppressed is not None else ""
            raised = Raised(line["at"], alert.rule, alert.subject, [alert.severity], text, by)
            standing[id] = raised
            played.raised.append(raised)
        elif id in standing and what in ("alert.graded", "alert.reopened"):
            standing[id].severities.append(line["after"]["severity"])
        elif id in standing and what in ("alert.returned", "alert.ended", "alert.closed"):
            standing.pop(id).ended_at = line["at"]


def _report(city: CityConfig, played: Played, asked: Asked) -> Iterator[str]:
    zone = ZoneInfo(city.city.time_zone)
    shown = [
        raised
        for raised in played.raised
        if (not asked.rule or raised.rule == asked.rule)
        and (raised.at >= played.begun or raised.ended_at is None or raised.ended_at >= played.begun)
    ]
    yield f"{_day(played.begun, zone)} to {_day(played.ended, zone)}, {played.commits} commits"
    for gap in played.gaps:
        yield f"  nothing is recorded just before {_day(gap, zone)}"
    for raised in shown:
        end = "stands" if raised.ended_at is None else _span(raised.ended_at - raised.at)
        before = " (stood before)" if raised.at < played.begun else ""
        severity = " → ".join(raised.severities)
        yield f"{_day(raised.at, zone)}  {end}  {severity}  {raised.rule}  {raised.subject}{before}"
        yield f"    {raised.text}"
        if raised.suppressed:
            yield f"    suppressed by {raised.suppressed}"
    new = [raised for raised in shown if raised.at >= played.begun]
    yield from _totals(city, new, asked)
    yield _load(city, played, new)


def _totals(city: CityConfig, new: list[Raised], asked: Asked) -> Iterator[str]:
    counts = Counter(raised.rule for raised in new)
    ids = [asked.rule] if asked.rule else list(dict.fromkeys(rule.id for rule in all_rules(city)))
    yield f"{len(new)} alert{'s' if len(new) != 1 else ''}"
    for id in sorted(ids, key=lambda id: -counts[id]):
        subjects = len({raised.subject for raised in new if raised.rule == id})
        yield f"  {id}: {counts[id]}" + (f" on {subjects} subjects" if subjects > 1 else "")


def _load(city: CityConfig, played: Played, new: list[Raised]) -> str:
    """Alarms per 10 minutes: how many people can bear is what ISA-18.2 is about."""
    spans = max(1, math.ceil((played.ended - played.begun) / SPAN_S))
    counts = Counter(int((raised.at - played.begun) // SPAN_S) for raised in new)
    most = city.alarms.flood_above
    floods = sum(count > most for count in counts.values())
    return (
        f"per 10 min: {len(new) / spans:.2f} on average, {max(counts.values(), default=0)} at most, "
        f"more than {most} in {floods} of {spans}"
    )


def _day(at: float, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S")


def _span(seconds: float) -> str:
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    return f"{round(whole / 60)} min" if whole < 7200 else f"{whole / 3600:.1f} h"


def list_rules(city: CityConfig, day: str, out: TextIO) -> int:
    """Write the rules that are in force on `day` (YYYY-MM-DD), with all that they say."""
    for rule in all_rules(city):
        if not holds_on(rule, day):
            continue
        own = rule in city.rule
        origin = ("ready" if is_ready(rule) else "city") if own else "built in"
        out.write(f"{rule.id} ({origin}): {rule.type}, {rule.severity}, {condition(rule)}\n")
        for language in city.city.languages:
            for words in (rule.text, rule.instruction):
                if text := words.get(language, ""):
                    out.write(f"  {language}: {text}\n")
        steps = [(0.0, rule.to)] if rule.to else []
        steps += [(step.after, step.to) for step in rule.escalate]
        for after, to in steps:
            out.write(f"  tells {to} {f'after {duration(after)}' if after else 'at once'}\n")
    return 0
