"""The users of a city's wall for Locust: boards, feeds and people, by their real protocols.

Run by `python3 -m loadtests.day`, which starts a server for them; or by hand against one that runs:

    WALL_KEY=whsec_… WALL_PEOPLE=p0,p1 WALL_SHAPE=flood_day locust -f loadtests/day/locustfile.py -H http://…

A board checks the chain on each frame, and where its connection was cut goes on from where it was. How long a
change took is counted from the time of its event, which has to come from this machine. Names of the figures:
`event to board`, `board fresh` (from the connection to the whole state), `board resumed`, `report accepted`,
`log in`, `acknowledge`. What is over its limit in LIMITS fails the run, as does any break of the chain.
"""

from __future__ import annotations

import json
import os
import random
import time
from typing import Any
from uuid import uuid4

import gevent  # type: ignore[import-untyped]
import msgspec
import websocket
from locust import HttpUser, LoadTestShape, User, constant, constant_throughput, events, task
from locust.env import Environment

from feeds.webhook.signatures import sign, signing_key
from loadtests import map_city
from loadtests.day.shapes import LIMITS, SHAPES, Stage
from tests.staff import PASSWORD
from wallboard.protocol import SUBPROTOCOL

KEY = signing_key(os.environ["WALL_KEY"])
PEOPLE = [name for name in os.environ.get("WALL_PEOPLE", "").split(",") if name]
STAGES: list[Stage] = SHAPES[os.environ.get("WALL_SHAPE", "steady")]

#: Reports that the feeds change, so that boards get changes and not only new things.
REPORTS = 5000

#: Patience with any answer (s).
PATIENCE_S = 30.0

#: A supervisor presses this often (s).
PRESS_S = (1.0, 5.0)

#: A cut board comes back within this, at random (s): the pages spread themselves as well.
BACK_WITHIN_S = 1.0

#: One frame in so many is decoded whole; of the others only the head is read.
DECODED_EVERY = 10


def tell(environment: Environment, name: str, began: float, fault: Exception | None = None) -> None:
    """One figure for Locust's table; `began` in seconds since 1970."""
    environment.events.request.fire(  # type: ignore[no-untyped-call]
        request_type="wall", name=name, response_time=(time.time() - began) * 1000, response_length=0,
        exception=fault, context={}, response=None,
    )  # fmt: skip


class ChainBroken(Exception):
    """Raised when a frame does not follow the one before it."""


class Line:
    """One connection of a board or a console, and where it stands."""

    def __init__(self, host: str) -> None:
        self._url = host.replace("http", "ws", 1) + "/ws"
        self._origin = host
        self.socket: websocket.WebSocket | None = None
        self.epoch, self.view, self.pos = "", "", -1
        self._frames = 0

    def open(self, layout: str, ticket: str = "") -> None:
        """Connect, and go on from where it was, if it was somewhere."""
        self.socket = websocket.create_connection(
            self._url,
            subprotocols=[SUBPROTOCOL],
            origin=self._origin,
            timeout=PATIENCE_S,
            skip_utf8_validation=True,  # in pure Python it would be most of the work of this process
        )
        subscribe: dict[str, Any] = {"type": "subscribe", "layout": layout}
        if ticket:
            subscribe["ticket"] = ticket
        if self.pos >= 0:
            subscribe |= {"view_id": self.view, "epoch": self.epoch, "since": self.pos}
        self.say(subscribe)

    def say(self, frame: dict[str, Any]) -> None:
        """Send a frame."""
        assert self.socket is not None
        self.socket.send(json.dumps(frame))

    def close(self) -> None:
        """Be gone without a word, as where a cable is pulled."""
        if self.socket is not None:
            self.socket.shutdown()  # type: ignore[no-untyped-call]
            self.socket = None

    def next(self, *, whole: bool = False) -> dict[str, Any]:
        """The next frame. Unless `whole`: of a state its head, and the changes of one in DECODED_EVERY.

        Raises ChainBroken.
        """
        assert self.socket is not None
        _, data = self.socket.recv_data()
        if not data.startswith(b"{"):
            raise ConnectionError("the server closed the connection")
        self._frames += 1
        if not whole and data.startswith(b'{"type":"snapshot"'):
            data = data.partition(b',"state":')[0] + b"}"
        elif not whole and data.startswith(b'{"type":"delta"') and self._frames % DECODED_EVERY:
            data = data.partition(b',"changes":')[0] + b"}"
        frame: dict[str, Any] = msgspec.json.decode(data)
        if frame["type"] in ("delta", "tick"):
            if frame["epoch"] != self.epoch or not frame["prev"] <= self.pos:
                raise ChainBroken(
                    f"{frame['prev']} → {frame['pos']} of {frame['epoch']} at {self.pos} of {self.epoch}"
                )
            self.pos = frame["pos"]
        elif frame["type"] == "snapshot" and frame["part"] == frame["parts"]:
            self.epoch, self.view, self.pos = frame["epoch"], frame["view_id"], frame["pos"]
        return frame


class Board(User):
    """A wallboard on this machine. Stage.cut pulls all their cables at once."""

    weight = 10
    wait_time = constant(0)

    def on_start(self) -> None:
        self._line = Line(self.host or "")
        self._cuts = Cuts.number

    @task
    def watch(self) -> None:
        """Read until the connection ends, then come back."""
        began, resumed = time.time(), self._line.pos >= 0
        try:
            self._line.open("operations")
            fresh = False
            while self._cuts == Cuts.number:
                frame = self._line.next()
                if (
                    not fresh
                    and frame["type"] in ("delta", "tick", "snapshot")
                    and frame.get("part") == frame.get("parts")
                ):
                    fresh = True
                    tell(self.environment, "board resumed" if resumed else "board fresh", began)
                for kind, _, entity in frame.get("changes") or ():
                    if kind == "incident" and entity and entity["received_at"] > began:
                        tell(self.environment, "event to board", entity["received_at"])
            self._cuts = Cuts.number
        except (OSError, websocket.WebSocketException, ChainBroken, ValueError) as fault:
            tell(self.environment, "board", began, fault=fault)
            self._line.pos = -1
        self._line.close()
        gevent.sleep(random.uniform(0, BACK_WITHIN_S))

    def on_stop(self) -> None:
        self._line.close()


