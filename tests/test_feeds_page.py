"""The administrator's page of sources on a real server: what is wrong with one, and what "try again" does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import page
from tests.cities import ENV, incident, push, write_city
from tests.running import Server, server, until
from tests.screens import Browser
from tests.staff import PASSWORD, enrol
from tests.test_kills import audit_lines
from wallboard.access import Person

FEED = """
[[feed]]
name = "lapor"
type = "reports"
title = "Laporan warga"
url = "file:lapor.json"
every = "1s"
[feed.options.mapping.fields]
id = "id"
title = "judul"
[[feed]]
name = "mati"
type = "cap"
url = "file:tidak-ada.xml"
enabled = false
"""
RECORDS = [{"id": "1", "judul": "Satu"}, {"judul": "Tanpa nomor, 0812-3456-7890"}]


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    folder = tmp_path_factory.mktemp("feeds")
    config = write_city(folder / "city", FEED)
    (folder / "city" / "lapor.json").write_text(json.dumps(RECORDS))
    with server(folder / "state", "--config", str(config), env=ENV) as running:
        people = [
            Person(id="mutia", name="Mutia", role="admin"),
            Person(id="rina", name="Rina", role="supervisor"),
        ]
        enrol(f"unix://{running.state_dir}/redis.sock", "contoh", people)
        until(lambda: running.entities("feed").get("lapor", {}).get("state") == "ok", "the feed's first word")
        yield running, folder / "city" / "lapor.json"


def told(browser: Browser, name: str = "lapor") -> dict[str, Any]:
    status, body = browser.ask("GET", "/api/v1/feeds")
    assert status == 200, body
    (feed,) = [feed for feed in body["feeds"] if feed["name"] == name]
    return feed["told"] or {}


def test_what_a_feed_did_and_what_it_could_not_use(one: tuple[Server, Path]) -> None:
    running, file = one
    admin = Browser(running.address).log_in("mutia", PASSWORD)
    until(lambda: told(admin).get("fault"), "the feed's trace")
    document, fault = told(admin)["document"], told(admin)["fault"]
    assert document["address"].endswith("/lapor.json")
    assert (document["bytes"], document["events"], document["faults"]) == (file.stat().st_size, 1, 1)
    assert "id" in fault["why"]
    status, dead = admin.ask("GET", "/api/v1/feeds/lapor/dead")
    (letter,) = dead["dead"]
    assert status == 200
    assert letter["reason"] == f"{fault['where']}: {fault['why']}"
    # Its id and time may hold any digits.
    assert "3456" not in json.dumps([letter["reason"], letter["record"]])
    for nowhere in ("x", "99999999999999999999-0", "1-", "%D9%A1-1"):
        assert admin.ask("GET", f"/api/v1/feeds/lapor/dead?before={nowhere}")[0] == 400
    assert admin.ask("GET", "/api/v1/feeds/nobody/dead")[0] == 404
    assert admin.ask("GET", "/api/v1/feeds/-/dead")[1] == {"dead": [], "next": ""}


def test_of_a_feed_that_is_pushed_the_last_message_and_the_last_refusal_are_told(
    one: tuple[Server, Path],
) -> None:
    running, _ = one
    assert push(running, "m-1", [incident("1"), {"type": "x"}]) == 202
    assert Browser(running.address).ask("POST", "/api/v1/ingest/push", {})[0] == 401
    admin = Browser(running.address).log_in("mutia", PASSWORD)
    until(lambda: told(admin, "push").get("fault", {}).get("where") == "the request", "the refusal")
    document, fault = told(admin, "push")["document"], told(admin, "push")["fault"]
    assert (document["events"], document["faults"]) == (1, 1)
    assert document["bytes"] > 50
    assert fault["why"]


def test_try_again_tries_every_record_and_is_in_the_trail(one: tuple[Server, Path]) -> None:
    running, _ = one
    admin = Browser(running.address).log_in("mutia", PASSWORD)
    before = len(admin.ask("GET", "/api/v1/feeds/lapor/dead")[1]["dead"])
    assert admin.ask("POST", "/api/v1/feeds/lapor/again", {})[0] == 202
    until(lambda: told(admin).get("again_at"), "the feed begun anew")
    until(
        lambda: len(admin.ask("GET", "/api/v1/feeds/lapor/dead")[1]["dead"]) > before,
        "the bad record, tried and refused again",
    )
    assert admin.ask("POST", "/api/v1/feeds/push/again", {})[0] == 409, "its sender pushes"
    assert admin.ask("POST", "/api/v1/feeds/mati/again", {})[0] == 409, "it is not enabled"
    assert admin.ask("POST", "/api/v1/feeds/nobody/again", {})[0] == 404
    rina = Browser(running.address).log_in("rina", PASSWORD)
    assert rina.ask("POST", "/api/v1/feeds/lapor/again", {})[0] == 403
    assert rina.ask("GET", "/api/v1/feeds")[0] == 403
    trail = [line for line in audit_lines(running.state_dir) if line["what"] == "feed.again"]
    assert [(line["person"], line["args"], line["status"]) for line in trail] == [
        ("mutia", {"id": "lapor"}, "done")
    ]


@pytest.mark.browser
def test_the_page_says_what_is_wrong_and_tries_again(one: tuple[Server, Path]) -> None:
    running, file = one
    with page(running, "/admin", width=1366, height=768) as shown:
        shown.log_in("mutia", PASSWORD)
        shown.arrives("/admin")
        shown.click('#nav a[href="#feeds"]')
        shown.shows("Laporan warga", "baik", "tidak dijalankan", within=".section-feeds")
        shown.click('a[href="#feeds/lapor"]')
        shown.shows(
            "Kesalahan terakhir", "lapor.json", "1 kejadian, 1 catatan salah", within=".section-feeds"
        )
        shown.shows("Tidak dapat dipakai", "Catatan", within=".section-feeds")
        file.write_text(json.dumps(RECORDS[:1]))
        shown.click('.section-feeds button:has-text("Coba lagi")')
        shown.shows("Sumber dibaca ulang", "1 kejadian, 0 catatan salah", within=".section-feeds")
        shown.go(f"http://{running.address}/admin#feeds/push")
        shown.shows("harus dikirim ulang dari sana", within=".section-feeds")
        assert shown.errors == []
