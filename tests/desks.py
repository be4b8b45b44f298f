"""A person at the console as a test sees one: logged in, connected, asking, and told what came of it."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.boards import RETRY_S, Glass
from tests.running import WAIT_S
from wallboard.protocol import SUBPROTOCOL

#: As the pages have it (static/js/console/commands.js).
AGAIN_S = 2.0


class Desk:
    """One connection of one person; it reconnects, and asks again under the same id until it is answered."""

    def __init__(self, address: str, name: str, password: str) -> None:
        self.address = address
        self.name = name
        self._password = password
        self.cookie = ""
        self.glass = Glass()
        self.safe_n = 0
        #: command id → the engine's answer
        self.answers: dict[str, dict[str, Any]] = {}
        #: command id → frame, until it is answered
        self._asked: dict[str, str] = {}
        #: command id → when it is sent again, as its answer asks for
        self._again: dict[str, float] = {}
        self._socket: Any = None
        self._ends = threading.Event()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> Desk:
        """Log in and stay connected."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Disconnect."""
        self._ends.set()
        self._thread.join(20)

    def __enter__(self) -> Desk:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def request(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        """An HTTP request as this person; status and JSON."""
        connection = http.client.HTTPConnection(self.address, timeout=WAIT_S)
        headers = {"Content-Type": "application/json", "Origin": f"http://{self.address}"}
        if self.cookie:
            headers["Cookie"] = self.cookie
        try:
            connection.request(method, path, json.dumps(body or {}), headers)
            answer = connection.getresponse()
            text = answer.read()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    self.cookie = value.split(";")[0]
            return answer.status, json.loads(text) if text else {}
        finally:
            connection.close()

    def wait(self, found: Any, what: str, within: float = WAIT_S) -> Any:
        """Wait until `found()` of what is known here is true."""
        deadline = time.monotonic() + within
        with self._changed:
            while not (value := found()):
                left = deadline - time.monotonic()
                assert left > 0, f"{self.name}: not within {within:g} s: {what}"
                self._changed.wait(min(left, 0.5))
        return value

    def ready(self) -> Desk:
        """Wait until the state is here."""
        self.wait(lambda: self.glass.whole, "the state", 60)
        return self

    def ask(self, action: str, **args: Any) -> str:
        """Ask for something; the command's id."""
        id = uuid.uuid4().hex
        frame = {"type": "command", "command_id": id, "action": action, "args": args, "pos": self.glass.pos}
        self._asked[id] = json.dumps(frame)
        self._say(self._asked[id])
        return id

    def answer(self, id: str, within: float = WAIT_S) -> dict[str, Any]:
        """What came of a command."""
        answer: dict[str, Any] = self.wait(lambda: self.answers.get(id), f"the answer to {id}", within)
        return answer

    def green(self, id: str) -> bool:
        """Whether the page would show the command as done and safe on disk."""
        answer = self.answers.get(id, {})
        return answer.get("status") == "done" and answer.get("n", 1 << 60) <= self.safe_n

    def _say(self, text: str) -> None:
        socket = self._socket
        if socket is not None:
            try:
                socket.send(text)
            except (OSError, WebSocketException):
                pass  # it is sent again with the next connection

    def _run(self) -> None:
        while not self._ends.is_set():
            try:
                self._connection()
            except (OSError, WebSocketException, TimeoutError, http.client.HTTPException, ValueError):
                pass
            self._socket = None
            self._ends.wait(RETRY_S)

    def _ticket(self) -> str:
        status, body = self.request("POST", "/api/v1/ticket") if self.cookie else (401, {})
        if status == 401:
            self.cookie = ""
            status, _ = self.request("POST", "/api/v1/login", {"name": self.name, "password": self._password})
            if status != 200:
                raise OSError(f"log-in answered {status}")
            status, body = self.request("POST", "/api/v1/ticket")
        if status != 200:
            raise OSError(f"ticket answered {status}")
        return str(body["ticket"])

    def _connection(self) -> None:
        ticket = self._ticket()
        with connect(
            f"ws://{self.address}/ws",
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            origin=Origin(f"http://{self.address}"),
            compression=None,
            proxy=None,
            open_timeout=5,
            close_timeout=0.5,
            max_size=None,
        ) as socket:
            if json.loads(socket.recv(5))["type"] != "hello":
                return  # a `bye`: the node has no state yet
            subscribe: dict[str, Any] = {"type": "subscribe", "layout": "console", "ticket": ticket}
            if self.glass.whole and not self.glass.asked:
                glass = self.glass
                subscribe |= {"view_id": glass.view_id, "epoch": glass.epoch, "since": glass.pos}
            socket.send(json.dumps(subscribe))
            self._socket = socket
            for frame in list(self._asked.values()):
                socket.send(frame)
            self._again.clear()
            while not self._ends.is_set():
                for id in [id for id, due in self._again.items() if due <= time.monotonic()]:
                    del self._again[id]
                    if id in self._asked:
                        socket.send(self._asked[id])
                try:
                    frame = json.loads(socket.recv(0.5))
                except TimeoutError:
                    continue
                with self._changed:
                    if frame["type"] == "result":
                        self._result(frame)
                    elif self.glass.take(frame):
                        return
                    self.safe_n = frame.get("safe_n", self.safe_n)
                    self._changed.notify_all()

    def _result(self, frame: dict[str, Any]) -> None:
        if frame["status"] == "pending":
            return
        if frame.get("reason") == "try_again":
            self._again[frame["command_id"]] = time.monotonic() + AGAIN_S
            return
        self._asked.pop(frame["command_id"], None)
        self.answers[frame["command_id"]] = frame
