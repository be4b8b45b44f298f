"""The list behind each number of the agency board."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wallboard.access import KINDS_OF, Viewer, may_see
from wallboard.entities import Agency, Incident
from wallboard.errors import Refused
from wallboard.state import Replica
from wallboard.stints import FIGURES, SPANS, STINT, Stint, behind, stint_of
from wallboard.web.identity import viewer_for
from wallboard.web.node import Node

#: Rows of one answer, the newest; `total` says how many there are. Nobody reads on beyond that.
MOST_ROWS = 500

_agencies = msgspec.json.Decoder(Agency)
_incidents = msgspec.json.Decoder(Incident)
_stints = msgspec.json.Decoder(Stint)


async def incidents(request: Request) -> Response:
    """{agency, span, figure, since, pos, total, rows}: the incidents that a figure counts, newest first.

    `total` equals the figure of the agency's entity at position `pos`; `rows` are those of them that the
    asker may see, at most 500. Times in s since 1970. Raises Refused (400, 401, 403, 404, 503).
    """
    node: Node = request.app.state.node
    code, viewer = request.path_params["code"], await viewer_for(request)
    span = _one_of(request, "span", tuple(SPANS), "today")
    figure = _one_of(request, "figure", FIGURES, "open")
    if "incident" not in KINDS_OF[viewer.role] or (viewer.role == "agency" and viewer.agency != code):
        raise Refused(403, "Not yours", "these are incidents of an agency that is not yours")
    if not node.viewable():
        raise Refused(503, "Not ready", node.follower.reason)
    replica = node.hub.replica
    entry = replica.get("agency", code)
    if entry is None or entry.raw is None:
        raise Refused(404, "No such agency", "the configuration has no agency of this code")
    agency, pos = _agencies.decode(entry.raw), replica.n
    present = _present(replica, code)
    # Read after the state: what leaves the state meanwhile is then in both, and `behind` takes each once.
    kept = [_stints.decode(raw) for raw in await node.store.memory(STINT, f"{code}|")]
    found = behind(agency, [*kept, *present], span, figure)  # type: ignore[arg-type]  # checked by _one_of
    rows = [stint for stint in found if _sees(viewer, stint)]
    return _json(
        {
            "agency": code,
            "span": span,
            "figure": figure,
            "since": agency.spans[span].since if span in agency.spans else None,
            "pos": pos,
            "total": len(found),
            "rows": [_row(stint) for stint in rows[:MOST_ROWS]],
        }
    )


def _present(replica: Replica, code: str) -> list[Stint]:
    """Stints of the incidents in the state; only what has this agency in its scope is decoded."""
    named = f"a:{code}"
    found = (
        stint_of(_incidents.decode(entry.raw))
        for _, entry in replica.of_kind("incident")
        if entry.raw is not None and named in entry.scope
    )
    return [stint for stint in found if stint is not None]


def _sees(viewer: Viewer, stint: Stint) -> bool:
    # What an agency had is its own past, though another has it now; where it lies decides as ever.
    own = (f"a:{viewer.agency}",) if viewer.role == "agency" else ()
    return may_see(viewer, "incident", (*stint.scope, *own))


def _row(stint: Stint) -> dict[str, Any]:
    return {
        "id": stint.incident,
        "title": stint.title,
        "category": stint.category,
        "district": stint.district,
        "received_at": stint.received_at,
        "accepted_at": stint.accepted_at,
        "resolved_at": stint.resolved_at,
        "returned_at": stint.returned_at,
        "late_at": stint.late_at,
        "open": stint.open,
        "overdue": stint.overdue,
        # Whether it is still this agency's, in the state, and can be opened.
        "present": not stint.kept_for,
    }


def _one_of(request: Request, name: str, allowed: tuple[str, ...], default: str) -> str:
    value = request.query_params.get(name, default)
    if value not in allowed:
        raise Refused(400, "No such " + name, f"{name} is one of {', '.join(allowed)}")
    return value


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), 200, {"Cache-Control": "no-store"}, "application/json")


ROUTES = [
    Route("/api/v1/agencies/{code}/incidents", incidents),
]
