"""Named layouts: a grid of panels, and the kinds that each panel needs."""

from __future__ import annotations

from typing import Any

import msgspec

#: What each panel shows; the server sends a board only the kinds of its layout's panels.
PANEL_KINDS: dict[str, tuple[str, ...]] = {
    "header": ("city",),
    "alerts": ("alert",),
    "map": ("district", "incident", "camera", "hazard", "gauge", "city"),
    "incidents": ("incident", "district"),
    "calls": ("queue", "agent"),
    "cctv": ("camera",),
    "prices": ("price",),
    "gauges": ("gauge",),
    "hazards": ("hazard",),
    "feeds": ("feed", "wall"),
    "agencies": ("agency",),
    "districts": ("district",),
}


class PanelPlace(msgspec.Struct):
    """One panel and the area of the grid that it fills."""

    panel: str
    area: str
    options: dict[str, Any] = {}


class Layout(msgspec.Struct):
    """A grid: `areas` as in CSS grid-template-areas, with the sizes of columns and rows."""

    name: str
    areas: tuple[str, ...]
    columns: str
    rows: str
    panels: tuple[PanelPlace, ...]

    def kinds(self) -> frozenset[str]:
        """All kinds that its panels show."""
        return frozenset(kind for place in self.panels for kind in PANEL_KINDS[place.panel])


def _grid(name: str, areas: tuple[str, ...], columns: str, rows: str) -> Layout:
    names = dict.fromkeys(word for row in areas for word in row.split())
    return Layout(name, areas, columns, rows, tuple(PanelPlace(word, word) for word in names))


LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        _grid(
            "operations",
            (
                "header header header",
                "alerts map calls",
                "alerts map gauges",
                "incidents map cctv",
                "incidents map prices",
                "incidents hazards prices",
                "feeds feeds feeds",
            ),
            "22.5rem minmax(0, 1fr) 24.5rem",
            "2.7rem 8.9rem minmax(0, 8.7fr) minmax(0, 7.4fr) minmax(0, 2.4fr) 9.4rem 1.7rem",
        ),
    )
}

DEFAULT_LAYOUT = "operations"
