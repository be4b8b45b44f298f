"""What the map costs a browser: many markers, districts and changes on the real page from a real server.

    python3 -m loadtests.map [--seconds 30] [--only large|wall] [--profile]

`large`: 5,000 markers on 270 districts of 73,262 vertices, 100 changes/s, 1920×1080: no frame over 100 ms, at
most 1.5 cores. `wall`: 500 markers, 10 changes/s, layout `operations` at 3840×2160: at most half a core.
Counted are the processor time of all processes of the browser (headless Chromium, no GPU), frames by the
clock, and the processor time of their longest part. Needs playwright (locks/browser.txt) and Chromium.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from feeds.webhook.signatures import sign, signing_key
from loadtests import map_city
from loadtests.start import CHROMIUM, free_port
from wallboard.bootstrap import ROOT

#: A key of this run alone.
SECRET = "whsec_" + base64.b64encode(os.urandom(32)).decode()

#: So many events go in one message.
BATCH = 500

#: Changes are sent this often (s): a source does not send each by itself.
EVERY_S = 0.1

#: A machine that brings fewer of the changes than this has no time to measure anything.
LEAST_RATE = 0.9

#: The page has settled after this long (s): fonts, first layout, compiled code.
WARM_S = 10.0

#: A server that says nothing by then will not start (s).
PATIENCE_S = 60.0

SEVERITIES = (None, None, None, "caution", "severe", "danger")

#: They make a frame: the page's own, the one that draws canvases, the one that puts all together.
THREADS = ("CrRendererMain", "CrGpuMain", "VizCompositorThread")

#: Put into the page before its own scripts: gaps between frames, the page's work in long ones (ms), and how
#: many frames of the protocol came.
WATCH = """
(() => {
  const seen = window.measured = {gaps: [], work: [], frames: 0};
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...address) {
      super(...address);
      this.addEventListener("message", () => { seen.frames += 1; });
    }
  };
  let last = null;
  const frame = (now) => {
    if (last !== null) seen.gaps.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.work.push(entry.duration);
  }).observe({type: "long-animation-frame"});
})();
"""
RESET = """() => {
  const seen = window.measured;
  seen.gaps.length = seen.work.length = seen.frames = 0;
}"""
COPY = "() => JSON.stringify(window.measured)"


@dataclass(frozen=True)
class Case:
    """One thing to measure."""

    name: str
    path: str
    width: int
    height: int
    markers: int
    changes: int
    most_cores: float
    #: of the page's work in one frame (ms); None: no target
    most_ms: float | None = None


CASES = (
    Case("large", "/wall/map", 1920, 1080, 5000, 100, 1.5, 100.0),
    Case("wall", "/wall/operations", 3840, 2160, 500, 10, 0.5),
)


class Source:
    """Sends reports as an integrator would."""

    def __init__(self, address: str, markers: int) -> None:
        self._address = address
        self._markers = markers
        self._draw = random.Random(4)
        self._sent = 0
        #: changes that the server has confirmed
        self.changes = 0

    def fill(self) -> None:
        """All markers once."""
        for start in range(0, self._markers, BATCH):
            self._post([self._report(n) for n in range(start, min(start + BATCH, self._markers))])

    def change(self, rate: int, stop: threading.Event) -> None:
        """`rate` changes a second until `stop`: another place or severity of any of them."""
        due = time.monotonic()
        owed = 0.0
        while not stop.is_set():
            owed += rate * EVERY_S
            if owed >= 1:
                changed = [self._report(self._draw.randrange(self._markers)) for _ in range(int(owed))]
                self._post(changed)
                self.changes += len(changed)
                owed -= len(changed)
            due += EVERY_S
            stop.wait(max(0.0, due - time.monotonic()))

    def _report(self, number: int) -> dict[str, Any]:
        west, south, east, north = map_city.BOUNDS
        return {
            "type": "incident",
            "source_id": str(number),
            "title": f"Laporan {number}",
            "lon": self._draw.uniform(west, east),
            "lat": self._draw.uniform(south, north),
            "severity": self._draw.choice(SEVERITIES),
            "observed_at": time.time(),
        }

    def _post(self, events: list[dict[str, Any]]) -> None:
        self._sent += 1
        name, stamp = f"m{self._sent}", int(time.time())
        body = json.dumps({"events": events}).encode()
        headers = {
            "webhook-id": name,
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign(name, stamp, body, signing_key(SECRET)),
            "content-type": "application/json",
        }
        request = urllib.request.Request(f"{self._address}/api/v1/ingest/push", body, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            assert answer.status == 202


def browser_processes() -> list[int]:
    """The browser's processes: all below this one that are Chromium's."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue  # ended meanwhile
    own = {os.getpid()}
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in own} - own
        own |= more
        grown = bool(more)
    return [pid for pid in own if _command(pid).startswith(("/usr/lib/chromium", CHROMIUM))]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().partition("\0")[0]
    except OSError:
        return ""


