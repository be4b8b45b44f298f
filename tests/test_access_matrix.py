"""Who may see and do what: every kind, command and route × every role × where a thing lies, written out.

A kind, command or route that is not in these tables fails the tests: whoever adds one says here whose it is.
Letters: N nobody, S paired screen, O operator, A agency, V supervisor, L leader, Q quality, H help desk,
D administrator.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.routing import Mount, Route, WebSocketRoute

from tests.cities import ENV, incident, push, write_city
from tests.people import ask, command
from tests.running import Server, server, until
from tests.screens import Browser
from tests.staff import PASSWORD, enrol
from tests.worlds import small_city, small_world
from wallboard import access
from wallboard.access import Person, Role, Viewer
from wallboard.app import create_app
from wallboard.clock import Clock
from wallboard.engine import reduce
from wallboard.engine.world import World
from wallboard.entities import (
    KINDS,
    Alert,
    Entity,
    Feed,
    Incident,
    IncidentOurs,
    IncidentSource,
    Review,
    Screen,
    Sent,
    Wall,
)
from wallboard.place import Place
from wallboard.web.door import Door
from wallboard.web.geo import Geo

LETTERS: dict[Role, str] = {
    "screen": "S",
    "operator": "O",
    "agency": "A",
    "supervisor": "V",
    "leader": "L",
    "quality": "Q",
    "helpdesk": "H",
    "admin": "D",
}
ROLES_OF = {letter: role for role, letter in LETTERS.items()}
EVERYBODY = "NSOAVLQHD"
PEOPLE = "OAVLQHD"

#: kind → who may see it at all
KINDS_SEEN = {
    "incident": "SOAVLQH",
    "call": "SOVLQH",
    "queue": "SOVLQH",
    "agent": "SOVLQH",
    "camera": "SOAVLQH",
    "hazard": "SOAVLQH",
    "gauge": "SOAVLQH",
    "price": "SOVLQH",
    "landvalue": "SOVLQH",
    "metric": "SOAVLQH",
    "series": "SOAVLQH",
    "alert": "SOAVLQH",
    "load": "SOVLQHD",
    "news": "SOVLQH",
    "review": "OVQ",
    "person": "OVQH" + "D",
    "screen": "VHD",
    "district": "SOAVLQHD",
    "agency": "SOAVLQHD",
    "feed": "SOAVLQHD",
    "wall": "SOAVLQHD",
    "city": "SOAVLQHD",
}

#: field of a caller or of a remark → who is shown it
FIELDS_SEEN = {
    ("call", "caller"): "OVQ",
    ("call", "pranks"): "OVQ",
    ("call", "repeated"): "OVQ",
    ("review", "remark"): "OVQ",
}

#: where a thing lies → (its scope; whether these see it: somebody without a limit, somebody of the district
#: 99.01.01, an agency without a limit, an agency of that district, and the last two for hazards, cameras and
#: gauges, which every agency sees where it works)
OWN, OTHER = "d:99.01.01", "d:99.01.02"
PLACES: dict[str, tuple[tuple[str, ...], str]] = {
    "public": (("public",), "y y y y y y"),
    "city": (("city",), "y y n n y y"),
    "own district": ((OWN,), "y y n n y y"),
    "other district": ((OTHER,), "y n n n y n"),
    "both districts": ((OWN, OTHER), "y y n n y y"),
    "own agency": ((OWN, "a:DPU"), "y y y y y y"),
    "other agency": ((OWN, "a:DLH"), "y y n n y y"),
    "own agency elsewhere": ((OTHER, "a:DPU"), "y n y n y n"),
    "own agency nowhere": (("a:DPU",), "y n y y y y"),
    "no district": ((), "y n n n y n"),
}
WHERE_IT_WORKS = ("hazard", "camera", "gauge")

#: What nobody may ask for who is limited to districts.
WHOLE_CITY = {"city.status"}

#: action → (who may ask for it, whether the program itself may)
COMMANDS: dict[str, tuple[str, bool]] = {
    "incident.new": ("OAV", False),
    "incident.note": ("OAV", False),
    "incident.status": ("OAV", False),
    "incident.edit": ("OAV", False),
    "incident.assign": ("V", False),
    "incident.refer": ("V", False),
    "call.mark": ("OV", False),
    "call.choose": ("VQ", False),
    "call.review": ("VQ", False),
    "alert.ack": ("V", False),
    "alert.confirm": ("V", False),
    "alert.shelve": ("V", False),
    "alert.unshelve": ("V", False),
    "alert.out_of_service": ("V", False),
    "alert.in_service": ("V", False),
    "alert.assign": ("V", False),
    "alert.handover": ("V", False),
    "alert.note": ("OV", False),
    "duty.set": ("V", False),
    "city.status": ("VL", False),
    "wall.drive": ("VLH", False),
    "screen.pair": ("HD", False),
    "screen.name": ("HD", True),
    "screen.revoke": ("HD", True),
    "screen.doubled": ("", True),
    "feed.again": ("D", False),
    "user.set": ("D", True),
    "user.remove": ("D", True),
    "user.password": ("D", True),
    "session.login": (PEOPLE, False),
    "session.logout": (PEOPLE, False),
    "session.password": (PEOPLE, False),
    "session.failed": ("", True),
    "notify.undelivered": ("", True),
}

#: right of HTTP → who has it
READS = {
    "replay": "VLQA",
    "console": PEOPLE,
    "leader": "VL",
    "admin": "HD",
    "metrics": "HD",
    "boards": "HD",
    "users": "D",
    "dead": "D",
    "audit": "D",
}

#: "METHOD path" → who gets in. A page that shows something else to others counts as closed to them.
ROUTES: dict[str, str] = {
    "GET /": "SOAVLQHD",
    "GET /wall/{name}": "SOAVLQHD",
    "GET /wall/{name}/{screen}": "SOAVLQHD",
    "GET /geo/districts.json": "SOAVLQHD",
    "GET /geo/basemap.json": "SOAVLQHD",
    "GET /geo/map.pmtiles": "SOAVLQHD",
    "GET /static": EVERYBODY,
    "GET /console": "OAVLQH",  # the administrator is sent on to /admin
    "GET /admin": "HD",
    "GET /leader": "VL",
    "GET /login": EVERYBODY,
    "GET /first": EVERYBODY,  # without a code it says so
    "GET /pair": "NOAVLQHD",  # a paired screen is sent on to its wall
    "GET /a/{code}": PEOPLE,
    "GET /qr.svg": EVERYBODY,
    "POST /api/v1/pair": EVERYBODY,
    "POST /api/v1/pair/poll": EVERYBODY,
    "GET /api/v1/pairings/{code}": "HD",
    "DELETE /api/v1/pairings/{code}": "HD",
    "POST /api/v1/screens": "HD",
    "GET /api/v1/state/{kind}": "SOAVLQHD",
    "GET /api/v1/incidents.geojson": "SOAVLQHD",
    "GET /api/v1/cameras/{id:path}/snapshot.jpg": "SOAVLQHD",
    "GET /api/v1/agencies/{code}/incidents": "SOAVLQH",
    "GET /api/v1/incidents/{id:path}/story": "SOAVLQHD",
    "GET /api/v1/incidents/{id:path}/cameras": "SOAVLQHD",
    "GET /api/v1/incidents/transitions": "SOAVLQHD",
    "POST /api/v1/ingest/{feed}": "",  # by signature alone
    "GET /healthz": EVERYBODY,
    "GET /readyz": EVERYBODY,
    "GET /metrics": "HD",
    "GET /api/v1/boards": "HD",
    "POST /api/v1/login": EVERYBODY,
    "POST /api/v1/logout": EVERYBODY,
    "GET /api/v1/me": "SOAVLQHD",
    "POST /api/v1/password": PEOPLE,
    "POST /api/v1/first": EVERYBODY,
    "POST /api/v1/ticket": "SOAVLQHD",
    "GET /api/v1/feeds": "D",
    "GET /api/v1/feeds/{name}/dead": "D",
    "POST /api/v1/feeds/{name}/again": "D",
    "GET /api/v1/users": "D",
    "POST /api/v1/users": "D",
    "POST /api/v1/users/{id}/link": "D",
    "DELETE /api/v1/users/{id}": "D",
    "WEBSOCKET /ws": "SOAVLQHD",
}


def letters(roles: Any) -> set[str]:
    return {LETTERS[role] for role in roles}


# -- the one function ------------------------------------------------------------------------------------


def test_no_kind_is_forgotten() -> None:
    assert KINDS_SEEN.keys() == KINDS.keys()
    assert {(kind, field) for kind, fields in access.CLEARED_FIELDS.items() for field in fields} == {
        *FIELDS_SEEN
    }


def test_no_command_is_forgotten() -> None:
    known = small_world().index["commands"]
    assert COMMANDS.keys() == known.keys()
    assert access.MAY.keys() | access.SYSTEM == COMMANDS.keys()


def test_no_right_of_http_is_forgotten() -> None:
    assert {right: letters(roles) for right, roles in access.MAY_READ.items()} == {
        right: set(who) for right, who in READS.items()
    }


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", KINDS_SEEN)
def test_kind_by_role_by_place(kind: str, place: str) -> None:
    scope, answers = PLACES[place]
    unlimited, limited, agency, local_agency, works, works_here = (word == "y" for word in answers.split())
    if kind in WHERE_IT_WORKS:
        agency, local_agency = agency or works, local_agency or works_here
    for role, letter in LETTERS.items():
        there = letter in KINDS_SEEN[kind]
        is_agency = role == "agency"
        one = Viewer(role=role, agency="DPU" if is_agency else "")
        local = Viewer(role=role, agency=one.agency, districts=frozenset({"99.01.01"}))
        assert access.may_see(one, kind, scope) == (there and (agency if is_agency else unlimited)), role
        assert access.may_see(local, kind, scope) == (there and (local_agency if is_agency else limited)), (
            role
        )


def test_a_kind_or_role_that_nobody_knows_is_seen_by_nobody() -> None:
    for role in LETTERS:
        assert not access.may_see(Viewer(role=role), "diary", ("public",))


@pytest.mark.parametrize(("kind", "field"), FIELDS_SEEN)
def test_fields_by_role(kind: str, field: str) -> None:
    raw = msgspec.json.encode({"id": "x", field: "something"})
    for role, letter in LETTERS.items():
        viewer = access.viewer_of(Person(id="x", name="X", role=role))
        assert (field.encode() in access.cut(viewer, kind, raw)) == (letter in FIELDS_SEEN[kind, field]), role


@pytest.mark.parametrize("role", LETTERS)
def test_who_sent_a_wall_is_a_person_only_for_who_may_see_people(role: Role) -> None:
    sent = Sent(layout="calls", until=2.0, by="siti", role="supervisor", at=1.0)
    wall = Wall(id="w", scope=("public",), at=1.0, name="w", state="painting", since=1.0, sent=sent)
    viewer = access.viewer_of(Person(id="x", name="X", role=role))
    shown = access.cut(viewer, "wall", msgspec.json.encode(wall))
    assert (b"siti" in shown) == access.may_see(viewer, "person", ("city",))
    assert b'"role":"supervisor"' in shown
    bare = msgspec.json.encode(msgspec.structs.replace(wall, sent=None))
    assert access.cut(viewer, "wall", bare) == bare


# -- every command through the engine ---------------------------------------------------------------------

PLACE = Place(confidence="no_location")


def thing(kind: str, scope: tuple[str, ...]) -> Entity:
    """Something of a kind in a place, called "x"."""
    match kind:
        case "incident":
            source, ours = IncidentSource(title="x"), IncidentOurs()
            return Incident(id="x", scope=scope, source=source, ours=ours, place=PLACE)
        case "alert":
            return Alert(
                id="x", scope=scope, rule="r", subject="feed:x", severity="caution", state="unacknowledged"
            )
        case "review":
            return Review(id="x", scope=scope, queue="112", agent="a", joined_at=0.0)
        case "feed":
            return Feed(id="x", scope=scope, name="x", type="cap", state="ok", since=0.0)
        case "screen":
            return Screen(id="x", scope=scope, name="x", wall="operations")
    raise AssertionError(f"commands are done to {kind}: say here what one looks like")


def staffed() -> World:
    """A world with everybody twice: without a limit, and ("x-") limited to 99.01.01."""
    world = small_world(agency=[{"code": "DPU", "name": "DPU"}, {"code": "DLH", "name": "DLH"}])
    world.now = 1_000_000.0
    told = []
    for role in access.PERSON_ROLES:
        for id, districts in ((role, None), (f"x-{role}", ("99.01.01",))):
            agency = "DPU" if role == "agency" else ""
            person = Person(id=id, name=id, role=role, agency=agency, districts=districts)
            told.append(command("", "user.set", world.now, **msgspec.to_builtins(person)))
    reduce.apply(world, told, world.now)
    world.draft()
    return world


@pytest.mark.parametrize("action", COMMANDS)
def test_command_by_role_by_place(action: str) -> None:
    may, system = COMMANDS[action]
    world = staffed()
    does = world.index["commands"][action]
    places = PLACES if does.kind else {"city": PLACES["city"]}
    for place, (scope, _) in places.items():
        for role in access.PERSON_ROLES:
            for id in (role, f"x-{role}"):
                if does.kind:
                    world.put(thing(does.kind, scope))
                # Without the other arguments: whoever may ask is told that they are missing.
                answer = ask(world, id, action, **({does.arg: "x"} if does.kind else {}))
                person = world.recall("person", id, Person)
                assert person is not None
                sees = not does.kind or access.may_see(access.viewer_of(person), does.kind, scope)
                whole = action not in WHOLE_CITY or person.districts is None
                allowed = LETTERS[role] in may and whole
                expected = "forbidden" if not allowed else "" if sees else "no_such_thing"
                given = answer.get("reason", "")
                if expected:
                    assert given == expected, (id, place)
                else:
                    assert given not in ("forbidden", "log_in_first", "unknown_action"), (id, place)
                    assert given != "no_such_thing" or not does.kind, (id, place)
    nobody = ask(world, "nobody", action)
    assert nobody["reason"] == "log_in_first"
    assert (ask(world, "", action).get("reason") != "log_in_first") == system


# -- every route of a running server ------------------------------------------------------------------------


def listed() -> set[str]:
    app = create_app(
        small_city(), Geo(b"{}", None, 0, (0, 0, 1, 1)), Path(), "unix:///nowhere", Clock(), Door()
    )
    found = set()
    for route in app.routes:
        match route:
            case Route(methods=methods, path=path):
                found |= {f"{method} {path}" for method in (methods or ()) if method != "HEAD"}
            case Mount(path=path):
                found.add(f"GET {path}")
            case WebSocketRoute(path=path):
                found.add(f"WEBSOCKET {path}")
            case _:
                raise AssertionError(f"{route!r} is a kind of route that this test does not know")
    return found


def test_no_route_is_forgotten() -> None:
    assert listed() == ROUTES.keys()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("matrix")
    config = write_city(
        folder / "city",
        '[[agency]]\ncode = "DPU"\nname = "DPU"\n'
        '[[rule]]\nid = "any"\ntype = "threshold"\nkind = "incident"\n'
        'severity = "caution"\ntext = { id = "Ada", en = "Any" }\n',
    )
    with server(folder / "state", "--config", str(config), env=ENV) as one:
        people = [
            Person(id=role, name=role, role=role, agency="DPU" if role == "agency" else "")
            for role in access.PERSON_ROLES
        ]
        enrol(f"unix://{one.state_dir}/redis.sock", "contoh", people)
        push(one, "one", [incident("one")])
        until(lambda: one.entities("alert"), "an alert")
        yield one


@pytest.fixture(scope="module")
def everybody(running: Server) -> dict[str, Browser]:
    """A browser of each, none at the server's own machine."""
    found = {"N": Browser(running.address), "S": Browser(running.address)}
    for role in access.PERSON_ROLES:
        found[LETTERS[role]] = Browser(running.address).log_in(role, PASSWORD)
    code = found["S"].ask("POST", "/api/v1/pair")[1]["user_code"]
    form = {"user_code": code, "name": "Layar", "wall": "operations"}
    assert found["H"].ask("POST", "/api/v1/screens", form)[0] == 201
    assert found["S"].ask("POST", "/api/v1/pair/poll")[0] == 200
    return found


