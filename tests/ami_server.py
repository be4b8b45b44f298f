"""An Asterisk manager of our own writing on a real socket, with the faults that real ones have.

`Exchange` is the telephone exchange: queues, members, calls; what happens in it goes as frames to every
connection that is logged in. `AmiServer` serves it and can cut a frame in the middle, fall silent, drip,
send frames twice, forget its counters, refuse a log-in.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.faulty import reset

Fields = dict[str, str]


def frame(fields: Fields) -> bytes:
    """One frame as on the wire."""
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\n"


@dataclass
class Waiting:
    """A caller in a queue."""

    number: str
    joined_at: float
    channel: str


@dataclass
class Exchange:
    """The state of an exchange, and its events. `now` is its clock, set by the test."""

    now: float = 0.0
    queues: dict[str, dict[str, Waiting]] = field(default_factory=dict)
    members: dict[str, dict[str, str]] = field(default_factory=dict)
    #: Uniqueid → channel
    channels: dict[str, str] = field(default_factory=dict)
    completed: int = 0
    sent: list[bytes] = field(default_factory=list)
    listeners: list[asyncio.Queue[bytes]] = field(default_factory=list)
    #: every event goes out twice
    twice: bool = False

    def say(self, event: str, **fields: object) -> None:
        """Send an event to all that listen."""
        data = frame({"Event": event, "Privilege": "agent,all", **{k: str(v) for k, v in fields.items()}})
        self.sent.append(data)
        for listener in self.listeners:
            for _ in range(2 if self.twice else 1):
                listener.put_nowait(data)

    def join(self, queue: str, call: str, number: str) -> None:
        """A caller joins a queue."""
        line = self.queues.setdefault(queue, {})
        line[call] = Waiting(number, self.now, f"SIP/trunk-{call}")
        self.channels[call] = line[call].channel
        self.say(
            "QueueCallerJoin", Queue=queue, Position=len(line), Count=len(line), **self._caller(call, number)
        )

    def answer(self, queue: str, call: str, agent: str = "SIP/201") -> None:
        """A call taker takes the call: the caller leaves the line first, as Asterisk says it."""
        waiting = self._leave(queue, call)
        hold = round(self.now - waiting.joined_at)
        self.say(
            "AgentConnect",
            Queue=queue,
            Interface=agent,
            MemberName="Ani",
            HoldTime=hold,
            RingTime=2,
            **self._caller(call, waiting.number),
        )

    def complete(self, queue: str, call: str, hold: int, talk: int, agent: str = "SIP/201") -> None:
        """The conversation ends."""
        self.channels.pop(call, None)
        self.completed += 1
        self.say(
            "AgentComplete",
            Queue=queue,
            Interface=agent,
            MemberName="Ani",
            HoldTime=hold,
            TalkTime=talk,
            Reason="caller",
            **self._caller(call, "<unknown>"),
        )
        self.say("Hangup", Uniqueid=call, Linkedid=call, Channel=f"SIP/trunk-{call}", Cause=16)

    def abandon(self, queue: str, call: str) -> None:
        """The caller gives up; the exchange says so before it says that they left."""
        waiting = self.queues[queue][call]
        hold = round(self.now - waiting.joined_at)
        caller = self._caller(call, waiting.number)
        self.say("QueueCallerAbandon", Queue=queue, Position=1, OriginalPosition=1, HoldTime=hold, **caller)
        self._leave(queue, call)
        self.channels.pop(call, None)
        self.say("Hangup", Uniqueid=call, Linkedid=call, Channel=waiting.channel, Cause=16)

    def vanish(self, queue: str, call: str) -> None:
        """The call ends and nobody says so: it happens while no connection is open."""
        self.queues[queue].pop(call, None)
        self.channels.pop(call, None)

    def member(self, queue: str, interface: str, name: str, status: int) -> None:
        """A call taker's telephone changes its state."""
        self.members.setdefault(queue, {})[interface] = f"{name}/{status}"
        self.say(
            "QueueMemberStatus",
            Queue=queue,
            MemberName=name,
            Interface=interface,
            Status=status,
            Paused=0,
            CallsTaken=0,
        )

    def status(self, action_id: str) -> Iterable[bytes]:
        """The answer to QueueStatus."""
        for queue in {**self.queues, **self.members}:
            yield frame(
                {"Event": "QueueParams", "Queue": queue, "Completed": str(self.completed), "Abandoned": "0"}
            )
            for interface, text in self.members.get(queue, {}).items():
                name, _, status = text.partition("/")
                yield frame(
                    {
                        "Event": "QueueMember",
                        "Queue": queue,
                        "Name": name,
                        "Location": interface,
                        "Status": status,
                        "Paused": "0",
                        "ActionID": action_id,
                    }
                )
            for place, (call, waiting) in enumerate(self.queues.get(queue, {}).items(), 1):
                yield frame(
                    {
                        "Event": "QueueEntry",
                        "Queue": queue,
                        "Position": str(place),
                        "Channel": waiting.channel,
                        "Uniqueid": call,
                        "CallerIDNum": waiting.number,
                        "Wait": str(round(self.now - waiting.joined_at)),
                        "ActionID": action_id,
                    }
                )
        yield frame({"Event": "QueueStatusComplete", "ActionID": action_id, "EventList": "Complete"})

    def channel_list(self, action_id: str) -> Iterable[bytes]:
        """The answer to CoreShowChannels."""
        for call, channel in self.channels.items():
            yield frame({"Event": "CoreShowChannel", "Channel": channel, "Uniqueid": call, "Linkedid": call})
        yield frame({"Event": "CoreShowChannelsComplete", "ActionID": action_id, "EventList": "Complete"})

    def _leave(self, queue: str, call: str) -> Waiting:
        waiting = self.queues[queue].pop(call)
        count = len(self.queues[queue])
        self.say(
            "QueueCallerLeave", Queue=queue, Position=1, Count=count, **self._caller(call, waiting.number)
        )
        return waiting

    @staticmethod
    def _caller(call: str, number: str) -> dict[str, str]:
        return {"Channel": f"SIP/trunk-{call}", "Uniqueid": call, "Linkedid": call, "CallerIDNum": number}


