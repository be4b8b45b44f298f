"""What the feeds' process takes: fifty feeds, 269 cameras checked, 10,000 words a second of what cameras see.

    python3 -m loadtests.feeds [--seconds 60] [--words 10000] [--cameras 269] [--feeds 50]

A second process is the world outside: an HTTP server with GeoJSON reports that change at each visit and HLS
playlists that advance, and an MQTT broker that says as Frigate does, many times a second, which object is in
which picture. The server runs as it always does. Counted are the processor time of its process of feeds, the
events that came out of it, and for each feed how old its last good document was at most, in its own periods.
Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from loadtests import map_city
from loadtests.served import PYTHON, below, processes
from loadtests.start import PATIENCE_S, free_port
from tests.mqtt_broker import MqttBroker
from wallboard.bootstrap import ROOT

#: Until every camera was checked once and every feed has spoken (s).
WARM_S = 25.0

#: The broker hands over what came within this time together (s).
EVERY_S = 0.02

#: Reports of one document.
REPORTS = 20

#: Period of the polled feeds (s).
PERIOD_S = 10

#: At most these shares: of a core, and of a period that a feed may be late.
MOST_CORES = 0.5
MOST_PERIODS = 2.0


def world(port: int, mqtt: Any, cameras: int, words: int) -> None:
    """The world outside, until it is killed."""

    async def run() -> None:
        server = await asyncio.start_server(_visit, "127.0.0.1", port)
        async with server, MqttBroker() as broker:
            mqtt.send(broker.port)
            while not broker.subscriptions:
                await asyncio.sleep(EVERY_S)
            await _see(broker, cameras, words)

    with contextlib.suppress(ConnectionError):  # the server has been stopped
        asyncio.run(run())


async def _visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while line := await reader.readline():
            while (await reader.readline()).strip():
                pass
            path = line.split()[1].decode()
            body, kind = _document(path)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


def _document(path: str) -> tuple[bytes, str]:
    if path.endswith(".m3u8"):
        turn = int(time.time() / 4)
        segments = "".join(f"#EXTINF:4.0,\n{turn + n}.ts\n" for n in range(3))
        text = f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:{turn}\n{segments}"
        return text.encode(), "application/vnd.apple.mpegurl"
    west, south, _, _ = map_city.BOUNDS
    features = [
        {
            "type": "Feature",
            "id": f"{path}-{number}",
            "geometry": {"type": "Point", "coordinates": [west + number / 100, south + 0.1]},
            "properties": {"title": f"Laporan {number}", "text": f"pada {time.time():.0f}"},
        }
        for number in range(REPORTS)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode(), "application/geo+json"


async def _see(broker: MqttBroker, cameras: int, words: int) -> None:
    """So many words a second: of each camera one person, who comes, is seen, and goes."""
    began, told = time.monotonic(), 0
    while True:
        due = int((time.monotonic() - began) * words) - told
        data = bytearray()
        for _ in range(due):
            turn, camera = divmod(told, cameras)
            told += 1
            word = ("new", *("update",) * 38, "end")[turn % 40]
            after = {
                "id": f"{camera}-{turn // 40}",
                "camera": f"cam-{camera}",
                "label": "person",
                "start_time": time.time() - turn % 40,
                "end_time": time.time() if word == "end" else None,
                "false_positive": False,
                "stationary": False,
                "current_zones": [],
            }
            body = json.dumps({"type": word, "before": None, "after": after})
            data += broker._message("frigate/events", body, retained=False)
        if data:
            await broker.raw(bytes(data))
        await asyncio.sleep(EVERY_S)


def configured(folder: Path, port: int, mqtt: int, cameras: int, feeds: int) -> Path:
    """city.toml of so many feeds, all of whose sources are that world."""
    path, _ = map_city.write(folder, feed=False)
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [map_city.BOUNDS[0] + number / 1000, -6.2]},
            "properties": {
                "id": f"cam-{number}",
                "name": f"Kamera {number}",
                "streams": [{"type": "hls", "url": f"http://127.0.0.1:{port}/{number}/index.m3u8"}],
            },
        }
        for number in range(cameras)
    ]
    (folder / "cameras.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    text = f"""
