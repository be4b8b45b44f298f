"""A wall on its own in a real browser: what it says of itself, clocks that jump, upgrades, memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from loadtests.wall_soak import Sample, slope
from tests.browser import Page, chromium, window
from tests.cities import ENV, incident, push, write_city
from tests.running import Server, server, until
from tests.staff import PASSWORD, enrol
from wallboard.access import Person

#: A second feed, which takes what it brings from a file that is not there: it is down from the start.
DEAD_FEED = """
[[feed]]
name = "pintu"
type = "gauges"
title = "Pintu air"
url = "file:nowhere.json"
every = "1s"
[feed.options]
source = "pintu_air"
"""

#: Changes of the short soak, and what heap may grow by in it: caches still fill (bytes).
CHANGES = 3000
MOST_GROWTH = 4 * 1024 * 1024


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("weeks")
    config = write_city(folder / "city", DEAD_FEED)
    with server(folder / "state", "--config", str(config), env=ENV) as running:
        enrol(
            f"unix://{running.state_dir}/redis.sock",
            "contoh",
            [
                Person(id="bantu", name="Bantu", role="helpdesk"),
                Person(id="rina", name="Rina", role="supervisor"),
            ],
        )
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


def loaded(shown: Page) -> Page:
    shown.shows("Kota Contoh")
    until(lambda: link(shown) == "live", "the wall is live")
    return shown


def link(shown: Page) -> str:
    return str(shown.evaluate("() => document.documentElement.dataset.link ?? ''"))


def states(shown: Page) -> dict[str, str]:
    """Panel → state of its tile."""
    found: dict[str, str] = shown.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.page:not([hidden]) .tile')]
             .map((el) => [[...el.classList].find((name) => name.startsWith('panel-')), el.dataset.state]))"""
    )
    return found


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_dead_feed_greys_its_own_tile_alone(one: Server, browser: Any) -> None:
    with window(browser, one) as shown:
        loaded(shown)
        until(lambda: states(shown).get("panel-gauges") == "dead", "the gauges' tile is dead")
        assert "dead" not in {state for panel, state in states(shown).items() if panel != "panel-gauges"}
        assert link(shown) == "live"


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_clock_of_the_screen_that_jumps_changes_nothing(one: Server, browser: Any) -> None:
    with window(browser, one) as shown:
        loaded(shown)
        before = shown.text(".clock")
        shown.evaluate(
            """() => { const real = Date.now; Date.now = () => real() + 86_400_000 * 400;
                       const Real = Date; window.Date = class extends Real {
                         constructor(...args) { super(...(args.length ? args : [Date.now()])); } }; }"""
        )
        until(lambda: shown.text(".clock") != before, "the clock goes on")
        assert link(shown) == "live"
        hours = abs(int(shown.text(".clock")[:2]) - int(before[:2])) % 23
        assert hours <= 1, "it is the server's time"
        assert str(time.gmtime().tm_year) in shown.text(".date") or not shown.text(".date")


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_the_help_desk_sees_what_a_wall_says_of_its_glass(one: Server, browser: Any) -> None:
    with window(browser, one) as wall, window(browser, one, "/login?next=%2Fconsole%23screens") as desk:
        loaded(wall)
        desk.log_in("bantu", PASSWORD)
        desk.arrives("#screens")
        desk.shows("operations", "terkini", "/dtk", "MiB", "127.0.0.1", within="[data-glass]")
        assert desk.errors == []


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_report_is_shown_on_a_wall_from_its_story(one: Server, browser: Any) -> None:
    assert push(one, "story", [incident("story", category="flood")]) == 202
    until(lambda: "push/story" in one.entities("incident") or one.entities("incident"), "the report")
    id = next(id for id in one.entities("incident") if id.endswith("story"))
    with (
        window(browser, one, "/wall/calls") as wall,
        window(browser, one, f"/login?next=%2Fconsole%23incident%2F{id.replace('/', '%252F')}") as desk,
    ):
        loaded(wall)
        desk.log_in("rina", PASSWORD)
        desk.click("button:has-text('Tampilkan di papan')")
        desk.shows("Tampilkan di papan: Laporan Laporan story", within="dialog")
        desk.evaluate("() => { document.querySelector('dialog [name=wall]').value = 'calls' }")
        desk.click("dialog button[type=submit]")
        until(
            lambda: wall.evaluate("() => Boolean(document.querySelector('.page:not([hidden]) .panel-map'))"),
            "a page with a map",
        )
        assert one.entities("wall")["calls"]["sent"]["subject"] == f"incident:{id}"
        assert desk.errors == []


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_some_thousand_changes_leave_the_memory_where_it_was(one: Server, browser: Any) -> None:
    with window(browser, one) as shown:
        loaded(shown)
        cdp = shown.cdp()

        def sample(changes: int) -> Sample:
            for _ in range(2):
                cdp.send("HeapProfiler.collectGarbage")
            heap, dom = cdp.send("Runtime.getHeapUsage"), cdp.send("Memory.getDOMCounters")
            return Sample(changes, int(heap["usedSize"]), int(dom["nodes"]), int(dom["jsEventListeners"]))

        samples = []
        for turn in range(3):
            for batch in range(CHANGES // 3 // 200):
                events = [
                    incident(f"soak-{i}", 110.0 + i % 8 * 0.01, -5.01, category="flood")
                    | {"title": f"Laporan {turn} {batch} {i}"}
                    for i in range(200)
                ]
                assert push(one, f"soak-{turn}-{batch}", events) == 202
            last = f"Laporan {turn} {batch} "
            until(
                lambda last=last: any(last in str(one) for one in one.entities("incident").values()),  # type: ignore[misc]
                "the changes are in the state",
            )
            until(lambda: link(shown) == "live", "the wall follows")
            samples.append(sample((turn + 1) * CHANGES // 3))
        assert slope(samples[1:], "heap") < MOST_GROWTH * 10_000 / CHANGES
        assert samples[-1].listeners <= samples[0].listeners + 5
        assert shown.errors == []
