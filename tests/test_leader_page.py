"""The leaders' page in a real browser: in a hand, by keys alone, on paper, and read aloud."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest

from tests.browser import Page, chromium, window
from tests.cities import ENV, incident, push, write_city
from tests.leader_storm import State, serve, storm
from tests.running import Server, server, until
from tests.screens import Browser
from tests.staff import PASSWORD, enrol
from wallboard.access import Person

STAFF = [
    Person(id="pak", name="Pak Wali", role="leader"),
    Person(id="sari", name="Sari", role="operator"),
]
MORE = """
[[agency]]
code = "DPU"
name = "Dinas Pekerjaan Umum dan Penataan Ruang Bidang Sumber Daya Air"

[[gauge]]
match = ["*"]
levels = [{ name = "Siaga 2", from_value = 100, severity = "severe" }]

[[rule]]
id = "banjir"
type = "threshold"
kind = "incident"
severity = "danger"
text = { id = "Banjir: {name}", en = "Flood: {name}" }
where = { category = "banjir" }
"""

#: WCAG 2.5.5: what a thumb can hit (px).
THUMB = 44

HOSTILE = '<img src=x onerror="document.title=1">‮ {{n}} ' + "Kampung Tengah " * 12


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("leader")
    config = write_city(folder / "city", MORE)
    with server(folder / "state", "--config", str(config), env=ENV) as running:
        enrol(f"unix://{running.state_dir}/redis.sock", "contoh", STAFF)
        events: list[dict[str, Any]] = [
            incident("flood", category="flood", title=HOSTILE),
            *(incident(f"n{n}", title=f"{n} {HOSTILE}", category="flood") for n in range(40)),
            {
                "type": "gauge",
                "source_id": "g",
                "name": "Pintu Air",
                "value": 150,
                "lon": 110.01,
                "lat": -5.01,
            },
        ]
        assert push(running, "events", events) == 202
        until(lambda: len(running.entities("alert")) > 40, "the alerts")
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@contextmanager
def leading(
    browser: Any, one: Server, *, width: int = 390, height: int = 844, query: str = ""
) -> Iterator[Page]:
    """The page with the leader logged in."""
    with window(browser, one, f"/login?next=%2Fleader{query}", width=width, height=height) as shown:
        shown.log_in("pak", PASSWORD)
        shown.arrives("/leader")
        shown.shows("Siaga IV", "Satu jam terakhir", "alarm baru", "Lima terburuk")
        yield shown


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_in_a_hand_it_is_one_column_with_room_for_a_thumb(one: Server, browser: Any) -> None:
    with leading(browser, one) as phone:
        assert phone.evaluate("() => document.documentElement.scrollWidth") == 390
        tops = phone.evaluate(
            """() => ['level-card', 'card-changes', 'card-worst', 'card-map', 'card-calls', 'card-hazards']
                .map((name) => document.querySelector(`.${name}`).getBoundingClientRect().top)"""
        )
        assert tops == sorted(tops)
        small = phone.evaluate(
            """(least) => [...document.querySelectorAll('button, a, summary')]
                .filter((e) => e.checkVisibility() && !e.matches('.skip'))
                .map((e) => [e.getBoundingClientRect(), e.innerText])
                .filter(([r]) => r.height < least - .5 || r.width < least - .5)
                .map(([r, t]) => `${t}: ${r.width} × ${r.height}`)""",
            THUMB,
        )
        assert small == []
        assert phone.evaluate("() => document.querySelector('#main img')") is None
        assert phone.evaluate("() => document.getAnimations().length") == 0
        assert phone.errors == []


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_figure_is_one_tap_from_its_list_and_a_thing_one_from_the_map(one: Server, browser: Any) -> None:
    with leading(browser, one) as phone:
        phone.click(".card-reports button.figure")
        phone.shows("Kampung Tengah", "+ 11 lainnya", within="#list-reports")
        phone.click(".card-reports .thing .to-map")
        phone.shows("Tutup", within="dialog.map-sheet")
        assert phone.evaluate("() => document.querySelector('.map-sheet .symbol.is-meant') !== null")
        phone.press("Escape")
        until(
            lambda: phone.evaluate("() => document.querySelector('dialog') === null"), "the sheet is closed"
        )
        assert phone.evaluate("() => document.activeElement.className") == "to-map"
        assert phone.errors == []


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_by_keys_alone_a_leader_declares_a_level_and_hears_of_it(one: Server, browser: Any) -> None:
    with leading(browser, one, width=1280, height=900) as desk:
        for _ in range(40):
            desk.press("Tab")
            if (
                desk.evaluate("() => document.activeElement.getAttribute('aria-label')")
                == "Tetapkan Siaga II"
            ):
                break
        outline = desk.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        desk.press("Enter")
        desk.shows("Sekretaris Daerah", within="dialog.ask")
        desk.evaluate("() => document.querySelector('dialog [name=text]').focus()")
        for key in "Banjir":
            desk.press(key)
        desk.press("Enter")
        desk.shows("Siaga II", "Sekretaris Daerah", "Banjir", "Pak Wali", within=".level-card")
        desk.shows("Status kota Siaga II. Komando: Sekretaris Daerah.", within="#said")
        desk.shows("Status naik ke Siaga II", within=".card-changes")
        assert desk.errors == []


def bare(browser: Any, one: Server, state: State | None, **context: Any) -> Any:
    """The page on the machine's own screen, over a socket that brings this state and nothing after it."""
    page = browser.new_context(**context).new_page()
    serve(page, state)
    page.goto(f"http://{one.address}/leader?lang=id")
    return page


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_on_paper_the_worst_day_is_one_page(one: Server, browser: Any) -> None:
    page = bare(browser, one, storm(time.time()), viewport={"width": 710, "height": 1030})
    until(lambda: "300 alarm baru" in page.inner_text(".card-changes"), "the storm")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
    page.emulate_media(media="print")
    # Not one figure is cut off by the sheet's end: it is high enough for all that is told.
    cut = page.evaluate(
        "() => { const m = document.querySelector('#main'); return m.scrollHeight - m.clientHeight; }"
    )
    assert cut <= 1
    assert "Dicetak" in page.inner_text("#head")
    assert "9 lainnya" in page.inner_text(".card-agencies")
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= 710
    page.context.close()


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_before_the_first_data_nothing_is_called_well(one: Server, browser: Any) -> None:
    page = bare(browser, one, None, viewport={"width": 390, "height": 844}, color_scheme="light")
    until(lambda: "Belum ada data dari server" in page.inner_text("#banner"), "the banner")
    shown = page.inner_text("#main")
    assert "Menunggu data pertama" in shown
    assert not [words for words in ("Tidak ada", "Semua", "tepat waktu.") if words in shown], shown
    assert page.evaluate("() => document.documentElement.dataset.theme") == "light"
    page.context.close()


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_nothing_from_no_source_is_no_all_clear(one: Server, browser: Any) -> None:
    now = time.time()
    reports = {"id": "lapor", "kinds": ["incident"], "state": "ok", "since": now, "last_good_at": now}
    state: State = {
        "city": {"city": {"id": "city", "at": now}},
        "feed": {"lapor": {"name": "Lapor", **reports}},
    }
    page = bare(browser, one, state, viewport={"width": 390, "height": 844})
    until(lambda: "Tidak ada laporan terbuka" in page.inner_text(".card-reports"), "the empty list")
    shown = page.inner_text(".card-hazards")
    assert "Belum ada sumber data" in shown
    assert "Tidak ada peringatan" not in shown
    page.context.close()


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_read_aloud_everything_has_a_name_and_headings_stand_in_order(one: Server, browser: Any) -> None:
    with leading(browser, one, width=1280, height=900) as desk:
        desk.click(".card-reports button.figure")
        desk.shows("Kampung Tengah", within="#list-reports")
        nodes = desk._page.context.new_cdp_session(desk._page).send("Accessibility.getFullAXTree")["nodes"]
        shown = [node for node in nodes if not node.get("ignored")]

        def role(node: Any) -> str:
            return str(node.get("role", {}).get("value", ""))

        roles = [role(node) for node in shown]
        assert [roles.count(landmark) for landmark in ("main", "banner", "contentinfo")] == [1, 1, 1]
        named = {"button", "link", "img", "image", "region", "dialog", "table", "list", "columnheader"}
        nameless = [
            role(node)
            for node in shown
            if role(node) in named - {"list"} and not node.get("name", {}).get("value", "").strip()
        ]
        assert nameless == []
        levels = [
            prop["value"]["value"]
            for node in shown
            if role(node) == "heading"
            for prop in node["properties"]
            if prop["name"] == "level"
        ]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), levels
        live = desk.evaluate("() => document.querySelector('#said').getAttribute('aria-live')")
        assert live == "polite"


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_the_machines_own_screen_sees_it_without_a_log_in_and_changes_nothing(
    one: Server, browser: Any
) -> None:
    with window(browser, one, "/leader", width=768, height=1024) as tablet:
        tablet.shows("Siaga", "Lima terburuk", "Pintu Air")
        assert tablet.evaluate("() => document.querySelectorAll('.ladder button').length") == 0
        assert tablet.evaluate("() => document.documentElement.scrollWidth") == 768
        assert tablet.errors == []


def test_who_does_not_lead_is_refused_and_nobody_logs_in_first(one: Server) -> None:
    operator = Browser(one.address).log_in("sari", PASSWORD)
    assert operator.ask("GET", "/leader")[0] == 403
    status, _ = Browser(one.address).ask("GET", "/leader")
    assert status in (303, 401)
    assert json.dumps(one.entities("news")).count("alert_raised") > 40
