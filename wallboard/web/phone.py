"""`/a/CODE`: an alert on the phone of who scanned its code from the wall. They acknowledge as themselves."""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from wallboard.access import MAY, may_do
from wallboard.errors import Refused
from wallboard.web import identity
from wallboard.web.node import Node
from wallboard.web.templates import templates

#: As the engine makes them (engine/alerts/code.py), and as people type them.
_CODE = re.compile(r"[A-Za-z0-9]{1,16}")


async def alert(request: Request) -> Response:
    """The page of one alert; whoever is nobody logs in first, and comes back to it."""
    node: Node = request.app.state.node
    code = request.path_params["code"]
    if not _CODE.fullmatch(code):
        raise Refused(404, "No such alert", "a code has letters and digits alone")
    person = (await identity.who(request)).person
    if person is None:
        return RedirectResponse(
            f"/login?next={quote(f'/a/{code}', safe='')}", 303, {"Cache-Control": "no-store"}
        )
    own = node.city.city
    asked = request.query_params.get("lang", "")
    # Whether there is such an alert, and whether this person may see it, the socket says: to who may not, an
    # alert looks like one that does not exist.
    boot = {
        "city": {
            "name": own.name,
            "languages": own.languages,
            "simulation": own.simulation,
            "time_zone": own.time_zone,
        },
        "code": code.upper(),
        "language": asked if asked in own.languages else own.languages[0],
        "person": {"id": person.id, "name": person.name, "role": person.role},
        "may": sorted(action for action in MAY if may_do(person, action)),
        "socket": "/ws",
    }
    return templates.TemplateResponse(
        request, "alert.html", {"boot": boot}, headers={"Cache-Control": "no-store"}
    )


ROUTES = [Route("/a/{code}", alert)]
