"""Every panel of a wall in a real browser: nothing, everything, the worst text, and one that breaks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import Page, chromium, window
from tests.cities import ENV, write_city
from tests.hostile_state import hostile_state
from tests.running import Server, server, until
from tests.test_wall_page import HOSTILE
from wallboard.layouts import PANEL_KINDS

#: Panels that are no tiles: lines at the head and the foot of a page, without an age of their own.
BARE = ("header", "feeds", "ticker")

#: A stage of one panel after the other, with a state of ours: what `act` returns of it.
SET_UP = """async ({panels, language}) => {
  const base = document.querySelector('script[type=module]').src.replace(/\\/js\\/.*/, '/js/');
  const use = (name) => import(`${base}${name}.js`);
  const [{Stage, loadPanels}, {Store}, {Places}, {figureWriter}, {timeWriter}, {translator}, {measure}] =
    await Promise.all(['stage', 'store', 'places', 'format', 'clock', 'words', 'screen'].map(use));
  const boot = JSON.parse(document.getElementById('boot').textContent);
  const store = new Store(() => {});
  const t = translator(language);
  const now = () => Date.now() / 1000;
  const places = new Places(boot.map_level ?? 0);
  const geo = await (await fetch(boot.geo)).json();
  places.load(geo);
  const ctx = {
    boot, store, places, t, language, district: '', panels: await loadPanels(panels),
    geo: Promise.resolve({geo, base: null}), figures: figureWriter(language, t),
    time: timeWriter(boot.city.time_zone, language), now, mono: () => performance.now() / 1000,
    screen: () => measure({width: innerWidth, height: innerHeight}, boot.view),
    live: () => true, newestFrame: now, sent: () => null, unsafe: () => false,
  };
  document.getElementById('wall').replaceChildren();
  const stage = (name, options = {}) => new Stage(document.getElementById('wall'), name, {
    columns: '100%', rows: '100%', areas: ['a'], panels: [{panel: name, area: 'a', options}]}, ctx);
  window.test = {ctx, store, stage, Stage};
}"""

EACH = """async (panels) => {
  const {stage, store} = window.test;
  const told = {};
  for (const name of panels) {
    const one = stage(name);
    one.update(null);
    one.tick();
    await new Promise(requestAnimationFrame);
    one.tick();
    const el = one.el.firstElementChild;
    told[name] = {
      failed: el.dataset.failed ?? null, state: el.dataset.state ?? null, text: el.innerText,
      age: el.querySelector('.age')?.textContent ?? null,
      note: el.querySelector('.note')?.textContent ?? null,
      wide: [...el.querySelectorAll('.tile-body, .tile > header')]
        .some((part) => part.scrollWidth > part.clientWidth + 1),
      links: [...el.querySelectorAll('a')].map((a) => a.getAttribute('href')),
    };
    one.stop();
    if (one.el.isConnected) told[name].failed = 'it stays after its end';
  }
  return told;
}"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("panels")
    with server(folder / "state", "--config", str(write_city(folder / "city")), env=ENV) as one:
        yield one


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as one:
        yield one


def ready(page: Page) -> Page:
    """The page with a stage of its own."""
    page.shows("Kota Contoh")
    page.evaluate(SET_UP, {"panels": list(PANEL_KINDS), "language": "id"})
    return page


def put(page: Page, state: dict[str, dict[str, Any]]) -> None:
    page.evaluate("(state) => window.test.store.replace(state)", state)


def each(page: Page) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = page.evaluate(EACH, list(PANEL_KINDS))
    assert {name: one["failed"] for name, one in found.items() if one["failed"]} == {}
    return found


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_every_panel_says_when_it_waits_and_when_there_is_nothing(running: Server, browser: Any) -> None:
    with window(browser, running) as page:
        ready(page)
        for name, told in each(page).items():
            if name in BARE:
                continue
            assert told["state"] == "waiting", name
            assert told["text"].strip(), f"{name} is a hole before the first data"
        put(page, {"feed": {"x": {"id": "x", "state": "ok", "type": "x"}}})
        for name, told in each(page).items():
            if name in BARE:
                continue
            assert told["state"] != "waiting", name
            assert told["text"].strip(), f"{name} is a hole without data"
            assert told["age"] is not None or told["note"], (
                f"{name} tells neither age nor that there is nothing"
            )
        assert page.errors == []


