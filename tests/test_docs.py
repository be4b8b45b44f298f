"""The docs name what the code has: keys and defaults, options, close codes, frames, commands, variables."""

from __future__ import annotations

import argparse
import ast
import inspect
import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from feeds.reading.shape import Mapping
from feeds.registry import ADAPTERS
from tests.running import ROOT
from wallboard import city, commands, protocol
from wallboard.config.walk import seconds
from wallboard.errors import CloseCode

#: Heading of docs/configuration.md → the struct whose keys its table lists.
TABLES: dict[str, type[msgspec.Struct]] = {
    "[city]": city.Identity,
    "[boundaries]": city.BoundariesConfig,
    "boundaries.levels": city.LevelConfig,
    "[map]": city.MapConfig,
    "map.pmtiles": city.PmtilesConfig,
    "map.tiles": city.TilesConfig,
    "map.wms": city.WmsConfig,
    "[[place]]": city.PlaceConfig,
    "[[agency]]": city.AgencyConfig,
    "[[category]]": city.CategoryConfig,
    "[[commodity]]": city.CommodityConfig,
    "[[ceiling]]": city.CeilingConfig,
    "[[gauge]]": city.GaugeConfig,
    "gauge.levels": city.GaugeLevelConfig,
    "[calls]": city.CallsConfig,
    "[retention]": city.RetentionConfig,
    "[[rule]]": city.RuleConfig,
    "rule.escalate": city.StepConfig,
    "[alarms]": city.AlarmsConfig,
    "[[group]]": city.GroupConfig,
    "[[shift]]": city.ShiftConfig,
    "[notify]": city.NotifyConfig,
    "notify.webhook": city.WebhookTarget,
    "notify.smtp": city.SmtpConfig,
    "notify.mqtt": city.MqttConfig,
    "[[sla]]": city.SlaConfig,
    "[[holiday]]": city.HolidayConfig,
    "[[status]]": city.StatusConfig,
    "[[channel]]": city.ChannelConfig,
    "[[line]]": city.LineConfig,
    "[audit]": city.AuditConfig,
    "[quality]": city.QualityConfig,
    "quality.question": city.QuestionConfig,
    "[[layout]]": city.LayoutConfig,
    "layout.wide and layout.upright": city.GridConfig,
    "Options of map": city.MapOptions,
    "Options of cctv": city.CctvOptions,
    "[[wall]]": city.WallConfig,
    "wall.pages": city.PageConfig,
    "[[feed]]": city.FeedConfig,
    "[scenario]": city.ScenarioConfig,
    "A mapping": Mapping,
    **{type: adapter.options for type, adapter in ADAPTERS.items()},
}

#: Frames are built by functions of wallboard/protocol.py, and read into structs with a tag.
_FRAME = re.compile(r'"type": "(\w+)"')


def text_of(name: str) -> str:
    path = ROOT / name
    assert path.is_file(), f"{name} is missing: what this test looks for belongs there"
    return path.read_text()


def sections() -> dict[str, str]:
    """Heading, without its marks, → text up to the next heading."""
    found: dict[str, str] = {}
    heading = ""
    fenced = False
    for line in text_of("docs/configuration.md").splitlines():
        fenced ^= line.startswith("```")
        if line.startswith("#") and not fenced:
            heading = line.lstrip("# ").replace("`", "")
        else:
            found[heading] = found.get(heading, "") + line + "\n"
    return found


def rows(section: str) -> dict[str, list[str]]:
    """First cell, without back-ticks, → all cells of the row."""
    cells = [re.split(r" \| ", line.strip("| ")) for line in section.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): [cell.strip() for cell in row] for row in cells}


def shown_default(cell: str, unit: str | None) -> Any:
    """The default that a cell shows, as the struct would hold it."""
    if cell == "none":
        return None
    value = tomllib.loads(f"x = {cell.strip('`')}")["x"]
    return seconds(value) if unit == "s" and isinstance(value, str) else value


def default_of(field: msgspec.structs.FieldInfo) -> Any:
    made = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    if isinstance(made, msgspec.Struct):
        return {}
    return list(made) if isinstance(made, tuple) else made


def unit_of(kind: Any) -> str | None:
    notes = getattr(kind, "__metadata__", ())
    return next((note.extra["unit"] for note in notes if note.extra), None)


