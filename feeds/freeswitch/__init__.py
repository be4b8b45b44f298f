"""Emergency calls from FreeSWITCH's mod_callcenter over its event socket, live or from captured events.

A connection gives all lists first, then every event; the lists come anew every minute, which mends whatever
was missed.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from feeds.base import Adapter, Context, Intake, Parsed
from feeds.fetching.hang_up import hang_up
from feeds.fetching.secrets import secret
from feeds.freeswitch.events import Translator
from feeds.freeswitch.frames import fields_of
from feeds.freeswitch.session import Session
from wallboard.errors import BadDocument, SourceError, Unreachable

#: Where an event socket listens.
PORT = 8021


class FreeswitchOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]"""

    #: "env:NAME" or "file:PATH" of the event socket's password
    password: Annotated[str, msgspec.Meta(pattern=r"^(env|file):.+$")]
    #: all lists anew this often (s), which mends what was missed
    resync_every: float = 60.0

    def __post_init__(self) -> None:
        if self.resync_every < 5:
            raise ValueError("resync_every is at least 5 seconds")


def parse(payload: bytes, context: Context, options: FreeswitchOptions | None = None) -> Parsed:
    """The events in captured plain events, with or without their frames. Raises BadDocument without any."""
    parsed = Parsed()
    translator = Translator(context.feed, context.secret, context.now)
    blocks = payload.replace(b"\r\n", b"\n").split(b"\n\n")
    events = [event for block in blocks if "event-name" in (event := fields_of(block, encoded=True))]
    if not events:
        raise BadDocument("It holds no plain event of FreeSWITCH (Event-Name: …).")
    for number, event in enumerate(events, 1):
        translator.take(event, context.now, f"event {number}", parsed)
    return parsed


async def run(intake: Intake, options: FreeswitchOptions) -> None:
    """Follow the exchange until the connection ends; raises SourceError then."""
    context = intake.context()
    translator = Translator(context.feed, context.secret, intake.now())
    word = secret(options.password, intake.folder)
    if len(word.splitlines()) > 1:
        raise SourceError(f"The secret {options.password} has several lines; a password is one.")
    # What the wall shows is not live until the lists of this connection.
    await intake.give(Parsed([translator.lost(intake.now(), "connecting")]))
    address = urlsplit(intake.url)
    reader, writer = await intake.open(intake.url if address.port else f"{intake.url.rstrip('/')}:{PORT}")
    session = Session(intake, translator, reader, writer)
    try:
        try:
            await session.login(word)
            await session.follow(options.resync_every)
        except OSError as error:
            raise Unreachable(f"The connection to the exchange broke: {error.strerror or error}.") from None
    except SourceError as error:
        await intake.give(Parsed([translator.lost(intake.now(), str(error))]))
        raise
    finally:
        await hang_up(writer)


ADAPTER = Adapter(
    type="freeswitch",
    options=FreeswitchOptions,
    parse=parse,
    kinds=("call", "queue", "agent"),
    run=run,
    schemes=("tcp", "tls"),
)
