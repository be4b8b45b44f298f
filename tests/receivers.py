"""Receivers of notices on real sockets: a web server, a mail server, an MQTT broker; they can misbehave."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Turns of the loop in which an accepted connection has begun, or an aborted one has ended.
TURNS = 5

#: What a receiver may do instead of answering.
HANG, CUT = "hang", "cut"


@dataclass
class Hooks:
    """A web server for webhooks: does what `plan` says, in order, and then answers 204."""

    plan: list[int | str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    #: (path, headers in lower case, body) of each request
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def ids(self) -> list[str]:
        """The webhook-id of each request, in order."""
        return [headers["webhook-id"] for _, headers, _ in self.got]


@contextmanager
def hooks(*plan: int | str, **headers: str) -> Iterator[Hooks]:
    """A web server on the loopback interface."""
    book = Hooks(list(plan), headers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            act = book.plan.pop(0) if book.plan else 204
            book.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if act == HANG:
                book.ended.wait(60)
            if isinstance(act, str):
                self.close_connection = True
                return
            self.send_response(act)
            for name, value in book.headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    book.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield book
    finally:
        book.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Loop:
    """An asyncio server in a thread."""

    def __init__(self) -> None:
        self.port = 0
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        self._writers.append(writer)
        try:
            await self.talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            self._talks.discard(task)
            writer.close()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        await self._settle()  # what was accepted just now begins, so that it can be ended
        for task in list(self._talks):
            task.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
        await self._settle()  # a transport says that it has gone before the loop is closed

    @staticmethod
    async def _settle() -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0)

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        thread.start()
        self._ready.wait(10)
        try:
            yield
        finally:
            assert self._loop is not None
            assert self._stop is not None
            self._loop.call_soon_threadsafe(self._stop.set)
            thread.join()


class MailServer(_Loop):
    """SMTP (RFC 5321). `plan`: what it answers to the end of a mail's text, in order; then 250."""

    def __init__(
        self,
        *plan: str,
        offers: tuple[str, ...] = (),
        refuses: tuple[str, ...] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__()
        self.plan = list(plan)
        #: what STARTTLS begins; without it, it is refused
        self.tls = tls
        #: what EHLO offers beside SIZE: "STARTTLS", "AUTH PLAIN"
        self.offers = offers
        #: receivers that it does not take
        self.refuses = refuses
        #: (receiver of the envelope, mail)
        self.got: list[tuple[str, EmailMessage]] = []
        self.lines: list[str] = []

    @property
    def ids(self) -> list[str]:
        """The Message-ID of each mail, in order."""
        return [mail["Message-ID"] for _, mail in self.got]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(text: str) -> None:
            writer.write(f"{text}\r\n".encode())

        if self.plan[:1] == ["silent"]:
            await asyncio.sleep(60)
        say("220 mail.test ESMTP")
        receiver = ""
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            self.lines.append(line.upper())
            word = line.split(" ")[0].upper()
            if word == "EHLO":
                for offer in ("mail.test", *self.offers):
                    say(f"250-{offer}")
                say("250 SIZE 1000000")
            elif word == "STARTTLS":
                if self.tls is None:
                    say("454 TLS not available due to temporary reason")
                else:
                    say("220 go ahead")
                    await writer.start_tls(self.tls)
            elif word == "AUTH":
                say("235 2.7.0 ok")
            elif word == "RCPT":
                receiver = line.partition("<")[2].partition(">")[0]
                say("550 5.1.1 no such user" if receiver in self.refuses else "250 ok")
            elif word == "DATA":
                say("354 go on")
                raw = (await reader.readuntil(b"\r\n.\r\n"))[:-3]
                mail = message_from_bytes(raw, policy=policy.default)
                assert isinstance(mail, EmailMessage)
                self.got.append((receiver, mail))
                act = self.plan.pop(0) if self.plan else "250 queued"
                if act == CUT:
                    return
                if act == HANG:
                    await asyncio.sleep(60)
                say(act)
            elif word == "QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")


class Broker(_Loop):
    """MQTT 3.1.1, as far as one who publishes sees it. `plan`: what it does with a PUBLISH; else PUBACK."""

    def __init__(self, *plan: str, refuses: int = 0) -> None:
        super().__init__()
        self.plan = list(plan)
        #: return code of CONNACK
        self.refuses = refuses
        #: (topic, payload, QoS, retained)
        self.got: list[tuple[str, bytes, int, bool]] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            (kind,) = await reader.readexactly(1)
            length, shift = 0, 0
            while True:
                (byte,) = await reader.readexactly(1)
                length |= (byte & 127) << shift
                shift += 7
                if not byte & 128:
                    break
            data = await reader.readexactly(length)
            if kind >> 4 == 1:
                writer.write(bytes((0x20, 2, 0, self.refuses)))
            elif kind >> 4 == 3:
                size = int.from_bytes(data[:2], "big")
                topic, rest = data[2 : 2 + size].decode(), data[2 + size :]
                self.got.append((topic, rest[2:], kind >> 1 & 3, bool(kind & 1)))
                act = self.plan.pop(0) if self.plan else ""
                if act == CUT:
                    return
                if act != HANG:
                    writer.write(bytes((0x40, 2)) + rest[:2])
            elif kind >> 4 == 12:
                writer.write(bytes((0xD0, 0)))
            elif kind >> 4 == 14:
                return
