"""The last earthquake as BMKG's autogempa.json writes it; the demo's quakes never happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import msgspec

from feeds.scenario.clock import DayClock, minute_of
from feeds.scenario.script import Quake, Script

_WIB = timezone(timedelta(hours=7))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")


class Quakes:
    """The list of the last quake; until the next one it stays the last."""

    def __init__(self, script: Script, clock: DayClock) -> None:
        self._quakes = script.quake
        self._clock = clock

    def document(self, path: str, query: dict[str, str], now: float) -> bytes | None:
        if path or not self._quakes:
            return None
        at, quake = max(((self._last(quake, now), quake) for quake in self._quakes), key=lambda pair: pair[0])
        return msgspec.json.encode({"Infogempa": {"gempa": _record(at, quake)}})

    def _last(self, quake: Quake, now: float) -> float:
        """When this quake was last, at or before `now`."""
        minute, every = minute_of(quake.at), quake.every_days
        day = self._clock.day(now) // every * every
        at = self._clock.real(day, minute)
        return at if at <= now else self._clock.real(day - every, minute)


def _record(at: float, quake: Quake) -> dict[str, str]:
    local, utc = datetime.fromtimestamp(at, _WIB), datetime.fromtimestamp(at, UTC)
    return {
        "Tanggal": f"{local:%d} {_MONTHS[local.month - 1]} {local:%Y}",
        "Jam": f"{local:%H:%M:%S} WIB",
        "DateTime": f"{utc:%Y-%m-%dT%H:%M:%S}+00:00",
        "Coordinates": f"{quake.lat},{quake.lon}",
        "Lintang": f"{abs(quake.lat):.2f} {'LS' if quake.lat < 0 else 'LU'}",
        "Bujur": f"{quake.lon:.2f} BT",
        "Magnitude": f"{quake.magnitude:.1f}",
        "Kedalaman": f"{quake.depth_km} km",
        "Wilayah": quake.region,
        "Potensi": quake.potential,
        "Dirasakan": quake.felt or "-",
    }
