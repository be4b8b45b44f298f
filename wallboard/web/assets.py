"""Files of the pages: by an address with their hash they are kept for ever, else asked for each time."""

from __future__ import annotations

import hashlib
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).resolve().parent.parent.parent / "static"

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK = "no-cache"


class Assets(StaticFiles):
    """static/, with hashed addresses."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)
        #: path → (mtime, size, hash): a file that was edited gets a new address without a restart
        self._hashes: dict[str, tuple[float, int, str]] = {}

    def url(self, path: str) -> str:
        """Address of a file under static/, with its hash; a missing one keeps its plain address."""
        return f"/static/{path}?h={digest}" if (digest := self.digest(path)) else f"/static/{path}"

    def digest(self, path: str) -> str:
        """The first 12 hex digits of the file's SHA-256, "" where there is no such file."""
        try:
            stat = (STATIC / path).stat()
        except OSError:
            return ""
        known = self._hashes.get(path)
        if known is None or known[:2] != (stat.st_mtime, stat.st_size):
            digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]
            known = self._hashes[path] = (stat.st_mtime, stat.st_size, digest)
        return known[2]

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file; kept for ever only when asked for by its present hash."""
        response = await super().get_response(path, scope)
        asked = dict(part.partition("=")[::2] for part in scope["query_string"].decode("latin-1").split("&"))
        by_hash = asked.get("h") is not None and asked["h"] == self.digest(path)
        response.headers["Cache-Control"] = _FOR_EVER if by_hash else _ASK
        return response
