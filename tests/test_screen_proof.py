"""What proves a screen over the weeks (web/screens.py), and one credential in two places (web/doubled.py)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis.asyncio
from starlette.requests import HTTPConnection
from starlette.responses import Response

from wallboard.access import Viewer
from wallboard.entities import Screen
from wallboard.hub import Board, Hub
from wallboard.state import Replica
from wallboard.store.clients import connect_async
from wallboard.store.embedded import EmbeddedRedis
from wallboard.store.identity import IdentityStore
from wallboard.store.keys import Keys
from wallboard.store.pairing import Credential, PairingStore
from wallboard.views import View
from wallboard.web.door import Door
from wallboard.web.doubled import DOUBLED_S, REPEAT_S, Doubles
from wallboard.web.guard import Guard
from wallboard.web.screens import LIFE_S, LOST_S, RENEW_S, Screens
from wallboard.web.sessions import Sessions

ID = "bcdfghjklm"
VIEW = View("operations", frozenset({"alert"}), Viewer())


class Time:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.t = 1_000_000.0

    def now(self) -> float:
        return self.t


class Told:
    """A desk that keeps what it is told."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, dict[str, Any]]] = []

    async def put(self, person: str, action: str, args: dict[str, Any], command_id: str) -> None:
        assert person == ""
        self.commands.append((action, args))


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[redis.asyncio.Redis]:
    embedded = EmbeddedRedis(tmp_path / "r")
    embedded.start()
    one = connect_async(embedded.url)
    yield one
    await one.aclose()
    embedded.stop()


def asking(cookies: str) -> HTTPConnection:
    return HTTPConnection({"type": "http", "headers": [(b"cookie", cookies.encode())]})


def cookie(response: Response) -> str:
    """The cookie of an answer as the browser sends it back; "" where it set none."""
    return response.headers.get("set-cookie", "").partition(";")[0]


def screens(client: redis.asyncio.Redis, time: Time, state: str = "paired", secure: bool = False) -> Screens:
    replica = Replica()
    raw = msgspec.json.encode(Screen(id=ID, name="Lobi", wall="operations", state=state))  # type: ignore[arg-type]
    replica.reset("e", 1, time.t, 1, [("screen", ID, raw)] if state != "gone" else [])
    return Screens(PairingStore(client, Keys("x")), replica, Door(tls=secure), time.now)


async def admitted(one: Screens) -> str:
    response = Response()
    await one.admit(ID, "Lobi", "operations", (), response)
    return cookie(response)


async def test_a_token_is_known_by_its_hash_alone(client: redis.asyncio.Redis) -> None:
    one = screens(client, Time())
    proof = await admitted(one)
    found = await one.of(asking(proof))
    assert found is not None
    assert (found.id, found.wall, found.districts) == (ID, "operations", None)
    stored = await client.hget(Keys("x").screen, ID)
    assert proof.partition(".")[2].encode() not in (stored or b"")
    for wrong in (
        proof[:-1] + ("A" if proof[-1] != "A" else "B"),
        proof.replace(ID, "zzzzzzzzzz"),
        "",
        "x=y",
    ):
        assert await one.of(asking(wrong)) is None


async def test_where_there_is_https_the_cookie_is_bound_to_it(client: redis.asyncio.Redis) -> None:
    response = Response()
    await screens(client, Time(), secure=True).admit(ID, "Lobi", "operations", (), response)
    told = response.headers["set-cookie"]
    assert told.startswith("__Host-wallboard-screen=")
    for word in ("Secure", "HttpOnly", "SameSite=strict", "Path=/", f"Max-Age={LIFE_S}"):
        assert word in told


async def test_a_screen_that_was_off_for_too_long_is_paired_again(client: redis.asyncio.Redis) -> None:
    time = Time()
    one = screens(client, time)
    proof = await admitted(one)
    time.t += LIFE_S + 1
    assert await one.of(asking(proof)) is None


@pytest.mark.parametrize("state", ["revoked", "gone"])
async def test_what_the_engine_does_not_call_paired_is_nobody(
    client: redis.asyncio.Redis, state: str
) -> None:
    proof = await admitted(screens(client, Time()))
    assert await screens(client, Time(), state).of(asking(proof)) is None


