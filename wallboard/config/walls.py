"""[[layout]] and [[wall]]: whether every area is a rectangle with a panel, and every page a layout."""

from __future__ import annotations

import re

from wallboard.city import CityConfig, GridConfig, LayoutConfig, PageConfig
from wallboard.config.findings import Findings, guess
from wallboard.config.panel_options import check_panel_options
from wallboard.config.tables import LANGUAGES, check_unique
from wallboard.layouts import OTHER_FORMS, PANEL_KINDS, areas_of
from wallboard.walls import ready_layouts

#: A name stands in an address.
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")
_NIGHT = re.compile(r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")

#: A cave and a stadium: what lies beyond is a typing error (m).
WIDTHS_M = (0.2, 40.0)
DISTANCES_M = (0.3, 60.0)

#: A page of 16:9 holds its 40 rem up to this many widths of distance; beyond it, letters as large as they
#: ought to be leave no room for the panels (static/js/screen.js).
MOST_WIDTHS = 1.9

#: A page that stands shorter than this cannot be read (s).
SHOW_LEAST_S = 5.0


def check_walls(city: CityConfig, found: Findings) -> None:
    """Note what is wrong with layouts and walls."""
    check_unique("layout", "name", [layout.name for layout in city.layout], found)
    check_unique("wall", "name", [wall.name for wall in city.wall], found)
    for index, layout in enumerate(city.layout):
        _name(f"layout[{index}].name", layout.name, found)
        _layout(f"layout[{index}]", layout, found)
        check_panel_options(f"layout[{index}]", layout, city, found)
    layouts = {*ready_layouts(), *(layout.name for layout in city.layout)}
    for index, wall in enumerate(city.wall):
        key = f"wall[{index}]"
        _name(f"{key}.name", wall.name, found)
        for field, value, (least, most) in (
            ("width_m", wall.width_m, WIDTHS_M),
            ("distance_m", wall.distance_m, DISTANCES_M),
        ):
            if not least <= value <= most:
                found.fault(f"{key}.{field}", value, f"is no such length; {least:g} to {most:g} metres are")
        if wall.distance_m > MOST_WIDTHS * wall.width_m:
            most = MOST_WIDTHS * wall.width_m
            why = f"is too far for a screen {wall.width_m:g} m wide: its text can be read up to {most:.1f} m"
            found.warn(f"{key}.distance_m", wall.distance_m, why)
        if wall.night and not _NIGHT.match(wall.night):
            found.fault(f"{key}.night", wall.night, 'is no span of the day; write "22:00-05:00"')
        if wall.reload and not _NIGHT.match(wall.reload):
            found.fault(f"{key}.reload", wall.reload, 'is no span of the day; write "03:00-05:00"')
        for screen in wall.sound if isinstance(wall.sound, list) else ():
            _name(f"{key}.sound", screen, found)
        if wall.language and wall.language not in LANGUAGES:
            found.fault(
                f"{key}.language", wall.language, f"is no language; {guess(wall.language, LANGUAGES)}"
            )
        _pages(f"{key}.pages", wall.pages, layouts, found)
        for screen, pages in wall.screens.items():
            _name(f"{key}.screens", screen, found)
            _pages(f"{key}.screens.{screen}", pages, layouts, found)


def check_bound_walls(city: CityConfig, codes: set[str], found: Findings) -> None:
    """Note walls, pages and panels that are bound to a district which the boundaries do not have."""
    bound = {}
    for index, wall in enumerate(city.wall):
        key = f"wall[{index}]"
        bound[f"{key}.district"] = wall.district
        for place, pages in {
            f"{key}.pages": wall.pages,
            **{f"{key}.screens.{screen}": pages for screen, pages in wall.screens.items()},
        }.items():
            bound |= {f"{place}[{number}].district": page.district for number, page in enumerate(pages)}
    for index, layout in enumerate(city.layout):
        for area, options in layout.options.items():
            bound[f"layout[{index}].options.{area}.district"] = options.get("district", "")
    for key, code in bound.items():
        if code and code not in codes:
            found.fault(key, code, f"is no district's code; {guess(str(code), codes)}")


def _name(key: str, name: str, found: Findings) -> None:
    if name and not NAME.match(name):
        found.fault(key, name, "stands in an address: 1 to 32 letters, digits, - or _")


def _pages(key: str, pages: list[PageConfig], layouts: set[str], found: Findings) -> None:
    for index, page in enumerate(pages):
        if page.layout not in layouts:
            why = f"is no layout; {guess(page.layout, layouts)}"
            found.fault(f"{key}[{index}].layout", page.layout, why)
        if page.show < SHOW_LEAST_S:
            why = f"is too short to be read; at least {SHOW_LEAST_S:g} s"
            found.fault(f"{key}[{index}].show", page.show, why)


def _layout(key: str, layout: LayoutConfig, found: Findings) -> None:
    other = {form: grid for form in OTHER_FORMS if (grid := getattr(layout, form)) is not None}
    for place, grid in {key: layout, **{f"{key}.{form}": grid for form, grid in other.items()}}.items():
        _areas(place, grid, layout.panels, found)
    areas = areas_of(row for grid in (layout, *other.values()) for row in grid.areas)
    for table, names in (("panels", layout.panels), ("options", layout.options)):
        for area in names:
            if area not in areas:
                found.fault(f"{key}.{table}.{area}", None, "is no area of this layout")


def _areas(key: str, grid: LayoutConfig | GridConfig, panels: dict[str, str], found: Findings) -> None:
    rows = [row.split() for row in grid.areas]
    if not rows or not rows[0]:
        found.fault(
            f"{key}.areas", grid.areas, 'is empty; write rows of panels: ["header header", "map alerts"]'
        )
        return
    if len({len(row) for row in rows}) > 1:
        found.fault(f"{key}.areas", grid.areas, "has rows of different lengths; each needs as many areas")
        return
    for area in areas_of(grid.areas):
        cells = [(y, x) for y, row in enumerate(rows) for x, name in enumerate(row) if name == area]
        height = max(y for y, _ in cells) - min(y for y, _ in cells) + 1
        width = max(x for _, x in cells) - min(x for _, x in cells) + 1
        if height * width != len(cells):
            found.fault(f"{key}.areas", area, "is no rectangle")
        panel = panels.get(area, area)
        if panel not in PANEL_KINDS:
            found.fault(f"{key}.areas", panel, f"is no panel; {guess(panel, PANEL_KINDS)}")
