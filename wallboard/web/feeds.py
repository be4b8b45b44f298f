"""Feeds, for the admin's page.

GET  /api/v1/feeds               {now, feeds: [{name, type, every_s, enabled, pushed, told}]}; `told` by
                                 feeds/running/trace.py
GET  /api/v1/feeds/{name}/dead   {dead: [{id, at, reason, record}], next}, the newest first; ?before=NEXT
POST /api/v1/feeds/{name}/again  begin it anew: every source is asked, every record tried
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wallboard.errors import Refused
from wallboard.web.identity import require
from wallboard.web.node import Node

#: The type of feed that others push to: nothing can be asked of it again.
_PUSHED = "webhook"

#: Dead letters of no feed: notices that were never delivered, what the engine could not keep.
OTHERS = "-"

#: Its two numbers have 64 bits, and 19 digits always fit: Redis refuses what is larger.
_STREAM_ID = re.compile(r"\d{1,19}-\d{1,19}", re.ASCII)


async def listed(request: Request) -> Response:
    """All feeds of the configuration, with what each last did. How it is stands in the state."""
    await require(request, "dead")
    node: Node = request.app.state.node
    traces = await node.bench.traces()
    feeds = [
        {
            "name": feed.name,
            "type": feed.type,
            "every_s": feed.every,
            "enabled": feed.enabled,
            "pushed": feed.type == _PUSHED,
            "told": msgspec.Raw(traces.get(feed.name, b"null")),
        }
        for feed in node.city.feed
    ]
    return _json({"now": node.clock.now(), "feeds": feeds})


async def dead(request: Request) -> Response:
    """What of a feed could not be used, the newest first."""
    await require(request, "dead")
    node: Node = request.app.state.node
    name = _known(node, request, others=True)
    before = request.query_params.get("before", "")
    if before and not _STREAM_ID.fullmatch(before):
        raise Refused(400, "No such place", "before is the `next` of the page before")
    found, following = await node.bench.dead("" if name == OTHERS else name, before)
    return _json({"dead": found, "next": following})


async def again(request: Request) -> Response:
    """Begin a feed anew. It is in the audit trail before it is done."""
    by = await require(request, "dead")
    node: Node = request.app.state.node
    name = _known(node, request)
    feed = next(each for each in node.city.feed if each.name == name)
    if feed.type == _PUSHED:
        raise Refused(409, "Nothing to ask", "its sender pushes: the message has to be sent again from there")
    if not feed.enabled:
        raise Refused(409, "Not enabled", "the configuration says enabled = false")
    await node.desk.tell(by.id, "feed.again", id=name)
    await node.bench.again(name)
    return _json({"name": name}, 202)


def _known(node: Node, request: Request, *, others: bool = False) -> str:
    """The feed that the address names; raises Refused."""
    name = str(request.path_params["name"])
    if (others and name == OTHERS) or any(feed.name == name for feed in node.city.feed):
        return name
    raise Refused(404, "No such feed", "the configuration has none of this name")


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, {"Cache-Control": "no-store"}, "application/json")


ROUTES = [
    Route("/api/v1/feeds", listed),
    Route("/api/v1/feeds/{name}/dead", dead),
    Route("/api/v1/feeds/{name}/again", again, methods=["POST"]),
]
