"""The calls of a day: who rings when, who takes it, who gives up. A day's calls are played once, in advance.

Calls last as long as real calls do, whatever the speed of the day: a queue that grows is a queue that a
visitor can watch growing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from feeds.scenario.clock import DayClock, minute_of
from feeds.scenario.dice import dice
from feeds.scenario.script import Line, Rate, Script

#: A telephone rings this long before it is picked up (s).
RINGS_S = (2.0, 5.0)

#: After a call a call taker writes it down (s).
WRAP_S = (6.0, 15.0)

#: The day's last calls are over when the next day begins: none comes in the last seconds of it (s).
QUIET_END_S = 20.0

#: Prefixes of mobile numbers.
_PREFIXES = ("0811", "0812", "0813", "0821", "0852", "0857", "0878", "0881", "0896")


@dataclass(frozen=True)
class Call:
    """One call, from joining the queue to its end. Times are real (s since 1970)."""

    id: str
    queue: str
    number: str
    joined: float
    #: None: gave up
    rang: float | None
    answered: float | None
    ended: float
    agent: int
    #: where in the line it joined, 1 is the front
    position: int

    def waits(self, now: float) -> bool:
        """Whether it stands in the queue."""
        left = self.ended if self.answered is None else self.answered
        return self.joined <= now < left


class Exchange:
    """All calls of the script, at any time."""

    def __init__(self, script: Script, clock: DayClock, seed: int) -> None:
        self._script = script
        self._clock = clock
        self._seed = seed
        self._days: dict[int, list[Call]] = {}

    @property
    def lines(self) -> list[Line]:
        """The queues and their call takers."""
        return self._script.line

    def between(self, since: float, until: float) -> Iterator[Call]:
        """Calls that live at some time between two moments."""
        for day in range(self._clock.day(since) - 1, self._clock.day(until) + 1):
            yield from (call for call in self._calls(day) if call.joined <= until and call.ended >= since)

    def _calls(self, day: int) -> list[Call]:
        if day not in self._days:
            if len(self._days) > 4:
                self._days.clear()
            self._days[day] = [call for line in self._script.line for call in self._play(day, line)]
        return self._days[day]

    def _play(self, day: int, line: Line) -> Iterator[Call]:
        """First come, first served: the call taker who is free, else the first to become free."""
        rng = dice(self._seed, "calls", day, line.queue)
        order = list(range(len(line.agents)))
        rng.shuffle(order)
        free_at = dict.fromkeys(order, 0.0)
        calls = self._script.calls
        leaving: list[float] = []
        for number, (at, prank) in enumerate(self._arrivals(day, line, rng)):
            rings = rng.uniform(*RINGS_S)
            patience = max(4.0, rng.gauss(calls.patience, calls.patience / 3.0))
            talk = rng.uniform(*(calls.prank_talk if prank else calls.talk))
            wrap = rng.uniform(*WRAP_S)
            caller = rng.choice(calls.pranksters) if prank else _number(rng)
            agent = min(free_at, key=lambda each: (max(free_at[each], at), free_at[each], order.index(each)))
            rang = max(free_at[agent], at)
            answered = rang + rings
            id = f"{int(at)}.{number}"
            leaving = [left for left in leaving if left > at]
            place = len(leaving) + 1
            leaving.append(min(answered, at + patience))
            if answered - at > patience:
                yield Call(id, line.queue, caller, at, None, None, at + patience, agent, place)
                continue
            yield Call(id, line.queue, caller, at, rang, answered, answered + talk, agent, place)
            free_at[agent] = answered + talk + wrap

    def _arrivals(self, day: int, line: Line, rng: Random) -> Iterator[tuple[float, bool]]:
        """(when, whether for fun): a Poisson process whose rate follows the script."""
        at = self._clock.real(day, self._clock.begins)
        end = at + self._clock.length_s - QUIET_END_S
        rates = self._script.calls.rates
        most = max(rate.calls + rate.pranks for rate in rates) * line.share
        while most > 0:
            at += rng.expovariate(most / 60.0)
            if at >= end:
                return
            calls, pranks = rate_at(rates, self._clock.minute(at))
            throw = rng.random() * most
            if throw < calls * line.share:
                yield at, False
            elif throw < (calls + pranks) * line.share:
                yield at, True


def rate_at(rates: list[Rate], minute: float) -> tuple[float, float]:
    """(calls, pranks) a real minute at a minute of the day: straight lines between the script's points."""
    times = [minute_of(rate.at) for rate in rates]
    after = bisect_right(times, minute)
    if after == 0 or after == len(rates):
        edge = rates[0] if after == 0 else rates[-1]
        return edge.calls, edge.pranks
    one, two = rates[after - 1], rates[after]
    share = (minute - times[after - 1]) / (times[after] - times[after - 1])
    return one.calls + (two.calls - one.calls) * share, one.pranks + (two.pranks - one.pranks) * share


def _number(rng: Random) -> str:
    return f"{rng.choice(_PREFIXES)}{rng.randrange(10**7, 10**8)}"
