"""What a feed remembers across restarts of the program: one small note, whole or not there."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

#: A note says how far a source was read, or what of it is alive: 1,000 identities of 128 characters.
MAX_NOTE_BYTES = 192 * 1024


class Notes:
    """The note of one feed, a file in the state directory."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes:
        """The note as it was last kept; b"" where there is none, or none that can be read."""
        try:
            with self._path.open("rb") as file:
                note = file.read(MAX_NOTE_BYTES + 1)
        except OSError:
            return b""
        return note if len(note) <= MAX_NOTE_BYTES else b""

    def keep(self, note: bytes) -> None:
        """Replace the note; it is on disk when this returns. Raises OSError."""
        if len(note) > MAX_NOTE_BYTES:
            raise ValueError(f"a note has at most {MAX_NOTE_BYTES} bytes, this one {len(note)}")
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)

    def forget(self) -> None:
        """What the source still has is wanted anew."""
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
