"""`/qr.svg?path=…`: one of our own addresses as a code for a phone; nobody else's."""

from __future__ import annotations

import io
import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wallboard.errors import Refused
from wallboard.web.door import LOOPBACK_NAMES, Door, name_of
from wallboard.web.node import Node

#: What a code may lead to: an alert, and the pairing of a screen.
_PATH = re.compile(r"/a/[A-Za-z0-9]{1,16}|/(?:console|admin)\?pair=[B-Z]{8}")

#: What a server listens on is not always where it is found: these are no addresses to go to.
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104

#: White around the code (ISO/IEC 18004 asks for 4 modules), and the size of one in the picture's own units.
QUIET_MODULES = 4


def base_of(door: Door, request: Request) -> str:
    """Where a phone reaches this server: by the request's host; from the machine itself by the public one."""
    scheme = "https" if door.secure else "http"
    host = request.headers.get("host", "")
    public = sorted(door.names - LOOPBACK_NAMES - _EVERYWHERE)
    if public and (name_of(host) or "") in (*LOOPBACK_NAMES, "127.0.0.1", "::1"):
        port = host.rpartition(":")[2]
        host = f"{public[0]}:{port}" if port.isdigit() and not door.behind_proxy else public[0]
    return f"{scheme}://{host}"


def pair_path(code: str) -> str:
    """The address that pairs the screen with this code."""
    return f"/console?pair={code}"


def quoted(path: str) -> str:
    """For the query of /qr.svg."""
    return quote(path, safe="/")


async def picture(request: Request) -> Response:
    """The code as an SVG, black on white whatever the page looks like: phones read nothing else well."""
    path = request.query_params.get("path", "")
    if not _PATH.fullmatch(path):
        raise Refused(404, "No such code", "a code leads to /a/CODE or /console?pair=CODE")
    node: Node = request.app.state.node
    # Only here: a node that shows no codes does without it.
    import segno

    made = segno.make_qr(f"{base_of(node.door, request)}{path}", error="m")
    out = io.BytesIO()
    made.save(out, kind="svg", border=QUIET_MODULES, dark="#000", light="#fff", omitsize=True, svgns=True)
    return Response(out.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


ROUTES = [Route("/qr.svg", picture)]
