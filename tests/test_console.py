"""The console in a real browser on a real server: from the first link to an acknowledgement on disk."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from tests.browser import Page, page
from tests.cities import ENV, push, write_city
from tests.logins import Browser
from tests.running import Server, free_port, server, until
from tests.test_kills import RULES

PASSWORD = "beberapa kata yang panjang"

GROUPS = """
[[group]]
code = "operations"
name = { id = "Operasi", en = "Operations" }
"""


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server and its people: `kepala` (admin) by the link on the terminal, `rina` invited by them."""
    folder = tmp_path_factory.mktemp("console")
    config = write_city(folder / "city", RULES + GROUPS)
    # A port of its own: it is killed and comes back where its pages look for it.
    port = str(free_port())
    with server(folder / "state", "--config", str(config), "--port", port, env=ENV) as running:
        people_come(running)
        yield running


def people_come(one: Server) -> None:
    """The first admin, and whom they invite, as they would do it in a browser."""
    assert one.process is not None
    assert one.process.stdout is not None
    link = one.process.stdout.readline().split("once, within an hour): ")[1].strip()
    with page(one, "/login", width=1366, height=768) as shown:
        shown.go(link)
        shown.fill('[name="name"]', "kepala")
        shown.fill('[name="shown"]', "Kepala Pusat")
        chosen(shown)
        shown.arrives("/admin")
        shown.shows("Pengguna", "Layar", "Beban alarm", within="#nav")
        shown.click('#nav a[href="#people"]')
        invited(shown, "budi", "Budi", "supervisor")
        rina = invited(shown, "rina", "Rina", "supervisor")
        refused_people_are_typed_once(shown)
        shown.go(rina)
        chosen(shown)
        shown.arrives("/console")
        shown.shows("Rina", "supervisor", within="#head")
        shown.shows("Tidak ada alarm yang menunggu")
        assert shown.errors == []


def gauge(one: Server, number: int, value: float, id: str = "pintu") -> None:
    """A reading of a gauge, which raises an alert above 100."""
    event = {
        "type": "gauge",
        "source_id": id,
        "name": f"Pintu {id}",
        "value": value,
        "lon": 110.01,
        "lat": -5.01,
    }
    assert push(one, f"console-{id}-{number}", [event]) == 202


def invited(shown: Page, id: str, name: str, role: str) -> str:
    """Add somebody on the admin's page; the link with which they choose a password."""
    shown.click("text=Tambah pengguna")
    shown.fill('dialog [name="id"]', id)
    shown.fill('dialog [name="name"]', name)
    shown.evaluate("role => { document.querySelector('dialog [name=role]').value = role }", role)
    shown.click('dialog button[type="submit"]')
    shown.shows(f"{name} ditambahkan")
    return str(shown.evaluate("() => document.querySelector('.said input').value"))


def refused_people_are_typed_once(shown: Page) -> None:
    """What cannot be is said beside the form, which keeps what was typed; a name is given once."""
    shown.click("text=Tambah pengguna")
    shown.fill('dialog [name="id"]', "rina")
    shown.fill('dialog [name="name"]', "Rini")
    shown.fill('dialog [name="districts"]', "77.77")
    shown.click('dialog button[type="submit"]')
    shown.shows("rina sudah dipakai", within="dialog")
    shown.fill('dialog [name="id"]', "rini")
    shown.click('dialog button[type="submit"]')
    shown.shows("Tidak ada wilayah berkode 77.77", within="dialog")
    shown.fill('dialog [name="districts"]', "")
    shown.fill('dialog [name="id"]', "9rini")  # the server's own rule
    before = shown.text("dialog .ask-wrong").strip()
    shown.click('dialog button[type="submit"]')
    # The form that was sent keeps its words while the server thinks: only another fault is its answer.
    until(lambda: shown.text("dialog .ask-wrong").strip() not in ("", before), "the server's own words")
    assert shown.evaluate("() => document.querySelector('dialog [name=name]').value") == "Rini"
    shown.press("Escape")
    shown.errors[:] = [error for error in shown.errors if "422" not in error]


def chosen(shown: Page) -> None:
    """Choose a password twice, and go on."""
    shown.fill('[name="fresh"]', PASSWORD)
    shown.fill('[name="again"]', PASSWORD)
    shown.click('button[type="submit"]')


