"""Boundary files as GeoJSON features: GeoJSON itself, and the SQL in which Kemendagri's set is published."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from wallboard.boundaries import BoundaryError

#: All kelurahan of the country at full detail are some 400 MB; more is no file of boundaries.
MAX_BYTES = 1 << 30

#: ('31.01.01.1001','Pulau Panggang',-5.73,106.59,'[[[[…]]]]'). A path of depth 3 is a polygon, 4 several; its
#: pairs are latitude, longitude.
_ROW = re.compile(
    r"\('(?P<code>[\d.]{2,13})'\s*,\s*'(?P<name>(?:[^'\\]|''|\\.)*)'\s*,[^,]*,[^,]*,"
    r"\s*(?:'(?P<path>\[[^']*\])'|''|NULL)\s*\)"
)
_ROW_BEGINS = re.compile(r"\('(?P<code>[\d.]{2,13})'\s*,")
#: '' and \' for a quote inside a name.
_QUOTED = re.compile(r"''|\\(.)")
_TABLE = b"wilayah_boundaries"


def read_features(paths: Sequence[Path]) -> dict[str, Any]:
    """One FeatureCollection of all files. Raises BoundaryError, which names the file and what to do."""
    features: list[Any] = []
    crs = None
    for path in paths:
        data = _bytes(path)
        if path.suffix.casefold() == ".sql" or _TABLE in data[:10_000]:
            features += _rows(data, path)
            continue
        document = _document(data, path)
        crs = crs or document.get("crs")
        features += document["features"]
    return {"type": "FeatureCollection", **({"crs": crs} if crs else {}), "features": features}


def read_names(path: Path) -> dict[str, str]:
    """Code → name from a table of two columns, as Kemendagri's wilayah.csv. Raises BoundaryError."""
    text = _bytes(path).decode("utf-8-sig", "replace")
    delimiter = max(",;\t", key=text[:10_000].count)
    try:
        rows = [row for row in csv.reader(text.splitlines(), delimiter=delimiter) if len(row) > 1]
    except csv.Error as fault:
        raise BoundaryError(f"{path} is no table: {fault}.") from fault
    names = {code: row[1].strip() for row in rows if (code := row_code(row[0]))}
    if not names:
        raise BoundaryError(
            f"{path} has no lines CODE,NAME: write one for each district, such as 71.71.01,Bunaken."
        )
    return names


def row_code(text: str) -> str:
    """A code in a table; empty for a heading, which has no digit."""
    text = text.strip()
    return text if any(letter.isdigit() for letter in text) else ""


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise BoundaryError(
                f"{path} has {size >> 20} MB, more than {MAX_BYTES >> 20}: cut the city out of it first."
            )
        return path.read_bytes()
    except OSError as fault:
        why = (fault.strerror or "unknown reason").lower()
        raise BoundaryError(f"{path} cannot be read: {why}.") from fault


def _document(data: bytes, path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(data)
    except RecursionError:
        raise BoundaryError(f"{path} is nested too deeply to be read.") from None
    except UnicodeDecodeError as fault:
        raise BoundaryError(
            f"{path} is not written in UTF-8 (byte {fault.start}). Of a file of Windows it is made with: "
            "iconv -f WINDOWS-1252 -t UTF-8 FILE > districts.geojson"
        ) from None
    except ValueError as fault:
        raise BoundaryError(
            f"{path} is neither GeoJSON nor Kemendagri's SQL ({fault}). A shapefile or GeoPackage becomes "
            "GeoJSON with: ogr2ogr -f GeoJSON -t_srs EPSG:4326 districts.geojson FILE"
        ) from None
    table: Mapping[str, Any] = document if isinstance(document, Mapping) else {}
    features = table.get("features")
    if not isinstance(features, list) or not all(isinstance(each, Mapping) for each in features):
        raise BoundaryError(f"{path} is not a GeoJSON FeatureCollection with a list of features.")
    return table


def _rows(data: bytes, path: Path) -> list[dict[str, Any]]:
    text = data.decode("utf-8", "replace")
    features = list(_read_rows(text, path))
    if not features:
        raise BoundaryError(
            f"{path} has no rows ('CODE','NAME',lat,lng,'[[…]]') as Kemendagri's boundaries have them."
        )
    begun = [row["code"] for row in _ROW_BEGINS.finditer(text)]
    if len(begun) > len(features):
        read = {feature["properties"]["kode"] for feature in features}
        missing = [code for code in begun if code not in read] or begun
        raise BoundaryError(
            f"{path}: {len(begun) - len(features)} of {len(begun)} rows cannot be read, such as that of "
            f"{missing[0]}: is the file whole?"
        )
    return features


def _read_rows(text: str, path: Path) -> Iterator[dict[str, Any]]:
    for row in _ROW.finditer(text):
        geometry = None
        if row["path"]:
            try:
                rings = json.loads(row["path"])
                coordinates = _turned(rings)
            except (ValueError, TypeError, IndexError, RecursionError):
                raise BoundaryError(f"{path}: the path of {row['code']} is no list of rings.") from None
            geometry = {
                "type": "Polygon" if _depth(rings) == 3 else "MultiPolygon",
                "coordinates": coordinates,
            }
        name = _QUOTED.sub(lambda mark: mark[1] or "'", row["name"])
        yield {"type": "Feature", "properties": {"kode": row["code"], "nama": name}, "geometry": geometry}


def _depth(path: Any) -> int:
    return 1 + _depth(path[0]) if isinstance(path, list) else 0


def _turned(path: Any) -> Any:
    """[lat, lng] → [lng, lat] at whatever depth the pairs stand."""
    return [path[1], path[0]] if isinstance(path[0], int | float) else [_turned(inner) for inner in path]
