"""Log-in on the real server: cookies, tries, sessions, tickets, and boards that end with their right."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.cities import CITY, ENV, write_city
from tests.logins import Board, Browser
from tests.running import ROOT, Server, server, until
from wallboard.errors import CloseCode
from wallboard.web import desk, tries


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A city of the demo's kind, with its people; each test uses people of its own where it changes them."""
    folder = tmp_path_factory.mktemp("login")
    city = write_city(folder / "city")
    city.write_text(CITY.replace("[boundaries]", "simulation = true\n\n[boundaries]", 1))
    with server(folder / "state", "--config", str(city), env=ENV) as one:
        yield one


def store(one: Server) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(one.state_dir / "redis.sock"), decode_responses=True)


@pytest.fixture
def fresh_tries(demo: Server) -> None:
    """Nobody has mistyped yet."""
    with store(demo) as client:
        if found := list(client.scan_iter("{contoh}:tries:*")):
            client.delete(*found)


def invited(demo: Server, id: str, role: str = "operator", **more: object) -> Browser:
    """A person of a test's own, logged in by their link."""
    admin = Browser(demo).log_in("admin")
    made = admin.ask("/api/v1/users", {"id": id, "name": id.title(), "role": role, **more})
    assert made.status == 201, made.text
    code = made.json()["link"].rpartition("=")[2]
    browser = Browser(demo)
    took = browser.ask("/api/v1/first", {"code": code, "password": PASSWORD})
    assert took.status == 200, took.text
    return browser


#: Another address of the loopback interface: refused ones are remembered.
GUESSER = "127.0.0.9"

PASSWORD = "ombak besar di selat"


def test_a_log_in_gives_a_cookie_that_scripts_and_other_sites_cannot_use(demo: Server) -> None:
    rina = Browser(demo).log_in("rina")
    answer = rina.ask("/api/v1/login", {"name": "Rina ", "password": "demo-rina"})
    (cookie,) = answer.headers.get_all("Set-Cookie")
    assert re.fullmatch(r"wallboard=wbs_[\w-]{43}; HttpOnly; Path=/; SameSite=strict", cookie)
    assert answer.headers["Cache-Control"] == "no-store"
    told = rina.ask("/api/v1/me").json()
    assert told["person"] == {"id": "rina", "name": "Rina", "role": "supervisor"}
    assert "alert.ack" in told["may"]
    assert "user.set" not in told["may"]
    assert told["reads"] == ["replay", "console", "leader"]


def test_a_new_log_in_takes_no_session_over_and_ends_the_one_before(demo: Server) -> None:
    rina = Browser(demo).log_in("rina")
    before = rina.cookie
    rina.log_in("rina")
    assert rina.cookie != before
    assert Browser(demo).ask("/api/v1/me", headers={"Cookie": before}).json()["person"] is None


def test_the_store_holds_no_token(demo: Server) -> None:
    rina = Browser(demo).log_in("rina")
    token = rina.cookie.partition("=")[2]
    ticket = rina.ticket()
    with store(demo) as client:
        kept = " ".join([key + str(client.get(key)) for key in client.scan_iter("*", _type="string")])
    assert token not in kept
    assert ticket not in kept


def test_log_out_ends_the_session_and_its_boards(demo: Server) -> None:
    budi = Browser(demo).log_in("budi")
    board = budi.board().whole()
    cookie = budi.cookie
    assert budi.ask("/api/v1/logout", {}).status == 204
    assert budi.cookie == ""
    budi.cookie = cookie
    assert budi.ask("/api/v1/me").json()["person"] is None
    assert board.bye() == CloseCode.FORBIDDEN


@pytest.mark.usefixtures("fresh_tries")
@pytest.mark.parametrize(
    ("name", "password"),
    [("rina", "wrong"), ("nobody", "wrong"), ("0812-3456-7890", "x"), ("", ""), ("rina", "x" * 5000)],
)
def test_a_refusal_does_not_say_what_was_wrong(demo: Server, name: str, password: str) -> None:
    Browser(demo).log_in("rina")
    answer = Browser(demo).ask("/api/v1/login", {"name": name, "password": password})
    assert answer.status == 401
    assert answer.json()["detail"] == "name or password is wrong"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.usefixtures("fresh_tries")
@pytest.mark.parametrize("name", ["guessed", "walikota"])
def test_too_many_tries_at_a_name_are_refused_whether_it_exists_or_not(demo: Server, name: str) -> None:
    assert Browser(demo).ask("/api/v1/login", {"name": name, "password": "guess"}).status == 401
    with store(demo) as client:
        assert (
            client.incrby(f"{{contoh}}:tries:n:{tries._hash(name)}", tries.MAX_BY_NAME - 2)
            == tries.MAX_BY_NAME - 1
        )
    assert Browser(demo).ask("/api/v1/login", {"name": name, "password": "guess"}).status == 401
    answer = Browser(demo).ask("/api/v1/login", {"name": name, "password": f"demo-{name}"})
    assert answer.status == 429
    assert 0 < int(answer.headers["Retry-After"]) <= tries.TRIES_S


