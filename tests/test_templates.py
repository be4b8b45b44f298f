"""templates/: what stands on a screen before its catalogue is loaded is said in both languages at once."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.running import ROOT

TEMPLATES = sorted((ROOT / "templates").glob("*.html"))

#: Attributes that a person reads or hears.
SPOKEN = ("aria-label", "alt", "title", "placeholder", "data-failed")

_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.S)
_WORD = re.compile(r"[^\W\d_]{2,}")
#: "Masuk · Log in"
_BOTH = re.compile(r"\w.* · .*\w")
#: A word inside an expression is outside the catalogues as well: "{{ 'Masuk' if … }}".
_SAID_BY_JINJA = re.compile(r"""\{\{[^}]*["'][A-Z][a-z]+[^}]*\}\}""")


class _Said(HTMLParser):
    """All that is said, with the language that its element names."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [(value, "") for name in SPOKEN if (value := given.get(name))]
        if tag not in ("meta", "link", "img", "br", "input"):
            # The page's own language stands for all of it: it names none of one element.
            self._open.append((tag, "" if tag == "html" else given.get("lang") or ""))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] in ("script", "style"):
            return
        self.found.append((data, next((lang for _, lang in reversed(self._open) if lang), "")))


def one_language(text: str) -> list[str]:
    """What is said in one language alone, and by no element that has a twin in the other."""
    said = _Said()
    said.feed(_JINJA.sub("", text))
    languages = {lang for _, lang in said.found if lang}
    pair = languages == {"id", "en"}
    return [
        words.strip()
        for words, lang in said.found
        if _WORD.search(words) and not _BOTH.search(words) and not (lang and pair)
    ] + _SAID_BY_JINJA.findall(text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_words_of_one_language_alone(path: Path) -> None:
    assert one_language(path.read_text()) == []


def test_the_search_finds_what_it_looks_for() -> None:
    assert one_language("<p>Memuat</p>") == ["Memuat"]
    assert one_language("<p>Memuat · Loading</p>") == []
    assert one_language('<p lang="id">Satu</p><p lang="en">One</p>') == []
    assert one_language('<p lang="id">Satu</p>') == ["Satu"]
    assert one_language('<a aria-label="Masuk"></a>') == ["Masuk"]
    assert one_language("<i>{{ 'Masuk' if x == 'id' else 'Log in' }}</i>") != []
    assert one_language("<title>{{ boot.city.name }}</title>{% if a %}{% endif %}") == []
