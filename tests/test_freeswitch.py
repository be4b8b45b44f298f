"""feeds/freeswitch/: mod_callcenter's events and lists, and the event socket on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random
from types import TracebackType
from typing import Self
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.base import Context, RecordFault
from feeds.freeswitch import ADAPTER, FreeswitchOptions, parse
from feeds.freeswitch import session as freeswitch_session
from feeds.freeswitch.frames import MAX_BODY_BYTES, MAX_HEAD_BYTES, Broken, Frame, Framer, rows_of
from feeds.running.intake import FeedSpec
from feeds.running.supervisor import FeedSupervisor
from tests.faulty import reset, wait_until
from tests.worlds import small_world
from wallboard import events as wire
from wallboard.engine import reduce
from wallboard.entities import Agent, Call, Queue, QueueWindow
from wallboard.errors import BadDocument
from wallboard.events import AnyEvent, CallEvent, FeedHealth

ZONE = ZoneInfo("Asia/Jakarta")
#: half past nine in the morning
START = 1_773_109_800.0
CONTEXT = Context("pbx", START, ZONE, secret=b"key")
NUMBER = "081234567890"
QUEUE = "112@contoh.go.id"
ANI = "1001@contoh.go.id"


def event(action: str, sequence: int = 1, /, **more: str) -> bytes:
    """A plain event as it is sent; values are URL-encoded."""
    known = {
        "Event-Name": "CUSTOM", "Core-UUID": "c", "Event-Date-Timestamp": f"{int(START * 1e6)}",
        "Event-Sequence": str(sequence), "Event-Subclass": "callcenter::info", "CC-Action": action,
    }  # fmt: skip
    fields = known | {name.replace("_", "-"): value for name, value in more.items()}
    return "".join(f"{name}: {quote(value)}\n" for name, value in fields.items()).encode() + b"\n"


def member(id: str = "u-1", **more: str) -> dict[str, str]:
    return {
        "CC_Queue": QUEUE, "CC_Member_UUID": f"m-{id}", "CC_Member_Session_UUID": id,
        "CC_Member_CID_Name": "Warga", "CC_Member_CID_Number": NUMBER, **more,
    }  # fmt: skip


def times(joined: int = 0, called: int = 5, answered: int = 9) -> dict[str, str]:
    start = int(START)
    return {
        "CC_Member_Joined_Time": str(start + joined), "CC_Agent_Called_Time": str(start + called),
        "CC_Agent_Answered_Time": str(start + answered), "CC_Agent": ANI,
    }  # fmt: skip


def steps(*events: bytes) -> list[CallEvent]:
    parsed = parse(b"".join(events), CONTEXT)
    assert parsed.faults == []
    return [each for each in parsed.events if isinstance(each, CallEvent)]


# -- events ------------------------------------------------------------------------------------------


def test_an_answered_call() -> None:
    over = str(int(START) + 69)
    ended = {"CC_Bridge_Terminated_Time": over, "CC_Hangup_Cause": "NORMAL_CLEARING"}
    left = {"CC_Cause": "Terminated", "CC_Member_Leaving_Time": over}
    join, ring, connect, complete, end = steps(
        event("member-queue-start", 1, **member()),
        event("agent-offering", 2, **member(CC_Agent=ANI)),
        event("bridge-agent-start", 3, **member(**times())),
        event("bridge-agent-end", 4, **member(**times(), **ended)),
        event("member-queue-end", 5, **member(**times(), **left)),
    )  # fmt: skip
    assert [each.phase for each in (join, ring, connect, complete, end)] == [
        "join", "ring", "connect", "complete", "hangup",
    ]  # fmt: skip
    assert (join.source_id, join.queue, join.caller, join.seq) == ("u-1", QUEUE, "0812-****-890", 1)
    assert join.observed_at == START
    assert (connect.agent, connect.agent_name, connect.hold_s, connect.ring_s) == (ANI, "1001", 9.0, 4.0)
    assert (complete.hold_s, complete.talk_s) == (9.0, 60.0)


@pytest.mark.parametrize(
    ("more", "phase"),
    [
        ({"CC_Cancel_Reason": "BREAK_OUT", "Answer_State": "hangup"}, "abandon"),
        ({"CC_Cancel_Reason": "BREAK_OUT", "Channel_State": "CS_HANGUP"}, "abandon"),
        ({"CC_Cancel_Reason": "NONE", "Answer_State": "hangup"}, "abandon"),
        ({"CC_Cancel_Reason": "BREAK_OUT"}, "abandon"),
        (
            {"CC_Cancel_Reason": "BREAK_OUT", "Answer_State": "answered", "Channel_State": "CS_EXECUTE"},
            "leave",
        ),
        ({"CC_Cancel_Reason": "TIMEOUT", "Answer_State": "answered"}, "leave"),
        ({"CC_Cancel_Reason": "NO_AGENT_TIMEOUT"}, "leave"),
        ({"CC_Cancel_Reason": "EXIT_WITH_KEY"}, "leave"),
    ],
)
def test_who_gave_up_and_who_was_taken_out_of_the_line(more: dict[str, str], phase: str) -> None:
    ended = {"CC_Member_Joined_Time": str(int(START)), "CC_Member_Leaving_Time": str(int(START) + 30)}
    (end,) = steps(event("member-queue-end", **member(**ended, CC_Cause="Cancel", **more)))
    assert end.phase == phase
    assert end.hold_s == (30.0 if phase == "abandon" else None)


def test_a_call_taker_who_does_not_answer() -> None:
    (ring,) = steps(event("bridge-agent-fail", **member(CC_Agent=ANI, CC_Hangup_Cause="NO_ANSWER")))
    assert (ring.phase, ring.agent, ring.reason) == ("ring_no_answer", ANI, "no_answer")


def test_values_are_url_encoded_and_a_zero_is_no_time() -> None:
    at_zero = member(
        CC_Agent=ANI, CC_Member_Joined_Time="0", CC_Agent_Answered_Time="0", CC_Queue="112 pusat:ä"
    )
    (connect,) = steps(event("bridge-agent-start", **at_zero))
    assert (connect.queue, connect.hold_s) == ("112 pusat:ä", None)


def test_without_its_channel_a_call_is_its_stay_in_the_queue() -> None:
    (join,) = steps(event("member-queue-start", **member(CC_Member_Session_UUID="")))
    assert join.source_id == "m-u-1"


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (event("member-queue-start", **member(CC_Queue="")), "names no queue"),
        (event("member-queue-start", CC_Queue=QUEUE), "names no member"),
        (event("member-queue-start", **member(CC_Queue="q" * 200)), "too long"),
        (event("agent-state-change", CC_Agent_State="Waiting"), "names no call taker"),
    ],
)
def test_a_bad_event_is_a_fault(bad: bytes, why: str) -> None:
    parsed = parse(bad + event("member-queue-start", **member()), CONTEXT)
    assert why in parsed.faults[0].why
    assert NUMBER not in repr(parsed)
    assert len(parsed.events) == 1


def test_other_events_are_nothing_and_no_events_are_refused() -> None:
    parsed = parse(
        b"Event-Name: HEARTBEAT\nEvent-Info: System%20Ready\n\n" + event("members-count", CC_Queue=QUEUE),
        CONTEXT,
    )
    assert (parsed.events, parsed.faults) == ([], [])
    with pytest.raises(BadDocument, match="no plain event"):
        parse(b"<html></html>", CONTEXT)


# -- frames ------------------------------------------------------------------------------------------


def framed(body: bytes, kind: str = "text/event-plain") -> bytes:
    return f"Content-Length: {len(body)}\nContent-Type: {kind}\n\n".encode() + body


@given(st.lists(st.integers(1, 200), max_size=30))
def test_frames_come_out_whole_however_the_bytes_are_cut(cuts: list[int]) -> None:
    stream = (
        b"Content-Type: auth/request\n\n"
        + framed(event("x", **member()))
        + b"\n\nContent-Type: command/reply\r\nReply-Text: +OK accepted\r\n\r\n"
    )
    framer, at = Framer(), 0
    found: list[Frame | Broken] = []
    for cut in [*cuts, len(stream)]:
        found += framer.feed(stream[at : at + cut])
        at += cut
    assert not any(isinstance(each, Broken) for each in found)
    assert [each.head.get("content-type") for each in found if not isinstance(each, Broken)] == [
        "auth/request", "text/event-plain", "command/reply",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "bad",
    [
        b"x" * (MAX_HEAD_BYTES + 1),
        b"Content-Length: -5\n\n",
        b"Content-Length: 9999999999\n\n",
        f"Content-Length: {MAX_BODY_BYTES + 1}\n\n".encode(),
    ],
)
def test_what_has_no_end_or_is_too_large_is_broken_for_good(bad: bytes) -> None:
    framer = Framer()
    (broken,) = framer.feed(bad)
    assert isinstance(broken, Broken)
    assert list(framer.feed(framed(b"x"))) == []


def test_tables() -> None:
    assert rows_of(b"+OK\n") == []
    assert rows_of(b"name|state\na|1\nb|2\n+OK\n") == [
        {"name": "a", "state": "1"},
        {"name": "b", "state": "2"},
    ]
    assert rows_of(b"-ERR Invalid!\n") is None
    assert rows_of(b"name|state\na|1\n") is None
    assert rows_of(b"") is None


# -- on real sockets ---------------------------------------------------------------------------------


class FreeSwitch:
    """An exchange with one queue, its lists and its event socket."""

    def __init__(self) -> None:
        self.password = "rahasia"
        self.port = 0
        self.connections = 0
        self.commands: list[str] = []
        #: id → (joined, state)
        self.members: dict[str, tuple[float, str]] = {}
        self.agents = {ANI: ("Available", "Waiting")}
        #: "", "mute", "stranger", "rude", "deaf" (answers nothing after the log-in), "no module"
        self.fault = ""
        self.sequence = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()

    def cut(self, last: bytes = b"") -> None:
        """Break all connections, in the middle of whatever `last` is."""
        for writer in list(self._writers):
            if last:
                writer.write(last)
                writer.close()
            else:
                reset(writer)

    def say(self, action: str, **more: str) -> None:
        """An event to all who listen."""
        self.sequence += 1
        for writer in self._writers:
            writer.write(framed(event(action, self.sequence, **more)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            match self.fault:
                case "mute":
                    await reader.read()
                case "stranger":
                    writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
                    await reader.read()
                case "rude":
                    writer.write(framed(b"Access Denied, go away.\n", "text/rude-rejection"))
                    await reader.read()
                case _:
                    writer.write(b"Content-Type: auth/request\n\n")
                    while True:
                        command = (await reader.readuntil(b"\n\n")).decode().strip()
                        self.commands.append(command)
                        if self.fault != "deaf" or not command.startswith("api"):
                            writer.write(self._answer(command))
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client went away
        finally:
            self._writers.discard(writer)
            writer.close()

    def _answer(self, command: str) -> bytes:
        if command.startswith("auth "):
            good = command == f"auth {self.password}"
            reply = "+OK accepted" if good else "-ERR invalid"
            return f"Content-Type: command/reply\nReply-Text: {reply}\n\n".encode()
        if command.startswith("event "):
            return b"Content-Type: command/reply\nReply-Text: +OK event listener enabled plain\n\n"
        if self.fault == "no module":
            return framed(b"-ERR callcenter_config Command not found!\n", "api/response")
        return framed(self._table(command.removeprefix("api callcenter_config ")), "api/response")

    def _table(self, what: str) -> bytes:
        match what:
            case "queue list":
                rows = ["name|strategy", f"{QUEUE}|ring-all"]
            case "tier list":
                rows = ["queue|agent|state|level|position", f"{QUEUE}|{ANI}|Ready|1|1"]
            case "agent list":
                rows = [
                    "name|status|state",
                    *(f"{name}|{one}|{two}" for name, (one, two) in self.agents.items()),
                ]
            case _:
                assert what == f"queue list members {QUEUE}"
                rows = [
                    f"{QUEUE}|m-{id}|{id}|{NUMBER}|{int(joined)}|{state}"
                    for id, (joined, state) in self.members.items()
                ]
                rows = ["queue|uuid|session_uuid|cid_number|joined_epoch|state", *rows] if rows else []
        return "".join(f"{row}\n" for row in [*rows, "+OK"]).encode()


class Wall:
    """What the engine makes of the feed's events."""

    def __init__(self) -> None:
        self.now = START
        self.world = small_world()
        self.events: list[AnyEvent] = []
        self.dead: list[RecordFault] = []

    async def put(self, events: Sequence[AnyEvent]) -> None:
        self.events.extend(wire.decoder.decode(wire.encoder.encode(each)) for each in events)
        reduce.apply(self.world, events, self.now)

    async def bury(self, feed: str, faults: Sequence[RecordFault], at: float) -> None:
        self.dead.extend(faults)

    def queue(self) -> Queue:
        return self.world.get(Queue, QUEUE) or Queue(id=QUEUE, name="112", live=False)

    def day(self) -> QueueWindow:
        return self.queue().windows.get("day", QueueWindow())

    def reasons(self) -> list[str]:
        return [
            each.reason for each in self.events if isinstance(each, FeedHealth) and each.state == "failing"
        ]

    async def failed(self, word: str) -> None:
        await wait_until(lambda: any(word in reason for reason in self.reasons()))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FS", "rahasia")
    monkeypatch.setattr(freeswitch_session, "LOGIN_S", 0.5)
    monkeypatch.setattr(freeswitch_session, "ANSWER_S", 0.3)


