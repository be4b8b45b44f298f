"""[map] pmtiles, tiles and wms: whether each address is one that a page can load tiles from."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from wallboard.city import CityConfig
from wallboard.config.findings import Findings
from wallboard.config.tables import check_unique

#: What stands in a Content-Security-Policy must not be able to say anything else there.
_HOST = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$|^\[[0-9A-Fa-f:]+\]$")

#: Placeholders of a tile's address.
_PLACES = re.compile(r"\{([^{}]*)\}")
_NEEDED = ({"x"}, {"z"}, {"y", "-y"})

_AS_OF = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")

#: No web map goes deeper.
MAX_ZOOM = 24


def check_map_tiles(city: CityConfig, found: Findings) -> None:
    """Note what is wrong with the tiles below and above the districts; files are not opened."""
    own = city.map
    if own.pmtiles is not None:
        if not own.pmtiles.file:
            found.fault("map.pmtiles.file", own.pmtiles.file, "is empty")
        _shown("map.pmtiles", own.pmtiles.attribution, own.pmtiles.opacity, found)
    if own.tiles is not None:
        _template("map.tiles.url", own.tiles.url, found)
        _shown("map.tiles", own.tiles.attribution, own.tiles.opacity, found)
        if not 0 <= own.tiles.min_zoom <= own.tiles.max_zoom <= MAX_ZOOM:
            why = f"is no zoom from min_zoom to {MAX_ZOOM}"
            found.fault("map.tiles.max_zoom", own.tiles.max_zoom, why)
    check_unique("map.wms", "name", [one.name for one in own.wms], found)
    for index, one in enumerate(own.wms):
        key = f"map.wms[{index}]"
        if address(f"{key}.url", one.url, found) and "{" in one.url:
            found.fault(
                f"{key}.url", one.url, "has a placeholder; a WMS has one address, its layers stand apart"
            )
        if not one.layers.strip():
            found.fault(
                f"{key}.layers", one.layers, 'is empty; write the names as the server has them: "znt,persil"'
            )
        if one.as_of and not _AS_OF.fullmatch(one.as_of):
            why = 'is no year, month or day: write "2025", "2025-07" or "2025-07-01"'
            found.fault(f"{key}.as_of", one.as_of, why)
        _shown(key, one.attribution, one.opacity, found)


def address(key: str, url: str, found: Findings) -> bool:
    """Note why `url` is no address that a page can load from; whether it is one."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        found.fault(key, url, "is no address; write https://host/…")
        return False
    if parts.scheme not in ("http", "https"):
        found.fault(key, url, "is no address of the web; write https://host/…")
    elif not url.isprintable() or any(char in url for char in " \\\"'"):
        found.fault(key, url, "holds white space, quotes or characters that no address has")
    elif parts.username is not None or parts.password is not None:
        found.fault(key, None, "names a user or password: every board would read it")
    elif not _HOST.match(_host(parts.netloc)) or port == 0:
        found.fault(key, url, "has no host that a page can be allowed; placeholders may stand behind it only")
    else:
        if parts.scheme == "http":
            found.warn(key, url, "is not https: a page that was loaded by https cannot show it")
        return True
    return False


def _host(netloc: str) -> str:
    """Without the port; an IPv6 address keeps its brackets."""
    return re.sub(r":\d*$", "", netloc)


def _template(key: str, url: str, found: Findings) -> None:
    if not address(key, url, found):
        return
    named = _PLACES.findall(url)
    if unknown := [name for name in named if name not in ("x", "y", "-y", "z")]:
        found.fault(key, url, f"has {{{unknown[0]}}}: write {{z}}, {{x}}, {{y}} or {{-y}}, and one host")
    elif not all(needed & set(named) for needed in _NEEDED):
        found.fault(key, url, 'needs {z}, {x} and {y}: "https://host/{z}/{x}/{y}.png"')


def _shown(key: str, attribution: str, opacity: float, found: Findings) -> None:
    if not attribution.strip():
        found.fault(
            f"{key}.attribution", attribution, 'is empty; say whose map it is: "© OpenStreetMap contributors"'
        )
    if not 0 < opacity <= 1:
        found.fault(
            f"{key}.opacity", opacity, "must be above 0 (nothing is seen) and at most 1 (nothing below is)"
        )
