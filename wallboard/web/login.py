"""Log in, log out, choose a password, and the ticket for a socket.

GET  /login, /first?code=               the page
POST /api/v1/login {name, password}     a session in a cookie; 401 without saying which was wrong; 429
POST /api/v1/logout                     ends it everywhere
GET  /api/v1/me                         who asks, and what they may
POST /api/v1/password {old, new}        another password; all other log-ins of the person end
POST /api/v1/first {code, password, id, name}   by a one-time link: the first admin, or somebody invited
POST /api/v1/ticket                     {ticket} for `subscribe`, valid 30 s, once
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wallboard import people
from wallboard.access import MAY, MAY_READ, Person, may_do
from wallboard.errors import Refused
from wallboard.store.identity import User
from wallboard.web.body import form_of
from wallboard.web.identity import HERE, Identity, log_in_first, who
from wallboard.web.links import Link
from wallboard.web.node import Node
from wallboard.web.passwords import weakness
from wallboard.web.templates import templates

#: HTTP's word for a link that was used, or is too old.
GONE = 410


class _Login(msgspec.Struct):
    name: str
    password: str


class _Password(msgspec.Struct):
    old: str
    new: str


class _First(msgspec.Struct):
    code: str
    password: str
    #: of the first admin, who has none yet
    id: str = ""
    name: str = ""


async def login_page(request: Request) -> Response:
    """Where people log in."""
    return _page(request)


async def first_page(request: Request) -> Response:
    """Where a one-time link leads; it is used up only with the password that is chosen there."""
    node: Node = request.app.state.node
    code = request.query_params.get("code", "")
    try:
        link = await _link(node, request, code)
    except Refused as fault:
        if fault.status != GONE:
            raise
        # Who stands before a link that is used up may only want to log in.
        return _page(request, status=GONE)
    return _page(request, first={"code": code, "id": link.person})


def _page(request: Request, first: dict[str, str] | None = None, status: int = 200) -> Response:
    node: Node = request.app.state.node
    own = node.city.city
    asked = request.query_params.get("lang", "")
    boot = {
        "city": {"name": own.name, "languages": own.languages, "simulation": own.simulation},
        "language": asked if asked in own.languages else own.languages[0],
        "first": first,
        "gone": status == GONE,
        # Their password is "demo-" and the name; nowhere but on a machine by itself.
        "demo": [
            {"id": person.id, "name": person.name, "role": person.role}
            for person in people.DEMO
            if own.simulation and node.door.alone
        ],
    }
    return templates.TemplateResponse(
        request, "login.html", {"boot": boot}, status, headers={"Cache-Control": "no-store"}
    )


async def login(request: Request) -> Response:
    """Prove who one is."""
    node: Node = request.app.state.node
    address = _address(node, request)
    form = await form_of(request, _Login)
    name = form.name.strip().lower()
    await node.tries.begin(name, address)
    user = await node.sessions.store.user(name) if people.NAME.fullmatch(name) else None
    right = await node.passwords.right(form.password, user.password if user else "")
    if user is None or not right or not node.sessions.admits(user):
        # What was typed as a name may be a password: only a name that is one is written down.
        known = {"name": name} if user else {}
        await node.desk.tell("", "session.failed", address=address, **known)
        raise Refused(401, "Not logged in", "name or password is wrong")
    await node.tries.good(name, address)
    response = await _begun(node, request, user)
    await node.desk.tell(name, "session.login", address=address)
    return response


async def logout(request: Request) -> Response:
    """End the log-in everywhere."""
    node: Node = request.app.state.node
    _, known = await node.sessions.found(request)
    response = Response(status_code=204)
    await node.sessions.end(request)
    node.sessions.forget(response)
    if known is not None:
        await node.desk.tell(known.user.person.id, "session.logout")
    return response


async def me(request: Request) -> Response:
    """Who asks, and what they may."""
    node: Node = request.app.state.node
    _, known = await node.sessions.found(request)
    if known is not None:
        return _json(_about(Identity(person=known.user.person), must_change=known.user.must_change))
    identity = await who(request)
    if identity.viewer is None:
        raise log_in_first()
    return _json(_about(identity))


async def password(request: Request) -> Response:
    """Choose another password; all log-ins of this person end, and this one begins anew."""
    node: Node = request.app.state.node
    address = _address(node, request)
    _, known = await node.sessions.found(request)
    if known is None:
        raise log_in_first()
    form = await form_of(request, _Password)
    person = known.user.person
    await node.tries.begin(person.id, address)
    if not await node.passwords.right(form.old, known.user.password):
        raise Refused(401, "Not changed", "the old password is wrong")
    await node.tries.good(person.id, address)
    if known.user.demo:
        raise Refused(403, "Not changed", "the demo's people keep their passwords")
    if form.new == form.old:
        raise Refused(422, "Not strong enough", "another one than before")
    _strong(form.new, node, person)
    hashed = await node.passwords.make(form.new)
    await node.sessions.store.change(
        people.proving(person.id, hashed, person.id, node.clock.now(), was=known.user.generation)
    )
    return await _begun_as(node, request, person.id)


async def first(request: Request) -> Response:
    """By a one-time link: become the first admin, or choose the first password. Logs in."""
    node: Node = request.app.state.node
    form = await form_of(request, _First)
    link = await _link(node, request, form.code)
    if link.person:
        user = await node.sessions.store.user(link.person)
        if user is None:
            raise Refused(410, "Link used or too old", "this person is not known any more")
        person = user.person
    else:
        id = form.id.strip().lower()
        person = people.checked(Person(id=id, name=form.name.strip(), role="admin"), (), None)
    _strong(form.password, node, person)
    hashed = await node.passwords.make(form.password)
    await node.links.use(form.code)
    now = node.clock.now()
    await node.sessions.store.change(
        people.proving(person.id, hashed, person.id, now, was=link.generation)
        if link.person
        else people.first_admin(person, hashed, now)
    )
    return await _begun_as(node, request, person.id)


async def ticket(request: Request) -> Response:
    """A ticket for one socket; "" for the machine's own screen, which needs none."""
    node: Node = request.app.state.node
    identity = await who(request)
    if identity.viewer is None:
        raise log_in_first()
    response = _json({"ticket": "" if identity == HERE else await node.sessions.ticket(identity)})
    if identity.person is None:
        await node.screens.renew(request, response)
    return response


