"""feeds/mqtt/session.py and topics.py: a subscription on a real socket, through the feed's supervisor."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feeds.base import Adapter, Context, Intake, Parsed
from feeds.mqtt import session
from feeds.mqtt.session import BrokerOptions, Message, follow
from feeds.mqtt.topics import Pattern, wrong_filter
from feeds.running.intake import FeedSpec
from tests.certificates import make_certificates
from tests.faulty import wait_until
from tests.mqtt_broker import MqttBroker
from tests.test_feeds_supervisor import Store, running
from wallboard.events import GaugeRead

FILTERS = ("air/+/tma", "hujan/#")


def parse(payload: bytes, context: Context, options: Any) -> Parsed:
    raise AssertionError("a connection's messages are taken by run")


async def run(intake: Intake, options: BrokerOptions) -> None:
    async def take(messages: list[Message]) -> None:
        now = intake.now()
        events = [
            GaugeRead(feed=intake.name, source_id=each.topic, received_at=now, name=str(each.retained),
                      value=float(len(each.payload)))
            for each in messages
        ]  # fmt: skip
        await intake.give(Parsed([*events]))

    await follow(intake, options, FILTERS, take)


def spec(url: str, **options: Any) -> FeedSpec:
    adapter = Adapter(
        type="t", options=BrokerOptions, parse=parse, kinds=("gauge",), run=run, schemes=session.SCHEMES
    )
    return FeedSpec(
        name="one",
        adapter=adapter,
        options=BrokerOptions(**options),
        zone=ZoneInfo("Asia/Jakarta"),
        url=url,
        every=0.05,
    )


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MQTT_PASSWORD", "rahasia")
    monkeypatch.setattr(session, "ANSWER_S", 0.4)
    monkeypatch.setattr(session, "KEEPALIVE_S", 1)


def topics(store: Store) -> list[str]:
    return [event.source_id for event in store.events]


async def test_what_is_published_comes_in_order_and_is_confirmed() -> None:
    store = Store()
    async with MqttBroker() as broker, running(store, spec(broker.url)):
        await broker.subscribed(1)
        wanted = [f"air/{index}/tma" for index in range(200)]
        for topic in wanted:
            await broker.publish(topic, "1")
        await broker.publish("lain/1", "1")
        await wait_until(lambda: topics(store) == wanted)
        await wait_until(lambda: len(broker.acknowledged) == len(wanted))
    assert store.state("one") in ("ok", "stopped")


async def test_what_the_broker_retains_is_told_from_what_happens_now() -> None:
    store = Store()
    async with MqttBroker(retained={"hujan/hulu": b"12"}) as broker, running(store, spec(broker.url)):
        await wait_until(lambda: topics(store) == ["hujan/hulu"])
        await broker.publish("hujan/hulu", "130")
        await wait_until(lambda: len(store.events) == 2)
    assert [event.name for event in store.events if isinstance(event, GaugeRead)] == ["True", "False"]


async def test_a_quiet_broker_that_answers_pings_lives() -> None:
    store = Store()
    async with MqttBroker() as broker, running(store, spec(broker.url)) as supervisor:
        await wait_until(lambda: store.state("one") == "ok")
        first = supervisor.health["one"].last_good_at
        await wait_until(lambda: supervisor.health["one"].last_good_at != first)
        assert broker.subscriptions == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"connack": 4}, "refuses the log-in"),
        ({"connack": 5}, "refuses the log-in"),
        ({"refused": {"hujan/#"}}, "'hujan/#'"),
        ({"silent": True}, "The broker cannot be followed"),
    ],
)
async def test_it_recovers_from_a_broker_that_refuses(fault: dict[str, Any], words: str) -> None:
    store = Store()
    async with MqttBroker(**fault) as broker, running(store, spec(broker.url)):
        await wait_until(lambda: store.state("one") == "failing")
        reason = store.health[-1].reason
        assert words in reason
        for name in fault:
            setattr(broker, name, type(fault[name])())
        await wait_until(lambda: store.state("one") == "ok")
        await broker.publish("air/hulu/tma", "1")
        await wait_until(lambda: topics(store) == ["air/hulu/tma"])


@pytest.mark.parametrize("fault", ["cut", "garbage", "silence"])
async def test_it_recovers_from_a_connection_that_breaks(fault: str) -> None:
    store = Store()
    async with MqttBroker() as broker, running(store, spec(broker.url)):
        await broker.subscribed(1)
        await wait_until(lambda: store.state("one") == "ok")
        if fault == "cut":
            broker.cut()
        elif fault == "garbage":
            await broker.raw(b"\xf0\xff\xff\xff\xff\xff HTTP/1.1 400 Bad Request\r\n\r\n" * 20)
        else:
            broker.silent = True
        await wait_until(lambda: store.state("one") == "failing")
        broker.silent = False
        await broker.subscribed(2)
        await wait_until(lambda: store.state("one") == "ok")
        await broker.publish("air/hilir/tma", "1")
        await wait_until(lambda: topics(store) == ["air/hilir/tma"])


async def test_nothing_listens_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        store = Store()
        async with running(store, spec(f"mqtt://127.0.0.1:{taken.getsockname()[1]}")):
            await wait_until(lambda: store.state("one") == "failing")
    assert "refused" in store.health[0].reason


async def test_a_name_server_that_hangs_holds_up_no_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        assert host == "makelar.example"
        return ["127.0.0.1"]

    monkeypatch.setattr(session, "resolve_name", resolve)
    store = Store()
    async with (
        MqttBroker() as broker,
        running(store, spec(broker.url.replace("127.0.0.1", "makelar.example"))),
    ):
        await wait_until(lambda: store.state("one") == "ok")


async def test_it_logs_in_with_its_secret() -> None:
    store = Store()
    async with MqttBroker() as broker:
        async with running(store, spec(broker.url, user="dinding", password="env:MQTT_PASSWORD")):
            await broker.subscribed(1)
        assert broker.logins[0] == ("dinding", "rahasia")


async def test_a_message_that_is_too_large_is_a_fault_and_the_next_passes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "MAX_MESSAGE_BYTES", 1000)
    store = Store()
    async with MqttBroker() as broker, running(store, spec(broker.url)):
        await broker.subscribed(1)
        await broker.publish("air/a/tma", b"x" * 1001)
        await broker.publish("air/b/tma", b"x" * 1000)
        await wait_until(lambda: topics(store) == ["air/b/tma"])
    assert [(fault.where, "1001 bytes" in fault.why) for fault in store.buried] == [("air/a/tma", True)]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for localhost, and one of somebody else."""
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize(("authority", "reason"), [("ours", ""), ("other", "its certificate is not trusted")])
async def test_tls_by_the_brokers_own_authority_and_no_other(
    certificates: Path, authority: str, reason: str
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates / "ours.pem", certificates / "ours.key")
    store = Store()
    ca = str(certificates / f"{authority}.pem")
    async with MqttBroker(tls=tls) as broker, running(store, spec(broker.url, ca=ca)):
        if reason:
            await wait_until(lambda: store.state("one") == "failing")
            assert reason in store.health[-1].reason
            assert broker.logins == []
        else:
            await broker.subscribed(1)
            await broker.publish("air/hulu/tma", "1")
            await wait_until(lambda: topics(store) == ["air/hulu/tma"])