@pytest.mark.parametrize("heading", TABLES)
def test_every_key_stands_in_its_section_with_its_default(heading: str) -> None:
    found = sections()
    assert heading in found, f"docs/configuration.md has no section {heading}"
    listed = rows(found[heading])
    fields = {field.encode_name: field for field in msgspec.structs.fields(TABLES[heading])}
    assert listed.keys() == fields.keys()
    for key, field in fields.items():
        cell = listed[key][2]
        if field.required:
            assert cell == "required", f"{heading} {key}"
        else:
            assert shown_default(cell, unit_of(field.type)) == default_of(field), f"{heading} {key}"
        assert len(listed[key][3]) > 2, f"{heading} {key} says nothing"


def test_no_table_of_the_configuration_is_forgotten() -> None:
    parts = {
        made
        for made in vars(city).values()
        if inspect.isclass(made) and issubclass(made, city.Part) and made is not city.Part
    }
    assert parts - {city.CityConfig} <= set(TABLES.values())
    top = {field.encode_name for field in msgspec.structs.fields(city.CityConfig)}
    outside = rows(sections()["Keys outside of tables"])
    tables = {heading.strip("[]") for heading in TABLES if heading.startswith("[")}
    assert tables | outside.keys() == top


def test_the_example_passes(tmp_path: Path) -> None:
    """The smallest file of the docs is whole."""
    from wallboard.config.read import examine

    first = re.findall(r"```toml\n(.*?)```", text_of("docs/configuration.md"), re.S)[0]
    path = tmp_path / "city.toml"
    path.write_text(first)
    assert examine(path)[1].faults == []


@pytest.mark.parametrize("type", ADAPTERS)
def test_every_type_of_feed_is_described(type: str) -> None:
    # A page of its own, docs/feeds/TYPE.md, stands for the chapter.
    own = ROOT / "docs" / "feeds" / f"{type}.md"
    text = own.read_text() if own.is_file() else text_of("docs/feeds.md")
    assert re.search(rf"^#+ .*\b{type}\b", text, re.M), f"docs/feeds.md has no heading for {type}"


@pytest.mark.parametrize("code", CloseCode)
def test_every_close_code_is_described(code: CloseCode) -> None:
    assert str(int(code)) in text_of("docs/protocol.md"), f"docs/protocol.md has no {int(code)} {code.name}"


def frames() -> list[str]:
    source = inspect.getsource(protocol)
    tags = [str(struct.__struct_config__.tag) for struct in protocol.BoardFrame.__args__]
    return sorted({*_FRAME.findall(source), *tags})


@pytest.mark.parametrize("frame", frames())
def test_every_frame_is_described(frame: str) -> None:
    assert f"`{frame}" in text_of("docs/protocol.md"), f"docs/protocol.md does not describe {frame}"


def test_the_frames_were_found() -> None:
    assert {"hello", "snapshot", "delta", "tick", "result", "bye", "subscribe", "painted", "command"} <= {
        *frames()
    }


def arguments() -> list[str]:
    """Every command, and every argument of any."""
    found: set[str] = set()
    parsers = [commands._parser()]
    while parsers:
        for action in parsers.pop()._actions:
            found.update(option for option in action.option_strings if option.startswith("--"))
            if isinstance(action, argparse._SubParsersAction):
                found.update(action.choices)
                parsers.extend(action.choices.values())
    return sorted(found)


@pytest.mark.parametrize("argument", arguments())
def test_every_command_and_argument_is_described(argument: str) -> None:
    said = sections()["The command line"]
    assert re.search(rf"`{re.escape(argument)}[ `]", said), (
        f"docs/configuration.md does not describe {argument}"
    )


@pytest.mark.parametrize("command", ["run", "init", "check", "parse", "locate"])
def test_the_readme_shows_every_command(command: str) -> None:
    shown = r"server\.py" if command == "run" else rf"server\.py {command}"
    assert re.search(shown, text_of("README.md")), f"README.md does not show {command}"


def variables() -> set[str]:
    """Every WALLBOARD_* in the code; f-strings with a name inside are spelt out below."""
    files = [ROOT / "server.py"]
    for folder in ("wallboard", "feeds", "loadtests", "tests"):
        files += (ROOT / folder).rglob("*.py")
    found: set[str] = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(re.findall(r"\bWALLBOARD_[A-Z_]*[A-Z]\b", node.value))
    return found | {"WALLBOARD_AUDIT_KEY_FILE", "WALLBOARD_CALLERS_KEY_FILE"}


def test_every_environment_variable_is_described() -> None:
    described = rows(sections()["Environment variables"]).keys()
    assert variables() - described == set()
    assert described - variables() == set(), "described, and nowhere in the code"
