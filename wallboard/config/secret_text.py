"""Secrets written into a configuration, and references to secrets that lead nowhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from feeds.fetching.secrets import secret
from feeds.webhook.signatures import signing_key
from wallboard.city import CityConfig
from wallboard.config.findings import REFERENCE, SECRET_KEY, Findings
from wallboard.errors import SourceError

#: Which part of a running city reads the secrets of a type of feed; all others are the feeds' own.
_READ_BY = {"webhook": "web"}


def refuse_written_secrets(tables: Mapping[str, Any], found: Findings) -> None:
    """Note each text that looks like a secret itself; none of them is repeated."""
    for path, key, text in _texts(tables, "", ""):
        named = SECRET_KEY.search(key) and ".mapping." not in path
        if text.startswith("whsec_") or (named and text and not REFERENCE.match(text)):
            found.unreadable(
                path,
                None,
                'looks like a secret: whoever reads this file has it. Write "env:NAME" (an environment '
                'variable) or "file:PATH" (a file that only the server may read) instead, and change the '
                "secret itself",
            )


def check_references(city: CityConfig, folder: Path, roles: Collection[str], found: Findings) -> None:
    """Note each secret that one of the parts `roles` will need, and that is not there."""
    for index, feed in enumerate(city.feed):
        if not feed.enabled or _READ_BY.get(feed.type, "feeds") not in roles:
            continue
        for path, key, text in _texts(feed.options, f"feed[{index}].options", "options"):
            if not REFERENCE.match(text) or not _holds_secret(path, key):
                continue
            try:
                value = secret(text, folder)
                if feed.type == "webhook" and key == "keys":
                    signing_key(value)
            except SourceError as fault:
                found.fault(path, text, f"{fault} {_what_to_do(text)}")
            except ValueError as fault:
                found.fault(path, text, f"names what is no signing key: {fault}")


def _holds_secret(path: str, key: str) -> bool:
    return bool(SECRET_KEY.search(key)) or key == "keys" or ".options.headers." in path


def _what_to_do(reference: str) -> str:
    kind, _, name = reference.partition(":")
    if kind == "env":
        return f"Set it before the start: export {name}=…, or Environment= of the service."
    return f"Write it into {name}, beside the configuration if the path is relative."


def _texts(value: Any, path: str, key: str) -> Iterator[tuple[str, str, str]]:
    """(path, last key, text) of every text in nested tables and lists."""
    if isinstance(value, str):
        yield path, key, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, f"{path}.{name}" if path else str(name), str(name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{index}]", key)
