"""How long to wait before the next try: exponential, with full jitter, capped."""

from __future__ import annotations

from random import Random

#: The first retry comes within this; most faults are over in a second.
FIRST_S = 1.0
#: A source that was away for an hour is found again within a minute, at the cost of one request a minute.
POLLED_CAP_S = 60.0
#: A kept connection carries calls; its loss is felt at once, and a try costs one SYN.
RUNNING_CAP_S = 15.0
#: Full jitter may give zero; a closed port is not asked a thousand times a second.
FLOOR_S = 0.1
#: A Retry-After is followed up to here; a source that says "tomorrow" is still asked now and then.
MAX_RETRY_AFTER_S = 900.0


class Backoff:
    """The waits of one feed; a success starts anew."""

    def __init__(self, rng: Random, cap_s: float) -> None:
        self._rng = rng
        self._cap_s = cap_s
        self._failures = 0

    def after_failure(self, asked_s: float | None = None) -> float:
        """Return the seconds until the next try; `asked_s` is what the source asked for."""
        ceiling = min(self._cap_s, FIRST_S * 2.0 ** min(self._failures, 30))
        self._failures += 1
        wait_s = max(FLOOR_S, self._rng.uniform(0.0, ceiling))
        return wait_s if asked_s is None else max(wait_s, min(asked_s, MAX_RETRY_AFTER_S))

    def reset(self) -> None:
        """The source works again."""
        self._failures = 0
