"""`server.py user …` beside a running server and on its stopped state; the demo's people elsewhere."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from tests.cities import CITY, ENV, write_city
from tests.logins import Board, Browser
from tests.running import ROOT, START_S, Server, server, until
from wallboard.errors import CloseCode

PASSWORD = "ombak besar di selat"


def user(city: Path, state: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command; `typed` is what comes by standard input."""
    return subprocess.run(
        [sys.executable, ROOT / "server.py", "user", *words, "--config", city, "--state-dir", state],
        capture_output=True,
        text=True,
        timeout=START_S,
        input=typed,
        env={**os.environ, **ENV, "WALLBOARD_NO_SETUP": "1"},
    )


def simulation(folder: Path) -> Path:
    city = write_city(folder)
    city.write_text(CITY.replace("[boundaries]", "simulation = true\n\n[boundaries]", 1))
    return city


def test_people_are_made_and_ended_from_the_command_line(tmp_path: Path) -> None:
    city, state = write_city(tmp_path / "city"), tmp_path / "state"
    with server(state, "--config", str(city), env=ENV) as one:
        assert user(city, state, "list").stdout.startswith("nobody may log in yet")
        made = user(city, state, "add", "wati", "--role", "operator", "--full-name", "Wati")
        assert made.returncode == 0, made.stderr
        link = made.stdout.split()[-1]
        assert link.startswith(f"http://{one.address}/first?code=")
        wati = Browser(one)
        answer = wati.ask("/api/v1/first", {"code": link.rpartition("=")[2], "password": PASSWORD})
        assert answer.status == 200
        board = wati.board().whole()
        assert user(city, state, "disable", "wati").returncode == 0
        assert board.bye() == CloseCode.FORBIDDEN
        assert wati.ask("/api/v1/login", {"name": "wati", "password": PASSWORD}).status == 401
        again = user(city, state, "add", "wati", "--role", "operator")
        assert (again.returncode, again.stderr) == (1, "wallboard: there is a wati already\n")
    # Stopped: the embedded Redis is started for the moment.
    assert user(city, state, "list").stdout.splitlines()[0].split("\t")[::2] == [
        "wati",
        "operator",
        "disabled",
    ]
    assert "stopped" in user(city, state, "enable", "wati").stdout
    weak = user(city, state, "password", "wati", typed="short\n")
    assert (weak.returncode, weak.stderr) == (
        1,
        "wallboard: The password cannot be used: at least 12 characters.\n",
    )
    first = "sementara saja dulu"
    assert user(city, state, "password", "wati", typed=f"{first}\n").returncode == 0
    with server(state, "--config", str(city), env=ENV) as one:
        wati = Browser(one).log_in("wati", first)
        told = wati.ask("/api/v1/me").json()
        assert told["must_change"]
        # Until then: nobody.
        assert wati.ask("/api/v1/ticket", {}).json()["ticket"] == ""
        assert wati.ask("/api/v1/password", {"old": first, "new": PASSWORD}).status == 200
        assert wati.ask("/api/v1/ticket", {}).json()["ticket"]
        assert user(city, state, "remove", "wati").returncode == 0
        assert wati.ask("/api/v1/me").json()["person"] is None
        assert user(city, state, "link", "wati").stderr == "wallboard: there is no 'wati'\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "0812345678", "--role", "operator"), "id: 2 to 32 of a-z"),
        (("add", "ani", "--role", "agency"), "agency: the role agency needs one"),
        (
            ("add", "ani", "--role", "operator", "--districts", "99.01.01,nowhere"),
            "not of this city: nowhere",
        ),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_started(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    answer = user(write_city(tmp_path / "city"), tmp_path / "none", *words)
    assert answer.returncode == 1
    assert said in answer.stderr


def certificate(folder: Path) -> tuple[str, str]:
    """A certificate of our own for 127.0.0.1."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=wall.example"
    names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:wall.example"]
    made = subprocess.run(
        ["openssl", *words.split(), *names, "-keyout", key, "-out", cert], capture_output=True
    )
    if made.returncode:
        pytest.skip("no openssl here")
    return str(cert), str(key)


def test_over_https_to_all_the_network(tmp_path: Path) -> None:
    """The demo's people are nobody there, the cookie is bound to https, and nothing is open."""
    city, state = simulation(tmp_path / "city"), tmp_path / "state"
    with server(state, "--config", str(city), env=ENV) as one:
        demo = Browser(one).log_in("rina")
        cookie = demo.cookie
    cert, key = certificate(tmp_path)
    arguments = ("--host", "0.0.0.0", "--tls-cert", cert, "--tls-key", key, "--public-host", "wall.example")
    two = Server(state, "--config", str(city), *arguments, env=ENV).start()
    try:
        port = two.address.rpartition(":")[2]
        assert two.process is not None
        assert two.process.stdout is not None
        link = two.process.stdout.readline().split()[-1]
        assert link.startswith(f"https://wall.example:{port}/first?code=wbl_")
        two.address = f"127.0.0.1:{port}"
        browser = Browser(two, context=ssl.create_default_context(cafile=cert))
        until(lambda: browser.ask("/readyz").json() == {"ready": True}, "ready")
        assert browser.ask("/api/v1/state/incident").status == 401
        assert browser.ask("/metrics").status == 401
        assert browser.ask("/api/v1/me", headers={"Cookie": cookie}).status == 401
        assert browser.ask("/api/v1/login", {"name": "rina", "password": "demo-rina"}).status == 401
        assert browser.ask("/healthz", headers={"Host": "wall.example"}).status == 200
        assert browser.ask("/healthz", headers={"Host": "evil.example"}).status == 400
        form = {"code": link.rpartition("=")[2], "id": "ratna", "name": "Ratna", "password": PASSWORD}
        assert browser.ask("/api/v1/first", form, headers={"Origin": "http://wall.example"}).status == 403
        answer = browser.ask("/api/v1/first", form)
        assert answer.status == 200, answer.text
        (set_cookie,) = answer.headers.get_all("Set-Cookie")
        assert set_cookie.startswith("__Host-wallboard=wbs_")
        assert set_cookie.endswith("; HttpOnly; Path=/; SameSite=strict; Secure")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert browser.board().whole().state["person"]["ratna"]["role"] == "admin"
        assert Board(two, "operations", context=browser.context).bye() == CloseCode.FORBIDDEN
    finally:
        two.stop()


def test_behind_a_proxy_the_address_is_the_browsers_and_http_is_refused(tmp_path: Path) -> None:
    city, state = simulation(tmp_path / "city"), tmp_path / "state"
    with server(
        state, "--config", str(city), "--behind-proxy", "--public-host", "wall.example", env=ENV
    ) as one:
        form = {"name": "rina", "password": "demo-rina"}
        ours = {"Origin": "https://wall.example", "X-Forwarded-For": "8.8.8.8, 203.0.113.9"}
        assert Browser(one).ask("/api/v1/state/incident", headers=ours).status == 401
        assert (
            Browser(one).ask("/api/v1/login", form, headers=ours | {"X-Forwarded-Proto": "http"}).status
            == 403
        )
        assert Browser(one).ask("/api/v1/login", form).status == 403  # Origin: http://127.0.0.1
        assert Browser(one).ask("/api/v1/login", form, headers=ours).status == 401  # the demo's people
        with redis.Redis(unix_socket_path=str(state / "redis.sock"), decode_responses=True) as client:
            assert client.exists("{contoh}:tries:a:203.0.113.9")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tls-cert", "cert.pem"), "belong together"),
        (("--tls-cert", "cert.pem", "--tls-key", "key.pem"), "is no file"),
        (("--host", "192.0.2.1"), "without https"),
    ],
)
def test_a_door_that_cannot_be_is_refused(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    answer = subprocess.run(
        [sys.executable, ROOT / "server.py", "run", *words, "--state-dir", tmp_path],
        capture_output=True,
        text=True,
        timeout=START_S,
        env={**os.environ, "WALLBOARD_NO_SETUP": "1"},
    )
    assert answer.returncode == 1
    assert said in answer.stderr
