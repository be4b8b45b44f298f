"""How long it takes until something is on the glass, as the pages themselves measure it, for Prometheus.

A page counts in the ranges that `hello` names and tells its counts with `painted`. A board can be anybody's,
so what it tells is bounded: no more paints than the frames that it was sent, and no sum that its own counts
cannot have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from wallboard.protocol import Counts

#: Upper ends of the ranges (s): 0.025 is the hub's shortest pause, 0.15 what a frame may take to the glass,
#: 0.25 the hub's longest pause, 1 what an emergency may take, 5 where a wall says "no data since", 10 where
#: it is behind, 15 where its tiles turn grey.
BOUNDS_S = (0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0)

#: What is above the last range counts as at most this in the sum (s).
LONGEST_S = 60.0

#: From where the time runs: the frame's arrival at the page; the commit; the arrival of the oldest event that
#: the commit took in.
ORIGINS = ("frame", "commit", "event")


class Paints(Collector):
    """The histogram of all boards of a node."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._counts = {origin: [0] * (len(BOUNDS_S) + 1) for origin in ORIGINS}
        self._sums = dict.fromkeys(ORIGINS, 0.0)
        registry.register(self)

    def add(self, told: Mapping[str, Counts], frames: int) -> None:
        """Take what a board tells that was sent so many frames meanwhile; what cannot be is left out."""
        for origin in ORIGINS:
            one = told.get(origin)
            if one is None or len(one.counts) != len(BOUNDS_S) + 1:
                continue  # a page of another version may have other ranges
            if any(count < 0 for count in one.counts) or not 0 < sum(one.counts) <= frames:
                continue
            least = sum(n * low for n, low in zip(one.counts, (0.0, *BOUNDS_S), strict=True))
            most = sum(n * high for n, high in zip(one.counts, (*BOUNDS_S, LONGEST_S), strict=True))
            self._sums[origin] += min(most, max(least, one.sum))
            for index, count in enumerate(one.counts):
                self._counts[origin][index] += count

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """For the registry."""
        family = HistogramMetricFamily(
            "wallboard_paint_seconds",
            "How long until a change was on a board's glass, measured by the page from the frame's arrival, "
            "from the commit, or from the arrival of its oldest event",
            labels=["origin"],
        )
        for origin in ORIGINS:
            total, buckets = 0, []
            for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), self._counts[origin], strict=True):
                total += count
                buckets.append((bound, float(total)))
            family.add_metric([origin], buckets, self._sums[origin])
        yield family
