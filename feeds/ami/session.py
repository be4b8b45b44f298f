"""One connection to an Asterisk manager: greeting, log-in, snapshots, events, pings. Thin I/O.

It ends by raising; the supervisor starts the next one. Time-outs here run on the event loop's own clock,
times in events are the intake's.
"""

from __future__ import annotations

import asyncio
import hashlib

from feeds.ami.events import Translator
from feeds.ami.frames import Frame, Framer, encode
from feeds.base import Intake, Parsed
from wallboard.errors import BadDocument, Unreachable
from wallboard.text import title

#: Greeting and log-in together: an exchange answers in milliseconds; a silent peer must not hold the feed.
LOGIN_S = 10.0

#: An exchange that has booted says FullyBooted at once after the log-in, unless the user may not read
#: class `system`; then the snapshot is asked for without it. One that still boots says it later, and is
#: asked again.
BOOT_WAIT_S = 2.0

#: A snapshot of 50 queues and 1,000 members takes less than a second.
SNAPSHOT_S = 30.0

#: A ping is answered at once; within this time even on an exchange under full load.
PING_REPLY_S = 10.0

#: Snapshots asked for because of a suspected second joining come at most this often.
RESYNC_MIN_S = 5.0

#: An exchange that does not read our few bytes for this long is as good as gone.
WRITE_S = 10.0

#: What is read at once; a full second of a busy exchange.
CHUNK = 64 * 1024

#: What is listened to: agent (queues), call (hang-ups), system (FullyBooted).
EVENT_MASK = "agent,call,system"


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
        self._clock = asyncio.get_running_loop().time
        self._actions = 0
        #: the action whose answer is waited for, and the answer
        self._awaited = ""
        self._reply: Frame | None = None
        self._status_action = ""
        self._channels_action = ""
        self._may_list_channels = True
        self._heard = self._clock()
        self._logged_in = False
        self._booted = False
        self._snapshot_whole = True

    async def login(self, user: str, secret: str, *, plain: bool) -> None:
        """Wait for the greeting and log in; events begin to come. Raises SourceError."""
        try:
            async with asyncio.timeout(LOGIN_S):
                while not self._framer.greeting:
                    await self._read()
                    if self._framer.foreign:
                        raise BadDocument("What answers there is no Asterisk manager: it greets otherwise.")
                if plain:
                    proof = [("Username", user), ("Secret", secret)]
                else:
                    proof = [("AuthType", "MD5"), ("Username", user), ("Key", await self._key(secret))]
                reply = await self._ask([("Action", "Login"), *proof, ("Events", EVENT_MASK)])
        except TimeoutError:
            what = "logged us in" if self._framer.greeting else "greeted"
            raise Unreachable(f"The exchange has not {what} within {LOGIN_S:g} s.") from None
        if reply.get("response", "").lower() != "success":
            raise Unreachable(
                f"The exchange refuses the log-in of {user}: {title(reply.get('message', ''))}."
            )

    async def follow(self, ping_every: float, resync_every: float) -> None:
        """Take a snapshot, hand over events as they come, notice silence. Ends by SourceError."""
        await self._send([("Action", "Events"), ("EventMask", EVENT_MASK)])
        snapshot_due = self._clock() + BOOT_WAIT_S
        asked_at = float("-inf")
        pinged = False
        while True:
            now = self._clock()
            silent_for = now - self._heard
            if silent_for >= ping_every + PING_REPLY_S:
                raise Unreachable(f"The exchange has been silent for {silent_for:.0f} s and answers no ping.")
            if not self._snapshot_whole and now >= asked_at + SNAPSHOT_S:
                raise Unreachable(f"The exchange has not completed its snapshot within {SNAPSHOT_S:g} s.")
            if silent_for < ping_every:
                pinged = False
            elif not pinged:
                await self._send([("Action", "Ping")])
                pinged = True
            suspected = self._translator.wants_snapshot and now >= asked_at + RESYNC_MIN_S
            # One at a time: the rest of an earlier answer would pass for the next one.
            if self._snapshot_whole and (self._booted or suspected or now >= snapshot_due):
                self._booted = self._translator.wants_snapshot = False
                asked_at, snapshot_due = now, now + resync_every
                await self._ask_snapshot()
            deadlines = [self._heard + ping_every + (PING_REPLY_S if pinged else 0.0)]
            deadlines.append(snapshot_due if self._snapshot_whole else asked_at + SNAPSHOT_S)
            if self._snapshot_whole and self._translator.wants_snapshot:
                deadlines.append(asked_at + RESYNC_MIN_S)
            try:
                async with asyncio.timeout_at(min(deadlines)):
                    data = await self._bytes()
            except TimeoutError:
                continue
            await self._process(data)

    async def _ask_snapshot(self) -> None:
        self._translator.ask(self._intake.now())
        self._snapshot_whole = False
        if self._may_list_channels:
            self._channels_action = await self._send([("Action", "CoreShowChannels")])
        self._status_action = await self._send([("Action", "QueueStatus")])

    async def _key(self, secret: str) -> str:
        reply = await self._ask([("Action", "Challenge"), ("AuthType", "MD5")])
        challenge = reply.get("challenge", "")
        if not challenge:
            raise Unreachable("The exchange gives no MD5 challenge.")
        return hashlib.md5((challenge + secret).encode(), usedforsecurity=False).hexdigest()

    async def _ask(self, action: list[tuple[str, str]]) -> Frame:
        """Send an action and wait for its response; events in between are handed over."""
        self._reply = None
        self._awaited = await self._send(action)
        while self._reply is None:
            await self._read()
        return self._reply

    async def _send(self, action: list[tuple[str, str]]) -> str:
        self._actions += 1
        action_id = f"wall-{self._actions}"
        self._writer.write(encode([*action, ("ActionID", action_id)]))
        try:
            async with asyncio.timeout(WRITE_S):
                await self._writer.drain()
        except TimeoutError:
            raise Unreachable(f"The exchange has read nothing for {WRITE_S:g} s.") from None
        return action_id

    async def _read(self) -> None:
        await self._process(await self._bytes())

    async def _bytes(self) -> bytes:
        data = await self._reader.read(CHUNK)
        if not data:
            raise Unreachable("The exchange has closed the connection.")
        return data

    async def _process(self, data: bytes) -> None:
        parsed, alive = Parsed(), False
        for item in self._framer.feed(data):
            # Whole frames are signs of life; bytes that never become one are not.
            self._heard = self._clock()
            alive = self._logged_in
            if isinstance(item, dict):
                self._notice(item)
            self._translator.take(item, self._intake.now(), "frame", parsed)
        # Nothing for us in it (a pong) is still news: the source lives.
        if alive or parsed.events or parsed.faults:
            await self._intake.give(parsed)
            # Waiting for Redis is not the exchange's silence.
            self._heard = self._clock()

    def _notice(self, frame: Frame) -> None:
        """What a frame means for the conversation itself."""
        event = frame.get("event", "").lower()
        if event == "fullybooted":
            self._booted = True
        elif event == "queuestatuscomplete":
            self._snapshot_whole = True
        elif "response" in frame:
            self._answered(frame.get("actionid", ""), frame)

    def _answered(self, action_id: str, frame: Frame) -> None:
        if action_id == self._awaited:
            self._reply = frame
        if frame["response"].lower() != "error":
            return
        if action_id == self._status_action:
            raise Unreachable(f"The exchange refuses QueueStatus: {title(frame.get('message', ''))}.")
        if action_id == self._channels_action:
            # The user may not; then calls whose end nobody saw end by their age alone.
            self._may_list_channels = False
