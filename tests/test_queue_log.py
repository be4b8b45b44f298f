"""feeds/queue_log/: the lines as events; the log followed through rotation, truncation and restarts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from feeds.base import MAX_DOCUMENT_BYTES, Context, Document, Parsed, RecordFault
from feeds.fetching.exchange import Call as Asked
from feeds.fetching.exchange import Reply
from feeds.queue_log import ADAPTER, MOST_CHUNKS, QueueLogOptions, parse, poll
from feeds.queue_log import place as places
from feeds.running.notes import MAX_NOTE_BYTES, Notes
from tests.faulty import wait_until
from tests.test_feeds_supervisor import Store, running
from tests.worlds import small_world
from wallboard.engine import reduce
from wallboard.engine.world import World
from wallboard.entities import Agent, Call, Queue, QueueWindow
from wallboard.errors import BadDocument, SourceError, Unreachable
from wallboard.events import AgentStatus, AnyEvent, CallEvent, Present

ZONE = ZoneInfo("Asia/Jakarta")
#: half past nine in the morning
START = 1_773_109_800
CONTEXT = Context("log", float(START), ZONE, secret=b"key")

NUMBER = "081234567890"

ANSWERED = """\
{0}|{0}.1|112|NONE|ENTERQUEUE||081234567890|1
{1}|{0}.1|112|Ani|CONNECT|9|{0}.2|4
{2}|{0}.1|112|Ani|COMPLETECALLER|9|51|1
"""


def answered(at: int) -> str:
    return ANSWERED.format(at, at + 9, at + 60)


def abandoned(at: int) -> str:
    return f"{at}|{at}.1|112|NONE|ENTERQUEUE||{NUMBER}|1\n{at + 30}|{at}.1|112|NONE|ABANDON|1|1|30\n"


def events(text: str) -> list[AnyEvent]:
    parsed = parse(text.encode(), CONTEXT)
    assert parsed.faults == []
    return parsed.events


def calls(text: str) -> list[CallEvent]:
    return [event for event in events(text) if isinstance(event, CallEvent)]


def faults(text: str) -> list[RecordFault]:
    return parse(f"{START}|NONE|NONE|NONE|QUEUESTART|\n{text}\n".encode(), CONTEXT).faults


# -- lines -------------------------------------------------------------------------------------------


def test_an_answered_call() -> None:
    join, connect, complete = calls(answered(START))
    assert (join.phase, join.source_id, join.queue, join.position) == ("join", f"{START}.1", "112", 1)
    assert join.caller == "0812-****-890"
    assert join.caller_key
    assert (connect.phase, connect.agent, connect.hold_s, connect.ring_s) == ("connect", "Ani", 9.0, 4.0)
    assert (complete.phase, complete.hold_s, complete.talk_s, complete.reason) == (
        "complete",
        9,
        51,
        "caller",
    )
    assert [event.observed_at for event in (join, connect, complete)] == [START, START + 9, START + 60]
    assert join.seq == 0
    assert (connect.run, connect.seq) == (START, len(answered(START).split("\n")[0]) + 1)


def test_no_answer_comes_in_milliseconds_and_all_else_in_seconds() -> None:
    (ring,) = calls(f"{START}|1.1|112|Ani|RINGNOANSWER|15000\n")
    assert (ring.phase, ring.ring_s) == ("ring_no_answer", 15.0)
    (gave_up,) = calls(f"{START}|1.1|112|NONE|ABANDON|1|2|68\n")
    assert (gave_up.phase, gave_up.position, gave_up.hold_s) == ("abandon", 1, 68.0)


def test_what_older_versions_leave_out_is_unknown() -> None:
    join, connect = calls(f"{START}|1.1|112|NONE|ENTERQUEUE||7000\n{START}|1.1|112|Ani|CONNECT|1\n")
    assert (join.position, connect.hold_s, connect.ring_s) == (None, 1.0, None)


@pytest.mark.parametrize("word", ["EXITWITHTIMEOUT", "EXITWITHKEY", "EXITEMPTY"])
def test_who_leaves_the_line_is_not_counted_as_having_given_up(word: str) -> None:
    (left,) = calls(f"{START}|1.1|112|NONE|{word}|1|1|30\n")
    assert (left.phase, left.reason) == ("leave", word.lower())


@pytest.mark.parametrize(
    ("data", "hold", "talk"),
    [
        ("BLINDTRANSFER|201|umum|9|51|1", 9, 51),
        ("TRANSFER|201|umum|9|51|1", 9, 51),
        ("TRANSFER|201|umum", None, None),
        ("ATTENDEDTRANSFER|BRIDGE|f3a|9|51|1", 9, 51),
        ("ATTENDEDTRANSFER|LINK|SIP/1|SIP/2|9|51|1", 9, 51),
    ],
)
def test_a_transfer_ends_the_call_takers_part(data: str, hold: float | None, talk: float | None) -> None:
    (end,) = calls(f"{START}|1.1|112|Ani|{data}\n")
    assert (end.phase, end.reason, end.hold_s, end.talk_s) == ("complete", "transfer", hold, talk)


def test_members_and_pauses() -> None:
    text = f"""\
{START}|MANAGER|112|Ani|ADDMEMBER|
{START}|NONE|112|Ani|PAUSE|makan
{START}|NONE|112|Ani|UNPAUSE|
{START}|MANAGER|112|Ani|REMOVEMEMBER|
"""
    found = [event for event in events(text) if isinstance(event, AgentStatus)]
    assert [(event.paused, event.reason, event.removed) for event in found] == [
        (False, "", False), (True, "makan", False), (False, "", False), (False, "", True),
    ]  # fmt: skip
    assert all("no_state" in event.flags for event in found), (
        "the log does not say whether a telephone is free"
    )


def test_a_start_of_the_exchange_ends_all_calls() -> None:
    assert events(f"{START}|NONE|NONE|NONE|QUEUESTART|\n") == [
        Present(feed="log", source_id="calls", received_at=START, run=START, kind="call", ids=())
    ]


def test_a_dialplans_own_words_and_reloads_are_no_faults() -> None:
    text = (
        f"{START}|NONE|NONE|NONE|CONFIGRELOAD|\n{START}|1.1|112|Ani|SURVEY|5\n{START}|1.1|112|NONE|DID|112\n"
    )
    assert events(text) == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("rusak", "does not begin with a time"),
        ("99|1.1|112|NONE|ABANDON|1|1|1", "does not begin with a time"),
        (f"{START}|1.1|112", "fewer than five columns"),
        (f"{START}|NONE|112|NONE|ENTERQUEUE||{NUMBER}|1", "names no call"),
        (f"{START}|1.1|NONE|NONE|ENTERQUEUE||{NUMBER}|1", "names no queue"),
        (f"{START}|{'9' * 200}|112|NONE|ENTERQUEUE||{NUMBER}|1", "longer than 128"),
        (f"{START}|1.1|112|NONE|ENTERQUEUE|{'x' * 5000}|{NUMBER}|1", "longer than 4096 bytes"),
    ],
)
def test_a_bad_line_is_a_fault_without_the_callers_number(line: str, why: str) -> None:
    (fault,) = faults(line)
    assert why in fault.why
    assert NUMBER not in repr(fault)


def test_bytes_of_any_encoding_do_not_stop_it() -> None:
    parsed = parse(f"{START}|1.1|112|".encode() + b"\xe9\xff" + b"|CONNECT|1|1.2|1\n", CONTEXT)
    assert [type(event) for event in parsed.events] == [CallEvent, AgentStatus]


def test_a_document_of_another_kind_is_refused() -> None:
    with pytest.raises(BadDocument, match="no line of a queue_log"):
        parse(b"<html></html>", CONTEXT)


def test_durations_that_cannot_be_are_unknown() -> None:
    (gave_up,) = calls(f"{START}|1.1|112|NONE|ABANDON|1|1|1773109800\n")
    assert gave_up.hold_s is None


# -- following ---------------------------------------------------------------------------------------


class Room:
    """An Intake with a clock of its own; `notes` outlive it."""

    def __init__(self, log: Path, notes: Notes | None = None) -> None:
        self.name, self.url, self.every = "log", f"file:{log.name}", 1.0
        self.folder = log.parent
        self.pictures = None
        self.notes = notes
        self.clock = float(START + 3600)
        self.events: list[AnyEvent] = []
        self.faults: list[RecordFault] = []
        self.away = False

    def context(self) -> Context:
        return Context("log", self.clock, ZONE, secret=b"key")

    def now(self) -> float:
        return self.clock

    async def fetch(
        self, url: str, *, headers: dict[str, str] | None = None, limit: int = MAX_DOCUMENT_BYTES
    ) -> Document | None:
        raise NotImplementedError

    async def fetch_all(self, url: str, *, headers: Mapping[str, str] | None = None) -> list[Document]:
        raise NotImplementedError

    async def refuse(self, document: Document, error: SourceError) -> None:
        raise error

    def ask(self, call: Asked) -> AbstractAsyncContextManager[Reply]:
        raise NotImplementedError

    async def open(self, url: str) -> Any:
        raise NotImplementedError

    async def give(self, parsed: Parsed) -> None:
        if self.away:
            raise ConnectionError
        self.events += parsed.events
        self.faults += parsed.faults

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError

    def trouble(self, reason: str) -> None:
        raise NotImplementedError

    async def visit(self, **options: Any) -> list[str]:
        """The calls whose end this visit brought."""
        self.clock += 1
        before = len(self.events)
        await poll(self, QueueLogOptions(**options))
        new = [event for event in self.events[before:] if isinstance(event, CallEvent)]
        return [event.source_id.split(".")[0] for event in new if event.phase in ("complete", "abandon")]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "queue_log"


def append(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


def rotate(log: Path, name: str = "queue_log.1") -> Path:
    return log.rename(log.with_name(name))


def copy_and_truncate(log: Path) -> None:
    log.with_name("queue_log.1").write_bytes(log.read_bytes())
    os.truncate(log, 0)


def remove(log: Path) -> None:
    log.unlink()


def size(log: Path) -> int:
    return log.stat().st_size


async def test_only_what_is_new_is_read_and_half_a_line_waits(log: Path) -> None:
    append(log, answered(START))
    room = Room(log)
    assert await room.visit() == [f"{START}"]
    assert await room.visit() == []
    text = abandoned(START + 100)
    append(log, text[:-10])
    assert await room.visit() == []
    append(log, text[-10:])
    assert await room.visit() == [f"{START + 100}"]
    received = [event.received_at for event in room.events]
    assert received == sorted(received)


async def test_rotation_by_renaming_reads_the_old_log_to_its_end(log: Path) -> None:
    append(log, answered(START))
    room = Room(log)
    await room.visit()
    rotated = rotate(log)
    # The exchange goes on writing there until it is told to open its log anew.
    append(rotated, answered(START + 100))
    assert await room.visit() == [f"{START + 100}"]
    append(rotated, answered(START + 200))
    append(log, answered(START + 300))
    assert await room.visit() == [f"{START + 200}", f"{START + 300}"]
    assert room.faults == []


async def test_several_rotations_while_the_server_was_down(log: Path, tmp_path: Path) -> None:
    notes = Notes(tmp_path / "state" / "log.json")
    append(log, answered(START))
    await Room(log, notes).visit()
    append(log, answered(START + 100))
    rotate(log, "queue_log.2")
    append(log.with_name("queue_log.1"), answered(START + 200))
    log.with_name("queue_log.3.gz").write_bytes(b"\x1f\x8b\x08")
    append(log, answered(START + 300))
    room = Room(log, notes)
    assert await room.visit() == [f"{START + 100}", f"{START + 200}", f"{START + 300}"]
    assert await room.visit() == []
    assert room.faults == []


async def test_copied_and_truncated(log: Path) -> None:
    append(log, answered(START))
    room = Room(log)
    await room.visit()
    append(log, answered(START + 100))
    copy_and_truncate(log)
    # Nothing was written since: what was cut away is read from the copy.
    assert await room.visit() == [f"{START + 100}"]
    append(log, answered(START + 200))
    assert await room.visit() == [f"{START + 200}"]
    assert room.faults == []


async def test_truncated_and_grown_beyond_the_old_place(log: Path) -> None:
    append(log, answered(START))
    room = Room(log)
    await room.visit()
    os.truncate(log, 0)
    append(log, answered(START + 100) + answered(START + 200))
    assert await room.visit() == [f"{START + 100}", f"{START + 200}"]
    (fault,) = room.faults
    assert "may never have been read" in fault.why
    assert await room.visit() == []


async def test_a_rotated_log_that_was_compressed_is_said_to_be_lost(log: Path) -> None:
    append(log, answered(START))
    room = Room(log)
    await room.visit()
    remove(log)
    log.with_name("queue_log.1.gz").write_bytes(b"\x1f\x8b\x08")
    with pytest.raises(Unreachable, match="queue_log is not there"):
        await room.visit()
    append(log, answered(START + 200))
    assert await room.visit() == [f"{START + 200}"]
    assert len(room.faults) == 1


async def test_a_clock_that_was_set_back_does_not_hide_the_new_log(log: Path) -> None:
    append(log, answered(START + 500))
    room = Room(log)
    await room.visit()
    rotate(log)
    append(log, answered(START))
    assert await room.visit() == [f"{START}"]


async def test_the_place_is_kept_only_after_the_events_are_in_redis(log: Path, tmp_path: Path) -> None:
    notes = Notes(tmp_path / "state" / "log.json")
    append(log, answered(START))
    room = Room(log, notes)
    room.away = True
    with pytest.raises(ConnectionError):
        await room.visit()
    assert notes.read() == b""
    assert await Room(log, notes).visit() == [f"{START}"]
    assert await Room(log, notes).visit() == []
    assert len(notes.read()) < MAX_NOTE_BYTES / 10


async def test_a_note_of_another_version_or_too_large_is_as_none(log: Path, tmp_path: Path) -> None:
    notes = Notes(tmp_path / "log.json")
    append(log, answered(START))
    for note in (b"{}", b"[", b" " * (MAX_NOTE_BYTES + 1)):
        (tmp_path / "log.json").write_bytes(note)
        assert await Room(log, notes).visit() == [f"{START}"]
    with pytest.raises(ValueError, match="at most"):
        notes.keep(b" " * (MAX_NOTE_BYTES + 1))


async def test_lines_before_the_look_back_are_left_out_without_reading_them_all(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "SEARCH_BYTES", 500)
    append(log, "".join(answered(START + 100 * number) for number in range(36)))
    room = Room(log)
    read: list[int] = []
    whole = places.read

    def noted(log: places.Log, offset: int, limit: int) -> bytes:
        read.append(offset)
        return whole(log, offset, limit)

    monkeypatch.setattr(places, "read", noted)
    # The clock stands at 3,601 s.
    assert await room.visit(look_back=301.0) == [
        f"{START + 3300}",
        f"{START + 3400}",
        f"{START + 3500}",
    ]
    assert read[0] > size(log) * 0.7


async def test_the_first_start_reaches_back_into_a_rotated_log(log: Path) -> None:
    append(log.with_name("queue_log.2"), answered(START - 90_000))
    append(log.with_name("queue_log.1"), answered(START))
    append(log, answered(START + 100))
    assert await Room(log).visit() == [f"{START}", f"{START + 100}"]


async def test_a_long_log_is_read_in_bounded_pieces(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.queue_log.CHUNK_BYTES", 300)
    number = 2 * MOST_CHUNKS
    append(log, "".join(answered(START + 60 * each) for each in range(number)))
    room = Room(log)
    first = await room.visit()
    assert 0 < len(first) < number
    found = [*first]
    for _ in range(3):
        found += await room.visit()
    assert found == [f"{START + 60 * each}" for each in range(number)]


async def test_an_endless_line_is_passed_over(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.queue_log.CHUNK_BYTES", 8192)
    append(log, answered(START) + "x" * 20_000 + "\n" + answered(START + 100))
    room = Room(log)
    assert await room.visit() == [f"{START}", f"{START + 100}"]
    assert {fault.why for fault in room.faults} == {
        "the line is longer than 4096 bytes", "the line does not begin with a time in seconds since 1970",
    }  # fmt: skip


async def test_a_log_that_is_not_there_empty_or_no_file(log: Path) -> None:
    room = Room(log)
    with pytest.raises(Unreachable, match="queue_log is not there"):
        await room.visit()
    append(log, "")
    assert await room.visit() == []
    remove(log)
    os.mkfifo(log)
    with pytest.raises(Unreachable, match="it is no file"):
        await room.visit()


# -- on the wall -------------------------------------------------------------------------------------


def day(world: World) -> QueueWindow:
    queue = world.get(Queue, "112")
    return QueueWindow() if queue is None else queue.windows.get("day", QueueWindow())


async def test_a_backlog_counts_when_it_was_and_twice_is_once(log: Path) -> None:
    """Read an hour late: waits and talks, and the hour that they belong to, are the log's."""
    append(log, answered(START) + abandoned(START + 600))
    append(log, f"{START + 1200}|{START}.9|112|NONE|ENTERQUEUE||{NUMBER}|1\n")
    room = Room(log)
    await room.visit()
    world = small_world()
    for _ in range(2):  # a crash before the note was kept
        reduce.apply(world, room.events, room.clock)
    figures = day(world)
    assert (figures.offered, figures.answered, figures.abandoned) == (3, 1, 1)
    assert (figures.asa_s, figures.talk_s) == (9.0, 51.0)
    waiting = world.get(Call, f"log/{START}.9")
    assert waiting is not None
    assert (waiting.state, waiting.joined_at) == ("waiting", START + 1200)
    agent = world.get(Agent, "Ani")
    assert agent is not None
    assert agent.state == "free"
    append(log, f"{START + 1300}|NONE|NONE|NONE|QUEUESTART|\n")
    before = len(room.events)
    await room.visit()
    reduce.apply(world, room.events[before:], room.clock)
    assert day(world).abandoned == 1, "nobody saw how the waiting call ended"
    queue = world.get(Queue, "112")
    assert queue is not None
    assert queue.waiting == 0


