"""Read the state, push events in, and ask whether this node is well."""

from __future__ import annotations

from typing import Any

import msgspec
from prometheus_client import generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wallboard.access import cut, may_see
from wallboard.entities import KINDS
from wallboard.errors import Refused
from wallboard.events import FeedHealth
from wallboard.web import metrics
from wallboard.web.body import body_of
from wallboard.web.identity import require, viewer_for, who
from wallboard.web.node import REPORT_TTL_S, Node

#: A webhook's body; 1,000 reports of 1 KB.
MAX_BODY_BYTES = 1024 * 1024

#: A message's id is remembered longer than its time stamp is accepted (±5 min), with room (s).
REMEMBER_S = 24 * 3600


async def state(request: Request) -> Response:
    """All entities of one kind, as {id: entity}, with the position that they are as of."""
    node: Node = request.app.state.node
    kind = request.path_params["kind"]
    if kind not in KINDS:
        raise Refused(404, "No such kind", f"{kind!r} is not one of {', '.join(KINDS)}")
    viewer = await viewer_for(request)
    _require_state(node)
    found = {
        id: msgspec.Raw(cut(viewer, kind, entry.raw or b"{}"))
        for id, entry in node.hub.replica.of_kind(kind)
        if may_see(viewer, kind, entry.scope)
    }
    replica = node.hub.replica
    return _json({"epoch": replica.epoch, "pos": replica.n, "at": replica.at, kind: found})


async def incidents_geojson(request: Request) -> Response:
    """Open incidents with a place as a GeoJSON FeatureCollection."""
    node: Node = request.app.state.node
    viewer = await viewer_for(request)
    _require_state(node)
    features = []
    for id, entry in node.hub.replica.of_kind("incident"):
        if not may_see(viewer, "incident", entry.scope):
            continue
        entity: dict[str, Any] = msgspec.json.decode(entry.raw or b"{}")
        place, source = entity.get("place", {}), entity.get("source", {})
        if entity.get("over_at") is not None:
            continue
        has_point = place.get("lon") is not None and place.get("lat") is not None
        features.append(
            {
                "type": "Feature",
                "id": id,
                "geometry": {"type": "Point", "coordinates": [place["lon"], place["lat"]]}
                if has_point
                else None,
                "properties": {
                    "title": source.get("title", ""),
                    "category": entity.get("category", ""),
                    "channel": entity.get("channel", ""),
                    "severity": entity.get("severity"),
                    "opened_at": source.get("opened_at"),
                    "district": place.get("district"),
                    "district_name": place.get("name"),
                    "confidence": place.get("confidence"),
                },
            }
        )
    return _json({"type": "FeatureCollection", "features": features}, "application/geo+json")


async def ingest(request: Request) -> Response:
    """A signed webhook: 202 once its events are on disk; the same id again changes nothing."""
    node: Node = request.app.state.node
    body = await body_of(request, MAX_BODY_BYTES)
    feed = request.path_params["feed"]
    now = node.clock.now()
    id, parsed = node.ingest(feed, request.headers, body, now)
    # Dead letters first: a crash in between may keep one twice, and loses none.
    await node.outlet.bury(feed, parsed.faults, now)
    fresh = await node.outlet.put_once(feed, id, REMEMBER_S, parsed.events)
    if fresh:
        metrics.INGESTED.labels(feed).inc(len(parsed.events))
        # A push feed has no period of its own; its word is that something came.
        health = FeedHealth(
            feed=feed,
            source_id=feed,
            received_at=now,
            state="ok",
            kind="webhook",
            last_good_at=now,
            faults=len(parsed.faults),
        )
        await node.outlet.put([health])
    return _json(
        {
            "accepted": len(parsed.events),
            "faults": [f"{f.where}: {f.why}" for f in parsed.faults],
            "repeated": not fresh,
        },
        status=202,
    )


async def healthz(request: Request) -> Response:
    """The process answers."""
    return Response("ok\n", media_type="text/plain")


async def readyz(request: Request) -> Response:
    """Redis answers, the engine commits, and how each feed does."""
    node: Node = request.app.state.node
    replica = node.hub.replica
    age = max(0.0, node.clock.now() - replica.at)
    # The engine commits each second; five missed beats are what a board calls "no data".
    ready = node.follower.ready and age < 5.0
    status = 200 if ready else 503
    if not node.door.local(request) and (await who(request)).viewer is None:
        return _json({"ready": ready}, status=status)  # what a load balancer needs, and no more
    feeds = {
        id: msgspec.json.decode(entry.raw or b"{}").get("state") for id, entry in replica.of_kind("feed")
    }
    return _json(
        {
            "ready": ready,
            "reason": ""
            if ready
            else node.follower.reason
            if not node.follower.ready
            else "the engine is silent",
            "epoch": replica.epoch,
            "pos": replica.n,
            "age_s": round(age, 3),
            "feeds": feeds,
        },
        status=status,
    )


async def prometheus(request: Request) -> Response:
    """Figures of this node."""
    node: Node = request.app.state.node
    if not node.door.local(request):
        await require(request, "metrics")
    replica = node.hub.replica
    metrics.BOARDS.set(sum(1 for _ in node.hub.boards))
    metrics.POSITION.set(replica.n)
    metrics.AGE.set(max(0.0, node.clock.now() - replica.at))
    metrics.READY.set(node.follower.ready)
    metrics.FLUSH.set(node.hub.last_flush_s)
    return Response(generate_latest(metrics.REGISTRY), media_type="text/plain; version=0.0.4")


async def boards(request: Request) -> Response:
    """What every board of every node last told of its glass."""
    await require(request, "boards")
    node: Node = request.app.state.node
    now = node.clock.now()
    found = [msgspec.Raw(raw) for raw in await node.store.boards(now, REPORT_TTL_S)]
    return _json({"now": now, "edition": node.edition.name, "boards": found})


def _require_state(node: Node) -> None:
    if not node.viewable():
        raise Refused(503, "Not ready", node.follower.reason)


def _json(value: Any, media_type: str = "application/json", status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, {"Cache-Control": "no-store"}, media_type)


ROUTES = [
    Route("/api/v1/state/{kind}", state),
    Route("/api/v1/incidents.geojson", incidents_geojson),
    Route("/api/v1/ingest/{feed}", ingest, methods=["POST"]),
    Route("/api/v1/boards", boards),
    Route("/healthz", healthz),
    Route("/readyz", readyz),
    Route("/metrics", prometheus),
]