class AmiServer:
    """Serves an exchange. `user`/`secret` are the manager's; `fault` is what the next connections suffer."""

    def __init__(self, exchange: Exchange, tls: ssl.SSLContext | None = None) -> None:
        self.exchange = exchange
        self.user, self.secret = "wall", "rahasia"
        self.port = 0
        self.connections = 0
        self.actions: list[Fields] = []
        #: "", "mute" (not even a greeting), "stranger" (greets as something else), "deaf" (answers nothing
        #: after the log-in), "drip" (one byte at a time after the log-in), "half" (an endless snapshot),
        #: "denied" (may not ask QueueStatus)
        self.fault = ""
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Its address for a feed."""
        return f"{'tls' if self._tls else 'tcp'}://localhost:{self.port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, after a stop on the same port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """As a crash: everything breaks."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut(b"")
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def restart(self) -> None:
        """Crash and come back with all counters at zero; callers' channels died with it."""
        await self.stop()
        self.exchange.completed = 0
        self.exchange.channels.clear()
        for line in self.exchange.queues.values():
            line.clear()
        await self.start()

    def cut(self, last: bytes) -> None:
        """Send `last`, which may be half a frame, and break all connections."""
        for writer in list(self._writers):
            if last:
                writer.write(last)
            else:
                reset(writer)
            writer.close()
        self.exchange.listeners.clear()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        listener: asyncio.Queue[bytes] = asyncio.Queue()
        sender: asyncio.Task[None] | None = None
        try:
            fault = self.fault
            if fault != "mute":
                writer.write(b"SSH-2.0-x\r\n" if fault == "stranger" else b"Asterisk Call Manager/7.0.3\r\n")
            challenge = "145769581"
            logged_in = False
            while True:
                action = await _read(reader)
                if not action:
                    return
                self.actions.append(action)
                action_id = action.get("ActionID", "")
                if logged_in and fault == "deaf":
                    continue
                name = action.get("Action", "").lower()
                if name == "login" and self._admits(action, challenge):
                    logged_in = True
                    writer.write(frame({"Response": "Success", "ActionID": action_id}))
                    sender = asyncio.get_running_loop().create_task(_pump(listener, writer, fault))
                    listener.put_nowait(frame({"Event": "FullyBooted", "Status": "Fully Booted"}))
                    self.exchange.listeners.append(listener)
                    continue
                for answer in self._answers(name, action_id, challenge, fault):
                    if logged_in:
                        listener.put_nowait(answer)
                    else:
                        writer.write(answer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client went away
        finally:
            if sender is not None:
                sender.cancel()
            if listener in self.exchange.listeners:
                self.exchange.listeners.remove(listener)
            self._writers.discard(writer)
            writer.close()

    def _answers(self, name: str, action_id: str, challenge: str, fault: str) -> Iterable[bytes]:
        def response(word: str, **fields: str) -> bytes:
            return frame({"Response": word, "ActionID": action_id, **fields})

        match name:
            case "challenge":
                return [response("Success", Challenge=challenge)]
            case "login":
                return [response("Error", Message="Authentication failed")]
            case "queuestatus" if fault == "denied":
                return [response("Error", Message="Permission denied")]
            case "queuestatus":
                answers = list(self.exchange.status(action_id))
                return answers[:-1] if fault == "half" else answers
            case "coreshowchannels":
                return self.exchange.channel_list(action_id)
        return [response("Success")]

    def _admits(self, action: Fields, challenge: str) -> bool:
        if action.get("Username") != self.user:
            return False
        if action.get("AuthType") == "MD5":
            key = hashlib.md5((challenge + self.secret).encode(), usedforsecurity=False).hexdigest()
            return action.get("Key") == key
        return action.get("Secret") == self.secret


async def _read(reader: asyncio.StreamReader) -> Fields:
    """The next action; {} when the client has gone."""
    action: Fields = {}
    while (line := (await reader.readline()).decode()).strip():
        name, _, value = line.strip().partition(": ")
        action[name] = value
    return action


async def _pump(listener: asyncio.Queue[bytes], writer: asyncio.StreamWriter, fault: str) -> None:
    try:
        while True:
            data = await listener.get()
            if fault != "drip":
                writer.write(data)
                continue
            for byte in data:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.05)
    except OSError:
        pass  # the client went away
