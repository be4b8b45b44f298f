"""The real server from outside: starts, stops, kills, webhooks, boards."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.cities import ENV, incident, push, write_city
from tests.running import ROOT, Server, server, until
from wallboard.protocol import SUBPROTOCOL


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return write_city(tmp_path / "city")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that leave it as well as they found it; each uses names of its own."""
    folder = tmp_path_factory.mktemp("server")
    with server(folder / "state", "--config", str(write_city(folder / "city")), env=ENV) as one:
        yield one


def dial(one: Server, **options: Any) -> Any:
    """A connection that speaks the protocol's name."""
    return connect(f"ws://{one.address}/ws", subprotocols=[Subprotocol(SUBPROTOCOL)], proxy=None, **options)


@contextmanager
def board(one: Server, **subscribe: Any) -> Iterator[ClientConnection]:
    """A board that has subscribed."""
    with dial(one, compression=None) as socket:
        hello = json.loads(socket.recv(10))
        assert hello["type"] == "hello"
        socket.send(json.dumps({"type": "subscribe", "layout": "operations", **subscribe}))
        yield socket


def whole(socket: ClientConnection) -> dict[str, Any]:
    """The snapshot that comes, its parts put together."""
    state: dict[str, dict[str, Any]] = {}
    while True:
        frame = json.loads(socket.recv(10))
        if frame["type"] != "snapshot":
            continue
        for kind, entities in frame["state"].items():
            state.setdefault(kind, {}).update(entities)
        if frame["part"] == frame["parts"]:
            return {**frame, "state": state}


def test_an_event_by_webhook_is_on_the_wall_in_its_district(running: Server) -> None:
    with board(running) as socket:
        whole(socket)
        assert push(running, "flood", [incident("flood", category="flood")]) == 202
        found: list[Any] = []
        while not found:
            frame = json.loads(socket.recv(10))
            found = [change for change in frame.get("changes", []) if change[1] == "push/flood"]
        entity = found[0][2]
        assert entity["place"]["district"] == "99.01.01.1001"
        assert entity["category"] == "banjir"
        assert entity["severity"] == "severe"
    district = running.entities("district")["99.01.01"]
    assert district["counts"]["open"] >= 1


def test_the_same_message_again_is_202_and_changes_nothing(running: Server) -> None:
    assert push(running, "once", [incident("once")]) == 202
    assert push(running, "once", [incident("twice")]) == 202
    assert push(running, "then", [incident("then")]) == 202
    until(lambda: "push/then" in running.entities("incident"), "the next message")
    assert "push/once" in running.entities("incident")
    assert "push/twice" not in running.entities("incident")


