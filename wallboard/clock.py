"""The time that counts: the machine's, or as if it were another (`--clock`, for old documents)."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """Seconds since 1970 (UTC), `offset` seconds away from the machine's clock."""

    offset: float = 0.0

    @classmethod
    def as_if(cls, start: float) -> Clock:
        """A clock that reads `start` now and runs on from there."""
        return cls(start - time.time())

    def now(self) -> float:
        """The time now."""
        return time.time() + self.offset
