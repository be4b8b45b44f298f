"""feeds/webhook/ and feeds/webhook/signatures.py: who may push, and what becomes of it."""

from __future__ import annotations

import base64
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.base import Context
from feeds.webhook import WebhookOptions, keys, parse
from feeds.webhook.signatures import MAX_SIGNATURES, sign, signing_key, verify
from wallboard.errors import BadDocument, Refused
from wallboard.events import (
    CallEvent,
    CameraListed,
    GaugeRead,
    Gone,
    IncidentReported,
    Present,
    decoder,
    encoder,
)

NOW = 1_790_000_000.0
KEY, OTHER = b"k" * 32, b"o" * 32
BODY = b'{"id": "7", "title": "Banjir"}'
CONTEXT = Context("kota", NOW, ZoneInfo("Asia/Jakarta"), channel="aplikasi", secret=b"s")


def headers(body: bytes = BODY, key: bytes = KEY, at: int = int(NOW), id: str = "msg_1") -> dict[str, str]:
    """What a sender writes above its request."""
    return {"webhook-id": id, "webhook-timestamp": str(at), "webhook-signature": sign(id, at, body, key)}


def options(**given: Any) -> WebhookOptions:
    return msgspec.convert({"keys": ["env:KEY"]} | given, WebhookOptions)


# -- signatures --------------------------------------------------------------------------------------


def test_the_specifications_own_example_is_accepted() -> None:
    """github.com/standard-webhooks/standard-webhooks, the test of its libraries."""
    key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    given = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    assert verify(given, b'{"test": 2432232314}', [key], 1614265330.0) == "msg_p5jXN8AQM9LWM0D4loKWxJek"


def test_header_names_come_in_any_case() -> None:
    assert verify({name.title(): value for name, value in headers().items()}, BODY, [KEY], NOW) == "msg_1"


def test_while_a_sender_changes_its_key_either_key_is_good() -> None:
    for key in (KEY, OTHER):
        assert verify(headers(key=key), BODY, [KEY, OTHER], NOW)
    both = headers()
    both["webhook-signature"] = (
        f"v1a,xyz {headers(key=b'x' * 32)['webhook-signature']} {both['webhook-signature']}"
    )
    assert verify(both, BODY, [KEY], NOW)


@pytest.mark.parametrize("off", [-300, 0, 300])
def test_five_minutes_to_either_side_are_allowed(off: int) -> None:
    assert verify(headers(at=int(NOW) + off), BODY, [KEY], NOW)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"webhook-id": ""}, "webhook-id is missing"),
        ({"webhook-timestamp": ""}, "webhook-timestamp is missing"),
        ({"webhook-signature": " "}, "webhook-signature is missing"),
        ({"webhook-timestamp": "soon"}, "whole number"),
        ({"webhook-timestamp": "1e9"}, "whole number"),
        ({"webhook-timestamp": "٣٣"}, "whole number"),
        ({"webhook-timestamp": str(int(NOW) - 301)}, "301 s old"),
        ({"webhook-timestamp": str(int(NOW) + 301)}, "301 s ahead"),
        ({"webhook-timestamp": str(int(NOW) - 1)}, "no v1 signature"),
        ({"webhook-id": "msg_2"}, "no v1 signature"),
        ({"webhook-id": "msg.1"}, "full stop"),
        ({"webhook-id": "m" * 201}, "1 to 200"),
        ({"webhook-id": "mé"}, "printable ASCII"),
        ({"webhook-signature": "v1,"}, "no v1 signature"),
        ({"webhook-signature": "v1,é"}, "no v1 signature"),
        ({"webhook-signature": "v2," + sign("msg_1", int(NOW), BODY, KEY)[3:]}, "no v1 signature"),
        ({"webhook-signature": "v1,x " * (MAX_SIGNATURES + 1)}, "more than 8"),
    ],
)
def test_what_is_not_signed_as_it_must_be_is_refused_with_the_reason(
    change: dict[str, str], why: str
) -> None:
    with pytest.raises(Refused, match=why) as caught:
        verify(headers() | change, BODY, [KEY], NOW)
    assert caught.value.status == 401


def test_a_changed_body_a_foreign_key_and_no_key_at_all_are_refused() -> None:
    for body, key in ((BODY + b" ", [KEY]), (BODY, [OTHER]), (BODY, [])):
        with pytest.raises(Refused, match="no v1 signature"):
            verify(headers(), body, key, NOW)


def test_parts_cannot_be_shifted_between_id_and_timestamp() -> None:
    given = headers(id="msg_1")
    shifted = given | {"webhook-id": f"msg_1.{int(NOW)}", "webhook-timestamp": str(int(NOW))}
    with pytest.raises(Refused):
        verify(shifted, BODY, [KEY], NOW)


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=5), st.binary(max_size=50))
def test_no_headers_of_strangers_are_let_in_or_break_it(given: dict[str, str], body: bytes) -> None:
    with pytest.raises(Refused):
        verify(headers() | {"webhook-signature": "v1,A"} | given, body, [KEY], NOW)


