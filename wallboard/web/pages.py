"""The pages. They carry no data: they name their layout, and the socket brings the rest."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from wallboard.errors import Refused
from wallboard.layouts import PANEL_KINDS
from wallboard.status import levels_of
from wallboard.walls import DEFAULT_WALL, EMERGENCY, SCREEN, plan, walls_of
from wallboard.web import identity
from wallboard.web.geo import Geo
from wallboard.web.node import Node
from wallboard.web.pairing import waiting_room, wall_path
from wallboard.web.templates import assets, templates
from wallboard.web.tiles import ARCHIVE, Tiles

#: Of static/css/tokens.css.
THEMES = ("dark", "light", "night")


async def wall(request: Request) -> Response:
    """One wall, or one of its screens."""
    node: Node = request.app.state.node
    geo: Geo = request.app.state.geo
    name = request.path_params.get("name", DEFAULT_WALL)
    screen = request.path_params.get("screen", "")
    if screen and not SCREEN.fullmatch(screen):
        raise Refused(404, "No such screen", "a screen's name has 1 to 32 letters, digits, - or _")
    shown = plan(node.city, name, screen)
    if shown is None:
        raise Refused(
            404, "No such wall", f"{name!r} is none; the walls are: {', '.join(walls_of(node.city))}"
        )
    asker = await identity.who(request)
    if asker.viewer is None:
        return waiting_room(request)  # a screen that is to be paired; a person finds the log-in there
    paired = asker.screen if asker.screen is not None and asker.screen.id else None
    if paired is not None and (paired.wall != name or paired.slot not in ("", screen)):
        return RedirectResponse(wall_path(paired.wall, paired.slot), 303, {"Cache-Control": "no-store"})
    own = node.city.city
    asked = request.query_params.get("lang", "")
    language = asked if asked in own.languages else shown.language or own.languages[0]
    # A screen may be switched by its address, to try it, as with the language.
    district = request.query_params.get("district", "")
    if district and district not in geo.codes:
        raise Refused(404, "No such district", "the boundaries have no district of this code")
    asked_theme = request.query_params.get("theme", "")
    boot: dict[str, Any] = {
        "city": {
            "name": own.name,
            "key": own.key,
            "time_zone": own.time_zone,
            "languages": own.languages,
            "simulation": own.simulation,
        },
        "wall": name,
        "screen": screen,
        "device": paired.id if paired else "",
        "language": language,
        "categories": {category.code: category.name for category in node.city.category},
        # The calmest first; the level that holds is the city's own (kind `city`).
        "levels": [
            {"code": level.code, "name": level.name, "severity": level.severity, "commander": level.commander}
            for level in levels_of(node.city)
        ],
        "pages": [
            {"layout": page.layout.name, "show_s": page.show_s, "district": district or page.district}
            for page in shown.pages
        ],
        "district": district or shown.district,
        "panels": list(PANEL_KINDS),
        "layouts": msgspec.to_builtins(shown.layouts),
        "emergency": EMERGENCY,
        "geo": geo.url("districts"),
        "basemap": geo.url("basemap") if geo.basemap is not None else None,
        "map_level": geo.map_level,
        "tiles": geo.tiles.told,
        "view": {
            "distance_m": shown.distance_m,
            "width_m": shown.width_m,
            "theme": asked_theme if asked_theme in THEMES else shown.theme,
            "night": "" if asked_theme in THEMES else shown.night,
        },
        "keep": {
            # Of a paired screen its own: several hang at one address, and each has its own minute.
            "name": f"{name}/{paired.id if paired else screen}",
            "reload": shown.reload,
            "pixel_shift": shown.pixel_shift,
            "sound": request.query_params.get("sound", "") in ("1", "true") or shown.sound,
        },
        # The machine's own screen needs no proof.
        "ticket": asker != identity.HERE,
        "socket": "/ws",
        "edition": node.edition.name,
    }
    return templates.TemplateResponse(
        request,
        "wall.html",
        {
            "boot": boot,
            "default_wall": DEFAULT_WALL,
            "panel_styles": [f"panels/{name}" for name in PANEL_KINDS],
            "panel_modules": [f"js/panels/{name}.js" for name in PANEL_KINDS],
        },
        headers={"Cache-Control": "no-cache"},
    )


async def districts(request: Request) -> Response:
    """Boundaries for the map."""
    await identity.viewer_for(request)
    return await _geo(request, "districts")


async def basemap(request: Request) -> Response:
    """Sea, rivers and roads for the map."""
    await identity.viewer_for(request)
    return await _geo(request, "basemap")


#: Not for caches between: who may see it is asked here.
_KEPT = {"Cache-Control": "private, max-age=31536000, immutable"}


async def _geo(request: Request, name: str) -> Response:
    geo: Geo = request.app.state.geo
    document = geo.documents.get(name)
    if document is None:
        raise Refused(404, "No base map", "the configuration names none under [map]")
    return await document.answer(request.headers, _KEPT["Cache-Control"])


async def archive(request: Request) -> Response:
    """The PMTiles archive, or the ranges of it that are asked for."""
    await identity.viewer_for(request)
    tiles: Tiles = request.app.state.geo.tiles
    if tiles.archive is None:
        raise Refused(404, "No such archive", "the configuration names none under [map.pmtiles]")
    return FileResponse(tiles.archive, media_type="application/octet-stream", headers=_KEPT)


ROUTES = [
    Route("/", wall),
    Route("/wall/{name}", wall),
    Route("/wall/{name}/{screen}", wall),
    Route("/geo/districts.json", districts),
    Route("/geo/basemap.json", basemap),
    Route(ARCHIVE, archive),
    Mount("/static", assets),
]
