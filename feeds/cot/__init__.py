"""Alarms, reports and markers of teams in the field, by Cursor on Target (ATAK, WinTAK, TAK servers).

Over TCP or TLS from a server, or over UDP as devices send it. Each holds until its `stale`, its cancel or its
removal; what is alive is remembered across restarts, so that nothing stays on the wall for ever.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import AsyncIterator
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import msgspec

from feeds.base import Adapter, Context, Intake, Parsed, RecordFault
from feeds.cot.framing import Events
from feeds.cot.life import Life
from feeds.cot.session import Datagrams, client_trust, datagrams, listen, open_stream, pieces
from feeds.fetching.aside import aside
from feeds.fetching.hang_up import hang_up
from wallboard.errors import BadDocument, SourceError

log = logging.getLogger(__name__)

#: What is due is looked for at least this often, and an open connection said to live.
TICK_S = 5.0

#: What is alive is written down at most this often.
NOTE_S = 5.0

#: Alarms, detections, reports and spot markers. Where teams are (a-f-*) is no incident; chat (b-t-f) neither.
TYPES = ("b-a-*", "b-d-*", "b-l-*", "b-r-*", "b-m-p-s-*")


class CotOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]"""

    #: types of events that become incidents; * stands for anything
    types: tuple[str, ...] = TYPES
    #: UDP: addresses or networks that may send; [] = whoever reaches the port
    senders: list[str] = []
    #: tls: certificate authority of the server, our certificate and its key (PEM files)
    ca: str = ""
    certificate: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        if not self.types:
            raise ValueError("types is empty: nothing would become an incident")
        if self.key and not self.certificate:
            raise ValueError("a key needs a certificate")
        for sender in self.senders:
            try:
                ipaddress.ip_network(sender, strict=False)
            except ValueError:
                raise ValueError(f"senders: {sender!r} is neither an address nor a network") from None


def parse(payload: bytes, context: Context, options: CotOptions) -> Parsed:
    """The events of a capture of one or more XML events, as they would be heard now."""
    parsed, life = Parsed(), Life(options.types)
    found = Events().feed(payload)
    if not found:
        raise BadDocument("It holds no event of Cursor on Target.")
    for number, event in enumerate(found, 1):
        life.take(event, f"event {number}", context, parsed)
    return parsed


#: feed → what of it is alive, from one connection to the next
_lives: WeakKeyDictionary[Intake, Life] = WeakKeyDictionary()


async def run(intake: Intake, options: CotOptions) -> None:
    """Hear until the connection ends; raises SourceError then."""
    if intake not in _lives:
        note = await aside(intake.notes.read) if intake.notes is not None else b""
        _lives[intake] = Life(options.types, note)
    hearer = _Hearer(intake, _lives[intake])
    try:
        await _hear(intake, options, hearer)
    except SourceError as error:
        await hearer.away(str(error))
        raise


async def _hear(intake: Intake, options: CotOptions, hearer: _Hearer) -> None:
    scheme, folder = urlsplit(intake.url).scheme, intake.folder
    if scheme == "udp":
        protocol = Datagrams([ipaddress.ip_network(each, strict=False) for each in options.senders])
        transport = await listen(intake.url, protocol)
        try:
            await hearer.hear_datagrams(datagrams(protocol, hearer.wait_s), protocol)
        finally:
            transport.close()
        return
    own = scheme == "tls" and (options.ca or options.certificate)
    trust = (lambda: client_trust(folder, options.ca, options.certificate, options.key)) if own else None
    reader, writer = await open_stream(intake, trust)
    try:
        await hearer.hear_stream(pieces(reader, hearer.wait_s))
    finally:
        await hang_up(writer)


class _Hearer:
    """Gives what is heard, and what is due, and keeps the note."""

    def __init__(self, intake: Intake, life: Life) -> None:
        self._intake = intake
        self._life = life
        self._noted_at = 0.0

    def wait_s(self) -> float:
        """How long to wait for the next bytes."""
        end = self._life.next_end()
        return TICK_S if end is None else min(TICK_S, max(0.01, end - self._intake.now()))

    async def hear_stream(self, source: AsyncIterator[bytes]) -> None:
        """Bytes of a connection: while it is open, its source lives."""
        events, given_up = Events(), 0
        await self._intake.give(Parsed())
        async for piece in source:
            parsed = Parsed()
            for event in events.feed(piece):
                self._take(event, parsed)
            if events.given_up > given_up:
                why = f"{events.given_up - given_up} bytes in which no event ends"
                parsed.faults.append(RecordFault("stream", why))
                given_up = events.given_up
            await self._give(parsed)

    async def hear_datagrams(self, source: AsyncIterator[bytes], protocol: Datagrams) -> None:
        """One event each; nobody knows of a sender that is silent whether it lives."""
        refused = lost = 0
        await self._intake.give(Parsed())
        async for data in source:
            parsed = Parsed()
            if data:
                self._take(data, parsed)
            if protocol.refused > refused or protocol.lost > lost:
                why = f"{protocol.refused - refused} from other senders, {protocol.lost - lost} too fast"
                parsed.faults.append(RecordFault("datagrams", why))
                refused, lost = protocol.refused, protocol.lost
            if data or parsed.faults:
                await self._give(parsed)
            else:
                self._life.end_due(self._intake.context(), parsed)
                if parsed.events:
                    await self._give(parsed)

    async def away(self, reason: str) -> None:
        """The source is away: what is due ends all the same, which is no sign of life."""
        parsed = Parsed()
        self._life.end_due(self._intake.context(), parsed)
        if parsed.events:
            self._intake.trouble(reason)
            await self._give(parsed)

    def _take(self, event: bytes, parsed: Parsed) -> None:
        # Without a number: what somebody sends again and again is a fault that is known.
        self._life.take(event, "event", self._intake.context(), parsed)

    async def _give(self, parsed: Parsed) -> None:
        self._life.end_due(self._intake.context(), parsed)
        await self._intake.give(parsed)
        await self._note()

    async def _note(self) -> None:
        notes, now = self._intake.notes, self._intake.now()
        if notes is None or not self._life.changed or 0 <= now - self._noted_at < NOTE_S:
            return
        self._noted_at = now
        note = self._life.note()
        try:
            await aside(lambda: notes.keep(note))
        except (OSError, ValueError) as error:
            log.warning("feed %s cannot remember what is alive: %s", self._intake.name, error)


ADAPTER = Adapter(
    type="cot",
    options=CotOptions,
    parse=parse,
    kinds=("incident",),
    run=run,
    schemes=("tcp", "tls", "udp"),
)
