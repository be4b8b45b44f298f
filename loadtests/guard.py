"""What the hot paths cost, counted and not timed: Python's own instructions, the same on any machine.

    python3 -m loadtests.guard [--write]

`tests/test_guard.py` compares with what stands in guard.json for the running Python, so a change that makes
one of these paths a tenth dearer is seen before it lands. `--write` writes down what is so now. Work that
happens in C (msgspec, numpy, GEOS, the socket) is not counted; how long all of it takes is measured by the
other programs of this folder.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec

from loadtests.ingest import events
from wallboard.access import Viewer
from wallboard.engine import reduce
from wallboard.engine.batch import pieces
from wallboard.ground import prepare
from wallboard.hub import Board, Hub
from wallboard.settings import DEMO, read_city
from wallboard.state import Replica
from wallboard.views import View

#: What was counted, by version of Python and path.
WRITTEN = Path(__file__).with_name("guard.json")

#: A path may grow by this share before somebody has to say why.
MAY_GROW = 0.10

#: A moment of the demo city's clock: what is counted must not depend on today.
START = 1_795_939_000.0

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def instructions(act: Callable[[], object]) -> int:
    """How many instructions of Python's virtual machine `act` takes."""
    count = 0

    def each(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        if event == "opcode":
            count += 1
        elif event == "call":
            frame.f_trace_opcodes = True
        return each

    before = sys.gettrace()
    sys.settrace(each)
    try:
        act()
    finally:
        sys.settrace(before)
    return count


def _ingest() -> float:
    """An event of a busy minute, from decoded to the encoded parts of its commit."""
    city = read_city(DEMO)
    city.feed.clear()
    ground = prepare(city, DEMO.parent)
    known, counted = 1000, 250
    reports = events(known + counted, ground, random.Random(1), START)
    world = reduce.new_world(city, ground.geofence, ground.gazetteer)
    world.now = START - 1
    world.load([], [])
    reduce.loaded(world)

    def apply(some: Any) -> None:
        reduce.apply(world, some, START + 100, backlog=True)
        pieces(world.draft())

    apply(reports[:known])
    return instructions(lambda: apply(reports[known:])) / counted


def _locate() -> float:
    """A point of a batch, assigned to its district."""
    city = read_city(DEMO)
    ground = prepare(city, DEMO.parent)
    draw = random.Random(2)
    west, south, east, north = ground.boundaries.bounds
    lons = [draw.uniform(west, east) for _ in range(1000)]
    lats = [draw.uniform(south, north) for _ in range(1000)]
    return instructions(lambda: ground.geofence.locate_many(lons, lats)) / 1000


def _changes(count: int, turn: int) -> list[tuple[str, str, msgspec.Raw, None]]:
    """Changes of incidents as they stand in the wall stream."""

    def entity(id: str) -> msgspec.Raw:
        made = {"id": id, "scope": ["public"], "title": f"Laporan {id}", "at": START + turn}
        return msgspec.Raw(msgspec.json.encode(made))

    return [("incident", id, entity(id), None) for id in map(str, range(count))]


def _replica() -> Replica:
    replica = Replica()
    replica.reset("e", 0, START, 0, [])
    replica.apply(1, START + 1, 1, _changes(500, 0))
    return replica


def _change() -> float:
    """A change that a node takes in."""
    replica = _replica()
    changes = _changes(200, 1)
    return instructions(lambda: replica.apply(2, START + 2, 2, changes)) / 200


def _boards(count: int) -> tuple[Hub, list[Board]]:
    hub = Hub(_replica())
    view = View("operations", frozenset({"incident"}), Viewer())
    boards = [Board(str(n), view, "operations", push=lambda frame: True, busy=False) for n in range(count)]
    for board in boards:
        hub.join(board)
        hub.next_frames(board, 0.0)
    return hub, boards


def _flush() -> float:
    """A board of a flush: the frame is there, and written to it."""
    hub, boards = _boards(500)
    hub.replica.apply(2, START + 2, 2, _changes(1, 1))
    loop = asyncio.new_event_loop()
    try:
        cost = instructions(lambda: loop.run_until_complete(hub._flush(1.0))) / 500
    finally:
        loop.close()
    assert all(board.pos == 2 for board in boards)
    return cost


def _encode() -> float:
    """A change of a frame that is made for all boards of a view."""
    hub, (board,) = _boards(1)
    hub.replica.apply(2, START + 2, 2, _changes(200, 1))
    return instructions(lambda: hub.groups[board.view.id].prepared(1, due=False)) / 200


PATHS: dict[str, Callable[[], float]] = {
    "ingest, an event": _ingest,
    "geofence, a point of a batch": _locate,
    "node, a change taken in": _change,
    "node, a change encoded for a view": _encode,
    "node, a board of a flush": _flush,
}


def counted() -> dict[str, float]:
    """Path → instructions, of all paths."""
    return {name: round(path(), 1) for name, path in PATHS.items()}


def written() -> dict[str, dict[str, float]]:
    """Version of Python → path → instructions, as they were written down."""
    found: dict[str, dict[str, float]] = json.loads(WRITTEN.read_text()) if WRITTEN.exists() else {}
    return found


def main() -> int:
    """Count and print; 1 where a path has grown too much."""
    parser = argparse.ArgumentParser(prog="python3 -m loadtests.guard", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write down what is so now")
    options = parser.parse_args()
    now, known = counted(), written()
    before = known.get(VERSION, {})
    for name, cost in now.items():
        was = before.get(name)
        print(f"{cost:10.1f}  {name}" + ("" if was is None else f"  ({100 * (cost / was - 1):+.1f} %)"))
    if options.write:
        WRITTEN.write_text(json.dumps({**known, VERSION: now}, indent=1, sort_keys=True) + "\n")
        return 0
    return 1 if any(cost > before.get(name, cost) * (1 + MAY_GROW) for name, cost in now.items()) else 0


if __name__ == "__main__":
    sys.exit(main())
