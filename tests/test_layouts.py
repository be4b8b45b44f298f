"""wallboard/layouts.py and ready_layouts.toml: one list of panels, and ready layouts that hold together."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.gallery import shots
from tests.running import ROOT
from tests.test_walls import BASE
from wallboard.config.findings import Findings
from wallboard.config.read import judge
from wallboard.layouts import OTHER_FORMS, PANEL_KINDS, USUAL_FORM, areas_of
from wallboard.walls import FILE, ready_layouts

#: A repository is cloned whole, with every version of every picture.
MOST_BYTES = 120_000
MOST_BYTES_ALL = 1_200_000


@pytest.mark.parametrize("kind", ["js", "css"])
def test_every_panel_has_its_files_and_every_file_its_panel(kind: str) -> None:
    folder = ROOT / "static" / kind / "panels"
    assert {path.stem for path in folder.glob(f"*.{kind}")} == PANEL_KINDS.keys()


def test_the_docs_name_every_panel_and_every_ready_layout() -> None:
    text = (ROOT / "docs/configuration.md").read_text()
    section = text.partition("## `[[layout]]`")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", section))
    assert PANEL_KINDS.keys() | ready_layouts().keys() <= named


def test_the_console_has_words_for_every_ready_layout() -> None:
    for language in ("id", "en"):
        words = (ROOT / f"static/js/console/words_{language}.js").read_text()
        for name in ready_layouts():
            assert f'"layout.{name}"' in words, f"words_{language}.js has no words for layout.{name}"


def test_the_ready_layouts_pass_what_a_citys_own_must_pass() -> None:
    _, found = judge(BASE | tomllib.loads(FILE.read_text()), Findings(FILE.name), Path())
    assert found.faults == []


def test_every_grid_of_a_ready_layout_names_its_panels_and_its_tracks() -> None:
    for layout in ready_layouts().values():
        areas = {place.area: place.panel for place in layout.panels}
        for form, grid in layout.grids.items():
            where = f"{layout.name} {form}"
            # What is outside the parentheses of minmax() is a track each.
            tracks = [len(re.sub(r"\([^()]*\)", "", text).split()) for text in (grid.columns, grid.rows)]
            assert tracks == [len(grid.areas[0].split()), len(grid.areas)], where
            own = areas_of(grid.areas)
            # Every page says which city and what time it is, and whether its data can be trusted.
            assert areas[own[0]] == "header", where
            assert areas[own[-1]] == "feeds", where


def test_every_ready_layout_is_made_for_screens_that_lie_and_that_stand() -> None:
    for layout in ready_layouts().values():
        assert {USUAL_FORM, "upright"} <= layout.grids.keys() <= {USUAL_FORM, *OTHER_FORMS}, layout.name


def test_the_gallery_shows_every_ready_layout_and_stays_small() -> None:
    text = (ROOT / "docs/walls.md").read_text()
    for name in (*ready_layouts(), "quad"):
        assert f"\n## `{name}`\n" in text, f"docs/walls.md does not describe {name}"
    pictures = {path.name: path.stat().st_size for path in (ROOT / "docs/walls").iterdir()}
    assert set(re.findall(r"\]\(walls/([^)]+)\)", text)) == pictures.keys()
    assert pictures.keys() == {f"{shot.name}.webp" for shot in shots("")}
    assert {name: size for name, size in pictures.items() if size > MOST_BYTES} == {}
    assert sum(pictures.values()) < MOST_BYTES_ALL
