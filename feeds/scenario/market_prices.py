"""The markets' survey: yesterday's prices, and from the morning's survey on today's, as a list of rows."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Any

import msgspec

from feeds.scenario.clock import DayClock, minute_of
from feeds.scenario.dice import dice
from feeds.scenario.places import Places, Spot
from feeds.scenario.script import Commodity, Script

#: Markets differ by about this share, and days by this one.
BETWEEN_MARKETS, BETWEEN_DAYS = 0.03, 0.01

#: Prices are asked and told in steps of this (rupiah).
STEP = 100


class Prices:
    """Rows of commodity × market × day, the older day first."""

    def __init__(self, script: Script, places: Places, clock: DayClock, zone: tzinfo, seed: int) -> None:
        markets = {spot.id: spot for spot in places.get("markets", [])}
        self._markets = [markets[id] for id in script.market.places]
        self._commodities = script.commodity
        self._survey = minute_of(script.market.survey)
        self._clock = clock
        self._zone = zone
        self._seed = seed

    def document(self, path: str, query: dict[str, str], now: float) -> bytes | None:
        if path:
            return None
        number = self._clock.day(now)
        today = datetime.fromtimestamp(now, self._zone).date()
        surveyed = self._clock.minute(now) >= self._survey
        newest = today if surveyed else today - timedelta(days=1)
        rows = [
            self._row(commodity, market, day, number if day == today else None)
            for day in (newest - timedelta(days=1), newest)
            for market in self._markets
            for commodity in self._commodities
        ]
        return msgspec.json.encode({"tanggal_survei": newest.isoformat(), "harga": rows})

    def _row(self, commodity: Commodity, market: Spot, day: date, number: int | None) -> dict[str, Any]:
        usual = commodity.price * (
            1.0 + dice(self._seed, market.id, commodity.code).uniform(-BETWEEN_MARKETS, BETWEEN_MARKETS)
        )
        # Several days of the play share a date: the later one's survey corrects the earlier one's.
        rng = dice(self._seed, market.id, commodity.code, day if number is None else number)
        moved = 0.0 if number is None else commodity.change
        price = round(usual * (1.0 + moved + rng.uniform(-BETWEEN_DAYS, BETWEEN_DAYS)) / STEP) * STEP
        return {
            "kode": commodity.code,
            "komoditas": commodity.name,
            "satuan": f"Rp/{commodity.unit}",
            "pasar_id": market.id,
            "pasar": market.name,
            "lon": market.lon,
            "lat": market.lat,
            "harga": f"{price:,}".replace(",", "."),
            "tanggal": day.isoformat(),
        }
