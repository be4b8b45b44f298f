"""The wall in a real browser: it tells the truth about itself, and keeps its layout whatever text comes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import redis

from tests.browser import Page, chromium, page, window
from tests.cities import ENV, incident, push, write_city
from tests.running import Server, server, until

HOSTILE = [
    "<img src=x onerror=\"document.title='defaced'\"><script>document.title='defaced'</script>",
    "\u202etsunami\u202c \u2066\u2067 awas",
    "a" * 10_000,
    "banjir\x00\x07\x1b[31m\ufeff\u200b",
    "Z̸̢̛̗̤̲̖͓̖͖͎̈́̍̂̓͗̕ͅ" * 50,
    "{{ 7 * 7 }} ${7*7} javascript:alert(1)",
]

#: What a person sees of the layout: how much of the page lies outside the window.
OVERFLOW = """() => [document.documentElement.scrollWidth - innerWidth,
                     document.documentElement.scrollHeight - innerHeight]"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("page")
    config = write_city(folder / "city")
    with server(folder / "state", "--config", str(config), env=ENV) as one:
        yield one


def loaded(shown: Page) -> Page:
    """The page, once its first state is on the glass."""
    shown.shows("Kota Contoh")
    until(lambda: not banner(shown), "the wall is painted and no banner lies over it")
    return shown


def banner(shown: Page) -> bool:
    """Whether the banner that tells of missing data lies over the wall."""
    return bool(shown.evaluate("() => document.querySelector('#banner').checkVisibility()"))


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_wall_whose_engine_stands_still_says_so_and_takes_it_back(running: Server) -> None:
    with page(running) as shown:
        loaded(shown)
        engine = running.children()["wall-engine"]
        os.kill(engine, signal.SIGSTOP)
        try:
            until(lambda: banner(shown), "the banner that says since when there is no data")
            assert "sejak" in shown.text("#banner").lower()
        finally:
            os.kill(engine, signal.SIGCONT)
        until(lambda: not banner(shown), "the banner goes when data comes again", 30)


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_wall_whose_redis_stands_still_says_so_and_takes_it_back(running: Server) -> None:
    with page(running) as shown:
        loaded(shown)
        redis = running.children()["redis"]
        os.kill(redis, signal.SIGSTOP)
        try:
            until(lambda: banner(shown), "the banner that says since when there is no data")
        finally:
            os.kill(redis, signal.SIGCONT)
        until(lambda: not banner(shown), "the banner goes when data comes again", 30)


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_wall_whose_redis_is_full_says_what_since_when_and_what_to_do(running: Server) -> None:
    client = redis.Redis(unix_socket_path=str(running.state_dir / "redis.sock"))
    enough = str(client.config_get("maxmemory")["maxmemory"])
    english = "/wall/operations?lang=en"
    with (
        chromium() as browser,
        window(browser, running) as shown,
        window(browser, running, english, width=390, height=844) as phone,
    ):
        loaded(shown)
        until(lambda: not banner(phone), "the phone is painted")
        client.config_set("maxmemory", 1)
        try:
            text = shown.shows("Memori Redis penuh sejak", within="#banner")
            assert "naikkan maxmemory" in text
            phone.shows("Redis' memory is full since", "raise maxmemory", within="#banner")
            # Who comes only now is told as well.
            phone.go(f"http://{running.address}{english}")
            phone.shows("Redis' memory is full since", within="#banner")
        finally:
            client.config_set("maxmemory", enough)
            client.close()
        until(lambda: not banner(shown) and not banner(phone), "the banner goes when data comes again", 30)


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_hostile_text_is_shown_as_harmless_text_and_keeps_the_layout(running: Server) -> None:
    for number, text in enumerate(HOSTILE):
        events = [incident(f"hostile-{number}", category="flood") | {"title": text, "text": text}]
        assert push(running, f"hostile-{number}", events) == 202
    # Where a wall stands upright there is room for all of them.
    with page(running, width=1080, height=1920) as shown:
        loaded(shown)
        shown.shows("<img src=x", within="body")
        assert shown.evaluate("() => document.title") != "defaced"
        assert shown.evaluate("() => document.querySelectorAll('img[src=x], main script').length") == 0
        assert "\u202e" not in shown.text()
        assert shown.evaluate(OVERFLOW) == [0, 0]
        assert shown.errors == []


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_300_reports_fit_because_what_does_not_is_counted(running: Server) -> None:
    events = [incident(f"many-{i}", 110.0 + i % 8 * 0.01, -5.01, category="flood") for i in range(300)]
    assert push(running, "many", events) == 202
    until(lambda: len(running.entities("incident")) >= 300, "all reports")
    for width, height in ((1920, 1080), (3840, 2160)):
        with page(running, width=width, height=height) as shown:
            loaded(shown)
            shown.shows("lainnya")
            assert shown.evaluate(OVERFLOW) == [0, 0]
    with page(running, width=390, height=844) as phone:
        loaded(phone)
        phone.shows("lainnya")
        assert phone.evaluate(OVERFLOW)[0] == 0, "a phone scrolls down, never sideways"


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_nothing_is_asked_from_outside_and_the_policy_is_kept(running: Server) -> None:
    with page(running, "/wall/operations?lang=en") as shown:
        loaded(shown)
        shown.shows("Open reports")
        assert {urlsplit(url).netloc for url in shown.requests if not url.startswith(("data:", "blob:"))} == {
            running.address
        }
        assert shown.errors == []


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_wall_says_what_it_painted(running: Server) -> None:
    with page(running) as shown:
        loaded(shown)
        until(
            lambda: running.entities("wall").get("operations", {}).get("state") == "painting",
            "the wall is known to paint",
        )
    until(lambda: running.entities("wall")["operations"]["state"] == "gone", "the wall has gone")


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_wall_finds_its_way_back_to_a_restarted_node(running: Server) -> None:
    with page(running) as shown:
        loaded(shown)
        os.kill(running.children()["wall-web-1"], signal.SIGKILL)
        until(lambda: running.get_or_none("/readyz"), "the node is back", 30)
        assert push(running, "back", [incident("back", category="flood", severity="danger")]) == 202
        shown.shows("Laporan back")
        until(lambda: not banner(shown), "no banner")
