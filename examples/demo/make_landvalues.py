"""Draw the land-value zones of the fictional demo city: landvalues.geojson, the same bytes each time.

python examples/demo/make_landvalues.py [--out DIR]

Two maps, of two years, over the kelurahan of districts.geojson. What a square metre is worth falls with the
distance from the middle of the city, and differs from one neighbour to the next as the code of each has it.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import mapping, shape

HERE = Path(__file__).parent
YEARS = ("2023", "2024")

#: Rupiah a square metre in the middle, and how many degrees further out it is half of that.
DEAREST, HALF = 18_000_000, 0.045
#: Zones differ by so much (share), and from one year to the next by up to so much.
SPREAD, YEARLY = 0.35, 0.12
#: A zone's border is as rough as a land office draws it (degrees).
ROUGH = 0.0006
STEP = 50_000


def share(*words: str) -> float:
    """A number from 0 to 1 that is the same each time."""
    digest = hashlib.blake2b("|".join(words).encode(), digest_size=4).digest()
    return int.from_bytes(digest) / (2**32 - 1)


def zones(districts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A feature for each kelurahan and year."""
    middle = shapely.union_all([shape(each["geometry"]) for each in districts]).centroid
    found = []
    for each in sorted(districts, key=lambda each: str(each["properties"]["code_kel"])):
        code, name = each["properties"]["code_kel"], each["properties"]["name_kel"]
        area = shape(each["geometry"])
        drawn = shapely.set_precision(area.simplify(ROUGH), 1e-5)
        far = area.centroid.distance(middle) / HALF
        value = DEAREST / 2**far * (1 + SPREAD * (2 * share(code) - 1))
        use = "Perdagangan dan jasa" if share(code, "use") > 0.4 + 0.4 * min(far, 1) else "Perumahan"
        for year in YEARS:
            known = max(STEP, round(value / STEP) * STEP)
            found.append(
                {
                    "type": "Feature",
                    "properties": {
                        "id": f"ZNT-{code}", "nama": f"Zona {name}", "nilai": known, "tahun": year,
                        "guna": use,
                    },
                    "geometry": json.loads(json.dumps(mapping(drawn))),
                }
            )  # fmt: skip
            value *= 1 + YEARLY * (share(code, year) - 0.15)
    return found


def main() -> int:
    """Write the file into a directory."""
    parser = argparse.ArgumentParser(description="Draw the demo city's land-value zones.")
    parser.add_argument("--out", type=Path, default=HERE)
    out = parser.parse_args().out
    districts = json.loads((HERE / "districts.geojson").read_text())["features"]
    lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in zones(districts))
    head = '{"type":"FeatureCollection","name":"Zona nilai tanah Kota Tirta Raya (fiktif)","features":[\n'
    (out / "landvalues.geojson").write_text(f"{head}{lines}\n]}}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
