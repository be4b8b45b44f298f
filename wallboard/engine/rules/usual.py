"""How many reports are usual at an hour of the week, and how seldom so many come by chance. Pure.

The number of reports of an hour is taken as Poisson with a rate of its own for each of the 168 hours of the
week. The rate is known by a gamma distribution whose evidence fades by the week (the discounted gamma-Poisson
model: West & Harrison, Bayesian Forecasting and Dynamic Models, 2nd ed. 1997, ch. 10.8); its prior is one
week's worth of the mean over all hours, with Jeffreys' half an event for what was never seen. So the next
count is negative binomial: the Poisson tail, made wider by how little is known yet. An hour that was itself
a burst counts for no more than what would just have been one, as Farrington et al. (J. R. Statist. Soc. A,
159, 1996) give past outbreaks less weight.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

HOUR_S = 3600.0

#: Hours of a week.
WEEK = 168

#: What a past week counts for beside the one after it: half is forgotten in three weeks, as seasons change.
FADE = 0.8

#: The mean over all hours counts as so many weeks of each single hour.
PRIOR_WEEKS = 1.0

#: Events of a prior that says nothing (Jeffreys).
JEFFREYS = 0.5

#: No count above this is told from a greater one; the window of a burst is cut there.
MOST = 200

#: hour since 1970 → hour of the week (0..167) in the city's zone
HourOfWeek = Callable[[int], int]


class Usual(msgspec.Struct, omit_defaults=True):
    """What came of one category in one district, hour by hour."""

    rule: str
    #: the hour (since 1970) that is being counted, and its reports so far
    hour: int
    count: int = 0
    #: hour of the week → (faded number of reports, the hour since 1970 of the last of them)
    bins: dict[int, tuple[float, int]] = {}


class Rate(msgspec.Struct, frozen=True):
    """A gamma distribution of a rate (reports an hour): mean shape / weight, over `hours` to come."""

    shape: float
    weight: float
    hours: float

    @property
    def mean(self) -> float:
        """Reports to expect."""
        return self.shape / self.weight * self.hours


def counted(usual: Usual, hour: int, began: int, chance: float, least: int, of: HourOfWeek) -> Usual:
    """One report more, in `hour`; hours that are over become part of what is usual."""
    if hour > usual.hour:
        usual = folded(usual, hour, began, chance, least, of)
    if hour < usual.hour:
        return msgspec.structs.replace(usual, bins=_added(usual.bins, hour, 1, of))
    return msgspec.structs.replace(usual, count=usual.count + 1)


def folded(usual: Usual, hour: int, began: int, chance: float, least: int, of: HourOfWeek) -> Usual:
    """The same when `hour` has begun: what was counted before goes into the hours of the week."""
    if hour <= usual.hour:
        return usual
    if not usual.count:
        return msgspec.structs.replace(usual, hour=hour)
    start = usual.hour * HOUR_S
    rate = expected(usual, start, start + HOUR_S, began, of)
    count = min(usual.count, unusual_from(rate, chance, least))
    return msgspec.structs.replace(usual, hour=hour, count=0, bins=_added(usual.bins, usual.hour, count, of))


def expected(usual: Usual, start: float, end: float, began: int, of: HourOfWeek) -> Rate:
    """The rate over the time from `start` to `end` (s since 1970); counting began with the hour `began`."""
    first, last = int(start // HOUR_S), max(int(start // HOUR_S), math.ceil(end / HOUR_S) - 1)
    mean = hours = spread = 0.0
    total = sum(
        value * FADE ** max(0, (last - at - 1) // WEEK) for value, at in usual.bins.values() if at < last
    )
    overall = (total + JEFFREYS) / _hours_seen(last - began)
    for hour in range(first, last + 1):
        part = (min(end, (hour + 1) * HOUR_S) - max(start, hour * HOUR_S)) / HOUR_S
        seen, at = usual.bins.get(of(hour), (0.0, hour))
        if at < hour:
            seen *= FADE ** max(0, (hour - at) // WEEK - 1)
        else:
            seen = 0.0
        weight = PRIOR_WEEKS + _weeks_seen((hour - began) // WEEK)
        rate = (PRIOR_WEEKS * overall + seen) / weight
        mean += part * rate
        spread += part / weight
        hours += part
    weight = hours / spread
    return Rate(mean / hours * weight, weight, hours)


def tail(rate: Rate, count: int) -> float:
    """The probability of `count` or more (negative binomial)."""
    if count <= 0:
        return 1.0
    success = rate.weight / (rate.weight + rate.hours)
    probability = float(success**rate.shape)
    below = probability
    for n in range(count - 1):
        probability *= (rate.shape + n) / (n + 1) * (1.0 - success)
        below += probability
    return max(0.0, 1.0 - below)


def unusual_from(rate: Rate, chance: float, least: int) -> int:
    """The smallest number that is at least `least` and comes less often than `chance`; at most MOST."""
    count = max(1, least)
    while count < MOST and tail(rate, count) >= chance:
        count += 1
    return count


def _added(
    bins: dict[int, tuple[float, int]], hour: int, count: int, of: HourOfWeek
) -> dict[int, tuple[float, int]]:
    bin = of(hour)
    value, at = bins.get(bin, (0.0, hour))
    if hour >= at:
        value, at = value * FADE ** ((hour - at) // WEEK), hour
    return {**bins, bin: (round(value + count, 4), at)}


def _weeks_seen(weeks: int) -> float:
    """How much so many weeks of one hour of the week count for together."""
    return float(1.0 - FADE ** max(0, weeks)) / (1.0 - FADE)


def _hours_seen(hours: int) -> float:
    """The same for all hours of the time since counting began; at least one."""
    weeks, rest = divmod(max(1, hours), WEEK)
    return WEEK * _weeks_seen(weeks) + rest * float(FADE**weeks)
