"""Where something is by PIDF-LO (RFC 4119, RFC 5491): a point, a circle or an area, and an address. Pure.

The positions of GML are latitude first, as EPSG:4326 and 4979 have them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import shapely

from feeds.cap.xml import children, local
from feeds.reading.documents import load_xml
from wallboard.errors import BadDocument

#: An area of a caller has some dozens of corners.
MAX_CORNERS = 2000

#: Shapes that begin with their middle, or are an area; those with a height are of telephones that tell it.
_SHAPES = frozenset({"Point", "Circle", "Ellipse", "Polygon", "Sphere", "Ellipsoid", "ArcBand"})

#: How far from there it may be, as each of them calls it (m).
_RADII = frozenset({"radius", "semiMajorAxis", "outerRadius"})

#: The parts of a street in a civic address (RFC 5139), in the order in which they are said.
_STREET = ("PRD", "RD", "STS", "POD", "HNO")
_REST = ("LMK", "A5", "A4", "A3", "A2")


@dataclass(frozen=True)
class Place:
    """A point and a text, as far as they are known. `flags`: what was noticed."""

    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    address: str = ""
    flags: tuple[str, ...] = ()


def read_place(pidf: str) -> Place:
    """The place in the text of a PIDF-LO document; what cannot be read is flagged."""
    try:
        root = load_xml(pidf.encode())
    except (BadDocument, UnicodeEncodeError):
        return Place(flags=("bad_coordinates",))
    address = next((_civic(each) for each in root.iter() if local(each) == "civicAddress"), "")
    shape = next((each for each in root.iter() if local(each) in _SHAPES), None)
    if shape is None:
        return Place(address=address)
    try:
        lon, lat, accuracy = _shape(shape)
    except ValueError:
        return Place(address=address, flags=("bad_coordinates",))
    return Place(lon, lat, accuracy, address)


def _shape(shape: Element) -> tuple[float, float, float | None]:
    positions = [
        pair
        for each in shape.iter()
        if local(each) in ("pos", "posList")
        for pair in _pairs(each.text or "", local(each), each.get("srsDimension") or "")
    ]
    if not positions or len(positions) > MAX_CORNERS:
        raise ValueError("no position, or too many")
    if local(shape) == "Polygon":
        if len(positions) < 4:
            raise ValueError("an area has at least four positions")
        # As it is, whatever its corners cross: see feeds/geojson.py.
        inside = shapely.Polygon([(lon, lat) for lat, lon in positions]).representative_point()
        return inside.x, inside.y, None
    lat, lon = positions[0]
    radius = next((each.text or "" for each in shape.iter() if local(each) in _RADII), "")
    try:
        metres = float(radius)
    except ValueError:
        metres = math.nan  # the place is known all the same
    return lon, lat, metres if metres >= 0 and math.isfinite(metres) else None


def _pairs(text: str, kind: str, dimension: str) -> list[tuple[float, float]]:
    numbers = [float(part) for part in text[: MAX_CORNERS * 64].split()]
    if not all(math.isfinite(number) for number in numbers) or len(numbers) < 2:
        raise ValueError("no position")
    width = 3 if dimension == "3" or (kind == "pos" and len(numbers) == 3) else 2
    pairs = [(numbers[at], numbers[at + 1]) for at in range(0, len(numbers) - 1, width)]
    if not all(abs(lat) <= 90 and abs(lon) <= 180 for lat, lon in pairs):
        raise ValueError("out of range")
    return pairs


def _civic(civic: Element) -> str:
    said = {name: " ".join("".join(each.itertext()).split()) for name in (*_STREET, *_REST)
            for each in children(civic, name)}  # fmt: skip
    street = " ".join(said[name] for name in _STREET if said.get(name))
    return ", ".join(part for part in (street, *(said.get(name, "") for name in _REST)) if part)
