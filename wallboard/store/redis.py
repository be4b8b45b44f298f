"""The three ways to Redis: the engine's (synchronous, the one writer), the feeds' and the nodes' (asyncio).

All retries are ours: a client that repeats a command by itself would hide a restart, and a commit must
never be sent twice. A connection that broke raises StoreDown, and who called reloads.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, cast

import msgspec
import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

from wallboard.entities import KINDS
from wallboard.errors import Fenced, StoreDown, StoreForbids, StoreStuck
from wallboard.events import STREAMS, AnyEvent, encoder, stream_of
from wallboard.store.keys import Keys
from wallboard.store.writing import Commit, Line, Writer, arguments

#: A Redis that does not answer for this long is down (s); the longest script holds it for 20 ms.
ANSWER_TIMEOUT_S = 5.0

#: After this long without renewal another engine may take over (ms); a takeover takes at most 5 s.
LEASE_MS = 4000

#: Entries of one XREAD a stream: about 20 ms of the engine's work.
READ_COUNT = 500

#: So long a commit is waited for until it is on the disk, where Redis does not answer only then (ms).
SAFE_WITHIN_MS = 50

#: HSCAN reads a kind's state in pieces of this many, so that Redis is never held long.
SCAN_COUNT = 1000

_SCRIPTS = Path(__file__).parent


def script(name: str) -> str:
    """Text of one of our Lua scripts."""
    return (_SCRIPTS / f"{name}.lua").read_text()


@dataclass
class Head:
    """Where the last commit stands."""

    epoch: str = ""
    n: int = 0
    at: float = 0.0
    wall_id: str = "0-0"
    run_id: str = ""
    cursors: dict[str, str] = field(default_factory=dict)
    audit_n: int = 0
    audit_hash: str = ""
    #: fingerprint of the key of the last audit line
    audit_key: str = ""
    #: Redis had lost lines beyond these, and the trail has to say so; None: all is well
    audit_was: int | None = None
    history: str = "0-0"
    #: what a large batch still has to commit, encoded
    rest: bytes = b""

    @classmethod
    def decode(cls, raw: dict[bytes, bytes]) -> Head:
        """From the hash in Redis."""
        text = {key.decode(): value for key, value in raw.items()}
        return cls(
            epoch=text.get("epoch", b"").decode(),
            n=int(text.get("n", b"0")),
            at=float(text.get("at", b"0")),
            wall_id=text.get("wall_id", b"0-0").decode(),
            run_id=text.get("run_id", b"").decode(),
            cursors={
                k.removeprefix("cursor:"): v.decode() for k, v in text.items() if k.startswith("cursor:")
            },
            audit_n=int(text.get("audit_n", b"0")),
            audit_hash=text.get("audit_hash", b"").decode(),
            audit_key=text.get("audit_key", b"").decode(),
            audit_was=int(text["audit_was"]) if text.get("audit_was") else None,
            history=text.get("history", b"0-0").decode(),
            rest=text.get("rest", b""),
        )


class WallEntry(msgspec.Struct):
    """One commit as it stands in the wall stream's field `d`."""

    n: int
    epoch: str
    at: float
    safe_n: int
    #: [kind, id, entity or null, former scope where it differs]
    changes: list[tuple[str, str, msgspec.Raw, tuple[str, ...] | None]]
    results: list[msgspec.Raw] = []
    revoked: list[str] = []
    #: when the oldest event that it took in arrived
    heard: float | None = None


_wall_decoder = msgspec.json.Decoder(WallEntry)


def decode_wall(fields: dict[bytes, bytes]) -> WallEntry:
    """A commit from the fields of its stream entry."""
    return _wall_decoder.decode(fields[b"d"])


def is_null(raw: msgspec.Raw) -> bool:
    """Whether a raw value is JSON's null: the entity was removed."""
    return len(raw) == 4 and bytes(raw) == b"null"


#: Answers of a server that is starting, failing over or busy: it will be well again. UNBLOCKED comes to a
#: blocked reader when its master becomes a replica.
_NOT_NOW = ("LOADING", "MASTERDOWN", "UNBLOCKED", "CLUSTERDOWN", "TRYAGAIN", "BUSY ", "NOREPLICAS", "NOAUTH")


