"""What an attacker with a log-in, or with a telephone, tried once: each of these went through before."""

from __future__ import annotations

import json
from typing import Any, cast

import msgspec
import pytest

from tests.people import ask, command, settle_in
from tests.worlds import small_world
from wallboard.access import MAY, Viewer
from wallboard.clock import Clock
from wallboard.engine import reduce
from wallboard.engine.world import World
from wallboard.hub import Board
from wallboard.private import mask_numbers
from wallboard.protocol import CommandFrame
from wallboard.store.commits import WallEntry
from wallboard.store.outlet import Outlet
from wallboard.views import View
from wallboard.web import desk
from wallboard.web.cleaning import MAX_NUMBER, Unusable, cleaned

#: Of more digits than a float can have.
GIANT = 10**400


@pytest.fixture
def world() -> World:
    world = small_world()
    world.now = 1_000_000.0
    settle_in(world)
    return world


@pytest.mark.parametrize(
    "spelling",
    [
        "0812\u200b3456\u200b7890",
        "0812\u00a03456\u00a07890",
        "0812\t3456\t7890",
        "0812\n3456\n7890",
        "0 8 1 2 3 4 5 6 7 8 9 0",
        "(+62) 812 3456 7890",
        "no_hp_081234567890",
        "\uff10\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff10",
        "+\u0666\u0662\u0668\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660",
        "812-3456-7890",
        "3171 2345 6789 0001",
        "317123-456789-0001",
    ],
)
def test_a_number_is_masked_however_it_is_spelt(spelling: str) -> None:
    for shown in (mask_numbers(spelling), cleaned({"text": spelling})["text"]):
        assert "****" in shown
        assert sum(char.isdigit() for char in shown) <= 7


@pytest.mark.parametrize(
    "text", ["Rp 812.345.678", "Rp 8.123.456.789", "0.507068, 101.447779", "RT 01/02", "2026-09-24T15:30:00"]
)
def test_what_is_no_number_to_call_stays(text: str) -> None:
    assert mask_numbers(text) == text


def test_what_a_colleague_writes_can_neither_hide_nor_turn_a_line_around() -> None:
    clean = cleaned(
        {
            "text": "aman \u202enatabmej\u202c\x07\x1b[31m",
            "list": ["a\u200bb", "e\u0301\u0301\u0301\u0301\u0301"],
        }
    )
    assert clean == {"text": "aman natabmej [31m", "list": ["ab", "e\u0301\u0301\u0301"]}


@pytest.mark.parametrize("number", [GIANT, -GIANT, MAX_NUMBER + 1, 1e300])
def test_a_number_that_is_none_goes_nowhere(number: float) -> None:
    with pytest.raises(Unusable):
        cleaned({"lon": number})


def test_a_telephone_number_with_a_decimal_point_is_one_all_the_same() -> None:
    assert cleaned({"a": 81234567890.0, "b": -6281234567890, "c": 3.5}) == {
        "a": "0812-****-890",
        "b": "0812-****-890",
        "c": 3.5,
    }


@pytest.mark.parametrize("action", sorted(MAY))
@pytest.mark.parametrize("args", [{"lon": GIANT, "lat": -GIANT}, {"for_s": GIANT}, {"until_s": GIANT}])
def test_no_number_stops_the_engine(world: World, action: str, args: dict[str, Any]) -> None:
    # Commands of one second: one that fails would take all others with it.
    reduce.apply(world, [command("supervisor", action, world.now, **args)], world.now)
    assert len(world.draft().audit) == 1


def test_a_command_id_that_is_too_long_is_kept_nowhere(world: World) -> None:
    known = len(world.memories("answer"))
    asked = command("supervisor", "incident.new", world.now, "x" * 60_000, title="x" * 100)
    reduce.apply(world, [asked], world.now)
    draft = world.draft()
    assert len(world.memories("answer")) == known
    assert not world.of_kind("incident")
    (line,) = draft.audit
    assert (line["status"], len(line["command_id"]), line["args"]) == ("refused", 64, {})


@pytest.mark.parametrize(
    "id", ["", "081234567890", "0812-3456-7890", "x" * 65, "a b", "a/b", "\u202ea", "a\n"]
)
async def test_a_command_id_that_no_page_makes_is_refused_by_the_node(id: str) -> None:
    # Nothing behind it is reached: there is no store.
    one = desk.Desk(cast(Outlet, None), Clock())
    board = Board("s", View("console", frozenset(), Viewer()), "console", person="siti")
    answer = json.loads(await one.submit(board, CommandFrame(command_id=id, action="incident.new")))
    assert answer["status"] == "refused"
    assert "command_id" in answer["reason"]


async def test_commands_whose_answer_was_missed_do_not_close_the_desk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desk, "MAX_WAITING", 3)
    one = desk.Desk(cast(Outlet, _Silent()), Clock())
    for number in range(5):
        # Each board goes before its answer comes.
        board = Board("s", View("console", frozenset(), Viewer()), "console", person="siti")
        frame = CommandFrame(command_id=f"c{number}", action="incident.new")
        assert json.loads(await one.submit(board, frame))["status"] == "pending"
        del board


async def test_an_answer_in_a_commit_that_the_node_did_not_see_is_asked_for_again() -> None:
    """Through 500 kills a console that had been connected all the while waited two minutes for nothing."""
    one = desk.Desk(cast(Outlet, _Silent()), Clock())
    board = Board("s", View("console", frozenset(), Viewer()), "console", person="siti")
    await one.submit(board, CommandFrame(command_id="c-1", action="incident.new"))
    one.reloaded()
    assert [json.loads(frame)["reason"] for frame in board.told] == ["try_again"]
    board.told.clear()
    # Where it was not among those the answer comes by itself.
    answer = {"person": "siti", "command_id": "c-1", "status": "done"}
    raw = msgspec.Raw(msgspec.json.encode(answer))
    one.told(WallEntry(n=7, epoch="e", at=1.0, safe_n=7, changes=[], results=[raw]))
    assert [json.loads(frame)["status"] for frame in board.told] == ["done"]
    board.told.clear()
    one.reloaded()
    assert board.told == []


class _Silent:
    """A stream that takes everything, and an engine that is away."""

    async def put(self, events: object) -> None:
        pass


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "http://user:word@example.id/",
        "http://example.id@10.0.0.1/",
        "http://169.254.169.254/latest",
        "http://127.1/",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://localhost/",
        "http://camera.local/",
        "http://router.lan:8080/reboot",
        "https://example.id\\@evil.example/",
        "https://example.id /x",
    ],
)
def test_a_link_of_a_colleague_leads_to_the_open_internet(world: World, url: str) -> None:
    assert ask(world, "operator", "incident.new", title="x", media=url)["reason"].startswith(
        "bad_args: media"
    )


@pytest.mark.parametrize("url", ["https://foto.example.id/a.jpg?x=1#y", "http://Example.ID:8080", ""])
def test_and_may_be_any_such(world: World, url: str) -> None:
    assert ask(world, "operator", "incident.new", title="x", media=url)["status"] == "done"


@pytest.mark.parametrize("id", ["1", "x-1", "D-alert.ack", "1" * 32, "11111111-1111-4111-8111-111111111111"])
async def test_what_pages_make_is_an_id(id: str) -> None:
    one = desk.Desk(cast(Outlet, _Silent()), Clock())
    board = Board("s", View("console", frozenset(), Viewer()), "console", person="siti")
    answer = json.loads(await one.submit(board, CommandFrame(command_id=id, action="incident.new")))
    assert answer["status"] == "pending"