async def test_a_broker_that_only_sends_is_pinged_all_the_same() -> None:
    """At QoS 0 nothing else is said to it, and it would take us for gone."""
    store = Store()
    async with MqttBroker() as broker, running(store, spec(broker.url, qos=0)):
        await broker.subscribed(1)

        def pinged() -> bool:
            talk.append(asyncio.ensure_future(broker.publish("air/hulu/tma", "1")))
            return broker.pings > 0

        talk: list[asyncio.Future[None]] = []
        await wait_until(pinged)
        await asyncio.gather(*talk)


def lost(store: Store) -> int:
    """How many messages were given up, by the newest fault that says so."""
    return int(store.buried[-1].why.split()[0]) if store.buried else 0


@pytest.mark.parametrize(
    ("bound", "most"), [("MAX_WAITING", 5), ("MAX_WAITING_BYTES", 5 * len("air/10/tma1"))]
)
async def test_of_more_than_can_wait_the_oldest_go_and_are_counted(
    bound: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, bound, most)
    gate = asyncio.Event()
    kept: list[str] = []

    async def slow(intake: Intake, options: BrokerOptions) -> None:
        async def take(messages: list[Message]) -> None:
            await gate.wait()
            kept.extend(message.topic for message in messages)

        await follow(intake, options, FILTERS, take)

    store = Store()
    async with MqttBroker() as broker:
        one = spec(broker.url)
        one = replace(one, adapter=replace(one.adapter, run=slow))
        async with running(store, one):
            await broker.subscribed(1)
            for index in range(20):
                await broker.publish(f"air/{index}/tma", "1")
            await wait_until(lambda: len(broker.acknowledged) == 20)
            gate.set()
            await wait_until(lambda: "air/19/tma" in kept)
            await wait_until(lambda: len(kept) + lost(store) == 20)
    assert kept[-5:] == [f"air/{index}/tma" for index in range(15, 20)]
    assert lost(store) >= 5


@pytest.mark.parametrize("good", ["a", "a/b", "+/b/#", "#", "$SYS/#", "air/{id}/tma"])
def test_proper_filters(good: str) -> None:
    assert wrong_filter(good) == ""


@pytest.mark.parametrize("bad", ["", "a/#/b", "a#", "a/b+", "a\0"])
def test_improper_filters(bad: str) -> None:
    assert wrong_filter(bad)


@pytest.mark.parametrize(
    ("pattern", "topic", "fields"),
    [
        ("air/{id}/tma", "air/hulu/tma", {"id": "hulu"}),
        ("air/{id}/tma", "air/hulu/debit", None),
        ("air/{id}/tma", "air/hulu/tma/x", None),
        ("{kota}/air/#", "dki/air/1/2", {"kota": "dki"}),
        ("air/#", "air", {}),
        ("+/x", "$SYS/x", None),
        ("#", "$SYS/x", None),
    ],
)
def test_a_named_level_is_a_field(pattern: str, topic: str, fields: dict[str, str] | None) -> None:
    assert Pattern(pattern).fields(topic) == fields


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[int]:
    """Debian's broker, where it is installed."""
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin") or shutil.which(
        "mosquitto"
    )
    if program is None:
        pytest.skip("mosquitto is not installed on this machine")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = tmp_path / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    process = subprocess.Popen([program, "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(10)


async def test_with_mosquitto(mosquitto: int) -> None:
    import aiomqtt

    store = Store()
    async with running(store, spec(f"mqtt://127.0.0.1:{mosquitto}")):
        await wait_until(lambda: store.state("one") == "ok")
        async with aiomqtt.Client("127.0.0.1", mosquitto) as other:
            await other.publish("air/hulu/tma", b"12", qos=1, retain=True)
        await wait_until(lambda: topics(store) == ["air/hulu/tma"])
