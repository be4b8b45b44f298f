"""A board as a test sees it: its own copy of the state, kept by the rules of the protocol alone."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from wallboard.protocol import SUBPROTOCOL

#: Between two tries to connect; a test waits on conditions, not on this (s).
RETRY_S = 0.1


class Glass:
    """What a board shows: a copy of the state, kept by the rules of section 6 of the design."""

    def __init__(self) -> None:
        self.state: dict[str, dict[str, Any]] = {}
        self.pos = 0
        self.epoch = ""
        self.view_id = ""
        #: whether a whole snapshot has come
        self.whole = False
        #: commit time of the newest frame
        self.at = 0.0
        self.snapshots = 0
        self._parts: dict[str, dict[str, Any]] = {}
        #: a snapshot was asked for, and nothing counts before it comes
        self.asked = False

    def take(self, frame: dict[str, Any]) -> bool:
        """Apply a frame; True when a snapshot has to be asked for."""
        kind = frame["type"]
        if kind == "snapshot":
            self._snapshot(frame)
        if kind not in ("delta", "tick") or not self.whole or self.asked:
            return False
        if frame["epoch"] != self.epoch or frame["prev"] > self.pos:
            self.asked = True
            return True
        if frame["pos"] > self.pos:
            for of, id, entity in frame.get("changes", ()):
                if entity is None:
                    self.state.get(of, {}).pop(id, None)
                else:
                    self.state.setdefault(of, {})[id] = entity
            self.pos, self.at = frame["pos"], frame["at"]
        return False

    def _snapshot(self, frame: dict[str, Any]) -> None:
        if frame["part"] == 1:
            self._parts = {}
        for of, entities in frame["state"].items():
            self._parts.setdefault(of, {}).update(entities)
        if frame["part"] == frame["parts"]:
            self.state = self._parts
            self.pos, self.epoch, self.view_id = frame["pos"], frame["epoch"], frame["view_id"]
            self.at = frame["at"]
            self.whole, self.asked = True, False
            self.snapshots += 1


class BoardClient:
    """A board that reconnects and resumes in a thread of its own, and checks the chain on every frame."""

    def __init__(self, address: str, layout: str = "operations") -> None:
        self.address = address
        self.layout = layout
        self.glass = Glass()
        #: when the newest frame came
        self.heard = 0.0
        self.faults: list[str] = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def state(self) -> dict[str, dict[str, Any]]:
        """Entities by kind and id."""
        return self.glass.state

    @property
    def pos(self) -> int:
        """The commit that is on the glass; 0: none."""
        return self.glass.pos if self.glass.whole else 0

    @property
    def at(self) -> float:
        """Time of the newest commit that was heard of."""
        return self.glass.at

    def start(self) -> BoardClient:
        """Connect, and stay connected."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Disconnect."""
        self._ends.set()
        self._thread.join(20)

    def _run(self) -> None:
        while not self._ends.is_set():
            try:
                self._connection()
            except (OSError, WebSocketException, TimeoutError):
                time.sleep(RETRY_S)

    def _connection(self) -> None:
        with connect(
            f"ws://{self.address}/ws",
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,
            proxy=None,
            open_timeout=5,
            close_timeout=0.5,
            max_size=None,
        ) as socket:
            hello = json.loads(socket.recv(5))
            subscribe: dict[str, Any] = {"type": "subscribe", "layout": self.layout}
            glass = self.glass
            if glass.whole and not glass.asked:
                subscribe |= {"view_id": glass.view_id, "epoch": glass.epoch, "since": glass.pos}
            if hello["type"] != "hello":
                time.sleep(RETRY_S)  # a `bye`: the node has no state yet
                return
            socket.send(json.dumps(subscribe))
            while not self._ends.is_set():
                try:
                    raw = socket.recv(0.5)
                except TimeoutError:
                    # 15 s without news: a board reconnects, as its page does.
                    if self.heard and time.time() - self.heard > 15:
                        self.heard = time.time()
                        return
                    continue
                frame = json.loads(raw)
                self.heard = time.time()
                if glass.take(frame):
                    self.faults.append(f"{frame['type']} {frame['prev']}→{frame['pos']} at {glass.pos}")
                    return