@pytest.mark.browser
@pytest.mark.timeout(120)
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)])
def test_every_panel_takes_the_worst_text_in_every_field(
    running: Server, browser: Any, width: int, height: int
) -> None:
    with window(browser, running, width=width, height=height) as page:
        ready(page)
        put(page, hostile_state(HOSTILE, time.time()))
        told = each(page)
        assert page.evaluate("() => document.title") != "defaced"
        assert page.evaluate("() => document.querySelectorAll('img[src=x], main script').length") == 0
        if width > 1000:
            assert {name for name, one in told.items() if one["wide"]} == set(), (
                "text that pushes its tile wide"
            )
        for name, one in told.items():
            if name not in BARE:
                assert one["age"] is not None or one["note"], f"{name} has data without an age"
            for href in one["links"]:
                assert href.startswith(("/console#", "/a/")), (name, href)
        pressed = {name for name, one in told.items() if one["links"]}
        assert pressed == ({"alerts", "incidents", "calls", "agencies"} if width < 1000 else set())
        # The server has no picture of a camera that only this page knows.
        assert [error for error in page.errors if "404" not in error] == []


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_panel_that_breaks_says_so_and_the_others_live(running: Server, browser: Any) -> None:
    with window(browser, running) as page:
        ready(page)
        page.evaluate(
            """() => {
              const {ctx, Stage} = window.test;
              window.broken = true;
              const late = {mount: (el) => ({kinds: ['alert'], stop() {}, update() {
                if (window.broken) throw new Error('a fault <b>of ours</b>');
                el.textContent = 'well again';
              }})};
              ctx.panels.set('early', {mount() { throw new Error('no mount'); }});
              ctx.panels.set('late', late);
              ctx.panels.set('lost', new Error('not loaded'));
              const areas = ['early late', 'lost gauges'];
              const panels = areas.join(' ').split(' ').map((name) => ({panel: name, area: name}));
              const wall = document.getElementById('wall');
              window.one = new Stage(wall, 'x', {columns: '1fr 1fr', rows: '1fr 1fr', areas, panels}, ctx);
              window.one.update(null);
            }"""
        )
        failed = page.evaluate(
            """() => [...document.querySelectorAll('[data-failed]')]
              .map((el) => [el.className, el.dataset.failed])"""
        )
        assert [name.split()[1] for name, _ in failed] == ["panel-early", "panel-late"]
        assert all("no mount" in why or "<b>of ours</b>" in why for _, why in failed), "the reason is text"
        assert "lost" in page.text(".panel-lost")
        assert page.text(".panel-gauges").strip(), "its neighbour lives"
        page.evaluate("() => { window.broken = false; window.one.tick(); }")
        assert page.text(".panel-late") == "well again", "it is tried again"
        assert page.evaluate("() => document.querySelector('.panel-late').dataset.failed ?? null") is None
        page.evaluate("() => window.one.stop()")


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_269_cameras_none_and_a_dead_list(running: Server, browser: Any) -> None:
    place = {"lon": 110.01, "lat": -5.01}
    cameras = {
        f"cctv/{n}": {
            "id": f"cctv/{n}",
            "name": f"Kamera {n}",
            "feed": "cctv",
            "place": place,
            "at": time.time(),
            "picture": n % 2 == 0,
            "state": ("online", "frozen", "offline", "online")[n % 4],
            "since": 1.0,
        }
        for n in range(269)
    }
    feed = {"id": "cctv", "type": "cameras", "kinds": ["camera"], "state": "ok", "last_good_at": time.time()}
    with window(browser, running) as page:
        ready(page)
        put(page, {"camera": cameras, "feed": {"cctv": feed}})
        page.evaluate("() => { window.one = window.test.stage('cctv'); window.one.update(null); }")
        shown = page.text(".panel-cctv")
        assert "67 mati" in shown
        assert "beku" in shown
        count = "() => document.querySelectorAll('.panel-cctv figure').length"
        # Of itself the panel shows a page of pictures; each says what it is worth before any has come.
        assert 4 <= page.evaluate(count) <= 16
        states = "() => [...document.querySelectorAll('.panel-cctv figure')].map((el) => el.dataset.state)"
        assert set(page.evaluate(states)) <= {"frozen", "checking", "unknown"}
        put(
            page,
            {"camera": cameras, "feed": {"cctv": feed | {"state": "failing", "reason": "x", "since": 5.0}}},
        )
        page.evaluate("() => window.one.update(null)")
        assert page.evaluate("() => document.querySelector('.panel-cctv').dataset.state") == "dead"
        put(page, {"feed": {"cctv": feed}})
        page.evaluate("() => window.one.update(null)")
        assert "Tidak ada kamera" in page.text(".panel-cctv")
        until(lambda: not page.evaluate("() => window.test.ctx.store.all('camera').length"), "none left")
