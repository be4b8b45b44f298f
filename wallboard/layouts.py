"""Named layouts: a grid of panels, and the kinds that each panel needs."""

from __future__ import annotations

from collections.abc import Iterable
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


def areas_of(rows: Iterable[str]) -> list[str]:
    """The areas that a grid names, each once, in the order of reading; "." is a hole."""
    return [word for word in dict.fromkeys(word for row in rows for word in row.split()) if word != "."]


def _grid(name: str, areas: tuple[str, ...], columns: str, rows: str) -> Layout:
    return Layout(name, areas, columns, rows, tuple(PanelPlace(word, word) for word in areas_of(areas)))


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
        _grid(
            "ultrawide",
            (
                "header header header header header",
                "alerts incidents map calls agencies",
                "alerts incidents map gauges agencies",
                "alerts incidents map cctv districts",
                "hazards hazards map prices districts",
                "feeds feeds feeds feeds feeds",
            ),
            "22.5rem 23rem minmax(0, 1fr) 24.5rem 25rem",
            "2.7rem 8.9rem minmax(0, 1fr) minmax(0, 1fr) 12rem 1.7rem",
        ),
        _grid(
            "calls",
            ("header header", "calls alerts", "incidents alerts", "incidents hazards", "feeds feeds"),
            "minmax(0, 1.2fr) minmax(0, 1fr)",
            "2.7rem 12rem minmax(0, 1fr) 9.4rem 1.7rem",
        ),
        _grid(
            "market",
            ("header header", "prices incidents", "prices agencies", "feeds feeds"),
            "minmax(0, 1.2fr) minmax(0, 1fr)",
            "2.7rem minmax(0, 1fr) minmax(0, 1fr) 1.7rem",
        ),
        _grid(
            "district",
            ("header header", "districts map", "agencies map", "agencies hazards", "feeds feeds"),
            "26rem minmax(0, 1fr)",
            "2.7rem minmax(0, 1.2fr) minmax(0, 1fr) 9.4rem 1.7rem",
        ),
        _grid(
            "emergency",
            (
                "header header header",
                "alerts map gauges",
                "alerts map hazards",
                "incidents map calls",
                "feeds feeds feeds",
            ),
            "26rem minmax(0, 1fr) 25rem",
            "2.7rem minmax(0, 1.1fr) minmax(0, .8fr) minmax(0, .9fr) 1.7rem",
        ),
    )
}

#: All walls of a city have one view, and share their frames.
WALLS = "walls"

#: No grid of panels: the page of who works here, with all kinds that the role may see.
CONSOLE = "console"
