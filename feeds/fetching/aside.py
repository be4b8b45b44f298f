"""Work that may block (names, files, large documents), beside the loop and never in the way of a stop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from wallboard.errors import Unreachable

T = TypeVar("T")

#: A name server or a network disk that hangs keeps its thread; above this many nothing more is started.
MAX_ASIDE = 64

#: A document above this is read beside the loop, which the other feeds need.
LARGE_BYTES = 64 * 1024

_running = threading.Semaphore(MAX_ASIDE)


async def aside(work: Callable[[], T]) -> T:
    """Return what `work` returns, run on a thread of its own.

    Not asyncio.to_thread: the end of a loop waits for its pool's threads, so one name server that does not
    answer would hold up the server's stop. A daemon thread is left behind. Raises Unreachable when too many
    are hanging already.
    """
    if not _running.acquire(blocking=False):
        raise Unreachable(f"{MAX_ASIDE} look-ups and file reads are hanging already; no more are started.")
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def finish(result: T | None, error: BaseException | None) -> None:
        if future.done():  # cancelled while the thread worked
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]  # None only where T allows it
        else:
            future.set_exception(error)

    def run() -> None:
        result: T | None = None
        failure: BaseException | None = None
        try:
            result = work()
        except BaseException as error:  # handed to who waits, whatever it is
            failure = error
        finally:
            _running.release()
        try:
            loop.call_soon_threadsafe(finish, result, failure)
        except RuntimeError:
            pass  # the loop has ended meanwhile: nobody waits

    threading.Thread(target=run, name="feed-aside", daemon=True).start()
    return await future


async def read_aside(body: bytes, work: Callable[[], T]) -> T:
    """Return what `work` makes of `body`: at once where it is small, else beside the loop."""
    return work() if len(body) <= LARGE_BYTES else await aside(work)
