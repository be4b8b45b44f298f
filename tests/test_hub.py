"""Views and frames: what a board is told must equal a fresh snapshot of what it may see."""

from __future__ import annotations

import asyncio
import struct
import weakref
import zlib
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from tests.boards import Glass
from wallboard import protocol
from wallboard.access import Viewer
from wallboard.errors import CloseCode
from wallboard.hub import LONGEST_PAUSE_S, SHORTEST_PAUSE_S, TICK_S, Board, Hub, Pace
from wallboard.state import WINDOW_S, Replica
from wallboard.turns import Turns
from wallboard.views import SNAPSHOT_SHARED_S, View
from wallboard.web.guard import end
from wallboard.web.seat import Seat

ALL = frozenset({"incident", "call", "alert"})


def entity(id: str, scope: tuple[str, ...], value: int = 0) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode({"id": id, "scope": scope, "value": value}))


def hub_with(board: Board) -> Hub:
    replica = Replica()
    replica.reset("e", 0, 0.0, 0, [])
    hub = Hub(replica)
    hub.join(board)
    return hub


def board(districts: frozenset[str] | None = None, kinds: frozenset[str] = ALL) -> Board:
    return Board("s", View("operations", kinds, Viewer(districts=districts)), "operations")


def play(glass: Glass, frames: list[bytes]) -> None:
    """Show frames that must chain."""
    for raw in frames:
        assert not glass.take(msgspec.json.decode(raw)), raw


def visible(hub: Hub, view: View) -> dict[str, Any]:
    """What the view's incidents are."""
    return {
        id: msgspec.json.decode(entry.raw or b"")
        for id, entry in hub.replica.of_kind("incident")
        if view.shows("incident", entry.scope)
    }


def test_the_first_frame_is_a_snapshot_and_the_next_a_chained_delta() -> None:
    one = board()
    hub = hub_with(one)
    hub.replica.apply(1, 1.0, 1, [("alert", "a", entity("a", ("city",)), None)])
    (snapshot,) = hub.next_frames(one, 0.0)
    assert msgspec.json.decode(snapshot)["pos"] == 1
    assert hub.next_frames(one, 0.0) == []
    hub.replica.apply(2, 2.0, 2, [("alert", "a", entity("a", ("city",), 2), None)])
    (delta,) = (msgspec.json.decode(frame) for frame in hub.next_frames(one, 0.1))
    assert (delta["prev"], delta["pos"], delta["changes"][0][2]["value"]) == (1, 2, 2)


def test_a_board_without_news_gets_a_tick_for_a_beat_and_none_without_one() -> None:
    one = board()
    hub = hub_with(one)
    hub.next_frames(one, 0.0)
    assert hub.next_frames(one, 10.0) == [], "no beat, no tick"
    hub.replica.apply(1, 1.0, 1, [])
    assert hub.next_frames(one, TICK_S / 2) == []
    (tick,) = (msgspec.json.decode(frame) for frame in hub.next_frames(one, TICK_S))
    assert (tick["type"], tick["prev"], tick["pos"]) == ("tick", 0, 1)


def test_what_leaves_a_view_reaches_it_as_a_removal() -> None:
    one = board(frozenset({"1"}))
    hub = hub_with(one)
    hub.replica.apply(1, 1.0, 1, [("incident", "a", entity("a", ("d:1",)), None)])
    glass = Glass()
    play(glass, hub.next_frames(one, 0.0))
    hub.replica.apply(2, 2.0, 2, [("incident", "a", entity("a", ("d:2",)), ("d:1",))])
    play(glass, hub.next_frames(one, 1.0))
    assert glass.state == {"incident": {}}


def test_what_was_never_in_a_view_is_not_told_of_at_all() -> None:
    one = board(frozenset({"1"}))
    hub = hub_with(one)
    hub.next_frames(one, 0.0)
    hub.replica.apply(1, 1.0, 1, [("incident", "a", entity("a", ("d:2",)), None)])
    hub.replica.apply(2, 2.0, 2, [("incident", "a", None, ("d:2",))])
    (tick,) = (msgspec.json.decode(frame) for frame in hub.next_frames(one, 1.0))
    assert tick["type"] == "tick"


