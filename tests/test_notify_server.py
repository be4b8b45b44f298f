"""Notices of the whole server: an escalation leaves the house, through kills and with the next engine."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from tests.cities import ENV, push, write_city
from tests.receivers import HANG, Hooks, hooks
from tests.running import Server, until
from wallboard.store.keys import Keys

KEYS = Keys("contoh")

CITY = """
[[rule]]
id = "gauge-high"
type = "threshold"
kind = "gauge"
field = "value"
above = 100
severity = "danger"
text = {{ id = "{{name}} {{value}} cm", en = "{{name}} {{value}} cm" }}
escalate = [{{ after = "{after}", to = "duty" }}]

[[group]]
code = "duty"
name = {{ id = "Piket", en = "On duty" }}
webhook = ["ops"]

[[notify.webhook]]
name = "ops"
url = "http://127.0.0.1:{port}/in"
key = "env:TEST_WEBHOOK_KEY"
"""


@contextmanager
def escalating(folder: Path, book: Hooks, after: str) -> Iterator[Server]:
    """A server whose one rule tells the web server of `book`."""
    config = write_city(folder / "city", CITY.format(after=after, port=book.port))
    server = Server(folder / "state", "--config", str(config), env=ENV).start()
    try:
        yield server.ready()
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()


def raise_alert(server: Server) -> None:
    """A gauge over its level."""
    gauge = {"type": "gauge", "source_id": "katulampa", "name": "Katulampa", "value": 210.0}
    until(lambda: push(server, "message-1", [gauge]) == 202, "the reading is taken")
    until(lambda: server.entities("alert"), "the alert")


def outbox(server: Server) -> int:
    """Notices that are not done with."""
    client = redis.Redis(unix_socket_path=str(server.state_dir / "redis.sock"))
    try:
        length: Any = client.xlen(KEYS.outbox)
        return int(length)
    finally:
        client.close()


@pytest.mark.timeout(120)
def test_what_was_sent_and_not_confirmed_when_the_engine_died_is_sent_again(tmp_path: Path) -> None:
    with hooks(HANG) as book, escalating(tmp_path, book, "0s") as server:
        raise_alert(server)
        until(lambda: book.got, "the first sending")
        os.kill(server.children()["wall-engine"], signal.SIGKILL)
        until(lambda: len(book.got) == 2, "the second sending")
        until(lambda: outbox(server) == 0, "an empty outbox")
        assert len(set(book.ids)) == 1
        told = msgspec.json.decode(book.got[1][2])
        assert told["alert"]["texts"]["en"] == "Katulampa 210 cm"
        assert (told["id"], told["group"]) == ("gauge-high|gauge:push/katulampa|1|1", "duty")


@pytest.mark.timeout(120)
def test_a_step_that_was_due_while_nothing_ran_goes_out_after_the_start(tmp_path: Path) -> None:
    with hooks() as book, escalating(tmp_path, book, "4s") as server:
        raise_alert(server)
        due = next(iter(server.entities("alert").values()))["escalates_at"]
        server.kill()
        if book.got:
            pytest.skip("this machine took over 4 s from the alert to the kill")
        until(lambda: time.time() > due, "the step is due")
        server.start()
        until(lambda: book.got, "the notice")
        until(lambda: outbox(server) == 0, "an empty outbox")
        assert len(book.got) == 1