class Feed(HttpUser):
    """A source that pushes signed reports: mostly changes of known ones."""

    weight = 1
    wait_time = constant_throughput(2)

    @task
    def report(self) -> None:
        """One message with the reports of half a second."""
        west, south, east, north = map_city.BOUNDS
        reports = []
        for _ in range(random.randint(1, 10)):
            number = random.randrange(REPORTS)
            place = random.Random(number)
            reports.append(
                {
                    "type": "incident", "source_id": str(number), "title": f"Laporan {number}",
                    "channel": "app",
                    "lon": place.uniform(west, east), "lat": place.uniform(south, north),
                    "text": f"Genangan setinggi mata kaki; kabar {uuid4().hex[:6]}.",
                }
            )  # fmt: skip
        if random.random() < 0.1:
            reports.append(
                {"type": "incident", "source_id": uuid4().hex, "title": "Alarm", "channel": "alarm"}
            )
        body, id, now = json.dumps({"events": reports}).encode(), uuid4().hex, int(time.time())
        headers = {
            "content-type": "application/json", "webhook-id": id, "webhook-timestamp": str(now),
            "webhook-signature": sign(id, now, body, KEY),
        }  # fmt: skip
        self.client.post("/api/v1/ingest/push", body, headers=headers, name="report accepted")


class Supervisor(HttpUser):
    """Somebody at a console who acknowledges what stands unacknowledged."""

    weight = 1
    wait_time = constant(0)

    def on_start(self) -> None:
        self._line: Line | None = None
        self._waiting: dict[str, dict[str, Any]] = {}
        name = random.choice(PEOPLE)
        origin = {"Origin": self.host}
        self.client.post(
            "/api/v1/login", json={"name": name, "password": PASSWORD}, headers=origin, name="log in"
        ).raise_for_status()
        ticket = self.client.post("/api/v1/ticket", json={}, headers=origin, name="ticket").json()["ticket"]
        self._line = Line(self.host or "")
        self._line.open("console", ticket)
        while self._line.pos < 0:
            self._hear(self._line.next(whole=True))

    @task
    def acknowledge(self) -> None:
        """Take the oldest alert that waits, and wait until its acknowledgement is on the disk."""
        line = self._line
        assert line is not None
        # Between two presses the page reads on: who does not is ended as too slow.
        pressed_at = time.time() + random.uniform(*PRESS_S)
        while time.time() < pressed_at:
            self._hear(line.next(whole=True))
        if not self._waiting:
            return
        id, alert = next(iter(self._waiting.items()))
        command, began = uuid4().hex, time.time()
        line.say({
            "type": "command", "command_id": command, "action": "alert.ack", "pos": line.pos,
            "args": {"id": id, "version": alert.get("version", 1)},
        })  # fmt: skip
        while True:
            frame = line.next(whole=True)
            self._hear(frame)
            if frame["type"] == "result" and frame["command_id"] == command and frame["status"] != "pending":
                break
            if time.time() - began > PATIENCE_S:
                tell(self.environment, "acknowledge", began, fault=TimeoutError("no answer"))
                return
        self._waiting.pop(id, None)
        # That somebody else was first is an answer too.
        tell(self.environment, "acknowledge", began)

    def _hear(self, frame: dict[str, Any]) -> None:
        state = frame.get("state") or {}
        changes = [["alert", id, alert] for id, alert in (state.get("alert") or {}).items()]
        for kind, id, alert in [*changes, *(frame.get("changes") or ())]:
            if kind == "alert" and alert and alert.get("state", "").endswith("unacknowledged"):
                self._waiting[id] = alert
            elif kind == "alert":
                self._waiting.pop(id, None)

    def on_stop(self) -> None:
        if self._line is not None:
            self._line.close()


class Cuts:
    """How often all boards have lost their connection."""

    number = 0


class Day(LoadTestShape):
    """Follows the stages of the shape."""

    def tick(self) -> tuple[int, float] | None:
        """(users, users that come or go a second); None at the end."""
        run = float(self.get_run_time())  # type: ignore[no-untyped-call]
        for number, stage in enumerate(STAGES):
            if run < stage.until_s:
                Cuts.number = sum(each.cut for each in STAGES[: number + 1])
                return stage.users, stage.rate
        return None


@events.quitting.add_listener  # type: ignore[untyped-decorator]
def judge(environment: Environment, **_: object) -> None:
    """Fail the run where a limit is not kept."""
    faults = [f"{entry.name}: {entry.error}" for entry in environment.stats.errors.values()]
    if environment.runner is not None:
        faults += [str(known["msg"]) for known in environment.runner.exceptions.values()]
    for name, limit in LIMITS.items():
        found = [entry for entry in environment.stats.entries.values() if entry.name == name]
        if not found or not found[0].num_requests:
            if name != "board resumed" or any(stage.cut for stage in STAGES):
                faults.append(f"{name}: it never happened")
            continue
        p99 = found[0].get_response_time_percentile(0.99)
        if p99 > limit * 1000:
            faults.append(f"{name}: the 99th percentile is {p99:.0f} ms, the limit {limit * 1000:.0f}")
    for fault in faults:
        print(f"FAILED {fault}")
    environment.process_exit_code = 1 if faults else 0