def test_a_position_below_the_window_gets_a_snapshot_with_the_reason() -> None:
    one = board()
    hub = hub_with(one)
    hub.next_frames(one, 0.0)
    hub.replica.apply(1, 1.0, 1, [])
    hub.replica.apply(2, 2.0 + WINDOW_S, 2, [])
    (snapshot,) = (msgspec.json.decode(frame) for frame in hub.next_frames(one, 1.0))
    assert (snapshot["type"], snapshot["reason"]) == ("snapshot", "too_old")


def test_a_new_epoch_gets_a_snapshot() -> None:
    one = board()
    hub = hub_with(one)
    hub.next_frames(one, 0.0)
    hub.replica.reset("f", 7, 1.0, 7, [])
    hub.reloaded()
    (snapshot,) = (msgspec.json.decode(frame) for frame in hub.next_frames(one, 1.0))
    assert (snapshot["epoch"], snapshot["pos"], snapshot["reason"]) == ("f", 7, "reload")


def test_fields_that_need_clearance_do_not_leave_the_server() -> None:
    one = board()
    hub = hub_with(one)
    call = msgspec.Raw(b'{"id":"c","scope":["city"],"caller":"0812-****-789"}')
    hub.replica.apply(1, 1.0, 1, [("call", "c", call, None)])
    (snapshot,) = hub.next_frames(one, 0.0)
    assert b"0812" not in snapshot


def test_an_unknown_kind_is_visible_to_nobody() -> None:
    one = board(kinds=frozenset({"incident", "secret"}))
    hub = hub_with(one)
    hub.replica.apply(1, 1.0, 1, [("secret", "x", entity("x", ("public",)), None)])
    (snapshot,) = (msgspec.json.decode(frame) for frame in hub.next_frames(one, 0.0))
    assert snapshot["state"] == {}


def test_equal_views_share_the_very_bytes() -> None:
    one, two = board(), board()
    hub = hub_with(one)
    hub.join(two)
    assert hub.next_frames(one, 0.0)[0] is hub.next_frames(two, 0.0)[0]
    hub.replica.apply(1, 1.0, 1, [("alert", "a", entity("a", ("city",)), None)])
    assert hub.next_frames(one, 1.0)[0] is hub.next_frames(two, 1.0)[0]


def flushed(hub: Hub, now: float) -> None:
    asyncio.run(hub._flush(now))


def pushed() -> tuple[Board, list[bytes]]:
    """A board whose socket keeps what is written, and takes nothing while its name is "full"."""
    one = board()
    written: list[bytes] = []

    def push(frame: bytes) -> bool:
        if one.name != "full":
            written.append(frame)
        return one.name != "full"

    one.push, one.wake = push, Bell()
    return one, written


class Bell:
    """Says whether a board was woken."""

    rung = False

    def __call__(self) -> None:
        self.rung = True


def rung(one: Board) -> bool:
    return cast(Bell, one.wake).rung


def unframed(raw: bytes) -> Any:
    """The message of one prepared frame, read by the rules of RFC 6455."""
    assert raw[0] == 0x81, "one final text frame"
    size, head = raw[1], 2
    if size == 126:
        (size,), head = struct.unpack("!H", raw[2:4]), 4
    elif size == 127:
        (size,), head = struct.unpack("!Q", raw[2:10]), 10
    assert len(raw) == head + size
    return msgspec.json.decode(raw[head:])


def test_a_flush_writes_the_very_same_bytes_to_all_who_stand_at_one_place() -> None:
    one, first = pushed()
    two, second = pushed()
    hub = hub_with(one)
    hub.join(two)
    for each in (one, two):
        hub.next_frames(each, 0.0)
        each.busy = False
    hub.replica.apply(1, 1.0, 1, [("alert", "a", entity("a", ("city",), 300), None)])
    flushed(hub, 1.0)
    assert first[0] is second[0]
    assert unframed(first[0])["changes"][0][1] == "a"
    assert (one.pos, two.pos, rung(one)) == (1, 1, False)
    flushed(hub, 1.1)
    assert len(first) == 1, "nothing new, nothing written"
    hub.replica.apply(2, 2.0, 2, [])
    flushed(hub, 1.1 + TICK_S)
    assert [unframed(frame)["type"] for frame in first] == ["delta", "tick"]
    assert first[1] is second[1]


