"""Pair a screen by code, after RFC 8628: the screen shows a short code, somebody who may enters it.

GET    /pair                        the page that shows the code
POST   /api/v1/pair                 a code for this screen; its device code goes into a cookie
POST   /api/v1/pair/poll            the screen asks whether it was approved, and gets its credential
GET    /api/v1/pairings/{code}      which screen shows this code, for who is about to approve it
DELETE /api/v1/pairings/{code}      refuse it
POST   /api/v1/screens {user_code, name, wall, districts}   approve it
"""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from wallboard import access, tokens
from wallboard.access import Person
from wallboard.errors import Refused
from wallboard.private import mask_numbers
from wallboard.store.pairing import Pairing
from wallboard.walls import DEFAULT_WALL
from wallboard.web import identity, qr, screens
from wallboard.web.body import form_of
from wallboard.web.cleaning import Unusable, cleaned
from wallboard.web.node import Node
from wallboard.web.templates import templates
from wallboard.web.tries import place_of

#: Letters that make no words and look like no others (RFC 8628, 6.1): 20^8 codes, 34.5 bits.
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
CODE_CHARS = 8

#: Long enough to walk to a telephone and ask, short enough that a forgotten code is none (s).
LIFE_S = 600

#: Between two polls (RFC 8628, 3.2), and how much longer for who asks sooner (3.5) (s).
INTERVAL_S = 5.0
SLOWER_S = 5.0

#: A poll is late by the net, never early by more than this (s).
SLACK_S = 0.5

#: Codes that one address may ask for in a minute: a control room's screens behind one router start together.
CODES_A_MINUTE = 30

#: Codes that one person may try in a minute: with 100 screens waiting, 10 a minute for 10 min find one of
#: them with a chance of 4 in 10 million.
TRIES_A_MINUTE = 10

#: A code that was entered so often without success is dead: the screen shows another one.
TRIES_A_CODE = 5

#: The engine answers within a commit; a take-over takes 5 s (s).
ANSWER_S = 8.0
LOOK_S = 0.05

_COOKIE = "wallboard-pair"

#: What a screen says that it is, as much as a person reads.
MAX_AGENT = 200


class _Approval(msgspec.Struct):
    user_code: str
    name: str
    wall: str = DEFAULT_WALL
    #: on that wall; "": any
    slot: str = ""
    districts: list[str] = []


async def page(request: Request) -> Response:
    """The page that shows the code; a screen that is paired goes to its wall."""
    node: Node = request.app.state.node
    screen = await node.screens.of(request)
    if screen is not None:
        return RedirectResponse(wall_path(screen.wall, screen.slot), 303, {"Cache-Control": "no-store"})
    return waiting_room(request)


def waiting_room(request: Request) -> Response:
    """The same, for a wall's address that was opened by nobody."""
    node: Node = request.app.state.node
    own = node.city.city
    boot = {"city": {"name": own.name, "languages": own.languages, "simulation": own.simulation}}
    return templates.TemplateResponse(
        request, "pair.html", {"boot": boot}, headers={"Cache-Control": "no-store"}
    )


async def begin(request: Request) -> Response:
    """A code for this screen (RFC 8628, 3.2); the device code is in a cookie that no script can read."""
    node: Node = request.app.state.node
    address = node.door.address(request)
    await _count(node, f"pair:{place_of(address)}", CODES_A_MINUTE)
    device = tokens.new_token("d")
    now = time.time()
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARS))
        agent = mask_numbers(request.headers.get("user-agent", "")[:MAX_AGENT])
        pairing = Pairing(code=code, address=address, agent=agent, at=now, interval=INTERVAL_S)
        if await node.screens.store.begin(tokens.digest(device), pairing, LIFE_S):
            break
    base = qr.base_of(node.door, request)
    response = _json(
        {
            "user_code": _spelt(code),
            "verification_uri": f"{base}/console",
            "verification_uri_complete": f"{base}{qr.pair_path(code)}",
            "qr": f"/qr.svg?path={qr.quoted(qr.pair_path(code))}",
            "expires_in": LIFE_S,
            "interval": INTERVAL_S,
        }
    )
    response.set_cookie(
        _COOKIE,
        device,
        max_age=LIFE_S,
        path="/api/v1/pair",
        secure=node.door.secure,
        httponly=True,
        samesite="strict",
    )
    return response


async def poll(request: Request) -> Response:
    """Whether it was approved: its credential, or one of the errors of RFC 8628, 3.5."""
    node: Node = request.app.state.node
    store = node.screens.store
    digest = tokens.digest(request.cookies.get(_COOKIE, ""))
    pairing = await store.waiting(digest)
    now = time.time()
    if pairing is None or (pairing.status == "pending" and now >= pairing.at + LIFE_S):
        return _error("expired_token")
    if pairing.status == "denied":
        return _error("access_denied")
    if pairing.status == "approved":
        wall = wall_path(pairing.wall, pairing.slot)
        response = _json({"screen": pairing.screen, "name": pairing.name, "wall": wall})
        # Asked again within its two minutes (the answer was lost), it gets another one instead.
        await node.screens.admit(
            pairing.screen, pairing.name, pairing.wall, pairing.districts, response, pairing.slot
        )
        return response
    early = pairing.polled and now - pairing.polled < pairing.interval - SLACK_S
    interval = pairing.interval + SLOWER_S if early else pairing.interval
    await store.change(digest, msgspec.structs.replace(pairing, polled=now, interval=interval))
    return _error("slow_down" if early else "authorization_pending")


