"""Connections to Redis: the engine's (synchronous), the feeds' and nodes' (asyncio); what their errors mean.

All retries are ours: a client that repeats a command by itself would hide a restart, and a commit must
never be sent twice. A connection that broke raises StoreDown, and who called reloads.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

from wallboard.errors import Fenced, StoreDown, StoreForbids, StoreStuck

#: A Redis that does not answer for this long is down (s); the longest script holds it for 20 ms.
ANSWER_TIMEOUT_S = 5.0

#: What both kinds of connections are made with.
_PATIENCE: dict[str, Any] = {
    "protocol": 2,
    "socket_timeout": ANSWER_TIMEOUT_S,
    "socket_connect_timeout": ANSWER_TIMEOUT_S,
    "health_check_interval": 0,
}

_SCRIPTS = Path(__file__).parent


def script(name: str) -> str:
    """Text of one of our Lua scripts."""
    return (_SCRIPTS / f"{name}.lua").read_text()


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
def translated() -> Iterator[None]:
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
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **_PATIENCE)


class _Heeding(redis.asyncio.connection.AbstractConnection):
    """A connection whose user can be cancelled.

    redis-py sends within `asyncio.wait_for`, which in Python 3.11 swallows a cancellation that comes together
    with its answer (CPython issue 86296): a deadline passed unseen, a task that was told to end went on.
    """

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        task = asyncio.current_task()
        asked = task.cancelling() if task else 0
        await super().send_packed_command(command, check_health)
        if task and task.cancelling() > asked:
            # The answer is still to come: who had this connection next would take it for their own.
            await self.disconnect(nowait=True)
            raise asyncio.CancelledError


def connect_async(url: str) -> redis.asyncio.Redis:
    """A client for feeds and nodes: no retries of its own."""
    from redis.asyncio.retry import Retry as AsyncRetry

    client = redis.asyncio.Redis.from_url(url, retry=AsyncRetry(NoBackoff(), 0), **_PATIENCE)
    # By TCP, TLS or a socket file, as the address says.
    pool = client.connection_pool
    pool.connection_class = type("Heeding", (_Heeding, pool.connection_class), {})
    return client