def test_a_full_socket_is_left_alone_and_later_gets_one_merged_frame() -> None:
    one, written = pushed()
    hub = hub_with(one)
    hub.next_frames(one, 0.0)
    one.busy, one.name = False, "full"
    for n in (1, 2):
        hub.replica.apply(n, float(n), n, [("alert", f"a{n}", entity(f"a{n}", ("city",)), None)])
        flushed(hub, float(n))
        assert rung(one)
        assert one.pos == 0
    one.name = "drained"
    hub.replica.apply(3, 3.0, 3, [])
    flushed(hub, 3.0)
    (frame,) = map(unframed, written)
    assert (frame["prev"], frame["pos"]) == (0, 3)
    assert [id for _, id, _ in frame["changes"]] == ["a1", "a2"]


@pytest.mark.parametrize("why", ["busy", "told", "ended", "no means", "no state", "another epoch"])
def test_what_needs_more_than_the_common_frame_is_left_to_the_boards_own_task(why: str) -> None:
    one, written = pushed()
    hub = hub_with(one)
    hub.next_frames(one, 0.0)
    one.busy = why == "busy"
    if why == "told":
        one.told.append(b"{}")
    one.ended = why if why == "ended" else ""
    if why == "no means":
        one.push = None
    if why == "no state":
        one.pos = None
    if why == "another epoch":
        one.epoch = "before"
    hub.replica.apply(1, 1.0, 1, [("alert", "a", entity("a", ("city",)), None)])
    flushed(hub, 1.0)
    assert rung(one)
    assert written == []


def test_boards_that_come_together_share_one_packed_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = board(), board()
    hub = hub_with(one)
    hub.join(two)
    hub.replica.apply(1, 1.0, 1, [("alert", "a", entity("a", ("city",)), None)])
    packed: list[bytes] = []
    pack = protocol.packed

    def once(frame: bytes) -> bytes:
        packed.append(frame)
        return pack(frame)

    monkeypatch.setattr(protocol, "packed", once)

    async def come() -> list[list[bytes]]:
        shared = [hub.snapshot_for(each, 0.0) for each in (one, two)]
        return await asyncio.gather(*(each.packed() for each in shared if each))

    first, second = asyncio.run(come())
    assert first is second
    assert len(packed) == len(first) == 1
    assert zlib.decompress(first[0], -zlib.MAX_WBITS) == packed[0]
    assert (one.pos, hub.snapshot_for(one, 0.0)) == (1, None), "it goes on from there"


def test_a_snapshot_that_nobody_will_share_any_more_is_not_kept() -> None:
    one = board()
    hub = hub_with(one)
    kept = weakref.ref(hub.snapshot_for(one, 0.0) or pytest.fail("it needs one"))
    flushed(hub, SNAPSHOT_SHARED_S / 2)
    assert kept() is not None
    flushed(hub, SNAPSHOT_SHARED_S)
    assert kept() is None


@pytest.mark.parametrize("packed", [True, False])
def test_a_right_that_ends_while_the_state_is_on_its_way_ends_it_there(
    packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = board()
    one.packed = packed
    hub = hub_with(one)
    large = [("alert", f"a{i}", entity(f"a{i}", ("city",), 10**2000 + i), None) for i in range(400)]
    hub.replica.apply(1, 1.0, 1, large)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)
        end(one, "the log-in has ended")

    def while_packing(frame: bytes) -> bytes:
        one.ended = "the log-in has ended"
        return frame

    monkeypatch.setattr(protocol, "packed", while_packing)
    line, node = cast(Any, SimpleNamespace(send=send)), cast(Any, SimpleNamespace(hub=hub, turns=Turns(1)))

    async def seated() -> None:
        seat = Seat(line, node, one, None)
        one.wake()
        assert seat._sending is not None
        async with asyncio.timeout(10):
            await seat._sending
            assert seat._closing is not None
            await seat._closing

    asyncio.run(seated())
    *state, bye, closed = sent
    assert len(state) == (0 if packed else 1)
    assert "the log-in has ended" in bye["text"]
    assert (closed["type"], closed["code"]) == ("websocket.close", CloseCode.FORBIDDEN)
    assert list(hub.boards) == []


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_a_prepared_frame_is_what_the_library_would_send(size: int) -> None:
    text = b"x" * size
    assert protocol.prepared(text) == bytes(Frame(Opcode.TEXT, text).serialize(mask=False))


