"""Secret keys of this installation: named files, else made at the first start and kept beside the data."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

#: 256 bits, for HMAC-SHA256.
KEY_BYTES = 32


def load_key(directory: Path, name: str) -> bytes:
    """The key `name` ("audit", "callers"): of $WALLBOARD_AUDIT_KEY_FILE or the like, else DIRECTORY/name.key.

    A city that keeps its keys apart from its data names the file; a key that is lost makes old hashes
    unverifiable, nothing else.
    """
    if named := os.environ.get(f"WALLBOARD_{name.upper()}_KEY_FILE"):
        return Path(named).read_bytes().strip()
    path = directory / f"{name}.key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    key = secrets.token_bytes(KEY_BYTES)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
    return key
