"""feeds/ami*.py on documents: frames, names of all versions, masking. The sockets: tests/test_ami_live.py."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.ami import ADAPTER, AmiOptions, parse
from feeds.ami import snapshot as ami_snapshot
from feeds.ami.frames import MAX_FRAME_BYTES, Broken, Framer, encode
from feeds.base import Context, Parsed
from tests.samples import samples
from wallboard import events
from wallboard.errors import BadDocument
from wallboard.events import AgentStatus, CallEvent, Present, QueueSnapshot

NOW = 1_773_110_000.0
NUMBER = "081234567789"

ANSWERED = f"""Asterisk Call Manager/7.0.3
Event: QueueCallerJoin
Privilege: agent,all
SequenceNumber: 7757
Timestamp: 1773109990.199129
Channel: SIP/trunk-0001
CallerIDNum: {NUMBER}
CallerIDName: Toko: Maju
Queue: 112
Position: 1
Count: 1
Uniqueid: pbx1-1773109990.42
Linkedid: pbx1-1773109990.42

Event: AgentCalled
SequenceNumber: 7765
Queue: 112
Interface: SIP/201
MemberName: Ani
CallerIDNum: {NUMBER}
DestUniqueid: pbx1-1773109991.43
Uniqueid: pbx1-1773109990.42

Event: QueueCallerLeave
SequenceNumber: 7802
Queue: 112
Position: 1
Count: 0
Uniqueid: pbx1-1773109990.42

Event: AgentConnect
SequenceNumber: 7804
Queue: 112
Interface: SIP/201
MemberName: Ani
HoldTime: 9
RingTime: 9
Uniqueid: pbx1-1773109990.42

Event: AgentComplete
SequenceNumber: 7832
Queue: 112
Interface: SIP/201
MemberName: Ani
HoldTime: 9
TalkTime: 3
Reason: caller
Uniqueid: pbx1-1773109990.42

Event: Hangup
SequenceNumber: 7856
Uniqueid: pbx1-1773109991.43
Cause-txt: Normal Clearing

Event: Hangup
SequenceNumber: 7879
Uniqueid: pbx1-1773109990.42
Cause-txt: Normal Clearing

