"""A screen of the tests: a browser without a keyboard that is not at the server's own machine."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.running import WAIT_S
from wallboard.protocol import SUBPROTOCOL

#: With a proxy's word in it a request is not taken for one from the machine itself.
ELSEWHERE = {"X-Forwarded-For": "203.0.113.9"}


class Browser:
    """Cookies by name, and requests as a page of the server would send them."""

    def __init__(self, address: str, headers: dict[str, str] | None = None) -> None:
        self.address = address
        self.cookies: dict[str, str] = {}
        self.headers = ELSEWHERE if headers is None else headers
        #: headers of the last answer, their names in lower case
        self.last: dict[str, str] = {}

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Status and body of the answer; its cookies are kept."""
        connection = http.client.HTTPConnection(self.address, timeout=WAIT_S)
        headers = {"Origin": f"http://{self.address}", **self.headers}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    key, _, rest = value.partition("=")
                    self.cookies[key] = rest.partition(";")[0]
            self.last = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, answer.read()
        finally:
            connection.close()

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        """The same, the body as JSON."""
        status, raw = self.send(method, path, body)
        return status, json.loads(raw) if raw else {}

    def log_in(self, name: str, password: str) -> Browser:
        """Log in as somebody."""
        status, body = self.ask("POST", "/api/v1/login", {"name": name, "password": password})
        assert status == 200, body
        return self

    @contextmanager
    def socket(self, layout: str, ticket: str | None = None) -> Iterator[ClientConnection]:
        """A board of this screen that has subscribed."""
        if ticket is None:
            status, body = self.ask("POST", "/api/v1/ticket", {})
            assert status == 200, body
            ticket = body["ticket"]
        with connect(
            f"ws://{self.address}/ws",
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            origin=Origin(f"http://{self.address}"),
            additional_headers=self.headers,
            compression=None,
            proxy=None,
            open_timeout=WAIT_S,
            max_size=None,
        ) as connection:
            json.loads(connection.recv(WAIT_S))
            connection.send(json.dumps({"type": "subscribe", "layout": layout, "ticket": ticket}))
            yield connection
