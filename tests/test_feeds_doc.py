"""docs/feeds.md and docs/feeds/ hold what they say: the feeds pass `check`, the documents become events.

A format has a chapter in docs/feeds.md, or a page of its own, docs/feeds/TYPE.md, which that page links.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from feeds.registry import ADAPTERS
from tests.cities import ENV, SECRET, write_city
from wallboard.check import check
from wallboard.commands import run_command

DOCS = Path(__file__).parent.parent / "docs"
OVERVIEW = (DOCS / "feeds.md").read_text()

#: type → its own page
PAGES = {page.stem: page.read_text() for page in sorted((DOCS / "feeds").glob("*.md"))}

DOC = "\n".join([OVERVIEW, *PAGES.values()])

#: (words behind the fence, content) of each block; the words are a language and perhaps a file's name
BLOCKS = re.findall(r"^```([^\n`]+)\n(.*?)^```$", DOC, re.M | re.S)
FEEDS = [text for words, text in BLOCKS if words == "toml" and "[[feed]]" in text]
FILES = {words.split()[1]: text for words, text in BLOCKS if len(words.split()) == 2}

#: Commands on documents of the page; those with a word in capitals instead of a name are patterns.
COMMANDS = [
    line for line in re.findall(r"^python3 server\.py (parse [^#\n`]+)$", DOC, re.M) if "NAME" not in line
]

#: What the examples' secrets would name.
SECRETS = {
    **ENV,
    "AMI_SECRET": "a word",
    "OPEN311_KEY": "another",
    "WEBHOOK_KEY": SECRET,
    "NVR_PASSWORD": "a third",
    "CRM_TOKEN": "a fourth",
    "CAMERA_PASSWORD": "a fifth",
    "ESL_PASSWORD": "a sixth",
    "MQTT_PASSWORD": "x",
}


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A city with all feeds of the page, in a folder with all its documents."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "client-id.txt").write_text("wall")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return write_city(tmp_path, "\n".join(FEEDS))


def test_all_feeds_of_the_page_pass_check_together(city: Path) -> None:
    out = io.StringIO()
    assert check(city, out) == 0, out.getvalue()
    assert "warning" not in out.getvalue()


@pytest.mark.parametrize("type", sorted(ADAPTERS))
def test_every_type_has_its_chapter_with_an_example_that_names_its_options(type: str) -> None:
    chapter = PAGES.get(type) or OVERVIEW.split(f"\n## {type}\n")[1].split("\n## ")[0]
    assert f'type = "{type}"' in chapter
    for option in ADAPTERS[type].options.__struct_fields__:
        assert f"`{option}`" in chapter, f"{type}: {option} is not described"


@pytest.mark.parametrize("type", sorted(PAGES))
def test_a_page_of_its_own_is_a_types_and_the_overview_links_it(type: str) -> None:
    assert type in ADAPTERS
    assert PAGES[type].startswith(f"# {type}\n")
    assert f"(feeds/{type}.md)" in OVERVIEW


@pytest.mark.parametrize("command", COMMANDS)
def test_the_documents_of_the_page_become_events(
    command: str, city: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(command.split()) == 0
    said = capsys.readouterr()
    assert said.out.startswith('{"type":')
    assert not said.err


def test_no_number_of_the_page_leaves_the_adapters(city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        # At a time of its own: any digits may stand in the fraction of a second of now.
        run_command([*command.split(), "--clock", "2026-11-22T09:00:00+07:00"])
    assert "7890" not in capsys.readouterr().out