@asynccontextmanager
async def watched(exchange: FreeSwitch, resync_every: float = 60.0) -> AsyncIterator[Wall]:
    wall = Wall()
    options = msgspec.convert({"password": "env:FS"}, FreeswitchOptions)
    options.resync_every = resync_every
    spec = FeedSpec(
        name="pbx",
        adapter=ADAPTER,
        options=options,
        zone=ZONE,
        url=f"tcp://127.0.0.1:{exchange.port}",
        secret=b"key",
    )

    async def soon(seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.02))

    def clock() -> float:
        wall.now += 1e-4
        return wall.now

    supervisor = FeedSupervisor([spec], wall, clock=clock, rng=Random(1), sleep=soon)
    await supervisor.start()
    try:
        yield wall
    finally:
        await supervisor.stop()


async def test_lists_come_first_then_every_event() -> None:
    async with FreeSwitch() as exchange:
        exchange.members["u-1"] = (START - 30, "Waiting")
        exchange.members["u-0"] = (START - 90, "Abandoned")
        async with watched(exchange) as wall:
            await wait_until(lambda: wall.queue().live)
            assert wall.queue().waiting == 1
            assert wall.queue().oldest_joined_at == pytest.approx(START - 30, abs=1)
            assert wall.queue().agents == {"free": 1}
            exchange.say("bridge-agent-start", **member(**times(joined=-30, called=-4, answered=0)))
            exchange.say("agent-state-change", CC_Agent=ANI, CC_Agent_State="In a queue call")
            await wait_until(lambda: wall.queue().agents == {"busy": 1})
            call = wall.world.get(Call, "pbx/u-1")
            assert call is not None
            assert (call.state, call.caller, call.agent) == ("talking", "0812-****-890", ANI)
            exchange.say("agent-status-change", CC_Agent=ANI, CC_Agent_Status="On Break")
            exchange.say("agent-state-change", CC_Agent=ANI, CC_Agent_State="Waiting")
            await wait_until(lambda: wall.queue().agents == {"paused": 1})
            agent = wall.world.get(Agent, ANI)
            assert agent is not None
            assert (agent.name, agent.reason) == ("1001", "On Break")
            assert (wall.day().offered, wall.day().answered, wall.day().asa_s) == (1, 1, 30.0)
        assert exchange.commands[0] == "auth rahasia"
        assert exchange.commands[1] == "event plain HEARTBEAT CUSTOM callcenter::info"


