"""The engine's lease, kept while the engine works, however long one batch or a load takes.

Whoever holds it is the one writer; each commit proves that by its own comparison, so a lease held too long
costs time and never truth. It is kept by a thread: on a starved machine a load of a large state, or timers
that all became due while nothing ran, may take longer than the lease. Without this thread such an engine
would be fenced, load again, and be fenced again for ever.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TypeVar

from wallboard.errors import Fenced, StoreError
from wallboard.store.engine import LEASE_MS, EngineStore
from wallboard.store.keys import Keys

T = TypeVar("T")

#: It is renewed four times before it ends.
RENEW_S = LEASE_MS / 4000

#: An engine that has given no sign of life for this long hangs, and another one may try (s). On a machine
#: with five times the work it can do, a load of 36,000 values took 20 s.
HANGS_S = 60.0


class Lease:
    """Renews the lease of `token` in a thread, while it is entered."""

    def __init__(self, url: str, keys: Keys, token: str) -> None:
        self._store = EngineStore(url, keys)
        self._token = token
        self._ends = threading.Event()
        self._lost = False
        self._alive_at = time.monotonic()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        """Renew it no more; only after that may it be given back."""
        self._ends.set()
        self._thread.join()  # each of its questions is bounded by the store's patience
        self._store.close()

    def alive(self) -> None:
        """The engine lives; raises Fenced where another one has taken over."""
        self._alive_at = time.monotonic()
        if self._lost:
            raise Fenced("another engine has the lease")

    def during(self, work: Iterable[T]) -> Iterator[T]:
        """The items of a long work, each of which shows that the engine lives; raises as `alive` does."""
        for item in work:
            self.alive()
            yield item

    def _keep(self) -> None:
        while not self._ends.wait(RENEW_S):
            if time.monotonic() - self._alive_at > HANGS_S:
                continue
            try:
                self._lost = not self._store.take_lease(self._token)
            except StoreError:
                continue  # the engine, too, finds out that Redis is away
            if self._lost:
                return
