"""feeds/sightings/: what cameras see, conflated, from Frigate over MQTT."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from feeds.base import Context, RecordFault
from feeds.registry import ADAPTERS, feed_options
from feeds.running.intake import FeedSpec
from feeds.sightings import conflate, keep
from feeds.sightings.conflate import MIN_GAP_S, PULSE_S, REPEAT_S, SILENT_S, Conflator
from feeds.sightings.frigate import FrigateOptions, parse
from tests.faulty import wait_until
from tests.mqtt_broker import MqttBroker
from tests.samples import samples
from tests.test_feeds_supervisor import Store, running
from wallboard.errors import BadDocument
from wallboard.events import CameraSeen

NOW = 1_790_000_000.0
ZONE = ZoneInfo("Asia/Jakarta")
CONTEXT = Context("frigate", NOW, ZONE)
A, B = "cctv/a", "cctv/b"


def said(conflator: Conflator, at: float) -> list[tuple[str, str]]:
    return [(event.source_id, event.what) for event in conflator.due(NOW + at)]


@pytest.fixture
def sights() -> Conflator:
    return Conflator("frigate")


# -- conflation --------------------------------------------------------------------------------------


def test_what_begins_is_said_at_once_and_once(sights: Conflator) -> None:
    for at in range(100):
        sights.begin(A, "1", "person", NOW - 5, NOW + at / 100)
        sights.begin(A, "2", "motion", NOW - 9, NOW + at / 100)
    (event,) = sights.due(NOW + 1)
    assert event == CameraSeen(feed="frigate", source_id=A, received_at=NOW + 1, what="person", since=NOW - 5)
    assert said(sights, 1.5) == []


def test_the_gravest_is_named_and_the_end_of_it_brings_the_next(sights: Conflator) -> None:
    sights.begin(A, "1", "vehicle", NOW, NOW)
    assert said(sights, 0) == [(A, "vehicle")]
    sights.begin(A, "2", "intrusion", NOW + 2, NOW + 2)
    assert said(sights, 2) == [(A, "intrusion")]
    sights.end(A, "2")
    assert said(sights, 4) == [(A, "vehicle")]
    sights.end(A, "1")
    assert said(sights, 6) == [(A, "")]
    assert said(sights, 60) == []


def test_a_word_changes_at_most_once_a_second_and_the_last_one_is_not_lost(sights: Conflator) -> None:
    sights.begin(A, "1", "person", NOW, NOW)
    assert said(sights, 0) == [(A, "person")]
    sights.end(A, "1")
    assert said(sights, MIN_GAP_S / 2) == []
    sights.begin(A, "2", "person", NOW, NOW + 0.6)
    assert said(sights, MIN_GAP_S) == [], "it went out and in"
    sights.end(A, "2")
    assert said(sights, MIN_GAP_S + 0.1) == [(A, "")]


def test_what_lasts_is_repeated_and_what_is_never_ended_ends(sights: Conflator) -> None:
    sights.begin(A, "1", "person", NOW, NOW)
    found = [at for at in range(int(SILENT_S) + 60) for _ in said(sights, at)]
    repeats = list(range(0, int(SILENT_S), int(REPEAT_S)))
    assert found == [*repeats, int(SILENT_S)]


def test_a_pulse_lasts_long_enough_to_be_read(sights: Conflator) -> None:
    sights.pulse(A, "line", "crossing", NOW)
    assert said(sights, 0) == [(A, "crossing")]
    sights.pulse(A, "line", "crossing", NOW + 5)
    assert said(sights, PULSE_S + 4) == []
    assert said(sights, PULSE_S + 5) == [(A, "")]


def test_a_source_that_is_away_sees_nothing(sights: Conflator) -> None:
    sights.begin(A, "1", "person", NOW, NOW)
    sights.begin(B, "2", "animal", NOW, NOW)
    assert said(sights, 0) == [(A, "person"), (B, "animal")]
    sights.end_all()
    assert said(sights, 0.1) == [(A, ""), (B, "")]


def test_nothing_grows_without_bound(sights: Conflator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conflate, "MOST_CAMERAS", 3)
    monkeypatch.setattr(conflate, "MOST_THINGS", 2)
    for number in range(10):
        sights.begin(f"cctv/{number}", "1", "person", NOW, NOW)
        sights.begin(A, str(number), "person", NOW, NOW)
    assert len(said(sights, 0)) == 3
    # And what has ended leaves.
    sights.end_all()
    said(sights, 2)
    sights.begin("cctv/new", "1", "person", NOW, NOW + 3)
    assert said(sights, 3) == [("cctv/new", "person")]


# -- Frigate -----------------------------------------------------------------------------------------


def options(**given: Any) -> FrigateOptions:
    return msgspec.convert({"camera_list": "cctv"} | given, FrigateOptions)


def thing(id: str = "1.5-abc", kind: str = "new", **after: Any) -> dict[str, Any]:
    known = {
        "id": id, "camera": "simpang", "label": "person", "start_time": NOW - 10, "end_time": None,
        "false_positive": False, "stationary": False, "current_zones": ["jalan"],
    }  # fmt: skip
    return {"type": kind, "before": {**known}, "after": {**known, **after}}


def seen(*events: Any, **given: Any) -> tuple[list[tuple[str, str]], list[RecordFault]]:
    parsed = parse(msgspec.json.encode(list(events)), CONTEXT, options(**given))
    sights = [event for event in parsed.events if isinstance(event, CameraSeen)]
    return [(event.source_id, event.what) for event in sights], parsed.faults


def test_an_object_that_is_new() -> None:
    parsed = parse(msgspec.json.encode(thing()), CONTEXT, options())
    assert parsed.events == [
        CameraSeen(feed="frigate", source_id="cctv/simpang", received_at=NOW, what="person", since=NOW - 10)
    ]


def test_the_documented_event() -> None:
    body = samples("cctv/frigate_events_update.json").read_bytes()
    (event,) = parse(body, CONTEXT, options(cameras={"front_door": "gerbang"})).events
    assert isinstance(event, CameraSeen)
    assert (event.source_id, event.what) == ("cctv/gerbang", "person")


@pytest.mark.parametrize(
    ("label", "word"),
    [
        ("car", "vehicle"),
        ("Motorcycle", "vehicle"),
        ("dog", "animal"),
        ("umbrella", "object"),
        (None, "object"),
    ],
)
def test_labels(label: Any, word: str) -> None:
    assert seen(thing(label=label))[0] == [("cctv/simpang", word)]


@pytest.mark.parametrize(
    "last",
    [
        thing(kind="end", end_time=NOW),
        thing(kind="end"),
        {**thing(kind="end"), "after": None},
        thing(kind="update", false_positive=True),
        thing(kind="update", stationary=True),
        thing(kind="update", end_time=NOW),
    ],
)
def test_what_is_over_false_or_parked_is_not_seen(last: Any) -> None:
    assert seen(thing(), last) == ([], [])


def test_only_the_wanted_words_and_zones() -> None:
    assert seen(thing(), thing("2", label="car"), what=["vehicle"])[0] == [("cctv/simpang", "vehicle")]
    assert seen(thing(), zones=["halaman"])[0] == []
    assert seen(thing(current_zones=["jalan", "halaman"]), zones=["halaman"])[0] == [
        ("cctv/simpang", "person")
    ]


def test_a_name_found_by_a_face_and_a_picture_go_nowhere() -> None:
    named = [thing(sub_label=["Budi", 0.9], thumbnail="gambar"), {"after": {"sub_label": "Budi"}}]
    parsed = parse(msgspec.json.encode(named), CONTEXT, options())
    assert len(parsed.faults) == 1
    assert "Budi" not in repr(parsed)
    assert "gambar" not in repr(parsed)


def test_before_may_be_null_and_a_clock_may_be_wrong() -> None:
    (event,) = parse(
        msgspec.json.encode({**thing(start_time=5.0), "before": None}), CONTEXT, options()
    ).events
    assert isinstance(event, CameraSeen)
    assert event.since == NOW


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (7, "an event is an object"),
        ({"type": "genai"}, "no event of Frigate"),
        ({"type": "new", "after": None, "before": None}, "no event of Frigate"),
        (thing(id=""), "id: is missing"),
        (thing(id="x" * 100), "id: is missing or too long"),
        (thing(camera=None), "camera: is missing"),
        (thing(camera="x" * 200), "camera: is missing or too long"),
    ],
)
def test_a_bad_event_is_a_fault(event: Any, why: str) -> None:
    assert why in seen(event)[1][0].why


def test_a_beginning_without_end_of_digits_is_now() -> None:
    thing = {"id": "1.1", "camera": "a", "label": "person", "start_time": 10**400}
    body = json.dumps({"type": "new", "after": thing}).encode()
    (event,) = parse(body, CONTEXT, FrigateOptions(camera_list="cctv")).events
    assert isinstance(event, CameraSeen)
    assert event.since == NOW


def test_one_event_a_line_and_no_event_at_all() -> None:
    body = msgspec.json.encode(thing()) + b"\n{rusak\n" + msgspec.json.encode(thing("2", camera="pasar"))
    parsed = parse(body, CONTEXT, options())
    assert [event.source_id for event in parsed.events] == ["cctv/simpang", "cctv/pasar"]
    assert [fault.where for fault in parsed.faults] == ["line 2"]
    with pytest.raises(BadDocument):
        parse(b"<html></html>", CONTEXT, options())


@pytest.mark.parametrize(
    "given",
    [
        {"camera_list": ""},
        {"camera_list": "a/b"},
        {"what": [""]},
        {"what": ["orang"]},
        {"prefix": "a/#"},
        {"password": "env:X"},
    ],
)
def test_wrong_options(given: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        options(**given)


# -- over a broker -----------------------------------------------------------------------------------


def spec(url: str) -> FeedSpec:
    given = feed_options("frigate", {"camera_list": "cctv"})
    return FeedSpec(
        name="frigate", adapter=ADAPTERS["frigate"], options=given, zone=ZONE, url=url, every=0.05
    )


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep, "LOOK_S", 0.02)
    monkeypatch.setattr(conflate, "MIN_GAP_S", 0.05)


def words(store: Store) -> list[tuple[str, str]]:
    return [(event.source_id, event.what) for event in store.events if isinstance(event, CameraSeen)]


@pytest.mark.usefixtures("quick")
async def test_events_of_a_broker_are_conflated_and_its_loss_ends_what_is_seen() -> None:
    store = Store()
    async with MqttBroker() as broker, running(store, spec(broker.url)):
        await broker.subscribed(1)
        for _ in range(100):
            await broker.publish("frigate/events", msgspec.json.encode(thing(kind="update", start_time=None)))
        await broker.publish("frigate/events", b"{rusak")
        await wait_until(lambda: words(store) == [("cctv/simpang", "person")])
        await wait_until(lambda: len(store.buried) == 1)
        broker.cut()
        await wait_until(lambda: words(store)[1:2] == [("cctv/simpang", "")])
        await wait_until(lambda: broker.subscriptions >= 2)
        await wait_until(lambda: store.state("frigate") == "ok")
        await broker.publish("frigate/events", msgspec.json.encode(thing("2", start_time=None)))
        await wait_until(lambda: words(store)[2:] == [("cctv/simpang", "person")])
        await broker.publish("frigate/events", msgspec.json.encode(thing("2", kind="end")))
        await wait_until(lambda: words(store)[3:] == [("cctv/simpang", "")])


@pytest.mark.usefixtures("quick")
async def test_a_recorder_that_is_offline_says_so_and_retained_events_are_old() -> None:
    store = Store()
    event = msgspec.json.encode(thing(start_time=None))
    retained = {"frigate/available": b"offline", "frigate/events": event}
    async with MqttBroker(retained=retained) as broker, running(store, spec(broker.url)):
        await wait_until(lambda: store.state("frigate") == "failing")
        last = store.last("frigate")
        assert last is not None
        assert "offline" in last.reason
        await broker.publish("frigate/available", b"online")
        await wait_until(lambda: store.state("frigate") == "ok")
        assert words(store) == []
        await broker.publish("frigate/events", event)
        await wait_until(lambda: words(store) == [("cctv/simpang", "person")])
        await broker.publish("frigate/available", b"offline")
        await wait_until(lambda: words(store)[1:] == [("cctv/simpang", "")])
