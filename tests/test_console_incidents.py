"""Work at the console in a real browser on a real server: incidents, an agency's phone, calls, quality."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import quote

import pytest

from tests.browser import Page, chromium, window
from tests.cities import ENV, incident, push, write_city
from tests.desks import Desk
from tests.running import Server, server, until
from tests.staff import PASSWORD, enrol
from wallboard.access import Person
from wallboard.life import TRANSITIONS

WORK = """
[[agency]]
code = "DPU"
name = "Dinas Pekerjaan Umum"

[[agency]]
code = "PLN"
name = "Perusahaan Listrik"

[[category]]
code = "jalan"
name = { id = "Jalan rusak", en = "Broken road" }
agency = "DPU"
match = ["road"]

[[category]]
code = "listrik"
name = { id = "Listrik", en = "Power" }
agency = "PLN"
severity = "danger"
match = ["power"]

[[channel]]
code = "112"
name = { id = "Panggilan 112", en = "Call to 112" }

[[line]]
code = "110"
name = { id = "Polisi 110", en = "Police 110" }

[[sla]]
verify = "1h"
accept = "2h"
resolve = "6h"

[[shift]]
name = "sepanjang hari"
begins = "00:00"
ends = "23:59"

[[quality.question]]
code = "salam"
text = { id = "Salam pembuka", en = "Greeting" }
points = 2

