"""The levels of the city's status: the configuration's table, and who declares one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.cities import write_city
from tests.configs import faults_of, warnings_of
from tests.people import ask, settle_in
from tests.worlds import Book, small_city, small_world
from wallboard.engine import reduce
from wallboard.engine.world import World
from wallboard.entities import City, CityLevel
from wallboard.settings import DEMO, read_city
from wallboard.status import READY, levels_of

OWN: list[dict[str, Any]] = [
    {"code": "biasa", "name": {"id": "Biasa", "en": "Normal"}},
    {"code": "waspada", "name": {"id": "Waspada", "en": "Watch"}, "severity": "caution"},
    {
        "code": "darurat",
        "name": {"id": "Darurat", "en": "Emergency"},
        "severity": "danger",
        "emergency": True,
    },
]
NAMES = 'name = {{ id = "{0}", en = "{0}" }}\n'


def table(code: str, more: str = "") -> str:
    return f'[[status]]\ncode = "{code}"\n' + NAMES.format(code.title()) + more


NORMAL = table("biasa")
DANGER = table("darurat", 'severity = "danger"\nemergency = true\n')


def the_city(world: World) -> tuple[City, CityLevel]:
    city = world.get(City, "city")
    assert city is not None
    assert city.level is not None
    return city, city.level


# -- the configuration -----------------------------------------------------------------------------------


def test_a_city_without_a_table_has_four_levels_and_the_highest_turns_the_walls() -> None:
    levels = levels_of(small_city())
    assert [one.code for one in levels] == ["siaga-4", "siaga-3", "siaga-2", "siaga-1"]
    assert [one.severity for one in levels] == [None, "caution", "severe", "danger"]
    assert [one.emergency for one in levels] == [False, False, False, True]
    assert all(one.commander.keys() == one.name.keys() == {"id", "en"} for one in levels)


def test_the_ready_levels_would_pass_as_a_citys_own(tmp_path: Path) -> None:
    text = ""
    for one in READY:
        text += f'[[status]]\ncode = "{one.code}"\nemergency = {str(one.emergency).lower()}\n'
        text += f'severity = "{one.severity}"\n' if one.severity else ""
        for field in ("name", "commander", "meaning"):
            words = getattr(one, field)
            text += f'{field} = {{ id = "{words["id"]}", en = "{words["en"]}" }}\n'
    assert list(levels_of(read_city(write_city(tmp_path, text)))) == list(READY)


def test_a_citys_own_levels_stand_in_place_of_the_ready_ones(tmp_path: Path) -> None:
    path = write_city(tmp_path, NORMAL + DANGER)
    assert [one.code for one in levels_of(read_city(path))] == ["biasa", "darurat"]


def test_the_demo_says_who_is_in_command_at_each_level() -> None:
    levels = levels_of(read_city(DEMO))
    assert [one.commander["id"] for one in levels][1:] == [
        "Kepala Pelaksana BPBD",
        "Sekretaris Daerah",
        "Wali Kota",
    ]


@pytest.mark.parametrize(
    ("tables", "key", "why"),
    [
        (NORMAL, "status", "2 to 8, the calmest first"),
        (NORMAL + DANGER + DANGER, "status[2].code", "stands in status[1] already"),
        (DANGER + NORMAL, "status[1].severity", "is calmer than that of status[0]"),
        (DANGER + DANGER.replace("darurat", "siaga"), "status[0]", "the level of a normal day"),
        (NORMAL + table("x" * 25, 'severity = "danger"\n'), "status[1].name.id", "more than 24 characters"),
        (NORMAL + DANGER + 'commander = { id = "Wali Kota" }\n', "status[1].commander.en", "is missing"),
        (NORMAL + table("a", 'severity = "red"\n'), "status[1].severity", "must be one of"),
    ],
)  # fmt: skip
def test_faults(tmp_path: Path, tables: str, key: str, why: str) -> None:
    assert why in faults_of(tmp_path, tables)[key]


def test_levels_none_of_which_turns_the_walls_are_allowed_and_said(tmp_path: Path) -> None:
    warned = warnings_of(tmp_path, NORMAL + table("awas", 'severity = "danger"\n'))
    assert "no level turns the walls" in warned["status"]


# -- the command -----------------------------------------------------------------------------------------


def test_the_calmest_level_holds_from_the_beginning() -> None:
    city, level = the_city(small_world())
    assert (city.status, level.severity) == ("siaga-4", None)
    assert (city.status_by, city.status_at) == ("", None)


def test_a_level_is_shown_with_who_declared_it_and_stays() -> None:
    world = small_world()
    world.now = 1_000_000.0
    settle_in(world)
    assert ask(world, "leader", "city.status", status="siaga-1", text="Banjir")["status"] == "done"
    reduce.apply(world, [], world.now + 86_400)  # figures of another day are written over it
    city, level = the_city(world)
    assert (city.status, city.status_text) == ("siaga-1", "Banjir")
    assert (city.status_by, city.status_name, city.status_at) == ("leader", "Leader", 1_000_000.0)
    assert (level.emergency, level.severity) == (True, "danger")
    assert level.commander["id"] == "Kepala Daerah"


def test_what_is_no_level_is_refused_and_changes_nothing() -> None:
    world = small_world()
    settle_in(world)
    for wrong in ("panic", "", None, 4, ["siaga-1"]):
        assert ask(world, "leader", "city.status", status=wrong)["reason"].startswith(
            "bad_args: status: one of siaga-4"
        )
    assert ask(world, "leader", "city.status", status="siaga-1", text="x" * 201)["reason"].startswith(
        "bad_args"
    )
    assert ask(world, "operator", "city.status", status="siaga-1")["reason"] == "forbidden"
    assert the_city(world)[0].status == "siaga-4"


def test_the_audit_trail_says_what_it_was_and_what_it_is() -> None:
    world = small_world()
    settle_in(world)
    ask(world, "supervisor", "city.status", status="siaga-2", text="Hujan")
    line = world.draft().audit[-1]
    assert (line["what"], line["person"]) == ("city.status", "supervisor")
    assert line["before"] == {"status": "siaga-4", "text": ""}
    assert line["after"] == {"status": "siaga-2", "text": "Hujan"}


def declared(code: str, **config: object) -> Book:
    world = small_world(**config)
    settle_in(world)
    ask(world, "leader", "city.status", status=code)
    book = Book()
    for entity in world.all(City):
        world.put(entity)
    book.commit(world)
    return book


def test_a_restart_reads_the_words_of_the_file_as_it_is_now() -> None:
    renamed = [OWN[0], OWN[1], OWN[2] | {"name": {"id": "Gawat", "en": "Grave"}}]
    city, level = the_city(declared("darurat", status=OWN).reopened(0.0, status=renamed))
    assert (city.status, city.status_by) == ("darurat", "leader")
    assert level.name["id"] == "Gawat"


def test_a_declared_level_that_is_taken_out_of_the_file_goes_on_as_it_was() -> None:
    city, level = the_city(declared("darurat", status=OWN).reopened(0.0))
    assert (city.status, city.status_by) == ("darurat", "leader")
    assert (level.emergency, level.name["id"]) == (True, "Darurat")


def test_a_level_that_nobody_declared_follows_the_file() -> None:
    book = Book()
    book.commit(small_world())
    assert the_city(book.reopened(0.0, status=OWN))[1].name["id"] == "Biasa"


@pytest.mark.parametrize(
    ("old", "now"), [({}, "siaga-4"), ({"status": "watch"}, "siaga-3"), ({"status": "emergency"}, "siaga-1")]
)
def test_what_was_declared_before_there_were_levels_still_holds(old: dict[str, str], now: str) -> None:
    book = declared("siaga-2")
    key = ("city", "city")
    told = msgspec.json.decode(book.state[key])
    del told["status"], told["level"], told["status_name"]
    book.state[key] = msgspec.json.encode(told | old)  # "normal" was not written
    city, level = the_city(book.reopened(0.0))
    assert (city.status, city.status_by) == (now, "leader")
    assert level == the_city(declared(now).reopened(0.0))[1]
