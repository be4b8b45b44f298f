"""Servers that misbehave, on real sockets of the loopback interface.

HTTP: a path answers with one behaviour after the other, the last one for ever.

    async with FaultyHttp() as server:
        server.script("/rss.xml", cut(BODY, 100), silent(), ok(BODY))
        await fetch(server.url("/rss.xml"))
        assert [request.path for request in server.requests] == ["/rss.xml"]

TCP: each new connection plays the next script, the last one for ever. A step is bytes to send, a Pause,
an Expect (read until these bytes came), CUT (reset the connection) or HOLD (say nothing for ever).

    async with Replay([GREETING, Expect(b"Login"), FRAME[:20], CUT], [GREETING, FRAME, HOLD]) as exchange:
        await connect(exchange.url)
        assert b"Action: Login" in exchange.heard[0]
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

#: No test waits longer than this for anything; who runs into it has found a hang.
PATIENCE_S = 10.0


@dataclass(frozen=True)
class Request:
    """What a client asked: header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""


Behaviour = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


def ok(
    body: bytes,
    media_type: str = "application/json",
    *,
    headers: Mapping[str, str] | None = None,
    status: str = "200 OK",
) -> Behaviour:
    """The whole body, with its right length."""

    async def behave(_: Request, writer: asyncio.StreamWriter) -> None:
        _head(
            writer, status, {"content-type": media_type, "content-length": str(len(body)), **(headers or {})}
        )
        writer.write(body)

    return behave


def html(status: str = "200 OK") -> Behaviour:
    """A web page where data is expected: the login of a hotel's network, or an error page."""
    page = b"<!DOCTYPE html><html><head><title>Silakan masuk</title></head><body>Login</body></html>"
    return ok(page, "text/html; charset=utf-8", status=status)


def status(code: str, *, retry_after: str = "") -> Behaviour:
    """An answer such as "503 Service Unavailable", with a Retry-After where one is given."""
    return ok(b"", "text/plain", status=code, headers={"retry-after": retry_after} if retry_after else {})


def redirect(location: str, code: str = "302 Found") -> Behaviour:
    """Sends the client elsewhere; to its own path it is a loop."""
    return ok(b"", "text/plain", status=code, headers={"location": location})


def cut(body: bytes, after: int) -> Behaviour:
    """Promises the whole body, sends the first `after` bytes, and resets the connection."""

    async def behave(_: Request, writer: asyncio.StreamWriter) -> None:
        _head(writer, "200 OK", {"content-length": str(len(body))})
        writer.write(body[:after])
        await writer.drain()
        reset(writer)

    return behave


def wrong_length(body: bytes, claimed: int) -> Behaviour:
    """Says another length than it sends, and closes properly."""

    async def behave(_: Request, writer: asyncio.StreamWriter) -> None:
        _head(writer, "200 OK", {"content-length": str(claimed)})
        writer.write(body)

    return behave


def silent(*, after_head: bool = False) -> Behaviour:
    """Accepts the request and never says anything (or nothing after the head)."""

    async def behave(_: Request, writer: asyncio.StreamWriter) -> None:
        if after_head:
            _head(writer, "200 OK", {"content-length": "1000"})
            await writer.drain()
        await asyncio.Event().wait()

    return behave


def drip(body: bytes, every_s: float = 0.05, size: int = 1) -> Behaviour:
    """Sends `size` bytes each `every_s`: always something, never enough."""

    async def behave(_: Request, writer: asyncio.StreamWriter) -> None:
        _head(writer, "200 OK", {"content-length": str(len(body))})
        for start in range(0, len(body), size):
            writer.write(body[start : start + size])
            await writer.drain()
            await asyncio.sleep(every_s)

    return behave


def huge(size: int = 200_000_000, *, tell: bool = True) -> Behaviour:
    """A body of `size` bytes, made as it is sent; without `tell` its length is not said before."""

    async def behave(_: Request, writer: asyncio.StreamWriter) -> None:
        _head(writer, "200 OK", {"content-length": str(size)} if tell else {})
        block = b" " * 65536
        for start in range(0, size, len(block)):
            writer.write(block[: size - start])
            await writer.drain()

    return behave


