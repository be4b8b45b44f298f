"""Draw the fictional demo city: districts.geojson, basemap.geojson and places.json, the same bytes each time.

python examples/demo/make_city.py [--out DIR] [--seed N]
"""

import argparse
import random
import sys
from pathlib import Path

from city_maker.districts import make_districts
from city_maker.junctions import find_junctions
from city_maker.layers import basemap, district_collection, write_json
from city_maker.mesh import make_mesh
from city_maker.places import make_places
from city_maker.roads import main_roads, railways
from city_maker.sites import AIRPORT, keep_out
from city_maker.streets import collectors
from city_maker.terrain import BRANCHES, CANAL, make_terrain

SEED = 112
DELTA_NORTHING = 2300.0  # metres
NO_BORDER = {"Jl. Reklamasi"}  # the spine of the reclaimed tongue, which is one neighbourhood


def main() -> int:
    """Write the three files into a directory."""
    parser = argparse.ArgumentParser(description="Draw the fictional demo city.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    seed = int(options.seed)

    terrain = make_terrain(seed)
    roads, rails = main_roads(seed), railways(seed)
    walls = [*terrain.rivers.values(), *rails]
    streets = collectors(terrain.city, roads, walls, keep_out(terrain), random.Random(seed + 2))  # noqa: S311
    every_road = [*roads, *streets]
    # below its first branch the main river divides nobody: the delta is one kecamatan
    main_river = terrain.rivers["Kali Jernih"]
    delta = min(range(len(main_river)), key=lambda k: abs(main_river[k][1] - DELTA_NORTHING))
    barriers = [("river", main_river[: delta + 1]), ("river", terrain.rivers["Kali Wening"])]
    barriers += [("canal", terrain.rivers[CANAL])]
    barriers += [("toll", road.path) for road in roads if road.kind == "toll"]
    barriers += [("stream", terrain.rivers[name]) for name in ("Kali Asri", "Kali Pandan")]
    barriers += [
        ("creek", path) for path in (main_river[delta:], *(terrain.rivers[name] for name in BRANCHES))
    ]
    for kind in ("ring", "coastal", "arterial"):
        barriers += [(kind, road.path) for road in roads if road.kind == kind and road.name not in NO_BORDER]
    barriers += [("rail", path) for path in rails]
    barriers += [("collector", road.path) for road in streets]
    mesh = make_mesh(terrain.city, barriers, random.Random(seed + 3))  # noqa: S311
    drawn = make_districts(terrain, mesh, seed + 4)
    places = make_places(terrain, drawn.districts, every_road, rails, find_junctions(every_road))

    write_json(options.out / "districts.geojson", district_collection(drawn.districts))
    write_json(options.out / "basemap.geojson", basemap(terrain, drawn, every_road, rails, AIRPORT))
    write_json(options.out / "places.json", places)
    return 0


if __name__ == "__main__":
    sys.exit(main())
