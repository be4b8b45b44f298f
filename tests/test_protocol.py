"""The frames of the protocol, and the golden runs that the page's own store plays too."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from tests.boards import Glass
from tests.running import ROOT
from wallboard import protocol
from wallboard.errors import CLOSE_REASONS, BadFrame, CloseCode

GOLDEN: list[dict[str, Any]] = json.loads((ROOT / "tests" / "golden" / "frames.json").read_text())


@pytest.mark.parametrize("case", GOLDEN, ids=[case["name"] for case in GOLDEN])
def test_golden_frames(case: dict[str, Any]) -> None:
    glass = Glass()
    asks = [index for index, frame in enumerate(case["frames"]) if glass.take(frame)]
    assert {kind: entities for kind, entities in glass.state.items() if entities} == case["state"]
    assert glass.pos == case["pos"]
    assert asks == case["asks"]


def test_our_own_frames_are_what_the_golden_ones_look_like() -> None:
    """A golden frame with a key that the server never writes would prove nothing."""
    ours = [
        protocol.hello("s", "n", "e", 1.0),
        *protocol.snapshot("e", 1, 1.0, "v", "subscribe", []),
        protocol.delta("e", 1, 2, 1.0, 2, [("incident", "a", None)]),
        protocol.tick("e", 1, 2, 1.0, 2),
    ]
    keys = {frame["type"]: set(frame) for frame in map(msgspec.json.decode, ours)}
    for case in GOLDEN:
        for frame in case["frames"]:
            if frame["type"] in keys:
                assert set(frame) <= keys[frame["type"]], case["name"]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("", "truncated"),
        ("[]", "Expected `object`"),
        ('{"type":"dance"}', "Invalid value 'dance'"),
        ('{"type":"subscribe"}', "missing required field `layout`"),
        ('{"type":"painted","pos":"one","at":1}', "Expected `int`"),
        ("[" * 10_000, "Expected `object`"),
        ('{"type":"subscribe","layout":"' + "x" * protocol.MAX_FRAME_BYTES + '"}', "at most 65536 bytes"),
    ],
)
def test_a_frame_that_is_none_says_what_is_wrong(raw: str, why: str) -> None:
    with pytest.raises(BadFrame, match=why):
        protocol.decode(raw)


def test_a_snapshot_is_cut_into_parts_that_each_fit() -> None:
    state = [("camera", f"c{i}", b'{"x":"' + b"y" * 1000 + b'"}') for i in range(1000)]
    parts = protocol.snapshot("e", 7, 1.0, "v", "subscribe", state)
    assert len(parts) > 1
    assert max(map(len, parts)) < 2 * protocol.SNAPSHOT_PART_BYTES
    assert [msgspec.json.decode(part)["part"] for part in parts] == list(range(1, len(parts) + 1))


def test_every_close_code_has_its_range_and_its_reason() -> None:
    assert set(CLOSE_REASONS) == set(CloseCode)
    again = {code for code in CloseCode if code < 4500}
    assert again == {
        CloseCode.GOING_AWAY,
        CloseCode.TOO_SLOW,
        CloseCode.NOT_READY,
        CloseCode.TOO_MANY_FRAMES,
        CloseCode.OVERLOADED,
        CloseCode.TICKET,
    }
