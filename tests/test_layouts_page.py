"""Every ready layout in a real Chromium: nothing leaves its box, lies on another or is too small.

At the sizes of real walls and of a phone, at the height of the demo's flood, with hostile text in every field
that somebody outside can fill, with 300 alerts, with nothing at all, in both languages, and without motion.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.browser import chromium
from tests.demo_flood import flooded, flooded_city
from tests.running import Server, server, until
from tests.wall_look import Glass, State, glass
from wallboard.entities import KINDS
from wallboard.layouts import PANEL_KINDS
from wallboard.walls import ready_layouts

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SIZES = [(1920, 1080), (3840, 2160), (3840, 1080), (1080, 1920), (390, 844)]

HOSTILE = [
    "W" * 300,
    "<img src=x onerror=\"document.title='defaced'\"><script>document.title='defaced'</script>",
    "\u202eawas \u0645\u064a\u0627\u0647 \u05de\u05d9\u05dd\u202c \u2066tsunami",
    "🌊🚒👨‍👩‍👧‍👦🏳️‍🌈" * 4,
    "baris\nbaris\r\n\r\n" + "baris\n" * 20,
    "Z̸̢̛̗̤̲̖͓̖͖͎̈́̍̂̓͗̕ͅ" * 8,
    "Jalan Raya Pantai Utara Kilometer Dua Puluh Tujuh Belakang Pasar Induk Lama " * 4,
]

#: What a citizen, a camera list, a market, a warning or a person at a desk may fill.
WRITTEN = {
    *("title", "text", "address", "name", "market_name", "unit", "headline", "event", "area", "region"),
    *("potential", "category_raw", "category_name", "reason", "status_text", "caller"),
}

#: Panel → rows that are shown, and what stands behind "+" in its last line.
_COUNTED = """() => Object.fromEntries(
  [...document.querySelectorAll('[data-layout=operations] .panel:has(.rows)')].map((el) => [
    el.className.match(/panel-(\\w+)/)[1],
    el.querySelector('.rows').childElementCount
      + Number(el.querySelector('.more')?.innerText.match(/\\d+/)?.[0] ?? 0)]))"""

#: Cameras whose pictures stand on the page that is shown.
_PICTURES = """() =>
  [...document.querySelectorAll('.page:not([hidden]) .glass')].map((el) => el.dataset.camera)"""

#: How much of its panel the picture takes.
_SHARE_OF_PICTURE = """() => {
  const [panel, glass] = ['.panel-cctv', '.panel-cctv .glass'].map((one) =>
    document.querySelector('.page:not([hidden]) ' + one).getBoundingClientRect());
  return (glass.width * glass.height) / (panel.width * panel.height); }"""

#: Below these keys all words are such.
ALL_BELOW = {"texts", "instruction", "names", "commander"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("layouts")
    config = flooded_city(folder / "city")
    with server(folder / "state", "--config", str(config)) as one:
        flooded(one)
        yield one


@pytest.fixture(scope="module")
def flood(running: Server) -> State:
    return {kind: running.entities(kind) for kind in KINDS}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def indonesian(browser: Any, running: Server, flood: State) -> Iterator[Glass]:
    with glass(browser, running, flood, time.time()) as one:
        yield one


@pytest.fixture(scope="module")
def english(browser: Any, running: Server, flood: State) -> Iterator[Glass]:
    with glass(browser, running, flood, time.time(), "?lang=en", reduced_motion="reduce") as one:
        yield one


def hostile(state: State) -> State:
    """The same with hostile text in every field that somebody outside may fill."""
    number = 0

    def spoilt(value: Any, key: str, below: bool) -> Any:
        nonlocal number
        if isinstance(value, dict):
            return {name: spoilt(each, name, below or name in ALL_BELOW) for name, each in value.items()}
        if isinstance(value, list):
            return [spoilt(each, key, below) for each in value]
        if isinstance(value, str) and (below or key in WRITTEN):
            number += 1
            return HOSTILE[number % len(HOSTILE)]
        return value

    found: State = {
        kind: {id: spoilt(entity, "", False) for id, entity in many.items()} for kind, many in state.items()
    }
    for gauge in found["gauge"].values():
        gauge["level"] = HOSTILE[0]  # here a city's own word; a warning's level is one of ours
    return found


def many_alerts(state: State, count: int) -> State:
    """The same with so many alerts, none acknowledged, and no flood that would gather them by district."""
    made = copy.deepcopy(state)
    given = list(made["alert"].values())
    for number in range(count):
        alert = copy.deepcopy(given[number % len(given)])
        alert |= {
            "id": f"many-{number}",
            "state": "unacknowledged",
            "severity": ("danger", "severe", "caution")[number % 3],
        }
        made["alert"][alert["id"]] = alert
    made["city"]["city"]["flood"] = False
    return made


def _shows_alone(wall: Glass, camera: str) -> bool:
    return bool(wall.page.evaluate(_PICTURES) == [camera])


def faults_of(wall: Glass, *layouts: str) -> dict[str, list[str]]:
    """Layout → what is wrong with it; all ready ones where none is named."""
    found = {}
    for name in layouts or tuple(ready_layouts()):
        wall.turn(name)
        if faults := wall.look():
            found[name] = faults
    return found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_each_layout_holds_at_the_height_of_the_flood(indonesian: Glass, size: tuple[int, int]) -> None:
    indonesian.size(*size)
    assert faults_of(indonesian) == {}
    assert indonesian.page.errors == []


# A wall at 4K is one of half its pixels, twice as large.
@pytest.mark.parametrize("size", [SIZES[0], *SIZES[2:]], ids=lambda size: "x".join(map(str, size)))
def test_each_layout_holds_with_hostile_text_and_300_alerts(
    english: Glass, flood: State, size: tuple[int, int]
) -> None:
    english.show(hostile(many_alerts(flood, 300)))
    english.size(*size)
    assert faults_of(english) == {}
    assert english.page.evaluate("() => document.title") != "defaced"
    assert english.page.evaluate("() => document.querySelectorAll('img[src=x], main script').length") == 0
    assert english.page.errors == []


def test_without_motion_nothing_moves_though_an_alert_of_the_highest_level_stands(
    english: Glass, flood: State
) -> None:
    english.show(many_alerts(flood, 3))
    english.size(1920, 1080)
    english.turn("operations")
    assert english.page.evaluate("() => document.querySelectorAll('.pulses').length") > 0
    assert english.page.evaluate("() => document.getAnimations().length") == 0


def test_an_empty_city_and_one_that_is_not_there_yet_look_whole(indonesian: Glass, flood: State) -> None:
    indonesian.show({kind: flood[kind] for kind in ("city", "district", "feed", "agency")})
    indonesian.size(1080, 1920)
    assert faults_of(indonesian, "portrait", "emergency") == {}
    indonesian.size(1920, 1080)
    assert faults_of(indonesian) == {}
    indonesian.show({})
    assert faults_of(indonesian, "operations", "ultrawide") == {}
    indonesian.show(flood)


def test_a_dead_feed_greys_its_own_tiles_and_says_why(indonesian: Glass, flood: State) -> None:
    dead = copy.deepcopy(flood)
    since = indonesian.now() - 600
    why = {"state": "failing", "reason": "The name data.example cannot be resolved.", "last_good_at": since}
    for feed in dead["feed"].values():
        if feed["type"] in ("cameras", "gauges", "prices", "cap", "bmkg_quake"):
            feed |= why
    indonesian.show(dead)
    indonesian.size(1920, 1080)
    assert faults_of(indonesian) == {}
    indonesian.turn("operations")
    greyed = indonesian.page.evaluate(
        "() => [...document.querySelectorAll('[data-layout=operations] .tile[data-dead]')]"
        ".map((el) => el.className.match(/panel-(\\w+)/)[1]).sort()"
    )
    assert {"gauges", "hazards", "prices"} <= set(greyed)
    assert not {"alerts", "incidents", "calls"} & set(greyed)
    indonesian.page.shows("data.example tidak ditemukan", within="[data-layout=operations] .panel-gauges")
    indonesian.show(flood)


def test_what_does_not_fit_is_counted_and_the_worst_comes_first(indonesian: Glass, flood: State) -> None:
    state = many_alerts(flood, 300)
    indonesian.show(state)
    indonesian.size(1920, 1080)
    indonesian.turn("operations")
    shown = indonesian.page.evaluate(_COUNTED)
    standing = [alert for alert in state["alert"].values() if alert["state"] != "normal"]
    assert shown["alerts"] == len(standing)
    assert shown["gauges"] == len(state["gauge"])
    assert shown["hazards"] == len(state["hazard"])
    first = indonesian.page.text("[data-layout=operations] .panel-alerts .rows > :first-child")
    assert "Awas" in first
    indonesian.show(flood)


def test_a_district_of_its_own_is_all_that_its_page_shows(indonesian: Glass, flood: State) -> None:
    code, district = next(
        (id, one)
        for id, one in flood["district"].items()
        if not one.get("level") and one["counts"].get("open")
    )
    indonesian.size(1920, 1080)
    indonesian.turn("district", f"district:{code}")
    text = indonesian.page.shows(district["name"], within=".page:not([hidden])")
    others = [one["name"] for id, one in flood["district"].items() if not one.get("level") and id != code]
    assert not [name for name in others if name in text]
    assert indonesian.look() == []


def test_a_page_that_is_turned_to_calls_nothing_new_that_was_there_before(
    indonesian: Glass, flood: State
) -> None:
    indonesian.size(1080, 1920)
    indonesian.size(1920, 1080)  # another form: all pages are made anew
    indonesian.turn("market")
    assert indonesian.page.evaluate("() => document.querySelectorAll('[data-layout=market] .alert').length")
    marked = "() => [...document.querySelectorAll('[data-layout=market] .is-new')].map((el) => el.innerText)"
    assert indonesian.page.evaluate(marked) == []


def test_a_wall_that_was_sent_says_by_whom_and_until_when_and_comes_back(indonesian: Glass) -> None:
    for width, height in ((1920, 1080), (1080, 1920), (390, 844)):
        indonesian.size(width, height)
        indonesian.turn("calls")
        told = indonesian.page.text("[data-layout=calls] .sent")
        assert told.split("\n")[0] == "Dikirim supervisor", told
        assert "kembali " in told
        assert indonesian.look() == []
        indonesian.back()
        assert indonesian.page.text(".page:not([hidden]) .panel-header")
        assert indonesian.page.text(".page:not([hidden]) .sent") == ""


def test_a_wall_that_is_sent_to_a_camera_shows_its_picture_alone_and_large(
    indonesian: Glass, flood: State
) -> None:
    cameras = sorted(flood["camera"])
    for size in ((1920, 1080), (390, 844)):
        indonesian.size(*size)
        for camera in (cameras[0], cameras[-1]):
            indonesian.turn("cameras", f"camera:{camera}", named=False)
            until(partial(_shows_alone, indonesian, camera), "that camera's picture")
            share = indonesian.page.evaluate(_SHARE_OF_PICTURE)
            assert share > 0.5, (size, share)
            assert indonesian.look() == []
    indonesian.back()


def test_text_is_as_large_as_the_distance_asks(indonesian: Glass) -> None:
    # 16 arc-minutes at 6 m as the height of a capital, of Inter's 0.73 em, on a wall 3.6 m wide; 0.86 rem.
    for width, height in ((1920, 1080), (3840, 2160)):
        indonesian.size(width, height)
        rem = indonesian.page.evaluate("() => parseFloat(document.documentElement.style.fontSize)")
        assert rem == pytest.approx(0.00465 * 6000 / 0.73 * width / 3600 / 0.86, abs=0.01)


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        ("el.style.fontSize = '9px'", "has 9 px"),
        ("el.style.cssText = 'position:absolute;right:-2rem'", "is cut off"),
        ("el.style.cssText = 'position:absolute;bottom:-.6em'", "is cut through"),
        ("el.style.cssText = 'position:relative;right:14em'", "lies on"),
        ("el.closest('.panel').style.marginLeft = '-4rem'", "leaves the page"),
        ("el.closest('.panel').style.marginBottom = '-5rem'", "lies on panel-"),
    ],
)
def test_the_look_finds_what_it_looks_for(indonesian: Glass, flood: State, spoil: str, fault: str) -> None:
    indonesian.show(flood)
    indonesian.size(1920, 1080)
    indonesian.turn("calls")
    indonesian.turn("operations")
    assert indonesian.look() == []
    indonesian.page.evaluate(
        "(spoil) => { const el = document.querySelector('[data-layout=operations] .panel-incidents .age');"
        f" {spoil}; }}"
    )
    assert any(fault in found for found in indonesian.look())
    indonesian.page.evaluate(
        "() => { const el = document.querySelector('[data-layout=operations] .panel-incidents .age');"
        " el.style.cssText = ''; el.closest('.panel').style.margin = ''; }"
    )


def test_each_panel_is_asked_for_once_by_its_hashed_address(indonesian: Glass) -> None:
    for name in PANEL_KINDS:
        asked = [url for url in indonesian.page.requests if url.endswith(f"/js/panels/{name}.js")]
        assert len(asked) == 1, name
        assert len(asked[0].split("/static/")[1].split("/")[0]) == 12, asked
