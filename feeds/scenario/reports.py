"""Reports of the day: the steady trickle, which knows no beginning, and those of the story. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from feeds.scenario.clock import DayClock, minute_of
from feeds.scenario.dice import beside, dice
from feeds.scenario.places import Places, Spot
from feeds.scenario.script import Burst, Kind, Script

#: People point at the spot, not at the junction: so far beside it (m).
SPREAD_M = 150.0

#: What is done stays in the sources' lists for so long (hours of the day).
LISTED_DONE_H = 10.0

#: The first note comes after this share of a report's life.
NOTED_AFTER = 0.35

#: The channel of the citizens' own application.
APPLICATION = "aplikasi"

#: Where the trickle's reports lie: junctions are all over the city, and every one of them inside it.
GROUPS = ("junctions", "markets", "terminals", "hospitals")


@dataclass(frozen=True)
class Said:
    """One report as its source would tell it at a moment. Times are real (s since 1970)."""

    id: str
    title: str
    text: str
    category: str
    channel: str
    agency: str
    opened: float
    #: when it is done
    done: float
    noted: float
    note: str = ""
    lon: float | None = None
    lat: float | None = None
    address: str = ""
    severity: str = ""
    expected: float | None = None

    def updated(self, now: float) -> float:
        """When its source last changed it."""
        return self.done if self.done <= now else self.noted if self.noted <= now else self.opened

    def open(self, now: float) -> bool:
        """Whether it is still open."""
        return now < self.done


class Reports:
    """All reports of a script, at any time."""

    def __init__(self, script: Script, places: Places, clock: DayClock, seed: int) -> None:
        self._script = script
        self._clock = clock
        self._seed = seed
        self._spots = [spot for group in GROUPS for spot in places.get(group, [])]
        self._by_id = {spot.id: spot for group in places.values() for spot in group}
        self._kinds = list(script.kind)
        self._slot = lru_cache(maxsize=4096)(self._everyday)
        self._day = lru_cache(maxsize=8)(self._story)

    @property
    def pool(self) -> int:
        """How many ids the trickle uses in turn: a source that is asked for all names each of them."""
        everyday = self._script.everyday
        return math.ceil(everyday.slow_hours[1] * 60.0 / everyday.every_minutes) + 1

    def everyday(self, now: float) -> Iterator[Said]:
        """The trickle's reports, newest first: every id of the pool once."""
        step = self._clock.real_s(self._script.everyday.every_minutes)
        newest = math.floor(now / step)
        for number in range(newest, newest - self.pool, -1):
            said = self._slot(number)
            if said.opened <= now:
                yield said

    def story(self, now: float) -> Iterator[Said]:
        """The story's reports of today and yesterday that have been made by now."""
        day = self._clock.day(now)
        for each in (day, day - 1):
            yield from (said for said in self._day(each) if said.opened <= now)

    def check(self) -> None:
        """Raise KeyError for a place that the script names and nobody knows."""
        for report in self._script.report:
            if report.place:
                self._by_id[report.place]
        for burst in self._script.burst:
            for id in burst.places:
                self._by_id[id]

    def listed(self, said: Said, now: float) -> bool:
        """Whether a list that leaves out what has long been done still holds it."""
        return now < said.done + self._clock.real_s(LISTED_DONE_H * 60.0)

    def _everyday(self, number: int) -> Said:
        everyday, real_s = self._script.everyday, self._clock.real_s
        rng = dice(self._seed, "everyday", number)
        kind: Kind = rng.choices(self._kinds, [kind.weight for kind in self._kinds])[0]
        # Each id belongs to one channel for ever: the source that names it next is the one that knows it.
        own = dice(self._seed, "channel", number % self.pool)
        channel = own.choices(list(everyday.channels), list(everyday.channels.values()))[0]
        spot = rng.choice(self._spots)
        lon, lat = beside(rng, spot.lon, spot.lat, SPREAD_M)
        slow = rng.random() < everyday.slow
        hours = rng.uniform(*(everyday.slow_hours if slow else everyday.hours))
        opened = (number + rng.random() * 0.9) * real_s(everyday.every_minutes)
        life = real_s(hours * 60.0)
        title = rng.choice(kind.titles)
        return Said(
            id=f"{_PREFIX.get(channel, 'LP')}-{number % self.pool:04d}",
            title=title,
            text=kind.text.replace("{place}", spot.near),
            category=kind.category,
            channel=channel,
            agency=kind.agency,
            opened=opened,
            done=opened + life,
            noted=opened + NOTED_AFTER * life,
            note=rng.choice(everyday.notes),
            lon=lon,
            lat=lat,
            address=spot.near,
            # Some are promised for sooner than they will be done.
            expected=opened + life * rng.uniform(0.8, 2.5),
        )

    def _story(self, day: int) -> tuple[Said, ...]:
        return (
            *self._single(day),
            *(said for burst in self._script.burst for said in self._burst(day, burst)),
        )

    def _single(self, day: int) -> Iterator[Said]:
        for report in self._script.report:
            spot = self._by_id.get(report.place)
            opened, done = (self._clock.real(day, minute_of(at)) for at in (report.at, report.until))
            yield Said(
                id=self._id(day, report.key, report.channel),
                title=report.title,
                text=report.text,
                category=report.category,
                channel=report.channel,
                agency=report.agency,
                opened=opened,
                done=done,
                noted=done,
                lon=spot.lon if spot else report.lon,
                lat=spot.lat if spot else report.lat,
                address=report.address or (spot.near if spot else ""),
                severity=report.severity,
            )

    def _burst(self, day: int, burst: Burst) -> Iterator[Said]:
        first, last = minute_of(burst.begins), minute_of(burst.ends)
        spots: list[Spot] = [self._by_id[id] for id in burst.places]
        for number in range(burst.count):
            rng = dice(self._seed, day, burst.key, number)
            # In order, and closer together as it gets worse.
            share = math.sqrt((number + rng.random()) / burst.count)
            minute = first + (last - first) * share
            spot = spots[number % len(spots)]
            lon, lat = beside(rng, spot.lon, spot.lat, burst.spread_m)
            opened = self._clock.real(day, minute)
            done = self._clock.real(day, min(minute + rng.uniform(*burst.lasts), self._clock.ends))
            channel = burst.channels[number % len(burst.channels)]
            yield Said(
                id=self._id(day, f"{burst.key}-{number + 1}", channel),
                title=rng.choice(burst.titles).replace("{place}", spot.name),
                text=burst.text.replace("{place}", spot.near),
                category=burst.category,
                channel=channel,
                agency=burst.agency,
                opened=opened,
                done=done,
                noted=done,
                lon=lon,
                lat=lat,
                address=spot.near,
            )

    def _id(self, day: int, key: str, channel: str) -> str:
        """Unique over days and restarts, as the real minute at which the day began is in it.

        But not in the application: a server of Open311 never says that a request is gone, so what was open
        when the play stopped would stay open. There each day uses the same ids again.
        """
        if channel == APPLICATION:
            return f"APP-{key}"
        return f"{int(self._clock.real(day, self._clock.begins) // 60) % 1_000_000:06d}-{key}"


#: How each channel numbers its reports.
_PREFIX = {
    APPLICATION: "APP",
    "112": "112",
    "lapor": "LPR",
    "whatsapp": "WA",
    "loket": "LKT",
    "medsos": "MDS",
}
