"""Plays captured AMI documents as a live exchange: greeting, log-in, QueueStatus, then the events in order.

    AMI_SECRET=… python3 examples/jakarta/replay_ami.py FILE… [--port 5038] [--rate 5] [--loop]

FILE is AMI text (a capture) or a JSON list of event objects. The play begins with the first log-in. Real
captures hold real numbers: it listens on the loopback alone. Each round of --loop gives the
calls new ids, as new calls would have.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import os
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from feeds.ami.frames import Frame, Framer

GREETING = b"Asterisk Call Manager/7.0.3\r\n"

#: Fields that name a call; a new round gives them a new ending.
CALL_IDS = ("uniqueid", "linkedid", "destuniqueid", "destlinkedid")

#: What belongs to the moment of the capture and would be wrong today.
OF_THEN = ("timestamp", "sequencenumber", "actionid")

#: A client that does not log in within this is let go (s).
LOGIN_S = 30.0


def load(path: Path) -> list[Frame]:
    """The events in a document, in order; responses and broken frames are left out."""
    payload = path.read_bytes()
    try:
        records = json.loads(payload)
    except ValueError:
        framer = Framer()
        frames = [*framer.feed(payload), *framer.end()]
        return [frame for frame in frames if isinstance(frame, dict) and "event" in frame]
    return [{str(k).lower(): str(v) for k, v in record.items()} for record in records if "Event" in record]


class Replay:
    """An exchange whose life is a list of events."""

    def __init__(
        self, frames: Sequence[Frame], *, user: str, secret: str, rate: float, loop: bool = False
    ) -> None:
        """`rate`: events a second."""
        answers = ("queueparams", "queuemember", "queueentry", "queuestatuscomplete")
        self._answers = [frame for frame in frames if frame["event"].lower() in answers]
        self._events = [frame for frame in frames if frame["event"].lower() not in answers]
        self._user, self._secret = user, secret
        self._pause = 1 / rate
        self._loop = loop
        #: queue → call → (its joining, when), for QueueStatus
        self._waiting: dict[str, dict[str, tuple[Frame, float]]] = {}
        self._members: dict[tuple[str, str], Frame] = {}
        self._clients: set[asyncio.StreamWriter] = set()
        #: set once somebody has logged in
        self.heard = asyncio.Event()
        for frame in self._answers:
            self._follow(frame)

    async def play(self) -> None:
        """Send every event to all who are logged in, at the set speed."""
        turn = 0
        while True:
            for event in self._events:
                frame = self._renewed(event, turn)
                self._follow(frame)
                for client in list(self._clients):
                    client.write(encoded(frame))
                await asyncio.sleep(self._pause)
            turn += 1
            if not self._loop or not self._events:
                return

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        challenge = str(secrets.randbelow(10**9))
        framer = Framer()
        framer.greeting = "the client does not greet"
        writer.write(GREETING)
        try:
            while data := await self._read(reader, writer):
                for action in framer.feed(data):
                    if isinstance(action, dict):
                        for answer in self._answer(action, challenge, writer):
                            writer.write(encoded(answer))
                await writer.drain()
        except (OSError, TimeoutError):
            pass  # the client has gone, or never logged in
        finally:
            self._clients.discard(writer)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        async with asyncio.timeout(None if writer in self._clients else LOGIN_S):
            return await reader.read(65536)

    def _answer(self, action: Frame, challenge: str, writer: asyncio.StreamWriter) -> Iterator[Frame]:
        name, reply = action.get("action", "").lower(), {"actionid": action.get("actionid", "")}
        if name == "challenge":
            yield {"response": "Success", "challenge": challenge, **reply}
        elif name == "login":
            if not self._admits(action, challenge):
                yield {"response": "Error", **reply, "message": "Authentication failed"}
                return
            yield {"response": "Success", **reply, "message": "Authentication accepted"}
            yield {"event": "FullyBooted", "status": "Fully Booted"}
            self._clients.add(writer)
            self.heard.set()
        elif writer not in self._clients:
            yield {"response": "Error", **reply, "message": "Permission denied"}
        elif name == "queuestatus":
            yield {"response": "Success", **reply, "message": "Queue status will follow"}
            for frame in self._status():
                yield {**frame, **reply}
        elif name == "coreshowchannels":
            yield {"response": "Error", **reply, "message": "A capture does not know its channels"}
        else:
            yield {"response": "Success", **reply}

    def _admits(self, action: Frame, challenge: str) -> bool:
        if action.get("username") != self._user:
            return False
        if action.get("authtype", "").lower() == "md5":
            key = hashlib.md5((challenge + self._secret).encode(), usedforsecurity=False).hexdigest()
            return hmac.compare_digest(action.get("key", "").encode(), key.encode())
        return hmac.compare_digest(action.get("secret", "").encode(), self._secret.encode())

    def _status(self) -> Iterator[Frame]:
        params = {
            f["queue"]: f for f in self._answers if f["event"].lower() == "queueparams" and "queue" in f
        }
        for queue in dict.fromkeys([*params, *self._waiting, *(queue for queue, _ in self._members)]):
            yield {"event": "QueueParams", "queue": queue, **params.get(queue, {})}
            for (of, _), frame in self._members.items():
                if of == queue:
                    yield {**frame, "event": "QueueMember"}
            for place, (call, (frame, at)) in enumerate(self._waiting.get(queue, {}).items(), 1):
                entry = {"event": "QueueEntry", "queue": queue, "position": str(place), "uniqueid": call}
                entry["calleridnum"] = frame.get("calleridnum", "")
                yield {
                    **entry,
                    "channel": frame.get("channel", ""),
                    "wait": str(round(time.monotonic() - at)),
                }
        yield {"event": "QueueStatusComplete"}

    def _follow(self, frame: Frame) -> None:
        """Keep who waits and who works where, so that a snapshot agrees with the events."""
        name, queue, call = frame["event"].lower(), frame.get("queue", ""), frame.get("uniqueid", "")
        interface = frame.get("interface") or frame.get("location", "")
        if name in ("queuecallerjoin", "join", "queueentry"):
            at = time.monotonic() - float(frame.get("wait") or 0)
            self._waiting.setdefault(queue, {})[call] = (frame, at)
        elif name in ("queuecallerleave", "leave", "queuecallerabandon", "agentconnect"):
            self._waiting.setdefault(queue, {}).pop(call, None)
        elif name == "queuememberremoved":
            self._members.pop((queue, interface), None)
        elif name in ("queuemember", "queuememberstatus", "queuememberadded", "queuememberpause"):
            self._members[(queue, interface)] = {"name": frame.get("membername", ""), **frame}

    @staticmethod
    def _renewed(event: Frame, turn: int) -> Frame:
        frame = {name: value for name, value in event.items() if name not in OF_THEN}
        if turn:
            for name in CALL_IDS:
                if frame.get(name):
                    frame[name] = f"{frame[name]}-{turn}"
        return frame


def encoded(frame: Frame) -> bytes:
    """A frame as on the wire."""
    lines = (f"{name.title()}: {' '.join(value.split())}\r\n" for name, value in frame.items())
    return "".join(lines).encode() + b"\r\n"


async def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until the play is over (with --loop for ever)."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--port", type=int, default=5038)
    parser.add_argument("--user", default="wall")
    parser.add_argument("--rate", type=float, default=5.0, help="events a second")
    parser.add_argument("--loop", action="store_true", help="begin again at the end, with new calls")
    given = parser.parse_args(arguments)
    secret = os.environ.get("AMI_SECRET", "")
    if not secret or given.rate <= 0:
        print("Set AMI_SECRET in the environment, and a --rate above 0.", file=sys.stderr)
        return 2
    frames = [frame for path in given.files for frame in load(path)]
    replay = Replay(frames, user=given.user, secret=secret, rate=given.rate, loop=given.loop)
    server = await asyncio.start_server(replay.serve, "127.0.0.1", given.port)
    port = server.sockets[0].getsockname()[1]
    print(f"{len(frames)} events of {len(given.files)} documents at tcp://127.0.0.1:{port}", flush=True)
    try:
        # A play before the wall is there would be lost on it.
        await replay.heard.wait()
        await replay.play()
        print("The play is over; the exchange stays. Ctrl-C ends it.", flush=True)
        await asyncio.Event().wait()
    finally:
        server.close()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main()))
    except KeyboardInterrupt:
        sys.exit(0)
