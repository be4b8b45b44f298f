"""Files of the pages, each by an address with a hash in its path, so that a browser keeps them for a year.

`/static/{hash}/js/wall.js`: what a module imports beside itself is asked for below the same hash, so a page
never mixes two versions. It is the hash of all files, and another one after each upgrade. Files of others
have their own: after an upgrade of ours the map library is not fetched again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import posixpath
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from wallboard.web.packed import Packed

STATIC = Path(__file__).resolve().parent.parent.parent / "static"

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK = "no-cache"

#: An edited file is seen after this long (s): a look at 150 files takes half a millisecond.
LOOK_S = 1.0

#: Files of others, in static/.
_VENDOR = "vendor/"

#: Types by the end of the name; a file with another end is no part of a page, and is not served.
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}

#: Between the names of files that are served as one, and in a name instead of "/": what they name beside
#: themselves is looked for from static/css.
_JOIN, _FOLDER = "+", ":"

#: Their formats are compressed already.
_PACKED_ALREADY = frozenset({".woff2", ".png"})

_ADDRESS = re.compile(r"/?(?:(?P<hash>[0-9a-f]{12})/)?(?P<path>.+)")

#: `import … from "./x.js"`, `import "./x.js"` and `export … from "./x.js"` at the head of a module.
_IMPORT = re.compile(r"""^(?:import|export)\b[^"';]*?["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)


@dataclass(frozen=True)
class _File:
    #: modification time and size: others mean that it was edited
    stamp: tuple[int, int]
    packed: Packed


class Assets:
    """static/ as an ASGI application, and the addresses of what is in it."""

    def __init__(self, root: Path = STATIC, mono: Callable[[], float] = time.monotonic) -> None:
        self._root = root
        self._mono = mono
        self._looked = float("-inf")
        #: only what our own pages ask for: anybody could ask for any other choice
        self._joined: dict[str, Packed] = {}
        self._files: dict[str, _File] = {}
        self._digest = ""
        self._modules: dict[tuple[str, ...], list[str]] = {}

    @property
    def digest(self) -> str:
        """Of all files together: the version of the pages' programs."""
        self._look()
        return self._digest

    def url(self, path: str) -> str:
        """Address of a file under static/; a missing one keeps its plain address."""
        self._look()
        return f"/static/{self._hash(path)}/{path}" if path in self._files else f"/static/{path}"

    def styles(self, names: Sequence[str]) -> str:
        """Address of these files of static/css as one: they are asked for once, not 25 times."""
        self._look()
        there = [name for name in names if f"css/{name}.css" in self._files]
        path = f"css/{_JOIN.join(name.replace('/', _FOLDER) for name in there)}.css"
        if path not in self._joined and (body := self._join(path)) is not None:
            self._joined[path] = Packed(body, _TYPES[".css"])
        return f"/static/{self._digest}/{path}"

    def modules(self, *entries: str) -> list[str]:
        """Addresses of these modules and all that they import, for the page to ask for them at once.

        A browser learns of an import only when it has read who imports it; ten steps deep that is ten times
        the way to the server and back.
        """
        self._look()
        if entries not in self._modules:
            found = dict.fromkeys(entries)
            for path in (waiting := [*entries]):
                for name in self._imports(path):
                    if name not in found:
                        found[name] = None
                        waiting.append(name)
            self._modules[entries] = [self.url(path) for path in found]
        return self._modules[entries]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a file."""
        response = await self._answer(scope)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        self._look()
        asked = _ADDRESS.fullmatch(scope["path"].removeprefix(scope.get("root_path", "")))
        if asked and _JOIN in asked["path"]:
            return await self._answer_joined(asked["path"], asked["hash"], Headers(scope=scope))
        file = self._files.get(asked["path"]) if asked else None
        if asked is None or file is None:
            raise HTTPException(404)
        path, digest = asked["path"], asked["hash"]
        if digest == self._hash(path):
            return await file.packed.answer(Headers(scope=scope), _FOR_EVER)
        if digest and path.startswith(_VENDOR):
            cache = _FOR_EVER if digest == self._digest else "no-store"
            return RedirectResponse(self.url(path), headers={"Cache-Control": cache})
        # A page from before the upgrade, or a node that is not upgraded yet: the present file, to be asked
        # for again, rather than half a page. It learns of the upgrade from the next `hello`.
        return await file.packed.answer(Headers(scope=scope), _ASK)

    async def _answer_joined(self, path: str, digest: str | None, headers: Headers) -> Response:
        packed = self._joined.get(path)
        if packed is None:
            # Another node's page, or nobody's: made for this answer alone, and not compressed.
            body = self._join(path)
            if body is None:
                raise HTTPException(404)
            packed = Packed(body, _TYPES[".css"], compress=False)
        return await packed.answer(headers, _FOR_EVER if digest == self._digest else _ASK)

    def _join(self, path: str) -> bytes | None:
        """The files that a joined path names, one after the other; None where one is missing or twice."""
        names = path.removeprefix("css/").removesuffix(".css").split(_JOIN)
        paths = [f"css/{name.replace(_FOLDER, '/')}.css" for name in names]
        if len(set(paths)) < len(paths) or not all(path in self._files for path in paths):
            return None
        return b"\n".join(self._files[path].packed.body for path in paths)

    def _hash(self, path: str) -> str:
        file = self._files.get(path)
        return file.packed.digest if file and path.startswith(_VENDOR) else self._digest

    def _imports(self, path: str) -> list[str]:
        file = self._files.get(path)
        if file is None:
            return []
        folder = posixpath.dirname(path)
        names = _IMPORT.findall(file.packed.body.decode())
        # What is not in a folder of ours goes by another hash.
        inside = [posixpath.normpath(posixpath.join(folder, name)) for name in names]
        return [name for name in inside if name in self._files and not name.startswith(_VENDOR)]

    def _look(self) -> None:
        """Read what is new or was edited since the last look."""
        now = self._mono()
        if now - self._looked < LOOK_S:
            return
        self._looked = now
        found: dict[str, _File] = {}
        # The set-up may link static/vendor to a folder that several copies share.
        for folder, _, names in os.walk(self._root, followlinks=True):
            for name in names:
                file = Path(folder, name)
                if file.suffix in _TYPES:
                    path = file.relative_to(self._root).as_posix()
                    # Between an editor's two steps there may be no file at all.
                    with contextlib.suppress(FileNotFoundError):
                        found[path] = self._read(file, self._files.get(path))
        if found != self._files:
            self._files, self._modules, self._joined = found, {}, {}
            lines = (f"{path} {file.packed.digest}\n" for path, file in sorted(found.items()))
            self._digest = hashlib.sha256("".join(lines).encode()).hexdigest()[:12]

    def _read(self, file: Path, known: _File | None) -> _File:
        stat = file.stat()
        stamp = (stat.st_mtime_ns, stat.st_size)
        if known is not None and known.stamp == stamp:
            return known
        packed = Packed(file.read_bytes(), _TYPES[file.suffix], compress=file.suffix not in _PACKED_ALREADY)
        return _File(stamp, packed)
