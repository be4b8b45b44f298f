"""`/console` and `/admin`: the page of who works here, with who one is, what one may, and the city's lists.

What the page hides, the engine and the sockets refuse all the same: `may` only saves a person from buttons
that would do nothing.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from wallboard.access import MAY, PERSON_ROLES, Person, may_do
from wallboard.city import CityConfig
from wallboard.status import levels_of
from wallboard.walls import layouts_of, walls_of
from wallboard.web import identity, work
from wallboard.web.assets import STATIC
from wallboard.web.geo import Geo
from wallboard.web.node import Node
from wallboard.web.templates import templates

#: A page of a person is nobody else's, and is asked for anew when they come back to the machine.
HEADERS = {"Cache-Control": "no-store"}


async def console(request: Request) -> Response:
    """The console; whoever is nobody logs in first, the administrator has a page of their own."""
    person = (await identity.who(request)).person
    if person is None:
        return log_in(request)
    if person.role == "admin":
        # `?pair=CODE` of a screen goes along.
        return RedirectResponse(f"/admin?{request.url.query}".rstrip("?"), 303, HEADERS)
    await identity.require(request, "console")
    return _page(request, "console.html", person)


async def admin(request: Request) -> Response:
    """People, screens and the alarm load."""
    if (await identity.who(request)).person is None:
        return log_in(request)
    return _page(request, "admin.html", await identity.require(request, "admin"))


def log_in(request: Request) -> Response:
    """To the log-in page, which leads back to here."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(here, safe='')}", 303, HEADERS)


def _page(request: Request, template: str, person: Person) -> Response:
    node: Node = request.app.state.node
    geo: Geo = request.app.state.geo
    styles = ["tokens.css", "console.css"]
    styles += sorted(f"console/{path.name}" for path in (STATIC / "css" / "console").glob("*.css"))
    boot = {
        **_city(node.city, request.query_params.get("lang", "")),
        **work.boot(node.city, geo),
        "person": {
            "id": person.id,
            "name": person.name,
            "role": person.role,
            "agency": person.agency,
            "districts": person.districts,
        },
        "may": sorted(action for action in MAY if may_do(person, action)),
        "pair": request.query_params.get("pair", ""),
        "geo": geo.url("districts"),
        "map_level": geo.map_level,
        "socket": "/ws",
        "edition": node.edition.name,
    }
    return templates.TemplateResponse(request, template, {"boot": boot, "styles": styles}, headers=HEADERS)


def _city(city: CityConfig, asked: str) -> dict[str, Any]:
    """The city's own lists; mappings are sorted by their codes on their way into the page."""
    own = city.city
    return {
        "city": {
            "name": own.name,
            "key": own.key,
            "time_zone": own.time_zone,
            "languages": own.languages,
            "simulation": own.simulation,
        },
        "language": asked if asked in own.languages else own.languages[0],
        # Pairs: a mapping would be sorted on its way into the page, and the usual wall stands first.
        "walls": [(name, wall.title or name) for name, wall in walls_of(city).items()],
        "screens": {name: sorted(wall.screens) for name, wall in walls_of(city).items() if wall.screens},
        "layouts": list(layouts_of(city)),
        "status": msgspec.to_builtins(levels_of(city)),
        "roles": list(PERSON_ROLES),
        "agencies": {agency.code: agency.name for agency in city.agency},
        "categories": {category.code: category.name for category in city.category},
        "category_agency": {category.code: category.agency for category in city.category},
        "channels": {channel.code: channel.name for channel in city.channel},
        "lines": {line.code: line.name for line in city.line},
        "questions": [
            {"code": question.code, "text": question.text, "points": question.points}
            for question in city.quality.question
        ],
        # Words with {name} and {value} in them, for what an alert that has ended was called.
        "rules": {rule.id: rule.text for rule in city.rule},
        "groups": {group.code: group.name for group in city.group},
        "shifts": [
            {"name": shift.name, "begins": shift.begins, "ends": shift.ends, "days": shift.days}
            for shift in city.shift
        ],
        "roster": {
            group.code: {
                "always": group.people,
                "shifts": {shift.name: shift.duty.get(group.code, []) for shift in city.shift},
            }
            for group in city.group
        },
        "alarms": {
            "shelve_most": city.alarms.shelve_most,
            "flood_above": city.alarms.flood_above,
            "flood_below": city.alarms.flood_below,
            "chatter": city.alarms.chatter,
            "stale": city.alarms.stale,
        },
    }


ROUTES = [Route("/console", console), Route("/admin", admin)]
