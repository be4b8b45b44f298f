"""A document as it goes over the wire: compressed once, named by its hash, kept by the browser."""

from __future__ import annotations

import asyncio
import gzip
import hashlib

from starlette.datastructures import Headers
from starlette.responses import Response

#: Below this a packet is a packet (bytes).
_SMALL = 1024

#: The best that gzip can do: it is done once for each document and process.
_LEVEL = 9


class Packed:
    """Bytes that many ask for and that do not change."""

    def __init__(self, body: bytes, media_type: str, *, compress: bool = True) -> None:
        self.body = body
        self.media_type = media_type
        #: the first 12 hex digits of its SHA-256
        self.digest = hashlib.sha256(body).hexdigest()[:12]
        # Only gzip: browsers take nothing newer without https, and a wall in a building has none.
        self._compress = compress and len(body) >= _SMALL
        self._gzip: bytes | None = None
        self._lock = asyncio.Lock()

    async def gzipped(self) -> bytes:
        """Compressed, at the first call in a thread: a map library takes a tenth of a second."""
        async with self._lock:
            if self._gzip is None:
                self._gzip = await asyncio.to_thread(gzip.compress, self.body, _LEVEL, mtime=0)
            return self._gzip

    async def answer(self, headers: Headers, cache: str) -> Response:
        """The answer to a request with these headers; `cache` is what Cache-Control says."""
        told = {"Cache-Control": cache, "ETag": f'W/"{self.digest}"', "Vary": "Accept-Encoding"}
        if f'"{self.digest}"' in headers.get("if-none-match", ""):
            return Response(status_code=304, headers=told)
        body = self.body
        if self._compress and "gzip" in headers.get("accept-encoding", ""):
            body = await self.gzipped()
            told["Content-Encoding"] = "gzip"
        return Response(body, media_type=self.media_type, headers=told)
