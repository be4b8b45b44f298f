"""feeds/ami/ on real sockets, from the exchange through the feed's supervisor into the engine's world."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from feeds.ami import ADAPTER, AmiOptions
from feeds.ami import session as ami_session
from feeds.base import RecordFault
from feeds.running.intake import FeedSpec
from feeds.running.supervisor import FeedSupervisor
from tests.ami_server import AmiServer, Exchange, frame
from tests.certificates import make_certificates
from tests.faulty import wait_until
from tests.test_calls import JAKARTA, START
from tests.worlds import small_world
from wallboard import events as wire
from wallboard.engine import reduce
from wallboard.entities import Agent, Call, Queue, QueueWindow
from wallboard.events import AnyEvent, FeedHealth

NUMBER = "081234567789"


class Wall:
    """What the engine makes of a feed's events; keeps all that left the feed."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.world = small_world()
        self.events: list[AnyEvent] = []
        self.dead: list[RecordFault] = []
        self.supervisor: FeedSupervisor | None = None

    async def put(self, events: Sequence[AnyEvent]) -> None:
        self.events.extend(events)
        reduce.apply(self.world, events, self.exchange.now)

    async def bury(self, feed: str, faults: Sequence[RecordFault], at: float) -> None:
        self.dead.extend(faults)

    def queue(self) -> Queue:
        return self.world.get(Queue, "112") or Queue(id="112", name="112", live=False)

    def day(self) -> QueueWindow:
        return self.queue().windows.get("day", QueueWindow())

    def reasons(self) -> list[str]:
        """Why the feed failed, in its own words."""
        health = [event for event in self.events if isinstance(event, FeedHealth)]
        return [event.reason for event in health if event.state == "failing"]

    async def live(self) -> None:
        """Return when a snapshot of a good connection has come."""
        await wait_until(lambda: self.queue().live, 10)

    async def failed(self, word: str) -> None:
        """Return when the feed said that it fails for this reason."""
        await wait_until(lambda: any(word in reason for reason in self.reasons()), 10)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bounds, shorter."""
    monkeypatch.setenv("AMI_SECRET", "rahasia")
    for name, value in (("LOGIN_S", 0.5), ("BOOT_WAIT_S", 0.2), ("SNAPSHOT_S", 0.5), ("PING_REPLY_S", 0.4)):
        monkeypatch.setattr(ami_session, name, value)
    monkeypatch.setattr(ami_session, "RESYNC_MIN_S", 0.05)


@pytest.fixture
def exchange() -> Exchange:
    exchange = Exchange(now=START)
    exchange.queues["112"] = {}
    exchange.members["112"] = {"SIP/201": "Ani/1"}
    return exchange


@asynccontextmanager
async def feed(server: AmiServer, **options: Any) -> AsyncIterator[Wall]:
    wall = Wall(server.exchange)
    given = {"user": "wall", "secret": "env:AMI_SECRET", "ping_every": 0.3, "resync_every": 60.0, **options}
    spec = FeedSpec(
        name="ami",
        adapter=ADAPTER,
        options=msgspec.convert(given, AmiOptions),
        zone=JAKARTA,
        url=server.url,
        secret=b"key of the tests",
    )

    async def soon(seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.02))

    def clock() -> float:
        # Each look at it is a little later, as with any clock.
        server.exchange.now += 1e-4
        return server.exchange.now

    supervisor = FeedSupervisor([spec], wall, clock=clock, rng=Random(1), sleep=soon)
    wall.supervisor = supervisor
    await supervisor.start()
    try:
        yield wall
    finally:
        await supervisor.stop()


async def answered(exchange: Exchange, wall: Wall, id: str) -> None:
    """One whole call."""
    before = wall.day().answered
    exchange.join("112", id, NUMBER)
    exchange.now += 5
    exchange.answer("112", id)
    exchange.now += 60
    exchange.complete("112", id, 5, 60)
    await wait_until(lambda: wall.day().answered == before + 1)


async def test_a_snapshot_comes_first_then_every_change(exchange: Exchange) -> None:
    exchange.join("112", "1.1", NUMBER)
    exchange.now += 30
    async with AmiServer(exchange) as server, feed(server) as wall:
        await wall.live()
        assert wall.queue().oldest_joined_at == pytest.approx(START, abs=1.0)
        assert wall.queue().agents == {"free": 1}
        exchange.answer("112", "1.1")
        exchange.member("112", "SIP/201", "Ani", 2)
        await wait_until(lambda: wall.queue().agents == {"busy": 1})
        call = wall.world.get(Call, "ami/1.1")
        assert call is not None
        assert (call.state, call.caller, call.agent) == ("talking", "0812-****-789", "SIP/201")
        agent = wall.world.get(Agent, "SIP/201")
        assert agent is not None
        assert agent.state == "busy"
        assert (wall.day().offered, wall.day().answered, wall.day().asa_s) == (1, 1, 30.0)


async def test_the_log_in_by_challenge_never_sends_the_secret(exchange: Exchange) -> None:
    async with AmiServer(exchange) as server, feed(server) as wall:
        await wall.live()
        assert not any("rahasia" in str(action) for action in server.actions)
        assert [action["Action"] for action in server.actions[:3]] == ["Challenge", "Login", "Events"]
        assert server.actions[2]["EventMask"] == "agent,call,system"


async def test_the_plain_log_in(exchange: Exchange) -> None:
    async with AmiServer(exchange) as server, feed(server, auth="plain") as wall:
        await wall.live()
        assert server.actions[0]["Secret"] == "rahasia"


async def test_a_wrong_secret_says_so_and_never_shows_it(
    exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    async with AmiServer(exchange) as server:
        server.secret = "another"
        async with feed(server) as wall:
            await wall.failed("refuses the log-in of wall: Authentication failed")
            server.secret = "rahasia"
            await wall.live()
    assert "rahasia" not in caplog.text


async def test_a_frame_cut_in_the_middle(exchange: Exchange) -> None:
    async with AmiServer(exchange) as server, feed(server) as wall:
        await wall.live()
        await answered(exchange, wall, "1.1")
        exchange.join("112", "1.2", NUMBER)
        exchange.join("112", "1.3", NUMBER)
        await wait_until(lambda: wall.queue().waiting == 2)
        half = frame({"Event": "QueueCallerAbandon", "Queue": "112", "Uniqueid": "1.2", "HoldTime": "5"})[:-9]
        exchange.vanish("112", "1.2")
        server.cut(half)
        await wait_until(lambda: server.connections >= 2)
        await wait_until(lambda: wall.queue().live and wall.queue().waiting == 1)
        day = wall.day()
        # Nobody heard the outcome of 1.2: it is offered, and neither answered nor abandoned.
        assert (day.offered, day.answered, day.abandoned, day.left) == (3, 1, 0, 0)
        assert wall.dead == []


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("mute", "has not greeted"),
        ("stranger", "no Asterisk manager"),
        ("deaf", "snapshot"),
        ("drip", "The exchange has"),
        ("half", "not completed its snapshot"),
        ("denied", "refuses QueueStatus: Permission denied"),
    ],
)
async def test_it_recovers_by_itself(exchange: Exchange, fault: str, reason: str) -> None:
    exchange.join("112", "1.1", NUMBER)
    async with AmiServer(exchange) as server:
        server.fault = fault
        async with feed(server) as wall:
            await wall.failed(reason)
            assert not wall.queue().live
            server.fault = ""
            await wall.live()
            await answered(exchange, wall, "1.2")
            assert (wall.queue().waiting, wall.day().offered) == (1, 2)


async def test_an_exchange_that_falls_silent_is_noticed(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ami_session, "SNAPSHOT_S", 30.0)
    async with AmiServer(exchange) as server:
        server.fault = "deaf"
        async with feed(server) as wall:
            await wall.failed("silent")
            server.fault = ""
            await wall.live()


async def test_a_quiet_exchange_that_answers_pings_is_kept(exchange: Exchange) -> None:
    async with AmiServer(exchange) as server, feed(server, ping_every=0.05) as wall:
        await wall.live()
        await wait_until(lambda: sum(action["Action"] == "Ping" for action in server.actions) >= 5)
        assert server.connections == 1
        assert wall.reasons() == []


async def test_a_restart_that_resets_the_exchanges_counters(exchange: Exchange) -> None:
    async with AmiServer(exchange) as server, feed(server) as wall:
        await wall.live()
        await answered(exchange, wall, "1.1")
        exchange.join("112", "1.2", NUMBER)
        await wait_until(lambda: wall.queue().waiting == 1)
        exchange.now += 10
        await server.restart()
        await wait_until(lambda: wall.queue().live and wall.queue().waiting == 0)
        exchange.now += 10
        await answered(exchange, wall, "9.1")
        day = wall.day()
        assert (day.offered, day.answered, day.abandoned) == (3, 2, 0)


async def test_calls_that_ended_while_nobody_looked(exchange: Exchange) -> None:
    async with AmiServer(exchange) as server, feed(server) as wall:
        await wall.live()
        exchange.join("112", "1.1", NUMBER)
        exchange.answer("112", "1.1")
        await wait_until(lambda: wall.day().answered == 1)
        exchange.now += 10
        await server.stop()
        await wait_until(lambda: not wall.queue().live)
        exchange.vanish("112", "1.1")
        exchange.now += 10
        await server.start()
        await wall.live()
        call = wall.world.get(Call, "ami/1.1")
        assert call is not None
        assert (call.state, call.outcome) == ("ended", "answered")


async def test_every_frame_twice(exchange: Exchange) -> None:
    exchange.twice = True
    async with AmiServer(exchange) as server, feed(server) as wall:
        await wall.live()
        for id in ("1.1", "1.2"):
            await answered(exchange, wall, id)
        exchange.join("112", "1.3", NUMBER)
        exchange.now += 30
        exchange.abandon("112", "1.3")
        await wait_until(lambda: wall.day().abandoned == 1)
        day = wall.day()
        assert (day.offered, day.answered, day.abandoned, wall.queue().waiting) == (3, 2, 1, 0)


async def test_a_caller_who_joins_the_same_queue_again_waits_again(exchange: Exchange) -> None:
    async with AmiServer(exchange) as server, feed(server) as wall:
        await wall.live()
        exchange.join("112", "1.1", NUMBER)
        exchange.now += 30
        exchange._leave("112", "1.1")
        await wait_until(lambda: wall.queue().waiting == 0 and wall.day().offered == 1)
        exchange.now += 15
        # No number, no time stamp: the frame alone could be a repetition; the snapshot tells.
        exchange.join("112", "1.1", NUMBER)
        exchange.now += 1
        await wait_until(lambda: wall.queue().waiting == 1)
        assert (wall.day().offered, wall.day().left) == (2, 1)


async def test_broken_frames_are_buried_and_the_rest_goes_on(exchange: Exchange) -> None:
    async with AmiServer(exchange) as server, feed(server) as wall:
        await wall.live()
        exchange.say("QueueCallerJoin", Queue="112", CallerIDNum=NUMBER)
        await wait_until(lambda: len(wall.dead) == 1)
        # A frame that comes broken every minute is one dead letter and one line of the log, not thousands.
        exchange.say("QueueCallerJoin", Queue="112", CallerIDNum=NUMBER)
        await answered(exchange, wall, "1.1")
        assert len(wall.dead) == 1
        assert server.connections == 1


async def test_the_number_is_nowhere(exchange: Exchange, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    exchange.join("112", "1.1", NUMBER)
    async with AmiServer(exchange) as server, feed(server) as wall:
        await wall.live()
        await answered(exchange, wall, "1.2")
        exchange.say("QueueCallerJoin", Queue="112", CallerIDNum=NUMBER)
        await wait_until(lambda: len(wall.dead) == 1)
        server.cut(frame({"Event": "Join", "CallerIDNum": NUMBER})[:-3])
        await wait_until(lambda: server.connections >= 2)
        await wall.live()
        assert any(NUMBER.encode() in data for data in exchange.sent)
        draft = wall.world.draft()
        left = [wire.encoder.encode(event) for event in wall.events] + [repr(wall.dead).encode()]
        left += [bytes(change.entity or b"") for change in draft.changes]
        left += [value or b"" for value in draft.memory.values()]
        left.append(caplog.text.encode())
        assert not any(part in said for said in left for part in (NUMBER.encode(), NUMBER[-7:].encode()))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for localhost and another authority that did not sign it."""
    return make_certificates(tmp_path_factory.mktemp("tls"))


def trust(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ours.pem", folder / "ours.key")
    return context


async def test_tls_with_the_exchanges_own_authority(exchange: Exchange, certificate: Path) -> None:
    server, authority = AmiServer(exchange, trust(certificate)), str(certificate / "ours.pem")
    async with server, feed(server, ca=authority) as wall:
        await wall.live()
        await answered(exchange, wall, "1.1")


async def test_tls_refuses_a_certificate_of_somebody_else(exchange: Exchange, certificate: Path) -> None:
    server, authority = AmiServer(exchange, trust(certificate)), str(certificate / "other.pem")
    async with server, feed(server, ca=authority) as wall:
        await wall.failed("certificate")
        assert server.actions == []