#: Words of an answer that refuses to write (a script names it as its own reason) → what a board says of
#: it. MISCONF: the file cannot be written or synced, and Redis takes nothing more.
_REFUSALS = {
    "No space left on device": "disk_full",
    "MISCONF": "disk_fails",
    "OOM": "memory_full",
    "READONLY": "read_only",
}


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """redis-py's errors as ours: fenced, stuck, or down."""
    try:
        yield
    except redis.BusyLoadingError as fault:
        raise StoreDown(f"Redis is still loading its data: {fault}") from fault
    except redis.OutOfMemoryError as fault:
        raise StoreStuck(f"Redis refuses to write: {fault}", "memory_full") from fault
    except redis.ReadOnlyError as fault:
        raise StoreStuck(f"Redis refuses to write: {fault}", "read_only") from fault
    except redis.exceptions.NoScriptError as fault:
        raise StoreDown("Redis has forgotten its scripts; they are loaded again") from fault
    except redis.exceptions.NoPermissionError as fault:
        raise StoreForbids(f"Redis does not let us: {fault}") from fault
    except redis.ResponseError as fault:
        text = str(fault)
        if "FENCED" in text:
            raise Fenced(text[text.index("FENCED") + 7 :]) from fault
        for word, trouble in _REFUSALS.items():
            if word in text:
                raise StoreStuck(f"Redis refuses to write: {text}", trouble) from fault
        if text.startswith(_NOT_NOW):
            raise StoreDown(f"Redis is not ready: {text}") from fault
        raise
    except (redis.ConnectionError, redis.TimeoutError, OSError) as fault:
        raise StoreDown(f"Redis does not answer: {fault}") from fault


