"""feeds/sightings/hikvision.py: alerts out of an endless answer, and the device that gives it."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.base import Context
from feeds.registry import ADAPTERS, feed_options
from feeds.running.intake import FeedSpec
from feeds.sightings import conflate, hikvision, keep
from feeds.sightings.hikvision import MAX_ALERT_BYTES, PATH, Finder, HikvisionOptions, parse
from tests import faulty
from tests.faulty import Behaviour, FaultyHttp, Request, wait_until
from tests.test_feeds_supervisor import Store, running
from wallboard.errors import BadDocument
from wallboard.events import CameraSeen

NOW = 1_790_000_000.0
ZONE = ZoneInfo("Asia/Jakarta")
CONTEXT = Context("nvr", NOW, ZONE)

#: The namespaces of firmware of 2012 to 2023, and of a copy that has none.
NAMESPACES = (
    "http://www.hikvision.com/ver20/XMLSchema", "http://www.hikvision.com/ver10/XMLSchema",
    "http://www.isapi.org/ver20/XMLSchema", "urn:psialliance-org", "",
)  # fmt: skip


def alert(
    kind: str = "VMD",
    state: str = "active",
    channel: str = "1",
    namespace: str = NAMESPACES[0],
    more: str = "",
) -> bytes:
    """One alert as a recorder writes it."""
    spaced = f' version="2.0" xmlns="{namespace}"' if namespace else ""
    return f"""<EventNotificationAlert{spaced}>
