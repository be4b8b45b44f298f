"""Secret keys of this installation: named files, else made at the first start and kept beside the data."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from wallboard.errors import WallboardError

#: 256 bits, for HMAC-SHA256.
KEY_BYTES = 32


def load_key(directory: Path, name: str) -> bytes:
    """The key `name` ("audit", "callers"): of $WALLBOARD_AUDIT_KEY_FILE or the like, else DIRECTORY/name.key.

    A city that keeps its keys apart from its data names the file; a key that is lost makes old hashes
    unverifiable, nothing else.
    """
    if named := os.environ.get(f"WALLBOARD_{name.upper()}_KEY_FILE"):
        return _whole(Path(named).read_bytes().strip(), Path(named))
    path = directory / f"{name}.key"
    if not path.exists():
        # Written whole under another name first: another process sees all of it or nothing.
        fresh = directory / f"{name}.key.{os.getpid()}"
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return _whole(path.read_bytes(), path)


def _whole(key: bytes, path: Path) -> bytes:
    if len(key) < KEY_BYTES:
        raise WallboardError(
            f"{path} holds {len(key)} bytes, a key has at least {KEY_BYTES}: put the real one there."
        )
    return key
