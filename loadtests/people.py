"""People who may log in to a server that is measured, each with a limit to districts, and their tickets."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterable

import argon2
import msgspec

from loadtests.start import PATIENCE_S
from wallboard.access import Person
from wallboard.events import Command
from wallboard.store.clients import connect_async
from wallboard.store.identity import Change, IdentityStore, User
from wallboard.store.keys import Keys

#: One for all of them, with the cheapest hash: what a log-in costs is measured nowhere here.
PASSWORD = "a long word of these tests"
HASH = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


async def enrol(url: str, city: str, people: Iterable[Person]) -> None:
    """Make people known to nodes and engine, as the command line does."""
    client = connect_async(url)
    store = IdentityStore(client, Keys(city))
    for person in people:

        def edit(users: dict[str, User], person: Person = person) -> Change:
            told = Command(
                feed="",
                source_id=f"enrol-{person.id}",
                received_at=time.time(),
                person="",
                action="user.set",
                args=msgspec.to_builtins(person),
            )
            return person.id, User(person=person, password=HASH), [told]

        await store.change(edit)
    await client.aclose()


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
