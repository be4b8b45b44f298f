"""The engine's way to Redis: the lease, the state, the streams, the commit."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import redis

from wallboard.entities import KINDS
from wallboard.errors import StoreDown
from wallboard.events import STREAMS
from wallboard.store.clients import connect, script, translated
from wallboard.store.commits import Head
from wallboard.store.keys import Keys
from wallboard.store.writing import Commit, Line, Writer, arguments

#: After this long without renewal another engine may take over (ms); a takeover takes at most 5 s.
LEASE_MS = 4000

#: Entries of one XREAD a stream: about 20 ms of the engine's work.
READ_COUNT = 500

#: So long a commit is waited for until it is on the disk, where Redis does not answer only then (ms).
SAFE_WITHIN_MS = 50

#: HSCAN reads a kind's state in pieces of this many, so that Redis is never held long.
SCAN_COUNT = 1000

Entries = list[tuple[str, str, bytes]]


def _field(fields: list[bytes]) -> bytes:
    return dict(zip(fields[::2], fields[1::2], strict=True)).get(b"d", b"")


def free_lease(url: str, keys: Keys) -> None:
    """Take the lease from an engine that is known to be dead; without an answer it runs out by itself."""
    client = connect(url)
    try:
        with contextlib.suppress(StoreDown), translated():
            client.delete(keys.lease)
    finally:
        client.close()


class EngineStore:
    """What the one writer does with Redis. Synchronous, but that a commit's answer may be taken later."""

    def __init__(self, url: str, keys: Keys) -> None:
        self.keys = keys
        self.redis = connect(url)
        self._reader = Line(connect(url))
        self._writer = Writer(connect(url), script("commit"))
        self._renew = self.redis.register_script(script("renew"))
        self._release = self.redis.register_script(script("release"))
        self._streams = {keys.feed(name): name for name in STREAMS}

    def close(self) -> None:
        """Close the connections."""
        self._reader.close()
        self._writer.close()
        self.redis.close()

    def take_lease(self, token: str) -> bool:
        """Become or stay the active engine; False where another one is."""
        with translated():
            return bool(self._renew(keys=[self.keys.lease], args=[token, LEASE_MS]))

    def release_lease(self, token: str) -> None:
        """Stop being the active engine, at a clean stop."""
        with translated():
            self._release(keys=[self.keys.lease], args=[token])

    def run_id(self) -> str:
        """The server's run: another one after each restart or failover.

        It is asked on the line of the commits, which breaks with the server: all others connect again by
        themselves, and a restart between two questions of a load would pass unseen.
        """
        with translated():
            return self._writer.run_id()

    def proves_safety(self) -> bool:
        """Whether each answer of this server means "on disk": appendonly with fsync always."""
        with translated():
            try:
                settings: Any = self.redis.config_get("append*")
            except redis.ResponseError:
                return False  # a managed Redis hides its configuration
        return bool(settings.get("appendonly") == "yes" and settings.get("appendfsync") == "always")

    def wait_safe(self) -> bool:
        """Whether all that was committed is on this server's disk (WAITAOF), within 50 ms."""
        with translated():
            return self._writer.all_safe(SAFE_WITHIN_MS)

    def memory_used(self) -> float:
        """Share of its memory that Redis has used; 0 where it has no limit."""
        with translated():
            info: Any = self.redis.info("memory")
        limit = int(info.get("maxmemory", 0))
        return int(info["used_memory"]) / limit if limit else 0.0

    def head(self) -> Head:
        """The head of the last commit."""
        with translated():
            raw: Any = self.redis.hgetall(self.keys.head)
        return Head.decode(raw)

    def state(self) -> Iterator[tuple[str, bytes]]:
        """All entities as (kind, JSON)."""
        with translated():
            for kind in KINDS:
                for _, value in self.redis.hscan_iter(self.keys.state(kind), count=SCAN_COUNT):
                    yield kind, value

    def memory(self, kinds: Iterable[str]) -> Iterator[tuple[str, str, bytes]]:
        """All the engine's memory as (kind, id, JSON)."""
        with translated():
            for kind in kinds:
                for id, value in self.redis.hscan_iter(self.keys.mem(kind), count=SCAN_COUNT):
                    yield kind, id.decode(), value

    def read(self, cursors: dict[str, str], block_ms: int, count: int = READ_COUNT) -> Entries:
        """New entries after the cursors as (stream, id, JSON), waiting at most `block_ms`."""
        self.ask(cursors, block_ms, count)
        return self.asked()

    def ask(self, cursors: dict[str, str], block_ms: int = 0, count: int = READ_COUNT) -> None:
        """Begin to `read`, to go on with `asked`; what was asked for before and not taken is dropped."""
        after = [cursors.get(name, "0-0") for name in self._streams.values()]
        block = ("BLOCK", block_ms) if block_ms else ()
        with translated():
            self._reader.send("XREAD", *block, "COUNT", count, "STREAMS", *self._streams, *after)

    def asked(self) -> Entries:
        """What was asked for."""
        with translated():
            answer: Any = self._reader.answer()
        found: Entries = []
        for key, entries in answer or ():
            name = self._streams[key.decode()]
            for id, fields in entries:
                # Ours have one field; what somebody else put there may have others.
                found.append((name, id.decode(), fields[1] if fields[0] == b"d" else _field(fields)))
        return found

    def commit(self, token: str, epoch: str, previous: int, commit: Commit) -> str:
        """Commit, or raise: Fenced (nothing happened), StoreDown (it may have happened: reload)."""
        self.send(token, epoch, previous, commit)
        return self.sent()

    def send(self, token: str, epoch: str, previous: int, commit: Commit) -> None:
        """Begin a commit; `sent` must be called before the next. Raises StoreDown."""
        with translated():
            self._writer.commit(*arguments(self.keys, token, epoch, previous, commit))

    def sent(self) -> str:
        """The wall id of the commit that was sent; raises as `commit` does."""
        with translated():
            return bytes(self._writer.answer()).decode()

    def trim(self, cursors: dict[str, str], wall_min_id: str) -> None:
        """Drop inputs below the cursors and commits below `wall_min_id`."""
        with translated():
            pipe = self.redis.pipeline(transaction=False)
            for key, name in self._streams.items():
                if (cursor := cursors.get(name)) is not None:
                    pipe.xtrim(key, minid=cursor, approximate=True)
            pipe.xtrim(self.keys.wall, minid=wall_min_id, approximate=True)
            pipe.execute()

    def trim_audit(self, min_id: str) -> None:
        """Drop lines of the audit trail below `min_id`."""
        with translated():
            self.redis.xtrim(self.keys.audit, minid=min_id, approximate=True)

    def audit_after(self, id: str, count: int) -> list[tuple[str, bytes]]:
        """Lines of the audit trail after the stream id `id` as (stream id, JSON), oldest first."""
        with translated():
            answer: Any = self.redis.xrange(self.keys.audit, min=f"({id}", count=count)
        return [(entry.decode(), fields.get(b"d", b"")) for entry, fields in answer]

    def audit_count(self) -> int:
        """How many lines the trail has."""
        with translated():
            answer: Any = self.redis.hget(self.keys.head, "audit_n")
        return int(answer or 0)

    def wall_after(self, id: str, count: int) -> list[tuple[str, dict[bytes, bytes]]]:
        """Commits after `id`, oldest first."""
        with translated():
            answer: Any = self.redis.xrange(self.keys.wall, min=f"({id}", count=count)
        return [(entry.decode(), fields) for entry, fields in answer]
