"""The city's status and its walls at the console, in a real browser on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import Page, chromium, window
from tests.cities import ENV, write_city
from tests.running import Server, server, until
from tests.staff import PASSWORD, enrol
from wallboard.access import Person

STAFF = [
    Person(id="rina", name="Rina", role="supervisor"),
    Person(id="pak", name="Pak Wali", role="leader"),
    Person(id="sari", name="Sari", role="operator"),
]


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("city")
    config = write_city(folder / "city")
    with server(folder / "state", "--config", str(config), env=ENV) as running:
        enrol(f"unix://{running.state_dir}/redis.sock", "contoh", STAFF)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


def layout(wall: Page) -> str:
    return str(
        wall.evaluate("() => document.querySelector('#wall .page:not([hidden])')?.dataset.layout ?? ''")
    )


def enter(shown: Page, name: str) -> None:
    shown.log_in(name, PASSWORD)
    shown.arrives("#city")
    shown.shows("Kota dan papan", within="#main")


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_wall_is_sent_to_a_layout_and_called_back(one: Server, browser: Any) -> None:
    with (
        window(browser, one, "/wall/operations") as wall,
        window(browser, one, "/login?next=%2Fconsole%23city") as desk,
    ):
        enter(desk, "rina")
        until(lambda: layout(wall) == "operations", "the wall's own page")
        desk.click("#main tr:has-text('Operasi') button:has-text('Arahkan papan')")
        desk.evaluate("() => { document.querySelector('dialog [name=layout]').value = 'calls' }")
        desk.click("dialog button[type=submit]")
        until(lambda: layout(wall) == "calls", "the wall where it was sent")
        desk.shows("Panggilan sampai", "Rina", within="#main table")
        desk.click("text=Kembalikan")
        until(lambda: layout(wall) == "operations", "the wall back")
        assert desk.errors == []


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_an_emergency_turns_every_wall_and_is_taken_back(one: Server, browser: Any) -> None:
    with (
        window(browser, one, "/wall/market") as wall,
        window(browser, one, "/login?next=%2Fconsole%23city") as desk,
    ):
        enter(desk, "pak")
        until(lambda: layout(wall) == "market", "the wall's own page")
        desk.click('text="Tetapkan Siaga I"')
        desk.fill("dialog [name=text]", "Banjir besar")
        desk.click("dialog button[type=submit]")
        until(lambda: layout(wall) == "emergency", "the emergency page")
        wall.shows("Banjir besar")
        desk.shows("Siaga I", "Kepala Daerah", "Pak Wali", within="#main")
        wall.shows("Siaga I", "Kepala Daerah")
        desk.click('text="Tetapkan Siaga IV"')
        desk.click("dialog button[type=submit]")
        until(lambda: layout(wall) == "market", "the wall's own page again")
        assert desk.errors == []


def test_an_operator_finds_no_such_page(one: Server, browser: Any) -> None:
    with window(browser, one, "/login?next=%2Fconsole") as desk:
        desk.log_in("sari", PASSWORD)
        desk.arrives("/console")
        desk.shows("Alarm", within="#nav")
        assert "Kota dan papan" not in desk.text("#nav")
