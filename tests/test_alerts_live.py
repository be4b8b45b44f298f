"""Escalation on the real server: the step that was due while the engine was dead goes out, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import redis

from tests.cities import ENV, push, write_city
from tests.running import Server, until
from tests.test_kills import KEYS

STEP_S = 3.0
MORE = f"""
[[group]]
code = "guards"
name = {{ id = "Jaga", en = "Guards" }}
people = ["rina"]

[[rule]]
id = "gauge-high"
type = "threshold"
kind = "gauge"
field = "value"
above = 100
severity = "danger"
text = {{ id = "{{name}}", en = "{{name}}" }}
escalate = [{{ after = "{STEP_S:g}s", to = "guards" }}]
"""


def lines(state: Path, what: str) -> list[dict[str, Any]]:
    """The lines of the audit trail that say this."""
    try:
        with redis.Redis(unix_socket_path=str(state / "redis.sock")) as client:
            entries: Any = client.xrange(KEYS.audit)
    except redis.ConnectionError:
        return []
    found = [msgspec.json.decode(fields[b"d"]) for _, fields in entries]
    return [line for line in found if line["what"] == what]


def test_a_step_due_while_everything_was_dead_goes_out_after_the_start_and_once(tmp_path: Path) -> None:
    state = tmp_path / "state"
    server = Server(state, "--config", str(write_city(tmp_path / "city", MORE)), env=ENV).start().ready()
    try:
        gauge = {"type": "gauge", "source_id": "g", "name": "Pintu", "value": 150.0}
        assert push(server, "high", [gauge]) == 202
        raised = until(lambda: lines(state, "alert.raised"), "the alert")
        server.kill()
        server.start().ready()
        (told,) = until(lambda: lines(state, "alert.escalated"), "the step")
        assert (told["group"], told["people"]) == ("guards", ["rina"])
        assert told["at"] >= raised[0]["at"] + STEP_S
        assert push(server, "low", [gauge | {"value": 50.0}]) == 202
        until(lambda: lines(state, "alert.returned"), "its end")
        assert len(lines(state, "alert.escalated")) == 1
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()
