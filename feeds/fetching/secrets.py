"""Secrets of feeds: the configuration names where one stands, never what it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from wallboard.errors import SourceError

#: Keys and tokens are short; a reference to a wrong (large, endless) file is refused.
_MAX_SECRET_BYTES = 16 * 1024


def secret(reference: str, folder: Path = Path()) -> str:
    """Return the secret that `reference` names: "env:NAME", or "file:PATH" relative to `folder`.

    White space around it is cut off (editors end files with a newline). Raises SourceError, whose text names
    the reference and never the secret.
    """
    kind, _, name = reference.partition(":")
    if kind == "env" and name:
        value = os.environ.get(name, "").strip()
        if not value:
            raise SourceError(f"The secret {reference} is not set in the environment.")
        return value
    if kind == "file" and name:
        try:
            with (folder / name).open("rb") as file:
                value = file.read(_MAX_SECRET_BYTES).decode().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise SourceError(f"The secret {reference} cannot be read: {reason}.") from None
        if not value:
            raise SourceError(f"The secret {reference} is empty.")
        return value
    # What stands there may be the secret itself, so it is not repeated.
    raise SourceError('A secret is given as "env:NAME" or "file:PATH", never in the configuration itself.')


def resolved(headers: Mapping[str, str], folder: Path = Path()) -> dict[str, str]:
    """Return the headers with "env:NAME" and "file:PATH" replaced by what they name. Raises SourceError."""
    return {
        name: secret(value, folder) if value.startswith(("env:", "file:")) else value
        for name, value in headers.items()
    }
