"""feeds/sightings/onvif/: what of ONVIF's events a camera sees; pulled, or published to a broker."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from feeds.base import Context
from feeds.fetching.limits import Answered
from feeds.registry import ADAPTERS, feed_options
from feeds.running.intake import FeedSpec
from feeds.sightings import conflate, keep
from feeds.sightings.conflate import PULSE_S, SILENT_S, Conflator
from feeds.sightings.onvif import published, pull, soap
from feeds.sightings.onvif.notification import PROPERTY_S, Notification, plain_topic, tell
from feeds.sightings.onvif.published import OnvifMqttOptions
from feeds.sightings.onvif.pull import OnvifOptions
from tests.faulty import FaultyHttp, Request, wait_until
from tests.mqtt_broker import MqttBroker
from tests.test_feeds_supervisor import Store, running
from wallboard.errors import BadDocument
from wallboard.events import AnyEvent, CameraSeen

NOW = 1_790_000_000.0
ZONE = ZoneInfo("Asia/Jakarta")
CONTEXT = Context("onvif", NOW, ZONE)
MOTION = "tns1:RuleEngine/CellMotionDetector/Motion"


def words(events: list[AnyEvent]) -> list[tuple[str, str]]:
    return [(event.source_id, event.what) for event in events if isinstance(event, CameraSeen)]


# -- notifications -----------------------------------------------------------------------------------


def seen(*said: Notification, after: float = 0.0, what: Any = ()) -> list[str]:
    conflator = Conflator("onvif")
    for each in said:
        tell(conflator, "cctv/a", each, NOW, what)
    return [event.what for event in conflator.due(NOW + after)]


def note(topic: str = MOTION, operation: str = "Changed", **data: Any) -> Notification:
    return Notification(
        plain_topic(topic), operation, "2026-09-21T14:13:15Z", {"Rule": "r"}, data or {"IsMotion": "true"}
    )


@pytest.mark.parametrize(
    ("topic", "data", "word"),
    [
        ("tns1:VideoSource/MotionAlarm", {"State": "true"}, "motion"),
        (MOTION, {"IsMotion": "1"}, "motion"),
        ("tns1:RuleEngine/FieldDetector/ObjectsInside", {"IsInside": "true"}, "intrusion"),
        ("tns1:RuleEngine/LineDetector/Crossed", {"ObjectId": "17"}, "crossing"),
        ("tns1:RuleEngine/TamperDetector/Tamper", {"IsTamper": "true"}, "tamper"),
        ("tns1:VideoSource/ImageTooBlurry/ImagingService", {"State": "true"}, "tamper"),
        ("tns1:VideoSource/SignalLoss", {"State": "true"}, "signal_lost"),
        ("tns1:RuleEngine/PeopleDetector/People", {"IsPeople": "true"}, "person"),
        ("tns1:RuleEngine/MyRuleDetector/VehicleDetect", {"State": "true"}, "vehicle"),
        ("tns1:RuleEngine/TPSmartEventDetector/TPSmartEvent", {"IsTPSmartEvent": "true"}, "motion"),
        ("tns1:VideoSource/tnsajax:Motion", {"active": "1"}, "motion"),
        ("tns1:RuleEngine/tnshik:Something/New", {"State": "true"}, "other"),
    ],
)  # fmt: skip
def test_topics(topic: str, data: dict[str, str], word: str) -> None:
    assert seen(note(topic, **data)) == [word]


@pytest.mark.parametrize(
    "topic",
    [
        "tns1:Device/Trigger/DigitalInput", "tns1:RuleEngine/CountAggregation/Counter",
        "tns1:AudioAnalytics/Audio/DetectedSound", "tns1:Monitoring/ProcessorUsage",
        "tns1:Device/HardwareFailure",
    ],
)  # fmt: skip
def test_what_is_no_sight(topic: str) -> None:
    assert seen(note(topic, State="true")) == []


def test_how_it_stands_at_the_subscription_is_no_event() -> None:
    assert seen(note(operation="Initialized")) == []
    assert seen(note(), note(operation="Initialized", IsMotion="false")) == ["motion"]


@pytest.mark.parametrize("value", ["false", "0", "False", False, 0])
def test_values_are_texts_and_false_ends_it(value: Any) -> None:
    assert seen(note(), note(IsMotion=value)) == []


def test_deleted_ends_it() -> None:
    assert seen(note(), note(operation="Deleted")) == []


def test_a_property_lasts_and_a_crossing_passes() -> None:
    assert seen(note(), after=SILENT_S + 1) == ["motion"]
    assert seen(note(), after=PROPERTY_S + 1) == []
    crossing = note("tns1:RuleEngine/LineDetector/Crossed", ObjectId="1")
    assert seen(crossing, after=PULSE_S + 1) == []


def test_two_rules_of_one_topic_end_apart() -> None:
    other = Notification(plain_topic(MOTION), "Changed", "", {"Rule": "lain"}, {"IsMotion": "false"})
    assert seen(note(), other) == ["motion"]


def test_only_the_wanted_words_and_the_cameras_own_time_beside_ours() -> None:
    assert seen(note(), what=("person",)) == []
    conflator = Conflator("onvif")
    tell(conflator, "cctv/a", note(), NOW, ())
    (event,) = conflator.due(NOW)
    assert (event.observed_at, event.received_at) == (NOW - 5, NOW)
    naive = Notification("VideoSource/MotionAlarm", "Changed", "2026-09-21T14:13:15", {}, {"State": "true"})
    tell(conflator, "cctv/b", naive, NOW, ())
    (event,) = conflator.due(NOW)
    assert event.observed_at == NOW - 5, "UTC by the standard, whatever the feed's zone"


# -- published ---------------------------------------------------------------------------------------

PUBLISHED = OnvifMqttOptions(camera_list="cctv", cameras={"BEN-TCP1": "benteng"})


def message(
    topic: str = "BEN-TCP1/onvif-ej/RuleEngine/CellMotionDetector/Motion/&1/Region", **body: Any
) -> dict[str, Any]:
    known = {
        "UtcTime": "2026-09-21T14:13:15.123Z", "PropertyOperation": "Changed", "Source": {"Rule": "r"},
        "Key": {}, "Data": {"IsMotion": True},
    }  # fmt: skip
    return {"topic": topic, "payload": known | body}


def test_a_published_event() -> None:
    parsed = published.parse(msgspec.json.encode(message()), CONTEXT, PUBLISHED)
    assert words(parsed.events) == [("cctv/benteng", "motion")]
    many = [
        message(),
        message("lantai/2/onvif-ej/VideoSource/MotionAlarm"),
        message(PropertyOperation="Initialized"),
    ]
    parsed = published.parse(b"\n".join(map(msgspec.json.encode, many)), CONTEXT, PUBLISHED)
    assert words(parsed.events) == [("cctv/benteng", "motion"), ("cctv/lantai/2", "motion")]


def test_the_class_of_an_object_names_what_moves() -> None:
    for kind in ({"Type": "Human"}, [{"Type": "Human"}], "Human"):
        data = {"Object": {"Appearance": {"Class": {"Type": kind}}}}
        parsed = published.parse(msgspec.json.encode(message(Data=data)), CONTEXT, PUBLISHED)
        assert words(parsed.events) == [("cctv/benteng", "person")]


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({}, "no {topic, payload}"),
        (message("BEN-TCP1/event/Motion"), "the topic is not CAMERA/onvif-ej/"),
        (message("x" * 300 + "/onvif-ej/VideoSource/MotionAlarm"), "too long"),
        ({"topic": "a/onvif-ej/b", "payload": "true"}, "no ONVIF event"),
        (message(Data=[1]), "no ONVIF event"),
    ],
)
def test_what_is_no_published_event(record: Any, why: str) -> None:
    (fault,) = published.parse(msgspec.json.encode(record), CONTEXT, PUBLISHED).faults
    assert why in fault.why


@pytest.mark.parametrize("topics", [[], ["a/#/b"]])
def test_wrong_topics(topics: list[str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"camera_list": "cctv", "topics": topics}, OnvifMqttOptions)


# -- SOAP --------------------------------------------------------------------------------------------


def answer(body: str) -> bytes:
    return (
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" '
        'xmlns:tev="http://www.onvif.org/ver10/events/wsdl" '
        'xmlns:wsa5="http://www.w3.org/2005/08/addressing" '
        'xmlns:ter="http://www.onvif.org/ver10/error" '
        f'xmlns:tns1="http://www.onvif.org/ver10/topics"><SOAP-ENV:Body>{body}</SOAP-ENV:Body></SOAP-ENV:Envelope>'
    ).encode()


def pulled(value: str = "true", operation: str = "Changed", topic: str = MOTION) -> str:
    return (
        '<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">'
        f'{topic}</wsnt:Topic><wsnt:Message><tt:Message UtcTime="2026-09-21T14:13:15Z" '
        f'PropertyOperation="{operation}"><tt:Source><tt:SimpleItem Name="Rule" Value="r"/></tt:Source>'
        f'<tt:Data><tt:SimpleItem Name="IsMotion" Value="{value}"/></tt:Data></tt:Message></wsnt:Message>'
        "</wsnt:NotificationMessage>"
    )


def fault(code: str, text: str = "") -> bytes:
    reason = (
        f'<SOAP-ENV:Reason><SOAP-ENV:Text xml:lang="en">{text}</SOAP-ENV:Text></SOAP-ENV:Reason>'
        if text
        else ""
    )
    return answer(
        "<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Sender</SOAP-ENV:Value><SOAP-ENV:Subcode>"
        f"<SOAP-ENV:Value>{code}</SOAP-ENV:Value></SOAP-ENV:Subcode></SOAP-ENV:Code>{reason}</SOAP-ENV:Fault>"
    )


def test_an_answer_to_a_pull() -> None:
    options = OnvifOptions(camera_list="cctv", devices={"7": "http://10.0.0.7/onvif/device_service"})
    body = answer(
        f"<tev:PullMessagesResponse>{pulled(operation='Initialized')}{pulled()}</tev:PullMessagesResponse>"
    )
    assert words(pull.parse(body, CONTEXT, options).events) == [("cctv/7", "motion")]
    for bad in (b"<html></html>", b"<a/>", answer("").replace(b"Body", b"Rump")):
        with pytest.raises(BadDocument):
            pull.parse(bad, CONTEXT, options)
    with pytest.raises(BadDocument):
        pull.parse(b'<!DOCTYPE a [<!ENTITY b "c">]>' + answer("&b;"), CONTEXT, options)


def test_a_message_within_a_message_is_none() -> None:
    inner = pulled()
    outer = pulled().replace("</wsnt:NotificationMessage>", f"{inner}</wsnt:NotificationMessage>")
    body = soap.body_of(answer(f"<tev:PullMessagesResponse>{outer}</tev:PullMessagesResponse>"))
    assert len(list(soap.notifications(body))) == 1


def test_a_fault_says_why() -> None:
    with pytest.raises(BadDocument, match="refuses: Too many pull points"):
        soap.body_of(fault("ter:MaxPullPoints", "Too many pull points"))
    with pytest.raises(BadDocument, match="refuses: ResourceUnknownFault"):
        soap.body_of(fault("wsrf-rw:ResourceUnknownFault"))
    with pytest.raises(Answered, match="log-in"):
        soap.body_of(fault("ter:NotAuthorized", "Sender not authorized"))


def test_addresses_stay_at_the_configured_host() -> None:
    own = "http://203.0.113.9:8080/onvif/device_service"
    assert (
        soap.beside(own, "http://192.168.1.64/onvif/Events?i=1") == "http://203.0.113.9:8080/onvif/Events?i=1"
    )
    for bad in ("", "http://192.168.1.64", "http://[", "http://a/b c\r\nd"):
        with pytest.raises(BadDocument):
            soap.beside(own, bad)


def test_the_life_of_a_subscription_is_measured_by_the_cameras_own_clock() -> None:
    now, ends = "2001-01-01T00:00:00Z", "2001-01-01T00:01:00Z"
    body = f"<x:CurrentTime>{now}</x:CurrentTime><x:TerminationTime>{ends}</x:TerminationTime>".replace(
        "x:", "wsnt:"
    )
    assert soap.life_of(soap.body_of(answer(body))) == 60.0
    assert soap.life_of(soap.body_of(answer("<x/>"))) is None


@pytest.mark.parametrize(
    "given",
    [
        {"devices": {}}, {"devices": {"7": "rtsp://10.0.0.7/1"}}, {"devices": {"7": "http://a:b@10.0.0.7/"}},
        {"devices": {"x" * 300: "http://10.0.0.7/"}}, {"user": "wall"}, {"password": "rahasia"},
    ],
)  # fmt: skip
def test_wrong_options(given: dict[str, Any]) -> None:
    known = {"camera_list": "cctv", "devices": {"7": "http://10.0.0.7/onvif/device_service"}}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(known | given, OnvifOptions)


# -- cameras on real sockets -------------------------------------------------------------------------


class Camera:
    """A camera with a clock of its own, which proves passwords and lets pull points die."""

    def __init__(self, clock: float = 0.0, life_s: float = 120.0) -> None:
        self.clock = datetime(2001, 1, 1, tzinfo=UTC).timestamp() + clock
        self.life_s = life_s
        self.password = "rahasia"
        self.asked: list[str] = []
        self.news: asyncio.Queue[str] = asyncio.Queue()
        self.point = 0
        #: what the next answers are instead: action → body
        self.instead: dict[str, bytes] = {}

    async def __call__(self, request: Request, writer: asyncio.StreamWriter) -> None:
        action = re.search(r"<a:Action>[^<]*?/(\w+?)(?:Request)?</a:Action>", request.body.decode())
        name = action[1] if action else ""
        self.asked.append(name)
        body = self.instead.get(name) or await self._answer(name, request)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)

    async def _answer(self, name: str, request: Request) -> bytes:
        if name == "GetSystemDateAndTime":
            return answer(
                "<x><tt:UTCDateTime><tt:Time><tt:Hour>0</tt:Hour><tt:Minute>0</tt:Minute><tt:Second>9</tt:Second>"
                "</tt:Time><tt:Date><tt:Year>2001</tt:Year><tt:Month>1</tt:Month><tt:Day>1</tt:Day></tt:Date>"
                "</tt:UTCDateTime></x>"
            )
        if not self._proved(request.body.decode()):
            return fault("ter:NotAuthorized", "Sender not authorized")
        times = (
            "<wsnt:CurrentTime>2001-01-01T00:00:00Z</wsnt:CurrentTime><wsnt:TerminationTime>"
            f"2001-01-01T00:{int(self.life_s) // 60:02}:{int(self.life_s) % 60:02}Z</wsnt:TerminationTime>"
        )
        match name:
            case "GetCapabilities":
                return answer(
                    "<x><tt:Events><tt:XAddr>http://192.168.1.64/onvif/events</tt:XAddr></tt:Events></x>"
                )
            case "CreatePullPointSubscription":
                self.point += 1
                address = f"<wsa5:Address>http://192.168.1.64/onvif/point/{self.point}</wsa5:Address>"
                return answer(
                    f"<x><tev:SubscriptionReference>{address}</tev:SubscriptionReference>{times}</x>"
                )
            case "Renew" | "Unsubscribe":
                return answer(f"<x>{times}</x>")
        if not request.path.endswith(f"/{self.point}"):
            return fault("wsrf-rw:ResourceUnknownFault")
        try:
            async with asyncio.timeout(0.05):
                said = await self.news.get()
        except TimeoutError:
            said = ""
        return answer(f"<tev:PullMessagesResponse>{times}{said}</tev:PullMessagesResponse>")

    def _proved(self, body: str) -> bool:
        """By its own clock: a proof that is made at our time is years off."""
        found = re.search(
            r"<Username>wall</Username><Password[^>]*>([^<]*)</Password><Nonce[^>]*>([^<]*)</Nonce><Created[^>]*>([^<]*)<",
            body,
        )
        if not found or not found[3].startswith("2001-01-01T00:00:"):
            return False
        whole = base64.b64decode(found[2]) + found[3].encode() + self.password.encode()
        return found[1] == base64.b64encode(hashlib.sha1(whole, usedforsecurity=False).digest()).decode()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMERAS", "rahasia")
    monkeypatch.setattr(keep, "LOOK_S", 0.02)
    monkeypatch.setattr(conflate, "MIN_GAP_S", 0.02)
    monkeypatch.setattr(pull, "PAUSE_S", 0.01)
    monkeypatch.setattr(pull, "GRACE_S", 0.4)
    monkeypatch.setattr(pull, "PULL_S", 0.2)


@asynccontextmanager
async def watched(**cameras: Camera | Callable[..., Any]) -> AsyncIterator[Store]:
    store = Store()
    async with FaultyHttp() as server:
        devices = {}
        for id, camera in cameras.items():
            for path in ("device", "events", *(f"point/{number}" for number in range(20))):
                # All cameras of a test are behind one host: the first path tells them apart.
                server.script(f"/{id}/{path}", camera)
                server.script(f"/onvif/{path}", camera)
            devices[id] = server.url(f"/{id}/device")
        given = feed_options(
            "onvif", {"camera_list": "cctv", "devices": devices, "user": "wall", "password": "env:CAMERAS"}
        )
        spec = FeedSpec(name="onvif", adapter=ADAPTERS["onvif"], options=given, zone=ZONE, every=0.05)
        async with running(store, spec):
            yield store


async def test_events_are_pulled_and_the_subscription_is_given_back() -> None:
    camera = Camera()
    async with watched(a=camera) as store:
        await wait_until(lambda: store.state("onvif") == "ok")
        camera.news.put_nowait(pulled(operation="Initialized"))
        camera.news.put_nowait(pulled())
        await wait_until(lambda: words(store.events) == [("cctv/a", "motion")])
        camera.news.put_nowait(pulled("false"))
        await wait_until(lambda: words(store.events)[1:] == [("cctv/a", "")])
    assert camera.asked[:3] == ["GetSystemDateAndTime", "GetCapabilities", "CreatePullPointSubscription"]
    assert camera.asked[-1] == "Unsubscribe"


async def test_a_pull_point_is_renewed_before_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "RENEW_AFTER", 0.05)
    camera = Camera(life_s=2.0)
    async with watched(a=camera):
        await wait_until(lambda: camera.asked.count("Renew") >= 3)
    assert camera.point == 1


async def test_a_pull_point_that_is_gone_is_made_anew() -> None:
    camera = Camera()
    async with watched(a=camera) as store:
        await wait_until(lambda: store.state("onvif") == "ok")
        camera.news.put_nowait(pulled())
        await wait_until(lambda: words(store.events) == [("cctv/a", "motion")])
        camera.point += 5  # it was restarted, and knows nothing of ours
        await wait_until(lambda: words(store.events)[1:] == [("cctv/a", "")])
        await wait_until(lambda: camera.asked.count("CreatePullPointSubscription") == 2)
        await wait_until(lambda: store.state("onvif") == "ok")
        assert any("ResourceUnknownFault" in health.reason for health in store.health)


async def test_a_wrong_password_says_so(caplog: pytest.LogCaptureFixture) -> None:
    camera = Camera()
    camera.password = "lain"
    async with watched(a=camera) as store:
        await wait_until(lambda: store.state("onvif") == "failing")
        last = store.last("onvif")
        assert last is not None
        assert last.reason == "1 of 1 cameras give no events; a: the camera refuses the log-in"
    assert "rahasia" not in caplog.text


NONSENSE = (b"<html><title>Login</title></html>", b"<a", b" ")


@pytest.mark.parametrize(
    ("action", "body"),
    [
        *((action, body) for action in ("GetCapabilities", "PullMessages") for body in NONSENSE),
        *(("CreatePullPointSubscription", body) for body in (*NONSENSE, answer("<x/>"))),
    ],
)
async def test_nonsense_is_recovered_from(action: str, body: bytes) -> None:
    camera = Camera()
    camera.instead[action] = body
    async with watched(a=camera) as store:
        await wait_until(lambda: store.state("onvif") == "failing")
        camera.instead.clear()
        await wait_until(lambda: store.state("onvif") == "ok")


async def test_one_camera_that_is_silent_does_not_stop_the_other() -> None:
    good = Camera()

    async def silent(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with watched(b=silent, a=good) as store:
        good.news.put_nowait(pulled())
        await wait_until(lambda: words(store.events) == [("cctv/a", "motion")])
        await wait_until(lambda: any("1 of 2 cameras give no events; b: " in h.reason for h in store.health))


async def test_a_fault_of_ours_with_a_camera_is_said_and_recovered_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    camera, faults = Camera(), [ZeroDivisionError("a fault of ours")]

    def failing(body: Any) -> Any:
        if faults:
            raise faults.pop()
        return notifications(body)

    notifications = soap.notifications
    monkeypatch.setattr(soap, "notifications", failing)
    async with watched(a=camera) as store:
        camera.news.put_nowait(pulled())
        await wait_until(lambda: any("ZeroDivisionError" in health.reason for health in store.health))
        await wait_until(lambda: store.state("onvif") == "ok")


async def test_over_a_broker() -> None:
    store = Store()
    given = feed_options("onvif_mqtt", {"camera_list": "cctv", "cameras": {"BEN-TCP1": "benteng"}})
    body = message()
    retained = {body["topic"]: msgspec.json.encode(body["payload"])}
    async with MqttBroker(retained=retained) as broker:
        spec = FeedSpec(
            name="onvif", adapter=ADAPTERS["onvif_mqtt"], options=given, zone=ZONE, url=broker.url, every=0.05
        )
        async with running(store, spec):
            await broker.subscribed(1)
            await broker.publish("lain/onvif-ej/VideoSource/MotionAlarm", b"rusak")
            await wait_until(lambda: len(store.buried) == 1)
            assert words(store.events) == [], "what is retained is how it stood"
            await broker.publish(body["topic"], msgspec.json.encode(body["payload"]))
            await wait_until(lambda: words(store.events) == [("cctv/benteng", "motion")])
            broker.cut()
            await wait_until(lambda: words(store.events)[1:] == [("cctv/benteng", "")])
