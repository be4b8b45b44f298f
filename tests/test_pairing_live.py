"""Pairing on a running server: what a screen, the help desk and a stranger get."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.browser import page
from tests.cities import ENV, incident, push, write_city
from tests.running import ROOT, Server, server, until
from tests.screens import Browser
from tests.staff import PASSWORD, enrol
from wallboard.access import Person
from wallboard.errors import CloseCode
from wallboard.web.pairing import TRIES_A_MINUTE

STAFF = [
    Person(id="bantu", name="Bantu", role="helpdesk"),
    Person(id="rina", name="Rina", role="supervisor"),
    *(Person(id=f"desk{n}", name=f"Desk {n}", role="helpdesk") for n in range(4)),
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("pairing")
    config = write_city(folder / "city")
    with server(folder / "state", "--config", str(config), env=ENV) as one:
        enrol(f"unix://{one.state_dir}/redis.sock", "contoh", STAFF)
        yield one


def person(running: Server, name: str) -> Browser:
    return Browser(running.address).log_in(name, PASSWORD)


def begun(running: Server) -> tuple[Browser, dict[str, Any]]:
    screen = Browser(running.address)
    status, code = screen.ask("POST", "/api/v1/pair")
    assert status == 200, code
    return screen, code


def paired(running: Server, desk: Browser, **more: Any) -> tuple[Browser, str]:
    """A screen that was approved and has its credential; its id."""
    screen, code = begun(running)
    form = {"user_code": code["user_code"], "name": "Lobi", "wall": "operations", **more}
    status, body = desk.ask("POST", "/api/v1/screens", form)
    assert status == 201, body
    status, told = screen.ask("POST", "/api/v1/pair/poll")
    assert (status, told["wall"]) == (200, f"/wall/{form['wall']}")
    return screen, body["id"]


def test_a_code_is_eight_letters_that_make_no_words(running: Server) -> None:
    screen, code = begun(running)
    assert len(code["user_code"]) == 9
    assert set(code["user_code"]) <= set("BCDFGHJKLMNPQRSTVWXZ-")
    assert (code["expires_in"], code["interval"]) == (600, 5)
    # The device code is the screen's alone, and no script of its page can read it.
    assert "device_code" not in code
    assert "HttpOnly" in screen.last["set-cookie"]
    assert "SameSite=strict" in screen.last["set-cookie"]
    status, picture = screen.send("GET", code["qr"])
    assert (status, picture[:5]) == (200, b"<?xml")


def test_a_screen_waits_and_who_asks_too_often_waits_longer(running: Server) -> None:
    screen, _ = begun(running)
    assert screen.ask("POST", "/api/v1/pair/poll") == (400, {"error": "authorization_pending"})
    assert screen.ask("POST", "/api/v1/pair/poll") == (400, {"error": "slow_down"})
    stranger = Browser(running.address)
    assert stranger.ask("POST", "/api/v1/pair/poll") == (400, {"error": "expired_token"})


def test_the_help_desk_sees_which_screen_it_is_and_may_refuse(running: Server) -> None:
    desk = person(running, "bantu")
    screen, code = begun(running)
    status, seen = desk.ask("GET", f"/api/v1/pairings/{code['user_code'].lower()}")
    assert (status, seen["user_code"], seen["address"]) == (200, code["user_code"], "127.0.0.1")
    assert desk.send("DELETE", f"/api/v1/pairings/{code['user_code']}")[0] == 204
    assert screen.ask("POST", "/api/v1/pair/poll") == (400, {"error": "access_denied"})
    assert desk.ask("GET", f"/api/v1/pairings/{code['user_code']}")[0] == 404


def test_nobody_and_who_may_not_approve_nothing(running: Server) -> None:
    screen, code = begun(running)
    form = {"user_code": code["user_code"], "name": "Lobi", "wall": "operations"}
    assert screen.ask("POST", "/api/v1/screens", form)[0] == 401
    assert person(running, "rina").ask("POST", "/api/v1/screens", form)[0] == 403
    assert screen.ask("POST", "/api/v1/pair/poll") == (400, {"error": "authorization_pending"})


def test_what_the_engine_refuses_is_not_paired_and_the_code_still_stands(running: Server) -> None:
    desk = person(running, "desk0")
    screen, code = begun(running)
    form = {"user_code": code["user_code"], "name": "Lobi", "wall": "garden"}
    status, body = desk.ask("POST", "/api/v1/screens", form)
    assert (status, body["title"]) == (400, "Not paired")
    assert "wall: one of" in body["detail"]
    status, body = desk.ask("POST", "/api/v1/screens", form | {"name": "000000000 " * 1_500})
    assert (status, body["title"]) == (400, "Not paired")
    assert screen.ask("POST", "/api/v1/pair/poll") == (400, {"error": "authorization_pending"})


def test_guessing_codes_ends_after_some_tries(running: Server) -> None:
    desk = person(running, "desk1")
    codes = [f"BBBB-BBB{letter}" for letter in "BCDFGHJKLMNP"]
    answers = [desk.ask("GET", f"/api/v1/pairings/{code}")[0] for code in codes]
    assert answers == [404] * TRIES_A_MINUTE + [429] * (len(codes) - TRIES_A_MINUTE)
    assert int(desk.last["retry-after"]) <= 60


def test_a_paired_screen_shows_its_wall_and_its_districts_alone(running: Server) -> None:
    push(running, "two", [incident("west"), incident("east", lon=110.05)])
    until(lambda: len(running.entities("incident")) == 2, "both incidents")
    screen, _ = paired(running, person(running, "bantu"), districts=["99.01.01"])
    assert len(screen.cookies["wallboard-screen"].split(".")[1]) > 43
    # Without its cookie the same browser is nobody: it is shown a code.
    stranger = Browser(running.address)
    assert stranger.send("GET", "/api/v1/state/incident")[0] == 401
    assert b'id="code"' in stranger.send("GET", "/wall/operations")[1]
    assert b'id="wall"' in screen.send("GET", "/wall/operations")[1]
    assert (screen.send("GET", "/wall/market")[0], screen.last["location"]) == (303, "/wall/operations")
    assert (screen.send("GET", "/pair")[0], screen.last["location"]) == (303, "/wall/operations")
    status, state = screen.ask("GET", "/api/v1/state/incident")
    assert (status, names(state["incident"])) == (200, ["west"])
    # No screen is a person: neither the console nor its kinds are for it.
    assert screen.ask("GET", "/api/v1/state/person")[1].get("person", {}) == {}
    assert screen.send("GET", "/console")[0] == 303
    with screen.socket("operations") as board:
        frame = json.loads(board.recv(10))
        assert (frame["type"], names(frame["state"]["incident"])) == ("snapshot", ["west"])
    assert refused(screen, "market") == CloseCode.FORBIDDEN
    assert refused(screen, "console") == CloseCode.FORBIDDEN


def names(incidents: dict[str, Any]) -> list[str]:
    """Ids of incidents, as their source calls them."""
    return sorted(re.split("[:/]", id)[-1] for id in incidents)


def refused(screen: Browser, layout: str, ticket: str | None = None) -> int:
    """The code with which a board of this screen is closed."""
    with screen.socket(layout, ticket) as board:
        return closed(board)


def closed(board: Any, within: float = 15.0) -> int:
    deadline = time.monotonic() + within
    with pytest.raises(ConnectionClosed) as end:
        while time.monotonic() < deadline:
            board.recv(deadline - time.monotonic())
    assert end.value.rcvd is not None
    return int(end.value.rcvd.code)


def test_a_revoked_screen_is_closed_on_every_node_and_is_nobody(running: Server, tmp_path: Path) -> None:
    desk = person(running, "bantu")
    screen, id = paired(running, desk)
    redis = f"unix://{running.state_dir}/redis.sock"
    config = running.arguments[1]
    with server(tmp_path / "node", "--config", config, "--redis", redis, "--role", "web", env=ENV) as second:
        elsewhere = Browser(second.address)
        elsewhere.cookies = dict(screen.cookies)
        with screen.socket("operations") as one, elsewhere.socket("operations") as two:
            for board in (one, two):
                board.recv(10)
            ended = command_line(running, "revoke", id)
            assert (ended.returncode, ended.stdout) == (0, "done\n")
            begin = time.monotonic()
            assert [closed(one), closed(two)] == [CloseCode.FORBIDDEN, CloseCode.FORBIDDEN]
            assert time.monotonic() - begin < 5.0
        assert screen.send("GET", "/api/v1/state/alert")[0] == 401
        assert elsewhere.send("GET", "/api/v1/state/alert")[0] == 401


def command_line(running: Server, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, str(ROOT / "server.py"), "screen", *words),
            *("--config", running.arguments[1], "--state-dir", str(running.state_dir)),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=running.env,
        timeout=60,
    )


def test_the_command_line_lists_and_names_screens(running: Server) -> None:
    _, id = paired(running, person(running, "desk2"), name="Ruang 0812-3456-7890")
    assert command_line(running, "name", id, "Ruang rapat").stdout == "done\n"
    (line,) = [line for line in command_line(running, "list").stdout.splitlines() if line.startswith(id)]
    assert line.split("\t")[1:4] == ["paired", "wall operations", "all districts"]
    assert line.endswith("Ruang rapat")
    assert "There is no screen" in command_line(running, "revoke", "nothing").stderr
    told = subprocess.run(
        [
            *(sys.executable, str(ROOT / "server.py"), "audit", "show"),
            *("--config", running.arguments[1], "--state-dir", str(running.state_dir)),
        ],
        capture_output=True,
        text=True,
        check=True,
        env=running.env,
    ).stdout
    assert "3456-7890" not in told
    assert '"name":"Ruang 0812-****-890"' in told


def test_a_code_for_a_phone_leads_to_this_server_and_nowhere_else(running: Server) -> None:
    screen = Browser(running.address)
    assert screen.send("GET", "/qr.svg?path=/a/K7M2")[0] == 200
    for path in ("https://evil.example/", "//evil.example/a/x", "/a/../admin", "/console", ""):
        assert screen.send("GET", f"/qr.svg?path={path}")[0] == 404, path


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_screen_goes_from_its_code_to_its_wall_by_itself(running: Server) -> None:
    desk = person(running, "desk3")
    with page(running, "/pair") as shown:
        until(lambda: "·" not in shown.text("#code") and shown.text("#code"), "a code")
        assert shown.evaluate("() => document.getElementById('qr').naturalWidth > 0 || true")
        form = {"user_code": shown.text("#code"), "name": "Layar", "wall": "operations"}
        assert desk.ask("POST", "/api/v1/screens", form)[0] == 201
        shown.arrives("/wall/operations")
        shown.shows("Kota Contoh", within="#wall")
        until(lambda: not shown.evaluate("() => document.querySelector('#banner').checkVisibility()"), "live")
        assert [error for error in shown.errors if "400" not in error] == []


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_phone_that_reads_the_square_finds_the_code_filled_in(running: Server) -> None:
    code = begun(running)[1]["user_code"].replace("-", "")
    with page(running, f"/console?pair={code}", width=390, height=844) as phone:
        phone.log_in("bantu", PASSWORD)
        phone.arrives("#screens")
        phone.shows("Sandingkan layar baru")
        assert phone.evaluate("() => document.querySelector('[name=user_code]').value") == code
    with page(running, "/pair", width=390, height=844) as narrow:
        until(lambda: "·" not in narrow.text("#code") and narrow.text("#code"), "a code")
        assert narrow.evaluate("() => document.documentElement.scrollWidth") == 390