@pytest.mark.usefixtures("fresh_tries")
def test_who_logged_in_from_here_before_is_not_locked_out_by_guessers_elsewhere(demo: Server) -> None:
    Browser(demo).log_in("mutu")
    with store(demo) as client:
        # What a guesser elsewhere leaves behind.
        for _ in range(tries.MAX_BY_NAME + 5):
            client.incr(f"{{contoh}}:tries:n:{tries._hash('mutu')}")
    assert Browser(demo).ask("/api/v1/login", {"name": "mutu", "password": "demo-mutu"}).status == 200


@pytest.mark.usefixtures("fresh_tries")
def test_too_many_tries_from_one_address_are_refused(demo: Server) -> None:
    assert Browser(demo, source=GUESSER).ask("/api/v1/login", {"name": "n0", "password": "0"}).status == 401
    with store(demo) as client:
        client.incrby("{contoh}:tries:a:127.0.0.9", tries.MAX_BY_ADDRESS - 2)
    Browser(demo, source=GUESSER).log_in("mutu")  # is not counted
    got = [
        Browser(demo, source=GUESSER).ask("/api/v1/login", {"name": f"n{n}", "password": "0"}).status
        for n in (1, 2)
    ]
    assert got == [401, 429]
    with store(demo) as client:
        counted = client.get("{contoh}:tries:a:127.0.0.9")
        assert (
            Browser(demo, source=GUESSER).ask("/api/v1/login", {"name": "n3", "password": "0"}).status == 429
        )
        # Refused by the node itself: a flood writes nothing to the disk.
        assert client.get("{contoh}:tries:a:127.0.0.9") == counted


@pytest.mark.usefixtures("fresh_tries")
def test_the_trail_says_who_logged_in_and_never_what_was_typed_as_a_name(demo: Server) -> None:
    Browser(demo).log_in("bantuan")
    for name in ("my-pass-word", "bantuan"):
        Browser(demo).ask("/api/v1/login", {"name": name, "password": "secret of mine"})

    def lines() -> str:
        with store(demo) as client:
            return " ".join(str(fields) for _, fields in client.xrange("{contoh}:audit"))

    until(lambda: lines().count("session.failed") >= 2, "both failures")
    assert "session.login" in lines()
    assert "my-pass-word" not in lines()
    assert "secret of mine" not in lines()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": ""}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Host": "evil.example"}, 400),
        ({"X-Long": "x" * 20_000}, 431),
    ],
)
def test_a_change_has_to_come_from_our_own_page(demo: Server, headers: dict[str, str], status: int) -> None:
    rina = Browser(demo).log_in("rina")
    assert rina.ask("/api/v1/ticket", {}, headers=headers).status in (
        status,
        200 if status == 415 else status,
    )
    assert (
        rina.ask("/api/v1/login", {"name": "rina", "password": "demo-rina"}, headers=headers).status == status
    )


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b"{}", b"\xff", b'{"name": 1, "password": "zz"}', b"x" * 20_000]
)
def test_a_body_that_is_no_form_is_refused_without_repeating_it(demo: Server, body: bytes) -> None:
    answer = Browser(demo).ask("/api/v1/login", body)
    assert answer.status in (400, 413)
    assert "zz" not in answer.text


def test_a_ticket_is_good_once_and_binds_the_board_to_its_person(demo: Server) -> None:
    rina = Browser(demo).log_in("rina")
    ticket = rina.ticket()
    board = rina.board(ticket=ticket).whole()
    assert {"incident", "alert", "review", "screen"} & board.state.keys() <= board.state.keys()
    assert "rina" in board.state["person"]
    again = Board(demo, "console", ticket)
    assert again.bye() == CloseCode.TICKET
    board.close()


def test_without_a_ticket_a_board_is_the_machines_own_screen_and_no_console(demo: Server) -> None:
    wall = Board(demo, "operations").whole()
    assert wall.command("alert.ack", "c1")["reason"] == "log_in_first"
    wall.close()
    assert Board(demo, "console").bye() == CloseCode.FORBIDDEN


def test_what_a_request_passes_on_is_not_the_machines_own(demo: Server) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9"}
    assert Board(demo, "operations", headers=headers).bye() == CloseCode.FORBIDDEN
    assert Browser(demo).ask("/api/v1/state/incident", headers=headers).status == 401
    assert Browser(demo).ask("/metrics", headers=headers).status == 401
    assert Browser(demo).ask("/geo/districts.json", headers=headers).status == 401
    assert Browser(demo).ask("/readyz", headers=headers).json() == {"ready": True}
    assert Browser(demo).ask("/api/v1/state/incident").status == 200