#: Of pages, what only those see who are let in.
MARKS = {
    "GET /": b'id="wall"',
    "GET /wall/{name}": b'id="wall"',
    "GET /wall/{name}/{screen}": b'id="wall"',
    "GET /console": b"js/console.js",
    "GET /admin": b'id="boot"',
    "GET /leader": b'id="boot"',
    "GET /pair": b'id="code"',
    "GET /a/{code}": b'id="boot"',
}

#: What a request needs to get as far as the question who asks.
FILLED = {
    "agencies/{code}": "agencies/DPU",
    "{name}": "operations",
    "{screen}": "1",
    "{code}": "BBBBBBBB",
    "{kind}": "alert",
    "{id:path}": "push:one",
    "{id}": "somebody",
    "{feed}": "push",
    "/static": "/static/js/wall.js",
}

#: Ends the log-in that it is tried with, or guards itself by counting: tried elsewhere (tests/test_login.py).
NOT_TRIED = ("POST /api/v1/logout", "WEBSOCKET /ws")


def let_in(browser: Browser, route: str) -> bool:
    method, _, path = route.partition(" ")
    for name, value in FILLED.items():
        path = path.replace(name, value)
    status, body = browser.send(method, path, {} if method == "POST" else None)
    assert status < 500, (route, status, body)
    if route in MARKS:
        return MARKS[route] in body
    # A wrong password is refused like nobody, by its own words.
    return status not in (401, 403) and not (status == 303 and "/login" in browser.last.get("location", ""))