async def test_a_caller_who_gives_up_counts_once() -> None:
    async with FreeSwitch() as exchange, watched(exchange) as wall:
        await wait_until(lambda: wall.queue().live)
        exchange.say("member-queue-start", **member())
        ended = {"CC_Member_Joined_Time": str(int(START)), "CC_Member_Leaving_Time": str(int(START) + 30)}
        for _ in range(2):
            exchange.say(
                "member-queue-end",
                **member(**ended, CC_Cause="Cancel", CC_Cancel_Reason="BREAK_OUT", Answer_State="hangup"),
            )
        await wait_until(lambda: wall.day().abandoned == 1)
        assert (wall.day().offered, wall.queue().waiting) == (1, 0)


async def test_what_every_call_lacks_is_kept_once() -> None:
    async with FreeSwitch() as exchange, watched(exchange) as wall:
        await wait_until(lambda: wall.queue().live)
        for _ in range(3):
            exchange.say("member-queue-start", CC_Queue=QUEUE)
        exchange.say("member-queue-start", **member())
        await wait_until(lambda: wall.queue().waiting == 1)
        await wait_until(lambda: bool(wall.dead))
    assert [fault.where for fault in wall.dead] == ["frame (member-queue-start)"]


async def test_the_lists_mend_what_was_missed() -> None:
    async with FreeSwitch() as exchange, watched(exchange, resync_every=0.05) as wall:
        exchange.members["u-1"] = (START - 30, "Waiting")
        await wait_until(lambda: wall.queue().waiting == 1)
        exchange.members.clear()
        wall.now += 1
        await wait_until(lambda: wall.queue().waiting == 0)
        assert wall.day().abandoned == 0, "nobody saw how it ended"


