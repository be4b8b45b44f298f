"""feeds/cot/: Cursor on Target over TCP and UDP; what is stale, cancelled or removed is over."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import cot
from feeds.base import Context, Parsed
from feeds.cot import ADAPTER, CotOptions, parse
from feeds.cot.framing import MAX_EVENT_BYTES, Events
from feeds.cot.life import Life
from feeds.options import BadOptions
from feeds.registry import feed_options
from feeds.running.intake import FeedSpec
from tests.faulty import CUT, HOLD, Replay, Step, wait_until
from tests.test_ami_live import certificate as certificate
from tests.test_ami_live import trust
from tests.test_feeds_supervisor import Store, running
from wallboard.errors import BadDocument
from wallboard.events import Gone, IncidentReported

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC).timestamp()
CONTEXT = Context(feed="tim", now=NOW, zone=ZoneInfo("Asia/Makassar"), channel="TAK")
POINT = '<point lat="-6.21" lon="106.81" hae="9999999.0" ce="9999999.0" le="9999999.0"/>'


def at(seconds: float) -> str:
    return datetime.fromtimestamp(NOW + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def event(
    uid: str = "ALARM-1", type: str = "b-a-o-tbl", *, time: float = -5, stale: float = 60, point: str = POINT,
    detail: str = '<emergency type="911 Alert"/><contact callsign="Regu 3"/><remarks>Butuh perahu</remarks>',
) -> bytes:  # fmt: skip
    return (
        f"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n<event version='2.0' uid='{uid}' "
        f"type='{type}' time='{at(time)}' start='{at(time)}' stale='{at(stale)}' how='m-g'>"
        f"{point}<detail>{detail}</detail></event>"
    ).encode()


def read(*events: bytes, **options: Any) -> Parsed:
    return parse(b"".join(events), CONTEXT, feed_options("cot", options))


def test_an_alarm_is_an_incident_and_9999999_is_unknown() -> None:
    assert read(event()) == Parsed(
        [
            IncidentReported(
                feed="tim", source_id="ALARM-1", received_at=NOW, observed_at=NOW - 5,
                title="911 Alert – Regu 3", text="Butuh perahu", category="b-a-o-tbl",
                category_name="911 Alert", channel="TAK", lon=106.81, lat=-6.21, opened_at=NOW - 5,
            )
        ]
    )  # fmt: skip


def test_the_error_of_the_place_is_kept_where_it_is_known_and_no_fix_is_no_place() -> None:
    (exact,) = read(event(point='<point lat="-6.21" lon="106.81" hae="0" ce="12.5" le="1"/>')).events
    assert isinstance(exact, IncidentReported)
    assert exact.accuracy_m == 12.5
    (nowhere,) = read(event(point='<point lat="0.0" lon="0.0" hae="0" ce="9999999" le="0"/>')).events
    assert isinstance(nowhere, IncidentReported)
    assert (nowhere.lon, nowhere.lat, nowhere.flags) == (None, None, ())


@pytest.mark.parametrize("point", ['<point lat="x" lon="1"/>', '<point lat="91" lon="1"/>', "<point/>"])
def test_a_place_that_is_none_is_marked(point: str) -> None:
    (marked,) = read(event(point=point)).events
    assert marked.flags == ("bad_coordinates",)


def test_teams_and_chat_are_no_incidents_unless_the_city_wants_them() -> None:
    others = [event("r1", "a-f-G-U-C"), event("c1", "b-t-f"), event("m1", "b-m-p-s-m")]
    assert [each.source_id for each in read(*others).events] == ["m1"]
    assert len(read(*others, types=["*"]).events) == 3


def test_what_is_stale_when_it_comes_is_not_shown() -> None:
    assert read(event(stale=-1)) == Parsed()


def test_a_clock_in_another_year_is_said() -> None:
    assert "clock is wrong" in read(event(time=-1e9, stale=-1e9 + 60)).faults[0].why


def test_a_clock_that_is_ahead_does_not_make_an_alarm_immortal() -> None:
    life, parsed = Life(["*"]), Parsed()
    life.take(event(time=1e8, stale=1e8 + 60), "1", CONTEXT, parsed)
    assert parsed.events[0].flags == ("clock_ahead",)
    assert life.next_end() == NOW + 60


def heard(*events: bytes) -> tuple[Life, Parsed]:
    life, parsed = Life(cot.TYPES), Parsed()
    for each in events:
        life.take(each, "event", CONTEXT, parsed)
    return life, Parsed()


def test_it_ends_at_stale_and_not_before_and_a_new_event_makes_it_last() -> None:
    life, parsed = heard(event(stale=60), event(stale=120))
    life.end_due(replace(CONTEXT, now=NOW + 119), parsed)
    assert not parsed.events
    life.end_due(replace(CONTEXT, now=NOW + 120), parsed)
    assert parsed.events == [Gone(feed="tim", source_id="ALARM-1", received_at=NOW + 120, kind="incident")]
    assert life.next_end() is None


def test_a_stale_time_in_the_past_ends_what_is_known() -> None:
    life, parsed = heard(event())
    life.take(event(time=-1, stale=-1), "2", CONTEXT, parsed)
    assert [type(each) for each in parsed.events] == [Gone]


@pytest.mark.parametrize(
    "ending",
    [
        event(type="b-a-o-can", detail='<emergency cancel="true"/>'),
        event("del-1", "t-x-d-d", detail='<link uid="ALARM-1" relation="p-p"/><__forcedelete/>'),
    ],
)
def test_a_cancel_and_a_removal_end_it(ending: bytes) -> None:
    life, parsed = heard(event())
    life.take(ending, "2", CONTEXT, parsed)
    assert [(each.source_id, getattr(each, "reason", "")) for each in parsed.events] == [
        ("ALARM-1", "dibatalkan")
    ]


def test_what_ended_while_the_program_was_away_ends_after_it() -> None:
    life, parsed = heard(event(stale=60), event("B", stale=600))
    assert life.changed
    again = Life(cot.TYPES, life.note())
    assert not life.changed
    again.end_due(replace(CONTEXT, now=NOW + 300), parsed)
    assert [each.source_id for each in parsed.events] == ["ALARM-1"]
    assert Life(cot.TYPES, b"{damaged").next_end() is None


def test_no_more_than_so_many_are_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.cot.life.MAX_ALIVE", 2)
    parsed = read(event("1"), event("2"), event("3"), event("1"))
    assert [each.source_id for each in parsed.events] == ["1", "2", "1"]
    assert len(parsed.faults) == 1


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"<event uid='x' type='b-a'><point/></event>", "it has no time"),
        (event().replace(b"uid='ALARM-1'", b""), "it has no uid"),
        (event().replace(b"stale='", b"stale='kapan"), "stale:"),
        (event("x" * 200), "at most 128 characters"),
        (b"<!DOCTYPE e [<!ENTITY a 'b'>]><event uid='&a;'></event>", "broken"),
        (b"<event <</event>", "broken"),
        (b"\xbf\x01\xbf<event></event>", "broken|is no event|no uid"),
    ],
)
def test_a_bad_event_does_not_spoil_the_others(bad: bytes, why: str) -> None:
    parsed = read(bad, event("baik"))
    assert [each.source_id for each in parsed.events] == ["baik"]
    assert len(parsed.faults) == 1
    assert any(word in parsed.faults[0].why for word in why.split("|"))


def test_the_newer_protocol_is_named() -> None:
    parsed = Parsed()
    Life(["*"]).take(b"\xbf\x01\xbf\x12\x03abc", "1", CONTEXT, parsed)
    assert "protobuf" in parsed.faults[0].why


def test_numbers_in_remarks_are_masked() -> None:
    (masked,) = read(event(detail="<remarks>hubungi 081234567890</remarks>")).events
    assert "34567" not in repr(masked)


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"{}", b"<event>"])
def test_what_is_no_capture_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument):
        parse(body, CONTEXT, CotOptions())


@given(st.lists(st.integers(1, 90)))
def test_wherever_the_bytes_are_cut_the_events_are_the_same(sizes: list[int]) -> None:
    text = event("1") + b"\n" + event("2") + b"sampah" + event("3") + b"<event half"
    whole = Events().feed(text)
    assert [each[:6] for each in whole] == [b"<event"] * 3
    events, found, place = Events(), [], 0
    for size in [*sizes, len(text)]:
        found += events.feed(text[place : place + size])
        place += size
    assert found == whole


def test_bytes_without_an_end_are_given_up_and_the_next_event_is_found() -> None:
    events = Events()
    assert events.feed(b"x" * (MAX_EVENT_BYTES + 1)) == []
    assert events.given_up == MAX_EVENT_BYTES + 1
    assert len(events.feed(event())) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"types": []}, "types is empty"),
        ({"senders": ["rumah"]}, "neither an address"),
        ({"key": "k.pem"}, "needs a certificate"),
    ],
)
def test_options_that_could_not_work_are_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(BadOptions, match=words):
        feed_options("cot", wrong)


def spec(url: str, **options: Any) -> FeedSpec:
    made = feed_options("cot", options)
    return FeedSpec(name="tim", adapter=ADAPTER, options=made, zone=CONTEXT.zone, url=url, every=0.05)


def ids(store: Store) -> list[str]:
    return [each.source_id for each in store.events if isinstance(each, IncidentReported)]


def ended(store: Store) -> list[str]:
    return [each.source_id for each in store.events if isinstance(each, Gone)]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cot, "TICK_S", 0.1)


async def test_tcp_from_a_server_that_breaks_off_and_comes_back() -> None:
    store = Store()
    one, two = event("1"), event("2")
    scripts: tuple[list[Step], ...] = (
        [one, two[:50], CUT],
        [b"HTTP/1.1 400\r\n\r\n", two[:70], two[70:], HOLD],
    )
    async with Replay(*scripts) as server, running(store, spec(server.url), clock=lambda: NOW):
        await wait_until(lambda: ids(store) == ["1", "2"])
        await wait_until(lambda: store.state("tim") == "ok")
        assert any(health.state == "failing" for health in store.health)


async def test_what_is_due_ends_though_nothing_comes_and_though_the_server_is_away() -> None:
    store, clock = Store(), [NOW]
    script: list[Step] = [event("1", stale=30), event("2", stale=300), HOLD]
    async with Replay(script) as server, running(store, spec(server.url), clock=lambda: clock[0]):
        await wait_until(lambda: ids(store) == ["1", "2"])
        clock[0] = NOW + 31
        await wait_until(lambda: ended(store) == ["1"])
        await server.stop()
        clock[0] = NOW + 301
        await wait_until(lambda: ended(store) == ["1", "2"])
        await wait_until(lambda: store.state("tim") == "failing")


async def test_what_is_alive_is_remembered_across_a_restart(tmp_path: Path) -> None:
    store = Store()
    async with (
        Replay([event("1", stale=30), HOLD]) as server,
        running(store, spec(server.url), clock=lambda: NOW, notes=tmp_path),
    ):
        await wait_until(lambda: ids(store) == ["1"])
        await wait_until(lambda: (tmp_path / "tim.json").exists())
    later = Store()
    async with (
        Replay([HOLD]) as server,
        running(later, spec(server.url), clock=lambda: NOW + 60, notes=tmp_path),
    ):
        await wait_until(lambda: ended(later) == ["1"])


async def test_udp_datagrams_from_who_may_send() -> None:
    store = Store()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"udp://127.0.0.1:{port}"
    async with running(store, spec(url, senders=["127.0.0.1"]), clock=lambda: NOW):
        await wait_until(lambda: store.state("tim") == "ok")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for data in (b"sampah", b"sampah", event("1"), b"sampah", event("2")):
                sender.sendto(data, ("127.0.0.1", port))
        await wait_until(lambda: ids(store) == ["1", "2"])
        await wait_until(lambda: len(store.buried) == 1)
    strangers = Store()
    async with running(strangers, spec(url, senders=["10.0.0.0/8"]), clock=lambda: NOW):
        await wait_until(lambda: strangers.state("tim") == "ok")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(event("3"), ("127.0.0.1", port))
        await wait_until(lambda: bool(strangers.buried))
    assert ids(strangers) == []
    assert "1 from other senders" in strangers.buried[0].why


async def test_a_port_that_is_taken_is_a_failure_in_words() -> None:
    store = Store()
    async with running(store, spec("udp://192.0.2.1:6969"), clock=lambda: NOW):
        await wait_until(lambda: store.state("tim") == "failing")
    assert "cannot be listened at" in store.health[0].reason


async def test_tls_shows_our_certificate_to_a_server_that_wants_one(certificate: Path) -> None:
    wants = trust(certificate)
    wants.verify_mode = ssl.CERT_REQUIRED
    wants.load_verify_locations(certificate / "ours.pem")
    ours = {"ca": "ours.pem", "certificate": "ours.pem", "key": "ours.key"}
    cases = (
        (ours, ""),
        ({**ours, "ca": "other.pem"}, "not trusted"),
        ({**ours, "key": "none"}, "cannot be read"),
    )
    for options, reason in cases:
        store = Store()
        async with Replay([event(), HOLD], tls=wants) as server:
            url = f"tls://localhost:{server.port}"
            async with running(store, spec(url, **options), clock=lambda: NOW, folder=certificate):
                await wait_until(lambda: bool(store.health))  # noqa: B023 - waited for in this turn
                if not reason:
                    await wait_until(lambda: ids(store) == ["ALARM-1"])  # noqa: B023 - likewise
        assert reason in store.health[0].reason
