"""Somebody who logs in to a running server, over real HTTP."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from typing import Any

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.running import WAIT_S, Server, until
from wallboard.protocol import SUBPROTOCOL


class Answer:
    """What the server said."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.text = body.decode(errors="replace")

    def json(self) -> Any:
        """Its document."""
        return json.loads(self.text)


class Browser:
    """Keeps the cookie as a browser does, and sends the Origin of the server's own pages."""

    def __init__(self, server: Server, context: ssl.SSLContext | None = None, source: str = "") -> None:
        self.server = server
        #: the machine's address that it comes from
        self.source = source
        #: for a server that speaks https
        self.context = context
        self.scheme = "http" if context is None else "https"
        self.cookie = ""

    def ask(
        self, path: str, body: Any = None, *, method: str = "", headers: dict[str, str] | None = None
    ) -> Answer:
        """Send a request; with a body, or a method other than GET, as a page of the server would."""
        method = method or ("GET" if body is None else "POST")
        sent = {"Content-Type": "application/json", "Origin": f"{self.scheme}://{self.server.address}"}
        if self.cookie:
            sent["Cookie"] = self.cookie
        sent |= headers or {}
        sent = {name: value for name, value in sent.items() if value}
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.scheme}://{self.server.address}{path}", data, sent, method=method
        )
        opener = urllib.request.build_opener(
            _Stay, urllib.request.HTTPSHandler(context=self.context), _From(self.source)
        )
        try:
            with opener.open(request, timeout=WAIT_S) as got:
                answer = Answer(got.status, got.headers, got.read())
        except urllib.error.HTTPError as refused:
            with refused:
                answer = Answer(refused.code, refused.headers, refused.read())
        for line in answer.headers.get_all("Set-Cookie") or ():
            if line.split("=")[0] in ("wallboard", "__Host-wallboard"):
                pair = line.split(";")[0]
                self.cookie = "" if pair.endswith(('=""', "=")) else pair
        return answer

    def log_in(self, name: str, password: str = "") -> Browser:
        """Log in, as one of the demo unless a password is given; waits until the person is known."""
        form = {"name": name, "password": password or f"demo-{name}"}
        until(lambda: self.ask("/api/v1/login", form).status == 200, f"{name} to be let in")
        return self

    def ticket(self) -> str:
        """A ticket for one socket."""
        return str(self.ask("/api/v1/ticket", {}).json()["ticket"])

    def board(self, layout: str = "console", ticket: str = "") -> Board:
        """A board of this person."""
        return Board(self.server, layout, ticket or self.ticket(), self.context)


class _From(urllib.request.HTTPHandler):
    def __init__(self, source: str) -> None:
        super().__init__()
        self._source = (source, 0) if source else None

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(
            lambda host, **more: http.client.HTTPConnection(host, source_address=self._source, **more),
            request,
        )


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Board:
    """A connection that has subscribed."""

    def __init__(
        self,
        server: Server,
        layout: str,
        ticket: str = "",
        context: ssl.SSLContext | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self._open = connect(
            f"{'ws' if context is None else 'wss'}://{server.address}/ws",
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            proxy=None,
            compression=None,
            ssl=context,
            additional_headers=headers,
            max_size=None,
        )
        self.socket: ClientConnection = self._open.__enter__()
        self.state: dict[str, dict[str, Any]] = {}
        self.results: list[dict[str, Any]] = []
        assert json.loads(self.socket.recv(WAIT_S))["type"] == "hello"
        self.socket.send(json.dumps({"type": "subscribe", "layout": layout, "ticket": ticket}))

    def frame(self) -> dict[str, Any]:
        """The next frame; keeps the state up to date."""
        frame: dict[str, Any] = json.loads(self.socket.recv(WAIT_S))
        for kind, entities in frame.get("state", {}).items():
            self.state.setdefault(kind, {}).update(entities)
        for kind, id, entity in frame.get("changes", ()):
            self.state.setdefault(kind, {})[id] = entity
        if frame["type"] == "result":
            self.results.append(frame)
        return frame

    def whole(self) -> Board:
        """Wait for the whole snapshot."""
        while (frame := self.frame())["type"] != "snapshot" or frame["part"] != frame["parts"]:
            pass
        return self

    def command(self, action: str, command_id: str, **args: Any) -> dict[str, Any]:
        """Ask for something; the last answer."""
        self.socket.send(
            json.dumps({"type": "command", "command_id": command_id, "action": action, "args": args})
        )
        while (frame := self.frame())["type"] != "result" or frame["status"] == "pending":
            pass
        return frame

    def bye(self) -> int:
        """The code that the server ends it with."""
        while (frame := self.frame())["type"] != "bye":
            pass
        self.close()
        return int(frame["code"])

    def close(self) -> None:
        """Go."""
        self._open.__exit__(None, None, None)