@pytest.mark.parametrize("text", ["whsec_", "whsec_!!!!", "whsec_" + base64.b64encode(b"short").decode()])
def test_a_weak_or_broken_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="signing key") as caught:
        signing_key(text)
    assert text not in str(caught.value).split()


def test_keys_come_from_the_environment_and_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("KEY", "whsec_" + base64.b64encode(KEY).decode())
    (tmp_path / "key").write_text("whsec_" + base64.b64encode(OTHER).decode() + "\n")
    assert keys(options(keys=["env:KEY", "file:key"]), tmp_path) == [KEY, OTHER]


def test_a_feed_without_a_key_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(msgspec.ValidationError, match="nobody could sign"):
        options(keys=[])


# -- bodies ------------------------------------------------------------------------------------------


def test_an_incident_under_our_own_names() -> None:
    parsed = parse(BODY, CONTEXT, options())
    assert parsed.faults == []
    assert parsed.events == [
        IncidentReported(feed="kota", source_id="7", received_at=NOW, title="Banjir", channel="aplikasi")
    ]


def test_incidents_through_a_mapping() -> None:
    body = b'{"laporan": [{"kode": 5, "judul": "Api"}, {"judul": "tanpa kode"}]}'
    mapping = {"records": "laporan", "fields": {"id": "kode", "title": "judul"}}
    parsed = parse(body, CONTEXT, options(mapping=mapping))
    assert [event.source_id for event in parsed.events] == ["5"]
    assert [(fault.where, fault.why) for fault in parsed.faults] == [("record 1", "id: is missing")]


def test_a_gauges_reading() -> None:
    reading = {"id": "PA1", "name": "Pintu Air Hulu", "value": "120 cm", "lon": 110.01, "lat": -5.01}
    body = msgspec.json.encode(reading | {"observed": "2026-09-21T08:00:00+07:00"})
    parsed = parse(body, CONTEXT, options(kind="gauge"))
    assert parsed.events == [
        GaugeRead(
            feed="kota", source_id="PA1", received_at=NOW, observed_at=1789952400.0,
            name="Pintu Air Hulu", value=120.0, lon=110.01, lat=-5.01,
        )
    ]  # fmt: skip


def test_a_gauge_without_a_value_is_unknown_not_nought() -> None:
    (event,) = parse(b'{"id": "PA1", "value": "-"}', CONTEXT, options(kind="gauge")).events
    assert isinstance(event, GaugeRead)
    assert event.value is None


def test_a_step_of_a_call_through_a_mapping() -> None:
    body = b"""{"calls": [
      {"uid": "c-1", "antrean": "112", "aksi": "masuk", "dari": "0812-3456-7890",
       "pada": "2026-09-21T08:00:00+07:00"},
      {"uid": "c-1", "antrean": "112", "aksi": "dijawab", "petugas": "SIP/201", "nama": "Ani", "tunggu": 9},
      {"uid": "c-1", "antrean": "112", "aksi": "selesai", "tunggu": 9, "bicara": "61.5"}]}"""
    mapping = {
        "records": "calls",
        "fields": {
            "id": "uid", "queue": "antrean", "phase": "aksi", "caller": "dari", "observed": "pada",
            "agent": "petugas", "agent_name": "nama", "hold": "tunggu", "talk": "bicara",
        },
        "values": {"phase": {"masuk": "join", "dijawab": "connect", "selesai": "complete"}},
    }  # fmt: skip
    parsed = parse(body, CONTEXT, options(kind="call", mapping=mapping))
    assert parsed.faults == []
    join, connect, complete = parsed.events
    assert isinstance(join, CallEvent)
    assert join == CallEvent(
        feed="kota", source_id="c-1", received_at=NOW, observed_at=1789952400.0, queue="112", phase="join",
        caller="0812-****-890", caller_key=join.caller_key,
    )  # fmt: skip
    assert len(join.caller_key) == 16
    assert isinstance(connect, CallEvent)
    assert (connect.phase, connect.agent, connect.agent_name, connect.hold_s) == (
        "connect", "SIP/201", "Ani", 9.0,
    )  # fmt: skip
    assert isinstance(complete, CallEvent)
    assert (complete.phase, complete.talk_s) == ("complete", 61.5)
    assert b"3456" not in encoder.encode(parsed.events)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"id": None}, "id: is missing"),
        ({"queue": "-"}, "queue: is missing"),
        ({"phase": None}, "phase: is missing"),
        ({"phase": "dering"}, "phase: 'dering' is no step of a call; there are join, "),
        ({"hold": 1_790_000_000}, "hold: is no duration in seconds"),
        ({"talk": -1}, "talk: is no duration in seconds"),
    ],
)
def test_a_step_without_what_it_needs_is_a_fault_and_its_number_stays_masked(
    change: dict[str, Any], why: str
) -> None:
    record = {"id": "c-1", "queue": "112", "phase": "join", "caller": "081234567890"} | change
    parsed = parse(msgspec.json.encode(record), CONTEXT, options(kind="call"))
    assert parsed.events == []
    assert parsed.faults[0].why.startswith(why)
    assert "34567" not in repr(parsed.faults)


