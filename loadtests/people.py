"""Somebody who logs in to a server that is measured, and their tickets."""

from __future__ import annotations

import http.client
import json
import time

from loadtests.start import PATIENCE_S
from tests.staff import PASSWORD


class LoggedIn:
    """Somebody who has logged in."""

    def __init__(self, port: int, name: str) -> None:
        """Raises TimeoutError where the server does not let them in."""
        self._port = port
        self._cookie = ""
        deadline = time.monotonic() + PATIENCE_S
        # A node learns of a person with the next commit.
        while self._ask("/api/v1/login", {"name": name, "password": PASSWORD})[0] != 200:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} is not let in")
            time.sleep(0.1)

    def ticket(self) -> str:
        """For one socket."""
        return str(json.loads(self._ask("/api/v1/ticket", {})[1])["ticket"])

    def _ask(self, path: str, body: object) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)
        headers = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{self._port}"}
        if self._cookie:
            headers["Cookie"] = self._cookie
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        said = answer.read()
        if cookie := answer.getheader("Set-Cookie"):
            self._cookie = cookie.split(";")[0]
        connection.close()
        return answer.status, said
