"""What a person at the console wants to know around one incident: cameras, calls, warnings, alerts, twins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wallboard.access import Viewer, cut, may_see
from wallboard.errors import Refused
from wallboard.state import Replica
from wallboard.web.identity import viewer_for
from wallboard.web.nearby import Fact, IncidentFact, Nearby, decoded
from wallboard.web.node import Node

#: A camera further away shows nothing of it (m), and nobody opens more than these.
CAMERA_M = 1_500.0
MOST_CAMERAS = 8

#: Calls that came this long before or after it was opened may be about it (s). A call has no place of its
#: own: the exchange tells none, so time is all there is.
CALL_S = 15 * 60.0
MOST_CALLS = 20

#: Two reports of one category this near in place (m) and time (s) are likely the same thing.
TWIN_M = 300.0
TWIN_S = 2 * 3600.0
MOST_TWINS = 10

#: What is told of an id that is none.
MOST_ID_CHARS = 200

MOST_HAZARDS = 10
MOST_ALERTS = 10

#: What names another incident (see _named).
_NAMED = ("source", "ours", "place", "channel")

Row = dict[str, Any]


def story_of(nearby: Nearby, replica: Replica, viewer: Viewer, id: str) -> dict[str, Any] | None:
    """All that is told around an incident; None where this viewer has no such one.

    {cameras: [{id, name, m, state}], calls, hazards, alerts, twins: [{id, title, m, opened_at}], linked};
    distances in metres, times in s since 1970.
    """
    nearby.follow(replica)
    fact = nearby.incidents.get(id)
    if fact is None or not may_see(viewer, "incident", fact.scope):
        return None
    tell = _Teller(replica, viewer)
    return {
        "id": id,
        "pos": replica.n,
        "cameras": _cameras(nearby, tell, fact),
        "calls": _calls(nearby, tell, fact),
        "hazards": _hazards(nearby, tell, fact),
        "alerts": _alerts(nearby, tell, fact),
        "twins": _twins(nearby, tell, fact),
        "linked": _linked(nearby, tell, fact),
    }


class _Teller:
    """Entities as one viewer may see them."""

    def __init__(self, replica: Replica, viewer: Viewer) -> None:
        self._replica = replica
        self._viewer = viewer

    def sees(self, kind: str, fact: Fact) -> bool:
        """Whether this viewer may see it at all."""
        return may_see(self._viewer, kind, fact.scope)

    def entity(self, kind: str, id: str) -> Row:
        """An entity without the fields that this viewer may not see."""
        entry = self._replica.get(kind, id)
        return {} if entry is None or entry.raw is None else decoded(cut(self._viewer, kind, entry.raw))

    def rows(self, kind: str, facts: Iterable[Fact], names: tuple[str, ...], most: int) -> list[Row]:
        """The first of those that are seen, each with these fields where it has them."""
        found: list[Row] = []
        for fact in facts:
            if len(found) == most:
                break
            if self.sees(kind, fact):
                entity = self.entity(kind, fact.id)
                found.append({"id": fact.id} | {name: entity[name] for name in names if name in entity})
        return found


def _cameras(nearby: Nearby, tell: _Teller, fact: Fact) -> list[Row]:
    near = nearby.cameras_within(fact, CAMERA_M)
    rows = tell.rows("camera", (of for _, of in near), ("name", "state", "since", "streams"), MOST_CAMERAS)
    return _with_metres(rows, near)


def _calls(nearby: Nearby, tell: _Teller, fact: IncidentFact) -> list[Row]:
    """Live and just ended calls, and marked ones that are kept longer, nearest in time first."""
    names = ("queue", "agent", "state", "joined_at", "answered_at", "ended_at", "mark", "caller", "pranks")
    told: dict[str, Row] = {}
    for kind in ("call", "review"):
        close = [call for call in nearby.all(kind) if abs(call.joined_at - fact.opened_at) <= CALL_S]
        for row in tell.rows(kind, close, names, len(close)):
            told.setdefault(row["id"], row)
    nearest = sorted(told.values(), key=lambda row: (abs(row["joined_at"] - fact.opened_at), row["id"]))
    return nearest[:MOST_CALLS]


def _hazards(nearby: Nearby, tell: _Teller, fact: Fact) -> list[Row]:
    codes = fact.codes
    over = [
        hazard
        for hazard in nearby.all("hazard")
        if hazard.state != "ended" and any(cover.code in codes for cover in hazard.districts)
    ]
    names = ("type", "texts", "state", "level", "status", "onset", "expires")
    return tell.rows("hazard", over, names, MOST_HAZARDS)


def _alerts(nearby: Nearby, tell: _Teller, fact: Fact) -> list[Row]:
    """Those about the incident itself first, then those of its district; newest first."""
    own = f"incident:{fact.id}"
    codes = fact.codes
    about = [
        alert
        for alert in nearby.all("alert")
        if alert.state != "normal" and (alert.subject == own or alert.district in codes)
    ]
    about.sort(key=lambda alert: (alert.subject != own, -alert.at, alert.id))
    names = ("severity", "state", "texts", "since", "subject", "rule")
    return tell.rows("alert", about, names, MOST_ALERTS)


def _twins(nearby: Nearby, tell: _Teller, fact: IncidentFact) -> list[Row]:
    """What may be the same: same category, near in place and time, still open and not linked already."""
    if not fact.category:
        return []
    near = [pair for pair in nearby.incidents_within(fact, TWIN_M) if _may_be_twins(fact, pair[1])]
    rows = tell.rows("incident", (of for _, of in near), _NAMED, MOST_TWINS)
    return _with_metres([_named(row) for row in rows], near)


def _may_be_twins(fact: IncidentFact, other: IncidentFact) -> bool:
    return (
        other.id != fact.id
        and other.category == fact.category
        and other.over_at is None
        and abs(other.opened_at - fact.opened_at) <= TWIN_S
    )


def _linked(nearby: Nearby, tell: _Teller, fact: IncidentFact) -> list[Row]:
    """What it is a duplicate of, and what is a duplicate of it."""
    of = fact.ours.duplicate_of
    linked = [
        other for other in nearby.incidents.values() if other.id == of or other.ours.duplicate_of == fact.id
    ]
    rows = tell.rows("incident", linked, _NAMED, MOST_TWINS)
    return [_named(row) | {"original": row["id"] == of} for row in rows]


def _named(row: Row) -> Row:
    source, place = row.get("source", {}), row.get("place", {})
    return {
        "id": row["id"],
        "title": source.get("title", ""),
        "address": source.get("address", ""),
        "opened_at": source.get("opened_at"),
        "district_name": place.get("name"),
        "channel": row.get("channel", ""),
        "status": row.get("ours", {}).get("status", "received"),
    }


def _with_metres(rows: list[Row], near: Sequence[tuple[float, Fact]]) -> list[Row]:
    away = {fact.id: round(metres) for metres, fact in near}
    return [row | {"m": away[row["id"]]} for row in rows]


async def story(request: Request) -> Response:
    """GET /api/v1/incidents/{id}/story: what story_of says, for who asks."""
    return await _told(request, story_of)


async def _told(request: Request, teller: Callable[[Nearby, Replica, Viewer, str], Row | None]) -> Response:
    node: Node = request.app.state.node
    if not node.viewable():
        raise Refused(503, "Not ready", node.follower.reason)
    id = request.path_params["id"]
    viewer = await viewer_for(request)
    # One index a node: it is made when the first story is asked for.
    nearby: Nearby = request.app.state.__dict__.setdefault("nearby", Nearby())
    told = teller(nearby, node.hub.replica, viewer, id)
    if told is None:
        raise Refused(404, "No such incident", f"there is no incident {id[:MOST_ID_CHARS]!r}, or not for you")
    return Response(
        msgspec.json.encode(told), headers={"Cache-Control": "no-store"}, media_type="application/json"
    )


def cameras_of(nearby: Nearby, replica: Replica, viewer: Viewer, id: str) -> dict[str, Any] | None:
    """The cameras near an incident, nearest first, as story_of tells them; None where there is none."""
    nearby.follow(replica)
    fact = nearby.incidents.get(id)
    if fact is None or not may_see(viewer, "incident", fact.scope):
        return None
    return {"id": id, "cameras": _cameras(nearby, _Teller(replica, viewer), fact)}


async def cameras(request: Request) -> Response:
    """GET /api/v1/incidents/{id}/cameras: what cameras_of says, for a wall that looks at an incident."""
    return await _told(request, cameras_of)


ROUTES = [
    Route("/api/v1/incidents/{id:path}/story", story),
    Route("/api/v1/incidents/{id:path}/cameras", cameras),
]
