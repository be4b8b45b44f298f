"""Every adapter that asks by HTTP, against a source that fails in every way: it recovers, and counts right.

What keeps connections (AMI) and checks streams (cameras) has faulting servers of its own beside this.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feeds.registry import ADAPTERS, feed_options
from feeds.running.intake import FeedSpec
from tests import faulty
from tests.faulty import FaultyHttp, wait_until
from tests.test_feeds_supervisor import Store, running
from wallboard.events import Gone, Present

ZONE = ZoneInfo("Asia/Jakarta")

Document = Callable[[int], bytes]


def geojson(number: int) -> bytes:
    features = [
        {
            "type": "Feature",
            "id": f"r{index}",
            "properties": {"id": f"r{index}", "title": f"Laporan {index}", "name": f"Kamera {index}"},
            "geometry": {"type": "Point", "coordinates": [110.01, -5.01]},
        }
        for index in range(number)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def requests(number: int) -> bytes:
    listed = [
        {
            "service_request_id": f"r{index}",
            "status": "open",
            "service_code": "7",
            "requested_datetime": "2026-11-22T08:00:00+07:00",
            "updated_datetime": f"2026-11-22T08:{index:02}:00+07:00",
        }
        for index in range(number)
    ]
    return json.dumps(listed).encode()


def alert(number: int) -> str:
    return f"""<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