@pytest.mark.parametrize("route", [route for route in ROUTES if route not in NOT_TRIED])
def test_route_by_role(route: str, everybody: dict[str, Browser]) -> None:
    inside = {letter for letter, browser in everybody.items() if let_in(browser, route)}
    assert inside == set(ROUTES[route])


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "PATCH"])
def test_no_other_site_changes_anything(everybody: dict[str, Browser], method: str) -> None:
    for route in ROUTES:
        path = route.partition(" ")[2].replace("{id}", "x").replace("{code}", "x")
        if route.startswith("WEBSOCKET") or "ingest" in path:
            continue
        stranger = Browser(everybody["D"].address, {**everybody["D"].headers})
        stranger.cookies = everybody["D"].cookies
        stranger.headers = {**stranger.headers, "Origin": "https://evil.example"}
        assert stranger.send(method, path, {})[0] == 403, (method, path)


def test_kinds_over_http_by_role(everybody: dict[str, Browser]) -> None:
    for letter, browser in everybody.items():
        for kind, who in KINDS_SEEN.items():
            status, body = browser.ask("GET", f"/api/v1/state/{kind}")
            assert status == (401 if letter == "N" else 200), (letter, kind)
            if letter not in who:
                assert not body.get(kind), (letter, kind)


@pytest.mark.parametrize("letter", list("OAVLQHD"))
def test_a_console_has_the_kinds_of_its_role(everybody: dict[str, Browser], letter: str) -> None:
    with everybody[letter].socket("console") as board:
        frame = json.loads(board.recv(10))
        assert frame["type"] == "snapshot"
        seen = {kind for kind, entities in frame["state"].items() if entities}
        assert seen <= {kind for kind, who in KINDS_SEEN.items() if letter in who}
        assert ("incident" in seen) == (letter in "OVLQH")
        # A command over the socket goes to the same engine: what is not theirs is refused there.
        asked = {"alert.ack": "V", "call.review": "VQ", "screen.revoke": "HD", "city.status": "VL"}
        for action, may in asked.items():
            id = f"{letter}-{action}"
            board.send(json.dumps({"type": "command", "command_id": id, "action": action, "args": {}}))
            assert (answer(board, id)["reason"] == "forbidden") == (letter not in may), action
        # Some go another way, whoever asks: with a form, by which the node proves more.
        for action in ("user.set", "session.login", "screen.pair", "screen.doubled"):
            id = f"{letter}-{action}"
            board.send(json.dumps({"type": "command", "command_id": id, "action": action, "args": {}}))
            assert answer(board, id)["reason"] in ("not_here", "unknown_action"), action


def answer(board: Any, id: str) -> dict[str, Any]:
    """The last word on a command."""
    while True:
        frame: dict[str, Any] = json.loads(board.recv(10))
        if frame["type"] == "result" and frame["command_id"] == id and frame["status"] != "pending":
            return frame
