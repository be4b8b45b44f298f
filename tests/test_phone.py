"""`/a/CODE`: a supervisor scans an alert's code from the wall, logs in on the phone, and acknowledges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import page
from tests.cities import ENV, incident, push, write_city
from tests.running import Server, server, until
from tests.screens import Browser
from tests.staff import PASSWORD, enrol
from wallboard.access import Person

RULE = """
[[rule]]
id = "laporan"
type = "threshold"
kind = "incident"
severity = "danger"
text = { id = "Laporan: {name}", en = "Report: {name}" }
instruction = { id = "Periksa di lapangan", en = "Check in the field" }
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("phone")
    config = write_city(folder / "city", RULE)
    with server(folder / "state", "--config", str(config), env=ENV) as one:
        people = [
            Person(id="rina", name="Rina Wati", role="supervisor"),
            Person(id="siti", name="Siti", role="operator"),
        ]
        enrol(f"unix://{one.state_dir}/redis.sock", "contoh", people)
        yield one


def raised(running: Server, name: str) -> dict[str, Any]:
    """An alert of its own."""
    push(running, name, [incident(name)])
    alert: dict[str, Any] = until(
        lambda: next(
            (each for each in running.entities("alert").values() if each["subject"].endswith(name)), None
        ),
        "the alert",
    )
    return alert


def test_who_is_nobody_logs_in_and_comes_back(running: Server) -> None:
    phone = Browser(running.address)
    assert phone.send("GET", "/a/K7M2")[0] == 303
    assert phone.last["location"] == "/login?next=%2Fa%2FK7M2"
    assert phone.send("GET", "/a/..%2fadmin")[0] == 404


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_supervisor_acknowledges_on_the_phone_as_that_person(running: Server) -> None:
    alert = raised(running, "satu")
    with page(running, f"/a/{alert['code']}", width=390, height=844) as phone:
        phone.shows("Masuk")
        phone.log_in("rina", PASSWORD)
        phone.arrives(f"/a/{alert['code']}")
        shown = phone.shows("Laporan satu", "Periksa di lapangan", "Tangani")
        assert alert["code"] in shown
        phone.click("button.is-first")
        phone.shows("✓")
        phone.shows("· Rina Wati", within="dl")
        assert phone.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        assert phone.errors == []
    seen = running.entities("alert")[alert["id"]]
    assert (seen["state"], seen["acked_by"]) == ("acknowledged", "rina")


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_an_operator_sees_it_without_buttons_that_are_not_theirs(running: Server) -> None:
    alert = raised(running, "dua")
    with page(running, f"/a/{alert['code']}", width=390, height=844) as phone:
        phone.shows("Masuk")
        phone.log_in("siti", PASSWORD)
        phone.arrives(f"/a/{alert['code']}")
        phone.shows("Laporan dua")
        assert phone.evaluate("() => document.querySelectorAll('button').length") == 0
