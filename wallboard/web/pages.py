"""The pages. They carry no data: they name their layout, and the socket brings the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.templating import Jinja2Templates

from wallboard.errors import Refused
from wallboard.layouts import DEFAULT_LAYOUT, LAYOUTS
from wallboard.web.assets import Assets
from wallboard.web.geo import Geo
from wallboard.web.node import Node
from wallboard.web.sockets import SCREEN

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"

assets = Assets()
templates = Jinja2Templates(TEMPLATES)
templates.env.globals["asset"] = assets.url


async def wall(request: Request) -> Response:
    """One wall, or one of its screens."""
    node: Node = request.app.state.node
    geo: Geo = request.app.state.geo
    name = request.path_params.get("name", DEFAULT_LAYOUT)
    layout = LAYOUTS.get(name)
    screen = request.path_params.get("screen")
    if screen is not None and not SCREEN.fullmatch(screen):
        raise Refused(404, "No such screen", "a screen's name has 1 to 32 letters, digits, - or _")
    if layout is None:
        raise Refused(404, "No such wall", f"{name!r} is none; the walls are: {', '.join(LAYOUTS)}")
    identity = node.city.city
    asked = request.query_params.get("lang", "")
    language = asked if asked in identity.languages else identity.languages[0]
    boot: dict[str, Any] = {
        "city": {
            "name": identity.name,
            "key": identity.key,
            "time_zone": identity.time_zone,
            "languages": identity.languages,
            "simulation": identity.simulation,
        },
        "wall": name,
        "screen": screen,
        "language": language,
        "categories": {category.code: category.name for category in node.city.category},
        "layout": msgspec.to_builtins(layout),
        "geo": geo.url("districts"),
        "basemap": geo.url("basemap") if geo.basemap is not None else None,
        "map_level": geo.map_level,
        # The wall that LOOK.md names: 3.6 m wide, seen from 6 m.
        "view": {"distance_m": 6, "width_m": 3.6},
        "socket": "/ws",
    }
    return templates.TemplateResponse(
        request, "wall.html", {"boot": boot}, headers={"Cache-Control": "no-cache"}
    )


async def districts(request: Request) -> Response:
    """Boundaries for the map."""
    geo: Geo = request.app.state.geo
    return _geo(geo.districts)


async def basemap(request: Request) -> Response:
    """Sea, rivers and roads for the map."""
    geo: Geo = request.app.state.geo
    if geo.basemap is None:
        raise Refused(404, "No base map", "the configuration names none under [map]")
    return _geo(geo.basemap)


def _geo(body: bytes) -> Response:
    return Response(
        body,
        media_type="application/geo+json",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )


ROUTES = [
    Route("/", wall),
    Route("/wall/{name}", wall),
    Route("/wall/{name}/{screen}", wall),
    Route("/geo/districts.json", districts),
    Route("/geo/basemap.json", basemap),
    Mount("/static", assets),
]