def test_each_role_sees_its_kinds_over_http(demo: Server) -> None:
    admin = Browser(demo).log_in("admin")
    assert admin.ask("/api/v1/state/incident").json()["incident"] == {}
    assert "siti" in admin.ask("/api/v1/state/person").json()["person"]
    assert admin.ask("/metrics").status == 200
    assert Browser(demo).ask("/api/v1/state/person").json()["person"] == {}
    assert Browser(demo).log_in("siti").ask("/api/v1/users").status == 403


def test_a_changed_right_ends_sessions_and_boards_and_a_new_log_in_has_it(demo: Server) -> None:
    sari = invited(demo, "sari")
    board = sari.board().whole()
    admin = Browser(demo).log_in("admin")
    changed = admin.ask("/api/v1/users", {"id": "sari", "name": "Sari", "role": "leader"})
    assert changed.status == 200
    assert sari.ask("/api/v1/me").json()["person"] is None
    assert board.bye() == CloseCode.FORBIDDEN
    sari.log_in("sari", PASSWORD)
    assert sari.ask("/api/v1/me").json()["person"]["role"] == "leader"


def test_a_new_name_alone_ends_nothing(demo: Server) -> None:
    dewi = invited(demo, "dewi")
    admin = Browser(demo).log_in("admin")
    admin.ask("/api/v1/users", {"id": "dewi", "name": "Dewi Lestari", "role": "operator"})
    assert dewi.ask("/api/v1/me").json()["person"]["name"] == "Dewi Lestari"


def test_a_removed_person_is_nobody_and_their_board_ends(demo: Server) -> None:
    eka = invited(demo, "eka")
    board = eka.board().whole()
    admin = Browser(demo).log_in("admin")
    assert admin.ask("/api/v1/users/eka", method="DELETE").status == 204
    assert board.bye() == CloseCode.FORBIDDEN
    assert eka.ask("/api/v1/login", {"name": "eka", "password": PASSWORD}).status == 401


def test_a_session_that_redis_forgot_ends_its_board(demo: Server) -> None:
    """As idle time, a shift's end and a restore would."""
    fajar = invited(demo, "fajar")
    board = fajar.board().whole()
    with store(demo) as client:
        client.delete(*client.scan_iter("{contoh}:session:*"))
    assert board.bye() == CloseCode.FORBIDDEN


def test_another_password_ends_all_other_log_ins(demo: Server) -> None:
    gita = invited(demo, "gita")
    other = Browser(demo).log_in("gita", PASSWORD)
    new = "hujan reda sore hari"
    assert gita.ask("/api/v1/password", {"old": "wrong one here", "new": new}).status == 401
    assert gita.ask("/api/v1/password", {"old": PASSWORD, "new": "short"}).status == 422
    assert gita.ask("/api/v1/password", {"old": PASSWORD, "new": "gita gita gita"}).status == 422
    assert gita.ask("/api/v1/password", {"old": PASSWORD, "new": new}).status == 200
    assert gita.ask("/api/v1/me").json()["person"]["id"] == "gita"
    assert other.ask("/api/v1/me").json()["person"] is None
    assert Browser(demo).log_in("gita", new).cookie


def test_a_link_is_good_once_and_a_lost_password_ends_log_ins(demo: Server) -> None:
    hana = invited(demo, "hana")
    admin = Browser(demo).log_in("admin")
    code = admin.ask("/api/v1/users/hana/link", {}).json()["link"].rpartition("=")[2]
    assert hana.ask("/api/v1/me").json()["person"] is None
    assert hana.ask("/api/v1/login", {"name": "hana", "password": PASSWORD}).status == 401
    assert hana.ask("/api/v1/first", {"code": code, "password": "too short"}).status == 422
    assert hana.ask("/api/v1/first", {"code": code, "password": PASSWORD}).status == 200
    assert hana.ask("/api/v1/first", {"code": code, "password": PASSWORD}).status == 410


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"id": "0812345678", "name": "A", "role": "operator"}, 422),
        ({"id": "aa", "name": "A", "role": "king"}, 400),
        ({"id": "aa", "name": "A", "role": "screen"}, 422),
        ({"id": "aa", "name": "A", "role": "agency"}, 422),
        ({"id": "aa", "name": "A", "role": "operator", "agency": "DPU"}, 422),
        ({"id": "aa", "name": "A", "role": "operator", "districts": ["nowhere"]}, 422),
        ({"id": "aa", "name": "", "role": "operator"}, 422),
        ({"id": "aa", "name": "A 0812-3456-7890", "role": "operator"}, 422),
        ({"id": "admin", "name": "Admin", "role": "operator"}, 409),
        ({"id": "admin", "name": "Admin", "role": "admin", "disabled": True}, 409),
    ],
)
def test_people_that_a_city_cannot_have_are_refused(demo: Server, form: dict[str, str], status: int) -> None:
    admin = Browser(demo).log_in("admin")
    assert admin.ask("/api/v1/users", form).status == status
    assert admin.ask("/api/v1/users/admin", method="DELETE").status == 409


