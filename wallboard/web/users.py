"""People, for the admin's page.

GET    /api/v1/users             {users: [Person with `invited` and `demo`]}
POST   /api/v1/users             a Person: makes them known, or changes what they may; a new one gets a link
POST   /api/v1/users/{id}/link   a one-time link to choose a password; all their log-ins end
DELETE /api/v1/users/{id}        they may not log in any more, from now on
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wallboard import people
from wallboard.access import Person
from wallboard.web.body import form_of
from wallboard.web.identity import require
from wallboard.web.links import address_of
from wallboard.web.node import Node


async def listed(request: Request) -> Response:
    """All people."""
    node: Node = request.app.state.node
    await require(request, "users")
    users = await node.sessions.store.users()
    return _json(
        {
            "users": [
                {**msgspec.to_builtins(user.person), "invited": not user.password, "demo": user.demo}
                for _, user in sorted(users.items())
            ]
        }
    )


async def put(request: Request) -> Response:
    """Make somebody known, or change what they may."""
    node: Node = request.app.state.node
    by = await require(request, "users")
    form = await form_of(request, Person)
    districts = {id for id, _ in node.hub.replica.of_kind("district")}
    person = people.checked(form, [agency.code for agency in node.city.agency], districts)
    new = await node.sessions.store.user(person.id) is None
    await node.sessions.store.change(people.setting(person, by.id, node.clock.now()))
    link = await _link(node, request, person.id) if new else ""
    return _json({"person": msgspec.to_builtins(person), "link": link}, 201 if new else 200)


async def link(request: Request) -> Response:
    """A one-time link for somebody who has no password, or has lost it."""
    node: Node = request.app.state.node
    by = await require(request, "users")
    id = request.path_params["id"]
    await node.sessions.store.change(people.proving(id, "", by.id, node.clock.now()))
    return _json({"link": await _link(node, request, id)})


async def remove(request: Request) -> Response:
    """Somebody may not log in any more."""
    node: Node = request.app.state.node
    by = await require(request, "users")
    await node.sessions.store.change(people.removing(request.path_params["id"], by.id, node.clock.now()))
    return Response(status_code=204)


async def _link(node: Node, request: Request, id: str) -> str:
    scheme = "https" if node.door.secure else "http"
    return address_of(f"{scheme}://{request.headers['host']}", await node.links.new(id))


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, {"Cache-Control": "no-store"}, "application/json")


ROUTES = [
    Route("/api/v1/users", listed),
    Route("/api/v1/users", put, methods=["POST"]),
    Route("/api/v1/users/{id}/link", link, methods=["POST"]),
    Route("/api/v1/users/{id}", remove, methods=["DELETE"]),
]
