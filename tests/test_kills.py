"""What the webhook answered with 202 takes effect exactly once, whatever is killed, and when.

The short form runs in the suite; `python3 -m tests soak -k kills` kills 200 times.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from tests.agreeing import Book
from tests.boards import BoardClient
from tests.cities import ENV, incident, push, write_city
from tests.running import Server, free_port, until
from wallboard import audit
from wallboard.store.keys import Keys

RULES = """
[[rule]]
id = "gauge-high"
type = "threshold"
kind = "gauge"
field = "value"
above = 100
severity = "danger"
text = { id = "{name} {value} cm", en = "{name} {value} cm" }
escalate = [{ after = "0s", to = "duty" }]

[[group]]
code = "duty"
name = { id = "Piket", en = "On duty" }
"""

KEYS = Keys("contoh")


class Load:
    """Pushes messages, each until it is taken, and counts what was answered with 202."""

    def __init__(self, server: Server, pause_s: float = 0.0) -> None:
        """After each message it rests for `pause_s`."""
        self.server = server
        self._pause_s = pause_s
        self.incidents = self.closed = self.calls = self.abandoned = self.gauges = 0
        self.repeated = 0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> Load:
        """Begin."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End after the message in hand is taken."""
        self._ends.set()
        self._thread.join(120)
        assert not self._thread.is_alive(), "a message was never taken"

    def _run(self) -> None:
        for number in itertools.count():
            if self._ends.is_set():
                return
            events = self._events(number)
            tries = 0
            while push(self.server, f"message-{number}", events) != 202:
                tries += 1
                time.sleep(0.01)
            self.repeated += tries > 0
            self._ends.wait(self._pause_s)

    def _events(self, number: int) -> list[dict[str, Any]]:
        self.incidents += 2
        self.closed += 1
        self.calls += 1
        self.abandoned += number % 2
        self.gauges += 1
        call = {"type": "call", "source_id": f"call-{number}", "queue": "112"}
        end = "abandon" if number % 2 else "connect"
        return [
            incident(f"open-{number}"),
            incident(f"closed-{number}", status="closed"),
            {**call, "phase": "join"},
            {**call, "phase": end, "hold_s": 9, "agent": "SIP/1"},
            {"type": "gauge", "source_id": f"gauge-{number}", "name": f"Pintu {number}", "value": 150.0},
        ]


def audit_lines(state_dir: Path) -> list[dict[str, Any]]:
    """The audit trail, after its chain has been verified."""
    client = redis.Redis(unix_socket_path=str(state_dir / "redis.sock"))
    try:
        entries: Any = client.xrange(KEYS.audit)
    finally:
        client.close()
    key = (state_dir / "audit.key").read_bytes()
    lines, digest = [], ""
    for number, (_, fields) in enumerate(entries):
        line = msgspec.json.decode(fields[b"d"])
        stored = line.pop("h")
        assert line.pop("i") == number
        _, digest = audit.chained(key, digest, number, line)
        assert digest == stored
        lines.append(line)
    return lines


def kills(folder: Path, number: int, seed: int) -> None:
    """Kill `number` times under load, then compare every counter with what was answered."""
    draw = random.Random(seed)
    config = write_city(folder / "city", RULES)
    state = folder / "state"
    server = Server(state, "--config", str(config), "--port", str(free_port()), env=ENV)
    server.start().ready()
    load = Load(server).start()
    board = BoardClient(server.address).start()
    book = Book(state, KEYS)
    try:
        for _ in range(number):
            time.sleep(draw.uniform(0.05, 0.8))
            victim = draw.choice(["server", "redis", "wall-engine", "wall-web-1"])
            if victim == "server":
                server.kill()
                server.start()
            elif (pid := server.children().get(victim)) is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if draw.random() < 0.5:
                until(lambda: server.get_or_none("/readyz"), "ready again", 60)
            until(book.look, "a look at all counters", 60)
        until(lambda: server.get_or_none("/readyz"), "ready again", 60)
        load.stop()

        def offered() -> int:
            queue = server.entities("queue").get("112", {})
            return int(queue.get("windows", {}).get("day", {}).get("offered", 0))

        until(lambda: offered() == load.calls, f"{load.calls} calls offered", 30)
        until(lambda: len(server.entities("gauge")) == load.gauges, "all gauges", 30)
        day = server.entities("queue")["112"]["windows"]["day"]
        assert day.get("abandoned", 0) == load.abandoned
        assert day.get("answered", 0) == load.calls - load.abandoned
        city = server.entities("city")["city"]
        assert city["received_today"] == load.incidents
        assert city["open"] == load.incidents - load.closed
        assert server.entities("district")["99.01.01.1001"]["counts"]["open"] == load.incidents - load.closed
        raised = [
            line["alert"]
            for line in audit_lines(state)
            if line.get("rule") == "gauge-high" and line["what"] == "alert.raised"
        ]
        assert len(raised) == len(set(raised)) == load.gauges
        head = until(lambda: server.get_or_none("/readyz"), "ready")["pos"]
        until(lambda: board.pos >= head, "the board is up to date")
        shown = until(lambda: server.get_or_none("/api/v1/state/incident"), "the state")
        until(
            lambda: board.pos >= shown["pos"] and board.state.get("incident") == shown["incident"], "same map"
        )
        assert board.faults == []
        print(f"{number} kills: {load.calls} messages taken, {load.repeated} of them after a repetition")
    finally:
        load._ends.set()
        board.stop()
        server.stop()


@pytest.mark.timeout(180)
def test_what_was_taken_takes_effect_once_through_some_kills(tmp_path: Path) -> None:
    kills(tmp_path, 5, seed=112)


@pytest.mark.soak
def test_what_was_taken_takes_effect_once_through_200_kills(tmp_path: Path) -> None:
    kills(tmp_path, 200, seed=119)
