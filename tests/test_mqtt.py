"""feeds/mqtt/mapped.py: any publisher by a mapping; what the topic says, what is retained, what is empty."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feeds.base import Context, Parsed
from feeds.mqtt import ADAPTER, session
from feeds.mqtt.broker import Message
from feeds.mqtt.mapped import Listener, MqttOptions, parse
from feeds.options import BadOptions
from feeds.registry import feed_options
from feeds.running.intake import FeedSpec
from tests.faulty import wait_until
from tests.mqtt_broker import MqttBroker
from tests.test_feeds_supervisor import Store, running
from wallboard.events import CallEvent, GaugeRead, Gone, IncidentReported

NOW = 1_790_000_000.0
CONTEXT = Context(feed="air", now=NOW, zone=ZoneInfo("Asia/Jakarta"))
TOPICS = {"topics": ["air/{river}/{id}/tma"]}


def options(**more: Any) -> MqttOptions:
    made = feed_options("mqtt", TOPICS | more)
    assert isinstance(made, MqttOptions)
    return made


def heard(*messages: Message, **more: Any) -> Parsed:
    parsed = Parsed()
    listener = Listener(options(**more))
    for message in messages:
        listener.take(message, CONTEXT, parsed)
    return parsed


def one(*messages: Message, **more: Any) -> Any:
    parsed = heard(*messages, **more)
    assert not parsed.faults
    (event,) = parsed.events
    return event


@pytest.mark.parametrize("payload", [b"142.5", b' "142,5" ', b"142,5 cm\n"])
def test_a_bare_value_with_what_its_topic_says_is_a_reading(payload: bytes) -> None:
    event = one(
        Message("air/ciliwung/hulu/tma", payload), mapping={"decimal": ","} if b"," in payload else {}
    )
    assert event == GaugeRead(
        feed="air", source_id="hulu", received_at=NOW, name="hulu", value=142.5, river="ciliwung"
    )


def test_a_json_message_by_a_mapping_and_the_topic_goes_before_it() -> None:
    body = {"d": {"lvl": 1.42, "t": NOW - 60}, "id": "serial-9"}
    mapping = {"fields": {"value": "d.lvl", "observed": "d.t"}, "constants": {"unit": "m"}}
    event = one(Message("air/x/hulu/tma", json.dumps(body).encode()), mapping=mapping)
    assert (event.source_id, event.value, event.unit, event.observed_at) == ("hulu", 1.42, "m", NOW - 60)


def test_several_records_in_one_message() -> None:
    body = b'[{"id": "a", "value": 1}, {"id": "b", "value": "?"}, {"id": "c", "value": 3}]'
    parsed = heard(Message("semua", body), topics=["semua"])
    assert [event.source_id for event in parsed.events] == ["a", "c"]
    assert [fault.where for fault in parsed.faults] == ["semua: record 1"]


def test_a_retained_reading_without_its_time_may_be_of_any_day() -> None:
    parsed = heard(
        Message("air/x/hulu/tma", b"142", retained=True),
        Message("air/x/hilir/tma", json.dumps({"value": 9, "observed": NOW - 5}).encode(), retained=True),
        Message("air/x/hulu/tma", b"143"),
    )
    assert [(event.source_id, getattr(event, "value", None)) for event in parsed.events] == [
        ("hilir", 9),
        ("hulu", 143),
    ]
    assert [fault.where for fault in parsed.faults] == ["air/x/hulu/tma"]


def test_a_retained_step_of_a_call_would_be_said_again_at_each_connection() -> None:
    step = {"id": "c1", "queue": "112", "phase": "join"}
    kept = [
        Message("pabx", json.dumps(each).encode(), retained=True)
        for each in (step, {**step, "observed": NOW - 5})
    ]
    parsed = heard(*kept, topics=["pabx"], kind="call")
    assert [event.observed_at for event in parsed.events] == [NOW - 5]
    assert [fault.where for fault in parsed.faults] == ["pabx"]


def test_an_emptied_topic_says_that_the_thing_has_gone() -> None:
    assert one(Message("air/x/hulu/tma", b"")) == Gone(
        feed="air", source_id="hulu", received_at=NOW, kind="gauge"
    )
    assert heard(Message("lain", b""), topics=["lain"]) == Parsed()
    assert heard(Message(f"air/x/{'h' * 5000}/tma", b"")) == Parsed()


def test_incidents_and_calls_come_by_mqtt_too() -> None:
    body = json.dumps({"judul": "Pohon tumbang 081234567890", "titik": "-6.2,106.8"}).encode()
    mapping = {"fields": {"title": "judul", "position": "titik"}, "order": "lat,lon"}
    event = one(Message("lapor/7", body), topics=["lapor/{id}"], kind="incident", mapping=mapping)
    assert isinstance(event, IncidentReported)
    assert (event.source_id, event.lon, event.lat) == ("7", 106.8, -6.2)
    assert "7890" not in event.title
    step = b'{"id": "c1", "queue": "112", "phase": "join", "caller": "081234567890"}'
    call = one(Message("pabx", step), topics=["pabx"], kind="call")
    assert isinstance(call, CallEvent)
    assert "4567" not in call.caller


@pytest.mark.parametrize("payload", [b"<html>", b'{"value": ', b"\xff\xfe\x00", b"macet", b"{" * 5000])
def test_what_cannot_be_read_is_a_fault_under_its_topic(payload: bytes) -> None:
    parsed = heard(Message("air/x/hulu/tma", payload), Message("air/x/hulu/tma", b"1"))
    assert len(parsed.events) == 1
    assert len(parsed.faults) == 1
    assert parsed.faults[0].where.startswith("air/x/hulu/tma")


def test_a_number_in_a_fault_is_masked() -> None:
    parsed = heard(Message("air/081234567890/hulu/tma", b"rusak, hubungi 081234567890"))
    assert parsed.faults
    assert "34567" not in repr(parsed.faults)


def test_a_capture_of_mosquitto_sub_is_read_with_its_topics() -> None:
    lines = [
        {"tst": "x", "topic": "air/x/hulu/tma", "qos": 0, "retain": 0, "payloadlen": 3, "payload": "142"},
        {"topic": "air/x/hilir/tma", "retain": 0, "payload": {"value": 7}},
        {"topic": "air/x/lama/tma", "retain": 1, "payload": "1"},
    ]
    text = "\n".join(json.dumps(line) for line in lines)
    parsed = parse(f"{text}\n{{broken\n".encode(), CONTEXT, options())
    assert [event.source_id for event in parsed.events] == ["hulu", "hilir"]
    assert [fault.where for fault in parsed.faults] == ["air/x/lama/tma", "line 4"]
    single = parse(json.dumps(lines[0], indent=1).encode(), CONTEXT, options())
    assert [event.source_id for event in single.events] == ["hulu"]


def test_a_document_without_topics_is_one_message() -> None:
    (event,) = parse(b'{"id": "a", "value": 3}', CONTEXT, options()).events
    assert event.source_id == "a"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"topics": []}, "between 1 and"),
        ({"topics": ["a/#/b"]}, "no topic filter"),
        ({"topics": ["a/{sungai}"]}, "no field of gauge"),
        ({"topics": ["a/{id}"], "kind": "event"}, "none for our own events"),
        ({"password": "env:X"}, "needs a user"),
        ({"qos": 2}, "qos"),
    ],
)
def test_options_that_could_not_work_are_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(BadOptions, match=words):
        options(**wrong)


async def test_it_goes_on_after_each_fault_of_the_broker_and_its_counts_are_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "ANSWER_S", 0.4)
    store = Store()
    async with MqttBroker(retained={"air/x/lama/tma": b"9"}) as broker:
        spec = FeedSpec(
            name="air", adapter=ADAPTER, options=options(), zone=CONTEXT.zone, url=broker.url, every=0.05
        )
        async with running(store, spec):
            for number, gauge in enumerate("abc", 1):
                await broker.subscribed(number)
                await wait_until(lambda: store.state("air") == "ok")
                await broker.publish(f"air/x/{gauge}/tma", b"rusak")
                await broker.publish(f"air/x/{gauge}/tma", b"1")
                await wait_until(lambda: len(store.events) == number)  # noqa: B023 - waited for in this turn
                broker.cut()
    assert [event.source_id for event in store.events] == ["a", "b", "c"]
    # A fault that comes again at each connection is kept once.
    assert sorted(fault.where for fault in store.buried)[-1] == "air/x/lama/tma"
    last = store.last("air")
    assert last is not None
    assert last.lost == 0
