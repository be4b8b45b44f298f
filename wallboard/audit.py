"""The audit trail's hash chain: h_i = HMAC(key, h_{i-1} || canonical JSON of line i)."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Any

import msgspec

#: Names a file with the key, for cities that keep it apart from the data.
KEY_VARIABLE = "WALLBOARD_AUDIT_KEY_FILE"


def canonical(line: dict[str, Any]) -> bytes:
    """The one way to write a line: keys sorted, no white space."""
    return msgspec.json.encode(line, order="sorted")


def chained(key: bytes, previous: str, number: int, line: dict[str, Any]) -> tuple[bytes, str]:
    """The line as it is stored (with its number and hash), and the hash for the next one."""
    numbered = {**line, "i": number}
    digest = hmac.new(key, previous.encode() + canonical(numbered), hashlib.sha256).hexdigest()
    return canonical({**numbered, "h": digest}), digest


def load_key(directory: Path) -> bytes:
    """The chain's key: the named file's, else one made at the first start and kept beside the data."""
    if named := os.environ.get(KEY_VARIABLE):
        return Path(named).read_bytes().strip()
    path = directory / "audit.key"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        key = secrets.token_bytes(32)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key)
        return key
