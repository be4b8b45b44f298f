"""feeds/mqtt/packets.py: MQTT 3.1.1 as bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.mqtt import packets
from feeds.mqtt.packets import Connack, NotMqtt, Packet, Pingresp, Publish, Reader, Suback

LIMIT = 1000


def message(topic: str, payload: bytes, *, qos: int = 1, retained: bool = False) -> bytes:
    name = topic.encode()
    rest = len(name).to_bytes(2, "big") + name + (b"\0\7" if qos else b"") + payload
    return packets._framed(0x30 | qos << 1 | retained, rest)


def read(data: bytes, cuts: list[int] | None = None) -> list[Packet]:
    reader, found, at = Reader(LIMIT), [], 0
    for cut in [*(cuts or []), len(data)]:
        found += list(reader.feed(data[at : at + cut]))
        at += cut
    assert len(reader._held) <= LIMIT + packets._MAX_HEAD + 10
    return found


def test_what_we_say_is_the_specifications_own_bytes() -> None:
    assert packets.connect("", "", None, 15) == b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x0f\x00\x00"
    said = packets.connect("wall", "u", "p", 60)
    assert said == b"\x10\x16\x00\x04MQTT\x04\xc2\x00\x3c\x00\x04wall\x00\x01u\x00\x01p"
    assert packets.subscribe(10, ["a/b", "c/d"], 1) == b"\x82\x0e\x00\x0a\x00\x03a/b\x01\x00\x03c/d\x01"
    assert packets.puback(10) == b"\x40\x02\x00\x0a"
    assert packets._framed(0x10, b"x" * 321)[:3] == b"\x10\xc1\x02"


@given(st.lists(st.integers(0, 300), max_size=30))
def test_packets_come_out_whole_however_the_bytes_are_cut(cuts: list[int]) -> None:
    stream = (
        b"\x20\x02\x00\x05\x90\x04\x00\x01\x01\x80"
        + message("a/b", b"x" * 500)
        + b"\xd0\x00"
        + message("ä", b"", qos=0, retained=True)
        + message("large", b"y" * 200_000)
        + message("next", b"z" * LIMIT)
    )
    assert read(stream, cuts) == [
        Connack(5),
        Suback((1, 0x80)),
        Publish("a/b", b"x" * 500, 500, False, 7),
        Pingresp(),
        Publish("ä", b"", 0, True, None),
        Publish("large", None, 200_000, False, 7),
        Publish("next", b"z" * LIMIT, LIMIT, False, 7),
    ]


def test_a_message_a_little_above_the_limit_is_told_by_its_size() -> None:
    assert read(message("a", b"x" * (LIMIT + 1)) + message("b", b"1")) == [
        Publish("a", None, LIMIT + 1, False, 7), Publish("b", b"1", 1, False, 7),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"\x30\xff\xff\xff\xff\xff",
        b"\x20\x03\0\0\0",
        b"\x90\x02\0\1",
        b"\xd0\x01\0",
        b"\x36\x05\0\1a\0\1",
        b"\x30\x03\0\x09a",
        b"\x30\x04\0\2\xff\xff",
        b"\x30\x01\0",
        b"\x10\x00",
        b"\x90\xff\x7f",
    ],
)
def test_what_is_no_broker(data: bytes) -> None:
    with pytest.raises(NotMqtt):
        read(data)


@given(st.binary(max_size=400))
def test_no_bytes_break_it(data: bytes) -> None:
    reader = Reader(LIMIT)
    try:
        for packet in reader.feed(data):
            assert isinstance(packet, Packet)
    except NotMqtt:
        pass