def test_the_pause_stretches_with_the_flushes_within_its_bounds() -> None:
    pace, now, used = Pace(), 100.0, 0.0
    for _ in range(100):
        now += 0.02
        used += 0.02
        pause = pace.after(now, 0.02, news=True)
        assert SHORTEST_PAUSE_S <= pause <= LONGEST_PAUSE_S
        now += pause
    assert used / (now - 100.0) == pytest.approx(1 / 6, abs=0.02), "a sixth of the loop"
    assert pace.after(now + 10, 10.0, news=True) == LONGEST_PAUSE_S
    assert Pace().after(100.0, 0.0, news=True) == SHORTEST_PAUSE_S


def test_after_quiet_nothing_is_waited_for() -> None:
    pace, now = Pace(), 100.0
    for _ in range(60):  # a tick to a thousand boards, each second
        now += 1.0
        assert pace.after(now, 0.026, news=False) == 0.0
    assert pace.after(now + 0.03, 0.026, news=True) == SHORTEST_PAUSE_S
    # But ticks, too, have only their share of the loop.
    for _ in range(10):
        now += 0.1
        pause = pace.after(now, 0.1, news=False)
    assert pause == LONGEST_PAUSE_S


def test_what_is_quiet_in_a_view_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of fifty districts' boards each looked through all changes since its last frame, with each change."""
    one = board(districts=frozenset({"1"}))
    hub = hub_with(one)
    hub.next_frames(one, 0.0)
    looks, shows = 0, View.shows

    def counted(self: View, kind: str, scope: tuple[str, ...]) -> bool:
        nonlocal looks
        looks += 1
        return shows(self, kind, scope)

    monkeypatch.setattr(View, "shows", counted)
    for n in range(1, 51):
        hub.replica.apply(n, float(n), n, [("incident", f"i{n}", entity(f"i{n}", ("d:2",)), None)])
        assert hub.next_frames(one, 0.1) == []
    assert looks == 50
    # It is told of what comes then, from where it stands.
    hub.replica.apply(51, 51.0, 51, [("incident", "mine", entity("mine", ("d:1",)), None)])
    (delta,) = (msgspec.json.decode(frame) for frame in hub.next_frames(one, 0.2))
    assert (delta["prev"], delta["pos"], [id for _, id, _ in delta["changes"]]) == (0, 51, ["mine"])


def test_a_large_snapshot_goes_in_parts_whose_last_one_counts() -> None:
    one = board()
    hub = hub_with(one)
    big = [("alert", f"a{i}", entity(f"a{i}", ("city",), 10**2000 + i), None) for i in range(400)]
    hub.replica.apply(1, 1.0, 1, big)
    frames = hub.next_frames(one, 0.0)
    assert len(frames) > 1
    glass = Glass()
    play(glass, frames[:-1])
    assert not glass.whole
    play(glass, frames[-1:])
    assert glass.pos == 1
    assert len(glass.state["alert"]) == 400


steps = st.lists(
    st.one_of(
        st.lists(
            st.tuples(
                st.sampled_from("abc"),
                st.one_of(st.none(), st.integers(0, 3)),
                st.sampled_from([("d:1",), ("d:2",), ("d:1", "d:2"), (), ("city",)]),
            ),
            max_size=3,
        ),
        st.just("flush"),
    ),
    max_size=30,
)


