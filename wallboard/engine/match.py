"""From a source's own codes to ours, as the configuration maps them."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Protocol, TypeVar


class Matching(Protocol):
    """A part of the configuration with patterns of source codes."""

    match: list[str]


C = TypeVar("C", bound=Matching)


def first_match(parts: Iterable[C], *words: str) -> C | None:
    """The first part one of whose patterns fits one of the words; case does not count."""
    folded = [word.casefold() for word in words if word]
    for part in parts:
        for pattern in part.match:
            if any(fnmatchcase(word, pattern.casefold()) for word in folded):
                return part
    return None