async def test_under_its_supervisor_it_recovers_and_a_restart_reads_on(log: Path, tmp_path: Path) -> None:
    from feeds.running.intake import FeedSpec

    spec = FeedSpec(
        name="log",
        adapter=ADAPTER,
        options=msgspec.convert({"look_back": 7 * 86400.0}, QueueLogOptions),
        zone=ZONE,
        url=f"file:{log}",
        every=0.02,
    )
    store = Store()
    more: dict[str, Any] = {"notes": tmp_path / "state", "clock": lambda: START + 3600.0}

    def ended() -> list[str]:
        found = [event for event in store.events if isinstance(event, CallEvent)]
        return [event.source_id for event in found if event.phase == "complete"]

    def noted() -> bool:
        """Whether the note says that all was read: it is kept after the events are, never before."""
        found = [
            msgspec.json.decode(file.read_bytes())
            for file in more["notes"].glob("*")
            if file.suffix != ".new"
        ]
        return [place["offset"] for place in found] == [log.stat().st_size]

    async with running(store, spec, **more) as supervisor:
        await wait_until(lambda: store.state("log") == "failing")
        append(log, answered(START))
        await wait_until(lambda: store.state("log") == "ok")
        await wait_until(lambda: ended() == [f"{START}.1"])
        await supervisor.restart()  # Redis has lost all: what the log still has is wanted again
        await wait_until(lambda: ended() == [f"{START}.1"] * 2)
        await wait_until(noted)
    append(log, answered(START + 100))
    async with running(store, spec, **more):
        await wait_until(lambda: ended() == [f"{START}.1", f"{START}.1", f"{START + 100}.1"])
