"""How long it takes from the command to the painted wall, in a browser that is open already.

    python3 -m loadtests.start [--starts 5]

Needs playwright (locks/browser.txt) and Chromium. The first start fills a state directory and is not counted.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, sync_playwright

from wallboard.bootstrap import ROOT

CHROMIUM = "/usr/bin/chromium"

#: The first start needs a while until its sources have spoken (s).
FILL_S = 8.0
#: A wall that is not painted by then will not be (s).
PATIENCE_S = 30.0

#: The wall is on the glass, has its state, and nothing lies over it.
PAINTED = """() => !document.querySelector('#loading') && document.querySelector('.clock') !== null
    && !document.querySelector('#banner').checkVisibility()
    && !document.querySelector('[data-state=waiting]')"""


def start(state: Path) -> tuple[subprocess.Popen[str], str]:
    """A server on the demo city, and the address that it prints."""
    command = [sys.executable, str(ROOT / "server.py"), "run", "--port", "0", "--state-dir", str(state)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    return server, "http://" + server.stdout.readline().partition("http://")[2].split("/")[0]


def stop(server: subprocess.Popen[str]) -> None:
    """End it, as Ctrl-C does."""
    server.send_signal(signal.SIGINT)
    server.wait(PATIENCE_S)


def painted(page: Any, began: float) -> float:
    """Seconds since `began` when the wall is painted; raises where it never is."""
    while time.monotonic() - began < PATIENCE_S:
        try:
            if page.evaluate(PAINTED):
                return time.monotonic() - began
        except Error:
            pass  # the page is not there yet
        time.sleep(0.01)
    raise SystemExit(f"no painted wall within {PATIENCE_S:g} s")


def main() -> int:
    """Measure, and print a line a start."""
    parser = argparse.ArgumentParser(prog="python3 -m loadtests.start", description=__doc__)
    parser.add_argument("--starts", type=int, default=5)
    starts = parser.parse_args().starts
    with tempfile.TemporaryDirectory(prefix="start-") as folder, sync_playwright() as playwright:
        state = Path(folder) / "state"
        server, _ = start(state)
        time.sleep(FILL_S)
        stop(server)
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        for _ in range(starts):
            began = time.monotonic()
            server, address = start(state)
            told = time.monotonic() - began
            page.goto(address, wait_until="commit")
            print(f"address after {told:.2f} s, painted after {painted(page, began):.2f} s", flush=True)
            page.goto("about:blank")
            stop(server)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