@pytest.mark.browser
def test_an_alert_is_acknowledged_and_shelved_by_the_keyboard(one: Server) -> None:
    with page(one, "/console", width=1366, height=768) as shown:
        shown.log_in("rina", PASSWORD)
        shown.arrives("/console")
        shown.shows("Belum ditangani")
        gauge(one, 1, 150.0)
        shown.shows("Pintu pintu 150 cm", within=".part-unseen")
        # A letter in a field is a letter.
        shown.press("/")
        shown.press("a")
        assert "Pintu pintu" in shown.shows("Pintu pintu", within=".part-unseen")
        shown.fill('input[type="search"]', "")
        shown.press("Escape")
        shown.press("a")
        shown.shows("tersimpan", within=".alert-detail")
        shown.shows("ditangani Rina", within=".part-seen")
        alert = one.entities("alert")["gauge-high|gauge:push/pintu"]
        assert (alert["state"], alert["acked_by"]) == ("acknowledged", "rina")

        # Shelve it by the keyboard alone, with a reason.
        shown.press("s")
        shown.fill('dialog [name="reason"]', "pintu diperbaiki")
        shown.press("Enter")
        shown.shows("Ditunda", "pintu diperbaiki", within=".alert-detail")
        shown.shows("Disisihkan", within=".is-folded")
        # A console that is closed or hidden is no wall that has fallen behind.
        assert one.entities("wall") == {}
        assert shown.errors == []


@pytest.mark.browser
def test_a_page_that_is_cut_off_says_so_and_its_buttons_do_not_pretend(one: Server) -> None:
    with page(one, "/console", width=390, height=844) as shown:
        shown.arrives("/login?next=%2Fconsole")
        shown.log_in("rina", "something wrong")
        shown.shows("Nama atau kata sandi salah")
        shown.log_in("rina", PASSWORD)
        shown.arrives("/console")
        gauge(one, 1, 150.0, "laut")
        shown.shows("Pintu laut", within=".part-unseen")
        shown.click(".part-unseen .row")
        shown.shows("Tangani", within=".alert-detail")
        one.kill()
        shown.shows("Tidak tersambung", within=".alert-detail")
        assert shown.evaluate("() => document.querySelector('.acts .is-main').disabled")
        one.start().ready()
        until(
            lambda: not shown.evaluate("() => document.querySelector('.acts .is-main').disabled"),
            "the buttons to come back",
        )
        shown.click(".acts .is-main")
        shown.shows("tersimpan", within=".alert-detail")


@pytest.mark.browser
def test_a_link_that_is_used_up_says_so_and_lets_one_log_in(one: Server) -> None:
    assert Browser(one).ask("/first?code=used").status == 410
    with page(one, "/first?code=used", width=390, height=844) as shown:
        shown.shows("Tautan ini sudah dipakai atau terlalu lama")
        assert "code" not in shown.evaluate("() => location.href")
        shown.log_in("rina", PASSWORD)
        shown.arrives("/console")
        shown.go(f"http://{one.address}/login?change")
        shown.fill('[name="password"]', PASSWORD)
        chosen(shown)
        shown.shows("Pilih yang lain dari sebelumnya")


def test_whoever_is_nobody_logs_in_first(one: Server) -> None:
    somebody = Browser(one)
    for path in ("/console", "/admin"):
        answer = somebody.ask(path)
        assert (answer.status, answer.headers["Location"]) == (303, f"/login?next=%2F{path[1:]}")
    answer = somebody.ask("/console?pair=BCDF-GHJK")
    assert answer.headers["Location"] == "/login?next=%2Fconsole%3Fpair%3DBCDF-GHJK"


def test_the_page_carries_what_one_may_and_nobody_keeps_it(one: Server) -> None:
    rina = Browser(one)
    rina.log_in("rina", PASSWORD)
    answer = rina.ask("/console")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert '"alert.ack"' in answer.text
    assert '"user.set"' not in answer.text
    assert PASSWORD not in answer.text
    assert rina.ask("/admin").status == 403
    kepala = Browser(one)
    kepala.log_in("kepala", PASSWORD)
    moved = kepala.ask("/console?pair=BCDF-GHJK")
    assert (moved.status, moved.headers["Location"]) == (303, "/admin?pair=BCDF-GHJK")
    text = kepala.ask("/admin").text
    assert '"alert.ack"' not in text
    assert '"user.set"' in text


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_page_of_an_older_version_is_told_so_and_loads_the_new_one_when_asked(one: Server) -> None:
    with page(one, "/login", width=1366, height=768) as shown:
        shown.log_in("rina", PASSWORD)
        shown.arrives("/console")
        boot = "() => JSON.parse(document.querySelector('#boot').textContent).edition"
        edition = shown.evaluate(boot)
        new = "() => !window.before && document.documentElement.dataset.link === 'live'"
        assert shown.evaluate("() => document.querySelector('.is-newer')") is None
        for path, place in (("/console", "#foot"), ("/leader", "#head")):
            shown.hears(edition, "000000000000")
            shown.go(f"http://{one.address}{path}")
            shown.shows("Versi baru tersedia", within=place)
            shown.hears(edition, edition)
            shown.evaluate("() => (window.before = true)")
            shown.click(".newer-load")
            until(partial(shown.evaluate, new), f"{path} is loaded anew and connected")
            assert shown.evaluate("() => document.querySelector('.is-newer')") is None
