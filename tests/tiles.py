"""Tiles for tests: a PMTiles archive written here, and a server of pictures on the loopback."""

from __future__ import annotations

import gzip
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

#: Sixteen by sixteen pixels of one colour are a tile: it is stretched.
_SIDE = 256


def png(red: int, green: int, blue: int) -> bytes:
    """A picture of one colour."""
    row = b"\0" + bytes((red, green, blue)) * _SIDE
    head = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(row * _SIDE)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def vector_tile(layer: str, kind: str) -> bytes:
    """A tile whose whole square is one feature of `layer` (Mapbox Vector Tile 2)."""
    corners = [9, 0, 0, 26, 8192, 0, 0, 8192, 8191, 0, 15]  # move to, line to three corners, close
    geometry = b"".join(_varint(one) for one in corners)
    feature = _field(2, b"\0\0") + b"\x18\x03" + _field(4, geometry)
    value = _field(1, kind.encode())
    body = (
        b"\x78\x02" + _field(1, layer.encode()) + _field(2, feature)
        + _field(3, b"kind") + _field(4, value) + b"\x28\x80\x20"
    )  # fmt: skip
    return _field(3, body)


def archive(tile: bytes, kind: int = 2) -> bytes:
    """A PMTiles archive with `tile` as the one of zoom 0; `kind` 1 is vectors, 2 is PNG."""
    directory = gzip.compress(b"".join(_varint(one) for one in (1, 0, 1, len(tile), 1)), mtime=0)
    metadata = gzip.compress(b"{}", mtime=0)
    root = 127
    at = root + len(directory)
    data = at + len(metadata)
    head = b"PMTiles\x03" + struct.pack(
        "<QQQQQQQQQQQ", root, len(directory), at, len(metadata), data, 0, data, len(tile), 1, 1, 1
    )
    head += struct.pack("<BBBBBB", 1, 2, 1, kind, 0, 0)
    head += struct.pack("<iiii", -1800000000, -850000000, 1800000000, 850000000)
    head += struct.pack("<Bii", 0, 0, 0)
    assert len(head) == root
    return head + directory + metadata + tile


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes((*out, number))


def _field(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(body)) + body


class TileServer:
    """Answers every address below /tiles/ and /wms with a picture, until `dead` is set."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.address = f"http://127.0.0.1:{server.server_address[1]}"
        self.asked: list[str] = []
        self.dead = False


@contextmanager
def tile_server() -> Iterator[TileServer]:
    """A tile server and WMS on a free port of the loopback."""
    picture = png(40, 90, 60)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            self.send_response(503 if told.dead else 200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            if not told.dead:
                self.wfile.write(picture)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told = TileServer(server)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()


def write_archive(path: Path, tile: bytes, kind: int = 2) -> Path:
    """An archive as a file."""
    path.write_bytes(archive(tile, kind))
    return path
