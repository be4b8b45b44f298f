"""How long a server takes from the command until it can show a state that it already had.

python3 -m loadtests.restart [--entities 10000] [--starts 3]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from loadtests import map_city
from loadtests.served import PYTHON
from loadtests.source import Source
from loadtests.start import ENVIRONMENT, PATIENCE_S, free_port
from wallboard.bootstrap import ROOT
from wallboard.store.clients import connect_async
from wallboard.store.keys import Keys
from wallboard.store.outlet import Outlet

#: Between two questions whether it is ready (s).
ASK_S = 0.02

#: A commit a second; those of the filling have all been made by then (s).
SETTLE_S = 3.0


def started(config: Path, state: Path, port: int) -> tuple[subprocess.Popen[bytes], float]:
    """A server, and the seconds until /readyz said so."""
    command = [str(PYTHON), str(ROOT / "server.py"), "run", "--config", str(config)]
    command += ["--port", str(port), "--state-dir", str(state)]
    environment = ENVIRONMENT | {"WALLBOARD_NO_SETUP": "1"}
    began = time.monotonic()
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
            return server, time.monotonic() - began
        except OSError:
            if time.monotonic() - began > PATIENCE_S:
                raise
            time.sleep(ASK_S)


def main() -> int:
    """Measure, and print a line a start."""
    parser = argparse.ArgumentParser(prog="python3 -m loadtests.restart", description=__doc__)
    parser.add_argument("--entities", type=int, default=10_000)
    parser.add_argument("--starts", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="restart-") as folder:
        config, _ = map_city.write(Path(folder) / "city", feed=False)
        state, port = Path(folder) / "state", free_port()
        server, _ = started(config, state, port)

        async def fill() -> None:
            client = connect_async(f"unix://{next(state.rglob('redis.sock'))}")
            await Source(options.entities).fill(Outlet(client, Keys("ukur")))
            await client.aclose()

        asyncio.run(fill())
        time.sleep(SETTLE_S + options.entities / 5_000)
        for _ in range(options.starts):
            server.send_signal(signal.SIGINT)
            server.wait(PATIENCE_S)
            server, took = started(config, state, port)
            print(
                f"ready after {took:.2f} s with {options.entities:,} things, load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
        server.send_signal(signal.SIGINT)
        server.wait(PATIENCE_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
