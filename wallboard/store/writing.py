"""The engine's two lines to Redis: on one it commits, on the other it reads; answers are taken later.

While Redis writes a commit to the disk the engine can apply the next batch, which was asked for before. At
most one commit is on its way, and none is sent before the one before it was confirmed, so what fails is found
before anything follows from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, cast

import redis

from wallboard.store.keys import Keys


@dataclass
class Commit:
    """The arguments of one commit, all encoded."""

    wall: bytes
    sets: list[tuple[str, str, bytes]] = field(default_factory=list)
    removals: list[tuple[str, str]] = field(default_factory=list)
    memory_sets: list[tuple[str, str, bytes]] = field(default_factory=list)
    memory_removals: list[tuple[str, str]] = field(default_factory=list)
    results: list[tuple[str, bytes]] = field(default_factory=list)
    audit: list[bytes] = field(default_factory=list)
    dead: list[bytes] = field(default_factory=list)
    outbox: list[bytes] = field(default_factory=list)
    head: dict[str, Any] = field(default_factory=dict)


def arguments(keys: Keys, token: str, epoch: str, previous: int, commit: Commit) -> list[Any]:
    """Keys and arguments of commit.lua, its number of keys first."""
    found: list[Any] = [6, keys.head, keys.lease, keys.wall, keys.audit, keys.dead, keys.outbox]
    found += (token, epoch, previous, keys.prefix, 1, "d", commit.wall)
    sections: list[Sequence[Any]] = [
        commit.sets, commit.removals, commit.memory_sets, commit.memory_removals, commit.results,
    ]  # fmt: skip
    for section in sections:
        found.append(len(section))
        found.extend(chain.from_iterable(section))
    for lines in (commit.audit, commit.dead, commit.outbox):
        found.append(len(lines))
        found.extend(lines)
    found.append(len(commit.head))
    found.extend(chain.from_iterable(commit.head.items()))
    return found


class Line:
    """A connection with at most one command on its way. Raises redis-py's errors."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._connection: Any = None
        #: whether an answer is still to be taken
        self.waiting = False

    def send(self, *words: Any) -> None:
        """Send a command; an answer that nobody took is dropped first."""
        if self.waiting:
            self.answer()
        if self._connection is None:
            self._connection = cast(Any, self._client.connection_pool).get_connection()
        self._connection.send_command(*words)
        self.waiting = True

    def answer(self) -> Any:
        """What Redis answers to the command that was sent."""
        self.waiting = False
        return self._connection.read_response()

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.disconnect()
        self._client.close()


class Writer(Line):
    """The line of the commits."""

    def __init__(self, client: redis.Redis, script: str) -> None:
        super().__init__(client)
        self._script = script
        self._sha = ""

    def commit(self, *words: Any) -> None:
        """Send the script with these keys and arguments."""
        if not self._sha:
            self._sha = str(self._client.script_load(self._script))
        self.send("EVALSHA", self._sha, *words)

    def run_id(self) -> str:
        """The run of the server that this line leads to, as long as it holds."""
        self.send("INFO", "server")
        return bytes(self.answer()).partition(b"run_id:")[2].split()[0].decode()

    def all_safe(self, within_ms: int) -> bool:
        """Whether all that was sent here is on this server's disk (WAITAOF), within so many ms."""
        self.send("WAITAOF", 1, 0, within_ms)
        try:
            return int(self.answer()[0]) >= 1
        except redis.ResponseError:
            return False  # before Redis 7.2, or no append-only file
