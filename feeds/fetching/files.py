"""Documents from files: a file, a folder or a pattern, relative to the folder of the configuration.

Captured documents run through the very same code as live ones. A document that names a file: address reaches
no further than the folder of the feed's own.
"""

from __future__ import annotations

import glob
import mimetypes
import os
import stat
from pathlib import Path
from urllib.parse import unquote_to_bytes

from feeds.base import Document
from wallboard.errors import Unreachable

#: More captured documents than this in one folder is a mistake (a whole disk, say), not a feed.
MAX_FILES = 2000


def path_of(url: str, folder: Path) -> Path:
    """Return the path of a "file:" address ("file:data/x.json", "file:///var/x.json")."""
    text = url[len("file:") :]
    if text.startswith("//"):
        host, slash, rest = text[2:].partition("/")
        if host not in ("", "localhost"):
            raise Unreachable(f"A file: address names no host ({host}): write file:path or file:///path.")
        text = slash + rest
    # A name is bytes: that of a file from an old archive need not be UTF-8.
    return folder / os.fsdecode(unquote_to_bytes(text))


class Vanished(Unreachable):
    """Raised where there is no such file, or no more."""


def list_files(url: str, folder: Path) -> list[Path]:
    """Return the files that `url` names, by name; a folder gives what lies in it. Raises Unreachable."""
    path = path_of(url, folder)
    if path.is_dir():
        found = [entry for entry in path.iterdir() if entry.is_file() and not entry.name.startswith(".")]
    elif path.exists() or not glob.has_magic(str(path)):
        return [path]
    else:
        found = [entry for name in glob.iglob(str(path), recursive=True) if (entry := Path(name)).is_file()]
    if not found:
        raise Unreachable(f"{_shown(path, folder)} names no file.")
    if len(found) > MAX_FILES:
        raise Unreachable(f"{_shown(path, folder)} names {len(found)} files, more than {MAX_FILES}.")
    return sorted(found)


def within(path: Path, configured: Path) -> bool:
    """Whether `path` lies in the folder of the configured file, folder or pattern, links resolved."""
    root = configured
    while glob.has_magic(str(root)):
        root = root.parent
    if not root.is_dir():
        root = root.parent
    return path.resolve().is_relative_to(root.resolve())


def read_file(path: Path, folder: Path, limit: int) -> Document:
    """Return the document in `path`. Raises Unreachable where it is missing, too large or no plain file."""
    shown = _shown(path, folder)
    try:
        # Without O_NONBLOCK the open of a named pipe waits for a writer.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Unreachable(f"{shown} is not a file.")
            body = file.read(limit + 1)
    except OSError as error:
        kind = Vanished if isinstance(error, FileNotFoundError) else Unreachable
        raise kind(f"{shown} cannot be read: {(error.strerror or 'unknown reason').lower()}.") from None
    if len(body) > limit:
        raise Unreachable(f"{shown} is larger than the {limit} bytes allowed.")
    return Document(body, path.as_uri() if path.is_absolute() else f"file:{path}", _media_type(path))


def _media_type(path: Path) -> str:
    return mimetypes.guess_type(path.name, strict=False)[0] or ""


def _shown(path: Path, folder: Path) -> str:
    return written(path.relative_to(folder) if path.is_relative_to(folder) else path)


def written(path: Path | str) -> str:
    """A file's name as a text that can be said: bytes that are no UTF-8 are "?"."""
    return str(path).encode("utf-8", "replace").decode()
