"""District assignment in points a second: ``python3 -m loadtests.geofence`` (``taskset -c 1`` for one core).

Prints the three rates that the issue on speed names, building time and memory, and PostGIS's rate for the
same points where a server is reachable.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely

from wallboard.boundaries import Boundaries, load_boundaries, parse_levels
from wallboard.geofence import Geofence
from wallboard.plane import Floats

JAKARTA = (
    Path(__file__).resolve().parents[2]
    / "shared/samples/boundaries/bps2020_hdx_jfraziz/id31_dki_jakarta_district.geojson"
)
JAKARTA_LEVELS = "regency_code,regency;district_code,district;village_code,village"

#: A libpq address such as postgresql://user@host/db; the password comes from ~/.pgpass or PGPASSWORD.
POSTGIS_VARIABLE = "WALLBOARD_POSTGIS"
#: PostGIS joins this many points in a few seconds, which is enough for a rate.
POSTGIS_POINTS = 100_000
POSTGIS_TIMEOUT_S = 300

#: Each rate is the middle one of so many runs; the slowest and fastest stand beside it, and the processor's
#: time, which other programs on the machine disturb less.
RUNS = 5


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; the exit code is 2 when there is nothing to measure on."""
    parser = argparse.ArgumentParser(prog="python3 -m loadtests.geofence", description=__doc__)
    parser.add_argument(
        "--districts", type=Path, default=JAKARTA, help="GeoJSON file (default: Jakarta's 270)"
    )
    parser.add_argument(
        "--levels", default=JAKARTA_LEVELS, help='"code_property,name_property;…" highest first'
    )
    parser.add_argument("--points", type=int, default=1_000_000, help="points of the batches")
    options = parser.parse_args(arguments)
    if not options.districts.is_file():
        print(f"No file {options.districts.name}: name one with --districts.", file=sys.stderr)
        return 2
    began = time.perf_counter()
    geojson = json.loads(options.districts.read_bytes())
    boundaries, report = load_boundaries(
        geojson, parse_levels(options.levels), source=options.districts.stem, version=""
    )
    loaded = time.perf_counter()
    fence = Geofence(boundaries)
    fence.locate(
        *map(float, (boundaries.bounds[0], boundaries.bounds[1]))
    )  # the grids come with the first point
    built = time.perf_counter()
    print(
        f"{platform.python_version()}, shapely {shapely.__version__}, GEOS {shapely.geos_version_string}, ",
        end="",
    )
    print(f"numpy {np.__version__}, {os.cpu_count()} cores, {len(os.sched_getaffinity(0))} used")
    print(f"{report.districts} districts, {report.vertices:,} corners; seed 1")
    print(f"read and checked in {loaded - began:.2f} s, geofence built in {built - loaded:.2f} s")
    lons, lats = points_inside(boundaries, options.points)
    one = list(zip(lons[:20_000].tolist(), lats[:20_000].tolist(), strict=True))
    _rate("whole answer, one by one", "≤ 20 µs", len(one), lambda: [fence.locate(*point) for point in one])
    _rate("whole answer, batch", "≥ 150,000/s", len(lons), lambda: fence.locate_many(lons, lats))
    _rate("assignment only, batch", "≥ 1,000,000/s", len(lons), lambda: fence.assign_many(lons, lats))
    print(f"PostGIS, assignment only: {postgis_rate(boundaries, lons, lats)}")
    return 0


def points_inside(boundaries: Boundaries, count: int) -> tuple[Floats, Floats]:
    """Points spread evenly over the districts' area, always the same ones."""
    generator = np.random.default_rng(1)
    west, south, east, north = boundaries.bounds
    land = shapely.union_all(boundaries.geometries)
    shapely.prepare(land)
    lons, lats = np.empty(0), np.empty(0)
    while len(lons) < count:
        more_lons, more_lats = generator.uniform(west, east, count), generator.uniform(south, north, count)
        inside = shapely.contains_xy(land, more_lons, more_lats)
        lons, lats = np.append(lons, more_lons[inside]), np.append(lats, more_lats[inside])
    return lons[:count], lats[:count]


def postgis_rate(boundaries: Boundaries, lons: Floats, lats: Floats) -> str:
    """Points a second of an indexed join in PostGIS, or why it was not measured."""
    address = os.environ.get(POSTGIS_VARIABLE)
    if not address:
        return f"not measured: {POSTGIS_VARIABLE} names no server"
    psql = shutil.which("psql")
    if psql is None:
        return "not measured: psql is not on the PATH"
    count = min(len(lons), POSTGIS_POINTS)
    command = [psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", address]
    try:
        done = subprocess.run(
            command,
            input=_script(boundaries, lons[:count], lats[:count]),
            capture_output=True,
            text=True,
            check=True,
            timeout=POSTGIS_TIMEOUT_S,
        )
    except subprocess.CalledProcessError as fault:
        return f"not measured: {fault.stderr.strip().splitlines()[-1]}"
    except subprocess.TimeoutExpired:
        return f"not measured: no end after {POSTGIS_TIMEOUT_S} s"
    seconds = float(done.stdout.split()[-1])
    return f"{count / seconds:,.0f}/s"


def _script(boundaries: Boundaries, lons: Floats, lats: Floats) -> str:
    """Districts with a GiST index, points, and the join that finds each point's district, timed inside."""
    shapes = "\n".join(
        f"{each.code}\t{shapely.to_wkb(each.geometry, hex=True)}" for each in boundaries.lowest
    )
    points = "\n".join(f"{lon!r}\t{lat!r}" for lon, lat in zip(lons.tolist(), lats.tolist(), strict=True))
    return f"""CREATE TEMP TABLE district (code text, shape geometry);
COPY district FROM STDIN;
{shapes}
\\.
CREATE INDEX ON district USING gist (shape);
CREATE TEMP TABLE raw (lon float8, lat float8);
COPY raw FROM STDIN;
{points}
\\.
CREATE TEMP TABLE point AS SELECT ST_Point(lon, lat) AS spot FROM raw;
ANALYZE district;
ANALYZE point;
CREATE TEMP TABLE clock AS SELECT clock_timestamp() AS began;
CREATE TEMP TABLE found AS SELECT code, spot FROM point JOIN district ON ST_Intersects(shape, spot);
SELECT extract(epoch FROM clock_timestamp() - began) FROM clock;
"""


def _rate(what: str, target: str, points: int, run: Callable[[], object]) -> None:
    wall, processor = [], []
    for _ in range(RUNS):
        began, used = time.perf_counter(), time.process_time()
        run()
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
    middle, busy = statistics.median(wall), statistics.median(processor)
    print(
        f"{what}: {points / middle:,.0f}/s, {middle / points * 1e6:.2f} µs a point, "
        f"{busy / points * 1e6:.2f} µs of processor "
        f"({points / max(wall):,.0f} to {points / min(wall):,.0f}/s; target {target})"
    )


if __name__ == "__main__":
    sys.exit(main())
