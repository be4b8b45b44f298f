"""Emergency calls from an Asterisk manager (AMI), live or from captured documents.

A connection gives a snapshot of all queues first, then every change; it takes a new snapshot at each
reconnect and every minute, which mends whatever was missed. A document is AMI text (as on the wire, or a
capture with LF) or a JSON list of event objects.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from feeds.ami.events import Translator
from feeds.ami.frames import Broken, Frame, Framer
from feeds.ami.session import Session
from feeds.base import Adapter, Context, Intake, Parsed
from feeds.fetching.hang_up import hang_up
from feeds.fetching.secrets import secret
from feeds.reading.documents import load_json
from wallboard.errors import BadDocument, SourceError, Unreachable

#: Connecting with TLS; a city's network answers in milliseconds.
CONNECT_S = 10.0

#: Where an exchange listens, by scheme of the address.
PORTS = {"tcp": 5038, "tls": 5039}


class AmiOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options] of type "ami". The manager user needs read = agent,call,system, write = reporting."""

    user: str
    #: "env:NAME" or "file:PATH"
    secret: str
    #: md5: the secret never crosses the network; plain: for exchanges without the challenge
    auth: Literal["md5", "plain"] = "md5"
    #: certificate authority of the exchange's certificate, for tls:; default: the system's
    ca: str = ""
    #: a quiet exchange is asked for a sign of life this often (s)
    ping_every: float = 15.0
    #: a new snapshot this often (s), which ends what was missed
    resync_every: float = 60.0

    def __post_init__(self) -> None:
        if self.ping_every <= 0 or self.resync_every <= 0:
            raise ValueError("ping_every and resync_every must be more than 0 seconds")
        if any(char in self.user for char in "\r\n"):
            raise ValueError("user must be one line")


def parse(payload: bytes, context: Context, options: Any = None) -> Parsed:
    """The events in a document of AMI text or JSON. Raises BadDocument when it is neither."""
    parsed = Parsed()
    translator = Translator(context.feed, context.secret, context.now)
    understood = 0
    for number, item in enumerate(_items(payload), 1):
        understood += isinstance(item, Broken) or any(key in item for key in ("event", "response", "action"))
        translator.take(item, context.now, f"frame {number}", parsed)
    if not understood:
        raise BadDocument("It holds no frame of an Asterisk manager.")
    if translator.snapshot.open():
        translator.take(Broken("the answer to QueueStatus has no end"), context.now, "end", parsed)
    return parsed


def _items(payload: bytes) -> Iterator[Frame | Broken]:
    start = payload[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"<":
        raise BadDocument("It should be AMI text, but it is HTML or XML.")
    if start[:1] == b"{" or (start[:1] == b"[" and start[1:].lstrip()[:1] in (b"{", b"]")):
        yield from _json_items(load_json(payload))
        return
    framer = Framer()
    yield from framer.feed(payload.removeprefix(b"\xef\xbb\xbf"))
    yield from framer.end()


def _json_items(document: Any) -> Iterator[Frame | Broken]:
    for record in document if isinstance(document, list) else [document]:
        if not isinstance(record, dict):
            yield Broken("it is no object")
            continue
        yield {
            str(name).strip().lower(): str(value)
            for name, value in record.items()
            if isinstance(value, (str, int, float))
        }


async def run(intake: Intake, options: AmiOptions) -> None:
    """Follow the exchange until the connection ends; raises SourceError then."""
    context = intake.context()
    translator = Translator(context.feed, context.secret, intake.now())
    word = secret(options.secret, intake.folder)
    # What the wall shows is not live until the snapshot of this connection.
    await intake.give(Parsed([translator.lost(intake.now(), "connecting")]))
    reader, writer = await _open(intake, options)
    session = Session(intake, translator, reader, writer)
    try:
        try:
            await session.login(options.user, word, plain=options.auth == "plain")
            await session.follow(options.ping_every, options.resync_every)
        except OSError as error:
            raise Unreachable(f"The connection to the exchange broke: {error.strerror or error}.") from None
    except SourceError as error:
        await intake.give(Parsed([translator.lost(intake.now(), str(error))]))
        raise
    finally:
        await hang_up(writer)


async def _open(intake: Intake, options: AmiOptions) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = urlsplit(intake.url)
    url = intake.url if address.port else f"{intake.url.rstrip('/')}:{PORTS.get(address.scheme, 0)}"
    if not options.ca or address.scheme != "tls":
        reader, writer = await intake.open(url)
        return reader, writer
    try:
        authority = str(intake.folder / options.ca)
        trust = await asyncio.to_thread(ssl.create_default_context, cafile=authority)
        async with asyncio.timeout(CONNECT_S):
            return await asyncio.open_connection(address.hostname, urlsplit(url).port, ssl=trust)
    except TimeoutError:
        raise Unreachable(f"{url} does not answer within {CONNECT_S:.0f} s.") from None
    except (OSError, ssl.SSLError) as error:
        raise Unreachable(f"{url} cannot be reached: {error}.") from None


ADAPTER = Adapter(
    type="ami",
    options=AmiOptions,
    parse=parse,
    kinds=("call", "queue", "agent"),
    run=run,
    schemes=("tcp", "tls"),
)
