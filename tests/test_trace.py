"""feeds/running/trace.py: the last document and fault of a feed, and its rate over whole minutes."""

from __future__ import annotations

import msgspec

from feeds.base import Document, RecordFault
from feeds.running.trace import Told, Trace, heard_at


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 600.0

    def __call__(self) -> float:
        return self.now


def told(trace: Trace) -> Told:
    return msgspec.json.decode(trace.told(), type=Told)


def test_a_document_and_what_became_of_it() -> None:
    hand = Hand()
    trace = Trace(hand)
    assert told(trace) == Told()
    trace.came(Document(b"12345", "https://u:p@kota.example/a?key=RAHASIA"))
    hand.now = 601.0
    trace.gave(
        7,
        [RecordFault("record 3", "id: is missing"), RecordFault("record 9", "0812-3456-7890")],
        framed=False,
    )
    assert heard_at(trace.told()) == 601.0
    assert heard_at(b"") == heard_at(b"[]") == heard_at(Trace(hand).told()) == 0.0
    document, fault = told(trace).document, told(trace).fault
    assert document is not None
    assert (document.at, document.address, document.bytes) == (600.0, "https://kota.example/a", 5)
    assert (document.events, document.faults) == (7, 2)
    assert fault is not None
    assert (fault.at, fault.where) == (601.0, "record 9")
    assert "3456" not in fault.why


def test_a_second_part_of_a_document_is_added_and_a_frame_stands_alone() -> None:
    trace = Trace(Hand())
    trace.came(Document(b"x", "file:///a.json"))
    trace.gave(1, [], framed=False)
    trace.gave(2, [], framed=False)
    assert trace.document is not None
    assert trace.document.events == 3
    trace.gave(1, [], framed=True)
    assert (trace.document.events, trace.document.bytes) == (1, 0)


def test_the_rate_is_that_of_whole_minutes() -> None:
    hand = Hand()
    trace = Trace(hand)
    trace.gave(10, [], framed=True)
    assert told(trace).per_minute is None, "the minute that runs is not whole yet"
    hand.now = 660.0
    trace.gave(4, [], framed=True)
    assert told(trace).per_minute == 10
    hand.now = 720.0
    assert told(trace).per_minute == 7
    hand.now = 660.0 + 4 * 60
    assert told(trace).per_minute == 14 / 5
    hand.now = 660.0 + 60 * 60
    assert told(trace).per_minute == 0


def test_a_reason_without_end_is_cut() -> None:
    trace = Trace(Hand())
    trace.failed("", "x" * 10_000)
    assert trace.fault is not None
    assert len(trace.fault.why) == 500