<identifier>2.49.0.1.360.0.2026.11.22.01.99.{number:03}</identifier><sender>uji@contoh.example</sender>
<sent>2026-11-22T08:{number:02}:00+07:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>
<info><language>id</language><category>Met</category><event>Hujan</event><urgency>Immediate</urgency>
<severity>Moderate</severity><certainty>Observed</certainty><expires>2036-11-22T12:00:00+07:00</expires>
<headline>Hujan {number}</headline><area><areaDesc>Pesisir</areaDesc></area></info></alert>"""


def envelope(number: int) -> bytes:
    """EDXL-DE with so many alerts."""
    content = "".join(
        f"<contentObject><xmlContent><embeddedXMLContent>{alert(index)}</embeddedXMLContent></xmlContent>"
        "</contentObject>"
        for index in range(number)
    )
    kind = "urn:oasis:names:tc:emergency:EDXL:DE:1.0"
    return f'<EDXLDistribution xmlns="{kind}">{content}</EDXLDistribution>'.encode()


def quakes(number: int) -> bytes:
    listed = [
        {
            "DateTime": f"2026-11-22T0{index}:00:00+00:00",
            "Coordinates": f"-{index + 1}.00,110.00",
            "Magnitude": "4.5",
            "Kedalaman": "10 km",
            "Wilayah": "di laut",
            "Dirasakan": "II Contoh",
        }
        for index in range(number)
    ]
    return json.dumps({"Infogempa": {"gempa": listed}}).encode()


def prices(number: int) -> bytes:
    rows = "".join(f"Pasar {index},Beras,13500,2026-11-22\n" for index in range(number))
    return f"market,commodity,price,date\n{rows}".encode()


def gauges(number: int) -> bytes:
    rows = "".join(
        f"g{index},Pintu {index},{100 + index},2026-11-22T08:00:00+07:00\n" for index in range(number)
    )
    return f"id,name,value,observed\n{rows}".encode()


def csv_reports(number: int) -> bytes:
    rows = "".join(f"r{index},Laporan {index},110.01,-5.01\n" for index in range(number))
    return f"id,title,lon,lat\n{rows}".encode()


def zones(number: int) -> bytes:
    ring = [[110.01, -5.01], [110.02, -5.01], [110.02, -5.02], [110.01, -5.01]]
    features = [
        {
            "type": "Feature",
            "properties": {"id": f"z{index}", "value": 1_000_000, "as_of": "2025"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for index in range(number)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def tsunamis(number: int) -> bytes:
    infos = "".join(
        f"<info><eventid>{index}</eventid><subject>Warning Tsunami PD-1</subject>"
        f"<date>{index + 1:02}-11-26</date>"
        f"<time>08:00:00 WIB</time><timesent>{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}</timesent>"
        "<wzarea><district>CONTOH</district><level>SIAGA</level></wzarea></info>"
        for index in range(number)
    )
    return f"<alert><status>Actual</status>{infos}</alert>".encode()


def rain(number: int) -> bytes:
    begins = [time.time() + (index + 1) * 3600.0 for index in range(number)]
    steps = [
        {"utc_datetime": time.strftime("%Y-%m-%d %H:%M:00", time.gmtime(at)), "weather": 63} for at in begins
    ]
    where = {"adm4": "99.01.01.1001", "deskel": "Contoh", "timezone": "+0700"}
    return json.dumps({"lokasi": where, "cuaca": [steps]}).encode()


def disasters(number: int) -> bytes:
    items = "".join(
        f"<item><iscurrent>true</iscurrent><eventtype>FL</eventtype><eventid>{index}</eventid><iso3>IDN</iso3>"
        "<alertlevel>Red</alertlevel><pubDate>Sun, 22 Nov 2026 01:00:00 GMT</pubDate></item>"
        for index in range(number)
    )
    return f"<rss><channel>{items}</channel></rss>".encode()


def floods(number: int) -> bytes:
    ring = [[110.01, -5.01], [110.02, -5.01], [110.02, -5.02], [110.01, -5.01]]
    features = [
        {
            "type": "Feature",
            "properties": {
                "area_id": str(index),
                "area_name": "RW 01",
                "parent_name": f"DESA {index}",
                "city_name": "Contoh",
                "state": 3,
                "last_updated": "2026-11-22T01:00:00.000Z",
            },
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for index in range(number)
    ]
    return json.dumps(
        {"statusCode": 200, "result": {"type": "FeatureCollection", "features": features}}
    ).encode()


def work_zones(number: int) -> bytes:
    listed = [
        {"type": "Feature", "id": f"r{index}", "properties": {"core_details": {"event_type": "work-zone"}}}
        for index in range(number)
    ]
    return json.dumps({"type": "FeatureCollection", "feed_info": {}, "features": listed}).encode()


def eidos(number: int) -> bytes:
    listed = [{"$id": f"r{index}", "eidoVersion": "1.0"} for index in range(number)]
    return json.dumps(listed).encode()


def datastreams(number: int) -> bytes:
    seen = [{"phenomenonTime": "2026-11-22T01:00:00Z", "result": 7}]
    listed = [
        {"@iot.id": f"r{index}", "name": f"Pos {index}", "Observations": seen} for index in range(number)
    ]
    return json.dumps({"value": listed}).encode()


def jams(number: int) -> bytes:
    alerts = [
        {"uuid": f"r{index}", "type": "ACCIDENT", "location": {"x": 110.01, "y": -5.01}}
        for index in range(number)
    ]
    return json.dumps({"alerts": alerts}).encode()


@dataclass(frozen=True)
class Case:
    """An adapter, a document of so many records, and where it lies."""

    type: str
    document: Document
    path: str = "/doc"
    #: appended to the feed's address, where the adapter adds a path of its own
    url: str = "/doc"
    options: dict[str, Any] = field(default_factory=dict)
    #: half of a table is a shorter table: nothing tells that it was longer
    table: bool = False


CASES = [
    Case("geojson", geojson, options={"mapping": {"fields": {"id": "id", "title": "properties.title"}}}),
    Case("landvalues", zones),
    Case("open311", requests, path="/requests.json", url="", options={"look_back": "90d"}),
    Case("cap", envelope),
    Case("bmkg_tsunami", tsunamis),
    Case(
        "bmkg_forecast",
        rain,
        options={"codes": ["99.01.01.1001"], "horizon": "90d"},
    ),
    Case("gdacs", disasters),
    Case("petabencana", floods, options={"list": "floods"}),
    Case("bmkg_quake", quakes),
    Case("sensorthings", datastreams, path="/Datastreams", url=""),
    Case("waze", jams),
    Case("eido", eidos),
    Case("wzdx", work_zones),
    Case(
        "prices",
        prices,
        table=True,
        options={
            "mapping": {
                "fields": {"market": "market", "commodity": "commodity", "price": "price", "survey": "date"}
            }
        },
    ),
    Case(
        "gauges",
        gauges,
        table=True,
        options={
            "mapping": {"fields": {"id": "id", "name": "name", "value": "value", "observed": "observed"}}
        },
    ),
    Case(
        "reports",
        csv_reports,
        table=True,
        options={"mapping": {"fields": {"id": "id", "title": "title", "lon": "lon", "lat": "lat"}}},
    ),
    Case(
        "cameras",
        geojson,
        options={"probe": False},
    ),
]

FAULTS: dict[str, Callable[[bytes], faulty.Behaviour]] = {
    "cut in mid-body": lambda body: faulty.cut(body, len(body) // 2),
    "silent for ever": lambda body: faulty.silent(),
    "slow drip": faulty.drip,
    "redirected to a private address": lambda body: faulty.redirect("http://127.0.0.1:1/"),
    "a web page": lambda body: faulty.html(),
    "truncated": lambda body: faulty.ok(body[: len(body) // 2]),
    "gone": lambda body: faulty.status("404 Not Found"),
}


def records(store: Store) -> set[str]:
    """What arrived, each thing once."""
    return {event.source_id for event in store.events if not isinstance(event, Gone | Present)}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("case", CASES, ids=[case.type for case in CASES])
async def test_it_recovers_from_each_fault_and_its_counts_are_right(case: Case) -> None:
    store = Store()
    number = 2
    async with FaultyHttp() as server:
        server.script(case.path, faulty.ok(case.document(number)))
        spec = FeedSpec(
            name="one",
            adapter=ADAPTERS[case.type],
            options=feed_options(case.type, case.options),
            zone=ZONE,
            url=server.url(case.url),
            every=0.05,
        )
        async with running(store, spec):
            await wait_until(lambda: len(records(store)) == number)
            for name, fault in FAULTS.items():
                if name == "truncated" and case.table:
                    continue
                server.script(case.path, fault(case.document(number)))
                await wait_until(lambda: store.state("one") == "failing")
                last = store.last("one")
                assert last is not None
                assert last.reason, name
                assert len(records(store)) == number, f"{name} brought something"
                number += 1
                server.script(case.path, faulty.ok(case.document(number)))
                await wait_until(lambda: store.state("one") == "ok")
                await wait_until(lambda: len(records(store)) == number)  # noqa: B023 - waited for in this turn
    last = store.last("one")
    assert last is not None
    assert last.lost == 0


def test_every_adapter_that_asks_by_http_is_here() -> None:
    asking = {name for name, adapter in ADAPTERS.items() if "http" in adapter.schemes}
    # BMKG's nowcast is CAP behind an index; tests/test_bmkg_nowcast.py serves both on real sockets.
    # Hikvision and streams keep their answer open: tests/test_hikvision.py and test_stream.py serve theirs.
    assert asking - {case.type for case in CASES} == {"bmkg_nowcast", "hikvision", "stream"}