@given(steps, st.sampled_from([None, frozenset({"1"}), frozenset({"2"})]))
def test_snapshot_and_deltas_equal_a_fresh_snapshot(
    script: list[Any], districts: frozenset[str] | None
) -> None:
    one = board(districts)
    hub = hub_with(one)
    glass = Glass()
    scopes: dict[str, tuple[str, ...]] = {}
    now = 0.0
    n = 0
    for step in [*script, "flush"]:
        now += TICK_S
        if step == "flush":
            play(glass, hub.next_frames(one, now))
            continue
        n += 1
        changes: list[Any] = []
        for id, (value, scope) in {id: (value, scope) for id, value, scope in step}.items():
            was = scopes.get(id)
            if value is None:
                if was is not None:
                    changes.append(("incident", id, None, was))
                    del scopes[id]
                continue
            changes.append(("incident", id, entity(id, scope, value), was if was != scope else None))
            scopes[id] = scope
        hub.replica.apply(n, float(n), n, changes)
    assert glass.state.get("incident", {}) == visible(hub, one.view)
    assert glass.pos == n


class Line:
    """A board with its socket and its seat, played: what is written reaches its glass."""

    def __init__(self, hub: Hub, districts: frozenset[str] | None) -> None:
        self.hub, self.full, self.woken, self.glass = hub, False, True, Glass()
        self.board = board(districts)
        self.board.push, self.board.wake = self.push, self.wake
        hub.join(self.board)

    def push(self, frame: bytes) -> bool:
        if not self.full:
            play(self.glass, [msgspec.json.encode(unframed(frame))])
        return not self.full

    def wake(self) -> None:
        self.woken = True
        self.board.busy = True

    def turn(self, now: float) -> None:
        """What its seat does with its next turn."""
        if self.woken and not self.full:
            self.woken = False
            # A state that is shared is as of a moment ago: what came since follows it.
            for _ in range(2):
                play(self.glass, self.hub.next_frames(self.board, now))
            self.board.busy = False


_doings = st.one_of(
    st.tuples(st.just("change"), st.integers(0, 4), st.sampled_from(["1", "2", "3"]), st.booleans()),
    st.tuples(st.just("flush"), st.sampled_from([0.05, 0.4, 1.0])),
    st.tuples(st.just("come"), st.sampled_from([None, "1", "2"])),
    st.tuples(st.sampled_from(["go", "full", "free", "wake", "lose"]), st.integers(0, 5)),
)


@given(st.lists(_doings, max_size=60))
def test_whatever_boards_do_each_that_reads_shows_what_is_so(script: list[Any]) -> None:
    replica = Replica()
    replica.reset("e", 0, 0.0, 0, [])
    hub, lines, now, scopes = Hub(replica), list[Line](), 100.0, dict[str, tuple[str, ...]]()
    for what, *words in [*script, *(("free", index) for index in range(6)), ("flush", 1.0), ("flush", 1.0)]:
        if what == "change":
            id, scope = f"i{words[0]}", (f"d:{words[1]}",)
            was, n = scopes.get(id), replica.n + 1
            raw = entity(id, scope, n) if words[2] else None
            scopes[id] = scope
            replica.apply(n, float(n), n, [("incident", id, raw, was if was != scope else None)])
        elif what == "flush":
            now += words[0]
            if words[0] >= 0.4:  # the engine's beat
                replica.apply(replica.n + 1, float(replica.n), replica.n, [])
            flushed(hub, now)
            for line in lines:
                line.turn(now)
                if not line.full:
                    assert line.glass.state.get("incident", {}) == visible(hub, line.board.view)
        elif what == "come":
            lines.append(Line(hub, None if words[0] is None else frozenset({words[0]})))
        elif lines:
            line = lines[words[0] % len(lines)]
            if what == "go":
                hub.leave(line.board)
                lines.remove(line)
            elif what == "wake":
                line.wake()
            elif what == "lose":
                line.board.pos, line.board.reason = None, "asked"
                line.wake()
            else:
                line.full = what == "full"
    for line in lines:
        assert line.board.pos == line.glass.pos
        assert now - line.board.sent_at <= 1.0, "it hears at least once a second that all lives"
