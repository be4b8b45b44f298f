"""feeds/sensorthings.py: datastreams as readings, page by page, as servers of the standard write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest

from feeds import sensorthings
from feeds.base import Context, Parsed
from feeds.registry import feed_options
from feeds.running.intake import FeedSpec
from feeds.sensorthings import ADAPTER, SensorThingsOptions, parse
from tests import faulty
from tests.faulty import FaultyHttp, wait_until
from tests.test_feeds_supervisor import Store, running
from wallboard.errors import BadDocument
from wallboard.events import GaugeRead

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC).timestamp()
CONTEXT = Context(feed="sta", now=NOW, zone=ZoneInfo("Asia/Makassar"))


def stream(id: Any = 7, **changes: Any) -> dict[str, Any]:
    return {
        "@iot.id": id,
        "name": "Tinggi muka air",
        "unitOfMeasurement": {"name": "centimetre", "symbol": "cm", "definition": "ucum:cm"},
        "Thing": {
            "name": "Pos Hulu",
            "Locations": [{"location": {"type": "Point", "coordinates": [106.81, -6.41]}}],
        },
        "Observations": [{"phenomenonTime": "2026-11-22T01:55:00.000Z", "result": 182.4}],
        **changes,
    }


def read(*streams: Any, **options: Any) -> Parsed:
    made = feed_options("sensorthings", options)
    return parse(json.dumps({"value": streams}).encode(), CONTEXT, made)


def one(*streams: Any, **options: Any) -> GaugeRead:
    parsed = read(*streams, **options)
    assert not parsed.faults
    (event,) = parsed.events
    assert isinstance(event, GaugeRead)
    return event


def test_a_datastream_is_a_reading_with_the_name_and_place_of_its_thing() -> None:
    assert one(stream()) == GaugeRead(
        feed="sta", source_id="7", received_at=NOW, observed_at=NOW - 300, name="Pos Hulu", value=182.4,
        unit="cm", lon=106.81, lat=-6.41,
    )  # fmt: skip


def test_ids_are_numbers_or_texts_and_the_name_may_be_the_datastreams() -> None:
    assert one(stream(id="saved-9")).source_id == "saved-9"
    assert one(stream(), name="datastream").name == "Tinggi muka air"
    assert one(stream(Thing=None)).name == "Tinggi muka air"


def test_of_an_interval_the_end_counts() -> None:
    seen = [{"phenomenonTime": "2026-11-22T01:40:00Z/2026-11-22T01:50:00Z", "result": 1}]
    assert one(stream(Observations=seen)).observed_at == NOW - 600


def test_what_was_never_observed_is_not_there_yet_and_is_no_fault() -> None:
    assert read(stream(Observations=[])) == Parsed()


@pytest.mark.parametrize("result", [None, "null", -9999])
def test_no_result_is_unknown_and_not_zero(result: Any) -> None:
    seen = [{"phenomenonTime": "2026-11-22T01:55:00Z", "result": result}]
    assert one(stream(Observations=seen), empty=[-9999]).value is None


@pytest.mark.parametrize("result", ["182.4", "182.4 cm"])
def test_a_result_may_be_a_text(result: str) -> None:
    seen = [{"phenomenonTime": "2026-11-22T01:55:00Z", "result": result}]
    assert one(stream(Observations=seen)).value == 182.4


@pytest.mark.parametrize(
    "location",
    [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [106.81, -6.41]}, "properties": {}},
        {"type": "Polygon", "coordinates": [[[106.8, -6.4], [106.82, -6.4], [106.82, -6.42], [106.8, -6.4]]]},
    ],
)
def test_a_place_is_a_geometry_or_a_feature(location: Any) -> None:
    event = one(stream(Thing={"name": "x", "Locations": [{"location": location}]}))
    assert 106.8 <= (event.lon or 0) <= 106.82
    assert not event.flags


@pytest.mark.parametrize("location", ["-6.41,106.81", None, {"type": "Point"}, {"type": "Feature"}])
def test_a_place_that_cannot_be_read_is_marked_and_the_reading_stays(location: Any) -> None:
    event = one(stream(Thing={"name": "x", "Locations": [{"location": location}]}))
    assert (event.lon, event.value, event.flags) == (None, 182.4, ("bad_coordinates",))


@pytest.mark.parametrize(
    "bad",
    [
        "text", None, stream(Observations=None), stream(id=None),
        stream(Observations=[{"result": 5}]), stream(Observations=[{"phenomenonTime": "x", "result": 5}]),
        stream(Observations=[{"phenomenonTime": "2026-11-22T01:55:00Z", "result": {"tma": 1}}]),
        stream(Observations=[{"phenomenonTime": "2026-11-22T01:55:00Z", "result": True}]),
    ],
)  # fmt: skip
def test_one_bad_datastream_does_not_spoil_the_others(bad: Any) -> None:
    parsed = read(bad, stream(id=8))
    assert [event.source_id for event in parsed.events] == ["8"]
    assert [fault.where for fault in parsed.faults] == ["datastream 0"]


def test_a_link_that_cannot_be_read_is_said() -> None:
    with pytest.raises(BadDocument, match="next page"):
        sensorthings._page(b'{"value": [], "@iot.nextLink": "http://["}', CONTEXT, SensorThingsOptions())


def test_an_old_sensor_is_left_out_where_the_city_says_so() -> None:
    assert read(stream(), max_age="4min").events == []
    assert len(read(stream(), max_age="6min").events) == 1


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"code": 404, "message": "Nothing found."}', b"<html>", b""]
)
def test_what_is_no_sensorthings_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument):
        parse(body, CONTEXT, SensorThingsOptions())


def spec(url: str, **options: Any) -> FeedSpec:
    return FeedSpec(
        name="sta",
        adapter=ADAPTER,
        options=feed_options("sensorthings", options),
        zone=CONTEXT.zone,
        url=url,
        every=0.05,
    )


async def test_it_asks_for_the_newest_alone_and_follows_pages_though_the_server_names_itself_wrongly() -> (
    None
):
    store = Store()
    async with FaultyHttp() as server:
        link = "http://localhost:8080/FROST-Server/v1.1/Datastreams?$skip=1&$top=1"
        first = {"value": [stream(1)], "@iot.nextLink": link}
        pages: dict[str, dict[str, Any]] = {"": first, "1": {"value": [stream(2)]}}

        async def behave(request: faulty.Request, writer: Any) -> None:
            page = pages[parse_qs(request.query).get("$skip", [""])[0]]
            await faulty.ok(json.dumps(page).encode())(request, writer)

        server.script("/v1.1/Datastreams", behave)
        async with running(
            store, spec(server.url("/v1.1/"), filter="ObservedProperty/name eq 'Air & tanah'")
        ):
            await wait_until(lambda: [event.source_id for event in store.events] == ["1", "2"])
            # The first page does not change; the second one does, and is still found.
            pages["1"]["value"] = [stream(3)]
            await wait_until(lambda: [event.source_id for event in store.events] == ["1", "2", "3"])
            assert store.state("sta") == "ok"
        asked = parse_qs(server.requests[0].query)
    assert asked["$filter"] == ["ObservedProperty/name eq 'Air & tanah'"]
    assert asked["$expand"] == ["Thing($expand=Locations),Observations($orderby=phenomenonTime desc;$top=1)"]


async def test_pages_in_a_circle_are_a_failure() -> None:
    store = Store()
    async with FaultyHttp() as server:
        page = {"value": [stream(1)], "@iot.nextLink": server.url("/Datastreams?$skip=1")}
        server.script("/Datastreams", faulty.ok(json.dumps(page).encode()))
        async with running(store, spec(server.url("/Datastreams"))):
            await wait_until(lambda: store.state("sta") == "failing")
    assert "have no end: 2 were read" in store.health[0].reason
