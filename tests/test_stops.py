"""Each part stopped in turn (SIGSTOP): every board can say so within 5 s, and is right again afterwards.

What a board knows of its own freshness is the newest frame's commit time; the page shows it (its own tests).
A stopped feeds' process is told by the engine. `python3 -m tests soak -k stops` stops longer and prints.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boards import BoardClient
from tests.cities import ENV, incident, push, write_city
from tests.running import Server, server, until

PARTS = ["redis", "wall-engine", "wall-web-1", "wall-feeds"]

#: A feed that is polled, so that there is something to fall silent.
FEED = """
[[feed]]
name = "reports"
type = "geojson"
url = "file:reports.geojson"
every = {every}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("stops")
    config = write_city(folder / "city", FEED.format(every=1.0))
    (folder / "city" / "reports.geojson").write_text('{"type":"FeatureCollection","features":[]}')
    with server(folder / "state", "--config", str(config), env=ENV) as one:
        until(lambda: one.entities("feed").get("reports", {}).get("state") == "ok", "the feed is well")
        yield one


def says_so(board: BoardClient) -> str:
    """What a board would show: no data, or feeds that are silent."""
    if time.time() - board.at > 5:
        return "no data"
    feeds = board.state.get("feed", {}).values()
    return "feeds silent" if any(feed["state"] == "silent" for feed in feeds) else ""


def stop_and_go(running: Server, board: BoardClient, part: str, stopped_s: float) -> float:
    """Stop a part, wait until the board says so, go on; seconds until it said so."""
    until(lambda: not says_so(board), "a board that is well", 30)
    pid = running.children()[part]
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    try:
        until(lambda: says_so(board), f"the board says that {part} stands still")
        said = time.monotonic() - began
        while time.monotonic() - began < stopped_s:
            time.sleep(0.05)
    finally:
        os.kill(pid, signal.SIGCONT)
    until(lambda: not says_so(board), f"the board is well after {part}", 30)
    name = f"after-{part}-{stopped_s:.0f}"
    until(lambda: push(running, name, [incident(name)]) == 202, "a message is taken")
    until(lambda: f"push/{name}" in board.state.get("incident", {}), "the message is on the board")
    same(running, board)
    return said


def same(running: Server, board: BoardClient) -> None:
    """The board's map equals the state that it may see."""

    def equal() -> bool:
        for kind in ("incident", "district", "feed", "city"):
            shown = running.get_or_none(f"/api/v1/state/{kind}")
            if shown is None or board.state.get(kind, {}) != shown[kind]:
                return False
        return True

    until(equal, "the board's map equals the state")
    assert board.faults == []


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.timeout(120)
def test_a_board_says_that_a_part_stands_still_and_is_right_afterwards(running: Server, part: str) -> None:
    board = BoardClient(running.address).start()
    try:
        stop_and_go(running, board, part, 0.0)
    finally:
        board.stop()


@pytest.mark.soak
@pytest.mark.parametrize("part", PARTS)
def test_long_stops(running: Server, part: str) -> None:
    board = BoardClient(running.address).start()
    try:
        for stopped_s in (10.0, 60.0):
            said = stop_and_go(running, board, part, stopped_s)
            print(f"{part} stopped for {stopped_s:g} s: the board said so after {said:.1f} s")
            assert said < 5.5
    finally:
        board.stop()


def test_a_state_directory_with_a_long_name_works(tmp_path: Path) -> None:
    state = tmp_path / ("a-very-long-name-" * 6)
    with server(state, "--config", str(write_city(tmp_path / "city")), env=ENV) as one:
        assert one.get("/readyz")["ready"]
