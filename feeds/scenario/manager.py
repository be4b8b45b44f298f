"""The exchange's manager interface (AMI): what it says of its calls, and how it answers.

Pure but for `serve`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from feeds.ami.frames import GREETING, Broken, Framer, encode
from feeds.scenario.calls import Call, Exchange
from feeds.scenario.script import Line

Fields = list[tuple[str, str]]

#: The events' own clock is looked at this often (s): calls appear on the wall within a quarter of a second.
LOOK_S = 0.2

#: Device states of app_queue.
_FREE, _BUSY, _RINGING = "1", "2", "6"


class Manager:
    """Frames of an exchange, by time."""

    def __init__(self, exchange: Exchange) -> None:
        #: its calls
        self.exchange = exchange
        self._lines = {line.queue: line for line in exchange.lines}

    def events(self, since: float, until: float) -> list[Fields]:
        """What happened after `since` and up to `until`, in order."""
        found = [
            (at, number, fields)
            for call in self.exchange.between(since, until)
            for number, (at, fields) in enumerate(self._story(call))
            if since < at <= until
        ]
        return [fields for _, _, fields in sorted(found, key=lambda each: each[:2])]

    def document(self, since: float, until: float) -> bytes:
        """The same as bytes, as a capture of the connection would hold them."""
        return b"".join(encode(fields) for fields in self.events(since, until))

    def snapshot(self, now: float, action_id: str) -> list[Fields]:
        """The answer to QueueStatus."""
        own = [("ActionID", action_id)]
        frames: list[Fields] = [[("Response", "Success"), *own, ("Message", "Queue status will follow")]]
        live = [call for call in self.exchange.between(now, now) if call.joined <= now < call.ended]
        for line in self.exchange.lines:
            name = ("Queue", line.queue)
            waiting = [call for call in live if call.queue == line.queue and call.waits(now)]
            frames.append([("Event", "QueueParams"), name, ("Calls", str(len(waiting))), *own])
            for number in range(len(line.agents)):
                status = self._state(line, number, live, now)
                frames.append([("Event", "QueueMember"), name, *_member(line, number, status), *own])
            for position, call in enumerate(sorted(waiting, key=lambda call: call.joined), 1):
                wait = ("Wait", str(int(now - call.joined)))
                frames.append(
                    [("Event", "QueueEntry"), name, ("Position", str(position)), wait, *_caller(call), *own]
                )
        return [*frames, [("Event", "QueueStatusComplete"), *own]]

    def channels(self, now: float, action_id: str) -> list[Fields]:
        """The answer to CoreShowChannels."""
        own = [("ActionID", action_id)]
        live = [call for call in self.exchange.between(now, now) if call.joined <= now < call.ended]
        return [
            [("Response", "Success"), *own],
            *([("Event", "CoreShowChannel"), *_caller(call), *own] for call in live),
            [("Event", "CoreShowChannelsComplete"), *own],
        ]

    def _state(self, line: Line, number: int, live: list[Call], now: float) -> str:
        for call in live:
            if call.queue == line.queue and call.agent == number and call.rang is not None:
                if call.answered is not None and call.answered <= now:
                    return _BUSY
                if call.rang <= now:
                    return _RINGING
        return _FREE

    def _story(self, call: Call) -> Iterator[tuple[float, Fields]]:
        line = self._lines[call.queue]
        queue, who = ("Queue", call.queue), _caller(call)

        def said(event: str, at: float, *fields: tuple[str, str]) -> tuple[float, Fields]:
            return at, [("Event", event), ("Timestamp", f"{at:.6f}"), queue, *fields]

        def taker(at: float, status: str) -> tuple[float, Fields]:
            return said("QueueMemberStatus", at, *_member(line, call.agent, status))

        hold = ("HoldTime", str(int((call.answered or call.ended) - call.joined)))
        yield said("QueueCallerJoin", call.joined, ("Position", str(call.position)), *who)
        if call.rang is None or call.answered is None:
            yield said("QueueCallerAbandon", call.ended, hold, *who)
            yield said("QueueCallerLeave", call.ended, *who)
        else:
            member = _member(line, call.agent, _BUSY)[:2]
            yield said("AgentCalled", call.rang, *member, *who)
            yield taker(call.rang, _RINGING)
            # The exchange says that a caller left the line before it says who has them.
            yield said("QueueCallerLeave", call.answered, *who)
            yield said("AgentConnect", call.answered, *member, hold, *who)
            yield taker(call.answered, _BUSY)
            talk = ("TalkTime", str(int(call.ended - call.answered)))
            yield said("AgentComplete", call.ended, *member, hold, talk, ("Reason", "caller"), *who)
            yield taker(call.ended, _FREE)
        yield said("Hangup", call.ended, *who, ("Cause", "16"), ("Cause-txt", "Normal Clearing"))


async def serve(
    manager: Manager,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    clock: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    """Be the exchange on one connection, until the other side goes. It guards nothing: all may log in."""
    writer.write(GREETING + b"7.0.3\r\n")
    framer, said_to = Framer(), clock()
    talking = asyncio.ensure_future(_listen(manager, reader, writer, framer, clock))
    try:
        while not talking.done():
            until = clock()
            writer.write(manager.document(said_to, until))
            said_to = max(said_to, until)
            await writer.drain()
            await sleep(LOOK_S)
    except ConnectionError:
        pass  # the other side is gone, and with it the only listener
    finally:
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
        writer.close()


async def _listen(
    manager: Manager,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    framer: Framer,
    clock: Callable[[], float],
) -> None:
    while data := await reader.read(64 * 1024):
        for item in framer.feed(data):
            if not isinstance(item, Broken):
                for fields in _answer(manager, item, clock()):
                    writer.write(encode(fields))


def _answer(manager: Manager, action: dict[str, str], now: float) -> list[Fields]:
    id, name = action.get("actionid", ""), action.get("action", "").lower()
    success: Fields = [("Response", "Success"), ("ActionID", id)]
    if name == "challenge":
        return [[*success, ("Challenge", "112112112")]]
    if name == "login":
        return [[*success, ("Message", "Authentication accepted")], [("Event", "FullyBooted")]]
    if name == "queuestatus":
        return manager.snapshot(now, id)
    if name == "coreshowchannels":
        return manager.channels(now, id)
    if name in ("events", "ping"):
        return [success]
    return [[("Response", "Error"), ("ActionID", id), ("Message", "Invalid/unknown command")]]


def _caller(call: Call) -> Fields:
    return [
        ("Uniqueid", call.id), ("Linkedid", call.id), ("Channel", f"PJSIP/trunk-{call.id}"),
        ("CallerIDNum", call.number),
    ]  # fmt: skip


def _member(line: Line, number: int, status: str) -> Fields:
    return [
        ("Interface", f"PJSIP/{line.queue}-{number + 1:02d}"), ("MemberName", line.agents[number]),
        ("Status", status), ("Paused", "0"), ("InCall", "1" if status == _BUSY else "0"),
    ]  # fmt: skip