async def look(request: Request) -> Response:
    """Which screen shows a code: where it asks from and since when (RFC 8628, 5.4)."""
    node: Node = request.app.state.node
    _, pairing = await _waiting(node, await _approver(request), request.path_params["code"])
    return _json({"user_code": _spelt(pairing.code), **_shown(pairing)})


async def deny(request: Request) -> Response:
    """Refuse a screen."""
    node: Node = request.app.state.node
    digest, pairing = await _waiting(node, await _approver(request), request.path_params["code"])
    await node.screens.store.settle(digest, msgspec.structs.replace(pairing, status="denied"))
    return Response(status_code=204)


async def approve(request: Request) -> Response:
    """Let a screen show a wall, and no more than that."""
    node: Node = request.app.state.node
    person = await _approver(request)
    form = await form_of(request, _Approval)
    digest, pairing = await _waiting(node, person, form.user_code)
    id = "".join(secrets.choice(ALPHABET.lower()) for _ in range(screens.ID_CHARS))
    # A name is free text: whoever writes a telephone number there has it masked, as everywhere.
    try:
        (name,) = cleaned({"name": form.name.strip()}).values()
    except Unusable as fault:
        raise Refused(400, "Not paired", f"bad_args: name: {fault}") from fault
    args: dict[str, Any] = {"id": id, "name": name, "wall": form.wall, "districts": form.districts}
    args |= {"slot": form.slot} if form.slot else {}
    # Where it stood when it asked is for whoever looks into the trail later.
    answer = await _answered(node, person, "screen.pair", {**args, "address": pairing.address})
    if answer["status"] != "done":
        raise Refused(400, "Not paired", str(answer.get("reason", "")))
    approved = msgspec.structs.replace(
        pairing,
        status="approved",
        screen=id,
        name=name,
        wall=form.wall,
        slot=form.slot,
        districts=tuple(form.districts),
    )
    await node.screens.store.settle(digest, approved)
    return _json({"id": id, "name": approved.name, "wall": form.wall, **_shown(pairing)}, 201)


def wall_path(wall: str, slot: str) -> str:
    """Where a paired screen belongs."""
    return f"/wall/{wall}/{slot}" if slot else f"/wall/{wall}"


async def _approver(request: Request) -> Person:
    """Who asks, if they may pair screens; raises Refused (401, 403)."""
    person = (await identity.who(request)).person
    if person is None:
        raise identity.log_in_first()
    if not access.may_do(person, "screen.pair"):
        raise Refused(403, "Not yours", f"the role {person.role} has no right to this")
    return person


async def _waiting(node: Node, person: Person, told: str) -> tuple[str, Pairing]:
    """(hash of the device code, screen) of a code; raises Refused (404, 429)."""
    store = node.screens.store
    await _count(node, f"pair:p:{person.id}", TRIES_A_MINUTE)
    code = "".join(letter for letter in told.upper() if letter in ALPHABET)
    digest = await store.digest_of(code) if len(code) == CODE_CHARS else ""
    pairing = await store.waiting(digest) if digest else None
    if pairing is None:
        raise Refused(404, "No such code", "no screen shows this code now; codes last 10 minutes")
    key = node.store.keys.tries(f"code:{code}")
    ((tries, _),) = await node.sessions.store.count([key], LIFE_S)
    # Looking before approving is one of two for each try.
    if tries > 2 * TRIES_A_CODE:
        await store.settle(digest, msgspec.structs.replace(pairing, status="denied"))
        raise Refused(404, "No such code", "this code was tried too often; the screen shows another one")
    return digest, pairing


async def _answered(node: Node, person: Person, action: str, args: dict[str, Any]) -> dict[str, Any]:
    """Ask the engine, and wait for its answer; raises Refused (503) where none comes."""
    command_id = secrets.token_hex(8)
    await node.desk.put(person.id, action, args, command_id, "console")
    deadline = time.monotonic() + ANSWER_S
    while time.monotonic() < deadline:
        raw = await node.store.result(person.id, command_id)
        if raw is not None:
            answer: dict[str, Any] = msgspec.json.decode(raw)
            return answer
        await asyncio.sleep(LOOK_S)
    raise Refused(503, "No answer", "the engine does not answer: try again")


async def _count(node: Node, what: str, most: int) -> None:
    ((tries, left),) = await node.sessions.store.count([node.store.keys.tries(what)], 60)
    if tries > most:
        raise Refused(429, "Too many tries", f"try again in {left} s", {"Retry-After": str(left)})


def _shown(pairing: Pairing) -> dict[str, Any]:
    return {"address": pairing.address, "agent": pairing.agent, "at": pairing.at}


def _spelt(code: str) -> str:
    """As people read it aloud."""
    return f"{code[:4]}-{code[4:]}"


def _error(name: str) -> Response:
    return _json({"error": name}, 400)


def _json(value: Any, status: int = 200) -> Response:
    body = msgspec.json.encode(value)
    return Response(body, status, {"Cache-Control": "no-store"}, media_type="application/json")


ROUTES = [
    Route("/pair", page),
    Route("/api/v1/pair", begin, methods=["POST"]),
    Route("/api/v1/pair/poll", poll, methods=["POST"]),
    Route("/api/v1/pairings/{code}", look),
    Route("/api/v1/pairings/{code}", deny, methods=["DELETE"]),
    Route("/api/v1/screens", approve, methods=["POST"]),
]
