"""Which pages a wall and each of its screens shows: the configuration's walls, and the ready ones."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import msgspec

from wallboard.city import CityConfig, GridConfig, LayoutConfig, PageConfig, WallConfig
from wallboard.layouts import USUAL_FORM, Grid, Layout, PanelPlace, areas_of

#: The ready layouts, shipped beside the program; written as a city writes its own.
FILE = Path(__file__).parent / "ready_layouts.toml"

#: The wall at "/".
DEFAULT_WALL = "operations"

#: The page that all walls of the city turn to in an emergency.
EMERGENCY = "emergency"

#: A screen's name comes from its address, and stands in alerts and on the feed strip for all to read: letters
#: and digits that nobody can misuse.
SCREEN = re.compile(r"[A-Za-z0-9_-]{1,32}")

#: A control room has a few dozen screens; more names than this are no screens of ours.
MAX_WALLS = 200

#: Four screens of 65 inches side by side, read from the desks before them; a city says it otherwise.
_QUAD = WallConfig(
    name="quad",
    width_m=1.4,
    distance_m=2.6,
    pages=[PageConfig(layout="operations")],
    screens={
        "1": [PageConfig(layout="operations")],
        "2": [PageConfig(layout="calls")],
        "3": [PageConfig(layout="district")],
        "4": [PageConfig(layout="market")],
    },
)


class Page(msgspec.Struct, frozen=True):
    """One page of a wall, and how long it stands (s)."""

    layout: Layout
    show_s: float
    #: the one district that it shows, or ""
    district: str = ""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What one screen of a wall shows, and how it is looked at."""

    wall: str
    title: str
    screen: str
    pages: tuple[Page, ...]
    #: all layouts, for where somebody sends it; the emergency's among them
    layouts: dict[str, Layout]
    width_m: float
    distance_m: float
    theme: str
    night: str
    language: str
    district: str
    #: when it may load itself anew, whether it moves against burn-in, and whether it sounds
    reload: str
    pixel_shift: bool
    sound: bool


def kinds_of(layouts: dict[str, Layout]) -> frozenset[str]:
    """All kinds that any of these layouts shows, and that every wall needs."""
    return frozenset(kind for layout in layouts.values() for kind in layout.kinds()) | {"wall"}


@cache
def ready_layouts() -> dict[str, Layout]:
    """The layouts that come with the program, by name."""
    tables = tomllib.loads(FILE.read_text("utf-8"))["layout"]
    return {config.name: _layout(config) for config in msgspec.convert(tables, list[LayoutConfig])}


def layouts_of(city: CityConfig) -> dict[str, Layout]:
    """All layouts by name: a layout of the city goes before a ready one of the same name."""
    return ready_layouts() | {layout.name: _layout(layout) for layout in city.layout}


def walls_of(city: CityConfig) -> dict[str, WallConfig]:
    """All walls by name: the city's, then each layout as a wall of one page."""
    ready = {name: WallConfig(name=name, pages=[PageConfig(layout=name)]) for name in layouts_of(city)}
    return ready | {_QUAD.name: _QUAD} | {wall.name: wall for wall in city.wall}


def plan(city: CityConfig, wall: str, screen: str = "") -> Plan | None:
    """What a screen of a wall shows; None where there is no such wall. Any screen's name is one."""
    config = walls_of(city).get(wall)
    if config is None:
        return None
    layouts = layouts_of(city)
    pages = config.screens.get(screen) or config.pages or [PageConfig(layout=DEFAULT_WALL)]
    return Plan(
        wall=wall,
        title=config.title or wall,
        screen=screen,
        pages=tuple(
            Page(layouts[page.layout], page.show, page.district or config.district) for page in pages
        ),
        layouts=layouts,
        width_m=config.width_m,
        distance_m=config.distance_m,
        theme=config.theme,
        night=config.night,
        language=config.language,
        reload=config.reload,
        pixel_shift=config.pixel_shift,
        sound=screen in config.sound if isinstance(config.sound, list) else config.sound,
        district=config.district,
    )


def _layout(config: LayoutConfig) -> Layout:
    forms = {USUAL_FORM: config, "wide": config.wide, "upright": config.upright}
    grids = {form: _grid(one) for form, one in forms.items() if one is not None}
    areas = areas_of(row for grid in grids.values() for row in grid.areas)
    places = [PanelPlace(config.panels.get(area, area), area, config.options.get(area, {})) for area in areas]
    return Layout(config.name, grids, tuple(places))


def _grid(config: LayoutConfig | GridConfig) -> Grid:
    return Grid(tuple(config.areas), config.columns, config.rows)
