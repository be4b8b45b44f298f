"""README.md: its ten minutes lead to a city that runs; anchors of all pages are there."""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path

import pytest

from wallboard.check import check
from wallboard.commands import run_command

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the reader of the README stands after its second step."""
    (tmp_path / "kota").mkdir()
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for words, text in re.findall(r"^```([^\n`]+)\n(.*?)^```$", README, re.M | re.S):
        if " " in words:
            (tmp_path / words.split()[1]).write_text(text)
    monkeypatch.chdir(tmp_path)
    (command,) = re.findall(r"^python3 server\.py (init .*)$", README, re.M)
    assert run_command(shlex.split(command)) == 0
    return tmp_path


def test_the_example_passes_check(folder: Path) -> None:
    out = io.StringIO()
    assert check(folder / "kota" / "city.toml", out) == 0, out.getvalue()


def test_the_example_document_becomes_two_reports(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    (command,) = re.findall(r"^python3 server\.py (parse .*)$", README, re.M)
    assert run_command(command.split()) == 0
    said = capsys.readouterr()
    assert said.out.count('"type":"incident"') == 2
    assert not said.err


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name
)
def test_every_anchor_of_a_link_is_a_heading(page: Path) -> None:
    """That the pages themselves are there is a test of tests/test_docs.py."""
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", page.read_text()):
        target = page.parent / path if path else page
        headings = re.findall(r"^#+ (.+)$", target.read_text(), re.M)
        # As the pages' hosts make them: letters, digits, "-" and "_" stay.
        slugs = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
        assert anchor in slugs, f"{path}#{anchor}"
