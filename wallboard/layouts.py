"""What a layout is: panels on a grid, and the kinds that each panel needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

#: All panels, and the kinds that each shows; the server sends a board only the kinds of its layout's panels.
#: This is the one list of them: a panel is static/js/panels/NAME.js and static/css/panels/NAME.css, which the
#: page loads by it. The order is that of a phone's column, by importance.
PANEL_KINDS: dict[str, tuple[str, ...]] = {
    "header": ("city",),
    "status": ("city", "hazard", "series"),
    "alerts": ("alert",),
    "hazards": ("hazard",),
    "incidents": ("incident", "district"),
    "calls": ("queue", "agent"),
    "agencies": ("agency", "series"),
    "districts": ("district",),
    "map": ("district", "incident", "camera", "hazard", "gauge", "alert"),
    "gauges": ("gauge", "series"),
    # What happened decides which cameras are shown.
    "cctv": ("camera", "alert", "incident"),
    "prices": ("price", "series"),
    "trends": ("series",),
    "landvalue": ("landvalue", "metric", "district"),
    "ticker": ("news", "incident"),
    "feeds": ("feed", "wall"),
}


#: What a screen is beside its usual form: much wider than high, or standing upright.
OTHER_FORMS = ("wide", "upright")

#: The form that every layout has, and that a screen shows whose own form it lacks.
USUAL_FORM = "usual"


class PanelPlace(msgspec.Struct, frozen=True):
    """One panel and the area of the grid that it fills."""

    panel: str
    area: str
    options: dict[str, Any] = {}


class Grid(msgspec.Struct, frozen=True):
    """`areas` as in CSS grid-template-areas, with the sizes of columns and rows."""

    areas: tuple[str, ...]
    columns: str
    rows: str


class Layout(msgspec.Struct, frozen=True):
    """A page of panels: a grid for each form of screen that it knows, and the panels of all of them."""

    name: str
    grids: dict[str, Grid]
    panels: tuple[PanelPlace, ...]

    def kinds(self) -> frozenset[str]:
        """All kinds that its panels show."""
        return frozenset(kind for place in self.panels for kind in PANEL_KINDS[place.panel])


def areas_of(rows: Iterable[str]) -> list[str]:
    """The areas that a grid names, each once, in the order of reading; "." is a hole."""
    return [word for word in dict.fromkeys(word for row in rows for word in row.split()) if word != "."]


#: All walls of a city have one view, and share their frames.
WALLS = "walls"

#: No grid of panels: the page of who works here, with all kinds that the role may see.
CONSOLE = "console"

#: No grid either: the page for who leads the city (`/leader`), and what it is made of.
LEADER = "leader"
LEADER_KINDS = frozenset(
    {
        *("city", "news", "metric", "alert", "incident", "hazard", "gauge", "queue", "agency", "price"),
        *("camera", "district", "feed"),
    }
)

#: Pages of people, which are no walls: nobody watches whether they paint.
OF_PEOPLE = frozenset({CONSOLE, LEADER})