"""


def read(text: str | bytes, secret: bytes = b"key of the tests") -> Parsed:
    payload = text.encode() if isinstance(text, str) else text
    return parse(payload, Context(feed="ami", now=NOW, zone=UTC, secret=secret))


def calls(parsed: Parsed) -> list[CallEvent]:
    return [event for event in parsed.events if isinstance(event, CallEvent)]


def one(text: str) -> Any:
    parsed = read(text)
    assert parsed.faults == []
    assert len(parsed.events) == 1
    return parsed.events[0]


def test_an_answered_call_in_the_order_of_the_exchange() -> None:
    parsed = read(ANSWERED)
    assert parsed.faults == []
    assert [event.phase for event in calls(parsed)] == [
        "join",
        "ring",
        "leave",
        "connect",
        "complete",
        "hangup",
    ]
    assert {event.source_id for event in calls(parsed)} == {"pbx1-1773109990.42"}
    join, ring, _, connect, complete, _ = calls(parsed)
    assert (join.seq, join.observed_at, join.position) == (7757, 1773109990.199129, 1)
    assert (join.caller, len(join.caller_key)) == ("0812-****-789", 16)
    assert (ring.agent, ring.agent_name) == ("SIP/201", "Ani")
    # Durations in seconds, whatever the reference says of 1970.
    assert (connect.hold_s, connect.ring_s, complete.talk_s, complete.reason) == (9.0, 9.0, 3.0, "caller")


def test_the_order_within_one_document_survives_in_received_at() -> None:
    times = [event.received_at for event in calls(read(ANSWERED))]
    assert times == sorted(set(times))
    assert times[-1] - NOW < 0.001


def test_a_json_list_of_events_is_the_same_as_the_text() -> None:
    frames = [frame for frame in Framer().feed(ANSWERED.encode()) if isinstance(frame, dict)]
    names = {"event": "Event", "uniqueid": "Uniqueid", "queue": "Queue"}
    listed = [{names.get(key, key): value for key, value in frame.items()} for frame in frames]
    assert read(json.dumps(listed)) == read(ANSWERED)


def test_crlf_and_lf_are_read_alike() -> None:
    assert read(ANSWERED.replace("\n", "\r\n")) == read(ANSWERED)


@pytest.mark.parametrize(
    ("old", "phase"),
    [
        ("Event: Join\nQueue: 112\nPosition: 1\nCount: 1\nUniqueid: 1.1\nCallerIDNum: 0812", "join"),
        ("Event: Leave\nQueue: 112\nCount: 0\nUniqueid: 1.1", "leave"),
        ("Event: AgentConnect\nQueue: 112\nMember: SIP/201\nMemberName: Ani\nUniqueid: 1.1", "connect"),
        ("Event: AgentCalled\nQueue: 112\nAgentCalled: SIP/201\nAgentName: Ani\nUniqueid: 1.1", "ring"),
    ],
)
def test_the_names_of_asterisk_11_are_read_too(old: str, phase: str) -> None:
    event = one(f"{old}\n\n")
    assert (event.phase, event.queue, event.source_id) == (phase, "112", "1.1")
    if phase in ("connect", "ring"):
        assert (event.agent, event.agent_name) == ("SIP/201", "Ani")


def test_old_pause_and_location_of_a_member() -> None:
    event = one(
        "Event: QueueMemberPaused\nQueue: 112\nLocation: SIP/201\nMemberName: Ani\nPaused: 1\nReason: x\n\n"
    )
    assert isinstance(event, AgentStatus)
    assert (event.source_id, event.paused, event.reason, event.flags) == ("SIP/201", True, "x", ("no_state",))


STATES = ["unknown", "free", "busy", "busy", "unavailable", "unavailable", "ringing", "busy", "hold"]


@pytest.mark.parametrize(
    ("status", "state"),
    [*((str(n), state) for n, state in enumerate(STATES)), ("99", "unknown"), ("", "unknown")],
)
def test_device_states(status: str, state: str) -> None:
    event = one(f"Event: QueueMemberStatus\nQueue: 112\nInterface: SIP/1\nStatus: {status}\nPaused: 0\n\n")
    assert event.state == state


def test_a_penalty_alone_is_no_news() -> None:
    assert read("Event: QueueMemberPenalty\nQueue: 112\nLocation: SIP/1\nPenalty: 3\n\n") == Parsed()


def test_the_two_halves_of_a_local_channel_are_one_call() -> None:
    half = "Event: Join\nQueue: 112\nChannel: Local/112@in-0001;{n}\nUniqueid: 5.{n}\nLinkedid: 4.9\n\n"
    assert [event.source_id for event in calls(read(half.format(n=1) + half.format(n=2)))] == ["4.9", "4.9"]


def test_only_a_callers_hang_up_is_told() -> None:
    assert read("Event: Hangup\nUniqueid: 7.7\nChannel: SIP/201-0001\n\n").events == []


def test_a_value_may_hold_a_colon_and_any_bytes() -> None:
    payload = (
        b"Event: QueueMemberStatus\r\nQueue: 112: utara\r\nInterface: SIP/1\r\nMemberName: Jos\xe9\r\n"
        b"Status: 1\r\n\r\n"
        b"Event: QueueMemberStatus\r\nQueue: 112\r\nInterface: SIP/2\r\nMemberName: Jos\xc3\xa9\x00"
        b"\xe2\x80\xae\r\nStatus: 1\r\n\r\n"
    )
    first, second = read(payload).events
    assert isinstance(first, AgentStatus)
    assert isinstance(second, AgentStatus)
    assert (first.queue, first.name, second.name) == ("112: utara", "José", "José")


@pytest.mark.parametrize("number", ["<unknown>", "", "anonymous", "Restricted"])
def test_an_unknown_caller_is_nobody(number: str) -> None:
    event = one(f"Event: Join\nQueue: 112\nUniqueid: 1.1\nCallerIDNum: {number}\n\n")
    assert (event.caller, event.caller_key) == ("", "")


def test_missing_bytes_in_a_capture_cost_their_frame_alone() -> None:
    text = ANSWERED.replace("Event: AgentConnect", "[1613 bytes missing in capture file]Event: AgentConnect")
    parsed = read(text)
    assert "connect" not in [event.phase for event in calls(parsed)]
    assert len(calls(parsed)) == 5
    assert [(fault.where, fault.record) for fault in parsed.faults] == [("frame 4 (AgentConnect)", None)]


def test_a_frame_without_its_id_is_a_fault_and_the_rest_passes() -> None:
    parsed = read(
        "Event: QueueCallerJoin\nQueue: 112\n\nEvent: QueueCallerLeave\nQueue: 112\nUniqueid: 1.1\n\n"
    )
    assert [fault.why for fault in parsed.faults] == ["it has no uniqueid"]
    assert len(parsed.events) == 1


@pytest.mark.parametrize("hold", ["1659379753", "-3", "nan", "inf", "1e999", "soon", ""])
def test_what_is_no_duration_is_none(hold: str) -> None:
    assert one(f"Event: AgentConnect\nQueue: 112\nUniqueid: 1.1\nHoldTime: {hold}\n\n").hold_s is None


def test_a_frame_above_the_bound_is_refused_and_the_next_is_read() -> None:
    huge = b"Event: X\r\nA: " + b"a" * (MAX_FRAME_BYTES * 3) + b"\r\n\r\n"
    good = b"Event: QueueCallerLeave\r\nQueue: 112\r\nUniqueid: 1.1\r\n\r\n"
    parsed = read(huge + good)
    assert len(parsed.events) == len(parsed.faults) == 1
    framer = Framer()
    items = [item for start in range(0, len(huge), 1000) for item in framer.feed(huge[start : start + 1000])]
    assert [type(item) for item in items] == [Broken]
    assert len(list(framer.feed(good))) == 1


def test_many_small_lines_cannot_fill_the_memory_either() -> None:
    framer = Framer()
    for _ in range(200):
        assert list(framer.feed(b"A: b\r\n" * 1000)) == []
    assert sum(len(line) for line in framer._lines) <= MAX_FRAME_BYTES


@given(st.lists(st.integers(1, 60), max_size=60))
@settings(max_examples=40)
def test_frames_are_the_same_however_the_bytes_are_cut(cuts: list[int]) -> None:
    wire = ANSWERED.replace("\n", "\r\n").encode()
    framer, items, place = Framer(), [], 0
    for size in [*cuts, len(wire)]:
        items += list(framer.feed(wire[place : place + size]))
        place += size
    assert items == list(Framer().feed(wire))
    assert framer.greeting == "Asterisk Call Manager/7.0.3"


def test_a_capture_cut_in_the_middle_says_so() -> None:
    wire = ANSWERED.replace("\n", "\r\n").encode()
    parsed = read(wire[: wire.index(b"TalkTime: 3") + 10])
    assert [fault.why for fault in parsed.faults] == ["it ends in the middle of a line"]
    assert len(calls(parsed)) == 4


def test_a_line_break_in_an_action_is_refused() -> None:
    with pytest.raises(ValueError, match="Username"):
        encode([("Action", "Login"), ("Username", "x\r\nAction: Originate")])


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"\n\n",
        b"<html><body>Log in</body></html>",
        b"just words\n",
        b"[1, 2",
        b'[{"Event": ',
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_manager_document_is_refused(document: bytes) -> None:
    with pytest.raises(BadDocument):
        read(document)


def test_json_records_that_are_no_objects_are_faults() -> None:
    parsed = read('[{"Event": "QueueCallerLeave", "Queue": "112", "Uniqueid": "1.1"}, 5, null]')
    assert (len(parsed.events), len(parsed.faults)) == (1, 2)


SNAPSHOT = f"""Event: QueueParams
Queue: 112
Completed: 60
Abandoned: 5

