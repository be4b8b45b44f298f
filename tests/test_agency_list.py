"""wallboard/web/agencies.py on a real server: from a press at the console to the list behind a number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cities import ENV, incident, push, write_city
from tests.logins import Browser
from tests.running import Server, server, until

CITY = """
[retention]
incident = "500ms"
[[agency]]
code = "DPU"
name = "Pekerjaan Umum"
[[agency]]
code = "D*"
name = "Bintang"
[[sla]]
resolve = "7d"
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("agencies")
    path = write_city(folder / "city", CITY)
    path.write_text(path.read_text().replace("[city]\n", "[city]\nsimulation = true\n"))
    with server(folder / "state", "--config", str(path), env=ENV) as one:
        yield one


def listed(browser: Browser, code: str = "DPU", **query: str) -> dict[str, Any]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = browser.ask(f"/api/v1/agencies/{code}/incidents?{asked}")
    return {"status": answer.status, **answer.json()}


def shown(running: Server, code: str = "DPU") -> dict[str, Any]:
    agency: dict[str, Any] = running.entities("agency").get(code, {})
    return agency


def test_each_number_equals_its_list_while_people_work_and_after_it_left_the_state(running: Server) -> None:
    events = [incident(id, agency="DPU") for id in ("1", "2", "3")]
    assert push(running, "first", [*events, incident("x", agency="D*")]) == 202
    until(lambda: shown(running).get("open") == 3, "three open")
    agency = Browser(running).log_in("dpu")
    desk = agency.board().whole()
    for to in ("in_progress", "resolved"):
        seen = "received" if to == "in_progress" else "in_progress"
        told = desk.command("incident.status", f"{to}-1", incident="push/1", status=to, seen=seen)
        assert told["status"] == "done"
    other = desk.command("incident.status", "x-1", incident="push/x", status="accepted", seen="received")
    assert (other["status"], other["reason"]) == ("refused", "no_such_thing")
    desk.close()
    until(lambda: shown(running)["spans"]["today"].get("resolved") == 1, "one resolved")
    assert push(running, "second", [incident("2", agency="DPU", status="closed")]) == 202
    until(lambda: "push/2" not in running.entities("incident"), "it to leave the state")
    until(lambda: shown(running)["spans"]["today"].get("resolved") == 2, "two resolved")
    for figure, ids in (("open", {"push/3"}), ("resolved", {"push/1", "push/2"}), ("accepted", {"push/1"}),
                        ("received", {"push/1", "push/2", "push/3"}), ("kept", {"push/1", "push/2"}),
                        ("late", set()), ("returned", set()), ("overdue", set())):  # fmt: skip
        for span in ("today", "7d", "30d"):
            answer = listed(agency, figure=figure, span=span)
            number = shown(running).get(figure, 0)
            if figure not in ("open", "overdue"):
                number = shown(running)["spans"][span].get(figure, 0)
            assert (answer["total"], {row["id"] for row in answer["rows"]}) == (number, ids), (figure, span)
    gone = [row for row in listed(agency, figure="resolved")["rows"] if not row["present"]]
    assert [row["id"] for row in gone] == ["push/2"]


def test_an_agency_sees_its_own_lists_alone(running: Server) -> None:
    agency = Browser(running).log_in("dpu")
    assert listed(agency, "D*")["status"] == 403
    assert listed(Browser(running).log_in("admin"))["status"] == 403
    # A code that is a pattern to Redis stands for itself.
    star = listed(Browser(running).log_in("rina"), "D*", figure="received")
    assert {row["id"] for row in star["rows"]} == {"push/x"}


def test_somebody_of_an_agency_with_a_limit_to_districts_sees_titles_of_these_alone(running: Server) -> None:
    told = {"id": "lokal", "name": "Lokal", "role": "agency", "agency": "DPU"}
    assert push(running, "limits", [incident("limits", agency="DPU")]) == 202
    until(lambda: "push/limits" in running.entities("incident"), "the incident")
    all_of_it = listed(Browser(running).log_in("dpu"), figure="received")["rows"]
    there = {row["district"] for row in all_of_it if row["district"]}
    other = next(id for id in running.entities("district") if not any(code.startswith(id) for code in there))
    admin = Browser(running).log_in("admin")
    link = admin.ask("/api/v1/users", {**told, "districts": [other]}).json()["link"]
    local = Browser(running)
    code = link.partition("code=")[2]
    assert local.ask("/api/v1/first", {"code": code, "password": "a long word of these"}).status == 200
    answer = listed(local, figure="received")
    assert answer["status"] == 200
    assert [row["id"] for row in answer["rows"] if row["district"]] == []
    assert "push/limits" in {row["id"] for row in all_of_it}
    assert "push/1" not in {row["id"] for row in answer["rows"]}


@pytest.mark.parametrize(
    ("code", "query", "status"),
    [("DPU", {"span": "1y"}, 400), ("DPU", {"figure": "all"}, 400), ("NONE", {}, 404), ("DPU", {}, 200)],
)
def test_what_there_is_not_is_named(running: Server, code: str, query: dict[str, str], status: int) -> None:
    assert listed(Browser(running).log_in("rina"), code, **query)["status"] == status


def test_an_incident_from_a_call_is_on_the_wall_within_its_command(running: Server) -> None:
    desk = Browser(running).log_in("siti").board().whole()
    told = desk.command(
        "incident.new", "new-1", title="Pohon tumbang", category="banjir", lon=110.01, lat=-5.01, call="c-1"
    )
    assert told["status"] == "done"
    made = until(lambda: running.entities("incident").get(told["id"]), "it on the wall")
    assert (made["place"]["district"], made["ours"]["call"]) == ("99.01.01.1001", "c-1")
    again = desk.command("incident.new", "new-1", title="Pohon tumbang lagi")
    assert (again["status"], again["id"]) == ("done", told["id"])
    desk.close()