def test_commands_of_people_are_bounded_masked_and_never_about_rights(demo: Server) -> None:
    board = invited(demo, "indra", "supervisor").board().whole()
    assert board.command("user.set", "u", id="x", name="X", role="admin")["reason"] == "not_here"
    assert board.command("session.login", "s")["reason"] == "not_here"
    deep: object = "x"
    for _ in range(9):
        deep = [deep]
    assert board.command("alert.note", "d", alert="none", text=deep)["reason"].startswith("bad_args")
    told = board.command("alert.note", "n", alert="none", text="hubungi 0812-3456-7890 atau 628123456789")
    assert told["reason"] == "no_such_thing"
    with store(demo) as client:
        kept = " ".join(str(fields) for _, fields in client.xrange("{contoh}:audit"))
    assert "0812-****-890" in kept
    assert "812-3456" not in kept  # the digits alone may stand in any hash
    assert "8123456" not in kept
    answers = [board.command("alert.note", f"many{n}")["reason"] for n in range(desk.MAX_COMMANDS_A_MINUTE)]
    assert answers[-1] == "too_many_commands"
    board.close()


def test_the_first_admin_is_made_by_the_link_on_the_terminal_once(tmp_path: Path) -> None:
    city = write_city(tmp_path / "city")
    with server(tmp_path / "state", "--config", str(city), env=ENV) as one:
        assert one.process is not None
        assert one.process.stdout is not None
        line = one.process.stdout.readline()
        code = line.strip().rpartition("/first?code=")[2]
        assert line.startswith("First admin")
        assert one.address in line
        ratna = Browser(one)
        assert code in ratna.ask(f"/first?code={code}").text
        form = {"code": code, "id": "ratna", "name": "Ratna", "password": PASSWORD}
        assert ratna.ask("/api/v1/first", form | {"password": "kota contoh raya"}).status == 422
        assert ratna.ask("/api/v1/first", form).status == 200
        assert ratna.ask("/api/v1/me").json()["person"]["role"] == "admin"
        assert ratna.ask("/api/v1/first", form | {"id": "other"}).status == 410
        until(lambda: "ratna" in ratna.ask("/api/v1/state/person").json()["person"], "the engine to know her")
        assert code not in one.log.read_text()
        assert "demo" not in str(ratna.ask("/api/v1/users").json()["users"][0]["id"])


def test_rights_end_on_every_node(tmp_path: Path) -> None:
    """Two servers on one Redis: what one is told ends the board on the other."""
    city = write_city(tmp_path / "city")
    city.write_text(CITY.replace("[boundaries]", "simulation = true\n\n[boundaries]", 1))
    with server(tmp_path / "one", "--config", str(city), env=ENV) as one:
        url = f"unix://{one.state_dir / 'redis.sock'}"
        arguments = ("--config", str(city), "--redis", url, "--role", "web")
        with server(tmp_path / "two", *arguments, env=ENV) as two:
            budi = Browser(two).log_in("budi")
            board = budi.board().whole()
            admin = Browser(one).log_in("admin")
            form = {"id": "budi", "name": "Budi", "role": "supervisor", "disabled": True}
            assert admin.ask("/api/v1/users", form).status == 200
            assert board.bye() == CloseCode.FORBIDDEN
            assert budi.ask("/api/v1/ticket", {}).json() == {"ticket": ""}
            # Nobody commits: the nodes look by themselves.
            board = Browser(two).log_in("siti").board().whole()
            engine = one.children()["wall-engine"]
            os.kill(engine, signal.SIGSTOP)
            try:
                form = {"id": "siti", "name": "Siti", "role": "leader"}
                assert admin.ask("/api/v1/users", form).status == 200
                assert board.bye() == CloseCode.FORBIDDEN
            finally:
                os.kill(engine, signal.SIGCONT)
            assert budi.ask("/api/v1/login", {"name": "budi", "password": "demo-budi"}).status == 401


def test_secrets_are_masked_wherever_they_would_be_written() -> None:
    code = (
        "import logging, sys; from wallboard.tokens import MaskingFormatter, new_token\n"
        "h = logging.StreamHandler(sys.stdout); h.setFormatter(MaskingFormatter()); t = new_token('s')\n"
        "r = logging.makeLogRecord({'msg': 'Cookie: wallboard=%s password=hunter22', 'args': (t,)})\n"
        "h.emit(r); print(t[4:] not in h.format(r) and 'hunter22' not in h.format(r))"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.splitlines()[-1] == "True"