def gzip_bomb(size: int = 50_000_000) -> Behaviour:
    """A gzip body of some kilobytes that unpacks to `size` bytes."""
    packer = zlib.compressobj(level=1, wbits=31)
    block = b" " * 1_000_000
    packed = b"".join(packer.compress(block) for _ in range(size // len(block))) + packer.flush()
    return ok(packed, headers={"content-encoding": "gzip"})


def zipped(body: bytes, media_type: str = "application/json") -> Behaviour:
    """The body in honest gzip."""
    return ok(gzip.compress(body), media_type, headers={"content-encoding": "gzip"})


def tagged(body: bytes, etag: str = '"1"', modified: str = "Thu, 24 Sep 2026 07:30:00 GMT") -> Behaviour:
    """Answers 304 to who has this version already, by ETag or Last-Modified."""
    whole = ok(body, headers={"etag": etag, "last-modified": modified})

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        known = request.headers.get("if-none-match") == etag
        if known or request.headers.get("if-modified-since") == modified:
            _head(writer, "304 Not Modified", {"etag": etag})
        else:
            await whole(request, writer)

    return behave


class _Server:
    """Shared by the servers: a port of its own, all handlers ended with it."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.port = 0
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._handlers: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; after a `stop` on the same port as before, as a restarted server does."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse new connections and break all that are open."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for handler in list(self._handlers):
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)

    @property
    def open_connections(self) -> int:
        """How many connections are being served now."""
        return len(self._handlers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._handle(reader, writer))
        self._handlers.add(task)
        task.add_done_callback(self._handlers.discard)
        # One that is cancelled before its first step has closed nothing.
        task.add_done_callback(lambda _: writer.transport.abort())

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.serve(reader, writer)
            await writer.drain()
            writer.close()
        except asyncio.CancelledError:
            reset(writer)
        except (OSError, asyncio.IncompleteReadError):
            writer.close()  # the client went away, which is its right
        finally:
            try:
                await writer.wait_closed()
            except OSError:
                pass


class FaultyHttp(_Server):
    """An HTTP/1.1 server whose paths answer as scripted; one request a connection."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.requests: list[Request] = []
        self._scripts: dict[str, list[Behaviour]] = {}

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'http' if self._tls is None else 'https'}://{host}:{self.port}{path}"

    def script(self, path: str, *behaviours: Behaviour) -> None:
        """What `path` answers, request by request; the last one stays. A new script replaces the old."""
        self._scripts[path] = list(behaviours)

    def asked(self, path: str) -> int:
        """How often `path` was asked for."""
        return sum(request.path == path for request in self.requests)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ", 2)
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:])
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        path, _, query = target.partition("?")
        request = Request(method, path, query, headers, body)
        self.requests.append(request)
        script = self._scripts.get(path)
        if not script:
            await status("404 Not Found")(request, writer)
            return
        await (script.pop(0) if len(script) > 1 else script[0])(request, writer)


@dataclass(frozen=True)
class Pause:
    """Wait before the next step."""

    seconds: float


@dataclass(frozen=True)
class Expect:
    """Read until these bytes have come since the last Expect."""

    text: bytes


#: End the connection with a reset, in the middle of whatever it was.
CUT: Literal["cut"] = "cut"
#: Say nothing more, and stay connected.
HOLD: Literal["hold"] = "hold"

Step = bytes | Pause | Expect | Literal["cut", "hold"]


class Replay(_Server):
    """A TCP server that plays frames: a recorded exchange, with its pauses and its faults."""

    def __init__(self, *scripts: Sequence[Step], tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self._scripts = [list(script) for script in scripts]
        #: what each connection has said so far
        self.heard: list[bytearray] = []

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = self._scripts[min(len(self.heard), len(self._scripts) - 1)]
        heard = bytearray()
        self.heard.append(heard)
        listener = _Listener(reader, heard)
        for step in script:
            match step:
                case bytes():
                    writer.write(step)
                    await writer.drain()
                case Pause(seconds):
                    await asyncio.sleep(seconds)
                case Expect(text):
                    await listener.until(text)
                case "cut":
                    reset(writer)
                    return
                case "hold":
                    await listener.until(None)


@dataclass
class _Listener:
    reader: asyncio.StreamReader
    heard: bytearray
    _from: int = field(default=0)

    async def until(self, text: bytes | None) -> None:
        """Read until `text` came; None: until the client goes."""
        while text is None or self.heard.find(text, self._from) < 0:
            data = await self.reader.read(65536)
            if not data:
                raise ConnectionResetError("the client went away")
            self.heard += data
        self._from = self.heard.find(text, self._from) + len(text)


async def wait_until(condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Return when `condition` holds; fail the test when it does not within `patience_s`."""
    async with asyncio.timeout(patience_s):
        while not condition():
            await asyncio.sleep(0.005)


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with RST, as a killed process or a pulled cable's firewall does."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
    writer.transport.abort()


def _head(writer: asyncio.StreamWriter, status_line: str, headers: Mapping[str, str]) -> None:
    lines = [f"HTTP/1.1 {status_line}", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write("\r\n".join([*lines, "connection: close", "", ""]).encode("latin-1"))
