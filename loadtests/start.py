"""How long it takes from the command to the painted wall, in a browser that is open already.

    python3 -m loadtests.start [--starts 5]

Needs playwright (locks/browser.txt) and Chromium. The first start fills a state directory and is not counted;
the browser has seen the wall then, as that of a wall that is switched on again has.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from wallboard.bootstrap import ROOT

CHROMIUM = "/usr/bin/chromium"

#: What a person types: the machine's own, which starts the environment's.
PYTHON = "python3"

#: A second start finds the compiled modules of the first, unless an environment forbids to write them.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

#: The first start needs a while until its sources have spoken (s).
FILL_S = 8.0
#: What is older than 5 s is called old on the glass: only the new engine's word takes that away (s).
AWAY_S = 6.0
#: A wall that is not painted by then will not be (s).
PATIENCE_S = 30.0

#: How often the page looks at itself (ms).
LOOK_MS = 50

#: The wall is on the glass, has its state, and nothing lies over it.
PAINTED = """() => !document.querySelector('#loading') && document.querySelector('.clock') !== null
    && !document.querySelector('#banner').checkVisibility()
    && !document.querySelector('[data-state=waiting]')"""


def start(state: Path, port: int) -> tuple[subprocess.Popen[str], str]:
    """A server on the demo city, and the address that it prints."""
    command = [PYTHON, str(ROOT / "server.py"), "run", "--port", str(port), "--state-dir", str(state)]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENVIRONMENT
    )
    assert server.stdout is not None
    return server, "http://" + server.stdout.readline().partition("http://")[2].split("/")[0]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stop(server: subprocess.Popen[str]) -> None:
    """End it, as Ctrl-C does."""
    server.send_signal(signal.SIGINT)
    server.wait(PATIENCE_S)


def painted(page: Page, began: float) -> float:
    """Seconds since `began` when the wall is painted; raises where it never is."""
    # Asked by the page itself and seldom: a question every few milliseconds would cost what is measured.
    page.wait_for_function(PAINTED, polling=LOOK_MS, timeout=PATIENCE_S * 1000)
    return time.monotonic() - began


def main() -> int:
    """Measure, and print a line a start."""
    parser = argparse.ArgumentParser(prog="python3 -m loadtests.start", description=__doc__)
    parser.add_argument("--starts", type=int, default=5)
    starts = parser.parse_args().starts
    with tempfile.TemporaryDirectory(prefix="start-") as folder, sync_playwright() as playwright:
        state = Path(folder) / "state"
        port = free_port()
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        for number in range(starts + 1):
            began = time.monotonic()
            server, address = start(state, port)
            told = time.monotonic() - began
            page.goto(address, wait_until="commit")
            seen = painted(page, began)
            if number:
                print(f"address after {told:.2f} s, painted after {seen:.2f} s", flush=True)
            else:
                time.sleep(FILL_S)
            page.goto("about:blank")
            stop(server)
            time.sleep(AWAY_S)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
