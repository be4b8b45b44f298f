"""The histogram of paints: what boards tell is counted, and cannot be made up."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from wallboard.protocol import Counts
from wallboard.web.paints import BOUNDS_S, LONGEST_S, ORIGINS, Paints

RANGES = len(BOUNDS_S) + 1


def counts(**at: int) -> list[int]:
    """Counts by the index of their range: r0=3, r11=1."""
    made = [0] * RANGES
    for name, number in at.items():
        made[int(name[1:])] = number
    return made


def told(paints: Paints, registry: CollectorRegistry) -> dict[str, float]:
    lines = generate_latest(registry).decode().splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")
    }


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def paints(registry: CollectorRegistry) -> Paints:
    return Paints(registry)


def test_counts_of_boards_add_up_to_a_histogram(paints: Paints, registry: CollectorRegistry) -> None:
    paints.add({"frame": Counts(counts(r0=3, r2=1), 0.12)}, frames=4)
    paints.add({"frame": Counts(counts(r11=1), 20.0), "event": Counts(counts(r5=1), 0.4)}, frames=1)
    figures = told(paints, registry)
    assert figures['wallboard_paint_seconds_bucket{le="0.025",origin="frame"}'] == 3
    assert figures['wallboard_paint_seconds_bucket{le="0.1",origin="frame"}'] == 4
    assert figures['wallboard_paint_seconds_bucket{le="15.0",origin="frame"}'] == 4
    assert figures['wallboard_paint_seconds_bucket{le="+Inf",origin="frame"}'] == 5
    assert figures['wallboard_paint_seconds_count{origin="frame"}'] == 5
    assert figures['wallboard_paint_seconds_sum{origin="frame"}'] == pytest.approx(20.12)
    assert figures['wallboard_paint_seconds_count{origin="event"}'] == 1
    assert figures['wallboard_paint_seconds_count{origin="commit"}'] == 0


@pytest.mark.parametrize(
    "hostile",
    [
        Counts(counts(r0=5), 0.1),  # more than the four frames that it was sent
        Counts([10**30] + [0] * (RANGES - 1), 1.0),
        Counts([-3, 4] + [0] * (RANGES - 2), 0.1),
        Counts([1], 0.1),
        Counts([1] * 1000, 0.1),
        Counts([], 5.0),
        Counts(counts(), 1e308),
    ],
)
def test_what_cannot_be_is_left_out(paints: Paints, registry: CollectorRegistry, hostile: Counts) -> None:
    paints.add(dict.fromkeys(ORIGINS, hostile) | {"made up": Counts(counts(r0=1), 0.01)}, frames=4)
    figures = told(paints, registry)
    assert all(value == 0 for value in figures.values())
    assert not any("made up" in name for name in figures)


@pytest.mark.parametrize(
    ("sum_", "kept"),
    [(-1e300, 0.0), (1e308, 0.025), (float("inf"), 0.025), (0.01, 0.01)],
)
def test_a_sum_is_one_that_its_counts_can_have(
    paints: Paints, registry: CollectorRegistry, sum_: float, kept: float
) -> None:
    paints.add({"frame": Counts(counts(r0=1), sum_)}, frames=1)
    assert told(paints, registry)['wallboard_paint_seconds_sum{origin="frame"}'] == kept


def test_the_longest_counts_as_a_minute_at_most(paints: Paints, registry: CollectorRegistry) -> None:
    paints.add({"event": Counts(counts(r11=1), 1e9)}, frames=1)
    assert told(paints, registry)['wallboard_paint_seconds_sum{origin="event"}'] == LONGEST_S
