"""From the drawing's metres to degrees: open water of the Java Sea, so nobody's streets are drawn."""

import math

from .lines import Vertex

# Open water west-north-west of Karimunjawa; the zone is WIB (UTC+7).
LON0, LAT0 = 109.3, -4.9
# Metres of one degree on the WGS 84 ellipsoid at that latitude.
METRES_LAT = 110_582.0
METRES_LON = 111_320.0 * math.cos(math.radians(LAT0))


def to_degrees(spot: Vertex) -> Vertex:
    """Longitude and latitude of a point in metres from the city's middle."""
    return (LON0 + spot[0] / METRES_LON, LAT0 + spot[1] / METRES_LAT)


def to_metres(spot: Vertex) -> Vertex:
    """The reverse of `to_degrees`."""
    return ((spot[0] - LON0) * METRES_LON, (spot[1] - LAT0) * METRES_LAT)
