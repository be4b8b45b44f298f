"""Options of the panels in a layout, for those panels that have any of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wallboard.city import CctvOptions, CityConfig, LayoutConfig, MapOptions, Part
from wallboard.config.findings import Findings, guess
from wallboard.config.walk import read_tables

#: Panel → its options. What a panel outside of this list takes is its own affair.
OPTIONS: dict[str, type[Part]] = {"cctv": CctvOptions, "map": MapOptions}

#: Pictures of a panel; more nobody looks at (static/js/cctv/room.js).
MOST_PICTURES = 16


def check_panel_options(key: str, layout: LayoutConfig, city: CityConfig, found: Findings) -> None:
    """Note what a panel of the layout at `key` does not know or cannot use."""
    for area, options in layout.options.items():
        struct = OPTIONS.get(layout.panels.get(area, area))
        if struct is None:
            continue
        place = f"{key}.options.{area}"
        read = _read(place, options, struct, found)
        if isinstance(read, MapOptions):
            _map(place, read, city, found)
        if isinstance(read, CctvOptions) and not 1 <= read.pictures <= MOST_PICTURES:
            found.fault(
                f"{place}.pictures", read.pictures, f"is no number of pictures; 1 to {MOST_PICTURES} are"
            )


def _read(key: str, options: Mapping[str, Any], struct: type[Part], found: Findings) -> Part:
    own = Findings(found.file)
    read = read_tables(options, struct, own)
    for fault in own.faults:
        found.fault(f"{key}.{fault.key}", fault.value, fault.why)
    return read


def _map(key: str, options: MapOptions, city: CityConfig, found: Findings) -> None:
    levels = len(city.boundaries.levels)
    if options.level is not None and not 0 <= options.level < max(1, levels):
        found.fault(
            f"{key}.level", options.level, f"is no level; there are 0 to {levels - 1}, 0 is the highest"
        )
    for index, name in enumerate(options.overlays or ()):
        known = [one.name for one in city.map.wms]
        if name not in known:
            found.fault(f"{key}.overlays[{index}]", name, f"is no [[map.wms]]; {guess(name, known)}")
    if options.shade == "calls" and not city.calls.channels:
        why = "counts reports by the channels of [calls], and there are none"
        found.fault(f"{key}.shade", options.shade, why)
