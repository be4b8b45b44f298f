"""Commits on a connection of their own: one is sent, and its answer is taken later.

While Redis writes a commit to the disk the engine can apply the next batch. At most one is on its way, and
none is sent before the one before it was confirmed, so what fails is found before anything follows from it.
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


class Writer:
    """One connection. Its methods raise redis-py's errors, which its owner translates."""

    def __init__(self, client: redis.Redis, script: str) -> None:
        self._client = client
        self._script = script
        self._sha = ""
        self._connection: Any = None

    def send(self, *words: Any) -> None:
        """Send the script with these keys and arguments; `answer` must be called before the next."""
        if not self._sha:
            self._sha = str(self._client.script_load(self._script))
        self._connected().send_command("EVALSHA", self._sha, *words)

    def answer(self) -> bytes:
        """What the script answered."""
        return bytes(self._connection.read_response())

    def all_safe(self, within_ms: int) -> bool:
        """Whether all that was sent here is on this server's disk (WAITAOF), within so many ms."""
        connection = self._connected()
        try:
            connection.send_command("WAITAOF", 1, 0, within_ms)
            return int(connection.read_response()[0]) >= 1
        except redis.ResponseError:
            return False  # before Redis 7.2, or no append-only file

    def _connected(self) -> Any:
        if self._connection is None:
            self._connection = cast(Any, self._client.connection_pool).get_connection()
        return self._connection

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.disconnect()
        self._client.close()
