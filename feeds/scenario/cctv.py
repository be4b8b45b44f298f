"""The city's cameras: a list as GeoJSON, and a live HLS playlist for each, which may stand still."""

from __future__ import annotations

import math
from datetime import tzinfo
from typing import Any

import msgspec

from feeds.scenario.clock import DayClock, minute_of, written
from feeds.scenario.places import Places, Spot
from feeds.scenario.script import CameraFault, Script

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
        self._clock = clock
        self._zone = zone

    def document(self, path: str, query: dict[str, str], now: float) -> bytes | None:
        if not path:
            return self._list(now)
        id, _, name = path.partition("/")
        return self._playlist(id, now) if id in self._cameras and name == "index.m3u8" else None

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
                "streams": [{"type": "hls", "url": f"{HOST}/{spot.id}/index.m3u8", "public": False}],
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

    def _stands_since(self, fault: CameraFault, now: float) -> float | None:
        """Since when the fault has lasted; None: it does not at present."""
        begins, ends = minute_of(fault.begins), minute_of(fault.ends)
        if not begins <= self._clock.minute(now) < ends:
            return None
        return self._clock.real(self._clock.day(now), max(begins, self._clock.begins))