Event: QueueMember
Queue: 112
Name: Ani
Location: SIP/201
Status: 1
Paused: 1
CallsTaken: 2

Event: QueueEntry
Queue: 112
Position: 1
Channel: SIP/trunk-1
Uniqueid: 1.1
CallerIDNum: {NUMBER}
Wait: 40

Event: QueueParams
Queue: polisi

"""


def test_a_snapshot_becomes_events_when_it_is_complete() -> None:
    parsed = read(SNAPSHOT + "Event: QueueStatusComplete\n\n")
    first, second, names = parsed.events
    assert isinstance(first, QueueSnapshot)
    assert isinstance(second, QueueSnapshot)
    assert isinstance(names, Present)
    assert (first.source_id, first.completed, first.abandoned) == ("112", 60, 5)
    assert [(m.agent, m.name, m.state, m.paused, m.calls_taken) for m in first.members] == [
        ("SIP/201", "Ani", "free", True, 2)
    ]
    assert [(w.call_id, w.wait_s, w.caller) for w in first.waiting] == [("1.1", 40.0, "0812-****-789")]
    assert (second.waiting, names.ids) == ((), ("112", "polisi"))


def test_half_a_snapshot_is_no_snapshot() -> None:
    parsed = read(SNAPSHOT)
    assert parsed.events == []
    assert [fault.why for fault in parsed.faults] == ["the answer to QueueStatus has no end"]


def test_a_snapshot_without_bounds_is_refused_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami_snapshot, "MAX_ITEMS", 3)
    parsed = read(SNAPSHOT + "Event: QueueStatusComplete\n\n")
    assert parsed.events == []
    assert [fault.why for fault in parsed.faults] == ["the answer to QueueStatus has more than 20000 items"]


def test_the_list_of_channels_says_which_calls_there_are() -> None:
    event = one("Event: CoreShowChannel\nUniqueid: 2.2\nLinkedid: 1.1\n\nEvent: CoreShowChannelsComplete\n\n")
    assert (event.kind, event.ids) == ("call", ("1.1", "2.2"))


def test_the_number_is_nowhere_in_events_or_faults() -> None:
    broken = ANSWERED.replace("Uniqueid: pbx1-1773109990.42\nLinkedid", "Linkedid") + SNAPSHOT
    gap = ANSWERED.replace("CallerIDNum", "[12 bytes missing in capture file]CallerIDNum")
    for text in (ANSWERED, broken, gap, SNAPSHOT + "Event: QueueStatusComplete\n\n"):
        parsed = read(text)
        said = (
            b"".join(events.encoder.encode(event) for event in parsed.events) + repr(parsed.faults).encode()
        )
        assert NUMBER.encode() not in said
        assert NUMBER[-8:].encode() not in said


def test_without_a_secret_there_is_no_hash_of_the_number() -> None:
    assert calls(read(ANSWERED, secret=b""))[0].caller_key == ""


@pytest.mark.parametrize(
    "options",
    [
        {"user": "wall"},
        {"user": "wall", "secret": "env:X", "auth": "none"},
        {"user": "wall", "secret": "env:X", "ping_every": 0},
        {"user": "wall\r\nAction: Originate", "secret": "env:X"},
        {"user": "wall", "secret": "env:X", "pasword": "x"},
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(options, AmiOptions)


def test_the_adapter_keeps_a_connection() -> None:
    assert ADAPTER.run is not None
    assert ADAPTER.schemes == ("tcp", "tls")


def test_every_sample_is_read() -> None:
    count = 0
    for path in sorted(samples("calls").rglob("*.*")):
        if path.suffix in (".yaml", ".json"):
            parsed = read(path.read_bytes())
            assert all("missing" in fault.why for fault in parsed.faults), path
            said = b"".join(events.encoder.encode(event) for event in parsed.events)
            assert b"150010001" not in said
            count += 1
    assert count > 60


def test_a_real_abandon_without_its_join() -> None:
    parsed = read(samples("calls/cacofonisk/queue/queue_a_cancel.json").read_bytes())
    assert [(event.phase, event.hold_s, event.caller) for event in calls(parsed)] == [
        ("abandon", 11.0, "+3115-****-001")
    ]


def test_a_real_capture_with_two_gaps() -> None:
    parsed = read(samples("calls/panoramisk/agent_loggued_in.yaml").read_bytes())
    assert len(parsed.faults) == 2
    assert len([event for event in parsed.events if isinstance(event, AgentStatus)]) == 4
