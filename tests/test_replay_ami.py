"""examples/jakarta/replay_ami.py: a captured document is a live exchange to the feed."""

from __future__ import annotations

import asyncio
import json
import sys
from importlib import util
from pathlib import Path
from types import ModuleType

import pytest

from tests.ami_server import AmiServer, Exchange
from tests.faulty import wait_until
from tests.samples import samples
from tests.test_ami import ANSWERED, SNAPSHOT
from tests.test_ami_live import feed
from tests.test_calls import START
from wallboard.entities import Agent


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = Path(__file__).resolve().parent.parent / "examples" / "jakarta" / "replay_ami.py"
    spec = util.spec_from_file_location("replay_ami", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["replay_ami"] = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Address(AmiServer):
    """Only the address and the clock of another server."""

    def __init__(self, port: int) -> None:
        super().__init__(Exchange(now=START))
        self.port = port


async def test_a_capture_plays_into_the_wall(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMI_SECRET", "rahasia")
    (tmp_path / "calls.txt").write_text(ANSWERED + SNAPSHOT + "Event: QueueStatusComplete\n\n")
    queue = {"Queue": "112", "Uniqueid": "8.8"}
    (tmp_path / "calls.json").write_text(json.dumps([{"Event": "QueueCallerJoin", **queue}]))
    frames = [*script.load(tmp_path / "calls.txt"), *script.load(tmp_path / "calls.json")]
    replay = script.Replay(frames, user="wall", secret="rahasia", rate=200.0)
    server = await asyncio.start_server(replay.serve, "127.0.0.1", 0)
    try:
        async with feed(Address(server.sockets[0].getsockname()[1]), resync_every=0.3) as wall:
            await wall.live()
            assert wall.queue().waiting == 1
            await replay.play()
            # One waits since the capture began, one has joined; snapshots agree with the events.
            await wait_until(lambda: wall.queue().waiting == 2 and wall.day().answered == 1)
            exchange_says = wall.queue().at
            await wait_until(lambda: len([e for e in wall.events if e.source_id == "queues"]) >= 3)
            assert (wall.queue().waiting, wall.day().offered) == (2, 3)
            assert wall.queue().at >= exchange_says
            agent = wall.world.get(Agent, "SIP/201")
            assert agent is not None
            assert agent.paused
    finally:
        server.close()


async def test_a_wrong_secret_is_refused(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMI_SECRET", "rahasia")
    replay = script.Replay([], user="wall", secret="another", rate=1.0)
    server = await asyncio.start_server(replay.serve, "127.0.0.1", 0)
    try:
        async with feed(Address(server.sockets[0].getsockname()[1])) as wall:
            await wall.failed("Authentication failed")
    finally:
        server.close()


async def test_without_a_secret_it_does_not_start(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AMI_SECRET", raising=False)
    assert await script.main(["nothing.txt"]) == 2
    assert "AMI_SECRET" in capsys.readouterr().err


def test_a_new_round_has_new_calls(script: ModuleType) -> None:
    event = {"event": "Join", "uniqueid": "1.1", "linkedid": "1.1", "queue": "112", "timestamp": "5"}
    renewed = script.Replay._renewed(event, 2)
    assert renewed == {"event": "Join", "uniqueid": "1.1-2", "linkedid": "1.1-2", "queue": "112"}


def test_the_samples_can_be_played(script: ModuleType) -> None:
    assert len(script.load(samples("calls/cacofonisk/queue/queue_a_cancel.json"))) == 35
    assert len(script.load(samples("calls/panoramisk/agent_loggued_in.yaml"))) > 50
