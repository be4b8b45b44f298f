"""Which of two observations of one thing is the newer, and how new it is."""

from __future__ import annotations

from wallboard.entities import Order
from wallboard.events import Event

#: A source's clock may run ahead of ours by this much before what it says is marked (s).
CLOCK_AHEAD_S = 300.0


def order_of(event: Event) -> Order:
    """Where an observation stands: (run, seq), else min(observed_at, received_at).

    A clock that runs ahead cannot freeze an entity: the next observation is received later.
    """
    if event.seq is not None:
        return Order(event.run, float(event.seq))
    observed = event.received_at if event.observed_at is None else event.observed_at
    return Order(0.0, min(observed, event.received_at))


def seen_at(event: Event) -> float:
    """How new the observation is: observed_at, never later than received_at."""
    return event.received_at if event.observed_at is None else min(event.observed_at, event.received_at)


def marks(event: Event) -> tuple[str, ...]:
    """The event's flags, with "clock_ahead" where its source's clock runs ahead of ours."""
    ahead = event.observed_at is not None and event.observed_at > event.received_at + CLOCK_AHEAD_S
    return (*event.flags, "clock_ahead") if ahead and "clock_ahead" not in event.flags else event.flags