def test_a_body_that_is_no_json_is_refused() -> None:
    for kind in ("incident", "gauge", "call", "event"):
        with pytest.raises(BadDocument):
            parse(b"<html></html>", CONTEXT, options(kind=kind))


def events(*listed: Any) -> tuple[list[Any], list[str]]:
    parsed = parse(msgspec.json.encode(list(listed)), CONTEXT, options(kind="event"))
    return list(parsed.events), [fault.why for fault in parsed.faults]


def test_our_own_events_are_taken_with_feed_and_time_of_receipt_forced() -> None:
    sent = IncidentReported(feed="other", source_id="1", received_at=1.0, observed_at=NOW - 60, title="Api")
    body = encoder.encode({"events": [sent]})
    (event,) = parse(body, CONTEXT, options(kind="event")).events
    assert event == msgspec.structs.replace(sent, feed="kota", received_at=NOW)
    assert decoder.decode(encoder.encode(event)) == event


def test_the_end_of_a_thing_and_a_complete_list_are_taken() -> None:
    found, faults = events(
        {"type": "gone", "source_id": "1", "kind": "incident"},
        {"type": "present", "source_id": "", "kind": "incident", "ids": ["2"]},
    )
    assert faults == []
    assert [type(event) for event in found] == [Gone, Present]


@pytest.mark.parametrize(
    "forged",
    [
        {"type": "command", "source_id": "c1", "person": "admin", "action": "acknowledge"},
        {"type": "feed", "source_id": "x", "state": "ok"},
        {"type": "node", "source_id": "x"},
        {"type": "board", "source_id": "x", "node": "n", "state": "painting"},
    ],
)
def test_a_feeds_key_gives_nobody_a_persons_rights(forged: dict[str, Any]) -> None:
    found, faults = events(forged)
    assert found == []
    assert len(faults) == 1


@pytest.mark.parametrize(
    "bad",
    [
        7,
        {},
        {"type": "incident", "source_id": "1"},
        {"type": "incident", "source_id": "", "title": "x"},
        {"type": "incident", "source_id": "1" * 129, "title": "x"},
        {"type": "incident", "source_id": "1", "title": "x", "lon": "east"},
        {"type": "incident", "source_id": "1\n2", "title": "x"},
        {"type": "present", "source_id": "", "kind": "incident", "ids": ["1" * 129]},
        {"type": "present", "source_id": "", "kind": "command", "ids": []},
        {"type": "gone", "source_id": "1", "kind": "incident:x"},
        {"type": "incident", "source_id": "1", "title": "x", "opened_at": 1e300},
    ],
)
def test_a_bad_event_is_a_fault_and_the_others_pass(bad: Any) -> None:
    found, faults = events(bad, {"type": "incident", "source_id": "2", "title": "x"})
    assert [event.source_id for event in found] == ["2"]
    assert len(faults) == 1


def test_a_number_that_no_float_holds_cannot_stop_the_engine() -> None:
    body = b'{"type": "incident", "source_id": "1", "title": "x", "seq": ' + b"9" * 400 + b"}"
    parsed = parse(body, CONTEXT, options(kind="event"))
    assert (parsed.events, len(parsed.faults)) == ([], 1)


def test_texts_addresses_and_numbers_of_integrators_are_made_harmless() -> None:
    (report, camera), faults = events(
        {
            "type": "incident",
            "source_id": "1",
            "title": "a\u202eb",
            "text": "0812-3456-7890",
            "media_url": "javascript:x",
        },
        {
            "type": "camera",
            "source_id": "2",
            "name": "Simpang",
            "streams": [{"type": "hls", "url": "http://10.0.0.1/a.m3u8"}],
        },
    )
    assert faults == []
    assert isinstance(report, IncidentReported)
    assert (report.title, report.text, report.media_url) == ("ab", "0812-****-890", "")
    assert isinstance(camera, CameraListed)
    assert camera.streams[0].url == ""


def test_a_callers_number_never_leaves_unmasked() -> None:
    base = {"type": "call", "source_id": "1", "queue": "112", "phase": "join"}
    (plain, keyed), faults = events(
        base | {"caller": "081234567890"}, base | {"caller": "0812-****-890", "caller_key": "081234567890"}
    )
    assert faults == []
    for event in (plain, keyed):
        assert isinstance(event, CallEvent)
        assert event.caller == "0812-****-890"
        assert len(event.caller_key) == 16
        assert b"34567890" not in encoder.encode(event)
    assert plain.caller_key == keyed.caller_key
