"""What a node knows of its boards' glass: reports within bounds, and which wall is behind."""

from __future__ import annotations

import math

import msgspec
import pytest

from wallboard import protocol
from wallboard.access import Viewer
from wallboard.hub import Board, Hub
from wallboard.layouts import CONSOLE
from wallboard.protocol import Painted
from wallboard.state import HEARD_COMMITS, Replica
from wallboard.views import View
from wallboard.web.boards import report
from wallboard.web.node import BEHIND_S, PAINT_LOST_S, _conditions

VIEW = View("walls", frozenset({"alert"}), Viewer())


def board(painted: Painted | None = None, when: float = 0.0, view: View = VIEW) -> Board:
    return Board(
        "s", view, "operations", pos=9, painted=painted, painted_when=when, since=50.0, address="10.0.0.9"
    )


def test_a_report_says_what_the_page_measured_and_where_it_is_connected() -> None:
    told = Painted(8, 100.0, age=0.4, fps=59.9, longest=31.0, heap=9e7, edition="abc")
    found = report(board(told, 101.0), "node1", "abc", 102.0)
    assert (found.name, found.node, found.address, found.since) == ("operations", "node1", "10.0.0.9", 50.0)
    assert (found.pos, found.painted_pos, found.painted_at, found.painted_when) == (9, 8, 100.0, 101.0)
    assert found.at == 102.0
    assert (found.age, found.fps, found.longest, found.heap) == (0.4, 59.9, 31.0, 90_000_000)
    assert found.current
    assert not report(board(told, 101.0), "node1", "def", 102.0).current, "its page is from before an upgrade"


def test_a_board_that_has_said_nothing_yet_is_told_of_too() -> None:
    found = report(board(), "node1", "abc", 102.0)
    assert (found.painted_pos, found.age, found.fps, found.edition, found.current) == (
        0,
        None,
        None,
        "",
        True,
    )


@pytest.mark.parametrize("value", [-1.0, 1e300, math.inf, math.nan])
def test_nonsense_is_shown_as_not_known(value: float) -> None:
    told = Painted(1, 1.0, age=value, fps=value, longest=value, heap=value, edition="x" * 10_000)
    found = report(board(told, 1.0), "n", "abc", 102.0)
    assert (found.age, found.fps, found.longest, found.heap, found.edition) == (None, None, None, None, "")
    assert len(msgspec.json.encode(found)) < 500


def test_a_wall_is_behind_when_its_glass_is_10_s_old() -> None:
    late = board(Painted(1, 100.0), 100.0 + BEHIND_S)
    assert _conditions([late], 100.0 + BEHIND_S) == {"operations": ("painting", BEHIND_S)}
    assert _conditions([late], 100.5 + BEHIND_S) == {"operations": ("behind", BEHIND_S + 0.5)}


def test_a_page_that_is_frozen_says_nothing_and_is_behind_all_the_same() -> None:
    # Its last word was good; it stays connected, and the server's clock goes on.
    frozen = board(Painted(1, 100.0), 100.2)
    assert _conditions([frozen], 109.0)["operations"][0] == "painting"
    assert _conditions([frozen], 111.0)["operations"][0] == "behind"


def test_a_page_that_says_it_painted_the_future_is_behind_when_it_falls_silent() -> None:
    liar = board(Painted(1, 9e9), 100.0)
    assert _conditions([liar], 100.0 + PAINT_LOST_S + 1)["operations"][0] == "behind"


def test_of_two_boards_with_one_name_the_worse_counts() -> None:
    well, late = board(Painted(5, 110.0), 110.0), board(Painted(1, 90.0), 110.0)
    assert _conditions([well, late], 110.5)["operations"][0] == "behind"
    assert _conditions([late, well], 110.5)["operations"][0] == "behind"


def test_a_console_is_no_wall() -> None:
    view = View(CONSOLE, frozenset({"alert"}), Viewer())
    assert _conditions([board(Painted(1, 0.0), 1.0, view=view)], 1000.0) == {}


# -- when the oldest event of a frame arrived ------------------------------------------------------------


def entity(value: int) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode({"id": "a", "scope": ["city"], "value": value}))


def test_a_delta_names_the_arrival_of_its_oldest_event() -> None:
    replica = Replica()
    replica.reset("e", 0, 0.0, 0, [])
    hub, one = Hub(replica), board()
    one.pos, one.epoch = 0, "e"
    hub.join(one)
    replica.apply(1, 10.0, 1, [("alert", "a", entity(1), None)], 9.0)
    replica.apply(2, 11.0, 2, [("alert", "a", entity(2), None)], 9.8)
    replica.apply(3, 12.0, 3, [("alert", "a", entity(3), None)])
    (frame,) = map(msgspec.json.decode, hub.next_frames(one, 0.0))
    assert (frame["at"], frame["heard"]) == (12.0, 9.0)
    replica.apply(4, 13.0, 4, [("alert", "a", entity(4), None)])
    (frame,) = map(msgspec.json.decode, hub.next_frames(one, 1.0))
    assert "heard" not in frame, "a timer did that, and no event"


def test_so_many_commits_are_remembered_and_no_more() -> None:
    replica = Replica()
    for n in range(1, 3 * HEARD_COMMITS):
        replica.apply(n, float(n), n, [], float(n))
    assert replica.heard(0) == 2 * HEARD_COMMITS
    assert replica.heard(3 * HEARD_COMMITS - 2) == 3 * HEARD_COMMITS - 1
    replica.reset("e", 5, 1.0, 5, [])
    assert replica.heard(0) is None


def test_hello_names_the_edition_and_the_ranges() -> None:
    frame = msgspec.json.decode(protocol.hello("s", "n", "e", 1.0, "abc", (0.1, 1.0)))
    assert (frame["edition"], frame["limits"]["paint_bounds_s"]) == ("abc", [0.1, 1.0])
