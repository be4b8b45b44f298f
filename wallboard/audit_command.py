"""`server.py audit verify|show`: is the trail of what people and rules did whole, and what does it say."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import msgspec

from wallboard import audit
from wallboard.audit_check import Place, named, verify
from wallboard.audit_files import files, read_checkpoints, read_lines
from wallboard.city import CityConfig
from wallboard.errors import WallboardError
from wallboard.keyfile import KEY_BYTES
from wallboard.reach import reach, state_dir_of
from wallboard.store.engine import EngineStore
from wallboard.store.keys import Keys

#: Lines of one read of the stream.
READ_COUNT = 1000

#: Exit code when the trail is not whole.
NOT_WHOLE = 1


@dataclass(frozen=True)
class Sources:
    """Where the trail and its keys are looked for."""

    city: CityConfig
    #: of the engines, one each; the first also of the embedded Redis. Empty: the city's own
    state_dirs: Sequence[Path] = ()
    redis: str = ""
    #: files of further keys
    keys: Sequence[Path] = ()

    @property
    def directories(self) -> list[Path]:
        return list(self.state_dirs) or [state_dir_of(self.city.city.key, None)]


def verify_trail(sources: Sources, checkpoints: Sequence[Path], out: TextIO) -> int:
    """Judge the whole trail; the exit code: 0 whole, 1 not. Raises WallboardError: it cannot be read."""
    points: list[audit.Checkpoint] = []
    for path in checkpoints:
        try:
            points += read_checkpoints(path)
        except (OSError, ValueError) as fault:
            raise WallboardError(f"{fault}") from fault
    keys = _keys(sources)
    with ExitStack() as stack:
        places, head = _places(sources, stack)
        trail = verify(places, keys, points, head)
    for sentence in trail.wrong:
        print(sentence, file=out)
    for fingerprint, number in trail.strange.items():
        print(
            f"{number} lines have the key {fingerprint or '(none)'}, which is not here: name its file by "
            "--key, or the state directory of the engine that wrote them by --state-dir",
            file=out,
        )
    print(f"keys: {', '.join(keys)}", file=out)
    if trail.lines:
        last = trail.lines[max(trail.lines)]
        print(f"{len(trail.lines)} lines, {trail.proved} proved; the last: {named(last)}", file=out)
    else:
        print("no lines", file=out)
    print(
        f"{trail.checkpoints} checkpoints compared"
        + ("" if points else ": without any, an end that was cut off in all places at once is not found"),
        file=out,
    )
    print("The audit trail is whole." if trail.whole else "THE AUDIT TRAIL IS NOT WHOLE.", file=out)
    return 0 if trail.whole else NOT_WHOLE


def show_trail(sources: Sources, begin: float | None, end: float | None, person: str, out: TextIO) -> int:
    """Print the lines of a time and a person, oldest first, each as a sentence in the city's time."""
    zone = ZoneInfo(sources.city.city.time_zone)
    with ExitStack() as stack:
        places, _ = _places(sources, stack)
        lines: dict[int, dict[str, Any]] = {}
        for place in places:
            for raw in place.lines:
                try:
                    line = msgspec.json.decode(raw, type=dict[str, Any])
                    lines.setdefault(int(line["i"]), line)
                except (ValueError, KeyError, TypeError, RecursionError):
                    print(f"{place.name}: an entry that is no line; see `audit verify`", file=out)
    for number in sorted(lines):
        line = lines[number]
        at = float(line.get("at", 0))
        theirs = not person or line.get("person") == person
        if theirs and (begin is None or at >= begin) and (end is None or at < end):
            print(_sentence(line, at, zone), file=out)
    return 0


#: Told in the head of each line; the rest follows as it is.
_HEAD = {"i", "h", "k", "at", "what", "person", "status"}


def _sentence(line: dict[str, Any], at: float, zone: ZoneInfo) -> str:
    when = datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S")
    rest = {name: value for name, value in line.items() if name not in _HEAD and value not in ("", {}, None)}
    who = line.get("person") or "-"
    told = msgspec.json.encode(rest).decode()
    return f"{line['i']} {when} {who} {line.get('what', '?')} {line.get('status', '')} {told}".replace(
        "  ", " "
    )


def _keys(sources: Sources) -> dict[str, bytes]:
    """Fingerprint → key, of all files that there are; raises WallboardError where there is none."""
    named = os.environ.get("WALLBOARD_AUDIT_KEY_FILE")
    wanted = [*sources.keys, *([Path(named)] if named else [])]
    found: dict[str, bytes] = {}
    for path in [*wanted, *(directory / "audit.key" for directory in sources.directories)]:
        if path in wanted or path.exists():
            try:
                key = path.read_bytes()
            except OSError as fault:
                raise WallboardError(f"The key {path} cannot be read: {fault.strerror}") from fault
            # A file that is named is stripped by the engine, one of ours is taken as it is (keyfile.py).
            key = key.strip() if path in wanted and len(key) != KEY_BYTES else key
            if len(key) < KEY_BYTES:
                raise WallboardError(f"{path} holds {len(key)} bytes, a key has at least {KEY_BYTES}.")
            found[audit.fingerprint(key)] = key
    if not found:
        raise WallboardError(
            f"No key of the audit trail in {sources.directories[0]}: name its file by --key, or the state "
            "directory by --state-dir."
        )
    return found


def _places(sources: Sources, stack: ExitStack) -> tuple[list[Place], tuple[int, str] | None]:
    """Everything that is kept, and the engine's head."""
    reached = stack.enter_context(reach(sources.directories[0], sources.redis))
    store = EngineStore(reached.url, Keys(sources.city.city.key))
    stack.callback(store.close)
    # In this order: what is written meanwhile is more than was told before, never less.
    head = store.head()
    places = [Place("Redis", list(_stream(store)), head.audit_n)]
    for directory in sources.directories:
        lines = [line for path in files(directory / "audit") for line in read_lines(path)]
        places.append(Place(str(directory / "audit"), lines))
    return places, (head.audit_n, head.audit_hash)


def _stream(store: EngineStore) -> Iterable[bytes]:
    cursor = "0-0"
    while entries := store.audit_after(cursor, READ_COUNT):
        yield from (raw for _, raw in entries)
        cursor = entries[-1][0]
