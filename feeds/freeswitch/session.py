"""One connection to FreeSWITCH's event socket: log-in, lists, then everything that happens. Thin I/O."""

from __future__ import annotations

import asyncio

from feeds.base import Intake, Parsed, RecordFault
from feeds.freeswitch.events import CALLCENTER, Translator
from feeds.freeswitch.frames import Broken, Fields, Frame, Framer, fields_of, rows_of
from wallboard.errors import BadDocument, Unreachable
from wallboard.text import title

#: The exchange greets and answers a log-in in milliseconds.
LOGIN_S = 10.0

#: Each list is answered within this, also under full load (s).
ANSWER_S = 30.0

#: An exchange that does not read our few bytes for this long is as good as gone.
WRITE_S = 10.0

#: What is read at once; a full second of a busy exchange.
CHUNK = 64 * 1024

#: Events kept while an answer is waited for: those of ANSWER_S on an exchange of 500 events a second.
MOST_HELD = 15_000

#: Queues whose lines are asked for; a city has a handful.
MOST_QUEUES = 200


class Session:
    """A conversation over an open connection."""

    def __init__(
        self,
        intake: Intake,
        translator: Translator,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._intake = intake
        self._translator = translator
        self._reader = reader
        self._writer = writer
        self._framer = Framer()
        self._frames: list[Frame] = []

    async def login(self, password: str) -> None:
        """Wait for the request, prove the password, and ask for the events. Raises SourceError."""
        try:
            async with asyncio.timeout(LOGIN_S):
                await self._until("auth/request")
                reply = await self._command(f"auth {password}")
        except TimeoutError:
            raise Unreachable(f"The exchange has not logged us in within {LOGIN_S:g} s.") from None
        if not reply.startswith("+OK"):
            raise Unreachable("The exchange refuses the password of its event socket.")
        # Its heartbeat comes every 20 s: a sign of life of a quiet night.
        reply = await self._bounded(f"event plain HEARTBEAT CUSTOM {CALLCENTER}")
        if not reply.startswith("+OK"):
            raise Unreachable(f"The exchange refuses its events: {title(reply)[:80]}.")

    async def follow(self, resync_every: float) -> None:
        """Hand over events as they come, and all lists anew every `resync_every` s. Ends by SourceError."""
        clock = asyncio.get_running_loop().time
        while True:
            await self._resync()
            due = clock() + resync_every
            while (left := due - clock()) > 0:
                try:
                    async with asyncio.timeout(left):
                        await self._read()
                except TimeoutError:
                    break
                await self._hand_over()

    async def _resync(self) -> None:
        asked_at = self._translator.tick(self._intake.now())
        queues = await self._list("queue list")
        tiers, agents = await self._list("tier list"), await self._list("agent list")
        members: list[Fields] = []
        for row in queues[:MOST_QUEUES]:
            name = row.get("name", "")
            # A name is a word of the exchange's own command line.
            if name and not any(char.isspace() for char in name):
                members += await self._list(f"queue list members {name}")
        events = self._translator.snapshot(
            queues[:MOST_QUEUES], tiers, agents, members, asked_at, self._intake.now()
        )
        await self._intake.give(Parsed(events))
        await self._hand_over()

    async def _list(self, what: str) -> list[Fields]:
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._send(f"api callcenter_config {what}")
                body = (await self._until("api/response")).body
        except TimeoutError:
            raise Unreachable(f"The exchange has not answered {what!r} within {ANSWER_S:g} s.") from None
        rows = rows_of(body)
        if rows is None:
            said = title(body[:200].decode(errors="replace"))
            raise Unreachable(
                f"The exchange refuses {what!r}: {said or 'without a word'}; is mod_callcenter loaded?"
            )
        return rows

    async def _bounded(self, command: str) -> str:
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._command(command)
        except TimeoutError:
            raise Unreachable(f"The exchange has not answered within {ANSWER_S:g} s.") from None

    async def _command(self, command: str) -> str:
        await self._send(command)
        return (await self._until("command/reply")).head.get("reply-text", "")

    async def _send(self, command: str) -> None:
        self._writer.write(f"{command}\n\n".encode())
        try:
            async with asyncio.timeout(WRITE_S):
                await self._writer.drain()
        except TimeoutError:
            raise Unreachable(f"The exchange has read nothing for {WRITE_S:g} s.") from None

    async def _until(self, kind: str) -> Frame:
        """The next frame of this kind; events that come before it are kept in order."""
        seen = 0
        while True:
            for index in range(seen, len(self._frames)):
                if self._frames[index].head.get("content-type", "").lower() == kind:
                    return self._frames.pop(index)
            seen = len(self._frames)
            await self._read()

    async def _read(self) -> None:
        data = await self._reader.read(CHUNK)
        if not data:
            raise Unreachable("The exchange has closed the connection.")
        for item in self._framer.feed(data):
            if isinstance(item, Broken):
                raise BadDocument(f"What comes is no event socket: {item.why}.")
            kind = item.head.get("content-type", "").lower()
            if kind == "text/rude-rejection":
                raise Unreachable("The exchange does not let this server in (its access list).")
            if kind == "text/disconnect-notice":
                raise Unreachable("The exchange ends the connection.")
            if not kind:
                raise BadDocument("What answers there is no event socket of FreeSWITCH.")
            if len(self._frames) >= MOST_HELD:
                raise Unreachable("The exchange sends events, and no answer to what it was asked.")
            self._frames.append(item)

    async def _hand_over(self) -> None:
        frames, self._frames = self._frames, []
        parsed = Parsed()
        for frame in frames:
            if frame.head.get("content-type", "").lower() != "text/event-plain":
                parsed.faults.append(RecordFault("frame", "an answer that nobody asked for"))
                continue
            event = fields_of(frame.body, encoded=True)
            # Without a number: what each call of a day lacks is a fault that is known.
            self._translator.take(event, self._intake.now(), "frame", parsed)
        if frames:
            await self._intake.give(parsed)  # a heartbeat holds nothing for us, and is a sign of life
