"""A real server on a free port and a state directory of its own, for tests."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from wallboard.store.embedded import die_with_parent

ROOT = Path(__file__).resolve().parent.parent

#: Multiplied on slow machines by WALLBOARD_TESTS_PATIENCE; no test waits longer than it must.
PATIENCE = float(os.environ.get("WALLBOARD_TESTS_PATIENCE", "1"))
START_S = 30.0 * PATIENCE
WAIT_S = 20.0 * PATIENCE

T = TypeVar("T")


def until(check: Callable[[], T | None], what: str, within: float = WAIT_S) -> T:
    """Wait until `check` gives something true, and return it."""
    deadline = time.monotonic() + within
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what} (last: {found!r})")
        time.sleep(0.02)


#: Below what systems give to outgoing connections (Linux from 32768, IANA from 49152): a server that is
#: started again on its port must not find it taken by somebody's connection.
PORTS = range(20_000, 32_768)


def free_port() -> int:
    """A port of the loopback interface that nobody uses now, and that nobody is given by chance."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port


def _end_with_us() -> Callable[[], None] | None:
    """A run of tests that is killed leaves no server behind. The kernel ends a child with the *thread*."""
    if threading.current_thread() is not threading.main_thread():
        return None
    parent = os.getpid()
    return lambda: die_with_parent(parent)


class Server:
    """`python3 server.py run …` as a process."""

    def __init__(self, state_dir: Path, *arguments: str, env: dict[str, str] | None = None) -> None:
        self.state_dir = state_dir
        self.arguments = arguments
        self.env = {**os.environ, "WALLBOARD_NO_SETUP": "1", **(env or {})}
        self.process: subprocess.Popen[str] | None = None
        self.address = ""
        self.log = state_dir.parent / f"{state_dir.name}.log"

    def start(self) -> Server:
        """Start and read the address that it prints."""
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    str(ROOT / "server.py"),
                    "run",
                    "--port",
                    "0",
                    *self._state(),
                    *self.arguments,
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=self.env,
                start_new_session=True,
                preexec_fn=_end_with_us(),
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if "://" not in line:
            self.process.wait(START_S)
            raise AssertionError(f"the server did not start: {line!r}\n{self.log.read_text()}")
        self.address = line.split("://")[1].split("/")[0]
        return self

    def _state(self) -> tuple[str, str]:
        return "--state-dir", str(self.state_dir)

    def ready(self) -> Server:
        """Wait until state can be shown."""
        until(lambda: self.get_or_none("/readyz"), f"ready; log: {self.log}", START_S)
        return self

    def get(self, path: str) -> Any:
        """A JSON document."""
        with urllib.request.urlopen(f"http://{self.address}{path}", timeout=WAIT_S) as answer:
            return json.load(answer)

    def get_or_none(self, path: str) -> Any:
        """A JSON document, or None where there is none now."""
        try:
            return self.get(path)
        except (urllib.error.URLError, OSError, ValueError):
            return None

    def entities(self, kind: str) -> dict[str, Any]:
        """All entities of a kind."""
        answer: dict[str, Any] = (self.get_or_none(f"/api/v1/state/{kind}") or {}).get(kind, {})
        return answer

    def children(self) -> dict[str, int]:
        """Processes of this server by what they are: redis, and the parts in the order of their start."""
        assert self.process is not None
        return {name: pid for pid, name in _children_of(self.process.pid)}

    def stop(self) -> int:
        """Ask it to end, as Ctrl-C does; the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(START_S)
        if self.process.stdout:
            self.process.stdout.close()
        return code

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(START_S)
        if self.process.stdout:
            self.process.stdout.close()


def _children_of(parent: int) -> Iterator[tuple[int, str]]:
    """(pid, name) of a process's children; our parts name themselves."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
            name = (entry / "comm").read_text().strip()
        except OSError:
            continue
        fields = stat.rpartition(")")[2].split()
        if int(fields[1]) == parent and fields[0] != "Z":
            yield int(entry.name), "redis" if "valkey" in name or "redis" in name else name


@contextmanager
def server(state_dir: Path, *arguments: str, env: dict[str, str] | None = None) -> Iterator[Server]:
    """A running server, ended afterwards."""
    running = Server(state_dir, *arguments, env=env).start()
    try:
        yield running.ready()
    finally:
        if running.process is not None and running.process.poll() is None:
            running.stop()
