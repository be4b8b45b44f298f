"""wallboard/walls.py and config/walls.py: what each screen shows, and what a wrong layout is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wallboard.city import CityConfig
from wallboard.config.findings import Findings
from wallboard.config.read import judge
from wallboard.config.walls import MOST_WIDTHS, check_bound_walls
from wallboard.walls import kinds_of, plan, ready_layouts, walls_of

BASE: dict[str, Any] = {
    "city": {"name": "Kota", "key": "kota", "time_zone": "Asia/Jakarta"},
    "boundaries": {
        "file": "d.geojson",
        "source": "s",
        "version": "1",
        "levels": [{"code": "c", "name": "n"}],
    },
}


def read(**tables: Any) -> tuple[CityConfig, list[str]]:
    """The configuration and its faults, each as "key: why"."""
    city, found = judge(BASE | tables, Findings("city.toml"), Path())
    # Without the name that stands behind a table's place.
    return city, [f"{fault.key.partition(' ')[0]}: {fault.why}" for fault in found.faults]


def test_each_ready_layout_is_a_wall_and_knows_its_kinds() -> None:
    city, faults = read()
    assert faults == []
    for name in ready_layouts():
        shown = plan(city, name)
        assert shown is not None
        assert [page.layout.name for page in shown.pages] == [name]
        assert "city" in kinds_of(shown.layouts)


def test_four_screens_have_a_page_each() -> None:
    city, _ = read()
    shown = [plan(city, "quad", screen) for screen in "1234"]
    assert [one.pages[0].layout.name for one in shown if one] == ["operations", "calls", "district", "market"]


def test_a_wall_of_the_city_rotates_between_pages_and_its_layouts() -> None:
    wall = {
        "name": "utama",
        "distance_m": 8,
        "pages": [{"layout": "kecil", "show": "15s"}, {"layout": "calls"}],
    }
    layout = {
        "name": "kecil",
        "areas": ["header", "a"],
        "panels": {"a": "map"},
        "options": {"a": {"level": 0}},
    }
    city, faults = read(wall=[wall], layout=[layout])
    assert faults == []
    shown = plan(city, "utama", "kiri")
    assert shown is not None
    assert [(page.layout.name, page.show_s) for page in shown.pages] == [("kecil", 15), ("calls", 30)]
    assert shown.pages[0].layout.panels[1].panel == "map"
    assert shown.pages[0].layout.panels[1].options == {"level": 0}
    assert {"queue", "camera", "wall"} <= kinds_of(shown.layouts)
    assert plan(city, "nowhere") is None


def test_a_layout_of_the_city_goes_before_a_ready_one() -> None:
    city, faults = read(layout=[{"name": "operations", "areas": ["map"]}])
    assert faults == []
    shown = plan(city, "operations")
    assert shown is not None
    assert [place.panel for place in shown.pages[0].layout.panels] == ["map"]


@pytest.mark.parametrize(
    ("tables", "fault"),
    [
        ({"layout": [{"name": "x", "areas": []}]}, "layout[0].areas: is empty"),
        (
            {"layout": [{"name": "x", "areas": ["map map", "feeds"]}]},
            "layout[0].areas: has rows of different",
        ),
        (
            {"layout": [{"name": "x", "areas": ["map feeds", "feeds map"]}]},
            "layout[0].areas: is no rectangle",
        ),
        ({"layout": [{"name": "x", "areas": ["mep"]}]}, "layout[0].areas: is no panel; did you mean 'map'"),
        (
            {"layout": [{"name": "x", "areas": ["map"], "panels": {"b": "map"}}]},
            "layout[0].panels.b: is no area",
        ),
        ({"layout": [{"name": "a b", "areas": ["map"]}]}, "layout[0].name: stands in an address"),
        (
            {"wall": [{"name": "w", "pages": [{"layout": "oprations"}]}]},
            "wall[0].pages[0].layout: is no layout",
        ),
        ({"wall": [{"name": "w", "width_m": 0}]}, "wall[0].width_m: is no such length"),
        ({"wall": [{"name": "w", "night": "10pm"}]}, "wall[0].night: is no span of the day"),
        ({"wall": [{"name": "w", "language": "jv"}]}, "wall[0].language: is no language"),
        (
            {"wall": [{"name": "w", "screens": {"1": [{"layout": "calls", "show": "1s"}]}}]},
            "wall[0].screens.1[0].show: is too short",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tables: dict[str, Any], fault: str) -> None:
    _, faults = read(**tables)
    assert any(told.startswith(fault) for told in faults), faults


def test_a_wall_and_each_of_its_pages_may_be_bound_to_a_district() -> None:
    wall = {
        "name": "pos",
        "district": "A",
        "pages": [{"layout": "district"}, {"layout": "district", "district": "B3"}],
    }
    city, faults = read(wall=[wall])
    assert faults == []
    shown = plan(city, "pos")
    assert shown is not None
    assert shown.district == "A"
    assert [page.district for page in shown.pages] == ["A", "B3"]


def test_a_district_that_the_boundaries_do_not_have_is_told() -> None:
    city, _ = read(
        wall=[
            {
                "name": "pos",
                "district": "A9",
                "pages": [{"layout": "district", "district": "B3"}],
                "screens": {"1": [{"layout": "calls", "district": "B4"}]},
            }
        ],
        layout=[{"name": "x", "areas": ["map"], "options": {"map": {"district": "C"}}}],
    )
    found = Findings("city.toml")
    check_bound_walls(city, {"A1", "A2", "B3"}, found)
    assert [fault.key.partition(" ")[0] for fault in found.faults] == [
        "wall[0].district",
        "wall[0].screens.1[0].district",
        "layout[0].options.map.district",
    ]


def test_a_wall_that_cannot_be_read_from_there_is_warned_of() -> None:
    walls = [
        {"name": "far", "width_m": 1.4, "distance_m": 4},
        {"name": "near", "width_m": 1.4, "distance_m": 2.6},
    ]
    _, found = judge(BASE | {"wall": walls}, Findings("city.toml"), Path())
    assert found.faults == []
    assert [(each.key.partition(" ")[0], each.why) for each in found.warnings] == [
        ("wall[0].distance_m", "is too far for a screen 1.4 m wide: its text can be read up to 2.7 m")
    ]


def test_no_ready_wall_is_too_far() -> None:
    city, _ = read()
    for wall in walls_of(city).values():
        assert wall.distance_m <= MOST_WIDTHS * wall.width_m, wall.name


def test_names_of_walls_are_known_for_the_pages_that_offer_them() -> None:
    city, _ = read(wall=[{"name": "utama"}])
    assert {"utama", "operations", "quad"} <= set(walls_of(city))


def test_a_wall_says_when_it_loads_anew_whether_it_moves_and_which_screens_sound() -> None:
    wall = {"name": "utama", "reload": "23:00-01:00", "pixel_shift": False, "sound": ["1"]}
    city, faults = read(wall=[wall, {"name": "lain"}, {"name": "laut", "sound": True}])
    assert faults == []
    first, second = plan(city, "utama", "1"), plan(city, "utama", "2")
    assert first
    assert second
    assert (first.reload, first.pixel_shift, first.sound) == ("23:00-01:00", False, True)
    assert not second.sound
    other = plan(city, "lain")
    assert other
    assert (other.reload, other.pixel_shift, other.sound) == ("03:00-05:00", True, False)
    loud = plan(city, "laut", "x")
    assert loud
    assert loud.sound


@pytest.mark.parametrize(
    ("wall", "key"),
    [
        ({"reload": "nachts"}, "wall[0].reload"),
        ({"sound": ["../x"]}, "wall[0].sound"),
        ({"sound": "loud"}, "wall[0].sound"),
    ],
)
def test_a_wrong_span_or_screen_is_told(wall: dict[str, Any], key: str) -> None:
    _, faults = read(wall=[{"name": "utama", **wall}])
    assert any(fault.startswith(key) for fault in faults), faults


def one_map(**options: Any) -> list[str]:
    """The faults of a layout of one map with these options."""
    return read(layout=[{"name": "l", "areas": ["map"], "options": {"map": options}}])[1]


def test_the_options_of_a_map_are_checked() -> None:
    assert one_map(shade="overdue", level=0, follow=False) == []
    assert one_map(shade="rain") == [
        "layout[0].options.map.shade: must be one of 'calls', 'hazard', 'open', 'overdue'"
    ]
    assert one_map(shadow="open") == ["layout[0].options.map.shadow: is not known; did you mean 'shade'?"]
    assert one_map(level=1) == [
        "layout[0].options.map.level: is no level; there are 0 to 0, 0 is the highest"
    ]
    layout = {"name": "l", "areas": ["a"], "panels": {"a": "map"}, "options": {"a": {"shade": "calls"}}}
    assert read(layout=[layout], calls={"channels": []})[1] == [
        "layout[0].options.a.shade: counts reports by the channels of [calls], and there are none"
    ]
