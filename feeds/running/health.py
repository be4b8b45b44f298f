"""How a feed does: its counters and its state, said when it changes and at least once a minute."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from statistics import median
from typing import Literal

from feeds.reading.private import mask_numbers
from wallboard.events import AnyEvent, FeedHealth

#: A feed that is well says so this often; the wall takes a feed that says nothing for dead.
REPORT_EVERY_S = 60.0
#: … and no more often than this, however often it asks its source.
REPORT_AT_MOST_S = 5.0
#: The skew is the median over this many events: one wrong time stamp does not move it.
SKEW_SAMPLES = 101


class Health:
    """The health of one feed. All times are of the clock that counts (s since 1970)."""

    def __init__(
        self, feed: str, kind: str, period_s: float, on_news: Callable[[], None] = lambda: None
    ) -> None:
        """`on_news` is called when there is something to say at once."""
        self._on_news = on_news
        self.documents = 0
        self.events = 0
        self.faults = 0
        self.lost = 0
        self.last_good_at: float | None = None
        self.reason = ""
        self._feed = feed
        self._kind = kind
        self._period_s = period_s
        self._state: Literal["ok", "failing", "stopped"] | None = None
        self._since = 0.0
        self._skews: deque[float] = deque(maxlen=SKEW_SAMPLES)
        self._told: tuple[object, ...] = ()
        self._told_at = 0.0

    @property
    def state(self) -> Literal["ok", "failing", "stopped"] | None:
        """None until the first answer of the source."""
        return self._state

    def good(self, now: float) -> bool:
        """The source answered as it should; returns whether that is news."""
        self.last_good_at = now
        return self._change("ok", "", now)

    def failed(self, reason: str, now: float) -> bool:
        """The source failed; returns whether state or reason are news."""
        # It stands on every wall, and may quote the source: a table without a header begins with a record.
        return self._change("failing", mask_numbers(reason), now)

    def stopped(self, now: float) -> None:
        """The feed is stopped, by us."""
        self._change("stopped", "the server stops", now)

    def count(self, events: Iterable[AnyEvent]) -> None:
        """Events went out: count them and measure the source's clock."""
        for event in events:
            self.events += 1
            if event.observed_at is not None:
                self._skews.append(event.received_at - event.observed_at)

    def due(self, now: float) -> bool:
        """Whether there is something to say: a change, or the next regular report."""
        if self._state is None:
            return False
        if self._signature() != self._told:
            return True
        # A clock that was set back must not silence the feed.
        return not 0 <= now - self._told_at < max(REPORT_AT_MOST_S, min(REPORT_EVERY_S, self._period_s))

    def report(self, now: float) -> FeedHealth:
        """Return the health as an event; call `told` when it is out."""
        assert self._state is not None
        return FeedHealth(
            feed=self._feed,
            source_id=self._feed,
            received_at=now,
            state=self._state,
            kind=self._kind,
            reason=self.reason,
            since=self._since,
            last_good_at=self.last_good_at,
            period_s=self._period_s,
            documents=self.documents,
            events=self.events,
            faults=self.faults,
            lost=self.lost,
            skew_s=round(median(self._skews), 3) if self._skews else None,
        )

    def told(self, event: FeedHealth) -> None:
        """`event` is in its stream."""
        self._told = (event.state, _shape(event.reason), event.lost > 0)
        self._told_at = event.received_at

    def _signature(self) -> tuple[object, ...]:
        return (self._state, _shape(self.reason), self.lost > 0)

    def _change(self, state: Literal["ok", "failing", "stopped"], reason: str, now: float) -> bool:
        news = (state, _shape(reason)) != (self._state, _shape(self.reason))
        if state != self._state:
            self._since = now
        self._state, self.reason = state, reason
        if news:
            self._on_news()
        return news


def _shape(reason: str) -> str:
    """The reason without its figures: "broke off after 81 bytes" is no news after "… 67 bytes"."""
    return re.sub(r"\d+", "#", reason)
