"""Which stream carries which event: one that the engine does not read would lose it without a word."""

from __future__ import annotations

from typing import get_args

import pytest

from wallboard import events
from wallboard.engine import reduce
from wallboard.events import STREAMS, AnyEvent, Gone, Present, stream_of


@pytest.mark.parametrize("kind", sorted({*reduce.GONE, *reduce.PRESENT}))
def test_what_ends_or_lists_a_kind_travels_in_a_stream_that_the_engine_reads(kind: str) -> None:
    gone = Gone(feed="112", source_id="*", received_at=1.0, kind=kind)
    present = Present(feed="112", source_id="", received_at=1.0, kind=kind, ids=())
    assert stream_of(gone) in STREAMS
    assert stream_of(present) in STREAMS


def test_a_lost_exchange_keeps_its_place_among_its_calls() -> None:
    assert stream_of(Gone(feed="112", source_id="*", received_at=1.0, kind="queue")) == "call"


def test_every_event_has_a_stream() -> None:
    named = set(get_args(AnyEvent)) - {Gone, Present}
    assert named == set(events._STREAM_OF)
    assert set(events._STREAM_OF.values()) == set(STREAMS)
