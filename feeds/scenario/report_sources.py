"""Where reports are listed: the citizens' application (Open311) and the city's 112 desk (GeoJSON)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

import msgspec

from feeds.reading.times import parse_time
from feeds.scenario.clock import written
from feeds.scenario.reports import APPLICATION, Reports, Said

#: Requests a page where the question does not say.
PER_PAGE = 100


class Application:
    """GeoReport v2, GET requests.json: filtered by `updated_after`, paged, newest first."""

    def __init__(self, reports: Reports, zone: tzinfo) -> None:
        self._reports = reports
        self._zone = zone

    def document(self, path: str, query: dict[str, str], now: float) -> bytes | None:
        if path not in ("", "requests.json"):
            return None
        since = parse_time(query["updated_after"], self._zone)[0] if "updated_after" in query else 0.0
        # Today's report of an id stands before yesterday's.
        all_said = (*self._reports.story(now), *self._reports.everyday(now))
        newest = {each.id: each for each in reversed(all_said) if each.channel == APPLICATION}
        said = [each for each in newest.values() if each.updated(now) >= since]
        said.sort(key=lambda each: -each.updated(now))
        size = int(query.get("per_page", PER_PAGE))
        first = (int(query.get("page", 1)) - 1) * size
        return msgspec.json.encode([self._request(each, now) for each in said[first : first + size]])

    def _request(self, said: Said, now: float) -> dict[str, Any]:
        return {
            "service_request_id": said.id,
            "service_name": said.title,
            "service_code": said.category,
            "description": said.text,
            "status": "open" if said.open(now) else "closed",
            "status_notes": _note(said, now),
            "agency_responsible": said.agency,
            "requested_datetime": written(said.opened, self._zone),
            "updated_datetime": written(said.updated(now), self._zone),
            "expected_datetime": written(said.expected, self._zone) if said.expected else None,
            "address": said.address,
            "lat": said.lat,
            "long": said.lon,
        }


class Desk:
    """The desk's list of incidents as GeoJSON: the whole of what is open or just done."""

    def __init__(self, reports: Reports, zone: tzinfo) -> None:
        self._reports = reports
        self._zone = zone

    def document(self, path: str, query: dict[str, str], now: float) -> bytes | None:
        if path:
            return None
        said: Iterable[Said] = (*self._reports.story(now), *self._reports.everyday(now))
        features = [
            self._feature(each, now)
            for each in said
            if each.channel != APPLICATION and self._reports.listed(each, now)
        ]
        return msgspec.json.encode({"type": "FeatureCollection", "features": features})

    def _feature(self, said: Said, now: float) -> dict[str, Any]:
        located = said.lon is not None and said.lat is not None
        return {
            "type": "Feature",
            "id": said.id,
            "geometry": {"type": "Point", "coordinates": [said.lon, said.lat]} if located else None,
            "properties": {
                "judul": said.title,
                "uraian": said.text,
                "kategori": said.category,
                "status": "baru" if now < said.noted else "ditangani" if said.open(now) else "selesai",
                "catatan": _note(said, now),
                "kanal": said.channel,
                "opd": said.agency,
                "alamat": said.address,
                "tingkat": said.severity or None,
                "dibuat": written(said.opened, self._zone),
                "diubah": written(said.updated(now), self._zone),
                "selesai": None if said.open(now) else written(said.done, self._zone),
                "target": written(said.expected, self._zone) if said.expected else None,
            },
        }


def _note(said: Said, now: float) -> str | None:
    return said.note or None if now >= said.noted else None
