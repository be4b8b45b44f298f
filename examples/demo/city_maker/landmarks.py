"""Named places of the demo city before they are set on its streets; invented, in metres from its middle."""

from typing import Any

from .lines import Vertex
from .terrain import CANAL

# name, where (moved beside the nearest street), further properties
Wish = tuple[str, Vertex, dict[str, Any]]

MARKETS: list[Wish] = [
    (
        "Pasar Induk Tirta Raya",
        (4650, -2450),
        {"aliases": ["Pasar Induk", "Ps. Induk", "PIT"], "kind": "grosir"},
    ),
    ("Pasar Lama", (3300, 2350), {"aliases": ["Ps. Lama", "Pasar Lama Pecinan"], "kind": "eceran"}),
    (
        "Pasar Ikan Muara Baru",
        (1150, 4550),
        {"aliases": ["Pasar Ikan", "Ps. Ikan Muara", "TPI Muara Baru"], "kind": "ikan"},
    ),
    ("Pasar Karang Sari", (-7200, 2500), {"aliases": ["Ps. Karang Sari"], "kind": "eceran"}),
    ("Pasar Sukamaju", (-5150, -4950), {"aliases": ["Ps. Sukamaju", "Pasar Suka Maju"], "kind": "eceran"}),
]
HOSPITALS: list[Wish] = [
    (
        "RSUD Tirta Raya",
        (-1900, -900),
        {"aliases": ["RSUD", "RS Umum Daerah"], "beds": 420, "emergency": True},
    ),
    ("RS Bhakti Bahari", (5100, 1650), {"aliases": ["RS Bahari"], "beds": 210, "emergency": True}),
    ("RS Pelabuhan Sehat", (-4100, 2050), {"aliases": ["RS Pelabuhan"], "beds": 150, "emergency": True}),
    ("RS Ibu dan Anak Melati", (2150, -1650), {"aliases": ["RSIA Melati"], "beds": 90, "emergency": True}),
    ("RS Wening Husada", (-4600, -3650), {"aliases": ["RS Wening"], "beds": 180, "emergency": True}),
    ("RSUD Tirta Raya Timur", (6900, -3300), {"aliases": ["RSUD Timur"], "beds": 160, "emergency": True}),
    ("RS Bukit Indah", (-450, -6500), {"aliases": [], "beds": 110, "emergency": True}),
]
TERMINALS: list[Wish] = [
    (
        "Terminal Tirta Raya",
        (-5900, -1250),
        {"aliases": ["Terminal Induk", "Terminal Tipe A"], "kind": "antarkota"},
    ),
    ("Terminal Pasar Lama", (2700, 2650), {"aliases": ["Terminal Kota"], "kind": "dalam kota"}),
    ("Terminal Wanasari", (5400, -6050), {"aliases": [], "kind": "dalam kota"}),
]
POLICE: list[Wish] = [
    ("Polres Tirta Raya", (-1500, 250), {"aliases": ["Polresta"]}),
    *[(f"Polsek {name}", spot, {"aliases": []}) for name, spot in (
        ("Pelabuhan", (-4650, 2800)), ("Muara Baru", (250, 4450)), ("Pasar Lama", (3550, 3300)),
        ("Tanjung Bahari", (7250, 3500)), ("Karang Sari", (-8000, 2700)), ("Tanah Lapang", (-5000, -650)),
        ("Kampung Tengah", (-450, -900)), ("Cempaka", (3000, -2300)), ("Tirta Asri", (7300, -1900)),
        ("Sukamaju", (-4350, -5700)), ("Bukit Indah", (400, -7350)), ("Wanasari", (4700, -5350)),
    )],
]  # fmt: skip
FIRE: list[Wish] = [
    (f"Pos Damkar {name}", spot, {"aliases": ["Mako Damkar"] if name == "Induk" else [], "engines": engines})
    for name, spot, engines in (
        ("Induk", (-250, 900), 9),
        ("Pelabuhan", (-3500, 1500), 4),
        ("Pasar Lama", (3300, 1100), 4),
        ("Bandara", (6100, 1900), 5),
        ("Karang Sari", (-7600, 1000), 2),
        ("Tanah Lapang", (-6100, -2700), 3),
        ("Sukamaju", (-4700, -6050), 3),
        ("Tirta Asri", (7000, -2900), 3),
        ("Bukit Indah", (-100, -7000), 2),
    )
]
STATIONS: list[Wish] = [
    ("Stasiun Tirta Raya", (-650, -1250), {"aliases": ["Stasiun Kota"], "on": "rail"}),
    ("Stasiun Tanah Lapang", (-5100, -500), {"aliases": [], "on": "rail"}),
    ("Stasiun Tirta Asri", (7400, -1650), {"aliases": [], "on": "rail"}),
]
OFFICES: list[Wish] = [
    ("Balai Kota Tirta Raya", (-1250, -150), {"aliases": ["Balaikota", "Kantor Wali Kota"]}),
    ("Pusat Komando 112", (-700, 450), {"aliases": ["Command Center", "Call Center 112"]}),
    ("Kantor BPBD Tirta Raya", (1650, -550), {"aliases": ["BPBD"]}),
]
# name, river, where, centimetres at the staff from Siaga 4 (watch) to Siaga 1 (worst)
GATES: list[tuple[str, str, Vertex, tuple[int, int, int, int]]] = [
    ("Pintu Air Hulu Jernih", "Kali Jernih", (1300, -7700), (80, 150, 200, 250)),
    ("Pintu Air Kali Jernih", "Kali Jernih", (1500, -4700), (600, 750, 850, 950)),
    ("Pintu Air Jembatan Merdeka", "Kali Jernih", (600, -400), (450, 550, 650, 720)),
    ("Pintu Air Muara Baru", "Kali Jernih", (600, 3300), (150, 180, 210, 240)),
    ("Bendung Waduk Wening", "Kali Wening", (-5100, -6750), (520, 600, 660, 700)),
    ("Pintu Air Kali Wening", "Kali Wening", (-2700, -4250), (300, 380, 450, 520)),
    ("Pintu Air Kanal Banjir", CANAL, (5550, 2900), (200, 250, 300, 340)),
    ("Pintu Air Kali Asri", "Kali Asri", (-7050, 3200), (120, 160, 190, 220)),
]
