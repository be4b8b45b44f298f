"""The table of an incident's life for the pages, and what else they need to work on incidents and calls."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wallboard.city import CityConfig
from wallboard.life import STATUSES, TRANSITIONS
from wallboard.web.geo import Geo
from wallboard.web.identity import viewer_for

#: Names that a page suggests while one types: 2,000 are 60 KB, and the engine knows the rest as well.
MOST_PLACES = 2_000


def transitions() -> list[dict[str, Any]]:
    """The table of an incident's life, as the engine itself reads it: [{to, was, roles, needs, action}]."""
    return [
        {
            "to": one.to,
            "was": [status for status in STATUSES if status in one.was],
            "roles": sorted(one.roles),
            "needs": list(one.needs),
            "action": one.action,
        }
        for one in TRANSITIONS
    ]


def boot(city: CityConfig, geo: Geo) -> dict[str, Any]:
    """What the pages of work need beside the city's own lists: names of places and queues, and the table."""
    return {
        "transitions": transitions(),
        "places": geo.places[:MOST_PLACES],
        "queues": city.calls.names,
    }


async def table(request: Request) -> Response:
    """GET /api/v1/incidents/transitions: the table, for who is not our page."""
    await viewer_for(request)
    body = msgspec.json.encode({"transitions": transitions()})
    return Response(body, headers={"Cache-Control": "no-store"}, media_type="application/json")


ROUTES = [Route("/api/v1/incidents/transitions", table)]
