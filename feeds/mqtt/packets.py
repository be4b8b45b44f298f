"""MQTT 3.1.1 as bytes, for who subscribes: the packets that we send, and those that a broker sends. Sans I/O.

Source: OASIS MQTT 3.1.1, the sections named. Written here and not taken from a client, because a recorder
publishes thousands of messages a second: a client that reads each with its own calls to the system takes
more than a core for 10,000 of them, this a tenth of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PINGREQ = b"\xc0\x00"
DISCONNECT = b"\xe0\x00"

#: What CONNACK says when it is not 0 (section 3.2.2.3).
REFUSALS = {
    1: "it does not speak MQTT 3.1.1",
    2: "it does not take the client_id",
    3: "it is not available",
    4: "user or password is wrong",
    5: "not authorised",
}

_CONNACK, _PUBLISH, _SUBACK, _PINGRESP = 2, 3, 9, 13

#: Flags of the first byte that each kind must have (section 2.2.2); PUBLISH has its own.
_FLAGS = {_CONNACK: 0, _SUBACK: 0, _PINGRESP: 0}

#: A length of four digits of 7 bits (section 2.2.3).
_MAX_DIGITS = 4

#: The longest topic, its length and a packet's identity: so much of a message is held in any case.
_MAX_HEAD = 65_535 + 4

#: CONNACK and SUBACK have a few bytes; a subscription to 1,000 filters 1,000.
_MAX_REPLY = 4096


class NotMqtt(Exception):
    """What came is no packet of a broker; nothing behind it can be told apart."""


@dataclass(frozen=True)
class Publish:
    """A message. `payload` is None where it has more bytes than are taken; `size` is its length."""

    topic: str
    payload: bytes | None
    size: int
    retained: bool
    #: to be confirmed at QoS 1; None: at QoS 0
    packet_id: int | None


@dataclass(frozen=True)
class Connack:
    code: int


@dataclass(frozen=True)
class Suback:
    #: for each filter: the QoS granted, or 0x80 and above
    codes: tuple[int, ...]


@dataclass(frozen=True)
class Pingresp:
    pass


Packet = Publish | Connack | Suback | Pingresp


class Reader:
    """Cuts a stream of bytes, in whatever pieces it comes, into packets. Holds one at most."""

    def __init__(self, limit: int) -> None:
        """`limit`: bytes of a message's payload."""
        self._limit = limit
        self._held = bytearray()
        #: bytes of a message above the limit that are still to come
        self._skip = 0

    def feed(self, data: bytes) -> Iterator[Packet]:
        """The packets that these bytes complete, in order. Raises NotMqtt."""
        if self._skip:
            passed = min(self._skip, len(data))
            self._skip -= passed
            data = data[passed:]
        self._held += data
        held, place = self._held, 0
        try:
            while True:
                head = _length_of(held, place)
                if head is None:
                    return
                first, length, begin = held[place], head[0], head[1]
                kind, end = first >> 4, begin + length
                if kind == _PUBLISH and length > self._limit + _MAX_HEAD:
                    if len(held) - begin < min(length, _MAX_HEAD):
                        return
                    yield _publish(held, first, begin, end, self._limit)
                    self._skip = max(0, end - len(held))
                    place = min(end, len(held))
                    continue
                if kind != _PUBLISH and (_FLAGS.get(kind) != first & 0x0F or length > _MAX_REPLY):
                    raise NotMqtt(f"a packet of kind {kind} where a broker sends none")
                if len(held) < end:
                    return
                yield _packet(held, first, begin, end, self._limit)
                place = end
        finally:
            del held[:place]


def connect(client_id: str, user: str, password: str | None, keepalive_s: int) -> bytes:
    """A clean session (section 3.1)."""
    flags = 0x02 | (0x80 if user else 0) | (0x40 if password is not None else 0)
    body = _text("MQTT") + bytes((4, flags)) + keepalive_s.to_bytes(2, "big") + _text(client_id)
    if user:
        body += _text(user)
    if password is not None:
        body += _text(password)
    return _framed(0x10, body)


def subscribe(packet_id: int, filters: Sequence[str], qos: int) -> bytes:
    """All filters at one QoS (section 3.8)."""
    body = packet_id.to_bytes(2, "big") + b"".join(_text(each) + bytes((qos,)) for each in filters)
    return _framed(0x82, body)


def puback(packet_id: int) -> bytes:
    """A message of QoS 1 has come (section 3.4)."""
    return b"\x40\x02" + packet_id.to_bytes(2, "big")


def _packet(held: bytearray, first: int, begin: int, end: int, limit: int) -> Packet:
    match first >> 4:
        case 3:
            return _publish(held, first, begin, end, limit)
        case 2 if end - begin == 2:
            return Connack(held[begin + 1])
        case 9 if end - begin > 2:
            return Suback(tuple(held[begin + 2 : end]))
        case 13 if end == begin:
            return Pingresp()
    raise NotMqtt("a packet of another length than its kind has")


def _publish(held: bytearray, first: int, begin: int, end: int, limit: int) -> Publish:
    qos = first >> 1 & 3
    size = int.from_bytes(held[begin : begin + 2], "big")
    after = begin + 2 + size
    packet_id = None
    if qos:
        packet_id = int.from_bytes(held[after : after + 2], "big")
        after += 2
    if qos > 1 or after > end or end - begin < 2:
        raise NotMqtt("a message of a quality that was not asked for, or without its topic")
    try:
        topic = held[begin + 2 : begin + 2 + size].decode()
    except UnicodeDecodeError:
        raise NotMqtt("a topic that is no text") from None
    length = end - after
    payload = bytes(held[after:end]) if length <= limit else None
    return Publish(topic, payload, length, bool(first & 1), packet_id)


def _length_of(held: bytearray, place: int) -> tuple[int, int] | None:
    """(length, where the rest begins) of the packet at `place`; None: not all of it has come."""
    length = 0
    for digit in range(_MAX_DIGITS):
        at = place + 1 + digit
        if at >= len(held):
            return None
        byte = held[at]
        length |= (byte & 0x7F) << 7 * digit
        if not byte & 0x80:
            return length, at + 1
    raise NotMqtt("a length without an end")


def _framed(first: int, body: bytes) -> bytes:
    length, digits = len(body), bytearray()
    while True:
        length, digit = divmod(length, 128)
        digits.append(digit | (0x80 if length else 0))
        if not length:
            return bytes((first,)) + bytes(digits) + body


def _text(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data
