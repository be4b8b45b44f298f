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


class BoardClient:
    """A board that reconnects and resumes in a thread of its own, and checks the chain on every frame."""

    def __init__(self, address: str, layout: str = "operations") -> None:
        self.address = address
        self.layout = layout
        self.state: dict[str, dict[str, Any]] = {}
        self.pos = -1
        self.epoch = ""
        self.view_id = ""
        #: commit time of the newest frame, and when it came
        self.at = 0.0
        self.heard = 0.0
        self.faults: list[str] = []
        self.snapshots = 0
        self._parts: dict[str, dict[str, Any]] = {}
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

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
            if self.pos >= 0:
                subscribe |= {"view_id": self.view_id, "epoch": self.epoch, "since": self.pos}
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
                if not self.take(json.loads(raw)):
                    self.pos = -1
                    return

    def take(self, frame: dict[str, Any]) -> bool:
        """Apply a frame; False when a snapshot has to be asked for."""
        kind = frame["type"]
        if kind == "snapshot":
            self._snapshot(frame)
            return True
        if kind not in ("delta", "tick"):
            return True
        if frame["epoch"] != self.epoch or frame["prev"] > self.pos:
            self.faults.append(f"{kind} {frame['prev']}→{frame['pos']} at {self.pos}")
            return False
        if frame["pos"] > self.pos:
            for of, id, entity in frame.get("changes", ()):
                if entity is None:
                    self.state.get(of, {}).pop(id, None)
                else:
                    self.state.setdefault(of, {})[id] = entity
            self.pos = frame["pos"]
        self.at, self.heard = frame["at"], time.time()
        return True

    def _snapshot(self, frame: dict[str, Any]) -> None:
        if frame["part"] == 1:
            self._parts = {}
        for of, entities in frame["state"].items():
            self._parts.setdefault(of, {}).update(entities)
        if frame["part"] == frame["parts"]:
            self.state = self._parts
            self.pos, self.epoch, self.view_id = frame["pos"], frame["epoch"], frame["view_id"]
            self.at, self.heard = frame["at"], time.time()
            self.snapshots += 1