async def _link(node: Node, request: Request, code: str) -> Link:
    """What a one-time link is for; codes that are none count as tries."""
    address = _address(node, request)
    try:
        return await node.links.look(code)
    except Refused:
        await node.tries.address(address)
        raise


async def _begun_as(node: Node, request: Request, id: str) -> Response:
    user = await node.sessions.store.user(id)
    if user is None or not node.sessions.admits(user):
        raise log_in_first()
    return await _begun(node, request, user)


async def _begun(node: Node, request: Request, user: User) -> Response:
    """Who one is now, with a new session; one from before is not taken over."""
    response = _json(_about(Identity(person=user.person), must_change=user.must_change))
    await node.sessions.end(request)
    await node.sessions.begin(user, response)
    return response


def _address(node: Node, request: Request) -> str:
    if node.door.plain(request):
        raise Refused(403, "Not by http", "open this page by https: a password would be readable on its way")
    return node.door.address(request)


def _strong(password: str, node: Node, person: Person) -> None:
    """Raise Refused (422) for a password that is none."""
    if why := weakness(password, person.id, *person.name.split(), *node.city.city.name.split()):
        raise Refused(422, "Not strong enough", why)


def _about(identity: Identity, *, must_change: bool = False) -> dict[str, Any]:
    person = identity.person
    if person is None:
        return {"person": None, "may": [], "reads": [], "must_change": False}
    return {
        "person": msgspec.to_builtins(person),
        "may": [action for action in MAY if may_do(person, action)],
        "reads": [right for right, roles in MAY_READ.items() if person.role in roles],
        "must_change": must_change,
    }


def _json(value: Any) -> Response:
    return Response(
        msgspec.json.encode(value), headers={"Cache-Control": "no-store"}, media_type="application/json"
    )


ROUTES = [
    Route("/login", login_page),
    Route("/first", first_page),
    Route("/api/v1/login", login, methods=["POST"]),
    Route("/api/v1/logout", logout, methods=["POST"]),
    Route("/api/v1/me", me),
    Route("/api/v1/password", password, methods=["POST"]),
    Route("/api/v1/first", first, methods=["POST"]),
    Route("/api/v1/ticket", ticket, methods=["POST"]),
]
