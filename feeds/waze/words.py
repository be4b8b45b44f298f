"""What drivers report, in the words of an Indonesian control room; a feed's option `words` goes before them.

Types and subtypes as Waze for Cities names them; what is not here is shown by its type, or as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

WORDS = {
    "ACCIDENT": "Kecelakaan",
    "ACCIDENT_MAJOR": "Kecelakaan berat",
    "ACCIDENT_MINOR": "Kecelakaan ringan",
    "CONSTRUCTION": "Pekerjaan jalan",
    "HAZARD": "Bahaya di jalan",
    "WEATHERHAZARD": "Bahaya di jalan",
    "HAZARD_ON_ROAD_CAR_STOPPED": "Mobil mogok",
    "HAZARD_ON_ROAD_CONSTRUCTION": "Pekerjaan jalan",
    "HAZARD_ON_ROAD_EMERGENCY_VEHICLE": "Kendaraan darurat di jalan",
    "HAZARD_ON_ROAD_LANE_CLOSED": "Lajur ditutup",
    "HAZARD_ON_ROAD_OBJECT": "Benda di jalan",
    "HAZARD_ON_ROAD_OIL": "Tumpahan oli",
    "HAZARD_ON_ROAD_POT_HOLE": "Jalan berlubang",
    "HAZARD_ON_ROAD_ROAD_KILL": "Bangkai hewan di jalan",
    "HAZARD_ON_ROAD_TRAFFIC_LIGHT_FAULT": "Lampu lalu lintas mati",
    "HAZARD_ON_SHOULDER": "Bahaya di bahu jalan",
    "HAZARD_ON_SHOULDER_ANIMALS": "Hewan di bahu jalan",
    "HAZARD_ON_SHOULDER_CAR_STOPPED": "Mobil mogok di bahu jalan",
    "HAZARD_WEATHER": "Cuaca buruk",
    "HAZARD_WEATHER_FLOOD": "Banjir di jalan",
    "HAZARD_WEATHER_FOG": "Kabut",
    "HAZARD_WEATHER_HEAVY_RAIN": "Hujan deras",
    "JAM": "Macet",
    "JAM_HEAVY_TRAFFIC": "Macet parah",
    "JAM_MODERATE_TRAFFIC": "Lalu lintas padat",
    "JAM_STAND_STILL_TRAFFIC": "Macet total",
    "JAM_LEVEL_1": "Lalu lintas ramai",
    "JAM_LEVEL_2": "Lalu lintas padat",
    "JAM_LEVEL_3": "Macet",
    "JAM_LEVEL_4": "Macet parah",
    "JAM_LEVEL_5": "Tidak dapat dilalui",
    "POLICE": "Polisi di jalan",
    "ROAD_CLOSED": "Jalan ditutup",
    "ROAD_CLOSED_CONSTRUCTION": "Jalan ditutup, pekerjaan",
    "ROAD_CLOSED_EVENT": "Jalan ditutup, acara",
    "ROAD_CLOSED_HAZARD": "Jalan ditutup, bahaya",
}


def words_of(kind: str, subtype: str, own: Mapping[str, str]) -> str:
    """The words for the subtype, else for its type, else the source's own."""
    for code in (subtype, kind):
        if code and (words := own.get(code) or WORDS.get(code)):
            return words
    return subtype or kind