def test_a_wrong_signature_is_refused_as_a_problem_document(running: Server) -> None:
    import urllib.request

    request = urllib.request.Request(
        f"http://{running.address}/api/v1/ingest/push", b"{}", {"webhook-id": "x"}
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    with refused.value as answer:
        assert answer.code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert json.load(answer)["status"] == 401


def test_a_board_resumes_from_its_position_and_gets_a_snapshot_from_an_unknown_one(running: Server) -> None:
    with board(running) as socket:
        first = whole(socket)
    known = {"view_id": first["view_id"], "epoch": first["epoch"]}
    push(running, "resumed", [incident("resumed")])
    until(lambda: "push/resumed" in running.entities("incident"), "the incident")
    with board(running, since=first["pos"], **known) as socket:
        frame = json.loads(socket.recv(10))
        assert (frame["type"], frame["prev"]) == ("delta", first["pos"])
        assert any(id == "push/resumed" for _, id, _ in frame["changes"])
    with board(running, since=first["pos"] + 10**6, **known) as socket:
        assert whole(socket)["reason"] == "too_old"
    with board(running, since=first["pos"], view_id="other", epoch=first["epoch"]) as socket:
        assert whole(socket)["reason"] == "other_view"


def test_a_board_that_can_unpack_gets_its_state_packed_and_its_news_plain(running: Server) -> None:
    assert push(running, "packed", [incident("packed")]) == 202
    until(lambda: "push/packed" in running.entities("incident"), "the incident")
    with board(running) as socket, board(running, packed=True) as other:
        plain = whole(socket)
        packed = other.recv(10)
        assert isinstance(packed, bytes)
        frame = json.loads(zlib.decompress(packed, -zlib.MAX_WBITS))
        assert (frame["type"], frame["view_id"]) == ("snapshot", plain["view_id"])
        assert frame["state"]["incident"]["push/packed"] == plain["state"]["incident"]["push/packed"]
        following = other.recv(10)
        assert isinstance(following, str)
        assert json.loads(following)["prev"] == frame["pos"]


def test_a_board_that_missed_something_asks_again_on_the_same_connection(running: Server) -> None:
    with board(running) as socket:
        first = whole(socket)
        socket.send(json.dumps({"type": "subscribe", "layout": "operations"}))
        again = whole(socket)
        assert (again["reason"], again["view_id"]) == ("asked", first["view_id"])
        assert again["pos"] >= first["pos"]


def test_ticks_follow_the_engines_beat_and_stop_with_it(running: Server) -> None:
    with board(running) as socket:
        whole(socket)
        before = json.loads(socket.recv(10))
        while before["type"] != "tick":
            before = json.loads(socket.recv(10))
        engine = running.children()["wall-engine"]
        os.kill(engine, signal.SIGSTOP)
        try:
            frames = []
            with pytest.raises(TimeoutError):
                while True:
                    frames.append(json.loads(socket.recv(2.5)))
            assert len(frames) <= 3, "what was under way may still come, then no beat, no tick"
        finally:
            os.kill(engine, signal.SIGCONT)
        until(lambda: json.loads(socket.recv(10))["type"] in ("tick", "delta", "snapshot"), "frames again")


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (["not json"], 4500),
        (['{"type":"painted","pos":1,"at":1}'], 4500),
        (['{"type":"subscribe","layout":"nonsense"}'], 4503),
        (['{"type":"subscribe","layout":"operations","screen":"TSUNAMI, lari!"}'], 4500),
        (['{"type":"subscribe","layout":"operations"}', '{"type":"nonsense"}'], 4500),
        (['{"type":"subscribe","layout":"operations"}', '{"type":"subscribe","layout":"calls"}'], 4500),
    ],
)
def test_what_the_protocol_does_not_know_ends_the_connection(
    running: Server, frames: list[str], code: int
) -> None:
    with dial(running) as socket:
        for frame in frames:
            socket.send(frame)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                socket.recv(10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code


def test_another_origin_and_another_host_are_refused(running: Server) -> None:
    import http.client

    connection = http.client.HTTPConnection(running.address, timeout=10)
    connection.request("GET", "/", headers={"Host": "evil.example"})
    assert connection.getresponse().status == 400
    connection.close()
    with pytest.raises(InvalidStatus), dial(running, origin=Origin("http://evil.example")):
        pass


def test_the_page_knows_the_citys_words_for_categories(running: Server) -> None:
    with urllib.request.urlopen(f"http://{running.address}/", timeout=10) as answer:
        body = answer.read().decode()
    boot = json.loads(body.split('id="boot">')[1].split("</script>")[0])
    assert boot["categories"]["banjir"] == {"id": "Banjir", "en": "Flood"}


def test_a_slow_body_is_ended(running: Server) -> None:
    host, _, port = running.address.partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as slow:
        slow.sendall(b"POST /api/v1/ingest/push HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx")
        assert slow.recv(100).startswith(b"HTTP/1.1 408")


def test_what_is_kept_can_be_read_by_nobody_else(running: Server) -> None:
    push(running, "kept", [incident("kept")])
    until(lambda: list(running.state_dir.glob("history/*/*")), "history")
    for path in running.state_dir.rglob("*"):
        assert path.is_socket() or path.stat().st_mode & 0o077 == 0, path


def test_a_command_is_refused_before_log_in_exists(running: Server) -> None:
    with board(running) as socket:
        whole(socket)
        socket.send(json.dumps({"type": "command", "command_id": "1", "action": "acknowledge"}))
        answer = json.loads(socket.recv(10))
        while answer["type"] != "result":
            answer = json.loads(socket.recv(10))
        assert answer == {"type": "result", "command_id": "1", "status": "refused", "reason": "log_in_first"}


def test_a_second_start_on_the_same_state_says_so_and_exits_2(running: Server, city: Path) -> None:
    second = subprocess.run(
        [
            *(sys.executable, str(ROOT / "server.py"), "run", "--port", "0", "--config", str(city)),
            *("--state-dir", str(running.state_dir)),
        ],
        capture_output=True,
        text=True,
        timeout=30,
        env=running.env,
    )
    assert second.returncode == 2
    assert len(second.stderr.strip().splitlines()) == 1
    assert str(running.state_dir) in second.stderr


def test_a_taken_port_is_one_sentence(running: Server, city: Path, tmp_path: Path) -> None:
    port = running.address.rpartition(":")[2]
    second = subprocess.run(
        [
            *(sys.executable, str(ROOT / "server.py"), "run", "--port", port, "--config", str(city)),
            *("--state-dir", str(tmp_path / "other")),
        ],
        capture_output=True,
        text=True,
        timeout=30,
        env=running.env,
    )
    assert second.returncode == 1
    assert "choose another --port" in second.stderr


def test_a_host_that_others_reach_is_refused_without_https(city: Path, tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, ROOT / "server.py", "run", "--host", "0.0.0.0", "--config", city],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **ENV, "WALLBOARD_NO_SETUP": "1"},
    )
    assert answer.returncode == 1
    assert "without https" in answer.stderr


def gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_ctrl_c_stops_cleanly_with_nothing_left_and_the_data_whole(city: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with server(state, "--config", str(city), env=ENV) as one:
        push(one, "m1", [incident("a")])
        until(lambda: one.entities("incident"), "the incident")
        until(lambda: len(one.children()) == 4, "all parts")
        children = list(one.children().values())
        assert one.stop() == 0
        assert gone(children)
    with server(state, "--config", str(city), env=ENV) as again:
        assert set(again.entities("incident")) == {"push/a"}


def test_kill_9_leaves_no_orphan_and_the_data_whole(city: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    one = Server(state, "--config", str(city), env=ENV).start().ready()
    push(one, "m1", [incident("a")])
    children = list(one.children().values())
    one.kill()
    with server(state, "--config", str(city), env=ENV) as again:
        until(lambda: gone(children), "the end of all children")
        until(lambda: set(again.entities("incident")) == {"push/a"}, "what was confirmed")


@pytest.mark.parametrize("part", ["wall-engine", "wall-web-1", "wall-feeds", "redis"])
def test_a_killed_part_comes_back_and_the_wall_goes_on(running: Server, part: str) -> None:
    before = running.children()[part]
    os.kill(before, signal.SIGKILL)
    until(lambda: running.children().get(part, before) != before, "another one")
    until(lambda: running.get_or_none("/readyz"), "ready", 30)
    until(lambda: push(running, f"after-{part}", [incident(part)]) == 202, "taken")
    until(lambda: f"push/{part}" in running.entities("incident"), "the incident afterwards")