[[feed]]
name = "cctv"
type = "cameras"
url = "file:cameras.geojson"
every = "60s"
[feed.options]
probe_private = true
probe_hosts = ["http://127.0.0.1:{port}"]

[[feed]]
name = "frigate"
type = "frigate"
url = "mqtt://127.0.0.1:{mqtt}"
every = "20s"
[feed.options]
camera_list = "cctv"
"""
    for number in range(feeds - 2):
        text += f"""
[[feed]]
name = "laporan-{number}"
type = "geojson"
url = "http://127.0.0.1:{port}/laporan-{number}"
every = "{PERIOD_S}s"
"""
    path.write_text(path.read_text() + text)
    return path


def state(address: str, kind: str) -> dict[str, Any]:
    """All entities of a kind as the server shows them."""
    with urllib.request.urlopen(f"{address}/api/v1/state/{kind}", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)[kind]
    return found


def measure(options: argparse.Namespace) -> bool:
    """Run it all, print, and tell whether it stays within its targets."""
    port = free_port()
    ours, theirs = get_context("fork").Pipe()
    outside = get_context("fork").Process(
        target=world, args=(port, theirs, options.cameras, options.words), daemon=True
    )
    outside.start()
    with tempfile.TemporaryDirectory(prefix="feeds-") as folder:
        config = configured(Path(folder) / "city", port, ours.recv(), options.cameras, options.feeds)
        command = [str(PYTHON), str(ROOT / "server.py"), "run", "--config", str(config)]
        command += ["--port", str(free_port()), "--state-dir", str(Path(folder) / "state")]
        environment = os.environ | {"WALLBOARD_NO_SETUP": "1"}
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        try:
            assert server.stdout is not None
            address = "http://" + server.stdout.readline().partition("http://")[2].split("/")[0].strip()
            time.sleep(WARM_S)
            pid = below(server.pid)["wall-feeds"]
            began, used, before = time.monotonic(), processes()[pid][2], state(address, "feed")
            late: dict[str, float] = {}
            while time.monotonic() - began < options.seconds:
                time.sleep(1)
                for name, feed in state(address, "feed").items():
                    if feed.get("period_s") and feed.get("last_good_at"):
                        age = (time.time() - feed["last_good_at"]) / feed["period_s"]
                        late[name] = max(late.get(name, 0.0), age)
            took, cpu = time.monotonic() - began, processes()[pid][2] - used
            after, seen = state(address, "feed"), state(address, "camera")
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(PATIENCE_S)
            outside.kill()
    events = sum(
        feed.get("events", 0) - before.get(name, {}).get("events", 0) for name, feed in after.items()
    )
    states = [camera["state"] for camera in seen.values()]
    worst = max(late, key=lambda name: late[name])
    print(
        f"{options.feeds} feeds, {options.cameras} cameras, {options.words} words/s, {took:.0f} s, "
        f"load {os.getloadavg()[0]:.1f}\n"
        f"  feeds' process: {cpu / took:.2f} cores (target {MOST_CORES}); "
        f"{events / took:.0f} events/s to the engine\n"
        f"  the oldest good document: {late[worst]:.2f} periods ({worst})\n"
        f"  cameras: {', '.join(f'{states.count(one)} {one}' for one in sorted(set(states)))}; "
        f"{sum(bool(camera.get('seen')) for camera in seen.values())} see somebody\n"
        f"  feeds that are not ok: {[name for name, feed in after.items() if feed['state'] != 'ok']}"
    )
    return cpu / took <= MOST_CORES and late[worst] <= MOST_PERIODS


def main() -> int:
    """Measure; 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python3 -m loadtests.feeds", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--words", type=int, default=10_000)
    parser.add_argument("--cameras", type=int, default=269)
    parser.add_argument("--feeds", type=int, default=50)
    return 0 if measure(parser.parse_args()) else 1


if __name__ == "__main__":
    sys.exit(main())
