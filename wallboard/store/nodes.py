"""A node's way to Redis: the state and the commits after it, answers to commands, what its boards painted."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from itertools import chain
from typing import Any, cast

import redis.asyncio

from wallboard.entities import KINDS
from wallboard.store.clients import translated
from wallboard.store.commits import Head, WallEntry, decode_wall
from wallboard.store.engine import SCAN_COUNT
from wallboard.store.keys import Keys


class NodeStore:
    """What a web node reads."""

    def __init__(self, client: redis.asyncio.Redis, keys: Keys) -> None:
        self.redis = client
        self.keys = keys

    async def head(self) -> Head:
        """The head of the last commit."""
        with translated():
            raw: Any = await self.redis.hgetall(self.keys.head)
        return Head.decode(raw)

    async def state(self) -> AsyncIterator[tuple[str, str, bytes]]:
        """All entities as (kind, id, JSON)."""
        with translated():
            for kind in KINDS:
                async for id, value in self.redis.hscan_iter(self.keys.state(kind), count=SCAN_COUNT):
                    yield kind, id.decode(), value
                    # A large city must not hold the loop while it loads.
                await asyncio.sleep(0)

    async def memory(self, kind: str, prefix: str) -> list[bytes]:
        """The engine's memory of a kind whose ids begin with `prefix`, as JSON."""
        literal = re.sub(r"([*?\[\]\\^-])", r"\\\1", prefix)
        with translated():
            found = self.redis.hscan_iter(self.keys.mem(kind), match=f"{literal}*", count=SCAN_COUNT)
            return [value async for _, value in found]

    async def wall(
        self, after: str, *, count: int, block_ms: int | None = None
    ) -> list[tuple[str, WallEntry]]:
        """Commits after the id, waiting at most `block_ms`."""
        with translated():
            answer: Any = await self.redis.xread({self.keys.wall: after}, count=count, block=block_ms)
        return [(id.decode(), decode_wall(fields)) for _, entries in answer or () for id, fields in entries]

    async def last_wall_id(self) -> str:
        """Id of the newest commit in the stream, "0-0" where there is none."""
        with translated():
            answer: Any = await self.redis.xrevrange(self.keys.wall, count=1)
        return answer[0][0].decode() if answer else "0-0"

    async def result(self, person: str, command_id: str) -> bytes | None:
        """The first answer to a command, if there is one."""
        with translated():
            answer: Any = await self.redis.get(self.keys.result(person, command_id))
        return bytes(answer) if answer is not None else None

    async def report_boards(self, node: str, boards: dict[str, bytes], now: float, ttl_s: int) -> None:
        """Say what each board of this node last painted."""
        with translated():
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
        with translated():
            nodes: Any = await self.redis.zrangebyscore(self.keys.nodes, now - ttl_s, "+inf")
            pipe = self.redis.pipeline(transaction=False)
            for node in nodes:
                pipe.hvals(self.keys.board(node.decode()))
            answers: list[list[bytes]] = await pipe.execute()
        return list(chain.from_iterable(answers))
