"""The city's list of gates, as Jakarta's pintu air is written (FEEDS 1.5): texts, lon first, no zone."""

from __future__ import annotations

import math
from datetime import datetime, tzinfo
from typing import Any

import msgspec

from feeds.scenario.clock import DayClock, minute_of
from feeds.scenario.places import Places, Spot
from feeds.scenario.script import Script, Wave

#: A gate is read so often (minutes of the day).
READ_EVERY_MIN = 10.0

#: Water is never quite still: this much up and down (cm), over this long (minutes of the day).
RIPPLE_CM, RIPPLE_MIN = 2.0, 95.0

#: The list's own word for a level: the highest that is reached.
_WORDS = {"siaga_1": 1, "siaga_2": 2, "siaga_3": 3, "siaga_4": 4}


class Gates:
    """One list with all gates and tide gauges of the script."""

    def __init__(self, script: Script, places: Places, clock: DayClock, zone: tzinfo) -> None:
        spots = {spot.id: spot for group in ("gates", "tide_gauges") for spot in places.get(group, [])}
        self._waves = [(spots[wave.place], wave) for wave in script.gauge]
        self._clock = clock
        self._zone = zone

    def document(self, path: str, query: dict[str, str], now: float) -> bytes | None:
        if path:
            return None
        step = self._clock.real_s(READ_EVERY_MIN)
        read_at = math.floor(now / step) * step
        features = [self._feature(spot, wave, read_at) for spot, wave in self._waves]
        return msgspec.json.encode({"type": "FeatureCollection", "features": features})

    def _feature(self, spot: Spot, wave: Wave, read_at: float) -> dict[str, Any]:
        height = round(level(wave, self._clock.minute(read_at)))
        reached = [_WORDS[name] for name, cm in spot.levels_cm.items() if cm <= height]
        moment = datetime.fromtimestamp(read_at, self._zone)
        return {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [str(spot.lon), str(spot.lat)]},
            "properties": {
                "pintu_air": {"id": spot.id, "name": spot.name, "sistem_aliran": spot.river or "Laut"},
                "ketinggian": height,
                "status_siaga": min(reached, default=None),
                "tanggal": f"{moment:%Y-%m-%d}",
                "jam": f"{moment:%H:%M:%S}",
            },
        }


def level(wave: Wave, minute: float) -> float:
    """Centimetres at a minute of the day: low, high between `peak` and `falls`, low again at `over`."""
    rises, peak, falls, over = (minute_of(at) for at in (wave.rises, wave.peak, wave.falls, wave.over))
    if minute <= rises or minute >= over:
        share = 0.0
    elif minute < peak:
        share = _smooth((minute - rises) / (peak - rises))
    elif minute <= falls:
        share = 1.0
    else:
        share = 1.0 - _smooth((minute - falls) / (over - falls))
    ripple = RIPPLE_CM * math.sin(2.0 * math.pi * minute / RIPPLE_MIN)
    return wave.low + (wave.high - wave.low) * share + ripple


def _smooth(share: float) -> float:
    return share * share * (3.0 - 2.0 * share)
