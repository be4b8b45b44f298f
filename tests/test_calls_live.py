"""A call's way through the whole server: rung, marked, chosen and reviewed, by people, through a kill."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.cities import ENV, push, write_city
from tests.desks import Desk
from tests.running import Server, server, until
from tests.staff import PASSWORD, enrol
from wallboard.access import Person

CITY = """
[[shift]]
name = "Penuh"
begins = "00:00"
ends = "00:00"

[[quality.question]]
code = "place"
text = { id = "Lokasi", en = "Place" }
points = 10
"""
PEOPLE = [
    Person(id="siti", name="Siti", role="operator"),
    Person(id="mutu", name="Mutu", role="quality"),
]
CALL = "push/call-1"


def rings(one: Server) -> None:
    """Two calls, both answered in time."""
    for number in (1, 2):
        call = {"type": "call", "source_id": f"call-{number}", "queue": "112", "caller": "081234567890"}
        events: list[dict[str, Any]] = [
            {**call, "phase": "join"},
            {**call, "phase": "connect", "hold_s": 3, "agent": "SIP/201"},
        ]
        assert push(one, f"calls-{number}", events) == 202


def day(one: Server) -> dict[str, Any]:
    """The queue's figures of the day."""
    windows: dict[str, Any] = one.entities("queue").get("112", {}).get("windows", {}).get("day", {})
    return windows


@pytest.mark.timeout(120)
def test_a_call_is_marked_chosen_and_reviewed_and_a_killed_engine_forgets_nothing(tmp_path: Path) -> None:
    config = str(write_city(tmp_path / "city", CITY))
    with server(tmp_path / "state", "--config", config, env=ENV) as one:
        enrol(f"unix://{one.state_dir}/redis.sock", "contoh", PEOPLE)
        rings(one)
        until(lambda: day(one).get("answered") == 2, "both calls are answered")
        with Desk(one.address, "siti", PASSWORD) as siti, Desk(one.address, "mutu", PASSWORD) as mutu:
            siti.ready()
            mutu.ready()
            assert siti.answer(siti.ask("call.mark", call=CALL, mark="prank"))["status"] == "done"
            os.kill(one.children()["wall-engine"], signal.SIGKILL)
            choose = mutu.answer(mutu.ask("call.choose", call=CALL, training=True))
            assert choose["status"] == "done"
            asked = mutu.ask("call.review", call=CALL, answers={"place": 7}, remark="Alamat lengkap.")
            assert mutu.answer(asked)["status"] == "done"
            refused = siti.answer(siti.ask("call.review", call=CALL, answers={"place": 10}))
            assert refused["reason"] == "forbidden"
            mutu.wait(lambda: mutu.green(asked), "the review is on disk")
            until(lambda: day(one).get("noise") == 1, "the figures net of noise")
            assert (day(one)["service_level"], day(one)["service_level_net"]) == (1.0, 1.0)
            shown = mutu.wait(lambda: mutu.glass.state.get("review", {}).get(CALL), "the review")
            assert (shown["mark"], shown["marked_by"], shown["score"]) == ("prank", "siti", 0.7)
            (metric,) = (each for id, each in mutu.glass.state["metric"].items() if id.startswith("shift|"))
            assert metric["figures"]["calls"] == 2
            assert (metric["figures"]["pranks"], metric["figures"]["reviewed"]) == (1, 1)
            third = {"type": "call", "source_id": "call-3", "queue": "112", "caller": "081234567890"}
            assert push(one, "calls-3", [{**third, "phase": "join"}]) == 202
            call = siti.wait(lambda: siti.glass.state["call"].get("push/call-3"), "the next call")
            assert call["pranks"] == 1
        # A wall may see what the call was, and nothing of who called.
        calls = one.entities("call")
        assert calls[CALL]["mark"] == "prank"
        assert not {"pranks", "caller", "repeated"} & (calls[CALL].keys() | calls["push/call-3"].keys())
        assert one.entities("review") == {}
