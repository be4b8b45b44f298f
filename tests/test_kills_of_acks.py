"""An acknowledgement that was green is never lost: killed processes, a killed Redis, a power failure.

The short form runs in the suite; `python3 -m tests soak -k kills_of_acks` kills 500 times for each Redis.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.agreeing import Book
from tests.cities import ENV, push, write_city
from tests.desks import Desk
from tests.running import ROOT, Server, free_port, until
from tests.staff import PASSWORD, enrol, supervisors
from tests.test_external_redis import BINARIES
from tests.test_kills import KEYS, RULES, Load, audit_lines

PEOPLE = 4

#: After hundreds of kills thousands of alerts stand, and two Redis may be tested on two cores at once.
READY_S = 180


#: Between two messages (s). Without a rest an hour of kills fills the city with a million things, and most of
#: the time between two kills goes by with loading them.
PAUSE_S = 0.3


class Press:
    """A supervisor who acknowledges whatever comes, and notes what was green."""

    def __init__(self, address: str, name: str) -> None:
        self.desk = Desk(address, name, PASSWORD).start()
        #: command ids that the console has shown as done and safe
        self.green: list[str] = []
        self.refused = 0
        self.fault = ""
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the command in hand."""
        self._ends.set()
        self._thread.join(180)
        self.desk.stop()
        assert not self._thread.is_alive(), "a command was never answered"
        assert not self.fault, self.fault

    def _unseen(self) -> dict[str, Any] | None:
        alerts = list(self.desk.glass.state.get("alert", {}).values())
        unseen = [alert for alert in alerts if alert["state"] == "unacknowledged"]
        return unseen[-1] if unseen else None

    def _run(self) -> None:
        while not self._ends.is_set():
            alert = self._unseen()
            if alert is None:
                time.sleep(0.02)
                continue
            id = self.desk.ask(
                "alert.ack",
                alert=alert["id"],
                episode=alert.get("episode", 1),
                version=alert.get("version", 1),
            )
            try:
                answer = self.desk.answer(id, 120)
                if answer["status"] == "done":
                    self.desk.wait(lambda id=id: self.desk.green(id), "green", 120)
                    self.green.append(id)
                else:
                    self.refused += 1
            except AssertionError as fault:
                self.fault = str(fault)
                return


class Gauges:
    """Gauges that rise above their limit one after another; each raises an alert of its own."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.number = 0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the message in hand."""
        self._ends.set()
        self._thread.join(120)

    def _run(self) -> None:
        for number in itertools.count():
            if self._ends.is_set():
                return
            gauge = {"type": "gauge", "source_id": f"g{number}", "name": f"Pintu {number}", "value": 150.0}
            while push(self.server, f"g-{number}", [gauge]) != 202 and not self._ends.is_set():
                time.sleep(0.02)
            self.number = number + 1
            self._ends.wait(PAUSE_S)


def with_power_cut(folder: Path, binary: str) -> Path | None:
    """A Redis that notes what is on the disk for sure (tests/powercut.c); None without a C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    library = folder / "powercut.so"
    source = ROOT / "tests" / "powercut.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    wrapper = folder / "redis-with-power-cut"
    wrapper.write_text(f'#!/bin/sh\nLD_PRELOAD={library} exec {binary} "$@"\n')
    wrapper.chmod(0o755)
    return wrapper


def cut_power(server: Server) -> int:
    """Everything ends at once, and the disk holds only what was synced; the bytes that were lost."""
    assert server.process is not None
    # The supervisor must not start Redis again before its file has been cut.
    server.process.send_signal(signal.SIGSTOP)
    for pid in server.children().values():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    server.kill()
    lost = 0
    for file in (server.state_dir / "appendonlydir").glob("*.incr.aof"):
        note = file.with_name(f"{file.name}.synced")
        length = int.from_bytes(note.read_bytes(), "little") if note.exists() else 0
        lost += file.stat().st_size - length
        os.truncate(file, length)
    return lost


def kills_of_acks(folder: Path, number: int, binary: str, seed: int) -> None:
    """Kill `number` times while four supervisors acknowledge; then look for each green one in the trail."""
    draw = random.Random(seed)
    config = write_city(folder / "city", RULES)
    state = folder / "state"
    noted = with_power_cut(folder, binary)
    env = {**ENV, "WALLBOARD_REDIS_BIN": str(noted or binary)}
    server = Server(state, "--config", str(config), "--port", str(free_port()), env=env)
    server.start().ready()
    enrol(f"unix://{state / 'redis.sock'}", "contoh", supervisors(PEOPLE))
    victims = ["server", "redis", "wall-engine", "wall-web-1", *(["power"] if noted else [])]
    load, gauges = Load(server, PAUSE_S).start(), Gauges(server)
    presses = [Press(server.address, f"s{n}") for n in range(PEOPLE)]
    cuts, book = 0, Book(state, KEYS)
    try:
        for _ in range(number):
            time.sleep(draw.uniform(0.05, 0.8))
            victim = draw.choice(victims)
            if victim == "power":
                cut_power(server)
                cuts += 1
                server.start()
            elif victim == "server":
                server.kill()
                server.start()
            elif (pid := server.children().get(victim)) is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if draw.random() < 0.5:
                until(lambda: server.get_or_none("/readyz"), "ready again", READY_S)
            green = [id for press in presses for id in list(press.green)]
            until(book.look, "a look at all counters", 60)
            assert book.acked.issuperset(green), "a green acknowledgement is not in the trail"
        until(lambda: server.get_or_none("/readyz"), "ready again", READY_S)
        load.stop()
        gauges.stop()
        for press in presses:
            press.stop()
        green = [id for press in presses for id in press.green]

        def offered() -> int:
            queue = server.entities("queue").get("112", {})
            return int(queue.get("windows", {}).get("day", {}).get("offered", 0))

        until(lambda: offered() == load.calls, f"{load.calls} calls offered", 30)
        lines = audit_lines(state)
        acks = [line for line in lines if line["what"] == "alert.ack"]
        done = {line["command_id"] for line in acks if line["status"] == "done"}
        assert set(green) <= done, "a green acknowledgement is not in the trail"
        assert len(acks) == len({(line["person"], line["command_id"]) for line in acks}), "done twice"
        seen = [line["args"]["alert"] for line in acks if line["status"] == "done"]
        assert len(seen) == len(set(seen)), "an alert was acknowledged twice"
        raised = [
            line["alert"] for line in lines if line["what"] == "alert.raised" and line["rule"] == "gauge-high"
        ]
        assert len(raised) == len(set(raised)) == gauges.number + load.gauges
        shown = server.entities("alert")
        for id in seen:
            assert shown[id]["state"] == "acknowledged", id
        print(f"{number} kills, {cuts} of the power: {len(green)} green, none lost; {len(raised)} alerts")
    finally:
        load._ends.set()
        gauges._ends.set()
        for press in presses:
            press._ends.set()
        server.stop()


@pytest.mark.timeout(240)
def test_no_green_acknowledgement_is_lost_through_some_kills(tmp_path: Path) -> None:
    binary = BINARIES["valkey-server"]
    assert binary is not None
    kills_of_acks(tmp_path, 5, binary, seed=112)


@pytest.mark.soak
@pytest.mark.parametrize("name", BINARIES)
def test_no_green_acknowledgement_is_lost_through_500_kills(name: str, tmp_path: Path) -> None:
    binary = BINARIES[name]
    if binary is None:
        pytest.skip(f"{name} is not installed on this machine")
    kills_of_acks(tmp_path, 500, binary, seed=119)
