"""The real boundary sets of ../shared, each loaded once a test run; absent, the test is skipped."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from tests.kemendagri import to_geojson
from tests.samples import samples
from wallboard.boundaries import Boundaries, BoundaryReport, Level, load_boundaries
from wallboard.geofence import Geofence

BPS = {
    "jakarta": "id31_dki_jakarta_district",
    "manado": "id7171_kota_manado",
    "mataram": "id5271_kota_mataram",
    "pematangsiantar": "id1273_kota_pematang_siantar",
    "pangkalpinang": "id1971_kota_pangkal_pinang",
    "dairi": "id1210_dairi",
}
KEMENDAGRI = {
    "jakarta": "31",
    "manado": "71.71",
    "mataram": "52.71",
    "pematangsiantar": "12.72",
    "pangkalpinang": "19.71",
    "dairi": "12.11",
}
AREAS = tuple(BPS)

BPS_LEVELS = (
    Level("regency_code", "regency", "Kota"),
    Level("district_code", "district", "Kecamatan"),
    Level("village_code", "village", "Kelurahan"),
)
KEMENDAGRI_LEVELS = (Level("kota", "kota"), Level("kec", "kec"), Level("kel", "name"))


def bps(area: str) -> tuple[Boundaries, BoundaryReport]:
    path = samples("boundaries/bps2020_hdx_jfraziz") / f"{BPS[area]}.geojson"
    return _bps(str(path))


def kemendagri(area: str) -> tuple[Boundaries, BoundaryReport]:
    return _kemendagri(str(samples("boundaries/kemendagri2025_cahyadsn")), KEMENDAGRI[area])


def fence(area: str) -> Geofence:
    return _fence(area, bps(area)[0])


def kemendagri_fence(area: str) -> Geofence:
    return _fence(f"k {area}", kemendagri(area)[0])


@cache
def _bps(path: str) -> tuple[Boundaries, BoundaryReport]:
    with open(path, encoding="utf-8") as file:
        return load_boundaries(json.load(file), BPS_LEVELS, source="BPS", version="2020")


@cache
def _kemendagri(folder: str, area: str) -> tuple[Boundaries, BoundaryReport]:
    files = sorted(Path(folder).glob(f"wilayah_boundaries_kel_{area}*.sql"))
    return load_boundaries(to_geojson(*files), KEMENDAGRI_LEVELS, source="Kemendagri", version="2025")


@cache
def _fence(_name: str, boundaries: Boundaries) -> Geofence:
    return Geofence(boundaries)