[[quality.question]]
code = "lokasi"
text = { id = "Menanyakan lokasi", en = "Asked for the place" }
points = 3
"""

PEOPLE = (
    Person(id="siti", name="Siti", role="operator"),
    Person(id="rina", name="Rina", role="supervisor"),
    Person(id="dpu", name="Petugas PU", role="agency", agency="DPU"),
    Person(id="mutu", name="Mutu", role="quality"),
)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A city with agencies, clocks and questions, and one person of each role that works on them."""
    folder = tmp_path_factory.mktemp("work")
    config = write_city(folder / "city", WORK)
    with server(folder / "state", "--config", str(config), env=ENV) as running:
        enrol(f"unix://{quote(str(folder / 'state' / 'redis.sock'))}", "contoh", PEOPLE)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for all of them; each opens a window of its own."""
    with chromium() as running:
        yield running


#: (person, part of the console, width, height) → a window there
At = Callable[..., AbstractContextManager[Page]]


@pytest.fixture
def at(one: Server, browser: Any) -> At:
    """Opens the console as a person, at a part of it."""

    @contextmanager
    def opened(name: str, address: str, width: int = 1366, height: int = 768) -> Iterator[Page]:
        with window(browser, one, "/login?next=%2Fconsole", width=width, height=height) as shown:
            shown.log_in(name, PASSWORD)
            shown.arrives("/console")
            shown.evaluate("hash => { location.hash = hash }", address)
            yield shown

    return opened


def send(one: Server, id: str, *events: dict[str, Any]) -> None:
    assert push(one, id, list(events)) == 202


def ours(one: Server, id: str) -> dict[str, Any]:
    """Our part of an incident."""
    found: dict[str, Any] = one.entities("incident").get(id, {}).get("ours", {})
    return found


def status(one: Server, id: str) -> str:
    return str(ours(one, id).get("status", "received"))


def becomes(one: Server, id: str, wanted: str) -> None:
    until(lambda: status(one, id) == wanted, f"{id} to be {wanted}")


@pytest.mark.browser
def test_an_operator_finds_verifies_and_notes_by_the_keyboard_alone(one: Server, at: At) -> None:
    send(
        one,
        "find-1",
        incident("jalan-1", category="road", text="Lubang besar"),
        incident("mati-1", lon=110.0101, category="power", text="Trafo meledak"),
        incident("jalan-2", lon=110.0102, category="road", address="Jalan Kenanga 7"),
    )
    with at("siti", "incidents") as shown:
        shown.shows("Laporan mati-1", "Laporan jalan-1", within=".rows")
        # The worst stands first.
        assert "mati-1" in shown.text(".rows .row")
        shown.press("/")
        shown.fill("input[type=search]", "kenanga")
        shown.press("Enter")
        until(lambda: shown.evaluate("() => document.querySelectorAll('.rows .row').length") == 1, "one row")
        shown.press("Enter")
        shown.shows("Laporan jalan-2", "Jalan rusak", "sisa", within=".story")
        # The server's story: the other one of its category next to it.
        shown.shows("Laporan jalan-1", within=".around")
        shown.press("v")
        shown.fill("dialog [name=how]", "Petugas di lapangan")
        shown.press("Enter")
        shown.shows("Terverifikasi", "tersimpan", within=".story")
        becomes(one, "push/jalan-2", "verified")
        shown.press("n")
        shown.fill("dialog [name=text]", "Ditunggu <b>alat berat</b>")
        shown.click("dialog button[type=submit]")
        shown.shows("Ditunggu <b>alat berat</b>", "Siti", within=".story-time")
        # A letter in a field is a letter, and no step of another role is offered.
        assert "Sanggupi" not in shown.text(".story-actions")
        shown.press("Escape")
        until(lambda: shown.evaluate("() => location.hash") == "#incidents", "the list again")
        assert shown.errors == []


@pytest.mark.browser
def test_who_comes_second_is_told_who_was_first_and_sees_what_it_is_now(one: Server, at: At) -> None:
    send(one, "second-1", incident("dua", category="road"))
    with at("siti", "incident/push%2Fdua") as shown, Desk(one.address, "rina", PASSWORD) as rina:
        shown.shows("Laporan dua", within=".story")
        shown.press("x")
        shown.fill("dialog [name=why]", "Bukan wewenang kota")
        # While Siti still writes her reason, Rina takes another step.
        rina.ready()
        first = {"incident": "push/dua", "status": "verified", "seen": "received", "how": "kamera"}
        assert rina.answer(rina.ask("incident.status", **first))["status"] == "done"
        shown.shows("Terverifikasi", within=".story")
        shown.click("dialog button[type=submit]")
        shown.shows("Ditolak", "sudah berubah", "Rina", within=".story-mark")
        assert status(one, "push/dua") == "verified"
        assert shown.errors == []


@pytest.mark.browser
def test_a_duplicate_is_picked_from_the_candidates_and_counted_once(one: Server, at: At) -> None:
    send(
        one,
        "twin-1",
        incident("kembar-1", 110.03, category="road"),
        incident("kembar-2", 110.0302, category="road"),
    )
    with at("siti", "incident/push%2Fkembar-2") as shown:
        shown.shows("Laporan kembar-1", within=".around")
        shown.press("d")
        shown.shows("Laporan kembar-1", within="dialog select")
        shown.click("dialog button[type=submit]")
        becomes(one, "push/kembar-2", "duplicate")
        assert ours(one, "push/kembar-2")["duplicate_of"] == "push/kembar-1"
        assert ours(one, "push/kembar-1")["duplicates"] == 1
        shown.shows("Ganda dari", within=".story")
        assert shown.errors == []


@pytest.mark.browser
def test_a_new_incident_by_hand_is_placed_and_shown(one: Server, at: At) -> None:
    with at("siti", "new") as shown:
        shown.shows("Laporan baru", within=".new-incident")
        shown.click(".new-incident button[type=submit]")
        shown.shows("Judul: harus diisi", within=".new-incident")
        shown.fill(".new-incident [name=title]", "Pohon tumbang menutup jalan")
        shown.click(".new-incident button[type=submit]")
        shown.shows("Isi alamat atau koordinat", within=".new-incident")
        shown.fill(".new-incident [name=point]", "-5,01 110,01")
        shown.evaluate("() => { document.querySelector('.new-incident [name=category]').value = 'jalan' }")
        shown.click(".new-incident button[type=submit]")
        shown.shows("Pohon tumbang menutup jalan", "Dibuat di konsol", "Muara Lama", within=".story")
    (made,) = (one_ for id, one_ in one.entities("incident").items() if id.startswith("console/"))
    assert (made["place"]["district"], made["category"]) == ("99.01.01.1001", "jalan")
    assert made["channel"] == "112"


@pytest.mark.browser
def test_the_map_of_the_form_is_pointed_at_with_keys(one: Server, at: At) -> None:
    with at("siti", "new") as shown:
        until(lambda: shown.evaluate("() => document.querySelectorAll('.ground path').length > 8"), "the map")
        shown.evaluate("() => document.querySelector('.ground svg').focus()")
        for key in ("+", "ArrowLeft", "Enter"):
            shown.press(key)
        point = shown.evaluate("() => document.querySelector('[name=point]').value")
        lat, lon = (float(part) for part in point.split(","))
        assert 110.0 < lon < 110.08
        assert -5.04 < lat < -5.0
        assert shown.errors == []


@pytest.mark.browser
def test_an_agency_answers_on_a_phone_and_sees_its_own_alone(one: Server, at: At) -> None:
    send(one, "phone-1", incident("hp-1", category="road"), incident("hp-2", category="power"))
    send(one, "phone-2", incident("hp-3", category="road"))
    with at("dpu", "incidents", 390, 844) as shown:
        shown.shows("Laporan hp-1", "Laporan hp-3", within=".phone-list")
        assert "hp-2" not in shown.text()
        for step, wanted in (
            ("Sanggupi", "accepted"),
            ("Mulai kerjakan", "in_progress"),
            ("Tuntas", "resolved"),
        ):
            shown.click(f'[data-id="push/hp-1"] button:text-is("{step}")')
            becomes(one, "push/hp-1", wanted)
        shown.click('[data-id="push/hp-3"] button:text-is("Kembalikan")')
        shown.fill("dialog [name=why]", "Bukan jalan kota")
        shown.click("dialog button[type=submit]")
        until(lambda: ours(one, "push/hp-3").get("returned") == 1, "the return to be counted")
        # Nothing is wider than the hand that holds it.
        assert shown.evaluate("() => document.documentElement.scrollWidth") <= 390
        small = shown.evaluate(
            "() => [...document.querySelectorAll('.todo button')]"
            ".filter(b => b.getBoundingClientRect().height < 44).length"
        )
        assert small == 0
        assert shown.errors == []


@pytest.mark.browser
def test_every_number_of_the_agency_board_opens_the_list_behind_it(one: Server, at: At) -> None:
    send(one, "board-1", incident("papan-1", category="power"), incident("papan-2", category="power"))
    until(lambda: one.entities("agency").get("PLN", {}).get("open", 0) >= 2, "the agency's figures")
    with at("rina", "agencies") as shown:
        shown.shows("Perusahaan Listrik", within=".figures-table")
        number = shown.evaluate(
            "() => Number([...document.querySelectorAll('.figures-table tr')]"
            ".find(r => r.innerText.includes('Listrik')).querySelector('td[data-name=Terbuka]').innerText)"
        )
        shown.evaluate(
            "() => [...document.querySelectorAll('.figures-table tr')]"
            ".find(r => r.innerText.includes('Listrik')).querySelector('td[data-name=Terbuka] a').click()"
        )
        shown.shows("Laporan papan-1", "Laporan papan-2", within=".behind-list")
        assert shown.evaluate("() => document.querySelectorAll('.behind-list li').length") == number
        shown.shows("Menurut wilayah", "Muara Lama", within=".behind-extra")
        shown.evaluate("() => document.querySelector('.behind-extra td a').click()")
        shown.shows("Laporan papan-1", within=".behind-list")
        assert shown.errors == []


@pytest.mark.browser
def test_a_call_is_marked_with_one_key_and_reviewed_on_the_form(one: Server, at: At) -> None:
    call = {"type": "call", "source_id": "1.1", "queue": "112", "caller": "0812-****-789"}
    send(one, "call-1", call | {"phase": "join"})
    send(one, "call-2", call | {"phase": "connect", "agent": "SIP/1", "agent_name": "Ani"})
    with at("siti", "calls") as shown:
        shown.shows("0812-****-789", "bicara", within=".call-list")
        # Nothing is chosen by itself, so a key alone marks nothing.
        shown.press("5")
        assert not one.entities("review")
        shown.press("j")
        shown.press("5")
        shown.shows("ditandai Siti", "tersimpan", within=".call-list")
        shown.press("1")
        until(
            lambda: "true" in shown.evaluate("() => document.querySelector('.marks button').ariaPressed"),
            "pressed",
        )
        assert shown.errors == []
    with at("mutu", "quality") as shown:
        shown.shows("Darurat", within=".review-list")
        shown.shows("sepanjang hari", within=".figures-table")
        shown.press("j")
        shown.press("Enter")
        shown.shows("Salam pembuka", "Menanyakan lokasi", within=".review-form")
        shown.press("c")
        shown.shows("Batalkan pilihan", within=".story-actions")
        shown.click(".review-form button[type=submit]")
        shown.shows("Salam pembuka: harus diisi", within=".review-form")
        shown.click(".review-form input[name=salam][value='2']")
        shown.click(".review-form input[name=lokasi][value='1']")
        shown.shows("60", within=".review-form .score")
        shown.fill(".review-form [name=remark]", "Cepat dan ramah")
        shown.click(".review-form button[type=submit]")
        shown.shows("tersimpan", within=".story")
        shown.evaluate("() => { location.hash = 'quality' }")
        shown.shows("60 %", within=".figures-table")
        assert shown.errors == []


@pytest.mark.browser
def test_of_thousands_only_the_rows_in_sight_exist(one: Server, at: At) -> None:
    for part in range(3):
        send(one, f"many-{part}", *(incident(f"n{part}-{n}", 110.05, category="road") for n in range(800)))
    with at("rina", "incidents") as shown:
        until(lambda: shown.evaluate("() => document.querySelectorAll('.rows .row').length") > 5, "rows")
        until(lambda: "2." in shown.text(".filter-count"), "all of them to be counted")
        assert shown.evaluate("() => document.querySelectorAll('.rows .row').length") < 40
        shown.evaluate("() => { document.querySelector('.rows').scrollTop = 1e9 }")
        until(
            lambda: shown.evaluate(
                "() => { const r = [...document.querySelectorAll('.rows .row')].at(-1);"
                " return r.ariaPosInSet === r.ariaSetSize }"
            ),
            "the last row",
        )
        shown.fill("input[type=search]", "n2-799")
        until(lambda: shown.evaluate("() => document.querySelectorAll('.rows .row').length") == 1, "one row")
        assert shown.errors == []


def test_the_story_and_the_table_are_for_those_who_may_read_them(one: Server, at: At) -> None:
    send(one, "story-1", incident("milik-pu", category="road"))
    until(lambda: one.entities("incident").get("push/milik-pu"), "the incident")
    path = "/api/v1/incidents/push%2Fmilik-pu/story"
    with Desk(one.address, "dpu", PASSWORD) as dpu, Desk(one.address, "siti", PASSWORD) as siti:
        dpu.ready()
        siti.ready()
        assert dpu.request("GET", path)[0] == 200
        code, told = siti.request("GET", path)
        assert code == 200
        assert {"cameras", "calls", "hazards", "alerts", "twins", "linked"} <= told.keys()
        assert dpu.request("GET", "/api/v1/incidents/push%2Fpapan-1/story")[0] == 404
        code, table = siti.request("GET", "/api/v1/incidents/transitions")
        assert code == 200
        assert [row["to"] for row in table["transitions"]] == [step.to for step in TRANSITIONS]