async def test_a_token_is_renewed_and_the_old_one_ends_when_the_new_one_is_used(
    client: redis.asyncio.Redis,
) -> None:
    time = Time()
    one = screens(client, time)
    first = await admitted(one)
    early = Response()
    await one.renew(asking(first), early)
    assert cookie(early) == ""
    time.t += RENEW_S + 1
    renewed = Response()
    await one.renew(asking(first), renewed)
    second = cookie(renewed)
    assert second not in ("", first)
    # The answer may have been lost: both hold until the new one comes.
    assert await one.of(asking(first)) is not None
    again = Response()
    await one.renew(asking(first), again)
    assert cookie(again) == ""  # a second page of the same browser gets no other one
    assert await one.of(asking(second)) is not None
    assert await one.of(asking(first)) is None


async def test_a_renewal_that_was_lost_is_made_again(client: redis.asyncio.Redis) -> None:
    time = Time()
    one = screens(client, time)
    first = await admitted(one)
    time.t += RENEW_S + 1
    await one.renew(asking(first), Response())
    time.t += LOST_S + 1
    again = Response()
    await one.renew(asking(first), again)
    assert await one.of(asking(cookie(again))) is not None


# -- in two places --------------------------------------------------------------------------------------


def board(session: str, time: Time) -> Board:
    return Board(session, VIEW, "operations", screen=ID, painted_when=time.t)


class Nodes:
    """Two nodes on one Redis."""

    def __init__(self, client: redis.asyncio.Redis, time: Time) -> None:
        self.time, self.told = time, Told()
        store = PairingStore(client, Keys("x"))
        clock: Any = time
        desk: Any = self.told
        self.nodes = [Doubles(store, desk, clock), Doubles(store, desk, clock)]

    async def pass_time(self, seconds: float, *sessions: list[str]) -> None:
        """Let time pass with these sockets painting on each node."""
        for _ in range(int(seconds / 5)):
            self.time.t += 5
            for node, here in zip(self.nodes, sessions, strict=True):
                await node.look([board(session, self.time) for session in here])


@pytest.mark.parametrize("sessions", [(["a", "b"], []), (["a"], ["b"])])
async def test_two_at_once_are_told_of_while_it_lasts(
    client: redis.asyncio.Redis, sessions: tuple[list[str], list[str]]
) -> None:
    nodes = Nodes(client, Time())
    await nodes.pass_time(DOUBLED_S - 5, *sessions)
    assert nodes.told.commands == []
    await nodes.pass_time(15, *sessions)
    assert nodes.told.commands[0] == ("screen.doubled", {"id": ID, "places": 2})
    before = len(nodes.told.commands)
    await nodes.pass_time(REPEAT_S - 20, *sessions)
    assert len(nodes.told.commands) == before
    await nodes.pass_time(30, *sessions)
    assert len(nodes.told.commands) > before


async def test_a_page_that_is_reloaded_or_comes_back_elsewhere_is_one(client: redis.asyncio.Redis) -> None:
    nodes = Nodes(client, Time())
    for turn in range(12):
        await nodes.pass_time(10, [f"s{turn}"], [])
        await nodes.pass_time(10, [], [f"t{turn}"])
    assert nodes.told.commands == []


async def test_what_a_node_wrote_down_before_it_died_runs_out(client: redis.asyncio.Redis) -> None:
    nodes = Nodes(client, Time())
    await nodes.pass_time(60, ["a"], [])
    del nodes.nodes[0]
    await nodes.pass_time(60, ["b"])
    assert nodes.told.commands == []


@pytest.mark.parametrize(("state", "cut"), [("paired", False), ("revoked", True), ("gone", True)])
async def test_a_board_of_a_screen_that_was_revoked_while_nobody_listened_ends(
    client: redis.asyncio.Redis, state: str, cut: bool
) -> None:
    one = screens(client, Time(), state)
    await one.store.keep(ID, Credential(name="Lobi", wall="operations", digest="x", since=0.0, until=1.0))
    hub = Hub(Replica())
    board = Board("s", VIEW, "operations", screen=ID)
    hub.join(board)
    # A whole new start of the replica: the commit that revoked was never read.
    await Guard(hub, Sessions(IdentityStore(client, Keys("x")), Keys("x"), Door(), one), one).judge()
    assert bool(board.ended) is cut


async def test_a_board_ends_when_nothing_proves_its_screen_while_the_engine_is_away(
    client: redis.asyncio.Redis,
) -> None:
    one = screens(client, Time())
    hub = Hub(Replica())
    board = Board("s", VIEW, "operations", screen=ID)
    hub.join(board)
    await Guard(hub, Sessions(IdentityStore(client, Keys("x")), Keys("x"), Door(), one), one).judge()
    assert board.ended