async def test_a_connection_cut_in_the_middle_of_an_event() -> None:
    async with FreeSwitch() as exchange, watched(exchange) as wall:
        await wait_until(lambda: wall.queue().live)
        exchange.cut(framed(event("member-queue-start", **member()))[:80])
        await wall.failed("closed the connection")
        await wait_until(lambda: exchange.connections >= 2 and wall.queue().live)
        exchange.say("member-queue-start", **member())
        await wait_until(lambda: wall.queue().waiting == 1)
        assert wall.dead == []


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("mute", "has not logged us in"),
        ("stranger", "no event socket of FreeSWITCH"),
        ("rude", "does not let this server in"),
        ("deaf", "has not answered 'queue list'"),
        ("no module", "Command not found!; is mod_callcenter loaded?"),
    ],
)
async def test_faults_are_named_and_recovered_from(fault: str, why: str) -> None:
    async with FreeSwitch() as exchange:
        exchange.fault = fault
        async with watched(exchange) as wall:
            await wall.failed(why)
            assert not wall.queue().live
            exchange.fault = ""
            exchange.cut()
            await wait_until(lambda: wall.queue().live)


async def test_a_wrong_password_says_so_and_never_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    async with FreeSwitch() as exchange:
        exchange.password = "lain"
        async with watched(exchange) as wall:
            await wall.failed("refuses the password")
    assert "rahasia" not in caplog.text
    assert "rahasia" not in repr(wall.events)


def test_a_password_stands_nowhere_in_the_configuration() -> None:
    for given_options in ({"password": "rahasia"}, {"password": "env:FS", "resync_every": 1.0}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(given_options, FreeswitchOptions)


async def test_a_secret_of_several_lines_is_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FS", "rahasia\n\napi shutdown")
    async with FreeSwitch() as exchange, watched(exchange) as wall:
        await wall.failed("several lines")
        assert exchange.commands == []
