"""A server that is measured, its web nodes pinned to core 1 and everything else to core 0. Linux only."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from loadtests import map_city
from loadtests.ingest import pin
from loadtests.served import PYTHON, below, processes
from loadtests.start import PATIENCE_S, free_port
from wallboard.bootstrap import ROOT

#: Names of the server's processes begin so.
NODE = "wall-web-"

#: What comes by this channel raises an alert.
ALARM = """
[[rule]]
id = "alarm"
type = "threshold"
kind = "incident"
where = { channel = ["alarm"] }
severity = "caution"
text = { id = "Alarm", en = "Alarm" }
"""


@dataclass
class Running:
    """A server that runs, and its web nodes."""

    port: int
    redis: str
    nodes: list[int]
    #: all its processes
    others: dict[str, int]
    config: Path
    key: str = "ukur"

    @property
    def node(self) -> int:
        """The first web node."""
        return self.nodes[0]

    def node_s(self) -> float:
        """Processor seconds of the nodes so far."""
        known = processes()
        return sum(known[node][2] for node in self.nodes)

    def other_s(self) -> float:
        """Processor seconds of engine, feeds and Redis so far."""
        known = processes()
        return sum(known[pid][2] for pid in self.others.values() if pid not in self.nodes)

    def node_bytes(self) -> int:
        """Memory of the nodes that is their own."""
        return sum(_own_bytes(node) for node in self.nodes)


def _own_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise LookupError("no Pss in smaps_rollup")


@contextmanager
def running(workers: int = 1, feed: str = "") -> Iterator[Running]:
    """A server on a city of 270 districts; the only feed is pushed, by who signs with the key `feed`."""
    with tempfile.TemporaryDirectory(prefix="fanout-") as folder:
        config, _ = map_city.write(Path(folder) / "city", feed=bool(feed))
        config.write_text(config.read_text() + ALARM)
        state, port = Path(folder) / "state", free_port()
        command = [str(PYTHON), str(ROOT / "server.py"), "run", "--config", str(config)]
        command += ["--port", str(port), "--state-dir", str(state), "--workers", str(workers)]
        environment = os.environ | {"WALLBOARD_NO_SETUP": "1", "LOADTEST_KEY": feed}
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        try:
            assert server.stdout is not None
            server.stdout.readline()
            _ready(port)
            ours = below(server.pid)
            nodes = [pid for name, pid in sorted(ours.items()) if name.startswith(NODE)]
            for pid in ours.values():
                pin(pid, 1 if pid in nodes else 0)
            redis = f"unix://{next(state.rglob('redis.sock'))}"
            yield Running(port, redis, nodes, ours, config)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(PATIENCE_S)


def _ready(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