def processor_s() -> float:
    """Seconds of processor time that the browser has used."""
    ticks = 0
    for pid in browser_processes():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(browser: Browser, address: str, case: Case, seconds: float, profile: bool) -> bool:
    """Measure one case, print it, and tell whether it stays within its targets."""
    source = Source(address, case.markers)
    source.fill()
    stop = threading.Event()
    sender = threading.Thread(target=source.change, args=(case.changes, stop))
    context = browser.new_context(viewport={"width": case.width, "height": case.height})
    try:
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(address + case.path)
        sender.start()
        time.sleep(WARM_S)
        session = context.new_cdp_session(page)
        if profile:
            session.send("Profiler.enable")
            session.send("Profiler.start")
        page.evaluate(RESET)
        began, used, before = time.monotonic(), processor_s(), source.changes
        time.sleep(seconds)
        took = time.monotonic() - began
        cores = (processor_s() - used) / took
        rate = (source.changes - before) / took
        seen = json.loads(page.evaluate(COPY))
        if profile:
            _show_profile(session)
        tasks = _tasks(browser, page, seconds)
    finally:
        stop.set()
        if sender.ident is not None:
            sender.join()
        context.close()
    gaps, work = sorted(seen["gaps"]), seen["work"]
    longest = max(work, default=0.0)
    own = max(tasks, default=0.0)
    print(
        f"{case.name}: {case.width}×{case.height}, {case.markers} markers, {rate:.0f} changes/s,"
        f" {seen['frames'] / took:.1f} frames/s of the protocol, {seconds:g} s:"
        f" {cores:.2f} cores (target {case.most_cores:g});"
        f" longest frame {longest:.0f} ms by the clock, {own:.0f} ms of its own processor time;"
        f" frames over 100 ms {sum(one > 100 for one in work)}, over 50 ms {len(work)} by the clock;"
        f" between frames p99 {gaps[int(0.99 * (len(gaps) - 1))]:.0f} ms, most {gaps[-1]:.0f} ms;"
        f" load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    if rate < LEAST_RATE * case.changes:
        print(f"  not measured: {case.changes} changes/s were to come; the machine has too much else to do")
        return False
    return cores <= case.most_cores and (case.most_ms is None or own <= case.most_ms)


def _tasks(browser: Browser, page: Page, seconds: float) -> list[float]:
    """Processor time of each task of the threads that make a frame (ms).

    On a busy machine a frame waits for its turn; what it would take alone is its own time.
    """
    browser.start_tracing(page=page, categories=["disabled-by-default-devtools.timeline"])
    time.sleep(seconds)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] in THREADS
    }
    return [
        event["tdur"] / 1000
        for event in events
        if (event["pid"], event["tid"]) in mains and event["name"] == "RunTask" and "tdur" in event
    ]


def _show_profile(session: CDPSession) -> None:
    """Print where the page's main thread was, by function."""
    profile = session.send("Profiler.stop")["profile"]
    names = {node["id"]: _name(node["callFrame"]) for node in profile["nodes"]}
    spent: Counter[str] = Counter()
    for id, micros in zip(profile["samples"], profile["timeDeltas"], strict=True):
        spent[names[id]] += micros
    total = sum(spent.values())
    for name, micros in spent.most_common(25):
        print(f"  {100 * micros / total:5.1f} %  {name}")


def _name(frame: dict[str, Any]) -> str:
    file = frame["url"].rpartition("/")[2].partition("?")[0]
    return f"{frame['functionName'] or '?'} {file}:{frame['lineNumber'] + 1}"


def main() -> int:
    """Measure the cases, and exit with 1 where one misses its targets."""
    parser = argparse.ArgumentParser(prog="python3 -m loadtests.map", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--only", choices=[case.name for case in CASES])
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory(prefix="map-") as folder, sync_playwright() as playwright:
        for case in CASES:
            if arguments.only not in (None, case.name):
                continue
            config, about = map_city.write(Path(folder) / case.name)
            print(about, flush=True)
            state = Path(folder) / f"{case.name}-state"
            port = free_port()
            environment = {**os.environ, "LOADTEST_KEY": SECRET, "WALLBOARD_NO_SETUP": "1"}
            command = [sys.executable, str(ROOT / "server.py"), "run", "--config", str(config)]
            command += ["--port", str(port), "--state-dir", str(state)]
            with subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
            ) as server:
                assert server.stdout is not None
                address = "http://" + server.stdout.readline().partition("http://")[2].split("/")[0]
                _ready(address)
                browser = playwright.chromium.launch(
                    executable_path=CHROMIUM,
                    args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
                )
                good &= measure(browser, address, case, arguments.seconds, arguments.profile)
                browser.close()
                server.send_signal(signal.SIGINT)
    return 0 if good else 1


def _ready(address: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit("the server is not ready")


if __name__ == "__main__":
    sys.exit(main())
