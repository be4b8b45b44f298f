"""`/leader`: the city on one page for who leads it, on a phone, a tablet, a desk and on paper."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wallboard.access import MAY, may_do
from wallboard.status import levels_of
from wallboard.web import identity
from wallboard.web.assets import STATIC
from wallboard.web.console import HEADERS, log_in
from wallboard.web.geo import Geo
from wallboard.web.node import Node
from wallboard.web.templates import templates


async def leader(request: Request) -> Response:
    """The page; whoever is nobody logs in first, but for the machine's own screen, as on a wall."""
    asker = await identity.who(request)
    if asker.person is None and asker != identity.HERE:
        return log_in(request)
    person = None if asker == identity.HERE else await identity.require(request, "leader")
    node: Node = request.app.state.node
    geo: Geo = request.app.state.geo
    city, own = node.city, node.city.city
    asked = request.query_params.get("lang", "")
    boot: dict[str, Any] = {
        "city": {
            "name": own.name,
            "key": own.key,
            "time_zone": own.time_zone,
            "languages": own.languages,
            "simulation": own.simulation,
        },
        "language": asked if asked in own.languages else own.languages[0],
        "person": None if person is None else {"id": person.id, "name": person.name, "role": person.role},
        "may": [] if person is None else sorted(action for action in MAY if may_do(person, action)),
        "status": msgspec.to_builtins(levels_of(city)),
        "agencies": {agency.code: agency.name for agency in city.agency},
        "categories": {category.code: category.name for category in city.category},
        "geo": geo.url("districts"),
        "map_level": geo.map_level,
        "socket": "/ws",
        "edition": node.edition.name,
    }
    styles = ["tokens.css", "leader.css"]
    styles += sorted(f"leader/{path.name}" for path in (STATIC / "css" / "leader").glob("*.css"))
    return templates.TemplateResponse(
        request, "leader.html", {"boot": boot, "styles": styles}, headers=HEADERS
    )


ROUTES = [Route("/leader", leader)]
