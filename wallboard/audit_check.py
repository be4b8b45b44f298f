"""Is the audit trail whole: which line was changed, removed, re-ordered or cut off. Pure.

The same line may stand in several places (the stream of Redis, the files of each engine's state directory);
together they have to give every number from 0, each once, each following from the one before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from wallboard import audit
from wallboard.audit import Checkpoint

#: What the engine writes when it goes on after the files of a Redis that lost its last lines; `was`: the
#: number of lines that Redis still had.
RESUMED = "audit.resumed"


@dataclass(frozen=True)
class Place:
    """Where lines were found, in the order in which they stand there."""

    name: str
    lines: Sequence[bytes]
    #: how many lines the trail has by whoever keeps this place; None: it may lag behind
    count: int | None = None


@dataclass
class Trail:
    """All lines by number, and what is wrong with them."""

    lines: dict[int, dict[str, Any]] = field(default_factory=dict)
    #: sentences, in the order of the lines
    wrong: list[str] = field(default_factory=list)
    #: fingerprints of keys that lines name and that are not here → how many lines
    strange: dict[str, int] = field(default_factory=dict)
    #: lines that were proved
    proved: int = 0
    checkpoints: int = 0

    @property
    def whole(self) -> bool:
        """Nothing is wrong, and nothing had to be left unproved."""
        return not self.wrong and not self.strange


def verify(
    places: Iterable[Place],
    keys: Mapping[str, bytes],
    checkpoints: Sequence[Checkpoint] = (),
    head: tuple[int, str] | None = None,
) -> Trail:
    """Judge the trail. `keys`: fingerprint → key; `head`: (count, hash) as the engine's head has them."""
    trail = Trail()
    for place in places:
        _gather(trail, place)
    _walk(trail, keys)
    count = max(trail.lines, default=-1) + 1
    if head is not None:
        _compare(trail, count, *head, "the engine's head in Redis")
    for point in checkpoints:
        key = keys.get(point.key)
        when = f"the checkpoint of {_time(point.at)}"
        if key is None:
            trail.wrong.append(f"{when} is of the key {point.key}, which is not here")
        elif not audit.is_ours(key, point):
            trail.wrong.append(f"{when} ({point.count} lines) was not signed with its key: it was changed")
        else:
            trail.checkpoints += 1
            _compare(trail, count, point.count, point.hash, when)
    return trail


def named(line: Mapping[str, Any]) -> str:
    """A line by number, time and what it says."""
    who = f" of {line['person']}" if line.get("person") else ""
    return f"line {line.get('i', '?')} ({_time(line.get('at'))}, {line.get('what', '?')}{who})"


def _gather(trail: Trail, place: Place) -> None:
    before: dict[str, Any] | None = None
    for index, raw in enumerate(place.lines):
        try:
            line = msgspec.json.decode(raw, type=dict[str, Any])
            number = line["i"]
            if isinstance(number, bool) or not isinstance(number, int) or number < 0:
                raise ValueError
        except (ValueError, KeyError, RecursionError):
            trail.wrong.append(f"{place.name}: entry {index + 1} is no line of the audit trail")
            continue
        if before is not None and number <= before["i"]:
            twice = "stands there twice" if number == before["i"] else f"stands after {named(before)}"
            trail.wrong.append(f"{place.name}: {named(line)} {twice}: the order was changed")
        else:
            # The first lines of a stream have gone to files; in between there are no gaps.
            if before is not None and number > before["i"] + 1 and not _resumed(line, before["i"] + 1):
                gap = _lines(before["i"] + 1, number)
                trail.wrong.append(f"{place.name}: {gap} missing between {named(before)} and {named(line)}")
            before = line
        if raw != audit.canonical(line):
            # A name told twice, of which readers take the one or the other, for instance.
            trail.wrong.append(
                f"{place.name}: {named(line)} is not written as the engine writes: it was changed"
            )
        known = trail.lines.setdefault(number, line)
        # As text: to Python 1, 1.0 and true are equal.
        if audit.canonical(known) != audit.canonical(line):
            trail.wrong.append(f"{place.name}: {named(line)} is not what another place says: {named(known)}")
    ends = 0 if before is None else before["i"] + 1
    if place.count is not None and ends < place.count:
        gone = _lines(ends, place.count)
        after = f"after {named(before)}" if before is not None else "from the start"
        trail.wrong.append(f"{place.name}: the end was cut off {after}: {gone} missing")


def _resumed(line: dict[str, Any], count: int) -> bool:
    """Whether Redis had lost lines, and the engine went on after those of its files."""
    return line.get("what") == RESUMED and line.get("was") == count


def _lines(first: int, after: int) -> str:
    return f"line {first} is" if after == first + 1 else f"lines {first} to {after - 1} are"


def _walk(trail: Trail, keys: Mapping[str, bytes]) -> None:
    """Follow the chain; a line whose predecessor is not here cannot be proved, and only the gap is told."""
    previous: dict[str, Any] | None = None
    wanted = 0
    wronged = False
    for number in sorted(trail.lines):
        line = trail.lines[number]
        if number > wanted:
            gap = f"{_lines(wanted, number)} missing everywhere, before {named(line)}"
            trail.wrong.append(gap)
        # Lines of the first version name no key: any of ours may prove them.
        named_key = str(line.get("k", ""))
        fitting = [keys[named_key]] if named_key in keys else [] if named_key else list(keys.values())
        if not fitting:
            trail.strange[named_key] = trail.strange.get(named_key, 0) + 1
        elif number == wanted:
            before = str(previous.get("h", "")) if previous else ""
            if any(audit.follows(key, before, line) for key in fitting):
                trail.proved += 1
                wronged = False
            else:
                doubt = "does not follow from the line before it" if wronged else "was changed"
                trail.wrong.append(f"{named(line)} {doubt}")
                wronged = True
        previous, wanted = line, number + 1


def _compare(trail: Trail, count: int, told: int, digest: str, who: str) -> None:
    if told > count:
        trail.wrong.append(
            f"the end was cut off: {who} says {told} lines, here are {count}; {_lines(count, told)} gone"
        )
    elif told and (last := trail.lines.get(told - 1)) is not None and last.get("h") != digest:
        trail.wrong.append(f"{named(last)} is another one than {who} says")


def _time(at: object) -> str:
    if isinstance(at, bool) or not isinstance(at, int | float):
        return "no time"
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return "no time"
