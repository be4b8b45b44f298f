"""The city's cameras: a list as GeoJSON; for each a live HLS playlist and a still, which may stand still."""

from __future__ import annotations

import math
from datetime import datetime, tzinfo
from typing import Any

import msgspec

from feeds.scenario.clock import DayClock, minute_of, written
from feeds.scenario.gates import level
from feeds.scenario.places import Places, Spot
from feeds.scenario.script import CameraFault, Script

#: How hard it rains while a warning of the weather office holds, 0 to 1.
RAIN = 0.7

#: Where the playlists are; the name ends in .example, which nobody can own (RFC 2606).
HOST = "https://cctv.tirtaraya.example"

#: Length of a segment and how many a live playlist holds.
SEGMENT_S = 4
SEGMENTS = 5

#: The list is made anew so often (real s).
LIST_EVERY_S = 600.0


class Cctv:
    """List and playlists."""

    def __init__(self, script: Script, places: Places, clock: DayClock, zone: tzinfo) -> None:
        self._cameras = {spot.id: spot for spot in places.get("cameras", [])}
        self._faults = {fault.place: fault for fault in script.camera}
        waves = {wave.place: wave for wave in script.gauge}
        gates = [(gate.name, waves[gate.id]) for gate in places.get("gates", []) if gate.id in waves]
        #: camera → the gate that it looks at, by its name; all others look at a street
        self._gates = {
            spot.id: wave for name, wave in gates for spot in self._cameras.values() if name in spot.name
        }
        self._wet = [
            (minute_of(warning.onset), minute_of(warning.expires))
            for warning in script.warning
            if warning.status == "Actual" and warning.type != "Cancel"
        ]
        self._clock = clock
        self._zone = zone

    def document(self, path: str, query: dict[str, str], now: float) -> bytes | None:
        if not path:
            return self._list(now)
        id, _, name = path.partition("/")
        if id not in self._cameras:
            return None
        if name == "snapshot.jpg":
            return self._still(self._cameras[id], now)
        return self._playlist(id, now) if name == "index.m3u8" else None

    def _list(self, now: float) -> bytes:
        made_at = written(math.floor(now / LIST_EVERY_S) * LIST_EVERY_S, self._zone)
        features = [self._feature(spot, made_at) for spot in self._cameras.values()]
        return msgspec.json.encode({"type": "FeatureCollection", "features": features})

    def _feature(self, spot: Spot, made_at: str) -> dict[str, Any]:
        return {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [spot.lon, spot.lat]},
            "properties": {
                "id": spot.id,
                "name": spot.name,
                "address": spot.street,
                # The list knows nothing of the streams: it is the checks that find out.
                "status": "online",
                "updated": made_at,
                "streams": [
                    {"type": "hls", "url": f"{HOST}/{spot.id}/index.m3u8", "public": False},
                    {"type": "snapshot", "url": f"{HOST}/{spot.id}/snapshot.jpg", "public": False},
                ],
            },
        }

    def _playlist(self, id: str, now: float) -> bytes | None:
        fault = self._faults.get(id)
        stands = self._stands_since(fault, now) if fault else None
        if fault and stands is not None:
            if fault.state == "offline":
                return None
            now = stands
        newest = math.floor(now / SEGMENT_S)
        first = newest - SEGMENTS + 1
        lines = [
            "#EXTM3U",
            "#EXT-X-VERSION:3",
            f"#EXT-X-TARGETDURATION:{SEGMENT_S}",
            f"#EXT-X-MEDIA-SEQUENCE:{first}",
        ]
        for number in range(first, newest + 1):
            lines += [f"#EXTINF:{SEGMENT_S}.0,", f"segment-{number}.ts"]
        return ("\n".join(lines) + "\n").encode()

    def _still(self, spot: Spot, now: float) -> bytes | None:
        from feeds.scenario.scene import View, draw, light_of  # numpy: only who draws waits for it

        fault = self._faults.get(spot.id)
        stands = self._stands_since(fault, now) if fault else None
        if fault and stands is not None:
            if fault.state == "offline":
                return None
            now = stands
        # As cameras do: one picture a second.
        now = math.floor(now)
        minute, moment = self._clock.minute(now), datetime.fromtimestamp(now, self._zone)
        wave = self._gates.get(spot.id)
        return draw(
            View(
                name=spot.name,
                written=f"{moment:%d-%m-%Y %H:%M:%S %Z}",
                now=now,
                light=light_of(moment.hour + moment.minute / 60.0),
                rain=RAIN if any(begins <= minute < ends for begins, ends in self._wet) else 0.0,
                water=None
                if wave is None
                else min(1.0, max(0.0, (level(wave, minute) - wave.low) / (wave.high - wave.low))),
            )
        )

    def _stands_since(self, fault: CameraFault, now: float) -> float | None:
        """Since when the fault has lasted; None: it does not at present."""
        begins, ends = minute_of(fault.begins), minute_of(fault.ends)
        if not begins <= self._clock.minute(now) < ends:
            return None
        return self._clock.real(self._clock.day(now), max(begins, self._clock.begins))
