"""The tiny city of tests/worlds.py as files on disk, and a client that signs its webhooks."""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from feeds.webhook.signatures import sign, signing_key
from tests.running import WAIT_S, Server
from tests.worlds import districts_geojson

SECRET = "whsec_" + base64.b64encode(b"a key of these tests, 32 bytes !").decode()
ENV = {"TEST_WEBHOOK_KEY": SECRET}

CITY = """
[city]
name = "Kota Contoh"
key = "contoh"
time_zone = "Asia/Jakarta"

[boundaries]
file = "districts.geojson"
source = "tests"
version = "1"
levels = [
  { code = "code_kec", name = "name_kec", label = "Kecamatan" },
  { code = "code_kel", name = "name_kel", label = "Kelurahan" },
]

[[category]]
code = "banjir"
name = { id = "Banjir", en = "Flood" }
severity = "severe"
match = ["flood"]

[[feed]]
name = "push"
type = "webhook"
title = "Dorongan"
[feed.options]
keys = ["env:TEST_WEBHOOK_KEY"]
kind = "event"
"""


def write_city(folder: Path, more: str = "") -> Path:
    """Write city.toml and its boundaries; `more` is added to the file. The path of city.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "districts.geojson").write_text(json.dumps(districts_geojson()))
    path = folder / "city.toml"
    path.write_text(CITY + more)
    return path


def push(server: Server, message_id: str, events: list[dict[str, Any]], feed: str = "push") -> int:
    """Send one signed message; the status of the answer, 0 where there was none."""
    body = json.dumps({"events": events}).encode()
    stamp = int(time.time())
    request = urllib.request.Request(
        f"http://{server.address}/api/v1/ingest/{feed}",
        body,
        {
            "webhook-id": message_id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign(message_id, stamp, body, signing_key(SECRET)),
            "content-type": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def incident(id: str, lon: float = 110.01, lat: float = -5.01, **fields: Any) -> dict[str, Any]:
    """An incident as an integrator would send it; by default in Muara Lama."""
    return {"type": "incident", "source_id": id, "title": f"Laporan {id}", "lon": lon, "lat": lat, **fields}