<ipAddress>10.20.0.8</ipAddress><portNo>80</portNo><protocol>HTTP</protocol>
<channelID>{channel}</channelID><dateTime>2026-09-21T21:13:15+07:00</dateTime>
<activePostCount>1</activePostCount><eventType>{kind}</eventType><eventState>{state}</eventState>
<eventDescription>Motion alarm</eventDescription>{more}
</EventNotificationAlert>""".encode()


HEARTBEAT = alert("videoloss", "inactive")


def part(
    body: bytes, *, length: bool = True, kind: str = 'application/xml; charset="UTF-8"', end: str = "\r\n"
) -> bytes:
    head = f"--boundary{end}Content-Type: {kind}{end}"
    head += f"Content-Length: {len(body)}{end}" if length else ""
    return f"{head}{end}".encode() + body + end.encode()


def options(**given: Any) -> HikvisionOptions:
    known = {"camera_list": "cctv", "user": "wall", "password": "env:NVR", "cameras": {"1": "simpang"}}
    return msgspec.convert(known | given, HikvisionOptions)


def seen(*parts: bytes, **given: Any) -> list[tuple[str, str]]:
    parsed = parse(b"".join(parts), CONTEXT, options(**given))
    assert parsed.faults == []
    return [(event.source_id, event.what) for event in parsed.events if isinstance(event, CameraSeen)]


# -- alerts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_namespace(namespace: str) -> None:
    assert seen(part(alert(namespace=namespace))) == [("cctv/simpang", "motion")]


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("length", [True, False])
def test_every_framing(length: bool, end: str) -> None:
    stream = part(HEARTBEAT, length=length, end=end) + part(alert(), length=length, end=end)
    assert seen(stream) == [("cctv/simpang", "motion")]


def test_the_sign_of_life_is_no_event_and_a_lost_signal_is() -> None:
    assert seen(part(HEARTBEAT), part(HEARTBEAT)) == []
    assert seen(part(alert("videoloss", "active"))) == [("cctv/simpang", "signal_lost")]
    assert seen(part(alert("videoloss", "inactive", channel="0"))) == []
    channelless = HEARTBEAT.replace(b"<channelID>1</channelID>", b"")
    assert seen(part(channelless)) == []


def test_repeated_posts_are_one_sight_with_the_cameras_own_time() -> None:
    stream = b"".join(part(alert().replace(b"Count>1<", f"Count>{n}<".encode())) for n in range(1, 60))
    (event,) = parse(stream, CONTEXT, options()).events
    assert event == CameraSeen(
        feed="nvr", source_id="cctv/simpang", received_at=NOW, observed_at=NOW - 5, what="motion", since=NOW
    )


def test_what_is_inactive_is_over() -> None:
    assert seen(part(alert("linedetection")), part(alert("linedetection", "inactive"))) == []


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("linedetection", "crossing"), ("fielddetection", "intrusion"), ("regionEntrance", "intrusion"),
        ("shelteralarm", "tamper"), ("tamperdetection", "tamper"), ("facedetection", "person"),
        ("ANPR", "vehicle"), ("unattendedBaggage", "object"), ("somethingNew", "other"),
    ],
)  # fmt: skip
def test_kinds(kind: str, word: str) -> None:
    assert seen(part(alert(kind))) == [("cctv/simpang", word)]


@pytest.mark.parametrize("kind", ["diskfull", "illAccess", "nicBroken", "IO"])
def test_what_happens_to_the_device_is_seen_by_no_camera(kind: str) -> None:
    assert seen(part(alert(kind))) == []


def test_a_motion_with_a_target_is_that() -> None:
    target = "<targetType>human</targetType>"
    assert seen(part(alert(more=target))) == [("cctv/simpang", "person")]
    assert seen(part(alert(more=target)), part(alert("linedetection", channel="2")), what=["person"]) == [
        ("cctv/simpang", "person")
    ]


def test_the_channel_behind_a_recorder_and_one_that_is_not_mapped() -> None:
    behind = alert().replace(b"<channelID>1</channelID>", b"<dynChannelID>33</dynChannelID>")
    assert seen(part(behind)) == [("cctv/33", "motion")]


def test_a_picture_between_alerts_is_passed_over() -> None:
    picture = b"\xff\xd8" + bytes(range(256)) * 2000 + b"\xff\xd9"
    assert seen(part(picture, kind="image/jpeg"), part(alert())) == [("cctv/simpang", "motion")]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (alert()[:200] + b"\r\n--boundary\r\n" + alert(), "cut off"),
        (alert(kind=""), "eventType: is missing"),
        (alert(state="maybe"), "neither active nor inactive"),
        (alert().replace(b"<channelID>1</channelID>", b""), "channelID: is missing"),
        (alert(channel="9" * 300), "channelID: is missing or too long"),
        (alert().replace(b"</portNo>", b""), ""),
        (b'<!DOCTYPE x [<!ENTITY a "aa">]>' + alert(more="&a;"), ""),
    ],
)
def test_a_bad_alert_is_a_fault(body: bytes, why: str) -> None:
    parsed = parse(body + part(alert(channel="2")), CONTEXT, options())
    assert len(parsed.faults) == 1
    assert why in parsed.faults[0].why
    assert ("cctv/2", "motion") in [(e.source_id, e.what) for e in parsed.events if isinstance(e, CameraSeen)]


def test_a_web_page_is_no_stream() -> None:
    with pytest.raises(BadDocument, match="no EventNotificationAlert"):
        parse(b"<html><title>Login</title></html>", CONTEXT, options())


@given(st.lists(st.integers(1, 400), max_size=20))
def test_alerts_are_found_however_the_bytes_are_cut(cuts: list[int]) -> None:
    stream = part(HEARTBEAT) + part(b"\xff\xd8<Event\xff\xd9", kind="image/jpeg") + part(alert())
    finder, found, at = Finder(), [], 0
    for cut in [*cuts, len(stream)]:
        found += finder.feed(stream[at : at + cut])
        at += cut
    assert found == [HEARTBEAT, alert()]


def test_an_alert_without_an_end_is_dropped_within_bounds() -> None:
    finder = Finder()
    found: list[bytes] = []
    for _ in range(40):
        found += finder.feed(b"<EventNotificationAlert>" if not found else b"")
        found += finder.feed(b"x" * (MAX_ALERT_BYTES // 10))
    assert b"" in found
    assert len(finder._held) <= MAX_ALERT_BYTES
    assert finder.feed(alert())[-1] == alert()


# -- a device ----------------------------------------------------------------------------------------


class Device:
    """Answers the stream to who proves the password, as devices do: by digest."""

    def __init__(self, password: str = "rahasia") -> None:
        self.password = password
        self.lines: list[asyncio.Queue[bytes | None]] = []
        self.refused = 0

    async def __call__(self, request: Request, writer: asyncio.StreamWriter) -> None:
        if not self._proved(request):
            self.refused += 1
            writer.write(
                b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest qop="auth", realm="DS-7608", '
                b'nonce="4e5468", algorithm=MD5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
            )
            return
        line: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.lines.append(line)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed; boundary=boundary\r\n\r\n")
        while (piece := await line.get()) is not None:
            writer.write(piece)
            await writer.drain()
        faulty.reset(writer)

    def _proved(self, request: Request) -> bool:
        fields = dict(re.findall(r'(\w+)="?([^",]*)"?', request.headers.get("authorization", "")))
        if fields.get("username") != "wall":
            return False

        def md5(text: str) -> str:
            return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

        one, two = md5(f"wall:DS-7608:{self.password}"), md5(f"GET:{PATH}")
        middle = f"{fields['nonce']}:{fields['nc']}:{fields['cnonce']}:{fields['qop']}"
        return fields.get("response") == md5(f"{one}:{middle}:{two}")

    def say(self, *parts: bytes) -> None:
        for each in parts:
            self.lines[-1].put_nowait(each)


@asynccontextmanager
async def watched(behaviour: Behaviour) -> AsyncIterator[Store]:
    store = Store()
    async with FaultyHttp() as server:
        server.script(PATH, behaviour)
        given = feed_options("hikvision", msgspec.to_builtins(options()))
        spec = FeedSpec(
            name="nvr",
            adapter=ADAPTERS["hikvision"],
            options=given,
            zone=ZONE,
            url=server.url("/"),
            every=0.05,
        )
        async with running(store, spec):
            yield store


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVR", "rahasia")
    monkeypatch.setattr(keep, "LOOK_S", 0.02)
    monkeypatch.setattr(conflate, "MIN_GAP_S", 0.02)
    monkeypatch.setattr(hikvision, "SILENCE_S", 0.3)


def words(store: Store) -> list[tuple[str, str]]:
    return [(event.source_id, event.what) for event in store.events if isinstance(event, CameraSeen)]


async def test_the_stream_is_followed_and_a_break_in_the_middle_of_an_alert_recovers() -> None:
    device = Device()
    async with watched(device) as store:
        await wait_until(lambda: len(device.lines) == 1)
        device.say(part(HEARTBEAT))
        await wait_until(lambda: store.state("nvr") == "ok")
        assert words(store) == []
        device.say(part(alert("linedetection")), part(alert("linedetection")))
        await wait_until(lambda: words(store) == [("cctv/simpang", "crossing")])
        device.lines[-1].put_nowait(part(alert())[:200])
        device.lines[-1].put_nowait(None)
        await wait_until(lambda: words(store)[1:] == [("cctv/simpang", "")])
        await wait_until(lambda: len(device.lines) == 2)
        device.say(part(alert()))
        await wait_until(lambda: words(store)[2:] == [("cctv/simpang", "motion")])
        assert store.buried == []


async def test_the_same_bad_alert_each_second_is_kept_once() -> None:
    device = Device()
    async with watched(device) as store:
        await wait_until(lambda: len(device.lines) == 1)
        bad = alert().replace(b"<eventType>", b"<lain>").replace(b"</eventType>", b"</lain>")
        device.say(part(bad))
        await wait_until(lambda: bool(store.buried))
        device.say(part(bad), part(alert()))
        await wait_until(lambda: bool(words(store)))
    assert [fault.why for fault in store.buried] == ["eventType: is missing"]


async def test_a_device_that_says_nothing_is_silent_and_a_sign_of_life_is_enough() -> None:
    device = Device()
    async with watched(device) as store:
        await wait_until(lambda: len(device.lines) == 1)
        for _ in range(8):
            device.say(part(HEARTBEAT))
            await asyncio.sleep(0.05)
        assert len(device.lines) == 1
        await wait_until(lambda: store.state("nvr") == "failing")
        last = store.last("nvr")
        assert last is not None
        assert "nothing came in time" in last.reason


async def test_a_wrong_password_says_so_and_never_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    async with watched(Device("lain")) as store:
        await wait_until(lambda: store.state("nvr") == "failing")
        last = store.last("nvr")
        assert last is not None
        assert "refuses the log-in (401)" in last.reason
    assert "rahasia" not in caplog.text


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        (faulty.status("404 Not Found"), "answers 404"),
        (faulty.redirect("http://127.0.0.1:1/"), "answers 302"),
        (faulty.html(), "has ended its stream"),
        (faulty.silent(), "nothing came in time"),
        (faulty.silent(after_head=True), "nothing came in time"),
        (faulty.huge(3_000_000), "has ended its stream"),
        (faulty.cut(part(HEARTBEAT) * 3, 700), "broke off"),
    ],
)
async def test_faults(behaviour: Behaviour, why: str) -> None:
    async with watched(behaviour) as store:
        await wait_until(lambda: any(why in health.reason for health in store.health))
        assert words(store) == []


def test_a_password_stands_nowhere_in_the_configuration() -> None:
    with pytest.raises(msgspec.ValidationError):
        options(password="rahasia")