def connect(url: str) -> redis.Redis:
    """A client for the engine: one connection, no retries, no answer older than our patience."""
    return redis.Redis.from_url(
        url,
        protocol=2,
        socket_timeout=ANSWER_TIMEOUT_S,
        socket_connect_timeout=ANSWER_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


def free_lease(url: str, keys: Keys) -> None:
    """Take the lease from an engine that is known to be dead; without an answer it runs out by itself."""
    client = connect(url)
    try:
        with contextlib.suppress(StoreDown), _translated():
            client.delete(keys.lease)
    finally:
        client.close()


def connect_async(url: str) -> redis.asyncio.Redis:
    """A client for feeds and nodes: no retries of its own."""
    from redis.asyncio.retry import Retry as AsyncRetry

    return redis.asyncio.Redis.from_url(
        url,
        protocol=2,
        socket_timeout=ANSWER_TIMEOUT_S,
        socket_connect_timeout=ANSWER_TIMEOUT_S,
        retry=AsyncRetry(NoBackoff(), 0),
        health_check_interval=0,
    )


Entries = list[tuple[str, str, bytes]]


def _field(fields: list[bytes]) -> bytes:
    return dict(zip(fields[::2], fields[1::2], strict=True)).get(b"d", b"")


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
        with _translated():
            return bool(self._renew(keys=[self.keys.lease], args=[token, LEASE_MS]))

    def release_lease(self, token: str) -> None:
        """Stop being the active engine, at a clean stop."""
        with _translated():
            self._release(keys=[self.keys.lease], args=[token])

    def run_id(self) -> str:
        """The server's run: another one after each restart or failover.

        It is asked on the line of the commits, which breaks with the server: all others connect again by
        themselves, and a restart between two questions of a load would pass unseen.
        """
        with _translated():
            return self._writer.run_id()

    def proves_safety(self) -> bool:
        """Whether each answer of this server means "on disk": appendonly with fsync always."""
        with _translated():
            try:
                settings: Any = self.redis.config_get("append*")
            except redis.ResponseError:
                return False  # a managed Redis hides its configuration
        return bool(settings.get("appendonly") == "yes" and settings.get("appendfsync") == "always")

    def wait_safe(self) -> bool:
        """Whether all that was committed is on this server's disk (WAITAOF), within 50 ms."""
        with _translated():
            return self._writer.all_safe(SAFE_WITHIN_MS)

    def memory_used(self) -> float:
        """Share of its memory that Redis has used; 0 where it has no limit."""
        with _translated():
            info: Any = self.redis.info("memory")
        limit = int(info.get("maxmemory", 0))
        return int(info["used_memory"]) / limit if limit else 0.0

    def head(self) -> Head:
        """The head of the last commit."""
        with _translated():
            raw: Any = self.redis.hgetall(self.keys.head)
        return Head.decode(raw)

    def state(self) -> Iterator[tuple[str, bytes]]:
        """All entities as (kind, JSON)."""
        with _translated():
            for kind in KINDS:
                for _, value in self.redis.hscan_iter(self.keys.state(kind), count=SCAN_COUNT):
                    yield kind, value

    def memory(self, kinds: Iterable[str]) -> Iterator[tuple[str, str, bytes]]:
        """All the engine's memory as (kind, id, JSON)."""
        with _translated():
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
        with _translated():
            self._reader.send("XREAD", *block, "COUNT", count, "STREAMS", *self._streams, *after)

    def asked(self) -> Entries:
        """What was asked for."""
        with _translated():
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
        with _translated():
            self._writer.commit(*arguments(self.keys, token, epoch, previous, commit))

    def sent(self) -> str:
        """The wall id of the commit that was sent; raises as `commit` does."""
        with _translated():
            return bytes(self._writer.answer()).decode()

    def trim(self, cursors: dict[str, str], wall_min_id: str) -> None:
        """Drop inputs below the cursors and commits below `wall_min_id`."""
        with _translated():
            pipe = self.redis.pipeline(transaction=False)
            for key, name in self._streams.items():
                if (cursor := cursors.get(name)) is not None:
                    pipe.xtrim(key, minid=cursor, approximate=True)
            pipe.xtrim(self.keys.wall, minid=wall_min_id, approximate=True)
            pipe.execute()

    def trim_audit(self, min_id: str) -> None:
        """Drop lines of the audit trail below `min_id`."""
        with _translated():
            self.redis.xtrim(self.keys.audit, minid=min_id, approximate=True)

    def audit_after(self, id: str, count: int) -> list[tuple[str, bytes]]:
        """Lines of the audit trail after the stream id `id` as (stream id, JSON), oldest first."""
        with _translated():
            answer: Any = self.redis.xrange(self.keys.audit, min=f"({id}", count=count)
        return [(entry.decode(), fields.get(b"d", b"")) for entry, fields in answer]

    def audit_count(self) -> int:
        """How many lines the trail has."""
        with _translated():
            answer: Any = self.redis.hget(self.keys.head, "audit_n")
        return int(answer or 0)

    def wall_after(self, id: str, count: int) -> list[tuple[str, dict[bytes, bytes]]]:
        """Commits after `id`, oldest first."""
        with _translated():
            answer: Any = self.redis.xrange(self.keys.wall, min=f"({id}", count=count)
        return [(entry.decode(), fields) for entry, fields in answer]


class Outlet:
    """Where feeds, webhooks and people put events: the streams that the engine reads."""

    #: One script call carries at most this many events, so that it holds Redis for a few ms.
    BATCH = 500

    def __init__(self, client: redis.asyncio.Redis, keys: Keys) -> None:
        self._redis = client
        self._keys = keys
        self._put = client.register_script(script("put"))

    async def put(self, events: Sequence[AnyEvent]) -> None:
        """Append events; they are on disk when this returns. Raises StoreDown or StoreStuck."""
        for start in range(0, len(events), self.BATCH):
            # The key is only named so that the server knows the hash slot.
            await self._append(self._keys.head, 0, events[start : start + self.BATCH])

    async def put_once(self, feed: str, id: str, life_s: int, events: Sequence[AnyEvent]) -> bool:
        """Append the events of one message, all or none; False where its id was taken before."""
        appended = await self._append(self._keys.webhook(feed, id), life_s, events)
        return appended > 0 or not events

    async def _append(self, key: str, life_s: int, events: Sequence[AnyEvent]) -> int:
        arguments: list[Any] = [self._keys.prefix, life_s]
        for event in events:
            arguments += (stream_of(event), encoder.encode(event))
        with _translated():
            return int(await self._put(keys=[key], args=arguments))

    async def lost_all(self) -> bool:
        """Whether Redis has lost its state since this was asked last; sources then have to be asked anew."""
        with _translated():
            return bool(await self._redis.set(self._keys.feeds, "1", nx=True))

    async def bury(self, feed: str, faults: Sequence[Any], at: float) -> None:
        """Keep records that could not be used, with the reason (objects with where, why, record)."""
        with _translated():
            pipe = self._redis.pipeline(transaction=False)
            for fault in faults:
                record = {
                    "feed": feed,
                    "reason": f"{fault.where}: {fault.why}",
                    "at": at,
                    "record": fault.record,
                }
                # Oldest go first: 100,000 dead records of 300 bytes are 30 MB.
                pipe.xadd(
                    self._keys.dead,
                    {"d": msgspec.json.encode(record, enc_hook=str)},
                    maxlen=100_000,
                    approximate=True,
                )
            await pipe.execute()


class NodeStore:
    """What a web node reads."""

    def __init__(self, client: redis.asyncio.Redis, keys: Keys) -> None:
        self.redis = client
        self.keys = keys

    async def head(self) -> Head:
        """The head of the last commit."""
        with _translated():
            raw: Any = await self.redis.hgetall(self.keys.head)
        return Head.decode(raw)

    async def state(self) -> AsyncIterator[tuple[str, str, bytes]]:
        """All entities as (kind, id, JSON)."""
        with _translated():
            for kind in KINDS:
                async for id, value in self.redis.hscan_iter(self.keys.state(kind), count=SCAN_COUNT):
                    yield kind, id.decode(), value
                    # A large city must not hold the loop while it loads.
                await asyncio.sleep(0)

    async def memory(self, kind: str, prefix: str) -> list[bytes]:
        """The engine's memory of a kind whose ids begin with `prefix`, as JSON."""
        literal = re.sub(r"([*?\[\]\\^-])", r"\\\1", prefix)
        with _translated():
            found = self.redis.hscan_iter(self.keys.mem(kind), match=f"{literal}*", count=SCAN_COUNT)
            return [value async for _, value in found]

    async def wall(
        self, after: str, *, count: int, block_ms: int | None = None
    ) -> list[tuple[str, WallEntry]]:
        """Commits after the id, waiting at most `block_ms`."""
        with _translated():
            answer: Any = await self.redis.xread({self.keys.wall: after}, count=count, block=block_ms)
        return [(id.decode(), decode_wall(fields)) for _, entries in answer or () for id, fields in entries]

    async def last_wall_id(self) -> str:
        """Id of the newest commit in the stream, "0-0" where there is none."""
        with _translated():
            answer: Any = await self.redis.xrevrange(self.keys.wall, count=1)
        return answer[0][0].decode() if answer else "0-0"

    async def result(self, person: str, command_id: str) -> bytes | None:
        """The first answer to a command, if there is one."""
        with _translated():
            answer: Any = await self.redis.get(self.keys.result(person, command_id))
        return bytes(answer) if answer is not None else None

    async def report_boards(self, node: str, boards: dict[str, bytes], now: float, ttl_s: int) -> None:
        """Say what each board of this node last painted."""
        with _translated():
            pipe = self.redis.pipeline(transaction=True)
            pipe.delete(self.keys.board(node))
            if boards:
                pipe.hset(self.keys.board(node), mapping=cast(Any, boards))
                pipe.expire(self.keys.board(node), ttl_s)
            pipe.zadd(self.keys.nodes, {node: now})
            pipe.zremrangebyscore(self.keys.nodes, "-inf", now - ttl_s)
            await pipe.execute()

    async def boards(self, now: float, ttl_s: int) -> list[bytes]:
        """What the boards of all nodes last painted, as JSON."""
        with _translated():
            nodes: Any = await self.redis.zrangebyscore(self.keys.nodes, now - ttl_s, "+inf")
            pipe = self.redis.pipeline(transaction=False)
            for node in nodes:
                pipe.hvals(self.keys.board(node.decode()))
            answers: list[list[bytes]] = await pipe.execute()
        return list(chain.from_iterable(answers))
