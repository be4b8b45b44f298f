"""A server on a copy of the demo city, and a Chromium, for measurements of the pages."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests.start import PATIENCE_S, free_port
from wallboard.bootstrap import ROOT

CHROMIUM = os.environ.get("WALLBOARD_TESTS_CHROMIUM", "/usr/bin/chromium")

#: No GPU, as on the machine that the figures are asked for; memory as it is, not rounded.
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"),
    *("--enable-precise-memory-info", "--autoplay-policy=no-user-gesture-required"),
]

#: The interpreter of the environment; the server's own set-up was done before.
PYTHON = ROOT / ".venv" / "bin" / "python"

#: Its sources have all spoken by then (s).
FILL_S = 8.0

#: The wall is on the glass, has its state, and nothing lies over it.
PAINTED = """!document.querySelector('#loading') && document.querySelector('.clock') !== null
    && !document.querySelector('#banner').checkVisibility()
    && !document.querySelector('.page:not([hidden]) [data-state=waiting]')"""

#: Keeps in the page when it was painted first (ms since it was asked for), after the paint itself.
WATCH = f"""(() => {{
    const look = () => {{
        if (document.querySelector('#wall') && {PAINTED}) {{
            const {{ port1, port2 }} = new MessageChannel();
            port1.onmessage = () => (window.paintedAfter = performance.now());
            port2.postMessage(null);
        }} else requestAnimationFrame(look);
    }};
    requestAnimationFrame(look);
}})()"""


@dataclass
class Served:
    """A server that runs."""

    address: str
    #: its Redis
    socket: Path


@contextmanager
def demo(*, speed: float = 60.0, retention_s: float | None = None) -> Iterator[Served]:
    """The demo city at this speed (its usual one is 60); what was closed leaves after `retention_s`."""
    with tempfile.TemporaryDirectory(prefix="served-") as folder:
        city = Path(folder) / "city"
        shutil.copytree(ROOT / "examples" / "demo", city)
        text = (city / "city.toml").read_text()
        text, count = re.subn(r"(?m)^speed = \d+$", f"speed = {speed:g}", text)
        assert count == 1
        if retention_s is not None:
            text, count = re.subn(r"(?m)^incident = \d+$", f"incident = {retention_s:g}", text)
            assert count == 1
        (city / "city.toml").write_text(text)
        state, port = Path(folder) / "state", free_port()
        command = [str(PYTHON), str(ROOT / "server.py"), "run", "--config", str(city / "city.toml")]
        command += ["--port", str(port), "--state-dir", str(state)]
        environment = os.environ | {"WALLBOARD_NO_SETUP": "1"}
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        try:
            assert server.stdout is not None
            server.stdout.readline()
            time.sleep(FILL_S)
            socket = next(state.rglob("redis.sock"))
            yield Served(f"http://127.0.0.1:{port}", socket)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(PATIENCE_S)


def processes() -> dict[int, tuple[str, int, float]]:
    """Process → (name, parent, processor seconds so far), of all of this machine (Linux)."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue  # it has ended meanwhile
        words = rest.split()
        used = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
        found[int(stat.parent.name)] = (head.partition("(")[2], int(words[1]), used)
    return found


def below(root: int) -> dict[str, int]:
    """Name → process, of the process `root` and all that it has started."""
    known = processes()

    def ours(pid: int) -> bool:
        while pid in known and pid != root:
            pid = known[pid][1]
        return pid == root

    return {known[pid][0]: pid for pid in known if ours(pid)}


def browser_cpu_s() -> float:
    """Processor seconds so far of all processes of the browsers that this one has started."""
    known = processes()

    def ours(pid: int) -> bool:
        while pid in known and pid != os.getpid():
            pid = known[pid][1]
        return pid == os.getpid()

    return sum(used for pid, (name, _, used) in known.items() if name.startswith("chrom") and ours(pid))


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
